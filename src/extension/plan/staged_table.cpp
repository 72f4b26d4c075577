/*
 * staged_table.cpp
 *	  See staged_table.h.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/plancat.h"
#include "optimizer/planner.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

#include "compat/compat.h"
#include "compat/range_table.h"
#include "exec/lake_scan_text.h"
#include "link/sql_text.h"
#include "plan/staged_table.h"
#include "types/type_map.h"

/* So few rows are sent whatever the lake tables hold. */
#define LAKE_ALWAYS_STAGED_ROWS 10000

/* ---------------------------------------------------------------- columns */

typedef struct ColumnContext
{
	Query	   *query;
	int			rtindex;
	int			depth;			/* below the query */
	Bitmapset  *attnums;
} ColumnContext;

static bool
find_columns_walker(Node *node, ColumnContext *context)
{
	bool		result;

	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;
		RangeTblEntry *rte;

		if ((int) var->varlevelsup != context->depth)
			return false;
		if (var->varno == context->rtindex)
			context->attnums = bms_add_member(context->attnums, Max(var->varattno, 0));
		rte = rt_fetch(var->varno, context->query->rtable);
		if (rte->rtekind == RTE_JOIN && var->varattno > 0)
		{
			ColumnContext inner = *context;

			inner.depth = 0;
			find_columns_walker((Node *) list_nth(rte->joinaliasvars, var->varattno - 1), &inner);
			context->attnums = inner.attnums;
		}
		return false;
	}
	if (!IsA(node, Query))
		return expression_tree_walker(node, LAKE_WALKER(find_columns_walker), context);
	context->depth++;
	result = query_tree_walker((Query *) node, LAKE_WALKER(find_columns_walker), context, QTW_IGNORE_JOINALIASES);
	context->depth--;
	return result;
}

/* Attribute numbers of the entry that the query, or a query inside it, refers to. */
static Bitmapset *
needed_columns(Query *query, int rtindex)
{
	ColumnContext context = {query, rtindex, 0, NULL};

	query_tree_walker(query, LAKE_WALKER(find_columns_walker), &context, QTW_IGNORE_JOINALIASES);
	return context.attnums;
}

static void
append_column(LakeDeparse *ctx, const char *name, const LakeTypeInfo *type)
{
	if (type->wire == LAKE_WIRE_INTERVAL)
		lake_append_interval_of_struct(&ctx->sql, name);
	else
		lake_append_identifier(&ctx->sql, name);
	if (type->needs_scan_cast)
		appendStringInfo(&ctx->sql, "::%s", type->duckdb_type);
	appendStringInfoString(&ctx->sql, " AS ");
	lake_append_identifier(&ctx->sql, name);
}

/* The target list of the stage's query; writes the columns of the reference. */
static List *
stage_columns(LakeDeparse *ctx, Relation rel, int rtindex, Bitmapset *attnums)
{
	List	   *columns = NIL;

	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);
		LakeTypeInfo type;

		if (!bms_is_member(att->attnum, attnums))
			continue;
		if (!lake_lookup_type(att->atttypid, att->atttypmod, &type) || type.typid == TIMETZOID)
		{
			lake_refuse_type(ctx, att->atttypid);
			continue;
		}
		appendStringInfoString(&ctx->sql, columns == NIL ? "" : ", ");
		append_column(ctx, NameStr(att->attname), &type);
		columns = lappend(columns, makeTargetEntry((Expr *) makeVar(rtindex, att->attnum, att->atttypid, att->atttypmod, att->attcollation, 0),
												   list_length(columns) + 1, pstrdup(NameStr(att->attname)), false));
	}
	if (columns != NIL)
		return columns;
	/* count(*): any column will do */
	appendStringInfoString(&ctx->sql, "\"pg_lake.one\"");
	return list_make1(makeTargetEntry((Expr *) makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(1), false, true), 1,
									  pstrdup("pg_lake.one"), false));
}

/* ---------------------------------------------------------------- rows */

/*
 * Whether the entry stands where a row that fails a condition of the query is of no use to it: not on the side of an outer join that is filled up with
 * nulls. Adds the conditions on the way.
 */
static bool
find_conditions(Node *node, int rtindex, List **conditions)
{
	ListCell   *lc;
	JoinExpr   *join;
	bool		left;
	bool		right;

	if (IsA(node, RangeTblRef))
		return ((RangeTblRef *) node)->rtindex == rtindex;
	if (IsA(node, FromExpr))
	{
		foreach(lc, ((FromExpr *) node)->fromlist)
		{
			if (!find_conditions((Node *) lfirst(lc), rtindex, conditions))
				continue;
			*conditions = list_concat(*conditions, make_ands_implicit((Expr *) ((FromExpr *) node)->quals));
			return true;
		}
		return false;
	}
	if (!IsA(node, JoinExpr))
		return false;
	join = (JoinExpr *) node;
	left = (join->jointype == JOIN_INNER || join->jointype == JOIN_LEFT) && find_conditions(join->larg, rtindex, conditions);
	right = !left && (join->jointype == JOIN_INNER || join->jointype == JOIN_RIGHT) && find_conditions(join->rarg, rtindex, conditions);
	if ((left || right) && join->jointype == JOIN_INNER)
		*conditions = list_concat(*conditions, make_ands_implicit((Expr *) join->quals));
	return left || right;
}

