/*
 * text_form.h
 *	  Values that travel as text: the output functions' settings while they are made.
 */
#ifndef LAKE_LINK_TEXT_FORM_H
#define LAKE_LINK_TEXT_FORM_H

extern "C" {
#include "postgres.h"
#include "miscadmin.h"
#include "utils/bytea.h"
#include "utils/float.h"
#include "utils/guc.h"
}

/* Values in text form must not depend on the session's settings: ISO dates, exact floats (as postgres_fdw and pg_dump do). */
static inline int
lake_set_transmission_modes(void)
{
	int			nest_level = NewGUCNestLevel();

	if (DateStyle != USE_ISO_DATES)
		(void) set_config_option("datestyle", "ISO", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (IntervalStyle != INTSTYLE_POSTGRES)
		(void) set_config_option("intervalstyle", "postgres", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (extra_float_digits < 3)
		(void) set_config_option("extra_float_digits", "3", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (bytea_output != BYTEA_OUTPUT_HEX)
		(void) set_config_option("bytea_output", "hex", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return nest_level;
}

static inline void
lake_reset_transmission_modes(int nest_level)
{
	AtEOXact_GUC(true, nest_level);
}

#endif
