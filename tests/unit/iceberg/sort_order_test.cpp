#include "iceberg/operation/update_sort_order.h"

#include "iceberg/operation/update_schema.h"
#include "iceberg/succession.h"
#include "test_table.h"

namespace lake::iceberg {
namespace {

using ::testing::HasSubstr;

constexpr CommitContext At(int64_t timestamp_ms) { return {timestamp_ms, std::nullopt}; }

TEST(SortOrder, EvolvesAndKeepsIds) {  // rule 24
  TestTable table;
  ASSERT_OK_AND_ASSIGN(TableMetadata by_id, UpdateSortOrder(table.metadata, {{"id", Transform::Identity()}}, At(1)));
  EXPECT_EQ(by_id.default_sort_order_id, SortOrderId{1});
  ASSERT_OK_AND_ASSIGN(TableMetadata by_day,
                       UpdateSortOrder(by_id, {{"ts", Transform::Day(), false, false}, {"name", {}}}, At(2)));
  EXPECT_EQ(by_day.default_sort_order_id, SortOrderId{2});
  ASSERT_OK_AND_ASSIGN(TableMetadata unsorted, UpdateSortOrder(by_day, {}, At(3)));
  EXPECT_EQ(unsorted.default_sort_order_id, SortOrderId{0});
  ASSERT_OK_AND_ASSIGN(TableMetadata back, UpdateSortOrder(unsorted, {{"id", Transform::Identity()}}, At(4)));
  EXPECT_EQ(back.default_sort_order_id, SortOrderId{1});
  EXPECT_EQ(back.sort_orders.size(), 3u);
  ASSERT_OK_AND_ASSIGN(std::string text, MetadataToText(by_day));
  ASSERT_OK_AND_ASSIGN(TableMetadata read, ParseMetadata(text, "m"));
  EXPECT_EQ(read.default_sort_order(), by_day.default_sort_order());
}

TEST(SortOrder, NamesColumns) {
  TestTable table;
  EXPECT_THAT(UpdateSortOrder(table.metadata, {{"nope", {}}}, At(1)), HasMessage(HasSubstr("does not exist")));
  EXPECT_THAT(UpdateSortOrder(table.metadata, {{"name", Transform::Day()}}, At(1)),
              HasMessage(HasSubstr("cannot be sorted by the transform day")));
  EXPECT_THAT(UpdateSortOrder(table.metadata, {{"id", {}}, {"id", {}, false}}, At(1)),
              HasMessage(HasSubstr("multiple times")));
  ASSERT_OK_AND_ASSIGN(TableMetadata sorted, UpdateSortOrder(table.metadata, {{"ts", Transform::Day()}}, At(1)));
  EXPECT_THAT(UpdateSchema(sorted).Drop("ts").Build(At(2)), HasMessage(HasSubstr("used in the sort order")));
  ASSERT_OK_AND_ASSIGN(TableMetadata unsorted, UpdateSortOrder(sorted, {}, At(2)));
  EXPECT_OK(UpdateSchema(unsorted).Drop("ts").Build(At(3)));
}

TEST(SortOrder, AsTheOptionSpellsIt) {
  TestTable table;
  const Schema& schema = table.metadata.current_schema();
  ASSERT_OK_AND_ASSIGN(SortOrder order, MakeSortOrder({{"id", Transform::Bucket(16), true, false},
                                                       {"name", {}, false, true},
                                                       {"ts", Transform::Day(), true, true},
                                                       {"id", {}, false, false}},
                                                      schema));
  EXPECT_EQ(SortByText(order, schema), "bucket(16, id), name DESC, day(ts) NULLS FIRST, id DESC NULLS LAST");
  EXPECT_EQ(SortByText({}, schema), std::nullopt);
  order.fields[1].transform = *Transform::Parse("zorder[3]");
  EXPECT_EQ(SortByText(order, schema), std::nullopt);
}

}  // namespace
}  // namespace lake::iceberg
