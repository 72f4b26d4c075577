/*
 * deparse_query.cpp
 *	  SELECT, set operations and WITH as DuckDB SQL.
 *
 * The outermost output columns are cast to the type that their PostgreSQL type travels in; columns of set operations and of recursive terms to
 * the type that the whole has, for PostgreSQL's planner would add those casts only later.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
}

#include "compat/compat.h"
#include "plan/deparse.h"
#include "plan/ship_type.h"
#include "plan/simplify_query.h"
#include "types/type_map.h"

/* ---------------------------------------------------------------- shape of the query */

/* What no clause by itself tells. */
static void
check_query(LakeDeparse *ctx, Query *query)
{
	if (query->commandType != CMD_SELECT || query->hasModifyingCTE)
		lake_refuse(ctx, "SQL Syntax", "data-modifying statement");
	if (query->rowMarks != NIL || query->hasForUpdate)
		lake_refuse(ctx, "SQL Syntax", "FOR UPDATE clause");
	if (query->hasTargetSRFs)
		lake_refuse(ctx, "SQL Syntax", "set-returning function in the target list");
	if (query->havingQual != NULL && !query->hasAggs && query->groupClause == NIL && query->groupingSets == NIL)
		lake_refuse(ctx, "SQL Syntax", "HAVING clause without GROUP BY");
	/* constants have made them superfluous, but not the one row that they stand for */
	if (query->hasAggs && query->groupClause == NIL && query->groupingSets == NIL &&
		!contain_agg_clause((Node *) query->targetList) && !contain_agg_clause(query->havingQual))
		lake_refuse(ctx, "SQL Syntax", "aggregates that are never computed");
	if (lake_limit_ends_recursion(query))
		lake_refuse(ctx, "SQL Syntax", "LIMIT over WITH RECURSIVE");
	/* any row of the group would do, but which one must not depend on the path */
	if (query->hasDistinctOn && query->sortClause == NIL)
		lake_refuse(ctx, "SQL Syntax", "DISTINCT ON without ORDER BY");
}

/* ---------------------------------------------------------------- output columns */

/* Casts that a set operation adds and that keep value and text form. */
static bool
is_widening(Oid from, Oid to)
{
	if (from == to)
		return true;
	switch (to)
	{
		case INT4OID:
			return from == INT2OID;
		case INT8OID:
		case NUMERICOID:
			return from == INT2OID || from == INT4OID || (from == INT8OID && to == NUMERICOID);
		case FLOAT8OID:
			return from == INT2OID || from == INT4OID || from == INT8OID || from == FLOAT4OID;
		case TIMESTAMPOID:
			return from == DATEOID;
		case TEXTOID:
		case VARCHAROID:
			return from == TEXTOID || from == VARCHAROID;
		default:
			return false;
	}
}

static bool
is_varying_column(const List *varying, int column)
{
	return column < list_length(varying) && list_nth_int(varying, column);
}

/* The result has the precision of all, but DuckDB's lists that of one. */
static bool
has_numeric_inside(Node *expr)
{
	LakeTypeInfo type;

	return lake_lookup_type(exprType(expr), exprTypmod(expr), &type) && type.nfields > 0 && (lake_type_has_wire(&type, LAKE_WIRE_NUMERIC) || lake_is_numeric_as_text(&type));
}

static void
deparse_column_as(LakeDeparse *ctx, Node *expr, Oid typid, bool varying)
{
	Oid			from = getBaseType(exprType(expr));
	Oid			to = getBaseType(typid);

	if (!is_widening(from, to))
		lake_refuse_type(ctx, typid);
	else if (varying)
		lake_deparse_numeric_text(ctx, expr);
	else if (lake_ship_type_name(to) == NULL && has_numeric_inside(expr))
		lake_refuse_type(ctx, typid);
	else if (lake_ship_type_name(to) == NULL)
		lake_deparse_bare(ctx, expr);
	else if (to == NUMERICOID && from != NUMERICOID)
		lake_deparse_cast(ctx, expr, from == INT2OID ? "decimal(5,0)" : from == INT4OID ? "decimal(10,0)" : "decimal(19,0)");
	else if (to == NUMERICOID)
		lake_deparse_expr(ctx, expr);
	else
		lake_deparse_cast(ctx, expr, lake_ship_type_name(to));
}

