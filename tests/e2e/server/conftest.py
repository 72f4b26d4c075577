"""A pgduck_server of its own for these tests: no PostgreSQL, no storage, everything in a temporary directory.

LAKE_PGDUCK_SERVER names the program; without it the one that ./lake built is taken.
"""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from lakectl.places import BUILD

PORT = 5332


def program():
    return Path(os.environ.get("LAKE_PGDUCK_SERVER", BUILD / "src/server/pgduck_server"))


class Server:
    def __init__(self, directory, *options, database="none"):
        self.directory = Path(directory)
        self.log_path = self.directory / "server.log"
        self.command = [program(), "-U", str(directory), "-P", str(PORT), "-D", database, *options]
        self.process = None

    @property
    def socket_path(self):
        return self.directory / f".s.PGSQL.{PORT}"

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def start(self):
        self.process = subprocess.Popen(self.command, stderr=open(self.log_path, "a"), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while "is listening on" not in self.log:
            assert self.process.poll() is None, f"pgduck_server did not start:\n{self.log}"
            assert time.monotonic() < deadline, f"pgduck_server does not listen:\n{self.log}"
            time.sleep(0.02)
        return self

    def stop(self, sig=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(sig)
            self.process.wait(30)
        return self.process.returncode

    def connect(self, **options):
        options.setdefault("autocommit", True)
        return psycopg.connect(host=str(self.directory), port=PORT, user="someone", dbname="anything", **options)

    def raw(self):
        raw = socket.socket(socket.AF_UNIX)
        raw.settimeout(20)
        raw.connect(str(self.socket_path))
        return raw


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("s"), "--threads", "2", "--debug").start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def connection(server):
    with server.connect() as connection:
        yield connection


@pytest.fixture
def own_server(tmp_path):
    """Starts servers with options; all are stopped at the end."""
    started = []

    def start(*options, **keywords):
        running = Server(tmp_path, *options, **keywords)
        started.append(running)
        return running.start()

    yield start
    for running in started:
        running.stop(signal.SIGKILL)
