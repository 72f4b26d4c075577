/*
 * shippable_aggregates.cpp
 *	  The catalogue: aggregates and window functions (surface.md PUSH-1 to PUSH-7).
 *
 * sum and avg over float8 add in another order than PostgreSQL does, which PostgreSQL leaves open too: the last bits may differ.
 * sum(float4) is not here, because PostgreSQL adds in single precision. avg over integers and numerics is written by
 * lake_deparse_numeric_quotient(), as an output column alone.
 */
extern "C" {
#include "postgres.h"
}

#include "plan/shippable_catalog.h"

const LakeShippable lake_aggregate_table[] = {
	{"count", "- any"},
	{"sum", "int2 int4", NULL, 0, NULL, "bigint"},
	{"sum", "int8", NULL, 0, NULL, "decimal(38,0)"},
	{"sum", "numeric float8"},
	{"avg", "float4 float8"},
	{"min max", "int2 int4 int8 float4 float8 numeric date time timestamp timestamptz"},
	{"min max", "text", NULL, LAKE_IF_ORDER},
	{"bool_and every", "bool", "bool_and"},
	{"bool_or", "bool"},
	{"bit_and bit_or bit_xor", "int2 int4 int8"},
	{"string_agg", "text,text", NULL, LAKE_IF_ORDERED | LAKE_IF_CONST_2},
	{}
};

const LakeShippable lake_window_table[] = {
	{"row_number rank dense_rank percent_rank cume_dist", "-"},
	{"ntile", "int4", NULL, 0, NULL, "integer"},
	{"lag lead", "anyelement anyelement,int4 anycompatible,int4,anycompatible"},
	{"first_value last_value", "anyelement", NULL, LAKE_FRAMED},
	{"nth_value", "anyelement,int4", NULL, LAKE_FRAMED | LAKE_IF_CONST_2},
	{}
};