static void
deparse_outermost_column(LakeDeparse *ctx, Node *expr)
{
	const char *type;

	/* a literal in INSERT .. SELECT, whose type the column decides */
	if (exprType(expr) == UNKNOWNOID)
		lake_refuse_type(ctx, UNKNOWNOID);
	else if (IsA(expr, Var) || IsA(expr, Const) || lake_is_opaque_part(expr))
		lake_deparse_bare(ctx, expr);
	else if ((type = lake_expr_type_name(ctx, expr)) != NULL)
	{
		/* these have just the type; casting a column again would only make the text longer */
		if (IsA(expr, Aggref) || IsA(expr, WindowFunc) || exprType(expr) == BOOLOID)
			lake_deparse_expr(ctx, expr);
		else
			lake_deparse_cast(ctx, expr, type);
	}
}

static void
deparse_distinct(LakeDeparse *ctx, Query *query)
{
	bool		qualify = ctx->level->qualify;
	ListCell   *lc;

	if (query->distinctClause == NIL)
		return;
	appendStringInfoString(&ctx->sql, "DISTINCT ");
	foreach(lc, query->distinctClause)
	{
		TargetEntry *tle = get_sortgroupclause_tle(lfirst_node(SortGroupClause, lc), query->targetList);

		lake_check_grouping(ctx, (Node *) tle->expr);
		if (!query->hasDistinctOn)
			continue;
		ctx->level->qualify = true;
		appendStringInfoString(&ctx->sql, foreach_current_index(lc) == 0 ? "ON (" : ", ");
		/* a bare number would be a position */
		if (IsA(tle->expr, Const) && exprType((Node *) tle->expr) == INT4OID)
			lake_deparse_cast(ctx, (Node *) tle->expr, "integer");
		else
			lake_deparse_expr(ctx, (Node *) tle->expr);
		ctx->level->qualify = qualify;
	}
	if (query->hasDistinctOn)
		appendStringInfoString(&ctx->sql, ") ");
}

static void
deparse_target_list(LakeDeparse *ctx, Query *query, const LakeTargetShape *target)
{
	int			columns = 0;
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (tle->resjunk)
			continue;
		if (columns++ > 0)
			appendStringInfoString(&ctx->sql, ", ");
		if (target->types != NIL)
			deparse_column_as(ctx, (Node *) tle->expr, list_nth_oid(target->types, columns - 1),
							  is_varying_column(target->varying, columns - 1));
		else if (target->outermost)
			deparse_outermost_column(ctx, (Node *) tle->expr);
		else
			lake_deparse_bare(ctx, (Node *) tle->expr);
	}
	if (columns == 0 && target->outermost)
		lake_refuse(ctx, "SQL Syntax", "Empty target list");
	else if (columns == 0)
		appendStringInfoChar(&ctx->sql, '1');
}

/* ---------------------------------------------------------------- set operations */

static void
check_set_columns(LakeDeparse *ctx, SetOperationStmt *op, List *varying)
{
	ListCell   *type;
	ListCell   *typmod;
	ListCell   *collation;

	forthree(type, op->colTypes, typmod, op->colTypmods, collation, op->colCollations)
	{
		Oid			typid = getBaseType(lfirst_oid(type));

		if (!lake_type_is_comparable(typid) || (typid == BPCHAROID && lfirst_int(typmod) < 0) ||
			is_varying_column(varying, foreach_current_index(type)))
			lake_refuse_type(ctx, lfirst_oid(type));
		else if (!lake_collation_is_deterministic(lfirst_oid(collation)))
			lake_refuse_collation(ctx, lfirst_oid(collation));
	}
}

