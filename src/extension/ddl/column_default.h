/*
 * column_default.h
 *	  Defaults of columns in the metadata of tables of format version 3: what a row of a file without the column has (initial-default), and what other
 *	  engines write where they are given no value (write-default).
 *
 * All answers are JSON as docs/link.md has it ("Tables and commits"), or NULL: no such default. In older format versions there is none.
 */
#ifndef LAKE_DDL_COLUMN_DEFAULT_H
#define LAKE_DDL_COLUMN_DEFAULT_H

extern "C" {
#include "postgres.h"
#include "access/tupdesc.h"
#include "lib/stringinfo.h"
#include "utils/rel.h"
}

/*
 * The value that ADD COLUMN .. DEFAULT gave to the rows that are there, attribute index (from 0) of desc. NULL also when the metadata cannot say it
 * (arrays, composites, NaN): then the rows are to be written again.
 */
extern const char *lake_initial_default(Relation rel, TupleDesc desc, int index);

/* The column's default, if it is a constant that Iceberg has. */
extern const char *lake_write_default(Relation rel, TupleDesc desc, int index);

/* Appends an operation of lake_alter, if the column's write default is not what it was. The column has its type by then. */
extern void lake_append_default_change(StringInfo operations, Relation rel, TupleDesc before, int index);

/* Tells the metadata of all defaults: it has got a format version that knows them. */
extern void lake_declare_defaults(Relation rel);

/* A column that is added has a value for the rows that are there, which the metadata cannot say. */
extern bool lake_old_rows_need_value(Relation rel, TupleDesc before);

/* A default of a column of that table is about to change. */
extern void lake_note_default(Oid relid);

#endif
