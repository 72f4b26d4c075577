/*
 * deparse.h
 *	  Query trees as DuckDB SQL (surface.md PLAN-6), and the list of what cannot be written that way.
 *
 * Deciding and writing are one walk: what the walk cannot write becomes a reason, and a text with reasons is thrown away. So the decision
 * and the text cannot disagree. Text is only ever appended: the offsets of the holes for lake_scan stay true.
 *
 * Files: deparse_query (SELECT, set operations, WITH), deparse_clause (GROUP BY, ORDER BY, LIMIT), deparse_from, deparse_expr, deparse_call
 * (what the catalogue lists), deparse_rule* (calls whose text depends on their arguments), deparse_aggregate (aggregates, windows),
 * deparse_text_form (casts by text form), deparse_const.
 */
#ifndef LAKE_PLAN_DEPARSE_H
#define LAKE_PLAN_DEPARSE_H

extern "C" {
#include "postgres.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "utils/rel.h"
}

#include "exec/remote_query.h"
#include "link/sql_text.h"
#include "plan/numeric_shape.h"

/* A query whose names are in scope. */
typedef struct LakeLevel
{
	Query	   *query;
	struct LakeLevel *outer;	/* NULL for the outermost */
	char	  **aliases;		/* by range table index - 1; NULL for entries that are not in FROM */
	List	  **columns;		/* by range table index - 1: column names of subqueries, CTEs, VALUES and functions */
	List	   *cte_names;		/* List of char *, parallel to query->cteList */
	bool		qualify;		/* column references carry their table's alias */
	bool		correlated;		/* an expression in it refers to an outer level */
} LakeLevel;

typedef struct LakeDeparse
{
	StringInfoData sql;
	LakeLevel  *level;			/* innermost */
	List	   *scan_offsets;	/* int, see LakeRemoteQuery */
	List	   *scan_relids;	/* oid */
	List	   *scan_points;	/* int, see LakeRemoteQuery */
	List	   *points;			/* Node: expressions of the points in the past */
	List	   *stages;			/* List (String table, Query), see LakeRemoteQuery */
	List	   *partition_relids;	/* oid, see LakeRemoteQuery */
	List	   *params;			/* Node: expressions of $1.. */
	List	   *reasons;		/* String, "Kind\tDescription" */
	List	   *conditions;		/* Node: of WHERE, ON and HAVING at all levels */
	bool		has_barrier;	/* row-level security, or a security barrier view, hides rows of something in it */
	List	   *used_names;		/* char *, lower case: aliases and CTE names taken so far */
	int			conditional_depth;	/* inside a branch that PostgreSQL may never evaluate */
	bool		in_window;		/* inside the arguments of a window function */
	Index		row_id_rtindex; /* of the outermost level: the table whose rows change, or 0 */
	int			row_id_scan;	/* its scan, once it is written */
} LakeDeparse;

/* --- entry points */

/*
 * Writes the query. Returns true and fills *remote (except reasons) and *params, the expressions of its parameters, or returns false with
 * *reasons. The query must have gone through lake_simplify_query().
 */
extern bool lake_deparse_whole_query(Query *query, LakeRemoteQuery *remote, List **params, List **reasons);

/*
 * The same for the query of a modification (modification_query.h), whose rows become rows of the table: its columns, from output column
 * `first_column` on, must fit. With a target (range table index; 0: none) *target_scan is the scan that gives row ids.
 */
extern bool lake_deparse_modification(Query *query, Relation rel, Index target, int first_column, LakeRemoteQuery *remote, int *target_scan,
									  List **params, List **reasons);

/* Starts the text of one table's scan: a level of one range table entry. */
extern void lake_deparse_begin_scan(LakeDeparse *ctx, Query *query, Index rtindex);
/* Starts trying the query's expressions, one by one. */
extern void lake_deparse_begin_probe(LakeDeparse *ctx, Query *query);
/* Writes one boolean expression of the row path; true when it can be shipped. On false nothing was appended. */
extern bool lake_deparse_scan_qual(LakeDeparse *ctx, Node *qual);

