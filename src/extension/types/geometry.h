/*
 * geometry.h
 *	  PostGIS's types geometry and geography, found by name: pg_lake is built without PostGIS, and runs without it.
 *
 * A value travels, and is stored, as Well-Known Binary as ISO has it (ST_AsBinary): in Iceberg's type binary, from format version 3 on in its types geometry
 * and geography. Well-Known Binary says nothing of the reference system. All values of a column have the one that the column's type names: geometry(Point, 3857).
 * A column without one has values without one (SRID 0), a geography WGS 84 (4326).
 *
 * Iceberg's default reference system, OGC:CRS84, is WGS 84 with longitude first, which is what PostGIS has under SRID 4326.
 */
#ifndef LAKE_TYPES_GEOMETRY_H
#define LAKE_TYPES_GEOMETRY_H

extern "C" {
#include "postgres.h"
#include "fmgr.h"
}

typedef enum LakeGeometryKind
{
	LAKE_NO_GEOMETRY,
	LAKE_GEOMETRY,
	LAKE_GEOGRAPHY
} LakeGeometryKind;

/* What PostGIS calls the type; not of domains over it. */
extern LakeGeometryKind lake_geometry_kind(Oid typid);

/* The reference system of a column of such a type. */
extern int	lake_geometry_srid(LakeGeometryKind kind, int32 typmod);

/* Whether tables may be made with such columns: extension pg_lake_spatial is there (surface.md, SPAT-1). */
extern bool lake_has_spatial(void);

/* The type in a schema of format version 3: "geometry", "geography(srid:4267)"; palloc'd. */
extern char *lake_iceberg_geometry(LakeGeometryKind kind, int srid);

/*
 * The other way: InvalidOid where Iceberg's type is another one, or extension pg_lake_spatial is not there. A reference system that has no SRID is none (0).
 */
extern Oid	lake_type_of_iceberg_geometry(const char *iceberg_type, int32 *typmod);

/* The functions of a column's codec. */
typedef struct LakeGeometryCodec
{
	int			srid;
	FmgrInfo	srid_function;	/* for encoding: ST_SRID, ST_AsBinary */
	FmgrInfo	binary_function;
	FmgrInfo	receive_function;	/* for decoding */
	Oid			receive_param;
} LakeGeometryCodec;

/* palloc'd. */
extern LakeGeometryCodec *lake_make_geometry_codec(Oid typid, int srid, bool for_decoding);

/*
 * A bytea. Throws, with the column's name, for another reference system than the column's (22023), for what Iceberg has no geometry for (curves, surfaces:
 * 0A000), and for what PostGIS would not read again (22023).
 */
extern Datum lake_encode_geometry(LakeGeometryCodec *codec, const char *column, Datum value);

extern Datum lake_decode_geometry(LakeGeometryCodec *codec, const char *bytes, int32 length);

#endif
