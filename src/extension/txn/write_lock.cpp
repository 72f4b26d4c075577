/*
 * write_lock.cpp
 *	  See write_lock.h.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"
#include "parser/parsetree.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"
}

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "exec/modification.h"
#include "txn/write_lock.h"

static ExecutorStart_hook_type previous_executor_start = NULL;

static LockAcquireResult
acquire(Oid relid, LOCKMODE mode, bool dont_wait)
{
	LOCKTAG		tag;
	LockAcquireResult result;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, lake_catalog_relid("lake_iceberg", "tables_internal"), relid, 1);
	result = LockAcquire(&tag, mode, false, dont_wait);
	if (result == LOCKACQUIRE_OK)
		AcceptInvalidationMessages();
	return result;
}

bool
lake_write_lock(Oid relid, LOCKMODE mode)
{
	return acquire(relid, mode, false) == LOCKACQUIRE_OK;
}

bool
lake_write_lock_if_free(Oid relid, LOCKMODE mode)
{
	return acquire(relid, mode, true) != LOCKACQUIRE_NOT_AVAIL;
}

/* ---------------------------------------------------------------- what a statement needs */

typedef struct Wanted
{
	Oid			relid;
	LOCKMODE	mode;
} Wanted;

static List *
add_wanted(List *wanted, PlannedStmt *statement, Index rti, LOCKMODE mode)
{
	RangeTblEntry *rte = rt_fetch(rti, statement->rtable);
	Wanted	   *item;

	if (rte->rtekind != RTE_RELATION || rte->relkind != RELKIND_RELATION || !lake_is_lake_relation(rte->relid))
		return wanted;
	item = (Wanted *) palloc(sizeof(Wanted));
	item->relid = rte->relid;
	item->mode = mode;
	return lappend(wanted, item);
}

/* The nodes that change rows are at the top of the plan, or of the plans of WITH. */
static List *
add_targets(List *wanted, PlannedStmt *statement, Plan *plan)
{
	LakeModification *modification = lake_modification_of_plan(plan);
	ListCell   *lc;

	if (modification != NULL && modification->operation != CMD_INSERT)
		return add_wanted(wanted, statement, modification->rtindex, ExclusiveLock);
	if (plan == NULL || !IsA(plan, ModifyTable) || ((ModifyTable *) plan)->operation == CMD_INSERT)
		return wanted;
	foreach(lc, ((ModifyTable *) plan)->resultRelations)
		wanted = add_wanted(wanted, statement, lfirst_int(lc), ExclusiveLock);
	return wanted;
}

/* In the order of OIDs, the stronger lock of a table first. */
static int
compare_wanted(const ListCell *a, const ListCell *b)
{
	const Wanted *left = (const Wanted *) lfirst(a);
	const Wanted *right = (const Wanted *) lfirst(b);

	if (left->relid != right->relid)
		return left->relid < right->relid ? -1 : 1;
	return right->mode - left->mode;
}

static List *
wanted_locks(PlannedStmt *statement)
{
	List	   *wanted = add_targets(NIL, statement, statement->planTree);
	ListCell   *lc;

	foreach(lc, statement->subplans)
		wanted = add_targets(wanted, statement, (Plan *) lfirst(lc));
	foreach(lc, statement->rowMarks)
	{
		PlanRowMark *mark = lfirst_node(PlanRowMark, lc);

		/* NOWAIT and SKIP LOCKED try when they meet the first row (am/dml.cpp). */
		if (mark->isParent || mark->waitPolicy != LockWaitBlock || !RowMarkRequiresRowShareLock(mark->markType))
			continue;
		wanted = add_wanted(wanted, statement, mark->rti,
							mark->markType == ROW_MARK_SHARE || mark->markType == ROW_MARK_KEYSHARE ? ShareLock : ExclusiveLock);
	}
	list_sort(wanted, compare_wanted);
	return wanted;
}

/* The statement's PostgreSQL snapshot is older than what the wait was for. */
static void
renew_snapshot(QueryDesc *query)
{
	bool		is_active = ActiveSnapshotSet() && GetActiveSnapshot() == query->snapshot;
	Snapshot	fresh = GetTransactionSnapshot();

	if (is_active)
		PopActiveSnapshot();
	PushActiveSnapshot(fresh);
	UnregisterSnapshot(query->snapshot);
	query->snapshot = RegisterSnapshot(GetActiveSnapshot());
	if (!is_active)
		PopActiveSnapshot();
}

static void
lake_executor_start(QueryDesc *query, int flags)
{
	/* What a read-only transaction (on a standby, too) must not do, the executor refuses. */
	if (!(flags & EXEC_FLAG_EXPLAIN_ONLY) && query->plannedstmt->commandType != CMD_UTILITY && !XactReadOnly)
	{
		bool		got_any = false;
		ListCell   *lc;

		foreach(lc, wanted_locks(query->plannedstmt))
		{
			Wanted	   *wanted = (Wanted *) lfirst(lc);

			got_any |= lake_write_lock(wanted->relid, wanted->mode);
		}
		if (got_any && !IsolationUsesXactSnapshot() && IsMVCCSnapshot(query->snapshot))
			renew_snapshot(query);
	}
	if (previous_executor_start != NULL)
		previous_executor_start(query, flags);
	else
		standard_ExecutorStart(query, flags);
}

void
lake_write_lock_init(void)
{
	previous_executor_start = ExecutorStart_hook;
	ExecutorStart_hook = lake_executor_start;
}
