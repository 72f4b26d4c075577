/*
 * modification.h
 *	  The node of a modification that runs in the server as a whole.
 */
#ifndef LAKE_EXEC_MODIFICATION_H
#define LAKE_EXEC_MODIFICATION_H

extern "C" {
#include "postgres.h"
#include "nodes/plannodes.h"
}

#include "exec/remote_query.h"

extern Node *lake_create_modification_state(CustomScan *scan);

/* NULL for any other plan. */
extern LakeModification *lake_modification_of_plan(Plan *plan);

#endif
