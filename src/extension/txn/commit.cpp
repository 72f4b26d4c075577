/*
 * commit.cpp
 *	  PRE_COMMIT: every changed table, in OID order: lock the pointer row, have the server commit the changes to the latest metadata, swap
 *	  the pointer. Everything that can fail happens here; after it PostgreSQL's own commit record decides. ABORT does no I/O.
 *
 * PREPARE TRANSACTION does the same work: the pointer rows and the locks then belong to the prepared transaction, like every other row.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "storage/latch.h"
#include "utils/json.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

#include <unistd.h>

#include "am/row_stash.h"
#include "catalog/analyze.h"
#include "catalog/column_statistics.h"
#include "catalog/lake_relation.h"
#include "catalog/ledger.h"
#include "catalog/pointer.h"
#include "ddl/property_options.h"
#include "hooks/settings.h"
#include "link/connection.h"
#include "txn/branch.h"
#include "txn/commit.h"
#include "txn/file_names.h"
#include "txn/key_check.h"
#include "txn/table_state.h"

static List *new_metadata_tables = NIL;	/* OIDs, in TopTransactionContext */
static int	fault_passes = 0;	/* of the step that lake_fault_point names, in this transaction */

/* One table to commit. */
typedef struct TableCommit
{
	Oid			relid;
	LakeTableState *state;		/* NULL for a table that was only created */
} TableCommit;

void
lake_note_new_metadata(Oid relid)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);

	new_metadata_tables = list_append_unique_oid(new_metadata_tables, relid);
	MemoryContextSwitchTo(old);
}

/*
 * "step" ends the process there; "step=fail" is an error, "step=pause" waits there for a minute, so that a test can kill somebody else
 * meanwhile. "step:2" is its second pass in this transaction, the second table.
 */
void
lake_fault(const char *step)
{
	size_t		length = strlen(step);
	const char *rest;
	int			pass = 1;

	if (lake_fault_point == NULL || strncmp(lake_fault_point, step, length) != 0)
		return;
	rest = lake_fault_point + length;
	if (*rest != '\0' && *rest != ':' && *rest != '=')
		return;
	if (*rest == ':')
		pass = (int) strtol(rest + 1, (char **) &rest, 10);
	if (++fault_passes != pass)
		return;
	if (*rest == '\0')
		_exit(137);
	if (strcmp(rest, "=fail") == 0)
		ereport(ERROR, (errcode(ERRCODE_IO_ERROR), errmsg("injected fault at \"%s\"", step)));
	if (strcmp(rest, "=pause") == 0)
	{
		ereport(LOG, (errmsg("pausing at fault point \"%s\"", step)));
		for (int i = 0; i < 600; i++)
		{
			(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 100, PG_WAIT_EXTENSION);
			ResetLatch(MyLatch);
			CHECK_FOR_INTERRUPTS();
		}
	}
}

/* Milliseconds since *mark, which moves to now. */
static double
lap(instr_time *mark)
{
	instr_time	now;
	instr_time	elapsed;

	INSTR_TIME_SET_CURRENT(now);
	elapsed = now;
	INSTR_TIME_SUBTRACT(elapsed, *mark);
	*mark = now;
	return INSTR_TIME_GET_MILLISEC(elapsed);
}

/* The relfilenumber that the table has now, 0 when the table is gone. */
static LakeRelNumber
current_relnumber(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	LakeRelNumber number;

	if (!HeapTupleIsValid(tuple))
		return 0;
	number = ((Form_pg_class) GETSTRUCT(tuple))->relfilenode;
	ReleaseSysCache(tuple);
	return number;
}

static int
compare_by_relid(const ListCell *a, const ListCell *b)
{
	Oid			left = ((TableCommit *) lfirst(a))->relid;
	Oid			right = ((TableCommit *) lfirst(b))->relid;

	return left < right ? -1 : left > right ? 1 : 0;
}

/* States whose storage is still the table's, and new tables without one. What TRUNCATE, DROP or a rollback left behind is not ours to commit. */
static List *
tables_to_commit(void)
{
	List	   *commits = NIL;
	List	   *relids = NIL;
	ListCell   *lc;

	foreach(lc, lake_all_table_states())
	{
		LakeTableState *state = (LakeTableState *) lfirst(lc);

		if (!lake_state_has_changes(state))
			continue;
		if (current_relnumber(state->relid) != state->relnumber)
			continue;
		TableCommit *commit = (TableCommit *) palloc0(sizeof(TableCommit));

		commit->relid = state->relid;
		commit->state = state;
		commits = lappend(commits, commit);
		relids = lappend_oid(relids, state->relid);
	}
	foreach(lc, new_metadata_tables)
	{
		if (list_member_oid(relids, lfirst_oid(lc)) || current_relnumber(lfirst_oid(lc)) == 0)
			continue;
		TableCommit *commit = (TableCommit *) palloc0(sizeof(TableCommit));

		commit->relid = lfirst_oid(lc);
		commits = lappend(commits, commit);
	}
	list_sort(commits, compare_by_relid);
	return commits;
}

