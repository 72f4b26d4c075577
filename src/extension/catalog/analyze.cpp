/*
 * analyze.cpp
 *	  See analyze.h. Rows that a rolled back subtransaction changed count too: they are work for whoever reads the table.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

#include "catalog/analyze.h"
#include "catalog/lake_relation.h"
#include "hooks/settings.h"

static int64 changes = 0;		/* of this transaction */

void
lake_note_catalog_change(void)
{
	changes++;
}

void
lake_forget_catalog_changes(void)
{
	changes = 0;
}

static Oid
owner_of(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* Nobody who holds the lock is waited for: it is another ANALYZE, or a VACUUM. Before commit no snapshot is active. */
static void
analyze(void)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	if (SPI_connect() != SPI_OK_CONNECT ||
		SPI_execute("ANALYZE (SKIP_LOCKED) lake_iceberg.tables_internal, lake_engine.deletion_queue, lake_engine.in_progress_files", false,
					0) != SPI_OK_UTILITY)
		elog(ERROR, "the catalog tables could not be analyzed");
	SPI_finish();
	PopActiveSnapshot();
}

void
lake_analyze_catalogs(void)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	Oid			user;
	int			security;

	if (lake_commit_time_analyze_threshold < 0 || changes <= lake_commit_time_analyze_threshold || !lake_catalogs_exist())
		return;
	/* The tables are those of the extension's owner. */
	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(owner_of(lake_catalog_relid("lake_iceberg", "tables_internal")),
						   security | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		analyze();
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		/* Somebody wants the transaction to end. */
		if (error->sqlerrcode == ERRCODE_QUERY_CANCELED || error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN)
			ReThrowError(error);
		ereport(WARNING, (errcode(error->sqlerrcode), errmsg("could not analyze the catalog tables of pg_lake: %s", error->message)));
		FreeErrorData(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	SetUserIdAndSecContext(user, security);
}
