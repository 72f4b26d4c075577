/*
 * type_map.h
 *	  PostgreSQL types as Iceberg, DuckDB and the link see them.
 *
 * One table (type_map.cpp) answers all questions about a scalar type; arrays and composites are trees of them. A domain is looked up by its base
 * type. Types that no Iceberg type can hold (pseudo-types, numbers of transactions ...) have no entry: callers refuse them by name.
 *
 * What lies inside another type travels over the link as Iceberg stores it, so that nested columns need no conversion in the server: int2 as int4,
 * an interval as a struct.
 */
#ifndef LAKE_TYPES_TYPE_MAP_H
#define LAKE_TYPES_TYPE_MAP_H

extern "C" {
#include "postgres.h"
#include "nodes/pg_list.h"
}

#include "types/geometry.h"

/* How a value travels over the link: the binary format of that PostgreSQL type (docs/link.md, "wire type"). */
typedef enum LakeWireType
{
	LAKE_WIRE_BOOL,
	LAKE_WIRE_INT2,
	LAKE_WIRE_INT4,
	LAKE_WIRE_INT8,
	LAKE_WIRE_FLOAT4,
	LAKE_WIRE_FLOAT8,
	LAKE_WIRE_NUMERIC,
	LAKE_WIRE_DATE,
	LAKE_WIRE_TIME,
	LAKE_WIRE_TIMESTAMP,
	LAKE_WIRE_TIMESTAMPTZ,
	LAKE_WIRE_INTERVAL,			/* in Iceberg a struct<months: long, days: long, microseconds: long> (surface.md, TYPE) */
	LAKE_WIRE_TEXT,
	LAKE_WIRE_BYTEA,
	LAKE_WIRE_UUID,
	LAKE_WIRE_LIST,				/* int32 number of elements, then each as a field: int32 length (-1 = null) and that many bytes */
	LAKE_WIRE_STRUCT,			/* its fields, one after the other */
	LAKE_WIRE_MAP				/* a list of structs of key and value */
} LakeWireType;

/*
 * In LakeRemoteQuery.column_typmods, for a numeric column only: the value travels in its text form (LAKE_WIRE_TEXT), because its
 * scale differs from row to row (avg). Anywhere else it means "no typmod".
 */
#define LAKE_TYPMOD_TEXT_FORM (-2)

/* How exactly DuckDB can stand in for a type in shipped expressions. */
typedef enum LakeTypeClass
{
	LAKE_TYPE_NATIVE,			/* DuckDB has the same type with the same comparison: int4, date, text ... */
	LAKE_TYPE_OPAQUE			/* travels as text (jsonb, inet, enum ...): only bare columns may be shipped, no operators */
} LakeTypeClass;

typedef struct LakeTypeInfo
{
	Oid			typid;			/* base type */
	int32		typmod;			/* of the column, or of the domain over it */
	LakeWireType wire;
	LakeTypeClass type_class;
	const char *iceberg_type;	/* of a scalar: "int", "decimal(10,2)", "timestamptz" ... (Iceberg spec, "Primitive Types") */
	const char *duckdb_type;	/* "INTEGER", "DECIMAL(10,2)", "INTEGER[]" ...: the type of the column in shipped SQL */
	bool		needs_scan_cast;	/* duckdb_type is not what lake_scan gives for iceberg_type without `types` (int2: SMALLINT) */

	/* What lies inside: the element of a list, the live attributes of a composite in their order, key and value of a map. */
	int			nfields;
	struct LakeTypeInfo *fields;
	const char *name;			/* of a field: "element", "key", "value", or the attribute's */
	AttrNumber	attnum;			/* of an attribute */
	bool		required;		/* of a field that Iceberg shall know to be there */
	LakeGeometryKind geometry;	/* of PostGIS: iceberg_type is that of format version 2. Within another type it travels as text */
	int			srid;
} LakeTypeInfo;

/* Fills *info and returns true, or returns false when the type cannot be a column. Never throws for want of support. What *info points to is palloc'd. */
extern bool lake_lookup_type(Oid typid, int32 typmod, LakeTypeInfo *info);

/* The same for a result of a query: numerics of whatever precision travel as numbers, whose digits carry the scale (LAKE_TYPMOD_TEXT_FORM: as text). */
extern bool lake_lookup_result_type(Oid typid, int32 typmod, LakeTypeInfo *info);

/* The Iceberg type as a schema's JSON spells it; ids inside are for whoever reads it to assign. palloc'd. */
extern char *lake_iceberg_type_text(const LakeTypeInfo *type);

/* "int4", "list(int4)", "struct("a" int4, "b" text)" and so on, as docs/link.md spells them. palloc'd. */
extern char *lake_wire_type_text(const LakeTypeInfo *type);

/* It is a numeric that no Iceberg decimal holds, or has one in it: stored, and shipped, in its text form. */
extern bool lake_is_numeric_as_text(const LakeTypeInfo *type);

/* Values of type uuid that lie in it are stored as text from now on (surface.md, ICE-11). */
extern void lake_store_uuids_within_as_text(LakeTypeInfo *type);

/* It has a geometry or geography of PostGIS's within it. */
extern bool lake_has_geometry_within(const LakeTypeInfo *type);

/* Something in it, or it itself, travels so. */
extern bool lake_type_has_wire(const LakeTypeInfo *type, LakeWireType wire);

#endif
