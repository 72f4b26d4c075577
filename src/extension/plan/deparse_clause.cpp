/*
 * deparse_clause.cpp
 *	  GROUP BY, ORDER BY, LIMIT.
 *
 * DuckDB looks for a bare name in ORDER BY and GROUP BY among the output names first: here every column carries its table's alias.
 * Directions and NULLS are always written.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteManip.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
}

#include "compat/compat.h"
#include "plan/deparse.h"
#include "plan/ship_type.h"

/* char(n) values of one column are all padded to n, so that bytes decide; elsewhere the padding may differ. */
void
lake_check_grouping(LakeDeparse *ctx, Node *expr)
{
	Oid			typid = getBaseType(exprType(expr));

	if ((!lake_type_is_comparable(typid) && !lake_is_enum(typid)) || (typid == BPCHAROID && exprTypmod(expr) < 0) ||
		(lake_is_varying(ctx->level, expr) && !lake_scale_follows_value(ctx->level, expr)))
		lake_refuse_type(ctx, exprType(expr));
	else if (!lake_collation_is_deterministic(exprCollation(expr)))
		lake_refuse_collation(ctx, exprCollation(expr));
}

static bool
is_correlated_subquery(Node *expr)
{
	return checkExprHasSubLink(expr) && contain_vars_of_level(expr, 0);
}

static bool
contains_expr_walker(Node *node, Node *expr)
{
	if (node == NULL)
		return false;
	return equal(node, expr) || expression_tree_walker(node, LAKE_WALKER(contains_expr_walker), expr);
}

/* Whether the query needs the expression of an output column in another place, too; GROUP BY and ORDER BY name its position. */
static bool
is_used_elsewhere(Query *query, TargetEntry *tle)
{
	List	   *clauses = list_copy(query->distinctClause);
	ListCell   *lc;

	foreach(lc, query->windowClause)
	{
		WindowClause *window = lfirst_node(WindowClause, lc);

		clauses = list_concat(list_concat(clauses, window->partitionClause), window->orderClause);
	}
	foreach(lc, clauses)
	{
		if (lfirst_node(SortGroupClause, lc)->tleSortGroupRef == tle->ressortgroupref)
			return true;
	}
	foreach(lc, query->targetList)
	{
		if (lfirst(lc) != tle && contains_expr_walker((Node *) lfirst_node(TargetEntry, lc)->expr, (Node *) tle->expr))
			return true;
	}
	return contains_expr_walker(query->havingQual, (Node *) tle->expr);
}

static void
deparse_group_item(LakeDeparse *ctx, Query *query, Index reference)
{
	TargetEntry *tle = get_sortgroupref_tle(reference, query->targetList);
	Node	   *expr = (Node *) tle->expr;

	if (lake_is_varying(ctx->level, expr) && !lake_scale_follows_value(ctx->level, expr) && lake_group_is_unseen(query, tle))
	{
		lake_deparse_numeric_key(ctx, expr);
		return;
	}
	lake_check_grouping(ctx, expr);
	/* DuckDB knows an expression again by its text, in which the tables of a subquery have other aliases: it must stand in one place alone */
	if (is_correlated_subquery(expr))
	{
		if (tle->resjunk || query->groupingSets != NIL || is_used_elsewhere(query, tle))
			lake_refuse(ctx, "SQL Syntax", "GROUP BY of a correlated subquery that is used elsewhere, too");
		appendStringInfo(&ctx->sql, "%d", tle->resno);
		return;
	}
	/* PostgreSQL before 18 shows the constant where the grouping set leaves it out, in some places */
	if (query->groupingSets != NIL && IsA(expr, Const))
		lake_refuse(ctx, "SQL Syntax", "GROUPING SETS of a constant");
	/* a bare number would be a position */
	if (IsA(expr, Const) && ((Const *) expr)->consttype == INT4OID && !((Const *) expr)->constisnull)
		lake_deparse_cast(ctx, expr, "integer");
	else
		lake_deparse_expr(ctx, expr);
}

static void
deparse_grouping_set(LakeDeparse *ctx, Query *query, GroupingSet *set)
{
	static const char *const names[] = {"()", "(", "ROLLUP(", "CUBE(", "GROUPING SETS ("};
	ListCell   *lc;

	appendStringInfoString(&ctx->sql, names[set->kind]);
	if (set->kind == GROUPING_SET_EMPTY)
		return;
	foreach(lc, set->content)
	{
		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, ", ");
		if (set->kind == GROUPING_SET_SIMPLE)
			deparse_group_item(ctx, query, lfirst_int(lc));
		else
			deparse_grouping_set(ctx, query, lfirst_node(GroupingSet, lc));
	}
	appendStringInfoChar(&ctx->sql, ')');
}

/* Two outputs with one expression are two items of GROUP BY to PostgreSQL, whose results then show the one for the other; DuckDB has one item. */
static void
check_grouped_twice(LakeDeparse *ctx, Query *query)
{
	ListCell   *lc,
			   *other;

	foreach(lc, query->groupClause)
	{
		TargetEntry *tle = get_sortgroupclause_tle(lfirst_node(SortGroupClause, lc), query->targetList);

		for_each_cell(other, query->groupClause, lnext(query->groupClause, lc))
		{
			if (equal(tle->expr, get_sortgroupclause_tle(lfirst_node(SortGroupClause, other), query->targetList)->expr))
				lake_refuse(ctx, "SQL Syntax", "GROUPING SETS with the same expression twice");
		}
	}
}

