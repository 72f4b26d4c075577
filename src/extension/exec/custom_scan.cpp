/*
 * custom_scan.cpp
 *	  Execution of shipped queries. Both nodes do the same: when the first row is wanted, evaluate the parameters, fill the holes of the text with
 *	  what the statement's PostgreSQL snapshot sees, send it, and hand out the rows of the stream.
 *
 * A rescan with other parameters closes the stream, and the next row opens it again. Without, the rows are the same: they are kept when the plan says
 * that there will be such rescans, or from the first of them on, and handed out again (rows with row ids aside, which the executor looks up by them).
 */
extern "C" {
#include "postgres.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "nodes/execnodes.h"
#include "nodes/extensible.h"
#include "utils/memutils.h"
#include "miscadmin.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"
}

#include "am/row_stash.h"
#include "exec/custom_scan.h"
#include "exec/engine_plan.h"
#include "exec/modification.h"
#include "exec/query_text.h"
#include "exec/stage.h"
#include "exec/row_stream.h"
#include "txn/table_state.h"

typedef struct LakeScanState
{
	CustomScanState css;		/* must be first */
	LakeRemoteQuery *query;
	List	   *attnums;		/* of a table scan; NIL for a whole query */
	int			flags;			/* LAKE_SCAN_* */
	List	   *params;			/* of ExprState */
	LakeRowCodec *codec;
	MemoryContext stream_context;	/* of one execution; reset by a rescan */
	LakeRowStream *stream;
	LakeFieldForm form;			/* of the stream's fields; text only where they are not decoded */
	bool		as_they_come;	/* rows are not decoded: the current one is */
	const char *row;
	int			row_length;
	bool		finished;
	Tuplestorestate *kept;		/* rows for the next rescan, or NULL */
	TupleTableSlot *kept_slot;
	LakeTableState *table;		/* with LAKE_SCAN_STASH, once the stream is open */
	bool		counted;		/* in its open_scans */
	bool		explain_only;
	LakeProfile *profile;		/* NULL: not measured */
	LakePartUsage usage;
} LakeScanState;

static Node *create_query_state(CustomScan *scan);
static Node *create_table_state(CustomScan *scan);

static void lake_begin(CustomScanState *node, EState *estate, int eflags);
static TupleTableSlot *lake_exec(CustomScanState *node);
static void lake_end(CustomScanState *node);
static void lake_rescan(CustomScanState *node);
static void lake_explain(CustomScanState *node, List *ancestors, ExplainState *es);

CustomScanMethods lake_query_pushdown_methods = {"Query Pushdown", create_query_state};
CustomScanMethods lake_table_scan_methods = {"Lake Scan", create_table_state};

static CustomExecMethods query_exec_methods;
static CustomExecMethods table_exec_methods;

void
lake_register_custom_scans(void)
{
	query_exec_methods.CustomName = "Query Pushdown";
	query_exec_methods.BeginCustomScan = lake_begin;
	query_exec_methods.ExecCustomScan = lake_exec;
	query_exec_methods.EndCustomScan = lake_end;
	query_exec_methods.ReScanCustomScan = lake_rescan;
	query_exec_methods.ExplainCustomScan = lake_explain;
	table_exec_methods = query_exec_methods;
	table_exec_methods.CustomName = "Lake Scan";
	RegisterCustomScanMethods(&lake_query_pushdown_methods);
	RegisterCustomScanMethods(&lake_table_scan_methods);
}

static Node *
create_state(CustomScan *scan, List *packed, List *attnums, int flags, const CustomExecMethods *methods)
{
	LakeScanState *state = (LakeScanState *) newNode(sizeof(LakeScanState), T_CustomScanState);

	state->css.methods = methods;
	state->query = lake_unpack_remote_query(packed);
	state->attnums = attnums;
	state->flags = flags;
	return (Node *) state;
}

static Node *
create_query_state(CustomScan *scan)
{
	if (lake_modification_of_plan((Plan *) scan) != NULL)
		return lake_create_modification_state(scan);
	return create_state(scan, scan->custom_private, NIL, 0, &query_exec_methods);
}

static Node *
create_table_state(CustomScan *scan)
{
	return create_state(scan, (List *) linitial(scan->custom_private), (List *) lsecond(scan->custom_private),
						intVal(lthird(scan->custom_private)), &table_exec_methods);
}

