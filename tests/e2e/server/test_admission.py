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
    server = own_server("--threads", "2", "--memory_limit", "250MB")
    statements = [Running(server, LISTS) for _ in range(3)]
    assert [statement.result() for statement in statements] == [[(6_000_000,)]] * 3


def test_what_runs_out_of_memory_alone_fails(own_server):
    server = own_server("--threads", "2", "--memory_limit", "100MB")
    with server.connect() as connection:
        with pytest.raises(psycopg.errors.OutOfMemory):
            connection.execute("SELECT len(list(i)) FROM range(60000000) t(i)")
        assert connection.execute("SELECT 1").fetchone() == (1,)
