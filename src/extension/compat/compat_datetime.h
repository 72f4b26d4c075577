/*
 * compat_datetime.h
 *	  compat.h, of PostgreSQL's date and time decoding.
 */
#ifndef LAKE_COMPAT_DATETIME_H
#define LAKE_COMPAT_DATETIME_H

extern "C" {
#include "postgres.h"
#include "utils/datetime.h"
}

/* From 16 on the kind of abbreviation is an output, and errors are, too. *offset is in seconds east of UTC. */
static inline int
LakeDecodeTimezoneAbbrev(const char *lower, int *offset, pg_tz **zone)
{
#if PG_VERSION_NUM >= 160000
	DateTimeErrorExtra extra;
	int			type = UNKNOWN_FIELD;

	if (DecodeTimezoneAbbrev(0, lower, &type, offset, zone, &extra) != 0)
		return UNKNOWN_FIELD;
	return type;
#else
	return DecodeTimezoneAbbrev(0, (char *) lower, offset, zone);
#endif
}

#endif
