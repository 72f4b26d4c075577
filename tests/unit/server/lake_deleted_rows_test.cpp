// Rows that do not count, and deletion vectors as the specification lays their bytes out.
#include "server/lake/deleted_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <numeric>
#include <roaring/roaring.hh>

#include "server/lake/deletion_vector.h"
#include "wire/byte_order.h"

namespace lake::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<uint32_t> Live(const DeletedRows& rows, int64_t start, uint32_t count) {
  LiveRows live;
  rows.FindLive(start, count, live);
  std::vector<uint32_t> offsets(live.count());
  live.CopyTo(offsets.data());
  return offsets;
}

TEST(DeletedRowsTest, HidesPositionsAndWhatLiesBehindTheLimit) {
  const uint32_t deleted[] = {0, 3, 10};
  RowSet set;
  set.Add(deleted, 3);
  DeletedRows rows(set, 12);
  EXPECT_THAT(Live(rows, 0, 4), ElementsAre(1, 2));
  EXPECT_THAT(Live(rows, 4, 4), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Live(rows, 10, 4), ElementsAre(1));
  EXPECT_THAT(Live(rows, 100, 4), ElementsAre());
  EXPECT_EQ(rows.CountBelow(12), 3);
  EXPECT_EQ(rows.CountBelow(10), 2);
}

template <typename T>
void AppendLittle(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

Roaring Bits(std::initializer_list<uint32_t> values) {
  Roaring bitmap;
  for (uint32_t value : values) bitmap.add(value);
  return bitmap;
}

/// The blob around the count of bitmaps and what follows it.
std::string BlobOf(std::string body) {
  body.insert(0, "\xD1\xD3\x39\x64", 4);
  std::string blob(4, '\0');
  wire::StoreBig32(blob.data(), static_cast<uint32_t>(body.size()));
  std::string crc(4, '\0');
  wire::StoreBig32(crc.data(),
                   static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(body.data()), body.size())));
  return blob + body + crc;
}

/// The blob of a vector with these bitmaps, by key.
std::string Blob(const std::vector<std::pair<uint32_t, Roaring>>& bitmaps) {
  std::string body;
  AppendLittle<uint64_t>(body, bitmaps.size());
  for (const auto& [key, bitmap] : bitmaps) {
    AppendLittle<uint32_t>(body, key);
    std::string bytes(bitmap.getSizeInBytes(), '\0');
    bitmap.write(bytes.data());
    body += bytes;
  }
  return BlobOf(body);
}

TEST(DeletionVectorTest, ReadsPositionsOfAllKeys) {
  auto positions = ParseDeletionVector(Blob({{0, Bits({1, 5, 70000})}, {2, Bits({0})}}), 4, "dv");
  ASSERT_TRUE(positions.ok()) << positions.error().message();
  EXPECT_THAT(*positions, ElementsAre(1, 5, 70000, int64_t{2} << 32));
}

TEST(DeletionVectorTest, RefusesWhatIsDamaged) {
  std::string good = Blob({{0, Bits({1, 5})}});
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] ^= 1;
    EXPECT_FALSE(ParseDeletionVector(bad, 2, "dv").ok()) << at;
    EXPECT_FALSE(ParseDeletionVector(good.substr(0, at), 2, "dv").ok()) << at;
  }
  EXPECT_FALSE(ParseDeletionVector(good, 1, "dv").ok());
  EXPECT_FALSE(ParseDeletionVector(good, 3, "dv").ok());
  auto order = ParseDeletionVector(Blob({{2, Bits({1})}, {1, Bits({1})}}), 2, "dv");
  ASSERT_FALSE(order.ok());
  EXPECT_THAT(order.error().message(), HasSubstr("out of order"));
}

TEST(DeletionVectorTest, EmptyBitmapsAreFine) {  // Java writes one for each key below the highest; rule 65
  auto positions = ParseDeletionVector(Blob({{0, Roaring()}, {1, Bits({7})}}), 1, "dv");
  ASSERT_TRUE(positions.ok()) << positions.error().message();
  EXPECT_THAT(*positions, ElementsAre((int64_t{1} << 32) + 7));
}

TEST(DeletionVectorTest, BitmapsAreCheckedBeforeTheLibrarySeesThem) {  // rule 65
  std::string body;
  AppendLittle<uint64_t>(body, 1);
  AppendLittle<uint32_t>(body, 0);
  for (uint32_t word : {12346U, 1U, 0x20000U, 16U}) AppendLittle(body, word);  // three rows of key 0
  std::string good = body;
  for (uint16_t row : {1, 5, 9}) AppendLittle(good, row);
  EXPECT_TRUE(ParseDeletionVector(BlobOf(good), 3, "dv").ok());
  std::string disordered = body;
  for (uint16_t row : {1, 9, 5}) AppendLittle(disordered, row);
  auto refused = ParseDeletionVector(BlobOf(disordered), 3, "dv");
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), HasSubstr("bitmap of rows is out of order"));
  refused = ParseDeletionVector(BlobOf(good + "more"), 3, "dv");
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), HasSubstr("behind its bitmaps"));
}

}  // namespace
}  // namespace lake::server
