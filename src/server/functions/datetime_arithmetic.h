// What PostgreSQL computes with timestamps, dates and times: sums with intervals, differences, ages, bins, values made
// of fields. Timestamps are microseconds and dates days since 1970, times microseconds since midnight. Errors are
// PostgreSQL's.
#pragma once

#include <optional>

#include "duckdb/common/types/interval.hpp"
#include "server/functions/time_zone.h"

namespace lake::server {

using duckdb::interval_t;

/// Months first (the day is cut to the month's length), then days, then time.
int64_t AddToTimestamp(int64_t micros, interval_t span);
int64_t SubtractFromTimestamp(int64_t micros, interval_t span);
/// Months and days are those of a clock in the zone.
int64_t AddToInstant(int64_t micros, interval_t span, ZoneCursor& zone);
int64_t SubtractFromInstant(int64_t micros, interval_t span, ZoneCursor& zone);
int64_t AddToDate(int32_t days, interval_t span);
int64_t SubtractFromDate(int32_t days, interval_t span);
int64_t AddToTime(int64_t time, interval_t span);
int64_t SubtractFromTime(int64_t time, interval_t span);
int32_t AddDays(int32_t date, int32_t days);
int32_t SubtractDays(int32_t date, int32_t days);
int64_t AddTimeToDate(int32_t date, int64_t time);

int32_t SubtractDates(int32_t left, int32_t right);
interval_t SubtractTimestamps(int64_t left, int64_t right);
interval_t SubtractTimes(int64_t left, int64_t right);
/// The difference in years, months, days and time of two clocks.
interval_t Age(int64_t left, int64_t right);
interval_t InstantAge(int64_t left, int64_t right, ZoneCursor& zone);

/// The start of the bin of the width that the timestamp is in, bins being counted from origin.
int64_t DateBin(interval_t width, int64_t micros, int64_t origin);

/// What a clock in the zone shows; infinity stays.
int64_t ClockOfInstant(int64_t micros, ZoneCursor& zone);
int64_t InstantOfClock(int64_t micros, ZoneCursor& zone);
int64_t InstantOfDate(int32_t days, ZoneCursor& zone);
/// No time for an infinite timestamp.
std::optional<int64_t> TimeOfTimestamp(int64_t micros);
int64_t TimeOfInterval(interval_t span);
interval_t IntervalOfTime(int64_t time);
/// timestamp(precision), time(precision); precision 0 to 6.
int64_t RoundTimestamp(int64_t micros, int32_t precision);
int64_t RoundTime(int64_t time, int32_t precision);

int32_t MakeDate(int32_t year, int32_t month, int32_t day);
int64_t MakeTime(int32_t hour, int32_t minute, double second);
int64_t MakeTimestamp(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute, double second);
int64_t MakeInstant(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute, double second,
                    ZoneCursor& zone);
int64_t InstantOfEpoch(double seconds);

/// (start, end) OVERLAPS (start, end), three-valued.
std::optional<bool> Overlaps(std::optional<int64_t> start1, std::optional<int64_t> end1, std::optional<int64_t> start2,
                             std::optional<int64_t> end2);

}  // namespace lake::server
