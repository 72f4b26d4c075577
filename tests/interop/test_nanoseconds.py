"""Timestamps in nanoseconds and columns of type unknown, of other engines (format version 3): read, filtered at the edges of microseconds, written
to beside what is there."""

import datetime
import itertools
import json
import struct

import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from lake_harness.other_writer import OtherWriter
from pyiceberg.manifest import DataFileContent
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import StaticTable
from pyiceberg.transforms import BucketTransform, HourTransform
from pyiceberg.types import LongType, NestedField, StringType, TimestampType, TimestamptzType

COLUMNS = Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "ts", TimestampType(), required=False),
                 NestedField(3, "tz", TimestamptzType(), required=False), NestedField(4, "nothing", StringType(), required=False))
TYPES = {"ts": "timestamp_ns", "tz": "timestamptz_ns", "nothing": "unknown"}
NANOS = [-1_000_001, -1000, -1, 0, 999, 1000, 1001, 1_234_567_890_123_456_789, None]
EPOCH = datetime.datetime(1970, 1, 1)


def micros(nanos):
    return None if nanos is None else nanos // 1000


def moment(count):
    return EPOCH + datetime.timedelta(microseconds=count)


def make(catalog, spec=None):
    """An empty table of version 3 with the columns."""
    table = catalog.create_table("ns.t", COLUMNS, **({"partition_spec": spec} if spec else {}))
    writer = OtherWriter(table.metadata_location)
    for field in writer.metadata["schemas"][0]["fields"]:
        field["type"] = TYPES.get(field["name"], field["type"])
    writer.rewrite(format_version=3, next_row_id=0)
    return writer


def file_of(writer, rows, **members):
    """A data file of (id, nanoseconds), both in both columns of times, with bounds."""
    schema = pyarrow.schema([pyarrow.field(name, kind, metadata={"PARQUET:field_id": str(number)}) for number, name, kind in
                             ((1, "id", pyarrow.int64()), (2, "ts", pyarrow.timestamp("ns")), (3, "tz", pyarrow.timestamp("ns", "UTC")))])
    rows = list(rows)
    ids, values = zip(*rows)
    known = [value for value in values if value is not None]
    counts = {"value_counts": {2: len(rows), 3: len(rows)}, "null_value_counts": {2: len(rows) - len(known), 3: len(rows) - len(known)}}
    bounds = {name: {2: struct.pack("<q", of(known)), 3: struct.pack("<q", of(known))} if known else {}
              for name, of in (("lower_bounds", min), ("upper_bounds", max))}
    return writer.parquet(pyarrow.table([list(ids), list(values), list(values)], schema=schema), DataFileContent.DATA, **counts, **bounds, **members)


@pytest.mark.parametrize("together", [False, True], ids=["a file each", "one file"])
def test_filters(catalog, engine, together):
    """Rules 7, 9 and 25: rows are those of the microseconds that nanoseconds lie in, before 1970 too, and no filter loses one."""
    writer = make(catalog)
    rows = list(enumerate(NANOS))
    writer.commit([file_of(writer, rows)] if together else [file_of(writer, [row]) for row in rows])
    scan = f"FROM lake_scan('{writer.location}')"
    assert engine.execute(f"SELECT id, epoch_us(ts), epoch_us(tz), nothing {scan} ORDER BY id").fetchall() == [
        (number, micros(value), micros(value), None) for number, value in rows]
    compare = {"<": int.__lt__, "<=": int.__le__, "=": int.__eq__, "<>": int.__ne__, ">=": int.__ge__, ">": int.__gt__}
    counts = sorted({micros(value) + step for value in NANOS if value is not None for step in (-1, 0, 1)})
    for (column, kind), count, op in itertools.product((("ts", "TIMESTAMP"), ("tz", "TIMESTAMPTZ")), counts, compare):
        right = [number for number, value in rows if value is not None and compare[op](micros(value), count)]
        literal = f"{kind} '{moment(count)}{'+00' if column == 'tz' else ''}'"
        got = [row[0] for row in engine.execute(f"SELECT id {scan} WHERE {column} {op} {literal} ORDER BY id").fetchall()]
        assert got == right, f"{column} {op} {literal}"
    listed = ", ".join(f"TIMESTAMP '{moment(count)}'" for count in (0, 1, 5))
    assert [row[0] for row in engine.execute(f"SELECT id {scan} WHERE ts IN ({listed}) ORDER BY id").fetchall()] == [3, 4, 5, 6]
    assert [row[0] for row in engine.execute(f"SELECT id {scan} WHERE ts NOT IN ({listed}) ORDER BY id").fetchall()] == [0, 1, 2, 7]
    assert engine.execute(f"SELECT id {scan} WHERE ts IS NULL").fetchall() == [(8,)]
    assert engine.execute(f"SELECT id {scan} WHERE nothing IS NULL AND id < 2 ORDER BY 1").fetchall() == [(0,), (1,)]
    assert engine.execute(f"SELECT min(epoch_us(ts)), max(epoch_us(tz)), min(ts) = TIMESTAMP '1969-12-31 23:59:59.998999' {scan}").fetchall() == [
        (-1001, 1_234_567_890_123_456, True)]
    assert engine.execute(f"SELECT count(*) {scan} WHERE ts < TIMESTAMP '9999-01-01' AND tz > TIMESTAMPTZ '0001-01-01 00:00:00+00'").fetchall() == [(8,)]


