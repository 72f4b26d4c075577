/*
 * staged_table.cpp
 *	  See staged_table.h.
 */
extern "C" {
#include "postgres.h"
#include "access/sysattr.h"
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

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "compat/range_table.h"
#include "exec/lake_scan_text.h"
#include "link/sql_text.h"
#include "plan/partitions.h"
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
	Bitmapset  *columns;
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
			context->columns = bms_add_member(context->columns, var->varattno - FirstLowInvalidHeapAttributeNumber);
		rte = rt_fetch(var->varno, context->query->rtable);
		if (rte->rtekind == RTE_JOIN && var->varattno > 0)
		{
			ColumnContext inner = *context;

			inner.depth = 0;
			find_columns_walker((Node *) list_nth(rte->joinaliasvars, var->varattno - 1), &inner);
			context->columns = inner.columns;
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

static TargetEntry *
make_column(int rtindex, AttrNumber attno, Oid typid, int32 typmod, Oid collation, const char *name)
{
	return makeTargetEntry((Expr *) makeVar(rtindex, attno, typid, typmod, collation, 0), 0, pstrdup(name), false);
}

/* The columns of the entry that the query, or a query inside it, refers to, in their order and tableoid behind them, as Vars. */
static List *
needed_columns(LakeDeparse *ctx, int rtindex)
{
	RangeTblEntry *rte = rt_fetch(rtindex, ctx->level->query->rtable);
	ColumnContext context = {ctx->level->query, rtindex, 0, NULL};
	List	   *columns = NIL;
	Relation	rel;
	int			column = -1;
	ListCell   *lc;

	query_tree_walker(ctx->level->query, LAKE_WALKER(find_columns_walker), &context, QTW_IGNORE_JOINALIASES);
	rel = table_open(rte->relid, NoLock);
	while ((column = bms_next_member(context.columns, column)) >= 0)
	{
		AttrNumber	attno = column + FirstLowInvalidHeapAttributeNumber;
		Form_pg_attribute att;

		if (attno == TableOidAttributeNumber)
			continue;
		if (attno <= 0)
		{
			lake_refuse(ctx, "Table", "%s as a row or with system columns", quote_identifier(rte->eref->aliasname));
			break;
		}
		att = TupleDescAttr(RelationGetDescr(rel), attno - 1);
		columns = lappend(columns, make_column(rtindex, attno, att->atttypid, att->atttypmod, att->attcollation, NameStr(att->attname)));
	}
	table_close(rel, NoLock);
	if (bms_is_member(TableOidAttributeNumber - FirstLowInvalidHeapAttributeNumber, context.columns))
		columns = lappend(columns, make_column(rtindex, TableOidAttributeNumber, OIDOID, -1, InvalidOid, "tableoid"));
	/* count(*): any column will do */
	if (columns == NIL)
		columns = list_make1(makeTargetEntry((Expr *) makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(1), false, true), 0,
											 pstrdup("pg_lake.one"), false));
	foreach(lc, columns)
		lfirst_node(TargetEntry, lc)->resno = foreach_current_index(lc) + 1;
	return columns;
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

/* The columns of the reference to a stage. */
static void
append_stage_columns(LakeDeparse *ctx, List *columns)
{
	ListCell   *lc;

	foreach(lc, columns)
	{
		TargetEntry *column = lfirst_node(TargetEntry, lc);
		Node	   *expr = (Node *) column->expr;
		LakeTypeInfo type;

		/* of a value's own SRID nothing would be left */
		if (!lake_lookup_type(exprType(expr), exprTypmod(expr), &type) || type.typid == TIMETZOID || type.geometry != LAKE_NO_GEOMETRY)
		{
			lake_refuse_type(ctx, exprType(expr));
			continue;
		}
		appendStringInfoString(&ctx->sql, foreach_current_index(lc) == 0 ? "" : ", ");
		append_column(ctx, column->resname, &type);
	}
}

/* The same columns of a lake table. */
static void
append_lake_columns(LakeDeparse *ctx, List *columns, Oid relid)
{
	ListCell   *lc;

	foreach(lc, columns)
	{
		TargetEntry *column = lfirst_node(TargetEntry, lc);

		appendStringInfoString(&ctx->sql, foreach_current_index(lc) == 0 ? "" : ", ");
		if (IsA(column->expr, Const))
			appendStringInfoString(&ctx->sql, "1 AS ");
		else if (((Var *) column->expr)->varattno == TableOidAttributeNumber)
			appendStringInfo(&ctx->sql, "%u::BIGINT AS ", relid);
		lake_append_identifier(&ctx->sql, column->resname);
	}
}

/* ---------------------------------------------------------------- rows */

/*
 * Adds the conditions that a row of the entry must pass to be of any use. True when the entry is in the tree, and what stands above the tree has no use
 * for rows that fail its own conditions, either: the side of an outer join that is filled up with nulls ends it.
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
	left = find_conditions(join->larg, rtindex, conditions);
	right = !left && find_conditions(join->rarg, rtindex, conditions);
	if ((left && (join->jointype == JOIN_INNER || join->jointype == JOIN_RIGHT)) ||
		(right && (join->jointype == JOIN_INNER || join->jointype == JOIN_LEFT)))
		*conditions = list_concat(*conditions, make_ands_implicit((Expr *) join->quals));
	return (left && (join->jointype == JOIN_INNER || join->jointype == JOIN_LEFT)) ||
		(right && (join->jointype == JOIN_INNER || join->jointype == JOIN_RIGHT));
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

/* Copies of the conditions that rows of the entry must pass to be of use, on its columns alone. */
static List *
own_conditions(Query *query, int rtindex)
{
	List	   *all = NIL;
	List	   *own = NIL;
	ListCell   *lc;

	if (query->jointree != NULL)
		find_conditions((Node *) query->jointree, rtindex, &all);
	foreach(lc, all)
	{
		Node	   *condition = (Node *) lfirst(lc);

		if (!is_about_another_walker(condition, &rtindex) && !contain_volatile_functions(condition))
			own = lappend(own, copyObjectImpl(condition));
	}
	return own;
}

/* ---------------------------------------------------------------- the stage */

/* The server checks the conditions again: it costs little. */
static Query *
stage_query(Query *query, int rtindex, List *columns)
{
	List	   *conditions = own_conditions(query, rtindex);
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
	stage->targetList = (List *) copyObjectImpl(columns);
	stage->jointree = makeFromExpr(list_make1(ref), conditions == NIL ? NULL : (Node *) make_ands_explicit(conditions));
	ChangeVarNodes((Node *) stage, rtindex, 1, 0);
	return stage;
}

/* The stage of a table as that of one behind it, with the rights and policies of the former. */
static Query *
stage_of_partition(Query *stage, Oid partition)
{
	RangeTblEntry *rte = linitial_node(RangeTblEntry, stage->rtable);
	Query	   *result = (Query *) lake_columns_of_partition((Node *) stage, rte->relid, partition);

	rte = linitial_node(RangeTblEntry, result->rtable);
	rte->relid = partition;
	rte->relkind = RELKIND_RELATION;
	rte->inh = false;
	lake_clear_permissions(rte);
	return result;
}

static void
append_stage(LakeDeparse *ctx, Query *stage, List *columns)
{
	char	   *table = psprintf("pg_lake_stage_%d", list_length(ctx->stages));

	appendStringInfoString(&ctx->sql, "SELECT ");
	append_stage_columns(ctx, columns);
	appendStringInfo(&ctx->sql, " FROM temp.main.%s", table);
	ctx->stages = lappend(ctx->stages, list_make2(makeString(table), stage));
}

void
lake_deparse_staged_table(LakeDeparse *ctx, int rtindex)
{
	Query	   *query = ctx->level->query;
	List	   *columns = needed_columns(ctx, rtindex);

	appendStringInfoChar(&ctx->sql, '(');
	append_stage(ctx, stage_query(query, rtindex, columns), columns);
	appendStringInfoChar(&ctx->sql, ')');
}

List *
lake_live_partitions(LakeDeparse *ctx, int rtindex)
{
	Query	   *query = ctx->level->query;
	List	   *conditions = own_conditions(query, rtindex);

	ChangeVarNodes((Node *) conditions, rtindex, 1, 0);
	return lake_partitions_of(rt_fetch(rtindex, query->rtable), conditions, &ctx->partition_relids);
}

void
lake_deparse_partitions(LakeDeparse *ctx, int rtindex, List *partitions)
{
	Query	   *query = ctx->level->query;
	List	   *columns = needed_columns(ctx, rtindex);
	Query	   *stage = stage_query(query, rtindex, columns);
	ListCell   *lc;

	appendStringInfoChar(&ctx->sql, '(');
	foreach(lc, partitions)
	{
		Oid			partition = lfirst_oid(lc);

		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, " UNION ALL ");
		if (!lake_is_lake_relation(partition))
		{
			append_stage(ctx, stage_of_partition(stage, partition), columns);
			continue;
		}
		appendStringInfoString(&ctx->sql, "SELECT ");
		append_lake_columns(ctx, columns, partition);
		appendStringInfoString(&ctx->sql, " FROM ");
		lake_append_scan(ctx, partition, NULL, "partition");
	}
	appendStringInfoChar(&ctx->sql, ')');
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

	if (remote->stages != NIL && remote->scan_relids == NIL)
	{
		*reasons = list_make1(makeString(pstrdup("Table\tno lake table would be read")));
		return false;
	}
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
