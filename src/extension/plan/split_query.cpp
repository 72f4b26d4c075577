/*
 * split_query.cpp
 *	  See split_query.h. What is tried is tried on copies: a cut is made when the server can run its inner side.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/tlist.h"
#include "parser/parsetree.h"
}

#include "compat/compat.h"
#include "compat/range_table.h"
#include "plan/plan.h"
#include "plan/query_part.h"
#include "plan/simplify_query.h"
#include "plan/split_from.h"
#include "plan/split_pieces.h"
#include "plan/split_query.h"

typedef enum Cut
{
	CUT_ROWS,					/* outside: all but FROM and WHERE */
	CUT_GROUPS,					/* and GROUP BY, aggregates */
	CUT_HAVING,					/* and HAVING */
	CUT_WINDOWS,				/* and window functions */
	CUT_TAIL,					/* and ORDER BY, LIMIT */
} Cut;

/* ---------------------------------------------------------------- one cut */

static bool
is_grouped(Query *query)
{
	return query->hasAggs || query->groupClause != NIL || query->groupingSets != NIL;
}

/* Cuts that are about something that the query does not have are cuts further down. */
static bool
is_worth_trying(Query *query, Cut cut)
{
	switch (cut)
	{
		case CUT_TAIL:
			/* the limit counts what DISTINCT leaves and what set-returning functions give */
			return (query->sortClause != NIL || query->limitCount != NULL || query->limitOffset != NULL) && query->distinctClause == NIL &&
				!query->hasTargetSRFs;
		case CUT_WINDOWS:
			return query->hasWindowFuncs;
		case CUT_HAVING:
			return is_grouped(query);
		case CUT_GROUPS:
			return is_grouped(query) && query->havingQual != NULL;
		case CUT_ROWS:
			return true;
	}
	return false;
}

static void
drop_tail(Query *query)
{
	query->sortClause = NIL;
	query->limitCount = NULL;
	query->limitOffset = NULL;
	query->limitOption = LIMIT_OPTION_COUNT;
}

static void
drop_windows(Query *query)
{
	query->windowClause = NIL;
	query->hasWindowFuncs = false;
}

static void
drop_groups(Query *query)
{
	query->groupClause = NIL;
	query->groupDistinct = false;
	query->groupingSets = NIL;
	query->hasAggs = false;
	query->havingQual = NULL;
}

/* The inner side, still without output columns. */
static Query *
inner_query(Query *query, Cut cut)
{
	Query	   *inner = (Query *) copyObjectImpl(query);

	inner->targetList = NIL;
	inner->distinctClause = NIL;
	inner->hasDistinctOn = false;
	inner->hasTargetSRFs = false;
	if (cut < CUT_TAIL)
		drop_tail(inner);
	if (cut < CUT_WINDOWS)
		drop_windows(inner);
	if (cut < CUT_HAVING)
		inner->havingQual = NULL;
	if (cut < CUT_GROUPS)
		drop_groups(inner);
	return inner;
}

/* References of clauses that stand inside. */
static List *
inner_references(Query *inner)
{
	List	   *clauses = list_concat_copy(inner->groupClause, inner->sortClause);
	List	   *references = NIL;
	ListCell   *lc;

	foreach(lc, inner->windowClause)
	{
		WindowClause *window = lfirst_node(WindowClause, lc);

		clauses = list_concat(list_concat(clauses, window->partitionClause), window->orderClause);
	}
	foreach(lc, clauses)
		references = list_append_unique_int(references, lfirst_node(SortGroupClause, lc)->tleSortGroupRef);
	return references;
}

/* Expressions that come out as they are: what is grouped by, and what is sorted by, because the outer query sorts again. */
static List *
whole_expressions(Query *query, Cut cut)
{
	List	   *clauses = list_copy(cut >= CUT_GROUPS ? query->groupClause : NIL);
	List	   *whole = NIL;
	ListCell   *lc;

	if (cut == CUT_TAIL)
		clauses = list_concat(clauses, list_copy(query->sortClause));
	foreach(lc, clauses)
		whole = list_append_unique(whole, get_sortgroupclause_expr(lfirst_node(SortGroupClause, lc), query->targetList));
	return whole;
}

