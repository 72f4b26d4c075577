/*
 * scan_cost.h
 *	  What a scan of a lake table costs, in the units of the planner, so that plans with heap tables beside come out right.
 */
#ifndef LAKE_PLAN_SCAN_COST_H
#define LAKE_PLAN_SCAN_COST_H

extern "C" {
#include "postgres.h"
#include "nodes/pathnodes.h"
}

/*
 * Measured beside heap scans in memory, of which about 100 units took a millisecond; LAKE_STARTUP_COST (statement.h) is a query to the server and its
 * first row, warm. This is a value that the server reads and filters.
 */
#define LAKE_VALUE_COST 0.002
/* A row that comes over the link, and each of its values, by whether they have one length; and each byte. */
#define LAKE_ROW_COST 0.005
#define LAKE_FIXED_COST 0.009
#define LAKE_VARIABLE_COST 0.022
#define LAKE_BYTE_COST 0.0003

/* What a row of these expressions costs on the way from the server. */
extern Cost lake_row_transfer_cost(List *exprs);

/*
 * The rows that the server reads to find those that pass the clauses (List of RestrictInfo): files and row groups are pruned by their bounds, and that
 * works as well as a column's order is that of the rows (pg_stats.correlation).
 */
extern double lake_rows_read(PlannerInfo *root, RelOptInfo *rel, List *clauses);

/* Sets rows, startup_cost and total_cost of a path over a base relation, whose param_info and pathtarget are set. */
extern void lake_cost_table_scan(PlannerInfo *root, RelOptInfo *rel, Path *path);

#endif
