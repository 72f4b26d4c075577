/*
 * key_check.cpp
 *	  See key_check.h.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"
#include "storage/lockdefs.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
}

#include "catalog/pointer.h"
#include "ddl/unique_key.h"
#include "exec/lake_scan_text.h"
#include "exec/row_stream.h"
#include "link/sql_text.h"
#include "txn/key_check.h"
#include "txn/write_lock.h"

static ExecutorFinish_hook_type previous_executor_finish = NULL;

/* ---------------------------------------------------------------- before rows are added */

void
lake_require_latest_rows(Oid relid)
{
	LakePointer seen;
	LakePointer latest;
	bool		sees;

	if (!IsolationUsesXactSnapshot() || !lake_pointer_get(relid, NULL, &latest) || latest.metadata_location == NULL)
		return;
	sees = lake_pointer_get(relid, GetTransactionSnapshot(), &seen) && seen.metadata_location != NULL;
	if (!sees || strcmp(seen.metadata_location, latest.metadata_location) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent update"),
				 errdetail("Table \"%s\" has a unique key, and another transaction changed the table after this transaction's snapshot was taken.",
						   get_rel_name(relid))));
}

void
lake_note_new_keys(LakeTableState *state, CommandId cid)
{
	if (!state->has_key || state->unchecked_subid != InvalidSubTransactionId || state->keeps_keys_cid == cid)
		return;
	/* The statement has the lock already, but for COPY and for rows that are routed to a partition. */
	lake_write_lock(state->relid, ExclusiveLock);
	lake_require_latest_rows(state->relid);
	state->unchecked_subid = GetCurrentSubTransactionId();
	state->unchecked_cid = cid;
}

void
lake_note_key_statement(Oid relid, CommandId cid, bool keeps, bool is_upsert, bool moves)
{
	Relation	rel = RelationIdGetRelation(relid);
	LakeTableState *state = lake_table_state(rel, true);

	state->keeps_keys_cid = keeps ? cid : InvalidCommandId;
	state->upsert_cid = is_upsert ? cid : InvalidCommandId;
	state->upsert_moves_keys = moves;
	RelationClose(rel);
}

/* ---------------------------------------------------------------- which rows are new */

char *
lake_unchecked_changes(LakeTableState *state)
{
	StringInfoData json;
	ListCell   *lc;

	initStringInfo(&json);
	appendStringInfoString(&json, "[{\"truncate\": true}");
	foreach(lc, state->changes)
	{
		LakeChange *change = (LakeChange *) lfirst(lc);

		if (change->deletes || !change->is_checked)
			lake_append_change(&json, change, change->nrows);
	}
	appendStringInfoChar(&json, ']');
	return json.data;
}

static bool
has_unchecked_rows(LakeTableState *state)
{
	ListCell   *lc;

	foreach(lc, state->changes)
		if (!((LakeChange *) lfirst(lc))->deletes && !((LakeChange *) lfirst(lc))->is_checked)
			return true;
	return false;
}

static void
mark_checked(LakeTableState *state)
{
	ListCell   *lc;

	foreach(lc, state->changes)
		((LakeChange *) lfirst(lc))->is_checked = true;
}

/* ---------------------------------------------------------------- messages */

void
lake_report_second_change(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("ON CONFLICT DO UPDATE command cannot affect row a second time"),
			 errhint("Ensure that no rows proposed for insertion within the same command have duplicate constrained values.")));
}

/* As BuildIndexValueDescription: nobody learns from an error what he may not read. */
static bool
may_see_key(Relation rel, List *key)
{
	ListCell   *lc;

	if (check_enable_rls(RelationGetRelid(rel), InvalidOid, true) == RLS_ENABLED)
		return false;
	if (pg_class_aclcheck(RelationGetRelid(rel), GetUserId(), ACL_SELECT) == ACLCHECK_OK)
		return true;
	foreach(lc, key)
		if (pg_attribute_aclcheck(RelationGetRelid(rel), lfirst_int(lc), GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			return false;
	return true;
}

/* "(a, b)=(1, 2)" of a row that has the key's columns alone; NULL when the user may not see it. */
static char *
describe_key(Relation rel, List *key, TupleTableSlot *slot)
{
	StringInfoData names;
	StringInfoData values;

	if (!may_see_key(rel, key))
		return NULL;
	initStringInfo(&names);
	initStringInfo(&values);
	for (int i = 0; i < list_length(key); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), list_nth_int(key, i) - 1);
		Oid			output;
		bool		is_varlena;

		getTypeOutputInfo(att->atttypid, &output, &is_varlena);
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", NameStr(att->attname));
		appendStringInfo(&values, "%s%s", i > 0 ? ", " : "", OidOutputFunctionCall(output, slot->tts_values[i]));
	}
	return psprintf("(%s)=(%s)", names.data, values.data);
}

static void
report_duplicate(Relation rel, LakeTableState *state, List *key, TupleTableSlot *slot)
{
	char	   *values = describe_key(rel, key, slot);

	/* Rows of the source that are equal to each other: the second would have changed the first. */
	if (state->upsert_cid == state->unchecked_cid && !state->upsert_moves_keys)
		lake_report_second_change();
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("duplicate key value violates unique constraint \"%s\"", lake_unique_key_name(rel)),
			 values == NULL ? 0 : errdetail("Key %s already exists.", values),
			 errtableconstraint(rel, lake_unique_key_name(rel))));
}

/* ---------------------------------------------------------------- the query */

