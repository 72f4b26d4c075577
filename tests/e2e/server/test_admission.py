"""Statements that keep much in memory take turns; one that runs out of memory beside others is repeated."""

import threading
import time

import psycopg
import pytest

from .test_extended import SYNC, Raw, bind, execute, parse, types
from .test_interrupts import running, wait_until

# a cross product whose one side is kept, without end
ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 3"
# estimated to sort a million rows; in truth there are few
SORTED = "SELECT i FROM range(20000000) t(i) WHERE i * 7 % 20000000 < 3 ORDER BY i DESC"
LISTS = "SELECT len(list(i)) FROM range(6000000) t(i)"


@pytest.fixture
def one_turn(own_server):
    """Memory for one statement at a time (128 MB for each thread)."""
    return own_server("--threads", "2", "--memory_limit", "250MB")


class Running(threading.Thread):
    """A statement in a thread of its own: its rows, or its error."""

    def __init__(self, server, query):
        super().__init__(daemon=True)
        self.connection, self.query, self.outcome = server.connect(), query, None
        self.start()

    def run(self):
        try:
            self.outcome = self.connection.execute(self.query).fetchall()
        except psycopg.Error as error:
            self.outcome = error

    def result(self):
        self.join(60)
        assert not self.is_alive()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def endless(one_turn):
    statement = Running(one_turn, ENDLESS)
    wait_until(lambda: ENDLESS in running(one_turn))
    time.sleep(0.2)
    yield statement
    statement.connection.cancel_safe()
    statement.join(20)


def test_a_large_statement_waits_for_another(one_turn, endless):
    second = Running(one_turn, SORTED)
    time.sleep(1)
    assert second.is_alive()
    with one_turn.connect() as connection:
        states = "SELECT connection_id, waiting FROM pg_lake_stat_progress()"
        assert {row for row in connection.execute(states)} >= {(second.connection.info.backend_pid, True), (endless.connection.info.backend_pid, False)}
        assert connection.execute("SELECT sum(i) FROM range(1000) t(i)").fetchone() == (499500,)
    endless.connection.cancel_safe()
    assert len(second.result()) == 3


def test_a_waiting_statement_is_cancelled_at_once(one_turn, endless):
    second = Running(one_turn, SORTED)
    time.sleep(0.5)
    start = time.monotonic()
    second.connection.cancel_safe()
    with pytest.raises(psycopg.errors.QueryCanceled):
        second.result()
    assert time.monotonic() - start < 2
    assert second.connection.execute("SELECT 1").fetchone() == (1,)
    assert endless.is_alive()


def test_a_waiting_statement_times_out(one_turn, endless):
    with one_turn.connect() as connection:
        connection.execute("SET statement_timeout = 300")
        with pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"):
            connection.execute(SORTED)


def test_a_client_that_does_not_read_gives_up_its_turn(one_turn):
    with one_turn.connect() as idle:
        rows = idle.cursor().stream("SELECT i, repeat('x', 100) FROM range(1000000) t(i) ORDER BY hash(i)")
        next(rows)
        assert len(Running(one_turn, SORTED).result()) == 3
        assert sum(1 for _ in rows) == 999_999


def test_a_suspended_portal_gives_up_its_turn(one_turn):
    with Raw(one_turn) as raw:
        raw.send(("Q", b"BEGIN\0"))
        raw.until("Z")
        raw.send(parse("SELECT i FROM range(1000000) t(i) ORDER BY hash(i)"), bind(portal="p"), execute("p", 3), SYNC)
        assert types(raw.until("Z")) == "12DDDsZ"
        assert len(Running(one_turn, SORTED).result()) == 3


def test_what_runs_out_of_memory_beside_others_is_repeated(own_server):
    # alone a list takes up to 245 MB: what its values lie in, and twice the list while it grows; without repeats some of eight fail
    server = own_server("--threads", "2", "--memory_limit", "320MB")
    statements = [Running(server, LISTS) for _ in range(8)]
    assert [statement.result() for statement in statements] == [[(6_000_000,)]] * 8


def test_what_runs_out_of_memory_alone_fails(own_server):
    server = own_server("--threads", "2", "--memory_limit", "100MB")
    with server.connect() as connection:
        with pytest.raises(psycopg.errors.OutOfMemory):
            connection.execute("SELECT len(list(i)) FROM range(60000000) t(i)")
        assert connection.execute("SELECT 1").fetchone() == (1,)


def limited(server, limit):
    return server.connect(options=f"-c query_memory_limit={limit}")


def test_a_session_with_a_limit_of_its_own(own_server, tmp_path):
    """It fails alone, spills beside its limit, though nobody has spilled yet, and has the same functions as all others."""
    server = own_server("--threads", "2", "--memory_limit", "1GB", "--temp_directory", str(tmp_path / "nobody/yet"))
    with limited(server, "100MB") as small, server.connect() as large:
        assert small.execute("SHOW query_memory_limit").fetchone() == ("100MB",)
        assert small.execute("SELECT current_setting('memory_limit')").fetchone() == ("95.3 MiB",)
        lists = "SELECT len(list(i)) FROM range(20000000) t(i)"
        with pytest.raises(psycopg.errors.OutOfMemory):
            small.execute(lists)
        assert large.execute(lists).fetchone() == (20_000_000,)
        spilled = "SELECT sum(i), count(*) FROM (SELECT i FROM range(20000000) t(i) ORDER BY hash(i) LIMIT 15000000)"
        assert small.execute(spilled).fetchone()[1] == 15_000_000
        assert small.execute("SELECT lake_version() = (SELECT lake_version())").fetchone() == (True,)
        assert small.execute("SELECT count(*) FROM pg_lake_stat_activity()").fetchone() == large.execute("SELECT count(*) FROM pg_lake_stat_activity()").fetchone()


def test_what_a_limited_statement_may_take_is_set_aside(own_server):
    server = own_server("--threads", "2", "--memory_limit", "1GB")
    with limited(server, "600MB") as first, limited(server, "600MB") as second, limited(server, "3GB") as third, server.connect() as watcher:
        used = "SELECT sum(memory_usage_bytes) FROM duckdb_memory()"
        before = watcher.execute(used).fetchone()[0]
        cursor = first.cursor().stream("SELECT i, repeat('x', 100) FROM range(3000000) t(i) ORDER BY hash(i)")
        next(cursor)
        assert watcher.execute(used).fetchone()[0] > before + 500_000_000
        assert second.execute("SELECT count(*) FROM (SELECT i FROM range(1000000) t(i) ORDER BY hash(i) LIMIT 999999)").fetchone() == (999_999,)
        assert sum(1 for _ in cursor) == 2_999_999
        assert watcher.execute(used).fetchone()[0] < before + 100_000_000
        with pytest.raises(psycopg.errors.OutOfMemory, match="query_memory_limit"):
            third.execute("SELECT i FROM range(1000000) t(i) ORDER BY hash(i)")
        assert third.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("options, message", [("-c query_memory_limit=much", 'invalid value for parameter "query_memory_limit": "much"'), ("-c query_memory_limit", "an option is -c name=value"), ("-x", "an option is")])
def test_bad_start_up_options(own_server, options, message):
    server = own_server("--threads", "2")
    with pytest.raises(psycopg.OperationalError, match=message):
        server.connect(options=options)
    with server.connect(options="-c application_name=a\\ b --statement-timeout=5min") as connection:
        assert connection.execute("SHOW application_name").fetchone() == ("a b",)
        assert connection.execute("SHOW statement_timeout").fetchone() == ("5min",)
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="cannot be set after connection start"):
            connection.execute("SET query_memory_limit = '1GB'")
