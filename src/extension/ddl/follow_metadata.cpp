/*
 * follow_metadata.cpp
 *	  See follow_metadata.h. Statements go through SPI, so that event triggers, dependencies and messages are those of ALTER TABLE.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

#include "ddl/alter_table.h"
#include "ddl/follow_metadata.h"
#include "ddl/file_layout.h"
#include "ddl/options.h"
#include "ddl/property_options.h"
#include "ddl/spi_statement.h"
#include "ddl/table_identity.h"
#include "ddl/unique_key.h"
#include "ddl/variant_columns.h"
#include "link/connection.h"
#include "types/iceberg_type.h"

/* One change of a column: an entry of lake_column_changes. */
typedef struct ColumnChange
{
	char	   *op;
	char	   *name;
	char	   *new_name;
} ColumnChange;

void
lake_examine_metadata(const char *base, const char *metadata_location, LakeExamination *examination)
{
	enum {ROW_CHANGE, ALTERS, ADMINISTERS, LOCATION, VERSION, PARTITION_BY, SORT_BY, STATS_MODE, OUTSIDE, RECORDS, BYTES, FILES, NCOLUMNS};
	StringInfoData json;
	const char *params[1];
	char	  **row;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"metadata_location\": ");
	escape_json(&json, metadata_location);
	if (base != NULL)
	{
		appendStringInfoString(&json, ", \"base\": ");
		escape_json(&json, base);
	}
	appendStringInfoChar(&json, '}');
	params[0] = json.data;
	if (lake_link_call("SELECT row_change, alters, administers, location, format_version, partition_by, sort_by, stats_mode, outside, record_count, data_bytes, file_count "
					   "FROM lake_examine($1)", 1, params, NCOLUMNS, &row) != 1)
		elog(ERROR, "unexpected answer of the query engine about metadata");
	examination->metadata_location = metadata_location;
	examination->changes_rows = strcmp(row[ROW_CHANGE], "none") != 0;
	examination->only_appends = strcmp(row[ROW_CHANGE], "append") == 0;
	examination->alters = strcmp(row[ALTERS], "t") == 0;
	examination->administers = strcmp(row[ADMINISTERS], "t") == 0;
	examination->location = row[LOCATION];
	examination->format_version = atoi(row[VERSION]);
	examination->partition_by = row[PARTITION_BY];
	examination->sort_by = row[SORT_BY];
	examination->stats_mode = row[STATS_MODE];
	examination->outside = row[OUTSIDE];
	examination->record_count = strtoll(row[RECORDS], NULL, 10);
	examination->data_bytes = strtoll(row[BYTES], NULL, 10);
	examination->file_count = strtoll(row[FILES], NULL, 10);
}

/* ---------------------------------------------------------------- options */

/* One that the option could have set; others stay the table's property alone. */
static bool
is_stats_option(const char *mode)
{
	int			length;
	int			end = 0;

	if (mode == NULL)
		return false;
	if (strcmp(mode, "none") == 0 || strcmp(mode, "full") == 0)
		return true;
	return sscanf(mode, "truncate(%d)%n", &length, &end) == 1 && mode[end] == '\0' && length >= 1 && length <= 256;
}

List *
lake_options_of_metadata(const LakeExamination *examination)
{
	List	   *options = NIL;
	char	   *variant_columns = lake_variant_columns_of(lake_iceberg_columns(examination->metadata_location));

	if (variant_columns != NULL)
		options = lappend(options, makeDefElem(pstrdup(LAKE_VARIANT_COLUMNS_OPTION), (Node *) makeString(variant_columns), -1));
	if (examination->format_version > 2)
		options = lappend(options, makeDefElem(pstrdup("format_version"), (Node *) makeString(psprintf("%d", examination->format_version)), -1));
	if (examination->partition_by != NULL)
		options = lappend(options, makeDefElem(pstrdup(LAKE_PARTITION_BY_OPTION), (Node *) makeString(pstrdup(examination->partition_by)), -1));
	if (examination->sort_by != NULL)
		options = lappend(options, makeDefElem(pstrdup(LAKE_SORT_BY_OPTION), (Node *) makeString(pstrdup(examination->sort_by)), -1));
	if (is_stats_option(examination->stats_mode))
		options = lappend(options, makeDefElem(pstrdup("column_stats_mode"), (Node *) makeString(pstrdup(examination->stats_mode)), -1));
	return list_concat(options, lake_property_options_of_metadata(examination->metadata_location));
}

