"""Rows through COPY into Parquet, commits, and what they read back as: here, and in PyIceberg."""

import datetime
import decimal
import json
import math
import struct
import uuid

import psycopg
import pyarrow.parquet as parquet
import pytest

D = decimal.Decimal
UTC = datetime.timezone.utc

EVERY_TYPE = {"b": "boolean", "i": "int", "l": "long", "f": "float", "d": "double", "n4": "decimal(4, 1)",
              "n9": "decimal(9, 2)", "n18": "decimal(18, 6)", "n38": "decimal(38, 10)", "dt": "date", "tm": "time",
              "ts": "timestamp", "tz": "timestamptz", "s": "string", "y": "binary", "u": "uuid"}
ROWS = [
    (True, 1, 2, 1.5, 2.5, D("1.5"), D("1.25"), D("3.000001"), D("12345678901234567890.0000000001"),
     datetime.date(2024, 2, 29), datetime.time(13, 45, 0, 1), datetime.datetime(2024, 2, 29, 1, 2, 3, 4),
     datetime.datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=UTC), "häagen ☃", b"\x00\xff", uuid.UUID(int=2**127 + 5)),
    (False, -2**31, -2**63, -1.5, -2.5, D("-999.9"), D("-9999999.99"), D("-999999999999.999999"),
     D("-9999999999999999999999999999.9999999999"), datetime.date(1, 1, 1), datetime.time(0, 0),
     datetime.datetime(1, 1, 1), datetime.datetime(1, 1, 1, tzinfo=UTC), "", b"", uuid.UUID(int=0)),
    (None,) * 16,
    (True, 2**31 - 1, 2**63 - 1, 3.0, 1e300, D("0.0"), D("0.01"), D("0"), D("0"), datetime.date(9999, 12, 31),
     datetime.time(23, 59, 59, 999999), datetime.datetime(9999, 12, 31, 23, 59, 59, 999999),
     datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "z" * 100, b"\xff" * 40,
     uuid.UUID(int=2**128 - 1)),
]


def test_create_write_commit_scan(lake):
    table = lake({"id": "long!", "name": "string"})
    assert table.scan() == []
    assert table.commit() == (0, 0, 0)
    assert table.scan("count(*)") == [(0,)]
    change, rows, size, files = table.write([(1, "one"), (2, None)])
    assert (rows, files) == (2, 1) and size > 0
    assert table.commit(change) == (2, size, 1)
    assert table.scan(rest="ORDER BY id") == [(1, "one"), (2, None)]
    assert table.append([(3, "three")])[0] == 3
    assert table.scan("count(*), sum(id)") == [(3, 6)]
    assert table.static().scan().to_arrow().sort_by("id").to_pylist() == [
        {"id": 1, "name": "one"}, {"id": 2, "name": None}, {"id": 3, "name": "three"}]


def test_every_type_comes_back(lake):
    table = lake(EVERY_TYPE)
    table.append(ROWS)
    assert table.scan() == ROWS
    read = table.static().scan().to_arrow()
    for name, column in zip(EVERY_TYPE, zip(*ROWS), strict=True):
        values = [value.bytes if isinstance(value, uuid.UUID) else value for value in column]
        found = [value.bytes if isinstance(value, uuid.UUID) else value for value in read[name].to_pylist()]
        assert found == values, name


def test_every_type_survives_a_rewrite(lake):
    table = lake(EVERY_TYPE)
    table.append(ROWS)
    before = only_file(table)
    assert table.commit_deletes(table.delete_ids([2])[0], threshold=0)[0] == len(ROWS) - 1
    assert table.scan() == [row for at, row in enumerate(ROWS) if at != 2]
    after = only_file(table)
    assert (after.lower_bounds, after.upper_bounds) == (before.lower_bounds, before.upper_bounds)
    assert set(after.value_counts.values()) == {len(ROWS) - 1} and set(after.null_value_counts.values()) == {0}


