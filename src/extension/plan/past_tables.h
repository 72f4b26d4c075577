/*
 * past_tables.h
 *	  lake.at_time(), at_snapshot() and at_ref() in FROM, as tables: they are planned and shipped as the table itself is, and only its scan reads another point
 *	  in its history (docs/time_travel.md).
 *
 * Such an entry of the range table is a relation that has kept its function. Nothing in core looks at that; the rights are those that the function asks for,
 * when the scan begins.
 */
#ifndef LAKE_PLAN_PAST_TABLES_H
#define LAKE_PLAN_PAST_TABLES_H

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
}

#include "exec/time_travel.h"

/* Turns calls whose arguments are known when the query starts into relations, in place, at all levels of the query. */
extern void lake_replace_past_functions(Query *query);

/* The kind of the entry's point in the past, and the expression for it; LAKE_NOW for what is no such entry. */
extern LakeReadPointKind lake_past_of_entry(RangeTblEntry *rte, Node **point);

#endif
