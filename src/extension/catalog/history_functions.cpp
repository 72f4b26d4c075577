/*
 * history_functions.cpp
 *	  lake.snapshots(tbl), lake.history(tbl), lake.refs(tbl), lake.manifests(tbl), lake.files(tbl) and lake.partitions(tbl): Iceberg's metadata tables, for those who
 *	  may read the table. The metadata is the one that the statement's PostgreSQL snapshot sees.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
}

#include "catalog/lake_relation.h"
#include "catalog/server_rows.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_show_snapshots);
PG_FUNCTION_INFO_V1(lake_show_history);
PG_FUNCTION_INFO_V1(lake_show_refs);
PG_FUNCTION_INFO_V1(lake_show_manifests);
PG_FUNCTION_INFO_V1(lake_show_files);
PG_FUNCTION_INFO_V1(lake_show_partitions);
}

static Datum
show(FunctionCallInfo fcinfo, const char *sql)
{
	Oid			relid = PG_GETARG_OID(0);
	char	   *name = get_rel_name(relid);
	AclResult	allowed;

	if (name == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("relation with OID %u does not exist", relid)));
	if (!lake_is_lake_relation(relid))
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not an Iceberg table", name)));
	allowed = pg_class_aclcheck(relid, GetUserId(), ACL_SELECT);
	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, OBJECT_TABLE, name);
	return lake_return_table_rows(fcinfo, sql);
}

Datum
lake_show_snapshots(PG_FUNCTION_ARGS)
{
	return show(fcinfo, "SELECT committed_at, snapshot_id, parent_id, operation, manifest_list, summary, sequence_number, schema_id "
				"FROM lake_table_snapshots($1)");
}

Datum
lake_show_history(PG_FUNCTION_ARGS)
{
	return show(fcinfo, "SELECT made_current_at, snapshot_id, parent_id, is_current_ancestor FROM lake_table_history($1)");
}

Datum
lake_show_refs(PG_FUNCTION_ARGS)
{
	return show(fcinfo, "SELECT name, type, snapshot_id, max_reference_age_in_ms, min_snapshots_to_keep, max_snapshot_age_in_ms "
				"FROM lake_table_refs($1)");
}

Datum
lake_show_manifests(PG_FUNCTION_ARGS)
{
	return show(fcinfo, "SELECT content, path, length, partition_spec_id, sequence_number, added_snapshot_id, added_files_count, existing_files_count, "
				"deleted_files_count, added_rows_count, existing_rows_count, deleted_rows_count FROM lake_table_manifests($1)");
}

Datum
lake_show_files(PG_FUNCTION_ARGS)
{
	return show(fcinfo, "SELECT content, file_path, file_format, spec_id, partition, record_count, file_size_in_bytes, sequence_number, sort_order_id "
				"FROM lake_table_files($1)");
}

Datum
lake_show_partitions(PG_FUNCTION_ARGS)
{
	return show(fcinfo, "SELECT partition, spec_id, record_count, file_count, total_data_file_size_in_bytes, position_delete_record_count, "
				"position_delete_file_count, equality_delete_record_count, equality_delete_file_count FROM lake_table_partitions($1)");
}
