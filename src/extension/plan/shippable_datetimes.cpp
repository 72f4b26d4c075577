/*
 * shippable_datetimes.cpp
 *	  The catalogue: dates, times, intervals and time zones (surface.md PUSH-15 to PUSH-19, PUSH-25).
 *
 * What is written pg_.. is a function of our server (src/server/functions/datetime_functions.h), which computes with PostgreSQL's calendar, limits and
 * errors, and with the zone rules that come along with the query (time_zone_rules.h).
 */
extern "C" {
#include "postgres.h"
}

#include "plan/shippable_catalog.h"

#define COMPARISONS "= <> < <= > >="
#define BINARY "$1 $o $2"
#define CALL1 "$o($1)"
#define ZONES "tz AT TIME ZONE 'Europe/Berlin'; tz AT TIME ZONE 'America/New_York'; tz AT TIME ZONE '+05:30'; tz AT TIME ZONE 'EST'"
#define EXTRACT_DATE(x) \
	"extract(day FROM " x "); extract(month FROM " x "); extract(quarter FROM " x "); extract(year FROM " x "); extract(decade FROM " x "); " \
	"extract(century FROM " x "); extract(millennium FROM " x "); extract(week FROM " x "); extract(isoyear FROM " x "); extract(dow FROM " x "); " \
	"extract(isodow FROM " x "); extract(doy FROM " x "); extract(epoch FROM " x ")"
#define EXTRACT_CLOCK(x) \
	"extract(microseconds FROM " x "); extract(milliseconds FROM " x "); extract(second FROM " x "); extract(minute FROM " x "); extract(hour FROM " x ")"
#define PART_DATE(x) \
	"date_part('day', " x "); date_part('month', " x "); date_part('quarter', " x "); date_part('year', " x "); date_part('decade', " x "); " \
	"date_part('century', " x "); date_part('millennium', " x "); date_part('week', " x "); date_part('isoyear', " x "); date_part('dow', " x "); " \
	"date_part('isodow', " x "); date_part('doy', " x "); date_part('julian', " x "); date_part('epoch', " x ")"
#define PART_CLOCK(x) \
	"date_part('microseconds', " x "); date_part('milliseconds', " x "); date_part('second', " x "); date_part('minute', " x "); date_part('hour', " x ")"
#define SPAN_UNITS_OF(call, x) \
	call "('day', " x "); " call "('month', " x "); " call "('quarter', " x "); " call "('year', " x "); " call "('decade', " x "); " \
	call "('century', " x "); " call "('millennium', " x ")"
#define TRUNC(x) \
	"date_trunc('microseconds', " x "); date_trunc('milliseconds', " x "); date_trunc('second', " x "); date_trunc('minute', " x "); date_trunc('hour', " x "); " \
	SPAN_UNITS_OF("date_trunc", x)

#define PICTURES(x) \
	"to_char(" x ", 'YYYY-MM-DD HH24:MI:SS.US'); to_char(" x ", 'Day, DD FMMonth YYYY FMHH12:MI AM'); to_char(" x ", 'IYYY-\"W\"IW-ID DDD J Q CC RM WW W'); " \
	"to_char(" x ", 'FMDDth Mon Y,YYY B.C. MS FF1 FF3 SSSS')"

