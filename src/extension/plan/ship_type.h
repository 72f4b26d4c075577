/*
 * ship_type.h
 *	  Types and collations as shipped expressions see them.
 *
 * The invariant of the deparser is written in these names: a deparsed expression has, in DuckDB, exactly the type that
 * lake_ship_type_name() gives for its PostgreSQL type (for numeric: DECIMAL with the scale of numeric_shape.h).
 */
#ifndef LAKE_PLAN_SHIP_TYPE_H
#define LAKE_PLAN_SHIP_TYPE_H

extern "C" {
#include "postgres.h"
}

/*
 * DuckDB's name ("integer", "double", "text", ...) of the type that stands for a PostgreSQL type in shipped expressions, or NULL when only
 * bare columns of the type may be shipped. A domain counts as its base type. numeric gives "decimal": its width and scale are not a matter
 * of the type.
 */
extern const char *lake_ship_type_name(Oid typid);

/*
 * True for the types whose equality and order are those of DuckDB's type. json, jsonb and enums are shipped as their text form: what compares, sorts
 * or groups them by that text would be wrong; enums are grouped by it, and ordered by lake_deparse_enum_rank(). Intervals are compared and sorted
 * by pg_interval_order(), but not grouped: which of several equal ones stands for a group would be chance.
 */
extern bool lake_type_is_comparable(Oid typid);

/* "decimal(p,s)"; palloc'd. */
extern char *lake_decimal_name(int precision, int scale);

/* The precision and scale of a numeric typmod; false for an unbounded numeric or one that no DECIMAL holds. */
extern bool lake_decimal_typmod(int32 typmod, int *precision, int *scale);

/* Equality under the collation is equality of bytes. InvalidOid (a type without collation) is. */
extern bool lake_collation_is_deterministic(Oid collation);

/* Order under the collation is the order of UTF-8 bytes, as DuckDB has it. */
extern bool lake_collation_is_binary(Oid collation);

/* The collation's character classes are ASCII's alone (C, POSIX). */
extern bool lake_collation_is_c(Oid collation);

/* The collation's character classes are those of libc's C.UTF-8. */
extern bool lake_collation_is_c_utf8(Oid collation);

#endif
