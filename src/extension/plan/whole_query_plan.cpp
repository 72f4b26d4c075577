/*
 * whole_query_plan.cpp
 *	  The plan of a query that runs in the server as a whole: one CustomScan (Query Pushdown), surface.md PLAN-1.
 *
 * The plan keeps what PostgreSQL checks and invalidates by: every range table entry (permissions, locks of cached plans), the relations and
 * functions that the query depends on, whether row-level security was in force.
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
#include "compat/range_table.h"
#include "exec/remote_query.h"
#include "plan/deparse.h"
#include "plan/plan.h"
#include "plan/simplify_query.h"

#define LAKE_STARTUP_COST 100.0
#define LAKE_TUPLE_COST 0.01

/* ---------------------------------------------------------------- range table */

typedef struct FlattenContext
{
	List	   *rtable;
	List	   *perm_infos;
} FlattenContext;

/* All entries of all levels; views stand below the subqueries they became. */
static bool
flatten_walker(Node *node, FlattenContext *context)
{
	ListCell   *lc;

	if (node == NULL)
		return false;
	if (!IsA(node, Query))
		return expression_tree_walker(node, LAKE_WALKER(flatten_walker), context);
	foreach(lc, ((Query *) node)->rtable)
		context->rtable = lappend(context->rtable,
								  lake_flat_range_table_entry((Query *) node, lfirst_node(RangeTblEntry, lc), &context->perm_infos));
	return query_tree_walker((Query *) node, LAKE_WALKER(flatten_walker), context, QTW_IGNORE_JOINALIASES);
}

/* An entry that gives the output columns their names in EXPLAIN; nothing reads it. */
static RangeTblEntry *
make_output_entry(Query *query)
{
	RangeTblEntry *rte = makeNode(RangeTblEntry);
	ListCell   *lc;

	rte->rtekind = RTE_VALUES;
	rte->eref = makeAlias("remote", NIL);
	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Node	   *expr = (Node *) tle->expr;

		if (tle->resjunk)
			continue;
		rte->eref->colnames = lappend(rte->eref->colnames, makeString(pstrdup(tle->resname == NULL ? "?column?" : tle->resname)));
		rte->coltypes = lappend_oid(rte->coltypes, exprType(expr));
		rte->coltypmods = lappend_int(rte->coltypmods, exprTypmod(expr));
		rte->colcollations = lappend_oid(rte->colcollations, exprCollation(expr));
	}
	return rte;
}

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
	plan->startup_cost = LAKE_STARTUP_COST;
	plan->plan_rows = estimate_rows(query, remote);
	plan->total_cost = LAKE_STARTUP_COST + LAKE_TUPLE_COST * plan->plan_rows;
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
	PlannedStmt *stmt;
	FlattenContext flat = {NIL, NIL};
	LakeRemoteQuery remote;
	List	   *params = NIL;
	PlannerGlobal *glob = makeNode(PlannerGlobal);
	List	   *relation_oids = NIL;
	List	   *inlined_oids = NIL;
	List	   *inlined_items = NIL;
	bool		has_row_security = false;
	Query	   *simple = lake_simplify_query(query, bound_params, glob);

	if (!lake_deparse_whole_query(simple, &remote, &params, reasons))
		return NULL;
	flatten_walker((Node *) simple, &flat);
	flat.rtable = lappend(flat.rtable, make_output_entry(simple));
	stmt = makeNode(PlannedStmt);
	stmt->commandType = CMD_SELECT;
	stmt->queryId = query->queryId;
	stmt->canSetTag = query->canSetTag;
	stmt->planTree = (Plan *) make_scan(simple, &remote, params, list_length(flat.rtable));
	if (cursor_options & CURSOR_OPT_SCROLL)
		stmt->planTree = add_material(stmt->planTree, simple);
	lake_set_range_table(stmt, flat.rtable, flat.perm_infos);
	extract_query_dependencies((Node *) query, &relation_oids, &stmt->invalItems, &has_row_security);
	extract_query_dependencies((Node *) simple, &inlined_oids, &inlined_items, &has_row_security);
	stmt->invalItems = list_concat(list_concat(stmt->invalItems, inlined_items), glob->invalItems);
	stmt->relationOids = list_concat_unique_oid(relation_oids, inlined_oids);
	stmt->dependsOnRole = has_row_security || glob->dependsOnRole;
	stmt->stmt_location = query->stmt_location;
	stmt->stmt_len = query->stmt_len;
	return stmt;
}
