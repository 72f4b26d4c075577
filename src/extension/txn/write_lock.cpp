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
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "compat/range_table.h"
#include "ddl/unique_key.h"
#include "exec/modification.h"
#include "txn/key_check.h"
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
	bool		has_key;		/* rows of a table with a unique key change (txn/key_check.h) */
	bool		adds_keys;		/* and may get another key */
	bool		is_upsert;		/* by ON CONFLICT DO UPDATE */
	bool		moves_keys;		/* which assigns columns of the key */
} Wanted;

static bool
is_lake_table(RangeTblEntry *rte)
{
	return rte->rtekind == RTE_RELATION && rte->relkind == RELKIND_RELATION && lake_is_lake_relation(rte->relid);
}

static List *
add_lock(List *wanted, Oid relid, LOCKMODE mode)
{
	Wanted	   *item = (Wanted *) palloc0(sizeof(Wanted));

	item->relid = relid;
	item->mode = mode;
	return lappend(wanted, item);
}

/* An UPDATE that assigns no column of the key, directly or through generated columns or triggers. Rows of partitions may come from another one. */
static bool
keeps_keys(PlannedStmt *statement, RangeTblEntry *rte)
{
	Relation	rel = RelationIdGetRelation(rte->relid);
	bool		keeps = !rel->rd_rel->relispartition && (rel->trigdesc == NULL || !rel->trigdesc->trig_update_before_row);
	ListCell   *lc;

	foreach(lc, lake_unique_key(rel))
	{
		keeps &= !lake_may_assign(statement, rte, lfirst_int(lc));
		keeps &= TupleDescAttr(RelationGetDescr(rel), lfirst_int(lc) - 1)->attgenerated == '\0';
	}
	RelationClose(rel);
	return keeps;
}

/* Appends to a table without a key need no lock. */
static List *
add_target(List *wanted, PlannedStmt *statement, Index rti, CmdType operation)
{
	RangeTblEntry *rte = rt_fetch(rti, statement->rtable);
	bool		has_key;
	Wanted	   *item;

	if (!is_lake_table(rte))
		return wanted;
	has_key = operation != CMD_DELETE && lake_has_unique_key(rte->relid);
	if (operation == CMD_INSERT && !has_key)
		return wanted;
	wanted = add_lock(wanted, rte->relid, ExclusiveLock);
	item = (Wanted *) llast(wanted);
	item->has_key = has_key;
	item->moves_keys = has_key && !keeps_keys(statement, rte);
	item->adds_keys = has_key && (operation != CMD_UPDATE || item->moves_keys);
	item->is_upsert = operation == CMD_MERGE && statement->commandType == CMD_INSERT;
	return wanted;
}

/* The nodes that change rows are at the top of the plan, or of the plans of WITH. */
static List *
add_targets(List *wanted, PlannedStmt *statement, Plan *plan)
{
	LakeModification *modification = lake_modification_of_plan(plan);
	ListCell   *lc;

	if (modification != NULL)
		return add_target(wanted, statement, modification->rtindex, modification->operation);
	if (plan == NULL || !IsA(plan, ModifyTable))
		return wanted;
	foreach(lc, ((ModifyTable *) plan)->resultRelations)
		wanted = add_target(wanted, statement, lfirst_int(lc), ((ModifyTable *) plan)->operation);
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
		if (is_lake_table(rt_fetch(mark->rti, statement->rtable)))
			wanted = add_lock(wanted, rt_fetch(mark->rti, statement->rtable)->relid,
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
take_locks(QueryDesc *query, List *wanted)
{
	bool		got_any = false;
	ListCell   *lc;

	foreach(lc, wanted)
		got_any |= lake_write_lock(((Wanted *) lfirst(lc))->relid, ((Wanted *) lfirst(lc))->mode);
	if (got_any && !IsolationUsesXactSnapshot() && IsMVCCSnapshot(query->snapshot))
		renew_snapshot(query);
	foreach(lc, wanted)
		if (((Wanted *) lfirst(lc))->adds_keys)
			lake_require_latest_rows(((Wanted *) lfirst(lc))->relid);
}

/* Several parts of a statement (WITH) may change one table: what is said of it holds for all of them. */
static void
note_key_statements(QueryDesc *query, List *wanted)
{
	ListCell   *lc;
	ListCell   *other;

	foreach(lc, wanted)
	{
		Wanted	   *item = (Wanted *) lfirst(lc);
		bool		keeps = true;

		if (!item->has_key)
			continue;
		foreach(other, wanted)
			keeps &= ((Wanted *) lfirst(other))->relid != item->relid || !((Wanted *) lfirst(other))->adds_keys;
		lake_note_key_statement(item->relid, query->estate->es_output_cid, keeps, item->is_upsert, item->moves_keys);
	}
}

static void
lake_executor_start(QueryDesc *query, int flags)
{
	List	   *wanted = NIL;

	/* What a read-only transaction (on a standby, too) must not do, the executor refuses. */
	if (!(flags & EXEC_FLAG_EXPLAIN_ONLY) && query->plannedstmt->commandType != CMD_UTILITY && !XactReadOnly)
	{
		wanted = wanted_locks(query->plannedstmt);
		take_locks(query, wanted);
	}
	if (previous_executor_start != NULL)
		previous_executor_start(query, flags);
	else
		standard_ExecutorStart(query, flags);
	note_key_statements(query, wanted);
}

void
lake_write_lock_init(void)
{
	previous_executor_start = ExecutorStart_hook;
	ExecutorStart_hook = lake_executor_start;
}
