/*
 * on_conflict.h
 *	  INSERT .. ON CONFLICT on a table with a unique key (ddl/unique_key.h), as statements that need no index.
 *
 * PostgreSQL's planner wants an index for it, so the query is rewritten before it comes there, s being the rows to insert, t the table, k its key:
 *
 *   DO NOTHING   INSERT INTO t SELECT .. FROM s LEFT JOIN t ON s.k = t.k WHERE t.k IS NULL, of rows of s with equal keys the first
 *   DO UPDATE    MERGE INTO t USING s ON s.k = t.k WHEN MATCHED [AND ..] THEN UPDATE .. WHEN NOT MATCHED THEN INSERT ..
 *
 * Both run on the set path or the row path like any other. The write lock, which the statement takes before it starts, makes the look-up hold.
 */
#ifndef LAKE_PLAN_ON_CONFLICT_H
#define LAKE_PLAN_ON_CONFLICT_H

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
}

/*
 * Rewrites the query where it is an INSERT .. ON CONFLICT on a lake table, and such parts of its WITH. True when it has become a MERGE, whose plan
 * must say that it is an INSERT. Leaves what names something else than the key to PostgreSQL, which says so (42P10).
 */
extern bool lake_rewrite_on_conflict(Query *query);

#endif
