/*
 * connection.cpp
 *	  The libpq client of pgduck_server. See connection.h.
 *
 * libpq is used without blocking throughout: every wait is WaitLatchOrSocket on the backend's latch, followed by CHECK_FOR_INTERRUPTS.
 * A LakeConnection is malloc'd by libpq's rules (it must outlive any memory context); who holds it is known to its user, which
 * drops it from a memory context callback or a transaction callback when an error passes by.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "libpq-fe.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

#include "hooks/settings.h"
#include "link/connection.h"

/* How long a statement waits for a server that is being started or restarted by our own worker. */
#define LAKE_CONNECT_PATIENCE_MS 10000
#define LAKE_CONNECT_TIMEOUT_MS 10000
#define LAKE_MAX_IDLE 4

struct LakeConnection
{
	PGconn	   *conn;
	int			memory_limit_kb;	/* pg_lake_engine.query_memory_limit when it was made */
};

static LakeConnection *idle_connections[LAKE_MAX_IDLE];	/* most recently used last */
static int	idle_count = 0;
static bool exit_hook_registered = false;

/* ---------------------------------------------------------------- waiting and errors */

static void
wait_for_socket(LakeConnection *connection, int events, long timeout_ms)
{
	int			result;

	result = WaitLatchOrSocket(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | events | (timeout_ms >= 0 ? WL_TIMEOUT : 0),
							   PQsocket(connection->conn), timeout_ms, PG_WAIT_EXTENSION);
	if (result & WL_LATCH_SET)
	{
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

/* libpq's message without its trailing newline and without the connection string. */
static char *
connection_message(PGconn *conn)
{
	char	   *message = pchomp(PQerrorMessage(conn));

	return *message == '\0' ? pstrdup("no further information") : message;
}

static void
throw_lost(LakeConnection *connection)
{
	ereport(ERROR,
			(errcode(ERRCODE_CONNECTION_FAILURE),
			 errmsg("lost connection to query engine"),
			 errdetail_internal("%s", connection_message(connection->conn)),
			 errhint("The statement can be repeated; nothing was lost.")));
}

/* Throws the server's error as our own, whole. Clears the result. */
static void
throw_result(LakeConnection *connection, PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
	int			code;

	if (message == NULL)
	{
		PQclear(result);
		throw_lost(connection);
	}
	code = state != NULL && strlen(state) == 5 ? MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4])
		: ERRCODE_EXTERNAL_ROUTINE_EXCEPTION;
	message = pstrdup(message);
	detail = detail ? pstrdup(detail) : NULL;
	hint = hint ? pstrdup(hint) : NULL;
	PQclear(result);
	ereport(ERROR,
			(errcode(code),
			 errmsg_internal("%s", message),
			 detail ? errdetail_internal("%s", detail) : 0,
			 hint ? errhint("%s", hint) : 0));
}

/* ---------------------------------------------------------------- connecting */

static void
drop_idle_at_exit(int code, Datum arg)
{
	lake_connections_shutdown();
}

/* True when the attempt succeeded; false when there is nobody there (yet). Throws on interrupts only. */
static bool
try_connect(LakeConnection *connection)
{
	const char *keywords[] = {"dbname", "fallback_application_name", "client_encoding", "options", NULL};
	char		name[32];
	char		options[64] = "";
	const char *values[] = {lake_engine_host, name, "UTF8", options, NULL};
	TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LAKE_CONNECT_TIMEOUT_MS);
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	/* by which lake.pg_stat_progress_lake_queries knows whose statements run */
	snprintf(name, sizeof(name), LAKE_APPLICATION_NAME " %d", MyProcPid);
	if (connection->memory_limit_kb > 0)
		snprintf(options, sizeof(options), "-c query_memory_limit=%dKiB", connection->memory_limit_kb);
	connection->conn = PQconnectStartParams(keywords, values, 1);
	if (connection->conn == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	if (PQstatus(connection->conn) == CONNECTION_BAD)
		return false;
	while (status != PGRES_POLLING_OK)
	{
		if (status == PGRES_POLLING_FAILED)
			return false;
		wait_for_socket(connection, status == PGRES_POLLING_READING ? WL_SOCKET_READABLE : WL_SOCKET_WRITEABLE, 1000);
		if (GetCurrentTimestamp() >= deadline)
			return false;
		status = PQconnectPoll(connection->conn);
	}
	PQsetnonblocking(connection->conn, 1);
	return true;
}

