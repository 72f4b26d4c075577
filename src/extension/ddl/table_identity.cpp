/*
 * table_identity.cpp
 *	  Creating and dropping the Iceberg side of a table. See table_identity.h.
 *
 * Nothing is written to storage here: the server builds the metadata document, the pointer row carries it, so savepoints and ROLLBACK need no
 * further care.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
}

#include "catalog/analyze.h"
#include "catalog/lake_relation.h"
#include "catalog/pointer.h"
#include "ddl/column_default.h"
#include "ddl/file_layout.h"
#include "ddl/options.h"
#include "ddl/property_options.h"
#include "ddl/table_identity.h"
#include "ddl/variant_columns.h"
#include "hooks/settings.h"
#include "link/connection.h"
#include "txn/commit.h"
#include "txn/file_names.h"
#include "txn/table_state.h"
#include "types/type_map.h"

/* Percent-encodes a name as one part of a location (ICE-3): everything but letters, digits, '-', '_', '.'. */
static void
append_location_part(StringInfo location, const char *name)
{
	appendStringInfoChar(location, '/');
	for (const unsigned char *c = (const unsigned char *) name; *c != '\0'; c++)
	{
		if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-' || *c == '_' ||
			(*c == '.' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0))
			appendStringInfoChar(location, *c);
		else
			appendStringInfo(location, "%%%02X", *c);
	}
}

/* <prefix>/<database>/<schema>/<table>/<oid>; without a configured prefix, in the directory beside the data directory. */
static char *
default_location(Relation rel)
{
	StringInfoData location;

	initStringInfo(&location);
	if (lake_default_location_prefix != NULL && *lake_default_location_prefix != '\0')
		appendStringInfoString(&location, lake_default_location_prefix);
	else
		appendStringInfo(&location, "file://%s", lake_default_warehouse());
	append_location_part(&location, get_database_name(MyDatabaseId));
	append_location_part(&location, get_namespace_name(RelationGetNamespace(rel)));
	append_location_part(&location, RelationGetRelationName(rel));
	/* A table that comes back by SET ACCESS METHOD must not meet its former files. */
	append_location_part(&location, rel->rd_createSubid != InvalidSubTransactionId ? psprintf("%u", RelationGetRelid(rel))
						 : psprintf("%u-%u", RelationGetRelid(rel), GetCurrentTransactionId()));
	return location.data;
}

char *
lake_explicit_location(char *location)
{
	size_t		len = strlen(location);

	if (strncmp(location, "file://", 7) == 0 && !superuser() && !has_privs_of_role(GetUserId(), ROLE_PG_WRITE_SERVER_FILES))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to use the local location \"%s\"", location),
				 errhint("Only roles with the privileges of pg_write_server_files may name a local directory.")));
	while (len > 0 && location[len - 1] == '/')
		location[--len] = '\0';
	return location;
}

static bool
stores_numeric_as_string(Relation rel)
{
	char	   *value = lake_table_option(rel, LAKE_UNSUPPORTED_NUMERIC_OPTION);

	return value != NULL && strcmp(value, "string") == 0;
}

static void
check_geometry(Relation rel, Form_pg_attribute att, const LakeTypeInfo *type)
{
	if (lake_has_geometry_within(type))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("geometry types are not supported inside arrays, composite types or maps"),
				 errdetail("Column \"%s\" of table \"%s\" has type %s.", NameStr(att->attname), RelationGetRelationName(rel),
						   format_type_with_typemod(att->atttypid, att->atttypmod))));
	if (type->geometry != LAKE_NO_GEOMETRY && !lake_has_spatial())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("The pg_lake_spatial extension is required to use PostGIS with pg_lake tables."),
				 errdetail("Column \"%s\" of table \"%s\" has type %s.", NameStr(att->attname), RelationGetRelationName(rel),
						   format_type_with_typemod(att->atttypid, att->atttypmod)),
				 errhint("CREATE EXTENSION pg_lake_spatial CASCADE;")));
}

