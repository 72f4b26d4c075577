/*
 * time_zone_rules.h
 *	  Time zones as PostgreSQL knows them, in the text that the server reads (docs/link.md, "Time zones").
 */
#ifndef LAKE_PLAN_TIME_ZONE_RULES_H
#define LAKE_PLAN_TIME_ZONE_RULES_H

extern "C" {
#include "postgres.h"
#include "pgtime.h"
}

/*
 * What a name stands for in AT TIME ZONE: an abbreviation of timezone_abbreviations before a zone. NULL when there is nothing of that name, or an
 * abbreviation whose meaning changes with time (those are left to PostgreSQL).
 */
extern const char *lake_named_zone_rules(const char *name);

/* Of a zone that is always `offset` seconds east of UTC. palloc'd. */
extern char *lake_fixed_zone_rules(int offset, const char *abbreviation);

#endif
