/*
 * modification_query.cpp
 *	  See modification_query.h.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
}

#include "compat/compat.h"
#include "compat/merge.h"
#include "ddl/options.h"
#include "plan/deparse.h"
#include "plan/modification_query.h"

/* What an arm of MERGE does; INSERT and UPDATE have one. */
typedef struct Arm
{
	Node	   *condition;		/* NULL: always */
	int			action;			/* LAKE_ACTION_*, or 0 for nothing */
	Node	  **columns;		/* by attribute number - 1; NULL where the arm writes none */
} Arm;

static void
add_reason(List **reasons, const char *kind, const char *description)
{
	*reasons = lappend(*reasons, makeString(psprintf("%s\t%s", kind, description)));
}

/* ---------------------------------------------------------------- what forces the row path */

static bool
has_multiassignment_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_MULTIEXPR)
		return true;
	return expression_tree_walker(node, LAKE_WALKER(has_multiassignment_walker), context);
}

/* What PostgreSQL does with each row: nobody else can. */
static void
check_target(Query *query, Relation rel, List **reasons)
{
	RangeTblEntry *rte = rt_fetch(query->resultRelation, query->rtable);

	if (rel->trigdesc != NULL)
		add_reason(reasons, "Table", psprintf("%s with triggers or foreign keys", RelationGetRelationName(rel)));
	if (rel->rd_rel->relkind != RELKIND_RELATION || rel->rd_rel->relispartition)
		add_reason(reasons, "Table", psprintf("%s, which is partitioned or a partition", RelationGetRelationName(rel)));
	if (query->commandType != CMD_INSERT && rte->inh && rel->rd_rel->relhassubclass)
		add_reason(reasons, "Table", psprintf("%s with inheritance children", RelationGetRelationName(rel)));
	if (query->withCheckOptions != NIL)
		add_reason(reasons, "Table", psprintf("%s with row-level security or through a view with check option", RelationGetRelationName(rel)));
	/* What is cut, and what becomes NULL, depends on types that the server does not know. */
	if (lake_is_for_snowflake(rel) && lake_table_option(rel, "out_of_range_values") != NULL && strcmp(lake_table_option(rel, "out_of_range_values"), "clamp") == 0)
		add_reason(reasons, "Table", psprintf("%s, whose values are cut for Snowflake", RelationGetRelationName(rel)));
	if (query->returningList != NIL)
		add_reason(reasons, "SQL Syntax", "RETURNING clause");
	if (query->onConflict != NULL)
		add_reason(reasons, "SQL Syntax", "ON CONFLICT clause");
	if (has_multiassignment_walker((Node *) query->targetList, NULL) || has_multiassignment_walker((Node *) query->mergeActionList, NULL))
		add_reason(reasons, "SQL Syntax", "SET (column, ...) = (SELECT ...)");
	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (!att->attisdropped && get_typtype(att->atttypid) == TYPTYPE_DOMAIN && DomainHasConstraints(att->atttypid))
			add_reason(reasons, "Type", format_type_be_qualified(att->atttypid));
		else if (!att->attisdropped && att->attgenerated != '\0' && att->attgenerated != ATTRIBUTE_GENERATED_STORED)
			add_reason(reasons, "Table", psprintf("%s with virtual columns", RelationGetRelationName(rel)));
	}
}

/* ---------------------------------------------------------------- new rows */

/* An expression over the table's columns, as constraints and generated columns have it, over the new row. */
static Node *
over_new_row(Node *node, Node **columns)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Var))
		return (Node *) copyObjectImpl(columns[((Var *) node)->varattno - 1]);
	return expression_tree_mutator(node, LAKE_MUTATOR(over_new_row), columns);
}

static Node *
null_of(Form_pg_attribute att)
{
	return (Node *) makeNullConst(att->atttypid, att->atttypmod, att->attcollation);
}

