/*
 * numeric_shape.cpp
 *	  Precision and scale of numeric expressions.
 *
 * Follows PostgreSQL's scale rules (numeric.c) for the scale and DuckDB's for the width; where a rule would give different scales in different
 * rows (CASE with constants of another scale, division, sum over a mix), or where the width may not do, the expression is varying.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
}

#include "compat/compat.h"
#include "plan/deparse.h"
#include "plan/numeric_shape.h"
#include "plan/ship_type.h"
#include "plan/shippable_catalog.h"

static bool
set_varying(LakeNumericShape *shape)
{
	*shape = (LakeNumericShape) {0, 0, true, false, 0};
	return true;
}

static bool
set_shape(LakeNumericShape *shape, int precision, int scale)
{
	if (scale > LAKE_MAX_DECIMAL || (precision > LAKE_MAX_DECIMAL && scale > LAKE_MAX_RESULT_SCALE))
		return set_varying(shape);
	*shape = (LakeNumericShape) {Max(Min(precision, LAKE_MAX_DECIMAL), 1), scale, false, false, scale};
	return true;
}

/* Values of this shape, which display min_scale to scale decimals. */
static bool
set_held(LakeNumericShape *shape, int precision, int scale, int min_scale)
{
	if (min_scale == scale)
		return set_shape(shape, precision, scale);
	if (precision > LAKE_MAX_DECIMAL)
		return set_varying(shape);
	*shape = (LakeNumericShape) {Max(precision, 1), scale, true, true, min_scale};
	return true;
}

/* A DECIMAL holds the values. */
static bool
has_decimal(const LakeNumericShape *shape)
{
	return !shape->varying || shape->held;
}

bool
lake_unify_shapes(const LakeNumericShape *a, const LakeNumericShape *b, LakeNumericShape *result)
{
	int			scale = Max(a->scale, b->scale);

	if (!has_decimal(a) || !has_decimal(b))
		return set_varying(result);
	if (!a->varying && !b->varying && a->scale == b->scale)
		return set_shape(result, Max(a->precision, b->precision), a->scale);
	return set_held(result, Max(a->precision - a->scale, b->precision - b->scale) + scale, scale, Min(a->min_scale, b->min_scale));
}

bool
lake_shapes_comparable(const LakeNumericShape *a, const LakeNumericShape *b)
{
	LakeNumericShape common;
	int			scale = Max(a->scale, b->scale);

	return !a->varying && !b->varying &&
		set_shape(&common, Max(a->precision - a->scale, b->precision - b->scale) + scale, scale) && !common.varying;
}

void
lake_numeric_const_shape(Datum value, LakeNumericShape *shape)
{
	char	   *text;
	const char *point;
	int			integer_digits = 0;
	int			scale;

	if (numeric_is_nan(DatumGetNumeric(value)) || numeric_is_inf(DatumGetNumeric(value)))
	{
		set_varying(shape);
		return;
	}
	text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	if (*text == '-')
		text++;
	point = strchr(text, '.');
	integer_digits = point == NULL ? strlen(text) : point - text;
	if (text[0] == '0')
		integer_digits = 0;
	scale = point == NULL ? 0 : strlen(point + 1);
	if (integer_digits + scale > LAKE_MAX_DECIMAL)
		set_varying(shape);
	else
		set_shape(shape, integer_digits + scale, scale);
}

/* What all expressions that are not the NULL constant have in common. */
static bool
common_shape(const LakeLevel *level, List *exprs, LakeNumericShape *shape)
{
	bool		found = false;
	ListCell   *lc;

	foreach(lc, exprs)
	{
		Node	   *expr = (Node *) lfirst(lc);
		LakeNumericShape one;

		if (expr == NULL || (IsA(expr, Const) && ((Const *) expr)->constisnull))
			continue;
		if (!lake_numeric_shape(level, expr, &one))
			return false;
		if (!found)
			*shape = one;
		else
			lake_unify_shapes(shape, &one, shape);
		found = true;
	}
	return found || set_shape(shape, 1, 0);
}

/* An output column of a set operation: the shape that all its leaves share. */
static bool
set_operation_shape(const LakeLevel *level, Node *node, AttrNumber attno, LakeNumericShape *shape)
{
	if (IsA(node, SetOperationStmt))
	{
		SetOperationStmt *op = (SetOperationStmt *) node;
		LakeNumericShape right;

		return set_operation_shape(level, op->larg, attno, shape) &&
			set_operation_shape(level, op->rarg, attno, &right) &&
			lake_unify_shapes(shape, &right, shape);
	}
	return lake_column_shape(level, rt_fetch(((RangeTblRef *) node)->rtindex, level->query->rtable)->subquery, attno, shape);
}

