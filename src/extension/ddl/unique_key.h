/*
 * unique_key.h
 *	  The key that a lake table declares: option unique_key = 'a, b'.
 *
 * The option is the only record of it. It names columns, so it follows ALTER TABLE: a column that is renamed is renamed in it, and with a column that is
 * dropped it goes, as PostgreSQL drops an index. txn/key_check.h enforces it, plan/on_conflict.h reads it for ON CONFLICT. docs/unique_keys.md.
 */
#ifndef LAKE_DDL_UNIQUE_KEY_H
#define LAKE_DDL_UNIQUE_KEY_H

extern "C" {
#include "postgres.h"
#include "access/tupdesc.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"
}

#define LAKE_UNIQUE_KEY_OPTION "unique_key"

/* Throws unless the columns of the table's option exist (42703) and have types whose equality the server knows (0A000). */
extern void lake_check_unique_key_columns(Relation rel);

extern bool lake_has_unique_key(Oid relid);

/* The attribute numbers (List of int) in the order of the option; NIL without one. Throws 42703 when a column is not there. */
extern List *lake_unique_key(Relation rel);

/* After ALTER TABLE: the option for the columns that the table has now. */
extern void lake_follow_unique_key(Relation rel, TupleDesc before);

/* For a table that is no lake table any more. */
extern void lake_drop_unique_key(Oid relid);

/* The constraint's name in messages, "<table>_unique_key"; palloc'd. */
extern char *lake_unique_key_name(Relation rel);

#endif
