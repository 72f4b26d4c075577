/*
 * table_identity.h
 *	  The Iceberg side of a new table: its location, its first metadata, its pointer row.
 */
#ifndef LAKE_DDL_TABLE_IDENTITY_H
#define LAKE_DDL_TABLE_IDENTITY_H

extern "C" {
#include "postgres.h"
#include "utils/rel.h"
}

/*
 * Makes sure that the lake table has a pointer row. A new table gets one whose base is an inline metadata document; the file is written when
 * the transaction commits. Errors: unsupported column types, the location's (not empty, not permitted ...), missing privileges.
 */
extern void lake_ensure_table_identity(Relation rel);

/* A location that the user gave, without slashes at its end. Error 42501 for a local one that the role must not name. */
extern char *lake_explicit_location(char *location);

/* The same for a table that was made by other means: ALTER TABLE .. SET ACCESS METHOD. */
extern void lake_create_table_identity(Relation rel);

/* What a table that another engine made starts from: its metadata, taken as it is. */
typedef struct LakeRegistration
{
	const char *metadata_location;
	const char *location;
	int64		record_count;
	int64		data_bytes;
	int64		file_count;
} LakeRegistration;

/* The next lake table that is created is this one, instead of an empty one; NULL: none is. */
extern void lake_set_registration(const LakeRegistration *registration);

/* Errors (0A000) for a table without columns, and for columns whose names differ in case alone. */
extern void lake_check_columns(Relation rel);

/* A column's type as Iceberg's schema JSON spells it; ids inside are assigned by the server. Error 0A000 for a type that Iceberg cannot hold. */
extern const char *lake_iceberg_type_json(Relation rel, Form_pg_attribute att);

/* That of a column as it was before ALTER TABLE, when option variant_columns was that. */
extern const char *lake_former_iceberg_type_json(Relation rel, Form_pg_attribute att, const char *variant_columns);

/* Throws where ALTER TABLE, which writes no row again, gives another SRID to a column of PostGIS's types: its values have that of the column. */
extern void lake_check_same_srid(Relation rel, Form_pg_attribute was, Form_pg_attribute is, bool is_rewritten);

/* The table is dropped: deletes the pointer row and queues the table's files for removal, as part of the transaction. */
extern void lake_drop_table_identity(Oid relid);

#endif
