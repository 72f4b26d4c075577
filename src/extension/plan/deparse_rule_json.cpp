/*
 * deparse_rule_json.cpp
 *	  Rules of the catalogue: json and jsonb. Both are text in the server, where functions of ours (pg_json.cpp) do the rest.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
}

#include "plan/deparse.h"
#include "plan/deparse_rule.h"

/*
 * A constant text[] as a JSON array of strings, NULL when it is none or has a NULL in it. In a path into json a negative position below the first
 * level counts from the end of the first array that PostgreSQL comes by on that level, which is left to it.
 */
static char *
array_as_json(Node *node, bool is_json_path)
{
	StringInfoData json;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	if (!lake_is_nonnull_const(node) || ((Const *) node)->consttype != TEXTARRAYOID)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(((Const *) node)->constvalue), TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &count);
	initStringInfo(&json);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i] || (is_json_path && i > 0 && strchr(TextDatumGetCString(values[i]), '-') != NULL))
			return NULL;
		appendStringInfoString(&json, i == 0 ? "[" : ", ");
		escape_json(&json, TextDatumGetCString(values[i]));
	}
	appendStringInfoString(&json, count == 0 ? "[]" : "]");
	return json.data;
}

/* The function that the line's text begins with, of a value and a constant array of names. */
void
lake_rule_json_names(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *names = array_as_json(lake_call_argument(call, 2), getBaseType(exprType(lake_call_argument(call, 1))) == JSONOID);

	if (names == NULL)
	{
		lake_refuse_call(ctx, call);
		return;
	}
	appendStringInfo(&ctx->sql, "%.*s(", (int) strcspn(call->entry->text, "("), call->entry->text);
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfoString(&ctx->sql, ", ");
	lake_append_literal(&ctx->sql, names);
	appendStringInfoChar(&ctx->sql, ')');
}

void
lake_deparse_json_value(LakeDeparse *ctx, Node *node)
{
	switch (getBaseType(exprType(node)))
	{
		case BOOLOID:
			lake_deparse_cast(ctx, node, "text");
			return;
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case JSONOID:
		case JSONBOID:
			lake_deparse_text_form(ctx, node);
			return;
		case FLOAT4OID:
		case FLOAT8OID:
			appendStringInfoString(&ctx->sql, "pg_json_number(");
			break;
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			/* not the text form, but ISO 8601 whatever DateStyle says */
			lake_refuse_type(ctx, exprType(node));
			return;
		default:
			appendStringInfoString(&ctx->sql, "pg_json_quote(");
			break;
	}
	lake_deparse_text_form(ctx, node);
	appendStringInfoChar(&ctx->sql, ')');
}

static void
write_value_or_null(LakeDeparse *ctx, Node *node)
{
	appendStringInfoString(&ctx->sql, "coalesce(");
	lake_deparse_json_value(ctx, node);
	appendStringInfoString(&ctx->sql, ", 'null')");
}

/* to_json(x), to_jsonb(x) */
void
lake_rule_to_json(LakeDeparse *ctx, const LakeCall *call)
{
	bool		is_jsonb = call->result_type == JSONBOID;

	appendStringInfoString(&ctx->sql, is_jsonb ? "pg_jsonb_in(" : "(");
	lake_deparse_json_value(ctx, lake_call_argument(call, 1));
	appendStringInfoChar(&ctx->sql, ')');
}

/* json_build_object(..), json_build_array(..) and those of jsonb. A key that may be NULL may be an error. */
void
lake_rule_json_build(LakeDeparse *ctx, const LakeCall *call)
{
	bool		is_object = strstr(call->name, "object") != NULL;
	ListCell   *lc;

	appendStringInfo(&ctx->sql, "%sconcat('%s'", call->result_type == JSONBOID ? "pg_jsonb_in(" : "(", is_object ? "{" : "[");
	foreach(lc, call->args)
	{
		int			number = foreach_current_index(lc);
		bool		is_key = is_object && number % 2 == 0;

		if (list_length(call->args) % 2 != 0 && is_object)
			break;
		appendStringInfoString(&ctx->sql, is_object && !is_key ? ", ' : ', " : number == 0 ? ", " : ", ', ', ");
		if (!is_key)
			write_value_or_null(ctx, (Node *) lfirst(lc));
		else if (lake_is_nonnull_const((Node *) lfirst(lc)))
		{
			appendStringInfoString(&ctx->sql, "pg_json_quote(");
			lake_deparse_text_form(ctx, (Node *) lfirst(lc));
			appendStringInfoChar(&ctx->sql, ')');
		}
		else
			break;
	}
	if (lc != NULL)
		lake_refuse_call(ctx, call);
	appendStringInfo(&ctx->sql, ", '%s'))", is_object ? "}" : "]");
}
