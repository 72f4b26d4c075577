// Avro schemas (Avro 1.12 specification, "Schema Declaration"), parsed from JSON with unknown attributes kept: Iceberg
// stores field ids in attributes that Avro itself does not know.
//
// Names may refer to a type defined earlier; a type that contains itself is refused. A type may be defined twice under
// one name if the later definition is used from there on (such files exist).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace lake::avro {

struct Schema;
using SchemaPtr = std::shared_ptr<const Schema>;

struct Field {
  std::string name;
  SchemaPtr type;
  Json attributes;  // the plain (not nested) members of its JSON object

  std::optional<int32_t> IntAttribute(std::string_view key) const;
};

struct Schema {
  enum class Kind {
    kNull,
    kBoolean,
    kInt,
    kLong,
    kFloat,
    kDouble,
    kBytes,
    kString,
    kFixed,
    kEnum,
    kRecord,
    kArray,
    kMap,
    kUnion,
  };

  Kind kind = Kind::kNull;
  std::string name;                 // kFixed, kEnum, kRecord
  std::string logical_type;         // empty: none
  int64_t fixed_size = 0;           // kFixed: bytes
  std::vector<Field> fields;        // kRecord
  std::vector<SchemaPtr> children;  // kArray: the items; kMap: the values; kUnion: the branches
  Json attributes;                  // the plain members of its JSON object; null for a mere name
  bool always_empty = false;        // every value of it takes no bytes at all

  std::optional<int32_t> IntAttribute(std::string_view key) const;
  bool BoolAttribute(std::string_view key) const;
  const Schema& items() const { return *children.front(); }
  /// For a union of null and one other type: that type; otherwise the schema itself.
  const Schema& WithoutNull() const;
};

/// kCorrupt names what breaks the specification, kUnsupported a recursive type.
Result<SchemaPtr> ParseSchema(const Json& json);

}  // namespace lake::avro
