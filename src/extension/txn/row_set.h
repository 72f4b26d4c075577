/*
 * row_set.h
 *	  A set of row ids (docs/link.md, "row id"), for the rows that one command deletes.
 *
 * Kept as bitmaps of 65,536 rows: a bit for each row of the blocks that are touched, whatever their number.
 */
#ifndef LAKE_TXN_ROW_SET_H
#define LAKE_TXN_ROW_SET_H

extern "C" {
#include "postgres.h"
#include "lib/stringinfo.h"
}

typedef struct LakeRowSet LakeRowSet;

/* Lives in the current memory context. */
extern LakeRowSet *lake_row_set_create(void);
/* False when the row was there already. */
extern bool lake_row_set_add(LakeRowSet *set, int64 row_id);
extern bool lake_row_set_contains(const LakeRowSet *set, int64 row_id);
extern int64 lake_row_set_count(const LakeRowSet *set);

/* Appends the binary form of lake_delete's argument (docs/link.md, "Deleting rows"). */
extern void lake_row_set_serialize(const LakeRowSet *set, StringInfo out);

#endif
