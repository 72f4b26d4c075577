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
 * a repeated set has no character in common with what may come behind it. Where the row ends in $ there is but one end, and both let the stretches between
 * parentheses that capture, if they are not nested, be as long as can be, from left to right: then it is enough that every count but the last of each stretch follows from the
 * text. An optional group of characters, as in (?:www\.)?, is like one optional character.
 */
extern "C" {
#include "postgres.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"
}

#include <locale.h>
#include <wctype.h>

#include "plan/char_set.h"
#include "plan/regular_expression.h"
#include "plan/ship_type.h"

#define MAX_REPEAT 255			/* PostgreSQL's DUPMAX */
#define MAX_REPEATED 1000		/* RE2's limit for nested counts */
#define MAX_FOLDED 2000			/* characters whose other case is looked up */

/* A quantified set, or an optional group that begins with the set, of the row that the expression is, as long as it is one. */
typedef struct Item
{
	LakeCharSet		set;
	int			min;
	int			max;			/* -1: no end */
	int			stretch;		/* counted anew at each capturing parenthesis */
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
	bool		begins;			/* with ^ */
	bool		ended;			/* behind $ */
	int			anchors;
	int			stretch;
	bool		nested;			/* a group has groups that capture */
	Item	   *items;
	int			item_count;
} Parser;

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
static LakeCharSet class_sets[lengthof(class_names)];

static void
find_class(Parser *parser, LakeCharSet *set, const char *name)
{
	for (pg_wchar code = 1; code <= (parser->locale == NULL ? 127 : LAKE_LAST_CODE); code++)
	{
		pg_wchar	first = code;

		while (code <= LAKE_LAST_CODE && (code < 0xd800 || code > 0xdfff) && is_of_class(parser, name, code))
			code++;
		if (code > first)
			lake_charset_add(set, first, code - 1);
	}
}

/* Adds the characters of a class that PostgreSQL knows too; false for other names. */
static bool
add_class(Parser *parser, LakeCharSet *set, const char *name)
{
	if (strcmp(name, "blank") == 0)
	{
		lake_charset_add(set, ' ', ' ');
		lake_charset_add(set, '\t', '\t');
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
			lake_charset_add_all(set, &class_sets[i]);
		}
		return true;
	}
	return false;
}

/* \d \w \s and their opposites; false for other letters. */
static bool
add_class_escape(Parser *parser, LakeCharSet *set, char letter)
{
	LakeCharSet		characters = {};

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
			lake_charset_add(&characters, '_', '_');
			break;
		default:
			return false;
	}
	if (letter <= 'Z')
		characters = lake_charset_complement(&characters);
	lake_charset_add_all(set, &characters);
	return true;
}

