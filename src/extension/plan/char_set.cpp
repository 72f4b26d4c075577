/*
 * char_set.cpp
 *	  See char_set.h.
 */
extern "C" {
#include "postgres.h"
#include "mb/pg_wchar.h"
}

#include "plan/char_set.h"

void
lake_charset_add(LakeCharSet *set, pg_wchar first, pg_wchar last)
{
	if (set->count == set->size)
	{
		set->size = Max(set->size * 2, 16);
		set->ranges = set->ranges == NULL ? (LakeCharRange *) palloc(set->size * sizeof(LakeCharRange)) :
			(LakeCharRange *) repalloc(set->ranges, set->size * sizeof(LakeCharRange));
	}
	set->ranges[set->count].first = first;
	set->ranges[set->count++].last = last;
}

static int
compare_ranges(const void *left, const void *right)
{
	pg_wchar	a = ((const LakeCharRange *) left)->first;
	pg_wchar	b = ((const LakeCharRange *) right)->first;

	return a < b ? -1 : a > b ? 1 : 0;
}

void
lake_charset_normalize(LakeCharSet *set)
{
	int			kept = 0;

	if (set->count == 0)
		return;
	qsort(set->ranges, set->count, sizeof(LakeCharRange), compare_ranges);
	for (int i = 1; i < set->count; i++)
	{
		if (set->ranges[i].first <= set->ranges[kept].last + 1)
			set->ranges[kept].last = Max(set->ranges[kept].last, set->ranges[i].last);
		else
			set->ranges[++kept] = set->ranges[i];
	}
	set->count = kept + 1;
}

LakeCharSet
lake_charset_complement(LakeCharSet *set)
{
	LakeCharSet		result = {};
	pg_wchar	next = 1;		/* no text has a character 0 */

	lake_charset_normalize(set);
	for (int i = 0; i < set->count; i++)
	{
		if (set->ranges[i].first > next)
			lake_charset_add(&result, next, set->ranges[i].first - 1);
		next = set->ranges[i].last + 1;
	}
	if (next <= LAKE_LAST_CODE)
		lake_charset_add(&result, next, LAKE_LAST_CODE);
	return result;
}

bool
lake_charsets_are_disjoint(const LakeCharSet *left, const LakeCharSet *right)
{
	for (int i = 0, j = 0; i < left->count && j < right->count;)
	{
		if (left->ranges[i].last < right->ranges[j].first)
			i++;
		else if (right->ranges[j].last < left->ranges[i].first)
			j++;
		else
			return false;
	}
	return true;
}

void
lake_charset_add_all(LakeCharSet *set, const LakeCharSet *other)
{
	for (int i = 0; i < other->count; i++)
		lake_charset_add(set, other->ranges[i].first, other->ranges[i].last);
}
