// The types of Iceberg: primitives, struct, list, map; what the specification calls "Schemas and Data Types".
//
// A Type is an immutable value, cheap to copy. Nested fields of every kind are NestedFields with ids:
//   struct: fields() in order; list: one field "element"; map: two fields "key" and "value".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "iceberg/ids.h"

namespace lake::iceberg {

class Literal;
struct NestedField;

enum class TypeId {
  kBoolean,
  kInt,   // 32 bits
  kLong,  // 64 bits
  kFloat,
  kDouble,
  kDecimal,        // precision 1 to 38, scale 0 to precision
  kDate,           // int32 days since 1970-01-01
  kTime,           // int64 microseconds since midnight
  kTimestamp,      // int64 microseconds since 1970-01-01 00:00:00, no zone
  kTimestampTz,    // the same in UTC
  kTimestampNs,    // v3: nanoseconds
  kTimestampTzNs,  // v3
  kString,         // UTF-8
  kUuid,           // 16 bytes
  kFixed,          // length bytes
  kBinary,
  kUnknown,    // v3: always null, not in data files
  kVariant,    // v3: a value of any shape
  kGeometry,   // v3: Well-Known Binary, in a reference system
  kGeography,  // v3: the same on a globe
  kStruct,
  kList,
  kMap,
};

class Type {
 public:
  Type() = default;  // unknown
  /// A primitive without parameters; not kDecimal, kFixed or a nested type.
  Type(TypeId id) : id_(id) {}  // NOLINT: implicit on purpose

  static Type Decimal(int precision, int scale);
  static Type Fixed(int length);
  static Type Struct(std::vector<NestedField> fields);
  static Type List(FieldId element_id, Type element, bool element_required);
  static Type Map(FieldId key_id, Type key, FieldId value_id, Type value, bool value_required);

  TypeId id() const { return id_; }
  bool is_nested() const { return id_ == TypeId::kStruct || id_ == TypeId::kList || id_ == TypeId::kMap; }
  bool is_primitive() const { return !is_nested() && id_ != TypeId::kVariant; }

  /// Whether values sort as their bounds say: not geometries, whose bounds are corners of boxes.
  bool has_order() const { return is_primitive() && id_ != TypeId::kGeometry && id_ != TypeId::kGeography; }

  int precision() const { return first_; }  // kDecimal
  int scale() const { return second_; }     // kDecimal
  int length() const { return first_; }     // kFixed

  /// kGeometry, kGeography: what stands between the brackets, "srid:4326" or "srid:4326, karney"; may be empty.
  const std::string& parameters() const { return parameters_; }

  /// Nested fields; empty for primitives.
  const std::vector<NestedField>& fields() const;
  const NestedField& element() const;  // kList
  const NestedField& key() const;      // kMap
  const NestedField& value() const;    // kMap

  /// The specification's name: "int", "decimal(9, 2)", "fixed[16]"; nested types as "struct<1: a: optional int>" for
  /// messages.
  std::string ToString() const;

  /// Same type, for nested types also the same field ids, names and optionality.
  bool operator==(const Type& other) const;

 private:
  friend Result<Type> ParseTypeName(std::string_view name);

  TypeId id_ = TypeId::kUnknown;
  int first_ = 0;
  int second_ = 0;
  std::shared_ptr<const std::vector<NestedField>> fields_;
  std::string parameters_;  // kGeometry, kGeography: what stood between the brackets
};

struct NestedField {
  FieldId id;
  std::string name;
  bool required = false;
  Type type;
  std::optional<std::string> doc;
  std::shared_ptr<const Literal> initial_default = nullptr;  // v3; null: no default. Rows of files without the column
  std::shared_ptr<const Literal> write_default = nullptr;    // v3; what a writer fills in

  bool operator==(const NestedField& other) const;
};

/// A primitive type from its name, "decimal(9,2)" and "decimal(9, 2)" alike; any letter case is not accepted.
/// kUnsupported `unsupported Iceberg type: x` for an unknown name, kInvalidInput for bad parameters.
Result<Type> ParseTypeName(std::string_view name);

/// A type from schema JSON: a string (primitive) or an object (nested). Depth-limited.
Result<Type> ParseType(const Json& json);
Json TypeToJson(const Type& type);

/// The format version that introduced the type: 1 or 3; nested types answer for their deepest part.
int MinimumFormatVersion(const Type& type);

/// Whether a column may change from one type to the other without rewriting files (rule 6).
bool IsPromotion(const Type& from, const Type& to, int format_version);

}  // namespace lake::iceberg
