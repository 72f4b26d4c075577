/*
 * on_conflict.cpp
 *	  See on_conflict.h.
 *
 * The rows to insert become a subquery with one column for each attribute of the table, dropped ones too, so EXCLUDED.x, a Var of the table's attribute
 * number, is a Var of the subquery as it stands.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_collate.h"
#include "parser/parse_node.h"
#include "parser/parse_oper.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "compat/merge.h"
#include "compat/range_table.h"
#include "ddl/unique_key.h"
#include "plan/on_conflict.h"

/* ---------------------------------------------------------------- which key is meant */

/* ON CONFLICT (columns): the key's, in any order. */
static bool
names_key(const OnConflictExpr *conflict, Relation rel, List *key)
{
	Bitmapset  *named = NULL;
	Bitmapset  *columns = NULL;
	ListCell   *lc;

	foreach(lc, conflict->arbiterElems)
	{
		InferenceElem *element = lfirst_node(InferenceElem, lc);
		Form_pg_attribute att;

		if (!IsA(element->expr, Var) || ((Var *) element->expr)->varattno <= 0 || OidIsValid(element->inferopclass))
			return false;
		att = TupleDescAttr(RelationGetDescr(rel), ((Var *) element->expr)->varattno - 1);
		if (OidIsValid(element->infercollid) && element->infercollid != att->attcollation)
			return false;
		named = bms_add_member(named, att->attnum);
	}
	foreach(lc, key)
		columns = bms_add_member(columns, lfirst_int(lc));
	return bms_equal(named, columns);
}

/* ---------------------------------------------------------------- the rows to insert */

/* WITH stays with the statement, so what names its queries is one level further down. */
static bool
lower_ctes_walker(Node *node, Index *depth)
{
	bool		result;

	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		RangeTblEntry *rte = (RangeTblEntry *) node;

		if (rte->rtekind == RTE_CTE && rte->ctelevelsup >= *depth)
			rte->ctelevelsup++;
		return false;
	}
	if (!IsA(node, Query))
		return expression_tree_walker(node, LAKE_WALKER(lower_ctes_walker), depth);
	(*depth)++;
	result = query_tree_walker((Query *) node, LAKE_WALKER(lower_ctes_walker), depth, QTW_EXAMINE_RTES_BEFORE);
	(*depth)--;
	return result;
}

static void
lower_ctes(Query *query)
{
	Index		depth = 0;

	query_tree_walker(query, LAKE_WALKER(lower_ctes_walker), &depth, QTW_EXAMINE_RTES_BEFORE);
}

/* An entry that nothing refers to any more. */
static void
blank_entry(Query *query, Index rtindex)
{
	RangeTblEntry *rte = makeNode(RangeTblEntry);

	rte->rtekind = RTE_RESULT;
	rte->eref = makeAlias("*RESULT*", NIL);
	lfirst(list_nth_cell(query->rtable, rtindex - 1)) = rte;
}

static Node *
null_of(Form_pg_attribute att)
{
	if (att->attisdropped)
		return (Node *) makeNullConst(INT4OID, -1, InvalidOid);
	return (Node *) makeNullConst(att->atttypid, att->atttypmod, att->attcollation);
}

static TargetEntry *
find_target(List *target_list, AttrNumber attnum)
{
	ListCell   *lc;

	foreach(lc, target_list)
		if (lfirst_node(TargetEntry, lc)->resno == attnum && !lfirst_node(TargetEntry, lc)->resjunk)
			return lfirst_node(TargetEntry, lc);
	return NULL;
}

/* The value that the INSERT gives a column. Constants of VALUES have no collation before they are in the column. */
static Expr *
value_of(Query *query, Form_pg_attribute att)
{
	TargetEntry *tle = find_target(query->targetList, att->attnum);
	Expr	   *value;

	if (tle == NULL || att->attisdropped)
		return (Expr *) null_of(att);
	value = (Expr *) copyObjectImpl(tle->expr);
	if (exprCollation((Node *) value) == att->attcollation)
		return value;
	return (Expr *) makeRelabelType(value, att->atttypid, att->atttypmod, att->attcollation, COERCE_IMPLICIT_CAST);
}

