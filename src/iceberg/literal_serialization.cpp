// The binary and JSON forms of single values, appendix D of the specification.
//
//   type                    binary                                  JSON
//   boolean                 00 or 01                                true
//   int, long               4, 8 bytes little-endian                34
//   float, double           4, 8 bytes little-endian                1.5
//   date                    days, 4 bytes                           "2017-11-16"
//   time, timestamp*        micros (nanos), 8 bytes                 "22:31:08.000001", "2017-11-16T22:31:08+00:00"
//   decimal                 unscaled, minimal big-endian            "14.20"
//   string                  UTF-8                                   "iceberg"
//   uuid                    16 bytes big-endian                     "f79c3e09-677c-4bbd-a479-3f349cb785e7"
//   fixed, binary           the bytes                               "78797A"
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/civil_time.h"
#include "base/text_encoding.h"
#include "iceberg/literal.h"

namespace lake::iceberg {

namespace {

static_assert(std::endian::native == std::endian::little, "bounds are stored little-endian");

constexpr int64_t kMicrosPerDay = 86400LL * 1000000;

template <typename T>
std::string ToBytes(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof(T));
}

template <typename T>
T FromBytes(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

std::string DecimalToString(Int128 unscaled, int scale) {
  std::string digits = Int128ToString(unscaled);
  if (scale <= 0) return digits;
  bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  auto point = static_cast<size_t>(scale);
  if (digits.size() <= point) digits.insert(0, point + 1 - digits.size(), '0');
  digits.insert(digits.size() - point, ".");
  return negative ? "-" + digits : digits;
}

Result<Literal> ParseDecimal(const Type& type, std::string_view text) {
  auto bad = [&] { return Corrupt("invalid {} value \"{}\"", type.ToString(), text); };
  size_t point = text.find('.');
  std::string digits(text.substr(0, point));
  int scale = 0;
  if (point != std::string_view::npos) {
    digits += text.substr(point + 1);
    scale = static_cast<int>(std::min<size_t>(text.size() - point - 1, 100));
  }
  auto unscaled = ParseInt128(digits);
  if (!unscaled.ok() || scale > 38) return bad();
  auto literal = Literal::Decimal(*unscaled, 38, scale).CastTo(type);
  if (!literal) return bad();
  return *literal;
}

Result<Literal> ParseTimestampLiteral(const Type& type, const std::string& text) {
  auto bad = [&] { return Corrupt("invalid {} value \"{}\"", type.ToString(), text); };
  auto parsed = ParseTimestamp(text);
  if (!parsed.ok()) return bad();
  bool zoned = type.id() == TypeId::kTimestampTz || type.id() == TypeId::kTimestampTzNs;
  if (zoned != parsed->has_offset) return bad();
  bool nanos = type.id() == TypeId::kTimestampNs || type.id() == TypeId::kTimestampTzNs;
  if (!nanos && parsed->nanos % 1000 != 0) return bad();
  int64_t value = 0;
  if (__builtin_mul_overflow(parsed->seconds, nanos ? int64_t{1000000000} : int64_t{1000000}, &value) ||
      __builtin_add_overflow(value, int64_t{nanos ? parsed->nanos : parsed->nanos / 1000}, &value)) {
    return bad();
  }
  return Literal(type, value);
}

/// Types whose JSON form is a string.
Result<Literal> FromJsonString(const Type& type, const std::string& text) {
  auto bad = [&] { return Corrupt("invalid {} value \"{}\"", type.ToString(), text); };
  switch (type.id()) {
    case TypeId::kDecimal: return ParseDecimal(type, text);
    case TypeId::kDate: {
      auto days = ParseDate(text);
      if (!days.ok() || static_cast<int32_t>(*days) != *days) return bad();
      return Literal::Date(static_cast<int32_t>(*days));
    }
    case TypeId::kTime: {
      auto nanos = ParseTimeNanos(text);
      if (!nanos.ok() || *nanos % 1000 != 0) return bad();
      return Literal::Time(*nanos / 1000);
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: return ParseTimestampLiteral(type, text);
    case TypeId::kString: return Literal::String(text);
    case TypeId::kUuid: {
      auto uuid = lake::Uuid::Parse(text);
      if (!uuid.ok()) return bad();
      return Literal::Uuid(*uuid);
    }
    case TypeId::kFixed:
    case TypeId::kBinary: {
      auto bytes = HexDecode(text);
      if (!bytes.ok()) return bad();
      if (type.id() == TypeId::kFixed && bytes->size() != static_cast<size_t>(type.length())) return bad();
      return Literal(type, *std::move(bytes));
    }
    default: return bad();
  }
}

/// 4-byte dates under a timestamp: what a promoted column's old bounds look like (rule 7).
Result<Literal> DateAsTimestamp(const Type& type, int32_t days) {
  auto timestamp = Literal::Date(days).CastTo(type);
  if (!timestamp) return Corrupt("date {} is out of range for {}", days, type.ToString());
  return *timestamp;
}

}  // namespace

std::string Literal::ToBinary() const {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, bool>) {
          return std::string(1, v ? '\1' : '\0');
        } else if constexpr (std::is_same_v<T, Int128>) {
          return Int128ToBigEndian(v);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return v;
        } else if constexpr (std::is_same_v<T, lake::Uuid>) {
          return std::string(reinterpret_cast<const char*>(v.bytes.data()), v.bytes.size());
        } else {
          return ToBytes(v);
        }
      },
      value_);
}

