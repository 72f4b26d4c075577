// Lists of changes that go on where an earlier one ended: what is known is not parsed again, and what only looks alike
// is not taken for it.
#include "server/lake/change_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iceberg/operation/create_table.h"

namespace lake::server {
namespace {

class ChangeCacheTest : public testing::Test {
 protected:
  ChangeCacheTest() {
    auto table =
        iceberg::CreateTable(iceberg::Location("file:///t"), {{"a", iceberg::TypeId::kLong, false, std::nullopt}})
            .Build(1);
    table_ = std::move(table).value();
  }

  ChangeList Parse(const std::string& text, const std::string& base = "file:///t/1.json") {
    auto list = cache_.Parse(base, text, table_);
    EXPECT_TRUE(list.ok()) << list.error().message();
    return list.ok() ? *list : ChangeList();
  }

  iceberg::TableMetadata table_;
  ChangeCache cache_;
};

const std::string kNothing = R"({"change": {"v": 1, "files": []}})";
const std::string kRows = R"({"change": {"v": 1, "files": []}, "rows": 5})";
const std::string kTruncate = R"({"truncate": true})";

TEST_F(ChangeCacheTest, AListGoesOn) {
  ChangeList one = Parse("[" + kNothing + "]");
  ChangeList two = Parse("[" + kNothing + ", " + kTruncate + "]");
  ChangeList three = Parse("[" + kNothing + ", " + kTruncate + ", " + kRows + "]");
  ASSERT_EQ(three.size(), 3u);
  EXPECT_EQ(two[0], one[0]);
  EXPECT_EQ(three[1], two[1]);
  EXPECT_TRUE(three[1]->truncate);
  EXPECT_EQ(three[2]->rows, 5);
  EXPECT_EQ(Parse("[" + kNothing + ", " + kTruncate + ", " + kRows + "]")[2], three[2]);
}

TEST_F(ChangeCacheTest, AnotherBaseIsAnotherList) {
  ChangeList one = Parse("[" + kNothing + "]");
  EXPECT_NE(Parse("[" + kNothing + "]", "file:///t/2.json")[0], one[0]);
}

TEST_F(ChangeCacheTest, AnotherEndIsAnotherList) {
  Parse("[" + kNothing + ", " + kTruncate + "]");
  ChangeList other = Parse("[" + kNothing + ", " + kRows + "]");
  ASSERT_EQ(other.size(), 2u);
  EXPECT_FALSE(other[1]->truncate);
  EXPECT_EQ(Parse("[" + kNothing + "]").size(), 1u);
}

TEST_F(ChangeCacheTest, WhatFollowsIsChecked) {
  Parse("[" + kNothing + "]");
  EXPECT_FALSE(cache_.Parse("file:///t/1.json", "[" + kNothing + ", {\"rows\": 1}]", table_).ok());
  EXPECT_FALSE(cache_.Parse("file:///t/1.json", "[" + kNothing + kNothing + "]", table_).ok());
  EXPECT_FALSE(cache_.Parse("file:///t/1.json", "[" + kNothing + ", ", table_).ok());
  EXPECT_TRUE(Parse("[]").empty());
}

TEST_F(ChangeCacheTest, OldOnesAreForgotten) {
  ChangeList one = Parse("[" + kNothing + "]");
  for (int i = 0; i < 100; ++i) Parse("[" + kTruncate + "]", "file:///t/" + std::to_string(i + 2) + ".json");
  EXPECT_NE(Parse("[" + kNothing + "]")[0], one[0]);
}

}  // namespace
}  // namespace lake::server