static void
deparse_set_operation(LakeDeparse *ctx, Query *query, Node *node, List *types, List *varying)
{
	check_stack_depth();
	if (IsA(node, SetOperationStmt))
	{
		static const char *const names[] = {NULL, " UNION ", " INTERSECT ", " EXCEPT "};
		SetOperationStmt *op = (SetOperationStmt *) node;

		if (!op->all || op->op != SETOP_UNION)
			check_set_columns(ctx, op, varying);
		appendStringInfoChar(&ctx->sql, '(');
		deparse_set_operation(ctx, query, op->larg, types, varying);
		appendStringInfo(&ctx->sql, "%s%s", names[op->op], op->all ? "ALL " : "");
		deparse_set_operation(ctx, query, op->rarg, types, varying);
		appendStringInfoChar(&ctx->sql, ')');
	}
	else
	{
		RangeTblEntry *rte = rt_fetch(((RangeTblRef *) node)->rtindex, query->rtable);
		LakeTargetShape target = {false, types, varying};

		appendStringInfoChar(&ctx->sql, '(');
		lake_deparse_query(ctx, rte->subquery, &target);
		appendStringInfoChar(&ctx->sql, ')');
	}
}

/* Of each column: whether its leaves are to give it in text form, for they have numerics of several scales. */
static List *
set_shapes(LakeDeparse *ctx, Query *query)
{
	List	   *varying = NIL;
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		LakeNumericShape shape = {};

		if (getBaseType(exprType((Node *) tle->expr)) == NUMERICOID &&
			!lake_column_shape(ctx->level == NULL ? NULL : ctx->level->outer, query, tle->resno, &shape))
			lake_refuse_type(ctx, NUMERICOID);
		varying = lappend_int(varying, shape.varying);
	}
	return varying;
}

/* ---------------------------------------------------------------- WITH */

static void
deparse_with(LakeDeparse *ctx, Query *query)
{
	ListCell   *lc;

	if (query->cteList == NIL)
		return;
	foreach(lc, query->cteList)
		ctx->level->cte_names = lappend(ctx->level->cte_names, lake_unique_name(ctx, lfirst_node(CommonTableExpr, lc)->ctename));
	appendStringInfoString(&ctx->sql, query->hasRecursive ? "WITH RECURSIVE " : "WITH ");
	foreach(lc, query->cteList)
	{
		CommonTableExpr *cte = lfirst_node(CommonTableExpr, lc);
		LakeTargetShape target = {false, cte->cterecursive ? cte->ctecoltypes : NIL, NIL};

		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, ", ");
		lake_append_identifier(&ctx->sql, (char *) list_nth(ctx->level->cte_names, foreach_current_index(lc)));
		lake_append_column_list(ctx, lake_unique_columns(cte->ctecolnames));
		appendStringInfo(&ctx->sql, " AS %s(",
						 cte->ctematerialized == CTEMaterializeAlways ? "MATERIALIZED " :
						 cte->ctematerialized == CTEMaterializeNever ? "NOT MATERIALIZED " : "");
		if (cte->search_clause != NULL || cte->cycle_clause != NULL)
			lake_refuse(ctx, "SQL Syntax", "SEARCH or CYCLE clause");
		if (cte->cterecursive && list_member_oid(cte->ctecoltypes, NUMERICOID))
			lake_refuse_type(ctx, NUMERICOID);
		if (!IsA(cte->ctequery, Query))
			lake_refuse(ctx, "Unknown", "CTE of a kind that is not known");
		else
			lake_deparse_query(ctx, (Query *) cte->ctequery, &target);
		appendStringInfoChar(&ctx->sql, ')');
	}
	appendStringInfoChar(&ctx->sql, ' ');
}

/* ---------------------------------------------------------------- queries */

static void
deparse_plain_query(LakeDeparse *ctx, Query *query, const LakeTargetShape *target)
{
	appendStringInfoString(&ctx->sql, "SELECT ");
	deparse_distinct(ctx, query);
	deparse_target_list(ctx, query, target);
	lake_deparse_from(ctx, query);
	lake_deparse_group_by(ctx, query);
	if (query->havingQual != NULL)
	{
		bool		qualify = ctx->level->qualify;

		ctx->level->qualify = true;
		appendStringInfoString(&ctx->sql, " HAVING ");
		lake_deparse_condition(ctx, query->havingQual);
		ctx->level->qualify = qualify;
	}
	lake_deparse_order_by(ctx, query, query->distinctClause != NIL && !query->hasDistinctOn);
	lake_deparse_limit(ctx, query);
}