static bool
is_about_another_walker(Node *node, int *rtindex)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
		return ((Var *) node)->varno != *rtindex || ((Var *) node)->varlevelsup > 0 || ((Var *) node)->varattno <= 0;
	if (IsA(node, SubLink) || IsA(node, CurrentOfExpr) || IsA(node, Aggref) || IsA(node, WindowFunc) || IsA(node, GroupingFunc))
		return true;
	return expression_tree_walker(node, LAKE_WALKER(is_about_another_walker), rtindex);
}

/* The server checks these again: it costs little. */
static Node *
stage_conditions(Query *query, int rtindex)
{
	List	   *all = NIL;
	List	   *own = NIL;
	ListCell   *lc;

	if (query->jointree == NULL || !find_conditions((Node *) query->jointree, rtindex, &all))
		return NULL;
	foreach(lc, all)
	{
		Node	   *condition = (Node *) lfirst(lc);

		if (!is_about_another_walker(condition, &rtindex) && !contain_volatile_functions(condition))
			own = lappend(own, copyObjectImpl(condition));
	}
	return own == NIL ? NULL : (Node *) make_ands_explicit(own);
}

/* ---------------------------------------------------------------- the stage */

static Query *
stage_query(Query *query, int rtindex, List *columns)
{
	Query	   *stage = makeNode(Query);
	RangeTblRef *ref = makeNode(RangeTblRef);
	RangeTblEntry *rte = (RangeTblEntry *) copyObjectImpl(rt_fetch(rtindex, query->rtable));

	ref->rtindex = rtindex;
	stage->commandType = CMD_SELECT;
	stage->canSetTag = true;
	stage->hasSubLinks = rte->securityQuals != NIL && query->hasSubLinks;
	stage->hasRowSecurity = query->hasRowSecurity;
	stage->rtable = list_make1(rte);
	lake_copy_permissions(stage, rte, query);
	stage->targetList = columns;
	stage->jointree = makeFromExpr(list_make1(ref), stage_conditions(query, rtindex));
	ChangeVarNodes((Node *) stage, rtindex, 1, 0);
	return stage;
}

void
lake_deparse_staged_table(LakeDeparse *ctx, int rtindex)
{
	RangeTblEntry *rte = rt_fetch(rtindex, ctx->level->query->rtable);
	Bitmapset  *attnums = needed_columns(ctx->level->query, rtindex);
	char	   *table = psprintf("pg_lake_stage_%d", list_length(ctx->stages));
	Relation	rel;
	List	   *columns;

	if (bms_is_member(0, attnums))
		lake_refuse(ctx, "Table", "%s as a row or with system columns", quote_identifier(rte->eref->aliasname));
	rel = table_open(rte->relid, NoLock);
	appendStringInfoString(&ctx->sql, "(SELECT ");
	columns = stage_columns(ctx, rel, rtindex, attnums);
	appendStringInfo(&ctx->sql, " FROM temp.main.%s)", table);
	table_close(rel, NoLock);
	ctx->stages = lappend(ctx->stages, list_make2(makeString(table), stage_query(ctx->level->query, rtindex, columns)));
}

/* ---------------------------------------------------------------- planning */

static double
lake_rows(List *relids)
{
	double		rows = 0;
	ListCell   *lc;

	foreach(lc, relids)
	{
		Relation	rel = table_open(lfirst_oid(lc), NoLock);
		BlockNumber pages;
		double		tuples;
		double		visible;

		estimate_rel_size(rel, NULL, &pages, &tuples, &visible);
		rows += tuples;
		table_close(rel, NoLock);
	}
	return rows;
}

bool
lake_plan_stages(LakeRemoteQuery *remote, ParamListInfo bound_params, List **reasons)
{
	double		limit = remote->stages == NIL ? 0 : Max(lake_rows(remote->scan_relids), LAKE_ALWAYS_STAGED_ROWS);
	double		rows = 0;
	List	   *planned = NIL;
	ListCell   *lc;

	foreach(lc, remote->stages)
	{
		List	   *stage = (List *) lfirst(lc);
		PlannedStmt *plan = standard_planner((Query *) lsecond(stage), NULL, 0, bound_params);

		rows += plan->planTree->plan_rows;
		planned = lappend(planned, list_make2(linitial(stage), plan));
	}
	if (rows > limit)
	{
		*reasons = list_make1(makeString(psprintf("Table\t%.0f rows would be streamed to the server, where the lake tables have %.0f", rows, limit)));
		return false;
	}
	remote->stages = planned;
	return true;
}
