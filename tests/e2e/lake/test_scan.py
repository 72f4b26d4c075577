"""lake_scan over tables that PyIceberg made: schema evolution, partitions, pruning, deletes, files of other writers."""

import datetime
import decimal
import json

import psycopg
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (DateType, DecimalType, IntegerType, ListType, LongType, MapType, NestedField, StringType,
                             StructType, TimestampType)


def rows_of(table):
    """What PyIceberg reads, as tuples."""
    return [tuple(row.values()) for row in table.scan().to_arrow().to_pylist()]


def by_first(rows):
    return sorted(rows, key=lambda row: (row[0] is None, row[0]))


@pytest.fixture
def people(catalog):
    schema = Schema(NestedField(1, "id", LongType()), NestedField(2, "name", StringType()),
                    NestedField(3, "born", DateType()))
    return catalog.create_table("ns.people", schema)


def people_rows(start, stop):
    return pa.table({"id": pa.array(range(start, stop), pa.int64()), "name": [f"n{i:05}" for i in range(start, stop)],
                     "born": [datetime.date(1970, 1, 1) + datetime.timedelta(days=i) for i in range(start, stop)]})


def test_plain(people, query):
    assert query(people.metadata_location) == []
    people.append(people_rows(0, 1000))
    people.append(people_rows(1000, 2000))
    assert by_first(query(people.metadata_location)) == by_first(rows_of(people))
    assert query(people.metadata_location, "count(*)") == [(2000,)]


def test_schema_evolution(people, query):
    people.append(people_rows(0, 3))
    with people.update_schema() as update:
        update.rename_column("name", "full_name")
        update.add_column("age", IntegerType())
        update.delete_column("born")
    people.append(pa.table({"id": pa.array([3], pa.int64()), "full_name": ["new"], "age": pa.array([7], pa.int32())}))
    with people.update_schema() as update:
        update.add_column("name", StringType())  # the old name, another column
        update.update_column("age", LongType())
        update.move_first("age")
    rows = query(people.metadata_location, rest="ORDER BY id")
    assert rows == [(None, 0, "n00000", None), (None, 1, "n00001", None), (None, 2, "n00002", None), (7, 3, "new", None)]
    assert rows == sorted(rows_of(people), key=lambda row: row[1])
    assert query(people.metadata_location, "count(*)", "WHERE age = 7") == [(1,)]
    assert query(people.metadata_location, "count(*)", "WHERE age IS NULL") == [(3,)]
    assert query(people.metadata_location, "count(*)", "WHERE name IS NULL AND full_name = 'n00001'") == [(1,)]


def test_nested(catalog, query):
    schema = Schema(
        NestedField(1, "id", IntegerType()),
        NestedField(2, "s", StructType(NestedField(3, "a", IntegerType()), NestedField(4, "b", StringType()))),
        NestedField(5, "l", ListType(6, IntegerType(), element_required=False)),
        NestedField(7, "m", MapType(8, StringType(), 9, IntegerType(), value_required=False)))
    table = catalog.create_table("ns.nested", schema)
    arrow = table.schema().as_arrow()
    table.append(pa.Table.from_pylist([
        {"id": 1, "s": {"a": 1, "b": "x"}, "l": [1, None, 3], "m": {"k": 1}},
        {"id": 2, "s": None, "l": [], "m": None}, {"id": 3, "s": {"a": None, "b": None}, "l": None, "m": {}}], arrow))
    with table.update_schema() as update:
        update.rename_column(("s", "a"), "aa")
        update.add_column(("s", "c"), StringType())
        update.update_column(("l", "element"), LongType())
    base = table.metadata_location
    assert query(base, "id, s.aa, s.b, s.c, s IS NULL", "ORDER BY id") == [
        (1, 1, "x", None, False), (2, None, None, None, True), (3, None, None, None, False)]
    assert query(base, "id, len(l), list_sum(l), m['k']", "ORDER BY id")[0] == (1, 3, 4, 1)
    assert query(base, "id", "WHERE s.aa = 1") == [(1,)]


