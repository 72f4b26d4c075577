/*
 * lake_am.h
 *	  The table access method `iceberg` (design.md 1.2, table-am.md).
 */
#ifndef LAKE_AM_LAKE_AM_H
#define LAKE_AM_LAKE_AM_H

extern "C" {
#include "postgres.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "executor/tuptable.h"
}

#include "compat/compat.h"

/* Exact rows, those of this transaction counted, and the pages that their bytes would fill. Reads the pointer row alone. */
extern void lake_live_size(Relation rel, double *tuples, BlockNumber *pages);

/* scan.cpp */
extern TableScanDesc lake_scan_begin(Relation rel, Snapshot snapshot, int nkeys, struct ScanKeyData *key,
									 ParallelTableScanDesc pscan, uint32 flags);
extern void lake_scan_end(TableScanDesc scan);
extern void lake_scan_rescan(TableScanDesc scan, struct ScanKeyData *key, bool set_params, bool allow_strat, bool allow_sync,
							 bool allow_pagemode);
extern bool lake_scan_getnextslot(TableScanDesc scan, ScanDirection direction, TupleTableSlot *slot);
extern bool lake_scan_analyze_next_tuple(TableScanDesc scan, TransactionId oldest_xmin, double *liverows, double *deadrows,
										 TupleTableSlot *slot);
#if LAKE_ANALYZE_BY_STREAM
extern bool lake_scan_analyze_next_block(TableScanDesc scan, struct ReadStream *stream);
#else
extern bool lake_scan_analyze_next_block(TableScanDesc scan, BlockNumber block, BufferAccessStrategy strategy);
#endif

/* slot.cpp: a virtual slot that also knows its TID when copied to a heap tuple */
extern const TupleTableSlotOps *lake_slot_callbacks(Relation rel);

/* The method itself; rd_tableam of every lake table points to it. */
extern const TableAmRoutine *lake_am_routine(void);

#endif
