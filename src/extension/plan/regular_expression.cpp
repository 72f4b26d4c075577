/*
 * regular_expression.cpp
 *	  PostgreSQL's regular expressions in the words of RE2, DuckDB's.
 *
 * Taken are: characters and their escapes, ".", bracket expressions, \d \w \s and their opposites, groups, alternatives, quantifiers (greedy or
 * not), ^ $ \A \Z. Not: back references, look-around, word boundaries, embedded options, collating elements. A set of characters is written as
 * ranges of code points, made here with the same functions of the C library that PostgreSQL asks, so the server needs no tables of letters; case
 * is ignored by having both cases in the set.
 *
 * Both sides find the leftmost match; of those that start there PostgreSQL takes the longest, RE2 the first that backtracking would. They are the same
 * when the expression is a row of single characters, quantified or not, in which every count but the last follows from the text:
 * a repeated set has no character in common with what may come behind it.
 */
extern "C" {
#include "postgres.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"
}

#include <locale.h>
#include <wctype.h>

#include "plan/regular_expression.h"
#include "plan/ship_type.h"

#define LAST_CODE 0x10ffff
#define MAX_REPEAT 255			/* PostgreSQL's DUPMAX */
#define MAX_REPEATED 1000		/* RE2's limit for nested counts */
#define MAX_FOLDED 2000			/* characters whose other case is looked up */

typedef struct Range
{
	pg_wchar	first;
	pg_wchar	last;
} Range;

typedef struct CharSet
{
	Range	   *ranges;			/* sorted and apart after normalize() */
	int			count;
	int			size;
} CharSet;

/* A quantified set of the row that the expression is, as long as it is one. */
typedef struct Item
{
	CharSet		set;
	int			min;
	int			max;			/* -1: no end */
} Item;

typedef struct Parser
{
	const char *at;
	StringInfoData text;
	bool		ignore_case;
	locale_t	locale;			/* NULL for C */
	bool		failed;
	int			captures;
	bool		is_row;
	bool		ended;			/* behind $ */
	Item	   *items;
	int			item_count;
} Parser;

/* ---------------------------------------------------------------- sets */

static void
add_range(CharSet *set, pg_wchar first, pg_wchar last)
{
	if (set->count == set->size)
	{
		set->size = Max(set->size * 2, 16);
		set->ranges = set->ranges == NULL ? (Range *) palloc(set->size * sizeof(Range)) :
			(Range *) repalloc(set->ranges, set->size * sizeof(Range));
	}
	set->ranges[set->count].first = first;
	set->ranges[set->count++].last = last;
}

static int
compare_ranges(const void *left, const void *right)
{
	pg_wchar	a = ((const Range *) left)->first;
	pg_wchar	b = ((const Range *) right)->first;

	return a < b ? -1 : a > b ? 1 : 0;
}

static void
normalize(CharSet *set)
{
	int			kept = 0;

	if (set->count == 0)
		return;
	qsort(set->ranges, set->count, sizeof(Range), compare_ranges);
	for (int i = 1; i < set->count; i++)
	{
		if (set->ranges[i].first <= set->ranges[kept].last + 1)
			set->ranges[kept].last = Max(set->ranges[kept].last, set->ranges[i].last);
		else
			set->ranges[++kept] = set->ranges[i];
	}
	set->count = kept + 1;
}

static CharSet
complement(CharSet *set)
{
	CharSet		result = {};
	pg_wchar	next = 1;		/* no text has a character 0 */

	normalize(set);
	for (int i = 0; i < set->count; i++)
	{
		if (set->ranges[i].first > next)
			add_range(&result, next, set->ranges[i].first - 1);
		next = set->ranges[i].last + 1;
	}
	if (next <= LAST_CODE)
		add_range(&result, next, LAST_CODE);
	return result;
}

/* Both are normalized. */
static bool
are_disjoint(const CharSet *left, const CharSet *right)
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

