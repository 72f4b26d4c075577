/*
 * query_part.cpp
 *	  See query_part.h.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/planmain.h"
#include "optimizer/paths.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
}

#include "compat/compat.h"
#include "compat/range_table.h"
#include "plan/deparse.h"
#include "plan/plan.h"
#include "plan/query_part.h"
#include "plan/scan_cost.h"
#include "plan/staged_table.h"
#include "plan/statement.h"

/* What the server takes for a query, as a share of what the row path would. */
#define LAKE_SERVER_SPEED 0.05

/* The parser never names a subquery's ENR: nothing that a user writes can look like a part. */
#define LAKE_PART_PREFIX "pg_lake part "

List	   *lake_current_parts = NIL;

/* ---------------------------------------------------------------- what becomes a part */

typedef struct OutsideContext
{
	int			depth;			/* of the query that is being looked at */
} OutsideContext;

/* True when something refers to a query around the outermost one. */
static bool
refers_outside_walker(Node *node, OutsideContext *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
		return (int) ((Var *) node)->varlevelsup >= context->depth;
	if (IsA(node, Aggref) && (int) ((Aggref *) node)->agglevelsup >= context->depth)
		return true;
	if (IsA(node, GroupingFunc) && (int) ((GroupingFunc *) node)->agglevelsup >= context->depth)
		return true;
	if (IsA(node, RangeTblEntry))
	{
		RangeTblEntry *rte = (RangeTblEntry *) node;

		return rte->rtekind == RTE_CTE && (int) rte->ctelevelsup >= context->depth;
	}
	if (IsA(node, Query))
	{
		bool		result;

		context->depth++;
		result = query_tree_walker((Query *) node, LAKE_WALKER(refers_outside_walker), context, QTW_EXAMINE_RTES_BEFORE | QTW_IGNORE_JOINALIASES);
		context->depth--;
		return result;
	}
	return expression_tree_walker(node, LAKE_WALKER(refers_outside_walker), context);
}

bool
lake_refers_outside(Node *node)
{
	OutsideContext context = {IsA(node, Query) ? 0 : 1};

	return refers_outside_walker(node, &context);
}

/* One table's rows: the row path fetches them just as well. */
static bool
is_plain_scan(Query *query)
{
	List	   *from = query->jointree == NULL ? NIL : query->jointree->fromlist;

	if (query->setOperations != NULL || query->hasAggs || query->groupClause != NIL || query->groupingSets != NIL || query->hasWindowFuncs ||
		query->distinctClause != NIL || query->limitCount != NULL || query->limitOffset != NULL || query->hasSubLinks)
		return false;
	return list_length(from) == 1 && IsA(linitial(from), RangeTblRef) &&
		rt_fetch(linitial_node(RangeTblRef, from)->rtindex, query->rtable)->rtekind == RTE_RELATION;
}

LakePart *
lake_make_part(Query *query, ParamListInfo bound_params)
{
	LakePart   *part = (LakePart *) palloc0(sizeof(LakePart));
	List	   *reasons = NIL;

	if (query->commandType != CMD_SELECT || is_plain_scan(query) || !lake_query_has_lake_table(query) || lake_refers_outside((Node *) query) ||
		!lake_deparse_whole_query(query, &part->remote, &part->params, &reasons) || part->remote.scan_relids == NIL ||
		!lake_plan_stages(&part->remote, bound_params, &reasons))
		return NULL;
	part->query = query;
	return part;
}

/* ---------------------------------------------------------------- in the query */

static List *
column_names(Query *query)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk)
			names = lappend(names, makeString(pstrdup(tle->resname == NULL ? "?column?" : tle->resname)));
	}
	return names;
}

void
lake_install_part(RangeTblEntry *rte, LakePart *part, List **parts)
{
	rte->rtekind = RTE_SUBQUERY;
	rte->subquery = part->query;
	rte->lateral = false;
	rte->security_barrier = false;
	if (rte->eref == NULL)
		rte->eref = makeAlias("remote", column_names(part->query));
	if (part->query->limitCount == NULL)
		part->query->limitCount = (Node *) makeNullConst(INT8OID, -1, InvalidOid);
	rte->enrname = psprintf(LAKE_PART_PREFIX "%d", list_length(*parts));
	*parts = lappend(*parts, part);
}

