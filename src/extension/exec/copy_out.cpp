/*
 * copy_out.cpp
 *	  See copy_out.h. On the link rows have the form of COPY's binary format, a few at a time in a message; the client gets a message for each, as core sends
 *	  them: clients rely on it.
 */
extern "C" {
#include "postgres.h"
#include "catalog/namespace.h"
#include "commands/defrem.h"
#include "commands/progress.h"
#include "executor/executor.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/backend_progress.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
}

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "exec/client_rows.h"
#include "exec/copy_out.h"
#include "exec/custom_scan.h"
#include "exec/row_stream.h"
#include "plan/plan.h"

static const char copy_header[LAKE_COPY_HEADER_LENGTH] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', '\377', '\r', '\n', '\0'};
static const char copy_trailer[2] = {'\377', '\377'};

/* ---------------------------------------------------------------- is it one? */

static bool
is_plain_binary(CopyStmt *stmt)
{
	DefElem    *option;

	if (stmt->is_from || stmt->filename != NULL || stmt->is_program || list_length(stmt->options) != 1)
		return false;
	option = linitial_node(DefElem, stmt->options);
	return strcmp(option->defname, "format") == 0 && strcmp(defGetString(option), "binary") == 0;
}

/* SELECT columns FROM ONLY table, as COPY table means it: without generated columns. NULL when core has something to say about the list. */
static Node *
query_of_table(CopyStmt *stmt)
{
	Oid			relid = RangeVarGetRelid(stmt->relation, AccessShareLock, true);
	SelectStmt *select = makeNode(SelectStmt);
	RangeVar   *from = (RangeVar *) copyObject(stmt->relation);
	List	   *names = stmt->attlist;
	ListCell   *lc;
	Relation	rel;

	if (!OidIsValid(relid) || !lake_is_lake_relation(relid))
		return NULL;
	rel = RelationIdGetRelation(relid);
	for (int i = 0; i < RelationGetDescr(rel)->natts && stmt->attlist == NIL; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(rel), i);

		if (!attribute->attisdropped && attribute->attgenerated == '\0')
			names = lappend(names, makeString(pstrdup(NameStr(attribute->attname))));
	}
	RelationClose(rel);
	foreach(lc, names)
	{
		ColumnRef  *column = makeNode(ColumnRef);
		ResTarget  *target = makeNode(ResTarget);

		column->fields = list_make1(lfirst(lc));
		column->location = -1;
		target->val = (Node *) column;
		target->location = -1;
		select->targetList = lappend(select->targetList, target);
		/* a system column, a generated one, one twice: core's errors differ from a query's */
		if (get_attnum(relid, strVal(lfirst(lc))) <= 0 || get_attgenerated(relid, get_attnum(relid, strVal(lfirst(lc)))) != '\0' ||
			list_member(list_copy_tail(names, foreach_current_index(lc) + 1), lfirst(lc)))
			return NULL;
	}
	from->inh = false;
	select->fromClause = list_make1(from);
	return names == NIL ? NULL : (Node *) select;
}

/* The plan, if the server gives all its rows; else NULL. */
static PlannedStmt *
plan_copy(PlannedStmt *statement, CopyStmt *stmt, const char *query_string)
{
	RawStmt    *raw = makeNode(RawStmt);
	List	   *queries;
	PlannedStmt *plan;

	raw->stmt = stmt->relation != NULL ? query_of_table(stmt) : (Node *) copyObject(stmt->query);
	raw->stmt_location = statement->stmt_location;
	raw->stmt_len = statement->stmt_len;
	if (raw->stmt == NULL || !IsA(raw->stmt, SelectStmt) || ((SelectStmt *) raw->stmt)->intoClause != NULL)
		return NULL;
	queries = pg_analyze_and_rewrite_fixedparams(raw, query_string, NULL, 0, NULL);
	if (list_length(queries) != 1 || linitial_node(Query, queries)->commandType != CMD_SELECT || !lake_query_has_lake_table(linitial_node(Query, queries)))
		return NULL;
	plan = pg_plan_query(linitial_node(Query, queries), query_string, CURSOR_OPT_PARALLEL_OK, NULL);
	return lake_is_whole_query(plan->planTree) ? plan : NULL;
}

/* ---------------------------------------------------------------- rows */

static void
send_beginning(int ncolumns)
{
	StringInfoData message;

	pq_beginmessage(&message, 'H');
	pq_sendbyte(&message, 1);
	pq_sendint16(&message, ncolumns);
	for (int i = 0; i < ncolumns; i++)
		pq_sendint16(&message, 1);
	pq_endmessage(&message);
}

static void
send_data(StringInfo message, const char *bytes, int length, bool first)
{
	pq_beginmessage_reuse(message, 'd');
	/* COPY's header goes with the first row, or with the trailer */
	if (first)
		pq_sendbytes(message, copy_header, sizeof(copy_header));
	pq_sendbytes(message, bytes, length);
	pq_endmessage_reuse(message);
}

static uint64
send_rows(LakeRowStream *stream)
{
	StringInfoData message;
	uint64		rows = 0;
	const char *bytes;
	int			length;

	initStringInfo(&message);
	while (lake_row_stream_next_bytes(stream, &bytes, &length))
	{
		send_data(&message, bytes, length, rows == 0);
		if (++rows % 1024 == 0)
		{
			pgstat_progress_update_param(PROGRESS_COPY_TUPLES_PROCESSED, rows);
			CHECK_FOR_INTERRUPTS();
		}
	}
	send_data(&message, copy_trailer, sizeof(copy_trailer), rows == 0);
	pq_putemptymessage('c');
	return rows;
}

bool
lake_copy_rows_out(PlannedStmt *statement, const char *query_string, QueryCompletion *completion)
{
	CopyStmt   *stmt = castNode(CopyStmt, statement->utilityStmt);
	PlannedStmt *plan;
	QueryDesc  *desc;
	uint64		rows;

	if (!is_plain_binary(stmt) || whereToSendOutput != DestRemote)
		return false;
	plan = plan_copy(statement, stmt, query_string);
	if (plan == NULL || !lake_can_send_fields(plan->planTree, LAKE_FIELDS_BINARY))
		return false;
	PushCopiedSnapshot(GetActiveSnapshot());
	UpdateActiveSnapshotCommandId();
	desc = CreateQueryDesc(plan, query_string, GetActiveSnapshot(), InvalidSnapshot, None_Receiver, NULL, NULL, 0);
	ExecutorStart(desc, 0);
	pgstat_progress_start_command(PROGRESS_COMMAND_COPY, stmt->relation == NULL ? InvalidOid : RangeVarGetRelid(stmt->relation, NoLock, true));
	pgstat_progress_update_param(PROGRESS_COPY_COMMAND, PROGRESS_COPY_COMMAND_TO);
	pgstat_progress_update_param(PROGRESS_COPY_TYPE, PROGRESS_COPY_TYPE_PIPE);
	send_beginning(list_length(plan->planTree->targetlist));
	rows = send_rows(lake_open_query_stream(desc->planstate));
	pgstat_progress_end_command();
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
	PopActiveSnapshot();
	if (completion != NULL)
		SetQueryCompletion(completion, CMDTAG_COPY, rows);
	return true;
}
