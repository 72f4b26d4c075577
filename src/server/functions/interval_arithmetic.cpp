// See the header.
#include "server/functions/interval_arithmetic.h"

#include <cmath>

#include "server/engine/lake_exception.h"
#include "server/functions/pg_datetime.h"

namespace lake::server {

namespace {

constexpr int32_t kDaysPerMonth = 30;
constexpr int32_t kMonthsPerYear = 12;

[[noreturn]] void ThrowOutOfRange() { ThrowDatetime("interval out of range"); }

template <typename T>
T Add(T left, T right) {
  T sum;
  if (__builtin_add_overflow(left, right, &sum)) ThrowOutOfRange();
  return sum;
}

template <typename T>
T Subtract(T left, T right) {
  T difference;
  if (__builtin_sub_overflow(left, right, &difference)) ThrowOutOfRange();
  return difference;
}

template <typename T>
T Narrow(double value) {
  // the limits as doubles: the upper one rounds to the power of two behind it
  constexpr double kLimit = sizeof(T) == 4 ? 2147483648.0 : 9223372036854775808.0;
  if (std::isnan(value) || value < -kLimit || value >= kLimit) ThrowOutOfRange();
  return static_cast<T>(value);
}

double RoundToMicros(double value) { return std::rint(value * 1e6) / 1e6; }

/// span * factor, or span / factor. Fractions of months become days, fractions of days become time.
template <typename Scale>
interval_t ScaleInterval(interval_t span, Scale scale) {
  interval_t result;
  result.months = Narrow<int32_t>(scale(span.months));
  result.days = Narrow<int32_t>(scale(span.days));
  double month_days = RoundToMicros((scale(span.months) - result.months) * kDaysPerMonth);
  double seconds = RoundToMicros((scale(span.days) - result.days + month_days - static_cast<int>(month_days)) *
                                 static_cast<double>(kSecondsPerDay));
  if (std::fabs(seconds) >= kSecondsPerDay) {
    int whole_days = static_cast<int>(seconds / kSecondsPerDay);
    result.days = Add(result.days, whole_days);
    seconds -= static_cast<double>(whole_days * kSecondsPerDay);
  }
  result.days = Add(result.days, static_cast<int32_t>(month_days));
  result.micros = Narrow<int64_t>(std::rint(scale(span.micros) + seconds * kMicrosPerSecond));
  return result;
}

/// Makes days and time agree in sign.
void BalanceTime(interval_t& span) {
  if (span.days > 0 && span.micros < 0) {
    span.micros += kMicrosPerDay;
    span.days--;
  } else if (span.days < 0 && span.micros > 0) {
    span.micros -= kMicrosPerDay;
    span.days++;
  }
}

void MoveDaysToMonths(interval_t& span) {
  int32_t months = span.days / kDaysPerMonth;
  span.days -= months * kDaysPerMonth;
  span.months = Add(span.months, months);
}

void MoveTimeToDays(interval_t& span) {
  auto days = static_cast<int32_t>(span.micros / kMicrosPerDay);
  span.micros -= days * kMicrosPerDay;
  span.days = Add(span.days, days);
}

}  // namespace

__int128 IntervalSpan(interval_t span) {
  return static_cast<__int128>(span.months * int64_t{kDaysPerMonth} + span.days) * kMicrosPerDay + span.micros;
}

interval_t NegateInterval(interval_t span) { return SubtractIntervals({0, 0, 0}, span); }

interval_t AddIntervals(interval_t left, interval_t right) {
  return {Add(left.months, right.months), Add(left.days, right.days), Add(left.micros, right.micros)};
}

interval_t SubtractIntervals(interval_t left, interval_t right) {
  return {Subtract(left.months, right.months), Subtract(left.days, right.days), Subtract(left.micros, right.micros)};
}

interval_t MultiplyInterval(interval_t span, double factor) {
  return ScaleInterval(span, [factor](auto field) { return static_cast<double>(field) * factor; });
}

interval_t DivideInterval(interval_t span, double divisor) {
  if (divisor == 0) ThrowReport("22012", "division by zero");
  return ScaleInterval(span, [divisor](auto field) { return static_cast<double>(field) / divisor; });
}

interval_t JustifyHours(interval_t span) {
  MoveTimeToDays(span);
  BalanceTime(span);
  return span;
}

interval_t JustifyDays(interval_t span) {
  MoveDaysToMonths(span);
  if (span.months > 0 && span.days < 0) {
    span.days += kDaysPerMonth;
    span.months--;
  } else if (span.months < 0 && span.days > 0) {
    span.days -= kDaysPerMonth;
    span.months++;
  }
  return span;
}

interval_t JustifyInterval(interval_t span) {
  if ((span.days > 0 && span.micros > 0) || (span.days < 0 && span.micros < 0)) MoveDaysToMonths(span);
  MoveTimeToDays(span);
  MoveDaysToMonths(span);
  if (span.months > 0 && (span.days < 0 || (span.days == 0 && span.micros < 0))) {
    span.days += kDaysPerMonth;
    span.months--;
  } else if (span.months < 0 && (span.days > 0 || (span.days == 0 && span.micros > 0))) {
    span.days -= kDaysPerMonth;
    span.months++;
  }
  BalanceTime(span);
  return span;
}

interval_t MakeInterval(int32_t years, int32_t months, int32_t weeks, int32_t days, int32_t hours, int32_t minutes,
                        double seconds) {
  if (!std::isfinite(seconds)) ThrowOutOfRange();
  int32_t year_months;
  int32_t week_days;
  if (__builtin_mul_overflow(years, kMonthsPerYear, &year_months) || __builtin_mul_overflow(weeks, 7, &week_days))
    ThrowOutOfRange();
  int64_t time =
      Add(hours * kMicrosPerHour + minutes * kMicrosPerMinute, Narrow<int64_t>(std::rint(seconds * kMicrosPerSecond)));
  return {Add(year_months, months), Add(week_days, days), time};
}

IntervalFields SplitInterval(interval_t span) {
  IntervalFields fields;
  fields.years = span.months / kMonthsPerYear;
  fields.months = span.months % kMonthsPerYear;
  fields.days = span.days;
  fields.hours = span.micros / kMicrosPerHour;
  fields.minutes = static_cast<int32_t>(span.micros % kMicrosPerHour / kMicrosPerMinute);
  fields.seconds = static_cast<int32_t>(span.micros % kMicrosPerMinute / kMicrosPerSecond);
  fields.micros = static_cast<int32_t>(span.micros % kMicrosPerSecond);
  return fields;
}

}  // namespace lake::server
