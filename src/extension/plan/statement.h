/*
 * statement.h
 *	  Plans that are built outside the standard planner: what PostgreSQL checks and invalidates them by.
 */
#ifndef LAKE_PLAN_STATEMENT_H
#define LAKE_PLAN_STATEMENT_H

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"
}

#include "exec/remote_query.h"

#define LAKE_STARTUP_COST 100.0
/* For each table behind a partitioned one: a plan for all values of a parameter reads partitions that a plan for one value has pruned. */
#define LAKE_PARTITION_COST 10.0

/* The entries of all levels of the query, those of the outermost first and in their order. *perm_infos: PostgreSQL 16 and later. */
extern List *lake_flat_range_table(Query *query, List **perm_infos);

/* An entry that gives a query's output columns their names in EXPLAIN; nothing reads it. */
extern RangeTblEntry *lake_make_output_entry(Query *query);

/* Adds the query's entries, and what it depends on, to a plan of the standard planner's that runs the query in a node of its own. */
extern void lake_add_relations(PlannedStmt *stmt, Query *query);

/* Adds what the remote query reads that stands in no query: partitions, and whatever the plans of its stages read. */
extern void lake_add_remote_relations(PlannedStmt *stmt, const LakeRemoteQuery *remote);

/*
 * The statement of a plan. `simple` is what became of the query (simplify_query.h) with what glob collected: the plan depends on the relations and
 * functions of both, and on the role where row-level security was in force.
 */
extern PlannedStmt *lake_make_statement(Query *query, Query *simple, PlannerGlobal *glob, List *rtable, List *perm_infos, Plan *plan);

#endif
