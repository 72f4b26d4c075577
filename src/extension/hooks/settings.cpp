/*
 * settings.cpp
 *	  Defines the configuration parameters. Names, defaults, units and who may set them are those of surface.md, GUC-*;
 *	  the ones of pg_lake_engine that surface.md does not have (start_server ...) say how the server is started.
 *
 * Parameters of parts that are not built yet are defined too, so that existing configuration files load.
 */
#include <climits>

extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/guc.h"
}

#include "hooks/settings.h"

bool		lake_enable_strict_pushdown = true;
bool		lake_enable_full_query_pushdown = true;
bool		lake_enable_insert_select_pushdown = true;
bool		lake_enable_data_file_pruning = true;
bool		lake_enable_partition_pruning = true;
int			lake_target_file_size_mb = 512;
int			lake_target_row_group_size_mb = 128;
int			lake_max_open_files_for_partitioned_write = 5000;
int			lake_copy_on_write_threshold = 20;
int			lake_copy_on_write_max_delete_rows = 10000000;
char	   *lake_default_location_prefix = NULL;
char	   *lake_read_as_of = NULL;
char	   *lake_branch = NULL;
char	   *lake_default_catalog = NULL;
bool		lake_unsupported_numeric_as_double = true;
int			lake_default_compatibility_mode = LAKE_FOR_ALL;
char	   *lake_engine_host = NULL;
bool		lake_engine_enabled = true;
bool		lake_track_queries = true;
int			lake_max_tracked_queries = 1000;
bool		lake_engine_start_server = true;
char	   *lake_engine_server_path = NULL;
char	   *lake_engine_server_arguments = NULL;
char	   *lake_engine_init_file = NULL;
char	   *lake_engine_memory_limit = NULL;
char	   *lake_engine_local_roots = NULL;
int			lake_engine_query_memory_limit_kb = 0;
int			lake_cleanup_naptime_s = 60;
int			lake_theta_sketch_row_limit = 10000000;
int			lake_commit_time_analyze_threshold = 1000;
char	   *lake_fault_point = NULL;

/* Values of parameters whose part is not built yet, or that only the server reads. */
static bool unread_bool[32];
static int	unread_int[32];
static char *unread_string[16];
static int	unread_enum[8];

static const struct config_enum_entry parquet_version_options[] = {{"v1", 1, false}, {"v2", 2, false}, {NULL, 0, false}};
static const struct config_enum_entry log_level_options[] = {
	{"debug5", DEBUG5, false}, {"debug4", DEBUG4, false}, {"debug3", DEBUG3, false}, {"debug2", DEBUG2, false},
	{"debug1", DEBUG1, false}, {"log", LOG, false}, {"info", INFO, false}, {"notice", NOTICE, false},
	{"warning", WARNING, false}, {NULL, 0, false}};
static const struct config_enum_entry auth_type_options[] = {
	{"oauth2", 0, false}, {"default", 1, false}, {"horizon", 2, false}, {NULL, 0, false}};
static const struct config_enum_entry compatibility_options[] = {{"auto", LAKE_FOR_ALL, false}, {"snowflake", LAKE_FOR_SNOWFLAKE, false}, {NULL, 0, false}};

typedef struct BoolSetting
{
	const char *name;
	const char *description;
	bool	   *value;
	bool		initial;
	GucContext	context;
} BoolSetting;

typedef struct IntSetting
{
	const char *name;
	const char *description;
	int		   *value;
	int			initial;
	int			min;
	int			max;
	GucContext	context;
	int			flags;
} IntSetting;

static const char *const supported_schemes[] = {"s3://", "gs://", "az://", "azure://", "abfss://", "r2://", "file:///", NULL};

static bool
has_supported_scheme(const char *url)
{
	for (int i = 0; supported_schemes[i] != NULL; i++)
		if (strncmp(url, supported_schemes[i], strlen(supported_schemes[i])) == 0)
			return true;
	return false;
}

