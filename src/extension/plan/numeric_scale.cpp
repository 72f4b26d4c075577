/*
 * numeric_scale.cpp
 *	  Numerics of several scales that one DECIMAL holds (numeric_shape.h): coalesce(x, 0), CASE .. ELSE 0. Whoever only looks at their values, or adds them to
 *	  what displays as many decimals anyhow, calculates with the DECIMAL; sum() needs the largest scale of its rows beside it.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

#include "plan/deparse.h"
#include "plan/numeric_shape.h"

static bool
is_null(Node *expr)
{
	return expr == NULL || (IsA(expr, Const) && ((Const *) expr)->constisnull);
}

static int32
typmod_of(int precision, int scale)
{
	return ((precision << 16) | (scale & 0x7ff)) + VARHDRSZ;
}

/* ---------------------------------------------------------------- one scale */

static Node *at_scale(const LakeLevel *level, Node *expr, int precision, int scale);

static List *
list_at_scale(const LakeLevel *level, List *exprs, int precision, int scale)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, exprs)
		result = lappend(result, at_scale(level, (Node *) lfirst(lc), precision, scale));
	return result;
}

static Node *
case_at_scale(const LakeLevel *level, CaseExpr *expr, int precision, int scale)
{
	CaseExpr   *copy = makeNode(CaseExpr);
	ListCell   *lc;

	*copy = *expr;
	copy->args = NIL;
	foreach(lc, expr->args)
	{
		CaseWhen   *when = makeNode(CaseWhen);

		*when = *lfirst_node(CaseWhen, lc);
		when->result = (Expr *) at_scale(level, (Node *) when->result, precision, scale);
		copy->args = lappend(copy->args, when);
	}
	if (expr->defresult != NULL)
		copy->defresult = (Expr *) at_scale(level, (Node *) expr->defresult, precision, scale);
	return (Node *) copy;
}

/* x::numeric(precision, scale), inside of branches; nothing is rounded. */
static Node *
at_scale(const LakeLevel *level, Node *expr, int precision, int scale)
{
	LakeNumericShape shape;
	Const	   *typmod = makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(typmod_of(precision, scale)), false, true);

	if (is_null(expr) || (lake_numeric_shape(level, expr, &shape) && !shape.varying && shape.scale == scale))
		return expr;
	switch (nodeTag(expr))
	{
		case T_Const:
			{
				Const	   *copy = (Const *) copyObject(expr);

				copy->constvalue = DirectFunctionCall2(numeric, copy->constvalue, typmod->constvalue);
				return (Node *) copy;
			}
		case T_CaseExpr:
			return case_at_scale(level, (CaseExpr *) expr, precision, scale);
		case T_CoalesceExpr:
			{
				CoalesceExpr *copy = makeNode(CoalesceExpr);

				*copy = *(CoalesceExpr *) expr;
				copy->args = list_at_scale(level, copy->args, precision, scale);
				return (Node *) copy;
			}
		default:
			return (Node *) makeFuncExpr(F_NUMERIC_NUMERIC_INT4, NUMERICOID, list_make2(expr, typmod), InvalidOid, InvalidOid,
										 COERCE_EXPLICIT_CAST);
	}
}

Node *
lake_at_one_scale(const LakeLevel *level, Node *expr)
{
	LakeNumericShape shape;

	if (!lake_numeric_shape(level, expr, &shape) || !shape.held)
		return NULL;
	return at_scale(level, expr, shape.precision, shape.scale);
}

static bool
looks_at_values(const LakeLevel *level, Oid funcid, List *args)
{
	FuncExpr	func = {};
	LakeNumericShape shape;

	switch (funcid)
	{
		case F_NUMERIC_EQ:
		case F_NUMERIC_NE:
		case F_NUMERIC_LT:
		case F_NUMERIC_LE:
		case F_NUMERIC_GT:
		case F_NUMERIC_GE:
			return true;
		case F_NUMERIC_ADD:
		case F_NUMERIC_SUB:
		case F_NUMERIC_MUL:
		case F_NUMERIC_NUMERIC_INT4:
		case F_ROUND_NUMERIC_INT4:
			func.xpr.type = T_FuncExpr;
			func.funcid = funcid;
			func.funcresulttype = NUMERICOID;
			func.args = args;
			return lake_numeric_shape(level, (Node *) &func, &shape) && !shape.varying;
		default:
			return false;
	}
}