/* The columns of the new row by attribute. rtindex: the row that it replaces, or 0. */
static Node **
new_row(Relation rel, List *target_list, Index rtindex)
{
	int			natts = RelationGetNumberOfAttributes(rel);
	Node	  **columns = (Node **) palloc0(sizeof(Node *) * Max(natts, 1));
	ListCell   *lc;

	foreach(lc, target_list)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk)
			columns[tle->resno - 1] = (Node *) tle->expr;
	}
	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (att->attisdropped || columns[i] != NULL)
			continue;
		columns[i] = rtindex == 0 ? null_of(att)
			: (Node *) makeVar(rtindex, att->attnum, att->atttypid, att->atttypmod, att->attcollation, 0);
	}
	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (!att->attisdropped && att->attgenerated == ATTRIBUTE_GENERATED_STORED)
			columns[i] = over_new_row(build_column_default(rel, att->attnum), columns);
	}
	return columns;
}

/* NULL when the table has no CHECK constraints. */
static Node *
check_expression(Relation rel, Node **columns)
{
	TupleConstr *constraints = RelationGetDescr(rel)->constr;
	List	   *checks = NIL;

	for (int i = 0; constraints != NULL && i < constraints->num_check; i++)
		checks = lappend(checks, over_new_row((Node *) stringToNode(constraints->check[i].ccbin), columns));
	if (list_length(checks) < 2)
		return checks == NIL ? NULL : (Node *) linitial(checks);
	return (Node *) makeBoolExpr(AND_EXPR, checks, -1);
}

/* ---------------------------------------------------------------- arms */

static Node *
row_id_is(Index rtindex, NullTestType type)
{
	NullTest   *test = makeNode(NullTest);

	test->arg = (Expr *) lake_make_row_id(rtindex);
	test->nulltesttype = type;
	test->location = -1;
	return (Node *) test;
}

static List *
merge_arms(Query *query, Relation rel, bool has_unmatched)
{
	List	   *arms = NIL;
	ListCell   *lc;

	foreach(lc, query->mergeActionList)
	{
		MergeAction *action = lfirst_node(MergeAction, lc);
		bool		matched = lake_merge_action_is_matched(action);
		Arm		   *arm = (Arm *) palloc0(sizeof(Arm));
		List	   *conditions = NIL;

		if (has_unmatched)
			conditions = lappend(conditions, row_id_is(query->resultRelation, matched ? IS_NOT_NULL : IS_NULL));
		if (action->qual != NULL)
			conditions = lappend(conditions, action->qual);
		arm->condition = conditions == NIL ? makeBoolConst(true, false)
			: list_length(conditions) == 1 ? (Node *) linitial(conditions) : (Node *) makeBoolExpr(AND_EXPR, conditions, -1);
		arm->action = action->commandType == CMD_INSERT ? LAKE_ACTION_INSERT
			: action->commandType == CMD_UPDATE ? LAKE_ACTION_UPDATE : action->commandType == CMD_DELETE ? LAKE_ACTION_DELETE : 0;
		if (arm->action == LAKE_ACTION_INSERT || arm->action == LAKE_ACTION_UPDATE)
			arm->columns = new_row(rel, action->targetList, arm->action == LAKE_ACTION_UPDATE ? query->resultRelation : 0);
		arms = lappend(arms, arm);
	}
	return arms;
}

/* CASE WHEN condition THEN value ... END over the arms. attribute < 0: the action. */
static Node *
choose(List *arms, Oid typid, Oid collation, Node *otherwise, int attribute)
{
	CaseExpr   *result = makeNode(CaseExpr);
	ListCell   *lc;

	result->casetype = typid;
	result->casecollid = collation;
	result->defresult = (Expr *) otherwise;
	result->location = -1;
	foreach(lc, arms)
	{
		Arm		   *arm = (Arm *) lfirst(lc);
		CaseWhen   *when = makeNode(CaseWhen);
		Node	   *value = otherwise;

		if (attribute >= 0 && arm->columns != NULL)
			value = arm->columns[attribute];
		else if (attribute < 0 && arm->action != 0)
			value = (Node *) makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(arm->action), false, true);
		when->expr = (Expr *) copyObjectImpl(arm->condition);
		when->result = (Expr *) copyObjectImpl(value);
		when->location = -1;
		result->args = lappend(result->args, when);
	}
	return (Node *) result;
}

