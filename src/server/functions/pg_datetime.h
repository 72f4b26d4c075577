// Dates and timestamps as PostgreSQL computes them: its calendar, its limits, its errors. Timestamps are microseconds
// and dates are days since 1970-01-01, infinities are DuckDB's.
//
// PostgreSQL's timestamps reach from 4714-11-24 BC to the end of 294276. Of the latter the last 29 years do not fit
// DuckDB's microseconds since 1970; they are out of range here.
#pragma once

#include <cstdint>
#include <limits>

namespace lake::server {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;
inline constexpr int64_t kSecondsPerDay = 86400;
inline constexpr int64_t kDaysTo2000 = 10957;  // PostgreSQL counts from 2000-01-01, and rounds in that count
inline constexpr int64_t kMicrosTo2000 = kDaysTo2000 * kMicrosPerDay;
inline constexpr int64_t kJulianDayOf1970 = 2440588;

inline constexpr int64_t kInfiniteMicros = std::numeric_limits<int64_t>::max();
inline constexpr int64_t kMinusInfiniteMicros = -kInfiniteMicros;
inline constexpr int32_t kInfiniteDays = std::numeric_limits<int32_t>::max();
inline constexpr int32_t kMinusInfiniteDays = -kInfiniteDays;

/// The clock's fields. year is astronomical: 0 is 1 BC.
struct DateTime {
  int32_t year = 1970;
  int32_t month = 1;
  int32_t day = 1;
  int32_t hour = 0;
  int32_t minute = 0;
  int32_t second = 0;
  int32_t micros = 0;
};

constexpr bool IsFiniteTimestamp(int64_t micros) { return micros != kInfiniteMicros && micros != kMinusInfiniteMicros; }
constexpr bool IsFiniteDate(int32_t days) { return days != kInfiniteDays && days != kMinusInfiniteDays; }

/// 22008 "timestamp out of range" unless PostgreSQL and DuckDB have the timestamp.
int64_t CheckTimestamp(__int128 micros);
[[noreturn]] void ThrowTimestampOutOfRange();
[[noreturn]] void ThrowDatetime(const char* message);  // 22008

/// Of a finite timestamp.
DateTime SplitTimestamp(int64_t micros);
/// The instant of a clock that is `offset` seconds east of UTC. Fields of the time may be beyond their ranges.
int64_t JoinTimestamp(const DateTime& clock, int32_t offset = 0);
/// Seconds since 1970 by the clock itself.
int64_t ClockSeconds(const DateTime& clock);

bool IsLeapYear(int32_t year);
int32_t DaysInMonth(int32_t year, int32_t month);
/// Days since 1970-01-01 of a date of the calendar, whether in range or not.
int64_t DayNumber(int32_t year, int32_t month, int32_t day);
/// True for a date that PostgreSQL's type date has.
bool IsValidDay(int64_t days);
/// 0 is Sunday.
int32_t DayOfWeek(int64_t days);
int32_t DayOfYear(int64_t days, int32_t year);

/// ISO 8601 weeks. Years are astronomical.
int64_t FirstDayOfIsoWeek(int32_t iso_year, int32_t week);
int32_t IsoYear(int64_t days);
int32_t IsoWeek(int64_t days);

/// A year as people write it: there is no year 0, 1 BC is -1.
constexpr int32_t WrittenYear(int32_t year) { return year > 0 ? year : year - 1; }

/// A date at midnight; infinity stays. 22008 "date out of range for timestamp".
int64_t TimestampOfDate(int32_t days);

}  // namespace lake::server
