// Rows that count are moved together in vectors of every shape.
#include "server/lake/live_rows.h"

#include <gtest/gtest.h>

#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/common/types/value.hpp"

namespace lake::server {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

constexpr duckdb::idx_t kRows = 300;

LiveRows SomeRows() {
  LiveRows live;
  live.Add(1, 1);
  live.Add(3, 70);
  live.Add(71, 72);
  live.Add(128, 290);
  return live;
}

Value Numbered(const LogicalType& type, int32_t number) {
  if (number % 7 == 0) return Value(type);
  switch (type.id()) {
    case duckdb::LogicalTypeId::LIST:
      return Value::LIST(LogicalType::INTEGER, {Value::INTEGER(number), Value(LogicalType::INTEGER)});
    case duckdb::LogicalTypeId::ARRAY:
      return Value::ARRAY(LogicalType::INTEGER, {Value::INTEGER(number), Value::INTEGER(-number)});
    case duckdb::LogicalTypeId::STRUCT:
      return Value::STRUCT({{"a", Numbered(LogicalType::VARCHAR, number + 1)}, {"b", Value::BIGINT(number)}});
    default: return Value::INTEGER(number).DefaultCastAs(LogicalType::VARCHAR).DefaultCastAs(type);
  }
}

std::string Printed(duckdb::DataChunk& chunk, duckdb::idx_t column, duckdb::idx_t row) {
  return chunk.GetValue(column, row).ToString();
}

TEST(LiveRowsTest, AreMovedTogetherInVectorsOfEveryShape) {
  const duckdb::vector<LogicalType> types = {
      LogicalType::SMALLINT,
      LogicalType::DECIMAL(38, 2),
      LogicalType::VARCHAR,
      LogicalType::DOUBLE,
      LogicalType::LIST(LogicalType::INTEGER),
      LogicalType::ARRAY(LogicalType::INTEGER, 2),
      LogicalType::STRUCT({{"a", LogicalType::VARCHAR}, {"b", LogicalType::BIGINT}}),
      LogicalType::VARCHAR,
      LogicalType::STRUCT({{"a", LogicalType::VARCHAR}, {"b", LogicalType::BIGINT}}),
      LogicalType::BIGINT,
      LogicalType::BIGINT,
  };
  const duckdb::idx_t dictionary = 7, struct_dictionary = 8, constant = 9, sequence = 10;
  duckdb::DataChunk chunk;
  chunk.Initialize(duckdb::Allocator::DefaultAllocator(), types);
  for (duckdb::idx_t column = 0; column < types.size(); ++column) {
    for (duckdb::idx_t row = 0; row < kRows; ++row) {
      chunk.SetValue(column, row, Numbered(types[column], static_cast<int32_t>(row)));
    }
  }
  for (duckdb::idx_t column : {dictionary, struct_dictionary}) {
    duckdb::SelectionVector backwards(kRows);
    for (duckdb::idx_t row = 0; row < kRows; ++row) backwards.set_index(row, kRows - 1 - row);
    chunk.data[column].Slice(backwards, kRows);
  }
  chunk.data[constant].Reference(Value::BIGINT(5));
  chunk.data[sequence].Sequence(1000, 1, kRows);
  chunk.SetCardinality(kRows);
  std::vector<std::vector<std::string>> expected(types.size());
  const LiveRows live = SomeRows();
  std::vector<uint32_t> offsets(live.count());
  live.CopyTo(offsets.data());
  for (duckdb::idx_t column = 0; column < types.size(); ++column) {
    for (uint32_t row : offsets) expected[column].push_back(Printed(chunk, column, row));
  }
  live.KeepIn(chunk);
  ASSERT_EQ(chunk.size(), 67u + 1 + 162);
  for (duckdb::idx_t column = 0; column < types.size(); ++column) {
    for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
      EXPECT_EQ(Printed(chunk, column, row), expected[column][row]) << types[column].ToString() << " " << row;
    }
  }
}

}  // namespace
}  // namespace lake::server
