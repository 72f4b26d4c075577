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
#include "utils/memutils.h"
#include "utils/snapmgr.h"
}

#include "am/lake_am.h"
#include "am/row_stash.h"
#include "catalog/pointer.h"
#include "ddl/alter_table.h"
#include "exec/lake_scan_text.h"
#include "exec/row_stream.h"
#include "link/sql_text.h"
#include "txn/table_state.h"

/* Rows that ANALYZE looks at; the default statistics target needs 30,000. */
#define LAKE_ANALYZE_SAMPLE_ROWS 30000

typedef struct LakeScanDesc
{
	TableScanDescData base;		/* must be first */
	MemoryContext context;		/* of the stream */
	LakeRowStream *stream;
	LakeRowCodec *codec;
	int64		row_number;
	bool		sampling;		/* ANALYZE */
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

static void
open_scan_stream(LakeScanDesc *scan, TupleDesc desc)
{
	MemoryContext old = MemoryContextSwitchTo(scan->context);
	Relation	rel = scan->base.rs_rd;
	Snapshot	snapshot = scan->base.rs_snapshot;
	StringInfoData sql;
	StringInfoData from;

	scan->codec = lake_make_relation_codec(rel, desc, true, false);
	initStringInfo(&from);
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
	if (scan->sampling)
		appendStringInfo(&sql, " USING SAMPLE reservoir(%d ROWS)", LAKE_ANALYZE_SAMPLE_ROWS);
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

/*
 * ANALYZE samples blocks and then rows. A lake table says it has one block (lake_am.cpp), and that block's rows are a sample that the
 * server draws; what was not drawn is added to the count of live rows at the end.
 */
#if LAKE_ANALYZE_BY_STREAM
bool
lake_scan_analyze_next_block(TableScanDesc base, struct ReadStream *stream)
{
	LakeScanDesc *scan = (LakeScanDesc *) base;

	return !scan->finished && scan->stream == NULL;
}
#else
bool
lake_scan_analyze_next_block(TableScanDesc base, BlockNumber block, BufferAccessStrategy strategy)
{
	return block == 0;
}
#endif

bool
lake_scan_analyze_next_tuple(TableScanDesc base, TransactionId oldest_xmin, double *liverows, double *deadrows, TupleTableSlot *slot)
{
	LakeScanDesc *scan = (LakeScanDesc *) base;
	LakePointer pointer;

	if (lake_scan_getnextslot(base, ForwardScanDirection, slot))
	{
		*liverows += 1;
		return true;
	}
	if (lake_pointer_get(RelationGetRelid(base->rs_rd), NULL, &pointer) && pointer.record_count > scan->row_number)
		*liverows += pointer.record_count - scan->row_number;
	return false;
}
