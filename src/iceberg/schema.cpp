#include "iceberg/schema.h"

#include <set>

namespace lake::iceberg {

namespace {

/// Ids unique in the whole schema, names unique among siblings: what lookups by id and by name rely on.
Status CheckUnique(const Type& type, std::set<FieldId>& ids) {
  std::set<std::string_view> names;
  for (const NestedField& field : type.fields()) {
    if (!ids.insert(field.id).second) return Corrupt("schema has more than one field with id {}", field.id);
    if (!names.insert(field.name).second) return Corrupt("schema has more than one field named \"{}\"", field.name);
    LAKE_RETURN_IF_ERROR(CheckUnique(field.type, ids));
  }
  return {};
}

Status CheckFields(const Type& type, const std::string& prefix, int format_version) {
  for (const NestedField& field : type.fields()) {
    std::string name = prefix + field.name;
    if (field.type.is_nested()) {
      LAKE_RETURN_IF_ERROR(CheckFields(field.type, name + ".", format_version));
    } else if (int needed = MinimumFormatVersion(field.type); needed > format_version) {
      return Unsupported("invalid type for column \"{}\": {} is not supported until v{}", name, field.type.ToString(),
                         needed);
    }
    if (format_version < 3 && (field.initial_default || field.write_default)) {
      return Unsupported("invalid default for column \"{}\": default values are not supported until v3", name);
    }
  }
  return {};
}

Type Renumber(const Type& type, FieldId& next);

NestedField RenumberField(NestedField field, FieldId& next) {
  field.id = FieldId{next.value++};
  field.type = Renumber(field.type, next);
  return field;
}

Type Renumber(const Type& type, FieldId& next) {
  switch (type.id()) {
    case TypeId::kStruct: return Type::Struct(AssignFieldIds(type.fields(), next));
    case TypeId::kList: {
      NestedField element = RenumberField(type.element(), next);
      return Type::List(element.id, element.type, element.required);
    }
    case TypeId::kMap: {
      NestedField key = RenumberField(type.key(), next);
      NestedField value = RenumberField(type.value(), next);
      return Type::Map(key.id, key.type, value.id, value.type, value.required);
    }
    default: return type;
  }
}

}  // namespace

Schema::Schema(SchemaId id, std::vector<NestedField> fields, std::vector<FieldId> identifier_field_ids) : id_(id) {
  auto state = std::make_shared<State>();
  state->type = Type::Struct(std::move(fields));
  state->identifier_field_ids = std::move(identifier_field_ids);
  Index(*state, state->type, "", false);
  state_ = std::move(state);
}

void Schema::Index(State& state, const Type& type, const std::string& prefix, bool repeated) {
  repeated = repeated || type.id() == TypeId::kList || type.id() == TypeId::kMap;
  for (const NestedField& field : type.fields()) {
    std::string name = prefix + field.name;
    if (!state.by_id.emplace(field.id, Entry{&field, name, repeated}).second) continue;
    state.by_name.emplace(name, field.id);
    state.all_ids.push_back(field.id);
    Index(state, field.type, name + ".", repeated);
  }
}

const NestedField* Schema::Find(FieldId id) const {
  auto at = state_->by_id.find(id);
  return at == state_->by_id.end() ? nullptr : at->second.field;
}

const NestedField* Schema::FindByName(std::string_view full_name) const {
  auto at = state_->by_name.find(std::string(full_name));
  return at == state_->by_name.end() ? nullptr : Find(at->second);
}

std::string Schema::FullName(FieldId id) const {
  auto at = state_->by_id.find(id);
  return at == state_->by_id.end() ? std::string() : at->second.full_name;
}

bool Schema::IsColumn(FieldId id) const {
  auto at = state_->by_id.find(id);
  return at != state_->by_id.end() && at->second.full_name == at->second.field->name;
}

bool Schema::IsRepeated(FieldId id) const {
  auto at = state_->by_id.find(id);
  return at != state_->by_id.end() && at->second.repeated;
}

FieldId Schema::HighestFieldId() const {
  FieldId highest{0};
  for (FieldId id : state_->all_ids) highest = std::max(highest, id);
  return highest;
}

Schema Schema::WithId(SchemaId id) const {
  Schema copy = *this;
  copy.id_ = id;
  return copy;
}

bool Schema::SameFields(const Schema& other) const {
  return state_ == other.state_ ||
         (state_->type == other.state_->type && state_->identifier_field_ids == other.state_->identifier_field_ids);
}

Result<Schema> ParseSchema(const Json& json) {
  JsonObject object(json, "schema");
  LAKE_ASSIGN_OR_RETURN(Type type, ParseType(json));
  if (type.id() != TypeId::kStruct) return Corrupt("schema is not a struct but {}", type.ToString());
  std::set<FieldId> ids;
  LAKE_RETURN_IF_ERROR(CheckUnique(type, ids));
  LAKE_ASSIGN_OR_RETURN(auto schema_id, object.OptionalInt32("schema-id"));
  std::vector<FieldId> identifiers;
  if (object.Find("identifier-field-ids") != nullptr) {
    LAKE_ASSIGN_OR_RETURN(const Json* list, object.Array("identifier-field-ids"));
    for (const Json& item : *list) {
      LAKE_ASSIGN_OR_RETURN(int32_t id, JsonToInt32(item, "identifier field id"));
      if (!ids.contains(FieldId{id})) return Corrupt("identifier field {} is not in the schema", id);
      identifiers.emplace_back(id);
    }
  }
  return Schema(SchemaId{schema_id.value_or(0)}, type.fields(), std::move(identifiers));
}

Json SchemaToJson(const Schema& schema) {
  Json json = TypeToJson(schema.as_struct());
  json["schema-id"] = schema.id().value;
  if (!schema.identifier_field_ids().empty()) {
    Json ids = Json::array();
    for (FieldId id : schema.identifier_field_ids()) ids.push_back(id.value);
    json["identifier-field-ids"] = std::move(ids);
  }
  return json;
}

Status CheckSchema(const Schema& schema, int format_version) {
  return CheckFields(schema.as_struct(), "", format_version);
}

std::vector<NestedField> AssignFieldIds(const std::vector<NestedField>& fields, FieldId& next) {
  std::vector<NestedField> out;
  out.reserve(fields.size());
  for (const NestedField& field : fields) out.push_back(RenumberField(field, next));
  return out;
}

}  // namespace lake::iceberg