/* SELECT what the INSERT would insert */
static Query *
rows_to_insert(Query *query, Relation rel)
{
	Query	   *rows = (Query *) copyObjectImpl(query);

	rows->commandType = CMD_SELECT;
	rows->resultRelation = 0;
	rows->onConflict = NULL;
	rows->returningList = NIL;
	rows->withCheckOptions = NIL;
	rows->cteList = NIL;
	rows->hasModifyingCTE = rows->hasRecursive = false;
	rows->targetList = NIL;
	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		rows->targetList = lappend(rows->targetList, makeTargetEntry(value_of(query, att), i + 1, pstrdup(NameStr(att->attname)), false));
	}
	blank_entry(rows, query->resultRelation);
	if (query->onConflict->exclRelIndex > 0)
		blank_entry(rows, query->onConflict->exclRelIndex);
	return rows;
}

static RangeTblEntry *
subquery_entry(Query *subquery, const char *alias)
{
	RangeTblEntry *rte = makeNode(RangeTblEntry);
	ListCell   *lc;

	lower_ctes(subquery);
	rte->rtekind = RTE_SUBQUERY;
	rte->subquery = subquery;
	rte->eref = makeAlias(alias, NIL);
	foreach(lc, subquery->targetList)
		rte->eref->colnames = lappend(rte->eref->colnames, makeString(pstrdup(lfirst_node(TargetEntry, lc)->resname)));
	rte->inFromCl = true;
	return rte;
}

static FromExpr *
from_entry(Index rtindex)
{
	RangeTblRef *ref = makeNode(RangeTblRef);

	ref->rtindex = rtindex;
	return makeFromExpr(list_make1(ref), NULL);
}

/* ---------------------------------------------------------------- of rows with equal keys the first */

static SortGroupClause *
sort_clause(Query *query, TargetEntry *tle)
{
	SortGroupClause *clause = makeNode(SortGroupClause);

	if (tle->ressortgroupref == 0)
	{
		ListCell   *lc;

		foreach(lc, query->targetList)
			tle->ressortgroupref = Max(tle->ressortgroupref, lfirst_node(TargetEntry, lc)->ressortgroupref);
		tle->ressortgroupref++;
	}
	clause->tleSortGroupRef = tle->ressortgroupref;
	get_sort_group_operators(exprType((Node *) tle->expr), true, true, false, &clause->sortop, &clause->eqop, NULL, &clause->hashable);
	return clause;
}

/* SELECT *, row_number() OVER (PARTITION BY keys ORDER BY the last column) FROM (rows); with no keys OVER () */
static Query *
number_rows(Query *rows, List *keys, const char *name)
{
	Query	   *query = makeNode(Query);
	WindowClause *window = makeNode(WindowClause);
	WindowFunc *number = makeNode(WindowFunc);
	ListCell   *lc;

	query->commandType = CMD_SELECT;
	query->querySource = rows->querySource;
	query->canSetTag = true;
	query->hasWindowFuncs = true;
	query->hasRowSecurity = rows->hasRowSecurity;
	query->rtable = list_make1(subquery_entry(rows, "rows"));
	query->jointree = from_entry(1);
	foreach(lc, rows->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		query->targetList = lappend(query->targetList, makeTargetEntry((Expr *) makeVarFromTargetEntry(1, tle), tle->resno, tle->resname, false));
	}
	window->winref = 1;
	window->frameOptions = FRAMEOPTION_DEFAULTS;
	foreach(lc, keys)
		window->partitionClause = lappend(window->partitionClause,
										  sort_clause(query, (TargetEntry *) list_nth(query->targetList, lfirst_int(lc) - 1)));
	if (keys != NIL)
		window->orderClause = list_make1(sort_clause(query, (TargetEntry *) llast(query->targetList)));
	query->windowClause = list_make1(window);
	number->winfnoid = F_ROW_NUMBER;
	number->wintype = INT8OID;
	number->winref = 1;
	number->location = -1;
	query->targetList = lappend(query->targetList, makeTargetEntry((Expr *) number, list_length(query->targetList) + 1, pstrdup(name), false));
	return query;
}

/* VALUES (...) of one row */
static bool
is_one_row(Query *query)
{
	return query->jointree->fromlist == NIL && !query->hasTargetSRFs;
}

/* ---------------------------------------------------------------- conditions */

static Var *
column_of(Relation rel, Index rtindex, AttrNumber attnum)
{
	Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), attnum - 1);

	return makeVar(rtindex, attnum, att->atttypid, att->atttypmod, att->attcollation, 0);
}

