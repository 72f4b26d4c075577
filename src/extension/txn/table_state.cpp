/*
 * table_state.cpp
 *	  The change log of the running transaction. See table_state.h.
 *
 * Errors: a stream that breaks loses rows that the executor believes inserted. The rows are marked failed, and whatever wants to read or
 * commit them raises an error; only rolling back the subtransaction that wrote them gets rid of the mark.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
}

#include "am/row_stash.h"
#include "catalog/lake_relation.h"
#include "catalog/ledger.h"
#include "catalog/pointer.h"
#include "ddl/alter_table.h"
#include "ddl/file_layout.h"
#include "ddl/options.h"
#include "ddl/property_options.h"
#include "ddl/table_identity.h"
#include "ddl/unique_key.h"
#include "hooks/settings.h"
#include "link/sql_text.h"
#include "txn/branch.h"
#include "txn/command_ranges.h"
#include "txn/deletes.h"
#include "txn/file_names.h"
#include "txn/key_check.h"
#include "txn/table_state.h"

/* Of the relations that core makes for a rewrite (cluster.c, make_new_heap). */
#define TRANSIENT_PREFIX "pg_temp_"

static HTAB *states = NULL;				/* LakeRelNumber -> LakeTableState, in state_context */
static MemoryContext state_context = NULL;	/* child of TopTransactionContext */

static const char copy_header[LAKE_COPY_HEADER_LENGTH] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', '\377', '\r', '\n', '\0'};

/* ---------------------------------------------------------------- the hash table */

