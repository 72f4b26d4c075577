/*
 * command_ranges.cpp
 *	  See command_ranges.h.
 */
#include <algorithm>

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

static int64
begin_of(const LakeRanges *ranges, int index)
{
	return index == 0 ? 0 : ranges->items[index - 1].end_row;
}

void
lake_ranges_add(LakeRanges *ranges, CommandId cid, int64 nrows, int64 first_number)
{
	LakeCommandRange *last = ranges->count == 0 ? NULL : &ranges->items[ranges->count - 1];
	int64		begin = begin_of(ranges, ranges->count);

	if (last != NULL && last->cid == cid &&
		(first_number == 0 ? last->first_number == 0 : last->first_number + begin - begin_of(ranges, ranges->count - 1) == first_number))
	{
		last->end_row += nrows;
		return;
	}
	ranges_reserve(ranges, ranges->count + 1);
	last = &ranges->items[ranges->count++];
	last->cid = cid;
	last->end_row = begin + nrows;
	last->first_number = first_number;
}

/* Numbers ascend. */
int64
lake_ranges_find(const LakeRanges *ranges, int64 number)
{
	const LakeCommandRange *first = ranges->items;
	const LakeCommandRange *after = std::upper_bound(first, first + ranges->count, number,
													 [](int64 wanted, const LakeCommandRange &range) { return wanted < range.first_number; });
	int			index = (int) (after - first) - 1;
	int64		row;

	if (index < 0 || ranges->items[index].first_number == 0)
		return -1;
	row = begin_of(ranges, index) + number - ranges->items[index].first_number;
	return row < ranges->items[index].end_row ? row : -1;
}

int64
lake_ranges_visible(const LakeRanges *ranges, CommandId curcid)
{
	int64		visible = 0;

	for (int i = 0; i < ranges->count && ranges->items[i].cid < curcid; i++)
		visible = ranges->items[i].end_row;
	return visible;
}

int64
lake_ranges_before_last(const LakeRanges *ranges)
{
	int			index = ranges->count - 1;

	while (index > 0 && ranges->items[index - 1].cid == ranges->items[index].cid)
		index--;
	return index < 0 ? 0 : begin_of(ranges, index);
}

bool
lake_ranges_end_with(const LakeRanges *ranges, CommandId cid)
{
	return ranges->count > 0 && ranges->items[ranges->count - 1].cid == cid;
}
