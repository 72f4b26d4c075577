/*
 * dml.h
 *	  The callbacks of the access method that change, lock and fetch single rows.
 *
 * Rows of lake tables are not locked one by one: who updates, deletes or locks rows holds the table's write lock (txn/write_lock.h) from the start of
 * the statement to the end of the transaction, so no row that a statement sees can be changed by anybody else before it ends.
 */
#ifndef LAKE_AM_DML_H
#define LAKE_AM_DML_H

extern "C" {
#include "postgres.h"
#include "access/tableam.h"
}

#include "compat/compat.h"

extern void lake_tuple_insert(Relation rel, TupleTableSlot *slot, CommandId cid, int options, struct BulkInsertStateData *bistate);
extern void lake_multi_insert(Relation rel, TupleTableSlot **slots, int nslots, CommandId cid, int options,
							  struct BulkInsertStateData *bistate);
extern TM_Result lake_tuple_delete(Relation rel, ItemPointer tid, CommandId cid, Snapshot snapshot, Snapshot crosscheck, bool wait,
								   TM_FailureData *tmfd, bool changing_part);
extern TM_Result lake_tuple_update(Relation rel, ItemPointer otid, TupleTableSlot *slot, CommandId cid, Snapshot snapshot,
								   Snapshot crosscheck, bool wait, TM_FailureData *tmfd, LockTupleMode *lockmode,
								   LakeUpdateIndexes *update_indexes);
extern TM_Result lake_tuple_lock(Relation rel, ItemPointer tid, Snapshot snapshot, TupleTableSlot *slot, CommandId cid,
								 LockTupleMode mode, LockWaitPolicy wait_policy, uint8 flags, TM_FailureData *tmfd);
extern bool lake_tuple_fetch_row_version(Relation rel, ItemPointer tid, Snapshot snapshot, TupleTableSlot *slot);

#endif
