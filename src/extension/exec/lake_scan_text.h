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

/*
 * Appends the call. Flushes the transaction's pending rows of the table first. Errors when the table has no pointer row that the
 * snapshot sees (it was created later).
 */
extern void lake_append_scan_call(StringInfo sql, Relation rel, Snapshot snapshot);

#endif
