/*
 * dml.cpp
 *	  See dml.h. An update is a delete and an insert.
 */
extern "C" {
#include "postgres.h"
#include "access/sysattr.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "pgstat.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

#include "am/dml.h"
#include "am/row_stash.h"
#include "exec/lake_scan_text.h"
#include "exec/row_stream.h"
#include "link/sql_text.h"
#include "txn/deletes.h"
#include "txn/key_check.h"
#include "txn/table_state.h"
#include "txn/write_lock.h"

/* ---------------------------------------------------------------- insert */

void
lake_tuple_insert(Relation rel, TupleTableSlot *slot, CommandId cid, int options, struct BulkInsertStateData *bistate)
{
	slot_getallattrs(slot);
	lake_insert_row(rel, slot, cid, -1);
	pgstat_count_heap_insert(rel, 1);
}

void
lake_multi_insert(Relation rel, TupleTableSlot **slots, int nslots, CommandId cid, int options, struct BulkInsertStateData *bistate)
{
	for (int i = 0; i < nslots; i++)
	{
		slot_getallattrs(slots[i]);
		lake_insert_row(rel, slots[i], cid, -1);
	}
	pgstat_count_heap_insert(rel, nslots);
}

/* ---------------------------------------------------------------- delete, update */

/* TM_Ok, or TM_SelfModified with its details when this transaction has deleted the row already. */
static TM_Result
check_row(LakeTableState *state, ItemPointer tid, TM_FailureData *tmfd)
{
	CommandId	cid;

	if (state == NULL || !lake_row_is_deleted(state, lake_tid_to_row_number(tid) - 1, &cid))
		return TM_Ok;
	tmfd->ctid = *tid;
	tmfd->xmax = GetCurrentTransactionId();
	tmfd->cmax = cid;
	tmfd->traversed = false;
	return TM_SelfModified;
}

static TM_Result
delete_row(Relation rel, ItemPointer tid, CommandId cid, TM_FailureData *tmfd)
{
	LakeTableState *state = lake_table_state(rel, true);
	int64		number = lake_tid_to_row_number(tid);
	TM_Result	result = check_row(state, tid, tmfd);

	if (result == TM_SelfModified && tmfd->cmax == cid && state->upsert_cid == cid)
		lake_report_second_change();
	if (result != TM_Ok)
		return result;
	/* Nobody finds rows by the number they got when they were inserted: the next command reads them, and they have a row id. */
	if (number >= LAKE_FIRST_INSERTED)
		elog(ERROR, "row of table \"%s\" is changed by the command that inserted it", RelationGetRelationName(rel));
	/* The statement has it already, but for rows that leave a partition by the way (txn/write_lock.cpp). */
	if (state->locked_subid == InvalidSubTransactionId)
	{
		lake_write_lock(RelationGetRelid(rel), ExclusiveLock);
		state->locked_subid = GetCurrentSubTransactionId();
	}
	lake_delete_row(rel, state, number - 1, cid);
	return TM_Ok;
}

TM_Result
lake_tuple_delete(Relation rel, ItemPointer tid, CommandId cid, Snapshot snapshot, Snapshot crosscheck, bool wait, TM_FailureData *tmfd,
				  bool changing_part)
{
	TM_Result	result = delete_row(rel, tid, cid, tmfd);

	if (result == TM_Ok)
		pgstat_count_heap_delete(rel);
	return result;
}

TM_Result
lake_tuple_update(Relation rel, ItemPointer otid, TupleTableSlot *slot, CommandId cid, Snapshot snapshot, Snapshot crosscheck, bool wait,
				  TM_FailureData *tmfd, LockTupleMode *lockmode, LakeUpdateIndexes *update_indexes)
{
	TM_Result	result = delete_row(rel, otid, cid, tmfd);

	*lockmode = LockTupleExclusive;
	LakeNoIndexUpdates(update_indexes);
	if (result != TM_Ok)
		return result;
	slot_getallattrs(slot);
	lake_insert_row(rel, slot, cid, lake_tid_to_row_number(otid) - 1);
	lake_count_update(rel);
	return TM_Ok;
}

/* ---------------------------------------------------------------- fetch, lock */

/* Asks the server for a row that a scan of this transaction gave out. */
static bool
look_up(Relation rel, int64 row_id, TupleTableSlot *slot)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "lake row look-up", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	LakeRowCodec *codec = lake_make_relation_codec(rel, RelationGetDescr(rel), true, false);
	StringInfoData sql;
	bool		found;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	for (int i = 0; i < codec->ncolumns; i++)
	{
		appendStringInfoString(&sql, i > 0 ? ", " : "");
		lake_append_identifier(&sql, codec->columns[i].name);
	}
	appendStringInfoString(&sql, " FROM ");
	lake_append_lookup_call(&sql, rel);
	appendStringInfo(&sql, " WHERE " LAKE_ROW_ID_COLUMN " = " INT64_FORMAT, row_id);
	found = lake_row_stream_next(lake_row_stream_open(sql.data, NULL, codec), slot);
	MemoryContextSwitchTo(old);
	if (found)
		ExecMaterializeSlot(slot);
	MemoryContextDelete(context);
	return found;
}

