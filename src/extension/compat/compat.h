/*
 * compat.h
 *	  Everything that depends on PostgreSQL's major version. No other file mentions PG_VERSION_NUM.
 *
 * Written for 15 to 18. Names follow the newest version; older ones are mapped onto it.
 */
#ifndef LAKE_COMPAT_H
#define LAKE_COMPAT_H

extern "C" {
#include "postgres.h"
#include "access/multixact.h"
#include "access/tableam.h"
#include "catalog/storage.h"
#include "commands/vacuum.h"
#include "executor/executor.h"
#include "parser/parse_relation.h"
#include "pgstat.h"
#include "miscadmin.h"
#include "postmaster/autovacuum.h"
#include "utils/acl.h"
#include "utils/rel.h"
#if PG_VERSION_NUM >= 170000
#include "storage/read_stream.h"
#include "utils/syscache.h"
#endif
}

#if PG_VERSION_NUM < 150000
#error "pg_lake needs PostgreSQL 15 or later"
#endif

/* The physical file number of a relation: relfilenode until 15, relfilelocator.relNumber from 16. */
#if PG_VERSION_NUM >= 160000
typedef RelFileNumber LakeRelNumber;
#define LakeRelationRelNumber(rel) ((rel)->rd_locator.relNumber)
#define LakeLocator RelFileLocator
#define LakeLocatorNumber(locator) ((locator)->relNumber)
#else
typedef Oid LakeRelNumber;
#define LakeRelationRelNumber(rel) ((rel)->rd_node.relNode)
#define LakeLocator RelFileNode
#define LakeLocatorNumber(locator) ((locator)->relNode)
#endif

/* RelationCreateStorage takes a relation number and flags in the same way in all supported versions. */
#define LakeCreateStorage(locator, persistence) RelationCreateStorage(*(locator), (persistence), true)

/* UPDATE reports which indexes need entries as an enum from 16 on; the callback for new storage was renamed. */
#if PG_VERSION_NUM >= 160000
typedef TU_UpdateIndexes LakeUpdateIndexes;
#define LakeSetNewLocatorCallback(routine) (routine).relation_set_new_filelocator
#else
typedef bool LakeUpdateIndexes;
#define LakeSetNewLocatorCallback(routine) (routine).relation_set_new_filenode
#endif

/* From 17 on ANALYZE hands blocks over through a ReadStream. */
#if PG_VERSION_NUM >= 170000
#define LAKE_ANALYZE_BY_STREAM 1
#else
#define LAKE_ANALYZE_BY_STREAM 0
#endif

#if PG_VERSION_NUM >= 170000
#define LakeIsAutovacuum() AmAutoVacuumWorkerProcess()
#else
#define LakeIsAutovacuum() IsAutoVacuumWorkerProcess()
#endif

/* Object ownership checks were renamed in 16. */
#if PG_VERSION_NUM >= 160000
#define LakeOwnsRelation(relid, roleid) object_ownercheck(RelationRelationId, (relid), (roleid))
#else
#define LakeOwnsRelation(relid, roleid) pg_class_ownercheck((relid), (roleid))
#endif

/* execute_once left ExecutorRun in 18. */
#if PG_VERSION_NUM >= 180000
#define LAKE_EXECUTOR_RUN_PARAMS QueryDesc *queryDesc, ScanDirection direction, uint64 count
#define LAKE_EXECUTOR_RUN_ARGS queryDesc, direction, count
#else
#define LAKE_EXECUTOR_RUN_PARAMS QueryDesc *queryDesc, ScanDirection direction, uint64 count, bool execute_once
#define LAKE_EXECUTOR_RUN_ARGS queryDesc, direction, count, execute_once
#endif

#if PG_VERSION_NUM >= 180000
#define LakeExecutorRun(desc) ExecutorRun((desc), ForwardScanDirection, 0)
#else
#define LakeExecutorRun(desc) ExecutorRun((desc), ForwardScanDirection, 0, true)
#endif

/* Permissions to check stand in the range table entry until 15, beside it from 16 on. */
#if PG_VERSION_NUM >= 160000
#define LakeRequiredPerms(item) ((item)->p_perminfo->requiredPerms)
#else
#define LakeRequiredPerms(item) ((item)->p_rte->requiredPerms)
#endif

static inline void
lake_take_range_table(Query *query, ParseState *pstate)
{
	query->rtable = pstate->p_rtable;
#if PG_VERSION_NUM >= 160000
	query->rteperminfos = pstate->p_rteperminfos;
#endif
}

/* vac_update_relstats gained frozenxid_updated/minmulti_updated (15) and num_all_frozen_pages (18). */
static inline void
lake_vac_update_relstats(Relation rel, BlockNumber pages, double tuples)
{
#if PG_VERSION_NUM >= 180000
	vac_update_relstats(rel, pages, tuples, 0, 0, false, InvalidTransactionId, InvalidMultiXactId, NULL, NULL, false);
#else
	vac_update_relstats(rel, pages, tuples, 0, false, InvalidTransactionId, InvalidMultiXactId, NULL, NULL, false);
#endif
}

/*
 * Tree walkers take (Node *, context) but are declared without parameters until 15; from 16 a macro casts to the real signature. Either accepts this.
 */
#define LAKE_WALKER(function) ((bool (*) ()) (void *) (function))
#define LAKE_MUTATOR(function) ((Node *(*) ()) (void *) (function))

/* What an update says of indexes: a bool until 15, an enum from 16. Lake tables have none. */
#if PG_VERSION_NUM >= 160000
#define LakeNoIndexUpdates(update_indexes) (*(update_indexes) = TU_None)
#define lake_count_update(rel) pgstat_count_heap_update((rel), false, false)
#else
#define LakeNoIndexUpdates(update_indexes) (*(update_indexes) = false)
#define lake_count_update(rel) pgstat_count_heap_update((rel), false)
#endif

#if PG_VERSION_NUM >= 160000
#define LakeSetNewStorage(rel) RelationSetNewRelfilenumber((rel), (rel)->rd_rel->relpersistence)
#else
#define LakeSetNewStorage(rel) RelationSetNewRelfilenode((rel), (rel)->rd_rel->relpersistence)
#endif

/* The statistics target of a column, negative for the default; from 17 on it is null then, and not in the descriptor. */
static inline int
lake_statistics_target(Relation rel, AttrNumber attno)
{
#if PG_VERSION_NUM >= 170000
	HeapTuple	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(RelationGetRelid(rel)), Int16GetDatum(attno));
	bool		is_null = true;
	Datum		target = HeapTupleIsValid(tuple) ? SysCacheGetAttr(ATTNUM, tuple, Anum_pg_attribute_attstattarget, &is_null) : (Datum) 0;

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return is_null ? -1 : DatumGetInt16(target);
#else
	return TupleDescAttr(RelationGetDescr(rel), attno - 1)->attstattarget;
#endif
}

/* The statistics of a statement that changed rows in bulk. */
static inline void
lake_count_changes(Relation rel, int64 inserted, int64 updated, int64 deleted)
{
	if (inserted > 0)
		pgstat_count_heap_insert(rel, inserted);
	if (updated > 0)
	{
		lake_count_update(rel);
		if (rel->pgstat_info != NULL)
			rel->pgstat_info->trans->tuples_updated += updated - 1;
	}
	if (deleted > 0)
	{
		pgstat_count_heap_delete(rel);
		if (rel->pgstat_info != NULL)
			rel->pgstat_info->trans->tuples_deleted += deleted - 1;
	}
}

#endif
