/*
 * profile.cpp
 *	  See profile.h.
 */
extern "C" {
#include "postgres.h"
#include "utils/memutils.h"
}

#include "exec/profile.h"

#define LAST_QUERY \
	"SELECT plan, microseconds, data_files_scanned, data_files_skipped, data_files_cached, delete_files_scanned, bytes_read, reads " \
	"FROM lake_last_query()"

LakeProfile *
lake_make_profile(void)
{
	LakeProfile *profile = (LakeProfile *) palloc0(sizeof(LakeProfile));

	profile->context = CurrentMemoryContext;
	return profile;
}

void
lake_profile_next(LakeConnection *connection, LakeProfile *profile)
{
	if (profile != NULL)
		PQclear(lake_connection_query(connection, "SELECT profiled FROM lake_profile_next()", 0, NULL, NULL));
}

void
lake_profile_take(LakeConnection *connection, LakeProfile *profile)
{
	PGresult   *result;

	if (profile == NULL)
		return;

	int64	   *numbers[] = {&profile->microseconds, &profile->data_files_scanned, &profile->data_files_skipped, &profile->data_files_cached,
		&profile->delete_files_scanned, &profile->bytes_read, &profile->reads};

	result = lake_connection_query(connection, LAST_QUERY, 0, NULL, NULL);
	for (int i = 0; i < (int) lengthof(numbers); i++)
		*numbers[i] += strtoll(PQgetvalue(result, 0, i + 1), NULL, 10);
	if (profile->plan != NULL)
		pfree(profile->plan);
	profile->plan = PQgetisnull(result, 0, 0) ? NULL : MemoryContextStrdup(profile->context, PQgetvalue(result, 0, 0));
	profile->executions++;
	PQclear(result);
}
