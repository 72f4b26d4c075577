/*
 * deparse_from.cpp
 *	  FROM: names of relations and columns, holes for lake tables, joins, subqueries, VALUES.
 *
 * DuckDB's names ignore case: aliases are made unique in the whole text, columns in their relation. A lake table keeps its own column
 * names, for the scan gives them; one with columns that differ in case alone is refused.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

#include "catalog/lake_relation.h"
#include "exec/time_travel.h"
#include "plan/deparse.h"
#include "plan/partitions.h"
#include "plan/past_tables.h"
#include "plan/ship_type.h"
#include "plan/split_from.h"
#include "plan/staged_table.h"

/* ---------------------------------------------------------------- names */

static bool
is_taken(List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (pg_strcasecmp((char *) lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

static char *
unique_in(List *names, const char *name)
{
	char	   *candidate = pstrdup(*name == '\0' ? "column" : name);

	for (int i = 1; is_taken(names, candidate); i++)
		candidate = psprintf("%s_%d", name, i);
	return candidate;
}

char *
lake_unique_name(LakeDeparse *ctx, const char *name)
{
	char	   *unique = unique_in(ctx->used_names, name);

	ctx->used_names = lappend(ctx->used_names, unique);
	return unique;
}

List *
lake_unique_columns(List *names)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, names)
		result = lappend(result, unique_in(result, strVal(lfirst(lc))));
	return result;
}

void
lake_append_column_list(LakeDeparse *ctx, List *names)
{
	ListCell   *lc;

	appendStringInfoChar(&ctx->sql, '(');
	foreach(lc, names)
	{
		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, ", ");
		lake_append_identifier(&ctx->sql, (char *) lfirst(lc));
	}
	appendStringInfoChar(&ctx->sql, ')');
}

LakeLevel *
lake_level_up(LakeLevel *level, Index levels_up)
{
	for (; levels_up > 0 && level != NULL; levels_up--)
		level = level->outer;
	if (level == NULL)
		elog(ERROR, "bogus varlevelsup");
	return level;
}

/* ---------------------------------------------------------------- levels */

/* The range table entries that stand in FROM. */
static void
name_relations(LakeDeparse *ctx, LakeLevel *level, Node *node)
{
	ListCell   *lc;

	if (node == NULL)
		return;
	if (IsA(node, FromExpr))
	{
		foreach(lc, ((FromExpr *) node)->fromlist)
			name_relations(ctx, level, (Node *) lfirst(lc));
	}
	else if (IsA(node, JoinExpr))
	{
		name_relations(ctx, level, ((JoinExpr *) node)->larg);
		name_relations(ctx, level, ((JoinExpr *) node)->rarg);
	}
	else if (IsA(node, RangeTblRef))
	{
		int			rtindex = ((RangeTblRef *) node)->rtindex;
		RangeTblEntry *rte = rt_fetch(rtindex, level->query->rtable);

		level->aliases[rtindex - 1] = lake_unique_name(ctx, rte->eref->aliasname);
		if (rte->rtekind != RTE_RELATION)
			level->columns[rtindex - 1] = lake_unique_columns(rte->eref->colnames);
	}
}

void
lake_push_level(LakeDeparse *ctx, LakeLevel *level, Query *query)
{
	int			n = Max(list_length(query->rtable), 1);
	int			relations = 0;

	memset(level, 0, sizeof(*level));
	level->query = query;
	level->outer = ctx->level;
	level->aliases = (char **) palloc0(sizeof(char *) * n);
	level->columns = (List **) palloc0(sizeof(List *) * n);
	if (query->setOperations == NULL)
		name_relations(ctx, level, (Node *) query->jointree);
	for (int i = 0; i < n; i++)
		relations += level->aliases[i] != NULL;
	level->qualify = relations > 1 || ctx->level != NULL;
	ctx->level = level;
}

void
lake_pop_level(LakeDeparse *ctx)
{
	ctx->level = ctx->level->outer;
}

/* ---------------------------------------------------------------- relations */

static char *
qualified_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
}

static bool
has_ambiguous_columns(Oid relid)
{
	Relation	rel = RelationIdGetRelation(relid);
	List	   *seen = NIL;
	bool		ambiguous = false;

	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (att->attisdropped)
			continue;
		ambiguous = ambiguous || is_taken(seen, NameStr(att->attname));
		seen = lappend(seen, NameStr(att->attname));
	}
	RelationClose(rel);
	return ambiguous;
}

