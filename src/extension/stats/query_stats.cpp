/*
 * query_stats.cpp
 *	  See query_stats.h. The lock is taken shared to count in an entry, under the entry's spinlock, and exclusively to add or remove entries. When
 *	  there are as many as may be, the twentieth of them that was used least goes.
 */
extern "C" {
#include "postgres.h"
#include "access/parallel.h"
#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
}

#include "compat/query_id.h"
#include "hooks/settings.h"
#include "stats/query_stats.h"

#define TRANCHE "pg_lake query statistics"
#define REASON_BYTES 512
#define COLUMNS 11

typedef struct QueryStatsKey
{
	Oid			dbid;
	Oid			userid;
	uint64		query_id;		/* no padding in front of it: the key is compared as bytes */
	Oid			relid;
	int32		kind;			/* LakePartKind */
} QueryStatsKey;

typedef struct QueryStatsEntry
{
	QueryStatsKey key;			/* must be first */
	slock_t		mutex;			/* of what follows */
	int64		calls;
	int64		rows;
	int64		bytes;
	double		engine_ms;
	double		local_ms;
	char		reasons[REASON_BYTES];	/* of the latest call; lines of "Kind: Description", cut */
} QueryStatsEntry;

typedef struct QueryStatsShared
{
	LWLock	   *lock;
} QueryStatsShared;

static QueryStatsShared *shared = NULL;
static HTAB *entries = NULL;

static shmem_request_hook_type previous_request_hook = NULL;
static shmem_startup_hook_type previous_startup_hook = NULL;

/* ---------------------------------------------------------------- shared memory */

static void
request_memory(void)
{
	if (previous_request_hook != NULL)
		previous_request_hook();
	RequestAddinShmemSpace(add_size(MAXALIGN(sizeof(QueryStatsShared)), hash_estimate_size(lake_max_tracked_queries, sizeof(QueryStatsEntry))));
	RequestNamedLWLockTranche(TRANCHE, 1);
}

static void
make_memory(void)
{
	HASHCTL		info = {};
	bool		found;

	if (previous_startup_hook != NULL)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared = (QueryStatsShared *) ShmemInitStruct(TRANCHE, sizeof(QueryStatsShared), &found);
	if (!found)
		shared->lock = &GetNamedLWLockTranche(TRANCHE)->lock;
	info.keysize = sizeof(QueryStatsKey);
	info.entrysize = sizeof(QueryStatsEntry);
	entries = ShmemInitHash(TRANCHE " entries", lake_max_tracked_queries, lake_max_tracked_queries, &info, HASH_ELEM | HASH_BLOBS);
	LWLockRelease(AddinShmemInitLock);
}

void
lake_query_stats_init(void)
{
	EnableQueryId();
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = make_memory;
}

/* ---------------------------------------------------------------- entries */

static int
by_calls(const void *left, const void *right)
{
	int64		a = (*(QueryStatsEntry *const *) left)->calls;
	int64		b = (*(QueryStatsEntry *const *) right)->calls;

	return a < b ? -1 : a > b;
}

/* The caller holds the lock exclusively. */
static void
make_room(void)
{
	long		count = hash_get_num_entries(entries);
	QueryStatsEntry **all = (QueryStatsEntry **) palloc_extended(sizeof(QueryStatsEntry *) * count, MCXT_ALLOC_NO_OOM);
	HASH_SEQ_STATUS scan;
	QueryStatsEntry *entry;
	long		n = 0;

	if (all == NULL)
		return;
	hash_seq_init(&scan, entries);
	while ((entry = (QueryStatsEntry *) hash_seq_search(&scan)) != NULL)
		all[n++] = entry;
	qsort(all, n, sizeof(QueryStatsEntry *), by_calls);
	for (long i = 0; i < Max(n / 20, 1) && i < n; i++)
		hash_search(entries, &all[i]->key, HASH_REMOVE, NULL);
	pfree(all);
}

/* With the lock held shared, or exclusively if the entry is new; NULL if there is no room for it. */
static QueryStatsEntry *
find_entry(const QueryStatsKey *key)
{
	QueryStatsEntry *entry;
	bool		found;

	LWLockAcquire(shared->lock, LW_SHARED);
	entry = (QueryStatsEntry *) hash_search(entries, key, HASH_FIND, NULL);
	if (entry != NULL)
		return entry;
	LWLockRelease(shared->lock);
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (hash_get_num_entries(entries) >= lake_max_tracked_queries)
		make_room();
	entry = (QueryStatsEntry *) hash_search(entries, key, HASH_ENTER_NULL, &found);
	if (entry != NULL && !found)
	{
		memset((char *) entry + sizeof(QueryStatsKey), 0, sizeof(QueryStatsEntry) - sizeof(QueryStatsKey));
		SpinLockInit(&entry->mutex);
	}
	return entry;
}

/* ---------------------------------------------------------------- counting */