/* Values do not carry their SRID: without one in common, that of the columns they come from would be lost. */
static bool
may_mix_srids(Oid typid, int32 typmod)
{
	return typmod < 0 && lake_geometry_kind(getBaseType(typid)) != LAKE_NO_GEOMETRY;
}

/* A recursive term must stand in UNION without brackets of its own around the whole. */
static void
deparse_set_query(LakeDeparse *ctx, Query *query, const LakeTargetShape *target)
{
	SetOperationStmt *op = castNode(SetOperationStmt, query->setOperations);
	List	   *types = target->types != NIL ? target->types : op->colTypes;
	List	   *varying;
	int			start = ctx->sql.len;
	ListCell   *lc;

	foreach(lc, types)
	{
		if (!is_widening(getBaseType(list_nth_oid(op->colTypes, foreach_current_index(lc))), getBaseType(lfirst_oid(lc))) ||
			may_mix_srids(lfirst_oid(lc), list_nth_int(op->colTypmods, foreach_current_index(lc))))
			lake_refuse_type(ctx, lfirst_oid(lc));
	}
	varying = set_shapes(ctx, query);
	if (target->types != NIL)
		varying = target->varying;
	/* text in the order of numbers: the columns of the leaves tell, not the first leaf alone */
	foreach(lc, query->sortClause)
	{
		if (is_varying_column(varying, get_sortgroupclause_tle(lfirst_node(SortGroupClause, lc), query->targetList)->resno - 1))
			lake_refuse_type(ctx, NUMERICOID);
	}
	deparse_set_operation(ctx, query, query->setOperations, types, varying);
	/* the outermost brackets become blanks: they are not allowed around a recursive query, and offsets must not move */
	ctx->sql.data[start] = ' ';
	ctx->sql.data[ctx->sql.len - 1] = ' ';
	lake_deparse_order_by(ctx, query, true);
	lake_deparse_limit(ctx, query);
}

/* Whether a window function, or what it is partitioned or ordered by, has columns of outer queries. */
static bool
has_outer_columns_in_windows(LakeDeparse *ctx, Query *query)
{
	ListCell   *lc;

	if (!query->hasWindowFuncs)
		return false;
	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if ((tle->ressortgroupref != 0 || contain_window_function((Node *) tle->expr)) && lake_refers_to_outer_query(ctx, (Node *) tle->expr))
			return true;
	}
	return false;
}

typedef struct FullJoinContext
{
	bool		has_full_join;
	bool		has_cte;		/* refers to one */
} FullJoinContext;

static bool
find_full_join_walker(Node *node, FullJoinContext *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		context->has_cte = context->has_cte || ((RangeTblEntry *) node)->rtekind == RTE_CTE;
		return false;
	}
	if (IsA(node, JoinExpr) && ((JoinExpr *) node)->jointype == JOIN_FULL)
		context->has_full_join = true;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, LAKE_WALKER(find_full_join_walker), context, QTW_EXAMINE_RTES_BEFORE | QTW_IGNORE_JOINALIASES);
	return expression_tree_walker(node, LAKE_WALKER(find_full_join_walker), context);
}

/* DuckDB takes a CTE for something that depends on the outer query, and cannot join that so. */
static bool
has_full_join_of_cte(Query *query)
{
	FullJoinContext context = {};

	find_full_join_walker((Node *) query, &context);
	return context.has_full_join && context.has_cte;
}

/* What DuckDB's decorrelation does not handle: it says so, or loses the row of an empty grouping set, or rows of a CTE. */
static void
check_correlation(LakeDeparse *ctx, LakeLevel *level)
{
	Query	   *query = level->query;

	if (!level->correlated)
		return;
	if (query->groupingSets != NIL)
		lake_refuse(ctx, "SQL Syntax", "correlated subquery with GROUPING SETS");
	if (has_outer_columns_in_windows(ctx, query))
		lake_refuse(ctx, "SQL Syntax", "outer query's column in a window function");
	if (has_full_join_of_cte(query))
		lake_refuse(ctx, "SQL Syntax", "correlated subquery with FULL JOIN and CTE");
	if (lake_refers_to_outer_query(ctx, (Node *) query->cteList))
		lake_refuse(ctx, "SQL Syntax", "outer query's column in WITH");
}

