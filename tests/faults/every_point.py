"""The runs of test_every_point.py: a statement, a point at which something happens to it, and what must hold afterwards.

The server's store takes its rules from a directory (LAKE_FAULTS=@DIRECTORY, src/storage/faulty_store.h), so that a run needs no restart, and
writes down every call: the first pass of a statement says which points there are.
"""

import fnmatch
import re
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from lake_harness.home import kill_backend, wait_for

SCHEMA = "every_point"
WRITES = ("put", "append", "finish", "sync", "remove")
FIFTY = "SELECT i, 'row ' || i FROM generate_series(1, 50) i"


@dataclass(frozen=True)
class Statement:
    """`setup` makes the tables, `text` runs as one transaction, `settings` are for both."""
    setup: tuple
    text: tuple
    settings: tuple = ()


T = ("CREATE TABLE t (id int, note text) USING iceberg", f"INSERT INTO t {FIFTY}")
U = ("CREATE TABLE u (id int, note text) USING iceberg", f"INSERT INTO u {FIFTY}")
STATEMENTS = {
    "insert": Statement(T, ("INSERT INTO t VALUES (100, 'new')",)),
    "delete": Statement(T, ("DELETE FROM t WHERE id % 10 = 0",), ("SET pg_lake_table.copy_on_write_threshold = 100",)),
    "update": Statement(T, ("UPDATE t SET note = 'new' WHERE id % 2 = 0",), ("SET pg_lake_table.copy_on_write_threshold = 0",)),
    "merge": Statement(T, ("MERGE INTO t USING (VALUES (1), (2), (99)) s(id) ON s.id = t.id WHEN MATCHED AND s.id = 1 THEN DELETE "
                           "WHEN MATCHED THEN UPDATE SET note = 'merged' WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'new')",),
                       ("SET pg_lake_table.copy_on_write_threshold = 100",)),
    "alter": Statement(T, ("ALTER TABLE t ADD COLUMN c int DEFAULT 7", "INSERT INTO t VALUES (100, 'new', 8)")),
    "truncate": Statement(T, ("TRUNCATE t",)),
    "create_as": Statement(T, ("CREATE TABLE n USING iceberg AS SELECT id * 2 AS twice FROM t",)),
    # A read between two of them makes a file of what came before.
    "copy": Statement(T, tuple(text for i in range(3) for text in (f"COPY t (id) FROM PROGRAM 'seq {i}1 {i}9'",
                                                                   "SELECT count(*) FROM t"))),
    "two_tables": Statement((*T, *U, "CREATE TABLE h (id int)"), (
        "INSERT INTO t VALUES (100, 'new')", "UPDATE u SET note = 'new' WHERE id < 5", "DELETE FROM u WHERE id > 45",
        "INSERT INTO h VALUES (1)")),
    "refresh": Statement((*T, "CREATE MATERIALIZED VIEW m USING iceberg AS SELECT * FROM t", "DELETE FROM t WHERE id < 10"),
                         ("REFRESH MATERIALIZED VIEW m",)),
    "partitions": Statement(("CREATE TABLE t (id int, note text) USING iceberg WITH (partition_by = 'bucket(2, id)')", T[1]),
                            ("INSERT INTO t SELECT id + 100, note FROM t",)),
    "clean": Statement((*T, "BEGIN", "INSERT INTO t VALUES (100, 'gone')", "SELECT count(*) FROM t", "ROLLBACK"),
                       ("SELECT count(*) FROM lake_engine.flush_in_progress_queue()",)),
}
SOON = 200  # milliseconds that a call still takes after its statement has been cancelled
STEPS = ("after-data-files", "after-ledger", "after-apply-iceberg-changes", "after-pointer-swap", "after-ledger-forget")

STORE_MODES = ("fail", "full", "lose", "delay", "server_dies_before", "server_dies_after")
GIVEN_UP = ("cancelled_before", "cancelled_after", "terminated_before", "terminated_after")
RESTARTS = ("backend_dies_before", "backend_dies_after", "postmaster_dies_before", "postmaster_dies_after")
STEP_MODES = ("fail", "server_dies")
STEP_RESTARTS = ("backend_dies", "postmaster_dies")
ACTIONS = {"fail": "fail", "full": "full", "lose": "lose", "delay": "delay=20", "server_dies_before": "kill",
           "server_dies_after": "kill_after", "cancelled_before": f"delay={SOON}", "cancelled_after": f"linger={SOON}",
           "terminated_before": f"delay={SOON}", "terminated_after": f"linger={SOON}", "backend_dies_before": "delay=60000", "backend_dies_after": "linger=60000",
           "postmaster_dies_before": "delay=60000", "postmaster_dies_after": "linger=60000"}


