/*
 * deparse_aggregate.cpp
 *	  Aggregates and window functions.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

#include "plan/deparse.h"
#include "plan/deparse_rule.h"
#include "plan/ship_type.h"
#include "plan/shippable_catalog.h"

/* ---------------------------------------------------------------- aggregates */

/* True if the line's conditions hold for the call; refuses otherwise. */
static bool
check_conditions(LakeDeparse *ctx, const LakeShippable *line, Oid funcid, Oid collation, List *args, bool ordered)
{
	if ((line->conditions & LAKE_IF_ORDER) && !lake_collation_is_binary(collation))
	{
		lake_refuse_collation(ctx, collation);
		return false;
	}
	if (((line->conditions & LAKE_IF_CONST_2) && list_length(args) > 1 && !lake_is_nonnull_const((Node *) lsecond(args))) ||
		((line->conditions & LAKE_IF_ORDERED) && !ordered))
	{
		lake_refuse_function(ctx, funcid);
		return false;
	}
	return true;
}

static void
deparse_filter(LakeDeparse *ctx, Expr *filter)
{
	if (filter == NULL)
		return;
	appendStringInfoString(&ctx->sql, " FILTER (WHERE ");
	lake_deparse_expr(ctx, (Node *) filter);
	appendStringInfoChar(&ctx->sql, ')');
}

static void deparse_aggregate_order(LakeDeparse *ctx, Aggref *agg);

/* ---------------------------------------------------------------- ordered sets */

/* A bare constant would have a type of its own choice. */
static void
deparse_typed(LakeDeparse *ctx, Node *value)
{
	const char *type = lake_expr_type_name(ctx, value);

	if (type != NULL)
		lake_deparse_cast(ctx, value, type);
}

/* The values in their order, NULLs left out. */
static void
deparse_ordered_list(LakeDeparse *ctx, Aggref *agg)
{
	Node	   *value = (Node *) linitial_node(TargetEntry, agg->args)->expr;

	appendStringInfoString(&ctx->sql, "(list(");
	deparse_typed(ctx, value);
	deparse_aggregate_order(ctx, agg);
	appendStringInfoString(&ctx->sql, ") FILTER (WHERE (");
	lake_deparse_expr(ctx, value);
	appendStringInfoString(&ctx->sql, " IS NOT NULL)");
	if (agg->aggfilter != NULL)
	{
		appendStringInfoString(&ctx->sql, " AND ");
		lake_deparse_expr(ctx, (Node *) agg->aggfilter);
	}
	appendStringInfoString(&ctx->sql, "))");
}

/* DuckDB's quantiles choose another row where fraction * count is rounded. */
static void
deparse_percentile_disc(LakeDeparse *ctx, Aggref *agg, double fraction)
{
	appendStringInfoString(&ctx->sql, "list_extract(");
	deparse_ordered_list(ctx, agg);
	appendStringInfo(&ctx->sql, ", greatest(ceil(%.17g::double * len(", fraction);
	deparse_ordered_list(ctx, agg);
	appendStringInfoString(&ctx->sql, ")), 1)::bigint)");
}

/* Between two values, in proportion. */
static void
deparse_percentile_cont(LakeDeparse *ctx, Aggref *agg, double fraction)
{
	appendStringInfoString(&ctx->sql, "pg_percentile_cont(");
	deparse_ordered_list(ctx, agg);
	appendStringInfo(&ctx->sql, ", %.17g::double)", fraction);
}

static void
deparse_mode(LakeDeparse *ctx, Aggref *agg)
{
	/* of several that are as frequent, DuckDB takes the first, too */
	appendStringInfoString(&ctx->sql, "mode(");
	deparse_typed(ctx, (Node *) linitial_node(TargetEntry, agg->args)->expr);
	deparse_aggregate_order(ctx, agg);
	appendStringInfoChar(&ctx->sql, ')');
	deparse_filter(ctx, agg->aggfilter);
}

