/*
 * whole_query_plan.cpp
 *	  The plan of a query that runs in the server as a whole: one CustomScan (Query Pushdown), surface.md PLAN-1.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_class.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/planmain.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "access/htup_details.h"
}

#include "compat/compat.h"
#include "exec/remote_query.h"
#include "plan/deparse.h"
#include "plan/plan.h"
#include "plan/simplify_query.h"
#include "plan/staged_table.h"
#include "plan/statement.h"

#define LAKE_TUPLE_COST 0.01

/* ---------------------------------------------------------------- output columns */

/* The output columns as Vars of another node or entry. */
static List *
make_output_list(Query *query, int varno)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Node	   *expr = (Node *) tle->expr;
		TargetEntry *column;
		AttrNumber	attno = list_length(result) + 1;

		if (tle->resjunk)
			continue;
		column = makeTargetEntry((Expr *) makeVar(varno, attno, exprType(expr), exprTypmod(expr), exprCollation(expr), 0), attno,
								 tle->resname == NULL ? NULL : pstrdup(tle->resname), false);
		column->resorigtbl = tle->resorigtbl;
		column->resorigcol = tle->resorigcol;
		result = lappend(result, column);
	}
	return result;
}

/* ---------------------------------------------------------------- costs */

static double
relation_tuples(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	double		tuples = -1;

	if (HeapTupleIsValid(tuple))
	{
		tuples = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
		ReleaseSysCache(tuple);
	}
	return tuples < 0 ? 1000 : tuples;
}

/* There is nothing to choose between; the number is for EXPLAIN and for the choice between custom and generic plans. */
static double
estimate_rows(Query *query, LakeRemoteQuery *remote)
{
	double		rows = 1;
	ListCell   *lc;

	foreach(lc, remote->scan_relids)
		rows = Max(rows, relation_tuples(lfirst_oid(lc)));
	if (query->groupClause != NIL || query->groupingSets != NIL || query->distinctClause != NIL)
		rows = Max(rows / 10, 1);
	else if (query->hasAggs)
		rows = 1;
	if (lake_is_nonnull_const(query->limitCount))
		rows = Min(rows, Max((double) DatumGetInt64(((Const *) query->limitCount)->constvalue), 1));
	return rows;
}

/* ---------------------------------------------------------------- the plan */

static CustomScan *
make_scan(Query *query, LakeRemoteQuery *remote, List *params, int output_rtindex)
{
	CustomScan *scan = makeNode(CustomScan);
	Plan	   *plan = &scan->scan.plan;
	ListCell   *lc;
	ListCell   *lc2;

	plan->targetlist = make_output_list(query, INDEX_VAR);
	plan->startup_cost = LAKE_STARTUP_COST + LAKE_PARTITION_COST * list_length(remote->partition_relids);
	plan->plan_rows = estimate_rows(query, remote);
	plan->total_cost = plan->startup_cost + LAKE_TUPLE_COST * plan->plan_rows;
	forboth(lc, remote->column_types, lc2, remote->column_typmods)
		plan->plan_width += get_typavgwidth(lfirst_oid(lc), lfirst_int(lc2));
	fix_opfuncids((Node *) params);
	scan->custom_exprs = params;
	scan->custom_private = lake_pack_remote_query(remote);
	scan->custom_scan_tlist = make_output_list(query, output_rtindex);
	scan->methods = &lake_query_pushdown_methods;
	return scan;
}

/* The server streams forward only: a scrollable cursor reads a copy. */
static Plan *
add_material(Plan *plan, Query *query)
{
	Plan	   *material = materialize_finished_plan(plan);

	material->targetlist = make_output_list(query, OUTER_VAR);
	material->plan_node_id = 0;
	plan->plan_node_id = 1;
	return material;
}

PlannedStmt *
lake_plan_whole_query(Query *query, int cursor_options, ParamListInfo bound_params, List **reasons)
{
	LakeRemoteQuery remote;
	List	   *params = NIL;
	List	   *rtable;
	List	   *perm_infos = NIL;
	PlannerGlobal *glob = makeNode(PlannerGlobal);
	Query	   *simple = lake_simplify_query(query, bound_params, glob);
	Plan	   *plan;
	PlannedStmt *stmt;

	if (!lake_deparse_whole_query(simple, &remote, &params, reasons) || !lake_plan_stages(&remote, bound_params, reasons))
		return NULL;
	rtable = lappend(lake_flat_range_table(simple, &perm_infos), lake_make_output_entry(simple));
	plan = (Plan *) make_scan(simple, &remote, params, list_length(rtable));
	if (cursor_options & CURSOR_OPT_SCROLL)
		plan = add_material(plan, simple);
	stmt = lake_make_statement(query, simple, glob, rtable, perm_infos, plan);
	lake_add_remote_relations(stmt, &remote);
	return stmt;
}
