/*
 * options.h
 *	  The options of CREATE TABLE .. USING iceberg WITH (...) (surface.md, ICE-2).
 *
 * Core would refuse them, so the utility hook takes them out of the statement, checks them here, and writes them into
 * pg_class.reloptions once the table exists: \d+, pg_dump and pg_upgrade then keep them like any other storage parameter.
 */
#ifndef LAKE_DDL_OPTIONS_H
#define LAKE_DDL_OPTIONS_H

extern "C" {
#include "postgres.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"
}

/* Checks names and values; throws HV00D, 42601, 22023 or 0A000 with the option's name. */
/* 'double' or 'string': what numerics become that no Iceberg decimal can hold (TYPE-20). */
#define LAKE_UNSUPPORTED_NUMERIC_OPTION "unsupported_numeric_as"

extern void lake_check_table_options(List *options);

/* The option of a table, also while the statement that creates it still runs; palloc'd, or NULL. */
extern char *lake_table_option(Relation rel, const char *name);

/* Whether Snowflake shall read all of it: compatibility_mode = 'snowflake'. */
extern bool lake_is_for_snowflake(Relation rel);

/* The options of a table that is being created, and those that a setting adds to them. */
extern List *lake_options_of_new_table(List *options);

extern int	lake_format_version(Relation rel);

/* Whether rows keep an id through updates: format version 3. */
extern bool lake_keeps_row_ids(Relation rel);

/* out_of_range_values = 'clamp' */
extern bool lake_clamps(Relation rel);

/* Options of the table that the current utility statement creates; returns the previous value, to be restored at its end. */
extern List *lake_set_creating_options(List *options);

/* SET or RESET of options of a table that exists, checked by the caller. Also sets REPLICA IDENTITY FULL. */
extern void lake_change_table_options(Oid relid, List *options, bool is_reset);

/* Writes the options into pg_class.reloptions and sets REPLICA IDENTITY FULL (table-am.md, publications). */
extern void lake_store_table_options(Oid relid, List *options);

/* The table is no longer a lake table. */
extern void lake_forget_table_options(Oid relid);

#endif