@pytest.fixture
def days(catalog):
    """Partitioned by day and by city, null among the cities."""
    schema = Schema(NestedField(1, "id", LongType()), NestedField(2, "ts", TimestampType()),
                    NestedField(3, "city", StringType()), NestedField(4, "n", DecimalType(9, 2)),
                    NestedField(5, "day", DateType()))
    spec = PartitionSpec(PartitionField(5, 1000, IdentityTransform(), "day"),
                         PartitionField(3, 1001, IdentityTransform(), "city_part"))
    table = catalog.create_table("ns.days", schema, partition_spec=spec)
    start = datetime.datetime(2024, 1, 1)
    count = 240
    table.append(pa.table({
        "id": pa.array(range(count), pa.int64()), "ts": [start + datetime.timedelta(hours=i) for i in range(count)],
        "city": [("Berlin", "Bern", "Oslo", None)[i % 4] for i in range(count)],
        "n": pa.array([decimal.Decimal(i) / 4 for i in range(count)], pa.decimal128(9, 2)),
        "day": [(start + datetime.timedelta(hours=i)).date() for i in range(count)]}))
    return table


def test_partitioned(days, query):
    assert by_first(query(days.metadata_location)) == by_first(rows_of(days))


@pytest.mark.parametrize("condition,rows", [
    ("day = DATE '2024-01-05'", 24), ("day > DATE '2024-01-08' AND city <> 'Oslo'", 24),
    ("ts >= '2024-01-03' AND ts < '2024-01-04'", 24), ("city = 'Oslo'", 60), ("city IS NULL", 60), ("id = 17", 1),
    ("city LIKE 'Be%'", 120), ("n BETWEEN 10 AND 12.5", 11), ("id IN (1, 100, 1000)", 2), ("id > 230 OR id < 3", 12),
    ("ts = '2024-01-02 05:00:00' AND city = 'Bern'", 1)])
def test_pruning(days, query, explain_files, condition, rows):
    base = days.metadata_location
    every = explain_files(base)[0]
    scanned, skipped = explain_files(base, f"WHERE {condition}")
    assert scanned + skipped == every and skipped > 0
    assert query(base, "count(*)", f"WHERE {condition}") == [(rows,)]


def test_nothing_matches(days, query):
    assert query(days.metadata_location, "count(*)", "WHERE ts > '2030-01-01'") == [(0,)]
    assert query(days.metadata_location, "*", "WHERE city = 'Xanten'") == []


def test_joins_prune_at_run_time(days, query):
    assert query(days.metadata_location, "count(*)", "t JOIN (VALUES (5), (6)) v(x) ON t.id = v.x") == [(2,)]


def test_partition_spec_evolution(people, query):
    people.append(people_rows(0, 5))
    with people.update_spec() as update:
        update.add_field("name", IdentityTransform(), "name_part")
    people.append(people_rows(5, 8))
    base = people.metadata_location
    assert by_first(query(base)) == by_first(rows_of(people))
    assert query(base, "id", "WHERE name = 'n00006'") == [(6,)]
    assert query(base, "id", "WHERE name = 'n00002'") == [(2,)]


def test_top_n_with_late_materialisation(catalog, query):
    columns = [NestedField(1, "k", LongType())] + [NestedField(i + 2, f"c{i}", StringType()) for i in range(12)]
    table = catalog.create_table("ns.wide", Schema(*columns))
    for part in range(5):
        keys = [(i * 7919 + part) % 20011 for i in range(4000)]
        table.append(pa.table({"k": pa.array(keys, pa.int64()), **{f"c{i}": [f"{k}-{i}" for k in keys]
                                                                     for i in range(12)}}))
    expected = sorted(rows_of(table), key=lambda row: row[0])
    base = table.metadata_location
    assert [row[0] for row in query(base, rest="ORDER BY k LIMIT 10")] == [row[0] for row in expected[:10]]
    for rest in ("ORDER BY k LIMIT 10", "WHERE k > 5000 ORDER BY k DESC LIMIT 7", "WHERE c3 < '3' ORDER BY k LIMIT 5",
                 "WHERE k BETWEEN 100 AND 19000 ORDER BY k LIMIT 50"):
        rows = query(base, rest=rest)
        assert rows and all(row[1:] == tuple(f"{row[0]}-{i}" for i in range(12)) for row in rows), rest