def test_dates_that_become_nanoseconds(catalog, engine):
    """Rules 6 and 7: the bounds of an old file are days."""
    writer = make(catalog)
    writer.metadata["schemas"][0]["fields"][1]["type"] = "date"
    writer.rewrite()
    day = datetime.date(1969, 12, 31)
    rows = pyarrow.table([[1], [day]], schema=pyarrow.schema([pyarrow.field("id", pyarrow.int64(), metadata={"PARQUET:field_id": "1"}),
                                                              pyarrow.field("ts", pyarrow.date32(), metadata={"PARQUET:field_id": "2"})]))
    bound = {2: struct.pack("<i", -1)}
    writer.commit([writer.parquet(rows, DataFileContent.DATA, lower_bounds=bound, upper_bounds=bound)])
    schema = json.loads(json.dumps(writer.metadata["schemas"][0])) | {"schema-id": 1}
    schema["fields"][1]["type"] = "timestamp_ns"
    writer.rewrite(schemas=[*writer.metadata["schemas"], schema], current_schema_id=1)
    for where, found in (("ts = TIMESTAMP '1969-12-31'", 1), ("ts > TIMESTAMP '1969-12-31'", 0), ("ts >= TIMESTAMP '1969-12-31'", 1),
                         ("ts < TIMESTAMP '1969-12-31 00:00:00.000001'", 1), ("ts <= TIMESTAMP '1969-12-30 23:59:59.999999'", 0)):
        assert engine.execute(f"SELECT count(*) FROM lake_scan('{writer.location}') WHERE {where}").fetchall() == [(found,)], where


@pytest.fixture(params=["on", "off"], ids=["set", "row"])
def registered(pg, catalog, handed_over, request):
    """Rows 0 to 3 in a table of ours that somebody else made, read and changed by the set path or the row path."""
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {request.param}; SET timezone = 'UTC'")
    writer = make(catalog)
    writer.commit([file_of(writer, enumerate([1, 1001, 1_234_567_890_123_456_789, None]))])
    handed_over(writer.table)
    pg.execute("SELECT lake.register('t', %s)", [writer.location])
    return pg


def location(pg):
    return pg.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone()[0]


def stored(pg):
    """(id, ts, tz) in nanoseconds of all files, and each file's Parquet types."""
    rows, types = [], []
    for path, in pg.execute("SELECT path FROM lake_table.files WHERE table_name = 't'::regclass AND content = 0").fetchall():
        file = pyarrow.parquet.ParquetFile(path.removeprefix("file://"))
        types.append({field.name: str(field.type) for field in file.schema_arrow if field.name in ("ts", "tz", "nothing")})
        table = file.read(["id", "ts", "tz"])
        rows += zip(*(table[name].cast(pyarrow.int64()).to_pylist() for name in ("id", "ts", "tz")))
    return sorted(rows, key=str), types


