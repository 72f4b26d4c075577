/*
 * time_zone_rules.cpp
 *	  See time_zone_rules.h; and lake_engine.time_zone_rules(), whose value goes along with queries as a parameter.
 *
 * PostgreSQL's zone tables are walked from transition to transition with pg_next_dst_boundary(). Where explicit tables end, which is before the year
 * 2100, PostgreSQL goes on with a period of 400 years; POSIX zones have it in the past as well. So the transitions of one such period are enough:
 * those up to 2500. A text is made once per zone and backend, and has some 10 kB.
 */
extern "C" {
#include "postgres.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "parser/scansup.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
}

#include "compat/compat_datetime.h"
#include "plan/time_zone_rules.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_session_time_zone_rules);
PG_FUNCTION_INFO_V1(lake_time_zone_rules);
}

#define CYCLE			(INT64CONST(146097) * SECS_PER_DAY)	/* 400 years */
#define WINDOW_END		INT64CONST(16725225600) /* 2500-01-01 */
#define WINDOW_BEGIN	(WINDOW_END - CYCLE)
#define FIRST_SECOND	(-((int64) UNIX_EPOCH_JDATE + 366) * SECS_PER_DAY)	/* before all timestamps */

#define MAX_PERIODS		256		/* as in the zone files */

typedef struct Period
{
	long		offset;
	int			is_dst;
	char		abbreviation[TZ_STRLEN_MAX + 1];
} Period;

typedef struct Rules
{
	const pg_tz *zone;
	Period		periods[MAX_PERIODS];
	int			count;
} Rules;

/* ---------------------------------------------------------------- walking */

static int
period_at(Rules *rules, pg_time_t at)
{
	struct pg_tm *tm = pg_localtime(&at, rules->zone);
	Period	   *period;

	if (tm == NULL)
		elog(ERROR, "time zone has no offset at " INT64_FORMAT, (int64) at);
	for (int i = 0; i < rules->count; i++)
	{
		period = &rules->periods[i];
		if (period->offset == tm->tm_gmtoff && period->is_dst == tm->tm_isdst && strcmp(period->abbreviation, tm->tm_zone) == 0)
			return i;
	}
	if (rules->count == MAX_PERIODS)
		elog(ERROR, "time zone has more than %d kinds of time", MAX_PERIODS);
	period = &rules->periods[rules->count];
	period->offset = tm->tm_gmtoff;
	period->is_dst = tm->tm_isdst;
	strlcpy(period->abbreviation, tm->tm_zone, sizeof(period->abbreviation));
	return rules->count++;
}

/* The first transition behind an instant; false when there is none. */
static bool
next_transition(const Rules *rules, pg_time_t after, pg_time_t *transition)
{
	long		before_offset;
	long		after_offset;
	int			before_dst;
	int			after_dst;

	/* the last one of the explicit table has no successor, the second behind it has */
	for (pg_time_t at = after; at <= after + 1; at++)
	{
		if (pg_next_dst_boundary(&at, &before_offset, &before_dst, transition, &after_offset, &after_dst, rules->zone) == 1)
			return true;
	}
	return false;
}

static void
append_transitions(Rules *rules, StringInfo text, pg_time_t begin)
{
	pg_time_t	transition;
	pg_time_t	last = 0;
	bool		first = true;

	for (pg_time_t at = begin; next_transition(rules, at, &transition) && transition < WINDOW_END; at = transition)
	{
		appendStringInfo(text, "%s" INT64_FORMAT " %d", first ? "" : ",", (int64) (transition - last), period_at(rules, transition));
		last = transition;
		first = false;
	}
}

static char *
make_rules(const pg_tz *zone)
{
	Rules	   *rules = (Rules *) palloc0(sizeof(Rules));
	pg_time_t	begin = FIRST_SECOND;
	pg_time_t	transition;
	bool		in_past;
	bool		in_future;
	int			first;
	StringInfoData transitions;
	StringInfoData text;

	rules->zone = zone;
	in_past = next_transition(rules, FIRST_SECOND, &transition) && transition < FIRST_SECOND + CYCLE;
	in_future = next_transition(rules, WINDOW_END, &transition);
	if (in_past)
		begin = WINDOW_BEGIN;
	initStringInfo(&transitions);
	first = period_at(rules, begin);
	append_transitions(rules, &transitions, begin);

	initStringInfo(&text);
	for (int i = 0; i < rules->count; i++)
		appendStringInfo(&text, "%s%ld %d %s", i == 0 ? "" : ",", rules->periods[i].offset, rules->periods[i].is_dst,
						 rules->periods[i].abbreviation);
	appendStringInfo(&text, ";%d;", first);
	if (in_past)
		appendStringInfo(&text, INT64_FORMAT, (int64) begin);
	else
		appendStringInfoChar(&text, '-');
	if (in_future)
		appendStringInfo(&text, "," INT64_FORMAT, (int64) WINDOW_END);
	else
		appendStringInfoString(&text, ",-");
	appendStringInfo(&text, ";%s", transitions.data);
	pfree(transitions.data);
	pfree(rules);
	return text.data;
}

/* ---------------------------------------------------------------- known zones */

typedef struct KnownZone
{
	char		name[TZ_STRLEN_MAX + 1];
	char	   *rules;			/* in TopMemoryContext */
} KnownZone;

static HTAB *known_zones = NULL;

/* The caller may keep the text. */
static const char *
zone_rules(pg_tz *zone)
{
	const char *name = pg_get_timezone_name(zone);
	KnownZone  *known;
	char	   *rules;

	if (known_zones == NULL)
	{
		HASHCTL		ctl = {};

		ctl.keysize = TZ_STRLEN_MAX + 1;
		ctl.entrysize = sizeof(KnownZone);
		known_zones = hash_create("lake time zones", 8, &ctl, HASH_ELEM | HASH_STRINGS);
	}
	known = (KnownZone *) hash_search(known_zones, name, HASH_FIND, NULL);
	if (known != NULL)
		return known->rules;
	rules = MemoryContextStrdup(TopMemoryContext, make_rules(zone));
	known = (KnownZone *) hash_search(known_zones, name, HASH_ENTER, NULL);
	known->rules = rules;
	return rules;
}

char *
lake_fixed_zone_rules(int offset, const char *abbreviation)
{
	return psprintf("%d 0 %s;0;-,-;", offset, abbreviation);
}

const char *
lake_named_zone_rules(const char *name)
{
	char	   *lower = downcase_truncate_identifier(name, strlen(name), false);
	int			offset = 0;
	int			type;
	pg_tz	   *zone = NULL;

	if (strlen(name) > TZ_STRLEN_MAX)
		return NULL;
	type = LakeDecodeTimezoneAbbrev(lower, &offset, &zone);
	if (type == TZ || type == DTZ)
		return lake_fixed_zone_rules(offset, lower);
	if (type == DYNTZ)
		return NULL;
	zone = pg_tzset(name);
	return zone == NULL ? NULL : zone_rules(zone);
}

/* ---------------------------------------------------------------- SQL */

Datum
lake_session_time_zone_rules(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(zone_rules(session_timezone)));
}

Datum
lake_time_zone_rules(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const char *rules = lake_named_zone_rules(name);

	if (rules == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", name)));
	PG_RETURN_TEXT_P(cstring_to_text(rules));
}
