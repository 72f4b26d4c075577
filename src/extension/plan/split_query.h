/*
 * split_query.h
 *	  Queries that cannot run in the server as a whole, as queries of PostgreSQL's over parts that can.
 *
 * At every level of the query the largest part is looked for, in this order:
 *
 *	  tail		all but the output expressions: ORDER BY and LIMIT are the server's
 *	  windows	up to window functions
 *	  groups	up to GROUP BY and aggregates; HAVING too, if it can
 *	  rows		FROM and what can go of WHERE
 *	  joins		those relations of FROM that can go, and are joined to each other
 *
 * and then the queries inside what remains get their turn: in FROM, WITH, set operations and expressions.
 */
#ifndef LAKE_PLAN_SPLIT_QUERY_H
#define LAKE_PLAN_SPLIT_QUERY_H

extern "C" {
#include "postgres.h"
#include "nodes/params.h"
#include "nodes/parsenodes.h"
#include "nodes/pathnodes.h"
}

/*
 * A query with parts in it, or NULL when nothing of it can go. *parts: List of LakePart (query_part.h). glob collects what the result depends on beside its
 * relations. The query stays as it is.
 */
extern Query *lake_split_query(Query *query, ParamListInfo bound_params, PlannerGlobal *glob, List **parts);

#endif