static LakeTableState *
find_state(LakeRelNumber relnumber, Oid relid, bool create)
{
	LakeTableState *state;
	bool		found;

	if (states == NULL)
	{
		HASHCTL		control = {};

		if (!create)
			return NULL;
		state_context = AllocSetContextCreate(TopTransactionContext, "lake table states", ALLOCSET_DEFAULT_SIZES);
		control.keysize = sizeof(LakeRelNumber);
		control.entrysize = sizeof(LakeTableState);
		control.hcxt = state_context;
		states = hash_create("lake table states", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	state = (LakeTableState *) hash_search(states, &relnumber, create ? HASH_ENTER : HASH_FIND, &found);
	if (state != NULL && !found)
	{
		memset(state, 0, sizeof(*state));
		state->relnumber = relnumber;
		state->relid = relid;
		state->keeps_keys_cid = InvalidCommandId;
		state->upsert_cid = InvalidCommandId;
	}
	return state;
}

MemoryContext
lake_state_context(void)
{
	return state_context;
}

LakeTableState *
lake_table_state(Relation rel, bool create)
{
	return find_state(LakeRelationRelNumber(rel), RelationGetRelid(rel), create);
}

/* The table that a relation made by make_new_heap() stands in for, else the relation itself. */
static Oid
owner_of_storage(Relation rel)
{
	const char *digits = RelationGetRelationName(rel) + strlen(TRANSIENT_PREFIX);
	char	   *end;
	unsigned long owner;

	if (rel->rd_createSubid == InvalidSubTransactionId || strncmp(RelationGetRelationName(rel), TRANSIENT_PREFIX, strlen(TRANSIENT_PREFIX)) != 0)
		return RelationGetRelid(rel);
	owner = strtoul(digits, &end, 10);
	if (end == digits || *end != '\0' || get_rel_namespace((Oid) owner) != RelationGetNamespace(rel))
		return RelationGetRelid(rel);
	return (Oid) owner;
}

/* What the transaction has done so far to the table's present storage holds for the new one. Rows on their way have become changes (lake_note_altered). */
static void
take_content(LakeTableState *state, Oid owner)
{
	Relation	table = RelationIdGetRelation(owner);
	LakeTableState *present = lake_table_state(table, false);
	MemoryContext old = MemoryContextSwitchTo(state_context);

	state->replaces = present != NULL && present->replaces;
	if (present != NULL)
	{
		state->changes = list_copy(present->changes);
		state->deletes = list_copy(present->deletes);
		state->scan_base = present->scan_base;
		state->several_bases = present->several_bases;
	}
	MemoryContextSwitchTo(old);
	RelationClose(table);
}

void
lake_note_new_storage(Relation rel, LakeRelNumber relnumber)
{
	Oid			owner = owner_of_storage(rel);
	LakeTableState *state = find_state(relnumber, owner, true);

	lake_note_branch(rel, state);
	state->created_subid = GetCurrentSubTransactionId();
	state->replaces = true;
	if (owner != RelationGetRelid(rel) && lake_keeps_content(owner))
		take_content(state, owner);
}

bool
lake_has_new_storage(Oid relid)
{
	Relation	rel = RelationIdGetRelation(relid);
	bool		found = false;
	ListCell   *lc;

	if (!RelationIsValid(rel))
		return false;
	foreach(lc, lake_all_table_states())
	{
		LakeTableState *state = (LakeTableState *) lfirst(lc);

		found |= state->relid == relid && state->replaces && state->relnumber != LakeRelationRelNumber(rel) &&
			state->created_subid == GetCurrentSubTransactionId();
	}
	RelationClose(rel);
	return found;
}

List *
lake_all_table_states(void)
{
	List	   *result = NIL;

	if (states != NULL)
	{
		HASH_SEQ_STATUS iterator;
		LakeTableState *state;

		hash_seq_init(&iterator, states);
		while ((state = (LakeTableState *) hash_seq_search(&iterator)) != NULL)
			result = lappend(result, state);
	}
	return result;
}

static void
drop_pending(LakePendingRows *rows)
{
	lake_connection_drop(rows->connection);
	rows->connection = NULL;
}

void
lake_discard_rows(LakeTableState *state)
{
	ListCell   *lc;

	foreach(lc, state->pending)
		drop_pending((LakePendingRows *) lfirst(lc));
	state->pending = NIL;
	state->changes = NIL;
	state->deletes = NIL;
	state->replaces = true;		/* also of a table that began with another engine's rows */
}

bool
lake_state_has_changes(const LakeTableState *state)
{
	return state->pending != NIL || state->changes != NIL || state->deletes != NIL || state->replaces;
}

void
lake_note_scan_base(LakeTableState *state, const char *base)
{
	if (state->scan_base != NULL && strcmp(state->scan_base, base) == 0)
		return;
	state->several_bases = state->scan_base != NULL;
	state->scan_base = MemoryContextStrdup(state_context, base);
}

void
lake_forget_table_states(void)
{
	ListCell   *lc;

	if (states != NULL)
	{
		HASH_SEQ_STATUS iterator;
		LakeTableState *state;

		hash_seq_init(&iterator, states);
		while ((state = (LakeTableState *) hash_seq_search(&iterator)) != NULL)
			foreach(lc, state->pending)
				drop_pending((LakePendingRows *) lfirst(lc));
	}
	/* The memory goes with TopTransactionContext. */
	states = NULL;
	state_context = NULL;
}

/* ---------------------------------------------------------------- rows in */

static LakePendingRows *
pending_rows(LakeTableState *state)
{
	SubTransactionId subid = GetCurrentSubTransactionId();
	LakePendingRows *rows = state->pending == NIL ? NULL : (LakePendingRows *) llast(state->pending);

	if (rows != NULL && rows->subid == subid && !rows->failed)
		return rows;
	rows = (LakePendingRows *) palloc0(sizeof(LakePendingRows));
	rows->subid = subid;
	/* Only rows that a scan gave out are updated, and it flushes those that came before. */
	rows->keeps_lineage = state->has_lineage && state->scan_base != NULL;
	initStringInfo(&rows->buffer);
	state->pending = lappend(state->pending, rows);
	return rows;
}

/* The base that rows are written for: of a new table, of one that becomes a lake table, or under the columns that an ALTER TABLE just made. */
static void
prepare_base(LakeTableState *state, Relation rel)
{
	Relation	table;

	if (state->relid == RelationGetRelid(rel))
		lake_ensure_table_identity(rel);
	else
	{
		table = RelationIdGetRelation(state->relid);
		lake_create_table_identity(table);
		RelationClose(table);
	}
	lake_sync_schema(state->relid);
}

/* In the state's memory context. */
static void
ensure_codec(LakeTableState *state, Relation rel)
{
	if (state->codec == NULL)
	{
		state->codec = lake_make_relation_codec(rel, RelationGetDescr(rel), false, lake_clamps(rel));
		state->codec->rules.for_snowflake = lake_is_for_snowflake(rel);
		state->has_key = lake_table_option(rel, LAKE_UNIQUE_KEY_OPTION) != NULL;
		state->reorders_rows = lake_reorders_rows(rel);
		state->has_lineage = lake_keeps_row_ids(rel);
	}
}

static void
append_write_spec(StringInfo json, Relation rel, const LakeRowCodec *codec, const char *base, const char *data_prefix, bool writes_rows)
{
	appendStringInfoString(json, "{\"base\": ");
	escape_json(json, base);
	appendStringInfoString(json, ", \"data_prefix\": ");
	escape_json(json, data_prefix);
	appendStringInfoString(json, ", \"columns\": [");
	for (int i = 0; writes_rows && i < codec->ncolumns; i++)
	{
		const LakeCodecColumn *column = &codec->columns[i];

		appendStringInfoString(json, i > 0 ? ", {\"name\": " : "{\"name\": ");
		escape_json(json, column->name);
		appendStringInfoString(json, ", \"wire\": ");
		escape_json(json, column->wire_type);
		appendStringInfo(json, ", \"not_null\": %s}", TupleDescAttr(RelationGetDescr(rel), column->attnum - 1)->attnotnull ? "true" : "false");
	}
	appendStringInfo(json, "], \"target_file_size\": " INT64_FORMAT ", \"row_group_size\": " INT64_FORMAT ", \"max_open_files\": %d",
					 lake_target_file_size_mb < 1 ? INT64CONST(0) : (int64) lake_target_file_size_mb * 1024 * 1024,
					 (int64) lake_target_row_group_size_mb * 1024 * 1024, lake_max_open_files_for_partitioned_write);
}

void
lake_begin_files(LakeTableState *state, Relation rel, bool writes_rows, LakeNewFiles *files)
{
	LakePointer pointer;
	LakeTablePaths paths;
	MemoryContext old = MemoryContextSwitchTo(state_context);

	ensure_codec(state, rel);
	MemoryContextSwitchTo(old);
	prepare_base(state, rel);
	if (!lake_pointer_get(state->relid, NULL, &pointer))
		elog(ERROR, "table \"%s\" has no metadata", RelationGetRelationName(rel));
	lake_table_paths(pointer.location, lake_table_option(rel, LAKE_DATA_PATH_OPTION), NULL, lake_table_option(rel, LAKE_OBJECT_STORAGE_OPTION), &paths);
	files->data_prefix = lake_new_data_prefix(&paths);
	files->operation = 0;
	initStringInfo(&files->spec);
	append_write_spec(&files->spec, rel, state->codec, lake_base_of_changes(state, lake_pointer_base(&pointer)), files->data_prefix, writes_rows);
	if (!writes_rows)
		return;
	files->operation = lake_ledger_new_operation();
	lake_ledger_add(files->operation, state->relid, files->data_prefix, true);
	lake_ledger_flush();
}

static bool
wants_stash(Relation rel)
{
	return rel->trigdesc != NULL && (rel->trigdesc->trig_insert_after_row || rel->trigdesc->trig_update_after_row);
}

static void
open_stream(LakeTableState *state, Relation rel, LakePendingRows *rows)
{
	LakeNewFiles files;
	StringInfoData sql;
	LakeConnection *connection;

	lake_begin_files(state, rel, true, &files);
	rows->operation = files.operation;
	/* The files alone do not tell which rows came first. From now on all rows are of one command. */
	if (state->reorders_rows && (state->is_committing || !wants_stash(rel)))
		appendStringInfo(&files.spec, ", \"ordered_rows\": " INT64_FORMAT, state->is_committing ? 0 : lake_ranges_before_last(&rows->ranges));
	if (rows->keeps_lineage)
	{
		appendStringInfoString(&files.spec, ", \"lineage\": {\"base\": ");
		escape_json(&files.spec, state->scan_base);
		appendStringInfoString(&files.spec, ", \"changes\": ");
		escape_json(&files.spec, lake_added_rows(state));
		appendStringInfoChar(&files.spec, '}');
	}
	appendStringInfoChar(&files.spec, '}');
	initStringInfo(&sql);
	appendStringInfoString(&sql, "COPY lake_write(");
	lake_append_literal(&sql, files.spec.data);
	appendStringInfoString(&sql, ") FROM STDIN (FORMAT binary); SELECT change, rows, row_order FROM lake_written()");

	connection = lake_connection_get();
	PG_TRY();
	{
		lake_connection_start_copy_in(connection, sql.data);
		lake_connection_copy_in(connection, copy_header, sizeof(copy_header));
	}
	PG_CATCH();
	{
		lake_connection_drop(connection);
		PG_RE_THROW();
	}
	PG_END_TRY();
	rows->connection = connection;
}

void
lake_add_rows(LakeTableState *state, const char *json, int64 nrows, int64 operation, CommandId cid)
{
	MemoryContext old = MemoryContextSwitchTo(state_context);
	LakeChange *change = (LakeChange *) palloc0(sizeof(LakeChange));

	change->subid = GetCurrentSubTransactionId();
	change->json = pstrdup(json);
	change->nrows = nrows;
	change->operation = operation;
	lake_ranges_add(&change->ranges, cid, nrows, 0);
	state->changes = lappend(state->changes, change);
	MemoryContextSwitchTo(old);
	lake_note_new_keys(state, cid);
}

static void
check_not_failed(LakePendingRows *rows, Relation rel)
{
	if (rows->failed)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("rows written to table \"%s\" earlier in this transaction were lost with the query engine", RelationGetRelationName(rel)),
				 errhint("Roll back the transaction, or to a savepoint before these rows, and repeat it.")));
}

