"""Cancel, timeouts, clients that disappear or do not read."""

import struct
import threading
import time

import psycopg
import pytest

LONG_QUERY = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 3"


def running(server):
    with server.connect() as connection:
        return [row[0] for row in connection.execute("SELECT query FROM pg_lake_stat_activity()").fetchall()]


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("query", [LONG_QUERY, "SELECT pg_lake_sleep(60)", f"COPY ({LONG_QUERY}) TO STDOUT (FORMAT binary)"])
def test_cancel(server, connection, query):
    def cancel():
        wait_until(lambda: query in running(server))
        connection.cancel_safe()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(psycopg.errors.QueryCanceled, match="INTERRUPT Error: Interrupted"):
        if query.startswith("COPY"):
            with connection.cursor().copy(query) as copy:
                list(copy)
        else:
            connection.execute(query)
    thread.join()
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_cancel_of_an_idle_session_does_nothing(connection):
    for _ in range(20):
        connection.cancel_safe()
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_cancel_needs_the_key(server, connection):
    with server.raw() as raw:
        raw.sendall(struct.pack("!iiII", 16, 80877102, connection.info.backend_pid, 12345))
        assert raw.recv(1) == b""
    assert connection.execute("SELECT pg_lake_sleep(0.2)").fetchone() == (True,)


def test_cancel_while_rows_are_sent(connection):
    with pytest.raises(psycopg.errors.QueryCanceled):
        for number, _ in enumerate(connection.cursor().stream("SELECT * FROM range(2000000000)")):
            if number == 100:
                connection.cancel_safe()
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_statement_timeout(server):
    with server.connect() as connection:
        connection.execute("SET statement_timeout = '200ms'")
        with pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"):
            connection.execute(LONG_QUERY)
        with pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"):
            connection.execute("SELECT pg_lake_sleep(%s)", (60,))
        assert connection.execute("SELECT pg_lake_sleep(0.01)").fetchone() == (True,)
        connection.execute("SET statement_timeout = 0")
        assert connection.execute("SELECT pg_lake_sleep(0.4)").fetchone() == (True,)
        with pytest.raises(psycopg.Error, match="statement_timeout"):
            connection.execute("SET statement_timeout = 'soon'")


def test_a_client_that_leaves_stops_its_query(server):
    connection = server.connect()
    connection.pgconn.send_query(LONG_QUERY.encode())
    wait_until(lambda: LONG_QUERY in running(server))
    connection.pgconn.finish()
    wait_until(lambda: LONG_QUERY not in running(server), seconds=5)


def test_a_client_that_does_not_read_holds_back_its_query_and_can_leave(server):
    query = "SELECT repeat('z', 1000) FROM range(1000000000)"
    connection = server.connect()
    connection.pgconn.send_query(query.encode())
    wait_until(lambda: query in running(server))
    time.sleep(0.5)
    assert query in running(server)
    connection.pgconn.finish()
    wait_until(lambda: query not in running(server), seconds=5)


def test_progress_of_a_running_query(server):
    connection = server.connect()
    connection.pgconn.send_query(LONG_QUERY.encode())
    wait_until(lambda: LONG_QUERY in running(server))
    with server.connect() as other:
        rows = other.execute("SELECT * FROM pg_lake_query_progress(%s)", (connection.info.backend_pid,)).fetchall()
        assert len(rows) == 1 and rows[0][0] >= -1
        assert other.execute("SELECT * FROM pg_lake_query_progress(1)").fetchall() == []
    connection.pgconn.finish()
