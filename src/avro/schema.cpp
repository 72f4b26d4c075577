#include "avro/schema.h"

#include <array>
#include <map>

namespace lake::avro {

namespace {

constexpr int kMaxDepth = 64;
constexpr int64_t kMaxFixedSize = 1 << 20;

struct NamedKind {
  std::string_view name;
  Schema::Kind kind;
};

constexpr std::array kPrimitives = {
    NamedKind{"null", Schema::Kind::kNull},   NamedKind{"boolean", Schema::Kind::kBoolean},
    NamedKind{"int", Schema::Kind::kInt},     NamedKind{"long", Schema::Kind::kLong},
    NamedKind{"float", Schema::Kind::kFloat}, NamedKind{"double", Schema::Kind::kDouble},
    NamedKind{"bytes", Schema::Kind::kBytes}, NamedKind{"string", Schema::Kind::kString},
};

std::optional<int32_t> IntAttributeOf(const Json& json, std::string_view key) {
  if (!json.is_object()) return std::nullopt;
  auto at = json.find(key);
  if (at == json.end()) return std::nullopt;
  auto value = JsonToInt32(*at, key);
  return value.ok() ? std::optional(*value) : std::nullopt;
}

/// The members that are plain values. Nested ones are the schema itself, and copying them at every level would cost the
/// depth times the size of the document.
Json PlainMembers(const Json& object) {
  Json plain = Json::object();
  for (const auto& [key, value] : object.items()) {
    if (!value.is_structured()) plain[key] = value;
  }
  return plain;
}

class Parser {
 public:
  Result<SchemaPtr> Parse(const Json& json, const std::string& space, int depth) {
    if (depth > kMaxDepth) return Corrupt("Avro schema is nested deeper than {} levels", kMaxDepth);
    if (json.is_string()) return FromName(json.get<std::string>(), space);
    if (json.is_array()) return Union(json, space, depth);
    JsonObject object(json, "Avro schema");
    LAKE_ASSIGN_OR_RETURN(const Json* type, object.Get("type"));
    if (!type->is_string()) return Parse(*type, space, depth + 1);  // {"type": {"type": ...}}
    auto schema = std::make_shared<Schema>();
    schema->attributes = PlainMembers(json);
    if (const Json* logical = object.Find("logicalType"); logical != nullptr && logical->is_string()) {
      schema->logical_type = logical->get<std::string>();
    }
    const auto& kind = type->get_ref<const std::string&>();
    if (kind == "record" || kind == "error") return Record(std::move(schema), object, space, depth);
    if (kind == "fixed") return Fixed(std::move(schema), object, space);
    if (kind == "enum") {
      schema->kind = Schema::Kind::kEnum;
      return Define(std::move(schema), object, space);
    }
    if (kind == "array" || kind == "map") {
      schema->kind = kind == "array" ? Schema::Kind::kArray : Schema::Kind::kMap;
      LAKE_ASSIGN_OR_RETURN(const Json* items, object.Get(kind == "array" ? "items" : "values"));
      LAKE_ASSIGN_OR_RETURN(SchemaPtr child, Parse(*items, space, depth + 1));
      schema->children.push_back(std::move(child));
      return SchemaPtr(std::move(schema));
    }
    LAKE_ASSIGN_OR_RETURN(SchemaPtr named, FromName(kind, space));
    schema->kind = named->kind;
    schema->always_empty = named->always_empty;
    if (named->kind != Schema::Kind::kNull && named->name.empty()) return SchemaPtr(std::move(schema));
    return named;
  }

 private:
  static std::string FullName(const std::string& name, const std::string& space) {
    return name.find('.') != std::string::npos || space.empty() ? name : space + "." + name;
  }

  Result<SchemaPtr> FromName(const std::string& name, const std::string& space) {
    for (const NamedKind& primitive : kPrimitives) {
      if (primitive.name != name) continue;
      auto schema = std::make_shared<Schema>();
      schema->kind = primitive.kind;
      schema->always_empty = primitive.kind == Schema::Kind::kNull;
      return SchemaPtr(std::move(schema));
    }
    auto at = named_.find(FullName(name, space));
    if (at == named_.end()) at = named_.find(name);
    if (at == named_.end()) return Corrupt("Avro schema names an unknown type \"{}\"", name);
    if (at->second == nullptr) return Unsupported("Avro type \"{}\" contains itself, which is not supported", name);
    return at->second;
  }