/* Sends what is buffered. From the first byte on, an error means that rows are lost. */
static void
send_buffered(LakeTableState *state, Relation rel, LakePendingRows *rows)
{
	check_not_failed(rows, rel);
	if (rows->connection == NULL)
		open_stream(state, rel, rows);
	rows->failed = true;
	lake_connection_copy_in(rows->connection, rows->buffer.data, rows->valid_length);
	rows->failed = false;
	resetStringInfo(&rows->buffer);
	rows->valid_length = 0;
}

static void finish_stream(LakeTableState *state, Relation rel, LakePendingRows *rows);

/* One more field of the row that begins at `start`: a row id, or NULL. */
static void
append_row_id(StringInfo row, int start, int64 row_id)
{
	uint16		fields;

	memcpy(&fields, row->data + start, sizeof(fields));
	fields = pg_hton16(pg_ntoh16(fields) + 1);
	memcpy(row->data + start, &fields, sizeof(fields));
	pq_sendint32(row, row_id < 0 ? -1 : (int32) sizeof(row_id));
	if (row_id >= 0)
		pq_sendint64(row, row_id);
}

void
lake_insert_row(Relation rel, TupleTableSlot *slot, CommandId cid, int64 updated)
{
	LakeTableState *state = lake_table_state(rel, true);
	MemoryContext old = MemoryContextSwitchTo(state_context);
	LakePendingRows *rows;
	int64		number;

	lake_note_branch(rel, state);
	ensure_codec(state, rel);
	rows = pending_rows(state);
	if (state->reorders_rows && rows->connection != NULL && !lake_ranges_end_with(&rows->ranges, cid))
	{
		finish_stream(state, rel, rows);
		state->pending = list_delete_last(state->pending);
		rows = pending_rows(state);
	}
	MemoryContextSwitchTo(old);
	lake_note_new_keys(state, cid);

	rows->buffer.len = rows->valid_length;
	lake_encode_row(state->codec, slot, &rows->buffer);
	if (rows->keeps_lineage)
		append_row_id(&rows->buffer, rows->valid_length, updated);
	rows->valid_length = rows->buffer.len;
	rows->nrows++;

	old = MemoryContextSwitchTo(state_context);
	number = LAKE_FIRST_INSERTED + state->rows_inserted++;
	lake_ranges_add(&rows->ranges, cid, 1, number);
	lake_row_number_to_tid(number, &slot->tts_tid);
	slot->tts_tableOid = RelationGetRelid(rel);
	if (wants_stash(rel))
	{
		if (state->inserted == NULL)
			state->inserted = lake_row_stash_create();
		lake_row_stash_put(state->inserted, number, slot);
	}
	if (rows->valid_length >= LAKE_STREAM_BYTES)
		send_buffered(state, rel, rows);
	MemoryContextSwitchTo(old);
}

