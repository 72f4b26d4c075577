// See the header for the table of types.
#include "server/lake/duck_types.h"

#include <cmath>

#include "base/civil_time.h"
#include "duckdb/common/types/date.hpp"
#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "duckdb/common/types/uuid.hpp"
#include "server/engine/hugeint.h"

namespace lake::server {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using iceberg::Literal;
using iceberg::TypeId;

namespace {

Value DecimalValue(Int128 unscaled, int precision, int scale) {
  auto width = static_cast<uint8_t>(precision);
  auto digits = static_cast<uint8_t>(scale);
  if (precision <= duckdb::Decimal::MAX_WIDTH_INT64) {
    return Value::DECIMAL(static_cast<int64_t>(unscaled), width, digits);
  }
  return Value::DECIMAL(ToHugeint(unscaled), width, digits);
}

/// DuckDB keeps a UUID as a 128-bit integer whose highest bit is flipped, so that it sorts as a signed number.
duckdb::hugeint_t UuidToHugeint(const lake::Uuid& uuid) {
  uint64_t halves[2] = {0, 0};
  for (size_t i = 0; i < 16; ++i) halves[i / 8] = halves[i / 8] << 8 | uuid.bytes[i];
  return duckdb::hugeint_t(static_cast<int64_t>(halves[0] ^ (uint64_t{1} << 63)), halves[1]);
}

lake::Uuid HugeintToUuid(duckdb::hugeint_t value) {
  uint64_t halves[2] = {static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63), value.lower};
  lake::Uuid uuid;
  for (size_t i = 0; i < 16; ++i) uuid.bytes[i] = static_cast<uint8_t>(halves[i / 8] >> (56 - 8 * (i % 8)));
  return uuid;
}

bool IsInteger(LogicalTypeId id) {
  switch (id) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT: return true;
    default: return false;
  }
}

Result<LogicalType> NestedType(const iceberg::Type& type, const std::string& name) {
  if (type.id() == TypeId::kList) {
    LAKE_ASSIGN_OR_RETURN(LogicalType element, DuckType(type.element().type, name + ".element"));
    return LogicalType::LIST(element);
  }
  if (type.id() == TypeId::kMap) {
    LAKE_ASSIGN_OR_RETURN(LogicalType key, DuckType(type.key().type, name + ".key"));
    LAKE_ASSIGN_OR_RETURN(LogicalType value, DuckType(type.value().type, name + ".value"));
    return LogicalType::MAP(key, value);
  }
  duckdb::child_list_t<LogicalType> children;
  for (const iceberg::NestedField& field : type.fields()) {
    LAKE_ASSIGN_OR_RETURN(LogicalType child, DuckType(field.type, name + "." + field.name));
    children.emplace_back(field.name, child);
  }
  if (children.empty()) return Unsupported("column \"{}\" is a struct without fields", name);
  return LogicalType::STRUCT(std::move(children));
}

}  // namespace

Result<LogicalType> DuckType(const iceberg::Type& type, const std::string& name) {
  switch (type.id()) {
    case TypeId::kBoolean: return LogicalType(LogicalTypeId::BOOLEAN);
    case TypeId::kInt: return LogicalType(LogicalTypeId::INTEGER);
    case TypeId::kLong: return LogicalType(LogicalTypeId::BIGINT);
    case TypeId::kFloat: return LogicalType(LogicalTypeId::FLOAT);
    case TypeId::kDouble: return LogicalType(LogicalTypeId::DOUBLE);
    case TypeId::kDecimal:
      return LogicalType::DECIMAL(static_cast<uint8_t>(type.precision()), static_cast<uint8_t>(type.scale()));
    case TypeId::kDate: return LogicalType(LogicalTypeId::DATE);
    case TypeId::kTime: return LogicalType(LogicalTypeId::TIME);
    case TypeId::kTimestamp:
    case TypeId::kTimestampNs: return LogicalType(LogicalTypeId::TIMESTAMP);
    case TypeId::kTimestampTz:
    case TypeId::kTimestampTzNs: return LogicalType(LogicalTypeId::TIMESTAMP_TZ);
    case TypeId::kUnknown:
    case TypeId::kVariant:
    case TypeId::kString: return LogicalType(LogicalTypeId::VARCHAR);
    case TypeId::kUuid: return LogicalType(LogicalTypeId::UUID);
    case TypeId::kFixed:
    case TypeId::kGeometry:
    case TypeId::kGeography:
    case TypeId::kBinary: return LogicalType(LogicalTypeId::BLOB);
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap: return NestedType(type, name);
    default: return Unsupported("unsupported Iceberg type: {} (column \"{}\")", type.ToString(), name);
  }
}

