/*
 * lake_am.cpp
 *	  The callbacks of the access method `iceberg` that are not scans, and its handler.
 *
 * Rows live in object storage; the relation's main fork exists but stays empty (core opens it in ANALYZE, CREATE DATABASE and pg_upgrade).
 * What this version cannot do is refused here by name, as the last line; the utility hook refuses most of it earlier, before catalogs change.
 */
extern "C" {
#include "postgres.h"
#include "access/multixact.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "catalog/storage.h"
#include "commands/vacuum.h"
#include "miscadmin.h"
#include "storage/smgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

#include "am/dml.h"
#include "am/lake_am.h"
#include "am/row_stash.h"
#include "catalog/lake_relation.h"
#include "catalog/pointer.h"
#include "compat/compat.h"
#include "txn/deletes.h"
#include "txn/table_state.h"

static void
refuse(Relation rel, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s is not supported yet for iceberg tables", what),
			 errdetail("Table \"%s\" has access method iceberg.", RelationGetRelationName(rel))));
}

/* ---------------------------------------------------------------- rows: those of dml.cpp, and what is refused */

/* TIDs mean something while the transaction lasts that was given them: to cursors (WHERE CURRENT OF), not to users. */
static bool
lake_tuple_tid_valid(TableScanDesc scan, ItemPointer tid)
{
	LakeTableState *state = lake_table_state(scan->rs_rd, false);

	if (state == NULL || state->scan_base == NULL)
		refuse(scan->rs_rd, "fetching a row by its ctid");
	return true;
}

static void
lake_tuple_get_latest_tid(TableScanDesc scan, ItemPointer tid)
{
}

/* Foreign keys from lake tables ask whether the row they check still counts: rows of this transaction do. */
static bool
lake_tuple_satisfies_snapshot(Relation rel, TupleTableSlot *slot, Snapshot snapshot)
{
	LakeTableState *state = lake_table_state(rel, false);
	int64		number = lake_tid_to_row_number(&slot->tts_tid);
	int64		row_id = number - 1;
	CommandId	cid;

	/* Foreign key checks ask whether a row that the transaction wrote is still there. */
	if (snapshot->snapshot_type != SNAPSHOT_SELF || state == NULL)
		return true;
	if (number >= LAKE_FIRST_INSERTED)
		row_id = lake_row_id_of_inserted(state, number);
	return row_id < 0 || !lake_row_is_deleted(state, row_id, &cid);
}

static void
lake_tuple_insert_speculative(Relation rel, TupleTableSlot *slot, CommandId cid, int options, struct BulkInsertStateData *bistate,
							  uint32 token)
{
	refuse(rel, "INSERT .. ON CONFLICT");
}

static void
lake_tuple_complete_speculative(Relation rel, TupleTableSlot *slot, uint32 token, bool succeeded)
{
	refuse(rel, "INSERT .. ON CONFLICT");
}

/* ---------------------------------------------------------------- the relation */

static void
lake_set_new_locator(Relation rel, const LakeLocator *locator, char persistence, TransactionId *freeze_xid, MultiXactId *min_multi)
{
	SMgrRelation storage;

	if (persistence != RELPERSISTENCE_PERMANENT)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s tables are not allowed for pg_lake_iceberg tables",
						persistence == RELPERSISTENCE_TEMP ? "temporary" : "unlogged")));
	/* Rows carry no transaction ids, so the table holds back nothing. */
	*freeze_xid = InvalidTransactionId;
	*min_multi = InvalidMultiXactId;
	storage = LakeCreateStorage(locator, persistence);
	smgrclose(storage);
	/* pg_upgrade brings the rows of the new storage along */
	if (!IsBinaryUpgrade)
		lake_note_new_storage(rel, LakeLocatorNumber(locator));
}

/* TRUNCATE of a table whose storage is as new as the (sub)transaction: what was written so far into it is dropped. */
static void
lake_nontransactional_truncate(Relation rel)
{
	LakeTableState *state = lake_table_state(rel, false);

	if (state != NULL)
		lake_discard_rows(state);
}

