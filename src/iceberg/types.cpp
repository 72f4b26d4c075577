#include "iceberg/types.h"

#include <array>
#include <cassert>
#include <charconv>

#include "iceberg/literal.h"

namespace lake::iceberg {

namespace {

constexpr int kMaxTypeDepth = 64;

struct NamedType {
  std::string_view name;
  TypeId id;
};

constexpr std::array kPlainTypes = {
    NamedType{"boolean", TypeId::kBoolean},
    NamedType{"int", TypeId::kInt},
    NamedType{"long", TypeId::kLong},
    NamedType{"float", TypeId::kFloat},
    NamedType{"double", TypeId::kDouble},
    NamedType{"date", TypeId::kDate},
    NamedType{"time", TypeId::kTime},
    NamedType{"timestamp", TypeId::kTimestamp},
    NamedType{"timestamptz", TypeId::kTimestampTz},
    NamedType{"timestamp_ns", TypeId::kTimestampNs},
    NamedType{"timestamptz_ns", TypeId::kTimestampTzNs},
    NamedType{"string", TypeId::kString},
    NamedType{"uuid", TypeId::kUuid},
    NamedType{"binary", TypeId::kBinary},
    NamedType{"unknown", TypeId::kUnknown},
    NamedType{"variant", TypeId::kVariant},
    NamedType{"geometry", TypeId::kGeometry},
    NamedType{"geography", TypeId::kGeography},
};

/// The text between `prefix` and the last character, which must be `close`; nullopt if it is something else.
std::optional<std::string_view> Inside(std::string_view text, std::string_view prefix, char close) {
  if (!text.starts_with(prefix) || text.size() <= prefix.size() || text.back() != close) return std::nullopt;
  return text.substr(prefix.size(), text.size() - prefix.size() - 1);
}

std::optional<int> ParseNumber(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<std::shared_ptr<const Literal>> ParseDefault(const JsonObject& object, std::string_view key, const Type& type) {
  const Json* json = object.Find(key);
  if (json == nullptr) return std::shared_ptr<const Literal>();
  auto literal = Literal::FromJson(type, *json);
  if (!literal.ok()) return std::move(literal).error().WithContext(fmt::format("{} of {}", key, object.name()));
  return std::make_shared<const Literal>(*std::move(literal));
}

Result<Type> ParseTypeAt(const Json& json, int depth);

Result<NestedField> ParseField(const Json& json, int depth) {
  JsonObject object(json, "schema field");
  NestedField field;
  LAKE_ASSIGN_OR_RETURN(int32_t id, object.Int32("id"));
  field.id = FieldId{id};
  LAKE_ASSIGN_OR_RETURN(field.name, object.String("name"));
  JsonObject named(json, fmt::format("schema field \"{}\"", field.name));
  LAKE_ASSIGN_OR_RETURN(field.required, named.Bool("required"));
  LAKE_ASSIGN_OR_RETURN(const Json* type, named.Get("type"));
  LAKE_ASSIGN_OR_RETURN(field.type, ParseTypeAt(*type, depth + 1));
  LAKE_ASSIGN_OR_RETURN(field.doc, named.OptionalString("doc"));
  LAKE_ASSIGN_OR_RETURN(field.initial_default, ParseDefault(named, "initial-default", field.type));
  LAKE_ASSIGN_OR_RETURN(field.write_default, ParseDefault(named, "write-default", field.type));
  return field;
}

Result<Type> ParseTypeAt(const Json& json, int depth) {
  if (depth > kMaxTypeDepth) return Corrupt("schema is nested deeper than {} levels", kMaxTypeDepth);
  if (json.is_string()) return ParseTypeName(json.get_ref<const std::string&>());
  JsonObject object(json, "type");
  LAKE_ASSIGN_OR_RETURN(std::string kind, object.String("type"));
  if (kind == "struct") {
    LAKE_ASSIGN_OR_RETURN(const Json* list, object.Array("fields"));
    std::vector<NestedField> fields;
    fields.reserve(list->size());
    for (const Json& item : *list) {
      LAKE_ASSIGN_OR_RETURN(NestedField field, ParseField(item, depth));
      fields.push_back(std::move(field));
    }
    return Type::Struct(std::move(fields));
  }
  if (kind == "list") {
    LAKE_ASSIGN_OR_RETURN(int32_t id, object.Int32("element-id"));
    LAKE_ASSIGN_OR_RETURN(bool required, object.Bool("element-required"));
    LAKE_ASSIGN_OR_RETURN(const Json* element_json, object.Get("element"));
    LAKE_ASSIGN_OR_RETURN(Type element, ParseTypeAt(*element_json, depth + 1));
    return Type::List(FieldId{id}, std::move(element), required);
  }
  if (kind == "map") {
    LAKE_ASSIGN_OR_RETURN(int32_t key_id, object.Int32("key-id"));
    LAKE_ASSIGN_OR_RETURN(int32_t value_id, object.Int32("value-id"));
    LAKE_ASSIGN_OR_RETURN(bool required, object.Bool("value-required"));
    LAKE_ASSIGN_OR_RETURN(const Json* key_json, object.Get("key"));
    LAKE_ASSIGN_OR_RETURN(const Json* value_json, object.Get("value"));
    LAKE_ASSIGN_OR_RETURN(Type key, ParseTypeAt(*key_json, depth + 1));
    LAKE_ASSIGN_OR_RETURN(Type value, ParseTypeAt(*value_json, depth + 1));
    return Type::Map(FieldId{key_id}, std::move(key), FieldId{value_id}, std::move(value), required);
  }
  return Unsupported("unsupported Iceberg type: {}", kind);
}

Json FieldToJson(const NestedField& field) {
  Json json = {
      {"id", field.id.value}, {"name", field.name}, {"required", field.required}, {"type", TypeToJson(field.type)}};
  if (field.doc) json["doc"] = *field.doc;
  if (field.initial_default) json["initial-default"] = field.initial_default->ToJson();
  if (field.write_default) json["write-default"] = field.write_default->ToJson();
  return json;
}

bool SameDefault(const std::shared_ptr<const Literal>& a, const std::shared_ptr<const Literal>& b) {
  return a == b || (a && b && *a == *b);
}

}  // namespace

Type Type::Decimal(int precision, int scale) {
  Type type(TypeId::kDecimal);
  type.first_ = precision;
  type.second_ = scale;
  return type;
}

Type Type::Fixed(int length) {
  Type type(TypeId::kFixed);
  type.first_ = length;
  return type;
}

Type Type::Struct(std::vector<NestedField> fields) {
  Type type(TypeId::kStruct);
  type.fields_ = std::make_shared<const std::vector<NestedField>>(std::move(fields));
  return type;
}

Type Type::List(FieldId element_id, Type element, bool element_required) {
  Type type = Struct({NestedField{element_id, "element", element_required, std::move(element), std::nullopt}});
  type.id_ = TypeId::kList;
  return type;
}

Type Type::Map(FieldId key_id, Type key, FieldId value_id, Type value, bool value_required) {
  Type type = Struct({NestedField{key_id, "key", true, std::move(key), std::nullopt},
                      NestedField{value_id, "value", value_required, std::move(value), std::nullopt}});
  type.id_ = TypeId::kMap;
  return type;
}

const std::vector<NestedField>& Type::fields() const {
  static const std::vector<NestedField> kNone;
  return fields_ ? *fields_ : kNone;
}

const NestedField& Type::element() const { return assert(id_ == TypeId::kList), (*fields_)[0]; }
const NestedField& Type::key() const { return assert(id_ == TypeId::kMap), (*fields_)[0]; }
const NestedField& Type::value() const { return assert(id_ == TypeId::kMap), (*fields_)[1]; }

std::string Type::ToString() const {
  switch (id_) {
    case TypeId::kDecimal: return fmt::format("decimal({}, {})", first_, second_);
    case TypeId::kFixed: return fmt::format("fixed[{}]", first_);
    case TypeId::kList: return fmt::format("list<{}>", element().type.ToString());
    case TypeId::kMap: return fmt::format("map<{}, {}>", key().type.ToString(), value().type.ToString());
    case TypeId::kStruct: {
      std::string out = "struct<";
      for (const NestedField& field : fields()) {
        if (&field != &fields().front()) out += ", ";
        out += fmt::format("{}: {}: {} {}", field.id, field.name, field.required ? "required" : "optional",
                           field.type.ToString());
      }
      return out + ">";
    }
    default:
      for (const NamedType& plain : kPlainTypes) {
        if (plain.id == id_) {
          return parameters_.empty() ? std::string(plain.name) : fmt::format("{}({})", plain.name, parameters_);
        }
      }
      return "unknown";
  }
}

bool Type::operator==(const Type& other) const {
  return id_ == other.id_ && first_ == other.first_ && second_ == other.second_ && parameters_ == other.parameters_ &&
         (fields_ == other.fields_ || fields() == other.fields());
}

bool NestedField::operator==(const NestedField& other) const {
  return id == other.id && name == other.name && required == other.required && type == other.type && doc == other.doc &&
         SameDefault(initial_default, other.initial_default) && SameDefault(write_default, other.write_default);
}

Result<Type> ParseTypeName(std::string_view name) {
  for (const NamedType& plain : kPlainTypes) {
    if (plain.name == name) return Type(plain.id);
  }
  if (auto inside = Inside(name, "decimal(", ')')) {
    size_t comma = inside->find(',');
    auto precision = ParseNumber(inside->substr(0, comma));
    auto scale = comma == std::string_view::npos ? std::nullopt : ParseNumber(inside->substr(comma + 1));
    if (!precision || !scale || *precision < 1 || *precision > 38 || *scale < 0 || *scale > *precision) {
      return InvalidInput("invalid type \"{}\": decimal needs a precision of 1 to 38 and a scale of 0 to precision",
                          name);
    }
    return Type::Decimal(*precision, *scale);
  }
  if (auto inside = Inside(name, "fixed[", ']')) {
    auto length = ParseNumber(*inside);
    if (!length || *length < 0) return InvalidInput("invalid type \"{}\": fixed needs a length in bytes", name);
    return Type::Fixed(*length);
  }
  for (TypeId id : {TypeId::kGeometry, TypeId::kGeography}) {
    if (auto inside = Inside(name, id == TypeId::kGeometry ? "geometry(" : "geography(", ')')) {
      Type type(id);
      type.parameters_ = std::string(*inside);
      return type;
    }
  }
  return Unsupported("unsupported Iceberg type: {}", name);
}

Result<Type> ParseType(const Json& json) { return ParseTypeAt(json, 0); }

Json TypeToJson(const Type& type) {
  switch (type.id()) {
    case TypeId::kStruct: {
      Json fields = Json::array();
      for (const NestedField& field : type.fields()) fields.push_back(FieldToJson(field));
      return {{"type", "struct"}, {"fields", std::move(fields)}};
    }
    case TypeId::kList:
      return {{"type", "list"},
              {"element-id", type.element().id.value},
              {"element-required", type.element().required},
              {"element", TypeToJson(type.element().type)}};
    case TypeId::kMap:
      return {{"type", "map"},
              {"key-id", type.key().id.value},
              {"key", TypeToJson(type.key().type)},
              {"value-id", type.value().id.value},
              {"value-required", type.value().required},
              {"value", TypeToJson(type.value().type)}};
    default: return type.ToString();
  }
}

int MinimumFormatVersion(const Type& type) {
  switch (type.id()) {
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs:
    case TypeId::kUnknown:
    case TypeId::kVariant:
    case TypeId::kGeometry:
    case TypeId::kGeography: return 3;
    default: {
      int version = 1;
      for (const NestedField& field : type.fields()) version = std::max(version, MinimumFormatVersion(field.type));
      return version;
    }
  }
}

bool IsPromotion(const Type& from, const Type& to, int format_version) {
  if (from.id() == TypeId::kInt && to.id() == TypeId::kLong) return true;
  if (from.id() == TypeId::kFloat && to.id() == TypeId::kDouble) return true;
  if (from.id() == TypeId::kDecimal && to.id() == TypeId::kDecimal) {
    return from.scale() == to.scale() && from.precision() <= to.precision();
  }
  if (format_version < 3) return false;
  if (from.id() == TypeId::kUnknown) return true;
  return from.id() == TypeId::kDate && (to.id() == TypeId::kTimestamp || to.id() == TypeId::kTimestampNs);
}

}  // namespace lake::iceberg
