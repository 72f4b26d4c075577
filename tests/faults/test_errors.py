"""Cancel, timeouts, a server that dies or is not there, storage that refuses: a clear error, a healthy backend, nothing lost."""

import os
import time

import psycopg
import pytest

from faults.storage_listing import check_clean_removes_orphans
from lake_harness.home import wait_for

pytestmark = pytest.mark.no_readers


def make_table(pg, rows=1000):
    pg.execute("CREATE TABLE t (id int, note text) USING iceberg")
    pg.execute(f"INSERT INTO t SELECT i, 'row ' || i FROM generate_series(1, {rows}) i")


def is_healthy(pg):
    return pg.execute("SELECT count(*) FROM t").fetchone()[0]


SLOW = "SELECT count(*) FROM t a, t b, t c, t d WHERE a.id + b.id + c.id + d.id < 0"


def test_statement_timeout(pg, home):
    make_table(pg)
    pg.execute("SET statement_timeout = '500ms'")
    begin = time.monotonic()
    with pytest.raises(psycopg.errors.QueryCanceled, match="canceling statement due to statement timeout"):
        pg.execute(SLOW)
    assert time.monotonic() - begin < 10
    pg.execute("RESET statement_timeout")
    assert is_healthy(pg) == 1000
    with home.engine() as engine:
        wait_for(lambda: engine.execute("SELECT count(*) FROM pg_lake_stat_activity() WHERE query LIKE '%lake_scan%' "
                                        "AND query NOT LIKE '%stat_activity%'").fetchone()[0] == 0,
                 "the server to stop the query", 5)


def test_cancel_of_an_insert(pg, home):
    make_table(pg, 10)
    pg.execute("SET statement_timeout = '1s'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        pg.execute("INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 100000000) i")
    pg.execute("RESET statement_timeout")
    assert is_healthy(pg) == 10
    check_clean_removes_orphans(home, f"{pg.execute('SELECT current_schema').fetchone()[0]}.t")


def test_server_dies_while_rows_stream_in(pg, home):
    make_table(pg, 10)
    with pg.cursor() as cursor:
        with pytest.raises(psycopg.OperationalError, match="lost connection to query engine"):
            with cursor.copy("COPY t FROM STDIN") as copy:
                for i in range(2000000):
                    copy.write_row((i, "x" * 50))
                    if i == 100000:
                        home.kill_server()
    home.wait_for_server()
    assert is_healthy(pg) == 10
    check_clean_removes_orphans(home, f"{pg.execute('SELECT current_schema').fetchone()[0]}.t")


def test_server_dies_between_statements(pg, home):
    make_table(pg, 10)
    old = home.kill_server()
    home.wait_for_server(other_than=old)
    assert is_healthy(pg) == 10


def test_lost_rows_of_a_transaction_cannot_commit(home, pg):
    """Rows that streamed to a dead server are lost: a savepoint that catches the error does not hide it."""
    make_table(pg, 1)
    schema = pg.execute("SELECT current_schema").fetchone()[0]
    with home.connect(autocommit=False) as connection:
        connection.execute(f"SET search_path = {schema}")
        connection.execute("INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i")
        home.kill_server()
        connection.execute("SAVEPOINT s")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT count(*) FROM t")
        connection.execute("ROLLBACK TO s")
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
    home.wait_for_server()
    assert is_healthy(pg) == 1


def test_wrong_server_address(home, pg):
    make_table(pg, 1)
    with home.connect() as connection:
        with pytest.raises(psycopg.errors.CantChangeRuntimeParam):
            connection.execute("SET pg_lake_engine.host = 'host=/nowhere port=1'")
        assert "port=" in connection.execute("SHOW pg_lake_engine.host").fetchone()[0]


def test_location_that_is_not_writable(home, pg):
    roots = home.sql("SHOW data_directory")[0][0] + "_lake"
    closed = f"{roots}/closed"
    os.makedirs(closed, exist_ok=True)
    os.chmod(closed, 0o000)
    if os.geteuid() == 0:
        os.chown(closed, 0, 0)
    try:
        with pytest.raises(psycopg.Error, match="(?i)permission denied") as error:
            pg.execute(f"CREATE TABLE t (a int) USING iceberg WITH (location = 'file://{closed}/t')")
        assert error.value.sqlstate == "42501"
    finally:
        os.chmod(closed, 0o755)
        os.rmdir(closed)


def test_location_that_is_not_empty(home, pg):
    make_table(pg, 1)
    location = pg.execute("SELECT location FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone()[0]
    with pytest.raises(psycopg.Error, match=f'location "{location}" is not empty'):
        pg.execute(f"CREATE TABLE u (a int) USING iceberg WITH (location = '{location}')")
    with pytest.raises(psycopg.Error, match="permission denied"):
        pg.execute("CREATE TABLE u (a int) USING iceberg WITH (location = 'file:///etc/lake')")