Value DuckValue(const Literal& literal) {
  switch (literal.type().id()) {
    case TypeId::kBoolean: return Value::BOOLEAN(literal.as<bool>());
    case TypeId::kInt: return Value::INTEGER(literal.as<int32_t>());
    case TypeId::kLong: return Value::BIGINT(literal.as<int64_t>());
    case TypeId::kFloat: return Value::FLOAT(literal.as<float>());
    case TypeId::kDouble: return Value::DOUBLE(literal.as<double>());
    case TypeId::kDecimal:
      return DecimalValue(literal.as<Int128>(), literal.type().precision(), literal.type().scale());
    case TypeId::kDate: return Value::DATE(duckdb::date_t(literal.as<int32_t>()));
    case TypeId::kTime: return Value::TIME(duckdb::dtime_t(literal.as<int64_t>()));
    case TypeId::kTimestamp: return Value::TIMESTAMP(duckdb::timestamp_t(literal.as<int64_t>()));
    case TypeId::kTimestampTz: return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(literal.as<int64_t>()));
    case TypeId::kTimestampNs: return Value::TIMESTAMP(duckdb::timestamp_t(FloorDiv(literal.as<int64_t>(), 1000)));
    case TypeId::kTimestampTzNs:
      return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(FloorDiv(literal.as<int64_t>(), 1000)));
    case TypeId::kString: return Value(literal.as<std::string>());
    case TypeId::kUuid: return Value::UUID(UuidToHugeint(literal.as<lake::Uuid>()));
    case TypeId::kFixed:
    case TypeId::kBinary: {
      const std::string& bytes = literal.as<std::string>();
      return Value::BLOB(duckdb::const_data_ptr_cast(bytes.data()), bytes.size());
    }
    default: return Value();
  }
}

std::optional<Literal> LiteralOf(const Value& value) {
  if (value.IsNull()) return std::nullopt;
  switch (value.type().id()) {
    case LogicalTypeId::BOOLEAN: return Literal::Boolean(value.GetValue<bool>());
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::UINTEGER: return Literal::Long(value.GetValue<int64_t>());
    case LogicalTypeId::FLOAT: return Literal::Float(value.GetValue<float>());
    case LogicalTypeId::DOUBLE: return Literal::Double(value.GetValue<double>());
    case LogicalTypeId::DECIMAL: {
      int precision = duckdb::DecimalType::GetWidth(value.type());
      int scale = duckdb::DecimalType::GetScale(value.type());
      duckdb::hugeint_t unscaled = duckdb::IntegralValue::Get(value);
      return Literal::Decimal(FromHugeint(unscaled), precision, scale);
    }
    case LogicalTypeId::DATE: {
      auto date = value.GetValue<duckdb::date_t>();
      if (!duckdb::Date::IsFinite(date)) return std::nullopt;
      return Literal::Date(date.days);
    }
    case LogicalTypeId::TIME: return Literal::Time(value.GetValue<duckdb::dtime_t>().micros);
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ: {
      auto timestamp = value.GetValueUnsafe<duckdb::timestamp_t>();
      if (!duckdb::Timestamp::IsFinite(timestamp)) return std::nullopt;
      bool zoned = value.type().id() == LogicalTypeId::TIMESTAMP_TZ;
      return zoned ? Literal::TimestampTz(timestamp.value) : Literal::Timestamp(timestamp.value);
    }
    case LogicalTypeId::TIMESTAMP_NS: return Literal(TypeId::kTimestampNs, value.GetValueUnsafe<int64_t>());
    case LogicalTypeId::VARCHAR: return Literal::String(duckdb::StringValue::Get(value));
    case LogicalTypeId::BLOB: return Literal::Binary(duckdb::StringValue::Get(value));
    case LogicalTypeId::UUID: return Literal::Uuid(HugeintToUuid(value.GetValueUnsafe<duckdb::hugeint_t>()));
    default: return std::nullopt;
  }
}

bool KeepsOrder(const iceberg::Type& type, const LogicalType& shown) {
  if (!type.has_order()) return false;
  auto own = DuckType(type, "");
  if (!own.ok()) return false;
  if (IsInteger(own->id()) && IsInteger(shown.id())) return true;
  return *own == shown;
}

}  // namespace lake::server
