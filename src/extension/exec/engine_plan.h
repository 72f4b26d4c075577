/*
 * engine_plan.h
 *	  The server's side of a plan in EXPLAIN: what it will do, or did (surface.md PLAN-3 and PLAN-4).
 */
#ifndef LAKE_EXEC_ENGINE_PLAN_H
#define LAKE_EXEC_ENGINE_PLAN_H

extern "C" {
#include "postgres.h"
#include "nodes/execnodes.h"
}

#include "compat/compat_explain.h"
#include "exec/profile.h"
#include "exec/remote_query.h"

/* A remote query in a plan that is being explained. */
typedef struct LakeExplained
{
	LakeRemoteQuery *query;
	PlanState  *planstate;
	List	   *params;			/* of ExprState, for those of the query */
	int			row_id_scan;	/* as for lake_fill_holes */
	const char *whole_files;
	LakeProfile *profile;		/* NULL: it was not executed, or nobody asked */
	bool		explain_only;	/* it will never be executed: the server may be asked for its plan */
} LakeExplained;

/* True when what the node does is to be measured: EXPLAIN ANALYZE, auto_explain.log_analyze. */
extern bool lake_is_instrumented(EState *estate, int eflags);

/*
 * Prints Engine, tables, text and, as children of the node, the server's operators. Without ANALYZE the server plans the query and does not run it.
 */
extern void lake_explain_query(LakeExplained *explained, ExplainState *es);

#endif