static void
add_set(CharSet *set, const CharSet *other)
{
	for (int i = 0; i < other->count; i++)
		add_range(set, other->ranges[i].first, other->ranges[i].last);
}

/* ---------------------------------------------------------------- letters */

static locale_t
utf8_locale(void)
{
	static locale_t locale = NULL;

	if (locale == NULL)
		locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	return locale;
}

static bool
is_of_class(Parser *parser, const char *name, pg_wchar code)
{
	wctype_t	type;

	if (parser->locale == NULL)
		return code <= 127 && iswctype(code, wctype(name));
	type = wctype_l(name, parser->locale);
	return iswctype_l(code, type, parser->locale);
}

static const char *const class_names[] = {"alpha", "alnum", "digit", "space", "upper", "lower", "punct"};

/* Sets of a million questions to the C library are kept for the backend's life. */
static CharSet class_sets[lengthof(class_names)];

static void
find_class(Parser *parser, CharSet *set, const char *name)
{
	for (pg_wchar code = 1; code <= (parser->locale == NULL ? 127 : LAST_CODE); code++)
	{
		pg_wchar	first = code;

		while (code <= LAST_CODE && (code < 0xd800 || code > 0xdfff) && is_of_class(parser, name, code))
			code++;
		if (code > first)
			add_range(set, first, code - 1);
	}
}

/* Adds the characters of a class that PostgreSQL knows too; false for other names. */
static bool
add_class(Parser *parser, CharSet *set, const char *name)
{
	if (strcmp(name, "blank") == 0)
	{
		add_range(set, ' ', ' ');
		add_range(set, '\t', '\t');
		return true;
	}
	if (parser->ignore_case && (strcmp(name, "upper") == 0 || strcmp(name, "lower") == 0))
		name = "alpha";
	for (size_t i = 0; i < lengthof(class_names); i++)
	{
		if (strcmp(class_names[i], name) != 0)
			continue;
		if (parser->locale == NULL)
			find_class(parser, set, name);
		else
		{
			MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

			if (class_sets[i].count == 0)
				find_class(parser, &class_sets[i], name);
			MemoryContextSwitchTo(old);
			add_set(set, &class_sets[i]);
		}
		return true;
	}
	return false;
}

/* \d \w \s and their opposites; false for other letters. */
static bool
add_class_escape(Parser *parser, CharSet *set, char letter)
{
	CharSet		characters = {};

	switch (pg_ascii_tolower(letter))
	{
		case 'd':
			add_class(parser, &characters, "digit");
			break;
		case 's':
			add_class(parser, &characters, "space");
			break;
		case 'w':
			add_class(parser, &characters, "alnum");
			add_range(&characters, '_', '_');
			break;
		default:
			return false;
	}
	if (letter <= 'Z')
		characters = complement(&characters);
	add_set(set, &characters);
	return true;
}

static void
add_folded(Parser *parser, CharSet *set, pg_wchar first, pg_wchar last)
{
	add_range(set, first, last);
	if (!parser->ignore_case)
		return;
	if (last - first > MAX_FOLDED)
	{
		parser->failed = true;
		return;
	}
	for (pg_wchar code = first; code <= last; code++)
	{
		pg_wchar	lower = code <= 127 ? pg_ascii_tolower((unsigned char) code) : parser->locale != NULL ? towlower_l(code, parser->locale) : code;
		pg_wchar	upper = code <= 127 ? pg_ascii_toupper((unsigned char) code) : parser->locale != NULL ? towupper_l(code, parser->locale) : code;

		add_range(set, lower, lower);
		add_range(set, upper, upper);
	}
}

/* ---------------------------------------------------------------- writing */

static void
write_code(StringInfo text, pg_wchar code)
{
	if (code <= 127 && isalnum((unsigned char) code))
		appendStringInfoChar(text, (char) code);
	else
		appendStringInfo(text, "\\x{%x}", code);
}