/* percentile_disc, percentile_cont, mode. */
static void
deparse_ordered_set(LakeDeparse *ctx, Aggref *agg)
{
	Node	   *value = (Node *) linitial_node(TargetEntry, agg->args)->expr;
	Node	   *direct = agg->aggdirectargs == NIL ? NULL : (Node *) linitial(agg->aggdirectargs);
	double		fraction = 0;

	if (direct != NULL && lake_is_nonnull_const(direct) && ((Const *) direct)->consttype == FLOAT8OID)
		fraction = DatumGetFloat8(((Const *) direct)->constvalue);
	else if (direct != NULL)
		fraction = -1;
	/* DuckDB takes the constant among constants for a fraction, and orders by none */
	if (!(fraction >= 0 && fraction <= 1) || !contain_var_clause(value))
	{
		lake_refuse_function(ctx, agg->aggfnoid);
		return;
	}
	lake_check_grouping(ctx, value);
	if (getBaseType(exprType(value)) == BPCHAROID)
		lake_refuse_type(ctx, exprType(value));
	if (agg->aggfnoid == F_MODE)
		deparse_mode(ctx, agg);
	else if (agg->aggfnoid == F_PERCENTILE_CONT_FLOAT8_FLOAT8)
		deparse_percentile_cont(ctx, agg, fraction);
	else
		deparse_percentile_disc(ctx, agg, fraction);
}

/* ---------------------------------------------------------------- arguments */

static void
deparse_aggregate_order(LakeDeparse *ctx, Aggref *agg)
{
	ListCell   *lc;

	foreach(lc, agg->aggorder)
	{
		SortGroupClause *clause = lfirst_node(SortGroupClause, lc);

		appendStringInfoString(&ctx->sql, foreach_current_index(lc) == 0 ? " ORDER BY " : ", ");
		lake_deparse_sort_item(ctx, clause, get_sortgroupclause_expr(clause, agg->args), NULL);
	}
}

/* With numeric_text, the arguments are numerics that are wanted in text form. */
static void
deparse_aggregate_args(LakeDeparse *ctx, Aggref *agg, bool numeric_text)
{
	int			written = 0;
	ListCell   *lc;

	if (agg->aggstar)
		appendStringInfoChar(&ctx->sql, '*');
	if (agg->aggdistinct != NIL)
		appendStringInfoString(&ctx->sql, "DISTINCT ");
	foreach(lc, agg->args)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (tle->resjunk)
			continue;
		if (written++ > 0)
			appendStringInfoString(&ctx->sql, ", ");
		if (agg->aggdistinct != NIL)
			lake_check_grouping(ctx, (Node *) tle->expr);
		/* count looks at nothing but whether there is a value */
		if (numeric_text)
			lake_deparse_numeric_text(ctx, (Node *) tle->expr);
		else if (agg->aggfnoid == F_COUNT_ANY)
			lake_deparse_bare(ctx, (Node *) tle->expr);
		else
			lake_deparse_expr(ctx, (Node *) tle->expr);
	}
	deparse_aggregate_order(ctx, agg);
}

static List *
argument_exprs(Aggref *agg)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, agg->args)
	{
		if (!lfirst_node(TargetEntry, lc)->resjunk)
			result = lappend(result, lfirst_node(TargetEntry, lc)->expr);
	}
	return result;
}

/* json_agg, jsonb_agg: the values as JSON between brackets, NULLs among them. */
static void
deparse_json_aggregate(LakeDeparse *ctx, Aggref *agg)
{
	if (agg->aggdistinct != NIL)
	{
		lake_refuse_function(ctx, agg->aggfnoid);
		return;
	}
	appendStringInfo(&ctx->sql, "%s('[' || string_agg(coalesce(", agg->aggfnoid == F_JSONB_AGG ? "pg_jsonb_in" : "");
	lake_deparse_json_value(ctx, (Node *) linitial_node(TargetEntry, agg->args)->expr);
	appendStringInfoString(&ctx->sql, ", 'null'), ', '");
	deparse_aggregate_order(ctx, agg);
	appendStringInfoChar(&ctx->sql, ')');
	deparse_filter(ctx, agg->aggfilter);
	appendStringInfoString(&ctx->sql, " || ']')");
}

/* DuckDB's own takes a constant delimiter. NULL is none. */
static bool
has_plain_delimiter(Aggref *agg)
{
	return agg->aggfnoid == F_STRING_AGG_TEXT_TEXT && lake_is_nonnull_const((Node *) lsecond_node(TargetEntry, agg->args)->expr);
}