def test_our_writes(registered):
    """Rules 9 and 72: new files have the columns' own types, with three zeros, and none for type unknown; rows that are not touched keep theirs."""
    pg = registered
    assert pg.execute("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 1 ORDER BY attnum"
                      ).fetchall() == [("ts", "timestamp without time zone"), ("tz", "timestamp with time zone"), ("nothing", "text")]
    pg.execute("SET pg_lake_table.copy_on_write_threshold = 0")
    pg.execute("INSERT INTO t VALUES (4, '1969-12-31 23:59:59.999999', '2262-04-11 23:47:16.854775Z', NULL)")
    pg.execute("DELETE FROM t WHERE ts = '1970-01-01 00:00:00.000001'")
    pg.execute("UPDATE t SET id = 10 WHERE id = 0")
    rows, types = stored(pg)
    assert types.count({"ts": "timestamp[ns]", "tz": "timestamp[ns, tz=UTC]"}) == len(types) > 1
    assert (4, -1000, 9223372036854775000) in rows and (2, 1_234_567_890_123_456_789, 1_234_567_890_123_456_789) in rows
    assert (10, 0, 0) in rows, "an update writes microseconds"
    assert pg.execute("SELECT id, ts, nothing FROM t ORDER BY id").fetchall() == [
        (2, moment(1_234_567_890_123_456), None), (3, None, None), (4, moment(-1), None), (10, EPOCH, None)]
    assert pg.execute("SELECT id FROM t WHERE tz > '2262-04-11' OR ts < '1970-01-01'").fetchall() == [(4,)]
    for values, message in (("6, '2262-04-12', NULL, NULL", "column \"ts\": timestamp out of range: nanoseconds reach from 1677-09-21"),
                            ("6, NULL, '1600-01-01', NULL", "column \"tz\": timestamp out of range"),
                            ("6, NULL, NULL, 'x'", "column \"nothing\" has the Iceberg type unknown, which holds nothing but NULL")):
        for statement in (f"INSERT INTO t VALUES ({values})", f"INSERT INTO t SELECT id + a, b::timestamp, c::timestamptz, d FROM (SELECT 0 a, * FROM "
                          f"(VALUES ({values})) v(id, b, c, d)) w"):
            with pytest.raises(psycopg.errors.DataError, match=message):
                pg.execute(statement)
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (4,)
    iceberg = StaticTable.from_metadata(location(pg))
    assert iceberg.scan(row_filter="id == 4").to_arrow()["ts"].cast(pyarrow.int64()).to_pylist() == [-1000]
    assert pg.execute("SELECT problem FROM lake.verify('t') WHERE severity = 'error'").fetchall() == []


def test_partitions(pg, catalog, handed_over):
    """Rules 18 and 20: transforms of nanoseconds, of rows that come by both paths."""
    writer = make(catalog, PartitionSpec(PartitionField(2, 1000, HourTransform(), "ts_hour"), PartitionField(3, 1001, BucketTransform(4), "tz_bucket")))
    handed_over(writer.table)
    pg.execute("SELECT lake.register('t', %s)", [writer.location])
    pg.execute("SET timezone = 'UTC'")
    rows = [(number, moment(number * 1_800_000_001 - 3_600_000_000)) for number in range(6)]
    for number, at in rows[:3]:
        pg.execute("INSERT INTO t VALUES (%s, %s, %s, NULL)", [number, at, f"{at}Z"])
    pg.execute("CREATE TEMP TABLE more AS SELECT * FROM t LIMIT 0")
    for number, at in rows[3:]:
        pg.execute("INSERT INTO more VALUES (%s, %s, %s, NULL)", [number, at, f"{at}Z"])
    pg.execute("INSERT INTO t SELECT * FROM more")
    iceberg = StaticTable.from_metadata(location(pg))
    for task in iceberg.scan().plan_files():
        file = pyarrow.parquet.read_table(task.file.file_path.removeprefix("file://"))
        for at in file["ts"].cast(pyarrow.int64()).to_pylist():
            assert task.file.partition[0] == at // 3_600_000_000_000
        for at in file["tz"].cast(pyarrow.int64()).to_pylist():
            assert task.file.partition[1] == BucketTransform(4).transform(TimestamptzType())(at // 1000)
    for number, at in rows:
        assert pg.execute("SELECT id FROM t WHERE ts = %s AND tz = %s", [at, f"{at}Z"]).fetchall() == [(number,)]


def test_equality_deletes_are_refused(catalog, engine):
    """Keys within one microsecond would look the same."""
    writer = make(catalog)
    writer.commit([file_of(writer, [(1, 5)])])
    keys = pyarrow.table([pyarrow.array([6], pyarrow.timestamp("ns"))],
                         schema=pyarrow.schema([pyarrow.field("ts", pyarrow.timestamp("ns"), metadata={"PARQUET:field_id": "2"})]))
    writer.commit([writer.equality_deletes(keys, ids=[2])])
    with pytest.raises(psycopg.errors.FeatureNotSupported, match='equality deletes on column "ts" of type timestamp_ns are not supported'):
        engine.execute(f"SELECT * FROM lake_scan('{writer.location}')").fetchall()
