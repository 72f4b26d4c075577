/*
 * row_set.cpp
 *	  See row_set.h. The same two forms of a block travel to the server.
 */
#include <algorithm>

extern "C" {
#include "postgres.h"
#include "port/pg_bswap.h"
}

#include "txn/row_set.h"

#define BLOCK_ROWS 65536
#define BITMAP_BYTES (BLOCK_ROWS / 8)
#define MAX_LISTED 4096			/* as long as a bitmap */

typedef struct Block
{
	uint32		high;			/* row id / BLOCK_ROWS */
	uint32		count;
	uint32		allocated;		/* entries of the list; 0: bits is in use */
	uint16	   *list;			/* ascending */
	uint8	   *bits;
} Block;

struct LakeRowSet
{
	MemoryContext context;
	Block	   *blocks;			/* ascending by high */
	int			nblocks;
	int			allocated;
	int			last;			/* the block used last: rows mostly come in order */
	int64		count;
};

LakeRowSet *
lake_row_set_create(void)
{
	LakeRowSet *set = (LakeRowSet *) palloc0(sizeof(LakeRowSet));

	set->context = CurrentMemoryContext;
	return set;
}

/* Index of the first block that is not below high. */
static int
find_block(const LakeRowSet *set, uint32 high)
{
	if (set->last < set->nblocks && set->blocks[set->last].high == high)
		return set->last;
	return (int) (std::lower_bound(set->blocks, set->blocks + set->nblocks, high,
								   [](const Block &block, uint32 wanted) { return block.high < wanted; }) - set->blocks);
}

/* Index of the first entry of the list that is not below value. */
static uint32
find_listed(const Block *block, uint16 value)
{
	if (block->count > 0 && block->list[block->count - 1] < value)
		return block->count;
	return (uint32) (std::lower_bound(block->list, block->list + block->count, value) - block->list);
}

static bool
block_contains(const Block *block, uint16 value)
{
	uint32		at;

	if (block->allocated == 0)
		return (block->bits[value / 8] & (1 << (value % 8))) != 0;
	at = find_listed(block, value);
	return at < block->count && block->list[at] == value;
}

static void
list_to_bits(Block *block)
{
	block->bits = (uint8 *) palloc0(BITMAP_BYTES);
	for (uint32 i = 0; i < block->count; i++)
		block->bits[block->list[i] / 8] |= (uint8) (1 << (block->list[i] % 8));
	pfree(block->list);
	block->list = NULL;
	block->allocated = 0;
}

static void
block_add(Block *block, uint16 value)
{
	uint32		at;

	if (block->allocated > 0 && block->count == MAX_LISTED)
		list_to_bits(block);
	if (block->allocated == 0)
	{
		block->bits[value / 8] |= (uint8) (1 << (value % 8));
		block->count++;
		return;
	}
	if (block->count == block->allocated)
	{
		block->allocated *= 2;
		block->list = (uint16 *) repalloc(block->list, sizeof(uint16) * block->allocated);
	}
	at = find_listed(block, value);
	memmove(block->list + at + 1, block->list + at, sizeof(uint16) * (block->count - at));
	block->list[at] = value;
	block->count++;
}

static void
insert_block(LakeRowSet *set, int at, uint32 high)
{
	Block	   *block;

	if (set->nblocks == set->allocated)
	{
		set->allocated = Max(set->allocated * 2, 4);
		set->blocks = set->blocks == NULL ? (Block *) palloc(sizeof(Block) * set->allocated)
			: (Block *) repalloc(set->blocks, sizeof(Block) * set->allocated);
	}
	block = &set->blocks[at];
	memmove(block + 1, block, sizeof(Block) * (set->nblocks - at));
	memset(block, 0, sizeof(Block));
	block->high = high;
	block->allocated = 4;
	block->list = (uint16 *) palloc(sizeof(uint16) * block->allocated);
	set->nblocks++;
}