/* Waits for a server that is just starting, when it is ours to start; throws otherwise or when patience ends. */
static void
connect_or_throw(LakeConnection *connection)
{
	TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LAKE_CONNECT_PATIENCE_MS);

	while (!try_connect(connection))
	{
		char	   *message;

		if (lake_engine_start_server && GetCurrentTimestamp() < deadline)
		{
			PQfinish(connection->conn);
			connection->conn = NULL;
			if (WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 50, PG_WAIT_EXTENSION) & WL_LATCH_SET)
			{
				ResetLatch(MyLatch);
				CHECK_FOR_INTERRUPTS();
			}
			continue;
		}
		message = connection_message(connection->conn);
		ereport(ERROR,
				(errcode(ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION),
				 errmsg("could not connect to query engine at \"%s\"", lake_engine_host),
				 errdetail_internal("%s", message),
				 errhint("Check pg_lake_engine.host and that pgduck_server is running.")));
	}
}

static void
check_version(LakeConnection *connection)
{
	const char *version = PQparameterStatus(connection->conn, "pg_lake_link");

	if (version == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION),
				 errmsg("the server at \"%s\" is not a pgduck_server of this version of pg_lake", lake_engine_host),
				 errhint("Check pg_lake_engine.host.")));
	if (strcmp(version, LAKE_LINK_VERSION) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION),
				 errmsg("pgduck_server at \"%s\" speaks version %s of the link, pg_lake speaks version %s", lake_engine_host, version, LAKE_LINK_VERSION),
				 errhint("Install the pgduck_server and the extension of one release.")));
}

/* A pooled connection whose server has gone, or that has something unexpected to say, is of no use. */
static bool
is_usable(LakeConnection *connection)
{
	return PQstatus(connection->conn) == CONNECTION_OK && PQtransactionStatus(connection->conn) == PQTRANS_IDLE &&
		PQconsumeInput(connection->conn) && PQstatus(connection->conn) == CONNECTION_OK && !PQisBusy(connection->conn);
}

LakeConnection *
lake_connection_get(void)
{
	LakeConnection *connection;

	if (!lake_engine_enabled)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the query engine is switched off"),
				 errhint("Set pg_lake_engine.enabled to on and restart the server.")));
	while (idle_count > 0)
	{
		connection = idle_connections[--idle_count];
		if (connection->memory_limit_kb == lake_engine_query_memory_limit_kb && is_usable(connection))
			return connection;
		lake_connection_drop(connection);
	}
	if (!exit_hook_registered)
	{
		before_shmem_exit(drop_idle_at_exit, (Datum) 0);
		exit_hook_registered = true;
	}
	connection = (LakeConnection *) malloc(sizeof(LakeConnection));
	if (connection == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	memset(connection, 0, sizeof(*connection));
	connection->memory_limit_kb = lake_engine_query_memory_limit_kb;
	PG_TRY();
	{
		connect_or_throw(connection);
		check_version(connection);
	}
	PG_CATCH();
	{
		lake_connection_drop(connection);
		PG_RE_THROW();
	}
	PG_END_TRY();
	return connection;
}

void
lake_connection_put(LakeConnection *connection)
{
	if (idle_count >= LAKE_MAX_IDLE || PQtransactionStatus(connection->conn) != PQTRANS_IDLE)
	{
		lake_connection_drop(connection);
		return;
	}
	idle_connections[idle_count++] = connection;
}

void
lake_connection_drop(LakeConnection *connection)
{
	if (connection == NULL)
		return;
	if (connection->conn != NULL)
		PQfinish(connection->conn);
	free(connection);
}

