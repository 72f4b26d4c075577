/*
 * custom_scan.h
 *	  The two scan nodes: "Query Pushdown" (a whole query ran in the server) and "Lake Scan" (one table's rows).
 */
#ifndef LAKE_EXEC_CUSTOM_SCAN_H
#define LAKE_EXEC_CUSTOM_SCAN_H

extern "C" {
#include "postgres.h"
#include "nodes/execnodes.h"
}

#include "exec/remote_query.h"
#include "exec/row_stream.h"

/* Makes the nodes known, so that plans can be copied and read; called from _PG_init. */
extern void lake_register_custom_scans(void);

/* The stream of a Query Pushdown that has been started and not yet executed, for those who take its rows as they come; it ends with the node. */
extern LakeRowStream *lake_open_query_stream(PlanState *node);

/*
 * The same through the executor: the node of a whole query gives slots without values, and lake_current_row() has the bytes of the row. False when it cannot:
 * it has begun, or rows have to be kept for rescans.
 */
extern bool lake_take_rows_as_they_come(PlanState *node, LakeFieldForm form);
extern void lake_current_row(PlanState *node, const char **bytes, int *length);

#endif
