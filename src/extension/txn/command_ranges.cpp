/*
 * command_ranges.cpp
 *	  See command_ranges.h.
 */
extern "C" {
#include "postgres.h"
}

#include "txn/command_ranges.h"

static void
ranges_reserve(LakeRanges *ranges, int count)
{
	if (count <= ranges->allocated)
		return;
	ranges->allocated = Max(count, ranges->allocated * 2);
	ranges->items = ranges->items == NULL
		? (LakeCommandRange *) palloc(sizeof(LakeCommandRange) * ranges->allocated)
		: (LakeCommandRange *) repalloc(ranges->items, sizeof(LakeCommandRange) * ranges->allocated);
}

void
lake_ranges_add(LakeRanges *ranges, CommandId cid, int64 end_row)
{
	if (ranges->count > 0 && ranges->items[ranges->count - 1].cid == cid)
	{
		ranges->items[ranges->count - 1].end_row = end_row;
		return;
	}
	ranges_reserve(ranges, ranges->count + 1);
	ranges->items[ranges->count].cid = cid;
	ranges->items[ranges->count].end_row = end_row;
	ranges->count++;
}

int64
lake_ranges_visible(const LakeRanges *ranges, CommandId curcid)
{
	int64		visible = 0;

	for (int i = 0; i < ranges->count && ranges->items[i].cid < curcid; i++)
		visible = ranges->items[i].end_row;
	return visible;
}
