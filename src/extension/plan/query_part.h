/*
 * query_part.h
 *	  A part of a query that PostgreSQL executes: a subquery in its FROM that runs in the server as a whole.
 *
 * split_query.h finds the parts; to the planner each is a subquery that it can neither pull up nor push conditions into (a LIMIT of NULL sees to that),
 * and whose own plan is replaced by one CustomScan (Query Pushdown). The planner's own estimate of its rows stays.
 */
#ifndef LAKE_PLAN_QUERY_PART_H
#define LAKE_PLAN_QUERY_PART_H

extern "C" {
#include "postgres.h"
#include "nodes/params.h"
#include "nodes/parsenodes.h"
#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"
}

#include "exec/remote_query.h"

typedef struct LakePart
{
	Query	   *query;
	LakeRemoteQuery remote;
	List	   *params;			/* Node: expressions of $1.. */
} LakePart;

/* What becomes a part: it refers to nothing outside, the server can run it, and doing so is more than scanning one table. NULL if not so. */
extern LakePart *lake_make_part(Query *query, ParamListInfo bound_params);

/* True when a query, or an expression of one, refers to something around the query. */
extern bool lake_refers_outside(Node *node);

/* Makes the entry the part. */
extern void lake_install_part(RangeTblEntry *rte, LakePart *part, List **parts);
extern bool lake_is_part(RangeTblEntry *rte);

/* The parts of the statement that is being planned; set around the standard planner. List of LakePart. */
extern List *lake_current_parts;

/* Called for every base relation of the planner: true when it was a part, which has its path then. */
extern bool lake_add_part_path(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte);

/* Relations of the parts join those of the plan: permissions, locks and invalidation. `glob`: what simplifying the query collected. */
extern void lake_finish_split(PlannedStmt *stmt, List *parts, PlannerGlobal *glob);

#endif
