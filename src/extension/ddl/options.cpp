/*
 * options.cpp
 *	  Names, checks and storage of the lake options.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "access/reloptions.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/syscache.h"
}

#include "catalog/lake_relation.h"
#include "ddl/column_list.h"
#include "ddl/file_layout.h"
#include "ddl/options.h"
#include "ddl/property_options.h"
#include "ddl/unique_key.h"
#include "ddl/variant_columns.h"
#include "hooks/settings.h"

/* The options of the CREATE statement that is running now. */
static List *creating_options = NIL;

typedef void (*OptionCheck) (const char *name, const char *value);

typedef struct OptionEntry
{
	const char *name;
	OptionCheck check;
} OptionEntry;

static void
check_boolean(const char *name, const char *value)
{
	bool		parsed;

	if (!parse_bool(value, &parsed))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR), errmsg("%s requires a Boolean value", name), errdetail("The value is \"%s\".", value)));
}

static void
check_location(const char *name, const char *value)
{
	static const char *const schemes[] = {"s3://", "gs://", "az://", "azure://", "abfss://", "r2://", "file:///"};
	bool		supported = false;

	for (const char *scheme : schemes)
		supported = supported || strncmp(value, scheme, strlen(scheme)) == 0;
	if (!supported)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("pg_lake_iceberg: unsupported URL: \"%s\" for the \"%s\" option", value, name),
				 errhint("Use a location such as s3://bucket/prefix or file:///directory.")));
	if (strchr(value, '?') != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("s3 configuration parameters are not allowed in the \"%s\" option", name),
				 errdetail("The value is \"%s\".", value)));
}

static void
check_out_of_range(const char *name, const char *value)
{
	if (strcmp(value, "error") != 0 && strcmp(value, "clamp") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid out_of_range_values option: \"%s\"", value),
				 errhint("Valid values are \"error\" and \"clamp\".")));
}

static void
check_stats_mode(const char *name, const char *value)
{
	char	   *end;
	long		length;

	if (strcmp(value, "none") == 0 || strcmp(value, "full") == 0)
		return;
	if (strncmp(value, "truncate(", 9) != 0 || value[strlen(value) - 1] != ')')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid column_stats_mode: \"%s\"", value),
				 errhint("Valid values are \"none\", \"full\" and \"truncate(N)\" with N from 1 to 256.")));
	length = strtol(value + 9, &end, 10);
	if (end == value + 9 || *end != ')')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid column_stats_mode: truncate length in \"%s\" must be a valid integer", value)));
	if (length <= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid column_stats_mode: truncate length must be greater than 0")));
	if (length > 256)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid column_stats_mode: truncate length must be at most 256")));
}

static void
check_format_version(const char *name, const char *value)
{
	if (strcmp(value, "2") != 0 && strcmp(value, "3") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid format_version option: \"%s\"", value),
				 errhint("Valid values are 2 and 3.")));
}

static void
check_max_snapshot_age(const char *name, const char *value)
{
	char	   *end;
	long		age = strtol(value, &end, 10);

	if (end == value || *end != '\0' || age < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", name, value),
				 errhint("The value is a number of seconds, 0 or more.")));
}

static void
check_catalog(const char *name, const char *value)
{
	ForeignServer *server = GetForeignServerByName(value, true);

	/* A catalog server stands for the catalog of its type. */
	if (server != NULL && server->servertype != NULL &&
		strcmp(GetForeignDataWrapper(server->fdwid)->fdwname, "iceberg_catalog") == 0)
		value = server->servertype;
	if (strcmp(value, "postgres") == 0)
		return;
	if (strcmp(value, "rest") == 0 || strcmp(value, "object_store") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("catalog = '%s' is not supported yet", value),
				 errhint("Tables of catalog = 'postgres' can be read by other engines through iceberg_tables.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid catalog option: %s", value),
			 errdetail("Valid catalogs are: postgres.")));
}

static void
check_compatibility(const char *name, const char *value)
{
	if (strcmp(value, "auto") != 0 && strcmp(value, "snowflake") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid compatibility_mode option: \"%s\"", value),
				 errhint("Valid values are \"auto\" and \"snowflake\".")));
}

static void
check_unsupported_numeric(const char *name, const char *value)
{
	if (strcmp(value, "double") != 0 && strcmp(value, "string") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid %s option: \"%s\"", name, value),
				 errhint("Valid values are \"double\" and \"string\".")));
}

static void
refuse_option(const char *name, const char *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("option \"%s\" is not supported yet for iceberg tables", name)));
}

static void
refuse_external_only(const char *name, const char *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR),
			 errmsg("\"%s\" option is only valid for catalog=\"rest\" or catalog=\"object_store\"", name)));
}

static const OptionEntry option_entries[] = {
	{"location", check_location},
	{"out_of_range_values", check_out_of_range},
	{"column_stats_mode", check_stats_mode},
	{"format_version", check_format_version},
	{"catalog", check_catalog},
	{"compatibility_mode", check_compatibility},
	{"autovacuum_enabled", check_boolean},
	{"autovacuum_compact_data_files", check_boolean},
	{"max_snapshot_age", check_max_snapshot_age},
	{LAKE_UNIQUE_KEY_OPTION, lake_check_column_list},
	{LAKE_UNSUPPORTED_NUMERIC_OPTION, check_unsupported_numeric},
	{LAKE_VARIANT_COLUMNS_OPTION, lake_check_column_list},
	{"read_only", refuse_external_only},
	{"catalog_name", refuse_external_only},
	{"catalog_namespace", refuse_external_only},
	{"catalog_table_name", refuse_external_only},
	{LAKE_PARTITION_BY_OPTION, lake_check_layout_value},
	{LAKE_SORT_BY_OPTION, lake_check_layout_value},
	{LAKE_BLOOM_COLUMNS_OPTION, lake_check_column_list},
	{LAKE_BLOOM_BYTES_OPTION, lake_check_bloom_bytes_value},
	{LAKE_DATA_PATH_OPTION, check_location},
	{LAKE_METADATA_PATH_OPTION, check_location},
	{LAKE_OBJECT_STORAGE_OPTION, check_boolean},
	{"row_ids", refuse_option},
	{"load_from", refuse_option},
	{"definition_from", refuse_option},
};

