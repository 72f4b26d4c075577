/*
 * alter_table.h
 *	  ALTER TABLE and RENAME COLUMN of lake tables: what PostgreSQL did to its catalog, done to the Iceberg schema.
 *
 * The object access hook tells of every column that is added, dropped or changed, by whatever statement (ALTER TABLE of a parent, DROP TYPE CASCADE);
 * at its first word the table's old columns are remembered. At the end of the statement, or as soon as somebody needs the new schema, the difference goes
 * to the server, which answers with the table's metadata under the new schema; it becomes the pointer row's inline base, and a file when the transaction
 * commits. Savepoints and ROLLBACK undo the pointer row like any other row.
 *
 * Rewrites are core's own: a new relfilenumber, filled through the access method. Its rows replace the table's.
 */
#ifndef LAKE_DDL_ALTER_TABLE_H
#define LAKE_DDL_ALTER_TABLE_H

extern "C" {
#include "postgres.h"
#include "executor/tuptable.h"
#include "nodes/parsenodes.h"
#include "utils/rel.h"
}

/* A column of the lake table is about to change. */
extern void lake_note_altered(Oid relid);

/*
 * Sends operations of lake_alter (docs/link.md; the inside of a JSON array) to the server; the answer becomes the table's base. Takes the pointer lock: it
 * is the latest base that is altered.
 */
extern void lake_alter_base(Relation rel, const char *operations);

/* Carries the column changes of a table to its base, if there are any that were not yet. */
extern void lake_sync_schema(Oid relid);

/*
 * For a scan in the middle of ALTER TABLE, by the columns that core wants to see: the base as it was before, or NULL when they are those of now, after
 * bringing the table's base up to them. False when the running statement has not changed columns of the table.
 */
extern bool lake_base_of_columns(Oid relid, TupleDesc desc, const char **former_base);

/*
 * Gives a row that was there before the value it has in columns that the running statement adds: the constant default, which CHECK constraints of the same
 * statement look at. Other statements have nothing to fill.
 */
extern void lake_fill_added_columns(Oid relid, TupleTableSlot *slot);

/*
 * True while a statement runs that makes nothing but type promotions (int to bigint ...): Iceberg does them in the schema, but PostgreSQL goes through the
 * motions of a rewrite. The access method then shows it no rows, and the new storage takes the content of the old one.
 */
extern bool lake_keeps_content(Oid relid);

/*
 * Columns of this table are to follow metadata that another engine wrote (ddl/follow_metadata.h): until another one is set, what alters them leaves its
 * base and its content alone. Answers the one before; invalid: none.
 */
extern Oid	lake_set_followed_table(Oid relid);

/* Sets a property of the table's metadata, which no option is about. */
extern void lake_set_property(Relation rel, const char *name, const char *value);
extern void lake_remove_property(Relation rel, const char *name);

/* Refuses by name what cannot be done; takes SET (...) and RESET (...) of lake options out of the statement and does them. */
extern void lake_prepare_alter_table(AlterTableStmt *stmt);

/* Around a utility statement: what it alters is its own. Statements nest (triggers, functions in USING). */
typedef struct LakeAlterations
{
	List	   *tables;
	MemoryContext context;		/* NULL outside of statements */
	Oid			keeping_content;
	Oid			late_table;	/* whose options are to be set at the end of the statement, or invalid */
	List	   *late_options;	/* these: they name columns */
} LakeAlterations;

extern LakeAlterations lake_begin_alterations(void);
extern void lake_finish_alterations(void);	/* brings all of them to their bases */
extern void lake_end_alterations(const LakeAlterations *outer);	/* also after an error */

/* After SET ACCESS METHOD: makes the Iceberg side of a table that became a lake table, or removes it. */
extern void lake_finish_set_access_method(Oid relid);

#endif
