// The data files of one write of a partitioned table: one sequence of files for each partition (PART-8).
//
//   batch --PartitionRouter--> sorted by partition --Append--> slices by partition --full row groups--> files
//
// Batches are sorted and kept in DuckDB's buffer manager, which spills them to disk when memory is short; no partition
// costs more than its rows. A partition is written when it has a full row group; at the end the others follow, a file
// at a time on each thread. Where more than a share of the memory waits, partitions with many rows do not wait for a
// full row group.
#pragma once

#include <deque>
#include <list>

#include "server/lake/file_sequence.h"
#include "server/lake/partition_router.h"

namespace lake::server {

class PartitionedFiles : public DataFiles {
 public:
  PartitionedFiles(std::shared_ptr<FileSequence::Target> target, const iceberg::PartitionSpec& spec);
  ~PartitionedFiles() override;

  Result<std::unique_ptr<Batch>> Prepare(duckdb::ColumnDataCollection& rows) override;
  Status Append(std::unique_ptr<Batch> batch) override;
  Status Close() override;
  std::vector<iceberg::DataFile> files() const override;
  Order order() const override;
  void Discard() override;

 private:
  struct Slice;
  struct Partition;
  struct SortedRows;
  class SliceReader;
  using Slices = std::deque<Slice>;

  Result<std::unique_ptr<PartitionRouter>> TakeRouter();
  void GiveBack(std::unique_ptr<PartitionRouter> router);
  Status Sort(duckdb::ColumnDataCollection& rows, const std::vector<uint32_t>& numbers, SortedRows& sorted) const;
  Partition& PartitionOf(uint32_t number);
  /// Rows enough for a row group.
  bool IsFull(const Partition& partition) const;
  void FindFull(const SortedRows& sorted);
  /// The next row group of a partition; empty when it has no rows left.
  Slices TakeRowGroup(Partition& partition);
  Status WriteFull();
  Status WriteSlices(Partition& partition, Slices slices, SliceReader& reader);
  Status NoteOpen(Partition& partition);
  Status WriteRest(Partition& partition, SliceReader& reader);

  std::shared_ptr<FileSequence::Target> target_;
  const iceberg::PartitionSpec& spec_;
  PartitionNumbers numbers_;
  int64_t budget_ = 0;  // bytes that may wait

  mutable std::mutex mutex_;  // of all that follows
  std::vector<std::unique_ptr<PartitionRouter>> routers_;
  std::deque<std::unique_ptr<Partition>> partitions_;  // by number
  std::deque<Partition*> full_;
  std::list<Partition*> open_;  // with an open file, the one that was written last at the end
  int64_t waiting_bytes_ = 0;
  std::vector<std::pair<uint32_t, int64_t>> arrivals_;  // the first rows: partition and how many
  int64_t arrived_ = 0;
};

}  // namespace lake::server