/* ---------------------------------------------------------------- flushing */

static void
finish_stream(LakeTableState *state, Relation rel, LakePendingRows *rows)
{
	uint16		trailer = pg_hton16((uint16) -1);
	LakeChange *change;
	PGresult   *result;
	int64		written;

	send_buffered(state, rel, rows);
	rows->failed = true;
	lake_connection_copy_in(rows->connection, (const char *) &trailer, sizeof(trailer));
	result = lake_connection_finish_copy_in(rows->connection);
	if (PQntuples(result) != 1 || PQnfields(result) != 3)
	{
		PQclear(result);
		elog(ERROR, "unexpected answer of the query engine to a write");
	}
	change = (LakeChange *) palloc0(sizeof(LakeChange));
	change->json = pstrdup(PQgetvalue(result, 0, 0));
	written = strtoll(PQgetvalue(result, 0, 1), NULL, 10);
	change->order = PQgetisnull(result, 0, 2) ? NULL : lake_parse_row_order(PQgetvalue(result, 0, 2));
	PQclear(result);
	if (written != rows->nrows)
		elog(ERROR, "the query engine wrote " INT64_FORMAT " rows, expected " INT64_FORMAT, written, rows->nrows);
	rows->failed = false;
	lake_connection_put(rows->connection);
	rows->connection = NULL;
	change->subid = rows->subid;
	change->nrows = rows->nrows;
	change->ranges = rows->ranges;
	change->operation = rows->operation;
	state->changes = lappend(state->changes, change);
	pfree(rows->buffer.data);
}

