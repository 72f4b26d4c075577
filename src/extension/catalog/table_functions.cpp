/*
 * table_functions.cpp
 *	  The rows of schema lake_table's views (surface.md, CAT-6 to CAT-8): each function answers for one table, the views ask for all of them.
 *
 * Nothing of it is stored in PostgreSQL: the server reads the table's metadata, as the statement's PostgreSQL snapshot sees the pointer. A table that the
 * running transaction created or altered is seen with its new columns; the rows that it has written belong to no file before the commit and are not seen.
 * Who may execute the functions (lake_read) sees all tables, as with any other URL.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

#include "catalog/pointer.h"
#include "catalog/server_rows.h"
#include "link/connection.h"
#include "types/iceberg_type.h"
#include "types/type_map.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_table_files);
PG_FUNCTION_INFO_V1(lake_table_deletion_files);
PG_FUNCTION_INFO_V1(lake_table_fields);
PG_FUNCTION_INFO_V1(lake_table_column_stats);
PG_FUNCTION_INFO_V1(lake_table_partition_specs);
PG_FUNCTION_INFO_V1(lake_table_partition_fields);
PG_FUNCTION_INFO_V1(lake_table_partition_values);
PG_FUNCTION_INFO_V1(lake_table_row_ids);
}

Datum
lake_table_files(PG_FUNCTION_ARGS)
{
	return lake_return_table_rows(fcinfo, "SELECT id, path, row_count, updated_time, file_size, content, deleted_row_count, first_row_id "
								  "FROM lake_data_files($1)");
}

Datum
lake_table_deletion_files(PG_FUNCTION_ARGS)
{
	return lake_return_table_rows(fcinfo, "SELECT path, deleted_from FROM lake_deletion_files($1)");
}

Datum
lake_table_partition_specs(PG_FUNCTION_ARGS)
{
	return lake_return_table_rows(fcinfo, "SELECT spec_id, is_default FROM lake_partition_specs($1)");
}

Datum
lake_table_partition_fields(PG_FUNCTION_ARGS)
{
	return lake_return_table_rows(fcinfo, "SELECT source_field_id, partition_field_id, partition_field_name, transform_name, spec_id "
								  "FROM lake_partition_fields($1)");
}

Datum
lake_table_partition_values(PG_FUNCTION_ARGS)
{
	return lake_return_table_rows(fcinfo, "SELECT file_id, partition_field_id, value FROM lake_partition_values($1)");
}

Datum
lake_table_row_ids(PG_FUNCTION_ARGS)
{
	return lake_return_table_rows(fcinfo, "SELECT first_row_id, row_count, file_id FROM lake_row_ids($1)");
}

/* ---------------------------------------------------------------- fields */

/* A column by its name, with its type; a domain's is that of the domain. attnum 0 when the table has none of that name. */
typedef struct ColumnType
{
	AttrNumber	attnum;
	Oid			typid;
	int32		typmod;
} ColumnType;

static ColumnType
column_of(Oid relid, const char *name)
{
	HeapTuple	tuple = SearchSysCacheAttName(relid, name);
	ColumnType	column = {InvalidAttrNumber, InvalidOid, -1};
	Form_pg_attribute att;

	if (!HeapTupleIsValid(tuple))
		return column;
	att = (Form_pg_attribute) GETSTRUCT(tuple);
	column.attnum = att->attnum;
	column.typid = att->atttypid;
	column.typmod = att->atttypmod;
	ReleaseSysCache(tuple);
	return column;
}

static void
set_oid(Datum *values, bool *nulls, int column, Oid value)
{
	values[column] = ObjectIdGetDatum(value);
	nulls[column] = !OidIsValid(value);
}

static void
set_text(Datum *values, bool *nulls, int column, const char *value)
{
	nulls[column] = value == NULL;
	if (value != NULL)
		values[column] = CStringGetTextDatum(value);
}

/*
 * field_id, pg_attnum, parent_field_id, initial_default, write_default, field_pg_type, field_pg_typemod, field_storage_pg_type,
 * field_storage_pg_typemod. The type of a field inside of a column is that of what is stored.
 */