static const char *
type_json(Relation rel, Form_pg_attribute att, bool is_variant)
{
	LakeTypeInfo type;
	bool		known = lake_lookup_type(att->atttypid, att->atttypmod, &type);

	if (!known || (lake_is_numeric_as_text(&type) && !stores_numeric_as_string(rel)))
	{
		if (known)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("numeric type is not supported on Iceberg tables without a precision of at most 38"),
					 errdetail("Column \"%s\" has type %s.", NameStr(att->attname),
							   format_type_with_typemod(att->atttypid, att->atttypmod)),
					 errhint("Use numeric(p,s), or double precision, which pg_lake_iceberg.unsupported_numeric_as_double = on chooses, or the table option "
							 LAKE_UNSUPPORTED_NUMERIC_OPTION " = 'string'.")));
		if (get_typtype(getBaseType(att->atttypid)) == TYPTYPE_COMPOSITE &&
			get_rel_relkind(get_typ_typrelid(getBaseType(att->atttypid))) != RELKIND_COMPOSITE_TYPE)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("table types are not supported as columns"),
					 errdetail("Column \"%s\" of table \"%s\" has the row type of a table.", NameStr(att->attname), RelationGetRelationName(rel)),
					 errhint("Use a type made by CREATE TYPE .. AS, which cannot change while the table uses it.")));
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("type %s is currently not supported on Iceberg tables",
						format_type_with_typemod(att->atttypid, att->atttypmod)),
				 errdetail("Column \"%s\" of table \"%s\" has this type.", NameStr(att->attname), RelationGetRelationName(rel))));
	}
	if (lake_is_for_snowflake(rel))
	{
		if (lake_type_has_wire(&type, LAKE_WIRE_MAP))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("type %s is not supported with compatibility_mode 'snowflake'", format_type_with_typemod(att->atttypid, att->atttypmod)),
					 errdetail("Column \"%s\" of table \"%s\" is, or has in it, an Iceberg map.", NameStr(att->attname), RelationGetRelationName(rel))));
		lake_store_uuids_within_as_text(&type);
	}
	check_geometry(rel, att, &type);
	if (type.geometry != LAKE_NO_GEOMETRY && lake_format_version(rel) >= 3)
		return psprintf("\"%s\"", lake_iceberg_geometry(type.geometry, type.srid));
	if (is_variant)
		return "\"variant\"";
	return lake_iceberg_type_text(&type);
}

const char *
lake_iceberg_type_json(Relation rel, Form_pg_attribute att)
{
	return type_json(rel, att, lake_is_variant_column(rel, att));
}

const char *
lake_former_iceberg_type_json(Relation rel, Form_pg_attribute att, const char *variant_columns)
{
	return type_json(rel, att, lake_is_variant_by(variant_columns, att));
}

void
lake_check_same_srid(Relation rel, Form_pg_attribute was, Form_pg_attribute is, bool is_rewritten)
{
	LakeTypeInfo before;
	LakeTypeInfo after;

	if (is_rewritten || !lake_lookup_type(was->atttypid, was->atttypmod, &before) || !lake_lookup_type(is->atttypid, is->atttypmod, &after) ||
		before.geometry != after.geometry || before.srid == after.srid)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot change column \"%s\" of table \"%s\" from SRID %d to SRID %d as it is", NameStr(is->attname), RelationGetRelationName(rel),
					before.srid, after.srid),
			 errhint("Say what becomes of its values: ALTER COLUMN .. TYPE .. USING ST_SetSRID(.., %d).", after.srid)));
}

/* DuckDB has no table without columns, and compares their names without regard to case. */
void
lake_check_columns(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	int			columns = 0;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		columns++;
		for (int j = 0; j < i; j++)
		{
			Form_pg_attribute other = TupleDescAttr(desc, j);

			if (!other->attisdropped && pg_strcasecmp(NameStr(other->attname), NameStr(att->attname)) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("columns \"%s\" and \"%s\" of iceberg table \"%s\" differ in case alone, which is not supported",
								NameStr(other->attname), NameStr(att->attname), RelationGetRelationName(rel))));
		}
	}
	if (columns == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("iceberg table \"%s\" would have no columns, which is not supported", RelationGetRelationName(rel))));
}

static char *
create_request(Relation rel, const char *location)
{
	TupleDesc	desc = RelationGetDescr(rel);
	StringInfoData json;
	bool		first = true;
	static const char *const layouts[] = {LAKE_PARTITION_BY_OPTION, LAKE_SORT_BY_OPTION};
	char	   *stats_mode = lake_table_option(rel, "column_stats_mode");
	char	   *version = lake_table_option(rel, "format_version");

	lake_check_columns(rel);
	lake_check_variant_columns(rel);
	initStringInfo(&json);
	appendStringInfoString(&json, "{\"location\": ");
	escape_json(&json, location);
	appendStringInfoString(&json, ", \"columns\": [");
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		appendStringInfoString(&json, first ? "{\"name\": " : ", {\"name\": ");
		escape_json(&json, NameStr(att->attname));
		appendStringInfo(&json, ", \"type\": %s, \"required\": %s, \"doc\": null", lake_iceberg_type_json(rel, att), att->attnotnull ? "true" : "false");
		if (lake_write_default(rel, desc, i) != NULL)
			appendStringInfo(&json, ", \"write_default\": %s", lake_write_default(rel, desc, i));
		appendStringInfoChar(&json, '}');
		first = false;
	}
	appendStringInfoChar(&json, ']');
	for (const char *layout : layouts)
		appendStringInfo(&json, ", \"%s\": %s", layout, lake_layout_json(rel, layout, lake_table_option(rel, layout)));
	appendStringInfoString(&json, ", \"properties\": {");
	if (stats_mode != NULL)
	{
		appendStringInfoString(&json, "\"write.metadata.metrics.default\": ");
		escape_json(&json, stats_mode);
	}
	lake_append_property_options(&json, rel);
	appendStringInfo(&json, "}, \"format_version\": %s}", version != NULL ? version : "2");
	return json.data;
}