/* string_agg: each value but the first behind the delimiter of its own row. */
static void
deparse_string_aggregate(LakeDeparse *ctx, Aggref *agg)
{
	if (agg->aggdistinct != NIL)
	{
		lake_refuse_function(ctx, agg->aggfnoid);
		return;
	}
	appendStringInfoString(&ctx->sql, "pg_string_agg(");
	lake_deparse_expr(ctx, (Node *) linitial_node(TargetEntry, agg->args)->expr);
	appendStringInfoString(&ctx->sql, ", coalesce(");
	lake_deparse_expr(ctx, (Node *) lsecond_node(TargetEntry, agg->args)->expr);
	appendStringInfoString(&ctx->sql, agg->aggfnoid == F_STRING_AGG_BYTEA_BYTEA ? ", ''::blob)" : ", '')");
	deparse_aggregate_order(ctx, agg);
	appendStringInfoChar(&ctx->sql, ')');
	deparse_filter(ctx, agg->aggfilter);
}

/* ---------------------------------------------------------------- of numerics */

static bool
is_average(Oid funcid)
{
	return funcid == F_AVG_INT2 || funcid == F_AVG_INT4 || funcid == F_AVG_INT8 || funcid == F_AVG_NUMERIC;
}

/* The call of an aggregate or of a window function: what is written around its arguments differs. */
typedef struct AggregateCall
{
	Oid			funcid;
	Node	   *argument;		/* the first one, or NULL */
	Aggref	   *aggregate;		/* or: */
	WindowFunc *window;
} AggregateCall;

static void deparse_over(LakeDeparse *ctx, WindowFunc *func, bool framed);

static void
deparse_filter_and_window(LakeDeparse *ctx, const AggregateCall *call)
{
	deparse_filter(ctx, call->aggregate != NULL ? call->aggregate->aggfilter : call->window->aggfilter);
	if (call->window != NULL)
		deparse_over(ctx, call->window, true);
}

/* name(arguments) FILTER (..) OVER (..) */
static void
write_aggregate(LakeDeparse *ctx, const AggregateCall *call, const char *name, bool numeric_text)
{
	appendStringInfo(&ctx->sql, "%s(", name);
	if (call->aggregate != NULL)
		deparse_aggregate_args(ctx, call->aggregate, numeric_text);
	else if (numeric_text)
		lake_deparse_numeric_text(ctx, call->argument);
	else
		lake_deparse_expr(ctx, call->argument);
	appendStringInfoChar(&ctx->sql, ')');
	deparse_filter_and_window(ctx, call);
}

/* The same call of another function, with another argument. */
static AggregateCall
call_of(const AggregateCall *call, Oid funcid, Node *argument)
{
	AggregateCall result = {funcid, argument, NULL, NULL};

	if (call->aggregate != NULL)
	{
		result.aggregate = makeNode(Aggref);
		*result.aggregate = *call->aggregate;
		result.aggregate->aggfnoid = funcid;
		result.aggregate->args = list_make1(makeTargetEntry((Expr *) argument, 1, NULL, false));
		result.aggregate->aggorder = NIL;
	}
	else
	{
		result.window = makeNode(WindowFunc);
		*result.window = *call->window;
		result.window->winfnoid = funcid;
		result.window->args = list_make1(argument);
	}
	return result;
}

/* sum() of what displays different numbers of decimals: the sum as a DECIMAL, with the largest of them. */
static bool
write_sum_of_scales(LakeDeparse *ctx, const AggregateCall *call)
{
	Node	   *value = lake_at_one_scale(ctx->level, call->argument);
	Node	   *scale = value == NULL ? NULL : lake_displayed_scale(ctx->level, call->argument);
	AggregateCall part;

	if (scale == NULL || contain_subplans(call->argument) || (call->aggregate != NULL && call->aggregate->aggdistinct != NIL))
		return false;
	part = call_of(call, F_SUM_NUMERIC, value);
	if (lake_is_varying(ctx->level, part.aggregate != NULL ? (Node *) part.aggregate : (Node *) part.window))
		return false;
	appendStringInfoString(&ctx->sql, "pg_numeric_at_scale(");
	write_aggregate(ctx, &part, "sum", false);
	appendStringInfoString(&ctx->sql, ", ");
	part = call_of(call, F_MAX_INT4, scale);
	write_aggregate(ctx, &part, "max", false);
	appendStringInfoChar(&ctx->sql, ')');
	return true;
}