/* Rows from here on are kept. */
static void
begin_keeping(LakeScanState *state)
{
	EState	   *estate = state->css.ss.ps.state;
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);

	state->kept = tuplestore_begin_heap(false, false, work_mem);
	tuplestore_set_eflags(state->kept, EXEC_FLAG_REWIND);
	state->kept_slot = ExecInitExtraTupleSlot(estate, state->css.ss.ss_ScanTupleSlot->tts_tupleDescriptor, &TTSOpsMinimalTuple);
	MemoryContextSwitchTo(old);
}

static void
lake_begin(CustomScanState *node, EState *estate, int eflags)
{
	LakeScanState *state = (LakeScanState *) node;
	CustomScan *scan = (CustomScan *) node->ss.ps.plan;

	state->params = ExecInitExprList(scan->custom_exprs, (PlanState *) node);
	state->codec = lake_make_result_codec(state->query->column_types, state->query->column_typmods, state->attnums);
	state->explain_only = (eflags & EXEC_FLAG_EXPLAIN_ONLY) != 0;
	if (lake_is_instrumented(estate, eflags))
		state->profile = lake_make_profile();
	state->stream_context = AllocSetContextCreate(estate->es_query_cxt, "lake scan stream", ALLOCSET_DEFAULT_SIZES);
	if ((eflags & EXEC_FLAG_REWIND) && !(eflags & EXEC_FLAG_EXPLAIN_ONLY) && state->flags == 0)
		begin_keeping(state);
}

/* ---------------------------------------------------------------- opening */

/* Where rows go that will be fetched by TID. It starts anew unless a trigger or another scan may still ask for what is in it. */
static void
open_stash(LakeScanState *state)
{
	Relation	rel = state->css.ss.ss_currentRelation;
	LakeTableState *table = lake_table_state(rel, true);
	MemoryContext old = MemoryContextSwitchTo(lake_state_context());

	if (table->scanned == NULL)
		table->scanned = lake_row_stash_create();
	else if (table->open_scans == 0 && rel->trigdesc == NULL)
		lake_row_stash_close(table->scanned);
	if (!state->counted)
		table->open_scans++;
	state->counted = true;
	state->table = table;
	MemoryContextSwitchTo(old);
}

static void
open_stream(LakeScanState *state)
{
	MemoryContext old = MemoryContextSwitchTo(state->stream_context);
	LakeStreamParams params;
	char	   *sql;

	lake_usage_start(&state->usage);
	lake_evaluate_params(state->query, state->params, state->css.ss.ps.ps_ExprContext, &params);
	sql = lake_fill_holes(state->query, &params, state->css.ss.ps.state->es_snapshot, (state->flags & LAKE_SCAN_ROW_IDS) ? 0 : -1, NULL);
	if (state->flags & LAKE_SCAN_STASH)
		open_stash(state);
	state->stream = lake_row_stream_open_profiled(lake_connection_with_stages(state->query, state->css.ss.ps.state),
												  list_length(state->query->stages), sql, &params, state->codec, state->form, state->profile,
												  &state->usage);
	MemoryContextSwitchTo(old);
}

LakeRowStream *
lake_open_query_stream(PlanState *node)
{
	LakeScanState *state = (LakeScanState *) node;

	open_stream(state);
	return state->stream;
}

bool
lake_take_rows_as_they_come(PlanState *node, LakeFieldForm form)
{
	LakeScanState *state = (LakeScanState *) node;
	TupleTableSlot *slot = state->css.ss.ss_ScanTupleSlot;

	if (state->stream != NULL || state->finished || state->kept != NULL || node->qual != NULL || node->ps_ProjInfo != NULL)
		return false;
	state->form = form;
	state->as_they_come = true;
	memset(slot->tts_isnull, true, slot->tts_tupleDescriptor->natts);
	return true;
}

void
lake_current_row(PlanState *node, const char **bytes, int *length)
{
	LakeScanState *state = (LakeScanState *) node;

	*bytes = state->row;
	*length = state->row_length;
}

/* ---------------------------------------------------------------- rows */

/* The next row of the stream, in the slot or beside it. */
static bool
next_of_stream(LakeScanState *state, TupleTableSlot *slot)
{
	if (!state->as_they_come)
		return lake_row_stream_next(state->stream, slot);
	ExecClearTuple(slot);
	if (!lake_row_stream_next_bytes(state->stream, &state->row, &state->row_length))
		return false;
	ExecStoreVirtualTuple(slot);
	return true;
}