static void
lake_copy_data(Relation rel, const LakeLocator *locator)
{
	refuse(rel, "moving to another tablespace");
}

static void
lake_copy_for_cluster(Relation old_table, Relation new_table, Relation old_index, bool use_sort, TransactionId oldest_xmin,
					  TransactionId *xid_cutoff, MultiXactId *multi_cutoff, double *num_tuples, double *tups_vacuumed,
					  double *tups_recently_dead)
{
	refuse(old_table, "VACUUM FULL or CLUSTER");
}

/* VACUUM: maintenance of files has its own issue; here pg_class learns the size. */
static void
lake_vacuum(Relation rel, struct VacuumParams *params, BufferAccessStrategy strategy)
{
	double		tuples;
	BlockNumber pages;

	lake_live_size(rel, &tuples, &pages);
	lake_vac_update_relstats(rel, pages, tuples);
}

static bool
lake_needs_toast(Relation rel)
{
	return false;
}

/* Rows that this transaction added to the relation so far, less those that it deleted. *replaces: they are all that there is. */
static int64
rows_in_transaction(Relation rel, bool *replaces)
{
	LakeTableState *state = lake_table_state(rel, false);
	int64		rows = 0;
	ListCell   *lc;

	*replaces = state != NULL && state->replaces;
	if (state == NULL)
		return 0;
	foreach(lc, state->pending)
		rows += ((LakePendingRows *) lfirst(lc))->nrows;
	foreach(lc, state->changes)
		rows += ((LakeChange *) lfirst(lc))->nrows;
	return rows;
}

void
lake_live_size(Relation rel, double *tuples, BlockNumber *pages)
{
	LakePointer pointer;
	bool		replaces;
	double		rows = (double) rows_in_transaction(rel, &replaces);
	double		bytes = 0;

	if (!replaces && lake_pointer_get(RelationGetRelid(rel), NULL, &pointer))
	{
		rows += (double) pointer.record_count;
		bytes = (double) pointer.data_bytes;
	}
	*tuples = Max(rows, 0);
	/* Under 1 GB, so that ANALYZE's prefetching never leaves the empty file. */
	*pages = (BlockNumber) Min(Max(bytes / BLCKSZ, rows > 0 ? 1 : 0), 131071);
}

static void
lake_estimate_size(Relation rel, int32 *attr_widths, BlockNumber *pages, double *tuples, double *allvisfrac)
{
	lake_live_size(rel, tuples, pages);
	*allvisfrac = 0;
}

/* The blocks that the table's bytes would fill, for ANALYZE, which weighs the children of a table by them. */
static uint64
lake_relation_size(Relation rel, ForkNumber fork)
{
	double		tuples;
	BlockNumber pages;

	if (fork != MAIN_FORKNUM && fork != InvalidForkNumber)
		return 0;
	lake_live_size(rel, &tuples, &pages);
	return (uint64) pages * BLCKSZ;
}

/* ---------------------------------------------------------------- indexes */

static struct IndexFetchTableData *
lake_index_fetch_begin(Relation rel)
{
	refuse(rel, "an index");
	return NULL;
}

static void
lake_index_fetch_reset(struct IndexFetchTableData *data)
{
}

static void
lake_index_fetch_end(struct IndexFetchTableData *data)
{
}

static bool
lake_index_fetch_tuple(struct IndexFetchTableData *scan, ItemPointer tid, Snapshot snapshot, TupleTableSlot *slot, bool *call_again,
					   bool *all_dead)
{
	return false;
}

static TransactionId
lake_index_delete_tuples(Relation rel, TM_IndexDeleteOp *state)
{
	refuse(rel, "an index");
	return InvalidTransactionId;
}

static double
lake_index_build_range_scan(Relation table, Relation index, struct IndexInfo *info, bool allow_sync, bool anyvisible, bool progress,
							BlockNumber start, BlockNumber count, IndexBuildCallback callback, void *callback_state, TableScanDesc scan)
{
	refuse(table, "an index");
	return 0;
}

