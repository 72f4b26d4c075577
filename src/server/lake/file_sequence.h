// The data files of one write and one partition: row groups in, files out, rolling over to the next file at the target
// size.
//
// Row groups may be encoded by several threads at once; they are appended one after another, in the order of the calls.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/lake/data_file_writer.h"
#include "server/lake/data_files.h"

namespace lake::server {

class FileSequence : public DataFiles {
 public:
  /// What the sequences of one write have in common.
  struct Target {
    duckdb::ClientContext& context;
    std::shared_ptr<LakeInstance> lake;
    Options options;
    std::vector<iceberg::NestedField> fields;
    const iceberg::TableMetadata& table;
    bool names_later = false;  // who closes the sequences sees to it that the names of their files are durable
    std::atomic<size_t> next_name{0};

    std::string Location(size_t name) const { return fmt::format("{}-{}.parquet", options.data_prefix, name); }
  };

  FileSequence(std::shared_ptr<Target> target, iceberg::PartitionTuple partition);
  ~FileSequence() override;

  /// A row group on its way into the file that was open when it was encoded.
  Result<std::unique_ptr<Batch>> Prepare(duckdb::ColumnDataCollection& rows) override;
  Status Append(std::unique_ptr<Batch> batch) override;
  Status Close() override;
  /// In the order they were begun.
  std::vector<iceberg::DataFile> files() const override;
  void Discard() override;

  /// No more rows for the file that is open: it is finished as soon as those on their way are in it.
  Status CloseOpenFile();

 private:
  struct File;
  struct RowGroup;

  Status Finish(File& file);

  std::shared_ptr<Target> target_;
  iceberg::PartitionTuple partition_;
  mutable std::mutex mutex_;  // of the list and of each file's state
  std::deque<File> files_;
};

}  // namespace lake::server
