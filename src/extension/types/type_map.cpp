/*
 * type_map.cpp
 *	  The one table of types: PostgreSQL, Iceberg, DuckDB, link (surface.md, TYPE).
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/json.h"
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
	{INTERVALOID, LAKE_WIRE_INTERVAL, LAKE_TYPE_OPAQUE, NULL, "INTERVAL", false},
	{TEXTOID, LAKE_WIRE_TEXT, LAKE_TYPE_NATIVE, "string", "VARCHAR", false},
	{VARCHAROID, LAKE_WIRE_TEXT, LAKE_TYPE_NATIVE, "string", "VARCHAR", false},
	{BPCHAROID, LAKE_WIRE_TEXT, LAKE_TYPE_NATIVE, "string", "VARCHAR", false},
	{UUIDOID, LAKE_WIRE_UUID, LAKE_TYPE_NATIVE, "uuid", "UUID", false},
	{BYTEAOID, LAKE_WIRE_BYTEA, LAKE_TYPE_NATIVE, "binary", "BLOB", false},
};

/* Arrays by name, but of fixed shape, counted from 0. */
static bool
is_vector(Oid typid)
{
	return typid == INT2VECTOROID || typid == OIDVECTOROID;
}

/*
 * Scalar types that travel and are stored as their text form (surface.md: "text I/O"): those whose input function reads what the output function writes
 * back to the same value, whatever the session's settings were at either time (value_codec.cpp fixes those that matter).
 */
