/*
 * follow_metadata.h
 *	  Metadata that another engine wrote, carried into PostgreSQL: columns, options, and what its rows must obey.
 *
 * The server examines the metadata (docs/link.md, lake_examine) before any of this. The order is: columns and options, then the pointer, then the
 * constraints, which read the table as it is by then.
 */
#ifndef LAKE_DDL_FOLLOW_METADATA_H
#define LAKE_DDL_FOLLOW_METADATA_H

extern "C" {
#include "postgres.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"
}

/* What the server says about metadata that is to be taken. */
typedef struct LakeExamination
{
	bool		changes_rows;
	bool		only_appends;
	bool		alters;			/* columns, or what options say */
	bool		administers;	/* properties, snapshots that are gone, references: what is the owner's */
	const char *metadata_location;
	char	   *location;
	int			format_version;
	char	   *partition_by;	/* as the option spells it, or NULL */
	char	   *sort_by;		/* likewise */
	char	   *stats_mode;		/* write.metadata.metrics.default, or NULL */
	char	   *outside;		/* a new file that is not below the location, or NULL */
	int64		record_count;
	int64		data_bytes;
	int64		file_count;
} LakeExamination;

/* Examines metadata that takes the place of other metadata, or of none (NULL). Errors for what must not become a table of ours. */
extern void lake_examine_metadata(const char *base, const char *metadata_location, LakeExamination *examination);

/* The options that say what the metadata says, as a list of DefElem. */
extern List *lake_options_of_metadata(const LakeExamination *examination);

/*
 * Alters columns and options to those of the new metadata, as ALTER TABLE would, with its locks, rights and dependencies. Answers the columns (List of
 * char *) that are to become NOT NULL once the pointer is swapped.
 */
extern List *lake_follow_metadata(Oid relid, const char *base, const char *metadata_location, const LakeExamination *examination);

#endif