def test_filters_on_every_type(lake):
    """Each value of each column, as a filter: exactly its rows come back, whatever was pruned."""
    table = lake(EVERY_TYPE)
    for row in ROWS:
        table.append([row])
    for at, name in enumerate(EVERY_TYPE):
        for value in {row[at] for row in ROWS if row[at] is not None}:
            for op in ("=", "<", "<=", ">", ">=", "<>"):
                expected = sum(1 for row in ROWS if row[at] is not None
                               and {"=": row[at] == value, "<": row[at] < value, "<=": row[at] <= value,
                                    ">": row[at] > value, ">=": row[at] >= value, "<>": row[at] != value}[op])
                found = table.scan("count(*)", f"WHERE {name} {op} %s", parameters=[value])
                assert found == [(expected,)], (name, op, value)
        assert table.scan("count(*)", f"WHERE {name} IS NULL") == [(1,)]
        assert table.scan("count(*)", f"WHERE {name} IS NOT NULL") == [(3,)]


def only_file(table):
    (task,) = table.static().scan().plan_files()
    return task.file


def test_bounds_and_counts(lake):
    table = lake({"f": "double", "s": "string", "n": "decimal(9, 2)", "i": "int", "e": "int", "y": "binary"})
    table.append([(math.nan, "b" * 20, D("-1.00"), 5, None, b"\xff" * 20), (-0.0, "a" * 16, D("1.28"), -5, None, b"a"),
                  (None, "é" * 20, None, None, None, None)])
    file = only_file(table)
    lower, upper = file.lower_bounds, file.upper_bounds
    assert file.record_count == 3
    assert file.value_counts == {1: 3, 2: 3, 3: 3, 4: 3, 5: 3, 6: 3}
    assert file.null_value_counts == {1: 1, 2: 0, 3: 1, 4: 1, 5: 3, 6: 1}
    assert file.nan_value_counts == {1: 1}
    assert struct.unpack("<d", lower[1])[0].hex() == "-0x0.0p+0" and struct.unpack("<d", upper[1])[0].hex() == "0x0.0p+0"
    assert lower[2] == b"a" * 16
    assert upper[2] == ("é" * 15 + "ê").encode()
    assert (lower[3], upper[3]) == (b"\x9c", b"\x00\x80")
    assert (lower[4], upper[4]) == (struct.pack("<i", -5), struct.pack("<i", 5))
    assert 5 not in lower and 5 not in upper
    assert lower[6] == b"a" and 6 not in upper
    assert set(file.column_sizes) == {1, 2, 3, 4, 5, 6} and sum(file.column_sizes.values()) < file.file_size_in_bytes


def test_metrics_modes(lake):
    table = lake({"a": "string", "b": "string", "c": "string", "d": "string"},
                 {"write.metadata.metrics.default": "counts", "write.metadata.metrics.column.b": "full",
                  "write.metadata.metrics.column.c": "none", "write.metadata.metrics.column.d": "truncate(2)"})
    table.append([("x" * 30,) * 4])
    file = only_file(table)
    assert set(file.value_counts) == {1, 2, 4}
    assert file.lower_bounds == {2: b"x" * 30, 4: b"xx"} and file.upper_bounds == {2: b"x" * 30, 4: b"xy"}


