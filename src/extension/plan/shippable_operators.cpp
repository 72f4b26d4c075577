/*
 * shippable_operators.cpp
 *	  The catalogue: operators (surface.md PUSH-23 to PUSH-28).
 *
 * An integer constant is written bare and takes the narrowest type in DuckDB, so arithmetic of mixed widths casts the narrower side to
 * PostgreSQL's result type. Floats use functions of our server (pg_numeric.cpp) that raise PostgreSQL's errors for overflow, underflow
 * and division by zero, where DuckDB gives infinities.
 */
extern "C" {
#include "postgres.h"
}

#include "plan/shippable_catalog.h"

#define COMPARISONS "= <> < <= > >="

const LakeShippable lake_operator_table[] = {
	/* comparisons */
	{COMPARISONS,
	 "int2,int2 int2,int4 int2,int8 int4,int2 int4,int4 int4,int8 int8,int2 int8,int4 int8,int8 "
	 "float4,float4 float4,float8 float8,float4 float8,float8 "
	 "date,date date,timestamp timestamp,date timestamp,timestamp timestamptz,timestamptz time,time uuid,uuid bytea,bytea bool,bool"},
	{COMPARISONS, "numeric,numeric", NULL, LAKE_IF_COMPARABLE},
	{"= <>", "text,text", NULL, LAKE_IF_EQUALITY},
	{"< <= > >=", "text,text", NULL, LAKE_IF_ORDER},
	{"= <>", "bpchar,bpchar", "(rtrim($1, ' ') $o rtrim($2, ' '))", LAKE_IF_EQUALITY},
	{"< <= > >=", "bpchar,bpchar", "(rtrim($1, ' ') $o rtrim($2, ' '))", LAKE_IF_ORDER},

	/* integers */
	{"+ - *", "int2,int2 int4,int4 int8,int8 int4,int8 int8,int4 int2,int8 int8,int2"},
	{"+ - *", "int2,int4", "(($1)::integer $o $2)"},
	{"+ - *", "int4,int2", "($1 $o ($2)::integer)"},
	{"/ %",
	 "int2,int2 int4,int4 int8,int8 int2,int4 int4,int2 int4,int8 int8,int4 int2,int8 int8,int2",
	 NULL, 0, lake_rule_int_division},
	{"-", "int2 int4 int8 float4 float8", "(- $1)"},
	{"+", "int2 int4 int8 float4 float8 numeric", "$1"},
	{"@", "int2 int4 int8 float4 float8 numeric", "abs($1)"},
	{"& |", "int2,int2 int4,int4 int8,int8"},
	{"#", "int2,int2 int4,int4 int8,int8", "xor($1, $2)"},
	{"~", "int2 int4 int8", "(~ $1)"},

	/* floats */
	{"+", "float4,float4 float8,float8", "pg_float_add($1, $2)"},
	{"-", "float4,float4 float8,float8", "pg_float_subtract($1, $2)"},
	{"*", "float4,float4 float8,float8", "pg_float_multiply($1, $2)"},
	{"/", "float4,float4 float8,float8", "pg_float_divide($1, $2)"},
	{"+", "float4,float8 float8,float4", "pg_float_add(($1)::double, ($2)::double)"},
	{"-", "float4,float8 float8,float4", "pg_float_subtract(($1)::double, ($2)::double)"},
	{"*", "float4,float8 float8,float4", "pg_float_multiply(($1)::double, ($2)::double)"},
	{"/", "float4,float8 float8,float4", "pg_float_divide(($1)::double, ($2)::double)"},
	{"|/", "float8", "sqrt($1)"},

	/* numeric; division has a scale that depends on the values: see lake_deparse_numeric_quotient() */
	{"+ - *", "numeric,numeric", NULL, 0, lake_rule_decimal},
	{"-", "numeric", "(- $1)"},

	/* text */
	{"||", "text,text bytea,bytea"},
	{"~~ !~~", "text,text bpchar,text", NULL, LAKE_IF_EQUALITY, lake_rule_like},
	{"^@", "text,text", "starts_with($1, $2)", LAKE_IF_EQUALITY},

	/* dates; intervals are constants, for no column has the type */
	{"+", "date,int4"},
	{"+", "int4,date"},
	{"-", "date,int4"},
	{"-", "date,date", "(($1 - $2))::integer"},
	{"+ -", "date,interval timestamp,interval"},
	{"+", "interval,date interval,timestamp", "($2 + $1)"},
	{}
};