static char *
commit_request(const LakePointer *pointer, LakeTableState *state, const LakeCommitNames *names)
{
	StringInfoData json;
	bool		first = true;
	ListCell   *lc;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"base\": ");
	escape_json(&json, lake_base_of_changes(state, lake_pointer_base(pointer)));
	appendStringInfoString(&json, ", \"changes\": [");
	/* A table that this transaction created has nothing to truncate. */
	if (state != NULL && state->replaces && pointer->metadata_location != NULL)
	{
		appendStringInfoString(&json, "{\"truncate\": true}");
		first = false;
	}
	if (state != NULL)
	{
		foreach(lc, state->changes)
		{
			appendStringInfo(&json, "%s{\"change\": %s}", first ? "" : ", ", ((LakeChange *) lfirst(lc))->json);
			first = false;
		}
	}
	appendStringInfo(&json, "], \"snapshot_id\": " INT64_FORMAT ", \"metadata_location\": ", names->snapshot_id);
	escape_json(&json, names->metadata_location);
	appendStringInfoString(&json, ", \"manifest_prefix\": ");
	escape_json(&json, names->manifest_prefix);
	appendStringInfoString(&json, ", \"manifest_list\": ");
	escape_json(&json, names->manifest_list);
	appendStringInfoString(&json, ", \"delete_prefix\": ");
	escape_json(&json, names->delete_prefix);
	appendStringInfo(&json, ", \"copy_on_write_threshold\": %d, \"copy_on_write_max_delete_rows\": %d, \"timestamp_ms\": null}",
					 lake_copy_on_write_threshold, lake_copy_on_write_max_delete_rows);
	return json.data;
}

/* Whether the commit writes position deletes or rewrites data files. */
static bool
has_deletes(const LakeTableState *state)
{
	ListCell   *lc;

	if (state != NULL)
		foreach(lc, state->changes)
			if (((LakeChange *) lfirst(lc))->deletes)
				return true;
	return false;
}

static int64
record_commit_names(Oid relid, const LakeCommitNames *names, bool with_deletes)
{
	int64		operation = lake_ledger_new_operation();

	lake_ledger_add(operation, relid, names->metadata_location, false);
	lake_ledger_add(operation, relid, names->manifest_list, false);
	lake_ledger_add(operation, relid, names->manifest_prefix, true);
	if (with_deletes)
		lake_ledger_add(operation, relid, names->delete_prefix, true);
	lake_ledger_flush();
	return operation;
}

static void
swap_pointer(LakePointer *pointer, char **answer)
{
	pointer->previous_metadata_location = pointer->metadata_location;
	pointer->metadata_location = answer[0];
	pointer->pending_metadata = NULL;
	pointer->record_count = answer[1] == NULL ? 0 : strtoll(answer[1], NULL, 10);
	pointer->data_bytes = answer[2] == NULL ? 0 : strtoll(answer[2], NULL, 10);
	pointer->file_count = answer[3] == NULL ? 0 : strtoll(answer[3], NULL, 10);
	lake_pointer_update(pointer);
}

