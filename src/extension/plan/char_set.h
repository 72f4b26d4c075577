/*
 * char_set.h
 *	  Sets of characters, as ranges of code points.
 */
#ifndef LAKE_PLAN_CHAR_SET_H
#define LAKE_PLAN_CHAR_SET_H

extern "C" {
#include "postgres.h"
#include "mb/pg_wchar.h"
}

#define LAKE_LAST_CODE 0x10ffff

typedef struct LakeCharRange
{
	pg_wchar	first;
	pg_wchar	last;
} LakeCharRange;

typedef struct LakeCharSet
{
	LakeCharRange	   *ranges;			/* sorted and apart after lake_charset_normalize() */
	int			count;
	int			size;
} LakeCharSet;

extern void lake_charset_add(LakeCharSet *set, pg_wchar first, pg_wchar last);
extern void lake_charset_add_all(LakeCharSet *set, const LakeCharSet *other);
extern void lake_charset_normalize(LakeCharSet *set);
/* All other characters from 1 on; the set is normalized. */
extern LakeCharSet lake_charset_complement(LakeCharSet *set);
/* Both are normalized. */
extern bool lake_charsets_are_disjoint(const LakeCharSet *left, const LakeCharSet *right);

#endif