static Node *
make_equal(Node *left, Node *right)
{
	ParseState *pstate = make_parsestate(NULL);
	Node	   *equal = (Node *) make_op(pstate, list_make2(makeString(pstrdup("pg_catalog")), makeString(pstrdup("="))), left, right, NULL,
										 -1);

	assign_expr_collations(pstate, equal);
	free_parsestate(pstate);
	return equal;
}

/* left.k = right.k AND ... */
static Node *
keys_equal(Relation rel, List *key, Index left, Index right)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, key)
		result = lappend(result, make_equal((Node *) column_of(rel, left, lfirst_int(lc)), (Node *) column_of(rel, right, lfirst_int(lc))));
	return list_length(result) == 1 ? (Node *) linitial(result) : (Node *) makeBoolExpr(AND_EXPR, result, -1);
}

static Node *
is_null(Var *var)
{
	NullTest   *test = makeNode(NullTest);

	test->arg = (Expr *) var;
	test->nulltesttype = IS_NULL;
	test->location = -1;
	return (Node *) test;
}

/* The row is the first with its key, or its key is equal to none. */
static Node *
is_first(Relation rel, List *key, Index rows, AttrNumber rank)
{
	Node	   *one = (Node *) makeConst(INT8OID, -1, InvalidOid, sizeof(int64), Int64GetDatum(1), false, FLOAT8PASSBYVAL);
	List	   *any = list_make1(make_equal((Node *) makeVar(rows, rank, INT8OID, -1, InvalidOid, 0), one));
	ListCell   *lc;

	foreach(lc, key)
		any = lappend(any, is_null(column_of(rel, rows, lfirst_int(lc))));
	return (Node *) makeBoolExpr(OR_EXPR, any, -1);
}

/* The columns that the INSERT gives, from its rows. */
static List *
columns_from_rows(Query *query, Relation rel, Index rows)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk)
			result = lappend(result, makeTargetEntry((Expr *) column_of(rel, rows, tle->resno), tle->resno, tle->resname, false));
	}
	return result;
}

/* What the rows have taken along leaves the statement. */
static void
empty_statement(Query *query)
{
	for (Index i = 1; i <= (Index) list_length(query->rtable); i++)
		if (i != (Index) query->resultRelation)
			blank_entry(query, i);
	query->hasTargetSRFs = false;
	query->onConflict = NULL;
}

/* ---------------------------------------------------------------- DO NOTHING */

static Index
add_entry(Query *query, RangeTblEntry *rte)
{
	query->rtable = lappend(query->rtable, rte);
	return list_length(query->rtable);
}

/* The table again, to look keys up: who may insert may learn that his row was not. */
static RangeTblEntry *
lookup_entry(Query *query)
{
	RangeTblEntry *rte = (RangeTblEntry *) copyObjectImpl(rt_fetch(query->resultRelation, query->rtable));

	lake_clear_permissions(rte);
	rte->securityQuals = NIL;
	rte->inFromCl = true;
	return rte;
}

/* A LEFT JOIN rather than NOT EXISTS: for it the server makes filters of the keys that skip files. */
static void
do_nothing(Query *query, Relation rel, List *key)
{
	bool		one_row = is_one_row(query);
	Query	   *rows = rows_to_insert(query, rel);
	JoinExpr   *join = makeNode(JoinExpr);
	RangeTblEntry *join_entry = makeNode(RangeTblEntry);
	Index		left;
	Index		right;
	List	   *conditions;

	if (!one_row)
		rows = number_rows(number_rows(rows, NIL, "ordinal"), key, "rank");
	empty_statement(query);
	left = add_entry(query, subquery_entry(rows, "excluded"));
	right = add_entry(query, lookup_entry(query));
	join_entry->rtekind = RTE_JOIN;
	join_entry->jointype = JOIN_LEFT;
	join_entry->eref = makeAlias("unnamed_join", NIL);
	join_entry->inFromCl = true;
	join->jointype = JOIN_LEFT;
	join->larg = (Node *) linitial(from_entry(left)->fromlist);
	join->rarg = (Node *) linitial(from_entry(right)->fromlist);
	join->quals = keys_equal(rel, key, left, right);
	join->rtindex = add_entry(query, join_entry);
	conditions = list_make1(is_null(lake_nullable_by(column_of(rel, right, linitial_int(key)), join->rtindex)));
	if (!one_row)
		conditions = lappend(conditions, is_first(rel, key, left, list_length(rows->targetList)));
	query->jointree = makeFromExpr(list_make1(join), (Node *) make_ands_explicit(conditions));
	query->targetList = columns_from_rows(query, rel, left);
}

