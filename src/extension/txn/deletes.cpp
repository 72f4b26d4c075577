/*
 * deletes.cpp
 *	  See deletes.h.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "pgstat.h"
#include "utils/memutils.h"
}

#include "link/connection.h"
#include "txn/deletes.h"
#include "txn/row_set.h"

/* What one command has deleted. */
typedef struct DeletedRows
{
	SubTransactionId subid;
	CommandId	cid;
	const char *base;			/* that the row ids belong to */
	LakeRowSet *rows;
	bool		is_change;		/* turned into one */
} DeletedRows;

bool
lake_row_is_deleted(LakeTableState *state, int64 row_id, CommandId *cid)
{
	ListCell   *lc;

	foreach(lc, state->deletes)
	{
		DeletedRows *deleted = (DeletedRows *) lfirst(lc);

		if (lake_row_set_contains(deleted->rows, row_id))
		{
			*cid = deleted->cid;
			return true;
		}
	}
	return false;
}

/* In the state's memory context. */
static DeletedRows *
append_deletes(LakeTableState *state, LakeRowSet *rows, CommandId cid)
{
	DeletedRows *deleted = (DeletedRows *) palloc0(sizeof(DeletedRows));

	deleted->subid = GetCurrentSubTransactionId();
	deleted->cid = cid;
	deleted->base = state->scan_base;
	deleted->rows = rows;
	state->deletes = lappend(state->deletes, deleted);
	return deleted;
}

/* In the state's memory context. */
static void
append_change(LakeTableState *state, DeletedRows *deleted, const char *json)
{
	LakeChange *change = (LakeChange *) palloc0(sizeof(LakeChange));

	change->subid = deleted->subid;
	change->json = pstrdup(json);
	change->deletes = true;
	change->cid = deleted->cid;
	change->nrows = -lake_row_set_count(deleted->rows);
	state->changes = lappend(state->changes, change);
	deleted->is_change = true;
}

void
lake_add_deletes(LakeTableState *state, const char *json, struct varlena *row_ids, CommandId cid)
{
	MemoryContext old = MemoryContextSwitchTo(lake_state_context());
	LakeRowSet *rows = lake_row_set_parse(VARDATA_ANY(row_ids), VARSIZE_ANY_EXHDR(row_ids));

	append_change(state, append_deletes(state, rows, cid), json);
	MemoryContextSwitchTo(old);
}

void
lake_delete_row(Relation rel, LakeTableState *state, int64 row_id, CommandId cid)
{
	DeletedRows *last = state->deletes == NIL ? NULL : (DeletedRows *) llast(state->deletes);
	SubTransactionId subid = GetCurrentSubTransactionId();

	if (state->scan_base == NULL)
		elog(ERROR, "row of table \"%s\" was never read", RelationGetRelationName(rel));
	if (last == NULL || last->is_change || last->subid != subid || last->cid != cid || last->base != state->scan_base)
	{
		MemoryContext old = MemoryContextSwitchTo(lake_state_context());

		last = append_deletes(state, lake_row_set_create(), cid);
		MemoryContextSwitchTo(old);
	}
	lake_row_set_add(last->rows, row_id);
}

static void
make_change(LakeTableState *state, DeletedRows *deleted)
{
	const char *params[3];
	int			lengths[3] = {-1, -1, 0};
	char	  **answer;
	StringInfoData rows;
	MemoryContext old;

	initStringInfo(&rows);
	lake_row_set_serialize(deleted->rows, &rows);
	params[0] = deleted->base;
	params[1] = lake_added_rows(state);
	params[2] = rows.data;
	lengths[2] = rows.len;
	if (lake_link_call_binary("SELECT change, rows FROM lake_delete($1, $2, $3)", 3, params, lengths, 2, &answer) != 1 ||
		answer[0] == NULL)
		elog(ERROR, "unexpected answer of the query engine to a delete");
	pfree(rows.data);

	old = MemoryContextSwitchTo(lake_state_context());
	append_change(state, deleted, answer[0]);
	MemoryContextSwitchTo(old);
}

void
lake_flush_deletes(LakeTableState *state)
{
	ListCell   *lc;

	foreach(lc, state->deletes)
	{
		DeletedRows *deleted = (DeletedRows *) lfirst(lc);

		if (!deleted->is_change)
			make_change(state, deleted);
	}
}

void
lake_deletes_subxact_committed(LakeTableState *state, SubTransactionId subid, SubTransactionId parent)
{
	ListCell   *lc;

	foreach(lc, state->deletes)
	{
		if (((DeletedRows *) lfirst(lc))->subid == subid)
			((DeletedRows *) lfirst(lc))->subid = parent;
	}
}

void
lake_deletes_subxact_aborted(LakeTableState *state, SubTransactionId subid)
{
	ListCell   *lc;

	foreach(lc, state->deletes)
	{
		if (((DeletedRows *) lfirst(lc))->subid == subid)
			state->deletes = foreach_delete_current(state->deletes, lc);
	}
}
