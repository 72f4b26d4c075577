/*
 * property_options.cpp
 *	  See property_options.h. Option bloom_filter_columns stands for one property for each column, the others for the property that they are called after.
 */
extern "C" {
#include "postgres.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
}

#include "catalog/lake_relation.h"
#include "ddl/alter_table.h"
#include "ddl/column_list.h"
#include "ddl/options.h"
#include "ddl/property_options.h"
#include "ddl/table_identity.h"
#include "ddl/variant_columns.h"
#include "link/connection.h"
#include "types/type_map.h"

#define BLOOM_COLUMN_PREFIX "write.parquet.bloom-filter-enabled.column."

typedef struct PropertyOption
{
	const char *option;
	const char *property;		/* NULL: one for each column */
	bool		is_location;
} PropertyOption;

static const PropertyOption property_options[] = {
	{LAKE_DATA_PATH_OPTION, "write.data.path", true},
	{LAKE_METADATA_PATH_OPTION, "write.metadata.path", true},
	{LAKE_OBJECT_STORAGE_OPTION, "write.object-storage.enabled", false},
	{LAKE_BLOOM_BYTES_OPTION, "write.parquet.bloom-filter-max-bytes", false},
	{LAKE_BLOOM_COLUMNS_OPTION, NULL, false},
};

static const PropertyOption *
find_option(const char *name)
{
	for (const PropertyOption &option : property_options)
		if (strcmp(option.option, name) == 0)
			return &option;
	return NULL;
}

bool
lake_is_property_option(const char *name)
{
	return find_option(name) != NULL;
}

List *
lake_property_options(void)
{
	List	   *options = NIL;

	for (const PropertyOption &option : property_options)
		options = lappend(options, makeDefElem(pstrdup(option.option), NULL, -1));
	return options;
}

/* ---------------------------------------------------------------- values */

void
lake_check_bloom_bytes_value(const char *name, const char *value)
{
	char	   *end;
	long		bytes = strtol(value, &end, 10);

	if (end == value || *end != '\0' || bytes < 32 || bytes > 128 * 1024 * 1024)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", name, value),
				 errhint("The value is a number of bytes from 32 to 134217728.")));
}

/* Equal values must have equal bytes in the file (src/server/lake/bloom_filters.h, CanHaveBloomFilter). */
static void
check_bloom_column(Relation rel, const char *name)
{
	static const char *const types[] = {"int", "long", "date", "time", "timestamp", "timestamptz", "string", "uuid"};
	TupleDesc	desc = RelationGetDescr(rel);
	Form_pg_attribute att = TupleDescAttr(desc, lake_listed_column(rel, desc, LAKE_BLOOM_COLUMNS_OPTION, name) - 1);
	LakeTypeInfo type;
	int			precision;
	bool		suits = false;

	if (lake_lookup_type(att->atttypid, att->atttypmod, &type) && type.nfields == 0 && !lake_is_variant_column(rel, att))
	{
		for (const char *known : types)
			suits |= strcmp(type.iceberg_type, known) == 0;
		suits |= sscanf(type.iceberg_type, "decimal(%d", &precision) == 1 && precision <= 18;
	}
	if (!suits)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of table \"%s\" has type %s, which cannot have a Bloom filter", name, RelationGetRelationName(rel),
						format_type_with_typemod(att->atttypid, att->atttypmod)),
				 errhint("Columns of type integer, numeric of up to 18 digits, text, uuid, date, time or timestamp can have one.")));
}

/* A location as the property has it, once the user may write there. */
static char *
property_value(const PropertyOption *option, const char *value)
{
	if (!option->is_location)
		return pstrdup(value);
	lake_check_url_write();
	return lake_explicit_location(pstrdup(value));
}

/* ---------------------------------------------------------------- tables */

static void
append_property(StringInfo json, const char *name, const char *value)
{
	if (json->data[json->len - 1] != '{')
		appendStringInfoString(json, ", ");
	escape_json(json, name);
	appendStringInfoString(json, ": ");
	escape_json(json, value);
}