bool
lake_is_part(RangeTblEntry *rte)
{
	return rte->rtekind == RTE_SUBQUERY && rte->enrname != NULL && strncmp(rte->enrname, LAKE_PART_PREFIX, strlen(LAKE_PART_PREFIX)) == 0;
}

/* ---------------------------------------------------------------- in the planner */

/* An entry that gives the part's columns their names in EXPLAIN; nothing reads it. */
static Index
add_output_entry(PlannerInfo *root, LakePart *part)
{
	root->parse->rtable = lappend(root->parse->rtable, lake_make_output_entry(part->query));
	return list_length(root->parse->rtable);
}

/* `root` is that of the part. Columns that only its clauses refer to are the server's; the plan's list has them nevertheless. */
static Plan *
plan_part(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist, List *clauses, List *custom_plans)
{
	CustomScan *scan = makeNode(CustomScan);
	LakePart   *part = (LakePart *) list_nth(lake_current_parts, intVal(linitial(path->custom_private)));
	Index		output = add_output_entry(root, part);
	ListCell   *lc;

	foreach(lc, part->query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Node	   *expr = (Node *) tle->expr;
		TargetEntry *column = flatCopyTargetEntry(tle);
		AttrNumber	attno = list_length(scan->custom_scan_tlist) + 1;

		if (tle->resjunk)
			column->expr = (Expr *) makeNullConst(exprType(expr), exprTypmod(expr), exprCollation(expr));
		else
		{
			column->expr = (Expr *) makeVar(output, attno, exprType(expr), exprTypmod(expr), exprCollation(expr), 0);
			scan->custom_scan_tlist = lappend(scan->custom_scan_tlist, makeTargetEntry((Expr *) copyObjectImpl(column->expr), attno, NULL, false));
		}
		scan->scan.plan.targetlist = lappend(scan->scan.plan.targetlist, column);
	}
	scan->flags = path->flags;
	fix_opfuncids((Node *) part->params);
	scan->custom_exprs = part->params;
	part->remote.reasons = lake_not_vectorized_reasons;
	scan->custom_private = lake_pack_remote_query(&part->remote);
	scan->methods = &lake_query_pushdown_methods;
	return &scan->scan.plan;
}

static const CustomPathMethods part_path_methods = {"Query Pushdown", plan_part, NULL};

bool
lake_add_part_path(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte)
{
	CustomPath *path;
	RelOptInfo *final_rel;
	Path	   *planned;

	if (!lake_is_part(rte))
		return false;
	/* the planner knows that it gives no rows */
	if (IS_DUMMY_REL(rel))
		return true;
	final_rel = fetch_upper_rel(rel->subroot, UPPERREL_FINAL, NULL);
	planned = (Path *) linitial(final_rel->pathlist);
	path = makeNode(CustomPath);
	path->path.pathtype = T_CustomScan;
	path->path.parent = final_rel;
	path->path.pathtarget = planned->pathtarget;
	path->path.rows = planned->rows;
	path->path.startup_cost = LAKE_STARTUP_COST + LAKE_SERVER_SPEED * planned->total_cost;
	path->path.total_cost = path->path.startup_cost + lake_row_transfer_cost(planned->pathtarget->exprs) * planned->rows;
	path->custom_private = list_make1(makeInteger(atoi(rte->enrname + strlen(LAKE_PART_PREFIX))));
	path->methods = &part_path_methods;
	rel->consider_parallel = false;
	rel->partial_pathlist = NIL;
	rel->pathlist = NIL;
	add_path(rel, (Path *) lake_create_subquery_path(root, rel, (Path *) path));
	return true;
}

void
lake_finish_split(PlannedStmt *stmt, List *parts, PlannerGlobal *glob)
{
	ListCell   *lc;

	foreach(lc, parts)
	{
		LakePart   *part = (LakePart *) lfirst(lc);

		lake_add_relations(stmt, part->query);
		lake_add_remote_relations(stmt, &part->remote);
	}
	stmt->invalItems = list_concat(stmt->invalItems, glob->invalItems);
	stmt->dependsOnRole = stmt->dependsOnRole || glob->dependsOnRole;
}
