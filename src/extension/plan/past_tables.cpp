/*
 * past_tables.cpp
 *	  See past_tables.h.
 */
extern "C" {
#include "postgres.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
}

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "plan/past_tables.h"

typedef struct PastFunction
{
	const char *name;
	LakeReadPointKind kind;
} PastFunction;

static const PastFunction functions[] = {{"at_snapshot", LAKE_AT_SNAPSHOT}, {"at_time", LAKE_AT_TIME}, {"at_ref", LAKE_AT_REF}};

/* LAKE_NOW for what is none of the functions. */
static LakeReadPointKind
kind_of_call(FuncExpr *call)
{
	if (!IsA(call, FuncExpr) || call->funcid < FirstNormalObjectId || list_length(call->args) != 2 ||
		get_func_namespace(call->funcid) != get_namespace_oid("lake", true))
		return LAKE_NOW;
	for (const PastFunction &function : functions)
	{
		if (strcmp(get_func_name(call->funcid), function.name) == 0)
			return function.kind;
	}
	return LAKE_NOW;
}

static FuncExpr *
call_of_entry(RangeTblEntry *rte)
{
	if (list_length(rte->functions) != 1 || linitial_node(RangeTblFunction, rte->functions)->funccolnames != NIL)
		return NULL;
	return (FuncExpr *) linitial_node(RangeTblFunction, rte->functions)->funcexpr;
}

static bool
refers_to_rows(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return IsA(node, Var) || IsA(node, SubLink) || expression_tree_walker(node, LAKE_WALKER(refers_to_rows), context);
}

/* Known when the query starts, and the same for all of it. */
static bool
is_known(Node *expr)
{
	return !refers_to_rows(expr, NULL) && !contain_volatile_functions(expr);
}

/* The columns of the entry are numbered as the table's attributes are, dropped ones included: Vars remain true. */
static void
replace_entry(RangeTblEntry *rte)
{
	FuncExpr   *call = call_of_entry(rte);
	Oid			relid;

	if (call == NULL || rte->funcordinality || kind_of_call(call) == LAKE_NOW || !is_known((Node *) call->args))
		return;
	relid = get_typ_typrelid(call->funcresulttype);
	if (!OidIsValid(relid) || !lake_is_lake_relation(relid))
		return;					/* the function says so */
	LockRelationOid(relid, AccessShareLock);
	rte->rtekind = RTE_RELATION;
	rte->relid = relid;
	rte->relkind = get_rel_relkind(relid);
	rte->rellockmode = AccessShareLock;
	rte->inh = false;
	rte->lateral = false;
}

static bool
replace_walker(Node *node, void *context)
{
	ListCell   *lc;

	if (node == NULL)
		return false;
	if (!IsA(node, Query))
		return expression_tree_walker(node, LAKE_WALKER(replace_walker), context);
	foreach(lc, ((Query *) node)->rtable)
	{
		if (lfirst_node(RangeTblEntry, lc)->rtekind == RTE_FUNCTION)
			replace_entry(lfirst_node(RangeTblEntry, lc));
	}
	return query_tree_walker((Query *) node, LAKE_WALKER(replace_walker), context, 0);
}

void
lake_replace_past_functions(Query *query)
{
	if (query->commandType != CMD_UTILITY && lake_extension_exists())
		(void) replace_walker((Node *) query, NULL);
}

LakeReadPointKind
lake_past_of_entry(RangeTblEntry *rte, Node **point)
{
	FuncExpr   *call = rte->rtekind == RTE_RELATION ? call_of_entry(rte) : NULL;

	if (call == NULL)
		return LAKE_NOW;
	*point = (Node *) lsecond(call->args);
	return kind_of_call(call);
}
