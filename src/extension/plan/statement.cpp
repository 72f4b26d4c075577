/*
 * statement.cpp
 *	  See statement.h. The range table keeps every entry: permissions, and locks of cached plans.
 */
extern "C" {
#include "postgres.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/planmain.h"
#include "storage/lockdefs.h"
#include "utils/lsyscache.h"
}

#include "compat/compat.h"
#include "compat/range_table.h"
#include "plan/statement.h"

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

List *
lake_flat_range_table(Query *query, List **perm_infos)
{
	FlattenContext flat = {NIL, NIL};

	flatten_walker((Node *) query, &flat);
	*perm_infos = flat.perm_infos;
	return flat.rtable;
}

RangeTblEntry *
lake_make_output_entry(Query *query)
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

void
lake_add_relations(PlannedStmt *stmt, Query *query)
{
	List	  **permissions = lake_permission_list(stmt);
	FlattenContext flat = {stmt->rtable, permissions == NULL ? NIL : *permissions};
	List	   *relation_oids = NIL;
	List	   *items = NIL;
	bool		has_row_security = false;

	flatten_walker((Node *) query, &flat);
	lake_set_range_table(stmt, flat.rtable, flat.perm_infos);
	extract_query_dependencies((Node *) query, &relation_oids, &items, &has_row_security);
	stmt->relationOids = list_concat_unique_oid(stmt->relationOids, relation_oids);
	stmt->invalItems = list_concat(stmt->invalItems, items);
	stmt->dependsOnRole = stmt->dependsOnRole || has_row_security;
}

/* An entry that the table is locked by, without rights of its own. */
static RangeTblEntry *
make_locking_entry(Oid relid, int lockmode)
{
	RangeTblEntry *rte = makeNode(RangeTblEntry);

	rte->rtekind = RTE_RELATION;
	rte->relid = relid;
	rte->relkind = get_rel_relkind(relid);
	rte->rellockmode = lockmode;
	rte->eref = makeAlias(get_rel_name(relid), NIL);
	return rte;
}

void
lake_add_remote_relations(PlannedStmt *stmt, const LakeRemoteQuery *remote)
{
	List	  **permissions = lake_permission_list(stmt);
	List	   *relids = list_copy(remote->partition_relids);
	List	   *rtable = stmt->rtable;
	ListCell   *lc;

	foreach(lc, remote->stages)
	{
		PlannedStmt *plan = (PlannedStmt *) lsecond((List *) lfirst(lc));

		relids = list_concat_unique_oid(relids, plan->relationOids);
		stmt->invalItems = list_concat(stmt->invalItems, plan->invalItems);
	}
	relids = list_difference_oid(relids, stmt->relationOids);
	foreach(lc, relids)
		rtable = lappend(rtable, make_locking_entry(lfirst_oid(lc), AccessShareLock));
	lake_set_range_table(stmt, rtable, permissions == NULL ? NIL : *permissions);
	stmt->relationOids = list_concat(stmt->relationOids, relids);
}

PlannedStmt *
lake_make_statement(Query *query, Query *simple, PlannerGlobal *glob, List *rtable, List *perm_infos, Plan *plan)
{
	PlannedStmt *stmt = makeNode(PlannedStmt);
	List	   *relation_oids = NIL;
	List	   *inlined_oids = NIL;
	List	   *inlined_items = NIL;
	bool		has_row_security = false;

	stmt->commandType = query->commandType;
	stmt->queryId = query->queryId;
	stmt->canSetTag = query->canSetTag;
	stmt->planTree = plan;
	lake_set_range_table(stmt, rtable, perm_infos);
	extract_query_dependencies((Node *) query, &relation_oids, &stmt->invalItems, &has_row_security);
	extract_query_dependencies((Node *) simple, &inlined_oids, &inlined_items, &has_row_security);
	stmt->invalItems = list_concat(list_concat(stmt->invalItems, inlined_items), glob->invalItems);
	stmt->relationOids = list_concat_unique_oid(relation_oids, inlined_oids);
	stmt->dependsOnRole = has_row_security || glob->dependsOnRole;
	stmt->stmt_location = query->stmt_location;
	stmt->stmt_len = query->stmt_len;
	return stmt;
}