static void
write_set(StringInfo text, const CharSet *set)
{
	if (set->count == 1 && set->ranges[0].first == set->ranges[0].last)
	{
		write_code(text, set->ranges[0].first);
		return;
	}
	if (set->count == 1 && set->ranges[0].first <= 1 && set->ranges[0].last == LAST_CODE)
	{
		appendStringInfoChar(text, '.');
		return;
	}
	appendStringInfoChar(text, '[');
	for (int i = 0; i < set->count; i++)
	{
		write_code(text, set->ranges[i].first);
		if (set->ranges[i].last > set->ranges[i].first)
		{
			appendStringInfoChar(text, '-');
			write_code(text, set->ranges[i].last);
		}
	}
	appendStringInfoChar(text, ']');
}

/* ---------------------------------------------------------------- reading */

static pg_wchar
take_code(Parser *parser)
{
	const unsigned char *at = (const unsigned char *) parser->at;

	parser->at += pg_utf_mblen(at);
	return utf8_to_unicode(at);
}

/* Behind a backslash: a character that stands for itself or for another one. */
static pg_wchar
take_escape(Parser *parser)
{
	static const char letters[] = "abefnrtv";
	static const char meanings[] = "\a\b\033\f\n\r\t\v";
	char		letter = *parser->at;
	const char *found = letter == '\0' ? NULL : strchr(letters, letter);

	if (found != NULL)
	{
		parser->at++;
		return (pg_wchar) meanings[found - letters];
	}
	if (letter == '\0' || isalnum((unsigned char) letter) || IS_HIGHBIT_SET(letter))
	{
		parser->failed = true;
		return 0;
	}
	return take_code(parser);
}

/* An end of a range, or a single character, in brackets. */
static pg_wchar
take_bracket_code(Parser *parser)
{
	if (*parser->at == '[' && (parser->at[1] == '.' || parser->at[1] == '=' || parser->at[1] == ':'))
	{
		parser->failed = true;
		return 0;
	}
	if (*parser->at != '\\')
		return take_code(parser);
	parser->at++;
	return take_escape(parser);
}

/* [:alpha:], the [ being the one in front of the colon. */
static void
take_named_class(Parser *parser, CharSet *set)
{
	char		name[16];
	const char *end = strstr(parser->at, ":]");
	size_t		size = end == NULL ? 0 : (size_t) (end - parser->at - 2);

	if (size == 0 || size >= sizeof(name))
	{
		parser->failed = true;
		return;
	}
	memcpy(name, parser->at + 2, size);
	name[size] = '\0';
	if (!add_class(parser, set, name))
		parser->failed = true;
	parser->at = end + 2;
}

/* Behind the opening bracket. */
static CharSet
take_bracket(Parser *parser)
{
	CharSet		set = {};
	bool		negated = *parser->at == '^';
	bool		first = true;

	if (negated)
		parser->at++;
	for (; !parser->failed && (*parser->at != ']' || first); first = false)
	{
		pg_wchar	code;

		if (*parser->at == '\0' || (*parser->at == '-' && !first && parser->at[1] != ']'))
			parser->failed = true;
		else if (parser->at[0] == '[' && parser->at[1] == ':')
			take_named_class(parser, &set);
		else if (*parser->at == '\\' && strchr("dws", parser->at[1]) != NULL && parser->at[1] != '\0')
		{
			add_class_escape(parser, &set, parser->at[1]);
			parser->at += 2;
		}
		else
		{
			pg_wchar	last;

			code = last = take_bracket_code(parser);
			if (!parser->failed && parser->at[0] == '-' && parser->at[1] != ']')
			{
				parser->at++;
				last = *parser->at == '\0' ? 0 : take_bracket_code(parser);
			}
			if (parser->failed || last < code)
				parser->failed = true;
			else
				add_folded(parser, &set, code, last);
		}
	}
	if (!parser->failed)
		parser->at++;
	normalize(&set);
	return negated ? complement(&set) : set;
}

