/*
 * client_rows.cpp
 *	  See client_rows.h. A SELECT's rows go through the executor as empty slots, so that it counts them; the receiver in front of the client's sends the bytes
 *	  that the scan holds.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"
#include "utils/builtins.h"
#include "utils/bytea.h"
#include "utils/float.h"
#include "utils/portal.h"
}

#include "compat/compat.h"
#include "exec/client_rows.h"
#include "exec/custom_scan.h"
#include "exec/modification.h"
#include "types/type_map.h"

static ExecutorRun_hook_type previous_executor_run = NULL;

/* ---------------------------------------------------------------- which can be sent? */

static bool
is_utc(void)
{
	const char *zone = pg_get_timezone_name(session_timezone);

	return strcmp(zone, "UTC") == 0 || strcmp(zone, "Etc/UTC") == 0;
}

/* Whether the server's text of the type is what its output function prints. Zones other than UTC are left to PostgreSQL's own rules. */
static bool
is_printed_alike(LakeWireType wire)
{
	switch (wire)
	{
		case LAKE_WIRE_FLOAT4:
		case LAKE_WIRE_FLOAT8:
			return extra_float_digits > 0;
		case LAKE_WIRE_DATE:
		case LAKE_WIRE_TIMESTAMP:
			return DateStyle == USE_ISO_DATES;
		case LAKE_WIRE_TIMESTAMPTZ:
			return DateStyle == USE_ISO_DATES && is_utc();
		case LAKE_WIRE_INTERVAL:
			return IntervalStyle == INTSTYLE_POSTGRES;
		case LAKE_WIRE_BYTEA:
			return bytea_output == BYTEA_OUTPUT_HEX;
		default:
			return true;
	}
}

static bool
can_send_field(Oid typid, int32 typmod, LakeFieldForm form)
{
	LakeTypeInfo info;

	if (typmod == LAKE_TYPMOD_TEXT_FORM || !lake_lookup_type(typid, typmod, &info))
		return false;
	if (info.geometry != LAKE_NO_GEOMETRY)
		return false;
	if (form == LAKE_FIELDS_TEXT && !is_printed_alike(info.wire))
		return false;
	switch (info.wire)
	{
		case LAKE_WIRE_TEXT:
			return (info.typid == TEXTOID || info.typid == VARCHAROID || info.typid == BPCHAROID || info.typid == JSONOID) &&
				pg_get_client_encoding() == GetDatabaseEncoding();
		case LAKE_WIRE_INT8:
			return info.typid == INT8OID;
		case LAKE_WIRE_TIME:
			return info.typid == TIMEOID;
		case LAKE_WIRE_BOOL:
		case LAKE_WIRE_INT2:
		case LAKE_WIRE_INT4:
		case LAKE_WIRE_FLOAT4:
		case LAKE_WIRE_FLOAT8:
		case LAKE_WIRE_NUMERIC:
		case LAKE_WIRE_DATE:
		case LAKE_WIRE_TIMESTAMP:
		case LAKE_WIRE_TIMESTAMPTZ:
		case LAKE_WIRE_INTERVAL:
		case LAKE_WIRE_BYTEA:
		case LAKE_WIRE_UUID:
			return true;
		default:
			return false;
	}
}

bool
lake_is_whole_query(const Plan *plan)
{
	return IsA(plan, CustomScan) && ((const CustomScan *) plan)->methods == &lake_query_pushdown_methods &&
		lake_modification_of_plan((Plan *) plan) == NULL;
}

bool
lake_can_send_fields(const Plan *plan, LakeFieldForm form)
{
	LakeRemoteQuery *query = lake_unpack_remote_query(((const CustomScan *) plan)->custom_private);
	ListCell   *lc;
	ListCell   *lc2;

	forboth(lc, query->column_types, lc2, query->column_typmods)
	{
		if (!can_send_field(lfirst_oid(lc), lfirst_int(lc2), form))
			return false;
	}
	return query->column_types != NIL;
}

