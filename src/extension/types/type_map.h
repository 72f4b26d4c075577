/*
 * type_map.h
 *	  PostgreSQL types as Iceberg, DuckDB and the link see them.
 *
 * One table (type_map.cpp) answers all questions about a type. A domain is looked up by its base type. Types that no
 * Iceberg type can hold yet (arrays, composites, ranges of arrays, pseudo-types ...) have no entry: callers refuse them by name.
 */
#ifndef LAKE_TYPES_TYPE_MAP_H
#define LAKE_TYPES_TYPE_MAP_H

extern "C" {
#include "postgres.h"
#include "nodes/pg_list.h"
}

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
	LAKE_WIRE_INTERVAL,
	LAKE_WIRE_TEXT,
	LAKE_WIRE_BYTEA,
	LAKE_WIRE_UUID
} LakeWireType;

/*
 * In LakeRemoteQuery.column_typmods, for a numeric column only: the value travels in its text form (LAKE_WIRE_TEXT), because its
 * scale differs from row to row (avg). Anywhere else it means "no typmod".
 */
#define LAKE_TYPMOD_TEXT_FORM (-2)

/*
 * Iceberg has no interval: the column is a struct<months: long, days: long, microseconds: long> (surface.md, TYPE), which this name
 * stands for in LakeTypeInfo.iceberg_type. On the link and in shipped SQL it is an interval.
 */
#define LAKE_ICEBERG_INTERVAL "interval"

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
	char		iceberg_type[32];	/* "int", "decimal(10,2)", "timestamptz" ... (Iceberg spec, "Primitive Types") */
	char		duckdb_type[32];	/* "INTEGER", "DECIMAL(10,2)" ...: the type of the column in shipped SQL */
	bool		needs_scan_cast;	/* duckdb_type is not what lake_scan gives for iceberg_type without `types` (int2: SMALLINT) */
} LakeTypeInfo;

/* Fills *info and returns true, or returns false when the type cannot be a column. Never throws for want of support. */
extern bool lake_lookup_type(Oid typid, int32 typmod, LakeTypeInfo *info);

/* The Iceberg type as a schema's JSON spells it; ids inside are for whoever reads it to assign. palloc'd. */
extern char *lake_iceberg_type_text(const LakeTypeInfo *type);

/* "int4" for LAKE_WIRE_INT4 and so on, as docs/link.md spells them. */
extern const char *lake_wire_name(LakeWireType wire);

#endif
