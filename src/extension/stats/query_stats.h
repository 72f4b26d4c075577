/*
 * query_stats.h
 *	  Counters of what was shipped, of what was not and why, in shared memory: one entry for each part of each query (compute_query_id), as
 *	  pg_stat_statements has one for each query. Shown by lake.pg_stat_lake_queries (docs/explain.md).
 */
#ifndef LAKE_STATS_QUERY_STATS_H
#define LAKE_STATS_QUERY_STATS_H

extern "C" {
#include "postgres.h"
#include "nodes/execnodes.h"
#include "portability/instr_time.h"
}

/* What a node of a plan was: a statement's all, or a table of one that was not shipped. */
typedef enum LakePartKind
{
	LAKE_PART_QUERY,
	LAKE_PART_MODIFICATION,
	LAKE_PART_SCAN
} LakePartKind;

/* What it took; counted while it runs. */
typedef struct LakePartUsage
{
	int64		rows;			/* that came over the link, or were changed */
	int64		bytes;			/* that came over the link */
	instr_time	engine_time;	/* waited for the server */
	instr_time	started;		/* at the first row asked for */
	bool		is_started;
} LakePartUsage;

/* Asks for shared memory; called once, by _PG_init, after the settings. */
extern void lake_query_stats_init(void);

extern void lake_usage_start(LakePartUsage *usage);

/*
 * Adds the usage of a node that was executed to the entry of its query and part. relid: of a scan's table, else invalid. reasons: List of String, why the
 * statement was not shipped ("Kind\tDescription"). Does nothing when the node never started, or nobody tracks. Does not raise errors.
 */
extern void lake_count_part(EState *estate, LakePartKind kind, Oid relid, List *reasons, LakePartUsage *usage);

#endif
