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
	char	   *metadata_location;	/* <metadata>/<5 digits>-<uuid>.metadata.json */
	char	   *manifest_prefix;	/* <metadata>/<uuid> */
	char	   *manifest_list;		/* <metadata>/snap-<snapshot id>-1-<uuid>.avro */
	char	   *delete_prefix;		/* as lake_new_data_prefix: for delete files and rewritten data files */
} LakeCommitNames;

/* Directories of a table's files. */
typedef struct LakeTablePaths
{
	char	   *data;
	char	   *metadata;
	bool		spreads_data;	/* over directories with names that begin in every way, as object stores like it */
} LakeTablePaths;

/*
 * From the table's location and the values of its options write.data.path, write.metadata.path and write.object-storage.enabled (NULL: not set). Below a
 * path outside of the location, where other tables may have theirs, the table has a directory of its own.
 */
extern void lake_table_paths(const char *location, const char *data_path, const char *metadata_path, const char *object_storage, LakeTablePaths *paths);

/* Whether a location is another one or lies below it. */
extern bool lake_is_below(const char *location, const char *directory);

/* "<data>/<xx>/<uuid>", or "<data>/0110/1010/0011/11101000/<uuid>", a new one at every call; palloc'd. */
extern char *lake_new_data_prefix(const LakeTablePaths *paths);

/* Names for the commit that follows `previous` (a metadata location, or NULL for the first one). */
extern void lake_new_commit_names(const LakeTablePaths *paths, const char *previous, LakeCommitNames *names);

#endif