/* Catalogs stay: their types are PostgreSQL's own. */
static bool
can_be_staged(RangeTblEntry *rte)
{
	char	   *schema = get_namespace_name(get_rel_namespace(rte->relid));

	return strcmp(schema, "pg_catalog") != 0 && strcmp(schema, "information_schema") != 0 && !has_ambiguous_columns(rte->relid);
}

void
lake_append_scan(LakeDeparse *ctx, Oid relid, RangeTblEntry *rte, const char *alias)
{
	Node	   *point;
	LakeReadPointKind past = rte == NULL ? LAKE_NOW : lake_past_of_entry(rte, &point);

	if (has_ambiguous_columns(relid))
		lake_refuse(ctx, "Table", "%s", qualified_name(relid));
	ctx->scan_offsets = lappend_int(ctx->scan_offsets, ctx->sql.len);
	ctx->scan_relids = lappend_oid(ctx->scan_relids, relid);
	ctx->scan_points = lappend_int(ctx->scan_points, past);
	if (past != LAKE_NOW)
		ctx->points = lappend(ctx->points, point);
	appendStringInfoString(&ctx->sql, " AS ");
	lake_append_identifier(&ctx->sql, alias);
}

/* The rows of the table, with an alias: those of its partitions, or its own. */
static void
deparse_rows(LakeDeparse *ctx, int rtindex, List *partitions, const char *alias)
{
	if (partitions == NIL)
	{
		RangeTblEntry *rte = rt_fetch(rtindex, ctx->level->query->rtable);

		lake_append_scan(ctx, rte->relid, rte, alias);
		return;
	}
	lake_deparse_partitions(ctx, rtindex, partitions);
	appendStringInfoString(&ctx->sql, " AS ");
	lake_append_identifier(&ctx->sql, alias);
}

/* Only the rows that row-level security shows. The inner table has the outer alias, too: columns in the policies' conditions mean it. */
static void
deparse_visible_rows(LakeDeparse *ctx, int rtindex, List *partitions, const char *alias)
{
	RangeTblEntry *rte = rt_fetch(rtindex, ctx->level->query->rtable);
	ListCell   *lc;

	ctx->has_barrier = true;
	appendStringInfoString(&ctx->sql, "(SELECT * FROM ");
	deparse_rows(ctx, rtindex, partitions, alias);
	appendStringInfoString(&ctx->sql, " WHERE ");
	foreach(lc, rte->securityQuals)
	{
		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, " AND ");
		lake_deparse_expr(ctx, (Node *) lfirst(lc));
	}
	appendStringInfoString(&ctx->sql, ") AS ");
	lake_append_identifier(&ctx->sql, alias);
}

static void
deparse_relation(LakeDeparse *ctx, int rtindex, const char *alias)
{
	RangeTblEntry *rte = rt_fetch(rtindex, ctx->level->query->rtable);
	bool		is_target = ctx->level->outer == NULL && (Index) rtindex == ctx->row_id_rtindex;
	bool		is_lake_table = lake_is_lake_relation(rte->relid);
	List	   *partitions = NIL;

	if (is_target)
		ctx->row_id_scan = list_length(ctx->scan_relids);
	else if (rte->tablesample == NULL && lake_has_lake_partition(rte) && can_be_staged(rte))
		partitions = lake_live_partitions(ctx, rtindex);
	if (partitions == NIL && !is_lake_table && can_be_staged(rte))
	{
		lake_deparse_staged_table(ctx, rtindex);
		appendStringInfoString(&ctx->sql, " AS ");
		lake_append_identifier(&ctx->sql, alias);
		return;
	}
	if (partitions == NIL)
	{
		if (!is_lake_table)
			lake_refuse(ctx, "Table", "%s", qualified_name(rte->relid));
		else if (rte->inh && has_subclass(rte->relid))
			lake_refuse(ctx, "Table", "%s with inheritance children", qualified_name(rte->relid));
		else if (rte->tablesample != NULL)
			lake_refuse(ctx, "SQL Syntax", "TABLESAMPLE clause");
	}
	if (rte->securityQuals != NIL)
		deparse_visible_rows(ctx, rtindex, partitions, alias);
	else
		deparse_rows(ctx, rtindex, partitions, alias);
}