static void
put_field(ReturnSetInfo *result, Oid relid, char **field)
{
	enum {FIELD_ID, COLUMN_NAME, PARENT, INITIAL_DEFAULT, WRITE_DEFAULT, TYPE};
	ColumnType	column = column_of(relid, field[COLUMN_NAME]);
	int32		stored_typmod = -1;
	Oid			stored = field[TYPE] == NULL ? InvalidOid : lake_nearest_type(field[TYPE], &stored_typmod);
	Datum		values[9] = {0};
	bool		nulls[9] = {0};

	/* An interval is a struct of numbers. */
	if (field[PARENT] == NULL && field[TYPE] == NULL && column.attnum != InvalidAttrNumber && getBaseType(column.typid) == INTERVALOID)
		stored = INTERVALOID;
	if (field[PARENT] != NULL || column.attnum == InvalidAttrNumber)
	{
		column.typid = stored;
		column.typmod = stored_typmod;
	}
	values[0] = Int32GetDatum(atoi(field[FIELD_ID]));
	values[1] = Int16GetDatum(column.attnum);
	nulls[1] = column.attnum == InvalidAttrNumber;
	nulls[2] = field[PARENT] == NULL;
	if (field[PARENT] != NULL)
		values[2] = Int32GetDatum(atoi(field[PARENT]));
	set_text(values, nulls, 3, field[INITIAL_DEFAULT]);
	set_text(values, nulls, 4, field[WRITE_DEFAULT]);
	set_oid(values, nulls, 5, column.typid);
	values[6] = Int32GetDatum(column.typmod);
	nulls[6] = nulls[5];
	set_oid(values, nulls, 7, stored);
	values[8] = Int32GetDatum(stored_typmod);
	nulls[8] = nulls[7];
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
lake_table_fields(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	const char *params[1] = {lake_visible_base(relid)};
	char	  **fields;
	int			nfields;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (params[0] == NULL)
		return (Datum) 0;
	nfields = lake_link_call("SELECT field_id, column_name, parent_field_id, initial_default, write_default, type FROM lake_fields($1)",
							 1, params, 6, &fields);
	for (int i = 0; i < nfields; i++)
		put_field((ReturnSetInfo *) fcinfo->resultinfo, relid, fields + i * 6);
	return (Datum) 0;
}

/* ---------------------------------------------------------------- statistics */

/* Bounds of strings are bounds of values only where the value is the string (STAT-2). */
static bool
has_stats(const ColumnType *column)
{
	LakeTypeInfo type;

	if (column->attnum == InvalidAttrNumber || !lake_lookup_type(column->typid, column->typmod, &type))
		return false;
	switch (type.typid)
	{
		case BYTEAOID:
		case UUIDOID:
		case INTERVALOID:
			return false;
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case CHAROID:
			return true;
		default:
			return type.wire != LAKE_WIRE_TEXT && type.nfields == 0;
	}
}

/* A timetz is stored as the time in UTC. */
static char *
bound_text(char *bound, Oid typid)
{
	return bound != NULL && getBaseType(typid) == TIMETZOID ? psprintf("%s+00", bound) : bound;
}

Datum
lake_table_column_stats(PG_FUNCTION_ARGS)
{
	enum {PATH, FIELD_ID, COLUMN_NAME, LOWER, UPPER, NCOLUMNS};
	Oid			relid = PG_GETARG_OID(0);
	const char *params[1] = {lake_visible_base(relid)};
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	  **rows;
	int			nrows;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (params[0] == NULL)
		return (Datum) 0;
	nrows = lake_link_call("SELECT path, field_id, column_name, lower_bound, upper_bound FROM lake_column_bounds($1)", 1, params,
						   NCOLUMNS, &rows);
	for (int i = 0; i < nrows; i++)
	{
		char	  **row = rows + i * NCOLUMNS;
		ColumnType	column = column_of(relid, row[COLUMN_NAME]);
		Datum		values[4] = {0};
		bool		nulls[4] = {0};

		if (!has_stats(&column))
			continue;
		set_text(values, nulls, 0, row[PATH]);
		values[1] = Int32GetDatum(atoi(row[FIELD_ID]));
		set_text(values, nulls, 2, bound_text(row[LOWER], column.typid));
		set_text(values, nulls, 3, bound_text(row[UPPER], column.typid));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
