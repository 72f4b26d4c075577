/*
 * deparse_numeric.cpp
 *	  Numerics in text form: those whose scale is a matter of the value (numeric_shape.h). Functions of our server calculate with them.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

#include "plan/deparse.h"
#include "plan/ship_type.h"
#include "plan/shippable_catalog.h"

static bool
is_numeric(Node *node)
{
	return getBaseType(exprType(node)) == NUMERICOID;
}

void
lake_deparse_numeric_text(LakeDeparse *ctx, Node *node)
{
	LakeNumericShape shape;

	if (IsA(node, Const) && ((Const *) node)->constisnull)
		appendStringInfoString(&ctx->sql, "(NULL)::text");
	else if (!is_numeric(node) || !lake_numeric_shape(ctx->level, node, &shape))
		lake_deparse_cast(ctx, node, "text");
	else if (shape.varying)
		lake_deparse_expr(ctx, node);
	else if (shape.precision > shape.scale)
		lake_deparse_cast(ctx, node, "text");
	else
	{
		/* DuckDB writes .50 where a DECIMAL has no digit before the point */
		appendStringInfoString(&ctx->sql, "pg_numeric_in(");
		lake_deparse_cast(ctx, node, "text");
		appendStringInfoChar(&ctx->sql, ')');
	}
}

void
lake_deparse_numeric_key(LakeDeparse *ctx, Node *node)
{
	LakeNumericShape shape;

	appendStringInfoString(&ctx->sql, "pg_numeric_key(");
	if (!IsA(node, Const) && is_numeric(node) && lake_numeric_shape(ctx->level, node, &shape))
		lake_deparse_expr(ctx, node);	/* of a DECIMAL it takes no detour through text */
	else
		lake_deparse_numeric_text(ctx, node);
	appendStringInfoChar(&ctx->sql, ')');
}

/* ---------------------------------------------------------------- calls */

/* How a function is written; $1 $2 are its arguments, numerics in text form, #1 #2 the keys that compare as they do. */
typedef struct VaryingFunction
{
	Oid			funcid;
	const char *text;
} VaryingFunction;

#define COMPARISON(op) "(#1 " op " #2)"

static const VaryingFunction functions[] = {
	{F_NUMERIC_ADD, "pg_numeric_add($1, $2)"},
	{F_NUMERIC_SUB, "pg_numeric_subtract($1, $2)"},
	{F_NUMERIC_MUL, "pg_numeric_multiply($1, $2)"},
	{F_NUMERIC_DIV, "pg_numeric_divide($1, $2)"},
	{F_NUMERIC_MOD, "pg_numeric_modulo($1, $2)"},
	{F_MOD_NUMERIC_NUMERIC, "pg_numeric_modulo($1, $2)"},
	{F_NUMERIC_UMINUS, "pg_numeric_negate($1)"},
	{F_NUMERIC_UPLUS, "$1"},
	{F_NUMERIC_ABS, "pg_numeric_abs($1)"},
	{F_ABS_NUMERIC, "pg_numeric_abs($1)"},
	{F_SIGN_NUMERIC, "pg_numeric_sign($1)"},
	{F_CEIL_NUMERIC, "pg_numeric_ceil($1)"},
	{F_CEILING_NUMERIC, "pg_numeric_ceil($1)"},
	{F_FLOOR_NUMERIC, "pg_numeric_floor($1)"},
	{F_ROUND_NUMERIC_INT4, "pg_numeric_round($1, $2)"},
	{F_TRUNC_NUMERIC_INT4, "pg_numeric_trunc($1, $2)"},
	{F_NUMERIC_EQ, COMPARISON("=")},
	{F_NUMERIC_NE, COMPARISON("<>")},
	{F_NUMERIC_LT, COMPARISON("<")},
	{F_NUMERIC_LE, COMPARISON("<=")},
	{F_NUMERIC_GT, COMPARISON(">")},
	{F_NUMERIC_GE, COMPARISON(">=")},
	{F_INT2_NUMERIC, "pg_numeric_int2($1)"},
	{F_INT4_NUMERIC, "pg_numeric_int4($1)"},
	{F_INT8_NUMERIC, "pg_numeric_int8($1)"},
	{F_FLOAT8_NUMERIC, "pg_numeric_float8($1)"},
	{F_NUMERIC_FLOAT4, "pg_numeric_of_float($1)"},
	{F_NUMERIC_FLOAT8, "pg_numeric_of_float($1)"},
};

static bool
is_comparison(Oid funcid)
{
	return funcid == F_NUMERIC_EQ || funcid == F_NUMERIC_NE || funcid == F_NUMERIC_LT || funcid == F_NUMERIC_LE ||
		funcid == F_NUMERIC_GT || funcid == F_NUMERIC_GE;
}

static bool
gives_varying(Oid funcid)
{
	return funcid == F_NUMERIC_DIV || funcid == F_NUMERIC_MOD || funcid == F_MOD_NUMERIC_NUMERIC || funcid == F_SIGN_NUMERIC ||
		funcid == F_NUMERIC_FLOAT4 || funcid == F_NUMERIC_FLOAT8;
}

