/*
 * struct_type.h
 *	  Composite types for structs whose fields are known but have no type in PostgreSQL yet (surface.md STRUCT-1): those of inferred columns.
 */
#ifndef LAKE_TYPES_STRUCT_TYPE_H
#define LAKE_TYPES_STRUCT_TYPE_H

extern "C" {
#include "postgres.h"
}

typedef struct LakeStructField
{
	const char *name;
	Oid			typid;
	int32		typmod;
} LakeStructField;

/* The type lake_struct.<names><hash> with these fields, made if there is none yet. What lies in them must have types already. */
extern Oid lake_make_struct_type(const LakeStructField *fields, int nfields);

#endif
