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

static inline void
lake_set_merge_action_matched(MergeAction *action, bool matched)
{
#if PG_VERSION_NUM >= 170000
	action->matchKind = matched ? MERGE_WHEN_MATCHED : MERGE_WHEN_NOT_MATCHED_BY_TARGET;
#else
	action->matched = matched;
#endif
}

/* Whether MERGE may have RETURNING. */
#if PG_VERSION_NUM >= 170000
#define LAKE_MERGE_RETURNS true
#else
#define LAKE_MERGE_RETURNS false
#endif

/* An INSERT becomes a MERGE that inserts and updates; its jointree names the source. */
static inline void
lake_become_merge(Query *query, Node *condition)
{
	query->commandType = CMD_MERGE;
#if PG_VERSION_NUM >= 170000
	query->mergeTargetRelation = query->resultRelation;
	query->mergeJoinCondition = condition;
#else
	query->mergeUseOuterJoin = true;
	query->jointree->quals = condition;
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
