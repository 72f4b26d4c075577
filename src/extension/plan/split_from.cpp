/*
 * split_from.cpp
 *	  See split_from.h.
 *
 * A region is a FromExpr: relations that are joined to each other by inner joins. The arms of an outer join are regions of their own.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
}

#include "compat/compat.h"
#include "compat/range_table.h"
#include "plan/deparse.h"
#include "plan/plan.h"
#include "plan/query_part.h"
#include "plan/split_from.h"
#include "plan/split_pieces.h"

/* ---------------------------------------------------------------- joins */

static void
flatten_region(Node *node, List **items, List **conditions)
{
	ListCell   *lc;

	if (IsA(node, FromExpr))
	{
		foreach(lc, ((FromExpr *) node)->fromlist)
			flatten_region((Node *) lfirst(lc), items, conditions);
		*conditions = list_concat(*conditions, make_ands_implicit((Expr *) ((FromExpr *) node)->quals));
	}
	else if (IsA(node, JoinExpr) && ((JoinExpr *) node)->jointype == JOIN_INNER)
	{
		flatten_region(((JoinExpr *) node)->larg, items, conditions);
		flatten_region(((JoinExpr *) node)->rarg, items, conditions);
		*conditions = list_concat(*conditions, make_ands_implicit((Expr *) ((JoinExpr *) node)->quals));
	}
	else
		*items = lappend(*items, node);
}

static FromExpr *
make_region(Node *node)
{
	List	   *items = NIL;
	List	   *conditions = NIL;

	flatten_region(node, &items, &conditions);
	return makeFromExpr(items, conditions == NIL ? NULL : (Node *) make_ands_explicit(conditions));
}

static bool
has_joins(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		if (lfirst_node(RangeTblEntry, lc)->rtekind == RTE_JOIN)
			return true;
	}
	return false;
}

void
lake_flatten_joins(Query *query)
{
	ListCell   *lc;

	if (!has_joins(query))
		return;
	query->targetList = (List *) lake_flatten_join_columns(query, (Node *) query->targetList);
	query->returningList = (List *) lake_flatten_join_columns(query, (Node *) query->returningList);
	query->havingQual = lake_flatten_join_columns(query, query->havingQual);
	query->jointree = (FromExpr *) lake_flatten_join_columns(query, (Node *) query->jointree);
	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (!rte->lateral)
			continue;
		rte->subquery = (Query *) lake_flatten_join_columns(query, (Node *) rte->subquery);
		rte->functions = (List *) lake_flatten_join_columns(query, (Node *) rte->functions);
		rte->values_lists = (List *) lake_flatten_join_columns(query, (Node *) rte->values_lists);
		rte->tablefunc = (TableFunc *) lake_flatten_join_columns(query, (Node *) rte->tablefunc);
	}
	query->jointree = make_region((Node *) query->jointree);
}

/* The arms of outer joins become regions. */
static void
flatten_arms(Node *node)
{
	ListCell   *lc;

	if (IsA(node, FromExpr))
	{
		foreach(lc, ((FromExpr *) node)->fromlist)
			flatten_arms((Node *) lfirst(lc));
	}
	else if (IsA(node, JoinExpr))
	{
		JoinExpr   *join = (JoinExpr *) node;

		if (IsA(join->larg, JoinExpr))
			join->larg = (Node *) make_region(join->larg);
		if (IsA(join->rarg, JoinExpr))
			join->rarg = (Node *) make_region(join->rarg);
		flatten_arms(join->larg);
		flatten_arms(join->rarg);
	}
}

/* ---------------------------------------------------------------- entries */

static bool
entries_walker(Node *node, Bitmapset **rtindexes)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblRef))
		*rtindexes = bms_add_member(*rtindexes, ((RangeTblRef *) node)->rtindex);
	else if (IsA(node, JoinExpr) && ((JoinExpr *) node)->rtindex > 0)
		*rtindexes = bms_add_member(*rtindexes, ((JoinExpr *) node)->rtindex);
	else if (!IsA(node, FromExpr) && !IsA(node, JoinExpr) && !IsA(node, List))
		return false;			/* conditions */
	return expression_tree_walker(node, LAKE_WALKER(entries_walker), rtindexes);
}

