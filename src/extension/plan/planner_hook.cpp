/*
 * planner_hook.cpp
 *	  The door of the planner: whole queries go to the server when all their parts can, everything else to the standard planner.
 *
 * Queries without a lake table pass after a look at their range table entries. The decision is made on the query tree, before any path
 * is built.
 */
extern "C" {
#include "postgres.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/planner.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
}

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "hooks/settings.h"
#include "plan/on_conflict.h"
#include "plan/partitions.h"
#include "plan/past_tables.h"
#include "plan/plan.h"
#include "plan/query_part.h"
#include "plan/split_query.h"

List	   *lake_not_vectorized_reasons = NIL;
bool		lake_planning_cursor = false;

static planner_hook_type previous_planner_hook = NULL;

/* ---------------------------------------------------------------- is it ours? */

static bool
has_lake_table_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return lake_query_has_lake_table((Query *) node);
	return expression_tree_walker(node, LAKE_WALKER(has_lake_table_walker), context);
}

bool
lake_query_has_lake_table(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind == RTE_RELATION ? lake_is_lake_relation(rte->relid) || lake_has_lake_partition(rte) :
			rte->rtekind == RTE_SUBQUERY && lake_query_has_lake_table(rte->subquery))
			return true;
	}
	foreach(lc, query->cteList)
	{
		if (has_lake_table_walker(lfirst_node(CommonTableExpr, lc)->ctequery, NULL))
			return true;
	}
	return query->hasSubLinks &&
		query_tree_walker(query, LAKE_WALKER(has_lake_table_walker), NULL,
						  QTW_IGNORE_RT_SUBQUERIES | QTW_IGNORE_CTE_SUBQUERIES | QTW_IGNORE_JOINALIASES);
}

/* ---------------------------------------------------------------- planning */

static PlannedStmt *
call_planner(Query *query, const char *query_string, int cursor_options, ParamListInfo bound_params)
{
	if (previous_planner_hook != NULL)
		return previous_planner_hook(query, query_string, cursor_options, bound_params);
	return standard_planner(query, query_string, cursor_options, bound_params);
}

/* The reasons are the statement's own; planning may nest (functions that are inlined or executed while planning). */
static PlannedStmt *
plan_row_path(Query *query, const char *query_string, int cursor_options, ParamListInfo bound_params, List *reasons)
{
	List	   *outer_reasons = lake_not_vectorized_reasons;
	PlannedStmt *result = NULL;

	lake_not_vectorized_reasons = reasons;
	PG_TRY();
	{
		result = call_planner(query, query_string, cursor_options, bound_params);
	}
	PG_FINALLY();
	{
		lake_not_vectorized_reasons = outer_reasons;
	}
	PG_END_TRY();
	return result;
}

/*
 * A cursor that WHERE CURRENT OF may name: rows of one table, each as it is. Such a cursor runs on the row path, so that its current row is known; what
 * its scan can push, it pushes.
 */
static bool
is_updatable_cursor(Query *query, int cursor_options)
{
	RangeTblEntry *rte;

	if (!(cursor_options & CURSOR_OPT_FAST_PLAN) || list_length(query->rtable) != 1 || query->hasAggs || query->hasWindowFuncs ||
		query->hasTargetSRFs || query->groupClause != NIL || query->groupingSets != NIL || query->distinctClause != NIL ||
		query->sortClause != NIL || query->setOperations != NULL)
		return false;
	rte = linitial_node(RangeTblEntry, query->rtable);
	return rte->rtekind == RTE_RELATION && (lake_is_lake_relation(rte->relid) || lake_has_lake_partition(rte));
}

static PlannedStmt *
plan_cursor(Query *query, const char *query_string, int cursor_options, ParamListInfo bound_params)
{
	PlannedStmt *result = NULL;

	lake_planning_cursor = true;
	PG_TRY();
	{
		result = plan_row_path(query, query_string, cursor_options, bound_params, NIL);
	}
	PG_FINALLY();
	{
		lake_planning_cursor = false;
	}
	PG_END_TRY();
	return result;
}

/* Of a modification the queries inside it are looked at, and its own FROM where two other tables can be joined. */
static bool
may_have_parts(Query *query)
{
	ListCell   *lc;

	if (query->commandType == CMD_SELECT || query->hasSubLinks || query->cteList != NIL || list_length(query->rtable) > 2)
		return true;
	foreach(lc, query->rtable)
	{
		if (lfirst_node(RangeTblEntry, lc)->rtekind == RTE_SUBQUERY)
			return true;
	}
	return false;
}

/* What the server cannot run as a whole: parts of it, if there are any. */
static PlannedStmt *
plan_split_query(Query *query, const char *query_string, int cursor_options, ParamListInfo bound_params, List *reasons)
{
	PlannerGlobal *glob = makeNode(PlannerGlobal);
	List	   *outer_parts = lake_current_parts;
	List	   *parts = NIL;
	Query	   *split = may_have_parts(query) ? lake_split_query(query, bound_params, glob, &parts) : NULL;
	PlannedStmt *result = NULL;

	if (split == NULL)
		return plan_row_path(query, query_string, cursor_options, bound_params, reasons);
	lake_current_parts = parts;
	PG_TRY();
	{
		result = plan_row_path(split, query_string, cursor_options, bound_params, reasons);
	}
	PG_FINALLY();
	{
		lake_current_parts = outer_parts;
	}
	PG_END_TRY();
	lake_finish_split(result, parts, glob);
	return result;
}

static PlannedStmt *
plan_query(Query *query, const char *query_string, int cursor_options, ParamListInfo bound_params)
{
	List	   *reasons = NIL;
	PlannedStmt *result;

	if (is_updatable_cursor(query, cursor_options))
		return plan_cursor(query, query_string, cursor_options, bound_params);
	if (!lake_enable_full_query_pushdown || query->commandType == CMD_UTILITY || !lake_query_has_lake_table(query))
		return plan_row_path(query, query_string, cursor_options, bound_params, NIL);
	result = query->commandType == CMD_SELECT ? lake_plan_whole_query(query, cursor_options, bound_params, &reasons)
		: lake_is_modification(query) ? lake_plan_modification(query, bound_params, &reasons) : NULL;
	if (result != NULL)
		return result;
	return plan_split_query(query, query_string, cursor_options, bound_params, reasons);
}

static PlannedStmt *
lake_planner(Query *query, const char *query_string, int cursor_options, ParamListInfo bound_params)
{
	bool		is_upsert = lake_rewrite_on_conflict(query);
	PlannedStmt *result;

	lake_replace_table_size(query);
	lake_replace_past_functions(query);
	result = plan_query(query, query_string, cursor_options, bound_params);

	/* For the command tag; its nodes say what is done. */
	if (is_upsert)
		result->commandType = CMD_INSERT;
	return result;
}

void
lake_plan_init(void)
{
	previous_planner_hook = planner_hook;
	planner_hook = lake_planner;
	lake_table_scan_path_init();
}