static void
follow_options(Oid relid, const LakeExamination *examination)
{
	List	   *gone = lappend(lake_property_options(), makeDefElem(pstrdup(LAKE_VARIANT_COLUMNS_OPTION), NULL, -1));

	if (examination->partition_by == NULL)
		gone = lappend(gone, makeDefElem(pstrdup(LAKE_PARTITION_BY_OPTION), NULL, -1));
	if (examination->sort_by == NULL)
		gone = lappend(gone, makeDefElem(pstrdup(LAKE_SORT_BY_OPTION), NULL, -1));
	if (!is_stats_option(examination->stats_mode))
		gone = lappend(gone, makeDefElem(pstrdup("column_stats_mode"), NULL, -1));
	lake_change_table_options(relid, gone, true);
	lake_change_table_options(relid, lake_options_of_metadata(examination), false);
}

/* ---------------------------------------------------------------- columns */

static List *
column_changes(const char *base, const char *metadata_location)
{
	const char *params[2] = {base, metadata_location};
	char	  **rows;
	int			nrows = lake_link_call("SELECT op, name, new_name FROM lake_column_changes($1, $2)", 2, params, 3, &rows);
	List	   *changes = NIL;

	for (int i = 0; i < nrows; i++)
	{
		ColumnChange *change = (ColumnChange *) palloc(sizeof(ColumnChange));

		change->op = rows[i * 3];
		change->name = rows[i * 3 + 1];
		change->new_name = rows[i * 3 + 2];
		changes = lappend(changes, change);
	}
	return changes;
}

static List *
changes_of_kind(List *changes, const char *op)
{
	List	   *chosen = NIL;
	ListCell   *lc;

	foreach(lc, changes)
		if (strcmp(((ColumnChange *) lfirst(lc))->op, op) == 0)
			chosen = lappend(chosen, lfirst(lc));
	return chosen;
}

static void
check_column_name(const char *name)
{
	if (*name == '\0' || strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG), errmsg("name \"%s\" is empty or has more than %d bytes", name, NAMEDATALEN - 1)));
}

static void
rename_column(const char *table, const char *from, const char *to)
{
	check_column_name(to);
	lake_run_statement(psprintf("ALTER TABLE ONLY %s RENAME COLUMN %s TO %s", table, quote_identifier(from), quote_identifier(to)));
}

/* Several may change names among themselves: they go by way of names that nobody has. */
static void
rename_columns(const char *table, List *renames)
{
	ListCell   *lc;

	if (list_length(renames) == 1)
	{
		ColumnChange *only = (ColumnChange *) linitial(renames);

		rename_column(table, only->name, only->new_name);
		return;
	}
	foreach(lc, renames)
		rename_column(table, ((ColumnChange *) lfirst(lc))->name, psprintf("__lake_rename_%d", foreach_current_index(lc)));
	foreach(lc, renames)
		rename_column(table, psprintf("__lake_rename_%d", foreach_current_index(lc)), ((ColumnChange *) lfirst(lc))->new_name);
}

