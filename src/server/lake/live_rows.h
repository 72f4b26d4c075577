// The rows of one vector that count, beside deleted ones, and how they are moved together.
#pragma once

#include <cstdint>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"

namespace lake::server {

/// As runs of offsets, ascending, with deleted rows between them.
class LiveRows {
 public:
  struct Run {
    uint32_t begin;
    uint32_t end;
  };

  void Clear() { runs_.clear(), count_ = 0; }
  /// Nothing, where they are equal. `begin` is behind all rows before.
  void Add(uint32_t begin, uint32_t end);
  const std::vector<Run>& runs() const { return runs_; }
  uint32_t count() const { return count_; }
  /// The offsets, one by one; `out` has room for count().
  void CopyTo(uint32_t* out) const;

  /// Leaves just these rows in the chunk. Its vectors' buffers are changed: they must be nobody else's.
  void KeepIn(duckdb::DataChunk& chunk) const;

 private:
  void KeepIn(duckdb::Vector& vector) const;
  template <typename T>
  void MoveTogether(T* values, size_t width) const;
  void KeepIn(duckdb::ValidityMask& validity) const;

  std::vector<Run> runs_;
  uint32_t count_ = 0;
};

}  // namespace lake::server
