/*
 * column_statistics.cpp
 *	  See column_statistics.h.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_statistic.h"
#include "utils/attoptcache.h"
#include "utils/hsearch.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/selfuncs.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

#include "catalog/column_statistics.h"
#include "catalog/lake_relation.h"
#include "catalog/ledger.h"
#include "catalog/pointer.h"
#include "compat/compat.h"
#include "ddl/alter_table.h"
#include "ddl/property_options.h"
#include "hooks/settings.h"
#include "link/connection.h"
#include "txn/branch.h"
#include "txn/file_names.h"
#include "txn/table_state.h"

/* A table that this transaction has analyzed. */
typedef struct AnalyzedTable
{
	Oid			relid;
	SubTransactionId subid;
	char	   *change;			/* operation of lake_alter that makes the new statistics file the table's, or NULL */
	char	   *path;			/* of the file */
	int64		operation;		/* of the ledger */
} AnalyzedTable;

/* What the statistics file of a table says that was never analyzed here. */
typedef struct KnownCounts
{
	Oid			relid;			/* key */
	MemoryContext context;		/* of the rest; NULL: nothing is known yet */
	char	   *metadata_location;	/* to which this belongs */
	int			ncolumns;
	char	  **values;			/* name and count of each column */
} KnownCounts;

static List *analyzed_tables = NIL; /* in TopTransactionContext */
static HTAB *known_counts = NULL;
static get_relation_stats_hook_type previous_stats_hook = NULL;

/* ---------------------------------------------------------------- ANALYZE */

/*
 * Whether a sketch of all columns may be made: it reads the whole table, not a sample. Not by autovacuum: it is a commit, with which clients that swap
 * metadata locations would collide out of the blue.
 */
static bool
wants_sketches(Relation rel, const LakePointer *pointer)
{
	LakeTableState *state = lake_table_state(rel, false);

	return !LakeIsAutovacuum() && !pointer->read_only && pointer->metadata_location != NULL && pointer->record_count > 0 &&
		(lake_theta_sketch_row_limit < 0 || pointer->record_count <= lake_theta_sketch_row_limit) &&
		(state == NULL || !lake_state_has_changes(state));
}

static void
write_sketches(AnalyzedTable *table, const LakePointer *pointer)
{
	LakeTablePaths paths;
	LakeCommitNames names;
	StringInfoData json;
	const char *params[1];
	char	  **values;

	lake_table_paths(pointer->location, lake_relation_option(table->relid, LAKE_DATA_PATH_OPTION),
					 lake_relation_option(table->relid, LAKE_METADATA_PATH_OPTION),
					 lake_relation_option(table->relid, LAKE_OBJECT_STORAGE_OPTION), &paths);
	lake_new_commit_names(&paths, pointer->metadata_location, &names);
	table->path = psprintf("%s.stats", names.manifest_prefix);
	table->operation = lake_ledger_new_operation();
	lake_ledger_add(table->operation, table->relid, table->path, false);
	lake_ledger_flush();
	initStringInfo(&json);
	appendStringInfoString(&json, "{\"base\": ");
	escape_json(&json, lake_pointer_base(pointer));
	appendStringInfoString(&json, ", \"path\": ");
	escape_json(&json, table->path);
	appendStringInfoChar(&json, '}');
	params[0] = json.data;
	if (lake_link_call("SELECT operation FROM lake_write_statistics($1)", 1, params, 1, &values) == 1)
		table->change = values[0];
	else
		lake_ledger_forget(table->operation);	/* the snapshot has statistics: nothing was written */
}

static bool
is_noted(Oid relid)
{
	ListCell   *lc;

	foreach(lc, analyzed_tables)
		if (((AnalyzedTable *) lfirst(lc))->relid == relid)
			return true;
	return false;
}

/* Once, though a partition may be analyzed with its parent, too. */
void
lake_note_analyzed(Relation rel)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	LakePointer pointer;

	/* pg_statistic is about what the branch holds, statistics files about main. */
	if (!lake_is_on_branch() && !is_noted(RelationGetRelid(rel)) && lake_pointer_get(RelationGetRelid(rel), NULL, &pointer))
	{
		AnalyzedTable *table = (AnalyzedTable *) palloc0(sizeof(AnalyzedTable));

		table->relid = RelationGetRelid(rel);
		table->subid = GetCurrentSubTransactionId();
		if (wants_sketches(rel, &pointer))
			write_sketches(table, &pointer);
		analyzed_tables = lappend(analyzed_tables, table);
	}
	MemoryContextSwitchTo(old);
}