/* sum(a / b) of DECIMALs, whose quotients need no text. Of DISTINCT ones they do: 1/2 is 2/4. */
static bool
write_sum_of_quotients(LakeDeparse *ctx, const AggregateCall *call)
{
	if ((call->aggregate != NULL && call->aggregate->aggdistinct != NIL) ||
		!lake_deparse_decimal_quotient(ctx, call->argument, "pg_numeric_sum"))
		return false;
	deparse_filter_and_window(ctx, call);
	return true;
}

static void
write_varying_sum(LakeDeparse *ctx, const AggregateCall *call)
{
	if (!write_sum_of_scales(ctx, call) && !write_sum_of_quotients(ctx, call))
		write_aggregate(ctx, call, "pg_numeric_sum", true);
}

/* avg() is sum() / count(), divided as PostgreSQL divides. */
static void
write_average(LakeDeparse *ctx, const AggregateCall *call)
{
	LakeNumericShape shape = {LAKE_MAX_DECIMAL, 0, false, false, 0};

	if (call->funcid == F_AVG_NUMERIC && !lake_numeric_shape(ctx->level, call->argument, &shape))
		lake_refuse_function(ctx, call->funcid);
	else if (shape.varying || shape.scale > LAKE_MAX_RESULT_SCALE)
	{
		appendStringInfoString(&ctx->sql, "pg_numeric_divide(");
		write_varying_sum(ctx, call);
		appendStringInfoString(&ctx->sql, ", (");
		write_aggregate(ctx, call, "count", true);
		appendStringInfoString(&ctx->sql, ")::text)");
	}
	else
	{
		appendStringInfoString(&ctx->sql, "pg_numeric_divide_text((");
		write_aggregate(ctx, call, "sum", false);
		appendStringInfo(&ctx->sql, ")::decimal(38,%d), (", shape.scale);
		write_aggregate(ctx, call, "count", false);
		appendStringInfoString(&ctx->sql, ")::decimal(38,0))");
	}
}

/* min and max of what is text to DuckDB, numerics and enums: the argument of the least or greatest key. */
static void
write_extreme(LakeDeparse *ctx, const AggregateCall *call)
{
	bool		is_enum = lake_is_enum(exprType(call->argument));

	appendStringInfoString(&ctx->sql, call->funcid == F_MIN_NUMERIC || call->funcid == F_MIN_ANYENUM ? "arg_min(" : "arg_max(");
	if (is_enum)
		lake_deparse_expr(ctx, call->argument);
	else
		lake_deparse_numeric_text(ctx, call->argument);
	appendStringInfoString(&ctx->sql, ", ");
	if (is_enum)
		lake_deparse_enum_rank(ctx, call->argument);
	else
		lake_deparse_numeric_key(ctx, call->argument);
	appendStringInfoChar(&ctx->sql, ')');
	deparse_filter_and_window(ctx, call);
}

/* Aggregates over numerics that DECIMALs do not do for; true when it was one. */
static bool
deparse_numeric_aggregate(LakeDeparse *ctx, const AggregateCall *call, Node *whole)
{
	bool		varying = call->argument != NULL && lake_is_varying(ctx->level, call->argument);

	if (is_average(call->funcid))
		write_average(ctx, call);
	else if (lake_gives_text_form(call->funcid))
		write_aggregate(ctx, call, lake_shippable_aggregate(call->funcid)->text, varying);
	else if (call->funcid == F_SUM_NUMERIC && (varying || lake_is_varying(ctx->level, whole)))
		write_varying_sum(ctx, call);
	else if (((call->funcid == F_MIN_NUMERIC || call->funcid == F_MAX_NUMERIC) && varying) || call->funcid == F_MIN_ANYENUM ||
			 call->funcid == F_MAX_ANYENUM)
		write_extreme(ctx, call);
	else
		return false;
	return true;
}

/* ---------------------------------------------------------------- aggregates */

