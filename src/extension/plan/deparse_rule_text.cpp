/*
 * deparse_rule_text.cpp
 *	  Rules of the catalogue: text. What DuckDB does not do as PostgreSQL does is done by functions of our server (pg_text.cpp).
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
}

#include "plan/deparse.h"
#include "plan/deparse_rule.h"
#include "plan/ship_type.h"
#include "plan/shippable_catalog.h"

/* "$o(a, b, ..)" */
static void
write_function(LakeDeparse *ctx, const char *name, List *args)
{
	ListCell   *lc;

	appendStringInfo(&ctx->sql, "%s(", name);
	foreach(lc, args)
	{
		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_expr(ctx, (Node *) lfirst(lc));
	}
	appendStringInfoChar(&ctx->sql, ')');
}

/* PostgreSQL meets a lone escape at the end of a pattern late, DuckDB early. */
static bool
ends_in_lone_escape(const char *pattern)
{
	int			escapes = 0;

	for (int i = (int) strlen(pattern) - 1; i >= 0 && pattern[i] == '\\'; i--)
		escapes++;
	return escapes % 2 == 1;
}

/* How to lower letters under the collation: what stands before and behind the text. False after a refusal. */
static bool
lowering(LakeDeparse *ctx, Oid collation, const char **before, const char **behind)
{
	bool		ascii = lake_collation_is_c(collation);

	if (!ascii && !lake_collation_is_c_utf8(collation))
	{
		lake_refuse_collation(ctx, collation);
		return false;
	}
	*before = ascii ? "translate(" : "lower(";
	*behind = ascii ? ", 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')" : ")";
	return true;
}

/*
 * PostgreSQL escapes with a backslash when nothing else is said, DuckDB with nothing. DuckDB's own LIKE is quicker; it takes constant patterns alone,
 * for it raises errors that PostgreSQL does not meet. ILIKE is LIKE of the lower letters of both sides, as in PostgreSQL.
 */
void
lake_rule_like(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *pattern = lake_text_argument(call, 2);
	bool		native = pattern != NULL && !ends_in_lone_escape(pattern);
	bool		negated = call->name[0] == '!';
	const char *before = "";
	const char *behind = "";

	if (strchr(call->name, '*') != NULL && !lowering(ctx, call->collation, &before, &behind))
		return;
	appendStringInfo(&ctx->sql, native ? "(%s" : negated ? "(NOT pg_like(%s" : "(pg_like(%s", before);
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfo(&ctx->sql, "%s%s%s", behind, !native ? ", " : negated ? " NOT LIKE " : " LIKE ", before);
	lake_deparse_expr(ctx, lake_call_argument(call, 2));
	appendStringInfo(&ctx->sql, "%s%s", behind, !native ? "))" : strchr(pattern, '\\') != NULL ? " ESCAPE '\\')" : ")");
}

/*
 * Under C only ASCII letters change. Under C.UTF-8 the C library and DuckDB agree on every code point but one (tests/e2e/twins/queries/letters.sql
 * looks at all of them): the sharp s has no capital in the C library, so upper() is asked of what lies between.
 */
void
lake_rule_letters(LakeDeparse *ctx, const LakeCall *call)
{
	const char *before;
	const char *behind;
	bool		is_upper = strcmp(call->name, "upper") == 0;

	if (!lowering(ctx, call->collation, &before, &behind))
		return;
	if (is_upper && lake_collation_is_c(call->collation))
		behind = ", 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')";
	else if (is_upper)
	{
		before = "array_to_string(list_transform(string_split(";
		behind = ", 'ß'), lambda part: upper(part)), 'ß')";
	}
	appendStringInfoString(&ctx->sql, before);
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfoString(&ctx->sql, behind);
}

/* Constant positions from 1 on and lengths from 0 on mean the same. */
void
lake_rule_substring(LakeDeparse *ctx, const LakeCall *call)
{
	int32		start;
	int32		length = 0;
	bool		native = lake_int_argument(call, 2, &start) && start >= 1 &&
		(list_length(call->args) < 3 || (lake_int_argument(call, 3, &length) && length >= 0));

	write_function(ctx, native ? "substr" : "pg_substring", call->args);
}

void
lake_rule_pad(LakeDeparse *ctx, const LakeCall *call)
{
	appendStringInfo(&ctx->sql, "pg_%s(", call->name);
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfoString(&ctx->sql, ", ");
	lake_deparse_expr(ctx, lake_call_argument(call, 2));
	appendStringInfoString(&ctx->sql, ", ");
	if (list_length(call->args) > 2)
		lake_deparse_expr(ctx, lake_call_argument(call, 3));
	else
		appendStringInfoString(&ctx->sql, "' '");
	appendStringInfoChar(&ctx->sql, ')');
}