static void
commit_table(TableCommit *commit)
{
	LakePointer pointer;
	LakeTablePaths paths;
	LakeCommitNames names;
	const char *params[1];
	char	  **answer;
	int64		operation;
	ListCell   *lc;
	instr_time	mark;
	double		lock_ms;
	double		ledger_ms;
	double		server_ms;

	INSTR_TIME_SET_CURRENT(mark);
	lake_pointer_lock(commit->relid);
	if (!lake_pointer_get(commit->relid, NULL, &pointer))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent drop of table %u", commit->relid)));
	if (pointer.read_only)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("modifications on read-only iceberg tables are not supported")));
	/* Its new columns were rolled back with a subtransaction. */
	if (commit->state == NULL && pointer.pending_metadata == NULL)
		return;
	lock_ms = lap(&mark);
	lake_table_paths(pointer.location, lake_relation_option(commit->relid, LAKE_DATA_PATH_OPTION),
					 lake_relation_option(commit->relid, LAKE_METADATA_PATH_OPTION),
					 lake_relation_option(commit->relid, LAKE_OBJECT_STORAGE_OPTION), &paths);
	lake_new_commit_names(&paths, pointer.metadata_location, &names);
	operation = record_commit_names(commit->relid, &names, has_deletes(commit->state));
	ledger_ms = lap(&mark);
	lake_fault("after-ledger");

	params[0] = commit_request(&pointer, commit->state, &names);
	if (lake_link_call("SELECT metadata_location, record_count, data_bytes, file_count FROM lake_commit($1)", 1, params, 4, &answer) != 1 ||
		answer[0] == NULL)
		elog(ERROR, "unexpected answer of the query engine to a commit");
	server_ms = lap(&mark);
	lake_fault("after-apply-iceberg-changes");
	swap_pointer(&pointer, answer);
	lake_fault("after-pointer-swap");

	lake_ledger_forget(operation);
	if (commit->state != NULL)
		foreach(lc, commit->state->changes)
			if (((LakeChange *) lfirst(lc))->operation != 0)
				lake_ledger_forget(((LakeChange *) lfirst(lc))->operation);
	ereport(DEBUG1,
			(errmsg_internal("lake commit of table %u: lock %.3f ms, ledger %.3f ms, metadata %.3f ms, pointer %.3f ms", commit->relid,
							 lock_ms, ledger_ms, server_ms, lap(&mark))));
	lake_fault("after-ledger-forget");
}

static void
flush_all(List *commits)
{
	ListCell   *lc;

	foreach(lc, commits)
	{
		TableCommit *commit = (TableCommit *) lfirst(lc);

		if (commit->state != NULL && (commit->state->pending != NIL || commit->state->deletes != NIL))
		{
			Relation	rel = RelationIdGetRelation(commit->relid);

			instr_time	mark;

			if (!RelationIsValid(rel))
				elog(ERROR, "could not open table %u", commit->relid);
			INSTR_TIME_SET_CURRENT(mark);
			commit->state->is_committing = true;
			lake_flush_state(commit->state, rel);
			RelationClose(rel);
			ereport(DEBUG1, (errmsg_internal("lake data files of table %u: %.3f ms", commit->relid, lap(&mark))));
		}
	}
}

static void
before_commit(void)
{
	List	   *commits;
	ListCell   *lc;
	MemoryContext context;
	MemoryContext old;

	fault_passes = 0;
	if (lake_all_table_states() == NIL && new_metadata_tables == NIL)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "lake commit", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	/* What no statement's end has checked: rows that came without an executor, such as those of a subscription. */
	lake_check_new_keys(FirstCommandId);
	/* All triggers have fired: nobody asks for rows any more. */
	foreach(lc, lake_all_table_states())
	{
		lake_row_stash_close(((LakeTableState *) lfirst(lc))->inserted);
		lake_row_stash_close(((LakeTableState *) lfirst(lc))->scanned);
	}
	commits = tables_to_commit();
	/* Data files first and without locks, so that committers of one table wait for each other's metadata only. */
	flush_all(commits);
	lake_fault("after-data-files");
	foreach(lc, commits)
		commit_table((TableCommit *) lfirst(lc));
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

static void
transaction_callback(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			lake_apply_column_statistics();
			before_commit();
			lake_analyze_catalogs();
			break;
		case XACT_EVENT_PRE_PREPARE:
			lake_apply_column_statistics();
			before_commit();	/* ANALYZE would keep its locks until COMMIT PREPARED */
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			lake_forget_table_states();
			lake_forget_catalog_changes();
			lake_forget_column_statistics();
			new_metadata_tables = NIL;
			break;
		default:
			break;
	}
}

static void
subtransaction_callback(SubXactEvent event, SubTransactionId subid, SubTransactionId parent, void *arg)
{
	switch (event)
	{
		case SUBXACT_EVENT_PRE_COMMIT_SUB:
			lake_subxact_before_commit(subid, parent);
			break;
		case SUBXACT_EVENT_COMMIT_SUB:
			lake_subxact_committed(subid, parent);
			lake_column_statistics_subxact_committed(subid, parent);
			break;
		case SUBXACT_EVENT_ABORT_SUB:
			lake_subxact_aborted(subid);
			lake_column_statistics_subxact_aborted(subid);
			break;
		default:
			break;
	}
}

void
lake_txn_init(void)
{
	RegisterXactCallback(transaction_callback, NULL);
	RegisterSubXactCallback(subtransaction_callback, NULL);
}
