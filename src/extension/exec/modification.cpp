/*
 * modification.cpp
 *	  INSERT .. SELECT, UPDATE, DELETE and MERGE in the server: one COPY (query) TO .. (FORMAT lake), whose answer is a change (docs/link.md, "Queries
 *	  that write").
 *
 * The server only says that a row breaks a constraint. Which one, and PostgreSQL's words for it, are found by reading the new rows here.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "nodes/extensible.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
}

#include "compat/compat.h"
#include "ddl/options.h"
#include "exec/engine_plan.h"
#include "exec/modification.h"
#include "exec/query_text.h"
#include "exec/stage.h"
#include "link/sql_text.h"
#include "stats/query_stats.h"
#include "txn/set_write.h"

typedef struct ModificationState
{
	CustomScanState css;		/* must be first */
	LakeRemoteQuery *query;
	LakeModification *modification;
	List	   *params;			/* of ExprState */
	bool		finished;
	bool		explain_only;
	LakeProfile *profile;		/* NULL: not measured */
	LakePartUsage usage;
} ModificationState;

LakeModification *
lake_modification_of_plan(Plan *plan)
{
	if (plan == NULL || !IsA(plan, CustomScan) || ((CustomScan *) plan)->methods != &lake_query_pushdown_methods ||
		!IsA(linitial(((CustomScan *) plan)->custom_private), List))
		return NULL;
	return lake_unpack_modification(((CustomScan *) plan)->custom_private);
}

static void
begin(CustomScanState *node, EState *estate, int eflags)
{
	ModificationState *state = (ModificationState *) node;

	state->params = ExecInitExprList(((CustomScan *) node->ss.ps.plan)->custom_exprs, (PlanState *) node);
	state->explain_only = (eflags & EXEC_FLAG_EXPLAIN_ONLY) != 0;
	if (lake_is_instrumented(estate, eflags))
		state->profile = lake_make_profile();
}

/* ---------------------------------------------------------------- what is wrong with a row */

/* The table's columns of the rows that the query would write. */
static char *
new_rows_query(ModificationState *state, const char *sql, int ncolumns)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "SELECT ");
	for (int i = 0; i < ncolumns; i++)
		appendStringInfo(&text, "%sc%d", i > 0 ? ", " : "", i);
	appendStringInfo(&text, " FROM (%s) AS q(%s%s", sql, state->modification->target_scan >= 0 ? "row_id, " : "",
					 state->modification->has_actions ? "action, " : "");
	for (int i = 0; i < ncolumns; i++)
		appendStringInfo(&text, "%sc%d", i > 0 ? ", " : "", i);
	appendStringInfo(&text, "%s)", state->modification->has_check ? ", kept" : "");
	if (state->modification->has_actions)
		appendStringInfo(&text, " WHERE action IN (%d, %d)", LAKE_ACTION_INSERT, LAKE_ACTION_UPDATE);
	return text.data;
}

/* Reads the new rows until one raises PostgreSQL's own error. */
static void
report_violation(ModificationState *state, Relation rel, const char *sql, LakeStreamParams *params)
{
	EState	   *estate = state->css.ss.ps.state;
	LakeRowCodec *decoder = lake_make_relation_codec(rel, RelationGetDescr(rel), true, false);
	LakeRowCodec *encoder = lake_make_relation_codec(rel, RelationGetDescr(rel), false, false);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(rel), &TTSOpsVirtual);
	ResultRelInfo *target = makeNode(ResultRelInfo);
	LakeRowStream *stream = lake_row_stream_open_on(lake_connection_with_stages(state->query, estate), list_length(state->query->stages),
													new_rows_query(state, sql, decoder->ncolumns), params, decoder);
	StringInfoData encoded;

	encoder->rules.for_snowflake = lake_is_for_snowflake(rel);
	InitResultRelInfo(target, rel, state->modification->rtindex, NULL, 0);
	initStringInfo(&encoded);
	while (lake_row_stream_next(stream, slot))
	{
		if (RelationGetDescr(rel)->constr != NULL)
			ExecConstraints(target, slot, estate);
		resetStringInfo(&encoded);
		lake_encode_row(encoder, slot, &encoded);
	}
	elog(ERROR, "the query engine found a row that table \"%s\" cannot hold, and no row is such", RelationGetRelationName(rel));
}

