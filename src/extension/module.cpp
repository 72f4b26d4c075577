/*
 * module.cpp
 *	  Loading of pg_lake.so. It must come through shared_preload_libraries: workers and some settings need the postmaster.
 */
extern "C" {
#include "postgres.h"
#include "fmgr.h"
#include "miscadmin.h"
}

#include "catalog/column_statistics.h"
#include "ddl/process_utility.h"
#include "exec/client_rows.h"
#include "exec/custom_scan.h"
#include "hooks/settings.h"
#include "maintenance/workers.h"
#include "plan/plan.h"
#include "stats/query_stats.h"
#include "txn/commit.h"
#include "txn/key_check.h"
#include "txn/write_lock.h"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void
_PG_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("pg_lake can only be loaded via shared_preload_libraries"),
				 errhint("Add pg_lake to shared_preload_libraries in postgresql.conf and restart the server.")));
	lake_define_settings();
	lake_register_custom_scans();
	lake_client_rows_init();
	lake_plan_init();
	lake_column_statistics_init();
	lake_txn_init();
	lake_write_lock_init();
	lake_key_check_init();
	lake_ddl_init();
	lake_query_stats_init();
	/* pg_upgrade restores our views in pg_catalog object by object, and wants nobody else at work. */
	if (IsBinaryUpgrade)
		SetConfigOption("allow_system_table_mods", "on", PGC_POSTMASTER, PGC_S_OVERRIDE);
	else
		lake_register_workers();
}