def test_types_override(lake):
    table = lake({"a": "int", "b": "int", "s": "string"})
    for n in range(4):
        table.append([(n, n * 100, str(n))])
    assert table.scan("typeof(a), typeof(b)", "LIMIT 1", types={"a": "SMALLINT"}) == [("SMALLINT", "INTEGER")]
    assert table.scan("b", "WHERE a = 2", types={"a": "SMALLINT"}) == [(200,)]
    assert table.scan("b", "WHERE s > 2", types={"s": "INTEGER"}) == [(300,)]
    with pytest.raises(psycopg.Error, match="types names column \"zz\""):
        table.scan(types={"zz": "SMALLINT"})


# -- deletes ----------------------------------------------------------------------------------------------------------

def add_delete_file(table, entries):
    """Commits a position delete file with PyIceberg's internals; entries are (data file location, position)."""
    from pyiceberg.manifest import (DataFile, DataFileContent, FileFormat, ManifestContent, ManifestEntry,
                                    ManifestEntryStatus, ManifestWriterV2, write_manifest_list)
    from pyiceberg.table.snapshots import Operation, Snapshot, Summary
    from pyiceberg.table.update import AddSnapshotUpdate, SetSnapshotRefUpdate
    from pyiceberg.typedef import Record
    io, metadata = table.io, table.metadata
    stem = f"{table.location()}/data/deletes-{metadata.last_sequence_number}"
    arrow = pa.table({"file_path": [path for path, _ in entries], "pos": pa.array([pos for _, pos in entries], pa.int64())},
                     schema=pa.schema([
                         pa.field("file_path", pa.string(), False, {"PARQUET:field_id": "2147483546"}),
                         pa.field("pos", pa.int64(), False, {"PARQUET:field_id": "2147483545"})]))
    with io.new_output(f"{stem}.parquet").create(overwrite=True) as out:
        parquet.write_table(arrow, out)
    size = len(io.new_input(f"{stem}.parquet"))
    delete = DataFile.from_args(content=DataFileContent.POSITION_DELETES, file_path=f"{stem}.parquet",
                                file_format=FileFormat.PARQUET, partition=Record(), record_count=len(entries),
                                file_size_in_bytes=size, column_sizes={}, value_counts={}, null_value_counts={},
                                nan_value_counts={}, lower_bounds={}, upper_bounds={}, key_metadata=None,
                                split_offsets=None, equality_ids=None, sort_order_id=None)
    delete.spec_id = 0
    snapshot_id = 1000 + metadata.last_sequence_number

    class DeleteManifest(ManifestWriterV2):
        def content(self):
            return ManifestContent.DELETES

        @property
        def _meta(self):
            return {**super()._meta, "content": "deletes"}

    writer = DeleteManifest(table.spec(), table.schema(), io.new_output(f"{stem}-m0.avro"), snapshot_id, "deflate")
    with writer:
        writer.add_entry(ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=snapshot_id,
                                                 sequence_number=None, file_sequence_number=None, data_file=delete))
    parent = table.current_snapshot()
    sequence = metadata.last_sequence_number + 1
    with write_manifest_list(2, io.new_output(f"{stem}-list.avro"), snapshot_id, parent.snapshot_id, sequence,
                             "deflate") as out:
        out.add_manifests([*parent.manifests(io), writer.to_manifest_file()])
    snapshot = Snapshot(snapshot_id=snapshot_id, parent_snapshot_id=parent.snapshot_id, sequence_number=sequence,
                        manifest_list=f"{stem}-list.avro", summary=Summary(Operation.DELETE), schema_id=0)
    table._do_commit((AddSnapshotUpdate(snapshot=snapshot), SetSnapshotRefUpdate(
        ref_name="main", type="branch", snapshot_id=snapshot_id)), ())
    table.refresh()


def data_files(table):
    return sorted(task.file.file_path for task in table.scan().plan_files())


