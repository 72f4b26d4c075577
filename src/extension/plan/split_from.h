/*
 * split_from.h
 *	  FROM and WHERE of a query that is split: which relations and conditions can go to the server.
 */
#ifndef LAKE_PLAN_SPLIT_FROM_H
#define LAKE_PLAN_SPLIT_FROM_H

extern "C" {
#include "postgres.h"
#include "nodes/params.h"
#include "nodes/parsenodes.h"
}

/* Inner joins become entries of FROM and conditions of WHERE; columns of joins those of what is joined. Changes the query. */
extern void lake_flatten_joins(Query *query);

/* Range table indexes in a piece of FROM, those of joins too. */
extern Bitmapset *lake_entries_of(Node *node);

/* Empties entries that went into a part. */
extern void lake_clear_entries(Query *query, Bitmapset *rtindexes);

/* Conditions that the server can check, and the others. */
extern void lake_divide_conditions(Query *query, List *conditions, List **inside, List **outside);

/* Groups of relations that can go and are joined to each other become parts. Changes the query. */
extern void lake_split_from(Query *query, ParamListInfo bound_params, List **parts);

/* True when both have a CTE of that name: it would be computed twice, and need not give the same rows. */
extern bool lake_have_common_cte(Query *one, Query *other);

/* Removes CTEs that nothing refers to any more, and counts the references to others anew. */
extern void lake_keep_used_ctes(Query *query);

#endif
