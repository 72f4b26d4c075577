/*
 * set_write.cpp
 *	  See set_write.h.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/memutils.h"
}

#include "catalog/ledger.h"
#include "exec/stage.h"
#include "link/connection.h"
#include "link/sql_text.h"
#include "txn/branch.h"
#include "txn/deletes.h"
#include "txn/set_write.h"

/* Columns of lake_written(). */
enum
{
	WRITTEN_CHANGE,
	WRITTEN_ROWS,
	WRITTEN_AFFECTED,
	WRITTEN_DELETES,
	WRITTEN_DELETED,
	WRITTEN_ROW_IDS,
	WRITTEN_VIOLATED,
	WRITTEN_COLUMNS
};

#define WRITTEN_QUERY "SELECT change, rows, affected, deletes, deleted, row_ids, violated FROM lake_written()"

static char *
copy_command(LakeSetWrite *write, LakeTableState *state, LakeNewFiles *files)
{
	StringInfoData sql;

	if (write->changes_rows)
	{
		appendStringInfoString(&files->spec, ", \"row_ids\": {\"base\": ");
		escape_json(&files->spec, state->scan_base);
		appendStringInfoString(&files->spec, ", \"changes\": ");
		escape_json(&files->spec, lake_added_rows(state));
		if (write->whole_files != NULL)
		{
			appendStringInfoString(&files->spec, ", \"whole_files\": ");
			escape_json(&files->spec, write->whole_files);
			if (write->visible_changes != NULL)
			{
				appendStringInfoString(&files->spec, ", \"visible\": ");
				escape_json(&files->spec, write->visible_changes);
			}
		}
		appendStringInfoChar(&files->spec, '}');
	}
	appendStringInfo(&files->spec, ", \"actions\": %s, \"checked\": %s, \"once\": %s, \"upsert\": %s, \"clamp\": %s, \"for_snowflake\": %s}",
					 write->has_actions ? "true" : "false", write->has_check ? "true" : "false", write->has_actions ? "true" : "false",
					 write->is_upsert ? "true" : "false", state->codec->rules.clamp ? "true" : "false", state->codec->rules.for_snowflake ? "true" : "false");
	initStringInfo(&sql);
	appendStringInfo(&sql, "COPY (%s) TO ", write->sql);
	lake_append_literal(&sql, files->data_prefix);
	appendStringInfo(&sql, " (FORMAT lake, USE_TMP_FILE false, PRESERVE_ORDER %s, SPEC ", write->changes_rows ? "false" : "true");
	lake_append_literal(&sql, files->spec.data);
	appendStringInfoChar(&sql, ')');
	return sql.data;
}

/* Runs it; the answer is the caller's to clear. */
static PGresult *
run(LakeSetWrite *write, const char *command)
{
	LakeConnection *connection = lake_connection_with_stages(write->query, write->estate);
	PGresult   *result = NULL;

	PG_TRY();
	{
		lake_profile_next(connection, write->profile);
		PQclear(lake_connection_query(connection, command, write->params->count, write->params->values, NULL));
		lake_profile_take(connection, write->profile);
		result = lake_connection_query(connection, WRITTEN_QUERY, 0, NULL, NULL);
	}
	PG_CATCH();
	{
		lake_connection_drop(connection);
		PG_RE_THROW();
	}
	PG_END_TRY();
	lake_drop_stages(connection, list_length(write->query->stages));
	return result;
}

static int64
number(PGresult *result, int column)
{
	return strtoll(PQgetvalue(result, 0, column), NULL, 10);
}

bool
lake_write_set(LakeSetWrite *write, CommandId cid)
{
	LakeTableState *state = lake_table_state(write->relation, true);
	LakeNewFiles files;
	PGresult   *result;
	bool		kept;

	lake_note_branch(write->relation, state);
	lake_begin_files(state, write->relation, write->writes_rows, &files);
	result = run(write, copy_command(write, state, &files));
	if (PQntuples(result) != 1 || PQnfields(result) != WRITTEN_COLUMNS)
	{
		PQclear(result);
		elog(ERROR, "unexpected answer of the query engine to a query that writes");
	}
	kept = strcmp(PQgetvalue(result, 0, WRITTEN_VIOLATED), "t") != 0;
	write->affected = number(result, WRITTEN_AFFECTED);
	write->rows = number(result, WRITTEN_ROWS);
	write->deleted = number(result, WRITTEN_DELETED);
	if (write->deleted > 0)
		lake_add_deletes(state, PQgetvalue(result, 0, WRITTEN_DELETES),
						 DatumGetByteaPP(DirectFunctionCall1(byteain, CStringGetDatum(PQgetvalue(result, 0, WRITTEN_ROW_IDS)))), cid);
	if (write->rows > 0)
		lake_add_rows(state, PQgetvalue(result, 0, WRITTEN_CHANGE), write->rows, files.operation, cid);
	else if (files.operation != 0)
		lake_ledger_forget(files.operation);
	PQclear(result);
	return kept;
}