Bitmapset *
lake_entries_of(Node *node)
{
	Bitmapset  *rtindexes = NULL;

	entries_walker(node, &rtindexes);
	return rtindexes;
}

void
lake_clear_entries(Query *query, Bitmapset *rtindexes)
{
	int			rtindex = -1;

	while ((rtindex = bms_next_member(rtindexes, rtindex)) >= 0)
	{
		RangeTblEntry *rte = makeNode(RangeTblEntry);

		rte->rtekind = RTE_RESULT;
		rte->eref = makeAlias(rt_fetch(rtindex, query->rtable)->eref->aliasname, NIL);
		lfirst(list_nth_cell(query->rtable, rtindex - 1)) = rte;
	}
}

/* ---------------------------------------------------------------- conditions */

static bool
has_barrier(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->securityQuals != NIL || rte->security_barrier)
			return true;
	}
	return false;
}

void
lake_divide_conditions(Query *query, List *conditions, List **inside, List **outside)
{
	bool		barrier = has_barrier(query);
	LakeDeparse probe;
	ListCell   *lc;

	lake_deparse_begin_probe(&probe, query);
	foreach(lc, conditions)
	{
		Node	   *condition = (Node *) lfirst(lc);

		if (!lake_refers_outside(condition) && !(barrier && contain_leaked_vars(condition)) && lake_deparse_scan_qual(&probe, condition))
			*inside = lappend(*inside, condition);
		else
			*outside = lappend(*outside, condition);
	}
}

/* ---------------------------------------------------------------- parts of a region */

typedef struct FromItem
{
	Node	   *node;
	Bitmapset  *rtindexes;
	bool		can_go;
	bool		has_lake_table;
	int			group;
} FromItem;

static bool
is_lateral(Query *query, Bitmapset *rtindexes)
{
	int			rtindex = -1;

	while ((rtindex = bms_next_member(rtindexes, rtindex)) >= 0)
	{
		if (rt_fetch(rtindex, query->rtable)->lateral || lake_is_part(rt_fetch(rtindex, query->rtable)))
			return true;
	}
	return false;
}

/* SELECT FROM items WHERE conditions, as a query of the same level. */
static Query *
query_over(Query *query, List *items, List *conditions)
{
	Query	   *result = makeNode(Query);

	result->commandType = CMD_SELECT;
	result->rtable = query->rtable;
	result->cteList = query->cteList;
	result->hasRecursive = query->hasRecursive;
	result->hasSubLinks = query->hasSubLinks;
	result->hasRowSecurity = query->hasRowSecurity;
	lake_share_permissions(result, query);
	result->jointree = makeFromExpr(items, conditions == NIL ? NULL : (Node *) make_ands_explicit(conditions));
	result = (Query *) copyObjectImpl(result);
	lake_keep_used_ctes(result);
	return result;
}

static TargetEntry *
make_one(void)
{
	return makeTargetEntry((Expr *) makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(1), false, true), 1, pstrdup("one"), false);
}

/* Entries that are not in FROM do not count when the query is looked through. */
static void
clear_other_entries(Query *query, Bitmapset *rtindexes)
{
	Bitmapset  *others = bms_del_members(bms_add_range(NULL, 1, list_length(query->rtable)), rtindexes);

	lake_clear_entries(query, others);
}

static void
judge_item(Query *query, FromItem *item)
{
	Query	   *alone;
	LakeRemoteQuery remote;
	List	   *params;
	List	   *reasons;

	item->rtindexes = lake_entries_of(item->node);
	if (is_lateral(query, item->rtindexes) || bms_is_member(query->resultRelation, item->rtindexes))
		return;
	alone = query_over(query, list_make1(item->node), NIL);
	clear_other_entries(alone, item->rtindexes);
	lake_keep_used_ctes(alone);
	alone->targetList = list_make1(make_one());
	item->has_lake_table = lake_query_has_lake_table(alone);
	item->can_go = !lake_refers_outside((Node *) alone) && lake_deparse_whole_query(alone, &remote, &params, &reasons);
}

