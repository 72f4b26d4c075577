/*
 * key_check.h
 *	  Unique keys are kept by looking them up when a statement has written its rows.
 *
 * Who adds rows to a table with a key holds the table's write lock until the transaction ends, so the rows that are visible then are all there will be
 * before its commit. One query to the server joins the keys of the new rows with all rows of the table: the filters that DuckDB makes from the new keys
 * skip data files by their bounds. What a transaction with an older PostgreSQL snapshot (REPEATABLE READ) cannot see, it must not add to: 40001.
 */
#ifndef LAKE_TXN_KEY_CHECK_H
#define LAKE_TXN_KEY_CHECK_H

extern "C" {
#include "postgres.h"
#include "utils/rel.h"
}

#include "txn/table_state.h"

/* A command is about to add rows to a table with a key, or has: takes the write lock, and has the keys checked at the end of the statement. */
extern void lake_note_new_keys(LakeTableState *state, CommandId cid);

/* Throws 40001 when the transaction's PostgreSQL snapshot is older than the table's latest commit. */
extern void lake_require_latest_rows(Oid relid);

/* The changes that hold rows whose keys were not checked, with what was deleted of them: [{"truncate": true}, ...]. */
extern char *lake_unchecked_changes(LakeTableState *state);

/* What command cid is to the table's key: keeps: no row gets another one; is_upsert: ON CONFLICT DO UPDATE; moves: which assigns columns of the key. */
extern void lake_note_key_statement(Oid relid, CommandId cid, bool keeps, bool is_upsert, bool moves);

/* 21000 when the command, ON CONFLICT DO UPDATE, changes a row that it has changed or inserted. */
extern void lake_report_second_change(void);

/* Checks what commands from cid on have added: 23505 with the key. */
extern void lake_check_new_keys(CommandId since);

/* Checks all rows: for a key that is declared now. */
extern void lake_check_all_keys(Relation rel);

/* Installs an ExecutorFinish hook: each statement checks its own. */
extern void lake_key_check_init(void);

#endif
