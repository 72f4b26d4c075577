/*
 * ledger.cpp
 *	  See ledger.h. The table has no index: it holds as many rows as there are writing transactions, and those that failed.
 *
 * Order matters when cleaning: first see that a row's transaction is over, then look with a *new* PostgreSQL snapshot whether the row is
 * still there. The other way round, a commit in between would make committed files look like orphans.
 */
extern "C" {
#include "postgres.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/indexing.h"
#include "commands/sequence.h"
#include "nodes/pg_list.h"
#include "storage/procarray.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"
}

#include "catalog/analyze.h"
#include "catalog/lake_relation.h"
#include "catalog/ledger.h"
#include "link/connection.h"

enum
{
	Anum_path = 1,
	Anum_operation_id,
	Anum_is_prefix,
	Anum_xid,
	Anum_table_name,
	Natts_in_progress_files = Anum_table_name
};

static Relation
open_ledger(LOCKMODE lockmode)
{
	return table_open(lake_catalog_relid("lake_engine", "in_progress_files"), lockmode);
}

int64
lake_ledger_new_operation(void)
{
	return nextval_internal(lake_catalog_relid("lake_engine", "operationid_seq"), false);
}

void
lake_ledger_add(int64 operation, Oid relid, const char *path, bool is_prefix)
{
	Relation	ledger = open_ledger(RowExclusiveLock);
	Datum		values[Natts_in_progress_files];
	bool		nulls[Natts_in_progress_files] = {0};
	HeapTuple	tuple;

	values[Anum_path - 1] = CStringGetTextDatum(path);
	values[Anum_operation_id - 1] = Int64GetDatum(operation);
	values[Anum_is_prefix - 1] = BoolGetDatum(is_prefix);
	values[Anum_xid - 1] = FullTransactionIdGetDatum(GetTopFullTransactionId());
	values[Anum_table_name - 1] = ObjectIdGetDatum(relid);
	tuple = heap_form_tuple(RelationGetDescr(ledger), values, nulls);
	/* Frozen: visible to everybody at once and for ever, even if this transaction aborts. */
	heap_insert(ledger, tuple, GetCurrentCommandId(true), HEAP_INSERT_FROZEN, NULL);
	lake_note_catalog_change();
	heap_freetuple(tuple);
	table_close(ledger, RowExclusiveLock);
}

void
lake_ledger_flush(void)
{
	XLogFlush(XactLastRecEnd);
}

static void
delete_row(Relation ledger, ItemPointer tid)
{
	simple_heap_delete(ledger, tid);
	lake_note_catalog_change();
}

void
lake_ledger_forget(int64 operation)
{
	Relation	ledger = open_ledger(RowExclusiveLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan(ledger, snapshot, 0, NULL);
	HeapTuple	tuple;
	bool		isnull;

	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
		if (DatumGetInt64(heap_getattr(tuple, Anum_operation_id, RelationGetDescr(ledger), &isnull)) == operation)
			delete_row(ledger, &tuple->t_self);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(ledger, RowExclusiveLock);
}

/* ---------------------------------------------------------------- cleaning */

typedef struct LedgerRow
{
	ItemPointerData tid;
	char	   *path;
	bool		is_prefix;
	FullTransactionId xid;
} LedgerRow;

static bool
is_finished(FullTransactionId xid)
{
	return !FullTransactionIdEquals(xid, GetTopFullTransactionIdIfAny()) &&
		!TransactionIdIsInProgress(XidFromFullTransactionId(xid));
}

static List *
collect_rows(Relation ledger)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan(ledger, snapshot, 0, NULL);
	TupleDesc	desc = RelationGetDescr(ledger);
	List	   *rows = NIL;
	HeapTuple	tuple;
	bool		isnull;

	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		LedgerRow  *row = (LedgerRow *) palloc0(sizeof(LedgerRow));

		row->tid = tuple->t_self;
		row->path = TextDatumGetCString(heap_getattr(tuple, Anum_path, desc, &isnull));
		row->is_prefix = DatumGetBool(heap_getattr(tuple, Anum_is_prefix, desc, &isnull));
		row->xid = DatumGetFullTransactionId(heap_getattr(tuple, Anum_xid, desc, &isnull));
		rows = lappend(rows, row);
	}
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	return rows;
}

/* Rows of finished transactions that are still visible afterwards. */
static List *
collect_orphans(Relation ledger)
{
	List	   *finished = NIL;
	List	   *orphans = NIL;
	ListCell   *lc;
	Snapshot	snapshot;

	foreach(lc, collect_rows(ledger))
	{
		LedgerRow  *row = (LedgerRow *) lfirst(lc);

		if (is_finished(row->xid))
			finished = lappend(finished, row);
	}
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	foreach(lc, finished)
	{
		LedgerRow  *row = (LedgerRow *) lfirst(lc);
		TupleTableSlot *slot = table_slot_create(ledger, NULL);

		if (table_tuple_fetch_row_version(ledger, &row->tid, snapshot, slot))
			orphans = lappend(orphans, row);
		ExecDropSingleTupleTableSlot(slot);
	}
	UnregisterSnapshot(snapshot);
	return orphans;
}

List *
lake_ledger_clean(void)
{
	/* One cleaner at a time; writers only insert and delete their own rows. */
	Relation	ledger = open_ledger(ShareUpdateExclusiveLock);
	List	   *orphans = collect_orphans(ledger);
	List	   *removed = NIL;
	StringInfoData json;
	ListCell   *lc;
	char	  **values;
	const char *params[1];
	int			nrows;

	if (orphans != NIL)
	{
		initStringInfo(&json);
		foreach(lc, orphans)
		{
			LedgerRow  *row = (LedgerRow *) lfirst(lc);

			appendStringInfoString(&json, json.len == 0 ? "[{\"path\": " : ", {\"path\": ");
			escape_json(&json, row->path);
			/* Who is still writing for the transaction must not come afterwards. */
			appendStringInfo(&json, ", \"is_prefix\": %s, \"given_up\": true}", row->is_prefix ? "true" : "false");
		}
		appendStringInfoChar(&json, ']');
		params[0] = json.data;
		nrows = lake_link_call("SELECT path FROM lake_remove($1)", 1, params, 1, &values);
		for (int i = 0; i < nrows; i++)
			removed = lappend(removed, values[i]);
		foreach(lc, orphans)
			delete_row(ledger, &((LedgerRow *) lfirst(lc))->tid);
	}
	table_close(ledger, NoLock);
	return removed;
}
