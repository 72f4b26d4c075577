"""Checks with PyIceberg that tables written by the library are what they should be.

    python pyiceberg_check.py path/to/emit_table

Writes Parquet files with pyarrow, lets emit_table make tables of them (unpartitioned, and partitioned by every
transform), and reads them back with PyIceberg: rows, manifests, partition values, history. Needs pyiceberg[pyarrow].
"""
import datetime as dt
import decimal
import json
import pathlib
import subprocess
import sys
import tempfile
import uuid

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.table import StaticTable

COLUMNS = [
    ("id", "long", pa.int64(), True), ("name", "string", pa.string(), False), ("amount", "decimal(12, 2)", pa.decimal128(12, 2), False),
    ("day", "date", pa.date32(), False), ("at", "timestamp", pa.timestamp("us"), False),
    ("seen", "timestamptz", pa.timestamp("us", tz="UTC"), False), ("price", "double", pa.float64(), False),
    ("ok", "boolean", pa.bool_(), False), ("tag", "uuid", pa.binary(16), False), ("raw", "binary", pa.binary(), False),
    ("n", "int", pa.int32(), False), ("t", "time", pa.time64("us"), False), ("ratio", "float", pa.float32(), False),
]


def arrow_schema():
    return pa.schema([pa.field(name, kind, not required, {"PARQUET:field_id": str(i + 1)})
                      for i, (name, _, kind, required) in enumerate(COLUMNS)])


def rows(first, count):
    out = []
    for i in range(first, first + count):
        out.append({"id": i, "name": None if i % 7 == 0 else f"näme {i}", "amount": decimal.Decimal(i * 25 - 100).scaleb(-2),
                    "day": dt.date(1969, 12, 20) + dt.timedelta(days=i), "at": dt.datetime(1969, 12, 31, 23) + dt.timedelta(hours=i),
                    "seen": dt.datetime(2024, 2, 29, 12, tzinfo=dt.timezone.utc) + dt.timedelta(minutes=i), "price": i / 3,
                    "ok": i % 2 == 0, "tag": uuid.UUID(int=i << 64 | i).bytes, "raw": bytes([i % 256, 255]), "n": -i,
                    "t": dt.time(i % 24, 1, 2, 3), "ratio": i / 2})
    return out


def content_file(directory, name, data, partition):
    path = pathlib.Path(directory) / "data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(data, arrow_schema()), path)
    ids = [1, 2, 4]
    nulls = [0, sum(r["name"] is None for r in data), 0]
    low, high = min(r["id"] for r in data), max(r["id"] for r in data)
    return {"spec-id": 0, "content": "data", "file-path": f"file://{path}", "file-format": "parquet", "partition": partition,
            "record-count": len(data), "file-size-in-bytes": path.stat().st_size,
            "value-counts": {"keys": ids, "values": [len(data)] * 3}, "null-value-counts": {"keys": ids, "values": nulls},
            "lower-bounds": {"keys": [1], "values": [low.to_bytes(8, "little").hex()]},
            "upper-bounds": {"keys": [1], "values": [high.to_bytes(8, "little").hex()]}, "split-offsets": [4]}


def emit(program, directory, partition_by, commits):
    description = {"columns": [{"name": n, "type": t, "required": r} for n, t, _, r in COLUMNS],
                   "partition_by": partition_by, "commits": commits}
    done = subprocess.run([program, f"file://{directory}"], input=json.dumps(description), text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return StaticTable.from_metadata(done.stdout.strip())


def comparable(data):
    """The rows as text, sorted; uuids as their bytes, instants in UTC."""
    def plain(value):
        if isinstance(value, uuid.UUID):
            return value.bytes
        if isinstance(value, dt.datetime) and value.tzinfo is not None:
            return value.astimezone(dt.timezone.utc).replace(tzinfo=None)
        return value
    return sorted(str([plain(row[c[0]]) for c in COLUMNS]) for row in data)


def entries_of(table):
    """The entries of the current snapshot, deleted ones too (inspect.entries() cannot show uuid columns)."""
    return [e for m in table.current_snapshot().manifests(table.io) for e in m.fetch_manifest_entry(table.io, discard_deleted=False)]


def check_unpartitioned(program):
    with tempfile.TemporaryDirectory() as d:
        a, b, c = rows(0, 50), rows(50, 50), rows(100, 10)
        files = [content_file(d, f"{i}.parquet", x, []) for i, x in enumerate((a, b, c))]
        table = emit(program, d, [], [{"add": [files[0]]}, {"add": [files[1]]}])
        got, want = comparable(table.scan().to_arrow().to_pylist()), comparable(a + b)
        assert got == want, (got[0], want[0])
        assert table.scan(row_filter="id >= 60").to_arrow().num_rows == 40
        assert len(list(table.scan(row_filter="id < 50").plan_files())) == 1
        assert [s.summary.operation.value for s in table.metadata.snapshots] == ["append", "append"]
        assert table.current_snapshot().summary["total-records"] == "100"
        assert len(table.inspect.history()) == 2 and len(table.inspect.metadata_log_entries()) == 3

        table = emit(program, d, [], [{"add": files[:2]}, {"truncate": True, "add": [files[2]]}])
        assert table.scan().to_arrow().num_rows == 10
        assert table.current_snapshot().summary.operation.value == "overwrite"
        assert table.current_snapshot().summary["total-records"] == "10"
        old = table.metadata.snapshots[0].snapshot_id
        assert table.scan(snapshot_id=old).to_arrow().num_rows == 100

        table = emit(program, d, [], [{"add": files}, {"remove": [files[1]["file-path"]]}])
        assert table.scan().to_arrow().num_rows == 60
        assert table.current_snapshot().summary.operation.value == "delete"
        assert sorted(e.status.value for e in entries_of(table)) == [0, 0, 2]

        one = [{"add": [content_file(d, f"m{i}.parquet", rows(i, 1), [])], "merge_at": 5} for i in range(12)]
        table = emit(program, d, [], one)
        assert table.scan().to_arrow().num_rows == 12
        assert len(table.inspect.manifests()) < 6
        assert sorted(e.sequence_number for e in entries_of(table)) == list(range(1, 13))


def check_partitioned(program):
    first = rows(0, 1)[0]
    cases = [("identity", "id", 0), ("identity", "name", "a b/c"), ("identity", "amount", "-1.00"), ("identity", "day", "1969-12-20"),
             ("identity", "tag", str(uuid.UUID(int=5))), ("identity", "ok", True), ("identity", "price", 1.5),
             ("identity", "at", "1969-12-31T23:00:00"), ("identity", "raw", "00FF"), ("bucket[16]", "id", 3), ("truncate[3]", "name", "näm"),
             ("truncate[10]", "amount", "-1.00"), ("year", "day", -1), ("month", "at", -1), ("day", "seen", "2024-02-29"), ("hour", "at", -1)]
    for transform, column, value in cases:
        with tempfile.TemporaryDirectory() as d:
            by = [{"column": column, "transform": transform}]
            files = [content_file(d, "a.parquet", [first], [value]), content_file(d, "b.parquet", rows(7, 1), [None])]
            table = emit(program, d, by, [{"add": files}])
            assert table.scan().to_arrow().num_rows == 2, (transform, column)
            found = [e.data_file.partition[0] for e in entries_of(table)]
            assert len(found) == 2 and None in found, (transform, column, found)
            shown = next(str(f) for f in found if f is not None)
            print(f"  {transform:12} {column:7} {value!s:22} read as {shown}")


if __name__ == "__main__":
    check_unpartitioned(sys.argv[1])
    check_partitioned(sys.argv[1])
    print("PyIceberg reads what the library writes")
