/*
 * custom_scan.h
 *	  The two scan nodes: "Query Pushdown" (a whole query ran in the server) and "Lake Scan" (one table's rows).
 */
#ifndef LAKE_EXEC_CUSTOM_SCAN_H
#define LAKE_EXEC_CUSTOM_SCAN_H

#include "exec/remote_query.h"

/* Makes the nodes known, so that plans can be copied and read; called from _PG_init. */
extern void lake_register_custom_scans(void);

#endif
