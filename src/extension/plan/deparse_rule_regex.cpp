/*
 * deparse_rule_regex.cpp
 *	  Rules of the catalogue: regular expressions, as far as they are constant and mean the same to RE2.
 */
extern "C" {
#include "postgres.h"
#include "nodes/nodeFuncs.h"
}

#include "plan/deparse.h"
#include "plan/deparse_rule.h"
#include "plan/regular_expression.h"

/* The flags argument, if the call has one: "i", "g", "c" and nothing else. False otherwise. */
static bool
read_flags(const LakeCall *call, int number, bool *ignore_case, bool *global)
{
	const char *flags = list_length(call->args) < number ? "" : lake_text_argument(call, number);

	if (flags == NULL)
		return false;
	for (; *flags != '\0'; flags++)
	{
		if (*flags == 'i' || *flags == 'c')
			*ignore_case = *flags == 'i';
		else if (*flags == 'g' && global != NULL)
			*global = true;
		else
			return false;
	}
	return true;
}

/* The call's constant pattern; a refusal when RE2 has no equal. */
static bool
read_pattern(LakeDeparse *ctx, const LakeCall *call, bool ignore_case, bool same_match, LakeRegex *regex)
{
	char	   *pattern = lake_text_argument(call, 2);

	if (pattern != NULL && lake_translate_regex(pattern, call->collation, ignore_case, regex) && (!same_match || regex->same_match))
		return true;
	lake_refuse_call(ctx, call);
	return false;
}

static void
write_call(LakeDeparse *ctx, const char *function, const LakeCall *call, const LakeRegex *regex)
{
	appendStringInfo(&ctx->sql, "%s(", function);
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfoString(&ctx->sql, ", ");
	lake_append_literal(&ctx->sql, regex->text);
}

/* ~ ~* !~ !~*, regexp_like(text, pattern [, flags]) */
void
lake_rule_regex_match(LakeDeparse *ctx, const LakeCall *call)
{
	bool		ignore_case = OidIsValid(call->opno) && strchr(call->name, '*') != NULL;
	LakeRegex	regex;

	if (!read_flags(call, 3, &ignore_case, NULL))
	{
		lake_refuse_call(ctx, call);
		return;
	}
	if (!read_pattern(ctx, call, ignore_case, false, &regex))
		return;
	appendStringInfoString(&ctx->sql, call->name[0] == '!' ? "(NOT " : "(");
	write_call(ctx, "regexp_matches", call, &regex);
	appendStringInfoString(&ctx->sql, ", 's'))");
}

/*
 * \& is what matched, \0 to RE2; captures and the backslash are the same to both. False when there is another backslash; *captures: the last capture that is
 * named.
 */
static bool
translate_replacement(char *replacement, int *captures)
{
	*captures = 0;
	for (char *at = strchr(replacement, '\\'); at != NULL; at = strchr(at + 2, '\\'))
	{
		if (at[1] == '&')
			at[1] = '0';
		else if (at[1] >= '1' && at[1] <= '9')
			*captures = Max(*captures, at[1] - '0');
		else if (at[1] != '\\')
			return false;
	}
	return true;
}

/* regexp_replace(text, pattern, replacement [, flags]) */
void
lake_rule_regex_replace(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *replacement = lake_text_argument(call, 3);
	bool		ignore_case = false;
	bool		global = false;
	LakeRegex	regex;
	int			captures;

	if (replacement == NULL || !read_flags(call, 4, &ignore_case, &global) || !translate_replacement(replacement, &captures))
	{
		lake_refuse_call(ctx, call);
		return;
	}
	if (!read_pattern(ctx, call, ignore_case, true, &regex))
		return;
	if (captures > regex.captures)
	{
		lake_refuse_call(ctx, call);
		return;
	}
	write_call(ctx, "regexp_replace", call, &regex);
	appendStringInfoString(&ctx->sql, ", ");
	lake_append_literal(&ctx->sql, replacement);
	appendStringInfo(&ctx->sql, ", '%s')", global ? "gs" : "s");
}

/* substring(text from pattern): the capture if there is one, else what matched; NULL without a match. regexp_substr: what matched. */
void
lake_rule_regex_substring(LakeDeparse *ctx, const LakeCall *call)
{
	LakeRegex	regex;

	if (!read_pattern(ctx, call, false, true, &regex))
		return;
	appendStringInfoString(&ctx->sql, "(CASE WHEN ");
	write_call(ctx, "regexp_matches", call, &regex);
	appendStringInfoString(&ctx->sql, ", 's') THEN ");
	write_call(ctx, "regexp_extract", call, &regex);
	appendStringInfo(&ctx->sql, ", %d, 's') END)", strcmp(call->name, "substring") == 0 ? Min(regex.captures, 1) : 0);
}

/* regexp_count(text, pattern) */
void
lake_rule_regex_count(LakeDeparse *ctx, const LakeCall *call)
{
	LakeRegex	regex;

	if (!read_pattern(ctx, call, false, true, &regex))
		return;
	appendStringInfoChar(&ctx->sql, '(');
	write_call(ctx, "len(regexp_extract_all", call, &regex);
	appendStringInfoString(&ctx->sql, ", 0, 's')))::integer");
}