void
lake_flush_state(LakeTableState *state, Relation rel)
{
	MemoryContext old = MemoryContextSwitchTo(state_context);

	while (state->pending != NIL)
	{
		LakePendingRows *rows = (LakePendingRows *) linitial(state->pending);

		check_not_failed(rows, rel);
		if (rows->nrows > 0)
			finish_stream(state, rel, rows);
		state->pending = list_delete_first(state->pending);
	}
	MemoryContextSwitchTo(old);
	/* Deleted rows are rows of the base or of changes: they come behind. */
	lake_flush_deletes(state);
}

int64
lake_row_id_of_inserted(const LakeTableState *state, int64 number)
{
	int64		before = LAKE_FIRST_ADDED_ROW_ID;
	ListCell   *lc;

	foreach(lc, state->changes)
	{
		LakeChange *change = (LakeChange *) lfirst(lc);
		int64		row;

		if (change->deletes)
			continue;
		row = lake_ranges_find(&change->ranges, number);
		if (row >= 0)
			return before + (change->order == NULL ? row : lake_row_position(change->order, row));
		before += change->nrows;
	}
	return -1;
}

/* ---------------------------------------------------------------- subtransactions */

/* True when a's rows can be appended to b's buffer: nothing of a has been sent. */
static bool
can_merge(LakePendingRows *into, LakePendingRows *from)
{
	return from->connection == NULL && !from->failed && !into->failed;
}