List *
lake_args_at_one_scale(const LakeLevel *level, Oid funcid, List *args)
{
	List	   *result = NIL;
	ListCell   *lc;

	if (!looks_at_values(level, funcid, args))
		return args;
	foreach(lc, args)
	{
		Node	   *fixed = lake_at_one_scale(level, (Node *) lfirst(lc));

		/* x::numeric(p,s) of what has no branches would become the same again */
		if (funcid == F_NUMERIC_NUMERIC_INT4 && fixed != NULL && IsA(fixed, FuncExpr))
			fixed = NULL;
		result = lappend(result, fixed == NULL ? lfirst(lc) : fixed);
	}
	return result;
}

/* ---------------------------------------------------------------- what is displayed */

static Node *
int_const(int value)
{
	return (Node *) makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(value), false, true);
}

static Node *
null_int(void)
{
	return (Node *) makeNullConst(INT4OID, -1, InvalidOid);
}

static CaseWhen *
make_when(Node *condition, Node *result)
{
	CaseWhen   *when = makeNode(CaseWhen);

	when->expr = (Expr *) condition;
	when->result = (Expr *) result;
	return when;
}

static Node *
make_case(List *whens, Node *otherwise)
{
	CaseExpr   *expr = makeNode(CaseExpr);

	expr->casetype = INT4OID;
	expr->args = whens;
	expr->defresult = (Expr *) otherwise;
	return (Node *) expr;
}

static Node *
is_not_null(Node *expr)
{
	NullTest   *test = makeNode(NullTest);

	test->arg = (Expr *) expr;
	test->nulltesttype = IS_NOT_NULL;
	test->location = -1;
	return (Node *) test;
}

static Node *
scale_of_case(const LakeLevel *level, CaseExpr *expr)
{
	CaseExpr   *result = (CaseExpr *) make_case(NIL, lake_displayed_scale(level, (Node *) expr->defresult));
	ListCell   *lc;

	result->arg = expr->arg;
	if (result->defresult == NULL)
		return NULL;
	foreach(lc, expr->args)
	{
		CaseWhen   *when = lfirst_node(CaseWhen, lc);
		Node	   *scale = lake_displayed_scale(level, (Node *) when->result);

		if (scale == NULL)
			return NULL;
		result->args = lappend(result->args, make_when((Node *) when->expr, scale));
	}
	return (Node *) result;
}

static Node *
scale_of_coalesce(const LakeLevel *level, CoalesceExpr *expr)
{
	List	   *whens = NIL;
	ListCell   *lc;

	foreach(lc, expr->args)
	{
		Node	   *arg = (Node *) lfirst(lc);
		Node	   *scale = lake_displayed_scale(level, arg);

		if (scale == NULL)
			return NULL;
		whens = lappend(whens, make_when(is_not_null(arg), scale));
	}
	return make_case(whens, null_int());
}

Node *
lake_displayed_scale(const LakeLevel *level, Node *expr)
{
	LakeNumericShape shape;

	if (is_null(expr))
		return null_int();
	if (!lake_numeric_shape(level, expr, &shape) || (shape.varying && !shape.held))
		return NULL;
	if (IsA(expr, CaseExpr))
		return scale_of_case(level, (CaseExpr *) expr);
	if (IsA(expr, CoalesceExpr))
		return scale_of_coalesce(level, (CoalesceExpr *) expr);
	if (shape.varying)
		return NULL;
	if (IsA(expr, Const))
		return int_const(shape.scale);
	return make_case(list_make1(make_when(is_not_null(expr), int_const(shape.scale))), null_int());
}
