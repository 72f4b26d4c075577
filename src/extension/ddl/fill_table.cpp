/*
 * fill_table.cpp
 *	  See fill_table.h.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "parser/parse_relation.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

#include "compat/compat.h"
#include "ddl/fill_table.h"
#include "hooks/settings.h"

bool
lake_split_create_table_as(CreateTableAsStmt *stmt)
{
	if (!lake_enable_full_query_pushdown || stmt->objtype != OBJECT_TABLE || stmt->into->skipData || !IsA(stmt->query, Query) ||
		((Query *) stmt->query)->commandType != CMD_SELECT)
		return false;
	stmt->into->skipData = true;
	return true;
}

/* INSERT INTO rel SELECT * FROM (query) */
static Query *
make_insert(Relation rel, Query *select)
{
	ParseState *pstate = make_parsestate(NULL);
	Query	   *insert = makeNode(Query);
	RangeTblRef *source = makeNode(RangeTblRef);
	ParseNamespaceItem *item = addRangeTableEntryForRelation(pstate, rel, RowExclusiveLock, NULL, false, false);

	LakeRequiredPerms(item) = ACL_INSERT;
	addRangeTableEntryForSubquery(pstate, select, makeAlias("query", NIL), false, false);
	source->rtindex = 2;
	insert->commandType = CMD_INSERT;
	insert->canSetTag = true;
	insert->resultRelation = 1;
	insert->jointree = makeFromExpr(list_make1(source), NULL);
	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		insert->targetList = lappend(insert->targetList,
									 makeTargetEntry((Expr *) makeVar(2, i + 1, att->atttypid, att->atttypmod, att->attcollation, 0), i + 1,
													 pstrdup(NameStr(att->attname)), false));
	}
	lake_take_range_table(insert, pstate);
	free_parsestate(pstate);
	return insert;
}

static uint64
execute(Query *query, const char *query_string, ParamListInfo params, QueryEnvironment *environment)
{
	PlannedStmt *plan = pg_plan_query(linitial_node(Query, QueryRewrite(query)), query_string, 0, params);
	QueryDesc  *desc;
	uint64		processed;

	PushCopiedSnapshot(GetActiveSnapshot());
	UpdateActiveSnapshotCommandId();
	desc = CreateQueryDesc(plan, query_string, GetActiveSnapshot(), InvalidSnapshot, None_Receiver, params, environment, 0);
	ExecutorStart(desc, 0);
	LakeExecutorRun(desc);
	ExecutorFinish(desc);
	processed = desc->estate->es_processed;
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
	PopActiveSnapshot();
	return processed;
}

void
lake_fill_table(Oid relid, CreateTableAsStmt *stmt, const char *query_string, ParamListInfo params, QueryEnvironment *environment,
				QueryCompletion *completion)
{
	Relation	rel = table_open(relid, RowExclusiveLock);
	Query	   *insert = make_insert(rel, castNode(Query, stmt->query));
	uint64		processed;

	table_close(rel, NoLock);
	CommandCounterIncrement();
	processed = execute(insert, query_string, params, environment);
	if (completion != NULL)
		SetQueryCompletion(completion, CMDTAG_SELECT, processed);
	CommandCounterIncrement();
}