def test_position_deletes(people, query):
    people.append(people_rows(0, 5000))
    people.append(people_rows(5000, 6000))
    first, second = sorted(data_files(people), key=lambda path: -len(people.io.new_input(path)))
    add_delete_file(people, [(first, 0), (first, 2047), (first, 2048), (first, 4999), (second, 10)])
    base = people.metadata_location
    gone = {0, 2047, 2048, 4999, 5010}
    expected = [i for i in range(6000) if i not in gone]
    assert [row[0] for row in query(base, "id", "ORDER BY id")] == expected
    assert sorted(row[0] for row in rows_of(people)) == expected
    assert query(base, "count(*)") == [(5995,)]
    assert query(base, "count(*)", "WHERE id < 3000") == [(2997,)]
    people.append(people_rows(0, 1))  # a later file is not touched by earlier deletes, whatever the position
    assert query(people.metadata_location, "count(*)") == [(5996,)]
    add_delete_file(people, [(first, 0), (first, 1)])  # one of them twice
    assert query(people.metadata_location, "count(*)") == [(5995,)]


def test_commits_count_exactly_whatever_others_have_deleted(people, lake):
    people.append(people_rows(0, 10))
    people.append(people_rows(10, 20))
    first, second = data_files(people)
    add_delete_file(people, [(first, 1), (second, 1)])
    add_delete_file(people, [(first, 1)])  # once more
    table = lake({"id": "long"}).adopt(people)
    assert table.delete_ids(table.row_ids())[1] == 18
    assert table.commit_deletes(table.delete("WHERE id IN (5, 15)"))[0] == 16
    left = sorted(set(range(20)) - {1, 5, 11, 15})
    assert [row[0] for row in table.scan("id", "ORDER BY id")] == left
    assert sorted(table.static().scan().to_arrow()["id"].to_pylist()) == left


def test_bad_position_deletes(people, query):
    people.append(people_rows(0, 10))
    (path,) = data_files(people)
    add_delete_file(people, [(path, -1)])
    with pytest.raises(psycopg.Error, match="names row -1"):
        query(people.metadata_location)


# -- files of other writers -------------------------------------------------------------------------------------------

def test_name_mapping(people, place, query):
    people.append(people_rows(0, 1))
    with people.update_schema() as update:
        update.rename_column("name", "full_name")
    parquet.write_table(pa.table({"born": [datetime.date(2000, 1, 1)], "id": pa.array([5], pa.int64()),
                                  "full_name": ["five"]}), place / "plain.parquet")
    people.add_files([f"file://{place}/plain.parquet"])
    assert query(people.metadata_location, rest="ORDER BY id") == [
        (0, "n00000", datetime.date(1970, 1, 1)), (5, "five", datetime.date(2000, 1, 1))]


def test_no_ids_and_no_mapping(people, place, query):
    parquet.write_table(people_rows(0, 1), place / "plain.parquet")
    people.add_files([f"file://{place}/plain.parquet"])
    with people.transaction() as transaction:
        transaction.remove_properties("schema.name-mapping.default")
    with pytest.raises(psycopg.Error, match="no field ids"):
        query(people.metadata_location)


def field(name, kind, number):
    return pa.field(name, kind, True, {"PARQUET:field_id": str(number)})


@pytest.mark.parametrize("kind,values", [(pa.string(), ["x"]), (pa.float64(), [1.0]), (pa.list_(pa.int64()), [[1]])])
def test_a_file_of_another_type(people, place, query, kind, values):
    """A column that the schema cannot have been written as is refused, not cast."""
    people.append(people_rows(0, 1))
    (path,) = data_files(people)
    parquet.write_table(pa.table([pa.array(values, kind)], schema=pa.schema([field("id", kind, 1)])),
                        path.removeprefix("file://"))
    with pytest.raises(psycopg.Error, match="cannot be read as"):
        query(people.metadata_location)
    assert query(people.metadata_location, "count(*)") == [(1,)]  # nothing of the file is needed


def test_promoted_and_missing_columns_of_a_file(people, place, query):
    people.append(people_rows(0, 1))
    (path,) = data_files(people)
    parquet.write_table(pa.table([pa.array([7], pa.int32()), pa.array([1], pa.int32())],
                                 schema=pa.schema([field("other_name", pa.int32(), 1), pa.field("noid", pa.int32())])),
                        path.removeprefix("file://"))
    assert query(people.metadata_location) == [(7, None, None)]


