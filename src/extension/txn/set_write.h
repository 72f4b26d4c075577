/*
 * set_write.h
 *	  One statement that the server runs as a whole: its rows never come here, its changes join the transaction's log (docs/link.md, "Queries that
 *	  write").
 */
#ifndef LAKE_TXN_SET_WRITE_H
#define LAKE_TXN_SET_WRITE_H

extern "C" {
#include "postgres.h"
#include "nodes/execnodes.h"
}

#include "exec/profile.h"
#include "exec/remote_query.h"
#include "exec/row_stream.h"
#include "txn/table_state.h"

typedef struct LakeSetWrite
{
	/* what to do */
	Relation	relation;
	LakeRemoteQuery *query;
	EState	   *estate;
	const char *sql;			/* of the query, complete */
	const LakeStreamParams *params;
	bool		changes_rows;	/* the first column is a row id of the latest scan with row ids */
	bool		has_actions;
	bool		writes_rows;
	bool		has_check;
	const char *whole_files;	/* plan/whole_files.h; NULL: none go unread */
	const char *visible_changes;	/* with whole_files: what the query's scan has, or NULL */
	bool		is_upsert;		/* ON CONFLICT DO UPDATE */
	LakeProfile *profile;		/* or NULL */
	/* what was done */
	int64		affected;
	int64		rows;			/* written */
	int64		deleted;		/* or updated */
} LakeSetWrite;

/* False when a row breaks a constraint of the table, or cannot be held by it: nothing was done then. */
extern bool lake_write_set(LakeSetWrite *write, CommandId cid);

#endif
