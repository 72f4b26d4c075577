/*
 * shippable_arrays.cpp
 *	  The catalogue: arrays (surface.md PUSH-20, PUSH-26).
 *
 * Arrays of one dimension that count from 1, as those of Iceberg tables: of booleans, integers, floats, dates and times, uuid, bytea, text and varchar.
 */
extern "C" {
#include "postgres.h"
}

#include "plan/shippable_catalog.h"

#define KINDS "not of numeric, interval, char(n), json, enums"

/* *INDENT-OFF* */
const LakeShippable lake_array_operator_table[] = {
	{.section = "Arrays"},
	{.names = "= <>", .args = "anyarray,anyarray", .conditions = LAKE_IF_EQUALITY, .note = KINDS, .example = "ai $o xai; at $o xat; ai $o '{1,2}'; af $o xaf; nullif(ai, xai); ai IS DISTINCT FROM xai"},
	{.names = "< <= > >=", .args = "anyarray,anyarray", .conditions = LAKE_IF_ORDER, .note = KINDS, .example = "ai $o xai; at $o xat COLLATE \"C\"; af $o xaf"},
	{.names = "@>", .args = "anyarray,anyarray", .text = "(CASE WHEN $1 IS NOT NULL THEN len(list_filter($2, lambda pg_x: NOT coalesce(list_contains($1, pg_x) AND pg_x IS NOT NULL, false))) = 0 END)",
	 .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_array, .note = KINDS, .example = "ai @> xai; ai @> '{1}'; at @> '{a}'; at @> xat; ai @> '{}'; ai @> '{NULL}'"},
	{.names = "<@", .args = "anyarray,anyarray", .text = "(CASE WHEN $2 IS NOT NULL THEN len(list_filter($1, lambda pg_x: NOT coalesce(list_contains($2, pg_x) AND pg_x IS NOT NULL, false))) = 0 END)",
	 .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_array, .note = KINDS, .example = "ai <@ xai; ai <@ '{1,2,3}'; at <@ xat"},
	{.names = "&&", .args = "anyarray,anyarray", .text = "(CASE WHEN $2 IS NOT NULL THEN len(list_filter($1, lambda pg_x: coalesce(list_contains($2, pg_x) AND pg_x IS NOT NULL, false))) > 0 END)",
	 .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_array, .note = KINDS, .example = "ai && xai; at && '{a,NULL}'; at && xat"},
	{.names = "||", .args = "anycompatiblearray,anycompatiblearray", .text = "(CASE WHEN $1 IS NULL THEN $2 WHEN $2 IS NULL THEN $1 ELSE list_concat($1, $2) END)", .rule = lake_rule_array, .note = KINDS, .example = "ai || xai; at || '{x,NULL}'; ai || NULL::int[]"},
	{.names = "||", .args = "anycompatiblearray,anycompatible", .text = "list_concat(coalesce($1, []), [$2])", .rule = lake_rule_array, .note = KINDS, .example = "ai || i4; at || 'x'::text; ai || NULL::int"},
	{.names = "||", .args = "anycompatible,anycompatiblearray", .text = "list_concat([$1], coalesce($2, []))", .rule = lake_rule_array, .note = KINDS, .example = "i4 || ai; 'x'::text || at"},
	{}
};

