"""ANALYZE: statistics from a sample that the server draws, sizes from metadata."""

import pytest
from lake_harness.home import wait_for

ROWS = """SELECT i AS id, i % 20 AS few, CASE WHEN i % 4 = 0 THEN NULL ELSE 'name ' || i % 5000 END AS name, (i * 0.5)::numeric(12, 2) AS v,
                 '2024-01-01'::date + i / 500 AS d, NULL::interval AS nothing FROM generate_series(1, 100000) i"""
STATISTICS = """SELECT attname, null_frac, avg_width, n_distinct, correlation, histogram_bounds::text::text[] AS bounds, most_common_vals::text::text[] AS common
                FROM pg_stats WHERE schemaname = current_schema AND tablename = %s ORDER BY attname"""


def statistics(pg, table):
    rows = pg.execute(STATISTICS, [table]).fetchall()
    return {row[0]: row[1:] for row in rows}


def size(pg, table):
    return pg.execute("SELECT reltuples, relpages FROM pg_class WHERE oid = %s::regclass", [table]).fetchone()


@pytest.fixture
def twins(pg):
    pg.execute(f"CREATE TABLE lake USING iceberg AS {ROWS}")
    pg.execute(f"CREATE TABLE heap AS {ROWS}")
    return pg


def test_statistics_are_those_of_heap(twins):
    twins.execute("ANALYZE lake, heap")
    lake, heap = statistics(twins, "lake"), statistics(twins, "heap")
    assert lake.keys() == heap.keys() == {"id", "few", "name", "v", "d", "nothing"}
    for column, (null_frac, width, n_distinct, correlation, bounds, _common) in heap.items():
        got = lake[column]
        assert got[0] == pytest.approx(null_frac, abs=0.02), column
        assert got[1] == width, column
        assert got[2] == pytest.approx(n_distinct, rel=0.1), column
        if correlation is not None:
            assert got[3] == pytest.approx(correlation, abs=0.1), column
        assert (got[4] is None) == (bounds is None), column
    assert int(lake["id"][4][0]) < 1000 and int(lake["id"][4][-1]) > 99000
    assert size(twins, "lake")[0] == 100000
    assert size(twins, "lake")[1] > 1


def test_columns_and_their_targets(twins):
    twins.execute("ALTER TABLE lake ALTER few SET STATISTICS 5")
    twins.execute("ALTER TABLE lake ALTER d SET STATISTICS 300")
    twins.execute("ANALYZE lake (few, d)")
    got = statistics(twins, "lake")
    assert got.keys() == {"few", "d"}
    assert len(got["few"][5] or []) <= 5
    assert len(got["d"][4] or []) + len(got["d"][5] or []) > 150


def test_uncommitted_rows_count(pg):
    pg.execute("CREATE TABLE t USING iceberg AS SELECT i, 'old' AS what FROM generate_series(1, 1000) i")
    with pg.transaction(force_rollback=True):
        pg.execute("DELETE FROM t WHERE i <= 900")
        pg.execute("INSERT INTO t SELECT i, 'new' FROM generate_series(1001, 1300) i")
        pg.execute("ANALYZE t")
        assert size(pg, "t")[0] == 400
        assert statistics(pg, "t")["what"][5] == ["new", "old"]
    with pg.transaction(force_rollback=True):
        pg.execute("TRUNCATE t")
        pg.execute("INSERT INTO t VALUES (1, 'only')")
        pg.execute("ANALYZE t")
        assert size(pg, "t")[0] == 1


def test_partitions_of_both_kinds_weigh_what_they_hold(pg):
    pg.execute("CREATE TABLE parts (id int, k int) PARTITION BY RANGE (id)")
    pg.execute("CREATE TABLE part_lake PARTITION OF parts FOR VALUES FROM (0) TO (100000) USING iceberg")
    pg.execute("CREATE TABLE part_heap PARTITION OF parts FOR VALUES FROM (100000) TO (150000)")
    pg.execute("INSERT INTO parts SELECT i, i % 7 FROM generate_series(0, 149999) i")
    pg.execute("ANALYZE parts")
    assert size(pg, "parts")[0] == 150000
    bounds = [int(bound) for bound in statistics(pg, "parts")["id"][4]]
    assert bounds[0] < 20000 and bounds[-1] > 140000 and any(bound < 100000 for bound in bounds[1:])
    assert statistics(pg, "part_lake")["k"][2] == 7


def test_vacuum_analyze_and_verbose(pg):
    pg.execute("CREATE TABLE t USING iceberg AS SELECT i FROM generate_series(1, 500) i")
    pg.execute("VACUUM (ANALYZE) t")
    assert size(pg, "t")[0] == 500
    notices = []
    pg.add_notice_handler(lambda notice: notices.append(notice.message_primary))
    pg.execute("ANALYZE VERBOSE t")
    assert any("500 live rows and 0 dead rows; 500 rows in sample, 500 estimated total rows" in text for text in notices), notices


@pytest.mark.no_readers  # DuckDB's own takes the columns for its virtual ones
def test_odd_tables(pg):
    pg.execute("CREATE TABLE empty (a int) USING iceberg")
    pg.execute("ANALYZE empty")
    assert size(pg, "empty") == (0, 0)
    pg.execute("CREATE TABLE named (file_index int, \"File_Row_Number\" text, span interval) USING iceberg")
    pg.execute("INSERT INTO named VALUES (1, 'x', '1 day'), (2, 'y', '2 days')")
    pg.execute("ANALYZE named")
    assert statistics(pg, "named")["span"][4] == ["1 day", "2 days"]
    pg.execute("DROP TABLE named")


def test_large_tables_are_not_read_whole(home, pg):
    pg.execute("CREATE TABLE t (a bigint) USING iceberg")
    for i in range(40):
        pg.execute("INSERT INTO t SELECT i FROM generate_series(%s::bigint, %s::bigint) i", [i * 5000, i * 5000 + 4999])
    location = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = current_schema").fetchone()[0]
    with home.engine() as engine:
        rows = engine.execute(f"SELECT a FROM lake_scan('{location}', sample_rows := 50)").fetchall()
        scanned, skipped = engine.execute("SELECT data_files_scanned, data_files_skipped FROM lake_last_query()").fetchone()
        everything = engine.execute(f"SELECT a FROM lake_scan('{location}', sample_rows := 300000)").fetchall()
    assert 10 < len(rows) < 200 and len(set(rows)) == len(rows)
    assert scanned + skipped == 40
    assert max(rows)[0] - min(rows)[0] > 100000
    assert len(everything) == 200000


def test_autovacuum_analyzes(home):
    """Changes are counted, so that autovacuum sees them: rows of INSERT, of the set path and of the row path."""
    home.sql("CREATE TABLE counted (a int) USING iceberg")
    try:
        home.sql("ALTER SYSTEM SET autovacuum_naptime = 1")
        home.sql("SELECT pg_reload_conf()")
        home.sql("INSERT INTO counted SELECT i FROM generate_series(1, 1000) i")
        wait_for(lambda: home.sql("SELECT autoanalyze_count FROM pg_stat_all_tables WHERE relname = 'counted'")[0][0] > 0,
                 "an automatic ANALYZE", 90)
        assert home.sql("SELECT reltuples FROM pg_class WHERE relname = 'counted'")[0][0] == 1000
    finally:
        home.sql("ALTER SYSTEM RESET autovacuum_naptime")
        home.sql("SELECT pg_reload_conf()")
        home.sql("DROP TABLE counted")