bool
lake_column_shape(const LakeLevel *outer, Query *query, AttrNumber attno, LakeNumericShape *shape)
{
	LakeLevel	level = {query, (LakeLevel *) outer, NULL, NULL, NIL, false, false};
	ListCell   *lc;

	if (query->setOperations != NULL)
		return set_operation_shape(&level, query->setOperations, attno, shape);
	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (tle->resno != attno)
			continue;
		/* a leaf of a set operation may be an integer that the set operation makes numeric */
		switch (exprType((Node *) tle->expr))
		{
			case INT2OID:
				return set_shape(shape, 5, 0);
			case INT4OID:
				return set_shape(shape, 10, 0);
			case INT8OID:
				return set_shape(shape, 19, 0);
			default:
				return lake_numeric_shape(&level, (Node *) tle->expr, shape);
		}
	}
	return false;
}

static bool
cte_shape(const LakeLevel *level, RangeTblEntry *rte, AttrNumber attno, LakeNumericShape *shape)
{
	ListCell   *lc;

	for (Index i = 0; i < rte->ctelevelsup && level != NULL; i++)
		level = level->outer;
	if (level == NULL)
		return false;
	foreach(lc, level->query->cteList)
	{
		CommonTableExpr *cte = lfirst_node(CommonTableExpr, lc);

		if (strcmp(cte->ctename, rte->ctename) == 0)
			return !cte->cterecursive && IsA(cte->ctequery, Query) &&
				lake_column_shape(level, (Query *) cte->ctequery, attno, shape);
	}
	return false;
}

static bool
var_shape(const LakeLevel *level, Var *var, LakeNumericShape *shape)
{
	RangeTblEntry *rte;
	List	   *column = NIL;
	ListCell   *lc;
	int			precision;
	int			scale;
	int32		typmod = var->vartypmod;

	getBaseTypeAndTypmod(var->vartype, &typmod);
	if (lake_decimal_typmod(typmod, &precision, &scale))
		return set_shape(shape, precision, scale);
	for (Index i = 0; i < var->varlevelsup && level != NULL; i++)
		level = level->outer;
	if (level == NULL || var->varattno <= 0 || var->varno > list_length(level->query->rtable))
		return false;
	rte = rt_fetch(var->varno, level->query->rtable);
	switch (rte->rtekind)
	{
		case RTE_SUBQUERY:
			return lake_column_shape(level, rte->subquery, var->varattno, shape);
		case RTE_CTE:
			return cte_shape(level, rte, var->varattno, shape);
		case RTE_JOIN:
			return lake_numeric_shape(level, (Node *) list_nth(rte->joinaliasvars, var->varattno - 1), shape);
		case RTE_VALUES:
			foreach(lc, rte->values_lists)
				column = lappend(column, list_nth((List *) lfirst(lc), var->varattno - 1));
			return common_shape(level, column, shape);
		case RTE_RELATION:
			/* stored in its text form, or sent so */
			return set_varying(shape);
		default:
			return false;
	}
}

/* Where two summands of at most 18 digits give more, the deparser widens the left one: see lake_rule_decimal(). */
static bool
arithmetic_shape(const LakeLevel *level, Oid funcid, List *args, LakeNumericShape *shape)
{
	LakeNumericShape left;
	LakeNumericShape right;
	int			precision;
	int			scale;

	if (!lake_numeric_shape(level, (Node *) linitial(args), &left) || !lake_numeric_shape(level, (Node *) lsecond(args), &right))
		return false;
	if (!has_decimal(&left) || !has_decimal(&right))
		return set_varying(shape);
	if (left.varying || right.varying)
	{
		bool		product = funcid == F_NUMERIC_MUL;
		int			min_scale = product ? left.min_scale + right.min_scale : Max(left.min_scale, right.min_scale);

		scale = product ? left.scale + right.scale : Max(left.scale, right.scale);
		if (min_scale != scale)
			return set_held(shape, product ? left.precision + right.precision :
							Max(left.precision - left.scale, right.precision - right.scale) + scale + 1, scale, min_scale);
	}
	if (funcid == F_NUMERIC_MUL)
		return set_shape(shape, left.precision + right.precision, left.scale + right.scale);
	scale = Max(left.scale, right.scale);
	for (;;)
	{
		precision = Max(left.precision - left.scale, right.precision - right.scale) + scale + 1;
		if (precision <= LAKE_MAX_INT64_DECIMAL || Max(left.precision, right.precision) > LAKE_MAX_INT64_DECIMAL)
			return set_shape(shape, precision, scale);
		left.precision = LAKE_MAX_INT64_DECIMAL + 1;
	}
}