Result<Literal> Literal::FromBinary(const Type& type, std::string_view bytes) {
  auto bad = [&] { return Corrupt("a value of type {} cannot have {} bytes", type.ToString(), bytes.size()); };
  switch (type.id()) {
    case TypeId::kBoolean:
      if (bytes.size() != 1) return bad();
      return Boolean(bytes[0] != 0);
    case TypeId::kInt:
    case TypeId::kDate:
      if (bytes.size() != 4) return bad();
      return Literal(type, FromBytes<int32_t>(bytes));
    case TypeId::kLong:
      if (bytes.size() == 4) return Long(FromBytes<int32_t>(bytes));
      [[fallthrough]];
    case TypeId::kTime:
      if (bytes.size() != 8) return bad();
      return Literal(type, FromBytes<int64_t>(bytes));
    case TypeId::kTimestamp:
    case TypeId::kTimestampNs:
      if (bytes.size() == 4) return DateAsTimestamp(type, FromBytes<int32_t>(bytes));
      [[fallthrough]];
    case TypeId::kTimestampTz:
    case TypeId::kTimestampTzNs:
      if (bytes.size() != 8) return bad();
      return Literal(type, FromBytes<int64_t>(bytes));
    case TypeId::kFloat:
      if (bytes.size() != 4) return bad();
      return Float(FromBytes<float>(bytes));
    case TypeId::kDouble:
      if (bytes.size() == 4) return Double(FromBytes<float>(bytes));
      if (bytes.size() != 8) return bad();
      return Double(FromBytes<double>(bytes));
    case TypeId::kDecimal: {
      if (bytes.empty() || bytes.size() > 16) return bad();
      LAKE_ASSIGN_OR_RETURN(Int128 unscaled, Int128FromBigEndian(bytes));
      return Literal(type, unscaled);
    }
    case TypeId::kUuid: {
      if (bytes.size() != 16) return bad();
      lake::Uuid uuid;
      std::memcpy(uuid.bytes.data(), bytes.data(), 16);
      return Uuid(uuid);
    }
    case TypeId::kFixed:
      // A bound of a long fixed may have been truncated.
      if (bytes.size() > static_cast<size_t>(type.length())) return bad();
      return Literal(type, std::string(bytes));
    case TypeId::kString:
    case TypeId::kBinary: return Literal(type, std::string(bytes));
    default: return Unsupported("values of type {} are not supported", type.ToString());
  }
}

Json Literal::ToJson() const {
  switch (type_.id()) {
    case TypeId::kBoolean: return as<bool>();
    case TypeId::kInt:
    case TypeId::kLong: return AsInt64();
    case TypeId::kFloat: return as<float>();
    case TypeId::kDouble: return as<double>();
    case TypeId::kFixed:
    case TypeId::kBinary: return HexEncode(as<std::string>());
    case TypeId::kStruct: return Json::object();
    default: return ToString();
  }
}

Result<Literal> Literal::FromJson(const Type& type, const Json& json) {
  auto bad = [&] { return Corrupt("a JSON {} is not a value of type {}", json.type_name(), type.ToString()); };
  switch (type.id()) {
    case TypeId::kBoolean:
      if (!json.is_boolean()) return bad();
      return Boolean(json.get<bool>());
    case TypeId::kInt: {
      LAKE_ASSIGN_OR_RETURN(int32_t value, JsonToInt32(json, "int value"));
      return Int(value);
    }
    case TypeId::kLong: {
      LAKE_ASSIGN_OR_RETURN(int64_t value, JsonToInt64(json, "long value"));
      return Long(value);
    }
    case TypeId::kFloat:
      if (!json.is_number() || std::abs(json.get<double>()) > std::numeric_limits<float>::max()) return bad();
      return Float(static_cast<float>(json.get<double>()));
    case TypeId::kDouble:
      if (!json.is_number()) return bad();
      return Double(json.get<double>());
    case TypeId::kUnknown:
    case TypeId::kVariant:
    case TypeId::kGeometry:
    case TypeId::kGeography:
    case TypeId::kList:
    case TypeId::kMap: return Unsupported("values of type {} are not supported", type.ToString());
    case TypeId::kStruct:
      if (!json.is_object() || !json.empty()) return bad();
      return Literal(type, false);
    default:
      if (!json.is_string()) return bad();
      return FromJsonString(type, json.get_ref<const std::string&>());
  }
}

std::string Literal::ToString() const {
  switch (type_.id()) {
    case TypeId::kBoolean: return as<bool>() ? "true" : "false";
    case TypeId::kInt:
    case TypeId::kLong: return fmt::format("{}", AsInt64());
    case TypeId::kFloat: return fmt::format("{}", as<float>());
    case TypeId::kDouble: return fmt::format("{}", as<double>());
    case TypeId::kDecimal: return DecimalToString(as<Int128>(), type_.scale());
    case TypeId::kDate: return FormatDate(AsInt64());
    case TypeId::kTime: return FormatTimeNanos(FloorMod(AsInt64(), kMicrosPerDay) * 1000);
    case TypeId::kTimestamp: return FormatTimestampMicros(AsInt64());
    case TypeId::kTimestampTz: return FormatTimestampMicros(AsInt64()) + "+00:00";
    case TypeId::kTimestampNs: return FormatTimestampNanos(AsInt64());
    case TypeId::kTimestampTzNs: return FormatTimestampNanos(AsInt64()) + "+00:00";
    case TypeId::kUuid: return as<lake::Uuid>().ToString();
    case TypeId::kFixed:
    case TypeId::kBinary: return Base64Encode(as<std::string>());
    case TypeId::kStruct: return "{}";
    default: return as<std::string>();
  }
}

}  // namespace lake::iceberg