/* The one column that all arms that write have, if they have the same. */
static Node *
common_column(List *arms, int attribute)
{
	Node	   *common = NULL;
	ListCell   *lc;

	foreach(lc, arms)
	{
		Arm		   *arm = (Arm *) lfirst(lc);

		if (arm->columns == NULL)
			continue;
		if (common != NULL && !equal(common, arm->columns[attribute]))
			return NULL;
		common = arm->columns[attribute];
	}
	return common;
}

static Node **
merge_columns(List *arms, Relation rel)
{
	int			natts = RelationGetNumberOfAttributes(rel);
	Node	  **columns = (Node **) palloc0(sizeof(Node *) * Max(natts, 1));

	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (att->attisdropped)
			continue;
		columns[i] = common_column(arms, i);
		if (columns[i] == NULL)
			columns[i] = choose(arms, att->atttypid, att->attcollation, null_of(att), i);
	}
	return columns;
}

/* ---------------------------------------------------------------- the query */

static void
join_source_and_target(Query *query, Query *original, bool has_unmatched)
{
	JoinExpr   *join = makeNode(JoinExpr);
	RangeTblRef *target = makeNode(RangeTblRef);

	target->rtindex = original->resultRelation;
	join->jointype = has_unmatched ? JOIN_LEFT : JOIN_INNER;
	join->larg = (Node *) copyObjectImpl(lake_merge_source(original));
	join->rarg = (Node *) target;
	join->quals = (Node *) copyObjectImpl(lake_merge_condition(original));
	query->jointree = makeFromExpr(list_make1(join), NULL);
}

static void
add_column(List **columns, Node *expr, const char *name)
{
	*columns = lappend(*columns, makeTargetEntry((Expr *) copyObjectImpl(expr), list_length(*columns) + 1, pstrdup(name), false));
}

static List *
output_columns(Relation rel, Index target, List *arms, Node **columns, LakeModification *modification, int *first_column)
{
	List	   *result = NIL;
	Node	   *check;

	if (target > 0)
		add_column(&result, (Node *) lake_make_row_id(target), "row_id");
	if (modification->has_actions)
		add_column(&result, choose(arms, INT4OID, InvalidOid, (Node *) makeNullConst(INT4OID, -1, InvalidOid), -1), "action");
	*first_column = list_length(result);
	if (columns == NULL)
		return result;
	modification->writes_rows = true;
	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (!att->attisdropped)
			add_column(&result, columns[i], NameStr(att->attname));
	}
	check = check_expression(rel, columns);
	modification->has_check = check != NULL;
	if (check != NULL)
		add_column(&result, check, "check");
	return result;
}

Query *
lake_modification_query(Query *query, Relation rel, LakeModification *modification, int *first_column, List **reasons)
{
	Query	   *result;
	List	   *arms = NIL;
	Node	  **columns = NULL;
	bool		has_unmatched = false;
	bool		writes = false;
	Index		target = query->commandType == CMD_INSERT ? 0 : query->resultRelation;
	ListCell   *lc;

	check_target(query, rel, reasons);
	if (query->commandType == CMD_MERGE && !lake_merge_is_plain(query))
		add_reason(reasons, "SQL Syntax", "MERGE with NOT MATCHED BY SOURCE");
	if (*reasons != NIL)
		return NULL;
	modification->operation = query->commandType;
	modification->relid = RelationGetRelid(rel);
	modification->rtindex = query->resultRelation;
	modification->has_actions = query->commandType == CMD_MERGE;
	modification->can_set_tag = query->canSetTag;
	result = (Query *) copyObjectImpl(query);
	if (query->commandType == CMD_MERGE)
	{
		foreach(lc, query->mergeActionList)
			has_unmatched |= !lake_merge_action_is_matched(lfirst_node(MergeAction, lc));
		arms = merge_arms(query, rel, has_unmatched);
		foreach(lc, arms)
			writes |= ((Arm *) lfirst(lc))->columns != NULL;
		if (writes)
			columns = merge_columns(arms, rel);
		join_source_and_target(result, query, has_unmatched);
	}
	else if (query->commandType != CMD_DELETE)
		columns = new_row(rel, query->targetList, target);
	result->commandType = CMD_SELECT;
	result->resultRelation = 0;
	result->mergeActionList = NIL;
	result->targetList = output_columns(rel, target, arms, columns, modification, first_column);
	return result;
}
