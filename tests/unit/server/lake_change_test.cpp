// Changes as text: they come back as they were, and text that was tampered with is refused.
#include "server/lake/change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "iceberg/operation/create_table.h"

namespace lake::server {
namespace {

using iceberg::Location;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

iceberg::TableMetadata Table() {
  iceberg::NewColumn column{"a", iceberg::TypeId::kLong, false, std::nullopt};
  auto table = iceberg::CreateTable(Location("file:///t"), {column}).Build(1);
  EXPECT_TRUE(table.ok());
  return std::move(table).value();
}

RowSet SetOf(const std::vector<uint32_t>& rows) {
  RowSet set;
  set.Add(rows.data(), rows.size());
  return set;
}

/// Two data files, of which one has two delete files and the other one of those.
std::string DeletesText() {
  std::vector<FileDelete> deletes(2);
  deletes[0] = {
      Location("file:///t/a"), SetOf({1, 2, 3, 100000}), {Location("file:///t/d1"), Location("file:///t/d2")}};
  deletes[1] = {Location("file:///t/b"), SetOf({0}), {Location("file:///t/d2")}};
  auto text = ChangeText({}, deletes);
  EXPECT_TRUE(text.ok());
  return *text;
}

Result<std::vector<Change>> Parse(const std::string& change) {
  return ParseChanges(std::string_view("[{\"change\": " + change + "}]"), Table());
}

TEST(ChangeTest, DeletesComeBack) {
  auto changes = Parse(DeletesText());
  ASSERT_TRUE(changes.ok()) << changes.error().message();
  ASSERT_EQ(changes->size(), 1u);
  const Change& change = changes->front();
  EXPECT_THAT(change.files, IsEmpty());
  ASSERT_EQ(change.deletes.size(), 2u);
  EXPECT_EQ(change.deletes[0].path, Location("file:///t/a"));
  EXPECT_EQ(change.deletes[0].rows, SetOf({1, 2, 3, 100000}));
  EXPECT_THAT(change.deletes[0].applied, ElementsAre(Location("file:///t/d1"), Location("file:///t/d2")));
  EXPECT_THAT(change.deletes[1].applied, ElementsAre(Location("file:///t/d2")));
}

TEST(ChangeTest, AChangeWithoutDeletesDoesNotMentionThem) {
  auto text = ChangeText({});
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, R"({"files":[],"v":1})");
}

TEST(ChangeTest, EachDeleteFileIsNamedOnce) {
  std::vector<FileDelete> deletes;
  for (int i = 0; i < 1000; ++i) {
    deletes.push_back(
        {Location(fmt::format("file:///t/{}", i)), SetOf({1}), {Location("file:///t/" + std::string(5000, 'd'))}});
  }
  auto text = ChangeText({}, deletes);
  ASSERT_TRUE(text.ok());
  EXPECT_LT(text->size(), 1000u * 120u);
}

TEST(ChangeTest, RefusesTamperedDeletes) {
  struct {
    const char* path;
    const char* value;
    const char* message;
  } cases[] = {
      {"/deletes/0/rows", "\"!!!!\"", "base64"},
      {"/deletes/0/rows", "\"AAA\"", "base64"},
      {"/deletes/0/rows", "\"AAAA\"", "bitmap of rows"},
      {"/deletes/0/rows", "7", "not a string"},
      {"/deletes/0/path", "7", "path"},
      {"/deletes/0/applied/0", "2", "names delete file 2 of 2"},
      {"/deletes/0/applied/0", "-1", "names delete file -1 of 2"},
      {"/deletes/0/applied", "null", "applied"},
      {"/delete-files", "{}", "delete-files"},
      {"/delete-files/0", "1", "delete-files"},
      {"/deletes", "1", "deletes"},
      {"/v", "2", "version 2"},
  };
  for (const auto& [path, value, message] : cases) {
    Json json = Json::parse(DeletesText());
    json[Json::json_pointer(path)] = Json::parse(value);
    auto changes = Parse(json.dump());
    ASSERT_FALSE(changes.ok()) << path << " " << value;
    EXPECT_THAT(changes.error().message(), HasSubstr(message));
  }
}

}  // namespace
}  // namespace lake::server