static bool
fetch(Relation rel, LakeTableState *state, ItemPointer tid, TupleTableSlot *slot)
{
	int64		number = lake_tid_to_row_number(tid);
	LakeRowStash *stash = state == NULL ? NULL : number >= LAKE_FIRST_INSERTED ? state->inserted : state->scanned;

	ExecClearTuple(slot);
	if (stash == NULL || !lake_row_stash_get(stash, number, slot))
	{
		if (number >= LAKE_FIRST_INSERTED || !look_up(rel, number - 1, slot))
			return false;
	}
	slot->tts_tid = *tid;
	slot->tts_tableOid = RelationGetRelid(rel);
	return true;
}

/* With an MVCC snapshot: WHERE CURRENT OF. Else it is somebody who has seen the row before, and not finding it is an error, never an answer. */
bool
lake_tuple_fetch_row_version(Relation rel, ItemPointer tid, Snapshot snapshot, TupleTableSlot *slot)
{
	LakeTableState *state = lake_table_state(rel, false);
	CommandId	cid;

	if (IsMVCCSnapshot(snapshot))
	{
		if (state != NULL && lake_row_is_deleted(state, lake_tid_to_row_number(tid) - 1, &cid) && cid < snapshot->curcid)
			return false;
		if (state != NULL && state->several_bases)
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("could not serialize access due to concurrent update"),
					 errdetail("Table \"%s\" was changed by another transaction after the cursor was opened.", RelationGetRelationName(rel)),
					 errhint("Declare the cursor FOR UPDATE.")));
		return fetch(rel, state, tid, slot);
	}
	if (!fetch(rel, state, tid, slot))
		elog(ERROR, "row (%u,%u) of table \"%s\" is not found again", ItemPointerGetBlockNumberNoCheck(tid),
			 ItemPointerGetOffsetNumberNoCheck(tid), RelationGetRelationName(rel));
	return true;
}

TM_Result
lake_tuple_lock(Relation rel, ItemPointer tid, Snapshot snapshot, TupleTableSlot *slot, CommandId cid, LockTupleMode mode,
				LockWaitPolicy wait_policy, uint8 flags, TM_FailureData *tmfd)
{
	LakeTableState *state = lake_table_state(rel, false);
	LOCKMODE	lock = mode == LockTupleKeyShare || mode == LockTupleShare ? ShareLock : ExclusiveLock;
	TM_Result	result;

	tmfd->traversed = false;
	if (wait_policy == LockWaitBlock)
		lake_write_lock(RelationGetRelid(rel), lock);
	else if (!lake_write_lock_if_free(RelationGetRelid(rel), lock))
	{
		if (wait_policy == LockWaitSkip)
			return TM_WouldBlock;
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("could not obtain lock on row in relation \"%s\"", RelationGetRelationName(rel)),
				 errdetail("Rows of iceberg tables are locked by a lock on the table.")));
	}
	result = check_row(state, tid, tmfd);
	if (result != TM_Ok)
		return result;
	if (!fetch(rel, state, tid, slot))
		elog(ERROR, "row (%u,%u) of table \"%s\" is not found again", ItemPointerGetBlockNumberNoCheck(tid),
			 ItemPointerGetOffsetNumberNoCheck(tid), RelationGetRelationName(rel));
	return TM_Ok;
}
