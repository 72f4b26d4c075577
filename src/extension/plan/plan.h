/*
 * plan.h
 *	  The planner of lake tables: which statements run in the server as a whole, and what a scan of one table takes along.
 *
 * Everything here ends in a CustomScan of exec/remote_query.h. Nothing here talks to the server or looks at a pointer row: plans never
 * hold a location (design.md section 4).
 */
#ifndef LAKE_PLAN_PLAN_H
#define LAKE_PLAN_PLAN_H

extern "C" {
#include "postgres.h"
#include "nodes/params.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
}

/* Installs planner_hook and set_rel_pathlist_hook, chained to those that are there. Called once, by _PG_init. */
extern void lake_plan_init(void);

/* True when a relation anywhere in the query (CTEs, subqueries, sublinks) is a lake table. Cheap for queries without any. */
extern bool lake_query_has_lake_table(Query *query);

/*
 * A plan of one CustomScan (Query Pushdown) for a SELECT that can run in the server as a whole, or NULL with *reasons (List of String,
 * "Kind\tDescription", surface.md PLAN-5) saying why not. Does not change the query.
 */
extern PlannedStmt *lake_plan_whole_query(Query *query, int cursor_options, ParamListInfo bound_params, List **reasons);

/* True for an INSERT, UPDATE, DELETE or MERGE on a lake table. */
extern bool lake_is_modification(Query *query);

/* The same for a modification that reads lake tables. */
extern PlannedStmt *lake_plan_modification(Query *query, ParamListInfo bound_params, List **reasons);

/* Has the query call lake_iceberg.table_size() wherever it calls pg_table_size(). Changes the query. */
extern void lake_replace_table_size(Query *query);

/* The row path's path for lake tables; see table_scan_path.cpp. */
extern void lake_table_scan_path_init(void);

/*
 * Why the statement that is being planned by the standard planner is not shipped: set by the planner hook around it, read by the row
 * path's scans, which carry it to EXPLAIN. NIL when nothing is known.
 */
extern List *lake_not_vectorized_reasons;

/* True while a cursor is planned that WHERE CURRENT OF may name: its scan has row ids. */
extern bool lake_planning_cursor;

#endif