/* ---------------------------------------------------------------- pg_statistic */

/* As ANALYZE has it: a number that seems to grow with the table is a fraction of the rows, negative. */
static float4
distinct_values(double count, double rows)
{
	return count > 0.1 * rows ? (float4) -Min(count / Max(rows, 1), 1) : (float4) count;
}

static void
correct_column(Relation catalog, Oid relid, const char *column, float4 distinct)
{
	AttrNumber	attnum = get_attnum(relid, column);
	AttributeOpts *options = attnum == InvalidAttrNumber ? NULL : get_attribute_options(relid, attnum);
	HeapTuple	tuple;
	HeapTuple	corrected;
	Datum		values[Natts_pg_statistic] = {};
	bool		nulls[Natts_pg_statistic] = {};
	bool		replaces[Natts_pg_statistic] = {};

	/* What the user has said holds. */
	if (attnum == InvalidAttrNumber || (options != NULL && options->n_distinct != 0))
		return;
	tuple = SearchSysCacheCopy3(STATRELATTINH, ObjectIdGetDatum(relid), Int16GetDatum(attnum), BoolGetDatum(false));
	if (!HeapTupleIsValid(tuple))
		return;
	values[Anum_pg_statistic_stadistinct - 1] = Float4GetDatum(distinct);
	replaces[Anum_pg_statistic_stadistinct - 1] = true;
	corrected = heap_modify_tuple(tuple, RelationGetDescr(catalog), values, nulls, replaces);
	CatalogTupleUpdate(catalog, &corrected->t_self, corrected);
}

static int
fetch_counts(const char *base, char ***values)
{
	return lake_link_call("SELECT column_name, ndv FROM lake_column_ndv($1) WHERE ndv > 0", 1, &base, 2, values);
}

static void
correct_statistics(const LakePointer *pointer)
{
	Relation	catalog = table_open(StatisticRelationId, RowExclusiveLock);
	char	  **values;
	int			ncolumns = fetch_counts(lake_pointer_base(pointer), &values);

	for (int i = 0; i < ncolumns; i++)
		correct_column(catalog, pointer->relid, values[2 * i],
					   distinct_values(strtod(values[2 * i + 1], NULL), (double) pointer->record_count));
	table_close(catalog, NoLock);
}

/* The table is locked since ANALYZE, unless the transaction has dropped it. */
static void
apply_statistics(AnalyzedTable *table)
{
	Relation	rel;
	LakePointer pointer;

	if (!lake_is_lake_relation(table->relid) || !lake_pointer_get(table->relid, NULL, &pointer))
		return;
	if (table->change != NULL)
	{
		rel = table_open(table->relid, NoLock);
		lake_alter_base(rel, table->change);
		table_close(rel, NoLock);
		if (!lake_pointer_get(table->relid, NULL, &pointer))
			elog(ERROR, "table %u has no metadata", table->relid);
		/* Not so if the snapshot is gone, or was given statistics by somebody else: then the file is the cleaner's. */
		if (strstr(pointer.pending_metadata, strrchr(table->path, '/')) != NULL)
			lake_ledger_forget(table->operation);
	}
	correct_statistics(&pointer);
}

void
lake_apply_column_statistics(void)
{
	ListCell   *lc;

	if (analyzed_tables == NIL)
		return;
	CommandCounterIncrement();	/* what ANALYZE has found */
	PushActiveSnapshot(GetTransactionSnapshot());
	foreach(lc, analyzed_tables)
		apply_statistics((AnalyzedTable *) lfirst(lc));
	PopActiveSnapshot();
	analyzed_tables = NIL;
}

void
lake_forget_column_statistics(void)
{
	analyzed_tables = NIL;
}

void
lake_column_statistics_subxact_committed(SubTransactionId subid, SubTransactionId parent)
{
	ListCell   *lc;

	foreach(lc, analyzed_tables)
		if (((AnalyzedTable *) lfirst(lc))->subid == subid)
			((AnalyzedTable *) lfirst(lc))->subid = parent;
}