static void
append_alias(LakeDeparse *ctx, const char *alias, List *columns)
{
	appendStringInfoString(&ctx->sql, " AS ");
	lake_append_identifier(&ctx->sql, alias);
	if (columns != NIL)
		lake_append_column_list(ctx, columns);
}

static void
deparse_values(LakeDeparse *ctx, RangeTblEntry *rte, int rtindex)
{
	List	   *varying = NIL;
	ListCell   *row;
	ListCell   *lc;

	if (rte->values_lists == NIL || linitial(rte->values_lists) == NIL)
	{
		lake_refuse(ctx, "SQL Syntax", "VALUES without columns");
		return;
	}
	foreach(lc, (List *) linitial(rte->values_lists))
	{
		Node	   *expr = (Node *) lfirst(lc);
		Var		   *var = makeVar(rtindex, foreach_current_index(lc) + 1, exprType(expr), -1, InvalidOid, 0);

		varying = lappend_int(varying, lake_is_varying(ctx->level, (Node *) var));
	}
	appendStringInfoString(&ctx->sql, "(VALUES ");
	foreach(row, rte->values_lists)
	{
		appendStringInfoString(&ctx->sql, foreach_current_index(row) > 0 ? ", (" : "(");
		foreach(lc, (List *) lfirst(row))
		{
			if (foreach_current_index(lc) > 0)
				appendStringInfoString(&ctx->sql, ", ");
			if (list_nth_int(varying, foreach_current_index(lc)))
				lake_deparse_numeric_text(ctx, (Node *) lfirst(lc));
			else
				lake_deparse_expr(ctx, (Node *) lfirst(lc));
		}
		appendStringInfoChar(&ctx->sql, ')');
	}
	appendStringInfoChar(&ctx->sql, ')');
}

bool
lake_refers_to_outer_query(LakeDeparse *ctx, Node *expr)
{
	int			levels_up = 1;

	for (LakeLevel *level = ctx->level->outer; level != NULL; level = level->outer)
	{
		if (contain_vars_of_level(expr, levels_up++))
			return true;
	}
	return false;
}

/*
 * generate_series over timestamps that are known when the query starts. A step is added to the timestamp before, by the clock of TimeZone where they
 * have a zone.
 */
static void
deparse_timestamp_series(LakeDeparse *ctx, FuncExpr *expr)
{
	ListCell   *lc;

	appendStringInfoString(&ctx->sql, "(SELECT generate_series FROM pg_generate_series(");
	foreach(lc, expr->args)
	{
		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, ", ");
		if (contain_vars_of_level((Node *) lfirst(lc), 0) || contain_volatile_functions((Node *) lfirst(lc)) ||
			checkExprHasSubLink((Node *) lfirst(lc)) || lake_refers_to_outer_query(ctx, (Node *) lfirst(lc)))
			lake_refuse(ctx, "Table function", "generate_series with arguments that are not constant");
		lake_deparse_expr(ctx, (Node *) lfirst(lc));
	}
	if (expr->funcresulttype == TIMESTAMPTZOID)
	{
		appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_setting(ctx, 'z');
	}
	appendStringInfoString(&ctx->sql, "))");
}

/* generate_series over integers that are known when the query starts. */
static void
deparse_function(LakeDeparse *ctx, RangeTblEntry *rte)
{
	RangeTblFunction *function = list_length(rte->functions) == 1 ? linitial_node(RangeTblFunction, rte->functions) : NULL;
	FuncExpr   *expr = function == NULL ? NULL : (FuncExpr *) function->funcexpr;
	ListCell   *lc;

	if (expr != NULL && IsA(expr, FuncExpr) && expr->funcid == F_UNNEST_ANYARRAY)
	{
		lake_deparse_unnest(ctx, (Node *) linitial(expr->args), rte->funcordinality);
		return;
	}
	if (function == NULL || rte->funcordinality)
	{
		lake_refuse(ctx, function == NULL ? "Multiple function tables" : "SQL Syntax",
					function == NULL ? "ROWS FROM clause" : "WITH ORDINALITY clause");
		return;
	}
	if (expr != NULL && IsA(expr, FuncExpr) &&
		(expr->funcid == F_GENERATE_SERIES_TIMESTAMP_TIMESTAMP_INTERVAL || expr->funcid == F_GENERATE_SERIES_TIMESTAMPTZ_TIMESTAMPTZ_INTERVAL))
	{
		deparse_timestamp_series(ctx, expr);
		return;
	}
	if (expr == NULL || !IsA(expr, FuncExpr) ||
		(expr->funcid != F_GENERATE_SERIES_INT4_INT4 && expr->funcid != F_GENERATE_SERIES_INT4_INT4_INT4 &&
		 expr->funcid != F_GENERATE_SERIES_INT8_INT8 && expr->funcid != F_GENERATE_SERIES_INT8_INT8_INT8))
	{
		lake_refuse(ctx, "Table function", "%s",
					expr != NULL && IsA(expr, FuncExpr) ? get_func_name(expr->funcid) : "expression in FROM");
		return;
	}
	appendStringInfo(&ctx->sql, "(SELECT (generate_series)::%s FROM generate_series(", lake_ship_type_name(expr->funcresulttype));
	foreach(lc, expr->args)
	{
		if (!lake_is_nonnull_const((Node *) lfirst(lc)))
			lake_refuse(ctx, "Table function", "generate_series with arguments that are not constant");
		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_expr(ctx, (Node *) lfirst(lc));
	}
	appendStringInfoString(&ctx->sql, "))");
}

