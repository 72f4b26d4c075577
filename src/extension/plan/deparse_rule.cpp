/*
 * deparse_rule.cpp
 *	  Rules of the catalogue: calls whose DuckDB text depends on their arguments. Numbers and dates; deparse_rule_text.cpp has text.
 *
 * Each rule says which cases give the same result and refuses the others.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

#include "plan/deparse.h"
#include "plan/deparse_rule.h"
#include "plan/ship_type.h"
#include "plan/shippable_catalog.h"

void
lake_refuse_call(LakeDeparse *ctx, const LakeCall *call)
{
	if (OidIsValid(call->opno))
		lake_refuse_operator(ctx, call->opno);
	else
		lake_refuse_function(ctx, call->funcid);
}

Node *
lake_call_argument(const LakeCall *call, int number)
{
	return (Node *) list_nth(call->args, number - 1);
}

bool
lake_int_argument(const LakeCall *call, int number, int32 *value)
{
	Node	   *node = lake_call_argument(call, number);

	if (!lake_is_nonnull_const(node) || ((Const *) node)->consttype != INT4OID)
		return false;
	*value = DatumGetInt32(((Const *) node)->constvalue);
	return true;
}

char *
lake_text_argument(const LakeCall *call, int number)
{
	Node	   *node = lake_call_argument(call, number);

	if (!lake_is_nonnull_const(node) || getBaseType(((Const *) node)->consttype) != TEXTOID)
		return NULL;
	return TextDatumGetCString(((Const *) node)->constvalue);
}

static void
deparse_as(LakeDeparse *ctx, Node *node, Oid typid)
{
	if (exprType(node) == typid)
		lake_deparse_expr(ctx, node);
	else
		lake_deparse_cast(ctx, node, lake_ship_type_name(typid));
}

/* ---------------------------------------------------------------- numbers */

/* Divisor known to be neither 0, where DuckDB gives NULL, nor -1, where the quotient may overflow. */
static bool
is_safe_divisor(Node *node)
{
	int64		value;

	if (!lake_is_nonnull_const(node))
		return false;
	switch (((Const *) node)->consttype)
	{
		case INT2OID:
			value = DatumGetInt16(((Const *) node)->constvalue);
			break;
		case INT4OID:
			value = DatumGetInt32(((Const *) node)->constvalue);
			break;
		case INT8OID:
			value = DatumGetInt64(((Const *) node)->constvalue);
			break;
		default:
			return false;
	}
	return value != 0 && value != -1;
}

/* Both truncate toward zero, and the remainder has the dividend's sign. */
void
lake_rule_int_division(LakeDeparse *ctx, const LakeCall *call)
{
	bool		modulo = strcmp(call->name, "/") != 0;
	bool		safe = is_safe_divisor(lake_call_argument(call, 2));

	appendStringInfoString(&ctx->sql, safe ? "(" : modulo ? "pg_int_modulo(" : "pg_int_divide(");
	deparse_as(ctx, lake_call_argument(call, 1), call->result_type);
	appendStringInfoString(&ctx->sql, safe ? (modulo ? " % " : " // ") : ", ");
	/* a bare constant would take the narrowest type, and with it the function that is called */
	if (!safe && IsA(lake_call_argument(call, 2), Const))
		lake_deparse_cast(ctx, lake_call_argument(call, 2), lake_ship_type_name(call->result_type));
	else
		deparse_as(ctx, lake_call_argument(call, 2), call->result_type);
	appendStringInfoChar(&ctx->sql, ')');
}

/* + - * of numerics. Up to 18 digits DuckDB computes in 64 bits and overflows: where that can happen, 128 bits are asked for. */
void
lake_rule_decimal(LakeDeparse *ctx, const LakeCall *call)
{
	LakeNumericShape left;
	LakeNumericShape right;
	int			precision;

	if (!lake_numeric_shape(ctx->level, lake_call_argument(call, 1), &left) || !lake_numeric_shape(ctx->level, lake_call_argument(call, 2), &right))
	{
		lake_refuse_call(ctx, call);
		return;
	}
	if (*call->name == '*' && left.precision + right.precision > LAKE_MAX_INT64_DECIMAL)
	{
		appendStringInfoString(&ctx->sql, "pg_decimal_multiply(");
		lake_deparse_expr(ctx, lake_call_argument(call, 1));
		appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_expr(ctx, lake_call_argument(call, 2));
		appendStringInfoChar(&ctx->sql, ')');
		return;
	}
	precision = Max(left.precision - left.scale, right.precision - right.scale) + Max(left.scale, right.scale) + 1;
	appendStringInfoChar(&ctx->sql, '(');
	if (*call->name != '*' && precision > LAKE_MAX_INT64_DECIMAL && Max(left.precision, right.precision) <= LAKE_MAX_INT64_DECIMAL)
		lake_deparse_cast(ctx, lake_call_argument(call, 1), lake_decimal_name(LAKE_MAX_INT64_DECIMAL + 1, left.scale));
	else
		lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfo(&ctx->sql, " %s ", call->name);
	lake_deparse_expr(ctx, lake_call_argument(call, 2));
	appendStringInfoChar(&ctx->sql, ')');
}

/* numeric(x, typmod), round(x, n): a cast to the result's shape; both round half away from zero. */
void
lake_rule_decimal_result(LakeDeparse *ctx, const LakeCall *call)
{
	FuncExpr	func = {};
	LakeNumericShape shape;

	func.xpr.type = T_FuncExpr;
	func.funcid = call->funcid;
	func.funcresulttype = NUMERICOID;
	func.args = call->args;
	if (!lake_numeric_shape(ctx->level, (Node *) &func, &shape))
		lake_refuse_call(ctx, call);
	else
		lake_deparse_cast(ctx, lake_call_argument(call, 1), lake_decimal_name(shape.precision, shape.scale));
}

/* Up to 15 digits the quotient of two exact doubles is the nearest double, which is what PostgreSQL gives by way of the text. */
void
lake_rule_decimal_to_float(LakeDeparse *ctx, const LakeCall *call)
{
	LakeNumericShape shape;

	if (!lake_numeric_shape(ctx->level, lake_call_argument(call, 1), &shape))
		lake_refuse_call(ctx, call);
	else if (shape.precision > 15)
		lake_deparse_varying_call(ctx, call);
	else
		lake_deparse_cast(ctx, lake_call_argument(call, 1), "double");
}