void
lake_column_statistics_subxact_aborted(SubTransactionId subid)
{
	ListCell   *lc;

	foreach(lc, analyzed_tables)
		if (((AnalyzedTable *) lfirst(lc))->subid == subid)
			analyzed_tables = foreach_delete_current(analyzed_tables, lc);
}

/* ---------------------------------------------------------------- tables that were never analyzed */

static KnownCounts *
counts_of(const LakePointer *pointer)
{
	HASHCTL		control;
	KnownCounts *known;
	MemoryContext old;
	bool		found;

	if (known_counts == NULL)
	{
		memset(&control, 0, sizeof(control));
		control.keysize = sizeof(Oid);
		control.entrysize = sizeof(KnownCounts);
		known_counts = hash_create("lake column statistics", 16, &control, HASH_ELEM | HASH_BLOBS);
	}
	known = (KnownCounts *) hash_search(known_counts, &pointer->relid, HASH_ENTER, &found);
	if (!found)
		known->context = NULL;
	if (known->context != NULL && strcmp(known->metadata_location, pointer->metadata_location) == 0)
		return known;
	if (known->context != NULL)
		MemoryContextDelete(known->context);
	known->context = NULL;		/* the call may fail */
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "lake column statistics", ALLOCSET_SMALL_SIZES);

	old = MemoryContextSwitchTo(context);
	known->ncolumns = fetch_counts(pointer->metadata_location, &known->values);
	known->metadata_location = pstrdup(pointer->metadata_location);
	known->context = context;
	MemoryContextSwitchTo(old);
	MemoryContextSetParent(context, TopMemoryContext);
	return known;
}

/* A row of pg_statistic that says nothing but the number of distinct values. */
static HeapTuple
make_statistics(Oid relid, AttrNumber attnum, float4 distinct)
{
	Relation	catalog = table_open(StatisticRelationId, AccessShareLock);
	Datum		values[Natts_pg_statistic] = {};
	bool		nulls[Natts_pg_statistic];
	Oid			type;
	int32		typmod;
	Oid			collation;
	HeapTuple	tuple;

	get_atttypetypmodcoll(relid, attnum, &type, &typmod, &collation);
	for (int i = 0; i < Natts_pg_statistic; i++)
		nulls[i] = i >= Anum_pg_statistic_stanumbers1 - 1;
	values[Anum_pg_statistic_starelid - 1] = ObjectIdGetDatum(relid);
	values[Anum_pg_statistic_staattnum - 1] = Int16GetDatum(attnum);
	values[Anum_pg_statistic_stawidth - 1] = Int32GetDatum(get_typavgwidth(type, typmod));
	values[Anum_pg_statistic_stadistinct - 1] = Float4GetDatum(distinct);
	tuple = heap_form_tuple(RelationGetDescr(catalog), values, nulls);
	table_close(catalog, AccessShareLock);
	return tuple;
}

static bool
tell_statistics(PlannerInfo *root, RangeTblEntry *rte, AttrNumber attnum, VariableStatData *vardata)
{
	LakePointer pointer;
	KnownCounts *known;
	const char *column;

	if (previous_stats_hook != NULL && previous_stats_hook(root, rte, attnum, vardata))
		return true;
	if (rte->rtekind != RTE_RELATION || rte->inh || attnum <= 0 || !lake_is_lake_relation(rte->relid) || lake_is_on_branch() ||
		SearchSysCacheExists3(STATRELATTINH, ObjectIdGetDatum(rte->relid), Int16GetDatum(attnum), BoolGetDatum(false)) ||
		!lake_pointer_get(rte->relid, NULL, &pointer) || pointer.metadata_location == NULL || pointer.pending_metadata != NULL)
		return false;
	known = counts_of(&pointer);
	column = get_attname(rte->relid, attnum, false);
	for (int i = 0; i < known->ncolumns; i++)
		if (strcmp(known->values[2 * i], column) == 0)
		{
			vardata->statsTuple = make_statistics(rte->relid, attnum,
												  distinct_values(strtod(known->values[2 * i + 1], NULL), (double) pointer.record_count));
			vardata->freefunc = heap_freetuple;
			return true;
		}
	return false;
}

void
lake_column_statistics_init(void)
{
	previous_stats_hook = get_relation_stats_hook;
	get_relation_stats_hook = tell_statistics;
}