/* "a" AS k0, rtrim("b", ' ') AS k1 */
static void
append_key_columns(StringInfo sql, Relation rel, List *key)
{
	for (int i = 0; i < list_length(key); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), list_nth_int(key, i) - 1);
		bool		is_padded = getBaseType(att->atttypid) == BPCHAROID;

		appendStringInfoString(sql, i > 0 ? ", " : "");
		appendStringInfoString(sql, is_padded ? "rtrim(" : "");
		lake_append_identifier(sql, NameStr(att->attname));
		appendStringInfo(sql, "%s AS k%d", is_padded ? ", ' ')" : "", i);
	}
}

static void
append_key_names(StringInfo sql, List *key)
{
	for (int i = 0; i < list_length(key); i++)
		appendStringInfo(sql, "%sk%d", i > 0 ? ", " : "", i);
}

/* One key that several rows have. A null is equal to nothing. state: among the keys of its new rows; NULL: among all. */
static char *
duplicate_query(Relation rel, LakeTableState *state, List *key)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	append_key_names(&sql, key);
	appendStringInfoString(&sql, " FROM (SELECT ");
	append_key_columns(&sql, rel, key);
	appendStringInfoString(&sql, " FROM ");
	lake_append_scan_call(&sql, rel, SnapshotAny, false, NULL);
	appendStringInfoString(&sql, ") AS t");
	if (state != NULL)
	{
		appendStringInfoString(&sql, " JOIN (SELECT DISTINCT ");
		append_key_columns(&sql, rel, key);
		appendStringInfoString(&sql, " FROM ");
		lake_append_unchecked_call(&sql, rel, state);
		appendStringInfoString(&sql, ") AS n USING (");
		append_key_names(&sql, key);
		appendStringInfoChar(&sql, ')');
	}
	for (int i = 0; i < list_length(key); i++)
		appendStringInfo(&sql, "%s k%d IS NOT NULL", i > 0 ? " AND" : " WHERE", i);
	appendStringInfoString(&sql, " GROUP BY ");
	append_key_names(&sql, key);
	appendStringInfoString(&sql, " HAVING count(*) > 1 LIMIT 1");
	return sql.data;
}

/* NULL when there is none. In the current memory context. */
static TupleTableSlot *
find_duplicate(Relation rel, LakeTableState *state, List *key)
{
	TupleDesc	desc = CreateTemplateTupleDesc(list_length(key));
	List	   *typids = NIL;
	List	   *typmods = NIL;
	TupleTableSlot *slot;

	for (int i = 0; i < list_length(key); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), list_nth_int(key, i) - 1);
		int32		typmod = att->atttypmod;
		Oid			typid = getBaseTypeAndTypmod(att->atttypid, &typmod);

		typids = lappend_oid(typids, typid);
		typmods = lappend_int(typmods, typmod);
		TupleDescInitEntry(desc, i + 1, NULL, typid, typmod, 0);
	}
	slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	if (!lake_row_stream_next(lake_row_stream_open(duplicate_query(rel, state, key), NULL, lake_make_result_codec(typids, typmods, NIL)), slot))
		return NULL;
	ExecMaterializeSlot(slot);
	return slot;
}

/* ---------------------------------------------------------------- checks */

static void
check_state(LakeTableState *state)
{
	Relation	rel = RelationIdGetRelation(state->relid);
	List	   *key = NIL;
	TupleTableSlot *found;

	/* Dropped, or truncated since; or without the key. */
	if (RelationIsValid(rel) && lake_table_state(rel, false) == state)
		key = lake_unique_key(rel);
	if (key != NIL)
	{
		lake_flush_state(state, rel);
		found = has_unchecked_rows(state) ? find_duplicate(rel, state, key) : NULL;
		if (found != NULL)
			report_duplicate(rel, state, key, found);
		mark_checked(state);
	}
	state->unchecked_subid = InvalidSubTransactionId;
	if (RelationIsValid(rel))
		RelationClose(rel);
}

void
lake_check_new_keys(CommandId since)
{
	List	   *states = NIL;
	MemoryContext context;
	MemoryContext old;
	ListCell   *lc;

	foreach(lc, lake_all_table_states())
	{
		LakeTableState *state = (LakeTableState *) lfirst(lc);

		/* What an outer statement has begun is complete, and checked, at its end. */
		if (state->unchecked_subid != InvalidSubTransactionId && state->unchecked_cid >= since)
			states = lappend(states, state);
	}
	if (states == NIL)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "lake key check", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	foreach(lc, states)
		check_state((LakeTableState *) lfirst(lc));
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

void
lake_check_all_keys(Relation rel)
{
	List	   *key = lake_unique_key(rel);
	TupleTableSlot *found = find_duplicate(rel, NULL, key);
	char	   *values;

	if (found == NULL)
		return;
	values = describe_key(rel, key, found);
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("could not set option \"%s\" of table \"%s\"", LAKE_UNIQUE_KEY_OPTION, RelationGetRelationName(rel)),
			 values == NULL ? 0 : errdetail("Key %s is duplicated.", values),
			 errtableconstraint(rel, lake_unique_key_name(rel))));
}

/* AFTER triggers have run by then, as with PostgreSQL's deferrable keys; their own statements are checked on their own. */
static void
lake_executor_finish(QueryDesc *query)
{
	if (previous_executor_finish != NULL)
		previous_executor_finish(query);
	else
		standard_ExecutorFinish(query);
	if (query->plannedstmt->commandType != CMD_SELECT || query->plannedstmt->hasModifyingCTE)
		lake_check_new_keys(query->estate->es_output_cid);
}

void
lake_key_check_init(void)
{
	previous_executor_finish = ExecutorFinish_hook;
	ExecutorFinish_hook = lake_executor_finish;
}