/* Both can be compared only in text form, though each may be a DECIMAL. */
static bool
is_beyond_decimal(LakeDeparse *ctx, List *args)
{
	LakeNumericShape left;
	LakeNumericShape right;

	return lake_numeric_shape(ctx->level, (Node *) linitial(args), &left) && lake_numeric_shape(ctx->level, (Node *) lsecond(args), &right) &&
		!lake_shapes_comparable(&left, &right);
}

bool
lake_is_varying_comparison(LakeDeparse *ctx, List *args)
{
	return is_numeric((Node *) linitial(args)) && is_numeric((Node *) lsecond(args)) && is_beyond_decimal(ctx, args);
}

bool
lake_is_varying_call(LakeDeparse *ctx, const LakeCall *call)
{
	ListCell   *lc;

	if (gives_varying(call->funcid))
		return true;
	if (call->funcid == F_TO_CHAR_NUMERIC_TEXT)
		return false;			/* the rule takes the text form of every numeric */
	foreach(lc, call->args)
	{
		if (lake_is_varying(ctx->level, (Node *) lfirst(lc)))
			return true;
	}
	if (is_comparison(call->funcid))
		return is_beyond_decimal(ctx, call->args);
	if (call->funcid == F_NUMERIC_ADD || call->funcid == F_NUMERIC_SUB || call->funcid == F_NUMERIC_MUL ||
		call->funcid == F_ROUND_NUMERIC_INT4 || call->funcid == F_TRUNC_NUMERIC_INT4)
	{
		/* what the result needs */
		FuncExpr	func = {};

		func.xpr.type = T_FuncExpr;
		func.funcid = call->funcid;
		func.funcresulttype = NUMERICOID;
		func.args = call->args;
		return lake_is_varying(ctx->level, (Node *) &func);
	}
	return false;
}

/* Two DECIMALs are divided without a detour through text. */
static bool
divide_decimals(LakeDeparse *ctx, Oid funcid, List *args, const char *name)
{
	if (funcid != F_NUMERIC_DIV || lake_is_varying(ctx->level, (Node *) linitial(args)) || lake_is_varying(ctx->level, (Node *) lsecond(args)))
		return false;
	appendStringInfo(&ctx->sql, "%s(", name);
	lake_deparse_expr(ctx, (Node *) linitial(args));
	appendStringInfoString(&ctx->sql, ", ");
	lake_deparse_expr(ctx, (Node *) lsecond(args));
	appendStringInfoChar(&ctx->sql, ')');
	return true;
}

bool
lake_deparse_decimal_quotient(LakeDeparse *ctx, Node *node, const char *name)
{
	if (!IsA(node, OpExpr))
		return false;
	return divide_decimals(ctx, ((OpExpr *) node)->opfuncid, ((OpExpr *) node)->args, name);
}

/* x::numeric(p,s) */
static void
fit(LakeDeparse *ctx, const LakeCall *call)
{
	int			precision;
	int			scale;

	if (!lake_is_nonnull_const((Node *) lsecond(call->args)) ||
		!lake_decimal_typmod(DatumGetInt32(((Const *) lsecond(call->args))->constvalue), &precision, &scale))
	{
		lake_refuse_function(ctx, call->funcid);
		return;
	}
	appendStringInfoString(&ctx->sql, "(pg_numeric_fit(");
	lake_deparse_numeric_text(ctx, (Node *) linitial(call->args));
	appendStringInfo(&ctx->sql, ", %d, %d))::%s", precision, scale, lake_decimal_name(precision, scale));
}

void
lake_deparse_varying_call(LakeDeparse *ctx, const LakeCall *call)
{
	const char *text = NULL;

	if (divide_decimals(ctx, call->funcid, call->args, "pg_numeric_divide_text"))
		return;
	if (call->funcid == F_NUMERIC_NUMERIC_INT4)
	{
		fit(ctx, call);
		return;
	}
	for (size_t i = 0; i < lengthof(functions) && text == NULL; i++)
	{
		if (functions[i].funcid == call->funcid)
			text = functions[i].text;
	}
	if (text == NULL && OidIsValid(call->opno))
		lake_refuse_operator(ctx, call->opno);
	else if (text == NULL)
		lake_refuse_function(ctx, call->funcid);
	for (const char *at = text; at != NULL && *at != '\0'; at++)
	{
		Node	   *arg;

		bool		is_key = *at == '#';

		if (*at != '$' && !is_key)
		{
			appendStringInfoChar(&ctx->sql, *at);
			continue;
		}
		arg = (Node *) list_nth(call->args, *++at - '1');
		if (is_key)
			lake_deparse_numeric_key(ctx, arg);
		else if (is_numeric(arg))
			lake_deparse_numeric_text(ctx, arg);
		else
			lake_deparse_expr(ctx, arg);
	}
}

/* A rule of the catalogue, for those that are always in text form. */
void
lake_rule_varying(LakeDeparse *ctx, const LakeCall *call)
{
	lake_deparse_varying_call(ctx, call);
}
