/*
 * geometry.cpp
 *	  See geometry.h.
 *
 * Well-Known Binary, as ISO 19125 and PostGIS have it:
 *
 *	  geometry	:= order type body			order: a byte, 0 big-endian, 1 little-endian; type: uint32, kind + 1000 for Z, 2000 for M, 3000 for both
 *	  body		:= point					of a point: coordinates as float8, NaN for an empty one
 *				 | count point ..			of a line
 *				 | count (count point ..) ..	of a polygon: rings
 *				 | count geometry ..		of multiples and collections
 *
 * PostGIS's extended form, which it reads beside it, has the flag 0x20000000 in the type and then the SRID, an int32, behind it.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

#include "types/geometry.h"
#include "types/value_codec.h"

#define WGS84 4326
#define MAX_SRID 999999
#define EXTENDED_SRID_BYTE 0x20

/* ---------------------------------------------------------------- types */

LakeGeometryKind
lake_geometry_kind(Oid typid)
{
	HeapTuple	tuple;
	LakeGeometryKind kind = LAKE_NO_GEOMETRY;

	if (typid < FirstNormalObjectId)
		return LAKE_NO_GEOMETRY;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
	if (!HeapTupleIsValid(tuple))
		return LAKE_NO_GEOMETRY;
	if (strcmp(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname), "geometry") == 0)
		kind = LAKE_GEOMETRY;
	else if (strcmp(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname), "geography") == 0)
		kind = LAKE_GEOGRAPHY;
	ReleaseSysCache(tuple);
	if (kind != LAKE_NO_GEOMETRY)
	{
		Oid			extension = getExtensionOfObject(TypeRelationId, typid);

		if (!OidIsValid(extension) || extension != get_extension_oid("postgis", true))
			return LAKE_NO_GEOMETRY;
	}
	return kind;
}

/* In a modifier of PostGIS's bits 8 to 28 are the SRID; below are the kind of geometry and whether it has Z and M. */
int
lake_geometry_srid(LakeGeometryKind kind, int32 typmod)
{
	if (typmod < 0)
		return kind == LAKE_GEOGRAPHY ? WGS84 : 0;
	return (typmod & 0x0FFFFF00) >> 8;
}

bool
lake_has_spatial(void)
{
	return OidIsValid(get_extension_oid("pg_lake_spatial", true));
}

char *
lake_iceberg_geometry(LakeGeometryKind kind, int srid)
{
	const char *name = kind == LAKE_GEOMETRY ? "geometry" : "geography";

	return srid == WGS84 ? pstrdup(name) : psprintf("%s(srid:%d)", name, srid);
}

/* "OGC:CRS84", "srid:3857" and, as others spell it, "EPSG:3857"; none that PostgreSQL could know is 0. */
static int
srid_of(const char *reference_system)
{
	static const char *const authorities[] = {"srid:", "EPSG:"};
	int			srid;
	int			end = 0;

	if (*reference_system == '\0' || pg_strcasecmp(reference_system, "OGC:CRS84") == 0)
		return WGS84;
	for (const char *authority : authorities)
		if (pg_strncasecmp(reference_system, authority, 5) == 0 && sscanf(reference_system + 5, "%d%n", &srid, &end) == 1 &&
			reference_system[5 + end] == '\0' && srid >= 0 && srid <= MAX_SRID)
			return srid;
	return 0;
}

/* PostGIS may be in any schema. */
static Oid
find_type(const char *name)
{
	CatCList   *types = SearchSysCacheList1(TYPENAMENSP, CStringGetDatum(name));
	Oid			found = InvalidOid;

	for (int i = 0; i < types->n_members; i++)
	{
		Oid			typid = ((Form_pg_type) GETSTRUCT(&types->members[i]->tuple))->oid;

		if (lake_geometry_kind(typid) != LAKE_NO_GEOMETRY)
			found = typid;
	}
	ReleaseSysCacheList(types);
	return found;
}

Oid
lake_type_of_iceberg_geometry(const char *iceberg_type, int32 *typmod)
{
	const char *end = iceberg_type + strcspn(iceberg_type, "(");
	char	   *name = pnstrdup(iceberg_type, end - iceberg_type);
	Oid			typid;
	int			srid;

	if ((strcmp(name, "geometry") != 0 && strcmp(name, "geography") != 0) || !lake_has_spatial())
		return InvalidOid;
	typid = find_type(name);
	srid = srid_of(*end == '\0' ? "" : pnstrdup(end + 1, strcspn(end + 1, ",)")));
	if (!OidIsValid(typid) || (srid == 0 && strcmp(name, "geography") == 0))
		return InvalidOid;
	*typmod = srid == lake_geometry_srid(lake_geometry_kind(typid), -1) ? -1 : srid << 8;
	return typid;
}

/* ---------------------------------------------------------------- what can be stored */

typedef struct Wkb
{
	const char *at;
	const char *end;
	const char *column;
	bool		is_little;		/* byte order of the geometry that is read */
} Wkb;

static void
refuse_geometry(const Wkb *wkb, const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("geometry of column \"%s\" cannot be stored: %s", wkb->column, why),
			 errdetail("PostGIS would not read it again.")));
}

static const char *
take(Wkb *wkb, int64 size)
{
	const char *at = wkb->at;

	if (size > wkb->end - at)
		refuse_geometry(wkb, "it ends too early");
	wkb->at += size;
	return at;
}

static uint32
take_number(Wkb *wkb)
{
	const unsigned char *bytes = (const unsigned char *) take(wkb, sizeof(uint32));
	uint32		number = 0;

	for (int i = 0; i < 4; i++)
		number = number << 8 | bytes[wkb->is_little ? 3 - i : i];
	return number;
}