static void
deparse_cte_reference(LakeDeparse *ctx, RangeTblEntry *rte)
{
	LakeLevel  *level = lake_level_up(ctx->level, rte->ctelevelsup);
	ListCell   *lc;

	foreach(lc, level->query->cteList)
	{
		if (strcmp(lfirst_node(CommonTableExpr, lc)->ctename, rte->ctename) == 0)
		{
			lake_append_identifier(&ctx->sql, (char *) list_nth(level->cte_names, foreach_current_index(lc)));
			return;
		}
	}
	elog(ERROR, "could not find CTE \"%s\"", rte->ctename);
}

static void
deparse_relation_ref(LakeDeparse *ctx, int rtindex)
{
	RangeTblEntry *rte = rt_fetch(rtindex, ctx->level->query->rtable);
	const char *alias = ctx->level->aliases[rtindex - 1];
	List	   *columns = ctx->level->columns[rtindex - 1];

	switch (rte->rtekind)
	{
		case RTE_RELATION:
			deparse_relation(ctx, rtindex, alias);
			return;
		case RTE_SUBQUERY:
			ctx->has_barrier = ctx->has_barrier || rte->security_barrier;
			if (rte->lateral)
				appendStringInfoString(&ctx->sql, "LATERAL ");
			lake_deparse_subquery(ctx, rte->subquery, false);
			break;
		case RTE_VALUES:
			if (rte->lateral)
				lake_refuse(ctx, "SQL Syntax", "LATERAL VALUES");
			deparse_values(ctx, rte, rtindex);
			break;
		case RTE_CTE:
			deparse_cte_reference(ctx, rte);
			break;
		case RTE_FUNCTION:
			deparse_function(ctx, rte);
			break;
		case RTE_TABLEFUNC:
			lake_refuse(ctx, "Table function", "XMLTABLE or JSON_TABLE");
			break;
		case RTE_NAMEDTUPLESTORE:
			lake_refuse(ctx, "Named tuple store", "%s", rte->enrname);
			break;
		default:
			lake_refuse(ctx, "Unknown", "relation of kind %d", (int) rte->rtekind);
			break;
	}
	append_alias(ctx, alias, columns);
}

/* ---------------------------------------------------------------- joins */

/* Something in the tree refers to relations beside the tree, `inside`. */
static bool
is_dependent(Node *node, List *rtable, Bitmapset *inside)
{
	RangeTblEntry *rte;

	if (IsA(node, JoinExpr))
		return is_dependent(((JoinExpr *) node)->larg, rtable, inside) || is_dependent(((JoinExpr *) node)->rarg, rtable, inside);
	if (!IsA(node, RangeTblRef))
		return false;
	rte = rt_fetch(((RangeTblRef *) node)->rtindex, rtable);
	return rte->lateral &&
		!(rte->rtekind == RTE_SUBQUERY && bms_is_subset(pull_varnos_of_level(NULL, (Node *) rte->subquery, 1), inside));
}

static void deparse_from_item(LakeDeparse *ctx, Node *node);

/*
 * Conditions that DuckDB takes in no join condition: all of a dependent join, for outer joins those with subqueries and with columns of outer queries. They
 * choose among the rows of the right side instead, before the join: the same where rows of the left side find no partner by them.
 */
