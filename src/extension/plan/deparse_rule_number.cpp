/*
 * deparse_rule_number.cpp
 *	  Rules of the catalogue for pictures of numbers, and lake_engine.number_symbols(), whose value goes along with queries as a parameter.
 *
 * Where a picture asks for symbols of the locale, they are evaluated when execution starts: a plan that is kept follows a SET of lc_numeric or
 * lc_monetary.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/pg_locale.h"
}

#include "plan/deparse_rule.h"
#include "plan/ship_type.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_number_symbols);
}

/* What L, D, G and S stand for in pictures of numbers: five lines. The server fills in for those that the locale has not got. */
extern "C" Datum
lake_number_symbols(PG_FUNCTION_ARGS)
{
	struct lconv *symbols = PGLC_localeconv();

	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s\n%s\n%s\n%s\n%s", symbols->decimal_point, symbols->thousands_sep, symbols->currency_symbol,
											  symbols->negative_sign, symbols->positive_sign)));
}

static void
deparse_symbols(LakeDeparse *ctx, const char *picture)
{
	List	   *name = list_make2(makeString(pstrdup("lake_engine")), makeString(pstrdup("number_symbols")));

	if (strpbrk(picture, "LDGSldgs") == NULL)
		appendStringInfoString(&ctx->sql, "''");
	else
		lake_deparse_parameter(ctx, (Node *) makeFuncExpr(LookupFuncName(name, 0, NULL, false), TEXTOID, NIL, DEFAULT_COLLATION_OID,
														  InvalidOid, COERCE_EXPLICIT_CALL));
}

/* A Roman numeral beside other patterns, which PostgreSQL 18 began to refuse. */
static bool
has_roman_companion(const char *picture)
{
	const char *roman = strstr(picture, "RN") != NULL ? strstr(picture, "RN") : strstr(picture, "rn");
	const char *fill = pg_strncasecmp(picture, "FM", 2) == 0 ? picture + 2 : picture;

	return roman != NULL && (roman != fill || roman[2] != '\0');
}

static char *
constant_picture(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *picture = lake_text_argument(call, 2);

	if (picture == NULL || has_roman_companion(picture))
	{
		lake_refuse_call(ctx, call);
		return NULL;
	}
	return picture;
}

/* to_char of a number, with a constant picture. */
void
lake_rule_number_to_char(LakeDeparse *ctx, const LakeCall *call)
{
	Node	   *value = lake_call_argument(call, 1);
	bool		is_numeric = getBaseType(exprType(value)) == NUMERICOID;
	char	   *picture = constant_picture(ctx, call);

	if (picture == NULL)
		return;
	appendStringInfoString(&ctx->sql, is_numeric ? "pg_numeric_to_char(" : "pg_number_to_char(");
	/* a bare constant would take the narrowest type, and with it the function that is called */
	if (is_numeric)
		lake_deparse_numeric_text(ctx, value);
	else
		lake_deparse_cast(ctx, value, lake_ship_type_name(getBaseType(exprType(value))));
	appendStringInfoString(&ctx->sql, ", ");
	lake_append_literal(&ctx->sql, picture);
	appendStringInfoString(&ctx->sql, ", ");
	deparse_symbols(ctx, picture);
	appendStringInfoChar(&ctx->sql, ')');
}

/* to_number: V gives another scale from version to version, RN is read by PostgreSQL 18 only. */
void
lake_rule_to_number(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *picture = constant_picture(ctx, call);

	if (picture == NULL)
		return;
	if (strpbrk(picture, "Vv") != NULL || strstr(picture, "RN") != NULL || strstr(picture, "rn") != NULL)
	{
		lake_refuse_call(ctx, call);
		return;
	}
	appendStringInfoString(&ctx->sql, "pg_to_number(");
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfoString(&ctx->sql, ", ");
	lake_append_literal(&ctx->sql, picture);
	appendStringInfoString(&ctx->sql, ", ");
	deparse_symbols(ctx, picture);
	appendStringInfoChar(&ctx->sql, ')');
}
