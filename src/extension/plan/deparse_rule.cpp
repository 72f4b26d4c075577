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

/* ---------------------------------------------------------------- dates */

/* Fields of a date or timestamp: how DuckDB computes them, as an integer of 10^-scale units. */
typedef struct ExtractField
{
	const char *name = NULL;
	bool		of_date = false;
	bool		of_timestamp = false;
	const char *text = NULL;
	int			scale = 0;
} ExtractField;

/* Years before Christ are counted from -1 in PostgreSQL, from 0 in DuckDB. */
static const ExtractField extract_fields[] = {
	{"year", true, true, "(CASE WHEN year($1) > 0 THEN year($1) ELSE year($1) - 1 END)", 0},
	{"quarter", true, true, "quarter($1)", 0},
	{"month", true, true, "month($1)", 0},
	{"week", true, true, "week($1)", 0},
	{"day", true, true, "day($1)", 0},
	{"dow", true, true, "dayofweek($1)", 0},
	{"isodow", true, true, "isodow($1)", 0},
	{"doy", true, true, "dayofyear($1)", 0},
	{"hour", false, true, "hour($1)", 0},
	{"minute", false, true, "minute($1)", 0},
	{"second", false, true, "microsecond($1)", 6},
	{"milliseconds", false, true, "microsecond($1)", 3},
	{"microseconds", false, true, "microsecond($1)", 0},
	{"epoch", false, true, "epoch_us($1)", 6},
	{}
};

/* Of a timestamptz only the epoch does not depend on TimeZone. */
static const ExtractField *
find_extract_field(const char *name, Oid typid)
{
	for (const ExtractField *field = extract_fields; field->name != NULL; field++)
	{
		if (pg_strcasecmp(field->name, name) != 0)
			continue;
		if (typid == DATEOID)
			return field->of_date ? field : NULL;
		if (typid == TIMESTAMPTZOID)
			return strcmp(field->name, "epoch") == 0 ? field : NULL;
		return typid == TIMESTAMPOID && field->of_timestamp ? field : NULL;
	}
	return NULL;
}

bool
lake_extract_shape(const char *name, Oid typid, LakeNumericShape *shape)
{
	const ExtractField *field = find_extract_field(name, typid);

	if (field == NULL)
		return false;
	shape->precision = field->scale == 0 ? 19 : 25;
	shape->scale = field->scale;
	shape->varying = false;
	return true;
}

/* extract() gives numeric, date_part() double precision. */
void
lake_rule_extract(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *name = lake_text_argument(call, 1);
	const ExtractField *field = name == NULL ? NULL : find_extract_field(name, exprType(lake_call_argument(call, 2)));
	bool		is_double = call->result_type == FLOAT8OID;

	/* milliseconds carry three decimals of their own: x microseconds are x / 1000 */
	if (field == NULL)
	{
		lake_refuse_call(ctx, call);
		return;
	}
	appendStringInfoString(&ctx->sql, "((");
	for (const char *at = field->text; *at != '\0'; at++)
	{
		if (*at == '$' && at++)
			lake_deparse_expr(ctx, lake_call_argument(call, 2));
		else
			appendStringInfoChar(&ctx->sql, *at);
	}
	if (is_double && field->scale == 0)
		appendStringInfoString(&ctx->sql, ")::double)");
	else if (is_double)
		appendStringInfo(&ctx->sql, ")::double / %s)", field->scale == 6 ? "1000000.0::double" : "1000.0::double");
	else if (field->scale == 0)
		appendStringInfoString(&ctx->sql, ")::decimal(19,0))");
	else
		appendStringInfo(&ctx->sql, ")::decimal(19,0) * %s)",
						 field->scale == 6 ? "'0.000001'::decimal(6,6)" : "'0.001'::decimal(6,3)");
}

/* Fields that truncate alike for years after Christ, which is all a timestamp in a lake table can have. */
void
lake_rule_date_trunc(LakeDeparse *ctx, const LakeCall *call)
{
	static const char *const fields[] = {"microseconds", "milliseconds", "second", "minute", "hour", "day", "week", "month", "quarter",
		"year", "decade"};
	char	   *name = lake_text_argument(call, 1);

	for (size_t i = 0; name != NULL && i < lengthof(fields); i++)
	{
		if (pg_strcasecmp(fields[i], name) != 0)
			continue;
		appendStringInfo(&ctx->sql, "(date_trunc('%s', ", fields[i]);
		lake_deparse_expr(ctx, lake_call_argument(call, 2));
		appendStringInfoString(&ctx->sql, "))::timestamp");
		return;
	}
	lake_refuse_call(ctx, call);
}

/* x AT TIME ZONE 'UTC' of a timestamptz. Other zones need the same edition of the zone tables on both sides. */
void
lake_rule_timezone(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *zone = lake_text_argument(call, 1);

	if (zone == NULL || (pg_strcasecmp(zone, "UTC") != 0 && pg_strcasecmp(zone, "Etc/UTC") != 0 && pg_strcasecmp(zone, "GMT") != 0))
	{
		lake_refuse_call(ctx, call);
		return;
	}
	appendStringInfoString(&ctx->sql, "make_timestamp(epoch_us(");
	lake_deparse_expr(ctx, lake_call_argument(call, 2));
	appendStringInfoString(&ctx->sql, "))");
}
