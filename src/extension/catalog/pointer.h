/*
 * pointer.h
 *	  The pointer rows: lake_iceberg.tables_internal, one row per Iceberg table. Swapping metadata_location in a row is the commit.
 *
 * Readers look at the row with their own PostgreSQL snapshot. Writers take the table's pointer lock first and then look at the
 * latest version, whatever the isolation level, as for a system catalog. The lock is held to the end of the transaction.
 */
#ifndef LAKE_CATALOG_POINTER_H
#define LAKE_CATALOG_POINTER_H

extern "C" {
#include "postgres.h"
#include "storage/itemptr.h"
#include "utils/snapshot.h"
}

typedef struct LakePointer
{
	Oid			relid;
	char	   *location;			/* the table's directory, without a trailing slash; never NULL */
	char	   *metadata_location;	/* NULL until the creating transaction commits */
	char	   *previous_metadata_location; /* NULL before the second commit */
	char	   *pending_metadata;	/* the inline base of a table that this transaction created, else NULL */
	bool		read_only;			/* set by an administrator, or copied from another database */
	bool		custom_location;	/* the user named the location */
	int64		record_count;		/* totals of the current snapshot, for the planner */
	int64		data_bytes;
	int64		file_count;
	bool		keeps_files;	/* made by another engine, or dropped by one: DROP TABLE leaves its files alone */
	ItemPointerData tid;			/* of the row version that was read */
} LakePointer;

/*
 * Reads the row that the snapshot sees (NULL: the latest committed or own one). Where a snapshot older than somebody else's commit also sees what this
 * transaction has made of that commit's row, it is the older one. Strings are palloc'd. False when there is none.
 */
extern bool lake_pointer_get(Oid relid, Snapshot snapshot, LakePointer *pointer);

/* What the table's content starts from: the inline base if there is one, else the metadata location (docs/link.md, "base"). */
extern const char *lake_pointer_base(const LakePointer *pointer);

/* The name of a table whose location is this one, lies in it, or has it inside; NULL when there is none. */
extern char *lake_table_at_location(const char *location);

/* Waits for other committers of the table; the lock lasts until the transaction ends. */
extern void lake_pointer_lock(Oid relid);

extern void lake_pointer_insert(const LakePointer *pointer);
/* Writes all fields of a row that lake_pointer_get(relid, NULL, ...) gave; the caller holds the pointer lock. */
extern void lake_pointer_update(const LakePointer *pointer);
extern void lake_pointer_delete(Oid relid);

#endif