/* Items that a condition joins are of one group; the group's number is that of its first item. */
static void
group_items(Query *query, FromItem *items, int count, List *conditions, bool heap_too)
{
	ListCell   *lc;

	for (int i = 0; i < count; i++)
		items[i].group = items[i].can_go && (heap_too || items[i].has_lake_table) ? i : -1;
	foreach(lc, conditions)
	{
		Bitmapset  *used = pull_varnos(NULL, (Node *) lfirst(lc));
		int			first = -1;

		for (int i = 0; i < count; i++)
		{
			int			group = items[i].group;

			if (group < 0 || !bms_overlap(items[i].rtindexes, used))
				continue;
			if (first < 0)
				first = group;
			for (int j = 0; j < count; j++)
			{
				if (items[j].group == group)
					items[j].group = first;
			}
		}
	}
}

/* Replaces the group's items in the region by a part. On success *query is another one. */
static bool
make_part_of_group(Query *query, FromExpr *region, FromItem *items, int count, int group, List *conditions, ParamListInfo bound_params, List **parts)
{
	List	   *chosen = NIL;
	List	   *others = NIL;
	List	   *inside = NIL;
	List	   *outside = NIL;
	List	   *saved_items = region->fromlist;
	Node	   *saved_quals = region->quals;
	RangeTblRef *ref = makeNode(RangeTblRef);
	RangeTblEntry *rte = makeNode(RangeTblEntry);
	LakePieces	pieces = {};
	Query	   *outer;
	Query	   *inner;
	LakePart   *part;
	ListCell   *lc;

	for (int i = 0; i < count; i++)
	{
		if (items[i].group == group)
		{
			chosen = lappend(chosen, items[i].node);
			pieces.rtindexes = bms_add_members(pieces.rtindexes, items[i].rtindexes);
		}
		else
			others = lappend(others, items[i].node);
	}
	foreach(lc, make_ands_implicit((Expr *) region->quals))
	{
		Node	   *condition = (Node *) lfirst(lc);
		Bitmapset  *used = pull_varnos(NULL, condition);

		if (list_member_ptr(conditions, condition) && !bms_is_empty(used) && bms_is_subset(used, pieces.rtindexes))
			inside = lappend(inside, condition);
		else
			outside = lappend(outside, condition);
	}
	inner = query_over(query, chosen, inside);

	ref->rtindex = list_length(query->rtable) + 1;
	region->fromlist = lappend(others, ref);
	region->quals = outside == NIL ? NULL : (Node *) make_ands_explicit(outside);
	outer = (Query *) copyObjectImpl(query);
	region->fromlist = saved_items;
	region->quals = saved_quals;

	rte->rtekind = RTE_SUBQUERY;
	rte->inFromCl = true;
	outer->rtable = lappend(outer->rtable, rte);
	lake_clear_entries(outer, pieces.rtindexes);
	pieces.query = query;
	pieces.part_rtindex = ref->rtindex;
	lake_take_pieces(outer, &pieces);
	if (pieces.failed)
		return false;
	clear_other_entries(inner, pieces.rtindexes);
	lake_keep_used_ctes(inner);
	lake_keep_used_ctes(outer);
	inner->targetList = pieces.columns != NIL ? pieces.columns : list_make1(make_one());
	if (lake_have_common_cte(inner, outer) || (part = lake_make_part(inner, bound_params)) == NULL)
		return false;
	lake_install_part(rt_fetch(pieces.part_rtindex, outer->rtable), part, parts);
	*query = *outer;
	return true;
}

