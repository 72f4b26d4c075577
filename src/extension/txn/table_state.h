/*
 * table_state.h
 *	  What the running transaction has done to lake tables: rows on their way to the server, and the change log.
 *
 * State is kept per relfilenumber, not per table: TRUNCATE, REFRESH and rewrites give a table a new relfilenumber, so their content begins
 * empty there, and ROLLBACK TO, which gives the old number back, finds the old state untouched (table-am.md).
 *
 * Rows are collected in memory in the link's format, per subtransaction; beyond LAKE_STREAM_BYTES they stream to the server. They become a change
 * (one or more data files) when somebody reads the table or the transaction commits. A change remembers which command wrote which of its
 * rows, so a PostgreSQL snapshot taken earlier in the transaction sees exactly its part.
 */
#ifndef LAKE_TXN_TABLE_STATE_H
#define LAKE_TXN_TABLE_STATE_H

extern "C" {
#include "postgres.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"
#include "utils/snapshot.h"
}

#include "compat/compat.h"
#include "link/connection.h"
#include "txn/command_ranges.h"
#include "txn/row_order.h"
#include "types/row_codec.h"

#define LAKE_STREAM_BYTES (256 * 1024)

/* Rows that are not a change yet. */
typedef struct LakePendingRows
{
	SubTransactionId subid;
	StringInfoData buffer;		/* encoded rows that were not sent */
	int			valid_length;	/* of buffer; beyond it lies half a row after an error */
	int64		nrows;			/* sent and buffered */
	LakeRanges	ranges;
	LakeConnection *connection; /* the open stream, or NULL */
	int64		operation;		/* its ledger operation */
	bool		keeps_lineage;	/* each row ends in the row id of the one it was made of, or NULL */
	bool		failed;			/* the stream broke: rows are lost, so this (sub)transaction cannot commit */
} LakePendingRows;

typedef struct LakeChange
{
	SubTransactionId subid;
	char	   *json;			/* opaque (docs/link.md, "change") */
	int64		nrows;			/* negative when it deletes */
	bool		deletes;		/* rows of command cid; else it adds rows, of the commands in ranges */
	CommandId	cid;
	LakeRanges	ranges;
	int64		operation;		/* ledger operation of its files; 0: none */
	bool		is_checked;		/* its keys are (txn/key_check.h) */
	LakeRowOrder *order;		/* where its rows are, or NULL: in the order they came */
} LakeChange;

typedef struct LakeTableState
{
	LakeRelNumber relnumber;	/* hash key */
	Oid			relid;
	SubTransactionId created_subid; /* the subtransaction that made this relfilenumber, or invalid if it is older */
	bool		replaces;		/* made by this transaction: nothing of the table's earlier content counts */
	LakeRowCodec *codec;		/* made at the first insert */
	List	   *pending;		/* of LakePendingRows *, oldest first */
	List	   *changes;		/* of LakeChange *, oldest first */
	int64		rows_inserted;	/* gives TIDs to inserted rows */
	struct LakeRowStash *inserted;	/* inserted rows that triggers will ask for, or NULL */
	struct LakeRowStash *scanned;	/* rows that a scan handed to whoever changes or locks them, or NULL */
	int			open_scans;		/* that put rows there */
	const char *scan_base;		/* what row ids (TIDs) belong to: the base of the latest scan that gave them out, or NULL */
	bool		several_bases;	/* earlier scans of this transaction had another one */
	List	   *deletes;		/* txn/deletes.cpp */
	SubTransactionId locked_subid;	/* that took the write lock for changes, or invalid (txn/write_lock.h) */
	char	   *branch;			/* what the changes are for, "" the main one; NULL before the first */
	bool		reorders_rows;	/* by option partition_by or sort_by; known when there is a codec */
	bool		is_committing;	/* nobody will read a part of the rows any more */
	bool		has_key;		/* option unique_key; known when there is a codec */
	bool		has_lineage;	/* format version 3; likewise */
	SubTransactionId unchecked_subid;	/* that added rows whose keys are not checked yet, or invalid (txn/key_check.h) */
	CommandId	unchecked_cid;	/* the first command that did */
	CommandId	keeps_keys_cid; /* a command whose rows have the keys they had */
	CommandId	upsert_cid;		/* the latest ON CONFLICT DO UPDATE */
	bool		upsert_moves_keys;	/* it assigns columns of the key */
} LakeTableState;

