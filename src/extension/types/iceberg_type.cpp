/*
 * iceberg_type.cpp
 *	  See iceberg_type.h.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

#include "link/connection.h"
#include "types/geometry.h"
#include "types/iceberg_type.h"
#include "types/struct_type.h"

#define NUMERIC_TYPMOD(precision, scale) ((((precision) << 16) | (scale)) + VARHDRSZ)

static const struct
{
	const char *name;
	Oid			typid;
}			primitives[] = {
	{"boolean", BOOLOID}, {"int", INT4OID}, {"long", INT8OID}, {"float", FLOAT4OID}, {"double", FLOAT8OID},
	{"date", DATEOID}, {"time", TIMEOID}, {"timestamp", TIMESTAMPOID}, {"timestamptz", TIMESTAMPTZOID},
	{"string", TEXTOID}, {"uuid", UUIDOID}, {"binary", BYTEAOID}, {"timestamp_ns", TIMESTAMPOID},
	{"timestamptz_ns", TIMESTAMPTZOID}, {"unknown", TEXTOID}, {"variant", JSONBOID},
	{"geometry", BYTEAOID}, {"geography", BYTEAOID},
};

/* ---------------------------------------------------------------- the columns */

List *
lake_iceberg_columns(const char *base)
{
	enum {ID, PARENT, NAME, TYPE, REQUIRED, WRITE_DEFAULT, NCOLUMNS};
	const char *params[1] = {base};
	char	  **rows;
	int			nrows = lake_link_call("SELECT field_id, parent_field_id, name, type, required, write_default FROM lake_schema($1)", 1, params,
									   NCOLUMNS, &rows);
	LakeIcebergField *fields = (LakeIcebergField *) palloc0(sizeof(LakeIcebergField) * Max(nrows, 1));
	List	   *columns = NIL;

	for (int i = 0; i < nrows; i++)
	{
		char	  **row = rows + i * NCOLUMNS;
		int			parent = i - 1;

		fields[i].id = atoi(row[ID]);
		fields[i].name = row[NAME];
		fields[i].type = row[TYPE];
		fields[i].required = strcmp(row[REQUIRED], "t") == 0;
		fields[i].write_default = row[WRITE_DEFAULT];
		if (row[PARENT] == NULL)
		{
			columns = lappend(columns, &fields[i]);
			continue;
		}
		/* fields come behind what they lie in */
		while (parent >= 0 && fields[parent].id != atoi(row[PARENT]))
			parent--;
		if (parent < 0)
			elog(ERROR, "unexpected answer of the query engine about the columns of a table");
		fields[parent].children = lappend(fields[parent].children, &fields[i]);
	}
	return columns;
}

LakeIcebergField *
lake_find_iceberg_column(List *columns, const char *name)
{
	ListCell   *lc;

	foreach(lc, columns)
		if (strcmp(((LakeIcebergField *) lfirst(lc))->name, name) == 0)
			return (LakeIcebergField *) lfirst(lc);
	elog(ERROR, "column \"%s\" is missing in the answer of the query engine", name);
}

/* ---------------------------------------------------------------- scalars */

static Oid
primitive_type(const char *iceberg_type, int32 *typmod)
{
	int			precision;
	int			scale;

	*typmod = -1;
	if (sscanf(iceberg_type, "decimal(%d, %d)", &precision, &scale) == 2)
	{
		*typmod = NUMERIC_TYPMOD(precision, scale);
		return NUMERICOID;
	}
	if (strncmp(iceberg_type, "fixed[", 6) == 0 || strncmp(iceberg_type, "geometry(", 9) == 0 || strncmp(iceberg_type, "geography(", 10) == 0)
		return BYTEAOID;
	for (const auto &type : primitives)
		if (strcmp(type.name, iceberg_type) == 0)
			return type.typid;
	return InvalidOid;
}

Oid
lake_nearest_type(const char *iceberg_type, int32 *typmod)
{
	return primitive_type(iceberg_type, typmod);
}

/* ---------------------------------------------------------------- nested types */

static Oid	type_of(const LakeIcebergField *field, const char *column, int32 *typmod);

static void
check_name(const char *name, const char *column)
{
	if (strlen(name) >= NAMEDATALEN || *name == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("name \"%s\" of column \"%s\" is empty or has more than %d bytes", name, column, NAMEDATALEN - 1),
				 errhint("Rename it with another engine first.")));
}

static Oid
struct_type(const LakeIcebergField *field, const char *column)
{
	int			nfields = list_length(field->children);
	LakeStructField *fields = (LakeStructField *) palloc0(sizeof(LakeStructField) * Max(nfields, 1));

	for (int i = 0; i < nfields; i++)
	{
		const LakeIcebergField *child = (const LakeIcebergField *) list_nth(field->children, i);

		check_name(child->name, column);
		fields[i].name = child->name;
		fields[i].typid = type_of(child, column, &fields[i].typmod);
		for (int j = 0; j < i; j++)
			if (pg_strcasecmp(fields[i].name, fields[j].name) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("column \"%s\" has fields \"%s\" and \"%s\", which differ in case alone", column, fields[j].name, fields[i].name)));
	}
	if (nfields == 0)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("column \"%s\" is a struct without fields, which is not supported", column)));
	return lake_make_struct_type(fields, nfields);
}