static void
lake_index_validate_scan(Relation table, Relation index, struct IndexInfo *info, Snapshot snapshot, struct ValidateIndexState *state)
{
	refuse(table, "an index");
}

/* ---------------------------------------------------------------- parallel and sample scans */

static Size
lake_parallelscan_estimate(Relation rel)
{
	return sizeof(ParallelTableScanDescData);
}

static Size
lake_parallelscan_initialize(Relation rel, ParallelTableScanDesc pscan)
{
	refuse(rel, "a parallel scan");
	return 0;
}

static void
lake_parallelscan_reinitialize(Relation rel, ParallelTableScanDesc pscan)
{
}

static bool
lake_sample_next_block(TableScanDesc scan, struct SampleScanState *state)
{
	refuse(scan->rs_rd, "TABLESAMPLE");
	return false;
}

static bool
lake_sample_next_tuple(TableScanDesc scan, struct SampleScanState *state, TupleTableSlot *slot)
{
	return false;
}

const TableAmRoutine *
lake_am_routine(void)
{
	static TableAmRoutine routine;

	if (routine.type == T_TableAmRoutine)
		return &routine;
	routine.slot_callbacks = lake_slot_callbacks;
	routine.scan_begin = lake_scan_begin;
	routine.scan_end = lake_scan_end;
	routine.scan_rescan = lake_scan_rescan;
	routine.scan_getnextslot = lake_scan_getnextslot;
	routine.parallelscan_estimate = lake_parallelscan_estimate;
	routine.parallelscan_initialize = lake_parallelscan_initialize;
	routine.parallelscan_reinitialize = lake_parallelscan_reinitialize;
	routine.index_fetch_begin = lake_index_fetch_begin;
	routine.index_fetch_reset = lake_index_fetch_reset;
	routine.index_fetch_end = lake_index_fetch_end;
	routine.index_fetch_tuple = lake_index_fetch_tuple;
	routine.tuple_fetch_row_version = lake_tuple_fetch_row_version;
	routine.tuple_tid_valid = lake_tuple_tid_valid;
	routine.tuple_get_latest_tid = lake_tuple_get_latest_tid;
	routine.tuple_satisfies_snapshot = lake_tuple_satisfies_snapshot;
	routine.index_delete_tuples = lake_index_delete_tuples;
	routine.tuple_insert = lake_tuple_insert;
	routine.tuple_insert_speculative = lake_tuple_insert_speculative;
	routine.tuple_complete_speculative = lake_tuple_complete_speculative;
	routine.multi_insert = lake_multi_insert;
	routine.tuple_delete = lake_tuple_delete;
	routine.tuple_update = lake_tuple_update;
	routine.tuple_lock = lake_tuple_lock;
	LakeSetNewLocatorCallback(routine) = lake_set_new_locator;
	routine.relation_nontransactional_truncate = lake_nontransactional_truncate;
	routine.relation_copy_data = lake_copy_data;
	routine.relation_copy_for_cluster = lake_copy_for_cluster;
	routine.relation_vacuum = lake_vacuum;
	routine.scan_analyze_next_block = lake_scan_analyze_next_block;
	routine.scan_analyze_next_tuple = lake_scan_analyze_next_tuple;
	routine.index_build_range_scan = lake_index_build_range_scan;
	routine.index_validate_scan = lake_index_validate_scan;
	routine.relation_size = lake_relation_size;
	routine.relation_needs_toast_table = lake_needs_toast;
	routine.relation_estimate_size = lake_estimate_size;
	routine.scan_sample_next_block = lake_sample_next_block;
	routine.scan_sample_next_tuple = lake_sample_next_tuple;
	routine.type = T_TableAmRoutine;
	return &routine;
}

extern "C" {
PG_FUNCTION_INFO_V1(lake_table_am_handler);
}

Datum
lake_table_am_handler(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(lake_am_routine());
}
