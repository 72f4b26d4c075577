"""lake.changes(NULL::t, from, to): in which rows two snapshots differ, beside the two states compared in PostgreSQL."""

import random
from pathlib import Path

import psycopg
import pytest


def current(pg):
    return pg.execute("SELECT snapshot_id FROM lake.refs('t') WHERE name = 'main'").fetchone()[0]


def changes(pg, start, end=None):
    return sorted(pg.execute("SELECT change, before::text, after::text FROM lake.changes(NULL::t, %s, %s)", [start, end]).fetchall(), key=str)


def fill(pg, options=""):
    pg.execute(f"CREATE TABLE t (i int, gone int, a text, n numeric(8, 2), at interval, tags text[]) USING iceberg {options}")
    pg.execute("ALTER TABLE t DROP COLUMN gone")
    pg.execute("INSERT INTO t SELECT i, 'row ' || i, i / 3.0, i * interval '1 hour', ARRAY['x', NULL] FROM generate_series(1, 6) i")
    return current(pg)


def change(pg):
    pg.execute("INSERT INTO t VALUES (7, NULL, 7.5, NULL, '{}'), (7, NULL, 7.5, NULL, '{}')")
    pg.execute("UPDATE t SET a = 'changed', n = NULL WHERE i = 2")
    pg.execute("DELETE FROM t WHERE i = 3")
    pg.execute("UPDATE t SET a = a WHERE i = 4")
    return current(pg)


ROWS = {2: ('(2,"row 2",0.67,02:00:00,"{x,NULL}")', '(2,changed,,02:00:00,"{x,NULL}")'), 3: '(3,"row 3",1.00,03:00:00,"{x,NULL}")', 7: "(7,,7.50,,{})"}
PAIRED = [("delete", ROWS[3], None), ("insert", None, ROWS[7]), ("insert", None, ROWS[7]), ("update", *ROWS[2])]
UNPAIRED = [("delete", ROWS[2][0], None), ("delete", ROWS[3], None), ("insert", None, ROWS[2][1]), ("insert", None, ROWS[7]), ("insert", None, ROWS[7])]


def test_rows_without_identity(pg):
    first = fill(pg)
    last = change(pg)
    assert changes(pg, first, last) == sorted(UNPAIRED, key=str)
    assert changes(pg, first) == changes(pg, first, last)
    assert changes(pg, last, last) == []


@pytest.mark.parametrize("threshold", [0, 100], ids=["rewritten files", "deletion vectors"])
def test_rows_by_row_id(pg, threshold):
    """Rules 63 and 71: rows keep their ids through updates and rewritten files."""
    pg.execute(f"SET pg_lake_table.copy_on_write_threshold = {threshold}")
    first = fill(pg, "WITH (format_version = 3)")
    last = change(pg)
    assert changes(pg, first, last) == sorted(PAIRED, key=str)
    back = {"insert": "delete", "delete": "insert", "update": "update"}
    assert changes(pg, last, first) == sorted(((back[kind], after, before) for kind, before, after in PAIRED), key=str)


def test_rows_by_key(pg):
    first = fill(pg, "WITH (unique_key = 'i')")
    pg.execute("UPDATE t SET a = 'changed', n = NULL WHERE i = 2")
    pg.execute("DELETE FROM t WHERE i = 3")
    pg.execute("INSERT INTO t VALUES (7, NULL, 7.5, NULL, '{}')")
    assert changes(pg, first) == sorted([("delete", ROWS[3], None), ("insert", None, ROWS[7]), ("update", *ROWS[2])], key=str)


def test_from_nothing_and_to_nothing(pg):
    first = fill(pg)
    everything = [row[0] for row in pg.execute("SELECT t::text FROM t").fetchall()]
    assert changes(pg, None, first) == sorted((("insert", None, row) for row in everything), key=str)
    pg.execute("TRUNCATE t")
    assert changes(pg, first) == sorted((("delete", row, None) for row in everything), key=str)


def test_a_table_without_snapshots_has_no_changes(pg):
    pg.execute("CREATE TABLE t (i int) USING iceberg")
    assert changes(pg, None) == []


def test_only_files_that_differ_are_read(pg, home):
    first = fill(pg)
    files = [row[0] for row in pg.execute("SELECT file_path FROM lake.files('t')").fetchall()]
    pg.execute("INSERT INTO t VALUES (8, 'new', 8, NULL, NULL)")
    assert len(files) == 1
    path = Path(files[0].removeprefix("file://"))
    moved = path.rename(path.with_suffix(".moved"))
    try:
        assert changes(pg, first) == [("insert", None, "(8,new,8.00,,)")]
    finally:
        moved.rename(path)


def test_errors(pg):
    first = fill(pg)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="snapshot 1 does not exist"):
        changes(pg, 1, first)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="snapshot 2 does not exist"):
        changes(pg, first, 2)
    with pytest.raises(psycopg.errors.WrongObjectType, match="row type of an Iceberg table"):
        pg.execute("SELECT * FROM lake.changes(1, 2, 3)")


def test_random_histories(pg):
    """What the changes do to the first state gives the second, whatever happened between them."""
    chance = random.Random(7)
    pg.prepare_threshold = None  # each t is another type
    for options in ("", "WITH (format_version = 3)", "WITH (unique_key = 'i')", "WITH (format_version = 3, partition_by = 'bucket(3, i)')"):
        pg.execute("DROP TABLE IF EXISTS t")
        pg.execute(f"CREATE TABLE t (i int, a int) USING iceberg {options}")
        snapshots, states, next_id = [], [], 0
        for _ in range(12):
            what = chance.randrange(4)
            low = chance.randrange(40)
            if what == 0 or not snapshots:
                pg.execute("INSERT INTO t SELECT i, i %% 5 FROM generate_series(%s::int, %s::int) i", [next_id, next_id + 9])
                next_id += 10
            elif what == 1:
                pg.execute("UPDATE t SET a = a + 1 WHERE i BETWEEN %s AND %s", [low, low + 6])
            elif what == 2:
                pg.execute("DELETE FROM t WHERE i BETWEEN %s AND %s", [low, low + 3])
            else:
                pg.execute(f"SET pg_lake_table.copy_on_write_threshold = 0; UPDATE t SET a = -a WHERE i % 7 = {low % 7}; RESET pg_lake_table.copy_on_write_threshold")
            snapshots.append(current(pg))
            states.append(sorted(pg.execute("SELECT i, a FROM t").fetchall()))
        for _ in range(8):
            start, end = chance.randrange(len(snapshots)), chance.randrange(len(snapshots))
            state = list(states[start])
            for kind, old_i, old_a, new_i, new_a in pg.execute(
                    "SELECT change, (before).i, (before).a, (after).i, (after).a FROM lake.changes(NULL::t, %s, %s)", [snapshots[start], snapshots[end]]):
                if kind != "insert":
                    state.remove((old_i, old_a))
                if kind != "delete":
                    state.append((new_i, new_a))
                if options and kind == "update":
                    assert old_i == new_i and old_a != new_a
            assert sorted(state) == states[end]
