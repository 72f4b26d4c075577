/*
 * time_travel.cpp
 *	  See time_travel.h. The setting holds for queries, which run in the server with it. The functions are planned as tables where their arguments are known when
 *	  the query starts (plan/past_tables.h), and are called only where they are not.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
}

#include "catalog/lake_relation.h"
#include "exec/lake_scan_text.h"
#include "exec/row_stream.h"
#include "exec/time_travel.h"
#include "hooks/settings.h"
#include "link/sql_text.h"
#include "link/text_form.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_at_snapshot);
PG_FUNCTION_INFO_V1(lake_at_time);
PG_FUNCTION_INFO_V1(lake_at_ref);
}

/* ---------------------------------------------------------------- points */

/* The rest of the text behind the word and blanks, or NULL when it begins otherwise. */
static const char *
behind(const char *text, const char *word)
{
	size_t		length = strlen(word);

	if (pg_strncasecmp(text, word, length) != 0 || text[length] != ' ')
		return NULL;
	for (text += length; *text == ' '; text++)
		;
	return text;
}

static TimestampTz
time_of_text(const char *text)
{
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

void
lake_read_point_of_text(LakeReadPointKind kind, const char *text, LakeReadPoint *point)
{
	static const char *const names[] = {"", "snapshot id", "time", "name of the branch or tag"};

	memset(point, 0, sizeof(*point));
	point->kind = kind;
	if (text == NULL)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", names[kind])));
	if (kind == LAKE_AT_SNAPSHOT)
		point->snapshot_id = DatumGetInt64(DirectFunctionCall1(int8in, CStringGetDatum(text)));
	else if (kind == LAKE_AT_TIME)
		point->time = time_of_text(text);
	else
		point->ref = text;
}

bool
lake_session_read_point(LakeReadPoint *point)
{
	const char *text = lake_read_as_of;
	const char *rest;

	if (text == NULL || *text == '\0')
		return false;
	if ((rest = behind(text, "snapshot")) != NULL)
		lake_read_point_of_text(LAKE_AT_SNAPSHOT, rest, point);
	else if ((rest = behind(text, "branch")) != NULL || (rest = behind(text, "tag")) != NULL)
		lake_read_point_of_text(LAKE_AT_REF, rest, point);
	else
		lake_read_point_of_text(LAKE_AT_TIME, text, point);
	return true;
}

int64
lake_unix_milliseconds(TimestampTz time)
{
	int64		microseconds;

	if (TIMESTAMP_NOT_FINITE(time))
		return TIMESTAMP_IS_NOEND(time) ? PG_INT64_MAX / 2000 : 0;
	microseconds = time + (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
	return microseconds >= 0 ? microseconds / 1000 : -((-microseconds + 999) / 1000);
}

void
lake_append_read_point(StringInfo sql, const LakeReadPoint *point)
{
	switch (point->kind)
	{
		case LAKE_NOW:
			break;
		case LAKE_AT_SNAPSHOT:
			appendStringInfo(sql, ", at_snapshot := " INT64_FORMAT, point->snapshot_id);
			break;
		case LAKE_AT_TIME:
			appendStringInfo(sql, ", at_time := " INT64_FORMAT, lake_unix_milliseconds(point->time));
			break;
		case LAKE_AT_REF:
			appendStringInfoString(sql, ", at_ref := ");
			lake_append_literal(sql, point->ref);
			break;
	}
}

/* ---------------------------------------------------------------- functions */

void
lake_require_all_rows(Oid relid)
{
	AclResult	allowed = pg_class_aclcheck(relid, GetUserId(), ACL_SELECT);

	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, OBJECT_TABLE, get_rel_name(relid));
	if (check_enable_rls(relid, InvalidOid, false) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("policies of table \"%s\" do not reach into functions that read its past", get_rel_name(relid)),
				 errhint("Set pg_lake_iceberg.read_as_of and read the table itself.")));
}

Relation
lake_open_table_of_argument(FunctionCallInfo fcinfo)
{
	Oid			typid = get_fn_expr_argtype(fcinfo->flinfo, 0);
	Oid			relid = OidIsValid(typid) ? get_typ_typrelid(typid) : InvalidOid;

	if (!OidIsValid(relid) || !lake_is_lake_relation(relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("the first argument must have the row type of an Iceberg table, not type %s", OidIsValid(typid) ? format_type_be(typid) : "unknown"),
				 errhint("Write NULL::table_name.")));
	lake_require_all_rows(relid);
	return table_open(relid, AccessShareLock);
}

static Datum
return_past(FunctionCallInfo fcinfo, const LakeReadPoint *point)
{
	Relation	rel = lake_open_table_of_argument(fcinfo);
	LakeRowCodec *codec = lake_make_relation_codec(rel, RelationGetDescr(rel), true, false);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(rel), &TTSOpsVirtual);
	StringInfoData sql;
	LakeRowStream *stream;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	for (int i = 0; i < codec->ncolumns; i++)
	{
		appendStringInfoString(&sql, i > 0 ? ", " : "");
		lake_append_identifier(&sql, codec->columns[i].name);
	}
	if (codec->ncolumns == 0)
		appendStringInfoString(&sql, "NULL");
	appendStringInfoString(&sql, " FROM ");
	lake_append_past_scan_call(&sql, rel, GetActiveSnapshot(), point);
	stream = lake_row_stream_open(sql.data, NULL, codec);
	while (lake_row_stream_next(stream, slot))
		tuplestore_puttupleslot(((ReturnSetInfo *) fcinfo->resultinfo)->setResult, slot);
	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, NoLock);
	return (Datum) 0;
}

/* The text of the second argument. */
static Datum
return_past_of_call(FunctionCallInfo fcinfo, LakeReadPointKind kind)
{
	Oid			output;
	bool		is_varlena;
	LakeReadPoint point;
	int			nest_level = lake_set_transmission_modes();
	char	   *text = NULL;

	getTypeOutputInfo(get_fn_expr_argtype(fcinfo->flinfo, 1), &output, &is_varlena);
	if (!PG_ARGISNULL(1))
		text = OidOutputFunctionCall(output, PG_GETARG_DATUM(1));
	lake_reset_transmission_modes(nest_level);
	lake_read_point_of_text(kind, text, &point);
	return return_past(fcinfo, &point);
}

Datum
lake_at_snapshot(PG_FUNCTION_ARGS)
{
	return return_past_of_call(fcinfo, LAKE_AT_SNAPSHOT);
}

Datum
lake_at_time(PG_FUNCTION_ARGS)
{
	return return_past_of_call(fcinfo, LAKE_AT_TIME);
}

Datum
lake_at_ref(PG_FUNCTION_ARGS)
{
	return return_past_of_call(fcinfo, LAKE_AT_REF);
}
