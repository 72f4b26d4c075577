/*
 * row_stash.h
 *	  Rows that the executor will ask for by TID: rows inserted in this transaction (AFTER ROW triggers), and rows that a scan handed to a
 *	  statement that changes them (UPDATE fetches the old row, RETURNING and triggers do too).
 *
 * Rows lie in a temporary file; in memory there is one entry for every few rows.
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
/* Keeps a copy of the slot's row under a number. Numbers mostly grow; one that is there already is not stored again. */
extern void lake_row_stash_put(LakeRowStash *stash, int64 number, TupleTableSlot *slot);
/* Stores the row into the slot. False when the number is unknown. */
extern bool lake_row_stash_get(LakeRowStash *stash, int64 number, TupleTableSlot *slot);
/* Closes the file and forgets the rows; before the transaction's resources are checked for leaks. NULL is allowed. */
extern void lake_row_stash_close(LakeRowStash *stash);

/*
 * TIDs are 48-bit numbers from 1, as block and offset, offset never 0: the row id + 1 of a row that a scan found (docs/link.md), and from
 * LAKE_FIRST_INSERTED on a running number for rows inserted by this transaction, which get their row id when a later command reads them.
 */
#define LAKE_FIRST_INSERTED (INT64CONST(1) << 47)

extern void lake_row_number_to_tid(int64 number, ItemPointer tid);
extern int64 lake_tid_to_row_number(ItemPointer tid);

#endif
