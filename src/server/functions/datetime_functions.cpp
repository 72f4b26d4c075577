// See the header; the functions are those of datetime_arithmetic.h.
#include "server/functions/datetime_functions.h"

#include "server/functions/datetime_arithmetic.h"
#include "server/functions/vector_function.h"

namespace lake::server {

using duckdb::LogicalType;

void RegisterDatetimeFunctions(duckdb::ExtensionLoader& loader) {
  const LogicalType& date = LogicalType::DATE;
  const LogicalType& time = LogicalType::TIME;
  const LogicalType& timestamp = LogicalType::TIMESTAMP;
  const LogicalType& instant = LogicalType::TIMESTAMP_TZ;
  const LogicalType& interval = LogicalType::INTERVAL;
  const LogicalType& integer = LogicalType::INTEGER;
  const LogicalType& text = LogicalType::VARCHAR;
  const LogicalType& number = LogicalType::DOUBLE;

  RegisterValueFunction<AddToTimestamp>(loader, "pg_timestamp_add", {timestamp, interval}, timestamp);
  RegisterValueFunction<SubtractFromTimestamp>(loader, "pg_timestamp_subtract", {timestamp, interval}, timestamp);
  RegisterValueFunction<AddToInstant>(loader, "pg_timestamptz_add", {instant, interval, text}, instant);
  RegisterValueFunction<SubtractFromInstant>(loader, "pg_timestamptz_subtract", {instant, interval, text}, instant);
  RegisterValueFunction<AddToDate>(loader, "pg_date_add_interval", {date, interval}, timestamp);
  RegisterValueFunction<SubtractFromDate>(loader, "pg_date_subtract_interval", {date, interval}, timestamp);
  RegisterValueFunction<AddToTime>(loader, "pg_time_add", {time, interval}, time);
  RegisterValueFunction<SubtractFromTime>(loader, "pg_time_subtract", {time, interval}, time);
  RegisterValueFunction<AddDays>(loader, "pg_date_add", {date, integer}, date);
  RegisterValueFunction<SubtractDays>(loader, "pg_date_subtract", {date, integer}, date);
  RegisterValueFunction<AddTimeToDate>(loader, "pg_date_add_time", {date, time}, timestamp);

  RegisterValueFunction<SubtractDates>(loader, "pg_date_difference", {date, date}, integer);
  duckdb::ScalarFunctionSet difference("pg_timestamp_difference");
  difference.AddFunction(MakeValueFunction<SubtractTimestamps>("", {timestamp, timestamp}, interval));
  difference.AddFunction(MakeValueFunction<SubtractTimestamps>("", {instant, instant}, interval));
  loader.RegisterFunction(difference);
  RegisterValueFunction<SubtractTimes>(loader, "pg_time_difference", {time, time}, interval);
  RegisterValueFunction<Age>(loader, "pg_age", {timestamp, timestamp}, interval);
  RegisterValueFunction<InstantAge>(loader, "pg_timestamptz_age", {instant, instant, text}, interval);
  duckdb::ScalarFunctionSet bin("pg_date_bin");
  bin.AddFunction(MakeValueFunction<DateBin>("", {interval, timestamp, timestamp}, timestamp));
  bin.AddFunction(MakeValueFunction<DateBin>("", {interval, instant, instant}, instant));
  loader.RegisterFunction(bin);

  RegisterValueFunction<ClockOfInstant>(loader, "pg_clock", {instant, text}, timestamp);
  RegisterValueFunction<InstantOfClock>(loader, "pg_instant", {timestamp, text}, instant);
  RegisterValueFunction<InstantOfDate>(loader, "pg_date_instant", {date, text}, instant);
  RegisterValueFunction<TimeOfTimestamp>(loader, "pg_timestamp_time", {timestamp}, time);
  RegisterValueFunction<TimeOfInterval>(loader, "pg_interval_time", {interval}, time);
  RegisterValueFunction<IntervalOfTime>(loader, "pg_time_interval", {time}, interval);
  duckdb::ScalarFunctionSet round("pg_timestamp_round");
  round.AddFunction(MakeValueFunction<RoundTimestamp>("", {timestamp, integer}, timestamp));
  round.AddFunction(MakeValueFunction<RoundTimestamp>("", {instant, integer}, instant));
  round.AddFunction(MakeValueFunction<RoundTime>("", {time, integer}, time));
  loader.RegisterFunction(round);

  RegisterValueFunction<MakeDate>(loader, "pg_make_date", {integer, integer, integer}, date);
  RegisterValueFunction<MakeTime>(loader, "pg_make_time", {integer, integer, number}, time);
  RegisterValueFunction<MakeTimestamp>(loader, "pg_make_timestamp",
                                       {integer, integer, integer, integer, integer, number}, timestamp);
  RegisterValueFunction<MakeInstant>(loader, "pg_make_timestamptz",
                                     {integer, integer, integer, integer, integer, number, text}, instant);
  RegisterValueFunction<InstantOfEpoch>(loader, "pg_to_timestamp", {number}, instant);

  duckdb::ScalarFunctionSet overlaps("pg_overlaps");
  for (const LogicalType& type : {timestamp, instant, time})
    overlaps.AddFunction(MakeValueFunction<Overlaps>("", {type, type, type, type}, LogicalType::BOOLEAN));
  loader.RegisterFunction(overlaps);
}

}  // namespace lake::server