/* Arguments that are numerics have shapes. */
static bool
have_shapes(const LakeLevel *level, List *args)
{
	LakeNumericShape shape;
	ListCell   *lc;

	foreach(lc, args)
	{
		if (getBaseType(exprType((Node *) lfirst(lc))) == NUMERICOID && !lake_numeric_shape(level, (Node *) lfirst(lc), &shape))
			return false;
	}
	return true;
}

/* To so many digits behind the point: with room for the carry. */
static bool
rounded_shape(const LakeNumericShape *arg, Const *decimals, LakeNumericShape *shape)
{
	int			scale;

	if (!lake_is_nonnull_const((Node *) decimals))
		return set_varying(shape);
	scale = DatumGetInt32(decimals->constvalue);
	if (!has_decimal(arg) || scale < 0 || scale > LAKE_MAX_RESULT_SCALE)
		return set_varying(shape);
	return set_shape(shape, arg->precision - arg->scale + scale + 1, scale);
}

static bool
is_infinite_at_times(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param) || IsA(node, CoerceViaIO))
		return true;
	if (IsA(node, Const) && !((Const *) node)->constisnull)
	{
		Datum		value = ((Const *) node)->constvalue;

		switch (getBaseType(((Const *) node)->consttype))
		{
			case DATEOID:
				return DATE_NOT_FINITE(DatumGetDateADT(value));
			case TIMESTAMPOID:
			case TIMESTAMPTZOID:
				return TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value));
			default:
				return false;
		}
	}
	return expression_tree_walker(node, LAKE_WALKER(is_infinite_at_times), context);
}

bool
lake_may_be_infinite(Node *expr)
{
	return is_infinite_at_times(expr, NULL) && !contain_var_clause(expr);
}

static bool
call_shape(const LakeLevel *level, Oid funcid, List *args, LakeNumericShape *shape)
{
	LakeNumericShape arg;
	Node	   *first = args == NIL ? NULL : (Node *) linitial(args);
	Const	   *second = list_length(args) > 1 ? (Const *) lsecond(args) : NULL;
	int			precision;
	int			scale;

	switch (funcid)
	{
		case F_NUMERIC_INT2:
			return set_shape(shape, 5, 0);
		case F_NUMERIC_INT4:
			return set_shape(shape, 10, 0);
		case F_NUMERIC_INT8:
			return set_shape(shape, 19, 0);
		case F_NUMERIC_ADD:
		case F_NUMERIC_SUB:
		case F_NUMERIC_MUL:
			return arithmetic_shape(level, funcid, args, shape);
		case F_NUMERIC_UMINUS:
		case F_NUMERIC_UPLUS:
		case F_NUMERIC_ABS:
		case F_ABS_NUMERIC:
			return lake_numeric_shape(level, first, shape);
		case F_CEIL_NUMERIC:
		case F_CEILING_NUMERIC:
		case F_FLOOR_NUMERIC:
			return lake_numeric_shape(level, first, &arg) && (arg.varying ? set_varying(shape) : set_shape(shape, arg.precision, 0));
		case F_NUMERIC_NUMERIC_INT4:
			/* x::numeric(p,s) */
			return lake_numeric_shape(level, first, &arg) && lake_is_nonnull_const((Node *) second) &&
				lake_decimal_typmod(DatumGetInt32(second->constvalue), &precision, &scale) && set_shape(shape, precision, scale);
		case F_ROUND_NUMERIC_INT4:
			return lake_numeric_shape(level, first, &arg) && rounded_shape(&arg, second, shape);
		case F_TRUNC_NUMERIC_INT4:
			if (!lake_numeric_shape(level, first, &arg))
				return false;
			if (arg.varying || !lake_is_nonnull_const((Node *) second) || DatumGetInt32(second->constvalue) != 0)
				return set_varying(shape);
			return set_shape(shape, arg.precision, 0);
		case F_NUMERIC_DIV:
		case F_NUMERIC_MOD:
		case F_MOD_NUMERIC_NUMERIC:
		case F_AVG_NUMERIC:
		case F_AVG_INT2:
		case F_AVG_INT4:
		case F_AVG_INT8:
		case F_SIGN_NUMERIC:
			return have_shapes(level, args) && set_varying(shape);
		case F_NUMERIC_FLOAT4:
		case F_NUMERIC_FLOAT8:
		case F_TO_NUMBER:
			return set_varying(shape);
		case F_SUM_INT8:
			return set_shape(shape, LAKE_MAX_DECIMAL, 0);
		case F_SUM_NUMERIC:
			return lake_numeric_shape(level, first, &arg) &&
				(arg.varying ? set_varying(shape) : set_shape(shape, LAKE_MAX_DECIMAL + 1, arg.scale));
		case F_MIN_NUMERIC:
		case F_MAX_NUMERIC:
		case F_MODE:
		case F_PERCENTILE_DISC_FLOAT8_ANYELEMENT:
		case F_FIRST_VALUE:
		case F_LAST_VALUE:
		case F_NTH_VALUE:
		case F_LAG_ANYELEMENT:
		case F_LEAD_ANYELEMENT:
		case F_LAG_ANYELEMENT_INT4:
		case F_LEAD_ANYELEMENT_INT4:
			return lake_numeric_shape(level, first, shape);
		case F_LAG_ANYCOMPATIBLE_INT4_ANYCOMPATIBLE:
		case F_LEAD_ANYCOMPATIBLE_INT4_ANYCOMPATIBLE:
			return common_shape(level, list_make2(first, lthird(args)), shape) && (!shape->varying || lake_is_varying(level, first));
		case F_EXTRACT_TEXT_DATE:
		case F_EXTRACT_TEXT_TIMESTAMP:
		case F_EXTRACT_TEXT_TIMESTAMPTZ:
		case F_EXTRACT_TEXT_TIME:
		case F_EXTRACT_TEXT_INTERVAL:
			if (lake_may_be_infinite((Node *) second))
				return set_varying(shape);
			return lake_is_nonnull_const(first) &&
				lake_extract_shape(TextDatumGetCString(((Const *) first)->constvalue), exprType((Node *) second), shape);
		default:
			return lake_gives_text_form(funcid) && have_shapes(level, args) && set_varying(shape);
	}
}

