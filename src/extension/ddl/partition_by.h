/*
 * partition_by.h
 *	  Hidden partitioning: option partition_by = 'region, day(ts), bucket(16, id)' (surface.md, PART).
 *
 * The option says how rows are divided into data files from now on; the server makes it the table's default partition spec. It names columns, which therefore
 * can be neither dropped nor renamed.
 */
#ifndef LAKE_DDL_PARTITION_BY_H
#define LAKE_DDL_PARTITION_BY_H

extern "C" {
#include "postgres.h"
#include "access/tupdesc.h"
#include "utils/rel.h"
}

#define LAKE_PARTITION_BY_OPTION "partition_by"

/* The option's value alone: throws 42601, 22023 or 0A000 where it is not a list of columns and transforms (PART-4). */
extern void lake_check_partition_by_value(const char *name, const char *value);

/*
 * The value as the server takes it (docs/link.md): [{"column": "ts", "transform": "day"}, ...]. Throws unless the columns exist and have types that suit their
 * transforms (PART-3). palloc'd.
 */
extern char *lake_partition_by_json(Relation rel, const char *value);

/* Whether rows of the table are divided by the option. */
extern bool lake_is_partitioned_by(Relation rel);

/* After ALTER TABLE: throws where it dropped or renamed a column that the option names (ALT-7). */
extern void lake_check_partition_columns(Relation rel, TupleDesc before);

#endif
