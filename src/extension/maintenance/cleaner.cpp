/*
 * cleaner.cpp
 *	  Removes what failed transactions and dropped tables left in storage: the rows of the ledger whose transactions are over, and the rows of the
 *	  deletion queue that are old enough.
 *
 * One launcher for the cluster looks at all databases in turn and starts a short-lived worker in each that has the extension; the same work
 * can be asked for by lake_engine.flush_in_progress_queue() and flush_deletion_queue().
 */
extern "C" {
#include "postgres.h"
#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/json.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
}

#include "catalog/lake_relation.h"
#include "catalog/ledger.h"
#include "hooks/settings.h"
#include "link/connection.h"
#include "maintenance/workers.h"

extern "C" {
PGDLLEXPORT void lake_cleaner_main(Datum arg);
PGDLLEXPORT void lake_cleaner_database_main(Datum arg);
PG_FUNCTION_INFO_V1(lake_flush_in_progress_queue);
PG_FUNCTION_INFO_V1(lake_remove_queued_files);
}

/* ---------------------------------------------------------------- functions */

static Datum
return_paths(FunctionCallInfo fcinfo, List *paths)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	foreach(lc, paths)
	{
		Datum		value = CStringGetTextDatum((char *) lfirst(lc));
		bool		isnull = false;

		tuplestore_putvalues(result->setResult, result->setDesc, &value, &isnull);
	}
	return (Datum) 0;
}

/* lake_engine.flush_in_progress_queue() -> setof text: the locations removed. */
Datum
lake_flush_in_progress_queue(PG_FUNCTION_ARGS)
{
	return return_paths(fcinfo, lake_ledger_clean());
}

/* lake_engine.remove_queued_files(path text, is_prefix bool) -> setof text: used by flush_deletion_queue, which owns the rows. */
Datum
lake_remove_queued_files(PG_FUNCTION_ARGS)
{
	StringInfoData json;
	const char *params[1];
	char	  **values;
	List	   *paths = NIL;
	int			nrows;

	initStringInfo(&json);
	appendStringInfoString(&json, "[{\"path\": ");
	escape_json(&json, text_to_cstring(PG_GETARG_TEXT_PP(0)));
	appendStringInfo(&json, ", \"is_prefix\": %s}]", PG_GETARG_BOOL(1) ? "true" : "false");
	params[0] = json.data;
	nrows = lake_link_call("SELECT path FROM lake_remove($1)", 1, params, 1, &values);
	for (int i = 0; i < nrows; i++)
		paths = lappend(paths, values[i]);
	return return_paths(fcinfo, paths);
}

/* ---------------------------------------------------------------- workers */

/* One statement in a transaction of its own; an error is logged by the worker's exit and tried again next time. */
static void
run_statement(const char *sql)
{
	StartTransactionCommand();
	SPI_connect();
	PushActiveSnapshot(GetTransactionSnapshot());
	if (lake_extension_exists())
	{
		pgstat_report_activity(STATE_RUNNING, sql);
		SPI_execute(sql, false, 0);
	}
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
	pgstat_report_activity(STATE_IDLE, NULL);
}

void
lake_cleaner_database_main(Datum arg)
{
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(arg), InvalidOid, 0);
	run_statement("SELECT count(*) FROM lake_engine.flush_in_progress_queue()");
	run_statement("SELECT count(*) FROM lake_engine.flush_expired_deletions()");
	proc_exit(0);
}

static List *
connectable_databases(MemoryContext context)
{
	Relation	databases;
	TableScanDesc scan;
	HeapTuple	tuple;
	List	   *oids = NIL;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	databases = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(databases, 0, NULL);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);
		MemoryContext old;

		if (!database->datallowconn || database->datistemplate)
			continue;
		old = MemoryContextSwitchTo(context);
		oids = lappend_oid(oids, database->oid);
		MemoryContextSwitchTo(old);
	}
	table_endscan(scan);
	table_close(databases, AccessShareLock);
	CommitTransactionCommand();
	return oids;
}

static void
clean_database(Oid database)
{
	BackgroundWorker worker = {};
	BackgroundWorkerHandle *handle;

	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	worker.bgw_main_arg = ObjectIdGetDatum(database);
	worker.bgw_notify_pid = MyProcPid;
	strlcpy(worker.bgw_library_name, "pg_lake", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "lake_cleaner_database_main", sizeof(worker.bgw_function_name));
	strlcpy(worker.bgw_name, "pg_lake cleaner", sizeof(worker.bgw_name));
	strlcpy(worker.bgw_type, "pg_lake cleaner", sizeof(worker.bgw_type));
	if (RegisterDynamicBackgroundWorker(&worker, &handle))
		(void) WaitForBackgroundWorkerShutdown(handle);
}

void
lake_cleaner_main(Datum arg)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "lake cleaner", ALLOCSET_DEFAULT_SIZES);
	TimestampTz last_run = GetCurrentTimestamp();

	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	while (!ShutdownRequestPending)
	{
		ListCell   *lc;
		TimestampTz now = GetCurrentTimestamp();
		long		wait_ms = lake_cleanup_naptime_s * 1000L - (long) ((now - last_run) / 1000);

		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | WL_TIMEOUT, Max(wait_ms, 0L), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		if (ShutdownRequestPending)
			break;
		if (!TimestampDifferenceExceeds(last_run, GetCurrentTimestamp(), lake_cleanup_naptime_s * 1000))
			continue;			/* woken by something else */
		last_run = GetCurrentTimestamp();
		MemoryContextReset(context);
		foreach(lc, connectable_databases(context))
		{
			if (ShutdownRequestPending)
				break;
			clean_database(lfirst_oid(lc));
		}
	}
	proc_exit(0);
}

void
lake_register_workers(void)
{
	BackgroundWorker worker = {};

	if (!lake_engine_enabled)
		return;
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS;
	worker.bgw_restart_time = 1;
	strlcpy(worker.bgw_library_name, "pg_lake", sizeof(worker.bgw_library_name));
	if (lake_engine_start_server)
	{
		worker.bgw_start_time = BgWorkerStart_PostmasterStart;
		strlcpy(worker.bgw_function_name, "lake_server_worker_main", sizeof(worker.bgw_function_name));
		strlcpy(worker.bgw_name, "pg_lake server", sizeof(worker.bgw_name));
		strlcpy(worker.bgw_type, "pg_lake server", sizeof(worker.bgw_type));
		RegisterBackgroundWorker(&worker);
	}
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = 10;
	strlcpy(worker.bgw_function_name, "lake_cleaner_main", sizeof(worker.bgw_function_name));
	strlcpy(worker.bgw_name, "pg_lake cleaner launcher", sizeof(worker.bgw_name));
	strlcpy(worker.bgw_type, "pg_lake cleaner launcher", sizeof(worker.bgw_type));
	RegisterBackgroundWorker(&worker);
}