/* Shared by the location prefixes: a supported URL, no query string, no trailing slash (GUC-33). */
static bool
check_location_prefix(char **newval, void **extra, GucSource source)
{
	size_t		len;

	if (*newval == NULL || **newval == '\0')
		return true;
	if (!has_supported_scheme(*newval))
	{
		GUC_check_errdetail("\"%s\" is not a supported URL.", *newval);
		GUC_check_errhint("Use a location such as s3://bucket/prefix or file:///directory.");
		return false;
	}
	if (strchr(*newval, '?') != NULL)
	{
		GUC_check_errdetail("A query string is not permitted in cloud storage URLs.");
		return false;
	}
	len = strlen(*newval);
	while (len > 0 && (*newval)[len - 1] == '/')
		(*newval)[--len] = '\0';
	return true;
}

static bool
check_stage_location(char **newval, void **extra, GucSource source)
{
	if (*newval == NULL || **newval == '\0')
		return true;
	if (!has_supported_scheme(*newval))
	{
		GUC_check_errdetail("The stage location must be a valid cloud storage URL.");
		return false;
	}
	if (strchr(*newval, '?') != NULL)
	{
		GUC_check_errdetail("The stage location cannot contain query parameters.");
		return false;
	}
	return true;
}

static bool
is_catalog_server(const char *name)
{
	ForeignServer *server = GetForeignServerByName(name, true);

	return server != NULL && strcmp(GetForeignDataWrapper(server->fdwid)->fdwname, "iceberg_catalog") == 0;
}

static bool
check_catalog_name(char **newval, void **extra, GucSource source)
{
	static const char *const builtin_names[] = {"postgres", "object_store", "rest"};

	for (const char *name : builtin_names)
		if (*newval != NULL && strcmp(*newval, name) == 0)
			return true;
	/* A server can only be looked up in a transaction; else it is looked up when a table is created. */
	if (*newval != NULL && **newval != '\0' && (!IsTransactionState() || is_catalog_server(*newval)))
		return true;
	GUC_check_errdetail("Valid catalogs are \"postgres\", \"object_store\", \"rest\" and the names of servers of the foreign-data wrapper \"iceberg_catalog\".");
	return false;
}

static void
define_bools(void)
{
	static const BoolSetting settings[] = {
		{"pg_lake_table.enable_strict_pushdown", "Ship only allow-listed functions and operators.", &lake_enable_strict_pushdown, true, PGC_USERSET},
		{"pg_lake_table.enable_full_query_pushdown", "Run whole queries in the server when all of their parts allow it.", &lake_enable_full_query_pushdown, true, PGC_USERSET},
		{"pg_lake_table.enable_insert_select_pushdown", "Run INSERT .. SELECT and COPY FROM wholly in the server.", &lake_enable_insert_select_pushdown, true, PGC_USERSET},
		{"pg_lake_table.enable_partitioned_write_pushdown", "Allow that for partitioned Iceberg targets too.", &unread_bool[0], false, PGC_USERSET},
		{"pg_lake_table.enable_data_file_pruning", "Skip data files by their column bounds.", &lake_enable_data_file_pruning, true, PGC_SUSET},
		{"pg_lake_table.enable_partition_pruning", "Skip data files by their partition values.", &lake_enable_partition_pruning, true, PGC_SUSET},
		{"pg_lake_table.enable_delete_file_function", "Allow lake_file.delete().", &unread_bool[1], false, PGC_SUSET},
		{"pg_lake_table.skip_drop_access_hook", "Do not clean up when tables are dropped.", &unread_bool[2], false, PGC_SUSET},
		{"pg_lake_table.defer_drop_file_cleanup", "DROP queues the table's metadata instead of its files.", &unread_bool[3], false, PGC_USERSET},
		{"pg_lake_table.hide_objects_created_by_lake", "Hide the extension's objects from catalog queries.", &unread_bool[4], false, PGC_USERSET},
		{"pg_lake_copy.enable", "COPY to and from URLs.", &unread_bool[5], true, PGC_SUSET},
		{"pg_lake_copy.enable_json", "COPY in JSON format.", &unread_bool[6], true, PGC_SUSET},
		{"pg_lake_iceberg.autovacuum", "Maintain Iceberg tables in the background.", &unread_bool[7], true, PGC_SIGHUP},
		{"pg_lake_iceberg.enable_object_store_catalog", "Publish catalog.json in object storage.", &unread_bool[8], true, PGC_SIGHUP},
		{"pg_lake_iceberg.enable_manifest_merge_on_write", "Merge small manifests when committing.", &unread_bool[9], true, PGC_SUSET},
		{"pg_lake_iceberg.rest_catalog_enable_vended_credentials", "Use credentials that a REST catalog hands out.", &unread_bool[10], false, PGC_SUSET},
		{"pg_lake_iceberg.http_client_trace_traffic", "Log HTTP traffic with credentials redacted.", &unread_bool[11], false, PGC_USERSET},
		{"pg_lake_iceberg.unsupported_numeric_as_double", "Create numeric columns that Iceberg cannot hold as double precision.", &lake_unsupported_numeric_as_double, true, PGC_USERSET},
		{"pg_lake_iceberg.enable_stats_collection_for_nested_types", "Deprecated, has no effect.", &unread_bool[12], false, PGC_USERSET},
		{"pg_lake_engine.enabled", "Use pgduck_server.", &lake_engine_enabled, true, PGC_POSTMASTER},
		{"pg_lake_engine.track_queries", "Count executions for lake.pg_stat_lake_queries.", &lake_track_queries, true, PGC_SUSET},
		{"pg_lake_engine.start_server", "Start pgduck_server from a background worker.", &lake_engine_start_server, true, PGC_POSTMASTER},
		{"pg_lake_engine.enable_cache_manager", "Manage the file cache in the background.", &unread_bool[13], true, PGC_SUSET},
		{"pg_lake_engine.enable_heavy_asserts", "Cross-check catalogs and metadata on every commit.", &unread_bool[14], false, PGC_SUSET},
	};

	for (const BoolSetting &setting : settings)
		DefineCustomBoolVariable(setting.name, setting.description, NULL, setting.value, setting.initial, setting.context,
								 0, NULL, NULL, NULL);
}

