/*
 * merge.h
 *	  MERGE's parse tree across major versions: from 17 on the join condition stands beside the join tree, and actions have kinds.
 */
#ifndef LAKE_COMPAT_MERGE_H
#define LAKE_COMPAT_MERGE_H

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
}

static inline bool
lake_merge_action_is_matched(const MergeAction *action)
{
#if PG_VERSION_NUM >= 170000
	return action->matchKind == MERGE_WHEN_MATCHED;
#else
	return action->matched;
#endif
}

/* No WHEN NOT MATCHED BY SOURCE, and one relation as source. */
static inline bool
lake_merge_is_plain(const Query *query)
{
#if PG_VERSION_NUM >= 170000
	ListCell   *lc;

	foreach(lc, query->mergeActionList)
	{
		if (lfirst_node(MergeAction, lc)->matchKind == MERGE_WHEN_NOT_MATCHED_BY_SOURCE)
			return false;
	}
#endif
	return list_length(query->jointree->fromlist) == 1;
}

static inline Node *
lake_merge_source(const Query *query)
{
	return (Node *) linitial(query->jointree->fromlist);
}

static inline Node *
lake_merge_condition(const Query *query)
{
#if PG_VERSION_NUM >= 170000
	return query->mergeJoinCondition;
#else
	return query->jointree->quals;
#endif
}

#endif
