/*
 * lake_relation.cpp
 *	  Look-ups in PostgreSQL's catalogs: access method, schemas, roles, options. All through the system caches.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "access/genam.h"
#include "access/reloptions.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

#include "catalog/lake_relation.h"

bool
lake_is_lake_access_method(const char *name)
{
	return name != NULL && (strcmp(name, "iceberg") == 0 || strcmp(name, "pg_lake_iceberg") == 0);
}

bool
lake_is_lake_relation(Oid relid)
{
	HeapTuple	tuple;
	Oid			am = InvalidOid;
	bool		result = false;

	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	if (!HeapTupleIsValid(tuple))
		return false;
	if (((Form_pg_class) GETSTRUCT(tuple))->relkind == RELKIND_RELATION ||
		((Form_pg_class) GETSTRUCT(tuple))->relkind == RELKIND_MATVIEW)
		am = ((Form_pg_class) GETSTRUCT(tuple))->relam;
	ReleaseSysCache(tuple);
	if (OidIsValid(am) && am >= FirstNormalObjectId)
	{
		char	   *name = get_am_name(am);

		result = lake_is_lake_access_method(name);
		if (name != NULL)
			pfree(name);
	}
	return result;
}

bool
lake_extension_exists(void)
{
	return OidIsValid(get_extension_oid("pg_lake", true));
}

bool
lake_catalogs_exist(void)
{
	Oid			namespace_oid = get_namespace_oid("lake_iceberg", true);

	return OidIsValid(namespace_oid) && OidIsValid(get_relname_relid("tables_internal", namespace_oid)) &&
		OidIsValid(get_namespace_oid("lake_engine", true)) &&
		OidIsValid(get_relname_relid("deletion_queue", get_namespace_oid("lake_engine", true)));
}

Oid
lake_catalog_relid(const char *schema, const char *name)
{
	Oid			namespace_oid = get_namespace_oid(schema, true);
	Oid			relid = OidIsValid(namespace_oid) ? get_relname_relid(name, namespace_oid) : InvalidOid;

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension pg_lake is not created"),
				 errhint("Run CREATE EXTENSION pg_lake CASCADE in this database.")));
	return relid;
}

char *
lake_relation_option(Oid relid, const char *name)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Datum		options;
	bool		isnull;
	char	   *value = NULL;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	options = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &isnull);
	if (!isnull)
	{
		ListCell   *lc;

		foreach(lc, untransformRelOptions(options))
		{
			DefElem    *option = (DefElem *) lfirst(lc);

			if (strcmp(option->defname, name) == 0)
				value = option->arg == NULL ? pstrdup("true") : pstrdup(defGetString(option));
		}
	}
	ReleaseSysCache(tuple);
	return value;
}

static void
check_url_role(const char *role_name, const char *what)
{
	Oid			role = get_role_oid(role_name, true);

	if (superuser() || (OidIsValid(role) && has_privs_of_role(GetUserId(), role)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to %s URL", what),
			 errhint("grant %s to %s to enable %s URLs", role_name, GetUserNameFromId(GetUserId(), false),
					 strcmp(what, "write to") == 0 ? "writing to" : "reading from")));
}

void
lake_check_url_write(void)
{
	check_url_role("lake_write", "write to");
}

void
lake_check_url_read(void)
{
	check_url_role("lake_read", "read from");
}

/* The type that pg_depend says is made of typid: a domain, an array, a composite with such an attribute; else invalid. */
static Oid
dependent_type(Form_pg_depend entry, Oid typid)
{
	if (entry->classid == TypeRelationId && (get_typtype(entry->objid) == TYPTYPE_DOMAIN || get_element_type(entry->objid) == typid))
		return entry->objid;
	if (entry->classid == RelationRelationId && entry->objsubid > 0 && get_rel_relkind(entry->objid) == RELKIND_COMPOSITE_TYPE)
		return get_rel_type_id(entry->objid);
	return InvalidOid;
}

char *
lake_table_with_column_of_type(Oid typid)
{
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	char	   *name = NULL;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(TypeRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(typid));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2, keys);
	while (name == NULL && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend entry = (Form_pg_depend) GETSTRUCT(tuple);

		if (entry->classid == RelationRelationId && entry->objsubid > 0 && lake_is_lake_relation(entry->objid))
			name = get_rel_name(entry->objid);
		else if (OidIsValid(dependent_type(entry, typid)))
			name = lake_table_with_column_of_type(dependent_type(entry, typid));
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
	return name;
}
