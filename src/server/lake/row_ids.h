// A list of row ids as it travels (docs/link.md, "Deleting rows"): blocks, ascending, of
//   high:u32 count:u32, then count ascending u16 if count <= 4096, else 8192 bytes of bits (bit i is bit i%8 of byte
//   i/8)
// where a row id is high * 65536 + value. All integers are big-endian.
#pragma once

#include <cstdint>
#include <roaring/roaring64map.hh>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lake::server {

/// The list of a set of row ids, each less than 2^48.
std::string RowIdBytes(const Roaring64Map& row_ids);

class RowIdReader {
 public:
  explicit RowIdReader(std::string_view bytes) : bytes_(bytes) {}

  /// The next block: its lowest possible row id, and what to add to it, ascending. False at the end. kInvalidInput for
  /// bytes that break the format.
  Result<bool> Next(int64_t& first, std::vector<uint16_t>& values);

 private:
  Status TakeValues(size_t count, std::vector<uint16_t>& values);
  Status TakeBits(size_t count, std::vector<uint16_t>& values);

  std::string_view bytes_;
  int64_t last_high_ = -1;
};

}  // namespace lake::server
