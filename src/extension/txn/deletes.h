/*
 * deletes.h
 *	  Rows that the running transaction deletes: collected by row id, per command, and turned into a change by the server when somebody reads
 *	  the table or the transaction commits (docs/link.md, "Deleting rows").
 *
 * The sets stay after that, for a row may only be deleted once: whoever tries again is told by which command it went.
 */
#ifndef LAKE_TXN_DELETES_H
#define LAKE_TXN_DELETES_H

#include "txn/table_state.h"

/* True when this transaction has deleted the row, by command *cid. */
extern bool lake_row_is_deleted(LakeTableState *state, int64 row_id, CommandId *cid);

/* Notes the row, which the latest scan with row ids (state->scan_base) found, as deleted by command cid. */
extern void lake_delete_row(Relation rel, LakeTableState *state, int64 row_id, CommandId cid);

/*
 * Notes a change that the server made, with the row ids of the latest scan that it deletes, in the binary form of docs/link.md, "Deleting rows"; not
 * empty.
 */
extern void lake_add_deletes(LakeTableState *state, const char *json, struct varlena *row_ids, CommandId cid);

/* Turns what is collected into changes. The rows inserted before have become changes already. */
extern void lake_flush_deletes(LakeTableState *state);

extern void lake_deletes_subxact_committed(LakeTableState *state, SubTransactionId subid, SubTransactionId parent);
extern void lake_deletes_subxact_aborted(LakeTableState *state, SubTransactionId subid);

#endif
