/*
 * server_rows.h
 *	  Set-returning functions that answer with what a table function of the server answers.
 */
#ifndef LAKE_CATALOG_SERVER_ROWS_H
#define LAKE_CATALOG_SERVER_ROWS_H

extern "C" {
#include "postgres.h"
#include "fmgr.h"
}

/* The rows of a statement with one parameter, a base or a metadata location, whose columns are the function's, in text form. */
extern Datum lake_return_server_rows(FunctionCallInfo fcinfo, const char *sql, const char *base);

/* What a table's content starts from in the eyes of the statement; NULL for what is no Iceberg table to it. */
extern const char *lake_visible_base(Oid relid);

/* The same as the first for the table that is the function's first argument; no rows for what is no Iceberg table to the statement. */
extern Datum lake_return_table_rows(FunctionCallInfo fcinfo, const char *sql);

#endif
