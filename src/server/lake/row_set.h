// Rows of one data file, by their number: what a delete file, a deletion vector or a change deletes in it.
//
// Kept as a Roaring bitmap, so that ten million rows are a few bytes or a megabyte, whatever they are. A file has less
// than 2^32 rows here; nobody writes larger ones.
//
// As bytes it is RoaringFormatSpec's portable 32-bit form, little-endian:
//   cookie:u32 = 12346, containers:u32                                       without run containers
//   or cookie:u16 = 12347, containers - 1:u16, a bit for each container that holds runs
//   then for each container  key:u16 (the upper half of its rows, ascending), rows - 1:u16
//   then for each container  offset:u32; left out when there are runs and less than 4 containers
//   then the containers: runs (count:u16, then start:u16, length - 1:u16 of each); up to 4096 rows: the lower halves,
//   u16 each, ascending; more: 8192 bytes of bits
#pragma once

#include <cstdint>
#include <limits>
#include <roaring/roaring.hh>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lake::server {

class RowSet {
 public:
  static constexpr int64_t kMaxRow = std::numeric_limits<uint32_t>::max();

  /// Cheap when they ascend.
  void Add(const uint32_t* rows, size_t count) { rows_.addMany(count, rows); }
  void Add(const RowSet& other) { rows_ |= other.rows_; }
  void Remove(const RowSet& other) { rows_ -= other.rows_; }

  bool empty() const { return rows_.isEmpty(); }
  int64_t count() const { return static_cast<int64_t>(rows_.cardinality()); }
  int64_t CountBelow(int64_t row) const;
  /// Of a set that is not empty.
  int64_t lowest() const { return rows_.minimum(); }
  int64_t highest() const { return rows_.maximum(); }
  bool operator==(const RowSet& other) const { return rows_ == other.rows_; }

  /// The portable form, run-optimised.
  std::string ToBytes() const;
  /// The inverse. Every container is checked before the library sees it: it would trust them. Costs what the bytes do,
  /// however many rows they stand for. kCorrupt otherwise.
  static Result<RowSet> Parse(std::string_view bytes);
  /// The same of a set with more behind it, which is left in `bytes`.
  static Result<RowSet> TakeFrom(std::string_view& bytes);

  /// What it takes in memory, roughly.
  size_t MemoryUsage() const { return rows_.getSizeInBytes() + 64; }

  /// Walks the rows in ascending order. The set must not change meanwhile.
  class Cursor {
   public:
    explicit Cursor(const RowSet& set) { roaring_init_iterator(&set.rows_.roaring, &rest_); }
    /// To the first row that is not lower.
    void SeekTo(uint32_t row) {
      roaring_move_uint32_iterator_equalorlarger(&rest_, row);
      at_ = end_ = 0;
    }
    /// To be asked before row().
    bool at_end() {
      if (at_ < end_) return false;
      at_ = 0;
      end_ = roaring_read_uint32_iterator(&rest_, rows_, kRowsAtOnce);
      return end_ == 0;
    }
    uint32_t row() const { return rows_[at_]; }
    void Next() { ++at_; }

   private:
    static constexpr uint32_t kRowsAtOnce = 64;  // one by one they cost several times as much

    roaring_uint32_iterator_t rest_;
    uint32_t rows_[kRowsAtOnce];
    uint32_t at_ = 0, end_ = 0;
  };

 private:
  Roaring rows_;
};

}  // namespace lake::server
