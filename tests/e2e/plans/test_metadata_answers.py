"""What metadata answers without a file being opened, and what joins, ORDER BY and LIMIT leave unread."""

import pytest

AGGREGATES = "SELECT count(*), min(i), max(i), min(b), max(b), min(d), max(d), min(n), max(n), min(at), max(at) FROM {}"


def plan_of(pg, query, options="ANALYZE, VERBOSE, FORMAT json"):
    return pg.execute(f"EXPLAIN ({options}) {query}").fetchone()[0][0]["Plan"]


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def opens_files(pg, query):
    return any(node["Node Type"] == "READ_PARQUET" for node in nodes(plan_of(pg, query)))


@pytest.fixture
def twins(pg):
    """Files of ascending i on the lake table, and the same rows on heap."""
    for table, am in ("lake", "iceberg"), ("heap", "heap"):
        pg.execute(f"CREATE TABLE {table} (i int, b bigint, d date, n numeric(10, 2), at timestamp, t text, f float8) USING {am}")
    rows = """INSERT INTO {} SELECT i, -i, '2024-01-01'::date + i, i * 0.25 - 7, '2024-01-01'::timestamp + i * interval '1 hour',
              CASE WHEN i % 3 > 0 THEN 'a long text that bounds would cut ' || i END, i / 3.0 FROM generate_series({}, {}) i"""
    for first in range(1, 1001, 100):
        for table in "lake", "heap":
            pg.execute(rows.format(table, first, first + 99))
    return pg


def same_answers(pg, query):
    lake, heap = pg.execute(query.format("lake")).fetchall(), pg.execute(query.format("heap")).fetchall()
    assert lake == heap, query


def test_counts_and_extremes(twins):
    assert not opens_files(twins, AGGREGATES.format("lake"))
    same_answers(twins, AGGREGATES)
    # bounds of texts are cut, and zeros of floats have two signs
    assert opens_files(twins, "SELECT min(t) FROM lake") and opens_files(twins, "SELECT max(f) FROM lake")
    same_answers(twins, "SELECT min(t), max(t), min(f), max(f) FROM {}")


def test_filters_that_whole_files_pass(twins):
    assert not opens_files(twins, "SELECT count(*), max(b) FROM lake WHERE i > 300 AND i <= 800")
    assert opens_files(twins, "SELECT count(*) FROM lake WHERE i > 350")
    for bound in 300, 350, 0, 5000:
        same_answers(twins, f"SELECT count(*), min(d), max(b) FROM {{}} WHERE i > {bound}")


def test_inside_of_a_join(twins):
    query = "SELECT l.t FROM {0} l JOIN (SELECT max(i) AS last FROM {0}) m ON l.i = m.last"
    plan = plan_of(twins, query.format("lake"))
    assert plan["Data Files Scanned"] == 1 and plan["Data Files Skipped"] == 9
    same_answers(twins, query)


@pytest.mark.parametrize("change", ["DELETE FROM {} WHERE i % 10 IN (0, 1)", "DELETE FROM {} WHERE i > 950", "UPDATE {} SET i = i + 10000 WHERE i = 7",
                                    "INSERT INTO {} VALUES (-5, NULL, NULL, NULL, NULL, NULL, NULL)", "TRUNCATE {}",
                                    "ALTER TABLE {} ALTER i TYPE bigint", "ALTER TABLE {} DROP t; INSERT INTO {} (i) VALUES (5000)",
                                    "ALTER TABLE {} ADD late int DEFAULT 4; INSERT INTO {} (i, late) VALUES (0, -1)"])
def test_after_changes(twins, change):
    def compare():
        same_answers(twins, AGGREGATES)
        if "late" in change:
            same_answers(twins, "SELECT min(late), max(late), count(*) FROM {}")

    with twins.transaction(force_rollback=True):
        for table in "lake", "heap":
            twins.execute(change.format(table, table))
        compare()
    same_answers(twins, AGGREGATES)
    for table in "lake", "heap":
        twins.execute(change.format(table, table))
    compare()


