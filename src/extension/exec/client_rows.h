/*
 * client_rows.h
 *	  Rows of a whole query that go from the server to the client as they come, without becoming datums in between: a SELECT's in text or in binary form, and
 *	  COPY's (exec/copy_out.h).
 *
 * It is done where the server gives the same bytes as the types' output or send functions; other results are decoded and printed by core.
 */
#ifndef LAKE_EXEC_CLIENT_ROWS_H
#define LAKE_EXEC_CLIENT_ROWS_H

extern "C" {
#include "postgres.h"
#include "nodes/plannodes.h"
}

#include "exec/remote_query.h"

/* Whether the plan is a query that runs in the server as a whole, and only reads. */
extern bool lake_is_whole_query(const Plan *plan);

/* Whether the fields of such a query can be had in this form, under the session's settings. */
extern bool lake_can_send_fields(const Plan *plan, LakeFieldForm form);

/* Installs an ExecutorRun hook, which hands the rows of SELECT through. */
extern void lake_client_rows_init(void);

#endif
