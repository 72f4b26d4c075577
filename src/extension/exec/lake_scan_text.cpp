/*
 * lake_scan_text.cpp
 *	  See lake_scan_text.h and docs/link.md, "Reading".
 */
extern "C" {
#include "postgres.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_attribute.h"
#include "utils/fmgroids.h"
#include "utils/json.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

#include "catalog/pointer.h"
#include "ddl/alter_table.h"
#include "ddl/table_identity.h"
#include "exec/lake_scan_text.h"
#include "exec/time_travel.h"
#include "link/sql_text.h"
#include "txn/branch.h"
#include "txn/key_check.h"
#include "txn/table_state.h"
#include "types/type_map.h"

/* Uuids within other values may be strings (ICE-11). */
static bool
may_be_stored_otherwise(const LakeTypeInfo *type)
{
	return type->nfields > 0 && lake_type_has_wire(type, LAKE_WIRE_UUID);
}

/* JSON object of the columns whose DuckDB type is not the one that lake_scan gives by itself; NULL when there is none. */
static char *
type_overrides(TupleDesc desc)
{
	StringInfoData json;

	initStringInfo(&json);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		LakeTypeInfo type;

		if (att->attisdropped || !lake_lookup_type(att->atttypid, att->atttypmod, &type) || !(type.needs_scan_cast || may_be_stored_otherwise(&type)))
			continue;
		appendStringInfoString(&json, json.len == 0 ? "{" : ", ");
		escape_json(&json, NameStr(att->attname));
		appendStringInfoString(&json, ": ");
		escape_json(&json, type.duckdb_type);
	}
	if (json.len == 0)
		return NULL;
	appendStringInfoChar(&json, '}');
	return json.data;
}

void
lake_append_interval_of_struct(StringInfo sql, const char *column)
{
	static const char *const makers[] = {"to_months(", " + to_days(", " + to_microseconds("};
	static const char *const fields[] = {".months::INTEGER)", ".days::INTEGER)", ".microseconds)"};

	for (int part = 0; part < 3; part++)
	{
		appendStringInfoString(sql, makers[part]);
		lake_append_identifier(sql, column);
		appendStringInfoString(sql, fields[part]);
	}
}

/*
 * Interval columns are structs in Iceberg, and row ids are a sum. Appends "(SELECT * REPLACE (... AS "c") ... FROM " where one of them is wanted, and says
 * whether it did.
 */
static bool
append_conversion(StringInfo sql, TupleDesc desc, bool row_ids)
{
	bool		any = false;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		LakeTypeInfo type;

		if (att->attisdropped || !lake_lookup_type(att->atttypid, att->atttypmod, &type) || type.wire != LAKE_WIRE_INTERVAL)
			continue;
		appendStringInfoString(sql, any ? ", " : "(SELECT * REPLACE (");
		any = true;
		lake_append_interval_of_struct(sql, NameStr(att->attname));
		appendStringInfoString(sql, " AS ");
		lake_append_identifier(sql, NameStr(att->attname));
	}
	if (any)
		appendStringInfoChar(sql, ')');
	else if (row_ids)
		appendStringInfoString(sql, "(SELECT *");
	if (row_ids)
		appendStringInfoString(sql, ", (file_index + file_row_number)::BIGINT AS " LAKE_ROW_ID_COLUMN);
	if (any || row_ids)
		appendStringInfoString(sql, " FROM ");
	return any || row_ids;
}

