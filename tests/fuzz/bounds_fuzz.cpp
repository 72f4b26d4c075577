// Bounds, partition values and their transforms. The input: a byte for the type, one for what else is to be done, one
// for the length of the first value, both values in their binary form; or, as text, a value in JSON. What can be read
// can be written and read again, in either form, and the order of values is one.
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "iceberg/expression.h"

namespace lake::iceberg {
namespace {

#define LAKE_EXPECT(condition)      \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (0)

const Type kTypes[] = {TypeId::kBoolean,      TypeId::kInt,         TypeId::kLong,          TypeId::kFloat,
                       TypeId::kDouble,       Type::Decimal(9, 2),  Type::Decimal(18, 0),   Type::Decimal(38, 10),
                       Type::Decimal(38, 38), TypeId::kDate,        TypeId::kTime,          TypeId::kTimestamp,
                       TypeId::kTimestampTz,  TypeId::kTimestampNs, TypeId::kTimestampTzNs, TypeId::kString,
                       TypeId::kUuid,         Type::Fixed(3),       TypeId::kBinary,        TypeId::kUnknown,
                       TypeId::kGeometry,     TypeId::kVariant};

const char* const kTransforms[] = {"identity",
                                   "bucket[1]",
                                   "bucket[16]",
                                   "bucket[2147483647]",
                                   "truncate[1]",
                                   "truncate[10]",
                                   "truncate[2147483647]",
                                   "year",
                                   "month",
                                   "day",
                                   "hour",
                                   "void"};

void Transformed(const Literal& value, const Schema& schema) {
  for (const char* text : kTransforms) {
    auto transform = Transform::Parse(text);
    LAKE_EXPECT(transform.ok());
    if (!transform->CanTransform(value.type())) continue;
    auto result = transform->Apply(value);
    if (!result.ok()) continue;
    PartitionField field;
    field.source_ids = {FieldId{1}};
    field.field_id = FieldId{1000};
    field.name = "p";
    field.transform = *transform;
    PartitionSpec spec{SpecId{1}, {field}};
    static_cast<void>(PartitionPath(spec, {*result}));
    if (!value.type().has_order()) continue;
    for (auto kind : {Expression::Kind::kLt, Expression::Kind::kLtEq, Expression::Kind::kEq, Expression::Kind::kGtEq}) {
      auto bound = Bind(Expression::Compare(kind, FieldId{1}, value), schema);
      LAKE_EXPECT(bound.ok());
      bool may = TupleMayMatch(ProjectToPartition(*bound, spec, schema), spec, {*result});
      // The value itself satisfies all but the first.
      LAKE_EXPECT(may || kind == Expression::Kind::kLt);
    }
  }
}

void Single(const Type& type, const Literal& value) {
  LAKE_EXPECT(value.type() == type);
  auto again = Literal::FromBinary(type, value.ToBinary());
  LAKE_EXPECT(again.ok() && *again == value);
  static_cast<void>(value.ToString());
  auto json = Literal::FromJson(type, value.ToJson());
  // A time beyond the day, which no writer writes, is shown as one within it.
  if (json.ok() && type.id() != TypeId::kTime) LAKE_EXPECT(*json == value || value.is_nan());
  for (const Type& target : kTypes) {
    auto cast = value.CastTo(target);
    if (!cast) continue;
    LAKE_EXPECT(cast->type() == target);
    static_cast<void>(cast->ToBinary());
  }
  for (int width : {1, 3, 16}) {
    LAKE_EXPECT(!type.has_order() || Literal::Compare(TruncateLowerBound(value, width), value) <= 0);
    auto upper = TruncateUpperBound(value, width);
    LAKE_EXPECT(!upper || !type.has_order() || Literal::Compare(*upper, value) >= 0);
  }
  Transformed(value, Schema(SchemaId{0}, {{FieldId{1}, "c", false, type, std::nullopt}}));
}

void Pair(const Type& type, const Literal& left, const Literal& right, const DataFile& file) {
  if (!type.has_order()) return;
  LAKE_EXPECT(Literal::Compare(left, right) == -Literal::Compare(right, left) ||
              (Literal::Compare(left, right) < 0) == (Literal::Compare(right, left) > 0));
  Schema schema(SchemaId{0}, {{FieldId{1}, "c", false, type, std::nullopt}});
  for (auto kind : {Expression::Kind::kLt, Expression::Kind::kGt, Expression::Kind::kEq, Expression::Kind::kNotEq,
                    Expression::Kind::kStartsWith}) {
    auto bound = Bind(Expression::Compare(kind, FieldId{1}, left), schema);
    if (bound.ok()) static_cast<void>(MetricsMayMatch(*bound, schema, file));
  }
}

void Binary(const Type& type, std::string_view first, std::string_view second) {
  DataFile file;
  file.record_count = 2;
  file.lower_bounds.Set(FieldId{1}, std::string(first));
  file.upper_bounds.Set(FieldId{1}, std::string(second));
  auto left = Literal::FromBinary(type, first);
  auto right = Literal::FromBinary(type, second);
  if (left.ok()) Single(type, *left);
  if (right.ok()) Single(type, *right);
  if (left.ok() && right.ok()) Pair(type, *left, *right, file);
}

void Text(const Type& type, std::string_view text) {
  auto json = ParseJson(text, "fuzz");
  if (!json.ok()) return;
  auto value = Literal::FromJson(type, *json);
  if (value.ok()) Single(type, *value);
}

}  // namespace
}  // namespace lake::iceberg

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lake::iceberg;
  if (size < 3) return 0;
  const Type& type = kTypes[data[0] % std::size(kTypes)];
  std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  if (data[1] % 2 == 0) {
    size_t length = std::min<size_t>(data[2], bytes.size());
    Binary(type, bytes.substr(0, length), bytes.substr(length));
  } else {
    Text(type, bytes);
  }
  return 0;
}
