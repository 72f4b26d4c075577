/*
 * row_stash.cpp
 *	  MinimalTuples one after another in a BufFile, and an array of where each begins.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "storage/buffile.h"
#include "storage/itemptr.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
}

#include "am/row_stash.h"

/* Row numbers are cut into a block number and an offset of 1 .. ROWS_PER_BLOCK. */
#define ROWS_PER_BLOCK 65000

typedef struct StashEntry
{
	int64		number;
	int			fileno;
	off_t		offset;
} StashEntry;

struct LakeRowStash
{
	MemoryContext context;
	BufFile    *file;
	StashEntry *entries;		/* ascending by number */
	int64		count;
	int64		allocated;
	int			end_fileno;
	off_t		end_offset;
};

LakeRowStash *
lake_row_stash_create(void)
{
	LakeRowStash *stash = (LakeRowStash *) palloc0(sizeof(LakeRowStash));

	stash->context = CurrentMemoryContext;
	return stash;
}

void
lake_row_stash_put(LakeRowStash *stash, int64 number, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(stash->context);
	bool		should_free;
	MinimalTuple tuple;
	StashEntry *entry;

	if (stash->file == NULL)
	{
		/* The file must live as long as deferred triggers may ask: to the end of the whole transaction. */
		ResourceOwner owner = CurrentResourceOwner;

		CurrentResourceOwner = TopTransactionResourceOwner;
		stash->file = BufFileCreateTemp(false);
		CurrentResourceOwner = owner;
	}
	if (stash->count == stash->allocated)
	{
		stash->allocated = Max(stash->allocated * 2, 64);
		stash->entries = stash->entries == NULL
			? (StashEntry *) palloc(sizeof(StashEntry) * stash->allocated)
			: (StashEntry *) repalloc_huge(stash->entries, sizeof(StashEntry) * stash->allocated);
	}
	tuple = ExecFetchSlotMinimalTuple(slot, &should_free);
	if (BufFileSeek(stash->file, stash->end_fileno, stash->end_offset, SEEK_SET) != 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not seek in temporary file of inserted rows: %m")));
	entry = &stash->entries[stash->count];
	entry->number = number;
	entry->fileno = stash->end_fileno;
	entry->offset = stash->end_offset;
	BufFileWrite(stash->file, tuple, tuple->t_len);
	BufFileTell(stash->file, &stash->end_fileno, &stash->end_offset);
	stash->count++;
	if (should_free)
		heap_free_minimal_tuple(tuple);
	MemoryContextSwitchTo(old);
}

static StashEntry *
find_entry(LakeRowStash *stash, int64 number)
{
	int64		low = 0;
	int64		high = stash->count;

	while (low < high)
	{
		int64		middle = low + (high - low) / 2;

		if (stash->entries[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < stash->count && stash->entries[low].number == number ? &stash->entries[low] : NULL;
}

bool
lake_row_stash_get(LakeRowStash *stash, int64 number, TupleTableSlot *slot)
{
	StashEntry *entry = find_entry(stash, number);
	uint32		length;
	MinimalTuple tuple;

	if (entry == NULL)
		return false;
	if (BufFileSeek(stash->file, entry->fileno, entry->offset, SEEK_SET) != 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not seek in temporary file of inserted rows: %m")));
	if (BufFileRead(stash->file, &length, sizeof(length)) != sizeof(length))
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read temporary file of inserted rows: %m")));
	tuple = (MinimalTuple) palloc(length);
	tuple->t_len = length;
	if (BufFileRead(stash->file, (char *) tuple + sizeof(length), length - sizeof(length)) != length - sizeof(length))
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read temporary file of inserted rows: %m")));
	ExecForceStoreMinimalTuple(tuple, slot, true);
	return true;
}

void
lake_row_stash_close(LakeRowStash *stash)
{
	if (stash->file != NULL)
		BufFileClose(stash->file);
	stash->file = NULL;
	stash->count = 0;
}

void
lake_row_number_to_tid(int64 number, ItemPointer tid)
{
	ItemPointerSet(tid, (BlockNumber) ((number - 1) / ROWS_PER_BLOCK), (OffsetNumber) ((number - 1) % ROWS_PER_BLOCK + 1));
}

int64
lake_tid_to_row_number(ItemPointer tid)
{
	return (int64) ItemPointerGetBlockNumberNoCheck(tid) * ROWS_PER_BLOCK + ItemPointerGetOffsetNumberNoCheck(tid);
}
