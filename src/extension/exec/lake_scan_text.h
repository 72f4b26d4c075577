/*
 * lake_scan_text.h
 *	  The text of one table reference in shipped SQL: lake_scan('<base>', changes := ..., types := ...), resolved for one PostgreSQL snapshot.
 */
#ifndef LAKE_EXEC_LAKE_SCAN_TEXT_H
#define LAKE_EXEC_LAKE_SCAN_TEXT_H

extern "C" {
#include "postgres.h"
#include "lib/stringinfo.h"
#include "utils/rel.h"
#include "utils/snapshot.h"
}

#include "txn/table_state.h"

/* The column that a scan with row ids has behind the table's (docs/link.md, "row id"). */
#define LAKE_ROW_ID_COLUMN "\"pg_lake.row_id\""

/*
 * Appends the call. Flushes the transaction's pending rows of the table first. Errors when the table has no pointer row that the
 * snapshot sees (it was created later). With row_ids the state of the table learns what they belong to (LakeTableState.scan_base),
 * and data files may be left out (plan/whole_files.h; NULL: none).
 */
extern void lake_append_scan_call(StringInfo sql, Relation rel, Snapshot snapshot, bool row_ids, const char *whole_files);

/* A point in a table's past (exec/time_travel.h). */
struct LakeReadPoint;
extern void lake_append_past_scan_call(StringInfo sql, Relation rel, Snapshot snapshot, const struct LakeReadPoint *point);

/* What the snapshot holds, under the base's columns, without the data files that the other one (NULL: none) has too. */
extern void lake_append_difference_call(StringInfo sql, Relation rel, const char *base, int64 snapshot_id, const int64 *unlike_snapshot, bool row_ids);

/* The struct of an interval column as an interval. */
extern void lake_append_interval_of_struct(StringInfo sql, const char *column);

/* The same for the columns of a descriptor, by which core scans a table in the middle of ALTER TABLE: as they were before, or as they are now. */
extern void lake_append_scan_call_as(StringInfo sql, Relation rel, TupleDesc desc, Snapshot snapshot);

/* A sample of about so many of the rows that there are now, those of this transaction among them. With LAKE_ROW_ID_COLUMN where *has_row_ids. */
extern void lake_append_sample_call(StringInfo sql, Relation rel, int rows, bool *has_row_ids);

/* The rows of this transaction whose keys were not checked yet (txn/key_check.h). They must have been flushed. */
extern void lake_append_unchecked_call(StringInfo sql, Relation rel, LakeTableState *state);

/* A call with row ids of the base that the latest one had, over which a row can be found again that it gave out, also a deleted one. */
extern void lake_append_lookup_call(StringInfo sql, Relation rel);

#endif
