/*
 * connection.h
 *	  Connections of this backend to pgduck_server: one pool, each connection used by one thing at a time.
 *
 * A connection is taken for one query, one streaming read or one streaming write and given back when that is done. Whoever cannot finish
 * (error, cancel, abort) drops it: the socket is closed, which interrupts the query in the server within 100 ms and removes half-written files.
 * All waits are on the backend's latch, so cancel and timeouts work. docs/link.md describes what is said.
 */
#ifndef LAKE_LINK_CONNECTION_H
#define LAKE_LINK_CONNECTION_H

extern "C" {
#include "postgres.h"
#include "lib/stringinfo.h"
#include "libpq-fe.h"
#include "nodes/pg_list.h"
}

/* What both sides of the link must agree on (docs/link.md, "Versions"); kLinkVersion of src/server/engine/version.h. */
#define LAKE_LINK_VERSION "4"

/* What connections call themselves, before a blank and the backend's process id. */
#define LAKE_APPLICATION_NAME "pg_lake"

typedef struct LakeConnection LakeConnection;

/* Takes an idle connection or makes a new one. Errors: 08001 with the address when the server does not answer. */
extern LakeConnection *lake_connection_get(void);
/* Gives it back for reuse. Must be idle (no result pending). */
extern void lake_connection_put(LakeConnection *connection);
/* Closes it. Never throws, does no waiting. NULL is allowed. */
extern void lake_connection_drop(LakeConnection *connection);

/*
 * Runs one statement and returns its result, or throws the server's error. PQclear() is the caller's. Parameters are text; where lengths is given,
 * those with a length of 0 or more are bytea, in binary.
 */
extern PGresult *lake_connection_query(LakeConnection *connection, const char *sql, int nparams, const char *const *params,
									   const int *lengths);

/*
 * The same on a pooled connection, for calls that answer one row: column values are palloc'd strings (NULL for SQL null).
 * Returns the number of rows; *values has nrows * ncolumns entries. The connection is handled inside.
 */
extern int	lake_link_call(const char *sql, int nparams, const char *const *params, int ncolumns, char ***values);
extern int	lake_link_call_binary(const char *sql, int nparams, const char *const *params, const int *lengths, int ncolumns,
								  char ***values);

/* Starts COPY (...) TO STDOUT (FORMAT binary); then lake_connection_copy_out gives message after message, NULL at the end. */
extern void lake_connection_start_copy_out(LakeConnection *connection, const char *sql, int nparams, const Oid *types,
										   const char *const *values, const int *lengths, const int *formats);
/* The returned buffer is malloc'd: PQfreemem() it. */
extern char *lake_connection_copy_out(LakeConnection *connection, int *length);

/* Ends it early, whatever the server still has to say of it; the connection is idle afterwards. */
extern void lake_connection_cancel_copy_out(LakeConnection *connection);

/* Starts "COPY lake_write(...) FROM STDIN; SELECT ..." and waits until the server is ready for data. */
extern void lake_connection_start_copy_in(LakeConnection *connection, const char *sql);
extern void lake_connection_copy_in(LakeConnection *connection, const char *bytes, int length);
/* Ends the data and returns the result of the second statement; the connection is idle afterwards. */
extern PGresult *lake_connection_finish_copy_in(LakeConnection *connection);

/* Closes all idle connections (backend exit). */
extern void lake_connections_shutdown(void);

#endif