void
lake_append_property_options(StringInfo json, Relation rel)
{
	ListCell   *lc;

	for (const PropertyOption &option : property_options)
	{
		char	   *value = lake_table_option(rel, option.option);

		if (value == NULL)
			continue;
		if (option.property != NULL)
		{
			append_property(json, option.property, property_value(&option, value));
			continue;
		}
		foreach(lc, lake_column_list(LAKE_BLOOM_COLUMNS_OPTION, value))
		{
			check_bloom_column(rel, (char *) lfirst(lc));
			append_property(json, psprintf(BLOOM_COLUMN_PREFIX "%s", (char *) lfirst(lc)), "true");
		}
	}
}

static void
change_bloom_columns(Relation rel, const char *value)
{
	char	   *old_value = lake_table_option(rel, LAKE_BLOOM_COLUMNS_OPTION);
	ListCell   *lc;

	foreach(lc, old_value == NULL ? NIL : lake_column_list(LAKE_BLOOM_COLUMNS_OPTION, old_value))
		lake_remove_property(rel, psprintf(BLOOM_COLUMN_PREFIX "%s", (char *) lfirst(lc)));
	foreach(lc, value == NULL ? NIL : lake_column_list(LAKE_BLOOM_COLUMNS_OPTION, value))
	{
		check_bloom_column(rel, (char *) lfirst(lc));
		lake_set_property(rel, psprintf(BLOOM_COLUMN_PREFIX "%s", (char *) lfirst(lc)), "true");
	}
}

void
lake_change_property_option(Relation rel, const char *name, const char *value)
{
	const PropertyOption *option = find_option(name);

	if (option->property == NULL)
		change_bloom_columns(rel, value);
	else if (value == NULL)
		lake_remove_property(rel, option->property);
	else
		lake_set_property(rel, option->property, property_value(option, value));
}

void
lake_check_property_columns(Relation rel, TupleDesc before)
{
	char	   *value = lake_table_option(rel, LAKE_BLOOM_COLUMNS_OPTION);
	ListCell   *lc;

	foreach(lc, value == NULL ? NIL : lake_column_list(LAKE_BLOOM_COLUMNS_OPTION, value))
		for (int i = 0; i < before->natts; i++)
		{
			const char *name = (const char *) lfirst(lc);
			Form_pg_attribute is = TupleDescAttr(RelationGetDescr(rel), i);

			if (TupleDescAttr(before, i)->attisdropped || strcmp(NameStr(TupleDescAttr(before, i)->attname), name) != 0)
				continue;
			if (is->attisdropped || strcmp(NameStr(is->attname), name) != 0)
				ereport(ERROR,
						(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
						 errmsg("cannot %s column \"%s\" of table \"%s\" because option \"%s\" names it", is->attisdropped ? "drop" : "rename", name,
								RelationGetRelationName(rel), LAKE_BLOOM_COLUMNS_OPTION),
						 errhint("Set or reset the option first.")));
			check_bloom_column(rel, name);
		}
}

/* ---------------------------------------------------------------- metadata of others */

List *
lake_property_options_of_metadata(const char *metadata_location)
{
	List	   *options = NIL;
	StringInfoData columns;
	const char *params[1] = {metadata_location};
	char	  **rows;
	int			nrows = lake_link_call("SELECT name, value FROM lake_file_properties($1)", 1, params, 2, &rows);

	initStringInfo(&columns);
	for (int i = 0; i < nrows; i++)
	{
		char	   *name = rows[i * 2];
		char	   *value = rows[i * 2 + 1];

		for (const PropertyOption &option : property_options)
		{
			if (option.property == NULL || strcmp(option.property, name) != 0)
				continue;
			if (option.is_location)
				property_value(&option, value);
			options = lappend(options, makeDefElem(pstrdup(option.option), (Node *) makeString(value), -1));
		}
		if (strncmp(name, BLOOM_COLUMN_PREFIX, strlen(BLOOM_COLUMN_PREFIX)) == 0 && strcmp(value, "true") == 0)
			appendStringInfo(&columns, "%s%s", columns.len > 0 ? ", " : "", quote_identifier(name + strlen(BLOOM_COLUMN_PREFIX)));
	}
	if (columns.len > 0)
		options = lappend(options, makeDefElem(pstrdup(LAKE_BLOOM_COLUMNS_OPTION), (Node *) makeString(columns.data), -1));
	return options;
}
