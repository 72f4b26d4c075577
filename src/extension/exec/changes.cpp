/*
 * changes.cpp
 *	  lake.changes(NULL::t, from, to): in which rows two snapshots of a table differ (docs/time_travel.md). The server compares the data files that only one of
 *	  them has: rows of the same key, or else of the same row id (format version 3), are one row that was updated; without either, rows are equal or not.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"
}

#include "catalog/server_rows.h"
#include "ddl/options.h"
#include "ddl/unique_key.h"
#include "exec/lake_scan_text.h"
#include "exec/row_stream.h"
#include "exec/time_travel.h"
#include "link/connection.h"
#include "link/sql_text.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_changes);
}

typedef struct Difference
{
	Relation	rel;
	const char *base;
	int64		from;
	int64		to;
	bool		has_from;		/* else there was nothing before */
	bool		by_row_id;
	List	   *key;			/* attribute numbers */
	LakeRowCodec *columns;
} Difference;

/* The current snapshot of the base, false when there is none. */
static bool
current_snapshot(const char *base, int64 *snapshot_id)
{
	const char *params[] = {base};
	char	  **values;

	if (lake_link_call("SELECT snapshot_id FROM lake_table_refs($1) WHERE name = 'main'", 1, params, 1, &values) != 1)
		return false;
	*snapshot_id = DatumGetInt64(DirectFunctionCall1(int8in, CStringGetDatum(values[0])));
	return true;
}

/* ", <side>.c1, <side>.c2 ...": the live columns; or as many nulls. */
static void
append_columns(StringInfo sql, const Difference *difference, const char *side)
{
	for (int i = 0; i < difference->columns->ncolumns; i++)
	{
		if (side == NULL)
			appendStringInfoString(sql, ", NULL");
		else
			appendStringInfo(sql, ", %s.c%d", side, difference->columns->columns[i].attnum);
	}
}

/* A common table expression "before" or "after": the rows of a snapshot that may not be in the other one; id, where rows have one, and c<attnum>. */
static void
append_side(StringInfo sql, const Difference *difference, const char *name, int64 snapshot_id, const int64 *unlike)
{
	appendStringInfo(sql, "%s AS (SELECT true AS here", name);
	if (difference->by_row_id)
	{
		appendStringInfoString(sql, ", lake_row_lineage(");
		lake_append_literal(sql, difference->base);
		appendStringInfo(sql, ", " INT64_FORMAT ", " LAKE_ROW_ID_COLUMN ") AS id", snapshot_id);
	}
	for (int i = 0; i < difference->columns->ncolumns; i++)
	{
		appendStringInfoString(sql, ", ");
		lake_append_identifier(sql, difference->columns->columns[i].name);
		appendStringInfo(sql, " AS c%d", difference->columns->columns[i].attnum);
	}
	appendStringInfoString(sql, " FROM ");
	lake_append_difference_call(sql, difference->rel, difference->base, snapshot_id, unlike, difference->by_row_id);
	appendStringInfoChar(sql, ')');
}

/* Rows of one identity are one row. */
static void
append_paired(StringInfo sql, const Difference *difference)
{
	ListCell   *lc;

	appendStringInfoString(sql, " SELECT CASE WHEN before.here IS NULL THEN 'insert' WHEN after.here IS NULL THEN 'delete' ELSE 'update' END");
	append_columns(sql, difference, "before");
	append_columns(sql, difference, "after");
	appendStringInfoString(sql, " FROM before FULL JOIN after ON ");
	if (difference->by_row_id)
		appendStringInfoString(sql, "before.id = after.id");
	foreach(lc, difference->key)
		appendStringInfo(sql, "%sbefore.c%d = after.c%d", lc == list_head(difference->key) ? "" : " AND ", lfirst_int(lc), lfirst_int(lc));
	appendStringInfoString(sql, " WHERE before.here IS NULL OR after.here IS NULL OR row(0");
	append_columns(sql, difference, "before");
	appendStringInfoString(sql, ") IS DISTINCT FROM row(0");
	append_columns(sql, difference, "after");
	appendStringInfoChar(sql, ')');
}

/* As often as a row is after more often than before, or the other way round. */
static void
append_unpaired(StringInfo sql, const Difference *difference, bool is_insert)
{
	appendStringInfoString(sql, is_insert ? " SELECT 'insert'" : " SELECT 'delete'");
	append_columns(sql, difference, is_insert ? NULL : "rest");
	append_columns(sql, difference, is_insert ? "rest" : NULL);
	appendStringInfoString(sql, is_insert ? " FROM (SELECT * FROM after EXCEPT ALL SELECT * FROM before) rest" :
						   " FROM (SELECT * FROM before EXCEPT ALL SELECT * FROM after) rest");
}

