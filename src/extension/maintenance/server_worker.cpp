/*
 * server_worker.cpp
 *	  Starts pgduck_server as a child process and starts it again, with growing pauses, when it ends.
 *
 * The worker touches no database. The server ends with the worker (SIGTERM on shutdown; PR_SET_PDEATHSIG when the worker is killed), so no server of a dead cluster stays.
 * Its standard error goes to PostgreSQL's log.
 */
extern "C" {
#include "postgres.h"
#include "libpq-fe.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"
}

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hooks/settings.h"
#include "maintenance/workers.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 30000
#define HEALTHY_MS 60000		/* a server that ran this long starts again without a pause */
#define MAX_ARGUMENTS 64

extern "C" {
PGDLLEXPORT void lake_server_worker_main(Datum arg);
}

static volatile sig_atomic_t child_ended = false;
static pid_t server_pid = 0;

typedef struct Arguments
{
	const char *values[MAX_ARGUMENTS + 1];
	int			count;
} Arguments;

static void
add_argument(Arguments *arguments, const char *value)
{
	if (arguments->count == MAX_ARGUMENTS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many arguments for pgduck_server")));
	arguments->values[arguments->count++] = value;
}

static void
add_option(Arguments *arguments, const char *option, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	add_argument(arguments, option);
	add_argument(arguments, value);
}

/* Where the server shall listen is what pg_lake_engine.host tells clients. */
static void
add_address(Arguments *arguments)
{
	char	   *message = NULL;
	PQconninfoOption *options = PQconninfoParse(lake_engine_host, &message);

	if (options == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for parameter \"pg_lake_engine.host\": \"%s\"", lake_engine_host),
				 errdetail("%s", message == NULL ? "out of memory" : message)));
	for (PQconninfoOption *option = options; option->keyword != NULL; option++)
	{
		if (option->val == NULL)
			continue;
		if (strcmp(option->keyword, "host") == 0 && (option->val[0] == '/' || option->val[0] == '@'))
			add_option(arguments, "--unix_socket_directory", pstrdup(option->val));
		else if (strcmp(option->keyword, "host") == 0)
			add_option(arguments, "--listen_address", pstrdup(option->val));
		else if (strcmp(option->keyword, "port") == 0)
			add_option(arguments, "--port", pstrdup(option->val));
	}
	PQconninfoFree(options);
}

static char *
server_path(void)
{
	char		directory[MAXPGPATH];

	if (lake_engine_server_path != NULL && *lake_engine_server_path != '\0')
		return lake_engine_server_path;
	strlcpy(directory, my_exec_path, sizeof(directory));
	get_parent_directory(directory);
	return psprintf("%s/pgduck_server", directory);
}

static void
build_arguments(Arguments *arguments)
{
	char	   *warehouse = lake_default_warehouse();
	char	   *roots = pstrdup(lake_engine_local_roots == NULL ? "" : lake_engine_local_roots);
	char	   *rest = pstrdup(lake_engine_server_arguments == NULL ? "" : lake_engine_server_arguments);
	List	   *directories = NIL;
	ListCell   *lc;

	memset(arguments, 0, sizeof(*arguments));
	add_argument(arguments, server_path());
	add_address(arguments);
	add_option(arguments, "--local_root", warehouse);
	if (!SplitDirectoriesString(roots, ',', &directories))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for parameter \"pg_lake_engine.local_roots\": \"%s\"", lake_engine_local_roots)));
	foreach(lc, directories)
		add_option(arguments, "--local_root", (const char *) lfirst(lc));
	add_option(arguments, "--temp_directory", psprintf("%s/pg_lake_tmp", DataDir));
	add_option(arguments, "--init_file_path", lake_engine_init_file);
	if (lake_engine_memory_limit != NULL && *lake_engine_memory_limit != '\0')
		add_argument(arguments, psprintf("--memory_limit=%s", lake_engine_memory_limit));
	/* The database file is scratch space of the server: in memory, nothing survives it (design.md 1.5). */
	add_argument(arguments, "--duckdb_database_file_path=:memory:");
	for (char *word = strtok(rest, " "); word != NULL; word = strtok(NULL, " "))
		add_argument(arguments, pstrdup(word));
	if (mkdir(warehouse, 0700) < 0 && errno != EEXIST)
		ereport(LOG, (errcode_for_file_access(), errmsg("could not create directory \"%s\": %m", warehouse)));
}

static void
on_child_signal(SIGNAL_ARGS)
{
	int			saved = errno;

	child_ended = true;
	SetLatch(MyLatch);
	errno = saved;
}

static void
start_server(void)
{
	Arguments	arguments;
	pid_t		parent = getpid();
	pid_t		pid;

	build_arguments(&arguments);
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		ereport(ERROR, (errcode(ERRCODE_SYSTEM_ERROR), errmsg("could not fork pgduck_server: %m")));
	if (pid == 0)
	{
		sigset_t	none;

		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(1);
		/* Signal handlers of the worker are reset by exec; ignored ones and the mask are not. */
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGINT, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		signal(SIGHUP, SIG_IGN);
		/* Nothing of PostgreSQL's may leak into the server: sockets, data files. */
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
		execv(arguments.values[0], (char *const *) arguments.values);
		fprintf(stderr, "could not execute \"%s\": %s\n", arguments.values[0], strerror(errno));
		_exit(127);
	}
	server_pid = pid;
	ereport(LOG, (errmsg("started pgduck_server with PID %d", (int) pid)));
}

static void
stop_server(int code, Datum arg)
{
	if (server_pid == 0)
		return;
	kill(server_pid, SIGTERM);
	for (int i = 0; i < 50; i++)
	{
		if (waitpid(server_pid, NULL, WNOHANG) != 0)
			return;
		pg_usleep(100000L);
	}
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
}

/* Waits until the server ends, or the worker is told to stop (then false). */
static bool
wait_for_server(void)
{
	for (;;)
	{
		int			status;

		child_ended = false;
		if (waitpid(server_pid, &status, WNOHANG) == server_pid)
		{
			server_pid = 0;
			if (WIFSIGNALED(status))
				ereport(LOG, (errmsg("pgduck_server was terminated by signal %d", WTERMSIG(status))));
			else
				ereport(LOG, (errmsg("pgduck_server exited with status %d", WEXITSTATUS(status))));
			return true;
		}
		if (ShutdownRequestPending)
			return false;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | WL_TIMEOUT, 1000, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}

/* Waits for the pause; false when the worker is told to stop. */
static bool
pause_for(long milliseconds)
{
	TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), milliseconds);

	while (!ShutdownRequestPending && GetCurrentTimestamp() < end)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | WL_TIMEOUT, Min(milliseconds, 1000), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	return !ShutdownRequestPending;
}

void
lake_server_worker_main(Datum arg)
{
	long		backoff = BACKOFF_FIRST_MS;

	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGCHLD, on_child_signal);
	BackgroundWorkerUnblockSignals();
	before_shmem_exit(stop_server, (Datum) 0);

	while (!ShutdownRequestPending)
	{
		TimestampTz started = GetCurrentTimestamp();

		start_server();
		if (!wait_for_server())
			break;
		if (TimestampDifferenceExceeds(started, GetCurrentTimestamp(), HEALTHY_MS))
			backoff = BACKOFF_FIRST_MS;
		if (!pause_for(backoff))
			break;
		backoff = Min(backoff * 2, BACKOFF_MAX_MS);
	}
	proc_exit(0);
}