@dataclass(frozen=True)
class Point:
    """The n-th call of an operation on objects of a pattern, or (op == "step") the n-th pass of a step of the backend."""
    op: str
    pattern: str
    number: int


class Stage:
    """One home whose server has a faulty store."""

    def __init__(self, home):
        self.home = home
        self.directory = home.home.base / "faults"
        home.home.owned_directory(self.directory, 0o777)
        self.environ = {"LAKE_FAULTS": f"@{self.directory}"}
        self.calls_file = self.directory / "calls"
        self.set_rules("")
        self.deaths = 0
        self.restart()
        self.figures = {"points": 0, "runs": 0, "lost rows": 0, "phantom rows": 0, "orphans": 0, "orphans outside the ledger": 0}
        self.checker = None
        self.ready = None  # the statement whose tables are as it wants to find them
        self.root = home.home.pgdata.with_name("pgdata_lake") / "postgres" / SCHEMA

    def restart(self):
        self.home.restart("immediate", environ=self.environ)
        self.home.wait_for_server()
        self.deaths = 0

    def server_died(self, old):
        """Waits for another one; PostgreSQL is restarted before the pauses between one server and the next become long."""
        self.deaths += 1
        if self.deaths == 4:
            self.restart()
        self.home.wait_for_server(other_than=old)

    # -- rules and calls ----------------------------------------------------------------------------------------------

    def set_rules(self, text):
        fresh = self.directory / "rules.new"
        fresh.write_text(text)
        fresh.chmod(0o644)
        fresh.replace(self.directory / "rules")

    def forget_calls(self):
        self.calls_file.unlink(missing_ok=True)

    def calls(self):
        if not self.calls_file.exists():
            return []
        return [line for line in self.calls_file.read_text().splitlines() if f"/{SCHEMA}/" in line]

    # -- tables -------------------------------------------------------------------------------------------------------

    def sql(self, text, *parameters):
        """On one connection for all checks; it is opened again when PostgreSQL has been killed."""
        for attempt in range(2):
            try:
                if self.checker is None or self.checker.closed:
                    self.checker = self.home.connect(prepare_threshold=None)
                cursor = self.checker.execute(text, parameters or None)
                return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                if attempt or not self.checker.closed:
                    raise

    def connect(self, statement):
        connection = self.home.connect()
        for text in (f"SET search_path = {SCHEMA}", *statement.settings):
            connection.execute(text)
        return connection

    def prepare(self, statement):
        self.sql("SET client_min_messages = warning")
        self.sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        self.sql("SELECT count(*) FROM lake_engine.flush_in_progress_queue()")
        self.sql("DELETE FROM lake_engine.deletion_queue")
        shutil.rmtree(self.root, ignore_errors=True)  # what the deletion queue would remove
        self.sql(f"CREATE SCHEMA {SCHEMA}")
        with self.connect(statement) as connection:
            for text in statement.setup:
                connection.execute(text)

    def tables(self):
        return [row[0] for row in self.sql("SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace = "
                                           "%s::regnamespace ORDER BY 1", SCHEMA)]

    def state(self):
        """{table: rows}; a table that is not there is not in it."""
        return {table: sorted(self.sql(f"SELECT * FROM {table}"), key=repr) for table in self.tables()}

    # -- files --------------------------------------------------------------------------------------------------------

    def present(self):
        return {f"file://{path}" for path in self.root.rglob("*") if path.is_file()}

    def wanted(self):
        """What the tables refer to, all snapshots and the metadata log included."""
        rows = self.sql("SELECT lake_iceberg.find_all_referenced_files(t.metadata_location) FROM lake_iceberg.tables_internal t JOIN "
                        "pg_class c ON c.oid = t.table_name WHERE relnamespace = %s::regnamespace UNION "
                        "SELECT entry->>'metadata-file' FROM lake_iceberg.tables_internal t JOIN pg_class c ON c.oid = t.table_name, "
                        "jsonb_array_elements(lake_iceberg.metadata(t.metadata_location)->'metadata-log') entry "
                        "WHERE relnamespace = %s::regnamespace", SCHEMA, SCHEMA)
        return {row[0] for row in rows}

    def check_files(self, orphans_allowed=True):
        present, wanted = self.present(), self.wanted()
        ledger = self.sql("SELECT path, is_prefix FROM lake_engine.in_progress_files")
        named = {path for path in present | wanted
                 if any(path.startswith(name) if is_prefix else path == name for name, is_prefix in ledger)}
        orphans = present - wanted
        self.figures["orphans"] += len(orphans)
        self.figures["orphans outside the ledger"] += len(orphans - named)
        assert wanted <= present, f"missing: {shown(wanted - present)}"
        assert orphans <= named, f"orphans outside the ledger: {shown(orphans - named)}"
        assert not named & wanted, f"the ledger names what the tables need: {shown(named & wanted)}"
        assert orphans_allowed or not orphans, f"left after cleaning: {shown(orphans)}"

    def check_clean(self):
        """The ledger names exactly the orphans, and the cleaner removes them."""
        self.check_files()
        self.sql("SELECT count(*) FROM lake_engine.flush_in_progress_queue()")
        assert self.sql("SELECT path FROM lake_engine.in_progress_files") == []
        self.check_files(orphans_allowed=False)

    def check_verified(self):
        for table in self.tables():
            if self.sql("SELECT 1 FROM lake_iceberg.tables_internal WHERE table_name = %s::regclass", table):
                errors = self.sql("SELECT object, problem FROM lake.verify(%s) WHERE severity = 'error'", table)
                assert not errors, f"{table}: {errors[:3]}"

    def check_state(self, expected, what):
        found = self.state()
        for table in expected.keys() | found.keys():
            lost = set(expected.get(table, ())) - set(found.get(table, ()))
            phantom = set(found.get(table, ())) - set(expected.get(table, ()))
            self.figures["lost rows"] += len(lost)
            self.figures["phantom rows"] += len(phantom)
        assert found == expected, what

    # -- runs ---------------------------------------------------------------------------------------------------------

    def first_pass(self, statement):
        """The points of the statement, and the states before and after it."""
        self.set_rules("")
        self.prepare(statement)
        before = self.state()
        self.forget_calls()
        assert self.execute(statement, "") is None
        calls = self.calls()
        after = self.state()
        self.check_clean()
        tables = sum(before.get(table) != after.get(table) and table != f"{SCHEMA}.h" for table in after)
        if not tables:
            return storage_points(calls), before, after
        return storage_points(calls) + [Point("step", step, number + 1) for step in STEPS
                                        for number in range(1 if step == "after-data-files" else tables)], before, after

    def execute(self, statement, fault_point, connections=None):
        """None, or the error."""
        try:
            with self.connect(statement) as connection:
                if connections is not None:
                    connections.append(connection)
                connection.execute(f"SET pg_lake_engine.fault_point = '{fault_point}'")
                with connection.transaction():
                    for text in statement.text:
                        connection.execute(text)
        except psycopg.Error as error:
            return error
        return None

    def run(self, statement, point, mode, before, after, repeat=True):
        """Without `repeat` the next run finds the tables as this one found them, which must be as before, too."""
        self.figures["runs"] += 1
        self.set_rules("")
        if self.ready is not statement:
            self.prepare(statement)
        self.ready = None
        self.forget_calls()
        error = self.run_step(statement, point, mode) if point.op == "step" else self.run_call(statement, point, mode)
        self.set_rules("")
        self.home.wait_until_up()
        self.home.wait_for_server()
        if error is None:
            assert mode == "delay" or point.op == "remove" or mode == "server_dies", "the statement succeeded"
        self.check_state(before if error else after, f"after {error or 'success'}")
        self.check_clean()
        if mode.startswith(("cancelled", "terminated")):
            time.sleep(SOON / 1000 + 0.1)  # what the server was about to do is done
            self.check_clean()
        if error is not None and not repeat:
            self.ready = statement if point.op != "remove" else None  # what was to be removed is gone
            return
        if error is not None:
            assert self.execute(statement, "") is None, "the statement cannot be repeated"
            self.check_state(after, "after repeating it")
        self.check_files()
        self.check_verified()

    def run_call(self, statement, point, mode):
        server = self.home.server_pid()
        self.set_rules(f"{point.op}:{point.pattern}:{point.number}:{ACTIONS[mode]}")
        if not mode.startswith(("server", "fail", "full", "lose", "delay")):
            error = self.run_and_kill(statement, "", mode, lambda: any(call.startswith("held ") for call in self.calls()))
        else:
            error = self.execute(statement, "")
        reached = sum(matches(call, point) for call in self.calls())
        assert reached >= point.number, f"{point} was not reached"
        if mode.startswith("server"):
            self.server_died(server)
        return error

    def run_step(self, statement, point, mode):
        name = f"{point.pattern}:{point.number}"
        if mode == "fail":
            return self.execute(statement, f"{name}=fail")
        if mode == "backend_dies":
            return self.execute(statement, name)
        seen = len(self.home.log_text())
        pausing = f'pausing at fault point "{point.pattern}"'
        return self.run_and_kill(statement, f"{name}=pause", mode, lambda: pausing in self.home.log_text()[seen:])

    def run_and_kill(self, statement, fault_point, mode, reached):
        """Runs the statement in a thread, and kills somebody once it is where it shall be."""
        connections, errors = [], []
        thread = threading.Thread(target=lambda: errors.append(self.execute(statement, fault_point, connections)))
        thread.start()
        wait_for(lambda: reached() or not thread.is_alive(), f"{mode}: the statement to get there")
        assert thread.is_alive(), f"the statement did not get there: {errors}"
        pid = connections[0].info.backend_pid
        if mode.startswith("backend"):
            kill_backend(connections[0])
        elif mode.startswith(("cancelled", "terminated")):
            self.sql("SELECT pg_cancel_backend(%s)" if mode.startswith("cancelled") else "SELECT pg_terminate_backend(%s)", pid)
        elif mode.startswith("postmaster"):
            self.home.kill_postmaster()
        else:
            old = self.home.kill_server()
            self.sql("SELECT pg_cancel_backend(%s)", pid)
        thread.join(60)
        assert not thread.is_alive() and errors, "the statement goes on"
        if mode == "server_dies":
            self.server_died(old)
        self.set_rules("")
        if mode.startswith("postmaster"):
            self.home.start(environ=self.environ)
        return errors[0]


