/*
 * stage.cpp
 *	  See stage.h.
 */
extern "C" {
#include "postgres.h"
#include "executor/executor.h"
#include "port/pg_bswap.h"
#include "tcop/dest.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
}

#include "compat/compat.h"
#include "exec/stage.h"
#include "link/sql_text.h"
#include "types/row_codec.h"

#define SEND_BYTES 65536

/* Where the executor puts the rows. */
typedef struct StageReceiver
{
	DestReceiver pub;			/* must be first */
	LakeConnection *connection;
	LakeRowCodec *codec;
	StringInfoData buffer;
} StageReceiver;

static void
start_rows(DestReceiver *self, int operation, TupleDesc desc)
{
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	StageReceiver *receiver = (StageReceiver *) self;

	slot_getallattrs(slot);
	lake_encode_row(receiver->codec, slot, &receiver->buffer);
	if (receiver->buffer.len < SEND_BYTES)
		return true;
	lake_connection_copy_in(receiver->connection, receiver->buffer.data, receiver->buffer.len);
	resetStringInfo(&receiver->buffer);
	return true;
}

static void
end_rows(DestReceiver *self)
{
}

/* What the server is told of a stage (docs/link.md), as a literal. */
static void
append_stage(StringInfo sql, const char *table, TupleDesc desc, LakeRowCodec *codec)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"stage\": ");
	escape_json(&json, table);
	appendStringInfoString(&json, ", \"columns\": [");
	for (int i = 0; i < codec->ncolumns; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		LakeTypeInfo type;

		lake_lookup_type(att->atttypid, att->atttypmod, &type);
		appendStringInfoString(&json, i > 0 ? ", {\"name\": " : "{\"name\": ");
		escape_json(&json, NameStr(att->attname));
		appendStringInfoString(&json, ", \"wire\": ");
		escape_json(&json, codec->columns[i].wire_type);
		appendStringInfo(&json, ", \"type\": %s}", lake_iceberg_type_text(&type));
	}
	appendStringInfoString(&json, "]}");
	lake_append_literal(sql, json.data);
	pfree(json.data);
}

static char *
stage_command(const char *table, TupleDesc desc, LakeRowCodec *codec)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "COPY lake_write(");
	append_stage(&sql, table, desc, codec);
	appendStringInfoString(&sql, ") FROM STDIN (FORMAT binary); SELECT 1");
	return sql.data;
}

static void
send_rows(LakeConnection *connection, const char *table, PlannedStmt *plan, EState *estate)
{
	static const char header[LAKE_COPY_HEADER_LENGTH] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', '\377', '\r', '\n', '\0'};
	uint16		trailer = pg_hton16((uint16) -1);
	StageReceiver receiver = {};
	QueryDesc  *desc;

	receiver.pub.receiveSlot = receive_row;
	receiver.pub.rStartup = start_rows;
	receiver.pub.rShutdown = end_rows;
	receiver.pub.rDestroy = end_rows;
	receiver.pub.mydest = DestNone;
	receiver.connection = connection;
	initStringInfo(&receiver.buffer);
	desc = CreateQueryDesc((PlannedStmt *) copyObjectImpl(plan), estate->es_sourceText, estate->es_snapshot, InvalidSnapshot, &receiver.pub,
						   estate->es_param_list_info, estate->es_queryEnv, 0);
	ExecutorStart(desc, 0);
	receiver.codec = lake_make_stream_codec(desc->tupDesc);
	lake_connection_start_copy_in(connection, stage_command(table, desc->tupDesc, receiver.codec));
	lake_connection_copy_in(connection, header, sizeof(header));
	LakeExecutorRun(desc);
	appendBinaryStringInfo(&receiver.buffer, (const char *) &trailer, sizeof(trailer));
	lake_connection_copy_in(connection, receiver.buffer.data, receiver.buffer.len);
	PQclear(lake_connection_finish_copy_in(connection));
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
	pfree(receiver.buffer.data);
}

LakeConnection *
lake_connection_with_stages(LakeRemoteQuery *query, EState *estate)
{
	LakeConnection *connection = lake_connection_get();
	ListCell   *lc;

	PG_TRY();
	{
		foreach(lc, query->stages)
		{
			List	   *stage = (List *) lfirst(lc);

			send_rows(connection, strVal(linitial(stage)), (PlannedStmt *) lsecond(stage), estate);
		}
	}
	PG_CATCH();
	{
		lake_connection_drop(connection);
		PG_RE_THROW();
	}
	PG_END_TRY();
	return connection;
}

void
lake_run_stage_shapes(LakeConnection *connection, LakeRemoteQuery *query, bool drop)
{
	ListCell   *lc;

	foreach(lc, query->stages)
	{
		const char *table = strVal(linitial((List *) lfirst(lc)));
		Plan	   *plan = ((PlannedStmt *) lsecond((List *) lfirst(lc)))->planTree;
		TupleDesc	desc = ExecCleanTypeFromTL(plan->targetlist);
		StringInfoData sql;

		initStringInfo(&sql);
		if (drop)
			appendStringInfo(&sql, "DROP VIEW temp.main.%s", table);
		else
		{
			appendStringInfo(&sql, "CREATE OR REPLACE TEMP VIEW %s AS SELECT * FROM lake_stage_shape(", table);
			append_stage(&sql, table, desc, lake_make_stream_codec(desc));
			appendStringInfo(&sql, ", %.0f)", plan->plan_rows);
		}
		PQclear(lake_connection_query(connection, sql.data, 0, NULL, NULL));
	}
}

void
lake_drop_stages(LakeConnection *connection, int nstages)
{
	StringInfoData sql;

	initStringInfo(&sql);
	PG_TRY();
	{
		for (int i = 0; i < nstages; i++)
		{
			resetStringInfo(&sql);
			appendStringInfo(&sql, "DROP TABLE temp.main.pg_lake_stage_%d", i);
			PQclear(lake_connection_query(connection, sql.data, 0, NULL, NULL));
		}
	}
	PG_CATCH();
	{
		lake_connection_drop(connection);
		PG_RE_THROW();
	}
	PG_END_TRY();
	pfree(sql.data);
	lake_connection_put(connection);
}