/* The output columns, with those that clauses inside refer to. */
static List *
inner_target_list(Query *query, Query *inner, List *columns)
{
	ListCell   *lc;

	if (columns == NIL)
		columns = list_make1(makeTargetEntry((Expr *) makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(1), false, true), 1,
											 pstrdup("one"), false));
	foreach(lc, inner_references(inner))
	{
		TargetEntry *tle = get_sortgroupref_tle(lfirst_int(lc), query->targetList);
		TargetEntry *same = tlist_member(tle->expr, columns);

		if (same == NULL || same->ressortgroupref != 0)
		{
			same = makeTargetEntry((Expr *) copyObjectImpl(tle->expr), list_length(columns) + 1, NULL, true);
			columns = lappend(columns, same);
		}
		same->ressortgroupref = tle->ressortgroupref;
	}
	return columns;
}

/* Columns in between stay where they are for the executor: what no plan reads is an empty relation. */
static void
replace_from(Query *outer, Bitmapset *inside, List *quals)
{
	RangeTblRef *ref = makeNode(RangeTblRef);
	RangeTblEntry *rte = makeNode(RangeTblEntry);

	lake_clear_entries(outer, inside);
	rte->rtekind = RTE_SUBQUERY;
	rte->inFromCl = true;
	outer->rtable = lappend(outer->rtable, rte);
	ref->rtindex = list_length(outer->rtable);
	outer->jointree = makeFromExpr(list_make1(ref), quals == NIL ? NULL : (Node *) make_ands_explicit(quals));
}

/*
 * Makes the cut, or returns false. WHERE goes inside as a whole except when rows alone are cut, where `outside` are the conditions that do
 * not.
 */
static bool
cut_query(Query *query, Cut cut, List *where_inside, List *where_outside, ParamListInfo bound_params, List **parts)
{
	Query	   *inner = inner_query(query, cut);
	Query	   *outer = (Query *) copyObjectImpl(query);
	LakePieces	pieces = {};
	LakePart   *part;

	inner->jointree->quals = where_inside == NIL ? NULL : (Node *) make_ands_explicit((List *) copyObjectImpl(where_inside));
	pieces.query = query;
	pieces.part_rtindex = list_length(query->rtable) + 1;
	pieces.rtindexes = lake_entries_of((Node *) query->jointree);
	pieces.grouped = cut >= CUT_GROUPS && is_grouped(query);
	pieces.windows = cut >= CUT_WINDOWS;
	pieces.whole = whole_expressions(query, cut);
	if (cut == CUT_TAIL)
	{
		outer->limitCount = NULL;
		outer->limitOffset = NULL;
		outer->limitOption = LIMIT_OPTION_COUNT;
	}
	if (cut >= CUT_WINDOWS)
		drop_windows(outer);
	if (cut == CUT_GROUPS && outer->havingQual != NULL)
		where_outside = make_ands_implicit((Expr *) outer->havingQual);
	if (cut >= CUT_GROUPS)
		drop_groups(outer);
	replace_from(outer, pieces.rtindexes, (List *) copyObjectImpl(where_outside));
	lake_take_pieces(outer, &pieces);
	if (pieces.failed)
		return false;
	inner->targetList = inner_target_list(query, inner, pieces.columns);
	lake_keep_used_ctes(inner);
	lake_keep_used_ctes(outer);
	if (lake_have_common_cte(inner, outer) || (part = lake_make_part(inner, bound_params)) == NULL)
		return false;
	lake_install_part(rt_fetch(pieces.part_rtindex, outer->rtable), part, parts);
	*query = *outer;
	return true;
}

/* ---------------------------------------------------------------- one level */

/* Cuts the level if it can be cut. Its columns are those of relations by then, not of joins. */
static void
cut_level(Query *query, ParamListInfo bound_params, List **parts)
{
	List	   *where = make_ands_implicit((Expr *) query->jointree->quals);
	List	   *inside = NIL;
	List	   *outside = NIL;

	if (lake_limit_ends_recursion(query))
		return;
	for (int cut = CUT_TAIL; cut > CUT_ROWS; cut--)
	{
		if (is_worth_trying(query, (Cut) cut) && cut_query(query, (Cut) cut, where, NIL, bound_params, parts))
			return;
	}
	lake_divide_conditions(query, where, &inside, &outside);
	if (!cut_query(query, CUT_ROWS, inside, outside, bound_params, parts))
		lake_split_from(query, bound_params, parts);
}

/* ---------------------------------------------------------------- all levels */

typedef struct SplitContext
{
	ParamListInfo bound_params;
	List	   *parts;
} SplitContext;

