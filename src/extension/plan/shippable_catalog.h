/*
 * shippable_catalog.h
 *	  The catalogue of what DuckDB computes exactly as PostgreSQL does: operators, functions, aggregates, window functions
 *	  (surface.md PUSH; docs/pushdown.md lists it for users).
 *
 * One line per family of functions: names, the argument types they are meant for, how DuckDB writes it, under which conditions the
 * results are equal, and an example. What has no line stays in PostgreSQL; a line with `stays` says why. Only objects of pg_catalog with
 * fixed OIDs are looked up, so the cache of answers never needs invalidation.
 *
 * lake_engine.shippable_catalog() shows the lines; tests/e2e/catalogue runs every example on a heap twin and a lake twin, and writes
 * the tables of docs/pushdown.md from them.
 */
#ifndef LAKE_PLAN_SHIPPABLE_CATALOG_H
#define LAKE_PLAN_SHIPPABLE_CATALOG_H

extern "C" {
#include "postgres.h"
#include "nodes/pg_list.h"
}

struct LakeDeparse;
struct LakeCall;
struct LakeNumericShape;

/* Writes a call whose text depends on its arguments; refuses what it cannot write. */
typedef void (*LakeRule) (LakeDeparse *ctx, const LakeCall *call);

/* Conditions under which a line holds. */
enum
{
	LAKE_IF_EQUALITY = 1 << 0,	/* the collation's equality is that of bytes */
	LAKE_IF_ORDER = 1 << 1,		/* the collation's order is that of bytes */
	LAKE_IF_C = 1 << 2,			/* the collation knows ASCII letters alone */
	LAKE_IF_CONST_2 = 1 << 3,	/* the second argument is a constant and not NULL */
	LAKE_IF_CONST_3 = 1 << 4,
	LAKE_IF_COMPARABLE = 1 << 5,	/* numerics: one DECIMAL can hold both sides */
	LAKE_IF_ORDERED = 1 << 6,	/* aggregates: ORDER BY is written in the call */
	LAKE_FRAMED = 1 << 7,		/* window functions: the frame matters */
	LAKE_TEXT_FORM = 1 << 8,	/* aggregates: the result is a numeric in text form (numeric_shape.h) */
};

typedef struct LakeShippable
{
	const char *section = NULL; /* the title of the lines that follow; such a line has nothing else */
	const char *names = NULL;	/* separated by spaces */
	const char *args = NULL;	/* "int4,int4 int8,int8": alternatives separated by spaces; "-" = no argument */

	/*
	 * Operators, functions: the DuckDB text, $1 $2 .. being the arguments, $o the operator or function name as PostgreSQL has it, $z $d $i the
	 * session's time zone rules, DateStyle and IntervalStyle; NULL
	 * means ($1 $o $2), ($o $1) or $o($1, ...). Aggregates and window functions: DuckDB's name, NULL if it is the same. Beside a rule: what
	 * the rule writes, in words for readers.
	 */
	const char *text = NULL;
	int			conditions = 0;
	LakeRule	rule = NULL;	/* used in place of text when not NULL */
	const char *cast = NULL;	/* aggregates, window functions: cast the result to this type; NULL if it has it already */
	const char *note = NULL;	/* what users should know: which calls the rule takes, what differs */
	const char *stays = NULL;	/* why it is not shipped; then it never is */

	/*
	 * Expressions over the columns of the table of edge values (tests/e2e/catalogue/edges.py), separated by "; ". $1 $2 .. are columns of the
	 * types of each alternative, $o is each of the names.
	 */
	const char *example = NULL;
} LakeShippable;

/* The line for a pg_operator, pg_proc entry of the given kind, or NULL when it is not shipped. */
extern const LakeShippable *lake_shippable_operator(Oid opno);
extern const LakeShippable *lake_shippable_function(Oid funcid);
extern const LakeShippable *lake_shippable_aggregate(Oid funcid);
extern const LakeShippable *lake_shippable_window(Oid funcid);

/* An aggregate whose numeric result is in text form, as its line says. */
extern bool lake_gives_text_form(Oid funcid);

/* Why an operator, or a function of any kind, is never shipped; NULL when no line says so. */
extern const char *lake_operator_stays(Oid opno);
extern const char *lake_function_stays(Oid funcid);

/* The tables; each ends with an empty line. Those of dates and times stand in shippable_datetimes.cpp, those of arrays in shippable_arrays.cpp. */
extern const LakeShippable lake_array_operator_table[];
extern const LakeShippable lake_array_function_table[];
extern const LakeShippable lake_datetime_operator_table[];
extern const LakeShippable lake_datetime_function_table[];
extern const LakeShippable lake_datetime_aggregate_table[];
extern const LakeShippable lake_operator_table[];
extern const LakeShippable lake_function_table[];
extern const LakeShippable lake_aggregate_table[];
extern const LakeShippable lake_window_table[];

/* A call that a rule writes. */
typedef struct LakeCall
{
	const LakeShippable *entry;
	Oid			funcid;			/* of the function, or of the operator's function */
	Oid			opno;			/* InvalidOid for functions */
	const char *name;			/* unqualified */
	List	   *args;
	Oid			collation;		/* inputcollid */
	Oid			result_type;
} LakeCall;

/* Rules (deparse_rule*.cpp). */
extern void lake_rule_int_division(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_decimal(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_varying(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_decimal_result(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_decimal_to_float(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_letters(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_like(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_substring(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_pad(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_split_part(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_concat(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_format(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_json_names(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_to_json(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_json_build(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_regex_match(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_regex_replace(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_regex_substring(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_regex_count(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_varchar(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_bpchar(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_extract(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_date_trunc(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_timezone(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_precision(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_picture(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_enum_order(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_number_to_char(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_array(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_array_dimension(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_array_to_string(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_string_to_array(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_array_length(LakeDeparse *ctx, const LakeCall *call);
extern void lake_rule_to_number(LakeDeparse *ctx, const LakeCall *call);

/* The shape of extract(field from a value of the type); false when the field is not shipped. */
extern bool lake_extract_shape(const char *field, Oid typid, struct LakeNumericShape *shape);

#endif
