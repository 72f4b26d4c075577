// See the header.
#include "server/functions/datetime_arithmetic.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <fmt/printf.h>

#include "base/civil_time.h"
#include "server/engine/lake_exception.h"
#include "server/functions/interval_arithmetic.h"
#include "server/functions/pg_datetime.h"

namespace lake::server {

namespace {

constexpr int32_t kMonthsPerYear = 12;

/// The same day of a later month, or that month's last.
void AddMonths(DateTime& clock, int32_t months) {
  int64_t count = int64_t{clock.month} - 1 + months;
  clock.year = static_cast<int32_t>(clock.year + FloorDiv(count, kMonthsPerYear));
  clock.month = static_cast<int32_t>(FloorMod(count, kMonthsPerYear)) + 1;
  clock.day = std::min(clock.day, DaysInMonth(clock.year, clock.month));
}

int64_t AddDaysToTimestamp(int64_t micros, int32_t days) {
  return CheckTimestamp(static_cast<__int128>(days) * kMicrosPerDay + micros);
}

int64_t AddTime(int64_t micros, int64_t time) { return CheckTimestamp(static_cast<__int128>(micros) + time); }

int64_t TimeOfDay(__int128 micros) {
  auto time = static_cast<int64_t>(micros % kMicrosPerDay);
  return time < 0 ? time + kMicrosPerDay : time;
}

/// Fields of a date as a user wrote them, negative years being before Christ.
struct WrittenDate {
  int32_t year;
  int32_t month;
  int32_t day;
};

/// Makes the year astronomical. False for a date that the calendar does not have.
bool ValidateDate(WrittenDate& date) {
  if (date.year == 0 || date.year == std::numeric_limits<int32_t>::min()) return false;
  if (date.year < 0) date.year = date.year + 1;
  if (date.month < 1 || date.month > kMonthsPerYear || date.day < 1 || date.day > 31) return false;
  return date.day <= DaysInMonth(date.year, date.month);
}

/// As PostgreSQL's %02g prints it.
std::string SecondText(double second) {
  if (std::isnan(second)) return "NaN";
  if (std::isinf(second)) return second > 0 ? "Infinity" : "-Infinity";
  return fmt::sprintf("%02g", second);
}

bool IsValidTime(int32_t hour, int32_t minute, double second) {
  if (hour < 0 || hour > 24 || minute < 0 || minute >= 60 || std::isnan(second)) return false;
  double micros = std::rint(second * kMicrosPerSecond);
  if (micros < 0 || micros > 60.0 * kMicrosPerSecond) return false;
  return hour * kMicrosPerHour + minute * kMicrosPerMinute + static_cast<int64_t>(micros) <= kMicrosPerDay;
}

int64_t JoinTime(int32_t hour, int32_t minute, double second) {
  if (!IsValidTime(hour, minute, second)) {
    ThrowReport("22008", fmt::sprintf("time field value out of range: %d:%02d:%s", hour, minute, SecondText(second)));
  }
  return hour * kMicrosPerHour + minute * kMicrosPerMinute + static_cast<int64_t>(std::rint(second * kMicrosPerSecond));
}

/// Rounds half away from zero to a multiple of the unit.
int64_t RoundTo(int64_t value, int64_t unit) {
  return value >= 0 ? (value + unit / 2) / unit * unit : -((-value + unit / 2) / unit * unit);
}

int64_t UnitOfPrecision(int32_t precision) {
  int64_t unit = kMicrosPerSecond;
  for (; precision > 0; precision--) unit /= 10;
  return unit;
}

/// negative: right is the later one, whatever the clocks show (an hour may come twice).
interval_t ClockDifference(int64_t left, int64_t right, bool negative) {
  // what is borrowed from the months has the length of the earlier date's month
  DateTime later = SplitTimestamp(negative ? right : left);
  DateTime earlier = SplitTimestamp(negative ? left : right);
  int64_t micros = later.micros - earlier.micros;
  int64_t time = (later.hour - earlier.hour) * kMicrosPerHour + (later.minute - earlier.minute) * kMicrosPerMinute +
                 (later.second - earlier.second) * kMicrosPerSecond + micros;
  int32_t days = later.day - earlier.day;
  int32_t months = (later.year - earlier.year) * kMonthsPerYear + later.month - earlier.month;
  if (time < 0) {
    time += kMicrosPerDay;
    days--;
  }
  while (days < 0) {
    days += DaysInMonth(earlier.year, earlier.month);
    months--;
  }
  interval_t result = {months, days, time};
  return negative ? NegateInterval(result) : result;
}

}  // namespace

int64_t AddToTimestamp(int64_t micros, interval_t span) {
  if (!IsFiniteTimestamp(micros)) return micros;
  if (span.months != 0) {
    DateTime clock = SplitTimestamp(micros);
    AddMonths(clock, span.months);
    micros = JoinTimestamp(clock);
  }
  if (span.days != 0) micros = AddDaysToTimestamp(micros, span.days);
  return AddTime(micros, span.micros);
}

int64_t SubtractFromTimestamp(int64_t micros, interval_t span) { return AddToTimestamp(micros, NegateInterval(span)); }

int64_t AddToInstant(int64_t micros, interval_t span, ZoneCursor& zone) {
  if (!IsFiniteTimestamp(micros)) return micros;
  if (span.months != 0) {
    DateTime clock = SplitTimestamp(ClockOfInstant(micros, zone));
    AddMonths(clock, span.months);
    micros = JoinTimestamp(clock, zone.OffsetOfClock(ClockSeconds(clock)));
  }
  if (span.days != 0) {
    // the clock may be out of range where the instant is not
    int64_t offset = zone.PeriodAt(FloorDiv(micros, kMicrosPerSecond)).offset;
    __int128 clock =
        static_cast<__int128>(micros) + offset * kMicrosPerSecond + static_cast<__int128>(span.days) * kMicrosPerDay;
    if (clock > kInfiniteMicros || clock < kMinusInfiniteMicros) ThrowTimestampOutOfRange();
    int64_t seconds = FloorDiv(static_cast<int64_t>(clock), kMicrosPerSecond);
    micros = CheckTimestamp(clock - static_cast<__int128>(zone.OffsetOfClock(seconds)) * kMicrosPerSecond);
  }
  return AddTime(micros, span.micros);
}

int64_t SubtractFromInstant(int64_t micros, interval_t span, ZoneCursor& zone) {
  return AddToInstant(micros, NegateInterval(span), zone);
}

int64_t AddToDate(int32_t days, interval_t span) { return AddToTimestamp(TimestampOfDate(days), span); }
int64_t SubtractFromDate(int32_t days, interval_t span) { return SubtractFromTimestamp(TimestampOfDate(days), span); }

int64_t AddToTime(int64_t time, interval_t span) { return TimeOfDay(static_cast<__int128>(time) + span.micros); }
int64_t SubtractFromTime(int64_t time, interval_t span) { return TimeOfDay(static_cast<__int128>(time) - span.micros); }

int32_t AddDays(int32_t date, int32_t days) {
  if (!IsFiniteDate(date)) return date;
  int64_t result = int64_t{date} + days;
  if (!IsValidDay(result)) ThrowDatetime("date out of range");
  return static_cast<int32_t>(result);
}

int32_t SubtractDays(int32_t date, int32_t days) {
  if (!IsFiniteDate(date)) return date;
  int64_t result = int64_t{date} - days;
  if (!IsValidDay(result)) ThrowDatetime("date out of range");
  return static_cast<int32_t>(result);
}

int64_t AddTimeToDate(int32_t date, int64_t time) {
  int64_t micros = TimestampOfDate(date);
  return IsFiniteTimestamp(micros) ? AddTime(micros, time) : micros;
}

int32_t SubtractDates(int32_t left, int32_t right) {
  if (!IsFiniteDate(left) || !IsFiniteDate(right)) ThrowDatetime("cannot subtract infinite dates");
  return left - right;
}

interval_t SubtractTimestamps(int64_t left, int64_t right) {
  if (!IsFiniteTimestamp(left) || !IsFiniteTimestamp(right)) ThrowDatetime("cannot subtract infinite timestamps");
  interval_t span = {0, 0, 0};
  if (__builtin_sub_overflow(left, right, &span.micros)) ThrowDatetime("interval out of range");
  return JustifyHours(span);
}

interval_t SubtractTimes(int64_t left, int64_t right) { return {0, 0, left - right}; }

interval_t Age(int64_t left, int64_t right) {
  if (!IsFiniteTimestamp(left) || !IsFiniteTimestamp(right)) ThrowDatetime("interval out of range");
  return ClockDifference(left, right, left < right);
}

interval_t InstantAge(int64_t left, int64_t right, ZoneCursor& zone) {
  if (!IsFiniteTimestamp(left) || !IsFiniteTimestamp(right)) ThrowDatetime("interval out of range");
  return ClockDifference(ClockOfInstant(left, zone), ClockOfInstant(right, zone), left < right);
}

int64_t DateBin(interval_t width, int64_t micros, int64_t origin) {
  if (!IsFiniteTimestamp(micros)) return micros;
  if (!IsFiniteTimestamp(origin)) ThrowDatetime("origin out of range");
  if (width.months != 0) ThrowReport("0A000", "timestamps cannot be binned into intervals containing months or years");
  __int128 unit = IntervalSpan(width);
  int64_t distance;
  if (unit > kInfiniteMicros || unit < kMinusInfiniteMicros) ThrowDatetime("interval out of range");
  if (unit <= 0) ThrowDatetime("stride must be greater than zero");
  if (__builtin_sub_overflow(micros, origin, &distance)) ThrowDatetime("interval out of range");
  return CheckTimestamp(origin + FloorDiv(distance, static_cast<int64_t>(unit)) * unit);
}

int64_t ClockOfInstant(int64_t micros, ZoneCursor& zone) {
  if (!IsFiniteTimestamp(micros)) return micros;
  int64_t offset = zone.PeriodAt(FloorDiv(micros, kMicrosPerSecond)).offset;
  return CheckTimestamp(static_cast<__int128>(micros) + offset * kMicrosPerSecond);
}

int64_t InstantOfClock(int64_t micros, ZoneCursor& zone) {
  if (!IsFiniteTimestamp(micros)) return micros;
  int64_t offset = zone.OffsetOfClock(FloorDiv(micros, kMicrosPerSecond));
  return CheckTimestamp(static_cast<__int128>(micros) - offset * kMicrosPerSecond);
}

int64_t InstantOfDate(int32_t days, ZoneCursor& zone) {
  int64_t micros = TimestampOfDate(days);
  if (!IsFiniteTimestamp(micros)) return micros;
  __int128 instant = micros - zone.OffsetOfClock(micros / kMicrosPerSecond) * static_cast<__int128>(kMicrosPerSecond);
  if (instant < -kJulianDayOf1970 * kMicrosPerDay || instant >= kInfiniteMicros)
    ThrowDatetime("date out of range for timestamp");
  return static_cast<int64_t>(instant);
}

std::optional<int64_t> TimeOfTimestamp(int64_t micros) {
  if (!IsFiniteTimestamp(micros)) return std::nullopt;
  return FloorMod(micros, kMicrosPerDay);
}

int64_t TimeOfInterval(interval_t span) { return TimeOfDay(span.micros); }

interval_t IntervalOfTime(int64_t time) { return {0, 0, time}; }

int64_t RoundTimestamp(int64_t micros, int32_t precision) {
  if (!IsFiniteTimestamp(micros) || precision >= 6) return micros;
  return RoundTo(micros - kMicrosTo2000, UnitOfPrecision(precision)) + kMicrosTo2000;
}

int64_t RoundTime(int64_t time, int32_t precision) { return RoundTo(time, UnitOfPrecision(precision)); }

int32_t MakeDate(int32_t year, int32_t month, int32_t day) {
  WrittenDate date = {year, month, day};
  if (!ValidateDate(date)) {
    // PostgreSQL names the year as its calendar counts
    ThrowReport("22008", fmt::sprintf("date field value out of range: %d-%02d-%02d", date.year, month, day));
  }
  int64_t days = DayNumber(date.year, month, day);
  if (!IsValidDay(days)) {
    ThrowReport("22008", fmt::sprintf("date out of range: %d-%02d-%02d", date.year, month, day));
  }
  return static_cast<int32_t>(days);
}

int64_t MakeTime(int32_t hour, int32_t minute, double second) { return JoinTime(hour, minute, second); }

int64_t MakeTimestamp(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute, double second) {
  WrittenDate date = {year, month, day};
  if (!ValidateDate(date)) {
    ThrowReport("22008", fmt::sprintf("date field value out of range: %d-%02d-%02d", year, month, day));
  }
  int64_t days = DayNumber(date.year, month, day);
  if (!IsValidDay(days)) ThrowReport("22008", fmt::sprintf("date out of range: %d-%02d-%02d", year, month, day));
  __int128 micros = static_cast<__int128>(days) * kMicrosPerDay + JoinTime(hour, minute, second);
  if (micros >= kInfiniteMicros) {
    ThrowReport("22008", fmt::sprintf("timestamp out of range: %d-%02d-%02d %d:%02d:%s", year, month, day, hour, minute,
                                      SecondText(second)));
  }
  return static_cast<int64_t>(micros);
}

int64_t MakeInstant(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute, double second,
                    ZoneCursor& zone) {
  return InstantOfClock(MakeTimestamp(year, month, day, hour, minute, second), zone);
}

int64_t InstantOfEpoch(double seconds) {
  if (std::isnan(seconds)) ThrowDatetime("timestamp cannot be NaN");
  if (std::isinf(seconds)) return seconds > 0 ? kInfiniteMicros : kMinusInfiniteMicros;
  // rounded as a count from 2000, as PostgreSQL does
  double micros = std::rint((seconds - static_cast<double>(kDaysTo2000 * kSecondsPerDay)) * kMicrosPerSecond);
  constexpr double kFirst = static_cast<double>((-kJulianDayOf1970 - kDaysTo2000) * kMicrosPerDay);
  constexpr double kEnd = static_cast<double>(kInfiniteMicros - kMicrosTo2000);
  if (!(micros >= kFirst && micros < kEnd)) {
    ThrowReport("22008", fmt::sprintf("timestamp out of range: \"%g\"", seconds));
  }
  return static_cast<int64_t>(micros) + kMicrosTo2000;
}

std::optional<bool> Overlaps(std::optional<int64_t> start1, std::optional<int64_t> end1, std::optional<int64_t> start2,
                             std::optional<int64_t> end2) {
  // the known end first, and the lesser of two
  if (!start1 || (end1 && *end1 < *start1)) std::swap(start1, end1);
  if (!start2 || (end2 && *end2 < *start2)) std::swap(start2, end2);
  if (!start1 || !start2) return std::nullopt;
  if (*start1 == *start2) return end1 && end2 ? std::optional<bool>(true) : std::nullopt;
  bool first_is_later = *start1 > *start2;
  std::optional<int64_t> later = first_is_later ? start1 : start2;
  const std::optional<int64_t>& end_of_earlier = first_is_later ? end2 : end1;
  const std::optional<int64_t>& end_of_later = first_is_later ? end1 : end2;
  if (!end_of_earlier) return std::nullopt;
  if (*later < *end_of_earlier) return true;
  return end_of_later ? std::optional<bool>(false) : std::nullopt;
}

}  // namespace lake::server
