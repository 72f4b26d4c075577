// See the header.
#include "server/functions/pg_datetime.h"

#include "base/civil_time.h"
#include "server/engine/lake_exception.h"

namespace lake::server {

namespace {

constexpr int64_t kFirstDay = -kJulianDayOf1970;                      // Julian day 0
constexpr int64_t kEndDay = 2'147'483'494 - kJulianDayOf1970;         // the Julian day behind the last date
constexpr int64_t kEndTimestampDay = 109'203'528 - kJulianDayOf1970;  // and behind the last timestamp, in 294277
constexpr int64_t kDaysPerWeek = 7;
constexpr int64_t kThursday = 3;  // counted from Monday: 1970-01-01

int64_t MondayBefore(int64_t days) { return days - FloorMod(days + kThursday, kDaysPerWeek); }

}  // namespace

void ThrowDatetime(const char* message) { ThrowReport("22008", message); }
void ThrowTimestampOutOfRange() { ThrowDatetime("timestamp out of range"); }

int64_t CheckTimestamp(__int128 micros) {
  if (micros < static_cast<__int128>(kFirstDay) * kMicrosPerDay || micros >= kInfiniteMicros)
    ThrowTimestampOutOfRange();
  return static_cast<int64_t>(micros);
}

DateTime SplitTimestamp(int64_t micros) {
  int64_t days = FloorDiv(micros, kMicrosPerDay);
  int64_t time = micros - days * kMicrosPerDay;
  CivilDate date = CivilFromDays(days);
  DateTime clock;
  clock.year = static_cast<int32_t>(date.year);
  clock.month = date.month;
  clock.day = date.day;
  clock.hour = static_cast<int32_t>(time / kMicrosPerHour);
  clock.minute = static_cast<int32_t>(time / kMicrosPerMinute % 60);
  clock.second = static_cast<int32_t>(time / kMicrosPerSecond % 60);
  clock.micros = static_cast<int32_t>(time % kMicrosPerSecond);
  return clock;
}

int64_t ClockSeconds(const DateTime& clock) {
  int64_t days = DayNumber(clock.year, clock.month, clock.day);
  return days * kSecondsPerDay + clock.hour * int64_t{3600} + clock.minute * int64_t{60} + clock.second;
}

int64_t JoinTimestamp(const DateTime& clock, int32_t offset) {
  return CheckTimestamp(static_cast<__int128>(ClockSeconds(clock) - offset) * kMicrosPerSecond + clock.micros);
}

bool IsLeapYear(int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int32_t DaysInMonth(int32_t year, int32_t month) {
  static constexpr int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

int64_t DayNumber(int32_t year, int32_t month, int32_t day) { return DaysFromCivil({year, month, 1}) + day - 1; }

bool IsValidDay(int64_t days) { return days >= kFirstDay && days < kEndDay; }

int32_t DayOfWeek(int64_t days) { return static_cast<int32_t>(FloorMod(days + kThursday + 1, kDaysPerWeek)); }

int32_t DayOfYear(int64_t days, int32_t year) { return static_cast<int32_t>(days - DayNumber(year, 1, 1) + 1); }

int64_t FirstDayOfIsoWeek(int32_t iso_year, int32_t week) {
  return MondayBefore(DayNumber(iso_year, 1, 4)) + (week - 1) * kDaysPerWeek;
}

int32_t IsoYear(int64_t days) {
  return static_cast<int32_t>(CivilFromDays(MondayBefore(days) + kThursday).year);  // a week is its Thursday's
}

int32_t IsoWeek(int64_t days) {
  return static_cast<int32_t>((days - FirstDayOfIsoWeek(IsoYear(days), 1)) / kDaysPerWeek + 1);
}

int64_t TimestampOfDate(int32_t days) {
  if (days == kInfiniteDays) return kInfiniteMicros;
  if (days == kMinusInfiniteDays) return kMinusInfiniteMicros;
  __int128 micros = static_cast<__int128>(days) * kMicrosPerDay;
  if (days >= kEndTimestampDay || micros >= kInfiniteMicros) ThrowDatetime("date out of range for timestamp");
  return static_cast<int64_t>(micros);
}

}  // namespace lake::server