/* ---------------------------------------------------------------- DO UPDATE */

static MergeAction *
make_action(CmdType command, Node *condition, List *target_list)
{
	MergeAction *action = makeNode(MergeAction);

	lake_set_merge_action_matched(action, command == CMD_UPDATE);
	action->commandType = command;
	action->qual = condition;
	action->targetList = target_list;
	return action;
}

static void
refuse_update(Query *query, Relation rel)
{
	if (query->returningList != NIL && !LAKE_MERGE_RETURNS)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("RETURNING with ON CONFLICT DO UPDATE is not supported on iceberg tables"),
				 errdetail("Table \"%s\" is an iceberg table.", RelationGetRelationName(rel)),
				 errhint("ON CONFLICT DO NOTHING may have it.")));
	if (query->withCheckOptions != NIL || rt_fetch(query->resultRelation, query->rtable)->securityQuals != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("ON CONFLICT DO UPDATE on iceberg tables is not supported with row-level security or through a view with conditions"),
				 errdetail("Table \"%s\" is an iceberg table.", RelationGetRelationName(rel))));
}

static void
do_update(Query *query, Relation rel, List *key)
{
	OnConflictExpr *conflict = query->onConflict;
	Index		rows = conflict->exclRelIndex;
	RangeTblEntry *entry;

	refuse_update(query, rel);
	entry = subquery_entry(rows_to_insert(query, rel), "excluded");
	empty_statement(query);
	lfirst(list_nth_cell(query->rtable, rows - 1)) = entry;
	query->mergeActionList = list_make2(make_action(CMD_UPDATE, conflict->onConflictWhere, conflict->onConflictSet),
										make_action(CMD_INSERT, NULL, columns_from_rows(query, rel, rows)));
	query->jointree = from_entry(rows);
	lake_become_merge(query, keys_equal(rel, key, rows, query->resultRelation));
	query->targetList = NIL;
	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (!att->attisdropped)
			query->targetList = lappend(query->targetList, makeTargetEntry((Expr *) column_of(rel, rows, i + 1), list_length(query->targetList) + 1,
																		   pstrdup(NameStr(att->attname)), false));
	}
}

/* ---------------------------------------------------------------- the statement */

/* The values of generated columns are not known before the executor makes the row. */
static void
refuse_generated(Relation rel, List *key)
{
	ListCell   *lc;

	foreach(lc, key)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), lfirst_int(lc) - 1);

		if (att->attgenerated != '\0')
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("ON CONFLICT is not supported on an iceberg table whose unique key has a generated column"),
					 errdetail("Column \"%s\" of table \"%s\" is generated.", NameStr(att->attname), RelationGetRelationName(rel))));
	}
}

static void
rewrite(Query *query)
{
	RangeTblEntry *rte = rt_fetch(query->resultRelation, query->rtable);
	OnConflictExpr *conflict = query->onConflict;
	bool		has_target = conflict->arbiterElems != NIL || OidIsValid(conflict->constraint);
	Relation	rel;
	List	   *key;

	if (rte->rtekind != RTE_RELATION || rte->relkind != RELKIND_RELATION || !lake_is_lake_relation(rte->relid))
		return;
	rel = table_open(rte->relid, NoLock);
	key = lake_unique_key(rel);
	if (key == NIL && !has_target)
		query->onConflict = NULL;	/* nothing conflicts */
	else if (key != NIL && (!has_target || names_key(conflict, rel, key)))
	{
		refuse_generated(rel, key);
		if (conflict->action == ONCONFLICT_NOTHING)
			do_nothing(query, rel, key);
		else
			do_update(query, rel, key);
	}
	table_close(rel, NoLock);
}

bool
lake_rewrite_on_conflict(Query *query)
{
	ListCell   *lc;

	if (query->hasModifyingCTE)
		foreach(lc, query->cteList)
		{
			Query	   *part = castNode(Query, lfirst_node(CommonTableExpr, lc)->ctequery);

			if (part->commandType == CMD_INSERT && part->onConflict != NULL)
				rewrite(part);
		}
	if (query->commandType != CMD_INSERT || query->onConflict == NULL)
		return false;
	rewrite(query);
	return query->commandType == CMD_MERGE;
}