void
lake_connections_shutdown(void)
{
	while (idle_count > 0)
		lake_connection_drop(idle_connections[--idle_count]);
}

/* ---------------------------------------------------------------- queries */

static void
flush_output(LakeConnection *connection)
{
	int			pending;

	while ((pending = PQflush(connection->conn)) != 0)
	{
		if (pending < 0)
			throw_lost(connection);
		wait_for_socket(connection, WL_SOCKET_READABLE | WL_SOCKET_WRITEABLE, -1);
		if (!PQconsumeInput(connection->conn))
			throw_lost(connection);
	}
}

/* The next result, NULL when the statement is done. */
static PGresult *
next_result(LakeConnection *connection)
{
	flush_output(connection);
	while (PQisBusy(connection->conn))
	{
		wait_for_socket(connection, WL_SOCKET_READABLE, -1);
		if (!PQconsumeInput(connection->conn))
			throw_lost(connection);
	}
	return PQgetResult(connection->conn);
}

static void
drain_results(LakeConnection *connection)
{
	PGresult   *result;

	while ((result = next_result(connection)) != NULL)
	{
		ExecStatusType status = PQresultStatus(result);

		if (status == PGRES_FATAL_ERROR)
			throw_result(connection, result);
		PQclear(result);
	}
}

PGresult *
lake_connection_query(LakeConnection *connection, const char *sql, int nparams, const char *const *params, const int *lengths)
{
	PGresult   *result;
	ExecStatusType status;
	int		   *formats = (int *) palloc(sizeof(int) * Max(nparams, 1));
	Oid		   *types = (Oid *) palloc(sizeof(Oid) * Max(nparams, 1));

	for (int i = 0; i < nparams; i++)
	{
		formats[i] = lengths != NULL && lengths[i] >= 0 ? 1 : 0;
		types[i] = formats[i] == 1 ? BYTEAOID : InvalidOid;
	}
	if (!PQsendQueryParams(connection->conn, sql, nparams, types, params, lengths, formats, 0))
		throw_lost(connection);
	pfree(formats);
	pfree(types);
	result = next_result(connection);
	if (result == NULL)
		throw_lost(connection);
	status = PQresultStatus(result);
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		throw_result(connection, result);
	drain_results(connection);
	return result;
}

int
lake_link_call(const char *sql, int nparams, const char *const *params, int ncolumns, char ***values)
{
	return lake_link_call_binary(sql, nparams, params, NULL, ncolumns, values);
}

int
lake_link_call_binary(const char *sql, int nparams, const char *const *params, const int *lengths, int ncolumns, char ***values)
{
	LakeConnection *volatile connection = lake_connection_get();
	PGresult   *result = NULL;
	int			nrows;

	PG_TRY();
	{
		result = lake_connection_query(connection, sql, nparams, params, lengths);
	}
	PG_CATCH();
	{
		lake_connection_drop(connection);
		PG_RE_THROW();
	}
	PG_END_TRY();
	lake_connection_put(connection);

	if (PQnfields(result) != ncolumns && values != NULL)
	{
		int			nfields = PQnfields(result);

		PQclear(result);
		elog(ERROR, "the query engine answered %d columns, expected %d", nfields, ncolumns);
	}
	nrows = PQntuples(result);
	if (values != NULL)
	{
		*values = (char **) palloc(sizeof(char *) * Max(nrows * ncolumns, 1));
		for (int row = 0; row < nrows; row++)
			for (int column = 0; column < ncolumns; column++)
				(*values)[row * ncolumns + column] =
					PQgetisnull(result, row, column) ? NULL : pstrdup(PQgetvalue(result, row, column));
	}
	PQclear(result);
	return nrows;
}

/* ---------------------------------------------------------------- COPY */

