// Name mappings, as tables of others and bad ones have them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/lake/column_mapping.h"

namespace lake::server {
namespace {

using duckdb::LogicalType;
using duckdb::MultiFileColumnDefinition;

TEST(NameMapping, GivesIdsByAnyOfTheNames) {  // rule 5
  auto mapping = NameMapping::Parse(R"([{"field-id": 1, "names": ["id", "a.b"]},
      {"field-id": 2, "names": ["s", "t"], "fields": [{"field-id": 3, "names": ["x"]}, {"names": ["y"]}]}])");
  ASSERT_TRUE(mapping.ok()) << mapping.error().message();
  duckdb::vector<MultiFileColumnDefinition> columns;
  columns.emplace_back("a.b", LogicalType::BIGINT);
  for (const char* name : {"s", "t"}) {
    columns.emplace_back(name, LogicalType::STRUCT({{"x", LogicalType::INTEGER}, {"y", LogicalType::INTEGER}}));
    for (const char* part : {"x", "y"}) columns.back().children.emplace_back(part, LogicalType::INTEGER);
  }
  columns.emplace_back("b", LogicalType::BIGINT);
  mapping->Apply(columns);
  EXPECT_EQ(columns[0].identifier, duckdb::Value::INTEGER(1));
  for (size_t i : {1, 2}) {
    EXPECT_EQ(columns[i].identifier, duckdb::Value::INTEGER(2));
    EXPECT_EQ(columns[i].children[0].identifier, duckdb::Value::INTEGER(3));
    EXPECT_TRUE(columns[i].children[1].identifier.IsNull());
  }
  EXPECT_TRUE(columns[3].identifier.IsNull());
}

TEST(NameMapping, ManyNamesAtManyLevelsTakeNoMoreThanTheirText) {  // rule 5
  std::string text = "[]";
  for (int level = 0; level < 60; ++level) {
    text = R"([{"field-id": 1, "names": ["a", "b", "c", "d"], "fields": )" + text + "}]";
  }
  EXPECT_TRUE(NameMapping::Parse(text).ok());
}

TEST(NameMapping, RefusesWhatIsNone) {
  for (const char* text : {"", "{}", "[1]", R"([{"names": "id"}])", R"([{"names": [7]}])",
                           R"([{"names": [], "field-id": 9223372036854775808}])", R"([{"names": [], "fields": {}}])"}) {
    EXPECT_FALSE(NameMapping::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace lake::server
