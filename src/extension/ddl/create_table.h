/*
 * create_table.h
 *	  CREATE TABLE in all its forms, as far as a lake table is made by it.
 */
#ifndef LAKE_DDL_CREATE_TABLE_H
#define LAKE_DDL_CREATE_TABLE_H

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
}

/* What the utility hook does around standard processing of a statement that creates a table. */
typedef struct LakeCreation
{
	bool		is_lake;		/* the statement makes a lake table */
	RangeVar   *relation;
	bool		existed;		/* IF NOT EXISTS found it */
	List	   *options;		/* taken out of the statement */
} LakeCreation;

/* These may change the statement: the caller passes a copy. Errors for everything that a lake table cannot have. */
extern LakeCreation lake_prepare_create_table(CreateStmt *stmt);
extern LakeCreation lake_prepare_create_table_as(CreateTableAsStmt *stmt);
/* CREATE FOREIGN TABLE .. SERVER pg_lake_iceberg: the same as CREATE TABLE .. USING iceberg; NULL for other servers. */
extern CreateStmt *lake_create_table_of_foreign(CreateForeignTableStmt *stmt);

/* The relation of that name where a new one would be created; InvalidOid when there is none. */
extern Oid	lake_created_relation(const RangeVar *relation);

/* After standard processing: stores the options and makes the Iceberg side. */
extern void lake_finish_creation(const LakeCreation *creation);

#endif
