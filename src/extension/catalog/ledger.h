/*
 * ledger.h
 *	  The ledger of files in progress (lake_engine.in_progress_files): every file is named here, durably, before its first byte is written.
 *
 * A row is inserted so that it is visible and durable at once, whatever becomes of the transaction (a frozen tuple and a WAL flush), and is deleted
 * by the very transaction that commits the files (an ordinary MVCC delete). So a row whose transaction is over and that is still visible
 * names orphans, and nothing else does.
 */
#ifndef LAKE_CATALOG_LEDGER_H
#define LAKE_CATALOG_LEDGER_H

extern "C" {
#include "postgres.h"
}

/* A number for the rows that belong together: one stream of rows, or one commit of one table. */
extern int64 lake_ledger_new_operation(void);

/* Adds a row. path: a location, or with is_prefix the beginning of all locations that the operation may write. Not durable yet. */
extern void lake_ledger_add(int64 operation, Oid relid, const char *path, bool is_prefix);

/* Makes all rows added so far durable. */
extern void lake_ledger_flush(void);

/* The operation's files are part of what this transaction commits: deletes its rows with the transaction. */
extern void lake_ledger_forget(int64 operation);

/*
 * Removes the files of finished transactions that left rows behind, and the rows. Returns a List of char *, the removed locations.
 * Called by the cleaner and by lake_engine.flush_in_progress_queue(). Rows whose files cannot be removed stay for the next time.
 */
extern struct List *lake_ledger_clean(void);

#endif
