/*
 * pointer.cpp
 *	  Access to lake_iceberg.tables_internal. Its columns, in order, are the Anum_ constants below; sql/pg_lake--3.5.sql creates it.
 */
extern "C" {
#include "postgres.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
}

#include "catalog/analyze.h"
#include "catalog/lake_relation.h"
#include "catalog/pointer.h"

enum
{
	Anum_table_name = 1,
	Anum_metadata_location,
	Anum_previous_metadata_location,
	Anum_read_only,
	Anum_has_custom_location,
	Anum_default_spec_id,
	Anum_location,
	Anum_pending_metadata,
	Anum_record_count,
	Anum_data_bytes,
	Anum_file_count,
	Anum_database_oid,
	Anum_keeps_files,
	Natts_tables_internal = Anum_keeps_files
};

static Relation
open_tables(LOCKMODE lockmode)
{
	return table_open(lake_catalog_relid("lake_iceberg", "tables_internal"), lockmode);
}

static Oid
tables_index(void)
{
	return lake_catalog_relid("lake_iceberg", "tables_internal_pkey");
}

static char *
text_attribute(HeapTuple tuple, TupleDesc desc, int attnum)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, attnum, desc, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

static int64
int_attribute(HeapTuple tuple, TupleDesc desc, int attnum)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, attnum, desc, &isnull);

	return isnull ? 0 : DatumGetInt64(value);
}

static bool
bool_attribute(HeapTuple tuple, TupleDesc desc, int attnum)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, attnum, desc, &isnull);

	return !isnull && DatumGetBool(value);
}

static bool
is_below(const char *path, const char *location)
{
	size_t		length = strlen(location);

	return strncmp(path, location, length) == 0 && path[length] == '/';
}

/* A row that CREATE DATABASE .. TEMPLATE copied belongs to a table of the other database. */
static bool
is_own_row(HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;

	return DatumGetObjectId(heap_getattr(tuple, Anum_database_oid, desc, &isnull)) == MyDatabaseId;
}

static void
read_pointer(HeapTuple tuple, TupleDesc desc, LakePointer *pointer)
{
	pointer->location = text_attribute(tuple, desc, Anum_location);
	pointer->metadata_location = text_attribute(tuple, desc, Anum_metadata_location);
	pointer->previous_metadata_location = text_attribute(tuple, desc, Anum_previous_metadata_location);
	pointer->pending_metadata = text_attribute(tuple, desc, Anum_pending_metadata);
	pointer->read_only = bool_attribute(tuple, desc, Anum_read_only) || !is_own_row(tuple, desc);
	pointer->custom_location = bool_attribute(tuple, desc, Anum_has_custom_location);
	pointer->record_count = int_attribute(tuple, desc, Anum_record_count);
	pointer->data_bytes = int_attribute(tuple, desc, Anum_data_bytes);
	pointer->file_count = int_attribute(tuple, desc, Anum_file_count);
	pointer->keeps_files = bool_attribute(tuple, desc, Anum_keeps_files);
	pointer->tid = tuple->t_self;
}

bool
lake_pointer_get(Oid relid, Snapshot snapshot, LakePointer *pointer)
{
	Relation	tables = open_tables(AccessShareLock);
	Snapshot	latest = snapshot == NULL ? RegisterSnapshot(GetLatestSnapshot()) : NULL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found;

	memset(pointer, 0, sizeof(*pointer));
	pointer->relid = relid;
	ScanKeyInit(&key, Anum_table_name, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(tables, tables_index(), true, latest != NULL ? latest : snapshot, 1, &key);
	found = false;
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		/*
		 * An older snapshot may see two: the row of then and this transaction's own, which replaced a newer one of somebody else. It
		 * gets that of then.
		 */
		if (found && TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data)))
			continue;
		read_pointer(tuple, RelationGetDescr(tables), pointer);
		found = true;
	}
	systable_endscan(scan);
	if (latest != NULL)
		UnregisterSnapshot(latest);
	table_close(tables, AccessShareLock);
	return found;
}

