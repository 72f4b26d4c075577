/*
 * time_travel.h
 *	  Reading what a table held in the past: by the setting pg_lake_iceberg.read_as_of for all tables of a statement, or by a function for one of them
 *	  (docs/time_travel.md).
 */
#ifndef LAKE_EXEC_TIME_TRAVEL_H
#define LAKE_EXEC_TIME_TRAVEL_H

extern "C" {
#include "postgres.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/rel.h"
}

typedef enum LakeReadPointKind
{
	LAKE_NOW,					/* not in the past */
	LAKE_AT_SNAPSHOT,
	LAKE_AT_TIME,
	LAKE_AT_REF
} LakeReadPointKind;

typedef struct LakeReadPoint
{
	LakeReadPointKind kind;
	int64		snapshot_id;
	TimestampTz time;
	const char *ref;			/* a branch or tag */
} LakeReadPoint;

/* What the setting says, or false when it says nothing. Errors: 22007 and alike for what is none of its forms. */
extern bool lake_session_read_point(LakeReadPoint *point);

/* Snapshots have times in milliseconds since 1970: rounded down, so that one of the same millisecond counts. Infinite times are beyond all of them. */
extern int64 lake_unix_milliseconds(TimestampTz time);

/* The user may read all rows of the table: else 42501, or 0A000 where it has policies. */
extern void lake_require_all_rows(Oid relid);

/* The table whose row type the first argument of a polymorphic function has, open; all its rows may be read. */
extern Relation lake_open_table_of_argument(FunctionCallInfo fcinfo);

/* The point that a value means, in text form; NULL is an error (22004). */
extern void lake_read_point_of_text(LakeReadPointKind kind, const char *text, LakeReadPoint *point);

/* Appends lake_scan's argument (docs/link.md). */
extern void lake_append_read_point(StringInfo sql, const LakeReadPoint *point);

#endif