/* The next row of those kept; false when all have been handed out again. */
static bool
next_kept(LakeScanState *state, TupleTableSlot *slot)
{
	TupleTableSlot *kept = state->kept_slot;
	int			natts = slot->tts_tupleDescriptor->natts;

	if (!tuplestore_gettupleslot(state->kept, true, false, kept))
		return false;
	slot_getallattrs(kept);
	ExecClearTuple(slot);
	memcpy(slot->tts_values, kept->tts_values, sizeof(Datum) * natts);
	memcpy(slot->tts_isnull, kept->tts_isnull, sizeof(bool) * natts);
	ExecStoreVirtualTuple(slot);
	return true;
}

static TupleTableSlot *
lake_next(ScanState *node)
{
	LakeScanState *state = (LakeScanState *) node;
	TupleTableSlot *slot = node->ss_ScanTupleSlot;

	if (state->kept != NULL && next_kept(state, slot))
	{
		if (node->ss_currentRelation != NULL)
			slot->tts_tableOid = RelationGetRelid(node->ss_currentRelation);
		return slot;
	}
	if (state->finished)
		return ExecClearTuple(slot);
	if (state->stream == NULL)
		open_stream(state);
	if (!next_of_stream(state, slot))
	{
		state->finished = true;
		return slot;
	}
	if (node->ss_currentRelation != NULL)
		slot->tts_tableOid = RelationGetRelid(node->ss_currentRelation);
	if (state->flags & LAKE_SCAN_ROW_IDS)
		lake_row_number_to_tid(state->codec->row_id + 1, &slot->tts_tid);
	if (state->kept != NULL)
		tuplestore_puttupleslot(state->kept, slot);
	return slot;
}

static bool
lake_recheck(ScanState *node, TupleTableSlot *slot)
{
	/* Only a concurrently updated row is rechecked, and rows of lake tables are never updated in place. */
	return true;
}

static TupleTableSlot *
lake_exec(CustomScanState *node)
{
	LakeScanState *state = (LakeScanState *) node;
	TupleTableSlot *result = ExecScan(&node->ss, (ExecScanAccessMtd) lake_next, (ExecScanRecheckMtd) lake_recheck);

	/* Only rows that pass the filters that stayed here. An EvalPlanQual's own row was kept when it was read. */
	if ((state->flags & LAKE_SCAN_STASH) && state->table != NULL && !TupIsNull(result) && node->ss.ps.state->es_epq_active == NULL)
	{
		TupleTableSlot *row = node->ss.ss_ScanTupleSlot;

		lake_row_stash_put(state->table->scanned, lake_tid_to_row_number(&row->tts_tid), row);
	}
	return result;
}

static void
lake_rescan(CustomScanState *node)
{
	LakeScanState *state = (LakeScanState *) node;

	ExecScanReScan(&node->ss);
	if (node->ss.ps.chgParam == NULL && state->kept != NULL)
	{
		tuplestore_rescan(state->kept);
		return;
	}
	if (state->kept != NULL)
		tuplestore_clear(state->kept);
	else if (node->ss.ps.chgParam == NULL && state->flags == 0 && (state->stream != NULL || state->finished))
		begin_keeping(state);
	MemoryContextReset(state->stream_context);
	state->stream = NULL;
	state->finished = false;
}

static void
lake_end(CustomScanState *node)
{
	LakeScanState *state = (LakeScanState *) node;

	if (state->kept != NULL)
		tuplestore_end(state->kept);
	if (state->counted)
		state->table->open_scans--;
	lake_count_part(node->ss.ps.state, node->ss.ss_currentRelation == NULL ? LAKE_PART_QUERY : LAKE_PART_SCAN,
					node->ss.ss_currentRelation == NULL ? InvalidOid : RelationGetRelid(node->ss.ss_currentRelation), state->query->reasons,
					&state->usage);
	/* Closes the stream, too. */
	MemoryContextDelete(state->stream_context);
	state->stream = NULL;
}

/* ---------------------------------------------------------------- EXPLAIN */

static void
lake_explain(CustomScanState *node, List *ancestors, ExplainState *es)
{
	LakeScanState *state = (LakeScanState *) node;
	LakeExplained explained = {};

	if (state->profile != NULL && state->stream != NULL)
		lake_row_stream_stop(state->stream);
	explained.query = state->query;
	explained.planstate = &node->ss.ps;
	explained.params = state->params;
	explained.row_id_scan = (state->flags & LAKE_SCAN_ROW_IDS) ? 0 : -1;
	explained.profile = state->profile;
	explained.explain_only = state->explain_only;
	lake_explain_query(&explained, es);
}
