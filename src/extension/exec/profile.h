/*
 * profile.h
 *	  What a shipped query did in the server, for EXPLAIN ANALYZE and auto_explain (docs/link.md, "Profiles").
 */
#ifndef LAKE_EXEC_PROFILE_H
#define LAKE_EXEC_PROFILE_H

extern "C" {
#include "postgres.h"
}

#include "link/connection.h"

typedef struct LakeProfile
{
	MemoryContext context;		/* of the plan */
	int			executions;		/* read to their end: the numbers are sums over them */
	char	   *plan;			/* of the latest, JSON; NULL: none */
	int64		microseconds;
	int64		data_files_scanned;
	int64		data_files_skipped;
	int64		data_files_cached;
	int64		delete_files_scanned;
	int64		bytes_read;
	int64		reads;
} LakeProfile;

/* An empty one in the current memory context. */
extern LakeProfile *lake_make_profile(void);

/*
 * The connection's next query is to be profiled; what it did, once it has ended, joins the profile. A NULL profile asks for nothing.
 */
extern void lake_profile_next(LakeConnection *connection, LakeProfile *profile);
extern void lake_profile_take(LakeConnection *connection, LakeProfile *profile);

#endif