def shown(locations):
    return sorted(location.rpartition(f"/{SCHEMA}/")[2] for location in locations)[:4]


def storage_points(calls):
    """One for each call that writes, as the n-th of its pattern."""
    points = []
    for call in calls:
        op, location = call.split(" ", 1)
        if op in WRITES:
            pattern = pattern_of(location)
            number = 1 + sum(point.op == op and point.pattern == pattern for point in points)
            points.append(Point(op, pattern, number))
    return points


def pattern_of(location):
    """The table and the kind of file: what stays the same from one run to the next."""
    table = re.search(rf"/{SCHEMA}/([^/]+)/", location).group(1)
    name = Path(location).name
    kind = next((kind for kind in ("*.metadata.json", "snap-*.avro", "*-m*.avro", "*-deletes-*.parquet") if fnmatch.fnmatchcase(name, kind)),
                "*.parquet")
    return f"*/{SCHEMA}/{table}/*{kind}"


def matches(call, point):
    op, _, location = call.partition(" ")
    return op == point.op and fnmatch.fnmatchcase(location, point.pattern)


def all_runs(points):
    """[(point, mode)], everything."""
    return [(point, mode) for point in points for mode in
            (STEP_MODES + STEP_RESTARTS if point.op == "step" else STORE_MODES + RESTARTS)]


def given_up_runs(points):
    """Those in which a backend goes away from a call that the server then still does."""
    return [(point, mode) for point in points for mode in GIVEN_UP if point.op not in ("step", "remove")]


def some_runs(points, chance):
    """Every point in the modes that tell most; of the others some, and one that restarts PostgreSQL."""
    runs = all_runs(points)
    always = [run for run in runs if run[1] == "fail" or (run[1] == "lose" and run[0].op != "append")]
    restarts = [run for run in runs if run[1] in RESTARTS + STEP_RESTARTS]
    others = [run for run in runs if run not in always and run not in restarts]
    chosen = {*always, *chance.sample(others, min(2, len(others))), *chance.sample(restarts, 1)}
    return [run for run in runs if run in chosen]