/* ---------------------------------------------------------------- execution */

static void
count_rows(ModificationState *state, Relation rel, const LakeSetWrite *write)
{
	CmdType		operation = state->modification->operation;
	int64		updated = operation == CMD_UPDATE ? write->affected : 0;

	if (state->modification->can_set_tag)
		state->css.ss.ps.state->es_processed += write->affected;
	lake_count_changes(rel, write->rows - updated, updated, write->deleted - updated);
}

static void
modify(ModificationState *state)
{
	LakeModification *modification = state->modification;
	EState	   *estate = state->css.ss.ps.state;
	Relation	rel = table_open(modification->relid, NoLock);
	LakeStreamParams params;
	LakeSetWrite write = {};
	instr_time	wait;
	instr_time	now;
	char	   *sql;

	lake_evaluate_params(state->query, state->params, state->css.ss.ps.ps_ExprContext, &params);
	sql = lake_fill_holes(state->query, &params, estate->es_snapshot, modification->target_scan, modification->whole_files);
	write.relation = rel;
	write.query = state->query;
	write.estate = estate;
	write.sql = sql;
	write.params = &params;
	write.profile = state->profile;
	write.changes_rows = modification->target_scan >= 0;
	write.has_actions = modification->has_actions;
	write.writes_rows = modification->writes_rows;
	write.has_check = modification->has_check;
	write.whole_files = modification->whole_files;
	if (modification->whole_files != NULL)
		write.visible_changes = lake_visible_changes(rel, estate->es_snapshot, true);
	write.is_upsert = modification->operation == CMD_MERGE && estate->es_plannedstmt->commandType == CMD_INSERT;
	INSTR_TIME_SET_CURRENT(wait);
	if (!lake_write_set(&write, estate->es_output_cid))
		report_violation(state, rel, sql, &params);
	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_ACCUM_DIFF(state->usage.engine_time, now, wait);
	state->usage.rows = write.affected;
	count_rows(state, rel, &write);
	table_close(rel, NoLock);
}

static TupleTableSlot *
exec(CustomScanState *node)
{
	ModificationState *state = (ModificationState *) node;
	MemoryContext context;
	MemoryContext old;

	if (state->finished)
		return NULL;
	state->finished = true;
	lake_usage_start(&state->usage);
	context = AllocSetContextCreate(node->ss.ps.state->es_query_cxt, "lake modification", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	modify(state);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return NULL;
}

static void
end(CustomScanState *node)
{
	ModificationState *state = (ModificationState *) node;

	lake_count_part(node->ss.ps.state, LAKE_PART_MODIFICATION, state->modification->relid, NIL, &state->usage);
}

static void
rescan(CustomScanState *node)
{
	elog(ERROR, "a modification in the query engine is executed once");
}

static void
explain(CustomScanState *node, List *ancestors, ExplainState *es)
{
	ModificationState *state = (ModificationState *) node;
	static const char *const names[] = {"", "Select", "Update", "Insert", "Delete", "Merge"};

	LakeExplained explained = {};

	ExplainPropertyText("Operation", names[state->modification->operation], es);
	if (state->modification->operation == CMD_INSERT)
		ExplainPropertyText("INSERT INTO", quote_qualified_identifier(get_namespace_name(get_rel_namespace(state->modification->relid)),
																	  get_rel_name(state->modification->relid)), es);
	explained.query = state->query;
	explained.planstate = &node->ss.ps;
	explained.params = state->params;
	explained.row_id_scan = state->modification->target_scan;
	explained.whole_files = state->modification->whole_files;
	explained.profile = state->profile;
	explained.explain_only = state->explain_only;
	lake_explain_query(&explained, es);
}

Node *
lake_create_modification_state(CustomScan *scan)
{
	static CustomExecMethods methods;
	ModificationState *state = (ModificationState *) newNode(sizeof(ModificationState), T_CustomScanState);

	methods.CustomName = "Query Pushdown";
	methods.BeginCustomScan = begin;
	methods.ExecCustomScan = exec;
	methods.EndCustomScan = end;
	methods.ReScanCustomScan = rescan;
	methods.ExplainCustomScan = explain;
	state->css.methods = &methods;
	state->query = lake_unpack_remote_query((List *) linitial(scan->custom_private));
	state->modification = lake_unpack_modification(scan->custom_private);
	return (Node *) state;
}
