/*
 * scan_cost.cpp
 *	  See scan_cost.h. Filters that go to the server cost nothing per row here and next to nothing there; what counts is the values that are read,
 *	  the rows that come over the link, and the filters that stay.
 */
extern "C" {
#include "postgres.h"
#include "access/sysattr.h"
#include "catalog/pg_statistic.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/syscache.h"
}

#include "plan/deparse.h"
#include "plan/scan_cost.h"
#include "plan/statement.h"

/* Rows of a row group, below which nothing is pruned. */
#define ROW_GROUP_ROWS 122880.0

Cost
lake_row_transfer_cost(List *exprs)
{
	Cost		cost = LAKE_ROW_COST;
	ListCell   *lc;

	foreach(lc, exprs)
	{
		Node	   *expr = (Node *) lfirst(lc);
		Oid			type = exprType(expr);

		cost += get_typlen(type) > 0 ? LAKE_FIXED_COST : LAKE_VARIABLE_COST;
		cost += LAKE_BYTE_COST * get_typavgwidth(type, exprTypmod(expr));
	}
	return cost;
}

/* ---------------------------------------------------------------- what is read */

/* The correlation of a column with the order of rows, squared; 0 when it is not known. */
static double
squared_correlation(PlannerInfo *root, Var *var)
{
	HeapTuple	tuple = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(planner_rt_fetch(var->varno, root)->relid),
										Int16GetDatum(var->varattno), BoolGetDatum(false));
	AttStatsSlot slot;
	double		correlation = 0;

	if (!HeapTupleIsValid(tuple))
		return 0;
	if (get_attstatsslot(&slot, tuple, STATISTIC_KIND_CORRELATION, InvalidOid, ATTSTATSSLOT_NUMBERS))
	{
		if (slot.nnumbers == 1)
			correlation = slot.numbers[0];
		free_attstatsslot(&slot);
	}
	ReleaseSysCache(tuple);
	return correlation * correlation;
}

double
lake_rows_read(PlannerInfo *root, RelOptInfo *rel, List *clauses)
{
	double		fraction = 1;
	ListCell   *lc;

	foreach(lc, clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		List	   *vars = pull_var_clause((Node *) rinfo->clause, PVC_RECURSE_AGGREGATES | PVC_RECURSE_WINDOWFUNCS | PVC_RECURSE_PLACEHOLDERS);
		Var		   *var = vars == NIL ? NULL : (Var *) linitial(vars);
		double		pruned;

		/* OR and functions of the column prune too, but nobody knows how well */
		if (list_length(vars) != 1 || (Index) var->varno != rel->relid || var->varattno <= 0 || rinfo->orclause != NULL)
			continue;
		pruned = squared_correlation(root, var) * (1 - clause_selectivity(root, (Node *) rinfo, 0, JOIN_INNER, NULL));
		fraction = Min(fraction, 1 - pruned);
	}
	return Min(rel->tuples, Max(fraction * rel->tuples, ROW_GROUP_ROWS));
}

/* Columns of the relation in its target and filters. */
static int
columns_read(RelOptInfo *rel)
{
	Bitmapset  *used = NULL;
	ListCell   *lc;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &used);
	foreach(lc, rel->baserestrictinfo)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, lc)->clause, rel->relid, &used);
	return Max(bms_num_members(used), 1);
}

/* ---------------------------------------------------------------- one table */

/* The clauses that go along with the scan, as table_scan_path.cpp decides it, and the cost of those that stay. */
static List *
shipped_clauses(PlannerInfo *root, RelOptInfo *rel, List *clauses, QualCost *local)
{
	LakeDeparse ctx;
	List	   *shipped = NIL;
	ListCell   *lc;

	lake_deparse_begin_scan(&ctx, root->parse, rel->relid);
	foreach(lc, clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		bool		may_ship = rinfo->security_level <= rel->baserestrict_min_security || rinfo->leakproof;
		QualCost	cost;

		if (rinfo->pseudoconstant)
			continue;
		if (may_ship && lake_deparse_scan_qual(&ctx, (Node *) rinfo->clause))
		{
			shipped = lappend(shipped, rinfo);
			continue;
		}
		cost_qual_eval_node(&cost, (Node *) rinfo, root);
		local->startup += cost.startup;
		local->per_tuple += cost.per_tuple;
	}
	return shipped;
}

void
lake_cost_table_scan(PlannerInfo *root, RelOptInfo *rel, Path *path)
{
	List	   *clauses = path->param_info != NULL ? list_concat_copy(rel->baserestrictinfo, path->param_info->ppi_clauses) : rel->baserestrictinfo;
	QualCost	local = {};
	List	   *shipped = shipped_clauses(root, rel, clauses, &local);
	double		sent = clamp_row_est(rel->tuples * clauselist_selectivity(root, shipped, 0, JOIN_INNER, NULL));

	path->rows = path->param_info != NULL ? path->param_info->ppi_rows : rel->rows;
	path->startup_cost = LAKE_STARTUP_COST + local.startup + path->pathtarget->cost.startup;
	path->total_cost = path->startup_cost + LAKE_VALUE_COST * lake_rows_read(root, rel, shipped) * columns_read(rel) +
		(lake_row_transfer_cost(rel->reltarget->exprs) + local.per_tuple) * sent + path->pathtarget->cost.per_tuple * path->rows;
}
