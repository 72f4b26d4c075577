/*
 * whole_files.h
 *	  The condition of a DELETE in the form by which the server finds data files that go without being read (docs/link.md, "Queries that write").
 */
#ifndef LAKE_PLAN_WHOLE_FILES_H
#define LAKE_PLAN_WHOLE_FILES_H

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
}

/*
 * JSON of all conditions of a simplified query on the one table that it reads, or NULL when one of them is other than a comparison of a column with a
 * constant, or a test for NULL. Without conditions: "[]".
 */
extern char *lake_whole_file_conditions(Query *query, Index target);

#endif
