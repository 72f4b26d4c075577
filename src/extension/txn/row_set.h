/*
 * row_set.h
 *	  A set of row ids (docs/link.md, "row id"), for the rows that one command deletes.
 *
 * Blocks of 65,536 rows, each a sorted list or, from 4,096 rows on, a bitmap: a row costs 2 bytes or less, a block at most 8 kB.
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

/* The inverse. Raises ERRCODE_PROTOCOL_VIOLATION for malformed bytes. */
extern LakeRowSet *lake_row_set_parse(const char *bytes, size_t length);

#endif
