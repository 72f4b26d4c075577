/*
 * fill_table.h
 *	  The second half of CREATE TABLE .. AS: an INSERT .. SELECT into the table that was created empty. So its query may run in the server as a whole, with
 *	  what it writes (plan/modification_plan.cpp).
 */
#ifndef LAKE_DDL_FILL_TABLE_H
#define LAKE_DDL_FILL_TABLE_H

extern "C" {
#include "postgres.h"
#include "nodes/params.h"
#include "nodes/parsenodes.h"
#include "tcop/cmdtag.h"
#include "utils/queryenvironment.h"
}

/* Whether the statement, a copy that may be changed, can be split; then it no longer fills the table itself. */
extern bool lake_split_create_table_as(CreateTableAsStmt *stmt);

/* Runs the query of the statement into the table. *completion may be NULL. */
extern void lake_fill_table(Oid relid, CreateTableAsStmt *stmt, const char *query_string, ParamListInfo params, QueryEnvironment *environment,
							QueryCompletion *completion);

#endif