static List *
conditions_of_right_side(LakeDeparse *ctx, JoinExpr *join, bool *dependent)
{
	Bitmapset  *inside = lake_entries_of(join->rarg);
	List	   *conditions = NIL;
	List	   *all = make_ands_implicit((Expr *) join->quals);
	ListCell   *lc;

	*dependent = all != NIL && is_dependent(join->rarg, ctx->level->query->rtable, inside);
	foreach(lc, all)
	{
		Node	   *condition = (Node *) lfirst(lc);

		if (join->jointype != JOIN_INNER && (checkExprHasSubLink(condition) || lake_refers_to_outer_query(ctx, condition)))
		{
			conditions = lappend(conditions, condition);
			*dependent = *dependent || !bms_is_subset(pull_varnos(NULL, condition), inside);
		}
	}
	return *dependent ? all : conditions;
}

/* The right side, less those of its rows that fail the conditions. */
static void
deparse_chosen_rows(LakeDeparse *ctx, JoinExpr *join, List *conditions, bool dependent)
{
	int			rtindex = ((RangeTblRef *) join->rarg)->rtindex;

	appendStringInfoString(&ctx->sql, dependent ? "LATERAL (SELECT * FROM " : "(SELECT * FROM ");
	deparse_relation_ref(ctx, rtindex);
	appendStringInfoString(&ctx->sql, " WHERE ");
	lake_deparse_condition(ctx, (Node *) make_ands_explicit(conditions));
	appendStringInfoString(&ctx->sql, ") AS ");
	lake_append_identifier(&ctx->sql, ctx->level->aliases[rtindex - 1]);
}

static void
deparse_join(LakeDeparse *ctx, JoinExpr *join)
{
	static const char *const names[] = {" INNER JOIN ", " LEFT JOIN ", " FULL JOIN ", " RIGHT JOIN "};
	bool		cross = join->quals == NULL && join->jointype == JOIN_INNER;
	bool		dependent;
	List	   *chosen_by;
	List	   *conditions;

	if (join->jointype > JOIN_RIGHT)
	{
		lake_refuse(ctx, "Unknown", "join of type %d", (int) join->jointype);
		return;
	}
	if (join->join_using_alias != NULL)
		lake_refuse(ctx, "SQL Syntax", "JOIN with merged columns and alias");
	chosen_by = conditions_of_right_side(ctx, join, &dependent);
	conditions = list_difference_ptr(make_ands_implicit((Expr *) join->quals), chosen_by);
	if (chosen_by != NIL && (join->jointype == JOIN_FULL || join->jointype == JOIN_RIGHT || !IsA(join->rarg, RangeTblRef)))
	{
		lake_refuse(ctx, "SQL Syntax", "LATERAL join, or subquery or outer query's column in the condition of an outer join");
		return;
	}
	appendStringInfoChar(&ctx->sql, '(');
	deparse_from_item(ctx, join->larg);
	appendStringInfoString(&ctx->sql, cross ? " CROSS JOIN " : names[join->jointype]);
	if (chosen_by == NIL)
		deparse_from_item(ctx, join->rarg);
	else
		deparse_chosen_rows(ctx, join, chosen_by, dependent);
	if (!cross)
		appendStringInfoString(&ctx->sql, conditions == NIL ? " ON true" : " ON ");
	if (conditions != NIL)
		lake_deparse_condition(ctx, (Node *) make_ands_explicit(conditions));
	appendStringInfoChar(&ctx->sql, ')');
}

static void
deparse_from_item(LakeDeparse *ctx, Node *node)
{
	check_stack_depth();
	if (IsA(node, RangeTblRef))
		deparse_relation_ref(ctx, ((RangeTblRef *) node)->rtindex);
	else if (IsA(node, JoinExpr))
		deparse_join(ctx, (JoinExpr *) node);
	else
		lake_refuse(ctx, "Unknown", "nested FROM");
}

void
lake_deparse_from(LakeDeparse *ctx, Query *query)
{
	ListCell   *lc;

	if (query->jointree == NULL)
		return;
	foreach(lc, query->jointree->fromlist)
	{
		appendStringInfoString(&ctx->sql, foreach_current_index(lc) == 0 ? " FROM " : ", ");
		deparse_from_item(ctx, (Node *) lfirst(lc));
	}
	if (query->jointree->quals != NULL)
	{
		appendStringInfoString(&ctx->sql, " WHERE ");
		lake_deparse_condition(ctx, query->jointree->quals);
	}
}
