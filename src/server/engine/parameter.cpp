#include "server/engine/parameter.h"

#include "duckdb/common/types/bit.hpp"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/main/client_context.hpp"
#include "server/engine/lake_exception.h"
#include "server/engine/result_type.h"
#include "wire/array_value.h"
#include "wire/binary_value.h"
#include "wire/numeric.h"
#include "wire/value_text.h"

namespace lake::server {

namespace {

using duckdb::LogicalType;
using duckdb::Value;

duckdb::timestamp_t ToTimestamp(int64_t micros) {
  if (micros == wire::kInfinityMicros) return duckdb::timestamp_t::infinity();
  if (micros == wire::kNegativeInfinityMicros) return duckdb::timestamp_t::ninfinity();
  return duckdb::timestamp_t(micros);
}

duckdb::date_t ToDate(int32_t days) {
  if (days == wire::kInfinityDays) return duckdb::date_t::infinity();
  if (days == wire::kNegativeInfinityDays) return duckdb::date_t::ninfinity();
  return duckdb::date_t(days);
}

/// A decimal just as wide as the value; NaN and infinity have no decimal and become doubles.
Value NumericValue(std::string_view bytes) {
  wire::Numeric numeric = ValueOrThrow(wire::DecodeNumeric(bytes));
  switch (numeric.kind) {
    case wire::Numeric::Kind::kNaN: return Value::DOUBLE(std::numeric_limits<double>::quiet_NaN());
    case wire::Numeric::Kind::kInfinity: return Value::DOUBLE(std::numeric_limits<double>::infinity());
    case wire::Numeric::Kind::kNegativeInfinity: return Value::DOUBLE(-std::numeric_limits<double>::infinity());
    default: break;
  }
  duckdb::hugeint_t unscaled;
  unscaled.upper = static_cast<int64_t>(numeric.unscaled >> 64);
  unscaled.lower = static_cast<uint64_t>(numeric.unscaled);
  int width = numeric.scale > 0 ? numeric.scale : 1;
  while (width < 38 && (numeric.unscaled >= PowerOfTen(width) || numeric.unscaled <= -PowerOfTen(width))) ++width;
  return Value::DECIMAL(unscaled, 38, static_cast<uint8_t>(numeric.scale))
      .DefaultCastAs(LogicalType::DECIMAL(static_cast<uint8_t>(width), static_cast<uint8_t>(numeric.scale)));
}

Value TextValue(std::string_view bytes) {
  ThrowIfError(wire::CheckText(bytes));
  return Value(std::string(bytes));
}

Value BinaryScalar(std::string_view bytes, wire::Oid oid) {
  switch (oid) {
    case wire::kBoolOid: return Value::BOOLEAN(ValueOrThrow(wire::DecodeBool(bytes)));
    case wire::kInt2Oid: return Value::SMALLINT(ValueOrThrow(wire::DecodeInt2(bytes)));
    case wire::kInt4Oid: return Value::INTEGER(ValueOrThrow(wire::DecodeInt4(bytes)));
    case wire::kInt8Oid: return Value::BIGINT(ValueOrThrow(wire::DecodeInt8(bytes)));
    case wire::kOidOid: return Value::BIGINT(static_cast<uint32_t>(ValueOrThrow(wire::DecodeInt4(bytes))));
    case wire::kFloat4Oid: return Value::FLOAT(ValueOrThrow(wire::DecodeFloat4(bytes)));
    case wire::kFloat8Oid: return Value::DOUBLE(ValueOrThrow(wire::DecodeFloat8(bytes)));
    case wire::kNumericOid: return NumericValue(bytes);
    case wire::kByteaOid: return Value::BLOB(reinterpret_cast<duckdb::const_data_ptr_t>(bytes.data()), bytes.size());
    case wire::kDateOid: return Value::DATE(ToDate(ValueOrThrow(wire::DecodeDate(bytes))));
    case wire::kTimeOid: return Value::TIME(duckdb::dtime_t(ValueOrThrow(wire::DecodeTime(bytes))));
    case wire::kTimeTzOid: {
      wire::TimeTz time = ValueOrThrow(wire::DecodeTimeTz(bytes));
      return Value::TIMETZ(duckdb::dtime_tz_t(duckdb::dtime_t(time.micros), time.offset));
    }
    case wire::kTimestampOid: return Value::TIMESTAMP(ToTimestamp(ValueOrThrow(wire::DecodeTimestamp(bytes))));
    case wire::kTimestampTzOid:
      return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(ToTimestamp(ValueOrThrow(wire::DecodeTimestamp(bytes)))));
    case wire::kIntervalOid: {
      wire::Interval interval = ValueOrThrow(wire::DecodeInterval(bytes));
      return Value::INTERVAL(interval.months, interval.days, interval.micros);
    }
    case wire::kUuidOid: {
      auto uuid = ValueOrThrow(wire::DecodeUuid(bytes));
      return Value::UUID(duckdb::BaseUUID::FromBlob(uuid.data()));
    }
    case wire::kBitOid:
    case wire::kVarbitOid: return Value::BIT(ValueOrThrow(wire::DecodeBit(bytes)));
    case wire::kJsonbOid:
      if (bytes.empty() || bytes[0] != 1) ThrowLakeError(Corrupt("a binary jsonb value of an unknown version"));
      return TextValue(bytes.substr(1));
    case wire::kUnspecifiedOid:
    case wire::kUnknownOid:
    case wire::kTextOid:
    case wire::kVarcharOid:
    case wire::kBpcharOid:
    case wire::kJsonOid: return TextValue(bytes);
    default: ThrowReport("0A000", fmt::format("binary parameters of type oid {} are not supported", oid));
  }
}

Value CastText(duckdb::ClientContext& context, std::string_view text, const LogicalType& type) {
  if (type.id() == duckdb::LogicalTypeId::BLOB) {
    std::string bytes = ValueOrThrow(wire::ParseByteaText(text));
    return Value::BLOB(reinterpret_cast<duckdb::const_data_ptr_t>(bytes.data()), bytes.size());
  }
  Value value = TextValue(text);
  if (type.id() == duckdb::LogicalTypeId::VARCHAR) return value;
  if (type.id() == duckdb::LogicalTypeId::LIST && text.starts_with('{')) {
    auto& element = duckdb::ListType::GetChildType(type);
    duckdb::vector<Value> values;
    for (auto& item : ValueOrThrow(wire::ParseArrayText(text))) {
      values.push_back(item ? CastText(context, *item, element) : Value(element));
    }
    return Value::LIST(element, std::move(values));
  }
  Value converted;
  std::string error;
  if (value.TryCastAs(context, type, converted, &error)) return converted;
  ThrowReport("22P02", fmt::format("invalid input for a parameter of type {}: {}", type.ToString(), error));
}

/// numeric in text: read as binary numerics are, in its own precision and scale.
Value NumericText(duckdb::ClientContext& context, std::string_view text) {
  size_t digits = 0;
  size_t scale = 0;
  bool fraction = false;
  for (char c : text) {
    if (c == '.') {
      fraction = true;
    } else if (c >= '0' && c <= '9') {
      ++digits;
      scale += fraction ? 1 : 0;
    } else if (c != '-' && c != '+') {
      return CastText(context, text, LogicalType::DOUBLE);  // an exponent, NaN, Infinity, or an error
    }
  }
  if (digits == 0 || digits > 38) return CastText(context, text, LogicalType::DOUBLE);
  return CastText(context, text, LogicalType::DECIMAL(static_cast<uint8_t>(digits), static_cast<uint8_t>(scale)));
}

Value ArrayValue(duckdb::ClientContext& context, std::string_view bytes, wire::Format format, wire::Oid element) {
  LogicalType type = ParameterType(element);
  if (element == wire::kNumericOid) type = LogicalType::DECIMAL(38, 9);
  duckdb::vector<Value> values;
  auto add = [&](std::optional<std::string_view> item, wire::Format item_format) {
    values.push_back(ParameterValue(context, item, item_format, element, type).CastAs(context, type));
  };
  if (format == wire::Format::kBinary) {
    wire::BinaryArray array = ValueOrThrow(wire::DecodeArray(bytes));
    if (!array.elements.empty() && array.element != element) {
      ThrowLakeError(InvalidInput("a binary array has elements of type oid {}, expected {}", array.element, element));
    }
    for (auto& item : array.elements) add(item, format);
  } else {
    for (auto& item : ValueOrThrow(wire::ParseArrayText(bytes))) {
      add(item ? std::optional<std::string_view>(*item) : std::nullopt, format);
    }
  }
  return Value::LIST(type, std::move(values));
}

}  // namespace

