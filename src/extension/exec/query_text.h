/*
 * query_text.h
 *	  A remote query when it is executed: its parameters, its holes, and how EXPLAIN shows it.
 */
#ifndef LAKE_EXEC_QUERY_TEXT_H
#define LAKE_EXEC_QUERY_TEXT_H

extern "C" {
#include "postgres.h"
#include "commands/explain.h"
#include "nodes/execnodes.h"
#include "utils/snapshot.h"
}

#include "exec/remote_query.h"
#include "exec/row_stream.h"

/* Values in the current memory context. exprs: List of ExprState, those of CustomScan.custom_exprs. */
extern void lake_evaluate_params(LakeRemoteQuery *query, List *exprs, ExprContext *context, LakeStreamParams *params);

/*
 * The SQL with what the PostgreSQL snapshot sees in its holes. The scan of that number gives row ids; -1: none does. It leaves out the data files whose
 * rows all meet the conditions (plan/whole_files.h; NULL: none).
 */
extern char *lake_fill_holes(LakeRemoteQuery *query, const LakeStreamParams *params, Snapshot snapshot, int row_id_scan, const char *whole_files);

/* Who executes it, and what is sent ahead; and with VERBOSE its text, and why it is not more. */
extern void lake_explain_engine(LakeRemoteQuery *query, ExplainState *es);
extern void lake_explain_text(LakeRemoteQuery *query, ExplainState *es);

#endif
