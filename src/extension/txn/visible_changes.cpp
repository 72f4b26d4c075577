/*
 * visible_changes.cpp
 *	  The change log as scans are told it (docs/link.md, `changes` of lake_scan). See table_state.h.
 */
extern "C" {
#include "postgres.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

#include "txn/table_state.h"

void
lake_append_change(StringInfo json, const LakeChange *change, int64 visible)
{
	appendStringInfo(json, "%s{\"change\": %s", json->len > 1 ? ", " : "", change->json);
	if (visible < change->nrows)
		appendStringInfo(json, ", \"rows\": " INT64_FORMAT, visible);
	appendStringInfoChar(json, '}');
}

static void
begin_changes(StringInfo json, LakeTableState *state)
{
	initStringInfo(json);
	appendStringInfoChar(json, '[');
	if (state->replaces)
		appendStringInfoString(json, "{\"truncate\": true}");
}

char *
lake_added_rows(LakeTableState *state)
{
	StringInfoData json;
	ListCell   *lc;

	begin_changes(&json, state);
	foreach(lc, state->changes)
	{
		LakeChange *change = (LakeChange *) lfirst(lc);

		if (!change->deletes)
			lake_append_change(&json, change, change->nrows);
	}
	appendStringInfoChar(&json, ']');
	return json.data;
}

char *
lake_visible_changes(Relation rel, Snapshot snapshot, bool row_ids)
{
	LakeTableState *state = lake_table_state(rel, false);
	StringInfoData json;
	ListCell   *lc;

	if (state == NULL)
		return NULL;
	lake_flush_state(state, rel);
	begin_changes(&json, state);
	foreach(lc, state->changes)
	{
		LakeChange *change = (LakeChange *) lfirst(lc);
		int64		visible = IsMVCCSnapshot(snapshot) ? lake_ranges_visible(&change->ranges, snapshot->curcid) : change->nrows;

		if (change->deletes)
		{
			if (!IsMVCCSnapshot(snapshot) || change->cid < snapshot->curcid)
				lake_append_change(&json, change, change->nrows);
		}
		else if (visible > 0 || row_ids)
			lake_append_change(&json, change, visible);
	}
	appendStringInfoChar(&json, ']');
	return json.len == 2 ? NULL : json.data;
}
