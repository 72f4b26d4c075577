"""lake.add_files(): Parquet files that pyarrow and DuckDB wrote become data files of a table of ours, where they are; PyIceberg reads them there."""

import datetime
import json
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from pyiceberg.table import StaticTable

DAY = datetime.datetime(2026, 1, 1)


@pytest.fixture
def place(home, schema_name):
    """A directory that the server may read, and no table owns."""
    path = home.home.pgdata.with_name("pgdata_lake") / "files" / schema_name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    yield path


def write(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return f"file://{path}"


def ints(*values):
    return pyarrow.array(values, pyarrow.int32())


def location(pg):
    return pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = current_schema() AND table_name = 't'").fetchone()[0]


def add(pg, url, more=""):
    return pg.execute(f"SELECT files, rows FROM lake.add_files('t', %s::text{'[]' if isinstance(url, list) else ''}{more})", [url]).fetchone()


def refuse(pg, url, message, more=""):
    with pytest.raises(psycopg.Error, match=message):
        add(pg, url, more)


def test_files_are_found_by_wildcards(pg, place):
    for name, number in [("a/x1.parquet", 1), ("a/x2.parquet", 2), ("a/y.parquet", 3), ("a/b/x3.parquet", 4), ("a/b/c/z.parquet", 5)]:
        write(place / name, id=ints(number), name=[f"n{number}"])
    (place / "a" / "readme.txt").write_text("no Parquet")
    pg.execute("CREATE TABLE t (id int, name text) USING iceberg")
    pg.execute("INSERT INTO t VALUES (0, 'ours')")
    assert add(pg, f"file://{place}/a/x?.parquet") == (2, 2)
    assert add(pg, f"file://{place}/a/b/**/*.parquet") == (2, 2)
    assert add(pg, [f"file://{place}/a/[yz].parquet"]) == (1, 1)
    assert pg.execute("SELECT id, name FROM t ORDER BY id").fetchall() == [(0, "ours"), *[(n, f"n{n}") for n in range(1, 6)]]
    refuse(pg, f"file://{place}/a/", "already")
    refuse(pg, f"file://{place}/nothing/*.parquet", "no file matches")
    assert pg.execute("SELECT count(*) FROM lake_table.files WHERE table_name = 't'::regclass AND path LIKE %s", [f"file://{place}/%"]).fetchone() == (5,)
    pg.execute("DELETE FROM t WHERE id IN (1, 4)")
    pg.execute("UPDATE t SET name = 'changed' WHERE id = 5")
    assert pg.execute("SELECT id, name FROM t ORDER BY id").fetchall() == [(0, "ours"), (2, "n2"), (3, "n3"), (5, "changed")]


def test_name_mapping_is_written(pg, place):
    """Rules 4 and 5: files without field ids are read by names, nested ones too."""
    pg.execute("CREATE TYPE place AS (street text, number int)")
    pg.execute("CREATE TABLE t (id int, tags text[], place place) USING iceberg")
    struct = pyarrow.struct([("street", pyarrow.string()), ("number", pyarrow.int32())])
    add(pg, write(place / "a.parquet", id=ints(1, 2), tags=[["x", "y"], None], place=pyarrow.array([{"street": "main", "number": 7}, None], struct)))
    assert pg.execute("SELECT id, tags, (place).street FROM t ORDER BY id").fetchall() == [(1, ["x", "y"], "main"), (2, None, None)]
    mapping = json.loads(StaticTable.from_metadata(location(pg)).properties["schema.name-mapping.default"])
    assert [(field["names"], len(field.get("fields", []))) for field in mapping] == [(["id"], 0), (["tags"], 1), (["place"], 2)]
    pg.execute("ALTER TABLE t RENAME id TO number")
    assert pg.execute("SELECT sum(number) FROM t").fetchone() == (3,), "old names go on pointing at their columns"
    add(pg, write(place / "b.parquet", number=ints(3)))
    assert pg.execute("SELECT sum(number) FROM t").fetchone() == (6,), "and new ones too"
    pg.execute("ALTER TABLE t ADD id int")
    refuse(pg, write(place / "c.parquet", id=ints(4)), 'name "id" stands for another column')


def test_counts_and_bounds_come_from_footers(pg, place):
    """Rules 25 to 29: bounds hold all values, strings are cut, and what a footer does not say is unknown."""
    columns = {"i": ints(3, None, 1), "l": [2**40, 5, 7], "d": [1.5, -0.5, None], "n": pyarrow.array([Decimal("1.50"), Decimal("-2.25"), None], pyarrow.decimal128(9, 2)),
               "dt": pyarrow.array([1, 2, 3], pyarrow.date32()), "ts": pyarrow.array([1, 2, 3000], pyarrow.timestamp("ms")),
               "tz": pyarrow.array([1, 2, 3], pyarrow.timestamp("us", "UTC")), "s": ["a" * 30, "é", "z" * 30], "b": [True, False, None],
               "x": [b"\x00", b"\xff" * 20, None]}
    pg.execute("CREATE TABLE t (i int, l bigint, d float8, n numeric(9,2), dt date, ts timestamp, tz timestamptz, s text, b bool, x bytea) USING iceberg")
    assert add(pg, write(place / "a.parquet", **columns)) == (1, 3)
    entry = next(iter(StaticTable.from_metadata(location(pg)).scan().plan_files())).file
    assert entry.record_count == 3 and entry.value_counts[1] == 3 and entry.null_value_counts[1] == 1 and entry.null_value_counts[2] == 0
    assert entry.lower_bounds[1] == (1).to_bytes(4, "little") and entry.upper_bounds[1] == (3).to_bytes(4, "little")
    assert entry.lower_bounds[8] == b"a" * 16 and entry.upper_bounds[8] == "é".encode()
    assert 10 not in (entry.upper_bounds or {}) or entry.upper_bounds[10] > b"\xff" * 20
    assert pg.execute("SELECT min(i), max(l), min(d), min(n), max(ts), count(*) FROM t").fetchone() == (
        1, 2**40, -0.5, Decimal("-2.25"), datetime.datetime(1970, 1, 1, 0, 0, 3), 3)
    for condition, found in [("i > 3", 0), ("l = 5", 1), ("s = 'é'", 1), ("s LIKE 'zz%'", 1), ("dt = '1970-01-03'", 1), ("n < -2", 1), ("x = '\\x00'", 1)]:
        assert pg.execute(f"SELECT count(*) FROM t WHERE {condition}").fetchone() == (found,), condition


def test_files_of_duckdb(pg, place):
    duckdb.sql(f"COPY (SELECT i::int AS id, 'v' || i AS name, (i % 2 = 0) AS even FROM range(100000) t(i)) TO '{place}/d.parquet' (FORMAT parquet, ROW_GROUP_SIZE 20000)")
    pg.execute("CREATE TABLE t (id int, name text, even bool, later int) USING iceberg")
    assert add(pg, f"file://{place}/d.parquet") == (1, 100000)
    assert pg.execute("SELECT count(*), sum(id), count(later), min(id), max(id) FROM t WHERE even").fetchone() == (50000, 2499950000, 0, 0, 99998)


def test_a_rollback_takes_them_back(pg, place):
    url = write(place / "a.parquet", id=ints(1))
    pg.execute("CREATE TABLE t (id int) USING iceberg")
    before = location(pg)
    with pytest.raises(ZeroDivisionError), pg.transaction():
        assert add(pg, url) == (1, 1)
        pg.execute("INSERT INTO t VALUES (2)")
        assert pg.execute("SELECT count(*) FROM t").fetchone() == (2,)
        refuse_in_savepoint(pg, url)
        raise ZeroDivisionError
    assert location(pg) == before and pg.execute("SELECT count(*) FROM t").fetchone() == (0,)
    with pg.transaction():
        pg.execute("INSERT INTO t VALUES (2)")
        add(pg, url)
        pg.execute("DELETE FROM t WHERE id = 1")
        add(pg, write(place / "b.parquet", id=ints(3, 4)))
    assert pg.execute("SELECT id FROM t ORDER BY id").fetchall() == [(2,), (3,), (4,)]
    assert Path(url.removeprefix("file://")).exists()


def refuse_in_savepoint(pg, url):
    with pytest.raises(psycopg.Error, match="already"), pg.transaction():
        add(pg, url)


@pytest.mark.parametrize("version", [2, 3])
def test_partitions_are_inferred(pg, place, version):
    """Rules 17 and 22: every file is of one partition, known from its bounds."""
    pg.execute(f"CREATE TABLE t (id int, region text, at timestamp) USING iceberg WITH (partition_by = 'region, day(at), bucket(4, id)', format_version = {version})")

    def file(name, ids, regions, hours):
        return write(place / f"{name}.parquet", id=ints(*ids), region=regions,
                     at=pyarrow.array([None if hour is None else DAY + datetime.timedelta(hours=hour) for hour in hours], pyarrow.timestamp("us")))
    assert add(pg, file("a", [7, 7], ["eu", "eu"], [1, 23])) == (1, 2)
    assert add(pg, file("nulls", [7], pyarrow.array([None], pyarrow.string()), [None])) == (1, 1)
    refuse(pg, file("b", [7, 7], ["eu", "us"], [1, 1]), 'values of column "region", from eu to us')
    refuse(pg, file("c", [7, 7], ["eu", "eu"], [1, 24]), 'values of column "at"')
    refuse(pg, file("d", [7, 8], ["eu", "eu"], [1, 1]), 'values of column "id", from 7 to 8')
    refuse(pg, file("e", [7, 7], ["eu", None], [1, 1]), "null and other values")
    pg.execute("INSERT INTO t VALUES (7, 'eu', '2026-01-01 12:00'), (8, 'us', '2026-01-02')")
    assert pg.execute("SELECT partition->>'region', partition->>'at_day', record_count FROM lake.partitions('t') ORDER BY 1, 2").fetchall() == [
        ("eu", "2026-01-01", 3), ("us", "2026-01-02", 1), (None, None, 1)]
    assert pg.execute("SELECT count(*) FROM t WHERE region = 'eu' AND at < '2026-01-02' AND id = 7").fetchone() == (3,)
    assert pg.execute("SELECT count(*) FROM t WHERE region IS NULL").fetchone() == (1,)


@pytest.mark.no_readers  # DuckDB reads the files without their paths' values
def test_partitions_of_hive(pg, place):
    """Rule 4: the value of an identity partition stands for a column that the file does not have."""
    for region, number in [("eu", 1), ("us%20east", 2), ("__HIVE_DEFAULT_PARTITION__", 3)]:
        write(place / f"region={region}" / "year=2025" / "f.parquet", id=ints(number))
    pg.execute("CREATE TABLE t (id int, region text, year int) USING iceberg WITH (partition_by = 'region, year')")
    assert add(pg, f"file://{place}/", ", hive_partitioning => true") == (3, 3)
    assert pg.execute("SELECT id, region, year FROM t ORDER BY id").fetchall() == [(1, "eu", 2025), (2, "us east", 2025), (3, None, 2025)]
    assert pg.execute("SELECT id FROM t WHERE region = 'us east'").fetchall() == [(2,)]
    pg.execute("UPDATE t SET id = 20 WHERE region = 'us east'")
    assert pg.execute("SELECT id, region FROM t WHERE year = 2025 AND id > 10").fetchall() == [(20, "us east")]
    pg.execute("DROP TABLE t")


def test_what_cannot_be_added(home, pg, place):
    pg.execute("CREATE TABLE t (id int NOT NULL, at timestamp, name text) USING iceberg")
    stamp = pyarrow.array([1], pyarrow.timestamp("us"))
    refuse(pg, write(place / "a.parquet", id=["x"]), "column \"id\" of type VARCHAR, which cannot be read as int")
    refuse(pg, write(place / "b.parquet", id=pyarrow.array([1], pyarrow.int64())), "BIGINT, which cannot be read as int")
    refuse(pg, write(place / "c.parquet", id=ints(1), other=ints(1)), 'the table has no column "other"')
    refuse(pg, write(place / "d.parquet", ID=ints(1)), 'the table has no column "ID"')
    refuse(pg, write(place / "e.parquet", at=stamp), 'no column "id", which must not be null')
    refuse(pg, write(place / "f.parquet", id=ints(None)), "has null values")
    refuse(pg, write(place / "g.parquet", id=ints(1), at=stamp.cast(pyarrow.timestamp("us", "UTC"))), "which cannot be read as timestamp")
    refuse(pg, write(place / "h.parquet", id=ints(1), at=stamp.cast(pyarrow.timestamp("ns"))), "TIMESTAMP_NS, which cannot be read as timestamp")
    (place / "text.parquet").write_text("this is no Parquet file, whatever it is called")
    refuse(pg, f"file://{place}/text.parquet", "cannot add file")
    refuse(pg, f"file://{place}/gone.parquet", "does not exist|No such file")
    refuse(pg, "file:///etc/passwd", "permission denied|not allowed|not below")
    refuse(pg, "/etc/passwd", "unsupported URL")
    ours = write(place / "ours.parquet", id=ints(1))
    field = pyarrow.field("id", pyarrow.int32(), metadata={"PARQUET:field_id": "3"})
    pyarrow.parquet.write_table(pyarrow.table([ints(1)], schema=pyarrow.schema([field])), place / "ids.parquet")
    refuse(pg, f"file://{place}/ids.parquet", "field id 3, the table's has 1")
    for constraint, state in [("CHECK (id > 10)", "23514")]:
        pg.execute(f"ALTER TABLE t ADD CONSTRAINT rule {constraint}")
        with pytest.raises(psycopg.Error) as failure:
            add(pg, ours)
        assert failure.value.sqlstate == state
        pg.execute("ALTER TABLE t DROP CONSTRAINT rule")
    pg.execute("ALTER TABLE t SET (unique_key = 'id')")
    add(pg, ours)
    with pytest.raises(psycopg.errors.UniqueViolation):
        add(pg, write(place / "again.parquet", id=ints(1)))
    pg.execute("DROP ROLE IF EXISTS adder")
    pg.execute("CREATE ROLE adder LOGIN")
    schema = pg.execute("SELECT current_schema()").fetchone()[0]
    pg.execute(f"GRANT USAGE ON SCHEMA {schema} TO adder; GRANT INSERT ON t TO adder")
    with home.connect(user="adder") as other, pytest.raises(psycopg.errors.InsufficientPrivilege, match="read from URL"):
        other.execute(f"SELECT lake.add_files('{schema}.t', %s)", [ours])
    pg.execute("DROP OWNED BY adder; DROP ROLE adder")
    assert pg.execute("SELECT id FROM t").fetchall() == [(1,)]


def test_files_go_to_the_branch_that_is_written(pg, place):
    url = write(place / "x.parquet", id=ints(1, 2))
    pg.execute("CREATE TABLE t (id int) USING iceberg")
    pg.execute("INSERT INTO t VALUES (0)")
    pg.execute("SELECT lake.create_branch('t', 'etl'); SET pg_lake_iceberg.branch = 'etl'")
    assert add(pg, url) == (1, 2)
    assert pg.execute("SELECT array_agg(id ORDER BY id) FROM t").fetchone() == ([0, 1, 2],)
    pg.execute("RESET pg_lake_iceberg.branch")
    assert pg.execute("SELECT array_agg(id) FROM t").fetchone() == ([0],)
    pg.execute("SELECT lake.fast_forward('t', 'main', 'etl')")
    assert pg.execute("SELECT array_agg(id ORDER BY id) FROM t").fetchone() == ([0, 1, 2],)
