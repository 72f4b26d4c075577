/*
 * row_stash.h
 *	  Rows that were inserted in this transaction and that AFTER ROW triggers will ask for by TID.
 *
 * Kept only for tables with such triggers (foreign keys included), in temporary files beyond work_mem, until the transaction ends.
 */
#ifndef LAKE_AM_ROW_STASH_H
#define LAKE_AM_ROW_STASH_H

extern "C" {
#include "postgres.h"
#include "executor/tuptable.h"
}

typedef struct LakeRowStash LakeRowStash;

/* Lives in the current memory context; files are closed by the transaction's end. */
extern LakeRowStash *lake_row_stash_create(void);
/* Keeps a copy of the slot's row under a number; numbers only grow. */
extern void lake_row_stash_put(LakeRowStash *stash, int64 number, TupleTableSlot *slot);
/* Stores the row into the slot. False when the number is unknown. */
extern bool lake_row_stash_get(LakeRowStash *stash, int64 number, TupleTableSlot *slot);

/* Closes the files; before the transaction's resources are checked for leaks. */
extern void lake_row_stash_close(LakeRowStash *stash);

/* TIDs of inserted rows: a running number from 1, 48 bits as block and offset, offset never 0. */
extern void lake_row_number_to_tid(int64 number, ItemPointer tid);
extern int64 lake_tid_to_row_number(ItemPointer tid);

#endif
