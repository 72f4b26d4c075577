/*
 * commit.h
 *	  What the transaction's end means for lake tables (design.md section 4, "Commit").
 */
#ifndef LAKE_TXN_COMMIT_H
#define LAKE_TXN_COMMIT_H

extern "C" {
#include "postgres.h"
}

/* Registers the transaction callbacks. */
extern void lake_txn_init(void);

/* The table was made or its columns altered: its metadata is written at commit, also if no rows change. */
extern void lake_note_new_metadata(Oid relid);

/* Ends the process with SIGKILL's status when pg_lake_engine.fault_point names this step; for tests of crashes. */
extern void lake_fault(const char *step);

#endif
