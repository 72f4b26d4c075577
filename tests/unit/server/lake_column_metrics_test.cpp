// The statistics of a column, value by value: what must and must not become a bound.
#include "server/lake/column_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "server/lake/duck_types.h"

namespace lake::server {
namespace {

using duckdb::Value;
using iceberg::FieldId;
using iceberg::Literal;
using iceberg::MetricsMode;
using iceberg::Type;
using iceberg::TypeId;

constexpr FieldId kId{7};

ColumnMetrics Counted(const Type& type, const std::vector<Value>& values, MetricsMode mode) {
  ColumnMetrics metrics({kId, "c", false, type, {}}, mode, {});
  duckdb::DataChunk chunk;
  chunk.Initialize(duckdb::Allocator::DefaultAllocator(), {*DuckType(type, "c")});
  for (size_t i = 0; i < values.size(); ++i) chunk.SetValue(0, i, values[i]);
  chunk.SetCardinality(values.size());
  if (!values.empty()) metrics.Update(chunk);
  return metrics;
}

/// Counted at once, and, which must be the same, in two parts wherever they are cut.
iceberg::DataFile MetricsOf(const Type& type, const std::vector<Value>& values, MetricsMode mode = {}) {
  iceberg::DataFile file;
  Counted(type, values, mode).WriteTo(file);
  for (size_t cut = 0; cut <= values.size(); ++cut) {
    auto middle = values.begin() + static_cast<std::ptrdiff_t>(cut);
    ColumnMetrics merged = Counted(type, {values.begin(), middle}, mode);
    merged.Merge(Counted(type, {middle, values.end()}, mode));
    iceberg::DataFile other;
    merged.WriteTo(other);
    EXPECT_EQ(other.value_counts, file.value_counts);
    EXPECT_EQ(other.null_value_counts, file.null_value_counts);
    EXPECT_EQ(other.nan_value_counts, file.nan_value_counts);
    EXPECT_EQ(other.lower_bounds, file.lower_bounds);
    EXPECT_EQ(other.upper_bounds, file.upper_bounds);
  }
  return file;
}

std::string Lower(const iceberg::DataFile& file) {
  const std::string* found = file.lower_bounds.Find(kId);
  return found == nullptr ? "none" : *found;
}

std::string Upper(const iceberg::DataFile& file) {
  const std::string* found = file.upper_bounds.Find(kId);
  return found == nullptr ? "none" : *found;
}

TEST(ColumnMetricsTest, CountsNullsAndBoundsIntegers) {
  auto file = MetricsOf(TypeId::kLong, {Value(), Value::BIGINT(5), Value::BIGINT(INT64_MIN), Value::BIGINT(INT64_MAX)});
  EXPECT_EQ(*file.value_counts.Find(kId), 4);
  EXPECT_EQ(*file.null_value_counts.Find(kId), 1);
  EXPECT_EQ(file.nan_value_counts.Find(kId), nullptr);
  EXPECT_EQ(Lower(file), Literal::Long(INT64_MIN).ToBinary());
  EXPECT_EQ(Upper(file), Literal::Long(INT64_MAX).ToBinary());
}

TEST(ColumnMetricsTest, OnlyNullsHaveNoBounds) {
  auto file = MetricsOf(TypeId::kInt, {Value(), Value()});
  EXPECT_EQ(*file.null_value_counts.Find(kId), 2);
  EXPECT_EQ(Lower(file), "none");
  EXPECT_EQ(Upper(file), "none");
}

TEST(ColumnMetricsTest, NaNIsCountedAndNeverABound) {
  auto file = MetricsOf(TypeId::kDouble, {Value::DOUBLE(NAN), Value::DOUBLE(1.5), Value(), Value::DOUBLE(-INFINITY)});
  EXPECT_EQ(*file.nan_value_counts.Find(kId), 1);
  EXPECT_EQ(Lower(file), Literal::Double(-INFINITY).ToBinary());
  EXPECT_EQ(Upper(file), Literal::Double(1.5).ToBinary());
  file = MetricsOf(TypeId::kFloat, {Value::FLOAT(NAN)});
  EXPECT_EQ(*file.nan_value_counts.Find(kId), 1);
  EXPECT_EQ(Lower(file), "none");
}

TEST(ColumnMetricsTest, ZeroesBoundBothZeroes) {
  for (double zero : {0.0, -0.0}) {
    auto file = MetricsOf(TypeId::kDouble, {Value::DOUBLE(zero)});
    EXPECT_EQ(Lower(file), Literal::Double(-0.0).ToBinary());
    EXPECT_EQ(Upper(file), Literal::Double(0.0).ToBinary());
  }
}

TEST(ColumnMetricsTest, LongStringsAreCutAtCodePoints) {
  std::string umlauts;
  for (int i = 0; i < 20; ++i) umlauts += "\u00e4";
  auto file = MetricsOf(TypeId::kString, {Value(umlauts)});
  std::string fifteen = umlauts.substr(0, 30);
  EXPECT_EQ(Lower(file), fifteen + "\u00e4");
  EXPECT_EQ(Upper(file), fifteen + "\u00e5");
}

TEST(ColumnMetricsTest, TheLongerOfTwoEqualPrefixesRaisesTheUpperBound) {
  std::string sixteen(16, 'a');
  EXPECT_EQ(Upper(MetricsOf(TypeId::kString, {Value(sixteen)})), sixteen);
  EXPECT_EQ(Upper(MetricsOf(TypeId::kString, {Value(sixteen), Value(sixteen + "a")})), std::string(15, 'a') + "b");
  std::string huge(100000, 'a');
  EXPECT_EQ(Upper(MetricsOf(TypeId::kString, {Value(huge), Value(huge + "b")})), std::string(15, 'a') + "b");
}

TEST(ColumnMetricsTest, BytesThatCannotBeIncrementedHaveNoUpperBound) {
  std::string high(20, '\xff');
  auto blob = Value::BLOB(duckdb::const_data_ptr_cast(high.data()), high.size());
  auto file = MetricsOf(TypeId::kBinary, {blob});
  EXPECT_EQ(Lower(file), high.substr(0, 16));
  EXPECT_EQ(Upper(file), "none");
}

TEST(ColumnMetricsTest, FieldsOfStructsAreCountedNotThoseOfListsAndMaps) {  // rule 27
  const iceberg::NestedField number{FieldId{3}, "number", false, TypeId::kInt, {}};
  const iceberg::NestedField text{FieldId{5}, "text", false, TypeId::kString, {}};
  const iceberg::NestedField inner{FieldId{4}, "inner", false, Type::Struct({text}), {}};
  const iceberg::NestedField list{FieldId{6}, "list", false, Type::List(FieldId{7}, TypeId::kInt, false), {}};
  const iceberg::NestedField outer{FieldId{2}, "outer", false, Type::Struct({number, inner, list}), {}};
  const iceberg::NestedField plain{FieldId{1}, "plain", false, TypeId::kLong, {}};
  auto metrics = ColumnMetrics::Of({plain, outer}, {});
  ASSERT_EQ(metrics.size(), 3u);
  duckdb::DataChunk chunk;
  const auto type = *DuckType(outer.type, "outer");
  const auto inner_type = duckdb::StructType::GetChildType(type, 1);
  const auto list_type = duckdb::StructType::GetChildType(type, 2);
  chunk.Initialize(duckdb::Allocator::DefaultAllocator(), {duckdb::LogicalType::BIGINT, type});
  auto row = [&](duckdb::Value value) {
    chunk.SetValue(0, chunk.size(), Value::BIGINT(9));
    chunk.SetValue(1, chunk.size(), value);
    chunk.SetCardinality(chunk.size() + 1);
  };
  row(Value::STRUCT(type, {Value::INTEGER(5), Value::STRUCT(inner_type, {Value("m")}), Value(list_type)}));
  row(Value::STRUCT(type, {Value::INTEGER(-2), Value(inner_type), Value(list_type)}));
  row(Value(type));
  row(Value::STRUCT(type, {Value(), Value::STRUCT(inner_type, {Value("b")}), Value(list_type)}));
  // A null struct counts as a null of its fields, whatever they hold.
  duckdb::FlatVector::Validity(*duckdb::StructVector::GetEntries(chunk.data[1])[0]).SetValid(2);
  iceberg::DataFile file;
  for (ColumnMetrics& leaf : metrics) {
    leaf.Update(chunk);
    leaf.WriteTo(file);
  }
  EXPECT_EQ(*file.value_counts.Find(FieldId{3}), 4);
  EXPECT_EQ(*file.null_value_counts.Find(FieldId{3}), 2);
  EXPECT_EQ(*file.lower_bounds.Find(FieldId{3}), std::string("\xfe\xff\xff\xff", 4));
  EXPECT_EQ(*file.upper_bounds.Find(FieldId{3}), std::string("\x05\0\0\0", 4));
  EXPECT_EQ(*file.null_value_counts.Find(FieldId{5}), 2);
  EXPECT_EQ(*file.lower_bounds.Find(FieldId{5}), "b");
  EXPECT_EQ(*file.upper_bounds.Find(FieldId{5}), "m");
  EXPECT_EQ(file.value_counts.Find(FieldId{2}), nullptr);
  EXPECT_EQ(file.value_counts.Find(FieldId{7}), nullptr);
}

TEST(ColumnMetricsTest, BytesCompareUnsigned) {
  auto blob = [](const char* text) { return Value::BLOB(duckdb::const_data_ptr_cast(text), 1); };
  auto file = MetricsOf(TypeId::kBinary, {blob("\x80"), blob("\x7f")});
  EXPECT_EQ(Lower(file), "\x7f");
  EXPECT_EQ(Upper(file), "\x80");
}

TEST(ColumnMetricsTest, DecimalsOfEveryWidth) {
  for (int precision : {4, 9, 18, 38}) {
    Type type = Type::Decimal(precision, 2);
    auto duck = *DuckType(type, "c");
    auto file = MetricsOf(type, {Value("-1.00").DefaultCastAs(duck), Value("1.28").DefaultCastAs(duck)});
    EXPECT_EQ(Lower(file), "\x9c") << precision;
    EXPECT_EQ(Upper(file), std::string("\x00\x80", 2)) << precision;
  }
}

TEST(ColumnMetricsTest, UuidsAreBigEndianAndUnsigned) {
  auto low = Value::UUID("00000000-0000-0000-0000-000000000001");
  auto high = Value::UUID("f0000000-0000-0000-0000-000000000002");
  auto file = MetricsOf(TypeId::kUuid, {high, low});
  EXPECT_EQ(Lower(file), std::string(15, '\0') + '\x01');
  EXPECT_EQ(Upper(file), std::string("\xf0") + std::string(14, '\0') + '\x02');
}

TEST(ColumnMetricsTest, ModesLeaveOut) {
  using Kind = MetricsMode::Kind;
  auto file = MetricsOf(TypeId::kInt, {Value::INTEGER(1)}, {Kind::kNone, 0});
  EXPECT_TRUE(file.value_counts.empty());
  file = MetricsOf(TypeId::kInt, {Value::INTEGER(1)}, {Kind::kCounts, 0});
  EXPECT_EQ(file.value_counts.size(), 1U);
  EXPECT_TRUE(file.lower_bounds.empty());
  file = MetricsOf(TypeId::kString, {Value(std::string(50, 'x'))}, {Kind::kFull, 0});
  EXPECT_EQ(Upper(file).size(), 50U);
  file = MetricsOf(TypeId::kString, {Value(std::string(257, 'x'))}, {Kind::kFull, 0});
  EXPECT_EQ(Lower(file), std::string(256, 'x'));
  EXPECT_EQ(Upper(file), std::string(255, 'x') + 'y');
  file = MetricsOf(TypeId::kString, {Value("xyz")}, {Kind::kTruncate, 2});
  EXPECT_EQ(Lower(file), "xy");
  EXPECT_EQ(Upper(file), "xz");
}

template <typename T>
std::string Bytes(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

std::string Numbers(const std::vector<double>& coordinates) {
  std::string bytes;
  for (double value : coordinates) bytes += Bytes(value);
  return bytes;
}

std::string Wkb(uint32_t type, const std::string& body) { return "\x01" + Bytes(type) + body; }

Value Blob(const std::string& bytes) { return Value::BLOB_RAW(bytes); }

/// Rule 28: corners of the box around all points, whatever they lie in; z and m where some have them.
TEST(ColumnMetricsTest, GeometriesAreBoundByABox) {
  const Type geometry = Type(TypeId::kGeometry);
  const double nan = std::nan("");
  const std::string line = Wkb(2, Bytes(2u) + Numbers({1, 8, -3, 4}));
  const std::string polygon = Wkb(3, Bytes(1u) + Bytes(4u) + Numbers({0, 0, 5, 0, 5, 6, 0, 0}));
  std::string big_endian("\0\0\0\0\1", 5);
  for (double value : {2.0, 9.0}) {
    std::string bytes = Bytes(value);
    big_endian.append(bytes.rbegin(), bytes.rend());
  }
  iceberg::DataFile file = MetricsOf(geometry, {Blob(line), Value(), Blob(polygon), Blob(big_endian)});
  EXPECT_EQ(Lower(file), Numbers({-3, 0}));
  EXPECT_EQ(Upper(file), Numbers({5, 9}));
  EXPECT_EQ(*file.null_value_counts.Find(kId), 1);

  const std::string nested = Wkb(7, Bytes(2u) + Wkb(7, Bytes(1u) + Wkb(4, Bytes(1u) + big_endian)) + line);
  file = MetricsOf(geometry, {Blob(nested)});
  EXPECT_EQ(Lower(file), Numbers({-3, 4}));
  EXPECT_EQ(Upper(file), Numbers({2, 9}));

  file = MetricsOf(geometry, {Blob(Wkb(1001, Numbers({1, 2, 3}))), Blob(line)});
  EXPECT_EQ(Upper(file), Numbers({1, 8, 3}));
  file = MetricsOf(geometry, {Blob(Wkb(3001, Numbers({1, 2, 3, 4})))});
  EXPECT_EQ(Lower(file), Numbers({1, 2, 3, 4}));
  file = MetricsOf(geometry, {Blob(Wkb(2001, Numbers({1, 2, 4})))});
  EXPECT_EQ(Lower(file).substr(0, 16) + Lower(file).substr(24), Numbers({1, 2, 4}));
  EXPECT_EQ(Lower(file).size(), 32u);

  EXPECT_EQ(Lower(MetricsOf(geometry, {Blob(Wkb(1, Numbers({nan, nan})))})), "none");
  EXPECT_EQ(Lower(MetricsOf(geometry, {Blob(line), Blob(Wkb(1, Numbers({nan, nan})))})), Numbers({-3, 4}));
  EXPECT_EQ(Lower(MetricsOf(geometry, {Blob(line)}, {MetricsMode::Kind::kCounts, 0})), "none");
}

/// The box of its points is not that of its edges, which bow towards the poles.
TEST(ColumnMetricsTest, GeographiesHaveNoBounds) {
  const std::string line = Wkb(2, Bytes(2u) + Numbers({1, 8, -3, 4}));
  EXPECT_EQ(Lower(MetricsOf(Type(TypeId::kGeography), {Blob(line)})), "none");
}

TEST(ColumnMetricsTest, BytesThatAreNoGeometryLeaveNoBounds) {
  const Type geometry = Type(TypeId::kGeometry);
  const std::string line = Wkb(2, Bytes(2u) + Numbers({1, 8, -3, 4}));
  for (const std::string& broken :
       {std::string(), std::string("\x01"), line.substr(0, 20), line + "x", Wkb(8, Bytes(0u)),
        Wkb(4001, Numbers({1, 2})), Wkb(2, Bytes(0xFFFFFFFFu)), Wkb(0x20000001, Numbers({1, 2}))}) {
    EXPECT_EQ(Lower(MetricsOf(geometry, {Blob(line), Blob(broken)})), "none");
  }
}

}  // namespace
}  // namespace lake::server
