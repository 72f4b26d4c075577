/*
 * register_table.cpp
 *	  See register_table.h. The table is made by CREATE TABLE, for its rights, event triggers and errors; only its beginning is another one.
 */
extern "C" {
#include "postgres.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/regproc.h"
#include "utils/varlena.h"
}

#include "catalog/lake_relation.h"
#include "catalog/pointer.h"
#include "ddl/follow_metadata.h"
#include "ddl/register_table.h"
#include "ddl/spi_statement.h"
#include "ddl/table_identity.h"
#include "types/iceberg_type.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_register);
}

static void
append_columns(StringInfo sql, const char *metadata_location)
{
	ListCell   *lc;

	foreach(lc, lake_iceberg_columns(metadata_location))
	{
		const LakeIcebergField *column = (const LakeIcebergField *) lfirst(lc);
		int32		typmod;
		Oid			typid = lake_type_of_iceberg(column, &typmod);

		appendStringInfo(sql, "%s%s %s", foreach_current_index(lc) > 0 ? ", " : "", quote_identifier(column->name),
						 format_type_extended(typid, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
		if (column->write_default != NULL)
			appendStringInfo(sql, " DEFAULT %s", quote_literal_cstr(column->write_default));
		if (column->required)
			appendStringInfoString(sql, " NOT NULL");
	}
}

static void
append_options(StringInfo sql, const LakeExamination *examination)
{
	ListCell   *lc;

	foreach(lc, lake_options_of_metadata(examination))
	{
		DefElem    *option = (DefElem *) lfirst(lc);

		appendStringInfo(sql, "%s%s = %s", foreach_current_index(lc) > 0 ? ", " : " WITH (", option->defname, quote_literal_cstr(defGetString(option)));
	}
	if (lake_options_of_metadata(examination) != NIL)
		appendStringInfoChar(sql, ')');
}

/* Two tables that write into one directory would remove each other's files. */
static void
check_location(const char *location, const char *metadata_location)
{
	char	   *other;

	LockDatabaseObject(lake_catalog_relid("lake_iceberg", "tables_internal"), InvalidOid, 2, ExclusiveLock);
	other = lake_table_at_location(location);
	if (other != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("metadata \"%s\" is of a table at the location of table \"%s\"", metadata_location, other),
				 errdetail("The location is \"%s\".", location)));
}

/* What DROP TABLE has given up, the cleaner will remove. */
static void
check_not_queued(const char *location, const char *metadata_location)
{
	Relation	queue = table_open(lake_catalog_relid("lake_engine", "deletion_queue"), AccessShareLock);
	SysScanDesc scan = systable_beginscan(queue, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		isnull;
		char	   *path = TextDatumGetCString(heap_getattr(tuple, 1, RelationGetDescr(queue), &isnull));

		if (strncmp(psprintf("%s/", location), path, strlen(path)) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("metadata \"%s\" is of a dropped table, whose files are about to be removed", metadata_location),
					 errdetail("\"%s\" is in lake_engine.deletion_queue.", path)));
	}
	systable_endscan(scan);
	table_close(queue, AccessShareLock);
}

Oid
lake_register_table(const char *schema, const char *name, const char *metadata_location)
{
	LakeExamination examination;
	LakeRegistration registration;
	StringInfoData sql;
	char	   *location;

	lake_check_url_read();
	lake_check_url_write();
	lake_examine_metadata(NULL, metadata_location, &examination);
	location = pstrdup(examination.location);
	while (strlen(location) > 1 && location[strlen(location) - 1] == '/')
		location[strlen(location) - 1] = '\0';
	check_location(location, metadata_location);
	check_not_queued(location, metadata_location);
	registration = {metadata_location, location, examination.record_count, examination.data_bytes, examination.file_count};
	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE TABLE %s (", quote_qualified_identifier(schema, name));
	append_columns(&sql, metadata_location);
	appendStringInfoString(&sql, ") USING iceberg");
	append_options(&sql, &examination);
	lake_set_registration(&registration);
	PG_TRY();
	{
		lake_run_statement(sql.data);
	}
	PG_FINALLY();
	{
		lake_set_registration(NULL);
	}
	PG_END_TRY();
	return get_relname_relid(name, get_namespace_oid(schema, false));
}

/* lake.register(tbl text, metadata_location text) -> regclass */
Datum
lake_register(PG_FUNCTION_ARGS)
{
	RangeVar   *relation = makeRangeVarFromNameList(textToQualifiedNameList(PG_GETARG_TEXT_PP(0)));
	Oid			schema = RangeVarGetCreationNamespace(relation);

	PG_RETURN_OID(lake_register_table(get_namespace_name(schema), relation->relname, text_to_cstring(PG_GETARG_TEXT_PP(1))));
}
