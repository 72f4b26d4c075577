"""Distinct values of columns: the statistics files that ANALYZE writes, and what becomes of them."""

import json
from pathlib import Path

import pytest

ROWS = "SELECT i AS id, i % 7000 AS many, 'n' || i % 50 AS few, NULL::int AS none, ARRAY[i] AS list FROM generate_series(1, 20000) i"


def metadata(pg, table="t"):
    location = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_name = %s AND table_namespace = current_schema", [table]).fetchone()[0]
    return json.loads(Path(location.removeprefix("file://")).read_text())


def counts(pg, table="t"):
    (entry,) = metadata(pg, table)["statistics"]
    return {blob["fields"][0]: int(blob["properties"]["ndv"]) for blob in entry["blob-metadata"]}


def distinct(pg, column, table="t"):
    return pg.execute("SELECT n_distinct FROM pg_stats WHERE schemaname = current_schema AND tablename = %s AND attname = %s", [table, column]).fetchone()[0]


def files(pg):
    """Statistics files that exist, after the cleaner was there."""
    pg.execute("SELECT lake_engine.flush_in_progress_queue()")
    directory = Path(metadata(pg)["location"].removeprefix("file://"))
    return sorted(f"file://{path}" for path in directory.glob("metadata/*.stats"))


def named(pg):
    return sorted(entry["statistics-path"] for entry in metadata(pg)["statistics"])


def groups(pg, column):
    """What PostgreSQL's planner takes for the number of groups."""
    pg.execute("SET pg_lake_table.enable_full_query_pushdown = off")
    plan = pg.execute(f"EXPLAIN (FORMAT json) SELECT DISTINCT {column} FROM t").fetchone()[0]
    return plan[0]["Plan"]["Plan Rows"]


@pytest.fixture
def table(pg):
    pg.execute(f"CREATE TABLE t USING iceberg AS {ROWS}")
    return pg


def test_analyze_writes_sketches_and_takes_their_counts(table):  # rule 77
    table.execute("ANALYZE t")
    got = counts(table)
    assert got.keys() == {1, 2, 3, 4}
    assert got[1] == pytest.approx(20000, rel=0.06)
    assert got[2] == pytest.approx(7000, rel=0.06)
    assert (got[3], got[4]) == (50, 0)
    assert distinct(table, "many") == pytest.approx(-got[2] / 20000)
    assert distinct(table, "few") == 50
    assert distinct(table, "none") == 0
    (entry,) = metadata(table)["statistics"]
    assert entry["snapshot-id"] == metadata(table)["current-snapshot-id"]
    assert len(metadata(table)["snapshots"]) == 1
    assert table.execute("SELECT * FROM lake.verify('t')").fetchall() == []
    assert files(table) == [entry["statistics-path"]]


def test_a_snapshot_has_one_file(table):  # rule 77
    table.execute("ANALYZE t")
    before = metadata(table)
    table.execute("ANALYZE t")
    assert metadata(table) == before
    table.execute("INSERT INTO t (id) VALUES (0)")
    table.execute("VACUUM ANALYZE t")
    assert len(metadata(table)["statistics"]) == 2


def test_limit_and_what_the_user_says(table):
    table.execute("ALTER TABLE t ALTER many SET (n_distinct = 77)")
    for limit, files in ((0, 0), (19999, 0), (20000, 1)):
        table.execute(f"SET pg_lake_iceberg.theta_sketch_row_limit = {limit}")
        table.execute("ANALYZE t")
        assert len(metadata(table)["statistics"]) == files
    assert distinct(table, "many") == 77


def test_it_is_part_of_the_transaction(table):
    with table.transaction(force_rollback=True):
        table.execute("ANALYZE t")
    assert files(table) == named(table) == []
    with table.transaction():
        with table.transaction(force_rollback=True):
            table.execute("ANALYZE t")
        table.execute("INSERT INTO t (id) VALUES (0)")
    assert files(table) == named(table) == []
    with table.transaction():
        table.execute("ANALYZE t")
        table.execute("INSERT INTO t (id) VALUES (1)")
    assert [entry["snapshot-id"] for entry in metadata(table)["statistics"]] == [metadata(table)["snapshots"][1]["snapshot-id"]]
    with table.transaction():
        table.execute("DELETE FROM t WHERE id = 1")
        table.execute("ANALYZE t")
    assert len(files(table)) == 1
    assert files(table) == named(table)


def test_others_commit_meanwhile(table, home, schema_name):
    with home.connect() as other, table.transaction():
        table.execute("ANALYZE t")
        other.execute(f"INSERT INTO {schema_name}.t (id) VALUES (0)")
        other.execute(f"INSERT INTO {schema_name}.t (id) VALUES (1)")
    first = metadata(table)["snapshots"][0]["snapshot-id"]
    assert [entry["snapshot-id"] for entry in metadata(table)["statistics"]] == [first]
    assert files(table) == named(table)
    assert table.execute("SELECT count(*) FROM t").fetchone() == (20002,)


def test_the_planner_asks_where_there_was_no_analyze(table):
    assert groups(table, "many") == 200
    table.execute("ANALYZE t")
    table.execute("DELETE FROM pg_statistic WHERE starelid = 't'::regclass")
    assert groups(table, "many") == pytest.approx(7000, rel=0.06)
    table.execute("INSERT INTO t (id) VALUES (0)")
    assert groups(table, "many") == pytest.approx(7000, rel=0.06)
    assert groups(table, "few") == 50
