/*
 * shippable_aggregates.cpp
 *	  The catalogue: aggregates and window functions (surface.md PUSH-1 to PUSH-7).
 *
 * sum and avg over float8 add in another order than PostgreSQL does, which PostgreSQL leaves open too: the last bits may differ; their
 * examples add integers. avg over integers and numerics is
 * sum / count, in text form.
 */
extern "C" {
#include "postgres.h"
}

#include "plan/shippable_catalog.h"

#define CALL "$o($1)"
#define STATISTIC "$o($1); $o(DISTINCT $1) FILTER (WHERE id < 50); $o($1) FILTER (WHERE id < 1)"
#define FLOAT_STATISTIC "$o($1); round($o(i2::float8 / 7)::numeric, 2); $o(f4 / 3) FILTER (WHERE id < 2)"
#define REGRESSION "$o(f8, xf8); round($o(i2::float8, (xi2 / 9)::float8)::numeric, 3); $o(i2::float8 / 8, 3::float8) FILTER (WHERE abs(i2) < 9); $o(3::float8, i2::float8) FILTER (WHERE id < 2); $o(f8, xf8) FILTER (WHERE id IN (2, 3))"
#define LAST_BITS "the order of additions is open on both sides"

/* *INDENT-OFF* */
const LakeShippable lake_aggregate_table[] = {
	{.section = "Counts and sums"},
	{.names = "count", .args = "- any", .example = "count(*); count(t); count(DISTINCT i4); count(jb) FILTER (WHERE b)"},
	{.names = "sum", .args = "int2 int4", .cast = "bigint", .example = CALL},
	{.names = "sum", .args = "int8", .cast = "decimal(38,0)", .example = CALL},
	{.names = "sum", .args = "numeric", .example = "sum(n); sum(DISTINCT n)"},
	{.names = "sum", .args = "float8", .note = "the order of additions is open on both sides", .example = "sum(i4::float8)"},
	{.names = "sum", .args = "float4", .stays = "PostgreSQL adds in single precision", .example = "sum(i2::real)"},
	{.names = "avg", .args = "int2 int4 int8 numeric", .text = "pg_numeric_divide_text(sum, count)", .note = "in text form", .example = CALL "; avg(DISTINCT $1) * 2"},
	{.names = "avg", .args = "float4 float8", .note = "the order of additions is open on both sides", .example = "avg(i2::real); avg(i4::float8)"},

	{.section = "Statistics"},
	{.names = "var_pop", .args = "int2 int4 int8 numeric", .text = "pg_var_pop", .conditions = LAKE_TEXT_FORM, .note = "in text form", .example = STATISTIC},
	{.names = "var_samp variance", .args = "int2 int4 int8 numeric", .text = "pg_var_samp", .conditions = LAKE_TEXT_FORM, .note = "in text form", .example = STATISTIC},
	{.names = "stddev_pop", .args = "int2 int4 int8 numeric", .text = "pg_stddev_pop", .conditions = LAKE_TEXT_FORM, .note = "in text form", .example = STATISTIC},
	{.names = "stddev_samp stddev", .args = "int2 int4 int8 numeric", .text = "pg_stddev_samp", .conditions = LAKE_TEXT_FORM, .note = "in text form", .example = STATISTIC},
	{.names = "var_pop", .args = "float4 float8", .text = "pg_float_var_pop", .note = LAST_BITS, .example = FLOAT_STATISTIC},
	{.names = "var_samp variance", .args = "float4 float8", .text = "pg_float_var_samp", .note = LAST_BITS, .example = FLOAT_STATISTIC},
	{.names = "stddev_pop", .args = "float4 float8", .text = "pg_float_stddev_pop", .note = LAST_BITS, .example = FLOAT_STATISTIC},
	{.names = "stddev_samp stddev", .args = "float4 float8", .text = "pg_float_stddev_samp", .note = LAST_BITS, .example = FLOAT_STATISTIC},
	{.names = "covar_pop", .args = "float8,float8", .text = "pg_covar_pop", .note = LAST_BITS, .example = REGRESSION},
	{.names = "covar_samp", .args = "float8,float8", .text = "pg_covar_samp", .note = LAST_BITS, .example = REGRESSION},
	{.names = "corr", .args = "float8,float8", .text = "pg_corr", .note = LAST_BITS, .example = REGRESSION},
	{.names = "regr_sxx", .args = "float8,float8", .text = "pg_regr_sxx", .note = LAST_BITS, .example = REGRESSION},
	{.names = "regr_syy", .args = "float8,float8", .text = "pg_regr_syy", .note = LAST_BITS, .example = REGRESSION},
	{.names = "regr_sxy", .args = "float8,float8", .text = "pg_regr_sxy", .note = LAST_BITS, .example = REGRESSION},
	{.names = "regr_avgx", .args = "float8,float8", .text = "pg_regr_avgx", .note = LAST_BITS, .example = REGRESSION},
	{.names = "regr_avgy", .args = "float8,float8", .text = "pg_regr_avgy", .note = LAST_BITS, .example = REGRESSION},
	{.names = "regr_r2", .args = "float8,float8", .text = "pg_regr_r2", .note = LAST_BITS, .example = REGRESSION},
	{.names = "regr_slope", .args = "float8,float8", .text = "pg_regr_slope", .note = LAST_BITS, .example = REGRESSION},
	{.names = "regr_intercept", .args = "float8,float8", .text = "pg_regr_intercept", .note = LAST_BITS, .example = REGRESSION},
	{.names = "regr_count", .args = "float8,float8", .text = "pg_regr_count", .example = REGRESSION},

	{.section = "Ordered sets"},
	{.names = "percentile_disc", .args = "float8,anyelement", .text = "list(.. ORDER BY ..)[n]", .note = "constant fractions; not of char(n) and intervals",
	 .example = "$o(0.5) WITHIN GROUP (ORDER BY i4); $o(0.07) WITHIN GROUP (ORDER BY n DESC) FILTER (WHERE id > 20); $o(0) WITHIN GROUP (ORDER BY t COLLATE \"C\"); $o(1) WITHIN GROUP (ORDER BY d); $o(0.9) WITHIN GROUP (ORDER BY f4)"},
	{.names = "percentile_cont", .args = "float8,float8", .text = "list(.. ORDER BY ..)[n], and what is between", .note = "constant fractions",
	 .example = "$o(0.5) WITHIN GROUP (ORDER BY i4); $o(0.3) WITHIN GROUP (ORDER BY f8 DESC); $o(0.07) WITHIN GROUP (ORDER BY n) FILTER (WHERE id > 20); $o(1) WITHIN GROUP (ORDER BY id); $o(0) WITHIN GROUP (ORDER BY f4)"},
	{.names = "percentile_cont", .args = "float8,interval", .stays = "multiplies intervals", .example = "$o(0.5) WITHIN GROUP (ORDER BY iv)"},
	{.names = "mode", .args = "anyelement", .text = "mode(.. ORDER BY ..)", .note = "not of char(n) and intervals", .example = "$o() WITHIN GROUP (ORDER BY i2); $o() WITHIN GROUP (ORDER BY n DESC) FILTER (WHERE b); $o() WITHIN GROUP (ORDER BY t COLLATE \"C\"); $o() WITHIN GROUP (ORDER BY u)"},

	{.section = "Others"},
	{.names = "min max", .args = "int2 int4 int8 float4 float8 numeric date time timestamp timestamptz", .example = CALL},
	{.names = "min max", .args = "text", .conditions = LAKE_IF_ORDER, .example = "$o(t COLLATE \"C\")"},
	{.names = "min max", .args = "anyenum", .text = "arg_min, arg_max", .note = "by pg_enum_rank", .example = "$o(e); $o(e) FILTER (WHERE id % 5 < 2)"},
	{.names = "bool_and every", .args = "bool", .text = "bool_and", .example = CALL},
	{.names = "bool_or", .args = "bool", .example = CALL},
	{.names = "bit_and bit_or bit_xor", .args = "int2 int4 int8", .example = CALL},
	{.names = "string_agg", .args = "text,text", .text = "string_agg", .conditions = LAKE_IF_ORDERED, .note = "pg_string_agg, without DISTINCT, for delimiters that are not constant",
	 .example = "string_agg(t, ', ' ORDER BY id); string_agg(t, xt ORDER BY id); string_agg(t, NULL ORDER BY id DESC); string_agg(DISTINCT t COLLATE \"C\", '-' ORDER BY t COLLATE \"C\")"},
	{.names = "string_agg", .args = "bytea,bytea", .text = "pg_string_agg", .conditions = LAKE_IF_ORDERED, .note = "no DISTINCT", .example = "string_agg(y, xy ORDER BY id); string_agg(y, '\\x00ff' ORDER BY id) FILTER (WHERE b)"},
	{.names = "array_agg", .args = "anynonarray", .conditions = LAKE_IF_ORDERED, .note = "not of numeric, interval, char(n), json, enums",
	 .example = "array_agg(i4 ORDER BY id); array_agg(t ORDER BY id DESC) FILTER (WHERE b); array_agg(DISTINCT i2 ORDER BY i2); array_agg(f8 ORDER BY id) FILTER (WHERE id < 0)"},
	{.names = "json_agg jsonb_agg", .args = "anyelement", .text = "string_agg", .conditions = LAKE_IF_ORDERED, .note = "no DISTINCT; not of dates and times",
	 .example = "$o(t ORDER BY id); $o(f8 ORDER BY id DESC) FILTER (WHERE b); $o(jb ORDER BY id)"},
	{}
};

const LakeShippable lake_window_table[] = {
	{.section = "Window functions"},
	{.names = "row_number rank dense_rank percent_rank cume_dist", .args = "-", .example = "$o()"},
	{.names = "ntile", .args = "int4", .cast = "integer", .note = "a constant beyond 0", .example = "ntile(3)"},
	{.names = "lag lead", .args = "anyelement anyelement,int4 anycompatible,int4,anycompatible", .example = "$o(t); $o(i4, 2); $o(f8, 1, 0.5::float8)"},
	{.names = "first_value last_value", .args = "anyelement", .conditions = LAKE_FRAMED, .example = "$o(n)"},
	{.names = "nth_value", .args = "anyelement,int4", .conditions = LAKE_FRAMED | LAKE_IF_CONST_2, .example = "nth_value(d, 2)"},
	{}
};