static void
append_call(StringInfo sql, TupleDesc desc, const char *base, const char *as_of, const char *changes, bool row_ids, const char *whole_files,
			int sample_rows, const LakeReadPoint *point, const int64 *unlike_snapshot)
{
	char	   *types = type_overrides(desc);
	bool		converted = append_conversion(sql, desc, row_ids);

	appendStringInfoString(sql, "lake_scan(");
	lake_append_literal(sql, base);
	if (as_of != NULL)
	{
		appendStringInfoString(sql, ", as_of := ");
		lake_append_literal(sql, as_of);
	}
	if (changes != NULL)
	{
		appendStringInfoString(sql, ", changes := ");
		lake_append_literal(sql, changes);
	}
	if (types != NULL)
	{
		appendStringInfoString(sql, ", types := ");
		lake_append_literal(sql, types);
	}
	if (row_ids)
		appendStringInfoString(sql, ", row_ids := true");
	if (whole_files != NULL)
	{
		appendStringInfoString(sql, ", without := ");
		lake_append_literal(sql, whole_files);
	}
	if (sample_rows > 0)
		appendStringInfo(sql, ", sample_rows := %d", sample_rows);
	if (point != NULL)
		lake_append_read_point(sql, point);
	if (unlike_snapshot != NULL)
		appendStringInfo(sql, ", unlike_snapshot := " INT64_FORMAT, *unlike_snapshot);
	appendStringInfoString(sql, converted ? "))" : ")");
}

/* The base that the snapshot sees, with the columns of desc. */
static const char *
base_for(Relation rel, TupleDesc desc, Snapshot snapshot)
{
	const char *former_base;
	LakePointer pointer;
	bool		is_altered = lake_base_of_columns(RelationGetRelid(rel), desc, &former_base);

	if (former_base != NULL)
		return former_base;
	if (lake_pointer_get(RelationGetRelid(rel), IsMVCCSnapshot(snapshot) && !is_altered ? snapshot : NULL, &pointer))
		return lake_pointer_base(&pointer);
	/* A statement that creates a table and reads it at once (a trigger of CTAS) looks before the row is visible to its snapshot. */
	lake_ensure_table_identity(rel);
	if (!lake_pointer_get(RelationGetRelid(rel), NULL, &pointer))
		elog(ERROR, "table \"%s\" has no metadata", RelationGetRelationName(rel));
	/* A table that an open PostgreSQL snapshot does not know yet has no rows for it, as a heap table has none. */
	if (pointer.pending_metadata == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("table \"%s\" was created after this transaction's snapshot was taken", RelationGetRelationName(rel))));
	return lake_pointer_base(&pointer);
}

/* Does the snapshot see the columns that the table has now? */
static bool
sees_columns(Relation rel, Snapshot snapshot)
{
	TupleDesc	desc = RelationGetDescr(rel);
	Relation	attributes = table_open(AttributeRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	int			same = 0;

	ScanKeyInit(&keys[0], Anum_pg_attribute_attrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(RelationGetRelid(rel)));
	ScanKeyInit(&keys[1], Anum_pg_attribute_attnum, BTGreaterStrategyNumber, F_INT2GT, Int16GetDatum(0));
	scan = systable_beginscan(attributes, AttributeRelidNumIndexId, true, snapshot, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_attribute then = (Form_pg_attribute) GETSTRUCT(tuple);
		Form_pg_attribute now = then->attnum <= desc->natts ? TupleDescAttr(desc, then->attnum - 1) : NULL;

		if (now != NULL && then->attisdropped == now->attisdropped && then->atttypid == now->atttypid &&
			then->atttypmod == now->atttypmod && strcmp(NameStr(then->attname), NameStr(now->attname)) == 0)
			same++;
	}
	systable_endscan(scan);
	table_close(attributes, AccessShareLock);
	return same == desc->natts;
}

/*
 * PostgreSQL's catalog is that of now, also in a transaction that sees older rows: where the table has been changed since its PostgreSQL snapshot, the
 * base becomes the latest one, whose columns are those of the catalog, and the former base is returned, whose rows are wanted. The latest may be what
 * ALTER TABLE of this transaction has made of a newer one. Row ids are those of the former base alone: its rows cannot be changed under other columns.
 */
static const char *
newer_columns(Relation rel, Snapshot snapshot, bool row_ids, const char **base)
{
	LakePointer latest;
	const char *former = *base;
	LakeTableState *state = lake_table_state(rel, false);

	if (!IsolationUsesXactSnapshot() || !IsMVCCSnapshot(snapshot) || former[0] == '{' ||
		!lake_pointer_get(RelationGetRelid(rel), NULL, &latest) || strcmp(lake_pointer_base(&latest), former) == 0)
		return NULL;
	if (!row_ids || (state != NULL && state->replaces))
	{
		*base = lake_pointer_base(&latest);
		return row_ids ? NULL : former;
	}
	if (latest.pending_metadata != NULL || !sees_columns(rel, snapshot))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent change of table \"%s\"", RelationGetRelationName(rel)),
				 errdetail("Its columns are other than those of the rows that this transaction sees.")));
	return NULL;
}

