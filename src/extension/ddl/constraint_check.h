/*
 * constraint_check.h
 *	  Rows that another engine wrote, against what PostgreSQL promises of a table's rows. PostgreSQL's own writes are checked row by row as they come.
 */
#ifndef LAKE_DDL_CONSTRAINT_CHECK_H
#define LAKE_DDL_CONSTRAINT_CHECK_H

extern "C" {
#include "postgres.h"
#include "nodes/pg_list.h"
}

/*
 * Reads the table as it is by now, as its owner: CHECK and partition constraints, generated columns, foreign keys, the unique key. Throws PostgreSQL's
 * error for the first that does not hold. Costs nothing for a table that has none.
 */
extern void lake_check_constraints(Oid relid);

/* Makes columns (List of char *) NOT NULL, which reads them; the Iceberg schema says it already. */
extern void lake_set_not_null(Oid relid, List *columns);

#endif
