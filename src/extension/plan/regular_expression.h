/*
 * regular_expression.h
 *	  PostgreSQL's regular expressions in the words of RE2, DuckDB's.
 */
#ifndef LAKE_PLAN_REGULAR_EXPRESSION_H
#define LAKE_PLAN_REGULAR_EXPRESSION_H

extern "C" {
#include "postgres.h"
}

typedef struct LakeRegex
{
	char	   *text;			/* for RE2, with "." matching newlines; palloc'd */
	int			captures;		/* pairs of capturing parentheses */

	/*
	 * Where it matches, RE2's first match is PostgreSQL's longest one, and is not empty: what it matched, and what its parentheses
	 * captured, are the same on both sides. Else only whether it matches is.
	 */
	bool		same_match;
} LakeRegex;

/*
 * False when the expression (an "advanced" one, ARE) has something without an equal in RE2, or is wrong. Letters and classes are those of the collation,
 * which must be C, POSIX or C.UTF-8.
 */
extern bool lake_translate_regex(const char *pattern, Oid collation, bool ignore_case, LakeRegex *regex);

#endif