static char *
difference_query(const Difference *difference)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "WITH ");
	append_side(&sql, difference, "after", difference->to, difference->has_from ? &difference->from : NULL);
	if (!difference->has_from)
	{
		appendStringInfoString(&sql, " SELECT 'insert'");
		append_columns(&sql, difference, NULL);
		append_columns(&sql, difference, "after");
		appendStringInfoString(&sql, " FROM after");
		return sql.data;
	}
	appendStringInfoString(&sql, ", ");
	append_side(&sql, difference, "before", difference->from, &difference->to);
	if (difference->by_row_id || difference->key != NIL)
		append_paired(&sql, difference);
	else
	{
		append_unpaired(&sql, difference, false);
		appendStringInfoString(&sql, " UNION ALL");
		append_unpaired(&sql, difference, true);
	}
	return sql.data;
}

/* A text, and the table's columns twice. Dropped columns have places as well, which stay null. */
static LakeRowCodec *
make_codec(const Difference *difference)
{
	LakeRowCodec *codec = lake_make_result_codec(list_make1_oid(TEXTOID), list_make1_int(-1), NIL);
	TupleDesc	desc = RelationGetDescr(difference->rel);
	LakeCodecColumn *columns = (LakeCodecColumn *) palloc0(sizeof(LakeCodecColumn) * (1 + 2 * difference->columns->ncolumns));
	int			n = 0;

	columns[n++] = codec->columns[0];
	for (int side = 0; side < 2; side++)
	{
		LakeRowCodec *of_side = lake_make_relation_codec(difference->rel, desc, true, false);

		for (int i = 0; i < of_side->ncolumns; i++)
		{
			columns[n] = of_side->columns[i];
			columns[n++].attnum += 1 + side * desc->natts;
		}
	}
	codec->columns = columns;
	codec->ncolumns = n;
	return codec;
}

static void
return_rows(FunctionCallInfo fcinfo, const Difference *difference)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	TupleDesc	row = RelationGetDescr(difference->rel);
	TupleDesc	flat = CreateTemplateTupleDesc(1 + 2 * row->natts);
	TupleTableSlot *slot;
	LakeRowStream *stream;

	TupleDescInitEntry(flat, 1, "change", TEXTOID, -1, 0);
	for (int i = 0; i < 2 * row->natts; i++)
		TupleDescCopyEntry(flat, i + 2, row, i % row->natts + 1);
	slot = MakeSingleTupleTableSlot(flat, &TTSOpsVirtual);
	stream = lake_row_stream_open(difference_query(difference), NULL, make_codec(difference));
	while (lake_row_stream_next(stream, slot))
	{
		char		change = *VARDATA_ANY(DatumGetPointer(slot->tts_values[0]));
		Datum		values[3] = {slot->tts_values[0], (Datum) 0, (Datum) 0};
		bool		nulls[3] = {false, change == 'i', change == 'd'};

		for (int side = 0; side < 2; side++)
		{
			int			first = 1 + side * row->natts;
			HeapTuple	tuple;

			if (nulls[side + 1])
				continue;
			tuple = heap_form_tuple(row, slot->tts_values + first, slot->tts_isnull + first);
			values[side + 1] = heap_copy_tuple_as_datum(tuple, row);
			heap_freetuple(tuple);
		}
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		for (int side = 1; side < 3; side++)
			if (!nulls[side])
				pfree(DatumGetPointer(values[side]));
	}
	ExecDropSingleTupleTableSlot(slot);
}

Datum
lake_changes(PG_FUNCTION_ARGS)
{
	Difference	difference = {};
	bool		has_rows = true;

	difference.rel = lake_open_table_of_argument(fcinfo);
	difference.base = lake_visible_base(RelationGetRelid(difference.rel));
	if (difference.base == NULL)
		elog(ERROR, "table \"%s\" has no metadata", RelationGetRelationName(difference.rel));
	difference.columns = lake_make_relation_codec(difference.rel, RelationGetDescr(difference.rel), true, false);
	difference.key = lake_unique_key(difference.rel);
	difference.by_row_id = difference.key == NIL && lake_keeps_row_ids(difference.rel);
	difference.has_from = !PG_ARGISNULL(1);
	difference.from = difference.has_from ? PG_GETARG_INT64(1) : 0;
	if (PG_ARGISNULL(2))
		has_rows = current_snapshot(difference.base, &difference.to);
	else
		difference.to = PG_GETARG_INT64(2);
	InitMaterializedSRF(fcinfo, 0);
	if (has_rows)
		return_rows(fcinfo, &difference);
	table_close(difference.rel, NoLock);
	return (Datum) 0;
}