static void split_level(Query *query, SplitContext *split);

/* A query that the server can run as a whole, where the planner meets it in other places than FROM. */
static Query *
wrap_part(LakePart *part, SplitContext *split)
{
	Query	   *around = makeNode(Query);
	RangeTblEntry *rte = makeNode(RangeTblEntry);
	RangeTblRef *ref = makeNode(RangeTblRef);
	ListCell   *lc;

	ref->rtindex = 1;
	around->commandType = CMD_SELECT;
	around->canSetTag = part->query->canSetTag;
	rte->inFromCl = true;
	around->rtable = list_make1(rte);
	around->jointree = makeFromExpr(list_make1(ref), NULL);
	foreach(lc, part->query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Node	   *expr = (Node *) tle->expr;
		TargetEntry *column;

		if (tle->resjunk)
			continue;
		column = makeTargetEntry((Expr *) makeVar(1, list_length(around->targetList) + 1, exprType(expr), exprTypmod(expr),
												  exprCollation(expr), 0),
								 list_length(around->targetList) + 1, tle->resname, false);
		column->resorigtbl = tle->resorigtbl;
		column->resorigcol = tle->resorigcol;
		around->targetList = lappend(around->targetList, column);
	}
	lake_install_part(rte, part, &split->parts);
	return around;
}

static Query *
split_subquery(Query *query, SplitContext *split)
{
	LakePart   *part = lake_make_part(query, split->bound_params);

	if (part != NULL)
		return wrap_part(part, split);
	split_level(query, split);
	return query;
}

/* Queries inside expressions. */
static bool
split_sublinks_walker(Node *node, SplitContext *split)
{
	if (node == NULL)
		return false;
	if (IsA(node, SubLink))
	{
		SubLink    *sublink = (SubLink *) node;

		if (IsA(sublink->subselect, Query))
			sublink->subselect = (Node *) split_subquery((Query *) sublink->subselect, split);
		return split_sublinks_walker(sublink->testexpr, split);
	}
	return expression_tree_walker(node, LAKE_WALKER(split_sublinks_walker), split);
}

static void
split_inner_queries(Query *query, SplitContext *split)
{
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);
		LakePart   *part;

		if (rte->rtekind != RTE_SUBQUERY || rte->subquery == NULL || lake_is_part(rte))
			continue;
		/* one side of a set operation has no entry in FROM */
		if (query->setOperations != NULL)
			rte->subquery = split_subquery(rte->subquery, split);
		else if ((part = lake_make_part(rte->subquery, split->bound_params)) != NULL)
			lake_install_part(rte, part, &split->parts);
		else
			split_level(rte->subquery, split);
	}
	foreach(lc, query->cteList)
	{
		CommonTableExpr *cte = lfirst_node(CommonTableExpr, lc);

		if (IsA(cte->ctequery, Query))
			cte->ctequery = (Node *) split_subquery((Query *) cte->ctequery, split);
	}
	if (query->hasSubLinks)
		query_tree_walker(query, LAKE_WALKER(split_sublinks_walker), split,
						  QTW_IGNORE_RT_SUBQUERIES | QTW_IGNORE_CTE_SUBQUERIES | QTW_IGNORE_JOINALIASES);
}

static void
split_level(Query *query, SplitContext *split)
{
	check_stack_depth();
	if (!lake_query_has_lake_table(query))
		return;
	if (query->setOperations == NULL && query->rowMarks == NIL && query->jointree->fromlist != NIL)
	{
		/* No part has the table that is changed. A MERGE is left alone: its condition does not choose among the rows of its source. */
		if (query->commandType == CMD_UPDATE || query->commandType == CMD_DELETE)
		{
			lake_flatten_joins(query);
			lake_split_from(query, split->bound_params, &split->parts);
		}
		else if (query->commandType == CMD_SELECT)
		{
			lake_flatten_joins(query);
			cut_level(query, split->bound_params, &split->parts);
		}
	}
	split_inner_queries(query, split);
}

Query *
lake_split_query(Query *query, ParamListInfo bound_params, PlannerGlobal *glob, List **parts)
{
	SplitContext split = {bound_params, NIL};
	Query	   *simple = lake_simplify_query(query, bound_params, glob);

	split_level(simple, &split);
	*parts = split.parts;
	return split.parts == NIL ? NULL : simple;
}