static void
define_ints(void)
{
	static const IntSetting settings[] = {
		{"pg_lake_iceberg.theta_sketch_row_limit", "ANALYZE writes theta sketches of tables with at most this many rows; -1 means of all, 0 of none.", &lake_theta_sketch_row_limit, 10000000, -1, INT_MAX, PGC_USERSET, 0},
		{"pg_lake_table.commit_time_analyze_threshold", "Analyze catalogs at commit after this many changed rows.", &lake_commit_time_analyze_threshold, 1000, -1, INT_MAX, PGC_USERSET, 0},
		{"pg_lake_table.copy_on_write_threshold", "Share of deleted rows, in percent, above which a file is rewritten.", &lake_copy_on_write_threshold, 20, 0, 100, PGC_USERSET, 0},
		{"pg_lake_table.copy_on_write_max_delete_rows", "Position-deleted rows of one operation after which files are rewritten, -1 for no limit.", &lake_copy_on_write_max_delete_rows, 10000000, -1, INT_MAX, PGC_USERSET, 0},
		{"pg_lake_table.target_file_size_mb", "Size at which a written data file is closed; less than 1MB does not split.", &lake_target_file_size_mb, 512, -1, INT_MAX / 2, PGC_USERSET, GUC_UNIT_MB},
		{"pg_lake_table.target_row_group_size_mb", "Size of a Parquet row group.", &lake_target_row_group_size_mb, 128, 1, 1048576, PGC_SUSET, GUC_UNIT_MB},
		{"pg_lake_table.vacuum_compact_min_input_files", "Files that make a compaction worth while.", &unread_int[3], 5, 1, INT_MAX, PGC_USERSET, 0},
		{"pg_lake_table.max_compactions_per_vacuum", "Compactions in one VACUUM.", &unread_int[4], 100, 0, INT_MAX, PGC_SUSET, 0},
		{"pg_lake_table.max_file_removals_per_vacuum", "Files removed by one VACUUM.", &unread_int[5], 100000, 0, INT_MAX, PGC_SUSET, 0},
		{"pg_lake_table.max_write_temp_file_size_mb", "Size of temporary files of a write.", &unread_int[6], 3072, 1, INT_MAX / 2, PGC_SUSET, GUC_UNIT_MB},
		{"pg_lake_table.max_open_files_for_partitioned_write", "Files open at once in a partitioned write.", &lake_max_open_files_for_partitioned_write, 5000, 1, INT_MAX, PGC_SUSET, 0},
		{"pg_lake_table.unbounded_numeric_default_precision", "Precision of unbounded numeric in files.", &unread_int[8], 38, 1, 38, PGC_USERSET, 0},
		{"pg_lake_table.unbounded_numeric_default_scale", "Scale of unbounded numeric in files.", &unread_int[9], 9, 0, 38, PGC_USERSET, 0},
		{"pg_lake_iceberg.autovacuum_naptime", "Time between maintenance runs.", &unread_int[10], 600, 1, INT_MAX / 1000, PGC_SIGHUP, GUC_UNIT_S},
		{"pg_lake_iceberg.log_autovacuum_min_duration", "Log maintenance that takes longer.", &unread_int[11], 600000, -1, INT_MAX, PGC_SIGHUP, GUC_UNIT_MS},
		{"pg_lake_iceberg.object_store_catalog_max_age", "Age at which catalog.json is written again.", &unread_int[12], 60, 1, INT_MAX / 1000, PGC_SIGHUP, GUC_UNIT_S},
		{"pg_lake_iceberg.target_manifest_size_kb", "Size to which manifests are merged.", &unread_int[13], 8192, 1, INT_MAX, PGC_SUSET, GUC_UNIT_KB},
		{"pg_lake_iceberg.manifest_min_count_to_merge", "Manifests that make a merge worth while.", &unread_int[14], 100, 2, INT_MAX, PGC_SUSET, 0},
		{"pg_lake_iceberg.max_snapshot_age", "Age at which snapshots expire; 0 expires on every write.", &unread_int[15], 1800, 0, INT_MAX, PGC_SUSET, GUC_UNIT_S},
		{"pg_lake_iceberg.default_avro_writer_block_size_kb", "Block size of written Avro files.", &unread_int[16], 64, 1, INT_MAX, PGC_SUSET, GUC_UNIT_KB},
		{"pg_lake_engine.max_tracked_queries", "Entries of lake.pg_stat_lake_queries.", &lake_max_tracked_queries, 1000, 100, 1000000, PGC_POSTMASTER, 0},
		{"pg_lake_engine.query_memory_limit", "Memory that a statement of this session may take in pgduck_server; 0: no limit of its own.", &lake_engine_query_memory_limit_kb, 0, 0, INT_MAX, PGC_USERSET, GUC_UNIT_KB},
		{"pg_lake_engine.max_cache_size", "Size of the file cache.", &unread_int[17], 20480, 0, INT_MAX, PGC_SUSET, GUC_UNIT_MB},
		{"pg_lake_engine.cache_manager_interval", "Time between runs of the cache manager.", &unread_int[18], 10000, 1, INT_MAX, PGC_SUSET, GUC_UNIT_MS},
		{"pg_lake_engine.vacuum_file_remove_max_retries", "Attempts to remove a file before it is given up.", &unread_int[19], 145, 0, INT_MAX, PGC_SUSET, 0},
		{"pg_lake_engine.vacuum_file_remove_retry_interval", "Time between such attempts.", &unread_int[20], 600, 0, INT_MAX, PGC_SUSET, GUC_UNIT_S},
		{"pg_lake_engine.orphaned_file_retention_period", "How long files that nothing refers to are kept.", &unread_int[21], 864000, 0, INT_MAX, PGC_SUSET, GUC_UNIT_S},
		{"pg_lake_engine.max_parallel_file_uploads", "Files uploaded at once.", &unread_int[22], 12, 1, 256, PGC_USERSET, 0},
		{"pg_lake_engine.cleanup_naptime", "Time between removals of files that failed transactions left behind.", &lake_cleanup_naptime_s, 60, 1, INT_MAX / 1000, PGC_SIGHUP, GUC_UNIT_S},
	};

	for (const IntSetting &setting : settings)
		DefineCustomIntVariable(setting.name, setting.description, NULL, setting.value, setting.initial, setting.min,
								setting.max, setting.context, setting.flags, NULL, NULL, NULL);
}

