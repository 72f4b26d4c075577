// A set of keys, tuples of values, each with a sequence number: open addressing over hashes of DuckDB's, which are
// computed a vector at a time. Most rows that are looked up have a hash that no key has and cost one look into the
// table; only where hashes are equal, values are compared.
//
// Values are equal as Java's are: by their bits, NaN equal to NaN, null equal to null.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "duckdb/common/types/data_chunk.hpp"

namespace lake::server {

class KeyTable {
 public:
  /// The columns of keys: primitive types.
  explicit KeyTable(duckdb::vector<duckdb::LogicalType> types) : types_(std::move(types)) {}

  /// Adds every row of `keys`; of a key that is there already the higher number stays.
  Status Add(duckdb::DataChunk& keys, int64_t sequence_number);
  /// The rows of `keys` that are in the table with a number greater than `sequence_number`, as offsets, into `found`.
  void Find(duckdb::DataChunk& keys, int64_t sequence_number, std::vector<uint32_t>& found) const;

  const duckdb::vector<duckdb::LogicalType>& types() const { return types_; }
  size_t size() const { return sequence_numbers_.size(); }
  size_t MemoryUsage() const;

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t key = 0;  // number of the key, from 1; 0: empty
  };
  class Rows;

  std::string_view Key(size_t number) const {
    return std::string_view(bytes_).substr(ends_[number - 1], ends_[number] - ends_[number - 1]);
  }
  void Grow();

  duckdb::vector<duckdb::LogicalType> types_;
  std::vector<Slot> slots_;  // a power of two, at most half full
  std::string bytes_;        // of all keys
  std::vector<uint64_t> ends_{0};
  std::vector<int64_t> sequence_numbers_;
};

}  // namespace lake::server
