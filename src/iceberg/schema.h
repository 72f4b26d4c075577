// A table's schema: columns with ids that never change meaning. Columns are matched by id, never by name or position.
// Immutable and cheap to copy.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "iceberg/types.h"

namespace lake::iceberg {

class Schema {
 public:
  Schema() : Schema(SchemaId{0}, {}) {}
  /// Field ids must be unique (ParseSchema and CreateTable check it; here the first wins).
  Schema(SchemaId id, std::vector<NestedField> fields, std::vector<FieldId> identifier_field_ids = {});

  SchemaId id() const { return id_; }
  /// The columns in order.
  const std::vector<NestedField>& fields() const { return state_->type.fields(); }
  const Type& as_struct() const { return state_->type; }
  const std::vector<FieldId>& identifier_field_ids() const { return state_->identifier_field_ids; }

  /// A field at any depth; null when there is none.
  const NestedField* Find(FieldId id) const;
  /// A field by its full name, parts joined by dots ("a", "a.b", "list.element", "map.key"); exact case.
  const NestedField* FindByName(std::string_view full_name) const;
  /// The full name of a field; empty when there is none.
  std::string FullName(FieldId id) const;
  /// Whether the field is a column, and does not lie inside of one.
  bool IsColumn(FieldId id) const;
  /// Whether the field lies inside a list or a map: no bounds are kept for those (rule 27).
  bool IsRepeated(FieldId id) const;
  /// All fields at any depth, pre-order.
  const std::vector<FieldId>& AllFieldIds() const { return state_->all_ids; }
  /// The highest id in use, nested ones included; 0 for no columns.
  FieldId HighestFieldId() const;

  Schema WithId(SchemaId id) const;
  /// Same columns and identifier fields, whatever the schema id.
  bool SameFields(const Schema& other) const;
  bool operator==(const Schema& other) const { return id_ == other.id_ && SameFields(other); }

 private:
  struct Entry {
    const NestedField* field;
    std::string full_name;
    bool repeated;
  };
  struct State {
    Type type;
    std::vector<FieldId> identifier_field_ids;
    std::unordered_map<FieldId, Entry> by_id;
    std::unordered_map<std::string, FieldId> by_name;
    std::vector<FieldId> all_ids;
  };
  static void Index(State& state, const Type& type, const std::string& prefix, bool repeated);

  SchemaId id_;
  std::shared_ptr<const State> state_;
};

/// Schema JSON ("type": "struct", "fields": [...]). A missing schema-id reads as 0 (v1). Duplicate ids or names are
/// kCorrupt; types are only recognised, not judged by format version.
Result<Schema> ParseSchema(const Json& json);
Json SchemaToJson(const Schema& schema);

/// Whether a table of this format version may have the schema: kUnsupported "variant is not supported until v3".
Status CheckSchema(const Schema& schema, int format_version);

/// The fields renumbered in pre-order from `next` on, nested ones included (ICE-19); `next` is left behind the last.
std::vector<NestedField> AssignFieldIds(const std::vector<NestedField>& fields, FieldId& next);

}  // namespace lake::iceberg
