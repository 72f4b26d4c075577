/*
 * query_text.cpp
 *	  See query_text.h.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
}

#include "compat/compat_explain.h"
#include "exec/lake_scan_text.h"
#include "exec/time_travel.h"
#include "exec/query_text.h"
#include "link/sql_text.h"
#include "link/text_form.h"

/* DuckDB reads 0044-03-15 (BC), and takes 0044-03-15 BC for a year after Christ. The date is the first word of a timestamp. */
static char *
mark_era(char *text)
{
	size_t		length = strlen(text);
	size_t		date_length = strcspn(text, " ");

	if (length < 3 || strcmp(text + length - 3, " BC") != 0)
		return text;
	text[length - 3] = '\0';
	return psprintf("%.*s (BC)%s", (int) date_length, text, date_length < length - 3 ? text + date_length : "");
}

/* DuckDB does not read every interval that PostgreSQL writes. */
static char *
interval_text(Datum value)
{
	Interval   *interval = DatumGetIntervalP(value);

	return psprintf("%d months %d days " INT64_FORMAT " microseconds", interval->month, interval->day, interval->time);
}

/*
 * Parameters travel as text in PostgreSQL's ISO forms, whatever the session's DateStyle and so on; the SQL casts them. The session's settings
 * hold while they are evaluated (current_date::text).
 */
/* The text of a parameter. */
static const char *
text_of_value(Oid typid, Datum value)
{
	Oid			function;
	bool		is_varlena;
	char	   *text;

	if (typid == INTERVALOID)
		return interval_text(value);
	getTypeOutputInfo(typid, &function, &is_varlena);
	text = OidOutputFunctionCall(function, value);
	return typid == DATEOID || typid == TIMESTAMPOID || typid == TIMESTAMPTZOID ? mark_era(text) : text;
}

/* Points in the past, as the scans have them. */
static const LakeReadPoint *
evaluate_points(LakeRemoteQuery *query, List *exprs, ExprContext *context)
{
	static const Oid types[] = {InvalidOid, INT8OID, TIMESTAMPTZOID, TEXTOID};
	LakeReadPoint *points = (LakeReadPoint *) palloc0(sizeof(LakeReadPoint) * list_length(query->scan_points));
	int			next = list_length(query->param_types);
	ListCell   *lc;

	if (list_length(exprs) == next)
		return NULL;
	foreach(lc, query->scan_points)
	{
		LakeReadPointKind kind = (LakeReadPointKind) lfirst_int(lc);
		Oid			function;
		bool		is_varlena;
		bool		isnull;
		Datum		value;

		if (kind == LAKE_NOW)
			continue;
		value = ExecEvalExpr((ExprState *) list_nth(exprs, next++), context, &isnull);
		getTypeOutputInfo(types[kind], &function, &is_varlena);
		lake_read_point_of_text(kind, isnull ? NULL : OidOutputFunctionCall(function, value), &points[foreach_current_index(lc)]);
	}
	return points;
}

void
lake_evaluate_params(LakeRemoteQuery *query, List *exprs, ExprContext *context, LakeStreamParams *params)
{
	int			count = list_length(query->param_types);
	const char **values = (const char **) palloc0(sizeof(char *) * Max(count, 1));
	NullableDatum *datums = (NullableDatum *) palloc0(sizeof(NullableDatum) * Max(count, 1));
	int			nest_level;

	for (int i = 0; i < count; i++)
		datums[i].value = ExecEvalExpr((ExprState *) list_nth(exprs, i), context, &datums[i].isnull);
	nest_level = lake_set_transmission_modes();
	for (int i = 0; i < count; i++)
	{
		if (!datums[i].isnull)
			values[i] = text_of_value(getBaseType(list_nth_oid(query->param_types, i)), datums[i].value);
	}
	params->points = evaluate_points(query, exprs, context);
	lake_reset_transmission_modes(nest_level);
	params->count = count;
	params->values = values;
}

