"""lake.pg_stat_lake_queries, lake.pg_stat_progress_lake_queries, and what auto_explain shows."""

import threading
import time

import psycopg
import pytest

from lake_harness.home import wait_for

COUNTED = """SELECT part, relid::regclass::text, calls, rows, link_bytes > 0, engine_time > 0, local_time >= 0, not_shipped FROM lake.pg_stat_lake_queries
             WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY part, calls, rows"""


@pytest.fixture
def counted(home, pg):
    with home.connect() as superuser:
        superuser.execute("SELECT lake.stat_lake_queries_reset()")
    pg.execute("CREATE TABLE t USING iceberg AS SELECT i, 'name ' || i AS name FROM generate_series(1, 100) i")
    pg.execute("SELECT lake.stat_lake_queries_reset()")
    return pg


def test_parts_are_counted(counted):
    for limit in 3, 4:
        counted.execute(f"SELECT i, name FROM t WHERE i < {limit}")
    counted.execute("DELETE FROM t WHERE i > 90")
    counted.execute("SELECT name FROM t WHERE name ~ ('^' || name)")
    table = counted.execute("SELECT 't'::regclass::text").fetchone()[0]
    query, change, scan = [[row for row in counted.execute(COUNTED).fetchall() if row[0] == part] for part in ("query", "modification", "scan")]
    assert query == [("query", None, 2, 5, True, True, True, None)]
    assert change == [("modification", table, 1, 10, False, True, True, None)]
    assert [row[:5] for row in scan] == [("scan", table, 1, 90, True)] and "Operator: pg_catalog" in scan[0][7]


def test_refusals(counted):
    for _ in range(3):
        counted.execute("SELECT name FROM t WHERE name ~ ('^' || name)")
    counted.execute("SELECT i FROM t WHERE name ~ name")
    rows = counted.execute("SELECT reason, queries, calls FROM lake.pg_stat_lake_refusals").fetchall()
    assert [(queries, calls) for reason, queries, calls in rows if reason.startswith("Operator: pg_catalog")] == [(2, 4)], rows


def test_who_sees_what(home, counted):
    counted.execute("SELECT name FROM t WHERE name ~ ('^' || name)")
    home.sql("DROP ROLE IF EXISTS stat_reader")
    home.sql("CREATE ROLE stat_reader LOGIN")
    try:
        with home.connect(user="stat_reader") as reader:
            rows = reader.execute("SELECT queryid, not_shipped FROM lake.pg_stat_lake_queries").fetchall()
            assert rows and all(row == (None, "<insufficient privilege>") for row in rows)
            with pytest.raises(Exception, match="permission denied for function stat_lake_queries_reset"):
                reader.execute("SELECT lake.stat_lake_queries_reset()")
    finally:
        home.sql("DROP ROLE stat_reader")


def test_off_counts_nothing(counted):
    counted.execute("SET pg_lake_engine.track_queries = off")
    counted.execute("SELECT i FROM t")
    assert counted.execute(COUNTED).fetchall() == []


def test_explain_alone_counts_nothing(counted):
    counted.execute("EXPLAIN SELECT i FROM t")
    assert counted.execute(COUNTED).fetchall() == []
    counted.execute("EXPLAIN ANALYZE SELECT i FROM t")
    assert counted.execute(COUNTED).fetchone()[2:4] == (1, 100)


def test_entries_are_bounded(counted):
    """There is always room for the latest; those that were used least go."""
    counted.execute("SELECT i FROM t; SELECT i FROM t; SELECT i FROM t")
    for columns in range(1, 1100):
        counted.execute("SELECT " + ", ".join(["i"] * (columns % 60 + 1)) + ", 1" * (columns // 60) + " FROM t WHERE i = 1")
    count, most = counted.execute("SELECT count(*), max(calls) FROM lake.pg_stat_lake_queries").fetchone()
    assert 900 < count <= 1000 and most == 3


def test_auto_explain_shows_the_users_query(home):
    """PLAN-14: and nothing of what is said to the server or looked up in our catalogs."""
    with home.connect() as pg:
        pg.execute("LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on; SET client_min_messages = log")
        pg.execute("SET auto_explain.log_nested_statements = on")
        pg.execute("CREATE TABLE explained USING iceberg AS SELECT 1 AS a")
        messages = []
        pg.add_notice_handler(lambda notice: messages.append(notice.message_primary))
        pg.execute("SELECT sum(a) FROM explained")
        pg.execute("INSERT INTO explained VALUES (2)")
        pg.execute("DROP TABLE explained")
    texts = [line for message in messages for line in message.splitlines() if line.startswith("Query Text:")]
    assert texts == ["Query Text: SELECT sum(a) FROM explained", "Query Text: INSERT INTO explained VALUES (2)"], messages
    assert "READ_PARQUET" in messages[0] and "Storage Bytes Read" in messages[0]


def test_progress(home, pg):
    pg.execute("CREATE TABLE t USING iceberg AS SELECT i FROM generate_series(1, 5000) i")

    def run():
        with pytest.raises(psycopg.errors.QueryCanceled):
            pg.execute("SELECT count(*) FROM t a, t b, t c WHERE (a.i * b.i + c.i) % 7 = 3")

    thread = threading.Thread(target=run)
    thread.start()
    with home.connect() as other:
        rows, end = [], time.monotonic() + 30
        while not rows and time.monotonic() < end:
            rows = other.execute("SELECT datname, state, now() - engine_start < interval '1 minute', percentage BETWEEN 0 AND 100, rows_processed <= rows_total "
                                 "FROM lake.pg_stat_progress_lake_queries WHERE pid = %s", [pg.info.backend_pid]).fetchall()
        pg.cancel_safe()
        thread.join()
        assert rows and rows[0][:3] == (pg.info.dbname, "running", True) and rows[0][3] in (None, True) and rows[0][4] in (None, True), rows
        gone = "SELECT count(*) = 0 FROM lake.pg_stat_progress_lake_queries WHERE pid = %s"
        # the backend does not wait for the server to stop
        wait_for(lambda: other.execute(gone, [pg.info.backend_pid]).fetchone()[0], "the cancelled statement to be gone")