void
lake_deparse_query(LakeDeparse *ctx, Query *query, const LakeTargetShape *target)
{
	LakeLevel	level;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	check_query(ctx, query);
	lake_push_level(ctx, &level, query);
	deparse_with(ctx, query);
	if (query->setOperations != NULL)
		deparse_set_query(ctx, query, target);
	else
		deparse_plain_query(ctx, query, target);
	check_correlation(ctx, &level);
	lake_pop_level(ctx);
}

void
lake_deparse_condition(LakeDeparse *ctx, Node *condition)
{
	ctx->conditions = lappend(ctx->conditions, condition);
	lake_deparse_expr(ctx, condition);
}

/*
 * Rows that row-level security or a security barrier hides must not be seen by functions that may tell about them. DuckDB checks conditions in the order
 * that it likes, so there must be none that could: an error is all that a shipped function can tell.
 */
static void
check_barriers(LakeDeparse *ctx)
{
	ListCell   *lc;

	if (!ctx->has_barrier)
		return;
	foreach(lc, ctx->conditions)
	{
		if (contain_leaked_vars((Node *) lfirst(lc)))
		{
			lake_refuse(ctx, "SQL Syntax", "condition that is not leakproof beside row-level security or a security barrier view");
			return;
		}
	}
}

void
lake_deparse_subquery(LakeDeparse *ctx, Query *query, bool sublink)
{
	LakeTargetShape target = {false, NIL, NIL};

	appendStringInfoChar(&ctx->sql, '(');
	lake_deparse_query(ctx, query, &target);
	appendStringInfoChar(&ctx->sql, ')');
}

/* Oids and typmods of the output columns, as the executor decodes them. */
static void
describe_columns(LakeDeparse *ctx, Query *query, LakeRemoteQuery *remote)
{
	LakeLevel	level = {query, NULL, NULL, NULL, NIL, false, false};
	List	   *varying = NIL;
	ListCell   *lc;

	/* the columns of a set operation are those that its leaves agreed on */
	if (query->setOperations != NULL)
		varying = set_shapes(ctx, query);

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Node	   *expr = (Node *) tle->expr;

		if (tle->resjunk)
			continue;
		remote->column_types = lappend_oid(remote->column_types, exprType(expr));
		remote->column_typmods = lappend_int(remote->column_typmods,
											 (query->setOperations != NULL ? is_varying_column(varying, foreach_current_index(lc)) :
											  lake_is_varying(&level, expr)) ? LAKE_TYPMOD_TEXT_FORM : exprTypmod(expr));
	}
}

static void
begin_whole_query(LakeDeparse *ctx)
{
	memset(ctx, 0, sizeof(*ctx));
	initStringInfo(&ctx->sql);
}

static bool
finish_whole_query(LakeDeparse *ctx, Query *query, LakeRemoteQuery *remote, List **params, List **reasons)
{
	ListCell   *lc;

	check_barriers(ctx);
	*reasons = ctx->reasons;
	if (ctx->reasons != NIL)
		return false;
	memset(remote, 0, sizeof(*remote));
	remote->sql = ctx->sql.data;
	remote->scan_offsets = ctx->scan_offsets;
	remote->scan_relids = ctx->scan_relids;
	remote->scan_points = ctx->scan_points;
	remote->stages = ctx->stages;
	remote->partition_relids = ctx->partition_relids;
	foreach(lc, ctx->params)
		remote->param_types = lappend_oid(remote->param_types, exprType((Node *) lfirst(lc)));
	describe_columns(ctx, query, remote);
	*params = list_concat(ctx->params, ctx->points);
	return true;
}

bool
lake_deparse_whole_query(Query *query, LakeRemoteQuery *remote, List **params, List **reasons)
{
	LakeDeparse ctx;
	LakeTargetShape target = {true, NIL, NIL};

	begin_whole_query(&ctx);
	lake_deparse_query(&ctx, query, &target);
	return finish_whole_query(&ctx, query, remote, params, reasons);
}

/* ---------------------------------------------------------------- modifications */

