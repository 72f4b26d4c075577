/*
 * scan.cpp
 *	  Scans by core's own code: COPY .. TO, ALTER TABLE's checks, ANALYZE, and whatever else calls the access method directly. Queries use the
 *	  custom scan instead, which pushes filters and columns.
 *
 * The row stream is opened at the first row, so that a scan that is begun and never read costs nothing.
 */
extern "C" {
#include "postgres.h"
#include "access/relscan.h"
#include "commands/vacuum.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
}

#include "am/lake_am.h"
#include "am/row_stash.h"
#include "catalog/column_statistics.h"
#include "catalog/pointer.h"
#include "ddl/alter_table.h"
#include "exec/lake_scan_text.h"
#include "exec/row_stream.h"
#include "link/sql_text.h"
#include "txn/table_state.h"

typedef struct LakeScanDesc
{
	TableScanDescData base;		/* must be first */
	MemoryContext context;		/* of the stream */
	LakeRowStream *stream;
	LakeRowCodec *codec;
	int64		row_number;
	bool		sampling;		/* ANALYZE */
	double		live_rows;		/* ANALYZE: of the table, and the blocks it pretends to have */
	BlockNumber blocks;
	BlockNumber blocks_seen;
	bool		finished;
} LakeScanDesc;

TableScanDesc
lake_scan_begin(Relation rel, Snapshot snapshot, int nkeys, struct ScanKeyData *key, ParallelTableScanDesc pscan, uint32 flags)
{
	LakeScanDesc *scan;

	if (pscan != NULL)
		elog(ERROR, "parallel scan of iceberg table \"%s\"", RelationGetRelationName(rel));
	if (flags & SO_TYPE_SAMPLESCAN)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("TABLESAMPLE is not supported for iceberg table \"%s\"", RelationGetRelationName(rel)),
				 errhint("Use WHERE random() < fraction.")));
	RelationIncrementReferenceCount(rel);
	scan = (LakeScanDesc *) palloc0(sizeof(LakeScanDesc));
	scan->base.rs_rd = rel;
	scan->base.rs_snapshot = snapshot;
	scan->base.rs_nkeys = nkeys;
	scan->base.rs_flags = flags;
	scan->sampling = (flags & SO_TYPE_ANALYZE) != 0;
	scan->context = AllocSetContextCreate(CurrentMemoryContext, "lake scan", ALLOCSET_DEFAULT_SIZES);
	if (nkeys > 0)
		elog(ERROR, "scan keys on iceberg table \"%s\"", RelationGetRelationName(rel));
	return &scan->base;
}

void
lake_scan_end(TableScanDesc base)
{
	LakeScanDesc *scan = (LakeScanDesc *) base;

	MemoryContextDelete(scan->context);
	RelationDecrementReferenceCount(base->rs_rd);
	if (base->rs_flags & SO_TEMP_SNAPSHOT)
		UnregisterSnapshot(base->rs_snapshot);
	pfree(scan);
}

void
lake_scan_rescan(TableScanDesc base, struct ScanKeyData *key, bool set_params, bool allow_strat, bool allow_sync, bool allow_pagemode)
{
	LakeScanDesc *scan = (LakeScanDesc *) base;

	MemoryContextReset(scan->context);
	scan->stream = NULL;
	scan->codec = NULL;
	scan->row_number = 0;
	scan->finished = false;
}

/* Rows that ANALYZE wants, as std_typanalyze has it: 300 for each unit of the largest statistics target. */
static int
sample_size(Relation rel)
{
	int			largest = default_statistics_target;

	for (AttrNumber attno = 1; attno <= RelationGetNumberOfAttributes(rel); attno++)
		largest = Max(largest, lake_statistics_target(rel, attno));
	return 300 * largest;
}

static void
open_scan_stream(LakeScanDesc *scan, TupleDesc desc)
{
	MemoryContext old = MemoryContextSwitchTo(scan->context);
	Relation	rel = scan->base.rs_rd;
	Snapshot	snapshot = scan->base.rs_snapshot;
	StringInfoData sql;
	StringInfoData from;
	bool		has_row_ids = false;

	scan->codec = lake_make_relation_codec(rel, desc, true, false);
	initStringInfo(&from);
	if (scan->sampling)
		lake_append_sample_call(&from, rel, sample_size(rel), &has_row_ids);
	else
		lake_append_scan_call_as(&from, rel, desc, snapshot != NULL ? snapshot : SnapshotSelf);
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	for (int i = 0; i < scan->codec->ncolumns; i++)
	{
		appendStringInfoString(&sql, i > 0 ? ", " : "");
		lake_append_identifier(&sql, scan->codec->columns[i].name);
	}
	if (scan->codec->ncolumns == 0)
		appendStringInfoString(&sql, "NULL");
	appendStringInfo(&sql, " FROM %s", from.data);
	/* the order of rows tells how a column correlates with it */
	if (has_row_ids)
		appendStringInfoString(&sql, " ORDER BY " LAKE_ROW_ID_COLUMN);
	scan->stream = lake_row_stream_open(sql.data, NULL, scan->codec);
	MemoryContextSwitchTo(old);
}

bool
lake_scan_getnextslot(TableScanDesc base, ScanDirection direction, TupleTableSlot *slot)
{
	LakeScanDesc *scan = (LakeScanDesc *) base;

	if (ScanDirectionIsBackward(direction))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("backward scan of iceberg table \"%s\" is not supported", RelationGetRelationName(base->rs_rd))));
	/* a rewrite of core's that leaves all rows where they are */
	if (lake_keeps_content(RelationGetRelid(base->rs_rd)))
		scan->finished = true;
	if (scan->finished)
	{
		ExecClearTuple(slot);
		return false;
	}
	if (scan->stream == NULL)
		open_scan_stream(scan, slot->tts_tupleDescriptor);
	if (!lake_row_stream_next(scan->stream, slot))
	{
		scan->finished = true;
		return false;
	}
	lake_fill_added_columns(RelationGetRelid(base->rs_rd), slot);
	lake_row_number_to_tid(++scan->row_number, &slot->tts_tid);
	slot->tts_tableOid = RelationGetRelid(base->rs_rd);
	return true;
}

/* ---------------------------------------------------------------- ANALYZE */

/*
 * Core samples blocks and then rows of them, and takes the live rows of the sampled blocks, times all blocks by sampled ones, for the table's. The server
 * samples better: so the first block has all rows of its sample (of which core keeps as many as it wants), the others have none, and after every
 * block the live rows so far are made those that give the exact number in the end.
 */
#if LAKE_ANALYZE_BY_STREAM
bool
lake_scan_analyze_next_block(TableScanDesc base, struct ReadStream *stream)
{
	return read_stream_next_block(stream, NULL) != InvalidBlockNumber;
}
#else
bool
lake_scan_analyze_next_block(TableScanDesc base, BlockNumber block, BufferAccessStrategy strategy)
{
	return true;
}
#endif

bool
lake_scan_analyze_next_tuple(TableScanDesc base, TransactionId oldest_xmin, double *liverows, double *deadrows, TupleTableSlot *slot)
{
	LakeScanDesc *scan = (LakeScanDesc *) base;

	if (scan->blocks == 0)
		lake_live_size(base->rs_rd, &scan->live_rows, &scan->blocks);
	if (lake_scan_getnextslot(base, ForwardScanDirection, slot))
		return true;
	if (scan->blocks_seen == 0)
		lake_note_analyzed(base->rs_rd);
	scan->blocks_seen++;
	*liverows = scan->live_rows * scan->blocks_seen / Max(scan->blocks, 1);
	return false;
}
