/*
 * modification_plan.cpp
 *	  The plan of an INSERT .. SELECT, UPDATE, DELETE or MERGE that runs in the server as a whole: one CustomScan (Query Pushdown) that gives no rows.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
}

#include "catalog/lake_relation.h"
#include "plan/deparse.h"
#include "plan/modification_query.h"
#include "plan/plan.h"
#include "plan/simplify_query.h"
#include "plan/staged_table.h"
#include "plan/statement.h"
#include "plan/whole_files.h"

bool
lake_is_modification(Query *query)
{
	RangeTblEntry *rte;

	if (query->commandType != CMD_INSERT && query->commandType != CMD_UPDATE && query->commandType != CMD_DELETE &&
		query->commandType != CMD_MERGE)
		return false;
	rte = rt_fetch(query->resultRelation, query->rtable);
	return rte->rtekind == RTE_RELATION && lake_is_lake_relation(rte->relid);
}

static CustomScan *
make_scan(LakeRemoteQuery *remote, LakeModification *modification, List *params)
{
	CustomScan *scan = makeNode(CustomScan);

	scan->scan.plan.startup_cost = LAKE_STARTUP_COST + LAKE_PARTITION_COST * list_length(remote->partition_relids);
	scan->scan.plan.total_cost = scan->scan.plan.startup_cost;
	fix_opfuncids((Node *) params);
	scan->custom_exprs = params;
	scan->custom_private = lake_make_modification_private(remote, modification);
	scan->methods = &lake_query_pushdown_methods;
	return scan;
}

/* The remote query, or false with *reasons. Queries that read no lake table have nothing to do in the server. */
static bool
deparse(Query *query, Relation rel, ParamListInfo bound_params, PlannerGlobal *glob, Query **simple, LakeModification *modification,
		LakeRemoteQuery *remote, List **params, List **reasons)
{
	int			first_column;
	Query	   *select = lake_modification_query(query, rel, modification, &first_column, reasons);

	if (select == NULL)
		return false;
	*simple = lake_simplify_query(select, bound_params, glob);
	return lake_deparse_modification(*simple, rel, query->commandType == CMD_INSERT ? 0 : query->resultRelation, first_column, remote,
									 &modification->target_scan, params, reasons) &&
		remote->scan_relids != NIL && lake_plan_stages(remote, bound_params, reasons);
}

PlannedStmt *
lake_plan_modification(Query *query, ParamListInfo bound_params, List **reasons)
{
	PlannerGlobal *glob = makeNode(PlannerGlobal);
	Relation	rel = table_open(rt_fetch(query->resultRelation, query->rtable)->relid, NoLock);
	LakeModification modification = {};
	LakeRemoteQuery remote;
	List	   *params = NIL;
	List	   *rtable;
	List	   *perm_infos = NIL;
	Query	   *simple = NULL;
	PlannedStmt *stmt;
	bool		shipped = deparse(query, rel, bound_params, glob, &simple, &modification, &remote, &params, reasons);

	table_close(rel, NoLock);
	if (!shipped)
		return NULL;
	if (query->commandType == CMD_DELETE)
		modification.whole_files = lake_whole_file_conditions(simple, query->resultRelation);
	rtable = lake_flat_range_table(simple, &perm_infos);
	stmt = lake_make_statement(query, simple, glob, rtable, perm_infos, (Plan *) make_scan(&remote, &modification, params));
	lake_add_remote_relations(stmt, &remote);
	return stmt;
}