static void
add_folded(Parser *parser, LakeCharSet *set, pg_wchar first, pg_wchar last)
{
	lake_charset_add(set, first, last);
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

		lake_charset_add(set, lower, lower);
		lake_charset_add(set, upper, upper);
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
write_set(StringInfo text, const LakeCharSet *set)
{
	if (set->count == 1 && set->ranges[0].first == set->ranges[0].last)
	{
		write_code(text, set->ranges[0].first);
		return;
	}
	if (set->count == 1 && set->ranges[0].first <= 1 && set->ranges[0].last == LAKE_LAST_CODE)
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
take_named_class(Parser *parser, LakeCharSet *set)
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
static LakeCharSet
take_bracket(Parser *parser)
{
	LakeCharSet		set = {};
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
	lake_charset_normalize(&set);
	return negated ? lake_charset_complement(&set) : set;
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
	parser->stretch += captures ? 1 : 0;
	appendStringInfoString(&parser->text, captures ? "(" : "(?:");
	repeated = take_alternatives(parser, depth + 1);
	if (*parser->at != ')')
		parser->failed = true;
	else
		parser->at++;
	appendStringInfoChar(&parser->text, ')');
	parser->stretch += captures ? 1 : 0;
	return repeated;
}

/* A group with its quantifier. An optional one of so many characters is an item of its own, others that are quantified are no part of a row. */
static int
take_quantified_group(Parser *parser, int depth)
{
	int			first = parser->item_count;
	int			captures = parser->captures;
	int			anchors = parser->anchors;
	bool		is_capture = *parser->at != '?';
	int			repeated = take_group(parser, depth);
	Item		group = {};

	parser->nested = parser->nested || parser->captures > captures + (is_capture ? 1 : 0);
	if (!starts_quantifier(parser->at))
		return repeated;
	repeated *= take_quantifier(parser, &group.min, &group.max);
	if (group.min != 0 || group.max != 1 || captures != parser->captures || anchors != parser->anchors || parser->item_count == first)
		parser->is_row = false;
	for (int i = first; i < parser->item_count; i++)
		if (parser->items[i].min != 1 || parser->items[i].max != 1)
			parser->is_row = false;
	if (parser->is_row)
	{
		parser->item_count = first + 1;
		parser->items[first].min = 0;
	}
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
	parser->anchors++;
	if (starts_quantifier(parser->at))
		parser->failed = true;
	if (start && parser->item_count > 0)
		parser->is_row = false;
	parser->ended = parser->ended || !start;
	appendStringInfoString(&parser->text, start ? "\\A" : "\\z");
	return true;
}

static LakeCharSet
take_characters(Parser *parser)
{
	LakeCharSet		set = {};
	char		c = *parser->at;

	if (c == '[')
	{
		parser->at++;
		return take_bracket(parser);
	}
	if (c == '.')
	{
		parser->at++;
		lake_charset_add(&set, 1, LAKE_LAST_CODE);
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
	lake_charset_normalize(&set);
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
		return take_quantified_group(parser, depth);
	}
	item.set = take_characters(parser);
	if (parser->failed || item.set.count == 0)
	{
		parser->failed = true;
		return 1;
	}
	write_set(&parser->text, &item.set);
	repeated = take_quantifier(parser, &item.min, &item.max);
	item.stretch = parser->stretch;
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

/* Whether every count of these items but the last one that varies follows from the text. */
static bool
counts_follow_from_text(const Item *items, int count)
{
	int			last = count - 1;

	while (last >= 0 && items[last].min == items[last].max)
		last--;
	for (int i = 0; i < last; i++)
	{
		if (items[i].min == items[i].max)
			continue;
		for (int next = i + 1; next < count; next++)
		{
			if (!lake_charsets_are_disjoint(&items[i].set, &items[next].set))
				return false;
			if (items[next].min > 0)
				break;
		}
	}
	return true;
}

/* See the head of the file. */
static bool
has_same_match(const Parser *parser)
{
	bool		can_be_empty = true;
	int			end;

	for (int i = 0; i < parser->item_count; i++)
		can_be_empty = can_be_empty && parser->items[i].min == 0;
	/* an empty match of a whole text is one of an empty text */
	if (!parser->is_row || (can_be_empty && !(parser->begins && parser->ended)))
		return false;
	if (!parser->ended || parser->nested)
		return counts_follow_from_text(parser->items, parser->item_count);
	for (int begin = 0; begin < parser->item_count; begin = end)
	{
		for (end = begin + 1; end < parser->item_count && parser->items[end].stretch == parser->items[begin].stretch;)
			end++;
		if (!counts_follow_from_text(parser->items + begin, end - begin))
			return false;
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
	parser.begins = pattern[0] == '^';
	parser.items = (Item *) palloc(sizeof(Item));
	initStringInfo(&parser.text);
	take_alternatives(&parser, 0);
	if (parser.failed || *parser.at != '\0')
		return false;
	regex->text = parser.text.data;
	regex->captures = parser.captures;
	regex->same_match = has_same_match(&parser);
	return true;
}
