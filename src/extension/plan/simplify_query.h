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
}

/*
 * A simplified copy of the query. Parameters that the bound values fix are folded. Functions that were inlined are added to *inval_items, for
 * the plan depends on their definition.
 */
extern Query *lake_simplify_query(Query *query, ParamListInfo bound_params, List **inval_items);

#endif
