/*
 * sql_catalog.cpp
 *	  Other engines write tables of this database through iceberg_tables, as clients of Iceberg's SQL catalog do (surface.md CAT-1): an UPDATE of
 *	  metadata_location that names the old one is a commit, an INSERT creates a table, an UPDATE of names renames it, a DELETE drops it.
 *
 * The trigger runs with the rights of the client's role and in its transaction. It locks what SQL would lock: an append what INSERT locks, any other change
 * of rows what UPDATE locks, columns and options what ALTER TABLE locks. Whoever finds another metadata location under the lock than the one it names has
 * lost: no row counts as updated, and that is how the client learns of it.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/dbcommands.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "storage/predicate.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
}

#include "compat/compat.h"
#include "catalog/lake_relation.h"
#include "catalog/pointer.h"
#include "ddl/constraint_check.h"
#include "ddl/follow_metadata.h"
#include "ddl/register_table.h"
#include "ddl/spi_statement.h"
#include "ddl/unique_key.h"
#include "txn/table_state.h"
#include "txn/write_lock.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_own_tables_trigger);
}

/* A row of iceberg_tables. */
typedef struct CatalogRow
{
	char	   *catalog;
	char	   *schema;
	char	   *table;
	char	   *metadata_location;
	char	   *type;
} CatalogRow;

static char *
column_text(HeapTuple tuple, TupleDesc desc, const char *name)
{
	return SPI_getvalue(tuple, desc, SPI_fnumber(desc, name));
}

static CatalogRow
read_row(HeapTuple tuple, TupleDesc desc)
{
	return {column_text(tuple, desc, "catalog_name"), column_text(tuple, desc, "table_namespace"), column_text(tuple, desc, "table_name"),
		column_text(tuple, desc, "metadata_location"), column_text(tuple, desc, "iceberg_type")};
}

static bool
is_own(const CatalogRow *row)
{
	return row->catalog != NULL && strcmp(row->catalog, get_database_name(MyDatabaseId)) == 0;
}

static bool
same(const char *left, const char *right)
{
	return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

/* The tables of this database are tables of PostgreSQL, and they stay in its catalog. */
static void
check_row(const CatalogRow *row)
{
	if (!is_own(row) || (row->type != NULL && strcmp(row->type, "TABLE") != 0))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("writes to the %s catalog are currently only supported via pg_lake_iceberg tables", get_database_name(MyDatabaseId)),
				 errdetail("Entries of catalog \"%s\" are the Iceberg tables of this database: no views, and none that move to another catalog.",
						   get_database_name(MyDatabaseId))));
	if (row->schema == NULL || row->table == NULL || row->metadata_location == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("table_namespace, table_name and metadata_location of an entry of catalog \"%s\" must not be null", row->catalog)));
	if (strlen(row->table) >= NAMEDATALEN || strlen(row->schema) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("name \"%s.%s\" has a part of more than %d bytes", row->schema, row->table, NAMEDATALEN - 1)));
}

/* The lake table of that exact name, locked; invalid when there is none any more. */
static Oid
lock_table(const CatalogRow *row, LOCKMODE mode)
{
	Oid			relid;

	if (!OidIsValid(get_namespace_oid(row->schema, true)))
		return InvalidOid;
	relid = RangeVarGetRelid(makeRangeVar(row->schema, row->table, -1), mode, true);
	return OidIsValid(relid) && lake_is_lake_relation(relid) ? relid : InvalidOid;
}