static void
merge_pending(LakePendingRows *into, LakePendingRows *from)
{
	into->buffer.len = into->valid_length;
	appendBinaryStringInfo(&into->buffer, from->buffer.data, from->valid_length);
	into->valid_length = into->buffer.len;
	for (int i = 0; i < from->ranges.count; i++)
		lake_ranges_add(&into->ranges, from->ranges.items[i].cid, from->ranges.items[i].end_row - (i == 0 ? 0 : from->ranges.items[i - 1].end_row),
						from->ranges.items[i].first_number);
	into->nrows += from->nrows;
	pfree(from->buffer.data);
}

/* Before a subtransaction commits: a second open stream would only pile up, so the child's becomes a change now. */
void
lake_subxact_before_commit(SubTransactionId subid, SubTransactionId parent)
{
	ListCell   *lc;

	foreach(lc, lake_all_table_states())
	{
		LakeTableState *state = (LakeTableState *) lfirst(lc);
		LakePendingRows *last = state->pending == NIL ? NULL : (LakePendingRows *) llast(state->pending);
		MemoryContext old;
		Relation	rel;

		if (last == NULL || last->subid != subid || last->connection == NULL || list_length(state->pending) < 2)
			continue;
		rel = RelationIdGetRelation(state->relid);
		if (!RelationIsValid(rel))
			continue;
		old = MemoryContextSwitchTo(state_context);
		check_not_failed(last, rel);
		finish_stream(state, rel, last);
		state->pending = list_delete_last(state->pending);
		MemoryContextSwitchTo(old);
		RelationClose(rel);
	}
}

void
lake_subxact_committed(SubTransactionId subid, SubTransactionId parent)
{
	ListCell   *lc;
	ListCell   *item;

	foreach(lc, lake_all_table_states())
	{
		LakeTableState *state = (LakeTableState *) lfirst(lc);
		MemoryContext old = MemoryContextSwitchTo(state_context);
		List	   *kept = NIL;

		if (state->created_subid == subid)
			state->created_subid = parent;
		if (state->locked_subid == subid)
			state->locked_subid = parent;
		if (state->unchecked_subid == subid)
			state->unchecked_subid = parent;
		foreach(item, state->changes)
			if (((LakeChange *) lfirst(item))->subid == subid)
				((LakeChange *) lfirst(item))->subid = parent;
		lake_deletes_subxact_committed(state, subid, parent);
		foreach(item, state->pending)
		{
			LakePendingRows *rows = (LakePendingRows *) lfirst(item);
			LakePendingRows *previous = kept == NIL ? NULL : (LakePendingRows *) llast(kept);

			if (rows->subid == subid)
				rows->subid = parent;
			if (previous != NULL && previous->subid == rows->subid && can_merge(previous, rows))
				merge_pending(previous, rows);
			else
				kept = lappend(kept, rows);
		}
		state->pending = kept;
		MemoryContextSwitchTo(old);
	}
}

void
lake_subxact_aborted(SubTransactionId subid)
{
	ListCell   *lc;
	ListCell   *item;

	foreach(lc, lake_all_table_states())
	{
		LakeTableState *state = (LakeTableState *) lfirst(lc);

		foreach(item, state->pending)
		{
			LakePendingRows *rows = (LakePendingRows *) lfirst(item);

			if (rows->subid != subid)
				continue;
			drop_pending(rows);
			state->pending = foreach_delete_current(state->pending, item);
		}
		foreach(item, state->changes)
			if (((LakeChange *) lfirst(item))->subid == subid)
				state->changes = foreach_delete_current(state->changes, item);
		lake_deletes_subxact_aborted(state, subid);
		/* The columns it was made for may be gone. */
		state->codec = NULL;
		if (state->locked_subid == subid)
			state->locked_subid = InvalidSubTransactionId;
		if (state->unchecked_subid == subid)
			state->unchecked_subid = InvalidSubTransactionId;
		if (state->created_subid == subid)
			hash_search(states, &state->relnumber, HASH_REMOVE, NULL);
	}
}