static char *
option_value(DefElem *option)
{
	return option->arg == NULL ? pstrdup("true") : defGetString(option);
}

void
lake_check_table_options(List *options)
{
	ListCell   *lc;
	ListCell   *other;
	bool		names_catalog = false;

	foreach(lc, options)
	{
		DefElem    *option = (DefElem *) lfirst(lc);
		const OptionEntry *found = NULL;

		for (const OptionEntry &entry : option_entries)
			if (option->defnamespace == NULL && strcmp(entry.name, option->defname) == 0)
				found = &entry;
		if (found == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME), errmsg("invalid option \"%s\"", option->defname),
					 errhint("Valid options of iceberg tables are: location, out_of_range_values, column_stats_mode, catalog, "
							 "compatibility_mode, autovacuum_enabled, autovacuum_compact_data_files, max_snapshot_age, partition_by, sort_by, unique_key, "
							 LAKE_BLOOM_COLUMNS_OPTION ", " LAKE_BLOOM_BYTES_OPTION ", " LAKE_UNSUPPORTED_NUMERIC_OPTION ", " LAKE_VARIANT_COLUMNS_OPTION ", \"" LAKE_DATA_PATH_OPTION "\", \""
							 LAKE_METADATA_PATH_OPTION "\", \"" LAKE_OBJECT_STORAGE_OPTION "\".")));
		foreach(other, options)
			if (lfirst(other) != option && strcmp(((DefElem *) lfirst(other))->defname, option->defname) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_SYNTAX_ERROR), errmsg("option \"%s\" provided more than once", option->defname)));
		found->check(option->defname, option_value(option));
		names_catalog |= strcmp(option->defname, "catalog") == 0;
	}
	if (!names_catalog)
		check_catalog("catalog", lake_default_catalog);
}

List *
lake_set_creating_options(List *options)
{
	List	   *previous = creating_options;

	creating_options = options;
	return previous;
}

char *
lake_table_option(Relation rel, const char *name)
{
	char	   *value = lake_relation_option(RelationGetRelid(rel), name);
	ListCell   *lc;

	if (value != NULL || rel->rd_createSubid == InvalidSubTransactionId)
		return value;
	foreach(lc, creating_options)
	{
		DefElem    *option = (DefElem *) lfirst(lc);

		if (strcmp(option->defname, name) == 0)
			return pstrdup(option_value(option));
	}
	return NULL;
}

bool
lake_is_for_snowflake(Relation rel)
{
	char	   *mode = lake_table_option(rel, "compatibility_mode");

	return mode != NULL && strcmp(mode, "snowflake") == 0;
}

/* It is fixed with the table: the setting counts only now. */
List *
lake_options_of_new_table(List *options)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		if (strcmp(lfirst_node(DefElem, lc)->defname, "compatibility_mode") == 0)
			return options;
	}
	if (lake_default_compatibility_mode != LAKE_FOR_SNOWFLAKE)
		return options;
	return lappend(options, makeDefElem(pstrdup("compatibility_mode"), (Node *) makeString(pstrdup("snowflake")), -1));
}

int
lake_format_version(Relation rel)
{
	char	   *version = lake_table_option(rel, "format_version");

	return version != NULL ? atoi(version) : 2;
}

bool
lake_keeps_row_ids(Relation rel)
{
	return lake_format_version(rel) >= 3;
}

bool
lake_clamps(Relation rel)
{
	char	   *mode = lake_table_option(rel, "out_of_range_values");

	return mode != NULL && strcmp(mode, "clamp") == 0;
}

void
lake_store_table_options(Oid relid, List *options)
{
	lake_change_table_options(relid, options, false);
}

static void
update_options(Oid relid, Datum options, char replica_identity)
{
	Relation	pg_class = table_open(RelationRelationId, RowExclusiveLock);
	HeapTuple	tuple = SearchSysCacheCopy1(RELOID, ObjectIdGetDatum(relid));
	Datum		values[Natts_pg_class] = {0};
	bool		nulls[Natts_pg_class] = {0};
	bool		replaces[Natts_pg_class] = {0};

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	values[Anum_pg_class_reloptions - 1] = options;
	nulls[Anum_pg_class_reloptions - 1] = options == (Datum) 0;
	replaces[Anum_pg_class_reloptions - 1] = true;
	values[Anum_pg_class_relreplident - 1] = CharGetDatum(replica_identity);
	replaces[Anum_pg_class_relreplident - 1] = true;
	tuple = heap_modify_tuple(tuple, RelationGetDescr(pg_class), values, nulls, replaces);
	CatalogTupleUpdate(pg_class, &tuple->t_self, tuple);
	table_close(pg_class, RowExclusiveLock);
	CommandCounterIncrement();
}

void
lake_forget_table_options(Oid relid)
{
	update_options(relid, (Datum) 0, REPLICA_IDENTITY_DEFAULT);
}

void
lake_change_table_options(Oid relid, List *options, bool is_reset)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Datum		old_options;
	Datum		new_options;
	bool		isnull;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	old_options = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &isnull);
	new_options = transformRelOptions(isnull ? (Datum) 0 : old_options, options, NULL, NULL, false, is_reset);
	update_options(relid, new_options, REPLICA_IDENTITY_FULL);
	ReleaseSysCache(tuple);
}
