"""A running home that a test may connect to, kill, and start again.

Everything is asked of the operating system, not remembered: the server's pid comes from the socket's peer, the
postmaster's from its pid file, so a test never kills what is not there.
"""

import os
import signal
import socket
import struct
import time

import psycopg

from lakectl.home import Home

# The process is killed, never the machine: what is not fsynced survives a kill.
SETTINGS = {"fsync": "off", "max_prepared_transactions": 10, "cron.launch_active_jobs": "off",
            "pg_lake_engine.cleanup_naptime": 3600,  # tests clean when they want to
            "log_min_messages": "info", "log_line_prefix": "%m [%p] "}


class RunningHome:
    def __init__(self, path, with_s3=False, settings=None):
        self.home = Home(path)
        self.with_s3 = with_s3
        self.settings = {**SETTINGS, **(settings or {})}
        self.start()

    # -- connections --------------------------------------------------------------------------------------------------

    def connect(self, dbname="postgres", user="postgres", autocommit=True, **options):
        """To PostgreSQL."""
        return psycopg.connect(host=str(self.home.sockets), port=self.home.port, dbname=dbname, user=user,
                               autocommit=autocommit, **options)

    def engine(self, **options):
        """To pgduck_server, past PostgreSQL."""
        return psycopg.connect(host=str(self.home.sockets), port=self.home.engine_port, dbname="postgres",
                               user="postgres", autocommit=True, **options)

    def sql(self, text, *parameters, **options):
        """Rows of one statement on a connection of its own."""
        with self.connect(**options) as connection:
            cursor = connection.execute(text, parameters or None)
            return cursor.fetchall() if cursor.description else []

    # -- life and death -----------------------------------------------------------------------------------------------

    def start(self, environ=None):
        """`environ` goes to PostgreSQL and, through it, to pgduck_server: LAKE_FAULT_POINT, say."""
        self.home.environ = environ or {}
        self.home.up(with_s3=self.with_s3, settings=self.settings, quiet=True)

    def stop(self, mode="fast"):
        self.home.down(mode)

    def restart(self, mode="fast", environ=None):
        self.stop(mode)
        self.start(environ)

    def server_pid(self):
        """The process that listens on the engine's socket; None when nobody does."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.home.sockets / f".s.PGSQL.{self.home.engine_port}"))
            except OSError:
                return None
            peer = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            return struct.unpack("3i", peer)[0]

    def kill_server(self, signal_number=signal.SIGKILL):
        """Kills pgduck_server and waits until it is gone; the extension's worker starts another. Returns the old pid."""
        pid = self.server_pid()
        assert pid, "pgduck_server does not run"
        os.kill(pid, signal_number)
        wait_for(lambda: self.server_pid() != pid, f"pgduck_server {pid} to die")
        return pid

    def wait_for_server(self, other_than=None, seconds=60):
        wait_for(lambda: self.server_pid() not in (None, other_than), "pgduck_server to come back", seconds)
        return self.server_pid()

    def kill_postmaster(self, signal_number=signal.SIGKILL):
        """As the machine's own hand would: the postmaster dies, its children notice."""
        pid = self.home.postmaster()
        assert pid, "PostgreSQL does not run"
        os.kill(pid, signal_number)
        wait_for(lambda: self.home.postmaster() is None, f"postmaster {pid} to die")
        wait_for(lambda: not self.children_of_cluster(), "its children to notice")

    def children_of_cluster(self):
        """Processes whose working directory is the data directory."""
        found = []
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.readlink(f"/proc/{entry}/cwd") == str(self.home.pgdata.resolve()):
                    found.append(int(entry))
            except OSError:
                continue
        return found

    def wait_until_up(self, seconds=60):
        """After a crash of a backend PostgreSQL restarts by itself: until it answers again, and goes on to: a postmaster that has not
        noticed yet accepts connections, and ends them when it does."""
        def answers():
            try:
                with self.connect() as connection:
                    connection.execute("SELECT pg_sleep(0.2)")
                    return connection.execute("SELECT 1").fetchall() == [(1,)]
            except psycopg.OperationalError:
                return False
        wait_for(answers, "PostgreSQL to answer", seconds)

    def log_text(self):
        return self.home.log.read_text(errors="replace")


def backend_pid(connection):
    return connection.info.backend_pid


def kill_backend(connection, signal_number=signal.SIGKILL):
    """Kill -9 of one backend: PostgreSQL then restarts all of them (see RunningHome.wait_until_up)."""
    os.kill(backend_pid(connection), signal_number)


def wait_for(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.02)
