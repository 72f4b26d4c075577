/*
 * table_refs.cpp
 *	  lake.create_branch(tbl, ..), lake.create_tag, lake.drop_branch, lake.drop_tag, lake.set_retention, lake.fast_forward, lake.rollback_to_snapshot,
 *	  lake.rollback_to_time and lake.set_current_snapshot: for the table's owner, part of the transaction like any ALTER TABLE (docs/branches.md).
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
}

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "ddl/alter_table.h"
#include "exec/time_travel.h"
#include "txn/table_state.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_create_branch);
PG_FUNCTION_INFO_V1(lake_create_tag);
PG_FUNCTION_INFO_V1(lake_drop_branch);
PG_FUNCTION_INFO_V1(lake_drop_tag);
PG_FUNCTION_INFO_V1(lake_set_retention);
PG_FUNCTION_INFO_V1(lake_fast_forward);
PG_FUNCTION_INFO_V1(lake_rollback_to_snapshot);
PG_FUNCTION_INFO_V1(lake_rollback_to_time);
PG_FUNCTION_INFO_V1(lake_set_current_snapshot);
}

/* ---------------------------------------------------------------- arguments */

static void
require_argument(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("argument \"%s\" must not be null", name)));
}

/* The first argument, locked as ALTER TABLE .. SET locks it: queries and writes go on, another change of the table waits. */
static Relation
open_table(FunctionCallInfo fcinfo)
{
	Relation	rel;

	require_argument(fcinfo, 0, "tbl");
	rel = table_open(PG_GETARG_OID(0), ShareUpdateExclusiveLock);
	if (!lake_is_lake_relation(RelationGetRelid(rel)))
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not an Iceberg table", RelationGetRelationName(rel))));
	if (!LakeOwnsRelation(RelationGetRelid(rel), GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, RelationGetRelationName(rel));
	return rel;
}

static void
append_text(FunctionCallInfo fcinfo, StringInfo json, const char *member, int number)
{
	require_argument(fcinfo, number, member);
	appendStringInfo(json, ", \"%s\": ", member);
	escape_json(json, text_to_cstring(PG_GETARG_TEXT_PP(number)));
}

static void
begin_operation(StringInfo json, const char *op)
{
	initStringInfo(json);
	appendStringInfo(json, "{\"op\": \"%s\"", op);
}

static void
append_number(StringInfo json, const char *member, int64 value)
{
	appendStringInfo(json, ", \"%s\": " INT64_FORMAT, member, value);
}

/* An interval in milliseconds; months have 30 days, as elsewhere in PostgreSQL where a number must come out. */
static void
append_age(FunctionCallInfo fcinfo, StringInfo json, const char *member, int number)
{
	Interval   *age;
	double		milliseconds;

	if (PG_ARGISNULL(number))
		return;
	age = PG_GETARG_INTERVAL_P(number);
	milliseconds = ((double) age->month * DAYS_PER_MONTH + age->day) * (USECS_PER_DAY / 1000) + (double) age->time / 1000;
	if (milliseconds > 1e15 || milliseconds < -1e15)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("interval out of range")));
	append_number(json, member, (int64) milliseconds);
}

/* max_ref_age, min_snapshots_to_keep, max_snapshot_age from the argument of that number on, as far as the function has them. */
static void
append_retention(FunctionCallInfo fcinfo, StringInfo json, int first)
{
	append_age(fcinfo, json, "max_ref_age_ms", first);
	if (PG_NARGS() <= first + 1)
		return;
	if (!PG_ARGISNULL(first + 1))
		append_number(json, "min_snapshots_to_keep", PG_GETARG_INT32(first + 1));
	append_age(fcinfo, json, "max_snapshot_age_ms", first + 2);
}

static void
finish_operation(Relation rel, StringInfo json)
{
	appendStringInfoChar(json, '}');
	lake_alter_base(rel, json->data);
	table_close(rel, NoLock);
}

/* ---------------------------------------------------------------- branches and tags */

