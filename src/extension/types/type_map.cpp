/*
 * type_map.cpp
 *	  The one table of types: PostgreSQL, Iceberg, DuckDB, link (surface.md, TYPE).
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

#include "types/type_map.h"

typedef struct TypeEntry
{
	Oid			typid;
	LakeWireType wire;
	LakeTypeClass type_class;
	const char *iceberg_type;
	const char *duckdb_type;
	bool		needs_scan_cast;
} TypeEntry;

static const TypeEntry entries[] = {
	{BOOLOID, LAKE_WIRE_BOOL, LAKE_TYPE_NATIVE, "boolean", "BOOLEAN", false},
	{INT2OID, LAKE_WIRE_INT2, LAKE_TYPE_NATIVE, "int", "SMALLINT", true},
	{INT4OID, LAKE_WIRE_INT4, LAKE_TYPE_NATIVE, "int", "INTEGER", false},
	{INT8OID, LAKE_WIRE_INT8, LAKE_TYPE_NATIVE, "long", "BIGINT", false},
	{OIDOID, LAKE_WIRE_INT8, LAKE_TYPE_OPAQUE, "long", "BIGINT", false},
	{FLOAT4OID, LAKE_WIRE_FLOAT4, LAKE_TYPE_NATIVE, "float", "FLOAT", false},
	{FLOAT8OID, LAKE_WIRE_FLOAT8, LAKE_TYPE_NATIVE, "double", "DOUBLE", false},
	{DATEOID, LAKE_WIRE_DATE, LAKE_TYPE_NATIVE, "date", "DATE", false},
	{TIMEOID, LAKE_WIRE_TIME, LAKE_TYPE_NATIVE, "time", "TIME", false},
	{TIMETZOID, LAKE_WIRE_TIME, LAKE_TYPE_OPAQUE, "time", "TIME", false},
	{TIMESTAMPOID, LAKE_WIRE_TIMESTAMP, LAKE_TYPE_NATIVE, "timestamp", "TIMESTAMP", false},
	{TIMESTAMPTZOID, LAKE_WIRE_TIMESTAMPTZ, LAKE_TYPE_NATIVE, "timestamptz", "TIMESTAMP WITH TIME ZONE", false},
	{INTERVALOID, LAKE_WIRE_INTERVAL, LAKE_TYPE_OPAQUE, LAKE_ICEBERG_INTERVAL, "INTERVAL", false},
	{TEXTOID, LAKE_WIRE_TEXT, LAKE_TYPE_NATIVE, "string", "VARCHAR", false},
	{VARCHAROID, LAKE_WIRE_TEXT, LAKE_TYPE_NATIVE, "string", "VARCHAR", false},
	{BPCHAROID, LAKE_WIRE_TEXT, LAKE_TYPE_NATIVE, "string", "VARCHAR", false},
	{UUIDOID, LAKE_WIRE_UUID, LAKE_TYPE_NATIVE, "uuid", "UUID", false},
	{BYTEAOID, LAKE_WIRE_BYTEA, LAKE_TYPE_NATIVE, "binary", "BLOB", false},
};

/*
 * Scalar types that travel and are stored as their text form (surface.md: "text I/O"). Only base types and enums qualify;
 * arrays, composites, ranges, multiranges and pseudo-types are refused until their issue.
 */
static bool
is_text_form_type(Oid typid)
{
	char		typtype = get_typtype(typid);

	if (typtype == TYPTYPE_ENUM)
		return true;
	if (typtype != TYPTYPE_BASE || type_is_array(typid) || OidIsValid(get_element_type(typid)))
		return false;
	switch (typid)
	{
		case INT2VECTOROID:
		case OIDVECTOROID:
		case TSVECTOROID:		/* text form is not its normal form for every configuration */
		case TSQUERYOID:
		case PG_NODE_TREEOID:
		case PG_NDISTINCTOID:
		case PG_DEPENDENCIESOID:
		case PG_MCV_LISTOID:
			return false;
		default:
			/* regclass, xid, cid, tid, snapshots: their values mean nothing outside this cluster */
			return !(typid == TIDOID || typid == XIDOID || typid == CIDOID || typid == XID8OID || typid == PG_SNAPSHOTOID ||
					 typid == TXID_SNAPSHOTOID || typid == REFCURSOROID || typid == ACLITEMOID || typid == GTSVECTOROID);
	}
}

static void
set_entry(LakeTypeInfo *info, LakeWireType wire, LakeTypeClass type_class, const char *iceberg_type, const char *duckdb_type,
		  bool needs_scan_cast)
{
	info->wire = wire;
	info->type_class = type_class;
	strlcpy(info->iceberg_type, iceberg_type, sizeof(info->iceberg_type));
	strlcpy(info->duckdb_type, duckdb_type, sizeof(info->duckdb_type));
	info->needs_scan_cast = needs_scan_cast;
}

/* numeric(p,s): an Iceberg decimal when 1 <= p <= 38 and 0 <= s <= p. Unbounded numerics have no entry (TYPE-20). */
static bool
lookup_numeric(int32 typmod, LakeTypeInfo *info)
{
	int			precision;
	int			scale;
	char		iceberg_type[32];
	char		duckdb_type[32];

	if (typmod < (int32) VARHDRSZ)
		return false;
	precision = ((typmod - VARHDRSZ) >> 16) & 0xffff;
	scale = (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
	if (precision > 38 || scale < 0 || scale > precision)
		return false;
	snprintf(iceberg_type, sizeof(iceberg_type), "decimal(%d, %d)", precision, scale);
	snprintf(duckdb_type, sizeof(duckdb_type), "DECIMAL(%d,%d)", precision, scale);
	set_entry(info, LAKE_WIRE_NUMERIC, LAKE_TYPE_NATIVE, iceberg_type, duckdb_type, false);
	return true;
}

bool
lake_lookup_type(Oid typid, int32 typmod, LakeTypeInfo *info)
{
	int32		base_typmod = typmod;
	Oid			base = getBaseTypeAndTypmod(typid, &base_typmod);

	memset(info, 0, sizeof(*info));
	info->typid = base;
	info->typmod = base_typmod;
	if (base == NUMERICOID)
		return lookup_numeric(base_typmod, info);
	for (const TypeEntry &entry : entries)
	{
		if (entry.typid == base)
		{
			set_entry(info, entry.wire, entry.type_class, entry.iceberg_type, entry.duckdb_type, entry.needs_scan_cast);
			return true;
		}
	}
	if (!is_text_form_type(base))
		return false;
	set_entry(info, LAKE_WIRE_TEXT, LAKE_TYPE_OPAQUE, "string", "VARCHAR", false);
	return true;
}

const char *
lake_wire_name(LakeWireType wire)
{
	static const char *const names[] = {"bool", "int2", "int4", "int8", "float4", "float8", "numeric", "date", "time",
		"timestamp", "timestamptz", "interval", "text", "bytea", "uuid"};

	return names[wire];
}

char *
lake_iceberg_type_text(const LakeTypeInfo *type)
{
	if (strcmp(type->iceberg_type, LAKE_ICEBERG_INTERVAL) == 0)
		return pstrdup("{\"type\": \"struct\", \"fields\": ["
			"{\"id\": 1, \"name\": \"months\", \"required\": true, \"type\": \"long\"}, "
			"{\"id\": 2, \"name\": \"days\", \"required\": true, \"type\": \"long\"}, "
			"{\"id\": 3, \"name\": \"microseconds\", \"required\": true, \"type\": \"long\"}]}");
	return psprintf("\"%s\"", type->iceberg_type);
}