static char *
type_text(Oid typid, int32 typmod)
{
	return format_type_extended(typid, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
}

/* The rows' values are those of the metadata that comes: PostgreSQL has none to convert. */
static void
change_type(const char *table, Oid relid, const LakeIcebergField *column)
{
	Oid			old_type = get_atttype(relid, get_attnum(relid, column->name));
	int32		typmod;
	Oid			typid;

	if (!lake_is_type_of_iceberg(old_type))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of type %s cannot follow its change to %s", column->name, format_type_be(old_type), column->type),
				 errhint("Change the column's type in PostgreSQL.")));
	typid = lake_type_of_iceberg(column, &typmod);
	lake_run_statement(psprintf("ALTER TABLE ONLY %s ALTER COLUMN %s TYPE %s USING NULL::%s", table, quote_identifier(column->name), type_text(typid, typmod),
				 type_text(typid, typmod)));
}

static void
set_default(const char *table, const LakeIcebergField *column)
{
	lake_run_statement(psprintf("ALTER TABLE ONLY %s ALTER COLUMN %s %s", table, quote_identifier(column->name),
				 column->write_default == NULL ? "DROP DEFAULT" : psprintf("SET DEFAULT %s", quote_literal_cstr(column->write_default))));
}

static void
add_column(const char *table, const LakeIcebergField *column)
{
	int32		typmod;
	Oid			typid = lake_type_of_iceberg(column, &typmod);

	check_column_name(column->name);
	lake_run_statement(psprintf("ALTER TABLE ONLY %s ADD COLUMN %s %s", table, quote_identifier(column->name), type_text(typid, typmod)));
	if (column->write_default != NULL)
		set_default(table, column);
}

static void
follow_columns(Oid relid, List *changes, List *columns)
{
	char	   *table = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
	ListCell   *lc;

	foreach(lc, changes_of_kind(changes, "drop"))
		lake_run_statement(psprintf("ALTER TABLE ONLY %s DROP COLUMN %s", table, quote_identifier(((ColumnChange *) lfirst(lc))->name)));
	if (changes_of_kind(changes, "rename") != NIL)
		rename_columns(table, changes_of_kind(changes, "rename"));
	foreach(lc, changes_of_kind(changes, "type"))
		change_type(table, relid, lake_find_iceberg_column(columns, ((ColumnChange *) lfirst(lc))->name));
	foreach(lc, changes_of_kind(changes, "optional"))
		lake_run_statement(psprintf("ALTER TABLE ONLY %s ALTER COLUMN %s DROP NOT NULL", table, quote_identifier(((ColumnChange *) lfirst(lc))->name)));
	foreach(lc, changes_of_kind(changes, "default"))
		set_default(table, lake_find_iceberg_column(columns, ((ColumnChange *) lfirst(lc))->name));
	foreach(lc, changes_of_kind(changes, "add"))
		add_column(table, lake_find_iceberg_column(columns, ((ColumnChange *) lfirst(lc))->name));
}

/* As ALTER TABLE, which meanwhile leaves the table's metadata alone. */
static void
follow_columns_as_told(Oid relid, List *changes, const char *metadata_location)
{
	Oid			previous = lake_set_followed_table(relid);

	PG_TRY();
	{
		follow_columns(relid, changes, lake_iceberg_columns(metadata_location));
	}
	PG_FINALLY();
	{
		lake_set_followed_table(previous);
	}
	PG_END_TRY();
}

List *
lake_follow_metadata(Oid relid, const char *base, const char *metadata_location, const LakeExamination *examination)
{
	List	   *changes = column_changes(base, metadata_location);
	List	   *required = NIL;
	ListCell   *lc;

	if (changes != NIL)
	{
		Relation	rel = table_open(relid, NoLock);
		TupleDesc	before = CreateTupleDescCopyConstr(RelationGetDescr(rel));

		table_close(rel, NoLock);
		follow_columns_as_told(relid, changes, metadata_location);
		rel = table_open(relid, NoLock);
		lake_check_columns(rel);
		lake_follow_unique_key(rel, before);
		table_close(rel, NoLock);
	}
	follow_options(relid, examination);
	foreach(lc, changes_of_kind(changes, "required"))
		required = lappend(required, ((ColumnChange *) lfirst(lc))->name);
	return required;
}
