/*
 * sql_text.h
 *	  Literals and identifiers in statements for the server, whose parser knows no backslash escapes: a quote is doubled, nothing else changes.
 */
#ifndef LAKE_LINK_SQL_TEXT_H
#define LAKE_LINK_SQL_TEXT_H

extern "C" {
#include "postgres.h"
#include "lib/stringinfo.h"
}

static inline void
lake_append_literal(StringInfo sql, const char *text)
{
	appendStringInfoChar(sql, '\'');
	for (const char *c = text; *c != '\0'; c++)
	{
		if (*c == '\'')
			appendStringInfoChar(sql, '\'');
		appendStringInfoChar(sql, *c);
	}
	appendStringInfoChar(sql, '\'');
}

static inline void
lake_append_identifier(StringInfo sql, const char *name)
{
	appendStringInfoChar(sql, '"');
	for (const char *c = name; *c != '\0'; c++)
	{
		if (*c == '"')
			appendStringInfoChar(sql, '"');
		appendStringInfoChar(sql, *c);
	}
	appendStringInfoChar(sql, '"');
}

#endif
