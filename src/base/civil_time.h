// The proleptic Gregorian calendar and ISO 8601 text of dates, times and timestamps, as counts since 1970-01-01.
// No time zones but UTC. All 64-bit microsecond counts have a text, years beyond 9999 and before 0 with a sign.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lake {

struct CivilDate {
  int64_t year = 1970;  // astronomical: 0 is 1 BC
  int month = 1;
  int day = 1;
};

int64_t DaysFromCivil(const CivilDate& date);
CivilDate CivilFromDays(int64_t days);

/// a / b and a mod b rounded toward minus infinity; b > 0.
constexpr int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
constexpr int64_t FloorMod(int64_t a, int64_t b) { return a % b < 0 ? a % b + b : a % b; }

/// "2024-02-29"
std::string FormatDate(int64_t days);
/// "13:45:00.000001"; the fraction is left out when zero. `nanos` is since midnight.
std::string FormatTimeNanos(int64_t nanos);
/// "2024-02-29T13:45:00.000001"
std::string FormatTimestampMicros(int64_t micros);
std::string FormatTimestampNanos(int64_t nanos);

/// kInvalidInput names the text.
Result<int64_t> ParseDate(std::string_view text);
/// Hours and minutes needed; seconds and a fraction of up to 9 digits optional. Nanoseconds since midnight.
Result<int64_t> ParseTimeNanos(std::string_view text);

struct ParsedTimestamp {
  int64_t seconds = 0;      // since 1970, of the time as written minus the offset
  int32_t nanos = 0;        // 0 to 999999999
  bool has_offset = false;  // "Z" or "+hh:mm" followed
};
/// "2024-02-29T13:45:00.000001", with an optional offset.
Result<ParsedTimestamp> ParseTimestamp(std::string_view text);

}  // namespace lake
