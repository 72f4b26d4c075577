/*
 * split_pieces.cpp
 *	  See split_pieces.h.
 */
extern "C" {
#include "postgres.h"
#include "access/sysattr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
}

#include "compat/compat.h"
#include "compat/range_table.h"
#include "plan/split_pieces.h"

static char *
column_name(LakePieces *pieces, Node *expr)
{
	if (IsA(expr, Var) && ((Var *) expr)->varlevelsup == 0)
		return get_rte_attribute_name(rt_fetch(((Var *) expr)->varno, pieces->query->rtable), ((Var *) expr)->varattno);
	if (IsA(expr, Aggref))
		return get_func_name(((Aggref *) expr)->aggfnoid);
	if (IsA(expr, WindowFunc))
		return get_func_name(((WindowFunc *) expr)->winfnoid);
	return pstrdup("?column?");
}

/* The inner query's column for an expression of its own level. */
static Node *
column_of(LakePieces *pieces, Node *expr)
{
	TargetEntry *found = NULL;
	ListCell   *lc;

	foreach(lc, pieces->columns)
	{
		if (equal(lfirst_node(TargetEntry, lc)->expr, expr))
			found = lfirst_node(TargetEntry, lc);
	}
	if (found == NULL)
	{
		found = makeTargetEntry((Expr *) copyObjectImpl(expr), list_length(pieces->columns) + 1, column_name(pieces, expr), false);
		pieces->columns = lappend(pieces->columns, found);
	}
	return (Node *) makeVar(pieces->part_rtindex, found->resno, exprType(expr), exprTypmod(expr), exprCollation(expr), pieces->sublevels_up);
}

static Node *
take_var(LakePieces *pieces, Var *var)
{
	Var		   *own = (Var *) copyObjectImpl(var);

	own->varlevelsup = 0;
	if ((var->varattno <= 0 && var->varattno != TableOidAttributeNumber) || (pieces->grouped && !list_member(pieces->whole, own)))
		pieces->failed = true;
	return lake_outside_part((Var *) column_of(pieces, (Node *) lake_inside_part(own, pieces->rtindexes)), var, pieces->rtindexes);
}

static Node *
take_pieces_mutator(Node *node, LakePieces *pieces)
{
	if (node == NULL)
		return NULL;
	if (pieces->sublevels_up == 0 && list_member(pieces->whole, node))
		return column_of(pieces, node);
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;

		if ((int) var->varlevelsup == pieces->sublevels_up && bms_is_member(var->varno, pieces->rtindexes))
			return take_var(pieces, var);
	}
	else if ((IsA(node, Aggref) || IsA(node, GroupingFunc)) && pieces->grouped)
	{
		int			levels_up = IsA(node, Aggref) ? ((Aggref *) node)->agglevelsup : ((GroupingFunc *) node)->agglevelsup;

		if (levels_up == pieces->sublevels_up)
		{
			/* one of this level inside a subquery would have to be moved out of it */
			if (levels_up > 0)
				pieces->failed = true;
			else
				return column_of(pieces, node);
		}
	}
	else if (IsA(node, WindowFunc) && pieces->windows && pieces->sublevels_up == 0)
		return column_of(pieces, node);
	else if (IsA(node, Query))
	{
		Query	   *result;

		pieces->sublevels_up++;
		result = query_tree_mutator((Query *) node, LAKE_MUTATOR(take_pieces_mutator), pieces, QTW_IGNORE_JOINALIASES);
		pieces->sublevels_up--;
		return (Node *) result;
	}
	return expression_tree_mutator(node, LAKE_MUTATOR(take_pieces_mutator), pieces);
}

void
lake_take_pieces(Query *outer, LakePieces *pieces)
{
	query_tree_mutator(outer, LAKE_MUTATOR(take_pieces_mutator), pieces, QTW_DONT_COPY_QUERY | QTW_IGNORE_JOINALIASES);
}

Node *
lake_take_pieces_of(Node *node, LakePieces *pieces)
{
	return take_pieces_mutator(node, pieces);
}