/* The same for its owner alone, who may then lock it. */
static Oid
lock_own_table(const CatalogRow *row)
{
	Oid			relid = lock_table(row, NoLock);

	if (!OidIsValid(relid))
		return InvalidOid;
	if (!LakeOwnsRelation(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, row->table);
	return lock_table(row, AccessExclusiveLock) == relid ? relid : InvalidOid;
}

/* ---------------------------------------------------------------- commits */

/* Who may do nothing to the table does not have metadata read. */
static void
check_any_right(Oid relid)
{
	if (pg_class_aclmask(relid, GetUserId(), ACL_INSERT | ACL_UPDATE | ACL_DELETE, ACLMASK_ANY) == 0 && !LakeOwnsRelation(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(relid));
}

/* What SQL would ask for. */
static void
check_rights(Oid relid, const LakeExamination *examination)
{
	AclMode		wanted = examination->only_appends ? ACL_INSERT : ACL_INSERT | ACL_UPDATE | ACL_DELETE;

	if (examination->alters || examination->administers || !examination->changes_rows)
		if (!LakeOwnsRelation(relid, GetUserId()))
			aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relid));
	if (examination->changes_rows && pg_class_aclmask(relid, GetUserId(), wanted, ACLMASK_ALL) != wanted)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(relid));
	if (examination->changes_rows && check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("policies of table \"%s\" for this role cannot be applied to rows that come by metadata", get_rel_name(relid)),
				 errhint("Use a role that row-level security does not concern.")));
	if (examination->outside != NULL)
		lake_check_url_read();
}

/* Takes what SQL would take for the change. False when the table is gone, or is another one, by then. */
static bool
lock_for(const CatalogRow *row, Oid relid, const LakeExamination *examination)
{
	bool		checks_keys = examination->changes_rows && lake_has_unique_key(relid);

	if (lock_table(row, examination->alters ? AccessExclusiveLock : RowExclusiveLock) != relid)
		return false;
	if (!examination->alters && ((examination->changes_rows && !examination->only_appends) || checks_keys))
		lake_write_lock(relid, ExclusiveLock);
	lake_pointer_lock(relid);
	return true;
}

static void
check_transaction(Oid relid, const LakePointer *pointer)
{
	Relation	rel = RelationIdGetRelation(relid);
	LakeTableState *state = lake_table_state(rel, false);

	if (pointer->read_only)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("modifications on read-only iceberg tables are not supported")));
	if (pointer->pending_metadata != NULL || (state != NULL && lake_state_has_changes(state)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("metadata of table \"%s\" cannot be swapped by a transaction that has changed the table", RelationGetRelationName(rel)),
				 errhint("Commit the other changes first.")));
	if (state != NULL)
		state->codec = NULL;
	CheckForSerializableConflictIn(rel, NULL, InvalidBlockNumber);
	RelationClose(rel);
}

/* The commit of a client: true when its row counts as updated. */
static bool
swap_metadata(const CatalogRow *old_row, const char *metadata_location)
{
	Oid			relid = lock_table(old_row, NoLock);
	LakePointer pointer;
	LakeExamination examination;
	List	   *required = NIL;

	if (!OidIsValid(relid))
		return false;
	check_any_right(relid);
	lake_examine_metadata(old_row->metadata_location, metadata_location, &examination);
	check_rights(relid, &examination);
	if (!lock_for(old_row, relid, &examination) || !lake_pointer_get(relid, NULL, &pointer))
		return false;
	if (!same(pointer.metadata_location, old_row->metadata_location))
	{
		if (IsolationUsesXactSnapshot())
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE), errmsg("could not serialize access due to concurrent update")));
		return false;
	}
	check_transaction(relid, &pointer);
	if (examination.alters)
		required = lake_follow_metadata(relid, old_row->metadata_location, metadata_location, &examination);
	pointer.previous_metadata_location = pointer.metadata_location;
	pointer.metadata_location = pstrdup(metadata_location);
	pointer.record_count = examination.record_count;
	pointer.data_bytes = examination.data_bytes;
	pointer.file_count = examination.file_count;
	lake_pointer_update(&pointer);
	lake_set_not_null(relid, required);
	if (examination.changes_rows)
		lake_check_constraints(relid);
	return true;
}

/* ---------------------------------------------------------------- tables */