  Result<SchemaPtr> Union(const Json& json, const std::string& space, int depth) {
    auto schema = std::make_shared<Schema>();
    schema->kind = Schema::Kind::kUnion;
    for (const Json& branch : json) {
      LAKE_ASSIGN_OR_RETURN(SchemaPtr child, Parse(branch, space, depth + 1));
      schema->children.push_back(std::move(child));
    }
    if (schema->children.empty()) return Corrupt("Avro schema has an empty union");
    return SchemaPtr(std::move(schema));
  }

  /// Sets the name and makes the type known under it.
  Result<SchemaPtr> Define(std::shared_ptr<Schema> schema, const JsonObject& object, const std::string& space) {
    LAKE_ASSIGN_OR_RETURN(std::string own, SpaceOf(object, space));
    LAKE_ASSIGN_OR_RETURN(std::string name, object.String("name"));
    schema->name = FullName(name, own);
    SchemaPtr done = std::move(schema);
    named_[done->name] = done;
    return done;
  }

  static Result<std::string> SpaceOf(const JsonObject& object, const std::string& outer) {
    LAKE_ASSIGN_OR_RETURN(std::string name, object.String("name"));
    size_t dot = name.rfind('.');
    if (dot != std::string::npos) return name.substr(0, dot);
    LAKE_ASSIGN_OR_RETURN(auto space, object.OptionalString("namespace"));
    return space.value_or(outer);
  }

  Result<SchemaPtr> Fixed(std::shared_ptr<Schema> schema, const JsonObject& object, const std::string& space) {
    schema->kind = Schema::Kind::kFixed;
    LAKE_ASSIGN_OR_RETURN(schema->fixed_size, object.Int64("size"));
    if (schema->fixed_size < 0 || schema->fixed_size > kMaxFixedSize) {
      return Corrupt("Avro fixed type has an impossible size of {} bytes", schema->fixed_size);
    }
    schema->always_empty = schema->fixed_size == 0;
    return Define(std::move(schema), object, space);
  }

  Result<SchemaPtr> Record(std::shared_ptr<Schema> schema, const JsonObject& object, const std::string& space,
                           int depth) {
    schema->kind = Schema::Kind::kRecord;
    LAKE_ASSIGN_OR_RETURN(std::string own, SpaceOf(object, space));
    LAKE_ASSIGN_OR_RETURN(std::string name, object.String("name"));
    named_[FullName(name, own)] = nullptr;  // under construction: a reference from inside would be recursive
    LAKE_ASSIGN_OR_RETURN(const Json* fields, object.Array("fields"));
    schema->always_empty = true;
    for (const Json& item : *fields) {
      JsonObject field_object(item, "field of Avro record " + name);
      Field field;
      LAKE_ASSIGN_OR_RETURN(field.name, field_object.String("name"));
      LAKE_ASSIGN_OR_RETURN(const Json* type, field_object.Get("type"));
      LAKE_ASSIGN_OR_RETURN(field.type, Parse(*type, own, depth + 1));
      field.attributes = PlainMembers(item);
      schema->always_empty = schema->always_empty && field.type->always_empty;
      schema->fields.push_back(std::move(field));
    }
    return Define(std::move(schema), object, space);
  }

  std::map<std::string, SchemaPtr> named_;
};

}  // namespace

std::optional<int32_t> Field::IntAttribute(std::string_view key) const { return IntAttributeOf(attributes, key); }
std::optional<int32_t> Schema::IntAttribute(std::string_view key) const { return IntAttributeOf(attributes, key); }

bool Schema::BoolAttribute(std::string_view key) const {
  if (!attributes.is_object()) return false;
  auto at = attributes.find(key);
  return at != attributes.end() && at->is_boolean() && at->get<bool>();
}

const Schema& Schema::WithoutNull() const {
  if (kind != Kind::kUnion || children.size() != 2) return *this;
  if (children[0]->kind == Kind::kNull) return *children[1];
  if (children[1]->kind == Kind::kNull) return *children[0];
  return *this;
}

Result<SchemaPtr> ParseSchema(const Json& json) { return Parser().Parse(json, "", 0); }

}  // namespace lake::avro
