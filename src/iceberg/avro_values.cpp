#include "iceberg/avro_values.h"

#include <cstring>

namespace lake::iceberg {

namespace {

using avro::Decoder;
using AvroSchema = avro::Schema;
using Kind = avro::Schema::Kind;

constexpr const char* kWrongType = "a value has an unexpected type";
constexpr const char* kNullValue = "a required value is null";

/// Bytes that decimals of a precision need, as Iceberg's fixed type has them.
size_t DecimalSize(int precision) {
  Int128 limit = PowerOfTen(precision) - 1;
  return Int128ToBigEndian(limit).size();
}

bool IsAdjusted(const AvroSchema& schema) { return schema.BoolAttribute("adjust-to-utc"); }

std::optional<Literal> LongLiteral(const AvroSchema& schema, int64_t value) {
  if (schema.logical_type == "time-micros") return Literal::Time(value);
  if (schema.logical_type == "timestamp-micros") {
    return IsAdjusted(schema) ? Literal::TimestampTz(value) : Literal::Timestamp(value);
  }
  if (schema.logical_type == "local-timestamp-micros") return Literal::Timestamp(value);
  if (schema.logical_type == "timestamp-nanos") {
    return Literal(IsAdjusted(schema) ? TypeId::kTimestampTzNs : TypeId::kTimestampNs, value);
  }
  return Literal::Long(value);
}

std::optional<Literal> DecimalLiteral(Decoder& decoder, const AvroSchema& schema, std::string_view bytes) {
  auto precision = schema.IntAttribute("precision");
  int scale = schema.IntAttribute("scale").value_or(0);
  auto unscaled = Int128FromBigEndian(bytes);
  if (!precision || *precision < 1 || *precision > 38 || scale < 0 || scale > *precision || !unscaled.ok()) {
    return decoder.Fail("a decimal is not valid"), std::nullopt;
  }
  return Literal::Decimal(*unscaled, *precision, scale);
}

/// Key and value of a map stored as an array of records.
template <typename T, typename ReadValue>
FieldMap<T> ReadMap(Decoder& decoder, const AvroSchema& schema, ReadValue read_value) {
  FieldMap<T> map;
  const AvroSchema* array = EnterValue(decoder, schema);
  if (array == nullptr) return map;
  if (array->kind != Kind::kArray || array->items().kind != Kind::kRecord || array->items().fields.size() != 2) {
    return decoder.Fail(kWrongType), map;
  }
  const auto& fields = array->items().fields;
  decoder.Items(false, [&] {
    FieldId id{ReadInt(decoder, *fields[0].type)};
    T value = read_value(decoder, *fields[1].type);
    if (!decoder.failed()) map.Append(id, std::move(value));
  });
  map.Sort();
  return map;
}

}  // namespace

std::vector<int> MatchFields(const AvroSchema& record, const KnownField* known, size_t count) {
  std::vector<int> ids;
  for (const avro::Field& field : record.fields) {
    auto id = field.IntAttribute("field-id");
    int match = -1;
    for (size_t i = 0; i < count; i++) {
      if (id ? known[i].id == *id : known[i].name == field.name) match = known[i].id;
    }
    ids.push_back(match);
  }
  return ids;
}

Json AvroField(int id, const std::string& name, Json type, bool required) {
  Json field = {{"name", name}, {"field-id", id}};
  if (required) {
    field["type"] = std::move(type);
  } else {
    field["type"] = Json::array({"null", std::move(type)});
    field["default"] = nullptr;
  }
  return field;
}

const AvroSchema* EnterValue(Decoder& decoder, const AvroSchema& schema) {
  const AvroSchema* current = &schema;
  if (current->kind == Kind::kUnion) current = current->children[decoder.Branch(current->children.size())].get();
  if (decoder.failed() || current->kind == Kind::kNull) return nullptr;
  if (current->kind == Kind::kUnion) return decoder.Fail(kWrongType), nullptr;
  return current;
}

std::optional<int64_t> ReadOptionalLong(Decoder& decoder, const AvroSchema& schema) {
  const AvroSchema* type = EnterValue(decoder, schema);
  if (type == nullptr) return std::nullopt;
  if (type->kind == Kind::kInt) return decoder.Int();
  if (type->kind == Kind::kLong) return decoder.Long();
  return decoder.Fail(kWrongType), std::nullopt;
}

std::optional<std::string> ReadOptionalBytes(Decoder& decoder, const AvroSchema& schema) {
  const AvroSchema* type = EnterValue(decoder, schema);
  if (type == nullptr) return std::nullopt;
  if (type->kind == Kind::kBytes || type->kind == Kind::kString) return std::string(decoder.Bytes());
  if (type->kind == Kind::kFixed) return std::string(decoder.Fixed(static_cast<size_t>(type->fixed_size)));
  return decoder.Fail(kWrongType), std::nullopt;
}

int64_t ReadLong(Decoder& decoder, const AvroSchema& schema) {
  auto value = ReadOptionalLong(decoder, schema);
  if (!value) decoder.Fail(kNullValue);
  return value.value_or(0);
}

int32_t ReadInt(Decoder& decoder, const AvroSchema& schema) {
  int64_t value = ReadLong(decoder, schema);
  if (static_cast<int32_t>(value) != value) decoder.Fail("an integer is longer than 32 bits");
  return static_cast<int32_t>(value);
}

std::string ReadBytes(Decoder& decoder, const AvroSchema& schema) {
  auto value = ReadOptionalBytes(decoder, schema);
  if (!value) decoder.Fail(kNullValue);
  return std::move(value).value_or(std::string());
}

bool ReadBool(Decoder& decoder, const AvroSchema& schema) {
  const AvroSchema* type = EnterValue(decoder, schema);
  if (type == nullptr || type->kind != Kind::kBoolean) return decoder.Fail(kWrongType), false;
  return decoder.Boolean();
}

std::vector<int64_t> ReadLongList(Decoder& decoder, const AvroSchema& schema) {
  std::vector<int64_t> list;
  const AvroSchema* array = EnterValue(decoder, schema);
  if (array == nullptr) return list;
  if (array->kind != Kind::kArray) return decoder.Fail(kWrongType), list;
  decoder.Items(array->items().always_empty, [&] { list.push_back(ReadLong(decoder, array->items())); });
  return list;
}

FieldMap<int64_t> ReadLongMap(Decoder& decoder, const AvroSchema& schema) {
  return ReadMap<int64_t>(decoder, schema, [](Decoder& d, const AvroSchema& s) { return ReadLong(d, s); });
}

FieldMap<std::string> ReadBytesMap(Decoder& decoder, const AvroSchema& schema) {
  return ReadMap<std::string>(decoder, schema, [](Decoder& d, const AvroSchema& s) { return ReadBytes(d, s); });
}

std::optional<Literal> ReadLiteral(Decoder& decoder, const AvroSchema& schema) {
  const AvroSchema* type = EnterValue(decoder, schema);
  if (type == nullptr) return std::nullopt;
  bool decimal = type->logical_type == "decimal";
  switch (type->kind) {
    case Kind::kBoolean: return Literal::Boolean(decoder.Boolean());
    case Kind::kInt: {
      int32_t value = decoder.Int();
      return type->logical_type == "date" ? Literal::Date(value) : Literal::Int(value);
    }
    case Kind::kLong: return LongLiteral(*type, decoder.Long());
    case Kind::kFloat: return Literal::Float(decoder.Float());
    case Kind::kDouble: return Literal::Double(decoder.Double());
    case Kind::kString: {
      Literal text = Literal::String(std::string(decoder.Bytes()));
      return type->logical_type == "uuid" ? text.CastTo(TypeId::kUuid) : text;
    }
    case Kind::kBytes: {
      std::string_view bytes = decoder.Bytes();
      if (decoder.failed()) return std::nullopt;
      return decimal ? DecimalLiteral(decoder, *type, bytes) : Literal::Binary(std::string(bytes));
    }
    case Kind::kFixed: {
      std::string_view bytes = decoder.Fixed(static_cast<size_t>(type->fixed_size));
      if (decoder.failed()) return std::nullopt;
      if (decimal) return DecimalLiteral(decoder, *type, bytes);
      if (type->logical_type == "uuid" && bytes.size() == 16) {
        lake::Uuid uuid;
        std::memcpy(uuid.bytes.data(), bytes.data(), 16);
        return Literal::Uuid(uuid);
      }
      return Literal::Fixed(std::string(bytes));
    }
    default: return decoder.Fail(kWrongType), std::nullopt;
  }
}

std::optional<Literal> CoerceLiteral(const Literal& value, const Type& type) {
  TypeId from = value.type().id();
  TypeId to = type.id();
  if (to == TypeId::kUnknown) return value;
  if (auto same = value.CastTo(type)) return same;
  auto is_micros = [](TypeId id) { return id == TypeId::kTimestamp || id == TypeId::kTimestampTz; };
  if (from == TypeId::kInt && to == TypeId::kDate) return Literal::Date(value.as<int32_t>());
  if (from == TypeId::kDate && to == TypeId::kInt) return Literal::Int(value.as<int32_t>());
  if (is_micros(from) && is_micros(to)) return Literal(type, value.AsInt64());
  if (from == TypeId::kLong && (is_micros(to) || to == TypeId::kTime)) return Literal(type, value.AsInt64());
  if (from == TypeId::kBinary && to == TypeId::kString) return Literal::String(value.as<std::string>());
  if (from == TypeId::kFixed && to == TypeId::kUuid && value.as<std::string>().size() == 16) {
    auto uuid = Literal::FromBinary(type, value.as<std::string>());
    if (uuid.ok()) return *uuid;
  }
  return std::nullopt;
}

Json TypeToAvro(const Type& type, std::set<std::string>& defined) {
  auto fixed = [&](const std::string& name, size_t size, Json json) -> Json {
    if (!defined.insert(name).second) return name;
    json["type"] = "fixed";
    json["name"] = name;
    json["size"] = size;
    return json;
  };
  auto logical = [](const char* base, const char* name) { return Json{{"type", base}, {"logicalType", name}}; };
  auto timestamp = [&](const char* name, bool utc) {
    Json json = logical("long", name);
    json["adjust-to-utc"] = utc;
    return json;
  };
  switch (type.id()) {
    case TypeId::kBoolean: return "boolean";
    case TypeId::kInt: return "int";
    case TypeId::kLong: return "long";
    case TypeId::kFloat: return "float";
    case TypeId::kDouble: return "double";
    case TypeId::kDate: return logical("int", "date");
    case TypeId::kTime: return logical("long", "time-micros");
    case TypeId::kTimestamp: return timestamp("timestamp-micros", false);
    case TypeId::kTimestampTz: return timestamp("timestamp-micros", true);
    case TypeId::kTimestampNs: return timestamp("timestamp-nanos", false);
    case TypeId::kTimestampTzNs: return timestamp("timestamp-nanos", true);
    case TypeId::kDecimal:
      return fixed(fmt::format("decimal_{}_{}", type.precision(), type.scale()), DecimalSize(type.precision()),
                   {{"logicalType", "decimal"}, {"precision", type.precision()}, {"scale", type.scale()}});
    case TypeId::kUuid: return fixed("uuid_fixed", 16, {{"logicalType", "uuid"}});
    case TypeId::kFixed:
      return fixed(fmt::format("fixed_{}", type.length()), static_cast<size_t>(type.length()), Json::object());
    case TypeId::kBinary: return "bytes";
    default: return "string";
  }
}

void WriteLiteral(avro::Encoder& encoder, const Literal& value) {
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, bool>) {
          encoder.Boolean(v);
        } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, Int128>) {
          encoder.Long(v);
        } else if constexpr (std::is_same_v<T, float>) {
          encoder.Float(v);
        } else if constexpr (std::is_same_v<T, double>) {
          encoder.Double(v);
        } else if constexpr (std::is_same_v<T, Int128>) {
          encoder.Fixed(Int128ToBigEndian(v, DecimalSize(value.type().precision())));
        } else if constexpr (std::is_same_v<T, lake::Uuid>) {
          encoder.Fixed(value.ToBinary());
        } else if (value.type().id() == TypeId::kFixed) {
          encoder.Fixed(v);
        } else {
          encoder.Bytes(v);
        }
      },
      value.value());
}

void WriteOptionalLong(avro::Encoder& encoder, std::optional<int64_t> value) {
  encoder.Branch(value ? 1 : 0);
  if (value) encoder.Long(*value);
}

void WriteOptionalBytes(avro::Encoder& encoder, const std::optional<std::string>& value) {
  encoder.Branch(value ? 1 : 0);
  if (value) encoder.Bytes(*value);
}

std::string AvroName(std::string_view name) {
  std::string out;
  for (char c : name) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    bool digit = c >= '0' && c <= '9';
    if (digit && out.empty()) out.push_back('_');
    if (letter || digit) {
      out.push_back(c);
    } else {
      out += fmt::format("_x{:X}", static_cast<uint8_t>(c));
    }
  }
  return out.empty() ? "_" : out;
}

}  // namespace lake::iceberg
