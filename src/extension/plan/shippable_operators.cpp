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
#define INT_PAIRS "int2,int2 int2,int4 int2,int8 int4,int2 int4,int4 int4,int8 int8,int2 int8,int4 int8,int8"
#define FLOAT_PAIRS "float4,float4 float4,float8 float8,float4 float8,float8"
#define DATE_PAIRS "date,date date,timestamp timestamp,date timestamp,timestamp timestamptz,timestamptz time,time"
#define BINARY "$1 $o $2"
#define UNARY "$o $1"

/* *INDENT-OFF* */
const LakeShippable lake_operator_table[] = {
	{.section = "Comparisons"},
	{.names = COMPARISONS, .args = INT_PAIRS " " FLOAT_PAIRS " " DATE_PAIRS " uuid,uuid bytea,bytea bool,bool", .example = BINARY},
	{.names = COMPARISONS, .args = "numeric,numeric", .conditions = LAKE_IF_COMPARABLE, .example = BINARY},
	{.names = "= <>", .args = "text,text", .conditions = LAKE_IF_EQUALITY, .example = BINARY},
	{.names = "= <>", .args = "text,name name,text", .conditions = LAKE_IF_EQUALITY, .note = "row-level security: owner = current_user", .example = "t $o current_user; current_user $o t"},
	{.names = "= <>", .args = "anyenum,anyenum", .example = "e $o xe; e $o 'b'; e::text $o 'a'"},
	{.names = "< <= > >=", .args = "anyenum,anyenum", .text = "(pg_enum_rank($1, ..) $o pg_enum_rank($2, ..))", .rule = lake_rule_enum_order, .example = "e $o xe; e $o 'a'; nullif(e, 'b') $o xe"},
	{.names = "< <= > >=", .args = "text,text", .conditions = LAKE_IF_ORDER, .example = "$1 $o $2 COLLATE \"C\""},
	{.names = "= <>", .args = "bpchar,bpchar", .text = "(rtrim($1, ' ') $o rtrim($2, ' '))", .conditions = LAKE_IF_EQUALITY, .example = BINARY},
	{.names = "< <= > >=", .args = "bpchar,bpchar", .text = "(rtrim($1, ' ') $o rtrim($2, ' '))", .conditions = LAKE_IF_ORDER, .example = "$1 $o $2 COLLATE \"C\""},

	{.section = "Integers"},
	{.names = "+ - *", .args = "int2,int2 int4,int4 int8,int8 int4,int8 int8,int4 int2,int8 int8,int2", .note = "overflow is an error", .example = BINARY},
	{.names = "+ - *", .args = "int2,int4", .text = "(($1)::integer $o $2)", .example = BINARY},
	{.names = "+ - *", .args = "int4,int2", .text = "($1 $o ($2)::integer)", .example = BINARY},
	{.names = "/ %", .args = INT_PAIRS, .text = "// and % by a constant, else pg_int_divide, pg_int_modulo", .rule = lake_rule_int_division,
	 .note = "division by zero is an error", .example = "$1 $o $2; $1 $o 7; $1 $o -1; $1 $o nullif($2, 0)"},
	{.names = "-", .args = "int2", .text = "((0)::smallint - $1)", .example = UNARY},
	{.names = "-", .args = "int4", .text = "((0)::integer - $1)", .example = UNARY},
	{.names = "-", .args = "int8", .text = "((0)::bigint - $1)", .example = UNARY},
	{.names = "-", .args = "float4 float8", .text = "(- $1)", .example = UNARY},
	{.names = "+", .args = "int2 int4 int8 float4 float8 numeric", .text = "$1", .example = UNARY},
	{.names = "@", .args = "int2 int4 int8 float4 float8 numeric", .text = "abs($1)", .example = UNARY},
	{.names = "& |", .args = "int2,int2 int4,int4 int8,int8", .example = BINARY},
	{.names = "#", .args = "int2,int2 int4,int4 int8,int8", .text = "xor($1, $2)", .example = BINARY},
	{.names = "~", .args = "int2 int4 int8", .text = "(~ $1)", .example = UNARY},

	{.section = "Floating point"},
	{.names = "+", .args = "float4,float4 float8,float8", .text = "pg_float_add($1, $2)", .example = BINARY},
	{.names = "-", .args = "float4,float4 float8,float8", .text = "pg_float_subtract($1, $2)", .example = BINARY},
	{.names = "*", .args = "float4,float4 float8,float8", .text = "pg_float_multiply($1, $2)", .example = BINARY},
	{.names = "/", .args = "float4,float4 float8,float8", .text = "pg_float_divide($1, $2)", .note = "PostgreSQL's errors for overflow, underflow, division by zero", .example = BINARY},
	{.names = "+", .args = "float4,float8 float8,float4", .text = "pg_float_add(($1)::double, ($2)::double)", .example = BINARY},
	{.names = "-", .args = "float4,float8 float8,float4", .text = "pg_float_subtract(($1)::double, ($2)::double)", .example = BINARY},
	{.names = "*", .args = "float4,float8 float8,float4", .text = "pg_float_multiply(($1)::double, ($2)::double)", .example = BINARY},
	{.names = "/", .args = "float4,float8 float8,float4", .text = "pg_float_divide(($1)::double, ($2)::double)", .example = BINARY},
	{.names = "|/", .args = "float8", .text = "sqrt($1)", .example = "$o $1; $o abs($1)"},

	{.section = "Numeric"},
	{.names = "+ - *", .args = "numeric,numeric", .text = "the same; pg_decimal_multiply where a product can have more than 18 digits",
	 .rule = lake_rule_decimal, .example = "$1 $o $2; $1 $o 1.5"},
	{.names = "/", .args = "numeric,numeric", .text = "pg_numeric_divide", .rule = lake_rule_varying, .note = "in text form, with PostgreSQL's scale", .example = "n / 3; n / n; i4 / 7.00; 1 / n"},
	{.names = "%", .args = "numeric,numeric", .text = "pg_numeric_modulo", .rule = lake_rule_varying, .note = "in text form", .example = "n % 7; n % 0.3"},
	{.names = "-", .args = "numeric", .text = "(- $1)", .example = UNARY},

	{.section = "Text"},
	{.names = "||", .args = "text,text bytea,bytea", .example = "$1 $o $2; t || i4; f8 || t; t || b; jb || t"},
	{.names = "~~ !~~", .args = "text,text bpchar,text", .text = "LIKE; pg_like for patterns that are not constant", .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_like,
	 .example = "$1 $o '%l_o%'; $1 $o 'a\\%%'; $1 $o $2; $1 $o 'l\\'; t $o t; t $o ('%' || xt || '_%'); t $o c"},
	{.names = "~~* !~~*", .args = "text,text bpchar,text", .text = "LIKE of the lower letters of both sides", .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_like, .note = "collation C, POSIX or C.UTF-8",
	 .example = "$1 $o '%L_O%'; $1 $o 'A\\%%'; $1 $o $2; $1 $o 'É%'; t $o xt; t COLLATE \"C\" $o '%ö%'"},
	{.names = "~ ~* !~ !~*", .args = "text,text bpchar,text", .text = "regexp_matches($1, .., 's')", .rule = lake_rule_regex_match, .note = "constant patterns (see Regular expressions); SIMILAR TO is one",
	 .example = "$1 $o 'l+o'; $1 $o '^[a-zäöü ,]*$'; $1 $o '\\d+'; $1 $o '(a|b|Ö).?[^x]{1,3}'; $1 $o '\\w\\W\\s'; t $o '[[:alpha:]][[:digit:][:punct:]]$'; t $o '^.{4}$'; "
	 "t $o '[\\]\\w.-]\\\\|^$'; t $o 'k|ς|[ǆ-ǌ]'; t COLLATE \"C\" $o '\\w{3}[[:upper:]ä]'; t SIMILAR TO '%(l|ö)_%'; t NOT SIMILAR TO 'a(b|c)*[x-z]?%'; t $o '(?:a*?b+?)*|z{2,}\\Z'"},
	{.names = "^@", .args = "text,text", .text = "starts_with($1, $2)", .conditions = LAKE_IF_EQUALITY, .example = BINARY},

	{.section = "JSON"},
	{.names = "->", .args = "json,text", .text = "pg_json_get($1, $2)", .example = "j -> 'a'; j -> ''; j -> 'a' -> 'b'; j -> xt"},
	{.names = "->", .args = "json,int4", .text = "pg_json_get($1, ($2)::integer)", .example = "j -> 0; j -> -1; j -> i4"},
	{.names = "->", .args = "jsonb,text", .text = "pg_jsonb_get($1, $2)", .example = "jb -> 'a'; jb -> ''; jb -> 'a' -> 'b'; jb -> xt; (jb -> 'a')::text"},
	{.names = "->", .args = "jsonb,int4", .text = "pg_jsonb_get($1, ($2)::integer)", .example = "jb -> 0; jb -> -1; jb -> i4"},
	{.names = "->>", .args = "json,text", .text = "pg_json_get_text($1, $2)", .example = "j ->> 'a'; j ->> 'ä'; j -> 'b' ->> 0"},
	{.names = "->>", .args = "json,int4", .text = "pg_json_get_text($1, ($2)::integer)", .example = "j ->> 0; j ->> 1; j ->> -2; j ->> i4"},
	{.names = "->>", .args = "jsonb,text", .text = "pg_jsonb_get_text($1, $2)", .example = "jb ->> 'a'; jb ->> 'ä'; jb -> 'b' ->> 0; (jb ->> 'aa')::integer + 1"},
	{.names = "->>", .args = "jsonb,int4", .text = "pg_jsonb_get_text($1, ($2)::integer)", .example = "jb ->> 0; jb ->> 1; jb ->> -2; jb ->> i4"},
	{.names = "#>", .args = "json,_text", .text = "pg_json_path($1, ..)", .rule = lake_rule_json_names, .note = "constant paths without negative positions below the first level", .example = "j #> '{a,b,2}'; j #> '{-1,0}'; j #> '{}'"},
	{.names = "#>", .args = "jsonb,_text", .text = "pg_jsonb_path($1, ..)", .rule = lake_rule_json_names, .note = "constant paths", .example = "jb #> '{a,b,2}'; jb #> '{1,-1}'; jb #> '{}'"},
	{.names = "#>>", .args = "json,_text", .text = "pg_json_path_text($1, ..)", .rule = lake_rule_json_names, .note = "as #>", .example = "j #>> '{a,b,2,c}'; j #>> '{1}'; j #>> '{}'"},
	{.names = "#>>", .args = "jsonb,_text", .text = "pg_jsonb_path_text($1, ..)", .rule = lake_rule_json_names, .note = "constant paths", .example = "jb #>> '{a,b,2,c}'; jb #>> '{1}'; jb #>> '{}'"},
	{.names = "= <>", .args = "jsonb,jsonb", .text = "(pg_jsonb_key($1) $o pg_jsonb_key($2))", .example = "jb $o xjb; jb $o '1'; jb $o '{\"a\": 1.00}'"},
	{.names = "< <= > >=", .args = "jsonb,jsonb", .stays = "compares structures before values", .example = "jb $o xjb"},
	{.names = "@>", .args = "jsonb,jsonb", .text = "pg_jsonb_contains($1, $2)", .example = "jb @> xjb; jb @> '{\"a\": {\"b\": [2.0]}}'; jb @> '1'; jb @> '[[2], 1]'; jb @> jb"},
	{.names = "<@", .args = "jsonb,jsonb", .text = "pg_jsonb_contains($2, $1)", .example = "jb <@ xjb; jb <@ '{\"a\": 1, \"b\": [1, 2.5]}'"},
	{.names = "?", .args = "jsonb,text", .text = "pg_jsonb_exists($1, $2)", .example = "jb ? 'a'; jb ? 'text'; jb ? xt"},
	{.names = "?|", .args = "jsonb,_text", .text = "pg_jsonb_exists_any($1, ..)", .rule = lake_rule_json_names, .note = "constant arrays", .example = "jb ?| '{a,two}'; jb ?| '{}'"},
	{.names = "?&", .args = "jsonb,_text", .text = "pg_jsonb_exists_all($1, ..)", .rule = lake_rule_json_names, .note = "constant arrays", .example = "jb ?& '{a,b}'; jb ?& '{}'"},
	{.names = "||", .args = "jsonb,jsonb", .text = "pg_jsonb_concat($1, $2)", .example = "jb || xjb; jb || '{\"a\": \"new\"}'; jb || '[9]'; xjb || jb"},
	{.names = "-", .args = "jsonb,text", .text = "pg_jsonb_delete($1, $2)", .example = "jb - 'a'; jb - xt"},
	{.names = "-", .args = "jsonb,int4", .text = "pg_jsonb_delete($1, ($2)::integer)", .example = "jb - 1; jb - -1; jb - i4"},
	{.names = "-", .args = "jsonb,_text", .text = "pg_jsonb_delete_all($1, ..)", .rule = lake_rule_json_names, .note = "constant arrays", .example = "jb - '{a,b}'::text[]"},
	{.names = "@? @@", .args = "jsonb,jsonpath", .stays = "a language of its own", .example = "jb $o '$.a'"},
	{}
};
