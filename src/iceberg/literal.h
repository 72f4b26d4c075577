// Typed single values: bounds, partition values, defaults, constants in filters. Never null: a nullable value is a
// std::optional<Literal>.
//
// Binary and JSON forms are those of the specification's appendix D ("Single-value serialization").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/int128.h"
#include "base/uuid.h"
#include "iceberg/types.h"

namespace lake::iceberg {

class Literal {
 public:
  /// boolean: bool; int, date: int32_t; long, time and all timestamps: int64_t; decimal: Int128 (unscaled);
  /// string, fixed, binary: std::string.
  using Value = std::variant<bool, int32_t, int64_t, float, double, Int128, std::string, lake::Uuid>;

  static Literal Boolean(bool value) { return Literal(TypeId::kBoolean, value); }
  static Literal Int(int32_t value) { return Literal(TypeId::kInt, value); }
  static Literal Long(int64_t value) { return Literal(TypeId::kLong, value); }
  static Literal Float(float value) { return Literal(TypeId::kFloat, value); }
  static Literal Double(double value) { return Literal(TypeId::kDouble, value); }
  static Literal Decimal(Int128 unscaled, int precision, int scale) {
    return Literal(Type::Decimal(precision, scale), unscaled);
  }
  static Literal Date(int32_t days) { return Literal(TypeId::kDate, days); }
  static Literal Time(int64_t micros) { return Literal(TypeId::kTime, micros); }
  static Literal Timestamp(int64_t micros) { return Literal(TypeId::kTimestamp, micros); }
  static Literal TimestampTz(int64_t micros) { return Literal(TypeId::kTimestampTz, micros); }
  static Literal String(std::string utf8) { return Literal(TypeId::kString, std::move(utf8)); }
  static Literal Uuid(lake::Uuid value) { return Literal(TypeId::kUuid, value); }
  static Literal Fixed(std::string bytes);
  static Literal Binary(std::string bytes) { return Literal(TypeId::kBinary, std::move(bytes)); }
  /// Any primitive type; the alternative of `value` must be the type's (see Value).
  Literal(Type type, Value value) : type_(std::move(type)), value_(std::move(value)) {}

  const Type& type() const { return type_; }
  const Value& value() const { return value_; }
  template <typename T>
  const T& as() const {
    return std::get<T>(value_);
  }
  /// int, date, long, time, timestamps as 64 bits.
  int64_t AsInt64() const;
  bool is_nan() const;

  /// The binary form: 1, 4, 8, 16 bytes, UTF-8, or minimal big-endian for decimals.
  std::string ToBinary() const;
  /// The inverse. Shorter forms that promotion leaves behind are read (4 bytes under long, double, timestamp; rule 7).
  /// kCorrupt for a length that the type cannot have, kUnsupported for types without values.
  static Result<Literal> FromBinary(const Type& type, std::string_view bytes);

  /// The JSON form: decimals, dates, times, timestamps, uuid, binary (upper-case hex) as strings.
  Json ToJson() const;
  static Result<Literal> FromJson(const Type& type, const Json& json);

  /// How Iceberg shows a value in partition paths and messages: 2024-02-29, 12.50, true; binary as base64.
  std::string ToString() const;

  /// Negative, 0, positive. Both of one type id (decimals: one scale). Strings and bytes unsigned bytewise; floats by
  /// total order: -NaN < -inf < ... < -0.0 < +0.0 < ... < inf < NaN. This is the order of bounds and sorting.
  static int Compare(const Literal& left, const Literal& right);
  bool operator==(const Literal& other) const;

  /// The same value as another type, if it is one exactly: int to long, int or long to decimal, date to timestamp,
  /// decimal rescaled, long in range to int, string to uuid... nullopt when the value has no equal there.
  std::optional<Literal> CastTo(const Type& target) const;

 private:
  Type type_;
  Value value_;
};

/// Bounds of long values (rule 25). The lower bound is a prefix of at most `width` code points (string) or bytes
/// (binary, fixed stays whole). The upper bound is such a prefix with its last incrementable code point or byte
/// incremented, or nullopt when nothing can be incremented. Values that fit, and other types, come back unchanged.
Literal TruncateLowerBound(const Literal& value, int width);
std::optional<Literal> TruncateUpperBound(const Literal& value, int width);

}  // namespace lake::iceberg