void
lake_rule_split_part(LakeDeparse *ctx, const LakeCall *call)
{
	int32		field;
	char	   *delimiter = lake_text_argument(call, 2);
	bool		native = lake_int_argument(call, 3, &field) && field >= 1 && delimiter != NULL && *delimiter != '\0';

	write_function(ctx, native ? "split_part" : "pg_split_part", call->args);
}

/* Arguments are written by their types' output functions; concat leaves NULLs out, on both sides. */
void
lake_rule_concat(LakeDeparse *ctx, const LakeCall *call)
{
	ListCell   *lc;

	appendStringInfo(&ctx->sql, "%s(", call->name);
	foreach(lc, call->args)
	{
		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_text_form(ctx, (Node *) lfirst(lc));
	}
	appendStringInfoChar(&ctx->sql, ')');
}

/* The number in front of a $ of a format; 0 when there is none. */
static int
format_position(const char **at)
{
	char	   *end;
	long		number = strtol(*at, &end, 10);

	if (end == *at || *end != '$' || number < 1 || number > FUNC_MAX_ARGS || **at < '0' || **at > '9')
		return 0;
	*at = end + 1;
	return (int) number;
}

/* One %s or %L, or a refusal. */
static void
write_format_item(LakeDeparse *ctx, const LakeCall *call, char kind, int number)
{
	if (number >= list_length(call->args) || (kind != 's' && kind != 'L'))
	{
		lake_refuse_call(ctx, call);
		return;
	}
	appendStringInfoString(&ctx->sql, kind == 'L' ? ", coalesce(pg_quote_literal(" : ", (");
	lake_deparse_text_form(ctx, lake_call_argument(call, number + 1));
	appendStringInfoString(&ctx->sql, kind == 'L' ? "), 'NULL')" : ")");
}

/* format('a %s b %2$L', ..): the pieces of a constant format, concatenated. Widths, and what is an error, are PostgreSQL's. */
void
lake_rule_format(LakeDeparse *ctx, const LakeCall *call)
{
	const char *at = lake_text_argument(call, 1);
	StringInfoData piece;
	int			number = 0;

	if (at == NULL)
	{
		lake_refuse_call(ctx, call);
		return;
	}
	initStringInfo(&piece);
	appendStringInfoString(&ctx->sql, "concat(''");
	for (; *at != '\0'; at++)
	{
		int			position;

		if (*at != '%' || (*++at == '%'))
		{
			appendStringInfoChar(&piece, *at);
			continue;
		}
		position = format_position(&at);
		number = position > 0 ? position : number + 1;
		appendStringInfoString(&ctx->sql, ", ");
		lake_append_literal(&ctx->sql, piece.data);
		resetStringInfo(&piece);
		write_format_item(ctx, call, *at, number);
		if (ctx->reasons != NIL)
			return;
	}
	appendStringInfoString(&ctx->sql, ", ");
	lake_append_literal(&ctx->sql, piece.data);
	appendStringInfoChar(&ctx->sql, ')');
}

/* The length that a cast to varchar(n) or char(n) gives, -1 for none, and whether the cast was asked for; false after a refusal. */
static bool
cast_length(LakeDeparse *ctx, const LakeCall *call, int *length, bool *is_explicit)
{
	Node	   *flag = lake_call_argument(call, 3);
	int32		typmod;

	if (!lake_int_argument(call, 2, &typmod) || !lake_is_nonnull_const(flag))
	{
		lake_refuse_call(ctx, call);
		return false;
	}
	*length = Max(typmod - (int32) VARHDRSZ, -1);
	*is_explicit = DatumGetBool(((Const *) flag)->constvalue);
	return true;
}

/* x::varchar(n) cuts; an assignment does not, unless it cuts blanks. */
void
lake_rule_varchar(LakeDeparse *ctx, const LakeCall *call)
{
	int			length;
	bool		is_explicit;

	if (!cast_length(ctx, call, &length, &is_explicit))
		return;
	if (length >= 0)
		appendStringInfoString(&ctx->sql, is_explicit ? "left(" : "pg_varchar(");
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	if (length >= 0)
		appendStringInfo(&ctx->sql, ", %d)", length);
}

/* x::char(n) cuts or pads. */
void
lake_rule_bpchar(LakeDeparse *ctx, const LakeCall *call)
{
	int			length;
	bool		is_explicit;

	if (!cast_length(ctx, call, &length, &is_explicit))
		return;
	if (length >= 0)
		appendStringInfoString(&ctx->sql, "pg_bpchar(");
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	if (length >= 0)
		appendStringInfo(&ctx->sql, ", %d, %s)", length, is_explicit ? "true" : "false");
}
