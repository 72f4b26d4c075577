/*
 * column_statistics.h
 *	  How many distinct values columns have, by the statistics files of Iceberg (docs/explain.md). ANALYZE writes one with a theta sketch of each column
 *	  for the table's snapshot, if it has none, and takes pg_statistic.stadistinct from it, or from another engine's; of a table that was never
 *	  analyzed here the planner is told what the file says.
 *
 * A sketch is made while ANALYZE runs, of the committed rows; it joins the table's metadata before commit, so that no other commit waits for it.
 */
#ifndef LAKE_CATALOG_COLUMN_STATISTICS_H
#define LAKE_CATALOG_COLUMN_STATISTICS_H

extern "C" {
#include "postgres.h"
#include "utils/rel.h"
}

/* ANALYZE has read its sample of the table. */
extern void lake_note_analyzed(Relation rel);

/* Before commit: the files that were written become the tables', and pg_statistic is corrected. */
extern void lake_apply_column_statistics(void);

/* The transaction or subtransaction is over. */
extern void lake_forget_column_statistics(void);
extern void lake_column_statistics_subxact_committed(SubTransactionId subid, SubTransactionId parent);
extern void lake_column_statistics_subxact_aborted(SubTransactionId subid);

/* Installs get_relation_stats_hook. */
extern void lake_column_statistics_init(void);

#endif
