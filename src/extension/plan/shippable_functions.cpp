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
	{.names = "text", .args = "name", .text = "$1", .example = "current_user::text || t"},
	{.names = "varchar", .args = "varchar,int4,bool", .text = "left($1, n); pg_varchar($1, n) in assignments", .rule = lake_rule_varchar, .example = "t::varchar(5); v::varchar(3)"},
	{.names = "bpchar", .args = "bpchar,int4,bool", .text = "pg_bpchar($1, n, is_explicit)", .rule = lake_rule_bpchar, .example = "t::char(5); v::char(30); c::char(3); c::char(9); (c::char(2))::text"},
	{.names = "length char_length character_length", .args = "text", .text = "(length($1))::integer", .example = CALL1},
	{.names = "length char_length character_length", .args = "bpchar", .text = "(length(rtrim($1, ' ')))::integer", .example = CALL1},
	{.names = "octet_length", .args = "text", .text = "(strlen($1))::integer", .example = CALL1},
	{.names = "octet_length length", .args = "bytea", .text = "(octet_length($1))::integer", .example = CALL1},
	{.names = "bit_length", .args = "text", .text = "(bit_length($1))::integer", .example = CALL1},
	{.names = "substr substring", .args = "text,int4 text,int4,int4", .text = "substr, pg_substring where a position can be below 1", .rule = lake_rule_substring,
	 .example = "$o(t, 3); $o(t, 2, 4); $o(t, 1, 0); $o(t, -2); $o(t, -2, 5); $o(t, i2, 3); $o(t, i4, xi4); substring(t FROM 2 FOR i2)"},
	{.names = "left right", .args = "text,int4", .example = "$o(t, 3); $o(t, -3); $o(t, 0); $o(t, i4)"},
	{.names = "strpos position", .args = "text,text", .text = "(strpos($1, $2))::integer", .conditions = LAKE_IF_EQUALITY, .example = "strpos($1, $2); position('l' IN t)"},
	{.names = "replace", .args = "text,text,text", .conditions = LAKE_IF_EQUALITY, .example = "replace(t, 'l', 'XY'); replace(t, xt, 'z'); replace(t, '', 'x')"},
	{.names = "overlay", .args = "text,text,int4", .text = "pg_overlay($1, $2, $3)", .example = "overlay(t PLACING 'XX' FROM 2); overlay(t PLACING xt FROM i4)"},
	{.names = "overlay", .args = "text,text,int4,int4", .text = "pg_overlay($1, $2, $3, $4)", .example = "overlay(t PLACING xt FROM 2 FOR 3); overlay(t PLACING 'é' FROM i4 FOR i2)"},
	{.names = "btrim", .args = "text", .text = "trim($1, ' ')", .example = CALL1},
	{.names = "ltrim rtrim", .args = "text", .text = "$o($1, ' ')", .example = CALL1},
	{.names = "btrim", .args = "text,text", .text = "trim($1, $2)", .example = "$o($1, $2); $o(t, 'aeiou ')"},
	{.names = "ltrim rtrim", .args = "text,text", .example = "$o($1, $2); $o(t, 'aeiou ')"},
	{.names = "lpad rpad", .args = "text,int4 text,int4,text", .text = "pg_$o($1, $2, $3)", .rule = lake_rule_pad, .example = "$o(t, 5); $o(t, 0); $o(t, 12, 'xy'); $o(t, i2 % 20, 'é̈x'); $o(t, 9, xt)"},
	{.names = "repeat", .args = "text,int4", .text = "pg_repeat($1, $2)", .example = "repeat(t, 3); repeat(t, i4)"},
	{.names = "reverse", .args = "text", .text = "pg_reverse($1)", .example = CALL1},
	{.names = "translate", .args = "text,text,text", .text = "pg_translate($1, $2, $3)", .example = "translate(t, 'loö語l', 'LÖ'); translate(t, xt, 'abc')"},
	{.names = "split_part", .args = "text,text,int4", .text = "split_part, pg_split_part", .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_split_part,
	 .example = "split_part(t, ',', 1); split_part(t, ',', 3); split_part(t, 'l', 2); split_part(t, ',', -1); split_part(t, ',', -2); split_part(t, xt, 2); split_part(t, '', i2); split_part(t, 'l', i4)"},
	{.names = "starts_with", .args = "text,text", .conditions = LAKE_IF_EQUALITY, .example = "$o($1, $2); $o($1, 'he')"},
	{.names = "concat concat_ws", .args = "any text,any", .text = "$o(..), the arguments by their text forms", .rule = lake_rule_concat, .note = "not VARIADIC",
	 .example = "concat(t, i4, v, i8); concat_ws(', ', t, i2, xt); concat_ws(t, xt, i2); concat(b, f4, f8, n, u, y, c, j, jb); concat('x', NULL, 5.50)"},
	{.names = "format", .args = "text,any", .text = "concat(..)", .rule = lake_rule_format, .note = "constant formats of %s, %L, %1$s, %%", .example = "format('%s, %s', t, i4); format('%2$s: %1$L %% %s.', t, f8, jb); format('%L', b)"},
	{.names = "quote_literal", .args = "text", .text = "pg_quote_literal($1)", .example = CALL1},
	{.names = "quote_nullable", .args = "text", .text = "coalesce(pg_quote_literal($1), 'NULL')", .example = CALL1},
	{.names = "quote_ident", .args = "text", .stays = "the list of keywords is that of PostgreSQL's version", .example = CALL1},
	{.names = "ascii", .args = "text", .text = "pg_ascii($1)", .example = CALL1},
	{.names = "chr", .args = "int4", .text = "pg_chr($1)", .example = CALL1},
	{.names = "to_hex", .args = "int4 int8", .text = "pg_to_hex($1)", .example = CALL1},
	{.names = "like_escape", .args = "text,text", .text = "pg_like_escape($1, $2)", .example = "$1 LIKE $2 ESCAPE '%'; $1 LIKE $2 ESCAPE ''; t LIKE '%l%' ESCAPE xt"},
	{.names = "regexp_like", .args = "text,text text,text,text", .text = "regexp_matches($1, .., 's')", .rule = lake_rule_regex_match, .note = "constant patterns, flags i and c", .example = "$o(t, 'l+o'); $o(t, '^Z|Ä', 'i')"},
	{.names = "regexp_replace", .args = "text,text,text text,text,text,text", .text = "regexp_replace($1, .., 's')", .rule = lake_rule_regex_replace, .note = "constant patterns with one possible match, flags g, i, c",
	 .example = "$o(t, 'l+', '<\\&>'); $o(t, '[aeiou]', '*', 'g'); $o(t, '\\s*,\\s*', ';', 'g'); $o(t, '[^[:alnum:]]', '', 'g'); $o(t, '^\\s+', ''); $o(t, '[A-Z]+', 'x', 'gi'); $o(t, '[0-9]+$', '#'); $o(t, '.', '\\&\\&', 'g'); $o(t, '([a-z]+)([^a-z])', '\\2\\1'); $o(t, '^(?:a )?([^b]*)b.*$', '<\\1>'); $o(t, '^(.*)(.)$', '\\2\\\\\\1')"},
	{.names = "substring", .args = "text,text", .text = "regexp_extract($1, .., 's')", .rule = lake_rule_regex_substring, .note = "constant patterns with one possible match", .example = "substring(t FROM '[0-9]+'); substring(t FROM 'l+([ o]*)'); substring(t FROM '^[^,]+'); substring(t FROM '.$')"},
	{.names = "regexp_substr", .args = "text,text", .text = "regexp_extract($1, .., 's')", .rule = lake_rule_regex_substring, .note = "constant patterns with one possible match", .example = "$o(t, '[0-9]+'); $o(t, 'l+([ o]*)')"},
	{.names = "regexp_count", .args = "text,text", .text = "len(regexp_extract_all($1, .., 's'))", .rule = lake_rule_regex_count, .note = "constant patterns with one possible match", .example = "$o(t, '[a-z]'); $o(t, 'l'); $o(t, '\\w+')"},
	{.names = "lower upper", .args = "text", .text = "translate under C; $o under C.UTF-8", .rule = lake_rule_letters, .note = "collation C, POSIX or C.UTF-8", .example = "$o(t); $o(t COLLATE \"C\"); $o(v)"},
	{.names = "initcap", .args = "text", .text = "pg_initcap($1)", .conditions = LAKE_IF_C, .example = "initcap(t COLLATE \"C\")"},
	{.names = "normalize is_normalized", .args = "text,text", .stays = "another edition of Unicode's tables", .example = "normalize(t)"},

	{.section = "Pictures of numbers"},
	{.names = "to_char", .args = "int4,text int8,text float4,text float8,text numeric,text", .text = "pg_number_to_char($1, $2, ..), pg_numeric_to_char($1, $2, ..)", .rule = lake_rule_number_to_char,
	 .note = "constant pictures; RN alone or with FM",
	 .example = "$o($1, '999'); $o($1, 'FM9999990.00'); $o($1, '99G999D99S'); $o($1, 'S000000.0'); $o($1, '9.99PR'); $o($1, '\"<\"9,999,999\">\"MI'); $o($1, 'PL999.99th'); $o(i8, 'FM999999999TH'); $o(n, '99th'); "
	 "$o($1, 'SG0,099.9'); $o(i4, 'RN'); $o(f8, 'FMRN'); $o(n, 'FMrn'); $o($1, '9.999EEEE'); $o(i2::integer, '99V99'); $o(f4, 'S99V9999'); $o(n, '9V999999'); $o($1, 'L9 9B.\\\"9FM0'); $o($1, '999999999999999999999.999999999999'); "
	 "$o($1, ''); $o($1, 'FM00.00#'); $o($1, 'FM9.9PR'); $o($1, '.99 C SP'); $o($1, 'FM999999.999999S')"},
	{.names = "to_number", .args = "text,text", .text = "pg_to_number($1, $2, ..)", .rule = lake_rule_to_number, .note = "in text form; constant pictures without V and RN",
	 .example = "$o(t, '999999'); $o(t, 'S99D99'); $o(f8::text, '9999999.999'); $o(i4::text, 'FM9G999G999G999'); $o(n::text, '99999999990.09MI'); $o(i2::text || '-', '99999S'); $o('<' || i2::text || '>', '99999PR'); "
	 "$o(t, 'L9\"x\"9th.9'); $o(t, ''); $o(xt, 'PL9,9SG9'); $o(n::text, '.99') * 2"},

	{.section = "Bytes and hashes"},
	{.names = "md5", .args = "text bytea", .example = CALL1},
	{.names = "sha256", .args = "bytea", .text = "unhex(sha256($1))", .example = CALL1},
	{.names = "sha224 sha384 sha512", .args = "bytea", .stays = "DuckDB has not got them", .example = CALL1},
	{.names = "encode", .args = "bytea,text", .text = "pg_encode($1, $2)", .example = "encode(y, 'hex'); encode(y, 'base64'); encode(y, 'escape'); encode(y, t)"},
	{.names = "decode", .args = "text,text", .text = "pg_decode($1, $2)", .example = "decode(t, 'hex'); decode(t, 'base64'); decode(t, 'escape'); decode(encode(y, 'base64'), 'base64'); decode('6162', t)"},
	{.names = "get_byte", .args = "bytea,int4", .text = "pg_get_byte($1, ($2)::integer)", .example = "get_byte(y, 0); get_byte(y, i4)"},
	{.names = "substr substring", .args = "bytea,int4", .text = "pg_bytes_substring($1, ($2)::integer)", .example = "$o(y, 2); $o(y, -1); $o(y, i4)"},
	{.names = "substr substring", .args = "bytea,int4,int4", .text = "pg_bytes_substring($1, ($2)::integer, ($3)::integer)", .example = "$o(y, 2, 1); $o(y, -1, 4); $o(y, i4, 3); $o(y, 1, i4)"},
	{.names = "position", .args = "bytea,bytea", .stays = "positions of bytes", .example = "position(xy IN y)"},

	{.section = "Casts by text form"},
	{.names = "cast", .args = "-", .text = "pg_float8out, pg_byteaout ..", .note = "to text", .example = "f4::text; f8::text; n::text; i2::text; i8::text; u::text; y::text; j::text; jb::text"},
	{.names = "cast", .args = "-", .text = "pg_int4in, pg_float8in ..", .note = "from text", .example = "t::smallint; t::integer; t::bigint; t::real; t::double precision; t::boolean; t::uuid; c::integer; v::float8; t::bytea"},

	{.section = "JSON"},
	{.names = "json_typeof jsonb_typeof", .args = "json jsonb", .text = "pg_json_typeof($1)", .example = "json_typeof(j); jsonb_typeof(jb); jsonb_typeof(jb -> 'a')"},
	{.names = "json_array_length jsonb_array_length", .args = "json jsonb", .text = "pg_json_array_length($1)", .example = "json_array_length(j); jsonb_array_length(jb)"},
	{.names = "jsonb_strip_nulls", .args = "jsonb", .text = "pg_jsonb_strip_nulls($1)", .example = "$o($1)"},
	{.names = "jsonb_pretty", .args = "jsonb", .text = "pg_jsonb_pretty($1)", .example = "$o($1)"},
	{.names = "to_json to_jsonb", .args = "anyelement", .text = "pg_json_quote, pg_json_number; pg_jsonb_in", .rule = lake_rule_to_json, .note = "not of dates and times",
	 .example = "$o(t); $o(i4); $o(f8); $o(f4); $o(n); $o(b); $o(u); $o(j); $o(jb); $o(c); $o(y); $o(e)"},
	{.names = "json_build_object jsonb_build_object", .args = "any -", .text = "concat(..)", .rule = lake_rule_json_build, .note = "constant keys; not of dates and times",
	 .example = "$o('b', t, 'a', i4, 'c', f8, 'b', jb); $o('x', NULL, 1, b)"},
	{.names = "json_build_array jsonb_build_array", .args = "any -", .text = "concat(..)", .rule = lake_rule_json_build, .note = "not of dates and times", .example = "$o(t, i2, j, n, 'x', NULL, f4)"},
	{.names = "bool int2 int4 int8 float4 float8 numeric", .args = "jsonb", .stays = "errors and nulls by PostgreSQL's version; ->> and a cast do", .example = "(jb -> 'a')::integer"},
	{.names = "cast", .args = "-", .text = "pg_json_in, pg_jsonb_in", .note = "from text, and json to jsonb", .example = "t::json; t::jsonb; j::jsonb; jb::json; v::jsonb; j::text::jsonb"},
	{}
};