void
lake_deparse_group_by(LakeDeparse *ctx, Query *query)
{
	bool		qualify = ctx->level->qualify;
	ListCell   *lc;

	if (query->groupClause == NIL && query->groupingSets == NIL)
		return;
	ctx->level->qualify = true;
	appendStringInfoString(&ctx->sql, " GROUP BY ");
	if (query->groupDistinct && query->groupingSets != NIL)
		lake_refuse(ctx, "SQL Syntax", "GROUP BY DISTINCT clause");
	if (query->groupingSets != NIL)
	{
		check_grouped_twice(ctx, query);
		foreach(lc, query->groupingSets)
		{
			if (foreach_current_index(lc) > 0)
				appendStringInfoString(&ctx->sql, ", ");
			deparse_grouping_set(ctx, query, lfirst_node(GroupingSet, lc));
		}
	}
	else
	{
		foreach(lc, query->groupClause)
		{
			if (foreach_current_index(lc) > 0)
				appendStringInfoString(&ctx->sql, ", ");
			deparse_group_item(ctx, query, lfirst_node(SortGroupClause, lc)->tleSortGroupRef);
		}
	}
	ctx->level->qualify = qualify;
}

/* Writes expr, or text in its place (an output position), and the direction. */
void
lake_deparse_sort_item(LakeDeparse *ctx, SortGroupClause *clause, Node *expr, const char *text)
{
	Oid			typid = exprType(expr);
	TypeCacheEntry *type = lookup_type_cache(typid, TYPECACHE_LT_OPR | TYPECACHE_GT_OPR);
	bool		descending = clause->sortop == type->gt_opr;

	if ((!lake_type_is_comparable(typid) && getBaseType(typid) != INTERVALOID && !lake_is_enum(typid)) || (!descending && clause->sortop != type->lt_opr))
	{
		lake_refuse_type(ctx, typid);
		return;
	}
	if (!lake_collation_is_binary(exprCollation(expr)))
	{
		lake_refuse_collation(ctx, exprCollation(expr));
		return;
	}
	if (getBaseType(typid) == BPCHAROID || getBaseType(typid) == INTERVALOID)
	{
		bool		is_interval = getBaseType(typid) == INTERVALOID;

		/* the padding does not count, and a position gives no way to take it off */
		if (text != NULL)
			lake_refuse_type(ctx, typid);
		appendStringInfoString(&ctx->sql, is_interval ? "pg_interval_order(" : "rtrim(");
		lake_deparse_expr(ctx, expr);
		appendStringInfoString(&ctx->sql, is_interval ? ")" : ", ' ')");
	}
	else if (lake_is_varying(ctx->level, expr) || lake_is_enum(typid))
	{
		if (text != NULL)
			lake_refuse_type(ctx, typid);
		else if (lake_is_enum(typid))
			lake_deparse_enum_rank(ctx, expr);
		else
			lake_deparse_numeric_key(ctx, expr);
	}
	else if (text != NULL)
		appendStringInfoString(&ctx->sql, text);
	else if (IsA(expr, Const) && typid == INT4OID)
		lake_deparse_cast(ctx, expr, "integer");
	else
		lake_deparse_expr(ctx, expr);
	appendStringInfo(&ctx->sql, " %s NULLS %s", descending ? "DESC" : "ASC", clause->nulls_first ? "FIRST" : "LAST");
}

void
lake_deparse_order_by(LakeDeparse *ctx, Query *query, bool by_position)
{
	bool		qualify = ctx->level->qualify;
	ListCell   *lc;

	ctx->level->qualify = true;
	foreach(lc, query->sortClause)
	{
		SortGroupClause *clause = lfirst_node(SortGroupClause, lc);
		TargetEntry *tle = get_sortgroupclause_tle(clause, query->targetList);
		bool		grouped_once = query->groupClause != NIL && !tle->resjunk && is_correlated_subquery((Node *) tle->expr);
		char	   *text = by_position || grouped_once ? psprintf("%d", tle->resno) : NULL;

		if (by_position && tle->resjunk)
			lake_refuse(ctx, "Unknown", "ORDER BY expression outside the output");
		appendStringInfoString(&ctx->sql, foreach_current_index(lc) == 0 ? " ORDER BY " : ", ");
		lake_deparse_sort_item(ctx, clause, (Node *) tle->expr, text);
	}
	ctx->level->qualify = qualify;
}

/* Constants and parameters; NULL means no limit on both sides. A negative constant is left to PostgreSQL's error. */
static void
deparse_limit_value(LakeDeparse *ctx, Node *node, const char *keyword)
{
	if (node == NULL || (IsA(node, Const) && ((Const *) node)->constisnull))
		return;
	if (checkExprHasSubLink(node) || (IsA(node, Const) && DatumGetInt64(((Const *) node)->constvalue) < 0))
		lake_refuse(ctx, "SQL Syntax", "%s that is a subquery or negative", keyword);
	else if (IsA(node, Const))
		appendStringInfo(&ctx->sql, " %s " INT64_FORMAT, keyword, DatumGetInt64(((Const *) node)->constvalue));
	else
	{
		appendStringInfo(&ctx->sql, " %s ", keyword);
		lake_deparse_expr(ctx, node);
	}
}

void
lake_deparse_limit(LakeDeparse *ctx, Query *query)
{
	if (query->limitOption == LIMIT_OPTION_WITH_TIES && query->limitCount != NULL)
		lake_refuse(ctx, "SQL Syntax", "LIMIT with TIES clause");
	deparse_limit_value(ctx, query->limitCount, "LIMIT");
	deparse_limit_value(ctx, query->limitOffset, "OFFSET");
}
