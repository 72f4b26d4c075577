/*
 * file_names.h
 *	  Names of the files that a transaction writes (surface.md, META-1). The extension chooses them, so that the ledger can name them first.
 */
#ifndef LAKE_TXN_FILE_NAMES_H
#define LAKE_TXN_FILE_NAMES_H

extern "C" {
#include "postgres.h"
}

typedef struct LakeCommitNames
{
	int64		snapshot_id;		/* random, positive */
	char	   *metadata_location;	/* <location>/metadata/<5 digits>-<uuid>.metadata.json */
	char	   *manifest_prefix;	/* <location>/metadata/<uuid> */
	char	   *manifest_list;		/* <location>/metadata/snap-<snapshot id>-1-<uuid>.avro */
	char	   *delete_prefix;		/* as lake_new_data_prefix: for delete files and rewritten data files */
} LakeCommitNames;

/* "<location>/data/<xx>/<uuid>", a new one at every call; palloc'd. */
extern char *lake_new_data_prefix(const char *location);

/* Names for the commit that follows `previous` (a metadata location, or NULL for the first one). */
extern void lake_new_commit_names(const char *location, const char *previous, LakeCommitNames *names);

#endif