# -- hostile input ----------------------------------------------------------------------------------------------------

def edited(people, place, edit):
    """The table's metadata with a change, under a name of its own."""
    text = json.loads(open(people.metadata_location.removeprefix("file://")).read())
    edit(text)
    path = place / "edited.metadata.json"
    path.write_text(json.dumps(text))
    return f"file://{path}"


@pytest.mark.parametrize("edit,message", [
    (lambda m: m.update({"format-version": 9}), "unsupported iceberg format version 9"),
    (lambda m: m.pop("schemas"), "missing field"),
    (lambda m: m.update({"current-snapshot-id": 4}), None),
    (lambda m: m["snapshots"][0].update({"manifest-list": "file:///etc/passwd"}), "permission denied"),
    (lambda m: m["snapshots"][0].update({"manifest-list": "/etc/passwd"}), None),
    (lambda m: m["snapshots"][0].update({"manifest-list": "http://127.0.0.1/x"}), None),
    (lambda m: m["schemas"][0]["fields"][0].update({"type": "nonsense"}), "nonsense"),
    (lambda m: m["schemas"][0].update({"fields": []}), None),
])
def test_hostile_metadata(people, place, query, edit, message):
    people.append(people_rows(0, 1))
    with pytest.raises(psycopg.Error, match=message):
        query(edited(people, place, edit))
    assert query(people.metadata_location, "count(*)") == [(1,)]


@pytest.mark.parametrize("path", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/x.parquet", "hf://x/y.parquet",
                                  "file:///tmp/../etc/passwd", "relative.parquet", "gs://b/x.parquet"])
def test_data_files_in_strange_places(lake, path):
    table = lake({"a": "int"})
    text = json.loads(table.write([(1,)])[0])
    text["files"][0]["file-path"] = path
    with pytest.raises(psycopg.Error, match="URL|denied|location|URI"):
        table.scan(changes=[{"change": text}])
    assert table.engine.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("damage", ["truncate", "empty", "garbage", "flip-footer", "flip-data"])
def test_damaged_data_files(lake, damage):
    table = lake({"a": "long", "s": "string"})
    table.append([(i, f"text {i}") for i in range(5000)])
    (task,) = table.static().scan().plan_files()
    path = task.file.file_path.removeprefix("file://")
    content = bytearray(open(path, "rb").read())
    if damage == "flip-footer":
        for at in range(len(content) - 200, len(content) - 8, 7):
            content[at] ^= 0x55
    elif damage == "flip-data":
        for at in range(8, len(content) // 2, 3):
            content[at] ^= 0xFF
    else:
        content = {"truncate": content[:100], "empty": b"", "garbage": b"PAR1" + b"\x7f" * 300 + b"PAR1"}[damage]
    open(path, "wb").write(content)
    with pytest.raises(psycopg.Error):
        table.scan("sum(a), max(s)")
    assert table.engine.execute("SELECT 1").fetchone() == (1,), "the instance is still valid"


def test_every_byte_of_a_small_file(lake):
    """No damaged byte brings the server down: an error or rows, then it goes on."""
    table = lake({"a": "int", "s": "string"})
    table.append([(1, "x"), (2, "y")])
    (task,) = table.static().scan().plan_files()
    path = task.file.file_path.removeprefix("file://")
    content = open(path, "rb").read()
    text = json.loads(table.write([(9, "z")])[0])
    text["files"][0].update({"record-count": 2})
    for at in range(0, len(content), 3):
        name = f"{path}.{at}.parquet"
        open(name, "wb").write(content[:at] + bytes([content[at] ^ 0x5A]) + content[at + 1:])
        text["files"][0].update({"file-path": f"file://{name}", "file-size-in-bytes": len(content)})
        try:
            table.scan("sum(a), max(s)", changes=[{"truncate": True}, {"change": text}])
        except psycopg.errors.Error as error:
            assert "INTERNAL" not in str(error), (at, error)
        assert table.engine.execute("SELECT 1").fetchone() == (1,), at