static bool
take_number(Parser *parser, int *number)
{
	if (*parser->at < '0' || *parser->at > '9')
		return false;
	for (*number = 0; *parser->at >= '0' && *parser->at <= '9'; parser->at++)
		*number = Min(*number * 10 + (*parser->at - '0'), MAX_REPEAT + 1);
	return true;
}

static bool
starts_quantifier(const char *at)
{
	return *at == '*' || *at == '+' || *at == '?' || (*at == '{' && at[1] >= '0' && at[1] <= '9');
}

/* {m}, {m,}, {m,n} */
static void
take_bounds(Parser *parser, int *min, int *max)
{
	parser->at++;
	take_number(parser, min);
	*max = *min;
	if (*parser->at == ',')
	{
		parser->at++;
		if (!take_number(parser, max))
			*max = -1;
	}
	if (*parser->at != '}' || *min > MAX_REPEAT || *max > MAX_REPEAT || (*max >= 0 && *max < *min))
		parser->failed = true;
	else
		parser->at++;
}

/* Takes and writes the quantifier behind an atom, if there is one; gives how often RE2 repeats the atom's program. */
static int
take_quantifier(Parser *parser, int *min, int *max)
{
	*min = *max = 1;
	if (!starts_quantifier(parser->at))
		return 1;
	if (*parser->at == '{')
		take_bounds(parser, min, max);
	else
	{
		*min = *parser->at == '+' ? 1 : 0;
		*max = *parser->at == '?' ? 1 : -1;
		parser->at++;
	}
	appendStringInfo(&parser->text, *max < 0 ? "{%d,}" : "{%d,%d}", *min, *max);
	if (*parser->at == '?')
	{
		parser->is_row = false;
		parser->at++;
		appendStringInfoChar(&parser->text, '?');
	}
	/* a quantifier of a quantifier is PostgreSQL's error */
	if (starts_quantifier(parser->at))
		parser->failed = true;
	return Max(1, Max(*min, *max));
}

static int	take_alternatives(Parser *parser, int depth);

/* Behind the opening parenthesis. */
static int
take_group(Parser *parser, int depth)
{
	bool		captures = parser->at[0] != '?';
	int			repeated;

	if (!captures && parser->at[1] != ':')
	{
		parser->failed = true;
		return 1;
	}
	parser->at += captures ? 0 : 2;
	parser->captures += captures ? 1 : 0;
	appendStringInfoString(&parser->text, captures ? "(" : "(?:");
	repeated = take_alternatives(parser, depth + 1);
	if (*parser->at != ')')
		parser->failed = true;
	else
		parser->at++;
	appendStringInfoChar(&parser->text, ')');
	/* an empty group cannot be repeated in the same way, a repeated one is no row of characters */
	if (starts_quantifier(parser->at))
		parser->is_row = false;
	return repeated;
}

/* ^ $ \A \Z; false when it is something else. */
static bool
take_anchor(Parser *parser)
{
	bool		escaped = *parser->at == '\\';
	char		letter = escaped ? parser->at[1] : *parser->at;
	bool		start = letter == (escaped ? 'A' : '^');

	if (!start && letter != (escaped ? 'Z' : '$'))
		return false;
	parser->at += escaped ? 2 : 1;
	if (starts_quantifier(parser->at))
		parser->failed = true;
	if (start && parser->item_count > 0)
		parser->is_row = false;
	parser->ended = parser->ended || !start;
	appendStringInfoString(&parser->text, start ? "\\A" : "\\z");
	return true;
}