Value ParameterValue(duckdb::ClientContext& context, std::optional<std::string_view> bytes, wire::Format format,
                     wire::Oid oid, const LogicalType& expected) {
  bool open = oid == wire::kUnspecifiedOid || oid == wire::kUnknownOid;
  LogicalType type = open ? expected : ParameterType(oid);
  if (!bytes) return type.id() == duckdb::LogicalTypeId::UNKNOWN ? Value(LogicalType::VARCHAR) : Value(type);
  if (wire::Oid element = wire::ArrayElementOid(oid); element != wire::kUnspecifiedOid) {
    return ArrayValue(context, *bytes, format, element);
  }
  if (format == wire::Format::kBinary) {
    if (!open) return BinaryScalar(*bytes, oid);
    // The client reads ParameterDescription, which named the type that is expected.
    wire::Oid described = expected.id() == duckdb::LogicalTypeId::UNKNOWN ? wire::kTextOid : OidOf(expected);
    return BinaryScalar(*bytes, described)
        .CastAs(context, expected.id() == duckdb::LogicalTypeId::UNKNOWN ? LogicalType::VARCHAR : expected);
  }
  if (oid == wire::kNumericOid) return NumericText(context, *bytes);
  if (type.id() == duckdb::LogicalTypeId::UNKNOWN) type = LogicalType::VARCHAR;
  return CastText(context, *bytes, type);
}

}  // namespace lake::server