def test_nulls_and_nothing(pg):
    for table, am in ("lake", "iceberg"), ("heap", "heap"):
        pg.execute(f"CREATE TABLE {table} (i int, b bigint, d date, n numeric(10, 2), at timestamp) USING {am}")
    same_answers(pg, AGGREGATES)
    for values in "(NULL, NULL, NULL, NULL, NULL)", "(2147483647, -9223372036854775808, '0001-01-01', 99999999.99, '9999-12-31')":
        for table in "lake", "heap":
            pg.execute(f"INSERT INTO {table} VALUES {values}")
        same_answers(pg, AGGREGATES)


def test_joins_prune(twins):
    twins.execute("CREATE TABLE few (i int); INSERT INTO few VALUES (150), (160)")
    for query in "SELECT lake.t FROM lake JOIN few USING (i)", "SELECT t FROM lake WHERE i IN (SELECT i FROM few)":
        plan = plan_of(twins, query)
        assert plan["Data Files Scanned"] == 1 and plan["Data Files Skipped"] == 9, plan


def test_limit_and_top_n_stop_early(pg):
    pg.execute("CREATE TABLE t (i int, wide text) USING iceberg")
    for first in range(0, 60000, 2000):
        pg.execute(f"INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series({first}, {first + 1999}) i")
    few = plan_of(pg, "SELECT wide FROM t LIMIT 5")
    assert few["Data Files Scanned"] < 20 and few["Data Files Scanned"] + few["Data Files Skipped"] == 30, few
    pg.execute("SET pg_lake_table.enable_full_query_pushdown = off")
    local = [node for node in nodes(plan_of(pg, "SELECT wide FROM t LIMIT 5")) if node.get("Custom Plan Provider") == "Lake Scan"][0]
    assert local["Data Files Scanned"] + local["Data Files Skipped"] == 30 and "Storage Bytes Read" in local


def row_groups_read(pg, query):
    """Of the scan below the top-N."""
    for node in nodes(plan_of(pg, query)):
        if node["Node Type"] == "TOP_N":
            return next(int(below["Row Groups Scanned"]) for below in nodes(node) if "Row Groups Scanned" in below)
    raise AssertionError(f"no top-N in the plan of {query}")


@pytest.mark.parametrize("order", ["i", "i DESC", "b DESC", "at DESC NULLS LAST", "n NULLS FIRST", "d DESC, i", "i DESC LIMIT 3 OFFSET 5 --"])
def test_top_n_reads_the_best_files_first(twins, order):
    """Two threads take the first two files."""
    assert row_groups_read(twins, f"SELECT * FROM lake ORDER BY {order} LIMIT 3") <= 2
    same_answers(twins, f"SELECT * FROM {{}} ORDER BY {order} LIMIT 3")


def test_top_n_finds_nulls_and_nans_wherever_they_are(twins):
    for table in "lake", "heap":
        twins.execute(f"INSERT INTO {table} (i, f) VALUES (NULL, 'NaN'), (NULL, 1e300)")
        twins.execute(f"INSERT INTO {table} SELECT FROM generate_series(1, 3)")
    for key in "i", "f", "t":
        for direction in "", " DESC", " NULLS FIRST", " DESC NULLS LAST":
            same_answers(twins, f"SELECT {key}::text FROM {{0}} ORDER BY {{0}}.{key}{direction} LIMIT 4 OFFSET 2")
    twins.execute("BEGIN; DELETE FROM lake WHERE i > 950; DELETE FROM heap WHERE i > 950")
    same_answers(twins, "SELECT * FROM {} WHERE i IS NOT NULL ORDER BY i DESC LIMIT 7")
    twins.execute("INSERT INTO lake (i) VALUES (2000); INSERT INTO heap (i) VALUES (2000)")
    same_answers(twins, "SELECT * FROM {} ORDER BY i DESC NULLS LAST LIMIT 7")
    twins.execute("ROLLBACK")
