/*
 * simplify_query.h
 *	  What the standard planner does to expressions before anything else: constants folded, SQL functions inlined.
 */
#ifndef LAKE_PLAN_SIMPLIFY_QUERY_H
#define LAKE_PLAN_SIMPLIFY_QUERY_H

extern "C" {
#include "postgres.h"
#include "nodes/params.h"
#include "nodes/parsenodes.h"
#include "nodes/pathnodes.h"
}

/*
 * A simplified copy of the query. Parameters that the bound values fix are folded. glob (a PlannerGlobal) collects what the plan comes to
 * depend on: functions that were inlined (invalItems), row-level security in them (dependsOnRole).
 */
extern Query *lake_simplify_query(Query *query, ParamListInfo bound_params, PlannerGlobal *glob);

/* PostgreSQL ends an endless recursion as soon as a LIMIT without ORDER BY is reached; DuckDB does not. */
extern bool lake_limit_ends_recursion(Query *query);

#endif
