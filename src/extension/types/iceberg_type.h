/*
 * iceberg_type.h
 *	  From Iceberg's types to PostgreSQL's: what the columns of a table that another engine made become.
 *
 * The other way is types/type_map.h. Structs become types of schema lake_struct and maps those of map_type, made where there are none yet.
 */
#ifndef LAKE_TYPES_ICEBERG_TYPE_H
#define LAKE_TYPES_ICEBERG_TYPE_H

extern "C" {
#include "postgres.h"
#include "nodes/pg_list.h"
}

typedef struct LakeIcebergField
{
	int			id;
	char	   *name;
	char	   *type;			/* "int", "decimal(9, 2)", "struct", "list", "map" */
	bool		required;
	char	   *write_default;	/* as text, or NULL */
	List	   *children;		/* of LakeIcebergField *: a struct's fields, a list's element, a map's key and value */
} LakeIcebergField;

/* The columns of the current schema of a base (docs/link.md). */
extern List *lake_iceberg_columns(const char *base);
extern LakeIcebergField *lake_find_iceberg_column(List *columns, const char *name);

/*
 * The type that holds what the field holds, also when it lies in another one: exactly, but for nanoseconds, which are read as the microseconds that they
 * lie in. Makes types of structs and maps. Error 0A000 with the column's name for what PostgreSQL has no type for.
 */
extern Oid	lake_type_of_iceberg(const LakeIcebergField *field, int32 *typmod);

/* The type that is nearest to a primitive one: for show. InvalidOid when there is none. */
extern Oid	lake_nearest_type(const char *iceberg_type, int32 *typmod);

/* Whether the type is one that lake_type_of_iceberg could have chosen, so that another one may take its place when the column's type changes. */
extern bool lake_is_type_of_iceberg(Oid typid);

#endif