def test_the_file_itself(lake):
    table = lake({"id": "long!", "n": "decimal(20, 2)", "small": "decimal(4, 1)", "u": "uuid", "ts": "timestamp",
                  "tz": "timestamptz", "tm": "time"})
    rows = 250_000
    now = datetime.datetime(2024, 1, 1)
    table.append((i, D(1), D(2), uuid.UUID(int=i), now, now.replace(tzinfo=UTC), now.time()) for i in range(rows))
    file = only_file(table)
    path = file.file_path.removeprefix("file://")
    opened = parquet.ParquetFile(path)
    assert opened.metadata.num_rows == rows
    assert [opened.metadata.row_group(i).num_rows for i in range(3)] == [122880, 122880, 4240]
    import os
    assert os.path.getsize(path) == file.file_size_in_bytes
    starts = [min(opened.metadata.row_group(g).column(c).dictionary_page_offset
                  or opened.metadata.row_group(g).column(c).data_page_offset for c in range(7)) for g in range(3)]
    assert file.split_offsets == starts
    assert [f.metadata[b"PARQUET:field_id"] for f in opened.schema_arrow] == [b"%d" % i for i in range(1, 8)]
    columns = {opened.schema.column(i).name: opened.schema.column(i) for i in range(7)}
    assert columns["small"].physical_type == "INT32" and columns["n"].physical_type == "FIXED_LEN_BYTE_ARRAY"
    assert columns["u"].physical_type == "FIXED_LEN_BYTE_ARRAY" and "UUID" in str(columns["u"].logical_type)
    assert '"isAdjustedToUTC": true' in columns["tz"].logical_type.to_json() or "isAdjustedToUTC=true" in str(
        columns["tz"].logical_type)
    assert "isAdjustedToUTC=true" not in str(columns["ts"].logical_type)
    assert table.scan("count(*), sum(id)") == [(rows, rows * (rows - 1) // 2)]


def test_files_roll_over_in_order(lake):
    table = lake({"id": "long", "s": "string"})
    count = 400_000
    change, rows, size, files = table.write(((i, uuid.uuid4().hex) for i in range(count)), target_file_size=4 << 20)
    assert files > 1 and rows == count
    paths = [file["file-path"] for file in json.loads(change)["files"]]
    assert [path.rsplit("-", 1)[1] for path in paths] == [f"{n}.parquet" for n in range(files)]
    assert sum(file["file-size-in-bytes"] for file in json.loads(change)["files"]) == size
    first = 0
    for path in paths:
        ids = parquet.read_table(path.removeprefix("file://"))["id"].to_pylist()
        assert ids == list(range(first, first + len(ids)))
        first += len(ids)
    table.commit(change)
    assert table.scan("count(*), min(id), max(id)") == [(count, 0, count - 1)]


@pytest.mark.parametrize("compression", ["snappy", "zstd", "gzip", "none"])
def test_compression(lake, compression):
    table = lake({"s": "string"})
    table.append([("x" * 1000,)] * 10, compression=compression)
    path = only_file(table).file_path.removeprefix("file://")
    codec = parquet.ParquetFile(path).metadata.row_group(0).column(0).compression
    assert codec == {"none": "UNCOMPRESSED"}.get(compression, compression.upper())
    assert table.scan("count(*)") == [(10,)]


def test_zero_rows_write_no_file(lake, place):
    table = lake({"a": "int"})
    change, rows, size, files = table.write([])
    assert (rows, size, files) == (0, 0, 0)
    assert list(place.rglob("*.parquet")) == []
    table.commit(change)
    assert table.scan() == []


def test_rows_cut_anywhere(lake):
    """The stream in pieces of every size, also in the middle of a length."""
    table = lake({"a": "int", "s": "string"})
    stream = (b"PGCOPY\n\xff\r\n\0" + bytes(8)
              + b"".join(struct.pack("!hii", 2, 4, n) + struct.pack("!i", 3 * n) + b"abc" * n for n in range(20))
              + struct.pack("!hii", 2, -1, -1) + b"\xff\xff")
    for size in (1, 3, 7, 1000):
        literal = json.dumps(table.write_spec()).replace("'", "''")
        with table.engine.cursor() as cursor:
            with cursor.copy(f"COPY lake_write('{literal}') FROM STDIN (FORMAT binary)") as copy:
                for at in range(0, len(stream), size):
                    copy.write(stream[at:at + size])
            change = cursor.execute("SELECT change, rows, bytes, files FROM lake_written()").fetchone()[0]
        table.commit("truncate", change)
        assert table.scan() == [(n, "abc" * n) for n in range(20)] + [(None, None)]


BAD_VALUES = [
    ({"a": "date"}, struct.pack("!i", 2**31 - 1), "infinite date in column \"a\""),
    ({"a": "timestamp"}, struct.pack("!q", -2**63), "infinite timestamp in column \"a\""),
    ({"a": "time"}, struct.pack("!q", 86_400_000_000), "time out of range in column \"a\""),
    ({"a": "decimal(3, 1)"}, struct.pack("!hhhhh", 1, 0, 0, 0, 1000), "column \"a\""),
    ({"a": "decimal(3, 1)"}, struct.pack("!hhHh", 0, 0, 0xC000, 0), "column \"a\""),
    ({"a": "int"}, b"\0\0", "invalid binary value of 2 bytes for column \"a\""),
    ({"a": "string"}, b"\xc3(", "column \"a\""),
    ({"a": "int!"}, None, "null value in column \"a\""),
]


@pytest.mark.parametrize("columns,value,message", BAD_VALUES)
def test_values_that_iceberg_cannot_hold(lake, place, columns, value, message):
    table = lake(columns)
    field = struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    literal = json.dumps(table.write_spec()).replace("'", "''")
    with pytest.raises(psycopg.Error, match=message.replace("(", r"\(")):
        with table.engine.cursor() as cursor, cursor.copy(
                f"COPY lake_write('{literal}') FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + struct.pack("!h", 1) + field + b"\xff\xff")
    assert table.engine.execute("SELECT 1").fetchone() == (1,)
    assert list(place.rglob("*.parquet")) == []


@pytest.mark.parametrize("stream", [b"", b"nonsense that is long enough to be a header", b"PGCOPY\n\xff\r\n\0" + bytes(8),
                                    b"PGCOPY\n\xff\r\n\0" + bytes(8) + struct.pack("!hi", 1, 2**30 + 1),
                                    b"PGCOPY\n\xff\r\n\0" + bytes(8) + struct.pack("!hii", 2, 4, 1)])
def test_malformed_streams(lake, place, stream):
    table = lake({"a": "int"})
    literal = json.dumps(table.write_spec()).replace("'", "''")
    with pytest.raises(psycopg.Error, match="COPY"):
        with table.engine.cursor() as cursor, cursor.copy(
                f"COPY lake_write('{literal}') FROM STDIN (FORMAT binary)") as copy:
            copy.write(stream)
    assert list(place.rglob("*.parquet")) == []


def test_an_aborted_write_leaves_no_file(lake, place):
    table = lake({"a": "long", "s": "string"})
    with pytest.raises(ZeroDivisionError):
        with table.engine.cursor() as cursor:
            literal = json.dumps(table.write_spec(target_file_size=1 << 20)).replace("'", "''")
            with cursor.copy(f"COPY lake_write('{literal}') FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(["int8", "text"])
                for i in range(300_000):
                    copy.write_row((i, uuid.uuid4().hex))
                raise ZeroDivisionError
    assert [path for path in place.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("spec,message", [
    ({"columns": []}, "at least one column"),
    ({"columns": [{"name": "zz", "wire": "int4"}]}, "column \"zz\" does not exist"),
    ({"columns": [{"name": "a", "wire": "text"}]}, "cannot be written from wire type \"text\""),
    ({"columns": [{"name": "a", "wire": "int4"}] * 2}, "listed twice"),
    ({"compression": "lzma"}, "invalid compression"),
    ({"data_prefix": "file:///etc/x"}, "permission denied"),
    ({"data_prefix": "/tmp/x"}, "unsupported URL"),
    ({"base": "{"}, "JSON"),
])
def test_bad_write_specs(lake, spec, message):
    table = lake({"a": "int"})
    with pytest.raises(psycopg.Error, match=message):
        table.write([(1,)] if spec.get("columns") != [] else [], **spec)
    assert table.engine.execute("SELECT 1").fetchone() == (1,)