/* The state of the relation's current relfilenumber; NULL when there is none and create is false. */
extern LakeTableState *lake_table_state(Relation rel, bool create);

/*
 * Notes that the relation got a new, empty relfilenumber in this subtransaction. Core rewrites a table by way of a relation "pg_temp_<oid>", whose
 * relfilenumber the table then takes over: the state is the table's from the start.
 */
extern void lake_note_new_storage(Relation rel, LakeRelNumber relnumber);

/* Whether a relfilenumber that the table does not have yet waits for it. */
extern bool lake_has_new_storage(Oid relid);

/* Takes one row; sets the slot's TID and table OID. An update names the row id of the old row; else -1. */
extern void lake_insert_row(Relation rel, TupleTableSlot *slot, CommandId cid, int64 updated);

/*
 * Turns all pending rows and deletes of the relation into changes and returns the `changes` argument of lake_scan for the snapshot, or NULL
 * when there is nothing to say. With row ids, changes that the snapshot does not see are named too, with no rows: they count in row ids.
 */
extern char *lake_visible_changes(Relation rel, Snapshot snapshot, bool row_ids);

/* The same list, of the changes that add rows only, whatever a snapshot sees: what row ids are counted over. "[]" when there are none. */
extern char *lake_added_rows(LakeTableState *state);

/* Where the row ids of rows begin that this transaction has added (docs/link.md, "row id"). */
#define LAKE_FIRST_ADDED_ROW_ID (INT64CONST(1) << 46)

/* The row id of a row that was known by a number when it was inserted; -1 when it is not part of a change yet. */
extern int64 lake_row_id_of_inserted(const LakeTableState *state, int64 number);

/* Appends an entry of such a list: for the first `visible` rows of a change that adds rows, or for a whole change. */
extern void lake_append_change(StringInfo json, const LakeChange *change, int64 visible);

/* Notes that a scan of this base gives out row ids. */
extern void lake_note_scan_base(LakeTableState *state, const char *base);

/* Data files that are about to be written. */
typedef struct LakeNewFiles
{
	char	   *data_prefix;
	int64		operation;		/* ledger operation; 0: no file will be written */
	StringInfoData spec;		/* the specification of a write (docs/link.md), without its closing bracket */
} LakeNewFiles;

/* Makes the table ready for a write and records the files to be in the ledger, unless no rows are written. */
extern void lake_begin_files(LakeTableState *state, Relation rel, bool writes_rows, LakeNewFiles *files);

/* A change of whole files, written by command cid. */
extern void lake_add_rows(LakeTableState *state, const char *json, int64 nrows, int64 operation, CommandId cid);

/* Where states live: the whole transaction. */
extern MemoryContext lake_state_context(void);

/* TRUNCATE of storage that is as new as the (sub)transaction: forgets the rows written into it. */
extern void lake_discard_rows(LakeTableState *state);

/* Whether something must be committed. */
extern bool lake_state_has_changes(const LakeTableState *state);

/* Used by commit.cpp. */
extern void lake_flush_state(LakeTableState *state, Relation rel);
extern List *lake_all_table_states(void);
extern void lake_forget_table_states(void);	/* end of transaction: drops what is left, no I/O */
extern void lake_subxact_committed(SubTransactionId subid, SubTransactionId parent);
extern void lake_subxact_before_commit(SubTransactionId subid, SubTransactionId parent);
extern void lake_subxact_aborted(SubTransactionId subid);

#endif
