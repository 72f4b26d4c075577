/*
 * row_stash.cpp
 *	  Records (number, MinimalTuple) one after another: the latest in memory, where they are mostly asked for, the others in a BufFile. Ascending
 *	  numbers form a run; of each run every 16th record has an entry in memory, from which a look-up reads on.
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
#define RECORDS_PER_ENTRY 16
#define BUFFER_BYTES (1024 * 1024)

typedef struct StashEntry
{
	int64		number;
	int64		position;		/* of the record, from the first one's */
} StashEntry;

typedef struct StashRun
{
	int64		first_entry;
	int64		end_entry;
	int64		last_number;
	int			records_in_entry;	/* behind the last entry, itself included */
} StashRun;

struct LakeRowStash
{
	MemoryContext context;
	BufFile    *file;
	StashEntry *entries;
	int64		nentries;
	int64		entries_allocated;
	StashRun   *runs;
	int			nruns;
	int			runs_allocated;
	int64		in_file;		/* bytes there; the buffer's follow them */
	char	   *buffer;
	int64		buffer_size;
	int64		buffered;
};

typedef struct RecordHeader
{
	int64		number;
	uint32		length;			/* of the tuple, which begins with the same 4 bytes */
} RecordHeader;

LakeRowStash *
lake_row_stash_create(void)
{
	LakeRowStash *stash = (LakeRowStash *) palloc0(sizeof(LakeRowStash));

	stash->context = CurrentMemoryContext;
	return stash;
}

static void
open_file(LakeRowStash *stash)
{
	/* The file must live as long as deferred triggers may ask: to the end of the whole transaction. */
	ResourceOwner owner = CurrentResourceOwner;

	CurrentResourceOwner = TopTransactionResourceOwner;
	stash->file = BufFileCreateTemp(false);
	CurrentResourceOwner = owner;
}

static void
read_at(LakeRowStash *stash, int64 position, void *to, size_t length)
{
	if (position >= stash->in_file)
	{
		memcpy(to, stash->buffer + (position - stash->in_file), length);
		return;
	}
	if (BufFileSeek(stash->file, 0, (off_t) position, SEEK_SET) != 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not seek in temporary file of rows: %m")));
	if (BufFileRead(stash->file, to, length) != length)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read temporary file of rows: %m")));
}

/* Makes room for a record behind those of the buffer; no record lies in both places. */
static char *
reserve(LakeRowStash *stash, int64 length)
{
	if (stash->buffered + length > stash->buffer_size)
	{
		if (stash->buffered > 0)
		{
			if (stash->file == NULL)
				open_file(stash);
			if (BufFileSeek(stash->file, 0, (off_t) stash->in_file, SEEK_SET) != 0)
				ereport(ERROR, (errcode_for_file_access(), errmsg("could not seek in temporary file of rows: %m")));
			BufFileWrite(stash->file, stash->buffer, stash->buffered);
			stash->in_file += stash->buffered;
			stash->buffered = 0;
		}
		if (length > stash->buffer_size)
		{
			stash->buffer_size = Max(length, BUFFER_BYTES);
			if (stash->buffer != NULL)
				pfree(stash->buffer);
			stash->buffer = (char *) MemoryContextAllocHuge(stash->context, stash->buffer_size);
		}
	}
	return stash->buffer + stash->buffered;
}

/* ---------------------------------------------------------------- finding */

/* The position of the record, -1 when it is not in the run. */
static int64
find_in_run(LakeRowStash *stash, const StashRun *run, int64 number, RecordHeader *header)
{
	int64		low = run->first_entry;
	int64		end = run->end_entry;
	int64		position;
	int			records;

	if (number > run->last_number || number < stash->entries[low].number)
		return -1;
	/* the last entry that is not above the number */
	while (end - low > 1)
	{
		int64		middle = low + (end - low) / 2;

		if (stash->entries[middle].number <= number)
			low = middle;
		else
			end = middle;
	}
	records = low == run->end_entry - 1 ? run->records_in_entry : RECORDS_PER_ENTRY;
	position = stash->entries[low].position;
	for (int i = 0; i < records; i++)
	{
		read_at(stash, position, header, sizeof(*header));
		if (header->number >= number)
			return header->number == number ? position : -1;
		position += sizeof(*header) + header->length;
	}
	return -1;
}

static int64
find(LakeRowStash *stash, int64 number, RecordHeader *header)
{
	for (int i = stash->nruns - 1; i >= 0; i--)
	{
		int64		position = find_in_run(stash, &stash->runs[i], number, header);

		if (position >= 0)
			return position;
	}
	return -1;
}

/* ---------------------------------------------------------------- the interface */

template <typename T>
static void
grow(T **items, int64 count, int64 *allocated)
{
	if (count < *allocated)
		return;
	*allocated = Max(*allocated * 2, 16);
	*items = *items == NULL ? (T *) palloc(sizeof(T) * *allocated) : (T *) repalloc_huge(*items, sizeof(T) * *allocated);
}

/* Where the next record goes, with an entry when one is due. */
static void
note_record(LakeRowStash *stash, int64 number)
{
	StashRun   *run = stash->nruns == 0 ? NULL : &stash->runs[stash->nruns - 1];

	if (run == NULL || number <= run->last_number)
	{
		int64		allocated = stash->runs_allocated;

		grow(&stash->runs, stash->nruns, &allocated);
		stash->runs_allocated = (int) allocated;
		run = &stash->runs[stash->nruns++];
		run->first_entry = run->end_entry = stash->nentries;
		run->records_in_entry = RECORDS_PER_ENTRY;
	}
	if (run->records_in_entry == RECORDS_PER_ENTRY)
	{
		grow(&stash->entries, stash->nentries, &stash->entries_allocated);
		stash->entries[stash->nentries].number = number;
		stash->entries[stash->nentries].position = stash->in_file + stash->buffered;
		run->end_entry = ++stash->nentries;
		run->records_in_entry = 0;
	}
	run->records_in_entry++;
	run->last_number = number;
}

void
lake_row_stash_put(LakeRowStash *stash, int64 number, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(stash->context);
	RecordHeader header = {};
	bool		should_free;
	MinimalTuple tuple;
	char	   *at;

	if (stash->nruns > 0 && number <= stash->runs[stash->nruns - 1].last_number && find(stash, number, &header) >= 0)
	{
		MemoryContextSwitchTo(old);
		return;
	}
	tuple = ExecFetchSlotMinimalTuple(slot, &should_free);
	header.number = number;
	header.length = tuple->t_len;
	at = reserve(stash, sizeof(header) + header.length);
	note_record(stash, number);
	memcpy(at, &header, sizeof(header));
	memcpy(at + sizeof(header), tuple, header.length);
	stash->buffered += sizeof(header) + header.length;
	if (should_free)
		heap_free_minimal_tuple(tuple);
	MemoryContextSwitchTo(old);
}

bool
lake_row_stash_get(LakeRowStash *stash, int64 number, TupleTableSlot *slot)
{
	RecordHeader header;
	int64		position = find(stash, number, &header);
	MinimalTuple tuple;

	if (position < 0)
		return false;
	tuple = (MinimalTuple) palloc(header.length);
	read_at(stash, position + sizeof(header), tuple, header.length);
	ExecForceStoreMinimalTuple(tuple, slot, true);
	return true;
}

void
lake_row_stash_close(LakeRowStash *stash)
{
	if (stash == NULL)
		return;
	if (stash->file != NULL)
		BufFileClose(stash->file);
	stash->file = NULL;
	stash->nruns = 0;
	stash->nentries = 0;
	stash->in_file = 0;
	stash->buffered = 0;
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
