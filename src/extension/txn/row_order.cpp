/*
 * row_order.cpp
 *	  See row_order.h.
 */
#include <algorithm>

extern "C" {
#include "postgres.h"
}

#include "txn/row_order.h"

/* Rows [end of the run before, end) lie one behind the other from position on. */
typedef struct RowRun
{
	int64		end;
	int64		position;
} RowRun;

struct LakeRowOrder
{
	int			count;
	RowRun		runs[FLEXIBLE_ARRAY_MEMBER];
};

LakeRowOrder *
lake_parse_row_order(const char *text)
{
	size_t		count = 1 + std::count(text, text + strlen(text), ',');
	LakeRowOrder *order = (LakeRowOrder *) palloc(offsetof(LakeRowOrder, runs) + count * sizeof(RowRun));
	const char *at = text;
	int64		end = 0;

	order->count = 0;
	while (*at != '\0')
	{
		char	   *next;
		int64		position = strtoll(at, &next, 10);
		int64		rows = *next == ' ' ? strtoll(next + 1, &next, 10) : 0;

		if (rows <= 0)
			elog(ERROR, "unexpected order of rows from the query engine");
		end += rows;
		order->runs[order->count].end = end;
		order->runs[order->count++].position = position;
		at = *next == ',' ? next + 1 : next;
	}
	return order;
}

int64
lake_row_position(const LakeRowOrder *order, int64 row)
{
	const RowRun *runs = order->runs;
	const RowRun *run = std::upper_bound(runs, runs + order->count, row, [](int64 wanted, const RowRun &item) { return wanted < item.end; });

	if (run == runs + order->count)
		elog(ERROR, "row " INT64_FORMAT " of a change was not kept in order", row);
	return run->position + row - (run == runs ? 0 : run[-1].end);
}
