/*
 * lake_relation.h
 *	  Which relations are lake tables, and the objects of the extension by name.
 */
#ifndef LAKE_CATALOG_LAKE_RELATION_H
#define LAKE_CATALOG_LAKE_RELATION_H

extern "C" {
#include "postgres.h"
#include "utils/rel.h"
}

/* True when the relation's access method is iceberg (or its other name pg_lake_iceberg). False for an unknown OID. */
extern bool lake_is_lake_relation(Oid relid);
/* The same for a name as it stands in CREATE TABLE .. USING; NULL is false. */
extern bool lake_is_lake_access_method(const char *name);

/* A relation of the extension, such as ("lake_iceberg", "tables_internal"). Error 55000 when the extension is not created. */
extern Oid	lake_catalog_relid(const char *schema, const char *name);

/* True when CREATE EXTENSION pg_lake has run in this database. */
extern bool lake_extension_exists(void);
/* False also in the middle of DROP EXTENSION, when the catalog tables are gone already. */
extern bool lake_catalogs_exist(void);

/* The name of a lake table with a column of the type, or of a domain over it, or NULL. */
extern char *lake_table_with_column_of_type(Oid typid);

/* The value of a lake option in the relation's reloptions, palloc'd, or NULL. */
extern char *lake_relation_option(Oid relid, const char *name);

/* Throws 42501 with the texts of ROLE-6 unless the current role may write (read) URLs. */
extern void lake_check_url_write(void);
extern void lake_check_url_read(void);

#endif