/* *INDENT-OFF* */
const LakeShippable lake_datetime_operator_table[] = {
	{.section = "Dates and times"},
	{.names = COMPARISONS, .args = "date,timestamptz", .text = "(pg_date_instant($1, $z) $o $2)", .example = BINARY},
	{.names = COMPARISONS, .args = "timestamptz,date", .text = "($1 $o pg_date_instant($2, $z))", .example = BINARY},
	{.names = COMPARISONS, .args = "timestamp,timestamptz", .text = "(pg_instant($1, $z) $o $2)", .example = BINARY},
	{.names = COMPARISONS, .args = "timestamptz,timestamp", .text = "($1 $o pg_instant($2, $z))", .example = BINARY},
	{.names = COMPARISONS, .args = "interval,interval", .text = "(pg_interval_order($1) $o pg_interval_order($2))", .note = "a month is 30 days, a day 24 hours", .example = BINARY},
	{.names = "+", .args = "date,int4", .text = "pg_date_add($1, $2)", .example = "$1 $o $2; d + i2; d + 40"},
	{.names = "+", .args = "int4,date", .text = "pg_date_add($2, $1)", .example = "i2 + d; 40 + d"},
	{.names = "-", .args = "date,int4", .text = "pg_date_subtract($1, $2)", .example = "d - i2; d - 40"},
	{.names = "-", .args = "date,date", .text = "pg_date_difference($1, $2)", .example = BINARY},
	{.names = "-", .args = "timestamp,timestamp timestamptz,timestamptz", .text = "pg_timestamp_difference($1, $2)", .example = BINARY},
	{.names = "-", .args = "time,time", .text = "pg_time_difference($1, $2)", .example = BINARY},
	{.names = "+", .args = "date,time", .text = "pg_date_add_time($1, $2)", .example = BINARY},
	{.names = "+", .args = "time,date", .text = "pg_date_add_time($2, $1)", .example = BINARY},

	{.section = "Intervals"},
	{.names = "+", .args = "date,interval", .text = "pg_date_add_interval($1, $2)", .example = "$1 $o $2; d + interval '1 month 3 days 04:05:06'"},
	{.names = "+", .args = "interval,date", .text = "pg_date_add_interval($2, $1)", .example = BINARY},
	{.names = "-", .args = "date,interval", .text = "pg_date_subtract_interval($1, $2)", .example = "$1 $o $2; d - interval '1 month 3 days 04:05:06'"},
	{.names = "+", .args = "timestamp,interval", .text = "pg_timestamp_add($1, $2)", .example = "$1 $o $2; ts + interval '1 month 3 days 04:05:06'"},
	{.names = "+", .args = "interval,timestamp", .text = "pg_timestamp_add($2, $1)", .example = BINARY},
	{.names = "-", .args = "timestamp,interval", .text = "pg_timestamp_subtract($1, $2)", .example = "$1 $o $2; ts - interval '1 month 3 days 04:05:06'"},
	{.names = "+", .args = "timestamptz,interval", .text = "pg_timestamptz_add($1, $2, $z)", .note = "months and days by the clock in TimeZone", .example = "$1 $o $2; tz + interval '1 month 3 days 04:05:06'"},
	{.names = "+", .args = "interval,timestamptz", .text = "pg_timestamptz_add($2, $1, $z)", .example = BINARY},
	{.names = "-", .args = "timestamptz,interval", .text = "pg_timestamptz_subtract($1, $2, $z)", .example = "$1 $o $2; tz - interval '1 month 3 days 04:05:06'"},
	{.names = "+", .args = "time,interval", .text = "pg_time_add($1, $2)", .example = BINARY},
	{.names = "+", .args = "interval,time", .text = "pg_time_add($2, $1)", .example = BINARY},
	{.names = "-", .args = "time,interval", .text = "pg_time_subtract($1, $2)", .example = BINARY},
	{.names = "+", .args = "interval,interval", .text = "pg_interval_add($1, $2)", .example = BINARY},
	{.names = "-", .args = "interval,interval", .text = "pg_interval_subtract($1, $2)", .example = BINARY},
	{.names = "-", .args = "interval", .text = "pg_interval_negate($1)", .example = "- $1"},
	{.names = "*", .args = "interval,float8", .text = "pg_interval_multiply($1, $2)", .example = "$1 $o $2; iv * i2; iv * 1.5; iv * -0.1"},
	{.names = "*", .args = "float8,interval", .text = "pg_interval_multiply($2, $1)", .example = "i2 * iv; 3 * iv"},
	{.names = "/", .args = "interval,float8", .text = "pg_interval_divide($1, $2)", .example = "iv / i2; iv / 7; iv / 0.3"},
	{}
};

