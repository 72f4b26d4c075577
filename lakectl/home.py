"""A home: one PostgreSQL cluster with pg_lake in it, below LAKE_HOME (by default .lake/ of the clone).

    pgdata/        the cluster        pgdata_lake/  Iceberg tables that name no location
    run/           the sockets (or /tmp/lake-<hash> when the path is too long)
    log/           postgresql.log     s3/           the local S3 server of --s3

The ports are chosen at every start: those remembered in home.json, else the usual ones, else the next free ones.
"""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from . import s3
from .console import LakeError, note, output_of, step
from .places import (PG_LIB, as_database_user, database_environment, database_user, home_path,
                     runtime_base, socket_directory, tree_bin)

DATABASE_PORT, ENGINE_PORT = 5432, 5332


class Home:
    def __init__(self, path=None):
        self.path = Path(path) if path else home_path()
        self.owner = database_user()
        self.base = runtime_base(self.path)
        self.pgdata = self.base / "pgdata"
        self.log = self.base / "log/postgresql.log"
        self.sockets = socket_directory(self.base, self.owner)
        self.state_file = self.base / "home.json"
        self.bin = tree_bin()
        self.environ = {}  # for PostgreSQL and pgduck_server; tests name fault points with it

    # -- what is remembered -------------------------------------------------------------------------------------------

    def state(self):
        try:
            return json.loads(self.state_file.read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def remember(self, **values):
        fresh = self.state_file.with_suffix(".new")
        fresh.write_text(json.dumps({**self.state(), **values}, indent=2) + "\n")
        fresh.replace(self.state_file)

    @property
    def port(self):
        return self.state().get("port", DATABASE_PORT)

    @property
    def engine_port(self):
        return self.state().get("engine_port", ENGINE_PORT)

    # -- is it running ------------------------------------------------------------------------------------------------

    def postmaster(self):
        """The postmaster's pid, or None. A pid file alone proves nothing: the process must live in our data directory."""
        try:
            pid = int((self.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
            where = os.readlink(f"/proc/{pid}/cwd")
        except (OSError, ValueError):
            return None
        return pid if Path(where) == self.pgdata.resolve() else None

    def accepts_connections(self):
        return subprocess.run([str(self.bin / "pg_isready"), "-q", "-h", str(self.sockets), "-p", str(self.port)]
                              ).returncode == 0

    def engine_answers(self):
        """Does pgduck_server accept connections on the socket that pg_lake_engine.host names?"""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(self.sockets / f".s.PGSQL.{self.engine_port}"))
                return True
            except OSError:
                return False

    def environment(self):
        """What libpq programs need to find this home."""
        return {"PGHOST": str(self.sockets), "PGPORT": str(self.port), "PGUSER": "postgres", "PGDATABASE": "postgres"}

    def sql(self, text, database="postgres"):
        return output_of([self.bin / "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", text],
                         env={**os.environ, **self.environment(), "PGDATABASE": database}).strip()

    # -- up -----------------------------------------------------------------------------------------------------------

    def run_as_owner(self, command, failure, **options):
        result = subprocess.run(as_database_user(command), env={**database_environment(), **self.environ},
                                cwd=self.pgdata.parent,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
        if result.returncode != 0:
            raise LakeError(f"{failure}: {(result.stderr or result.stdout).strip()[-1500:]}",
                            f"the log is {self.log}")

    def owned_directory(self, path, mode=0o700):
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        path.chmod(mode)

    def create(self):
        self.owned_directory(self.pgdata)
        self.owned_directory(self.pgdata.with_name("pgdata_lake"), 0o755)
        step(f"making a database cluster in {self.pgdata}")
        self.run_as_owner([self.bin / "initdb", "-D", self.pgdata, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                           "--locale=C.UTF-8", "--no-instructions"], "initdb failed")
        with open(self.pgdata / "postgresql.conf", "a") as conf:
            conf.write("\n# Written by ./lake up at every start. Your own settings: below, or ALTER SYSTEM.\n"
                       "include = 'lake.conf'\n")

    def settings(self, extra):
        preload = ["pg_lake"] + (["pg_cron"] if (PG_LIB / "pg_cron.so").exists() else [])
        values = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.sockets,
            "shared_preload_libraries": ",".join(preload),
            "max_worker_processes": 16,
            "pg_lake_engine.host": f"host={self.sockets} port={self.engine_port}",
        }
        if "pg_cron" in preload:
            values.update({"cron.database_name": "postgres", "cron.host": self.sockets})
        values.update(s3.settings(self))
        values.update(extra)
        return "".join(f"{name} = '{str(value).replace(chr(39), chr(39) * 2)}'\n" for name, value in values.items())

    def choose_ports(self):
        ports = {}
        for name, usual in (("port", DATABASE_PORT), ("engine_port", ENGINE_PORT)):
            wanted = self.state().get(name, usual)
            ports[name] = wanted if is_free(wanted) else next_free(usual, ports.values())
            if ports[name] != wanted:
                note(f"port {wanted} is taken: using {ports[name]}")
        self.remember(**ports)

    def up(self, with_s3=False, settings=None, quiet=False):
        """Starts the home if it is not running. `settings` go into lake.conf and are remembered."""
        if self.postmaster() and self.accepts_connections():
            if with_s3 and not self.state().get("s3"):
                raise LakeError("this home is running without S3", "./lake down && ./lake up --s3")
            if with_s3:
                s3.start(self)
            if not quiet:
                step("already running (./lake down && ./lake up loads a newer build)")
            return
        (self.base / "log").mkdir(exist_ok=True)
        self.owned_directory(self.base / "log", 0o755)
        if not (self.pgdata / "PG_VERSION").exists():
            shutil.rmtree(self.pgdata, ignore_errors=True)  # an initdb that was interrupted
            self.create()
        if with_s3 or self.state().get("s3"):
            s3.start(self)
        self.clear_stale_pid()
        self.choose_ports()
        if settings is not None:
            self.remember(settings=settings)
        conf = self.pgdata / "lake.conf"
        conf.write_text("# Written by ./lake up at every start; see lakectl/home.py.\n"
                        + self.settings(self.state().get("settings", {})))
        os.chown(conf, self.owner.pw_uid, self.owner.pw_gid)
        step("starting PostgreSQL with pg_lake")
        self.run_as_owner([self.bin / "pg_ctl", "start", "-w", "-t", "60", "-s", "-D", self.pgdata, "-l", self.log],
                          "PostgreSQL did not start")
        self.prepare_database()
        self.wait_for_engine()

    def clear_stale_pid(self):
        """After a crash or a reboot the pid in a lock file may be anybody's, or that of a postmaster that is dead but
        not yet reaped by its parent; PostgreSQL would then refuse to start."""
        if self.postmaster() is None:
            (self.pgdata / "postmaster.pid").unlink(missing_ok=True)
        for lock in self.sockets.glob(".s.PGSQL.*.lock"):
            if not is_alive(lock):
                lock.unlink(missing_ok=True)

    def prepare_database(self):
        self.sql("CREATE EXTENSION IF NOT EXISTS pg_lake CASCADE")
        if (PG_LIB / "pg_cron.so").exists():
            self.sql("CREATE EXTENSION IF NOT EXISTS pg_cron")
        name = pwd.getpwuid(os.geteuid()).pw_name
        if name != "postgres" and not self.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'"):
            self.sql(f'CREATE ROLE "{name}" SUPERUSER LOGIN')

    def wait_for_engine(self, seconds=30):
        end = time.monotonic() + seconds
        while not self.engine_answers():
            if time.monotonic() > end:
                raise LakeError(f"PostgreSQL runs, but pgduck_server does not answer after {seconds} s",
                                f"the log is {self.log}")
            time.sleep(0.05)

    # -- down, status -------------------------------------------------------------------------------------------------

    def down(self, mode="fast"):
        """Stops PostgreSQL (and with it pgduck_server) and the S3 server; True when something was running."""
        pid = self.postmaster()
        if pid:
            step("stopping PostgreSQL and pgduck_server")
            self.run_as_owner([self.bin / "pg_ctl", "stop", "-w", "-t", "60", "-s", "-m", mode, "-D", self.pgdata],
                              "PostgreSQL did not stop")
            end = time.monotonic() + 10
            while self.engine_answers() and time.monotonic() < end:
                time.sleep(0.05)
            if self.engine_answers():
                raise LakeError("PostgreSQL stopped, pgduck_server did not", f"the log is {self.log}")
        return s3.stop(self) or bool(pid)

    def connection_text(self):
        return [f"psql:      ./lake psql          (or: psql -h 127.0.0.1 -p {self.port} -U postgres)",
                f"URL:       postgresql://postgres@127.0.0.1:{self.port}/postgres",
                f"socket:    {self.sockets}   port {self.port}",
                f"engine:    psql -h {self.sockets} -p {self.engine_port}   (pgduck_server)",
                f"logs:      {self.log}"]


def is_alive(lock):
    """Does the process that a lock file names run? A zombie does not."""
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError, IndexError):
        return False
    return state not in "ZX"


def is_free(port):
    """Nobody listens on it, on any address. Connections that are still closing (TIME_WAIT) do not count."""
    for address in ("127.0.0.1", "0.0.0.0"):
        with socket.socket(socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def next_free(start, taken=()):
    for port in range(start, min(start + 1000, 65536)):
        if port not in taken and is_free(port):
            return port
    raise LakeError(f"no free port between {start} and {start + 999}")


def stop_process(pid, seconds=15):
    """SIGTERM, then SIGKILL; for processes that ./lake itself started."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            return
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.05)