void
lake_deparse_aggregate(LakeDeparse *ctx, Aggref *agg)
{
	const LakeShippable *line = lake_shippable_aggregate(agg->aggfnoid);
	List	   *args = argument_exprs(agg);
	AggregateCall call = {agg->aggfnoid, NULL, agg, NULL};
	const char *cast;

	if (line == NULL || agg->aggkind == AGGKIND_HYPOTHETICAL || agg->agglevelsup != 0 || agg->aggvariadic)
	{
		lake_refuse_function(ctx, agg->aggfnoid);
		return;
	}
	if (agg->aggkind == AGGKIND_ORDERED_SET)
	{
		deparse_ordered_set(ctx, agg);
		return;
	}
	call.argument = args == NIL ? NULL : (Node *) linitial(args);
	if (deparse_numeric_aggregate(ctx, &call, (Node *) agg))
		return;
	if (!check_conditions(ctx, line, agg->aggfnoid, agg->inputcollid, args, agg->aggorder != NIL))
		return;
	if (agg->aggfnoid == F_JSON_AGG || agg->aggfnoid == F_JSONB_AGG)
	{
		deparse_json_aggregate(ctx, agg);
		return;
	}
	if ((agg->aggfnoid == F_STRING_AGG_TEXT_TEXT || agg->aggfnoid == F_STRING_AGG_BYTEA_BYTEA) && !has_plain_delimiter(agg))
	{
		deparse_string_aggregate(ctx, agg);
		return;
	}
	cast = OidIsValid(get_element_type(agg->aggtype)) ? lake_expr_type_name(ctx, (Node *) agg) : line->cast;
	if (cast != NULL)
		appendStringInfoChar(&ctx->sql, '(');
	appendStringInfo(&ctx->sql, "%s(", line->text != NULL ? line->text : get_func_name(agg->aggfnoid));
	deparse_aggregate_args(ctx, agg, false);
	appendStringInfoChar(&ctx->sql, ')');
	deparse_filter(ctx, agg->aggfilter);
	if (cast != NULL)
		appendStringInfo(&ctx->sql, ")::%s", cast);
}

/* ---------------------------------------------------------------- windows */

static void
deparse_frame_bound(LakeDeparse *ctx, const WindowClause *clause, bool start)
{
	int			options = clause->frameOptions;
	Node	   *offset = start ? clause->startOffset : clause->endOffset;

	if (options & (start ? FRAMEOPTION_START_UNBOUNDED_PRECEDING : FRAMEOPTION_END_UNBOUNDED_PRECEDING))
		appendStringInfoString(&ctx->sql, "UNBOUNDED PRECEDING");
	else if (options & (start ? FRAMEOPTION_START_UNBOUNDED_FOLLOWING : FRAMEOPTION_END_UNBOUNDED_FOLLOWING))
		appendStringInfoString(&ctx->sql, "UNBOUNDED FOLLOWING");
	else if (options & (start ? FRAMEOPTION_START_CURRENT_ROW : FRAMEOPTION_END_CURRENT_ROW))
		appendStringInfoString(&ctx->sql, "CURRENT ROW");
	else
	{
		/* in a RANGE frame the offset meets the ordering column's own arithmetic */
		if ((options & FRAMEOPTION_RANGE) || !lake_is_nonnull_const(offset) || exprType(offset) != INT8OID ||
			DatumGetInt64(((Const *) offset)->constvalue) < 0)
			lake_refuse(ctx, "SQL Syntax", "window frame with a RANGE offset or an offset that is not constant");
		else
			appendStringInfo(&ctx->sql, INT64_FORMAT " %s", DatumGetInt64(((Const *) offset)->constvalue),
							 (options & (start ? FRAMEOPTION_START_OFFSET_PRECEDING : FRAMEOPTION_END_OFFSET_PRECEDING)) ?
							 "PRECEDING" : "FOLLOWING");
	}
}

