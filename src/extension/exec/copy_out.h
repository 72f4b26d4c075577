/*
 * copy_out.h
 *	  COPY .. TO STDOUT (FORMAT binary) of what runs in the server as a whole: its rows go to the client as they come.
 */
#ifndef LAKE_EXEC_COPY_OUT_H
#define LAKE_EXEC_COPY_OUT_H

extern "C" {
#include "postgres.h"
#include "nodes/plannodes.h"
#include "tcop/cmdtag.h"
}

/*
 * Does the statement if it is such a COPY, and all its columns travel over the link in the form that their types' send functions give; then true. Else it has
 * done nothing. Errors, privileges and row-level security are those of a query.
 */
extern bool lake_copy_rows_out(PlannedStmt *statement, const char *query_string, QueryCompletion *completion);

#endif
