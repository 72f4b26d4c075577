/*
 * compat_explain.h
 *	  EXPLAIN's helpers moved to headers of their own in 18.
 */
#ifndef LAKE_COMPAT_EXPLAIN_H
#define LAKE_COMPAT_EXPLAIN_H

extern "C" {
#include "postgres.h"
#include "commands/explain.h"
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif
}

#endif