char *
lake_fill_holes(LakeRemoteQuery *query, const LakeStreamParams *params, Snapshot snapshot, int row_id_scan, const char *whole_files)
{
	StringInfoData sql;
	LakeReadPoint session;
	bool		travels = lake_session_read_point(&session);
	int			done = 0;

	initStringInfo(&sql);
	for (int i = 0; i < list_length(query->scan_offsets); i++)
	{
		int			offset = list_nth_int(query->scan_offsets, i);
		const LakeReadPoint *past = travels ? &session : NULL;
		Relation	rel;

		appendBinaryStringInfo(&sql, query->sql + done, offset - done);
		done = offset;
		if (params->points != NULL && params->points[i].kind != LAKE_NOW)
		{
			past = &params->points[i];
			lake_require_all_rows(list_nth_oid(query->scan_relids, i));
		}
		rel = table_open(list_nth_oid(query->scan_relids, i), AccessShareLock);
		if (!RelationIsScannable(rel))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("materialized view \"%s\" has not been populated", RelationGetRelationName(rel)),
					 errhint("Use the REFRESH MATERIALIZED VIEW command.")));
		if (past != NULL && i == row_id_scan)
			ereport(ERROR,
					(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
					 errmsg("rows of table \"%s\" cannot be changed or locked while pg_lake_iceberg.read_as_of is set", RelationGetRelationName(rel))));
		if (past != NULL)
			lake_append_past_scan_call(&sql, rel, snapshot, past);
		else
			lake_append_scan_call(&sql, rel, snapshot, i == row_id_scan, i == row_id_scan ? whole_files : NULL);
		table_close(rel, NoLock);
	}
	appendStringInfoString(&sql, query->sql + done);
	return sql.data;
}

/* The text with table names in the holes (PLAN-3, `Vectorized SQL`). */
static char *
readable_sql(LakeRemoteQuery *query)
{
	StringInfoData sql;
	int			done = 0;
	static const char *const points[] = {"", " AT SNAPSHOT", " AT TIME", " AT REF"};

	initStringInfo(&sql);
	for (int i = 0; i < list_length(query->scan_offsets); i++)
	{
		int			offset = list_nth_int(query->scan_offsets, i);
		Oid			relid = list_nth_oid(query->scan_relids, i);

		appendBinaryStringInfo(&sql, query->sql + done, offset - done);
		done = offset;
		lake_append_identifier(&sql, get_namespace_name(get_rel_namespace(relid)));
		appendStringInfoChar(&sql, '.');
		lake_append_identifier(&sql, get_rel_name(relid));
		if (query->scan_points != NIL)
			appendStringInfoString(&sql, points[list_nth_int(query->scan_points, i)]);
	}
	appendStringInfoString(&sql, query->sql + done);
	return sql.data;
}

static void
explain_reasons(LakeRemoteQuery *query, ExplainState *es)
{
	ListCell   *lc;
	int			number = 0;
	StringInfoData text;

	if (query->reasons == NIL)
		return;
	initStringInfo(&text);
	foreach(lc, query->reasons)
	{
		const char *reason = strVal(lfirst(lc));
		const char *tab = strchr(reason, '\t');

		if (tab == NULL)
			continue;
		if (es->format == EXPLAIN_FORMAT_TEXT)
			appendStringInfo(&text, "\n%*s%d: \t%.*s\n%*s\tDescription: %s", es->indent * 2 + 2, "", ++number, (int) (tab - reason),
							 reason, es->indent * 2 + 2, "", tab + 1);
		else
			appendStringInfo(&text, "%s%.*s: %s", number++ > 0 ? "; " : "", (int) (tab - reason), reason, tab + 1);
	}
	ExplainPropertyText("Not Vectorized Constructs", text.data, es);
}

/* Tables whose rows are sent ahead. */
static void
explain_stages(LakeRemoteQuery *query, ExplainState *es)
{
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, query->stages)
	{
		PlannedStmt *plan = (PlannedStmt *) lsecond((List *) lfirst(lc));
		Oid			relid = linitial_node(RangeTblEntry, plan->rtable)->relid;
		char	   *name = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));

		tables = lappend(tables, es->costs ? psprintf("%s (%.0f rows)", name, plan->planTree->plan_rows) : name);
	}
	if (tables != NIL)
		ExplainPropertyList("Streamed Tables", tables, es);
}

void
lake_explain_engine(LakeRemoteQuery *query, ExplainState *es)
{
	ExplainPropertyText("Engine", "DuckDB", es);
	explain_stages(query, es);
}

void
lake_explain_text(LakeRemoteQuery *query, ExplainState *es)
{
	if (!es->verbose)
		return;
	ExplainPropertyText("Vectorized SQL", readable_sql(query), es);
	explain_reasons(query, es);
}
