// Lists of row ids as docs/link.md lays them out.
#include "server/lake/row_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/byte_order.h"

namespace lake::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Block(uint32_t high, uint32_t count, const std::string& rest) {
  std::string bytes(8, '\0');
  wire::StoreBig32(bytes.data(), high);
  wire::StoreBig32(bytes.data() + 4, count);
  return bytes + rest;
}

std::string Values(const std::vector<uint16_t>& values) {
  std::string bytes;
  for (uint16_t value : values) {
    bytes.push_back(static_cast<char>(value >> 8));
    bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

Result<std::vector<int64_t>> Read(const std::string& bytes) {
  RowIdReader reader(bytes);
  std::vector<int64_t> ids;
  int64_t first = 0;
  std::vector<uint16_t> values;
  for (;;) {
    LAKE_ASSIGN_OR_RETURN(bool more, reader.Next(first, values));
    if (!more) return ids;
    for (uint16_t value : values) ids.push_back(first + value);
  }
}

TEST(RowIdsTest, ReadsWhatItWrites) {
  Roaring64Map ids;
  for (uint64_t id : {uint64_t{0}, uint64_t{65535}, uint64_t{65536}, (uint64_t{1} << 46) + 7, (uint64_t{1} << 48) - 1})
    ids.add(id);
  for (uint64_t id = 1 << 20; id < (1 << 20) + 5000; ++id) ids.add(id);  // a bitmap
  for (uint64_t id = 1 << 21; id < (1 << 21) + 4096; ++id) ids.add(id);  // the longest list
  auto read = Read(RowIdBytes(ids));
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->size(), ids.cardinality());
  size_t at = 0;
  for (uint64_t id : ids) EXPECT_EQ((*read)[at++], static_cast<int64_t>(id));
  EXPECT_EQ(RowIdBytes(Roaring64Map()), "");
}

TEST(RowIdsTest, ReadsListsAndBitmaps) {
  std::string bits(8192, '\0');
  for (size_t i = 0; i < 8192; i += 8) bits[i] = '\xFF';
  bits[1] = '\x04';
  std::string more(8192, '\xFF');
  auto ids = Read(Block(0, 2, Values({0, 65535})) + Block(1 << 30, 1, Values({7})) + Block(0xFFFFFFFF, 65536, more));
  ASSERT_TRUE(ids.ok()) << ids.error().message();
  EXPECT_EQ(ids->size(), 3u + 65536u);
  EXPECT_EQ((*ids)[2], (int64_t{1} << 46) + 7);
  EXPECT_EQ(ids->back(), (int64_t{1} << 48) - 1);
  auto dense = Read(Block(2, 8193, bits));
  ASSERT_TRUE(dense.ok()) << dense.error().message();
  EXPECT_EQ(dense->size(), 8193u);
  EXPECT_EQ((*dense)[8], 131072 + 10);
  EXPECT_THAT(*Read(""), ElementsAre());
}

TEST(RowIdsTest, RefusesWhatIsMalformed) {
  std::string bits(8192, '\0');
  struct {
    std::string bytes;
    const char* message;
  } cases[] = {
      {"abc", "cut off"},
      {Block(0, 1, ""), "cut off"},
      {Block(0, 3, Values({1, 2})), "cut off"},
      {Block(0, 0, ""), "no rows or too many"},
      {Block(0, 65537, bits), "no rows or too many"},
      {Block(0, 5000, bits.substr(1)), "cut off"},
      {Block(0, 5000, bits), "another number of rows"},
      {Block(0, 2, Values({2, 2})), "out of order"},
      {Block(1, 1, Values({1})) + Block(1, 1, Values({2})), "out of order"},
      {Block(1, 1, Values({1})) + Block(0, 1, Values({2})), "out of order"},
  };
  for (const auto& [bytes, message] : cases) {
    auto ids = Read(bytes);
    ASSERT_FALSE(ids.ok()) << message;
    EXPECT_EQ(ids.error().kind(), ErrorKind::kInvalidInput);
    EXPECT_THAT(ids.error().message(), HasSubstr(message));
  }
}

}  // namespace
}  // namespace lake::server