bool
lake_row_set_add(LakeRowSet *set, int64 row_id)
{
	uint32		high = (uint32) (row_id / BLOCK_ROWS);
	uint16		value = (uint16) (row_id % BLOCK_ROWS);
	int			at = find_block(set, high);
	MemoryContext old = MemoryContextSwitchTo(set->context);
	bool		is_new;

	if (at == set->nblocks || set->blocks[at].high != high)
		insert_block(set, at, high);
	set->last = at;
	is_new = !block_contains(&set->blocks[at], value);
	if (is_new)
	{
		block_add(&set->blocks[at], value);
		set->count++;
	}
	MemoryContextSwitchTo(old);
	return is_new;
}

bool
lake_row_set_contains(const LakeRowSet *set, int64 row_id)
{
	uint32		high = (uint32) (row_id / BLOCK_ROWS);
	int			at = find_block(set, high);

	return at < set->nblocks && set->blocks[at].high == high && block_contains(&set->blocks[at], (uint16) (row_id % BLOCK_ROWS));
}

int64
lake_row_set_count(const LakeRowSet *set)
{
	return set->count;
}

static void
append_uint32(StringInfo out, uint32 value)
{
	uint32		net = pg_hton32(value);

	appendBinaryStringInfo(out, (const char *) &net, sizeof(net));
}

void
lake_row_set_serialize(const LakeRowSet *set, StringInfo out)
{
	for (int i = 0; i < set->nblocks; i++)
	{
		const Block *block = &set->blocks[i];

		append_uint32(out, block->high);
		append_uint32(out, block->count);
		if (block->allocated == 0)
			appendBinaryStringInfo(out, (const char *) block->bits, BITMAP_BYTES);
		else
			for (uint32 k = 0; k < block->count; k++)
			{
				uint16		net = pg_hton16(block->list[k]);

				appendBinaryStringInfo(out, (const char *) &net, sizeof(net));
			}
	}
}

/* ---------------------------------------------------------------- parsing */

static void
malformed(void)
{
	ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION), errmsg("malformed row ids from the query engine")));
}

/* The next bytes. */
static const char *
take(const char **at, const char *end, size_t length)
{
	const char *taken = *at;

	if ((size_t) (end - taken) < length)
		malformed();
	*at += length;
	return taken;
}

static uint32
take_uint32(const char **at, const char *end)
{
	uint32		net;

	memcpy(&net, take(at, end, sizeof(net)), sizeof(net));
	return pg_ntoh32(net);
}

static void
parse_list(Block *block, const char *bytes)
{
	for (uint32 i = 0; i < block->count; i++)
	{
		uint16		net;

		memcpy(&net, bytes + i * sizeof(net), sizeof(net));
		block->list[i] = pg_ntoh16(net);
		if (i > 0 && block->list[i] <= block->list[i - 1])
			malformed();
	}
}

LakeRowSet *
lake_row_set_parse(const char *bytes, size_t length)
{
	LakeRowSet *set = lake_row_set_create();
	const char *at = bytes;
	const char *end = bytes + length;

	while (at < end)
	{
		uint32		high = take_uint32(&at, end);
		uint32		count = take_uint32(&at, end);
		Block	   *block;

		if (count == 0 || count > BLOCK_ROWS || (set->nblocks > 0 && high <= set->blocks[set->nblocks - 1].high))
			malformed();
		insert_block(set, set->nblocks, high);
		block = &set->blocks[set->nblocks - 1];
		block->count = count;
		if (count <= MAX_LISTED)
		{
			block->allocated = Max(count, 4);
			block->list = (uint16 *) repalloc(block->list, sizeof(uint16) * block->allocated);
			parse_list(block, take(&at, end, count * sizeof(uint16)));
		}
		else
		{
			pfree(block->list);
			block->list = NULL;
			block->allocated = 0;
			block->bits = (uint8 *) palloc(BITMAP_BYTES);
			memcpy(block->bits, take(&at, end, BITMAP_BYTES), BITMAP_BYTES);
		}
		set->count += count;
	}
	return set;
}