const LakeShippable lake_datetime_function_table[] = {
	{.section = "Casts of dates and times"},
	{.names = "date", .args = "timestamp", .text = "($1)::date", .example = "ts::date"},
	{.names = "timestamp", .args = "date", .text = "($1)::timestamp", .example = "d::timestamp"},
	{.names = "time", .args = "timestamp", .text = "pg_timestamp_time($1)", .example = "ts::time"},
	{.names = "date", .args = "timestamptz", .text = "(pg_clock($1, $z))::date", .note = "by the clock in TimeZone", .example = "tz::date"},
	{.names = "time", .args = "timestamptz", .text = "pg_timestamp_time(pg_clock($1, $z))", .example = "tz::time"},
	{.names = "timestamp", .args = "timestamptz", .text = "pg_clock($1, $z)", .example = "tz::timestamp"},
	{.names = "timestamptz", .args = "timestamp", .text = "pg_instant($1, $z)", .example = "ts::timestamptz"},
	{.names = "timestamptz", .args = "date", .text = "pg_date_instant($1, $z)", .example = "d::timestamptz"},
	{.names = "time", .args = "interval", .text = "pg_interval_time($1)", .example = "iv::time"},
	{.names = "interval", .args = "time", .text = "pg_time_interval($1)", .example = "tm::interval"},
	{.names = "timestamp timestamptz time", .args = "timestamp,int4 timestamptz,int4 time,int4", .text = "pg_timestamp_round($1, p)", .rule = lake_rule_precision,
	 .note = "precision of a type", .example = "ts::timestamp(0); ts::timestamp(2); tz::timestamptz(3); tm::time(1)"},

	{.section = "Fields"},
	{.names = "extract", .args = "text,date", .text = "pg_extract_FIELD($2)", .rule = lake_rule_extract, .note = "of infinity an error where PostgreSQL has an infinite numeric", .example = EXTRACT_DATE("d") "; extract(julian FROM d)"},
	{.names = "extract", .args = "text,timestamp", .text = "pg_extract_FIELD($2)", .rule = lake_rule_extract, .note = "all but julian", .example = EXTRACT_DATE("ts") "; " EXTRACT_CLOCK("ts")},
	{.names = "extract", .args = "text,timestamptz", .text = "pg_extract_FIELD(pg_clock($2, $z))", .rule = lake_rule_extract, .note = "all but julian",
	 .example = EXTRACT_DATE("tz") "; " EXTRACT_CLOCK("tz") "; extract(timezone FROM tz); extract(timezone_hour FROM tz); extract(timezone_minute FROM tz)"},
	{.names = "extract", .args = "text,time", .text = "pg_extract_FIELD($2)", .rule = lake_rule_extract, .example = EXTRACT_CLOCK("tm") "; extract(epoch FROM tm)"},
	{.names = "extract", .args = "text,interval", .text = "pg_extract_FIELD($2)", .rule = lake_rule_extract,
	 .example = EXTRACT_CLOCK("iv") "; extract(epoch FROM iv); extract(day FROM iv); extract(month FROM iv); extract(quarter FROM iv); extract(year FROM iv); extract(decade FROM iv); extract(century FROM iv); extract(millennium FROM iv)"},
	{.names = "date_part", .args = "text,timestamp", .text = "pg_part_FIELD($2)", .rule = lake_rule_extract, .example = PART_DATE("ts") "; " PART_CLOCK("ts") "; date_part('year', d)"},
	{.names = "date_part", .args = "text,timestamptz", .text = "pg_part_FIELD(pg_clock($2, $z))", .rule = lake_rule_extract,
	 .example = PART_DATE("tz") "; " PART_CLOCK("tz") "; date_part('timezone', tz); date_part('timezone_hour', tz); date_part('timezone_minute', tz)"},
	{.names = "date_part", .args = "text,time", .text = "pg_part_FIELD($2)", .rule = lake_rule_extract, .example = PART_CLOCK("tm") "; date_part('epoch', tm)"},
	{.names = "date_part", .args = "text,interval", .text = "pg_part_FIELD($2)", .rule = lake_rule_extract, .example = PART_CLOCK("iv") "; date_part('epoch', iv); " SPAN_UNITS_OF("date_part", "iv")},
	{.names = "date_trunc", .args = "text,timestamp", .text = "date_trunc; pg_date_trunc from decades on", .rule = lake_rule_date_trunc, .note = "constant units", .example = TRUNC("ts") "; date_trunc('week', ts)"},
	{.names = "date_trunc", .args = "text,timestamptz", .text = "pg_date_trunc(unit, $2, $z)", .rule = lake_rule_date_trunc, .note = "constant units", .example = TRUNC("tz") "; date_trunc('week', tz); date_trunc('month', d)"},
	{.names = "date_trunc", .args = "text,timestamptz,text", .text = "pg_date_trunc(unit, $2, zone)", .rule = lake_rule_date_trunc, .note = "constant units and zones",
	 .example = "date_trunc('day', tz, 'Asia/Kolkata'); date_trunc('hour', tz, 'Australia/Lord_Howe'); date_trunc('month', tz, 'America/New_York')"},
	{.names = "date_trunc", .args = "text,interval", .text = "pg_date_trunc(unit, $2)", .rule = lake_rule_date_trunc, .note = "constant units", .example = TRUNC("iv")},
	{.names = "date_bin", .args = "interval,timestamp,timestamp interval,timestamptz,timestamptz", .text = "pg_date_bin($1, $2, $3)",
	 .example = "date_bin('15 minutes', ts, '2001-01-01'); date_bin('7 days', tz, '2030-01-01')"},
	{.names = "isfinite", .args = "date timestamp timestamptz", .example = CALL1},
	{.names = "isfinite", .args = "interval", .text = "($1 IS NOT NULL OR NULL)", .example = CALL1},

	{.section = "Time zones"},
	{.names = "timezone", .args = "text,timestamptz text,timestamp", .text = "pg_clock($2, zone); pg_instant($2, zone)", .rule = lake_rule_timezone,
	 .note = "constant zones, and abbreviations that always mean the same", .example = ZONES "; ts AT TIME ZONE 'UTC'; ts AT TIME ZONE 'Europe/Berlin'; ts AT TIME ZONE 'America/Sao_Paulo'"},
	{.names = "timezone", .args = "interval,timestamptz interval,timestamp", .text = "pg_clock($2, zone); pg_instant($2, zone)", .rule = lake_rule_timezone, .note = "constant intervals",
	 .example = "tz AT TIME ZONE interval '-02:30'; ts AT TIME ZONE interval '05:45'"},

	{.section = "Differences and intervals"},
	{.names = "age", .args = "timestamp,timestamp", .text = "pg_age($1, $2)", .example = "$o($1, $2); age(ts, '2001-02-28 12:00'); age(ts)"},
	{.names = "age", .args = "timestamptz,timestamptz", .text = "pg_timestamptz_age($1, $2, $z)", .example = "$o($1, $2); age(tz)"},
	{.names = "overlaps", .args = "timestamp,timestamp,timestamp,timestamp timestamptz,timestamptz,timestamptz,timestamptz time,time,time,time", .text = "pg_overlaps($1, $2, $3, $4)",
	 .example = "(ts, xts) OVERLAPS (timestamp '2000-01-01', timestamp '2020-01-01'); (tz, xtz) OVERLAPS (timestamptz '2000-01-01 00:00+00', xtz); (tm, xtm) OVERLAPS (time '10:00', time '12:00'); "
	 "(d, xd) OVERLAPS (date '2000-01-01', NULL); (ts, iv) OVERLAPS (xts, interval '1 day')"},
	{.names = "justify_hours justify_days justify_interval", .args = "interval", .text = "pg_$o($1)", .example = CALL1},
	{.names = "make_interval", .args = "int4,int4,int4,int4,int4,int4,float8", .text = "pg_make_interval($1, $2, $3, $4, $5, $6, $7)", .note = "an overflow is an error, where PostgreSQL 15 and 16 wrap around",
	 .example = "make_interval(i2, i2, i2, i2, i2, i2, i2 / 7.0::float8); make_interval(days => i2, secs => 1.5)"},

	{.section = "Pictures"},
	{.names = "to_char", .args = "timestamp,text", .text = "pg_to_char($1, $2)", .rule = lake_rule_picture, .note = "constant pictures without TM", .example = PICTURES("ts")},
	{.names = "to_char", .args = "timestamptz,text", .text = "pg_to_char($1, $2, $z)", .rule = lake_rule_picture, .note = "constant pictures without TM",
	 .example = PICTURES("tz") "; to_char(tz, 'HH24 TZ tz TZH:TZM OF'); to_char(d, 'DAY dy')"},
	{.names = "to_char", .args = "interval,text", .text = "pg_to_char($1, $2)", .rule = lake_rule_picture, .note = "constant pictures without TM",
	 .example = "to_char(iv, 'YYYY MM DD HH24:MI:SS.US SSSS'); to_char(iv, 'FMHH12 AM CC RM WW DDD IW J'); to_char(tm, 'HH12:MI:SS.MS pm')"},
	{.names = "to_date", .args = "text,text", .text = "pg_to_date($1, $2)", .rule = lake_rule_picture, .note = "constant pictures without TM, TZ, OF",
	 .example = "to_date(t, 'YYYY-MM-DD'); to_date(d::text, 'YYYY-MM-DD'); to_date(to_char(d, 'DDD YYYY'), 'DDD YYYY'); to_date(to_char(d, 'IYYY-IW-ID'), 'IYYY-IW-ID')"},
	{.names = "to_timestamp", .args = "text,text", .text = "pg_parse_timestamp($1, $2, $z)", .rule = lake_rule_picture, .note = "constant pictures without TM, TZ, OF",
	 .example = "to_timestamp(t, 'YYYY-MM-DD HH24:MI:SS'); to_timestamp(to_char(ts, 'Mon DD YYYY HH12:MI:SS.US AM'), 'Mon DD YYYY HH12:MI:SS.US AM'); "
	 "to_timestamp(to_char(ts, 'YYYYMMDDHH24MISSMS'), 'YYYYMMDDHH24MISSMS'); to_timestamp(to_char(tz, 'J SSSS TZH:TZM'), 'J SSSS TZH:TZM')"},

	{.section = "Making dates and times"},
	{.names = "make_date", .args = "int4,int4,int4", .text = "pg_make_date($1, $2, $3)", .example = "make_date(i4, 2, 28); make_date(2000 + i2 % 100, 1 + abs(i2 % 12), 28)"},
	{.names = "make_time", .args = "int4,int4,float8", .text = "pg_make_time($1, $2, $3)", .example = "make_time(1, 2, f8); make_time(abs(i2 % 24), 30, 59.9999999)"},
	{.names = "make_timestamp", .args = "int4,int4,int4,int4,int4,float8", .text = "pg_make_timestamp($1, $2, $3, $4, $5, $6)", .example = "make_timestamp(i4, 2, 29, 1, 2, 3.5); make_timestamp(2000 + i2 % 100, 2, 28, abs(i2 % 24), abs(i2 % 60), 0.0000005)"},
	{.names = "make_timestamptz", .args = "int4,int4,int4,int4,int4,float8", .text = "pg_make_timestamptz($1, $2, $3, $4, $5, $6, $z)", .example = "make_timestamptz(2024, 3, 31, abs(i2 % 24), 30, 3.5)"},
	{.names = "to_timestamp", .args = "float8", .text = "pg_to_timestamp($1)", .example = "to_timestamp(f8); to_timestamp(i4); to_timestamp(i4 / 7.0::float8)"},
	{}
};

const LakeShippable lake_datetime_aggregate_table[] = {
	{.section = "Intervals"},
	{.names = "sum", .args = "interval", .text = "pg_interval_sum", .note = "overflow of the total, not on the way to it, is an error", .example = "sum(iv)"},
	{.names = "avg", .args = "interval", .text = "pg_interval_avg", .example = "avg(iv)"},
	{.names = "min", .args = "interval", .text = "pg_interval_min", .note = "of equal ones any, as in PostgreSQL", .example = "min(iv)"},
	{.names = "max", .args = "interval", .text = "pg_interval_max", .example = "max(iv)"},
	{}
};
