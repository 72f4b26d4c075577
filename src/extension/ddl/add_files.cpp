/*
 * add_files.cpp
 *	  lake.add_files(): Parquet files that somebody else wrote become data files of a table, where they are. It is an INSERT that writes no file: the
 *	  server reads footers and answers with a change, which joins the transaction's log as any other.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/predicate.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
}

#include "catalog/lake_relation.h"
#include "catalog/pointer.h"
#include "ddl/alter_table.h"
#include "ddl/constraint_check.h"
#include "ddl/unique_key.h"
#include "link/connection.h"
#include "txn/branch.h"
#include "txn/table_state.h"
#include "txn/write_lock.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_add_files);
}

/* What INSERT asks for, and the right to read URLs. */
static Relation
open_table(Oid relid)
{
	Relation	rel = table_open(relid, RowExclusiveLock);
	LakePointer pointer;

	if (!lake_is_lake_relation(relid))
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not an Iceberg table", RelationGetRelationName(rel))));
	if (pg_class_aclcheck(relid, GetUserId(), ACL_INSERT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, RelationGetRelationName(rel));
	lake_check_url_read();
	PreventCommandIfReadOnly("lake.add_files()");
	if (check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("policies of table \"%s\" for this role cannot be applied to rows of files", RelationGetRelationName(rel)),
				 errhint("Use a role that row-level security does not concern.")));
	if (lake_pointer_get(relid, NULL, &pointer) && pointer.read_only)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("modifications on read-only iceberg tables are not supported")));
	if (lake_has_unique_key(relid))
		lake_write_lock(relid, ExclusiveLock);
	CheckForSerializableConflictIn(rel, NULL, InvalidBlockNumber);
	return rel;
}

static char *
add_request(Relation rel, ArrayType *paths, bool hive)
{
	LakePointer pointer;
	StringInfoData json;
	char	   *changes;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	if (!lake_pointer_get(RelationGetRelid(rel), NULL, &pointer))
		elog(ERROR, "table \"%s\" has no metadata", RelationGetRelationName(rel));
	changes = lake_visible_changes(rel, SnapshotAny, false);
	initStringInfo(&json);
	appendStringInfoString(&json, "{\"base\": ");
	escape_json(&json, lake_pointer_base(&pointer));
	if (changes != NULL)
	{
		appendStringInfoString(&json, ", \"changes\": ");
		escape_json(&json, changes);
	}
	appendStringInfo(&json, ", \"hive\": %s, \"paths\": [", hive ? "true" : "false");
	deconstruct_array(paths, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char	   *path;

		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("url must not be null")));
		path = TextDatumGetCString(values[i]);
		if (strstr(path, "://") == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("pg_lake_table: unsupported URL: \"%s\"", path),
					 errhint("Give a location such as s3://bucket/prefix/*.parquet or file:///directory/*.parquet.")));
		appendStringInfoString(&json, i > 0 ? ", " : "");
		escape_json(&json, path);
	}
	appendStringInfoString(&json, "]}");
	return json.data;
}

/* lake.add_files(tbl regclass, urls text[], hive_partitioning bool) -> (files int, rows bigint) */
Datum
lake_add_files(PG_FUNCTION_ARGS)
{
	enum {CHANGE, ROWS, FILES, NAME_MAPPING, NCOLUMNS};
	Relation	rel = open_table(PG_GETARG_OID(0));
	LakeTableState *state = lake_table_state(rel, true);
	LakeNewFiles files;
	const char *params[1];
	char	  **row;
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	lake_note_branch(rel, state);
	lake_begin_files(state, rel, false, &files);
	params[0] = add_request(rel, PG_GETARG_ARRAYTYPE_P(1), PG_GETARG_BOOL(2));
	if (lake_link_call("SELECT change, rows, files, name_mapping FROM lake_add_files($1)", 1, params, NCOLUMNS, &row) != 1)
		elog(ERROR, "unexpected answer of the query engine about files");
	/* Before the rows count, for whoever reads them needs it. */
	if (row[NAME_MAPPING] != NULL)
		lake_set_property(rel, "schema.name-mapping.default", row[NAME_MAPPING]);
	if (strtoll(row[ROWS], NULL, 10) > 0)
	{
		lake_add_rows(state, row[CHANGE], strtoll(row[ROWS], NULL, 10), 0, GetCurrentCommandId(true));
		CommandCounterIncrement();
		lake_check_constraints(RelationGetRelid(rel));
	}
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int32GetDatum(atoi(row[FILES]));
	values[1] = Int64GetDatum(strtoll(row[ROWS], NULL, 10));
	table_close(rel, NoLock);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
