/*
 * modification_query.h
 *	  The SELECT whose rows are what an INSERT, UPDATE, DELETE or MERGE does to a lake table.
 *
 * Its output columns are those of docs/link.md, "Queries that write": the row id (of a table whose rows change), the action (MERGE), the table's
 * columns as they will be (but for DELETE), and whether CHECK constraints hold (where there are any).
 */
#ifndef LAKE_PLAN_MODIFICATION_QUERY_H
#define LAKE_PLAN_MODIFICATION_QUERY_H

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
#include "utils/rel.h"
}

#include "exec/remote_query.h"

/*
 * Returns the query and fills *modification but for target_scan, or returns NULL and adds to *reasons why row by row is the only way. *first_column is
 * the index of the first of the table's columns. Does not change the query.
 */
extern Query *lake_modification_query(Query *query, Relation rel, LakeModification *modification, int *first_column, List **reasons);

#endif