/* Clients take 23505, and nothing else, for "exists already". */
static void
check_name_is_free(const CatalogRow *row)
{
	Oid			schema = get_namespace_oid(row->schema, false);

	if (OidIsValid(get_relname_relid(row->table, schema)))
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("relation \"%s.%s\" already exists", row->schema, row->table)));
}

static bool
rename_table(const CatalogRow *old_row, const CatalogRow *new_row)
{
	bool		moves = !same(old_row->schema, new_row->schema);
	bool		renames = !same(old_row->table, new_row->table);

	if (!same(old_row->metadata_location, new_row->metadata_location))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("an entry cannot get another name and other metadata at once")));
	if (!OidIsValid(lock_own_table(old_row)))
		return false;
	check_name_is_free(new_row);
	/* By way of the new schema's names, or of the old one's: either may be taken, and then PostgreSQL says so. */
	if (renames)
		lake_run_statement(psprintf("ALTER TABLE %s RENAME TO %s", quote_qualified_identifier(old_row->schema, old_row->table), quote_identifier(new_row->table)));
	if (moves)
		lake_run_statement(psprintf("ALTER TABLE %s SET SCHEMA %s", quote_qualified_identifier(old_row->schema, new_row->table), quote_identifier(new_row->schema)));
	return true;
}

/* Whoever drops a table through the catalog removes its files, or keeps them: they are none of ours any more. */
static bool
drop_table(const CatalogRow *row)
{
	Oid			relid = lock_own_table(row);
	LakePointer pointer;

	if (!OidIsValid(relid))
		return false;
	lake_pointer_lock(relid);
	if (!lake_pointer_get(relid, NULL, &pointer))
		return false;
	pointer.keeps_files = true;
	lake_pointer_update(&pointer);
	lake_run_statement(psprintf("DROP TABLE %s", quote_qualified_identifier(row->schema, row->table)));
	return true;
}

/* INSTEAD OF INSERT, UPDATE, DELETE on iceberg_tables; entries of other catalogs are left to the trigger behind it. */
Datum
lake_own_tables_trigger(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	HeapTuple	old_tuple;
	HeapTuple	new_tuple;
	CatalogRow	old_row = {};
	CatalogRow	new_row = {};
	bool		done;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_INSTEAD(data->tg_event))
		elog(ERROR, "lake_own_tables_trigger is a trigger function");
	desc = RelationGetDescr(data->tg_relation);
	old_tuple = TRIGGER_FIRED_BY_INSERT(data->tg_event) ? NULL : data->tg_trigtuple;
	new_tuple = TRIGGER_FIRED_BY_INSERT(data->tg_event) ? data->tg_trigtuple : TRIGGER_FIRED_BY_UPDATE(data->tg_event) ? data->tg_newtuple : NULL;
	if (old_tuple != NULL)
		old_row = read_row(old_tuple, desc);
	if (new_tuple != NULL)
		new_row = read_row(new_tuple, desc);
	if (!is_own(&old_row) && !is_own(&new_row))
		PG_RETURN_POINTER(new_tuple != NULL ? new_tuple : old_tuple);

	if (new_tuple != NULL)
		check_row(&new_row);
	if (old_tuple != NULL)
		check_row(&old_row);
	if (old_tuple == NULL)
	{
		check_name_is_free(&new_row);
		(void) lake_register_table(new_row.schema, new_row.table, new_row.metadata_location);
		done = true;
	}
	else if (new_tuple == NULL)
		done = drop_table(&old_row);
	else if (!same(old_row.schema, new_row.schema) || !same(old_row.table, new_row.table))
		done = rename_table(&old_row, &new_row);
	else
		done = same(old_row.metadata_location, new_row.metadata_location) || swap_metadata(&old_row, new_row.metadata_location);
	if (!done)
		PG_RETURN_POINTER(NULL);
	PG_RETURN_POINTER(new_tuple != NULL ? new_tuple : old_tuple);
}
