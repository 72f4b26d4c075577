/*
 * variant_columns.h
 *	  Columns of type jsonb that are variants in Iceberg: option variant_columns = 'payload, extra' (format version 3).
 *
 * The option names the table's own columns, not what lies in them, and follows ALTER TABLE: a column that is renamed is renamed in it, one that is
 * dropped, or becomes another type, leaves it. Tables that other engines made have it as their metadata says.
 */
#ifndef LAKE_DDL_VARIANT_COLUMNS_H
#define LAKE_DDL_VARIANT_COLUMNS_H

extern "C" {
#include "postgres.h"
#include "access/tupdesc.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"
}

#include "types/iceberg_type.h"

#define LAKE_VARIANT_COLUMNS_OPTION "variant_columns"

extern bool lake_is_variant_column(Relation rel, Form_pg_attribute att);

/* By that value of the option, or NULL. */
extern bool lake_is_variant_by(const char *value, Form_pg_attribute att);

/* Throws unless the columns that the option names exist (42703), are jsonb (42804), and the table's format version is 3 (0A000). */
extern void lake_check_variant_columns(Relation rel);

/*
 * SET or RESET, once the option is changed: the columns of the metadata that are of another type now. Throws (55000) for one that has values: they would be
 * lost.
 */
extern void lake_change_variant_columns(Relation rel, const char *old_value);

/* After ALTER TABLE: the option for the columns that the table has now. */
extern void lake_follow_variant_columns(Relation rel, TupleDesc before);

/* The option's value for the columns (List of LakeIcebergField *) of metadata; NULL when there are no variants. palloc'd. */
extern char *lake_variant_columns_of(List *columns);

#endif
