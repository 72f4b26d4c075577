#include "server/engine/result_type.h"

namespace lake::server {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

wire::Oid OidOf(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN: return wire::kBoolOid;
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::SMALLINT: return wire::kInt2Oid;
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::INTEGER: return wire::kInt4Oid;
    case LogicalTypeId::UINTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UBIGINT: return wire::kInt8Oid;  // the upper half of UBIGINT is an error when it is sent
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UHUGEINT:
    case LogicalTypeId::DECIMAL: return wire::kNumericOid;
    case LogicalTypeId::FLOAT: return wire::kFloat4Oid;
    case LogicalTypeId::DOUBLE: return wire::kFloat8Oid;
    case LogicalTypeId::BLOB: return wire::kByteaOid;
    case LogicalTypeId::BIT: return wire::kBitOid;
    case LogicalTypeId::DATE: return wire::kDateOid;
    case LogicalTypeId::TIME:
    case LogicalTypeId::TIME_NS: return wire::kTimeOid;
    case LogicalTypeId::TIME_TZ: return wire::kTimeTzOid;
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS: return wire::kTimestampOid;
    case LogicalTypeId::TIMESTAMP_TZ: return wire::kTimestampTzOid;
    case LogicalTypeId::INTERVAL: return wire::kIntervalOid;
    case LogicalTypeId::UUID: return wire::kUuidOid;
    default: return wire::kTextOid;
  }
}

int16_t SizeOf(wire::Oid oid) {
  switch (oid) {
    case wire::kBoolOid: return 1;
    case wire::kInt2Oid: return 2;
    case wire::kInt4Oid:
    case wire::kFloat4Oid:
    case wire::kDateOid: return 4;
    case wire::kInt8Oid:
    case wire::kFloat8Oid:
    case wire::kTimeOid:
    case wire::kTimestampOid:
    case wire::kTimestampTzOid: return 8;
    case wire::kTimeTzOid: return 12;
    case wire::kIntervalOid:
    case wire::kUuidOid: return 16;
    default: return -1;
  }
}

int32_t ModifierOf(const LogicalType& type) {
  if (type.id() != LogicalTypeId::DECIMAL) return -1;
  constexpr int32_t kVarHeader = 4;
  return ((duckdb::DecimalType::GetWidth(type) << 16) | duckdb::DecimalType::GetScale(type)) + kVarHeader;
}

LogicalType ParameterType(wire::Oid oid) {
  switch (oid) {
    case wire::kBoolOid: return LogicalType::BOOLEAN;
    case wire::kInt2Oid: return LogicalType::SMALLINT;
    case wire::kInt4Oid: return LogicalType::INTEGER;
    case wire::kInt8Oid:
    case wire::kOidOid: return LogicalType::BIGINT;
    case wire::kFloat4Oid: return LogicalType::FLOAT;
    case wire::kFloat8Oid: return LogicalType::DOUBLE;
    case wire::kByteaOid: return LogicalType::BLOB;
    case wire::kTextOid:
    case wire::kVarcharOid:
    case wire::kBpcharOid:
    case wire::kJsonOid: return LogicalType::VARCHAR;
    case wire::kDateOid: return LogicalType::DATE;
    case wire::kTimeOid: return LogicalType::TIME;
    case wire::kTimeTzOid: return LogicalType::TIME_TZ;
    case wire::kTimestampOid: return LogicalType::TIMESTAMP;
    case wire::kTimestampTzOid: return LogicalType::TIMESTAMP_TZ;
    case wire::kIntervalOid: return LogicalType::INTERVAL;
    case wire::kUuidOid: return LogicalType::UUID;
    case wire::kBitOid:
    case wire::kVarbitOid: return LogicalType::BIT;
    default: break;
  }
  if (wire::Oid element = wire::ArrayElementOid(oid); element != wire::kUnspecifiedOid) {
    return LogicalType::LIST(ParameterType(element));
  }
  return LogicalType::UNKNOWN;  // numeric too: its precision and scale are known from the value alone
}

}  // namespace lake::server