static CharSet
take_characters(Parser *parser)
{
	CharSet		set = {};
	char		c = *parser->at;

	if (c == '[')
	{
		parser->at++;
		return take_bracket(parser);
	}
	if (c == '.')
	{
		parser->at++;
		add_range(&set, 1, LAST_CODE);
	}
	else if (c == '\\' && add_class_escape(parser, &set, parser->at[1]))
		parser->at += 2;
	else if (c == '\\')
	{
		pg_wchar	code;

		parser->at++;
		code = take_escape(parser);
		add_folded(parser, &set, code, code);
	}
	else if (starts_quantifier(parser->at))
		parser->failed = true;
	else
	{
		pg_wchar	code = take_code(parser);

		add_folded(parser, &set, code, code);
	}
	normalize(&set);
	return set;
}

/* One quantified atom. */
static int
take_atom(Parser *parser, int depth)
{
	Item		item = {};
	int			repeated = 1;

	if (*parser->at == '(')
	{
		parser->at++;
		repeated = take_group(parser, depth);
		return repeated * take_quantifier(parser, &item.min, &item.max);
	}
	item.set = take_characters(parser);
	if (parser->failed || item.set.count == 0)
	{
		parser->failed = true;
		return 1;
	}
	write_set(&parser->text, &item.set);
	repeated = take_quantifier(parser, &item.min, &item.max);
	if (parser->ended)
		parser->is_row = false;
	parser->items = (Item *) repalloc(parser->items, (parser->item_count + 1) * sizeof(Item));
	parser->items[parser->item_count++] = item;
	return repeated;
}

/* Branches up to the closing parenthesis or the end; the largest product of nested counts. */
static int
take_alternatives(Parser *parser, int depth)
{
	int			most = 1;

	if (depth > 50)
		parser->failed = true;
	while (!parser->failed && *parser->at != '\0' && *parser->at != ')')
	{
		if (*parser->at == '|')
		{
			parser->is_row = false;
			parser->at++;
			appendStringInfoChar(&parser->text, '|');
			if (starts_quantifier(parser->at))
				parser->failed = true;
		}
		else if (!take_anchor(parser))
		{
			int			repeated = take_atom(parser, depth);

			most = Max(most, repeated);
		}
	}
	if (most > MAX_REPEATED)
		parser->failed = true;
	return Min(most, MAX_REPEATED + 1);
}

/* See the head of the file. */
static bool
counts_follow_from_text(const Parser *parser)
{
	int			last = parser->item_count - 1;
	bool		can_be_empty = true;

	for (int i = 0; i < parser->item_count; i++)
		can_be_empty = can_be_empty && parser->items[i].min == 0;
	if (can_be_empty)
		return false;
	while (last >= 0 && parser->items[last].min == parser->items[last].max)
		last--;
	for (int i = 0; i < last; i++)
	{
		if (parser->items[i].min == parser->items[i].max)
			continue;
		for (int next = i + 1; next < parser->item_count; next++)
		{
			if (!are_disjoint(&parser->items[i].set, &parser->items[next].set))
				return false;
			if (parser->items[next].min > 0)
				break;
		}
	}
	return true;
}

bool
lake_translate_regex(const char *pattern, Oid collation, bool ignore_case, LakeRegex *regex)
{
	Parser		parser = {};

	if (lake_collation_is_c_utf8(collation))
		parser.locale = utf8_locale();
	if (parser.locale == NULL && !lake_collation_is_c(collation))
		return false;
	/* a director (***), or embedded options, or what looks like them */
	if (strncmp(pattern, "***", 3) == 0 || (pattern[0] == '(' && pattern[1] == '?' && pattern[2] != ':'))
		return false;
	parser.at = pattern;
	parser.ignore_case = ignore_case;
	parser.is_row = true;
	parser.items = (Item *) palloc(sizeof(Item));
	initStringInfo(&parser.text);
	take_alternatives(&parser, 0);
	if (parser.failed || *parser.at != '\0')
		return false;
	regex->text = parser.text.data;
	regex->captures = parser.captures;
	regex->same_match = parser.is_row && parser.captures <= 1 && counts_follow_from_text(&parser);
	return true;
}
