/*
 * range_table.h
 *	  Range tables and permissions across major versions, for plans that are built outside the standard planner.
 *
 * Until 15 the permissions to check stand in the range table entries, from 16 in a list beside them. From 18 grouped columns are
 * Vars of a range table entry of their own.
 */
#ifndef LAKE_COMPAT_RANGE_TABLE_H
#define LAKE_COMPAT_RANGE_TABLE_H

extern "C" {
#include "postgres.h"
#include "access/sysattr.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "parser/parse_relation.h"
}

/* A copy of the entry for the flat range table of a plan: without what only the planner needs. */
static inline RangeTblEntry *
lake_flat_range_table_entry(Query *query, RangeTblEntry *rte, List **perm_infos)
{
	RangeTblEntry *flat = (RangeTblEntry *) palloc(sizeof(RangeTblEntry));

	memcpy(flat, rte, sizeof(RangeTblEntry));
	flat->tablesample = NULL;
	flat->subquery = NULL;
	flat->joinaliasvars = NIL;
	flat->joinleftcols = NIL;
	flat->joinrightcols = NIL;
	flat->join_using_alias = NULL;
	flat->functions = NIL;
	flat->tablefunc = NULL;
	flat->values_lists = NIL;
	flat->coltypes = NIL;
	flat->coltypmods = NIL;
	flat->colcollations = NIL;
	flat->securityQuals = NIL;
#if PG_VERSION_NUM >= 160000
	flat->perminfoindex = 0;
	if (rte->perminfoindex > 0)
	{
		*perm_infos = lappend(*perm_infos, copyObjectImpl(getRTEPermissionInfo(query->rteperminfos, rte)));
		flat->perminfoindex = list_length(*perm_infos);
	}
#endif
#if PG_VERSION_NUM >= 180000
	flat->groupexprs = NIL;
#endif
	return flat;
}

/* What the entry, a copy from another query, may be read with. */
static inline void
lake_copy_permissions(Query *query, RangeTblEntry *rte, Query *from)
{
#if PG_VERSION_NUM >= 160000
	if (rte->perminfoindex == 0)
		return;
	query->rteperminfos = list_make1(copyObjectImpl(getRTEPermissionInfo(from->rteperminfos, rte)));
	rte->perminfoindex = 1;
#endif
}

static inline void
lake_set_range_table(PlannedStmt *plan, List *rtable, List *perm_infos)
{
	plan->rtable = rtable;
#if PG_VERSION_NUM >= 160000
	plan->permInfos = perm_infos;
#endif
#if PG_VERSION_NUM >= 180000
	plan->unprunableRelids = NULL;
	for (int i = 1; i <= list_length(rtable); i++)
	{
		if (((RangeTblEntry *) list_nth(rtable, i - 1))->rtekind == RTE_RELATION)
			plan->unprunableRelids = bms_add_member(plan->unprunableRelids, i);
	}
#endif
}

/* Whether a plan's UPDATE or MERGE may assign a column of a table. From 16 on nothing is known of inheritance children: then it may. */
static inline bool
lake_may_assign(PlannedStmt *plan, RangeTblEntry *rte, AttrNumber attnum)
{
#if PG_VERSION_NUM >= 160000
	return rte->perminfoindex == 0 ||
		bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, getRTEPermissionInfo(plan->permInfos, rte)->updatedCols);
#else
	return bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, rte->updatedCols);
#endif
}

/* A range table entry that checks no permissions. */
static inline void
lake_clear_permissions(RangeTblEntry *rte)
{
#if PG_VERSION_NUM >= 160000
	rte->perminfoindex = 0;
#else
	rte->requiredPerms = 0;
	rte->checkAsUser = InvalidOid;
	rte->selectedCols = NULL;
	rte->insertedCols = NULL;
	rte->updatedCols = NULL;
#endif
}

/* The Var above an outer join that may make it null, which it says of itself from 16 on. */
static inline Var *
lake_nullable_by(Var *var, Index join)
{
#if PG_VERSION_NUM >= 160000
	var->varnullingrels = bms_make_singleton(join);
#endif
	return var;
}

/* A Var as it stands in a query of some of its own query's entries (range table indexes, those of joins too): a copy of the caller's. */
static inline Var *
lake_inside_part(Var *var, Bitmapset *inside)
{
#if PG_VERSION_NUM >= 160000
	var->varnullingrels = bms_intersect(var->varnullingrels, inside);
#endif
	return var;
}

/* The Var of such a query's column, in the place of `original`: joins that stay outside may still make it null. */
static inline Node *
lake_outside_part(Var *column, Var *original, Bitmapset *inside)
{
#if PG_VERSION_NUM >= 160000
	column->varnullingrels = bms_difference(original->varnullingrels, inside);
#endif
	return (Node *) column;
}

/* Columns of JOIN .. USING and of joins with an alias as columns of what is joined. */
static inline Node *
lake_flatten_join_columns(Query *query, Node *node)
{
#if PG_VERSION_NUM >= 160000
	return flatten_join_alias_vars(NULL, query, node);
#else
	return flatten_join_alias_vars(query, node);
#endif
}

/* A subquery's rows; the planner finds out by itself whether the scan of it does anything. */
static inline Path *
lake_create_subquery_path(PlannerInfo *root, RelOptInfo *rel, Path *subpath)
{
#if PG_VERSION_NUM >= 160000
	return (Path *) create_subqueryscan_path(root, rel, subpath, false, NIL, rel->lateral_relids);
#else
	return (Path *) create_subqueryscan_path(root, rel, subpath, NIL, rel->lateral_relids);
#endif
}

/* For a query that uses the entries of another one. */
static inline void
lake_share_permissions(Query *query, Query *from)
{
#if PG_VERSION_NUM >= 160000
	query->rteperminfos = from->rteperminfos;
#endif
}

/* The permissions that a plan checks, NULL where they stand in its range table. */
static inline List **
lake_permission_list(PlannedStmt *plan)
{
#if PG_VERSION_NUM >= 160000
	return &plan->permInfos;
#else
	return NULL;
#endif
}

/* Puts the expressions of GROUP BY back in place of the Vars that stand for them. */
static inline void
lake_flatten_group_columns(Query *query)
{
#if PG_VERSION_NUM >= 180000
	if (query->hasGroupRTE)
	{
		query->targetList = (List *) flatten_group_exprs(NULL, query, (Node *) query->targetList);
		query->havingQual = flatten_group_exprs(NULL, query, query->havingQual);
	}
#endif
}

#endif