static List *
plain_args(List *target_entries)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, target_entries)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk)
			result = lappend(result, tle->expr);
	}
	return result;
}

static List *
case_results(CaseExpr *expr)
{
	List	   *results = list_make1(expr->defresult);
	ListCell   *lc;

	foreach(lc, expr->args)
		results = lappend(results, lfirst_node(CaseWhen, lc)->result);
	return results;
}

bool
lake_numeric_shape(const LakeLevel *level, Node *expr, LakeNumericShape *shape)
{
	int			precision;
	int			scale;

	if (expr == NULL || getBaseType(exprType(expr)) != NUMERICOID)
		return false;
	switch (nodeTag(expr))
	{
		case T_Var:
			return var_shape(level, (Var *) expr, shape);
		case T_Const:
			if (((Const *) expr)->constisnull)
				return set_shape(shape, 1, 0);
			lake_numeric_const_shape(((Const *) expr)->constvalue, shape);
			return true;
		case T_OpExpr:
			{
				OpExpr	   *op = (OpExpr *) expr;

				return call_shape(level, get_opcode(op->opno), op->args, shape);
			}
		case T_FuncExpr:
			return call_shape(level, ((FuncExpr *) expr)->funcid, ((FuncExpr *) expr)->args, shape);
		case T_Aggref:
			return call_shape(level, ((Aggref *) expr)->aggfnoid, plain_args(((Aggref *) expr)->args), shape);
		case T_WindowFunc:
			return call_shape(level, ((WindowFunc *) expr)->winfnoid, ((WindowFunc *) expr)->args, shape);
		case T_RelabelType:
			return lake_numeric_shape(level, (Node *) ((RelabelType *) expr)->arg, shape);
		case T_CaseExpr:
			return common_shape(level, case_results((CaseExpr *) expr), shape);
		case T_CoalesceExpr:
			return common_shape(level, ((CoalesceExpr *) expr)->args, shape);
		case T_MinMaxExpr:
			return common_shape(level, ((MinMaxExpr *) expr)->args, shape) && !shape->varying;
		case T_NullIfExpr:
			return lake_numeric_shape(level, (Node *) linitial(((NullIfExpr *) expr)->args), shape);
		case T_SubLink:
			{
				SubLink    *sublink = (SubLink *) expr;

				return sublink->subLinkType == EXPR_SUBLINK && IsA(sublink->subselect, Query) &&
					lake_column_shape(level, (Query *) sublink->subselect, 1, shape);
			}
		case T_CoerceViaIO:
			return set_varying(shape);
		case T_Param:
			return lake_decimal_typmod(exprTypmod(expr), &precision, &scale) ? set_shape(shape, precision, scale) : set_varying(shape);
		default:
			return lake_decimal_typmod(exprTypmod(expr), &precision, &scale) && set_shape(shape, precision, scale);
	}
}

bool
lake_is_varying(const LakeLevel *level, Node *expr)
{
	LakeNumericShape shape;

	return getBaseType(exprType(expr)) == NUMERICOID && lake_numeric_shape(level, expr, &shape) && shape.varying;
}
