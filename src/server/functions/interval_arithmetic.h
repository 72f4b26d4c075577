// PostgreSQL's arithmetic of intervals: months, days and microseconds each for themselves, 22008 where a field
// overflows. (PostgreSQL 15 lets a few overflows of make_interval() and of fractions in * and / wrap around; later
// versions raise the error, and so does this.)
#pragma once

#include <optional>

#include "duckdb/common/types/interval.hpp"

namespace lake::server {

using duckdb::interval_t;

/// What intervals are compared by: microseconds, months of 30 days, days of 24 hours.
__int128 IntervalSpan(interval_t span);

interval_t NegateInterval(interval_t span);
interval_t AddIntervals(interval_t left, interval_t right);
interval_t SubtractIntervals(interval_t left, interval_t right);
interval_t MultiplyInterval(interval_t span, double factor);
interval_t DivideInterval(interval_t span, double divisor);

interval_t JustifyHours(interval_t span);
interval_t JustifyDays(interval_t span);
interval_t JustifyInterval(interval_t span);

interval_t MakeInterval(int32_t years, int32_t months, int32_t weeks, int32_t days, int32_t hours, int32_t minutes,
                        double seconds);

/// The fields of an interval as people read them: each has the sign of its part.
struct IntervalFields {
  int32_t years;
  int32_t months;
  int32_t days;
  int64_t hours;
  int32_t minutes;
  int32_t seconds;
  int32_t micros;
};
IntervalFields SplitInterval(interval_t span);

}  // namespace lake::server