/* True when a part was found: *query is another one then. */
static bool
split_region(Query *query, FromExpr *region, ParamListInfo bound_params, List **parts)
{
	int			count = list_length(region->fromlist);
	FromItem	   *items = (FromItem *) palloc0(sizeof(FromItem) * Max(count, 1));
	List	   *inside = NIL;
	List	   *outside = NIL;

	lake_divide_conditions(query, make_ands_implicit((Expr *) region->quals), &inside, &outside);
	for (int i = 0; i < count; i++)
	{
		items[i].node = (Node *) list_nth(region->fromlist, i);
		judge_item(query, &items[i]);
	}
	/* heap tables go along where that is cheaper */
	for (int heap_too = 1; heap_too >= 0; heap_too--)
	{
		group_items(query, items, count, inside, heap_too);
		for (int i = 0; i < count; i++)
		{
			if (items[i].group == i && make_part_of_group(query, region, items, count, i, inside, bound_params, parts))
				return true;
		}
	}
	return false;
}

static bool
split_regions(Query *query, Node *node, ParamListInfo bound_params, List **parts)
{
	ListCell   *lc;

	if (IsA(node, JoinExpr))
		return split_regions(query, ((JoinExpr *) node)->larg, bound_params, parts) ||
			split_regions(query, ((JoinExpr *) node)->rarg, bound_params, parts);
	if (!IsA(node, FromExpr))
		return false;
	if (split_region(query, (FromExpr *) node, bound_params, parts))
		return true;
	foreach(lc, ((FromExpr *) node)->fromlist)
	{
		if (split_regions(query, (Node *) lfirst(lc), bound_params, parts))
			return true;
	}
	return false;
}

void
lake_split_from(Query *query, ParamListInfo bound_params, List **parts)
{
	flatten_arms((Node *) query->jointree);
	while (split_regions(query, (Node *) query->jointree, bound_params, parts))
		;
}

/* ---------------------------------------------------------------- WITH */

typedef struct ReferenceContext
{
	const char *name;
	int			depth;			/* of the query that is being looked at, below the one with the WITH clause */
	int			count;
} ReferenceContext;

static bool
count_references_walker(Node *node, ReferenceContext *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		RangeTblEntry *rte = (RangeTblEntry *) node;

		if (rte->rtekind == RTE_CTE && (int) rte->ctelevelsup == context->depth && strcmp(rte->ctename, context->name) == 0)
			context->count++;
		return false;
	}
	if (IsA(node, Query))
	{
		context->depth++;
		query_tree_walker((Query *) node, LAKE_WALKER(count_references_walker), context, QTW_EXAMINE_RTES_BEFORE | QTW_IGNORE_JOINALIASES);
		context->depth--;
		return false;
	}
	return expression_tree_walker(node, LAKE_WALKER(count_references_walker), context);
}

/* References to a CTE of the query, those of its own to itself aside. */
static int
count_references(Query *query, CommonTableExpr *cte)
{
	ReferenceContext context = {cte->ctename, 0, 0};
	ListCell   *lc;

	query_tree_walker(query, LAKE_WALKER(count_references_walker), &context,
					  QTW_EXAMINE_RTES_BEFORE | QTW_IGNORE_JOINALIASES | QTW_IGNORE_CTE_SUBQUERIES);
	foreach(lc, query->cteList)
	{
		if (lfirst(lc) != cte)
			count_references_walker(lfirst_node(CommonTableExpr, lc)->ctequery, &context);
	}
	return context.count;
}

void
lake_keep_used_ctes(Query *query)
{
	bool		again = query->cteList != NIL;
	ListCell   *lc;

	while (again)
	{
		again = false;
		foreach(lc, query->cteList)
		{
			CommonTableExpr *cte = lfirst_node(CommonTableExpr, lc);

			cte->cterefcount = count_references(query, cte);
			if (cte->cterefcount > 0 || !IsA(cte->ctequery, Query) || ((Query *) cte->ctequery)->commandType != CMD_SELECT)
				continue;
			query->cteList = foreach_delete_current(query->cteList, lc);
			again = true;
		}
	}
}

bool
lake_have_common_cte(Query *one, Query *other)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, one->cteList)
	{
		foreach(lc2, other->cteList)
		{
			if (strcmp(lfirst_node(CommonTableExpr, lc)->ctename, lfirst_node(CommonTableExpr, lc2)->ctename) == 0)
				return true;
		}
	}
	return false;
}
