/*
 * file_layout.h
 *	  How rows lie in data files: options partition_by = 'region, day(ts), bucket(16, id)' (surface.md, PART) and sort_by = 'region, ts DESC NULLS LAST'.
 *
 * They say how rows are divided into data files and in which order they lie there from now on; the server makes them the table's default partition spec and
 * sort order. They name columns, which therefore can be neither dropped nor renamed.
 */
#ifndef LAKE_DDL_FILE_LAYOUT_H
#define LAKE_DDL_FILE_LAYOUT_H

extern "C" {
#include "postgres.h"
#include "access/tupdesc.h"
#include "utils/rel.h"
}

#define LAKE_PARTITION_BY_OPTION "partition_by"
#define LAKE_SORT_BY_OPTION "sort_by"

extern bool lake_is_layout_option(const char *name);

/* An option's value alone: throws 42601, 22023 or 0A000 where it is not a list of columns and transforms (PART-4). */
extern void lake_check_layout_value(const char *name, const char *value);

/*
 * An option's value as the server takes it (docs/link.md): [{"column": "ts", "transform": "day"}, ...]. Throws unless the columns exist and have types that
 * suit their transforms (PART-3). palloc'd; "[]" for NULL.
 */
extern char *lake_layout_json(Relation rel, const char *name, const char *value);

/* Whether files may hold rows in another order than they came. */
extern bool lake_reorders_rows(Relation rel);

/* After ALTER TABLE: throws where it dropped or renamed a column that an option names (ALT-7). */
extern void lake_check_layout_columns(Relation rel, TupleDesc before);

#endif
