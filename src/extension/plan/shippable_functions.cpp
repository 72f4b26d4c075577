/*
 * shippable_functions.cpp
 *	  The catalogue: functions and casts (surface.md PUSH-8 to PUSH-22).
 */
extern "C" {
#include "postgres.h"
}

#include "plan/shippable_catalog.h"

#define LIBM "the last bit depends on the C library of the server's host"
#define CALL1 "$o($1)"

/* *INDENT-OFF* */
const LakeShippable lake_function_table[] = {
	{.section = "Casts of numbers"},
	{.names = "int2", .args = "int4 int8 float4 float8 numeric", .text = "($1)::smallint", .note = "floats round half to even, numerics half away from zero", .example = "$1::smallint"},
	{.names = "int4", .args = "int2 int8 float4 float8 numeric bool", .text = "($1)::integer", .example = "$1::integer"},
	{.names = "int8", .args = "int2 int4 float4 float8 numeric", .text = "($1)::bigint", .example = "$1::bigint"},
	{.names = "float4", .args = "int2 int4 int8", .text = "($1)::real", .example = "$1::real"},
	{.names = "float8", .args = "int2 int4 int8 float4", .text = "($1)::double", .example = "$1::double precision"},
	{.names = "float8", .args = "numeric", .text = "($1)::double", .rule = lake_rule_decimal_to_float, .example = "n::double precision"},
	{.names = "numeric", .args = "float4 float8", .text = "pg_numeric_of_float($1)", .rule = lake_rule_varying, .note = "in text form", .example = "$1::numeric; $1::numeric * 2"},
	{.names = "numeric", .args = "int2", .text = "($1)::decimal(5,0)", .example = "i2::numeric"},
	{.names = "numeric", .args = "int4", .text = "($1)::decimal(10,0)", .example = "i4::numeric"},
	{.names = "numeric", .args = "int8", .text = "($1)::decimal(19,0)", .example = "i8::numeric"},
	{.names = "numeric", .args = "numeric,int4", .text = "($1)::decimal(p,s)", .rule = lake_rule_decimal_result, .note = "p <= 38", .example = "n::numeric(10,1); n::numeric(20,4); n::numeric(4,2)"},
	{.names = "bool", .args = "int4", .text = "($1 <> 0)", .example = "i4::boolean"},

	{.section = "Numbers"},
	{.names = "abs", .args = "int2 int4 int8 float4 float8 numeric", .example = CALL1},
	{.names = "mod", .args = "int2,int2 int4,int4 int8,int8", .text = "as %", .rule = lake_rule_int_division, .example = "$o($1, $2); $o($1, 7::$t2)"},
	{.names = "mod", .args = "numeric,numeric", .text = "pg_numeric_modulo", .rule = lake_rule_varying, .note = "in text form", .example = "mod(n, 7)"},
	{.names = "sign", .args = "numeric", .text = "pg_numeric_sign", .rule = lake_rule_varying, .note = "in text form", .example = "sign(n)"},
	{.names = "ceil ceiling", .args = "float8 numeric", .text = "ceil($1)", .example = CALL1},
	{.names = "floor", .args = "float8 numeric", .example = CALL1},
	{.names = "trunc", .args = "float8", .example = CALL1},
	{.names = "trunc", .args = "numeric,int4", .text = "trunc($1)", .note = "to a number of decimals: in text form", .example = "trunc(n); trunc(n, 1); trunc(n, -1); trunc(n, i2)"},
	{.names = "round", .args = "float8", .text = "round_even($1, 0)", .example = CALL1},
	{.names = "round", .args = "numeric,int4", .text = "($1)::decimal(p,n)", .rule = lake_rule_decimal_result, .note = "n beyond 0 to 18, or not constant: in text form", .example = "round(n); round(n, 1); round(n, -2); round(n, i2)"},
	{.names = "sqrt dsqrt", .args = "float8", .text = "sqrt($1)", .example = "sqrt(f8); sqrt(abs(f8))"},
	{.names = "exp ln log power pow dlog1 dlog10 dexp dpow cbrt", .args = "float8 float8,float8", .stays = LIBM, .example = "exp(f8)"},
	{.names = "sin cos tan cot asin acos atan atan2 sinh cosh tanh asinh acosh atanh", .args = "float8 float8,float8", .stays = LIBM, .example = "sin(f8)"},

	{.section = "Text"},
	{.names = "text", .args = "bpchar", .text = "rtrim($1, ' ')", .example = "c::text"},
	{.names = "text", .args = "bool", .text = "($1)::text", .example = "b::text"},
	{.names = "varchar", .args = "varchar,int4,bool", .text = "left($1, n)", .rule = lake_rule_varchar, .note = "explicit casts", .example = "t::varchar(5); v::varchar(3)"},
	{.names = "length char_length character_length", .args = "text", .text = "(length($1))::integer", .example = CALL1},
	{.names = "length char_length character_length", .args = "bpchar", .text = "(length(rtrim($1, ' ')))::integer", .example = CALL1},
	{.names = "octet_length", .args = "text", .text = "(strlen($1))::integer", .example = CALL1},
	{.names = "octet_length length", .args = "bytea", .text = "(octet_length($1))::integer", .example = CALL1},
	{.names = "bit_length", .args = "text", .text = "(bit_length($1))::integer", .example = CALL1},
	{.names = "substr substring", .args = "text,int4 text,int4,int4", .text = "substr($1, $2, $3)", .rule = lake_rule_substring, .note = "constant positions >= 1, lengths >= 0", .example = "$o(t, 3); $o(t, 2, 4); $o(t, 1, 0)"},
	{.names = "left right", .args = "text,int4", .conditions = LAKE_IF_CONST_2, .example = "$o(t, 3); $o(t, -3); $o(t, 0)"},
	{.names = "strpos position", .args = "text,text", .text = "(strpos($1, $2))::integer", .conditions = LAKE_IF_EQUALITY, .example = "strpos($1, $2); position('l' IN t)"},
	{.names = "replace", .args = "text,text,text", .conditions = LAKE_IF_EQUALITY, .example = "replace(t, 'l', 'XY'); replace(t, xt, 'z'); replace(t, '', 'x')"},
	{.names = "btrim", .args = "text", .text = "trim($1, ' ')", .example = CALL1},
	{.names = "ltrim rtrim", .args = "text", .text = "$o($1, ' ')", .example = CALL1},
	{.names = "btrim", .args = "text,text", .text = "trim($1, $2)", .example = "$o($1, $2); $o(t, 'aeiou ')"},
	{.names = "ltrim rtrim", .args = "text,text", .example = "$o($1, $2); $o(t, 'aeiou ')"},
	{.names = "lpad rpad", .args = "text,int4 text,int4,text", .text = "the same, with a fill", .rule = lake_rule_pad, .note = "constant length and fill", .example = "$o(t, 5); $o(t, 0); $o(t, 12, 'xy')"},
	{.names = "split_part", .args = "text,text,int4", .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_split_part, .note = "constant delimiter and field >= 1", .example = "split_part(t, ',', 1); split_part(t, ',', 3); split_part(t, 'l', 2)"},
	{.names = "starts_with", .args = "text,text", .conditions = LAKE_IF_EQUALITY, .example = "$o($1, $2); $o($1, 'he')"},
	{.names = "concat concat_ws", .args = "any text,any", .text = "the same", .rule = lake_rule_concat, .note = "text and integers", .example = "concat(t, i4, v, i8); concat_ws(', ', t, i2, xt)"},
	{.names = "md5", .args = "text", .example = CALL1},
	{.names = "lower", .args = "text", .text = "translate; lower under C.UTF-8", .rule = lake_rule_lower, .note = "collation C, POSIX or C.UTF-8", .example = "lower(t); lower(t COLLATE \"C\")"},
	{.names = "upper", .args = "text", .text = "translate($1, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')", .conditions = LAKE_IF_C, .example = "upper(t COLLATE \"C\")"},
	{.names = "reverse", .args = "text", .stays = "DuckDB reverses grapheme clusters", .example = "reverse(t)"},
	{.names = "to_char", .args = "timestamp,text timestamptz,text", .stays = "depends on lc_time, TimeZone", .example = "to_char(ts, 'YYYY-MM')"},

	{.section = "Dates and times"},
	{.names = "date", .args = "timestamp", .text = "($1)::date", .example = "ts::date"},
	{.names = "timestamp", .args = "date", .text = "($1)::timestamp", .example = "d::timestamp"},
	{.names = "time", .args = "timestamp", .text = "($1)::time", .example = "ts::time"},
	{.names = "extract", .args = "text,date text,timestamp text,timestamptz", .text = "year, month, .. of microseconds", .rule = lake_rule_extract,
	 .note = "of dates: year, quarter, month, week, day, dow, isodow, doy; of timestamps also hour, minute, second, milliseconds, microseconds, epoch; of timestamptz epoch",
	 .example = "extract(year FROM d); extract(quarter FROM d); extract(month FROM d); extract(week FROM d); extract(day FROM d); extract(dow FROM d); extract(isodow FROM d); extract(doy FROM d); "
	 "extract(year FROM ts); extract(week FROM ts); extract(doy FROM ts); extract(hour FROM ts); extract(minute FROM ts); extract(second FROM ts); extract(milliseconds FROM ts); extract(microseconds FROM ts); "
	 "extract(epoch FROM ts); extract(epoch FROM tz)"},
	{.names = "date_part", .args = "text,timestamp text,timestamptz", .text = "as extract", .rule = lake_rule_extract, .example = "date_part('year', ts); date_part('second', ts); date_part('epoch', ts); date_part('epoch', tz)"},
	{.names = "date_trunc", .args = "text,timestamp", .rule = lake_rule_date_trunc, .note = "microseconds to decade",
	 .example = "date_trunc('second', ts); date_trunc('hour', ts); date_trunc('day', ts); date_trunc('week', ts); date_trunc('month', ts); date_trunc('quarter', ts); date_trunc('year', ts); date_trunc('decade', ts)"},
	{.names = "timezone", .args = "text,timestamptz", .text = "make_timestamp(epoch_us($2))", .rule = lake_rule_timezone, .note = "UTC", .example = "tz AT TIME ZONE 'UTC'"},
	{}
};