static void
define_strings(void)
{
	typedef struct StringSetting
	{
		const char *name;
		const char *description;
		char	  **value;
		const char *initial;
		GucContext	context;
		int			flags;
		GucStringCheckHook check;
	} StringSetting;

	static const StringSetting settings[] = {
		{"pg_lake_iceberg.default_location_prefix", "Where tables without a location go.", &lake_default_location_prefix, NULL, PGC_SUSET, 0, check_location_prefix},
		{"pg_lake_iceberg.branch", "The branch of Iceberg tables that statements read and write, where a table has it; empty: main.", &lake_branch, "", PGC_USERSET, 0, NULL},
		{"pg_lake_iceberg.read_as_of", "What queries read: Iceberg tables as of a time, 'snapshot N', 'branch name' or 'tag name'; empty: now.", &lake_read_as_of, "", PGC_USERSET, 0, NULL},
		{"pg_lake_iceberg.default_catalog", "Catalog of tables that name none.", &lake_default_catalog, "postgres", PGC_USERSET, 0, check_catalog_name},
		{"pg_lake_iceberg.internal_object_store_catalog_prefix", "Prefix of tables that we publish.", &unread_string[1], "frompg", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake_iceberg.external_object_store_catalog_prefix", "Prefix of tables that others publish.", &unread_string[2], "fromsf", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake_iceberg.object_store_catalog_location_prefix", "Where the object-store catalog lives.", &unread_string[3], NULL, PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_location_prefix},
		{"pg_lake_iceberg.rest_catalog_host", "Address of the REST catalog.", &unread_string[4], "http://localhost:8181", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake_iceberg.rest_catalog_oauth_host_path", "Address of its token endpoint.", &unread_string[5], "", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake_iceberg.rest_catalog_client_id", "Client id for it.", &unread_string[6], NULL, PGC_SUSET, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake_iceberg.rest_catalog_client_secret", "Client secret for it.", &unread_string[7], NULL, PGC_SUSET, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake_iceberg.rest_catalog_scope", "Scope of its tokens.", &unread_string[8], "PRINCIPAL_ROLE:ALL", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake.stage_location", "What @STAGE/ stands for.", &unread_string[9], NULL, PGC_SUSET, 0, check_stage_location},
		{"pg_lake_engine.host", "libpq connection string of pgduck_server.", &lake_engine_host, "host=/tmp port=5332", PGC_POSTMASTER, 0, NULL},
		{"pg_lake_engine.server_path", "The pgduck_server program; empty: beside the postgres program.", &lake_engine_server_path, "", PGC_POSTMASTER, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake_engine.server_arguments", "Further arguments of pgduck_server, separated by blanks.", &lake_engine_server_arguments, "", PGC_POSTMASTER, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake_engine.init_file", "File of statements that pgduck_server runs at start.", &lake_engine_init_file, "", PGC_POSTMASTER, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake_engine.memory_limit", "Memory limit of pgduck_server, such as 4GB; empty: its own default.", &lake_engine_memory_limit, "", PGC_POSTMASTER, 0, NULL},
		{"pg_lake_engine.local_roots", "Directories, separated by commas, that pgduck_server may read and write beside the default one.", &lake_engine_local_roots, "", PGC_POSTMASTER, GUC_SUPERUSER_ONLY, NULL},
		{"pg_lake_engine.fault_point", "Ends the backend at the named step of a commit; for tests.", &lake_fault_point, "", PGC_SUSET, GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE, NULL},
	};

	for (const StringSetting &setting : settings)
		DefineCustomStringVariable(setting.name, setting.description, NULL, setting.value, setting.initial, setting.context,
								   setting.flags, setting.check, NULL, NULL);
}

void
lake_define_settings(void)
{
	define_bools();
	define_ints();
	define_strings();

	DefineCustomEnumVariable("pg_lake_table.default_parquet_version", "Data page version of written Parquet files.", NULL,
							 &unread_enum[0], 1, parquet_version_options, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("pg_lake_table.write_log_level", "Level of messages about added and removed files.", NULL,
							 &unread_enum[1], DEBUG1, log_level_options, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("pg_lake_iceberg.rest_catalog_auth_type", "How to log in to the REST catalog.", NULL,
							 &unread_enum[2], 0, auth_type_options, PGC_SUSET, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomEnumVariable("pg_lake_iceberg.default_compatibility_mode", "Compatibility mode of new tables.", NULL,
							 &lake_default_compatibility_mode, LAKE_FOR_ALL, compatibility_options, PGC_USERSET, 0, NULL, NULL, NULL);

	MarkGUCPrefixReserved("pg_lake_table");
	MarkGUCPrefixReserved("pg_lake_iceberg");
	MarkGUCPrefixReserved("pg_lake_engine");
	MarkGUCPrefixReserved("pg_lake_copy");
	MarkGUCPrefixReserved("pg_lake");
}

char *
lake_default_warehouse(void)
{
	return psprintf("%s_lake", DataDir);
}