/* Arguments tbl, name, snapshot_id, max_ref_age, and of a branch min_snapshots_to_keep, max_snapshot_age. */
static Datum
create_ref(FunctionCallInfo fcinfo, const char *type)
{
	Relation	rel = open_table(fcinfo);
	StringInfoData json;

	begin_operation(&json, "create_ref");
	append_text(fcinfo, &json, "name", 1);
	appendStringInfo(&json, ", \"type\": \"%s\"", type);
	if (!PG_ARGISNULL(2))
		append_number(&json, "snapshot_id", PG_GETARG_INT64(2));
	append_retention(fcinfo, &json, 3);
	finish_operation(rel, &json);
	PG_RETURN_VOID();
}

Datum
lake_create_branch(PG_FUNCTION_ARGS)
{
	return create_ref(fcinfo, "branch");
}

Datum
lake_create_tag(PG_FUNCTION_ARGS)
{
	return create_ref(fcinfo, "tag");
}

static Datum
drop_ref(FunctionCallInfo fcinfo, const char *type)
{
	Relation	rel = open_table(fcinfo);
	StringInfoData json;

	begin_operation(&json, "drop_ref");
	append_text(fcinfo, &json, "name", 1);
	appendStringInfo(&json, ", \"type\": \"%s\"", type);
	finish_operation(rel, &json);
	PG_RETURN_VOID();
}

Datum
lake_drop_branch(PG_FUNCTION_ARGS)
{
	return drop_ref(fcinfo, "branch");
}

Datum
lake_drop_tag(PG_FUNCTION_ARGS)
{
	return drop_ref(fcinfo, "tag");
}

Datum
lake_set_retention(PG_FUNCTION_ARGS)
{
	Relation	rel = open_table(fcinfo);
	StringInfoData json;

	begin_operation(&json, "set_retention");
	append_text(fcinfo, &json, "name", 1);
	append_retention(fcinfo, &json, 2);
	finish_operation(rel, &json);
	PG_RETURN_VOID();
}

/* ---------------------------------------------------------------- the current snapshot */

/* What the transaction has written has no snapshot yet: it would stay on top of the one that the table goes to. */
static Relation
open_table_to_move(FunctionCallInfo fcinfo)
{
	Relation	rel = open_table(fcinfo);
	LakeTableState *state = lake_table_state(rel, false);

	if (state != NULL && lake_state_has_changes(state))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" has changes that are not committed", RelationGetRelationName(rel)),
				 errhint("Commit them first.")));
	return rel;
}

Datum
lake_fast_forward(PG_FUNCTION_ARGS)
{
	Relation	rel = open_table_to_move(fcinfo);
	StringInfoData json;

	begin_operation(&json, "fast_forward");
	append_text(fcinfo, &json, "name", 1);
	append_text(fcinfo, &json, "to", 2);
	finish_operation(rel, &json);
	PG_RETURN_VOID();
}

static Datum
set_current(FunctionCallInfo fcinfo, const char *is_rollback)
{
	Relation	rel = open_table_to_move(fcinfo);
	StringInfoData json;

	require_argument(fcinfo, 1, "snapshot_id");
	begin_operation(&json, "set_current");
	append_number(&json, "snapshot_id", PG_GETARG_INT64(1));
	appendStringInfo(&json, ", \"is_rollback\": %s", is_rollback);
	finish_operation(rel, &json);
	PG_RETURN_VOID();
}

Datum
lake_rollback_to_snapshot(PG_FUNCTION_ARGS)
{
	return set_current(fcinfo, "true");
}

Datum
lake_set_current_snapshot(PG_FUNCTION_ARGS)
{
	return set_current(fcinfo, "false");
}

Datum
lake_rollback_to_time(PG_FUNCTION_ARGS)
{
	Relation	rel = open_table_to_move(fcinfo);
	StringInfoData json;

	require_argument(fcinfo, 1, "at");
	begin_operation(&json, "rollback_to_time");
	append_number(&json, "timestamp_ms", lake_unix_milliseconds(PG_GETARG_TIMESTAMPTZ(1)));
	finish_operation(rel, &json);
	PG_RETURN_VOID();
}
