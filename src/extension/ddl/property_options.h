/*
 * property_options.h
 *	  Options that are properties of the table's metadata, which other engines read and set too (docs/files.md): where files go, and Bloom filters.
 *
 * The option and the property are changed together; metadata of other engines brings its properties along, and the options follow.
 */
#ifndef LAKE_DDL_PROPERTY_OPTIONS_H
#define LAKE_DDL_PROPERTY_OPTIONS_H

extern "C" {
#include "postgres.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"
}

#define LAKE_DATA_PATH_OPTION "write.data.path"
#define LAKE_METADATA_PATH_OPTION "write.metadata.path"
#define LAKE_OBJECT_STORAGE_OPTION "write.object-storage.enabled"
#define LAKE_BLOOM_COLUMNS_OPTION "bloom_filter_columns"
#define LAKE_BLOOM_BYTES_OPTION "bloom_filter_max_bytes"

extern bool lake_is_property_option(const char *name);

/* Checks a value alone, for the table of options. */
extern void lake_check_bloom_bytes_value(const char *name, const char *value);

/* Appends the properties of a table that is created to a JSON object that was begun. */
extern void lake_append_property_options(StringInfo json, Relation rel);

/* SET, or RESET for NULL, of a table that is there; the option itself is the caller's to change, afterwards. */
extern void lake_change_property_option(Relation rel, const char *name, const char *value);

/* After ALTER TABLE: throws where it dropped or renamed a column that an option names. */
extern void lake_check_property_columns(Relation rel, TupleDesc before);

/* What the properties of metadata say, as a list of DefElem. */
extern List *lake_property_options_of_metadata(const char *metadata_location);

/* All names, as a list of DefElem without values: for RESET. */
extern List *lake_property_options(void);

#endif
