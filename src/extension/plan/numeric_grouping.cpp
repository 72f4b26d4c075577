/*
 * numeric_grouping.cpp
 *	  Grouping by numerics in text form (numeric_shape.h): 1.0 and 1.00 are one group, and which of them stands for it is PostgreSQL's choice, the
 *	  first row that it saw. So their groups are shipped where equal values have equal scales, or where nobody sees the representative.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

#include "compat/compat.h"
#include "plan/deparse.h"
#include "plan/numeric_shape.h"

/* A quotient has 16 significant digits and more: different dividends of so many digits have different quotients by the same divisor. */
#define MAX_DIVIDEND_DIGITS 15

static bool
call_follows_value(const LakeLevel *level, Oid funcid, List *args)
{
	Node	   *first = args == NIL ? NULL : (Node *) linitial(args);
	LakeNumericShape dividend;

	switch (funcid)
	{
		case F_CEIL_NUMERIC:
		case F_CEILING_NUMERIC:
		case F_FLOOR_NUMERIC:
		case F_SIGN_NUMERIC:
		case F_NUMERIC_FLOAT4:
		case F_NUMERIC_FLOAT8:
			return true;
		case F_ROUND_NUMERIC_INT4:
		case F_TRUNC_NUMERIC_INT4:
		case F_NUMERIC_NUMERIC_INT4:
			return IsA(lsecond(args), Const);
		case F_NUMERIC_UMINUS:
		case F_NUMERIC_UPLUS:
		case F_NUMERIC_ABS:
		case F_ABS_NUMERIC:
			return lake_scale_follows_value(level, first);
		case F_NUMERIC_DIV:
			return IsA(lsecond(args), Const) && lake_numeric_shape(level, first, &dividend) && !dividend.varying &&
				dividend.precision <= MAX_DIVIDEND_DIGITS;
		default:
			return false;
	}
}

static bool
var_follows_value(const LakeLevel *level, Var *var)
{
	RangeTblEntry *rte;
	LakeLevel	inner = {NULL, NULL, NULL, NULL, NIL, false, false};
	TargetEntry *tle;

	/* of a numeric(p,s) that no DECIMAL holds */
	if (var->vartypmod >= (int32) VARHDRSZ)
		return true;
	for (Index i = 0; i < var->varlevelsup && level != NULL; i++)
		level = level->outer;
	if (level == NULL || var->varattno <= 0 || var->varno > list_length(level->query->rtable))
		return false;
	rte = rt_fetch(var->varno, level->query->rtable);
	if (rte->rtekind == RTE_JOIN)
		return lake_scale_follows_value(level, (Node *) list_nth(rte->joinaliasvars, var->varattno - 1));
	if (rte->rtekind != RTE_SUBQUERY || rte->subquery->setOperations != NULL)
		return false;
	inner.query = rte->subquery;
	inner.outer = (LakeLevel *) level;
	tle = get_tle_by_resno(rte->subquery->targetList, var->varattno);
	return tle != NULL && lake_scale_follows_value(&inner, (Node *) tle->expr);
}

bool
lake_scale_follows_value(const LakeLevel *level, Node *expr)
{
	LakeNumericShape shape;

	if (!lake_numeric_shape(level, expr, &shape))
		return false;
	if (!shape.varying)
		return true;
	switch (nodeTag(expr))
	{
		case T_Const:
		case T_Param:
			return true;
		case T_Var:
			return var_follows_value(level, (Var *) expr);
		case T_RelabelType:
			return lake_scale_follows_value(level, (Node *) ((RelabelType *) expr)->arg);
		case T_OpExpr:
			return call_follows_value(level, get_opcode(((OpExpr *) expr)->opno), ((OpExpr *) expr)->args);
		case T_FuncExpr:
			return call_follows_value(level, ((FuncExpr *) expr)->funcid, ((FuncExpr *) expr)->args);
		default:
			return false;
	}
}

/* What stands inside an aggregate is computed for each row. */
static bool
mentions(Node *node, void *expr)
{
	if (node == NULL || IsA(node, Aggref))
		return false;
	if (equal(node, expr))
		return true;
	return expression_tree_walker(node, LAKE_WALKER(mentions), expr);
}

bool
lake_group_is_unseen(Query *query, TargetEntry *group)
{
	ListCell   *lc;

	if (!group->resjunk || query->groupingSets != NIL || mentions(query->havingQual, group->expr))
		return false;
	foreach(lc, query->targetList)
	{
		if (lfirst(lc) != group && mentions((Node *) lfirst_node(TargetEntry, lc)->expr, group->expr))
			return false;
	}
	return true;
}
