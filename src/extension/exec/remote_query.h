/*
 * remote_query.h
 *	  A query for the server, as the planner hands it to the executor.
 *
 * The text never names a metadata location: it has a hole for every lake table, and the executor fills the holes when execution
 * starts, from the pointer rows that the scan's own snapshot sees (design.md section 4). So plans can be cached for ever.
 *
 * The struct travels inside CustomScan.custom_private as a List (copyObject-able), packed and unpacked by the two functions below.
 */
#ifndef LAKE_EXEC_REMOTE_QUERY_H
#define LAKE_EXEC_REMOTE_QUERY_H

extern "C" {
#include "postgres.h"
#include "nodes/extensible.h"
#include "nodes/pg_list.h"
}

typedef struct LakeRemoteQuery
{
	char	   *sql;			/* SELECT ...; without holes filled, every column cast to the DuckDB type of its PostgreSQL type */
	List	   *scan_offsets;	/* int: where in sql the text "lake_scan('base', ...)" of scan i is inserted, ascending */
	List	   *scan_relids;	/* oid: the lake table of scan i */
	List	   *scan_points;	/* int: the kind of point in the past that scan i reads (LakeReadPointKind) */
	List	   *param_types;	/* oid: types of $1..$n; the expressions are the first of CustomScan.custom_exprs, and those of the points follow */
	List	   *column_types;	/* oid: PostgreSQL type of each output column */
	List	   *column_typmods; /* int */
	List	   *stages;			/* of List (String table, PlannedStmt): rows to be sent ahead (plan/staged_table.h; Query until planned) */
	List	   *partition_relids;	/* oid: tables behind partitioned ones, for the plan to lock and depend on; planning only, not packed */
	List	   *reasons;		/* String: why the whole query was not shipped ("Function\tpg_catalog.foo(...)" ...), row path only */
} LakeRemoteQuery;

/* What the fields of its rows are on the link (docs/link.md, "Reading"). */
typedef enum LakeFieldForm
{
	LAKE_FIELDS_BINARY,			/* what the type's send function gives, or nearly (types/row_codec.h) */
	LAKE_FIELDS_TEXT			/* text */
} LakeFieldForm;

/* What becomes of the rows of a remote query: they change a table, in the server (docs/link.md, "Queries that write"). */
typedef struct LakeModification
{
	CmdType		operation;		/* CMD_INSERT, CMD_UPDATE, CMD_DELETE or CMD_MERGE */
	Oid			relid;
	int			rtindex;		/* of the table in the plan's range table */
	int			target_scan;	/* the scan of the remote query whose rows change; -1: rows are only inserted */
	bool		has_actions;	/* the query's column behind the row id: LAKE_ACTION_*, or null */
	bool		writes_rows;	/* the table's columns follow */
	bool		has_check;		/* and a boolean: the CHECK constraints hold */
	bool		can_set_tag;
	char	   *whole_files;	/* DELETE: conditions by which data files go unread (plan/whole_files.h), or NULL */
} LakeModification;

#define LAKE_ACTION_INSERT	1
#define LAKE_ACTION_UPDATE	2
#define LAKE_ACTION_DELETE	3

extern List *lake_pack_remote_query(const LakeRemoteQuery *query);
extern LakeRemoteQuery *lake_unpack_remote_query(List *packed);

/*
 * Plan nodes made by plan/:
 *
 * whole query: scanrelid 0, methods lake_query_pushdown_methods, custom_scan_tlist = the output columns,
 *   targetlist = Vars of INDEX_VAR over it, custom_private = lake_pack_remote_query(), custom_exprs = parameter expressions.
 * one table:   scanrelid = the table, methods lake_table_scan_methods, qual = what stays in PostgreSQL, custom_scan_tlist NIL.
 *   The remote query's columns are the first n attributes that are needed: attnums in custom_private's second element, a List of int;
 *   attributes that are not fetched read as NULL. Use lake_make_table_scan_private().
 *   With row ids the column behind them is LAKE_ROW_ID_COLUMN, and becomes the slot's TID.
 */
extern CustomScanMethods lake_query_pushdown_methods;	/* name "Query Pushdown" */
extern CustomScanMethods lake_table_scan_methods;	/* name "Lake Scan" */

/*
 * a modification: as a whole query, without output columns, custom_private = lake_make_modification_private(). It gives no rows and counts those it
 * changed in es_processed.
 */
extern List *lake_make_modification_private(const LakeRemoteQuery *query, const LakeModification *modification);
extern LakeModification *lake_unpack_modification(List *custom_private);

/* What a scan of one table does beside fetching columns. */
#define LAKE_SCAN_ROW_IDS	1	/* rows have TIDs: they may be changed, locked, or looked up again */
#define LAKE_SCAN_STASH		2	/* whole rows are kept for those who fetch them by TID */

extern List *lake_make_table_scan_private(const LakeRemoteQuery *query, List *attnums, int flags);

#endif