/* Runs a statement, which may answer one OID, as the extension's owner: types are made on demand, whoever needs them. */
static Oid
run_as_owner(const char *sql, int nargs, Oid *argtypes, Datum *args)
{
	Oid			user;
	int			security;
	bool		isnull = true;
	Oid			result = InvalidOid;

	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
	SPI_connect();
	if (SPI_execute_with_args(sql, nargs, argtypes, args, NULL, false, 0) < 0)
		elog(ERROR, "could not make a type: %s", sql);
	if (SPI_processed == 1 && SPI_tuptable != NULL)
		result = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	SetUserIdAndSecContext(user, security);
	CommandCounterIncrement();
	return isnull ? InvalidOid : result;
}

static Oid
type_in_schema(const char *schema, const char *name)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name), ObjectIdGetDatum(get_namespace_oid(schema, false)));
}

/* The domain of that name over the type, made if there is none. One over another type keeps the name, and this one gets a number. */
static Oid
domain_over(const char *schema, const char *name, Oid typid, int32 typmod)
{
	for (int number = 1;; number++)
	{
		char	   *full = psprintf("%.*s%s", NAMEDATALEN - 12, name, number == 1 ? "" : psprintf("_%d", number));
		Oid			domain = type_in_schema(schema, full);
		int32		found_typmod = -1;

		if (!OidIsValid(domain))
		{
			(void) run_as_owner(psprintf("CREATE DOMAIN %s.%s AS %s", schema, quote_identifier(full), format_type_extended(typid, typmod,
												 FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY)), 0, NULL, NULL);
			return type_in_schema(schema, full);
		}
		if (getBaseTypeAndTypmod(domain, &found_typmod) == typid && found_typmod == typmod)
			return domain;
	}
}

/* Types of maps are named by types without modifiers: a decimal is a domain there. */
static Oid
map_part_type(const LakeIcebergField *field, const char *column)
{
	int32		typmod;
	Oid			typid = type_of(field, column, &typmod);

	if (typmod < 0)
		return typid;
	return domain_over("lake_struct", psprintf("numeric_%d_%d%s", ((typmod - VARHDRSZ) >> 16) & 0xffff, (typmod - VARHDRSZ) & 0x7ff,
											OidIsValid(get_element_type(typid)) ? "_array" : ""), typid, typmod);
}

static Oid
map_type(const LakeIcebergField *field, const char *column)
{
	Oid			argtypes[2] = {REGTYPEOID, REGTYPEOID};
	Datum		args[2];
	Oid			key = map_part_type((const LakeIcebergField *) linitial(field->children), column);
	Oid			value = map_part_type((const LakeIcebergField *) lsecond(field->children), column);

	if (OidIsValid(get_element_type(key)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("column \"%s\" is a map with lists as keys, which is not supported", column)));
	args[0] = ObjectIdGetDatum(key);
	args[1] = ObjectIdGetDatum(value);
	return run_as_owner("SELECT map_type.create($1, $2)", 2, argtypes, args);
}

/* Arrays of arrays are of one type in PostgreSQL, and of one shape: a list of lists has a domain as its element. */
static Oid
list_type(const LakeIcebergField *field, const char *column, int32 *typmod)
{
	const LakeIcebergField *element = (const LakeIcebergField *) linitial(field->children);
	Oid			typid = type_of(element, column, typmod);

	if (OidIsValid(get_element_type(typid)))
	{
		typid = domain_over("lake_struct", psprintf("%s_list", format_type_be(get_element_type(typid))), typid, *typmod);
		*typmod = -1;
	}
	return get_array_type(typid);
}

static Oid
type_of(const LakeIcebergField *field, const char *column, int32 *typmod)
{
	Oid			typid;

	check_stack_depth();
	*typmod = -1;
	if (strcmp(field->type, "struct") == 0)
		return struct_type(field, column);
	if (strcmp(field->type, "map") == 0)
		return map_type(field, column);
	if (strcmp(field->type, "list") == 0)
		return list_type(field, column, typmod);
	typid = primitive_type(field->type, typmod);
	if (!OidIsValid(typid))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("Iceberg type %s of column \"%s\" is not supported", field->type, column)));
	return typid;
}

Oid
lake_type_of_iceberg(const LakeIcebergField *field, int32 *typmod)
{
	Oid			geometry;

	check_name(field->name, field->name);
	*typmod = -1;
	geometry = lake_type_of_iceberg_geometry(field->type, typmod);
	if (OidIsValid(geometry))
		return geometry;
	return type_of(field, field->name, typmod);
}

bool
lake_is_type_of_iceberg(Oid typid)
{
	Oid			element = get_element_type(typid);
	HeapTuple	tuple;
	Oid			schema;

	if (OidIsValid(element))
		return lake_is_type_of_iceberg(element);
	if (typid == INT2OID || typid == NUMERICOID || lake_geometry_kind(typid) != LAKE_NO_GEOMETRY)
		return true;
	for (const auto &type : primitives)
		if (type.typid == typid)
			return true;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
	if (!HeapTupleIsValid(tuple))
		return false;
	schema = ((Form_pg_type) GETSTRUCT(tuple))->typnamespace;
	ReleaseSysCache(tuple);
	return schema == get_namespace_oid("lake_struct", false) || schema == get_namespace_oid("map_type", false);
}
