/*
 * staged_table.h
 *	  Heap tables in a query that goes to the server: the rows that it needs are sent ahead and stand there as a temporary table (docs/link.md, "Rows for a
 *	  query").
 */
#ifndef LAKE_PLAN_STAGED_TABLE_H
#define LAKE_PLAN_STAGED_TABLE_H

extern "C" {
#include "postgres.h"
#include "nodes/params.h"
}

#include "plan/deparse.h"

/*
 * Writes the reference to the temporary table, without alias, and notes in ctx->stages the query whose rows it will hold: the columns that the query
 * at ctx->level needs, and the rows that pass those of its conditions that are about this table alone. Refuses what cannot be sent.
 */
extern void lake_deparse_staged_table(LakeDeparse *ctx, int rtindex);

/*
 * The tables behind a partitioned table or an inheritance parent (lake_partitions_of) that the query's conditions leave; NIL: it is to be taken as a whole.
 */
extern List *lake_live_partitions(LakeDeparse *ctx, int rtindex);

/* Writes the rows of these tables, without alias, as those of their parent: lake tables are scanned, the others sent ahead. */
extern void lake_deparse_partitions(LakeDeparse *ctx, int rtindex, List *partitions);

/*
 * Plans the stages of a remote query (Query becomes PlannedStmt). False, with a reason, when it is cheaper to fetch the rows of the lake tables.
 */
extern bool lake_plan_stages(LakeRemoteQuery *remote, ParamListInfo bound_params, List **reasons);

#endif
