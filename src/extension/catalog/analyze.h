/*
 * analyze.h
 *	  ANALYZE of the catalog tables by the transaction that changes many of their rows (surface.md, CAT-10): whoever comes next would plan with
 *	  statistics of an empty table until autovacuum has been there.
 */
#ifndef LAKE_CATALOG_ANALYZE_H
#define LAKE_CATALOG_ANALYZE_H

/* A row of a catalog table was inserted, updated or deleted. */
extern void lake_note_catalog_change(void);

/* The last thing before commit: analyzes if pg_lake_table.commit_time_analyze_threshold says so. What goes wrong is a warning. */
extern void lake_analyze_catalogs(void);

/* The transaction is over. */
extern void lake_forget_catalog_changes(void);

#endif