/* ---------------------------------------------------------------- a SELECT's rows */

typedef struct LakeClientReceiver
{
	DestReceiver pub;			/* must be first */
	DestReceiver *client;
	PlanState  *scan;
	StringInfoData message;
} LakeClientReceiver;

static void
start_rows(DestReceiver *self, int operation, TupleDesc type)
{
	LakeClientReceiver *receiver = (LakeClientReceiver *) self;

	receiver->client->rStartup(receiver->client, operation, type);
	initStringInfo(&receiver->message);
}

/* What the row has is what a DataRow message has: the number of fields, and each with its length. */
static bool
send_row(TupleTableSlot *slot, DestReceiver *self)
{
	LakeClientReceiver *receiver = (LakeClientReceiver *) self;
	const char *bytes;
	int			length;

	lake_current_row(receiver->scan, &bytes, &length);
	pq_beginmessage_reuse(&receiver->message, 'D');
	pq_sendbytes(&receiver->message, bytes, length);
	pq_endmessage_reuse(&receiver->message);
	return true;
}

static void
end_rows(DestReceiver *self)
{
	LakeClientReceiver *receiver = (LakeClientReceiver *) self;

	receiver->client->rShutdown(receiver->client);
}

static void
keep_receiver(DestReceiver *self)
{
}

/* The form in which the client wants all fields of the portal that is running; false when they differ. */
static bool
form_of_portal(int ncolumns, LakeFieldForm *form)
{
	if (ActivePortal == NULL || ActivePortal->formats == NULL || ncolumns == 0)
		return false;
	for (int i = 1; i < ncolumns; i++)
	{
		if (ActivePortal->formats[i] != ActivePortal->formats[0])
			return false;
	}
	*form = ActivePortal->formats[0] == 0 ? LAKE_FIELDS_TEXT : LAKE_FIELDS_BINARY;
	return true;
}

/* Rows that are wanted a few at a time may be continued by somebody who wants datums: FETCH. */
static bool
can_hand_through(QueryDesc *query, ScanDirection direction, uint64 count, LakeFieldForm *form)
{
	CommandDest dest = query->dest->mydest;

	return (dest == DestRemote || dest == DestRemoteExecute) && query->operation == CMD_SELECT && ScanDirectionIsForward(direction) && count == 0 &&
		lake_is_whole_query(query->plannedstmt->planTree) && query->estate->es_junkFilter == NULL &&
		form_of_portal(query->tupDesc->natts, form) && query->tupDesc->natts == list_length(query->plannedstmt->planTree->targetlist) &&
		lake_can_send_fields(query->plannedstmt->planTree, *form);
}

static void
run_executor(LAKE_EXECUTOR_RUN_PARAMS)
{
	if (previous_executor_run != NULL)
		previous_executor_run(LAKE_EXECUTOR_RUN_ARGS);
	else
		standard_ExecutorRun(LAKE_EXECUTOR_RUN_ARGS);
}

static void
lake_executor_run(LAKE_EXECUTOR_RUN_PARAMS)
{
	LakeFieldForm form;
	LakeClientReceiver receiver = {};

	if (!can_hand_through(queryDesc, direction, count, &form) || !lake_take_rows_as_they_come(queryDesc->planstate, form))
	{
		run_executor(LAKE_EXECUTOR_RUN_ARGS);
		return;
	}
	receiver.pub.rStartup = start_rows;
	receiver.pub.receiveSlot = send_row;
	receiver.pub.rShutdown = end_rows;
	receiver.pub.rDestroy = keep_receiver;
	receiver.pub.mydest = queryDesc->dest->mydest;
	receiver.client = queryDesc->dest;
	receiver.scan = queryDesc->planstate;
	queryDesc->dest = &receiver.pub;
	run_executor(LAKE_EXECUTOR_RUN_ARGS);
	queryDesc->dest = receiver.client;
}

void
lake_client_rows_init(void)
{
	previous_executor_run = ExecutorRun_hook;
	ExecutorRun_hook = lake_executor_run;
}
