/*
 * simplify_query.cpp
 *	  Constant folding and inlining over a whole query tree.
 *
 * eval_const_expressions() does not enter subqueries; here every query of the tree gets its turn.
 */
extern "C" {
#include "postgres.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
}

#include "compat/compat.h"
#include "compat/range_table.h"
#include "plan/simplify_query.h"

static Node *simplify_parts(Node *node, PlannerInfo *root);

/* SELECT .. FROM f(): a function in SQL that is one SELECT becomes a subquery. */
static void
inline_functions_in_from(Query *query, PlannerInfo *root)
{
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);
		Query	   *body;

		if (rte->rtekind != RTE_FUNCTION)
			continue;
		/* named and default arguments are put in place first */
		rte->functions = (List *) eval_const_expressions(root, (Node *) rte->functions);
		body = inline_set_returning_function(root, rte);
		if (body == NULL)
			continue;
		rte->rtekind = RTE_SUBQUERY;
		rte->subquery = body;
		rte->security_barrier = false;
		rte->functions = NIL;
		rte->funcordinality = false;
	}
}

/* PostgreSQL plans none of them, so that what they would raise is not raised. */
static void
drop_unreferenced_ctes(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->cteList)
	{
		CommonTableExpr *cte = lfirst_node(CommonTableExpr, lc);

		if (cte->cterefcount == 0 && IsA(cte->ctequery, Query) && ((Query *) cte->ctequery)->commandType == CMD_SELECT)
			query->cteList = foreach_delete_current(query->cteList, lc);
	}
}

static Query *
simplify(Query *query, PlannerInfo *root)
{
	drop_unreferenced_ctes(query);
	inline_functions_in_from(query, root);
	lake_flatten_group_columns(query);
	return query_tree_mutator(query, LAKE_MUTATOR(simplify_parts), root, QTW_DONT_COPY_QUERY | QTW_IGNORE_JOINALIASES);
}

/* Finds the queries inside simplified expressions (sublinks, CTEs). */
static Node *
simplify_inner_queries(Node *node, PlannerInfo *root)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Query))
		return (Node *) simplify((Query *) node, root);
	return expression_tree_mutator(node, LAKE_MUTATOR(simplify_inner_queries), root);
}

/* Called for each part of a query: the target list, the join tree, a subquery in FROM ... */
static Node *
simplify_parts(Node *node, PlannerInfo *root)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Query))
		return (Node *) simplify((Query *) node, root);
	return simplify_inner_queries(eval_const_expressions(root, node), root);
}

Query *
lake_simplify_query(Query *query, ParamListInfo bound_params, PlannerGlobal *glob)
{
	PlannerInfo *root = makeNode(PlannerInfo);

	root->glob = glob;
	glob->boundParams = bound_params;
	return simplify((Query *) copyObjectImpl(query), root);
}

bool
lake_limit_ends_recursion(Query *query)
{
	ListCell   *lc;

	if (query->limitCount == NULL || query->sortClause != NIL)
		return false;
	foreach(lc, query->cteList)
	{
		if (lfirst_node(CommonTableExpr, lc)->cterecursive)
			return true;
	}
	return false;
}
