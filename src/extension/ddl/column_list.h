/*
 * column_list.h
 *	  Options whose value is a list of columns: unique_key = 'a, "B c"', bloom_filter_columns, variant_columns.
 */
#ifndef LAKE_DDL_COLUMN_LIST_H
#define LAKE_DDL_COLUMN_LIST_H

extern "C" {
#include "postgres.h"
#include "access/tupdesc.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"
}

/* The names (List of char *) in an option's value; throws 42601 where it is no list of names. */
extern List *lake_column_list(const char *option, const char *value);

/* A value alone: throws 42601, or 42701 for a name that appears twice. */
extern void lake_check_column_list(const char *option, const char *value);

/* InvalidAttrNumber when the table has no such column. */
extern AttrNumber lake_find_column(TupleDesc desc, const char *name);

/* The same, but throws 42703. */
extern AttrNumber lake_listed_column(Relation rel, TupleDesc desc, const char *option, const char *name);

#endif
