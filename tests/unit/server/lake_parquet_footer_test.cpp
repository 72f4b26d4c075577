// Footers that others wrote: their counts are taken only where they make sense.
#include "server/lake/parquet_footer.h"

#include <gtest/gtest.h>

#include "parquet_types.h"

namespace lake::server {
namespace {

using duckdb_parquet::ColumnMetaData;

/// A column "a" of int32 in as many row groups as there are counts of values; no nulls, no bounds.
duckdb_parquet::FileMetaData FileOf(const std::vector<int64_t>& counts) {
  duckdb_parquet::FileMetaData file;
  file.schema.resize(2);
  file.schema[0].__set_num_children(1);
  file.schema[1].__set_name("a");
  file.schema[1].__set_type(duckdb_parquet::Type::INT32);
  for (int64_t count : counts) {
    auto& group = file.row_groups.emplace_back();
    group.num_rows = count;
    ColumnMetaData& column = group.columns.emplace_back().meta_data;
    column.num_values = count;
    column.__isset.statistics = true;
    column.statistics.__set_null_count(0);
    file.num_rows += count;
  }
  return file;
}

ColumnMetaData& LastColumn(duckdb_parquet::FileMetaData& file) {
  return file.row_groups.back().columns.front().meta_data;
}

TEST(ParquetFooter, CountsAddUp) {
  auto file = FileOf({3, 4});
  EXPECT_EQ(ParquetFooter(file).Rows(), 7);
  auto found = ParquetFooter(file).Statistics("a", iceberg::TypeId::kInt);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->values, 7);
  EXPECT_EQ(found->nulls, 0);
}

TEST(ParquetFooter, RowsThatTheRowGroupsDoNotHave) {
  auto file = FileOf({3, 4});
  file.num_rows = 8;
  EXPECT_EQ(ParquetFooter(file).Rows(), std::nullopt);
  file.num_rows = -1;
  file.row_groups.resize(1);
  file.row_groups[0].num_rows = -1;
  EXPECT_EQ(ParquetFooter(file).Rows(), std::nullopt);
}

TEST(ParquetFooter, CountsThatCannotBe) {
  auto statistics = [](const duckdb_parquet::FileMetaData& file) {
    return ParquetFooter(file).Statistics("a", iceberg::TypeId::kInt);
  };
  auto file = FileOf({3, 4});
  LastColumn(file).num_values = INT64_MAX;
  EXPECT_FALSE(statistics(file)) << "their sum is none";
  file = FileOf({3, 4});
  LastColumn(file).statistics.null_count = 5;
  EXPECT_FALSE(statistics(file)) << "more nulls than values";
  file = FileOf({3, 4});
  LastColumn(file).statistics.null_count = -1;
  EXPECT_FALSE(statistics(file));
  file = FileOf({3, 4});
  LastColumn(file).total_compressed_size = -1;
  EXPECT_FALSE(statistics(file));
}

}  // namespace
}  // namespace lake::server
