/*
 * stage.h
 *	  Sends the rows of heap tables ahead of a query that reads them in the server (docs/link.md, "Rows for a query").
 */
#ifndef LAKE_EXEC_STAGE_H
#define LAKE_EXEC_STAGE_H

extern "C" {
#include "postgres.h"
#include "nodes/execnodes.h"
}

#include "exec/remote_query.h"
#include "link/connection.h"

/*
 * A connection on which the query's stages stand, or any connection when it has none. The rows are those that the statement's PostgreSQL snapshot
 * sees, by its user's rights.
 */
extern LakeConnection *lake_connection_with_stages(LakeRemoteQuery *query, EState *estate);

/* Makes views that the planner of the server takes for the query's stages, to explain it, or removes them. */
extern void lake_run_stage_shapes(LakeConnection *connection, LakeRemoteQuery *query, bool drop);

/* Removes them, and gives the connection back. */
extern void lake_drop_stages(LakeConnection *connection, int nstages);

#endif
