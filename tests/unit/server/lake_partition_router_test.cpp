// Rows of one number have equal tuples by the library's transforms, rows of different numbers different ones: every
// transform over edge values of every type that it takes.
#include "server/lake/partition_router.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "base/result_matchers.h"
#include "duckdb/common/types/data_chunk.hpp"
#include "server/lake/duck_types.h"

namespace lake::server {
namespace {

using duckdb::Value;
using iceberg::FieldId;
using iceberg::Literal;
using iceberg::NestedField;
using iceberg::Transform;
using iceberg::Type;
using iceberg::TypeId;

constexpr int64_t kDayMicros = 86400LL * 1000000;

std::vector<Literal> Edges(const Type& type) {
  std::vector<Literal> values;
  switch (type.id()) {
    case TypeId::kBoolean: return {Literal::Boolean(false), Literal::Boolean(true)};
    case TypeId::kInt:
    case TypeId::kDate:
      for (int32_t v : {0, 1, -1, 9, 10, 11, -9, -10, -11, 364, 365, 366, -365, -366, 19000, 2932896, -719162}) {
        values.emplace_back(type, v);
      }
      if (type.id() == TypeId::kInt) {
        values.push_back(Literal::Int(std::numeric_limits<int32_t>::min()));
        values.push_back(Literal::Int(std::numeric_limits<int32_t>::max()));
      }
      return values;
    case TypeId::kLong:
      for (int64_t v : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{-10}, int64_t{-11}, int64_t{34},
                        std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
        values.push_back(Literal::Long(v));
      }
      return values;
    case TypeId::kTime: return {Literal::Time(0), Literal::Time(1), Literal::Time(kDayMicros - 1)};
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      for (int64_t v :
           {int64_t{0}, int64_t{-1}, int64_t{1}, int64_t{3599999999}, int64_t{3600000000}, int64_t{-3600000000},
            int64_t{-3600000001}, kDayMicros, -kDayMicros, -kDayMicros - 1, 365 * kDayMicros, -365 * kDayMicros,
            -365 * kDayMicros - 1, -719162 * kDayMicros, 2932896 * kDayMicros}) {
        values.emplace_back(type, v);
      }
      return values;
    case TypeId::kFloat:
      return {Literal::Float(0),
              Literal::Float(-0.0F),
              Literal::Float(1.5F),
              Literal::Float(std::nanf("1")),
              Literal::Float(-std::nanf("2")),
              Literal::Float(std::numeric_limits<float>::infinity())};
    case TypeId::kDouble:
      return {Literal::Double(0),
              Literal::Double(-0.0),
              Literal::Double(0.1),
              Literal::Double(std::nan("1")),
              Literal::Double(-std::nan("2")),
              Literal::Double(-std::numeric_limits<double>::infinity())};
    case TypeId::kDecimal:
      for (int v : {0, 1, -1, 1420, -5, -10, -11, 99999, -99999, 127, 128, -128, -129}) {
        values.emplace_back(type, Int128{v});
      }
      if (type.precision() > 18) {
        values.emplace_back(type, PowerOfTen(30) + 7);
        values.emplace_back(type, -PowerOfTen(30) - 7);
      }
      return values;
    case TypeId::kUuid:
      for (const char* v : {"00000000-0000-0000-0000-000000000000", "f79c3e09-677c-4bbd-a479-3f349cb785e7",
                            "ffffffff-ffff-ffff-ffff-ffffffffffff", "80000000-0000-0000-0000-000000000001"}) {
        values.push_back(Literal::Uuid(*lake::Uuid::Parse(v)));
      }
      return values;
    default:
      for (const char* v : {"", "a", "ab", "abc", "abcd", "abcdefghijklmnop", "abcdefghijklmnoq", "ä", "äö", "äöü€",
                            "🙂🙂🙂🙂", "iceberg"}) {
        values.emplace_back(type, std::string(v));
      }
      return values;
  }
}

std::vector<Type> AllTypes() {
  return {TypeId::kBoolean,     TypeId::kInt,        TypeId::kLong,        TypeId::kFloat,
          TypeId::kDouble,      TypeId::kDate,       TypeId::kTime,        TypeId::kTimestamp,
          TypeId::kTimestampTz, TypeId::kString,     TypeId::kBinary,      TypeId::kUuid,
          Type::Decimal(4, 2),  Type::Decimal(9, 2), Type::Decimal(18, 0), Type::Decimal(38, 10)};
}

std::vector<Transform> AllTransforms() {
  return {Transform::Identity(),  Transform::Bucket(1),   Transform::Bucket(7),    Transform::Bucket(1 << 20),
          Transform::Truncate(1), Transform::Truncate(3), Transform::Truncate(10), Transform::Truncate(2147483647),
          Transform::Year(),      Transform::Month(),     Transform::Day(),        Transform::Hour(),
          Transform::Void()};
}

void Compare(const Type& type, const Transform& transform) {
  SCOPED_TRACE(transform.ToString() + " of " + type.ToString());
  NestedField column{FieldId{1}, "c", false, type, {}};
  iceberg::Schema schema(iceberg::SchemaId{0}, {column});
  iceberg::PartitionSpec spec{iceberg::SpecId{0}, {{{FieldId{1}}, FieldId{1000}, "p", transform}}};
  std::vector<std::optional<Literal>> rows{std::nullopt};
  for (Literal& value : Edges(type)) {
    if (type.id() == TypeId::kDecimal && type.precision() < 5 &&
        std::abs(static_cast<int>(value.as<Int128>())) > 9999) {
      continue;
    }
    // RefusesTuplesThatManifestsCannotHold: a multiple of the width that has more digits than the column
    if (type.id() == TypeId::kDecimal && !iceberg::ApplySpec(spec, {value}).ok()) continue;
    rows.emplace_back(value);
    rows.emplace_back(std::move(value));
    rows.emplace_back(std::nullopt);
  }
  duckdb::DataChunk chunk;
  chunk.Initialize(duckdb::Allocator::DefaultAllocator(), {*DuckType(type, "c")});
  for (size_t i = 0; i < rows.size(); ++i) {
    chunk.SetValue(0, i, rows[i] ? DuckValue(*rows[i]) : Value(chunk.data[0].GetType()));
  }
  chunk.SetCardinality(rows.size());

  PartitionNumbers partitions;
  auto router = PartitionRouter::Create(spec, {column}, schema, partitions);
  ASSERT_OK(router);
  std::vector<uint32_t> numbers(rows.size());
  ASSERT_OK((*router)->Route(chunk, numbers.data()));
  for (size_t i = 0; i < rows.size(); ++i) {
    auto expected = iceberg::ApplySpec(spec, {rows[i]});
    ASSERT_OK(expected);
    EXPECT_EQ(partitions.Tuple(numbers[i]), *expected) << (rows[i] ? rows[i]->ToString() : "null");
  }
  // Again, and by another router: the same numbers.
  std::vector<uint32_t> again(rows.size());
  ASSERT_OK((*router)->Route(chunk, again.data()));
  EXPECT_EQ(again, numbers);
  auto other = PartitionRouter::Create(spec, {column}, schema, partitions);
  ASSERT_OK(other);
  ASSERT_OK((*other)->Route(chunk, again.data()));
  EXPECT_EQ(again, numbers);
}

TEST(PartitionRouter, TellsRowsApartAsTheTransformsDo) {  // rules 18 to 20, 22
  for (const Type& type : AllTypes()) {
    for (const Transform& transform : AllTransforms()) {
      if (transform.CanTransform(type)) Compare(type, transform);
    }
  }
}

TEST(PartitionRouter, TakesSeveralFieldsAndManyPartitions) {
  std::vector<NestedField> columns{{FieldId{1}, "a", false, TypeId::kInt, {}},
                                   {FieldId{2}, "s", false, TypeId::kString, {}},
                                   {FieldId{3}, "u", false, TypeId::kUuid, {}}};
  iceberg::Schema schema(iceberg::SchemaId{0}, columns);
  iceberg::PartitionSpec spec{iceberg::SpecId{0},
                              {{{FieldId{2}}, FieldId{1000}, "s", Transform::Identity()},
                               {{FieldId{3}}, FieldId{1001}, "u", Transform::Identity()},
                               {{FieldId{1}}, FieldId{1002}, "a_trunc_2", Transform::Truncate(2)}}};
  PartitionNumbers partitions;
  auto router = PartitionRouter::Create(spec, columns, schema, partitions);
  ASSERT_OK(router);
  std::set<uint32_t> seen;
  for (int part = 0; part < 10; ++part) {
    duckdb::DataChunk chunk;
    chunk.Initialize(duckdb::Allocator::DefaultAllocator(),
                     {*DuckType(TypeId::kInt, "a"), *DuckType(TypeId::kString, "s"), *DuckType(TypeId::kUuid, "u")});
    for (int i = 0; i < 2000; ++i) {
      int row = part * 2000 + i;
      chunk.SetValue(0, i, Value::INTEGER(row));
      chunk.SetValue(1, i, Value("a rather long text, number " + std::to_string(row % 2)));
      chunk.SetValue(2, i, Value(duckdb::LogicalType(duckdb::LogicalTypeId::UUID)));
    }
    chunk.SetCardinality(2000);
    std::vector<uint32_t> numbers(2000);
    ASSERT_OK((*router)->Route(chunk, numbers.data()));
    seen.insert(numbers.begin(), numbers.end());
  }
  EXPECT_EQ(seen.size(), 20000);  // two texts for each pair of numbers
}

TEST(PartitionRouter, RefusesWhatCannotBeWritten) {  // rule 23
  NestedField column{FieldId{1}, "c", false, TypeId::kInt, {}};
  iceberg::Schema schema(iceberg::SchemaId{0}, {column});
  iceberg::PartitionSpec spec{iceberg::SpecId{0}, {{{FieldId{1}}, FieldId{1000}, "p", *Transform::Parse("zorder[3]")}}};
  PartitionNumbers partitions;
  EXPECT_THAT(PartitionRouter::Create(spec, {column}, schema, partitions), HasKind(ErrorKind::kUnsupported));
}

TEST(PartitionRouter, RefusesTuplesThatManifestsCannotHold) {
  NestedField column{FieldId{1}, "c", false, Type::Decimal(4, 2), {}};
  iceberg::Schema schema(iceberg::SchemaId{0}, {column});
  iceberg::PartitionSpec spec{iceberg::SpecId{0},
                              {{{FieldId{1}}, FieldId{1000}, "p", Transform::Truncate(2147483647)}}};
  PartitionNumbers partitions;
  auto router = PartitionRouter::Create(spec, {column}, schema, partitions);
  ASSERT_OK(router);
  duckdb::DataChunk chunk;
  chunk.Initialize(duckdb::Allocator::DefaultAllocator(), {*DuckType(column.type, "c")});
  chunk.SetValue(0, 0, Value::DECIMAL(int64_t{-1}, 4, 2));
  chunk.SetCardinality(1);
  uint32_t number = 0;
  EXPECT_THAT((*router)->Route(chunk, &number), HasKind(ErrorKind::kInvalidInput));  // -21474836.47
}

}  // namespace
}  // namespace lake::server