static void
deparse_frame(LakeDeparse *ctx, const WindowClause *clause)
{
	int			options = clause->frameOptions;

	appendStringInfo(&ctx->sql, " %s BETWEEN ",
					 (options & FRAMEOPTION_ROWS) ? "ROWS" : (options & FRAMEOPTION_GROUPS) ? "GROUPS" : "RANGE");
	deparse_frame_bound(ctx, clause, true);
	appendStringInfoString(&ctx->sql, " AND ");
	if (options & FRAMEOPTION_BETWEEN)
		deparse_frame_bound(ctx, clause, false);
	else
		appendStringInfoString(&ctx->sql, "CURRENT ROW");
	if (options & FRAMEOPTION_EXCLUDE_CURRENT_ROW)
		appendStringInfoString(&ctx->sql, " EXCLUDE CURRENT ROW");
	else if (options & FRAMEOPTION_EXCLUDE_GROUP)
		appendStringInfoString(&ctx->sql, " EXCLUDE GROUP");
	else if (options & FRAMEOPTION_EXCLUDE_TIES)
		appendStringInfoString(&ctx->sql, " EXCLUDE TIES");
}

static void
deparse_over(LakeDeparse *ctx, WindowFunc *func, bool framed)
{
	Query	   *query = ctx->level->query;
	WindowClause *clause = NULL;
	bool		qualify = ctx->level->qualify;
	ListCell   *lc;

	foreach(lc, query->windowClause)
	{
		if (lfirst_node(WindowClause, lc)->winref == func->winref)
			clause = lfirst_node(WindowClause, lc);
	}
	if (clause == NULL)
		elog(ERROR, "could not find window clause %u", func->winref);
	ctx->level->qualify = true;
	appendStringInfoString(&ctx->sql, " OVER (");
	foreach(lc, clause->partitionClause)
	{
		Node	   *expr = get_sortgroupclause_expr(lfirst_node(SortGroupClause, lc), query->targetList);

		appendStringInfoString(&ctx->sql, foreach_current_index(lc) == 0 ? "PARTITION BY " : ", ");
		if (lake_is_varying(ctx->level, expr))
		{
			lake_deparse_numeric_key(ctx, expr);
			continue;
		}
		lake_check_grouping(ctx, expr);
		lake_deparse_expr(ctx, expr);
	}
	foreach(lc, clause->orderClause)
	{
		SortGroupClause *item = lfirst_node(SortGroupClause, lc);

		appendStringInfoString(&ctx->sql, foreach_current_index(lc) == 0 ? " ORDER BY " : ", ");
		lake_deparse_sort_item(ctx, item, get_sortgroupclause_expr(item, query->targetList), NULL);
	}
	if (framed)
		deparse_frame(ctx, clause);
	appendStringInfoChar(&ctx->sql, ')');
	ctx->level->qualify = qualify;
}

/* ntile(n), nth_value(x, n): n must be beyond 0, and PostgreSQL asks for it in the first row of a partition alone. */
static bool
has_valid_count(WindowFunc *func)
{
	Const	   *count;

	if (func->winfnoid != F_NTILE && func->winfnoid != F_NTH_VALUE)
		return true;
	count = (Const *) llast(func->args);
	return lake_is_nonnull_const((Node *) count) && DatumGetInt32(count->constvalue) > 0;
}

void
lake_deparse_window_function(LakeDeparse *ctx, WindowFunc *func)
{
	const LakeShippable *line = func->winagg ? lake_shippable_aggregate(func->winfnoid) : lake_shippable_window(func->winfnoid);
	AggregateCall call = {func->winfnoid, NULL, NULL, func};
	ListCell   *lc;

	if (line == NULL || !has_valid_count(func))
	{
		lake_refuse_function(ctx, func->winfnoid);
		return;
	}
	call.argument = func->args == NIL ? NULL : (Node *) linitial(func->args);
	if (deparse_numeric_aggregate(ctx, &call, (Node *) func))
		return;
	if (!check_conditions(ctx, line, func->winfnoid, func->inputcollid, func->args, false))
		return;
	if (line->cast != NULL)
		appendStringInfoChar(&ctx->sql, '(');
	appendStringInfo(&ctx->sql, "%s(%s", line->text != NULL ? line->text : get_func_name(func->winfnoid), func->winstar ? "*" : "");
	foreach(lc, func->args)
	{
		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_expr(ctx, (Node *) lfirst(lc));
	}
	appendStringInfoChar(&ctx->sql, ')');
	deparse_filter(ctx, func->aggfilter);
	deparse_over(ctx, func, func->winagg || (line->conditions & LAKE_FRAMED));
	if (line->cast != NULL)
		appendStringInfo(&ctx->sql, ")::%s", line->cast);
}
