/*
 * functions.cpp
 *	  SQL functions over metadata (surface.md, FN): thin calls of the server's table functions of docs/link.md.
 */
extern "C" {
#include "postgres.h"
#include "access/reloptions.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
}

#include "catalog/lake_relation.h"
#include "catalog/pointer.h"
#include "catalog/server_rows.h"
#include "link/connection.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_version);
PG_FUNCTION_INFO_V1(lake_metadata);
PG_FUNCTION_INFO_V1(lake_files);
PG_FUNCTION_INFO_V1(lake_snapshots);
PG_FUNCTION_INFO_V1(lake_data_file_stats);
PG_FUNCTION_INFO_V1(lake_find_all_referenced_files);
PG_FUNCTION_INFO_V1(lake_table_size);
PG_FUNCTION_INFO_V1(lake_verify);
PG_FUNCTION_INFO_V1(lake_query_progress);
PG_FUNCTION_INFO_V1(lake_fdw_validator);
}

#ifndef LAKE_VERSION
#define LAKE_VERSION "0.0.0"
#endif

/* lake.version() */
Datum
lake_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(LAKE_VERSION));
}

static char *
metadata_uri_argument(FunctionCallInfo fcinfo)
{
	char	   *uri = text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (strstr(uri, "://") == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("pg_lake_iceberg: unsupported URL: \"%s\"", uri),
				 errhint("Give the location of a metadata file, such as iceberg_tables.metadata_location has.")));
	lake_check_url_read();
	return uri;
}

static Datum
return_call(FunctionCallInfo fcinfo, const char *sql)
{
	return lake_return_server_rows(fcinfo, sql, metadata_uri_argument(fcinfo));
}

/* lake.stat_progress(): the statements that backends have in the server, but for this one. */
Datum
lake_query_progress(PG_FUNCTION_ARGS)
{
	return lake_return_server_rows(fcinfo,
								   "SELECT replace(application_name, '" LAKE_APPLICATION_NAME " ', '')::INTEGER, query_start,"
								   " CASE WHEN waiting THEN 'waiting' ELSE 'running' END, percentage, rows_processed, total_rows_to_process"
								   " FROM pg_lake_stat_progress() WHERE regexp_matches(application_name, $1) AND connection_id <> pg_lake_connection_id()",
								   "^" LAKE_APPLICATION_NAME " [0-9]+$");
}

/* lake_iceberg.metadata(uri) -> jsonb, through text */
Datum
lake_metadata(PG_FUNCTION_ARGS)
{
	const char *params[1];
	char	  **values;

	params[0] = metadata_uri_argument(fcinfo);
	if (lake_link_call("SELECT metadata FROM lake_metadata($1)", 1, params, 1, &values) != 1 || values[0] == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(values[0]));
}

Datum
lake_files(PG_FUNCTION_ARGS)
{
	return return_call(fcinfo, "SELECT manifest_path, content, file_path, file_format, spec_id, record_count, file_size_in_bytes "
					   "FROM lake_files($1)");
}

Datum
lake_snapshots(PG_FUNCTION_ARGS)
{
	return return_call(fcinfo, "SELECT sequence_number, snapshot_id, timestamp_ms, manifest_list FROM lake_snapshots($1)");
}

Datum
lake_data_file_stats(PG_FUNCTION_ARGS)
{
	return return_call(fcinfo, "SELECT path, sequence_number, lower_bounds, upper_bounds FROM lake_file_stats($1)");
}

Datum
lake_find_all_referenced_files(PG_FUNCTION_ARGS)
{
	return return_call(fcinfo, "SELECT path FROM lake_referenced_files($1)");
}

/* lake_iceberg.table_size(regclass): bytes of the current snapshot's files; of another table, what pg_table_size says. */
Datum
lake_table_size(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	LakePointer pointer;

	if (!lake_is_lake_relation(relid))
		return pg_table_size(fcinfo);	/* which is NULL for a relation that is gone */
	if (!lake_pointer_get(relid, NULL, &pointer))
		PG_RETURN_NULL();
	PG_RETURN_INT64(pointer.data_bytes);
}

/* lake.verify(regclass): what is wrong with the files of a table, as the statement sees it committed. */
Datum
lake_verify(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	char	   *name = get_rel_name(relid);
	LakePointer pointer;

	if (name == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("relation with OID %u does not exist", relid)));
	if (!lake_is_lake_relation(relid))
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not an Iceberg table", name)));
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(get_rel_relkind(relid)), name);
	if (!lake_pointer_get(relid, GetActiveSnapshot(), &pointer) || pointer.metadata_location == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" cannot be verified in the transaction that created it", name),
				 errdetail("Its metadata is written when the transaction commits.")));
	return lake_return_server_rows(fcinfo, "SELECT severity, object, problem FROM lake_verify($1)", pointer.metadata_location);
}

/* Servers pg_lake and pg_lake_iceberg take no options (SRV-6). */
Datum
lake_fdw_validator(PG_FUNCTION_ARGS)
{
	ListCell   *lc;

	foreach(lc, untransformRelOptions(PG_GETARG_DATUM(0)))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_OPTION_NAME), errmsg("invalid option \"%s\"", ((DefElem *) lfirst(lc))->defname)));
	PG_RETURN_VOID();
}