static void
check_line(Wkb *wkb, int point_size)
{
	uint32		points = take_number(wkb);

	if (points == 1)
		refuse_geometry(wkb, "a line of one point");
	take(wkb, (int64) points * point_size);
}

static void
check_ring(Wkb *wkb, int point_size)
{
	uint32		points = take_number(wkb);
	const char *first = take(wkb, (int64) points * point_size);

	if (points < 4)
		refuse_geometry(wkb, "a ring of less than four points");
	/* x and y alone close it */
	if (memcmp(first, first + (int64) (points - 1) * point_size, 2 * sizeof(float8)) != 0)
		refuse_geometry(wkb, "a ring that is not closed");
}

static void
refuse_kind(const Wkb *wkb, uint32 kind)
{
	static const char *const names[] = {"CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE", "CURVE", "SURFACE",
		"POLYHEDRALSURFACE", "TIN", "TRIANGLE"};
	bool		is_known = kind >= 8 && kind < 8 + lengthof(names);

	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("geometry type %s is not supported on Iceberg tables", is_known ? names[kind - 8] : psprintf("%u", kind)),
			 errdetail("Column \"%s\" can hold points, lines, polygons, multiples of them, and collections.", wkb->column),
			 kind < 13 ? errhint("ST_CurveToLine() makes lines of curves.") : 0));
}

static void
check_geometry(Wkb *wkb)
{
	uint32		type;
	int			dimensions;
	int			point_size;

	check_stack_depth();
	wkb->is_little = *take(wkb, 1) == 1;
	type = take_number(wkb);
	dimensions = type < 1000 ? 2 : type < 3000 ? 3 : 4;
	point_size = dimensions * sizeof(float8);
	switch (type % 1000)
	{
		case 1:
			take(wkb, point_size);
			break;
		case 2:
			check_line(wkb, point_size);
			break;
		case 3:
			for (uint32 rings = take_number(wkb); rings > 0; rings--)
				check_ring(wkb, point_size);
			break;
		case 4:
		case 5:
		case 6:
		case 7:
			for (uint32 parts = take_number(wkb); parts > 0; parts--)
				check_geometry(wkb);
			break;
		default:
			refuse_kind(wkb, type % 1000);
	}
}

/* ---------------------------------------------------------------- codec */

static void
find_function(const char *name, Oid typid, FmgrInfo *function)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
	char	   *schema = get_namespace_name(((Form_pg_type) GETSTRUCT(tuple))->typnamespace);

	ReleaseSysCache(tuple);
	fmgr_info(LookupFuncName(list_make2(makeString(schema), makeString(pstrdup(name))), 1, &typid, false), function);
}

LakeGeometryCodec *
lake_make_geometry_codec(Oid typid, int srid, bool for_decoding)
{
	LakeGeometryCodec *codec = (LakeGeometryCodec *) palloc0(sizeof(LakeGeometryCodec));
	Oid			receive;

	codec->srid = srid;
	if (for_decoding)
	{
		getTypeBinaryInputInfo(typid, &receive, &codec->receive_param);
		fmgr_info(receive, &codec->receive_function);
		return codec;
	}
	find_function("st_srid", typid, &codec->srid_function);
	find_function("st_asbinary", typid, &codec->binary_function);
	return codec;
}

Datum
lake_encode_geometry(LakeGeometryCodec *codec, const char *column, Datum value)
{
	int			srid = DatumGetInt32(FunctionCall1(&codec->srid_function, value));
	bytea	   *bytes;
	Wkb			wkb = {};

	if (srid != codec->srid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("geometry SRID (%d) does not match the SRID (%d) of column \"%s\"", srid, codec->srid, column),
				 errdetail("Iceberg tables have the SRID of a column, not of each value."),
				 errhint("Declare the column with it, such as geometry(Geometry, %d), or change the value with ST_SetSRID() or ST_Transform().", srid)));
	bytes = DatumGetByteaPP(FunctionCall1(&codec->binary_function, value));
	wkb.at = VARDATA_ANY(bytes);
	wkb.end = wkb.at + VARSIZE_ANY_EXHDR(bytes);
	wkb.column = column;
	check_geometry(&wkb);
	return PointerGetDatum(bytes);
}

Datum
lake_decode_geometry(LakeGeometryCodec *codec, const char *bytes, int32 length)
{
	constexpr int kHeader = 1 + sizeof(uint32);
	bool		is_little = length > 0 && bytes[0] == 1;
	int			flags = is_little ? 4 : 1;	/* the highest byte of the type */
	StringInfoData extended = {};
	Datum		value;

	if (length < kHeader)
		lake_malformed_value("a geometry of less than five bytes");
	extended.maxlen = length + sizeof(int32) + 1;
	extended.data = (char *) palloc(extended.maxlen);
	appendBinaryStringInfo(&extended, bytes, kHeader);
	if (codec->srid != 0 && !(bytes[flags] & EXTENDED_SRID_BYTE))
	{
		extended.data[flags] |= EXTENDED_SRID_BYTE;
		for (int i = 0; i < 4; i++)
			appendStringInfoCharMacro(&extended, (char) (codec->srid >> 8 * (is_little ? i : 3 - i)));
	}
	appendBinaryStringInfo(&extended, bytes + kHeader, length - kHeader);
	value = ReceiveFunctionCall(&codec->receive_function, &extended, codec->receive_param, -1);
	pfree(extended.data);
	return value;
}