void
lake_connection_start_copy_out(LakeConnection *connection, const char *sql, int nparams, const Oid *types,
							   const char *const *values, const int *lengths, const int *formats)
{
	PGresult   *result;

	if (!PQsendQueryParams(connection->conn, sql, nparams, types, values, lengths, formats, 1))
		throw_lost(connection);
	result = next_result(connection);
	if (result == NULL)
		throw_lost(connection);
	if (PQresultStatus(result) != PGRES_COPY_OUT)
		throw_result(connection, result);
	PQclear(result);
}

char *
lake_connection_copy_out(LakeConnection *connection, int *length)
{
	char	   *buffer = NULL;

	for (;;)
	{
		int			n = PQgetCopyData(connection->conn, &buffer, 1);

		if (n > 0)
		{
			*length = n;
			return buffer;
		}
		if (n == -1)
		{
			drain_results(connection);
			return NULL;
		}
		if (n == -2)
			throw_lost(connection);
		wait_for_socket(connection, WL_SOCKET_READABLE, -1);
		if (!PQconsumeInput(connection->conn))
			throw_lost(connection);
	}
}

void
lake_connection_cancel_copy_out(LakeConnection *connection)
{
	PGcancel   *cancel = PQgetCancel(connection->conn);
	char		message[256];
	char	   *buffer;
	int			length;
	PGresult   *result;

	if (cancel != NULL)
		PQcancel(cancel, message, sizeof(message));
	PQfreeCancel(cancel);
	while ((length = PQgetCopyData(connection->conn, &buffer, 1)) >= 0)
	{
		if (length > 0)
		{
			PQfreemem(buffer);
			continue;
		}
		wait_for_socket(connection, WL_SOCKET_READABLE, -1);
		if (!PQconsumeInput(connection->conn))
			throw_lost(connection);
	}
	while ((result = next_result(connection)) != NULL)
		PQclear(result);
}

void
lake_connection_start_copy_in(LakeConnection *connection, const char *sql)
{
	PGresult   *result;

	if (!PQsendQuery(connection->conn, sql))
		throw_lost(connection);
	result = next_result(connection);
	if (result == NULL)
		throw_lost(connection);
	if (PQresultStatus(result) != PGRES_COPY_IN)
		throw_result(connection, result);
	PQclear(result);
}

/* The server ended the COPY while we were sending: it has an error to tell. */
static void
throw_copy_failure(LakeConnection *connection)
{
	PGresult   *result;

	PQputCopyEnd(connection->conn, "the query engine ended the stream");
	while ((result = next_result(connection)) != NULL)
	{
		if (PQresultStatus(result) == PGRES_FATAL_ERROR)
			throw_result(connection, result);
		PQclear(result);
	}
	throw_lost(connection);
}

void
lake_connection_copy_in(LakeConnection *connection, const char *bytes, int length)
{
	for (;;)
	{
		int			n = PQputCopyData(connection->conn, bytes, length);

		if (n > 0)
			break;
		if (n < 0)
			throw_copy_failure(connection);
		wait_for_socket(connection, WL_SOCKET_READABLE | WL_SOCKET_WRITEABLE, -1);
		if (!PQconsumeInput(connection->conn))
			throw_lost(connection);
	}
	/* Keep libpq's own buffer small: wait until the kernel has taken what we gave, which is the back-pressure of the server. */
	flush_output(connection);
}

PGresult *
lake_connection_finish_copy_in(LakeConnection *connection)
{
	PGresult   *result;
	PGresult   *answer = NULL;

	while (PQputCopyEnd(connection->conn, NULL) == 0)
	{
		wait_for_socket(connection, WL_SOCKET_READABLE | WL_SOCKET_WRITEABLE, -1);
		if (!PQconsumeInput(connection->conn))
			throw_lost(connection);
	}
	while ((result = next_result(connection)) != NULL)
	{
		ExecStatusType status = PQresultStatus(result);

		if (status == PGRES_FATAL_ERROR)
		{
			if (answer != NULL)
				PQclear(answer);
			throw_result(connection, result);
		}
		if (status == PGRES_TUPLES_OK && answer == NULL)
			answer = result;
		else
			PQclear(result);
	}
	if (answer == NULL)
		throw_lost(connection);
	return answer;
}
