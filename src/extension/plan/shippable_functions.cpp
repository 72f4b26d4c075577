/*
 * shippable_functions.cpp
 *	  The catalogue: functions and casts (surface.md PUSH-8 to PUSH-22).
 *
 * Absent on purpose: upper and initcap outside the C locale (their tables of letters differ), reverse (DuckDB reverses
 * grapheme clusters), regular expressions (another dialect), exp, power and trigonometry (results of the last bit depend on the
 * C library of the server's host), whatever depends on TimeZone or DateStyle.
 */
extern "C" {
#include "postgres.h"
}

#include "plan/shippable_catalog.h"

const LakeShippable lake_function_table[] = {
	/* casts of numbers: both round half to even from floats and half away from zero from numerics */
	{"int2", "int4 int8 float4 float8 numeric", "($1)::smallint"},
	{"int4", "int2 int8 float4 float8 numeric bool", "($1)::integer"},
	{"int8", "int2 int4 float4 float8 numeric", "($1)::bigint"},
	{"float4", "int2 int4 int8", "($1)::real"},
	{"float8", "int2 int4 int8 float4", "($1)::double"},
	{"float8", "numeric", NULL, 0, lake_rule_decimal_to_float},
	{"numeric", "int2", "($1)::decimal(5,0)"},
	{"numeric", "int4", "($1)::decimal(10,0)"},
	{"numeric", "int8", "($1)::decimal(19,0)"},
	{"numeric", "numeric,int4", NULL, 0, lake_rule_decimal_result},
	{"bool", "int4", "($1 <> 0)"},

	/* numbers */
	{"abs", "int2 int4 int8 float4 float8 numeric"},
	{"mod", "int2,int2 int4,int4 int8,int8", NULL, 0, lake_rule_int_division},
	{"ceil ceiling", "float8 numeric", "ceil($1)"},
	{"floor", "float8 numeric"},
	{"trunc", "float8"},
	{"trunc", "numeric,int4", "trunc($1)", LAKE_IF_CONST_2},
	{"round", "float8", "round_even($1, 0)"},
	{"round", "numeric,int4", NULL, LAKE_IF_CONST_2, lake_rule_decimal_result},
	{"sqrt dsqrt", "float8", "sqrt($1)"},

	/* text */
	{"text", "bpchar", "rtrim($1, ' ')"},
	{"text", "bool", "($1)::text"},
	{"varchar", "varchar,int4,bool", NULL, 0, lake_rule_varchar},
	{"length char_length character_length", "text", "(length($1))::integer"},
	{"length char_length character_length", "bpchar", "(length(rtrim($1, ' ')))::integer"},
	{"octet_length", "text", "(strlen($1))::integer"},
	{"octet_length length", "bytea", "(octet_length($1))::integer"},
	{"bit_length", "text", "(bit_length($1))::integer"},
	{"substr substring", "text,int4 text,int4,int4", NULL, 0, lake_rule_substring},
	{"left right", "text,int4", NULL, LAKE_IF_CONST_2},
	{"strpos position", "text,text", "(strpos($1, $2))::integer", LAKE_IF_EQUALITY},
	{"replace", "text,text,text", NULL, LAKE_IF_EQUALITY},
	{"btrim", "text", "trim($1, ' ')"},
	{"ltrim rtrim", "text", "$o($1, ' ')"},
	{"btrim", "text,text", "trim($1, $2)"},
	{"ltrim rtrim", "text,text"},
	{"lpad rpad", "text,int4 text,int4,text", NULL, 0, lake_rule_pad},
	{"split_part", "text,text,int4", NULL, LAKE_IF_EQUALITY, lake_rule_split_part},
	{"starts_with", "text,text", NULL, LAKE_IF_EQUALITY},
	{"concat concat_ws", "any text,any", NULL, 0, lake_rule_concat},
	{"md5", "text"},
	{"lower", "text", NULL, 0, lake_rule_lower},
	{"upper", "text", "translate($1, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')", LAKE_IF_C},

	/* dates */
	{"date", "timestamp", "($1)::date"},
	{"timestamp", "date", "($1)::timestamp"},
	{"time", "timestamp", "($1)::time"},
	{"extract", "text,date text,timestamp text,timestamptz", NULL, 0, lake_rule_extract},
	{"date_part", "text,timestamp text,timestamptz", NULL, 0, lake_rule_extract},
	{"date_trunc", "text,timestamp", NULL, 0, lake_rule_date_trunc},
	{"timezone", "text,timestamptz", NULL, 0, lake_rule_timezone},
	{}
};
