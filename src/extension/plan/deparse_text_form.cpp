/*
 * deparse_text_form.cpp
 *	  Values as the text that their type's output function gives, and back: casts to and from text, concat(), format().
 *
 * Where DuckDB's text differs, functions of our server (pg_text_form.cpp) write and read it. Settings that the text depends on
 * (extra_float_digits, bytea_output) travel as parameters, so a cached plan follows them.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

#include "compat/text_input.h"
#include "plan/deparse.h"
#include "plan/ship_type.h"

static const char *const with_radix = LAKE_INTEGERS_HAVE_RADIX ? "true" : "false";

static void
write_with_setting(LakeDeparse *ctx, const char *function, Node *node, const char *setting, const char *type)
{
	Const	   *name = makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1, CStringGetTextDatum(setting), false, false);

	appendStringInfo(&ctx->sql, "%s(", function);
	lake_deparse_expr(ctx, node);
	appendStringInfoString(&ctx->sql, ", (");
	lake_deparse_parameter(ctx, (Node *) makeFuncExpr(F_CURRENT_SETTING_TEXT, TEXTOID, list_make1(name), DEFAULT_COLLATION_OID, InvalidOid,
													  COERCE_EXPLICIT_CALL));
	appendStringInfo(&ctx->sql, ")::%s)", type);
}

void
lake_deparse_text_form(LakeDeparse *ctx, Node *node)
{
	Oid			typid = getBaseType(exprType(node));

	switch (typid)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case UUIDOID:
			lake_deparse_cast(ctx, node, "text");
			break;
		case NUMERICOID:
			lake_deparse_numeric_text(ctx, node);
			break;
		case FLOAT4OID:
			write_with_setting(ctx, "pg_float4out", node, "extra_float_digits", "integer");
			break;
		case FLOAT8OID:
			write_with_setting(ctx, "pg_float8out", node, "extra_float_digits", "integer");
			break;
		case BYTEAOID:
			write_with_setting(ctx, "pg_byteaout", node, "bytea_output", "text");
			break;
		case BOOLOID:
			appendStringInfoString(&ctx->sql, "(CASE ");
			lake_deparse_expr(ctx, node);
			appendStringInfoString(&ctx->sql, " WHEN true THEN 't' WHEN false THEN 'f' END)");
			break;
		case UNKNOWNOID:
			lake_deparse_cast(ctx, node, "text");
			break;
		default:
			if (lake_deparse_datetime_text(ctx, node))
				break;
			if (lake_ship_type_name(typid) != NULL && strcmp(lake_ship_type_name(typid), "text") == 0)
				lake_deparse_expr(ctx, node);
			else
				lake_refuse(ctx, "Function", "output of %s", format_type_be_qualified(typid));
			break;
	}
}

/* The function of our server that reads the type, and its further arguments; NULL when there is none. */
static const char *
reading_function(Oid typid, const char **arguments)
{
	*arguments = "";
	switch (typid)
	{
		case INT2OID:
			*arguments = with_radix;
			return "pg_int2in";
		case INT4OID:
			*arguments = with_radix;
			return "pg_int4in";
		case INT8OID:
			*arguments = with_radix;
			return "pg_int8in";
		case FLOAT4OID:
			return "pg_float4in";
		case FLOAT8OID:
			return "pg_float8in";
		case NUMERICOID:
			return "pg_numeric_in";
		case BOOLOID:
			return "pg_boolin";
		case UUIDOID:
			return "pg_uuid_in";
		case BYTEAOID:
			return "pg_byteain";
		case JSONOID:
			return "pg_json_in";
		case JSONBOID:
			return "pg_jsonb_in";
		default:
			return NULL;
	}
}

void
lake_deparse_io_conversion(LakeDeparse *ctx, CoerceViaIO *expr)
{
	Node	   *from = (Node *) expr->arg;
	Oid			from_type = getBaseType(exprType(from));
	Oid			to_type = getBaseType(expr->resulttype);
	const char *arguments;
	const char *function = reading_function(to_type, &arguments);

	if (to_type == TEXTOID || to_type == VARCHAROID || to_type == BPCHAROID || (from_type == JSONBOID && to_type == JSONOID))
		lake_deparse_text_form(ctx, from);
	else if (function == NULL)
		lake_refuse(ctx, "Function", "cast from %s to %s", format_type_be_qualified(from_type), format_type_be_qualified(to_type));
	else
	{
		appendStringInfo(&ctx->sql, "%s(", function);
		lake_deparse_text_form(ctx, from);
		appendStringInfo(&ctx->sql, "%s%s)", *arguments != '\0' ? ", " : "", arguments);
	}
}