/* --- within the deparser */

/* What cannot be written. Kinds are those of surface.md PLAN-5. Equal reasons are kept once. */
extern void lake_refuse(LakeDeparse *ctx, const char *kind, const char *format,...) pg_attribute_printf(3, 4);
extern void lake_refuse_type(LakeDeparse *ctx, Oid typid);
extern void lake_refuse_function(LakeDeparse *ctx, Oid funcid);
extern void lake_refuse_operator(LakeDeparse *ctx, Oid opno);
extern void lake_refuse_collation(LakeDeparse *ctx, Oid collation);

/* A condition that rows are chosen by. */
extern void lake_deparse_condition(LakeDeparse *ctx, Node *condition);

/* deparse_query.cpp */
typedef struct LakeTargetShape
{
	bool		outermost;		/* output columns are decoded by the executor */
	List	   *types;			/* oid, or NIL: the types that a set operation or a recursive term must give */
	List	   *varying;		/* int, with types: numerics that must be in text form; may be shorter */
} LakeTargetShape;

extern void lake_deparse_query(LakeDeparse *ctx, Query *query, const LakeTargetShape *target);
/* A subquery in parentheses, one level down. */
extern void lake_deparse_subquery(LakeDeparse *ctx, Query *query, bool sublink);

/* deparse_from.cpp */
extern void lake_push_level(LakeDeparse *ctx, LakeLevel *level, Query *query);
extern void lake_pop_level(LakeDeparse *ctx);
extern void lake_deparse_from(LakeDeparse *ctx, Query *query);
/* True when the expression has columns of queries around the one at ctx->level. */
extern bool lake_refers_to_outer_query(LakeDeparse *ctx, Node *expr);
/* A lake table: a hole and an alias. The entry says which point in its history is read (past_tables.h); NULL: now. */
extern void lake_append_scan(LakeDeparse *ctx, Oid relid, RangeTblEntry *rte, const char *alias);
extern char *lake_unique_name(LakeDeparse *ctx, const char *name);
/* List of char *: names for the columns of a subquery, equal in no two letters' case. */
extern List *lake_unique_columns(List *names);
extern void lake_append_column_list(LakeDeparse *ctx, List *names);
extern LakeLevel *lake_level_up(LakeLevel *level, Index levels_up);

/* deparse_clause.cpp */
extern void lake_deparse_group_by(LakeDeparse *ctx, Query *query);
extern void lake_deparse_order_by(LakeDeparse *ctx, Query *query, bool by_position);
extern void lake_deparse_limit(LakeDeparse *ctx, Query *query);
/* One expression of ORDER BY with its direction; true if it can be ordered as PostgreSQL does. */
extern void lake_deparse_sort_item(LakeDeparse *ctx, SortGroupClause *clause, Node *expr, const char *text);
/* Refuses expressions whose equality in DuckDB is not PostgreSQL's (GROUP BY, DISTINCT, PARTITION BY). */
extern void lake_check_grouping(LakeDeparse *ctx, Node *expr);

/* deparse_expr.cpp */
extern void lake_deparse_expr(LakeDeparse *ctx, Node *node);
/* An expression whose value is only passed on: columns of any type are fine. */
extern void lake_deparse_bare(LakeDeparse *ctx, Node *node);
extern void lake_deparse_var(LakeDeparse *ctx, Var *var);
/* An expression without columns as $n: PostgreSQL evaluates it when execution starts. */
extern void lake_deparse_parameter(LakeDeparse *ctx, Node *node);
/* (expr)::type */
extern void lake_deparse_cast(LakeDeparse *ctx, Node *node, const char *type);
/* DuckDB's type of the expression, for a cast to it; refuses and gives NULL when there is none. */
extern const char *lake_expr_type_name(LakeDeparse *ctx, Node *node);
extern bool lake_is_nonnull_const(Node *node);
/* The row id of the table whose rows change, as a Var that no user can write. */
extern Var *lake_make_row_id(Index rtindex);
extern bool lake_is_row_id(Node *node);

