// See the header.
#include "server/lake/row_ids.h"

#include "wire/byte_order.h"

namespace lake::server {

namespace {

constexpr size_t kMaxListed = 4096;  // values of a block beyond which it is a bitmap
constexpr size_t kBlockRows = 65536;
constexpr size_t kBitmapBytes = kBlockRows / 8;

Error Malformed(const char* what) { return InvalidInput("malformed row ids: {}", what); }

/// Appends a block of ascending values.
void AppendBlock(uint32_t high, const std::vector<uint16_t>& values, std::string& bytes) {
  bool listed = values.size() <= kMaxListed;
  size_t begin = bytes.size();
  bytes.resize(begin + 8 + (listed ? values.size() * 2 : kBitmapBytes));
  char* at = bytes.data() + begin;
  wire::StoreBig32(at, high);
  wire::StoreBig32(at + 4, static_cast<uint32_t>(values.size()));
  at += 8;
  for (size_t i = 0; i < values.size(); ++i) {
    if (listed) {
      wire::StoreBig16(at + i * 2, values[i]);
    } else {
      at[values[i] / 8] = static_cast<char>(at[values[i] / 8] | 1 << values[i] % 8);
    }
  }
}

}  // namespace

std::string RowIdBytes(const Roaring64Map& row_ids) {
  std::string bytes;
  std::vector<uint16_t> values;
  uint64_t high = 0;
  for (uint64_t row_id : row_ids) {
    if (row_id / kBlockRows != high) {
      if (!values.empty()) AppendBlock(static_cast<uint32_t>(high), values, bytes);
      values.clear();
      high = row_id / kBlockRows;
    }
    values.push_back(static_cast<uint16_t>(row_id % kBlockRows));
  }
  if (!values.empty()) AppendBlock(static_cast<uint32_t>(high), values, bytes);
  return bytes;
}

Result<bool> RowIdReader::Next(int64_t& first, std::vector<uint16_t>& values) {
  values.clear();
  if (bytes_.empty()) return false;
  if (bytes_.size() < 8) return Malformed("a block is cut off");
  int64_t high = wire::LoadBig32(bytes_.data());
  size_t count = wire::LoadBig32(bytes_.data() + 4);
  bytes_.remove_prefix(8);
  if (high <= last_high_) return Malformed("blocks are out of order");
  if (count == 0 || count > kBlockRows) return Malformed("a block has no rows or too many");
  last_high_ = high;
  first = high * static_cast<int64_t>(kBlockRows);
  LAKE_RETURN_IF_ERROR(count <= kMaxListed ? TakeValues(count, values) : TakeBits(count, values));
  return true;
}

Status RowIdReader::TakeValues(size_t count, std::vector<uint16_t>& values) {
  if (bytes_.size() < count * 2) return Malformed("a block is cut off");
  for (size_t i = 0; i < count; ++i) {
    uint16_t value = wire::LoadBig16(bytes_.data() + i * 2);
    if (i > 0 && value <= values.back()) return Malformed("rows of a block are out of order");
    values.push_back(value);
  }
  bytes_.remove_prefix(count * 2);
  return {};
}

Status RowIdReader::TakeBits(size_t count, std::vector<uint16_t>& values) {
  if (bytes_.size() < kBitmapBytes) return Malformed("a block is cut off");
  for (size_t at = 0; at < kBitmapBytes; ++at) {
    auto bits = static_cast<uint8_t>(bytes_[at]);
    for (size_t bit = 0; bit < 8; ++bit) {
      if ((bits >> bit & 1) != 0) values.push_back(static_cast<uint16_t>(at * 8 + bit));
    }
  }
  bytes_.remove_prefix(kBitmapBytes);
  return values.size() == count ? Status() : Malformed("a block has another number of rows than it says");
}

}  // namespace lake::server