static void
append_scan(StringInfo sql, Relation rel, TupleDesc desc, Snapshot snapshot, bool row_ids, const char *whole_files)
{
	char	   *changes = lake_visible_changes(rel, snapshot, row_ids);
	const char *base = base_for(rel, desc, snapshot);
	const char *as_of = newer_columns(rel, snapshot, row_ids, &base);

	base = lake_base_on_branch(rel, lake_table_state(rel, row_ids), base);
	if (row_ids)
		lake_note_scan_base(lake_table_state(rel, true), base);
	append_call(sql, desc, base, as_of, changes, row_ids, whole_files, 0, NULL, NULL);
}

void
lake_append_scan_call(StringInfo sql, Relation rel, Snapshot snapshot, bool row_ids, const char *whole_files)
{
	append_scan(sql, rel, RelationGetDescr(rel), snapshot, row_ids, whole_files);
}

/* What this transaction has written is not of the past. */
void
lake_append_past_scan_call(StringInfo sql, Relation rel, Snapshot snapshot, const LakeReadPoint *point)
{
	const char *base = base_for(rel, RelationGetDescr(rel), snapshot);
	const char *as_of = newer_columns(rel, snapshot, false, &base);

	append_call(sql, RelationGetDescr(rel), base, as_of, NULL, false, NULL, 0, point, NULL);
}

void
lake_append_difference_call(StringInfo sql, Relation rel, const char *base, int64 snapshot_id, const int64 *unlike_snapshot, bool row_ids)
{
	LakeReadPoint point = {LAKE_AT_SNAPSHOT, snapshot_id, 0, NULL};

	append_call(sql, RelationGetDescr(rel), base, NULL, NULL, row_ids, NULL, 0, &point, unlike_snapshot);
}

void
lake_append_scan_call_as(StringInfo sql, Relation rel, TupleDesc desc, Snapshot snapshot)
{
	append_scan(sql, rel, desc, snapshot, false, NULL);
}

/* Columns of these names hide the virtual ones, and the server gives no row ids (docs/link.md). */
static bool
hides_row_ids(TupleDesc desc)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && (pg_strcasecmp(NameStr(att->attname), "file_index") == 0 ||
								   pg_strcasecmp(NameStr(att->attname), "file_row_number") == 0))
			return true;
	}
	return false;
}

void
lake_append_sample_call(StringInfo sql, Relation rel, int rows, bool *has_row_ids)
{
	TupleDesc	desc = RelationGetDescr(rel);

	*has_row_ids = !hides_row_ids(desc);
	append_call(sql, desc, base_for(rel, desc, SnapshotAny), NULL, lake_visible_changes(rel, SnapshotSelf, *has_row_ids), *has_row_ids, NULL,
				rows, NULL, NULL);
}

void
lake_append_unchecked_call(StringInfo sql, Relation rel, LakeTableState *state)
{
	append_call(sql, RelationGetDescr(rel), lake_base_of_changes(state, base_for(rel, RelationGetDescr(rel), SnapshotAny)), NULL,
				lake_unchecked_changes(state), false, NULL, 0, NULL, NULL);
}

void
lake_append_lookup_call(StringInfo sql, Relation rel)
{
	LakeTableState *state = lake_table_state(rel, false);

	if (state == NULL || state->scan_base == NULL)
		elog(ERROR, "row of table \"%s\" was never read", RelationGetRelationName(rel));
	append_call(sql, RelationGetDescr(rel), state->scan_base, NULL, lake_added_rows(state), true, NULL, 0, NULL, NULL);
}