/* deparse_text_form.cpp */
/* What the output function of the value's type gives; refuses types whose text form is not known. */
extern void lake_deparse_text_form(LakeDeparse *ctx, Node *node);
/* A cast by text form. */
extern void lake_deparse_io_conversion(LakeDeparse *ctx, CoerceViaIO *expr);

/* deparse_rule_datetime.cpp */
/* The session's time zone rules ('z'), DateStyle ('d') or IntervalStyle ('i'), as a parameter. */
extern void lake_deparse_setting(LakeDeparse *ctx, char setting);
/* The cast to text of a date, time or interval; false, and nothing written, for other types. */
extern bool lake_deparse_datetime_text(LakeDeparse *ctx, Node *value);

/* enum_order.cpp */
extern bool lake_is_enum(Oid type);
/* A number that compares as the enum does. */
extern void lake_deparse_enum_rank(LakeDeparse *ctx, Node *node);

/* deparse_const.cpp */
extern void lake_deparse_const(LakeDeparse *ctx, Const *constant);

/* deparse_nested.cpp */
/* Of a type with a name in DuckDB. False, and nothing written, where DuckDB has no such array. */
extern bool lake_deparse_array_const(LakeDeparse *ctx, Const *constant);
extern void lake_deparse_array_expr(LakeDeparse *ctx, ArrayExpr *expr);
/* A subscript or field as a value of its type; lake_deparse_stored: as Iceberg stores it, of whatever type. */
extern void lake_deparse_part(LakeDeparse *ctx, Node *node);
extern void lake_deparse_stored(LakeDeparse *ctx, Node *node);
/* A part of a column whose type has no name in DuckDB: it can be passed on. */
extern bool lake_is_opaque_part(Node *node);
extern void lake_deparse_row_null_test(LakeDeparse *ctx, NullTest *test);
/* value = ANY (array) */
extern void lake_deparse_any_element(LakeDeparse *ctx, Node *value, Node *array);
/* In FROM: the elements, and their numbers. */
extern void lake_deparse_unnest(LakeDeparse *ctx, Node *array, bool ordinality);

/* deparse_call.cpp */
struct LakeCall;

/* Writes the text of the call's line, its arguments filled in. */
extern void lake_fill_template(LakeDeparse *ctx, const struct LakeCall *call);
extern void lake_deparse_operator(LakeDeparse *ctx, OpExpr *op);
extern void lake_deparse_function(LakeDeparse *ctx, FuncExpr *func);
extern void lake_deparse_distinct(LakeDeparse *ctx, DistinctExpr *op);
extern void lake_deparse_nullif(LakeDeparse *ctx, NullIfExpr *op);
extern void lake_deparse_scalar_array(LakeDeparse *ctx, ScalarArrayOpExpr *op);
/* The elements of a constant array as constants. False if it has more than one dimension. */
extern bool lake_array_elements(Const *constant, Oid collation, List **elements);
extern void lake_deparse_any_sublink(LakeDeparse *ctx, SubLink *sublink);

/* deparse_aggregate.cpp */
extern void lake_deparse_aggregate(LakeDeparse *ctx, Aggref *agg);
extern void lake_deparse_window_function(LakeDeparse *ctx, WindowFunc *func);

/* deparse_numeric.cpp */
struct LakeCall;

/* A numeric, or an integer, in text form. */
extern void lake_deparse_numeric_text(LakeDeparse *ctx, Node *node);
/* The same as a blob that compares as the number does. */
extern void lake_deparse_numeric_key(LakeDeparse *ctx, Node *node);
/* Something in the call, or its result, is in text form. */
extern bool lake_is_varying_call(LakeDeparse *ctx, const struct LakeCall *call);
extern void lake_deparse_varying_call(LakeDeparse *ctx, const struct LakeCall *call);
/* name(a, b) where the numeric expression is a / b of two DECIMALs; false, and nothing written, where it is not. */
extern bool lake_deparse_decimal_quotient(LakeDeparse *ctx, Node *node, const char *name);
/* Two numerics that no DECIMAL can hold both. */
extern bool lake_is_varying_comparison(LakeDeparse *ctx, List *args);

#endif
