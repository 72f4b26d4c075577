// Sets of rows of a file: against std::set, and as bytes that nobody may trust.
#include "server/lake/row_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "server/lake/deleted_rows.h"

namespace lake::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RowSet SetOf(const std::vector<uint32_t>& rows) {
  RowSet set;
  set.Add(rows.data(), rows.size());
  return set;
}

std::vector<uint32_t> RowsOf(const RowSet& set) {
  std::vector<uint32_t> rows;
  for (RowSet::Cursor cursor(set); !cursor.at_end(); cursor.Next()) rows.push_back(cursor.row());
  return rows;
}

/// Sparse, dense and consecutive rows, across containers.
std::vector<uint32_t> Mixed() {
  std::vector<uint32_t> rows = {0, 7, 65535};
  for (uint32_t row = 65536; row < 90000; ++row) rows.push_back(row);
  for (uint32_t row = 131072; row < 196608; row += 3) rows.push_back(row);
  for (uint32_t row = 400000; row < 500000; row += 4999) rows.push_back(row);
  rows.push_back(RowSet::kMaxRow);
  return rows;
}

TEST(RowSetTest, CountsAndWalks) {
  RowSet set = SetOf({5, 1, 70000, 1});
  EXPECT_THAT(RowsOf(set), ElementsAre(1, 5, 70000));
  EXPECT_EQ(set.count(), 3);
  EXPECT_EQ(set.lowest(), 1);
  EXPECT_EQ(set.highest(), 70000);
  EXPECT_EQ(set.CountBelow(0), 0);
  EXPECT_EQ(set.CountBelow(5), 1);
  EXPECT_EQ(set.CountBelow(6), 2);
  EXPECT_EQ(set.CountBelow(int64_t{1} << 40), 3);
  set.Remove(SetOf({5, 6}));
  set.Add(SetOf({2}));
  EXPECT_THAT(RowsOf(set), ElementsAre(1, 2, 70000));
  EXPECT_TRUE(RowSet().empty());
  EXPECT_THAT(RowsOf(RowSet()), ElementsAre());
}

TEST(RowSetTest, ComesBackFromBytes) {
  std::vector<uint32_t> all(200000);
  for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  for (const RowSet& set : {RowSet(), SetOf({3}), SetOf(Mixed()), SetOf(all)}) {
    auto again = RowSet::Parse(set.ToBytes());
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(*again, set);
    EXPECT_EQ(RowsOf(*again), RowsOf(set));
  }
  EXPECT_LT(SetOf(all).ToBytes().size(), 64u) << "consecutive rows are runs";
}

TEST(RowSetTest, HidesWhatItHolds) {
  std::mt19937 random(7);
  std::vector<uint32_t> rows = Mixed();
  std::set<uint32_t> expected(rows.begin(), rows.end());
  auto parsed = RowSet::Parse(SetOf(rows).ToBytes());
  ASSERT_TRUE(parsed.ok());
  constexpr int64_t kLimit = 450000;
  DeletedRows deleted(*parsed, kLimit);
  for (int i = 0; i < 2000; ++i) {
    int64_t start = random() % 460000;
    uint32_t count = random() % 2049;
    LiveRows runs;
    deleted.FindLive(start, count, runs);
    std::vector<uint32_t> live(runs.count()), found;
    runs.CopyTo(live.data());
    for (uint32_t at = 0; at < count; ++at) {
      if (start + at < kLimit && expected.count(static_cast<uint32_t>(start + at)) == 0) found.push_back(at);
    }
    ASSERT_EQ(live, found) << start << " " << count;
  }
}

/// Bytes with u16 and u32 in little-endian order.
class Bytes {
 public:
  Bytes& Byte(uint32_t value) { return Put(value, 1); }
  Bytes& Short(uint32_t value) { return Put(value, 2); }
  Bytes& Long(uint32_t value) { return Put(value, 4); }
  Bytes& Zeros(size_t count) { return text_.append(count, '\0'), *this; }
  const std::string& text() const { return text_; }

 private:
  Bytes& Put(uint32_t value, int size) {
    for (int i = 0; i < size; ++i) text_.push_back(static_cast<char>(value >> (8 * i)));
    return *this;
  }
  std::string text_;
};

/// One container of runs (start, length) that claims `rows` rows.
std::string Runs(uint32_t rows, const std::vector<std::pair<uint32_t, uint32_t>>& runs) {
  Bytes bytes;
  bytes.Short(12347).Short(0).Byte(1).Short(0).Short(rows - 1).Short(static_cast<uint32_t>(runs.size()));
  for (auto [start, length] : runs) bytes.Short(start).Short(length - 1);
  return bytes.text();
}

TEST(RowSetTest, RefusesBytesThatTheLibraryWouldTrust) {
  ASSERT_TRUE(RowSet::Parse(Runs(10, {{0, 4}, {4, 6}})).ok());
  struct {
    std::string bytes;
    const char* message;
  } cases[] = {
      {"", "is cut off"},
      {Bytes().Long(1).Long(0).text(), "unknown format"},
      {Bytes().Long(12346).Long(0xFFFFFFFF).text(), "too many containers"},
      {Bytes().Long(12346).Long(65536).text(), "is cut off"},
      {Bytes().Long(12346).Long(0).Zeros(1).text(), "behind its end"},
      // Two values out of order, and two containers.
      {Bytes().Long(12346).Long(1).Short(0).Short(1).Long(0).Short(5).Short(5).text(), "out of order"},
      {Bytes().Long(12346).Long(2).Short(1).Short(0).Short(1).Short(0).Zeros(8).Short(1).Short(1).text(),
       "out of order"},
      // A bitmap that says 5000 and holds none.
      {Bytes().Long(12346).Long(1).Short(0).Short(4999).Long(0).Zeros(8192).text(), "wrong number of rows"},
      {Bytes().Long(12346).Long(1).Short(0).Short(4999).Long(0).Zeros(8191).text(), "is cut off"},
      // Runs that overlap, go beyond the container, or are more rows than said.
      {Runs(8, {{0, 4}, {3, 4}}), "out of order"},
      {Runs(4, {{65534, 4}}), "out of order"},
      {Runs(5, {{0, 4}}), "wrong number of rows"},
  };
  for (const auto& [bytes, message] : cases) {
    auto parsed = RowSet::Parse(bytes);
    ASSERT_FALSE(parsed.ok()) << message;
    EXPECT_EQ(parsed.error().kind(), ErrorKind::kCorrupt);
    EXPECT_THAT(parsed.error().message(), HasSubstr(message));
  }
}

TEST(RowSetTest, SurvivesEveryDamage) {
  std::string good = SetOf(Mixed()).ToBytes();
  std::mt19937 random(11);
  for (int i = 0; i < 3000; ++i) {
    std::string bad = good;
    size_t header = random() % 2 == 0 ? 80 : bad.size();
    for (int flips = 0; flips < 3; ++flips) bad[random() % header] ^= static_cast<char>(1 << random() % 8);
    if (random() % 4 == 0) bad.resize(random() % bad.size());
    auto parsed = RowSet::Parse(bad);
    if (!parsed.ok()) continue;
    std::vector<uint32_t> rows = RowsOf(*parsed);
    ASSERT_TRUE(std::is_sorted(rows.begin(), rows.end()));
    ASSERT_EQ(static_cast<int64_t>(rows.size()), parsed->count());
    RowSet other = SetOf(Mixed());
    other.Add(*parsed);
    other.Remove(*parsed);
    ASSERT_LE(other.count(), static_cast<int64_t>(Mixed().size()));
  }
}

}  // namespace
}  // namespace lake::server
