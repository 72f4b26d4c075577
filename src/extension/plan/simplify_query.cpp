/*
 * simplify_query.cpp
 *	  Constant folding over a whole query tree.
 *
 * eval_const_expressions() does not enter subqueries; here every query of the tree gets its turn.
 */
extern "C" {
#include "postgres.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "optimizer/optimizer.h"
}

#include "compat/compat.h"
#include "compat/range_table.h"
#include "plan/simplify_query.h"

static Node *simplify_parts(Node *node, PlannerInfo *root);

static Query *
simplify(Query *query, PlannerInfo *root)
{
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
lake_simplify_query(Query *query, ParamListInfo bound_params, List **inval_items)
{
	PlannerInfo *root = makeNode(PlannerInfo);
	Query	   *result;

	root->glob = makeNode(PlannerGlobal);
	root->glob->boundParams = bound_params;
	result = simplify((Query *) copyObjectImpl(query), root);
	*inval_items = list_concat(*inval_items, root->glob->invalItems);
	return result;
}
