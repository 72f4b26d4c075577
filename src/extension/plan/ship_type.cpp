/*
 * ship_type.cpp
 *	  Types and collations as shipped expressions see them.
 *
 * A type is listed when DuckDB's type of the same name has the same values, the same equality and the same order. Text is, as long as
 * the database speaks UTF-8; whether its order is the same is a matter of the collation. json, jsonb and enums, text to DuckDB, and intervals are
 * listed, but not comparable.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_database.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

#include "plan/ship_type.h"

/*
 * Of arrays of the type: the elements as Iceberg stores them. NULL for elements that need more than a cast, have no fixed type (numeric), or no equality
 * that is that of their text (json, char(n), enums, whose labels are ordered).
 */
static const char *
array_type_name(Oid element)
{
	switch (getBaseType(element))
	{
		case BOOLOID:
			return "boolean[]";
		case INT2OID:
		case INT4OID:
			return "integer[]";
		case INT8OID:
			return "bigint[]";
		case FLOAT4OID:
			return "real[]";
		case FLOAT8OID:
			return "double[]";
		case DATEOID:
			return "date[]";
		case TIMEOID:
			return "time[]";
		case TIMESTAMPOID:
			return "timestamp[]";
		case TIMESTAMPTZOID:
			return "timestamptz[]";
		case UUIDOID:
			return "uuid[]";
		case BYTEAOID:
			return "blob[]";
		case TEXTOID:
		case VARCHAROID:
			return GetDatabaseEncoding() == PG_UTF8 ? "text[]" : NULL;
		default:
			return NULL;
	}
}

const char *
lake_ship_type_name(Oid typid)
{
	switch (typid)
	{
		case BOOLOID:
			return "boolean";
		case INT2OID:
			return "smallint";
		case INT4OID:
			return "integer";
		case INT8OID:
			return "bigint";
		case FLOAT4OID:
			return "real";
		case FLOAT8OID:
			return "double";
		case NUMERICOID:
			return "decimal";
		case DATEOID:
			return "date";
		case TIMEOID:
			return "time";
		case TIMESTAMPOID:
			return "timestamp";
		case TIMESTAMPTZOID:
			return "timestamptz";
		case INTERVALOID:
			return "interval";
		case UUIDOID:
			return "uuid";
		case BYTEAOID:
			return "blob";
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case NAMEOID:
			/* lengths, positions and order are those of UTF-8 in the server */
			return GetDatabaseEncoding() == PG_UTF8 ? "text" : NULL;
		case JSONOID:
		case JSONBOID:
			return GetDatabaseEncoding() == PG_UTF8 ? "text" : NULL;
		default:
			break;
	}
	if (get_typtype(typid) == TYPTYPE_ENUM)
		return GetDatabaseEncoding() == PG_UTF8 ? "text" : NULL;
	if (OidIsValid(get_element_type(typid)))
		return array_type_name(get_element_type(typid));
	if (typid >= FirstNormalObjectId && getBaseType(typid) != typid)
		return lake_ship_type_name(getBaseType(typid));
	return NULL;
}

bool
lake_type_is_comparable(Oid typid)
{
	Oid			base = getBaseType(typid);
	Oid			element = get_element_type(base);

	/* of equal arrays of floats, one with -0 and one with 0, either may stand for the group */
	if (OidIsValid(element) && (getBaseType(element) == FLOAT4OID || getBaseType(element) == FLOAT8OID))
		return false;
	return lake_ship_type_name(base) != NULL && base != INTERVALOID && base != JSONOID && base != JSONBOID && get_typtype(base) != TYPTYPE_ENUM;
}

char *
lake_decimal_name(int precision, int scale)
{
	return psprintf("decimal(%d,%d)", precision, scale);
}

bool
lake_decimal_typmod(int32 typmod, int *precision, int *scale)
{
	if (typmod < (int32) VARHDRSZ)
		return false;
	*precision = ((typmod - VARHDRSZ) >> 16) & 0xffff;
	*scale = (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
	return *precision <= 38 && *scale >= 0 && *scale <= *precision;
}

bool
lake_collation_is_deterministic(Oid collation)
{
	if (!OidIsValid(collation) || collation == DEFAULT_COLLATION_OID || collation == C_COLLATION_OID)
		return true;
	return get_collation_isdeterministic(collation);
}

/* libc's C.UTF-8 compares code points, which is the order of UTF-8 bytes. */
static bool
is_binary_locale(char provider, const char *name)
{
	if (provider == 'b')		/* PostgreSQL 17's builtin provider: C and C.UTF-8 are all it has */
		return true;
	return provider == COLLPROVIDER_LIBC && name != NULL &&
		(strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0 || pg_strcasecmp(name, "C.UTF-8") == 0 ||
		 pg_strcasecmp(name, "C.utf8") == 0);
}

static bool
is_utf8_locale(char provider, const char *name)
{
	return provider == COLLPROVIDER_LIBC && name != NULL && (pg_strcasecmp(name, "C.UTF-8") == 0 || pg_strcasecmp(name, "C.utf8") == 0);
}

typedef struct LocaleNames
{
	char		provider;
	char	   *collate;		/* NULL when the provider has another way of naming */
	char	   *ctype;
} LocaleNames;

static char *
text_attribute(int cache, HeapTuple tuple, AttrNumber attno)
{
	bool		isnull;
	Datum		value = SysCacheGetAttr(cache, tuple, attno, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

/* False for a collation that does not exist. */
static bool
get_locale_names(Oid collation, LocaleNames *names)
{
	HeapTuple	tuple;

	if (collation == DEFAULT_COLLATION_OID)
	{
		tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
		if (!HeapTupleIsValid(tuple))
			return false;
		names->provider = ((Form_pg_database) GETSTRUCT(tuple))->datlocprovider;
		names->collate = text_attribute(DATABASEOID, tuple, Anum_pg_database_datcollate);
		names->ctype = text_attribute(DATABASEOID, tuple, Anum_pg_database_datctype);
	}
	else
	{
		tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
		if (!HeapTupleIsValid(tuple))
			return false;
		names->provider = ((Form_pg_collation) GETSTRUCT(tuple))->collprovider;
		names->collate = text_attribute(COLLOID, tuple, Anum_pg_collation_collcollate);
		names->ctype = text_attribute(COLLOID, tuple, Anum_pg_collation_collctype);
	}
	ReleaseSysCache(tuple);
	return true;
}

bool
lake_collation_is_binary(Oid collation)
{
	LocaleNames names;

	if (!OidIsValid(collation) || collation == C_COLLATION_OID)
		return true;
	return get_locale_names(collation, &names) && is_binary_locale(names.provider, names.collate);
}

bool
lake_collation_is_c(Oid collation)
{
	LocaleNames names;

	if (collation == C_COLLATION_OID)
		return true;
	return OidIsValid(collation) && get_locale_names(collation, &names) && names.provider == COLLPROVIDER_LIBC &&
		names.ctype != NULL && (strcmp(names.ctype, "C") == 0 || strcmp(names.ctype, "POSIX") == 0);
}

bool
lake_collation_is_c_utf8(Oid collation)
{
	LocaleNames names;

	return OidIsValid(collation) && get_locale_names(collation, &names) && is_utf8_locale(names.provider, names.ctype);
}