/* The other table below whose location the metadata lies; NULL when there is none. */
static char *
other_owner(const LakePointer *pointer)
{
	Relation	tables = open_tables(AccessShareLock);
	SysScanDesc scan = systable_beginscan(tables, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;
	char	   *name = NULL;

	while (name == NULL && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		isnull;
		Oid			relid = DatumGetObjectId(heap_getattr(tuple, Anum_table_name, RelationGetDescr(tables), &isnull));
		char	   *location = text_attribute(tuple, RelationGetDescr(tables), Anum_location);

		if (relid != pointer->relid && is_below(pointer->metadata_location, location))
			name = get_rel_name(relid);
	}
	systable_endscan(scan);
	table_close(tables, AccessShareLock);
	return name;
}

char *
lake_table_at_location(const char *location)
{
	Relation	tables = open_tables(AccessShareLock);
	SysScanDesc scan = systable_beginscan(tables, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;
	char	   *name = NULL;

	while (name == NULL && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		LakePointer other = {};
		bool		isnull;

		read_pointer(tuple, RelationGetDescr(tables), &other);
		if (strcmp(location, other.location) == 0 || is_below(location, other.location) || is_below(other.location, location))
			name = get_rel_name(DatumGetObjectId(heap_getattr(tuple, Anum_table_name, RelationGetDescr(tables), &isnull)));
	}
	systable_endscan(scan);
	table_close(tables, AccessShareLock);
	return name;
}

/* A pointer that somebody has set to the metadata of another table would mix their files. */
static void
check_owner(const LakePointer *pointer)
{
	char	   *other;

	if (pointer->pending_metadata != NULL || pointer->metadata_location == NULL || is_below(pointer->metadata_location, pointer->location))
		return;
	other = other_owner(pointer);
	if (other != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the metadata location of table \"%s\" belongs to table \"%s\"", get_rel_name(pointer->relid), other),
				 errdetail("\"%s\" does not lie below \"%s\".", pointer->metadata_location, pointer->location)));
}

const char *
lake_pointer_base(const LakePointer *pointer)
{
	check_owner(pointer);
	return pointer->pending_metadata != NULL ? pointer->pending_metadata : pointer->metadata_location;
}

void
lake_pointer_lock(Oid relid)
{
	LockDatabaseObject(lake_catalog_relid("lake_iceberg", "tables_internal"), relid, 0, ExclusiveLock);
}

static HeapTuple
form_row(const LakePointer *pointer, TupleDesc desc)
{
	Datum		values[Natts_tables_internal] = {0};
	bool		nulls[Natts_tables_internal] = {0};

#define SET_TEXT(attnum, text) \
	do { \
		nulls[(attnum) - 1] = (text) == NULL; \
		if ((text) != NULL) \
			values[(attnum) - 1] = CStringGetTextDatum(text); \
	} while (0)
	values[Anum_table_name - 1] = ObjectIdGetDatum(pointer->relid);
	SET_TEXT(Anum_metadata_location, pointer->metadata_location);
	SET_TEXT(Anum_previous_metadata_location, pointer->previous_metadata_location);
	values[Anum_read_only - 1] = BoolGetDatum(pointer->read_only);
	values[Anum_has_custom_location - 1] = BoolGetDatum(pointer->custom_location);
	values[Anum_default_spec_id - 1] = Int32GetDatum(0);
	SET_TEXT(Anum_location, pointer->location);
	SET_TEXT(Anum_pending_metadata, pointer->pending_metadata);
	values[Anum_record_count - 1] = Int64GetDatum(pointer->record_count);
	values[Anum_data_bytes - 1] = Int64GetDatum(pointer->data_bytes);
	values[Anum_file_count - 1] = Int64GetDatum(pointer->file_count);
	values[Anum_database_oid - 1] = ObjectIdGetDatum(MyDatabaseId);
	values[Anum_keeps_files - 1] = BoolGetDatum(pointer->keeps_files);
#undef SET_TEXT
	return heap_form_tuple(desc, values, nulls);
}

void
lake_pointer_insert(const LakePointer *pointer)
{
	Relation	tables = open_tables(RowExclusiveLock);

	CatalogTupleInsert(tables, form_row(pointer, RelationGetDescr(tables)));
	lake_note_catalog_change();
	table_close(tables, RowExclusiveLock);
	CommandCounterIncrement();
}

/* An inline base may be toasted, and its chunks are found by the active snapshot: at PRE_COMMIT there is none. */
static void
push_snapshot(void)
{
	PushActiveSnapshot(GetTransactionSnapshot());
}

void
lake_pointer_update(const LakePointer *pointer)
{
	Relation	tables = open_tables(RowExclusiveLock);
	HeapTuple	tuple = form_row(pointer, RelationGetDescr(tables));
	ItemPointerData tid = pointer->tid;

	push_snapshot();
	CatalogTupleUpdate(tables, &tid, tuple);
	lake_note_catalog_change();
	PopActiveSnapshot();
	table_close(tables, RowExclusiveLock);
	CommandCounterIncrement();
}

void
lake_pointer_delete(Oid relid)
{
	LakePointer pointer;

	if (lake_pointer_get(relid, NULL, &pointer))
	{
		Relation	tables = open_tables(RowExclusiveLock);

		push_snapshot();
		CatalogTupleDelete(tables, &pointer.tid);
		lake_note_catalog_change();
		PopActiveSnapshot();
		table_close(tables, RowExclusiveLock);
		CommandCounterIncrement();
	}
}
