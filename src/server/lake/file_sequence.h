// The data files of one write: row groups in, files out, rolling over to the next file at the target size.
//
// Row groups may be encoded by several threads at once; they are appended one after another, in the order of the calls.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/lake/data_file_writer.h"
#include "server/lake/lake_instance.h"

namespace lake::server {

class FileSequence {
 public:
  struct Options {
    std::string data_prefix;  // files are <data_prefix>-<n>.parquet, n from 0
    int64_t target_file_size = int64_t{512} << 20;
    Compression compression = Compression::kSnappy;
  };

 private:
  struct File;

 public:
  /// A row group on its way into the file that was open when it was encoded.
  struct RowGroup {
    File* file = nullptr;
    DataFileWriter::RowGroup encoded;
  };

  /// `fields` are columns of the table, in the order of the row groups' columns. `context` and `table` must outlive it.
  FileSequence(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake, Options options,
               std::vector<iceberg::NestedField> fields, const iceberg::TableMetadata& table);
  ~FileSequence();

  /// Any thread. `rows` is empty afterwards. Every row group that is encoded must be appended.
  Result<RowGroup> Encode(duckdb::ColumnDataCollection& rows);
  Status Append(RowGroup group);
  Status Write(duckdb::ColumnDataCollection& rows);

  /// Makes all files durable. After the last Append().
  Status Close();
  /// In the order they were begun; complete after Close().
  std::vector<iceberg::DataFile> files() const;

  /// Removes what was finished: an aborted write leaves nothing. Failures are left to whoever cleans the location.
  void Discard();

 private:
  Status Finish(File& file);

  duckdb::ClientContext& context_;
  std::shared_ptr<LakeInstance> lake_;
  Options options_;
  std::vector<iceberg::NestedField> fields_;
  const iceberg::TableMetadata& table_;
  mutable std::mutex mutex_;  // of the list and of each file's state
  std::deque<File> files_;
};

}  // namespace lake::server
