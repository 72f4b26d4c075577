"""Plays an entry on one twin: a schema of its own, sessions over libpq itself, and an outcome for every step."""

import dataclasses
import os
import re
import subprocess
import time

import psycopg
from lake_harness.twin import ends_in_order_by
from psycopg import pq

SCHEMAS = {"heap": "features_heap", "iceberg": "features_lake"}
ROLES = ("features_owner", "features_user", "features_other")
SQLSTATE, PRIMARY = pq.DiagnosticField.SQLSTATE, pq.DiagnosticField.MESSAGE_PRIMARY
DETAIL, HINT, SEVERITY = (pq.DiagnosticField.MESSAGE_DETAIL, pq.DiagnosticField.MESSAGE_HINT,
                          pq.DiagnosticField.SEVERITY_NONLOCALIZED)
FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE)


class ConnectionLost(AssertionError):
    """A statement took its backend, or all of PostgreSQL, with it."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a step gave, in a form that does not name the twin."""
    tag: str = ""
    columns: tuple = ()
    rows: tuple = ()
    sqlstate: str = ""
    message: str = ""
    more: str = dataclasses.field(default="", compare=False)  # detail and hint of an error: they hold pids
    notices: tuple = ()


class Player:
    def __init__(self, home, am, directory):
        self.home, self.am, self.directory = home, am, directory
        self.schema = self.database = SCHEMAS[am]
        self.sessions, self.current, self.sent, self.notices = {}, "one", {}, []

    def play(self, entry):
        """Outcomes of the entry's own steps; those of its setup must succeed."""
        self.prepare()
        try:
            for step in entry.setup:
                outcome = self.step(step)
                assert not outcome.sqlstate, f"[{self.am}] setup of {entry.section}: {step.text}\n{outcome.message}"
            for step in entry.steps:
                yield step, self.step(step)
        finally:
            for session in self.sessions.values():
                session.finish()

    def prepare(self):
        self.home.sql(f'DROP DATABASE IF EXISTS {self.database} WITH (FORCE)')
        self.home.sql(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
        self.home.sql(f"CREATE SCHEMA {self.schema}")
        self.home.sql(f"GRANT ALL ON SCHEMA {self.schema} TO {', '.join(ROLES)}")

    # -- sessions -----------------------------------------------------------------------------------------------------

    def session(self, name, database="postgres"):
        if name not in self.sessions:
            where = f"host={self.home.home.sockets} port={self.home.home.port} user=postgres dbname={database}"
            session = pq.PGconn.connect(where.encode())
            assert session.status == pq.ConnStatus.OK, session.get_error_message()
            session.notice_handler = self.note
            session.exec_(f"SET search_path = {self.schema}, public; SET statement_timeout = '60s'; "
                          "SET client_min_messages = notice; SET timezone = 'UTC'".encode())
            self.sessions[name] = session
        return self.sessions[name]

    def note(self, result):
        text = self.plain(f"{field(result, SEVERITY)}: {field(result, PRIMARY)}")
        if "drop cascades to" not in text:
            self.notices.append(text)

    def plain(self, text):
        """Without what is the twin's own."""
        return text.replace(self.schema, "features").replace(str(self.directory), "directory")

    def filled(self, text):
        for name, value in (("am", self.am), ("schema", self.schema), ("db", self.database), ("dir", self.directory)):
            text = text.replace("{" + name + "}", str(value))
        return text

    # -- steps --------------------------------------------------------------------------------------------------------

    def step(self, step):
        text, self.notices = self.filled(step.text), []
        if text.startswith("\\"):
            word, _, rest = text[1:].partition(" ")
            return getattr(self, f"do_{word}")(rest) or Outcome()
        session = self.session(self.sent.pop("next", self.current))
        if "sending" in self.sent:
            del self.sent["sending"]
            session.send_query(text.encode())
            self.wait_until_it_waits(session)
            return Outcome()
        return self.outcome(session, session.exec_(text.encode()), text, step.data)

    def do_in(self, name):
        self.current = name

    def do_connect(self, database):
        if self.current in self.sessions:
            self.sessions.pop(self.current).finish()
        self.session(self.current, database)

    def do_send(self, name):
        self.sent.update(next=name, sending=True)

    def do_receive(self, name):
        session = self.session(name)
        result = session.get_result()
        while session.get_result():
            pass
        return self.outcome(session, result, "")

    def do_server(self, _):
        self.home.kill_server()
        self.home.wait_for_server()

    def do_sh(self, command):
        environment = {**os.environ, **self.home.home.environment(), "PATH": f"{self.home.home.bin}:{os.environ['PATH']}"}
        done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=120)
        rows = tuple((line,) for line in self.plain(done.stdout).splitlines())
        return Outcome(rows=rows, sqlstate="shell" if done.returncode else "", message=self.plain(done.stderr))

    def wait_until_it_waits(self, session):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            session.consume_input()
            if not session.is_busy() or self.home.sql("SELECT pg_blocking_pids(%s)", session.backend_pid)[0][0]:
                return
            time.sleep(0.02)
        raise AssertionError("a statement that was sent neither ends nor waits for a lock")

    def outcome(self, session, result, text, data=None):
        if result.status == pq.ExecStatus.COPY_IN:
            session.put_copy_data((data or "").encode())
            session.put_copy_end()
            result = session.get_result()
            session.get_result()
        rows = []
        if result.status == pq.ExecStatus.COPY_OUT:
            while (got := session.get_copy_data(0))[0] > 0:
                rows.append((self.plain(bytes(got[1]).decode(errors="replace")),))
            result = session.get_result()
            session.get_result()
        if session.status != pq.ConnStatus.OK:
            raise ConnectionLost(f"[{self.am}] {text}\n{session.get_error_message()}")
        if result.status in FAILED:
            return Outcome(sqlstate=field(result, SQLSTATE), message=self.plain(field(result, PRIMARY)),
                           more=self.plain(f"{field(result, DETAIL)} {field(result, HINT)}".strip()),
                           notices=tuple(self.notices))
        columns = tuple(result.fname(i).decode() for i in range(result.nfields))
        rows += [tuple(self.value(result, row, column) for column in range(result.nfields))
                 for row in range(result.ntuples)]
        if not ends_in_order_by(text) and not text.upper().startswith(("FETCH", "COPY")):
            rows.sort(key=repr)
        return Outcome(tag=(result.command_status or b"").decode(), columns=columns, rows=tuple(rows),
                       notices=tuple(self.notices))

    def value(self, result, row, column):
        value = result.get_value(row, column)
        return None if value is None else self.plain(value.decode(errors="replace"))

    # -- afterwards ---------------------------------------------------------------------------------------------------

    def unreadable(self):
        """Whatever the entry did, every table of the schema can be read by a session of its own: what cannot, or nothing."""
        tables = self.home.sql("SELECT oid::regclass::text FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind IN "
                               "('r', 'm') AND relispopulated", self.schema)
        for (table,) in tables:
            try:
                self.home.sql(f"SELECT * FROM {table}")
            except psycopg.Error as error:
                return f"{table} cannot be read: {error.sqlstate} {str(error).splitlines()[0]}"
        return ""


def field(result, name):
    return re.sub(r"\s*\n\s*", " ", (result.error_field(name) or b"").decode(errors="replace"))