static bool
is_text_form_type(Oid typid)
{
	char		typtype = get_typtype(typid);

	if (typtype == TYPTYPE_ENUM || typtype == TYPTYPE_RANGE || typtype == TYPTYPE_MULTIRANGE || is_vector(typid))
		return true;
	if (typtype != TYPTYPE_BASE || OidIsValid(get_element_type(typid)))
		return false;
	switch (typid)
	{
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

/* Where the type stands, and what its numerics must be like. */
typedef enum LookupMode
{
	COLUMN,
	RESULT
} LookupMode;

static bool lookup_type(Oid typid, int32 typmod, LookupMode mode, bool nested, LakeTypeInfo *info);

static void
set_entry(LakeTypeInfo *info, LakeWireType wire, LakeTypeClass type_class, const char *iceberg_type, const char *duckdb_type,
		  bool needs_scan_cast)
{
	info->wire = wire;
	info->type_class = type_class;
	info->iceberg_type = iceberg_type;
	info->duckdb_type = duckdb_type;
	info->needs_scan_cast = needs_scan_cast;
}

/*
 * numeric(p,s): an Iceberg decimal when 1 <= p <= 38 and 0 <= s <= p. Others are columns only where the table's option says so (TYPE-20,
 * LAKE_UNSUPPORTED_NUMERIC_OPTION), as their text form.
 */
static void
lookup_numeric(int32 typmod, bool is_result, LakeTypeInfo *info)
{
	int			precision = typmod < (int32) VARHDRSZ ? 0 : ((typmod - VARHDRSZ) >> 16) & 0xffff;
	int			scale = typmod < (int32) VARHDRSZ ? 0 : (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;

	if (precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision)
		set_entry(info, LAKE_WIRE_NUMERIC, LAKE_TYPE_NATIVE, psprintf("decimal(%d, %d)", precision, scale),
				  psprintf("DECIMAL(%d,%d)", precision, scale), false);
	else if (is_result)
		set_entry(info, LAKE_WIRE_NUMERIC, LAKE_TYPE_NATIVE, NULL, NULL, false);
	else
		set_entry(info, LAKE_WIRE_TEXT, LAKE_TYPE_NATIVE, "string", "VARCHAR", false);
}

/* ---------------------------------------------------------------- nested types */

static void
append_quoted(StringInfo out, const char *name)
{
	appendStringInfoChar(out, '"');
	for (const char *at = name; *at != '\0'; at++)
	{
		if (*at == '"')
			appendStringInfoChar(out, '"');
		appendStringInfoChar(out, *at);
	}
	appendStringInfoChar(out, '"');
}

/* STRUCT("a" INTEGER, "b" VARCHAR); NULL when a field has no such name. */
static const char *
struct_name(const LakeTypeInfo *info)
{
	StringInfoData name;

	initStringInfo(&name);
	appendStringInfoString(&name, "STRUCT(");
	for (int i = 0; i < info->nfields; i++)
	{
		if (info->fields[i].duckdb_type == NULL)
			return NULL;
		appendStringInfoString(&name, i > 0 ? ", " : "");
		append_quoted(&name, info->fields[i].name);
		appendStringInfo(&name, " %s", info->fields[i].duckdb_type);
	}
	appendStringInfoChar(&name, ')');
	return name.data;
}

/* An interval as a struct. PyIceberg does not read required fields of structs that lie in lists and are NULL. */
static void
set_interval_struct(LakeTypeInfo *info, bool required)
{
	static const char *const names[] = {"months", "days", "microseconds"};

	info->nfields = lengthof(names);
	info->fields = (LakeTypeInfo *) palloc0(sizeof(LakeTypeInfo) * lengthof(names));
	for (int i = 0; i < info->nfields; i++)
	{
		info->fields[i].typid = INT8OID;
		info->fields[i].typmod = -1;
		info->fields[i].name = names[i];
		info->fields[i].required = required;
		set_entry(&info->fields[i], LAKE_WIRE_INT8, LAKE_TYPE_NATIVE, "long", "BIGINT", false);
	}
	set_entry(info, LAKE_WIRE_STRUCT, LAKE_TYPE_OPAQUE, NULL, struct_name(info), false);
}

static bool
lookup_array(Oid element_type, int32 typmod, LookupMode mode, LakeTypeInfo *info)
{
	LakeTypeInfo *element = (LakeTypeInfo *) palloc0(sizeof(LakeTypeInfo));

	if (!lookup_type(element_type, typmod, mode, true, element))
		return false;
	element->name = "element";
	info->nfields = 1;
	info->fields = element;
	set_entry(info, LAKE_WIRE_LIST, LAKE_TYPE_OPAQUE, NULL, element->duckdb_type == NULL ? NULL : psprintf("%s[]", element->duckdb_type), false);
	return true;
}

/* DuckDB has no structs without fields, and compares their names without regard to case. */
static bool
has_distinct_names(const LakeTypeInfo *info)
{
	for (int i = 0; i < info->nfields; i++)
		for (int j = 0; j < i; j++)
			if (pg_strcasecmp(info->fields[i].name, info->fields[j].name) == 0)
				return false;
	return info->nfields > 0;
}

static bool
lookup_composite(Oid typid, LookupMode mode, LakeTypeInfo *info)
{
	TupleDesc	desc;
	bool		known = true;

	if (get_typtype(typid) != TYPTYPE_COMPOSITE || get_rel_relkind(get_typ_typrelid(typid)) != RELKIND_COMPOSITE_TYPE)
		return false;
	desc = lookup_rowtype_tupdesc(typid, -1);
	info->fields = (LakeTypeInfo *) palloc0(sizeof(LakeTypeInfo) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts && known; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		LakeTypeInfo *field = &info->fields[info->nfields];

		if (att->attisdropped)
			continue;
		known = lookup_type(att->atttypid, att->atttypmod, mode, true, field);
		field->name = pstrdup(NameStr(att->attname));
		field->attnum = att->attnum;
		info->nfields++;
	}
	ReleaseTupleDesc(desc);
	if (!known || !has_distinct_names(info))
		return false;
	set_entry(info, LAKE_WIRE_STRUCT, LAKE_TYPE_OPAQUE, NULL, struct_name(info), false);
	return true;
}

/* The domain over pairs, among typid and the domains that it is over, that map_type.create() made; else invalid (surface.md MAP-1). */
static Oid
map_domain(Oid typid)
{
	while (get_typtype(typid) == TYPTYPE_DOMAIN)
	{
		HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
		Form_pg_type form = (Form_pg_type) GETSTRUCT(tuple);
		Oid			schema = form->typnamespace;
		Oid			base = form->typbasetype;

		ReleaseSysCache(tuple);
		if (schema == get_namespace_oid("map_type", true))
			return typid;
		typid = base;
	}
	return InvalidOid;
}

static bool
lookup_map(Oid domain, LookupMode mode, LakeTypeInfo *info)
{
	Oid			array = getBaseType(domain);
	LakeTypeInfo pair;

	info->typid = array;
	info->typmod = -1;
	if (!OidIsValid(get_element_type(array)) || !lookup_type(get_element_type(array), -1, mode, true, &pair) || pair.nfields != 2 ||
		pair.wire != LAKE_WIRE_STRUCT)
		return false;
	info->nfields = pair.nfields;
	info->fields = pair.fields;
	info->fields[0].name = "key";
	info->fields[0].required = true;
	info->fields[1].name = "value";
	set_entry(info, LAKE_WIRE_MAP, LAKE_TYPE_OPAQUE, NULL, pair.duckdb_type == NULL ? NULL :
			  psprintf("MAP(%s, %s)", pair.fields[0].duckdb_type, pair.fields[1].duckdb_type), false);
	return true;
}

bool
lake_lookup_type(Oid typid, int32 typmod, LakeTypeInfo *info)
{
	return lookup_type(typid, typmod, COLUMN, false, info);
}

bool
lake_lookup_result_type(Oid typid, int32 typmod, LakeTypeInfo *info)
{
	return lookup_type(typid, typmod, RESULT, false, info);
}

static bool
lookup_type(Oid typid, int32 typmod, LookupMode mode, bool nested, LakeTypeInfo *info)
{
	int32		base_typmod = typmod;
	Oid			base = getBaseTypeAndTypmod(typid, &base_typmod);
	Oid			element_type;

	check_stack_depth();
	memset(info, 0, sizeof(*info));
	if (base != typid && OidIsValid(map_domain(typid)))
		return lookup_map(map_domain(typid), mode, info);
	info->typid = base;
	info->typmod = base_typmod;
	if (base == NUMERICOID)
	{
		if (mode == RESULT)
			info->typmod = -1;	/* nothing is to be rounded */
		lookup_numeric(base_typmod, mode == RESULT && !nested, info);
		return true;
	}
	if (nested && base == INT2OID)
	{
		set_entry(info, LAKE_WIRE_INT4, LAKE_TYPE_NATIVE, "int", "INTEGER", false);
		return true;
	}
	if (nested && base == INTERVALOID)
	{
		set_interval_struct(info, false);
		return true;
	}
	for (const TypeEntry &entry : entries)
	{
		if (entry.typid == base)
		{
			set_entry(info, entry.wire, entry.type_class, entry.iceberg_type, entry.duckdb_type, entry.needs_scan_cast);
			return true;
		}
	}
	info->geometry = lake_geometry_kind(base);
	info->srid = lake_geometry_srid(info->geometry, base_typmod);
	if (info->geometry != LAKE_NO_GEOMETRY && !nested)
	{
		set_entry(info, LAKE_WIRE_BYTEA, LAKE_TYPE_OPAQUE, "binary", "BLOB", false);
		return true;
	}
	if (is_text_form_type(base))
	{
		set_entry(info, LAKE_WIRE_TEXT, LAKE_TYPE_OPAQUE, "string", "VARCHAR", false);
		return true;
	}
	element_type = get_element_type(base);
	if (OidIsValid(element_type))
		return lookup_array(element_type, base_typmod, mode, info);
	return lookup_composite(base, mode, info);
}

/* ---------------------------------------------------------------- texts */

static void
append_wire_type(StringInfo out, const LakeTypeInfo *type)
{
	static const char *const names[] = {"bool", "int2", "int4", "int8", "float4", "float8", "numeric", "date", "time",
		"timestamp", "timestamptz", "interval", "text", "bytea", "uuid", "list", "struct", "map"};

	appendStringInfoString(out, names[type->wire]);
	for (int i = 0; i < type->nfields; i++)
	{
		appendStringInfoString(out, i == 0 ? "(" : ", ");
		if (type->wire == LAKE_WIRE_STRUCT)
		{
			append_quoted(out, type->fields[i].name);
			appendStringInfoChar(out, ' ');
		}
		append_wire_type(out, &type->fields[i]);
	}
	if (type->nfields > 0)
		appendStringInfoChar(out, ')');
}

char *
lake_wire_type_text(const LakeTypeInfo *type)
{
	StringInfoData out;

	initStringInfo(&out);
	append_wire_type(&out, type);
	return out.data;
}

bool
lake_is_numeric_as_text(const LakeTypeInfo *type)
{
	for (int i = 0; i < type->nfields; i++)
		if (lake_is_numeric_as_text(&type->fields[i]))
			return true;
	return type->typid == NUMERICOID && type->wire == LAKE_WIRE_TEXT;
}

void
lake_store_uuids_within_as_text(LakeTypeInfo *type)
{
	for (int i = 0; i < type->nfields; i++)
	{
		if (type->fields[i].wire == LAKE_WIRE_UUID)
			type->fields[i].iceberg_type = "string";
		lake_store_uuids_within_as_text(&type->fields[i]);
	}
}

bool
lake_has_geometry_within(const LakeTypeInfo *type)
{
	for (int i = 0; i < type->nfields; i++)
		if (type->fields[i].geometry != LAKE_NO_GEOMETRY || lake_has_geometry_within(&type->fields[i]))
			return true;
	return false;
}

bool
lake_type_has_wire(const LakeTypeInfo *type, LakeWireType wire)
{
	for (int i = 0; i < type->nfields; i++)
		if (lake_type_has_wire(&type->fields[i], wire))
			return true;
	return type->wire == wire;
}

static void
append_iceberg_type(StringInfo out, const LakeTypeInfo *type)
{
	switch (type->wire)
	{
		case LAKE_WIRE_LIST:
			appendStringInfoString(out, "{\"type\": \"list\", \"element-id\": 1, \"element-required\": false, \"element\": ");
			append_iceberg_type(out, &type->fields[0]);
			appendStringInfoChar(out, '}');
			break;
		case LAKE_WIRE_MAP:
			appendStringInfoString(out, "{\"type\": \"map\", \"key-id\": 1, \"key\": ");
			append_iceberg_type(out, &type->fields[0]);
			appendStringInfoString(out, ", \"value-id\": 2, \"value-required\": false, \"value\": ");
			append_iceberg_type(out, &type->fields[1]);
			appendStringInfoChar(out, '}');
			break;
		case LAKE_WIRE_STRUCT:
			appendStringInfoString(out, "{\"type\": \"struct\", \"fields\": [");
			for (int i = 0; i < type->nfields; i++)
			{
				appendStringInfo(out, "%s{\"id\": %d, \"name\": ", i > 0 ? ", " : "", i + 1);
				escape_json(out, type->fields[i].name);
				appendStringInfo(out, ", \"required\": %s, \"type\": ", type->fields[i].required ? "true" : "false");
				append_iceberg_type(out, &type->fields[i]);
				appendStringInfoChar(out, '}');
			}
			appendStringInfoString(out, "]}");
			break;
		case LAKE_WIRE_INTERVAL:
			{
				LakeTypeInfo interval = {};

				set_interval_struct(&interval, true);
				append_iceberg_type(out, &interval);
				break;
			}
		default:
			appendStringInfo(out, "\"%s\"", type->iceberg_type);
			break;
	}
}

char *
lake_iceberg_type_text(const LakeTypeInfo *type)
{
	StringInfoData out;

	initStringInfo(&out);
	append_iceberg_type(&out, type);
	return out.data;
}
