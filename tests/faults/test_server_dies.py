"""pgduck_server dies while rows stream out or a transaction is open, and statements that are cancelled stop in it too."""

import threading

import psycopg
import pytest

from lake_harness.home import wait_for


def test_killed_while_rows_stream_out(home, pg):
    pg.execute("CREATE TABLE t USING iceberg AS SELECT i AS a, repeat('x', 100) AS b FROM generate_series(1, 300000) i")
    pg.execute("BEGIN")
    pg.execute("DECLARE c CURSOR FOR SELECT * FROM t")
    assert len(pg.execute("FETCH 10 FROM c").fetchall()) == 10
    home.kill_server()
    with pytest.raises(psycopg.Error) as failure:
        pg.execute("FETCH ALL FROM c").fetchall()
    assert failure.value.sqlstate.startswith(("08", "57", "58")), failure.value
    pg.execute("ROLLBACK")
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (300000,)


def test_killed_in_a_transaction_that_wrote(home, pg):
    """The change log survives in the backend, the data files in storage: the transaction may go on or fail, not lie."""
    pg.execute("CREATE TABLE t (a int) USING iceberg")
    pg.execute("BEGIN")
    pg.execute("INSERT INTO t SELECT generate_series(1, 1000)")
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (1000,)
    home.kill_server()
    home.wait_for_server()
    try:
        pg.execute("INSERT INTO t VALUES (0)")
        pg.execute("COMMIT")
        expected = 1001
    except psycopg.Error:
        pg.execute("ROLLBACK")
        expected = 0
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (expected,)


@pytest.mark.parametrize("how", ["pg_cancel_backend", "statement_timeout"])
def test_cancel_reaches_the_server(home, pg, engine, how):
    """A cancelled statement stops in the server too."""
    pg.execute("CREATE TABLE t USING iceberg AS SELECT generate_series(1, 20000) AS a")
    slow = "SELECT count(*) FROM t x, t y, t z WHERE x.a + y.a + z.a = 7"
    if how == "statement_timeout":
        pg.execute("SET statement_timeout = '500ms'")
    else:
        pid = pg.info.backend_pid
        timer = threading.Timer(0.5, lambda: home.sql("SELECT pg_cancel_backend(%s)", pid))
        timer.start()
    with pytest.raises(psycopg.errors.QueryCanceled):
        pg.execute(slow)
    pg.execute("SET statement_timeout = 0")
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (20000,)

    def idle():
        rows = engine.execute("SELECT query FROM pg_lake_stat_activity()").fetchall()
        return not any("lake_scan" in (row[0] or "") and "stat_activity" not in row[0] for row in rows)
    wait_for(idle, "the server to stop the cancelled query")
