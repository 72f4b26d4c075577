"""A DELETE whose condition is met by all rows of a data file drops the file without reading it (DML-3): the files are not even there."""

import os
from contextlib import contextmanager

import pytest


@contextmanager
def away(*paths):
    """The files are not there meanwhile. (Older snapshots need them afterwards.)"""
    for path in paths:
        os.rename(path, path + ".away")
    yield
    for path in paths:
        os.rename(path + ".away", path)


@pytest.fixture
def days(pg):
    """Three data files, a day each; gives their local paths."""
    pg.execute("CREATE TABLE t (id int, day date, note text COLLATE \"C\", at timestamptz) USING iceberg")
    for day in (1, 2, 3):
        pg.execute(f"INSERT INTO t SELECT i, '2026-01-0{day}', 'note {day}', timestamptz '2026-01-0{day} 00:00:00+00' + i * interval '1 minute' "
                   f"FROM generate_series(1, 100) i")
    rows = pg.execute("SELECT path FROM lake_iceberg.find_all_referenced_files((SELECT metadata_location FROM iceberg_tables "
                      "WHERE table_namespace = current_schema() AND table_name = 't')) AS f(path) WHERE path LIKE '%.parquet'").fetchall()
    return sorted((row[0].removeprefix("file://") for row in rows), key=os.path.getmtime)


CONDITIONS = ["day = '2026-01-02'", "day > '2026-01-01' AND day < '2026-01-03'", "'2026-01-02' = day AND id IS NOT NULL", "note = 'note 2'",
              "note >= 'note 2' AND note < 'note 3'", "at >= '2026-01-02 00:00:00+00' AND at < '2026-01-03 00:00:00+00'",
              "day = '2026-01-02' AND id BETWEEN 1 AND 100"]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_file_goes_unread(pg, days, condition):
    with away(days[1]):
        assert pg.execute(f"DELETE FROM t WHERE {condition}").rowcount == 100
    assert pg.execute("SELECT count(*), min(day), max(day) FROM t").fetchone()[0] == 200


def test_all_files_go_unread(pg, days):
    with away(*days):
        assert pg.execute("DELETE FROM t").rowcount == 300
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_only_rows_that_are_there_count(pg, days):
    pg.execute("DELETE FROM t WHERE day = '2026-01-02' AND id % 4 = 0")
    pg.execute("BEGIN")
    assert pg.execute("DELETE FROM t WHERE day = '2026-01-02' AND id % 4 = 1").rowcount == 25
    assert pg.execute("DELETE FROM t WHERE day <= '2026-01-02' AND id <= 100").rowcount == 150
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (100,)
    assert pg.execute("INSERT INTO t VALUES (1, '2026-01-01'), (NULL, '2026-01-01'), (3, NULL)").rowcount == 3
    assert pg.execute("DELETE FROM t WHERE day = '2026-01-01'").rowcount == 2
    assert pg.execute("DELETE FROM t WHERE day < '2027-01-01'").rowcount == 100
    pg.execute("COMMIT")
    assert pg.execute("SELECT id, day FROM t").fetchall() == [(3, None)]


@pytest.mark.parametrize("condition", ["day = '2026-01-02' AND id <> 7", "day = '2026-01-02' AND id < 100", "day = '2026-01-02' OR id = 1",
                                       "day + 1 = '2026-01-03' AND id > 10"])
def test_other_conditions_read(pg, days, condition):
    wanted = pg.execute(f"SELECT count(*) FROM t WHERE {condition}").fetchone()[0]
    assert pg.execute(f"DELETE FROM t WHERE {condition}").rowcount == wanted
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (300 - wanted,)
