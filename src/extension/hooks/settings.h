/*
 * settings.h
 *	  The configuration parameters (surface.md, GUC-*), as the variables that the code reads.
 */
#ifndef LAKE_HOOKS_SETTINGS_H
#define LAKE_HOOKS_SETTINGS_H

extern "C" {
#include "postgres.h"
}

/* pg_lake_table.* */
extern bool lake_enable_strict_pushdown;
extern bool lake_enable_full_query_pushdown;
extern bool lake_enable_insert_select_pushdown;
extern bool lake_enable_data_file_pruning;
extern bool lake_enable_partition_pruning;
extern int	lake_max_open_files_for_partitioned_write;
extern int	lake_target_file_size_mb;
extern int	lake_target_row_group_size_mb;
extern int	lake_copy_on_write_threshold;
extern int	lake_copy_on_write_max_delete_rows;
extern int	lake_theta_sketch_row_limit;
extern int	lake_commit_time_analyze_threshold;

/* pg_lake_iceberg.* */
extern char *lake_default_location_prefix;
extern char *lake_read_as_of;	/* exec/time_travel.h */
extern char *lake_branch;		/* txn/table_state.h */
extern char *lake_default_catalog;
extern bool lake_unsupported_numeric_as_double;

/* Whose limits the values of a table keep. */
enum LakeCompatibility
{
	LAKE_FOR_ALL,
	LAKE_FOR_SNOWFLAKE
};
extern int	lake_default_compatibility_mode;

/* pg_lake_engine.* */
extern char *lake_engine_host;
extern bool lake_engine_enabled;
extern bool lake_track_queries;
extern int	lake_max_tracked_queries;
extern bool lake_engine_start_server;
extern char *lake_engine_server_path;
extern char *lake_engine_server_arguments;
extern char *lake_engine_init_file;
extern char *lake_engine_memory_limit;
extern char *lake_engine_local_roots;
extern int	lake_engine_query_memory_limit_kb;
extern int	lake_cleanup_naptime_s;
extern char *lake_fault_point;

extern void lake_define_settings(void);

/* "<data directory>_lake": where tables go when no location is configured. palloc'd, without "file://". */
extern char *lake_default_warehouse(void);

#endif