/* A numeric of any scale is stored with that of the Iceberg type: more digits are PostgreSQL's to refuse, row by row. */
static bool
fits_decimal(LakeLevel *level, Node *expr, const LakeTypeInfo *type)
{
	LakeNumericShape shape;
	int			precision;
	int			scale;

	if (IsA(expr, Const) && ((Const *) expr)->constisnull)
		return true;
	return sscanf(type->iceberg_type, "decimal(%d,%d)", &precision, &scale) == 2 && lake_numeric_shape(level, expr, &shape) &&
		!shape.varying && shape.scale <= scale && shape.precision - shape.scale <= precision - scale;
}

static bool
is_null_const(Node *expr)
{
	return IsA(expr, Const) && ((Const *) expr)->constisnull;
}

static bool
has_srid(Node *expr, const LakeTypeInfo *wanted)
{
	LakeTypeInfo type;

	return lake_lookup_type(exprType(expr), exprTypmod(expr), &type) && type.geometry == wanted->geometry && type.srid == wanted->srid;
}

static void
check_modified_columns(LakeDeparse *ctx, Query *query, Relation rel, int first_column)
{
	LakeLevel	level;
	int			column = first_column;

	lake_push_level(ctx, &level, query);
	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);
		LakeTypeInfo type;
		Node	   *expr;

		if (att->attisdropped)
			continue;
		if (column >= list_length(query->targetList))
			break;
		expr = (Node *) list_nth_node(TargetEntry, query->targetList, column++)->expr;
		if (!lake_lookup_type(att->atttypid, att->atttypmod, &type) ||
			(type.wire == LAKE_WIRE_NUMERIC && !fits_decimal(&level, expr, &type)) ||
			(type.nfields > 0 && lake_type_has_wire(&type, LAKE_WIRE_NUMERIC) && !is_null_const(expr) &&
			 (exprType(expr) != att->atttypid || exprTypmod(expr) != att->atttypmod)) ||
			(type.geometry != LAKE_NO_GEOMETRY && !is_null_const(expr) && !has_srid(expr, &type)))
			lake_refuse_type(ctx, att->atttypid);
	}
	lake_pop_level(ctx);
}

bool
lake_deparse_modification(Query *query, Relation rel, Index target, int first_column, LakeRemoteQuery *remote, int *target_scan, List **params,
						  List **reasons)
{
	LakeDeparse ctx;
	LakeTargetShape shape = {true, NIL, NIL};

	begin_whole_query(&ctx);
	ctx.row_id_rtindex = target;
	ctx.row_id_scan = -1;
	lake_deparse_query(&ctx, query, &shape);
	check_modified_columns(&ctx, query, rel, first_column);
	*target_scan = ctx.row_id_scan;
	return finish_whole_query(&ctx, query, remote, params, reasons);
}

/* ---------------------------------------------------------------- one table */

void
lake_deparse_begin_scan(LakeDeparse *ctx, Query *query, Index rtindex)
{
	LakeLevel  *level = (LakeLevel *) palloc0(sizeof(LakeLevel));
	int			n = list_length(query->rtable);

	memset(ctx, 0, sizeof(*ctx));
	initStringInfo(&ctx->sql);
	level->query = query;
	level->aliases = (char **) palloc0(sizeof(char *) * n);
	level->columns = (List **) palloc0(sizeof(List *) * n);
	level->aliases[rtindex - 1] = pstrdup(rt_fetch(rtindex, query->rtable)->eref->aliasname);
	ctx->level = level;
}

void
lake_deparse_begin_probe(LakeDeparse *ctx, Query *query)
{
	ListCell   *lc;

	begin_whole_query(ctx);
	lake_push_level(ctx, (LakeLevel *) palloc0(sizeof(LakeLevel)), query);
	foreach(lc, query->cteList)
		ctx->level->cte_names = lappend(ctx->level->cte_names, lake_unique_name(ctx, lfirst_node(CommonTableExpr, lc)->ctename));
}

bool
lake_deparse_scan_qual(LakeDeparse *ctx, Node *qual)
{
	int			start = ctx->sql.len;
	List	   *params = list_copy(ctx->params);

	ctx->reasons = NIL;
	lake_deparse_expr(ctx, qual);
	if (ctx->reasons == NIL)
		return true;
	ctx->sql.len = start;
	ctx->sql.data[start] = '\0';
	ctx->params = params;
	return false;
}