void
lake_usage_start(LakePartUsage *usage)
{
	if (usage->is_started)
		return;
	usage->is_started = true;
	INSTR_TIME_SET_CURRENT(usage->started);
}

static void
write_reasons(char *text, List *reasons)
{
	StringInfoData lines;
	ListCell   *lc;

	initStringInfo(&lines);
	foreach(lc, reasons)
	{
		const char *reason = strVal(lfirst(lc));
		const char *tab = strchr(reason, '\t');

		if (tab != NULL)
			appendStringInfo(&lines, "%s%.*s: %s", lines.len > 0 ? "\n" : "", (int) (tab - reason), reason, tab + 1);
	}
	lines.len = pg_mbcliplen(lines.data, lines.len, REASON_BYTES - 1);
	memcpy(text, lines.data, lines.len);
	text[lines.len] = '\0';
	pfree(lines.data);
}

void
lake_count_part(EState *estate, LakePartKind kind, Oid relid, List *reasons, LakePartUsage *usage)
{
	char		text[REASON_BYTES];
	QueryStatsKey key = {};
	QueryStatsEntry *entry;
	instr_time	elapsed;
	double		engine_ms = INSTR_TIME_GET_MILLISEC(usage->engine_time);

	if (shared == NULL || !lake_track_queries || !usage->is_started || IsParallelWorker())
		return;
	INSTR_TIME_SET_CURRENT(elapsed);
	INSTR_TIME_SUBTRACT(elapsed, usage->started);
	usage->is_started = false;
	key.dbid = MyDatabaseId;
	key.userid = GetUserId();
	key.query_id = estate->es_plannedstmt->queryId;
	key.relid = relid;
	key.kind = kind;
	write_reasons(text, reasons);
	entry = find_entry(&key);
	if (entry != NULL)
	{
		SpinLockAcquire(&entry->mutex);
		entry->calls++;
		entry->rows += usage->rows;
		entry->bytes += usage->bytes;
		entry->engine_ms += engine_ms;
		entry->local_ms += Max(INSTR_TIME_GET_MILLISEC(elapsed) - engine_ms, 0);
		memcpy(entry->reasons, text, sizeof(text));
		SpinLockRelease(&entry->mutex);
	}
	LWLockRelease(shared->lock);
}

/* ---------------------------------------------------------------- SQL */

extern "C" {
PG_FUNCTION_INFO_V1(lake_query_statistics);
PG_FUNCTION_INFO_V1(lake_query_statistics_reset);
}

static void
put_entry(ReturnSetInfo *result, const QueryStatsEntry *entry, bool may_see)
{
	static const char *const kinds[] = {"query", "modification", "scan"};

	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {};

	values[0] = ObjectIdGetDatum(entry->key.userid);
	values[1] = ObjectIdGetDatum(entry->key.dbid);
	values[2] = Int64GetDatum((int64) entry->key.query_id);
	nulls[2] = !may_see || entry->key.query_id == 0;
	values[3] = CStringGetTextDatum(kinds[entry->key.kind]);
	values[4] = ObjectIdGetDatum(entry->key.relid);
	nulls[4] = !OidIsValid(entry->key.relid);
	values[5] = Int64GetDatum(entry->calls);
	values[6] = Int64GetDatum(entry->rows);
	values[7] = Int64GetDatum(entry->bytes);
	values[8] = Float8GetDatum(entry->engine_ms);
	values[9] = Float8GetDatum(entry->local_ms);
	values[10] = CStringGetTextDatum(may_see ? entry->reasons : "<insufficient privilege>");
	nulls[10] = may_see && entry->reasons[0] == '\0';
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
lake_query_statistics(PG_FUNCTION_ARGS)
{
	bool		sees_all = has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	HASH_SEQ_STATUS scan;
	QueryStatsEntry *entry;

	InitMaterializedSRF(fcinfo, 0);
	LWLockAcquire(shared->lock, LW_SHARED);
	hash_seq_init(&scan, entries);
	while ((entry = (QueryStatsEntry *) hash_seq_search(&scan)) != NULL)
	{
		QueryStatsEntry copy;

		SpinLockAcquire(&entry->mutex);
		copy = *entry;
		SpinLockRelease(&entry->mutex);
		put_entry(result, &copy, sees_all || entry->key.userid == GetUserId());
	}
	LWLockRelease(shared->lock);
	return (Datum) 0;
}

Datum
lake_query_statistics_reset(PG_FUNCTION_ARGS)
{
	HASH_SEQ_STATUS scan;
	QueryStatsEntry *entry;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	hash_seq_init(&scan, entries);
	while ((entry = (QueryStatsEntry *) hash_seq_search(&scan)) != NULL)
		hash_search(entries, &entry->key, HASH_REMOVE, NULL);
	LWLockRelease(shared->lock);
	PG_RETURN_VOID();
}
