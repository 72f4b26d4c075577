/*
 * row_set.cpp
 *	  See row_set.h.
 */
extern "C" {
#include "postgres.h"
#include "port/pg_bitutils.h"
#include "port/pg_bswap.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
}

#include "txn/row_set.h"

#define BLOCK_ROWS 65536
#define BLOCK_BYTES (BLOCK_ROWS / 8)
#define MAX_LISTED 4096			/* up to so many rows of a block travel as a list */

typedef struct Block
{
	uint32		high;			/* hash key: row id / BLOCK_ROWS */
	uint32		count;
	uint8		bits[BLOCK_BYTES];
} Block;

struct LakeRowSet
{
	HTAB	   *blocks;
	Block	   *last;			/* the block used last: rows mostly come in order */
	int64		count;
};

LakeRowSet *
lake_row_set_create(void)
{
	LakeRowSet *set = (LakeRowSet *) palloc0(sizeof(LakeRowSet));
	HASHCTL		control = {};

	control.keysize = sizeof(uint32);
	control.entrysize = sizeof(Block);
	control.hcxt = CurrentMemoryContext;
	set->blocks = hash_create("lake row set", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return set;
}

bool
lake_row_set_add(LakeRowSet *set, int64 row_id)
{
	uint32		high = (uint32) (row_id / BLOCK_ROWS);
	uint32		low = (uint32) (row_id % BLOCK_ROWS);

	if (set->last == NULL || set->last->high != high)
	{
		bool		found;

		set->last = (Block *) hash_search(set->blocks, &high, HASH_ENTER, &found);
		if (!found)
		{
			set->last->count = 0;
			memset(set->last->bits, 0, BLOCK_BYTES);
		}
	}
	if (set->last->bits[low / 8] & (1 << (low % 8)))
		return false;
	set->last->bits[low / 8] |= (uint8) (1 << (low % 8));
	set->last->count++;
	set->count++;
	return true;
}

bool
lake_row_set_contains(const LakeRowSet *set, int64 row_id)
{
	uint32		high = (uint32) (row_id / BLOCK_ROWS);
	uint32		low = (uint32) (row_id % BLOCK_ROWS);
	const Block *block = set->last != NULL && set->last->high == high ? set->last
		: (const Block *) hash_search(set->blocks, &high, HASH_FIND, NULL);

	return block != NULL && (block->bits[low / 8] & (1 << (low % 8))) != 0;
}

int64
lake_row_set_count(const LakeRowSet *set)
{
	return set->count;
}

static int
compare_blocks(const void *a, const void *b)
{
	uint32		left = (*(const Block *const *) a)->high;
	uint32		right = (*(const Block *const *) b)->high;

	return left < right ? -1 : left > right ? 1 : 0;
}

static void
append_uint32(StringInfo out, uint32 value)
{
	uint32		net = pg_hton32(value);

	appendBinaryStringInfo(out, (const char *) &net, sizeof(net));
}

static void
append_list(StringInfo out, const Block *block)
{
	for (uint32 byte = 0; byte < BLOCK_BYTES; byte++)
	{
		for (uint32 bits = block->bits[byte]; bits != 0; bits &= bits - 1)
		{
			uint16		net = pg_hton16((uint16) (byte * 8 + pg_rightmost_one_pos32(bits)));

			appendBinaryStringInfo(out, (const char *) &net, sizeof(net));
		}
	}
}

void
lake_row_set_serialize(const LakeRowSet *set, StringInfo out)
{
	long		nblocks = hash_get_num_entries(set->blocks);
	Block	  **sorted = (Block **) palloc(sizeof(Block *) * Max(nblocks, 1));
	HASH_SEQ_STATUS iterator;
	Block	   *block;
	long		n = 0;

	hash_seq_init(&iterator, set->blocks);
	while ((block = (Block *) hash_seq_search(&iterator)) != NULL)
		sorted[n++] = block;
	qsort(sorted, n, sizeof(Block *), compare_blocks);
	for (long i = 0; i < n; i++)
	{
		append_uint32(out, sorted[i]->high);
		append_uint32(out, sorted[i]->count);
		if (sorted[i]->count <= MAX_LISTED)
			append_list(out, sorted[i]);
		else
			appendBinaryStringInfo(out, (const char *) sorted[i]->bits, BLOCK_BYTES);
	}
	pfree(sorted);
}