const LakeShippable lake_array_function_table[] = {
	{.section = "Arrays"},
	{.names = "cardinality", .args = "anyarray", .text = "len($1)", .rule = lake_rule_array_length, .example = "cardinality(ai); cardinality(at); cardinality('{1,2}'::int[] || ai)"},
	{.names = "array_ndims", .args = "anyarray", .text = "1 where there are elements", .rule = lake_rule_array_length, .example = "array_ndims(ai); array_ndims(at)"},
	{.names = "array_length array_upper array_lower", .args = "anyarray,int4", .text = "nullif(len($1), 0)", .rule = lake_rule_array_dimension, .note = "constant dimensions", .example = "$o(ai, 1); $o(at, 1); $o(ai, 2); $o(ai, 0)"},
	{.names = "array_append", .args = "anycompatiblearray,anycompatible", .text = "list_concat(coalesce($1, []), [$2])", .rule = lake_rule_array, .note = KINDS, .example = "array_append(ai, i4); array_append(at, 'x')"},
	{.names = "array_prepend", .args = "anycompatible,anycompatiblearray", .text = "list_concat([$1], coalesce($2, []))", .rule = lake_rule_array, .note = KINDS, .example = "array_prepend(i4, ai); array_prepend('x', at)"},
	{.names = "array_cat", .args = "anycompatiblearray,anycompatiblearray", .text = "(CASE WHEN $1 IS NULL THEN $2 WHEN $2 IS NULL THEN $1 ELSE list_concat($1, $2) END)", .rule = lake_rule_array, .note = KINDS, .example = "array_cat(ai, xai); array_cat(at, '{x}')"},
	{.names = "array_remove", .args = "anycompatiblearray,anycompatible", .text = "list_filter($1, lambda pg_x: pg_x IS DISTINCT FROM $2)", .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_array, .note = KINDS, .example = "array_remove(ai, 1); array_remove(at, xt); array_remove(ai, NULL)"},
	{.names = "array_replace", .args = "anycompatiblearray,anycompatible,anycompatible", .text = "list_transform($1, lambda pg_x: CASE WHEN pg_x IS NOT DISTINCT FROM $2 THEN $3 ELSE pg_x END)", .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_array, .note = KINDS, .example = "array_replace(ai, 1, 9); array_replace(ai, NULL, i4)"},
	{.names = "array_position", .args = "anycompatiblearray,anycompatible", .text = "(list_extract(list_filter(range(1, len($1) + 1), lambda pg_i: list_extract($1, pg_i) IS NOT DISTINCT FROM $2), 1))::integer", .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_array, .note = KINDS, .example = "array_position(ai, 1); array_position(at, 'a'); array_position(ai, NULL); array_position(ai, i4)"},
	{.names = "array_positions", .args = "anycompatiblearray,anycompatible", .text = "(CASE WHEN $1 IS NOT NULL THEN list_filter(range(1, len($1) + 1), lambda pg_i: list_extract($1, pg_i) IS NOT DISTINCT FROM $2) END)", .conditions = LAKE_IF_EQUALITY, .rule = lake_rule_array, .note = KINDS, .example = "array_positions(ai, 1); array_positions(ai, NULL)"},
	{.names = "array_dims", .args = "anyarray", .text = "(CASE WHEN len($1) > 0 THEN '[1:' || len($1) || ']' END)", .rule = lake_rule_array, .note = KINDS, .example = "array_dims(ai); array_dims(at)"},
	{.names = "array_to_string", .args = "anyarray,text anyarray,text,text", .text = "coalesce(list_aggregate($1, 'string_agg', $2), '')", .conditions = LAKE_IF_CONST_2 | LAKE_IF_CONST_3, .rule = lake_rule_array_to_string,
	 .note = "of integers, text and varchar", .example = "array_to_string(ai, ','); array_to_string(at, ', ', '*'); array_to_string(ai, '', 'NULL')"},
	{.names = "string_to_array", .args = "text,text text,text,text", .text = "string_split($1, $2)", .conditions = LAKE_IF_EQUALITY | LAKE_IF_CONST_2 | LAKE_IF_CONST_3, .rule = lake_rule_string_to_array,
	 .example = "string_to_array(t, ','); string_to_array(t, 'l', ''); string_to_array(t, ''); string_to_array(t, ' ', 'a')"},
	{.names = "trim_array", .args = "anyarray,int4", .stays = "fails for counts beyond an array's own length", .example = "trim_array(ai, 0)"},
	{.names = "array_fill", .args = "anyelement,_int4 anyelement,_int4,_int4", .stays = "makes arrays of any shape", .example = "array_fill(i4, '{2}')"},
	{}
};
