/*
 * register_table.h
 *	  Tables that another engine made, taken over where they are: lake.register().
 */
#ifndef LAKE_DDL_REGISTER_TABLE_H
#define LAKE_DDL_REGISTER_TABLE_H

extern "C" {
#include "postgres.h"
}

/*
 * Makes a table of ours of existing metadata: columns and options are made from it, and nothing is written. The next commit writes beside it. Needs what
 * CREATE TABLE needs, and the right to read URLs. Errors: the name is taken, another table lies there, types that PostgreSQL has not.
 */
extern Oid	lake_register_table(const char *schema, const char *name, const char *metadata_location);

#endif
