// Values in PostgreSQL's binary formats (the send and recv functions of its types). numeric has a file of its own.
//
//   bool 1 byte; int2, int4, int8, float4, float8 big-endian; date int32 days since 2000-01-01; time int64
//   microseconds; timetz time and int32 seconds *west* of UTC; timestamp, timestamptz int64 microseconds since
//   2000-01-01; interval int64 microseconds, int32 days, int32 months; uuid 16 bytes; bit int32 length and bits, most
//   significant first; text, bytea as is.
//
// Here dates and timestamps count from 1970-01-01, and infinity is the largest, -infinity the smallest value of the
// integer (PostgreSQL's own convention). Decoding errors are kCorrupt: a length or value that the type cannot have.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/byte_order.h"
#include "wire/out_buffer.h"

namespace lake::wire {

inline constexpr int32_t kEpochDays = 10957;                  // 2000-01-01, in days since 1970-01-01
inline constexpr int64_t kEpochMicros = 946'684'800'000'000;  // the same in microseconds
inline constexpr int32_t kInfinityDays = std::numeric_limits<int32_t>::max();
inline constexpr int32_t kNegativeInfinityDays = std::numeric_limits<int32_t>::min();
inline constexpr int64_t kInfinityMicros = std::numeric_limits<int64_t>::max();
inline constexpr int64_t kNegativeInfinityMicros = std::numeric_limits<int64_t>::min();
// What PostgreSQL accepts: 4713-11-24 BC to 5874897-12-31 (date) and 294276-12-31 (timestamp), as its own counts.
inline constexpr int32_t kMinDate = -2451545;
inline constexpr int32_t kEndDate = 2145031949;  // exclusive
inline constexpr int64_t kMinTimestamp = -211'813'488'000'000'000;
inline constexpr int64_t kEndTimestamp = 9'223'371'331'200'000'000;  // exclusive
inline constexpr int64_t kMicrosPerDay = 86'400'000'000;

struct TimeTz {
  int64_t micros = 0;  // local time, 0 to kMicrosPerDay
  int32_t offset = 0;  // seconds east of UTC
};

struct Interval {
  int32_t months = 0;
  int32_t days = 0;
  int64_t micros = 0;

  bool operator==(const Interval&) const = default;
};

// Encoders write to `out` exactly the bytes named above. Those that return bool say whether the value lies in
// PostgreSQL's range; nothing is written otherwise.

/// `days` since 1970-01-01.
[[nodiscard]] inline bool EncodeDate(char* out, int32_t days) {
  if (days != kInfinityDays && days != kNegativeInfinityDays) {
    if (days < kMinDate + kEpochDays || days >= kEndDate + kEpochDays) return false;
    days -= kEpochDays;
  }
  StoreBig32(out, static_cast<uint32_t>(days));
  return true;
}

/// `micros` since 1970-01-01 00:00 (UTC for timestamptz).
[[nodiscard]] inline bool EncodeTimestamp(char* out, int64_t micros) {
  if (micros != kInfinityMicros && micros != kNegativeInfinityMicros) {
    if (micros < kMinTimestamp + kEpochMicros) return false;
    micros -= kEpochMicros;  // no upper check: what 64 bits from 1970 can hold is below PostgreSQL's end
  }
  StoreBig64(out, static_cast<uint64_t>(micros));
  return true;
}

inline void EncodeTimeTz(char* out, TimeTz time) {
  StoreBig64(out, static_cast<uint64_t>(time.micros));
  StoreBig32(out + 8, static_cast<uint32_t>(-time.offset));
}

inline void EncodeInterval(char* out, const Interval& interval) {
  StoreBig64(out, static_cast<uint64_t>(interval.micros));
  StoreBig32(out + 8, static_cast<uint32_t>(interval.days));
  StoreBig32(out + 12, static_cast<uint32_t>(interval.months));
}

/// `text` holds only '0' and '1'.
void EncodeBit(OutBuffer& out, std::string_view text);

Result<bool> DecodeBool(std::string_view bytes);
Result<int16_t> DecodeInt2(std::string_view bytes);
Result<int32_t> DecodeInt4(std::string_view bytes);
Result<int64_t> DecodeInt8(std::string_view bytes);
Result<float> DecodeFloat4(std::string_view bytes);
Result<double> DecodeFloat8(std::string_view bytes);
Result<int32_t> DecodeDate(std::string_view bytes);
Result<int64_t> DecodeTime(std::string_view bytes);
Result<TimeTz> DecodeTimeTz(std::string_view bytes);
/// timestamp and timestamptz. kInvalidInput beyond 294247-01-10, where 64-bit microseconds since 1970 end.
Result<int64_t> DecodeTimestamp(std::string_view bytes);
Result<Interval> DecodeInterval(std::string_view bytes);
Result<std::array<uint8_t, 16>> DecodeUuid(std::string_view bytes);
/// '0' and '1' characters.
Result<std::string> DecodeBit(std::string_view bytes);

/// Text from a client: valid UTF-8 without zero bytes. kInvalidInput otherwise, with the offset of the first bad byte.
Status CheckText(std::string_view bytes);

}  // namespace lake::wire
