// Which partition each row of a chunk belongs to, under one partition spec.
//
// Rows are told apart by words made of their transformed values, vector by vector; a partition's tuple, which manifests
// name, is made once by the library's own transforms (iceberg/partition.h), of the first row that is seen of it.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "iceberg/partition.h"

namespace lake::server {

/// The partitions that one write has met, numbered from 0. Any thread.
class PartitionNumbers {
 public:
  uint32_t NumberOf(const iceberg::PartitionTuple& tuple);
  iceberg::PartitionTuple Tuple(uint32_t number) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, uint32_t> numbers_;
  std::deque<iceberg::PartitionTuple> tuples_;
};

class PartitionRouter {
 public:
  /// `columns` are those of the chunks, in order. kUnsupported where the spec cannot be written: unknown transforms
  /// (rule 23), source columns inside lists and maps.
  static Result<std::unique_ptr<PartitionRouter>> Create(const iceberg::PartitionSpec& spec,
                                                         const std::vector<iceberg::NestedField>& columns,
                                                         const iceberg::Schema& schema, PartitionNumbers& numbers);
  ~PartitionRouter();

  /// Writes chunk.size() numbers. One thread at a time.
  Status Route(duckdb::DataChunk& chunk, uint32_t* numbers);

 private:
  class Field;
  explicit PartitionRouter(PartitionNumbers& numbers);

  Result<uint32_t> NewKey(duckdb::DataChunk& chunk, duckdb::idx_t row);
  /// Where the words of the row `row` of words_ are in the table, or would be.
  size_t SlotOf(const uint64_t* words) const;
  void Grow();

  PartitionNumbers& numbers_;
  std::vector<std::unique_ptr<Field>> fields_;
  size_t width_ = 1;             // words of a row: which fields are null, then those of the fields
  std::vector<uint64_t> words_;  // of the chunk's rows
  // The keys that were seen, as words and numbers, and a hash table of indexes (from 1) into them.
  std::vector<uint64_t> keys_;
  std::vector<uint32_t> known_;
  std::vector<uint32_t> slots_;
};

}  // namespace lake::server
