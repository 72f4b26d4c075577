// The object ids of the PostgreSQL types that appear on the wire (pg_type.dat), with their array types.
#pragma once

#include <cstdint>

namespace lake::wire {

using Oid = uint32_t;

inline constexpr Oid kUnspecifiedOid = 0;
inline constexpr Oid kBoolOid = 16;
inline constexpr Oid kByteaOid = 17;
inline constexpr Oid kInt8Oid = 20;
inline constexpr Oid kInt2Oid = 21;
inline constexpr Oid kInt4Oid = 23;
inline constexpr Oid kTextOid = 25;
inline constexpr Oid kOidOid = 26;
inline constexpr Oid kJsonOid = 114;
inline constexpr Oid kFloat4Oid = 700;
inline constexpr Oid kFloat8Oid = 701;
inline constexpr Oid kUnknownOid = 705;
inline constexpr Oid kBpcharOid = 1042;
inline constexpr Oid kVarcharOid = 1043;
inline constexpr Oid kDateOid = 1082;
inline constexpr Oid kTimeOid = 1083;
inline constexpr Oid kTimestampOid = 1114;
inline constexpr Oid kTimestampTzOid = 1184;
inline constexpr Oid kIntervalOid = 1186;
inline constexpr Oid kTimeTzOid = 1266;
inline constexpr Oid kBitOid = 1560;
inline constexpr Oid kVarbitOid = 1562;
inline constexpr Oid kNumericOid = 1700;
inline constexpr Oid kUuidOid = 2950;
inline constexpr Oid kJsonbOid = 3802;

/// The element type of an array type, kUnspecifiedOid for what is not an array of a type above.
constexpr Oid ArrayElementOid(Oid array) {
  switch (array) {
    case 1000: return kBoolOid;
    case 1001: return kByteaOid;
    case 1005: return kInt2Oid;
    case 1007: return kInt4Oid;
    case 1009: return kTextOid;
    case 1014: return kBpcharOid;
    case 1015: return kVarcharOid;
    case 1016: return kInt8Oid;
    case 1021: return kFloat4Oid;
    case 1022: return kFloat8Oid;
    case 1028: return kOidOid;
    case 1115: return kTimestampOid;
    case 1182: return kDateOid;
    case 1183: return kTimeOid;
    case 1185: return kTimestampTzOid;
    case 1187: return kIntervalOid;
    case 1231: return kNumericOid;
    case 1270: return kTimeTzOid;
    case 2951: return kUuidOid;
    default: return kUnspecifiedOid;
  }
}

}  // namespace lake::wire