static const LakeRegistration *registration = NULL;

void
lake_set_registration(const LakeRegistration *given)
{
	registration = given;
}

/* Its metadata is in place: nothing is to be written at commit. */
static void
insert_registered(Relation rel)
{
	LakePointer pointer;
	LakeTableState *state = lake_table_state(rel, false);

	lake_check_columns(rel);
	/* New storage is empty but here. */
	if (state != NULL)
		state->replaces = false;
	memset(&pointer, 0, sizeof(pointer));
	pointer.relid = RelationGetRelid(rel);
	pointer.custom_location = true;
	pointer.keeps_files = true;
	pointer.location = lake_explicit_location(pstrdup(registration->location));
	pointer.metadata_location = pstrdup(registration->metadata_location);
	pointer.record_count = registration->record_count;
	pointer.data_bytes = registration->data_bytes;
	pointer.file_count = registration->file_count;
	registration = NULL;
	lake_pointer_insert(&pointer);
}

void
lake_create_table_identity(Relation rel)
{
	LakePointer pointer;
	char	   *location;
	char	  **values;
	const char *params[1];

	if (lake_pointer_get(RelationGetRelid(rel), NULL, &pointer))
		return;
	lake_check_url_write();
	if (registration != NULL)
	{
		insert_registered(rel);
		return;
	}
	location = lake_table_option(rel, "location");
	memset(&pointer, 0, sizeof(pointer));
	pointer.relid = RelationGetRelid(rel);
	pointer.custom_location = location != NULL;
	pointer.location = location != NULL ? lake_explicit_location(location) : default_location(rel);
	params[0] = create_request(rel, pointer.location);
	if (lake_link_call("SELECT base FROM lake_create($1)", 1, params, 1, &values) != 1 || values[0] == NULL)
		elog(ERROR, "unexpected answer of the query engine to a table creation");
	pointer.pending_metadata = values[0];
	lake_pointer_insert(&pointer);
	lake_note_new_metadata(RelationGetRelid(rel));
}

void
lake_ensure_table_identity(Relation rel)
{
	LakePointer pointer;

	if (lake_pointer_get(RelationGetRelid(rel), NULL, &pointer))
		return;
	if (rel->rd_createSubid == InvalidSubTransactionId)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("table \"%s\" has no row in lake_iceberg.tables_internal", RelationGetRelationName(rel)),
				 errhint("The table was made without pg_lake, for example by CREATE DATABASE .. TEMPLATE; drop it.")));
	lake_create_table_identity(rel);
}

/* lake_engine.deletion_queue: path, table_name, orphaned_at, retry_count, is_prefix, resolve_metadata, last_attempt_at (CAT-4). */
static void
queue_deletion(const char *path)
{
	Relation	queue = table_open(lake_catalog_relid("lake_engine", "deletion_queue"), RowExclusiveLock);
	Datum		values[7] = {0};
	bool		nulls[7] = {0};

	values[0] = CStringGetTextDatum(path);
	nulls[1] = true;			/* the table is gone */
	values[2] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	values[3] = Int32GetDatum(0);
	values[4] = BoolGetDatum(true);
	values[5] = BoolGetDatum(false);
	nulls[6] = true;
	CatalogTupleInsert(queue, heap_form_tuple(RelationGetDescr(queue), values, nulls));
	lake_note_catalog_change();
	table_close(queue, RowExclusiveLock);
}

/* What lies elsewhere lies in directories of the table's own (txn/file_names.h). */
static void
queue_files(Oid relid, const char *location)
{
	LakeTablePaths paths;

	lake_table_paths(location, lake_relation_option(relid, LAKE_DATA_PATH_OPTION), lake_relation_option(relid, LAKE_METADATA_PATH_OPTION), NULL, &paths);
	queue_deletion(psprintf("%s/", location));
	if (!lake_is_below(paths.data, location))
		queue_deletion(psprintf("%s/", paths.data));
	if (!lake_is_below(paths.metadata, location))
		queue_deletion(psprintf("%s/", paths.metadata));
}

void
lake_drop_table_identity(Oid relid)
{
	LakePointer pointer;

	if (!lake_pointer_get(relid, NULL, &pointer))
		return;
	lake_pointer_lock(relid);
	if (!lake_pointer_get(relid, NULL, &pointer))
		return;
	/* A table of this transaction has written nothing that the ledger does not name. */
	if (pointer.metadata_location != NULL && !pointer.read_only && !pointer.keeps_files)
		queue_files(relid, pointer.location);
	lake_pointer_delete(relid);
}
