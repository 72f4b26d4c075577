"""Row ids, lake_delete, and commits that delete: what the server reads afterwards, and what PyIceberg does."""

import json
import struct
import threading
import time
import uuid

import psycopg
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from pyiceberg.avro.file import AvroFile
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (FixedType, IntegerType, ListType, LongType, MapType, NestedField, StringType, StructType,
                             UUIDType)

ADDED = 1 << 46  # where row ids of files begin that changes added


def entry(text, rows=None):
    return {"change": json.loads(text)} if rows is None else {"change": json.loads(text), "rows": rows}


def numbers(start, stop):
    return [(i, f"v{i}") for i in range(start, stop)]


def read(table, column="a"):
    """What the server reads and what PyIceberg reads, which must be the same and as many as the server counts."""
    rows = sorted(row[0] for row in table.scan(column))
    assert rows == sorted(table.static().scan().to_arrow()[column].to_pylist())
    assert table.scan("count(*)") == [(len(rows),)]
    assert table.engine.execute("SELECT record_count FROM lake_stats(%s)", [table.base]).fetchone() == (len(rows),)
    return rows


def summary(table):
    return dict(table.static().current_snapshot().summary.additional_properties)


def operation(table):
    return table.static().current_snapshot().summary.operation.value


def files(table, content="DATA"):
    return [row[0] for row in table.engine.execute(
        "SELECT file_path FROM lake_files(%s) WHERE content = %s ORDER BY 1", [table.base, content])]


@pytest.fixture
def table(lake):
    return lake({"a": "int", "s": "string"})


# -- row ids ----------------------------------------------------------------------------------------------------------

def test_row_ids_are_those_of_rows(table):
    table.append(numbers(0, 5000))
    table.append(numbers(5000, 5010))
    table.append(numbers(5010, 8000))
    ids = dict(table.scan("a, file_index + file_row_number", row_ids=True))
    assert ids == {i: i for i in range(8000)}
    assert table.scan("DISTINCT typeof(file_index + file_row_number)", row_ids=True) == [("BIGINT",)]
    assert table.row_ids("WHERE a BETWEEN 5005 AND 5012 ORDER BY a") == list(range(5005, 5013)), "files are pruned"
    assert table.row_ids("WHERE a > 7997") == [7998, 7999]
    assert table.row_ids("ORDER BY s DESC LIMIT 3") == [999, 998, 997], "the rest is read later, by row"
    assert table.scan("a, s, file_index + file_row_number", "ORDER BY a DESC LIMIT 2 OFFSET 1", row_ids=True) == [
        (7998, "v7998", 7998), (7997, "v7997", 7997)]
    assert table.scan("a", "WHERE file_index + file_row_number IN (3, 5001, 7000) ORDER BY 1", row_ids=True) == [
        (3,), (5001,), (7000,)]
    assert table.row_ids("WHERE a = 5003 AND s = 'v5003'") == [5003]
    for where, found in [("file_index = 5010 AND file_row_number = 7", [5017]), ("file_index IN (0, 5000) AND a > 4998",
                         [4999, *range(5000, 5010)]), ("file_index > 5000 AND file_row_number < 2", [5010, 5011]),
                         ("file_row_number = 2048 AND a > 0", [2048, 7058]), ("file_index = 1", [])]:
        assert sorted(table.row_ids(f"WHERE {where}")) == found, where
    assert table.scan("count(*)", "WHERE file_index + file_row_number IN (SELECT * FROM range(100, 7000, 1000))",
                      row_ids=True) == [(7,)]
    joined = table.scan("file_row_number", "JOIN (VALUES (3), (5002)) v(a) USING (a) ORDER BY a", row_ids=True)
    assert joined == [(3,), (2,)], "filters that joins produce"


def test_row_ids_outlive_appends_and_merged_manifests(lake):
    table = lake({"a": "int", "s": "string"}, {"commit.manifest.min-count-to-merge": "2"})
    for i in range(6):
        changes = [table.write(numbers(i * 10 + part, i * 10 + part + 5))[0] for part in (0, 5)]
        table.commit(*changes)
        ids = dict(table.scan("a, file_index + file_row_number", row_ids=True))
        assert sorted(ids.values()) == list(range(i * 10 + 10))
        if i > 0:
            assert ids.items() >= before.items()
        before = ids


def test_row_ids_of_changes(table):
    table.append(numbers(0, 10))
    first, second = (table.write(numbers(start, start + 10))[0] for start in (10, 20))
    gone = table.delete("WHERE a IN (2, 12)", [entry(first)])
    base = list(range(10))

    def ids(*changes):
        return dict(table.scan("a, file_index + file_row_number", changes=list(changes), row_ids=True))

    assert ids(entry(first), entry(second)) == {i: i if i < 10 else ADDED + i - 10 for i in range(30)}
    limited = ids(entry(first, 3), entry(second))
    assert limited == {i: i if i < 10 else ADDED + i - 10 for i in [*range(13), *range(20, 30)]}, "a limit moves no ids"
    assert ids(entry(first, 0), entry(second))[20] == ADDED + 10
    deleted = ids(entry(first), entry(gone), entry(second))
    assert deleted == {i: i if i < 10 else ADDED + i - 10 for i in range(30) if i not in (2, 12)}, "nor do deletes"
    assert ids(entry(first), {"truncate": True}, entry(second)) == {i: ADDED + i - 10 for i in range(20, 30)}
    assert table.row_ids("WHERE a > 25 ORDER BY a", [entry(first), entry(second)]) == [ADDED + i for i in range(16, 20)]
    assert sorted(ids().values()) == base


def test_a_file_of_another_length_has_no_row_ids(table):
    table.append(numbers(0, 10))
    path = files(table)[0].removeprefix("file://")
    parquet.write_table(parquet.read_table(path).slice(0, 9), path)
    with pytest.raises(psycopg.errors.DataCorrupted, match="has 9 rows, but 10 in the metadata"):
        table.row_ids()


@pytest.mark.parametrize("name", ["file_index", "FILE_ROW_NUMBER"])
def test_columns_that_would_hide_row_ids(lake, name):
    table = lake({name: "int"})
    table.append([(7,)])
    assert table.scan() == [(7,)]
    with pytest.raises(psycopg.errors.FeatureNotSupported, match=f"column named \"{name}\" cannot be updated or deleted"):
        table.row_ids()


# -- lake_delete and what scans see of it -----------------------------------------------------------------------------

def test_deletes_are_seen_before_the_commit(table):
    table.append(numbers(0, 3000))
    table.append(numbers(3000, 6000))
    added = table.write(numbers(6000, 7000))[0]
    gone = {0, 2047, 2048, 2999, 3000, 5999, 6000, 6999}
    text, rows = table.delete_ids([i if i < 6000 else ADDED + i - 6000 for i in gone], [entry(added)])
    assert rows == len(gone)
    changes = [entry(added), entry(text)]
    left = [i for i in range(7000) if i not in gone]
    assert [row[0] for row in table.scan("a", "ORDER BY a", changes=changes)] == left
    assert table.scan("count(*)", changes=changes) == [(len(left),)]
    assert table.scan("count(*), min(a), max(a)", "WHERE a < 3000", changes=changes) == [(2996, 1, 2998)]
    assert table.scan("min(a), max(a)", changes=changes) == [(1, 6998)]
    assert table.scan("a", "ORDER BY a DESC LIMIT 2", changes=changes) == [(6998,), (6997,)]
    assert table.scan("s", "WHERE a = 6000", changes=changes) == []
    assert table.scan("count(*)", changes=[entry(added, 500), entry(text)]) == [(6500 - 7,)]
    assert table.scan("count(*)") == [(6000,)], "without the change nothing is deleted"
    assert table.scan("count(*)", changes=[entry(text), {"truncate": True}, entry(added)]) == [(1000,)]


def test_a_row_is_deleted_once(table):
    table.append(numbers(0, 100))
    first, rows = table.delete_ids(range(10, 20))
    assert rows == 10
    second, rows = table.delete_ids(range(15, 25), [entry(first)])
    assert rows == 5
    none, rows = table.delete_ids(range(10, 25), [entry(first), entry(second)])
    assert (json.loads(none), rows) == ({"v": 1, "files": []}, 0)
    assert table.commit_deletes(first, second, none)[0] == 85
    assert read(table) == [i for i in range(100) if not 10 <= i < 25]
    assert table.delete_ids(range(0, 30))[1] == 15, "what was deleted by the base's files is not counted"
    assert table.delete_ids([])[1] == 0


def test_lake_delete_refuses(table):
    table.append(numbers(0, 10))
    added = table.write(numbers(10, 20))[0]

    def refused(ids, message, changes=None):
        with pytest.raises(psycopg.errors.InvalidParameterValue, match=message):
            table.delete_ids(ids, changes)

    refused([10], "row id 10 is not one of the table's")
    refused([3, 1 << 40], f"row id {1 << 40} is not one of the table's")
    refused([ADDED], f"row id {ADDED} is not one")
    refused([ADDED + 10], f"row id {ADDED + 10} is not one", [entry(added)])
    refused([ADDED + 4], f"row id {ADDED + 4} is not one", [entry(added, 4)])
    refused([0], "row id 0 is not one", [{"truncate": True}])
    assert table.delete_ids([ADDED + 3], [entry(added, 4)])[1] == 1
    call = "SELECT * FROM lake_delete(%s, %s, %b)"
    for blob, message in [(b"123", "malformed row ids: a block is cut off"),
                          (struct.pack("!IIHH", 0, 2, 5, 5), "malformed row ids: rows of a block are out of order")]:
        with pytest.raises(psycopg.errors.InvalidParameterValue, match=message):
            table.engine.execute(call, [table.base, None, blob])
    for arguments in [(None, None, b""), (table.base, None, None)]:
        with pytest.raises(psycopg.Error, match="must not be null"):
            table.engine.execute(call, arguments)
    assert table.engine.execute(call, [table.base, "", b""]).fetchone()[1] == 0


def test_lake_delete_takes_parameters_of_every_format(table):
    """As libpq's PQexecParams sends them, and as text."""
    table.append(numbers(0, 10))
    blocks = struct.pack("!IIHH", 0, 2, 3, 4)
    for form in ("%b", "%t"):
        row = table.engine.execute(f"SELECT rows FROM lake_delete(%t, %t, {form})", [table.base, "[]", blocks])
        assert row.fetchone() == (2,)
    text = f"SELECT rows FROM lake_delete('{table.base}', NULL, '\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\x00\\x09'::BLOB)"
    assert table.engine.execute(text).fetchone() == (1,)


# -- commits ----------------------------------------------------------------------------------------------------------

def test_position_deletes(table):
    table.append(numbers(0, 1000))
    table.append(numbers(1000, 2000))
    table.append(numbers(2000, 2010))
    gone = [*range(100, 105), 999, 1000, 1500]
    assert table.commit_deletes(table.delete_ids(gone)[0])[0] == 2002
    assert read(table) == [i for i in range(2010) if i not in gone]
    assert operation(table) == "delete"
    counters = summary(table)
    assert {key: value for key, value in counters.items() if "delete" in key} == {
        "added-delete-files": "1", "added-position-delete-files": "1", "added-position-deletes": "8",
        "total-delete-files": "1", "total-position-deletes": "8", "total-equality-deletes": "0"}
    assert (counters["total-records"], counters["total-data-files"]) == ("2010", "3")

    (path,) = files(table, "POSITION_DELETES")
    assert "-deletes-0.parquet" in path
    written = parquet.read_table(path.removeprefix("file://"))
    assert [written.schema.field(name).metadata[b"PARQUET:field_id"] for name in ("file_path", "pos")] == [
        b"2147483546", b"2147483545"]
    rows = list(zip(*(written[name].to_pylist() for name in ("file_path", "pos")), strict=True))
    assert rows == sorted(rows) and len(rows) == 8
    (manifest,) = [m for m in table.static().current_snapshot().manifests(table.static().io) if m.content == 1]
    (delete_entry,) = manifest.fetch_manifest_entry(table.static().io)
    file = delete_entry.data_file
    assert file.record_count == 8 and file.sort_order_id is None and file.key_metadata is None
    assert file.lower_bounds[2147483546].decode() == rows[0][0] and file.upper_bounds[2147483546].decode() == rows[-1][0]
    assert (file.lower_bounds[2147483545], file.upper_bounds[2147483545]) == tuple(
        struct.pack("<q", edge) for edge in (min(rows, key=lambda r: r[1])[1], 999))

    assert table.commit_deletes(table.delete_ids([0])[0])[0] == 2001
    assert summary(table)["total-position-deletes"] == "9"
    assert table.append(numbers(9000, 9001))[0] == 2002
    assert read(table) == [i for i in range(1, 2010) if i not in gone] + [9000]


def test_a_delete_file_for_one_file_names_it(table):
    table.append(numbers(0, 10))
    table.commit_deletes(table.delete("WHERE a = 3"))
    (manifest,) = [m for m in table.static().current_snapshot().manifests(table.static().io) if m.content == 1]
    with AvroFile(table.static().io.new_input(manifest.manifest_path)) as avro:
        (record,) = list(avro)
        fields = avro.schema.find_field("data_file").field_type.fields
    data_file = dict(zip([field.name for field in fields], record[len(avro.schema.fields) - 1]._data, strict=True))
    assert data_file["referenced_data_file"] == files(table)[0]


def test_whole_files_are_dropped_unread(table):
    table.append(numbers(0, 10))
    table.append(numbers(10, 20))
    table.commit_deletes(table.delete("WHERE a IN (1, 2, 12)"))
    first, second = files(table)
    whole = table.delete("WHERE a < 10")
    path = next(path for path in (first, second)
                if parquet.read_table(path.removeprefix("file://"))["a"].to_pylist()[0] == 0).removeprefix("file://")
    kept = open(path, "rb").read()
    open(path, "wb").write(b"not to be read")
    assert table.commit_deletes(whole, threshold=0) == (9, *table.engine.execute(
        "SELECT data_bytes, file_count FROM lake_stats(%s)", [table.base]).fetchone())
    open(path, "wb").write(kept)
    assert read(table) == [10, 11, *range(13, 20)]
    assert operation(table) == "delete"
    counters = summary(table)
    assert (counters["deleted-data-files"], counters["deleted-records"], counters["total-data-files"]) == ("1", "10", "1")
    assert counters["total-position-deletes"] == "3", "they share a delete file, which stays"
    assert table.commit_deletes(table.delete(""))[0] == 0
    assert read(table) == [] and files(table) == []


def test_a_dropped_file_takes_its_own_delete_files_along(table):
    table.append(numbers(0, 10))
    table.commit_deletes(table.delete("WHERE a = 1"))
    table.commit_deletes(table.delete("WHERE a = 2"))
    table.append(numbers(10, 20))
    assert len(files(table, "POSITION_DELETES")) == 2
    assert table.commit_deletes(table.delete("WHERE a < 10"))[0] == 10
    assert files(table, "POSITION_DELETES") == []
    counters = summary(table)
    assert (counters["removed-delete-files"], counters["removed-position-deletes"]) == ("2", "2")
    assert counters["total-position-deletes"] == "0" and counters["total-delete-files"] == "0"
    assert read(table) == list(range(10, 20))


def test_files_are_rewritten_beyond_the_threshold(table):
    table.append(numbers(0, 100))
    table.append(numbers(100, 200))
    change = table.delete_ids([*range(0, 20), *range(100, 121)])[0]
    assert table.commit_deletes(change, threshold=20)[0] == 159
    assert read(table) == [*range(20, 100), *range(121, 200)]
    assert operation(table) == "overwrite"
    counters = summary(table)
    assert (counters["added-data-files"], counters["added-records"], counters["deleted-records"],
            counters["added-position-deletes"]) == ("1", "79", "100", "20")
    rewritten = [task.file for task in table.static().scan().plan_files() if task.file.record_count == 79]
    assert len(rewritten) == 1
    assert (rewritten[0].lower_bounds[1], rewritten[0].upper_bounds[1]) == (
        struct.pack("<i", 121), struct.pack("<i", 199))
    assert rewritten[0].value_counts == {1: 79, 2: 79} and rewritten[0].null_value_counts == {1: 0, 2: 0}
    assert rewritten[0].file_path.endswith("-0.parquet")
    assert parquet.read_table(rewritten[0].file_path.removeprefix("file://"))["a"].to_pylist() == list(range(121, 200))

    assert table.commit_deletes(table.delete_ids(table.row_ids("WHERE a = 20"))[0], threshold=20)[0] == 158
    assert len(files(table, "POSITION_DELETES")) == 0, "older deletes count, and go with the file"
    assert read(table) == [*range(21, 100), *range(121, 200)]
    assert table.commit_deletes(table.delete("WHERE a = 21"), threshold=0)[0] == 157
    assert files(table, "POSITION_DELETES") == []
    assert table.commit_deletes(table.delete("WHERE a % 10 <> 5"), threshold=100)[0] == 16
    assert read(table) == [i for i in [*range(22, 100), *range(121, 200)] if i % 10 == 5]


def test_files_are_rewritten_beyond_a_number_of_positions(table):
    for start in range(0, 400, 100):
        table.append(numbers(start, start + 100))
    change = table.delete_ids([start + i for start in range(0, 400, 100) for i in range(10)])[0]
    assert table.commit_deletes(change, max_rows=20)[0] == 360
    assert read(table) == [i for i in range(400) if i % 100 >= 10]
    counters = summary(table)
    assert (counters["added-position-deletes"], counters["added-data-files"]) == ("20", "2")
    assert table.commit_deletes(table.delete("WHERE a % 100 = 50"), max_rows=0)[0] == 356
    assert "added-delete-files" not in summary(table)
    assert read(table) == [i for i in range(400) if i % 100 >= 10 and i % 100 != 50]


# -- files that the transaction itself added --------------------------------------------------------------------------

@pytest.mark.parametrize("threshold", [0, 100])
def test_own_files_are_shortened(table, threshold):
    table.append(numbers(0, 10))
    added = [table.write(numbers(start, start + 10))[0] for start in (10, 20, 30)]
    changes = [entry(text) for text in added]
    first = table.delete("WHERE a IN (3, 15, 16)", changes)
    second = table.delete("WHERE a = 17 OR a BETWEEN 20 AND 29", [*changes, entry(first)])
    totals = table.commit_deletes(*added, first, second, threshold=threshold)
    left = [*range(3), *range(4, 15), 18, 19, *range(30, 40)]
    assert totals[0] == len(left) and read(table) == left
    assert len(files(table)) == 3, "a file of which nothing is left is not added"
    assert len(files(table, "POSITION_DELETES")) == (1 if threshold else 0)
    assert operation(table) == "overwrite"


def test_a_new_table_with_deletes(table):
    added = table.write(numbers(0, 10))[0]
    gone = table.delete("WHERE a = 4", [entry(added)])
    assert table.commit_deletes(added, gone)[0] == 9
    assert read(table) == [i for i in range(10) if i != 4]


def test_everything_own_is_deleted_again(table):
    table.append(numbers(0, 3))
    before = len(json.loads(table.engine.execute("SELECT * FROM lake_metadata(%s)", [table.base]).fetchone()[0])["snapshots"])
    added = table.write(numbers(3, 10))[0]
    gone = table.delete("WHERE a >= 3", [entry(added)])
    assert table.commit_deletes(added, gone)[0] == 3
    assert read(table) == [0, 1, 2]
    metadata = json.loads(table.engine.execute("SELECT * FROM lake_metadata(%s)", [table.base]).fetchone()[0])
    assert len(metadata["snapshots"]) == before, "nothing has changed"


def test_truncate_forgets_deletes(table):
    table.append(numbers(0, 10))
    gone = table.delete("WHERE a = 1")
    added = table.write(numbers(10, 20))[0]
    later = table.delete("WHERE a = 12", [entry(gone), {"truncate": True}, entry(added)])
    assert table.commit_deletes(gone, "truncate", added, later)[0] == 9
    assert read(table) == [10, 11, *range(13, 20)]
    assert table.commit_deletes(table.delete("WHERE a = 10"), "truncate")[0] == 0
    assert read(table) == []


# -- conflicts --------------------------------------------------------------------------------------------------------

CONFLICT = "could not serialize access due to concurrent update"


def test_a_delete_survives_appends_and_deletes_of_other_files(table):
    table.append(numbers(0, 10))
    table.append(numbers(10, 20))
    mine = table.delete("WHERE a = 3")
    table.append(numbers(20, 30))
    table.commit_deletes(table.delete("WHERE a = 13"))
    assert table.commit_deletes(mine)[0] == 28
    assert read(table) == [i for i in range(30) if i not in (3, 13)]


@pytest.mark.parametrize("other,options", [("WHERE a = 4", {}), ("WHERE a = 4", {"threshold": 0}), ("", {})])
def test_a_delete_conflicts_with_another_of_the_same_file(table, place, other, options):
    table.append(numbers(0, 10))
    mine = table.delete("WHERE a = 3")
    table.commit_deletes(table.delete(other), **options)
    before = {path for path in place.rglob("*") if path.is_file()}
    with pytest.raises(psycopg.errors.SerializationFailure, match=CONFLICT):
        table.commit_deletes(mine, threshold=0)
    assert {path for path in place.rglob("*") if path.is_file()} == before, "nothing was written"


def test_a_delete_conflicts_with_a_truncation(table):
    table.append(numbers(0, 10))
    mine = table.delete("WHERE a = 3")
    table.commit("truncate")
    with pytest.raises(psycopg.errors.SerializationFailure, match=CONFLICT):
        table.commit_deletes(mine)


def test_commits_of_deletes_refuse(table):
    table.append(numbers(0, 10))
    mine = table.delete("WHERE a = 3")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="a commit of deletes needs delete_prefix"):
        table.commit(mine)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="copy_on_write_threshold 101 is not between"):
        table.commit_deletes(mine, threshold=101)
    beyond = json.loads(mine)
    beyond["deletes"][0]["rows"] = json.loads(table.delete("WHERE a = 9"))["deletes"][0]["rows"]
    shorter = table.write(numbers(0, 5))[0]
    beyond["deletes"][0]["path"] = json.loads(shorter)["files"][0]["file-path"]
    with pytest.raises(psycopg.errors.DataCorrupted, match="change deletes row 9 of data file .* which has 5"):
        table.commit_deletes(shorter, json.dumps(beyond))
    with pytest.raises(psycopg.Error, match="rows of a change cannot be limited"):
        spec = table.commit_spec(entry(mine, 1))
        table.engine.execute("SELECT * FROM lake_commit(%s)", [json.dumps(spec)])
    assert table.commit_deletes(mine)[0] == 9


# -- tables of other engines ------------------------------------------------------------------------------------------

def test_partitions_and_evolved_files(catalog, table):
    spec = PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "p"))
    made = catalog.create_table("ns.t", Schema(NestedField(1, "p", StringType()), NestedField(2, "a", IntegerType()),
                                               NestedField(3, "x", StringType())), partition_spec=spec)
    for start in (0, 100):
        values = range(start, start + 100)
        made.append(pa.table({"p": ["p%d" % (i % 2) for i in values], "a": pa.array(values, pa.int32()),
                              "x": ["x"] * 100}))
    with made.update_schema() as update:
        update.delete_column("x")
        update.update_column("a", LongType())
        update.add_column("n", StringType())
    table.adopt(made)
    assert len(files(table)) == 4
    assert table.commit_deletes(table.delete("WHERE a IN (0, 1, 102, 103)"))[0] == 196
    assert len(files(table, "POSITION_DELETES")) == 2, "one for each partition"
    assert read(table) == [i for i in range(200) if i not in (0, 1, 102, 103)]
    assert table.commit_deletes(table.delete("WHERE p = 'p0' AND a < 100 AND a % 4 = 0"), threshold=20)[0] == 172
    assert read(table) == [i for i in range(200) if i not in (0, 1, 102, 103) and not (i < 100 and i % 4 == 0)]
    tasks = [task.file for task in table.static().scan("p == 'p0'").plan_files()]
    assert sorted(file.record_count for file in tasks) == [25, 50] and {file.partition[0] for file in tasks} == {"p0"}
    assert table.scan("DISTINCT p", "WHERE a % 2 = 1") == [("p1",)]


NESTED = Schema(NestedField(1, "a", LongType()),
                NestedField(2, "l", ListType(3, StringType(), element_required=False)),
                NestedField(4, "m", MapType(5, StringType(), 6, IntegerType(), value_required=False)),
                NestedField(7, "s", StructType(NestedField(8, "x", IntegerType()), NestedField(9, "y", StringType()))),
                NestedField(10, "u", UUIDType()))


def test_nested_columns_survive_a_rewrite(catalog, table):
    made = catalog.create_table("ns.t", NESTED)
    rows = [{"a": i, "l": [str(i), None], "m": {"k": i}, "s": {"x": i, "y": None}, "u": uuid.UUID(int=i).bytes}
            for i in range(5)] + [{"a": 9, "l": None, "m": None, "s": None, "u": None}]
    made.append(pa.Table.from_pylist(rows, schema=made.schema().as_arrow()))
    table.adopt(made)
    before = made.scan().to_arrow().sort_by("a").to_pylist()
    assert table.commit_deletes(table.delete("WHERE a = 3"), threshold=0)[0] == 5
    assert files(table, "POSITION_DELETES") == []
    assert table.static().scan().to_arrow().sort_by("a").to_pylist() == [row for row in before if row["a"] != 3]


def test_files_with_fixed_are_rewritten(catalog, table):
    made = catalog.create_table("ns.t", Schema(NestedField(1, "a", LongType()), NestedField(2, "f", FixedType(2))))
    made.append(pa.table({"a": pa.array([1, 2], pa.int64()), "f": pa.array([b"ab", b"cd"], pa.binary(2))}))
    table.adopt(made)
    assert table.commit_deletes(table.delete("WHERE a = 1"), threshold=0)[0] == 1
    assert files(table, "POSITION_DELETES") == [] and read(table) == [2]
    assert table.static().scan().to_arrow().to_pylist() == [{"a": 2, "f": b"cd"}]


def test_tables_of_other_versions_get_no_deletes(catalog, table, place):
    made = catalog.create_table("ns.t", Schema(NestedField(1, "a", LongType())), properties={"format-version": "1"})
    made.append(pa.table({"a": pa.array([1, 2], pa.int64())}))
    table.adopt(made)
    change = table.delete("WHERE a = 1")
    before = {path for path in place.rglob("*") if path.is_file()}
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="cannot write iceberg metadata in format version 1"):
        table.commit_deletes(change)
    assert {path for path in place.rglob("*") if path.is_file()} == before


def test_position_deletes_of_a_spec_whose_column_is_gone(catalog, table):
    made = catalog.create_table("ns.t", Schema(NestedField(1, "p", StringType()), NestedField(2, "a", LongType())),
                                partition_spec=PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "p")))
    made.append(pa.table({"p": ["x", "y"], "a": pa.array([1, 2], pa.int64())}))
    with made.update_spec() as update:
        update.remove_field("p")
    with made.update_schema() as update:
        update.delete_column("p")
    table.adopt(made)
    assert table.commit_deletes(table.delete("WHERE a = 1"))[0] == 1
    assert read(table) == [2]


# -- size and cancelling ------------------------------------------------------------------------------------------

def peak_memory(server):
    """The server's highest resident size in MB."""
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024


@pytest.fixture
def ten_million(catalog, table):
    made = catalog.create_table("ns.big", Schema(NestedField(1, "a", LongType())))
    made.append(pa.table({"a": pa.array(range(10_000_000), pa.int64())}))
    return table.adopt(made)


def every_other_row(count):
    blocks = []
    for high in range(0, (count + 65535) // 65536):
        rows = min(65536, count - high * 65536)
        bits = bytes([0x55]) * (rows // 8)
        blocks.append(struct.pack("!II", high, rows // 2) + bits.ljust(8192, b"\0"))
    return b"".join(blocks)


def test_ten_million_rows(ten_million, server):
    """Deletes of many rows cost the size of bitmaps and row groups, not of lists."""
    table = ten_million
    assert table.scan("count(*)") == [(10_000_000,)]
    before = peak_memory(server)
    text, rows = table.engine.execute("SELECT change, rows FROM lake_delete(%s, NULL, %b)",
                                      [table.base, every_other_row(10_000_000)]).fetchone()
    assert rows == 5_000_000 and len(text) < 4 << 20
    assert table.scan("count(*), min(a)", changes=[entry(text)]) == [(5_000_000, 1)]
    assert table.commit_deletes(text)[0] == 5_000_000
    assert table.scan("count(*), min(a), sum(a % 2)") == [(5_000_000, 1, 5_000_000)]
    all_of_them = table.delete("")
    assert len(all_of_them) < 4 << 20
    assert table.commit_deletes(all_of_them)[0] == 0
    assert peak_memory(server) - before < 600


def test_a_rewrite_can_be_cancelled(ten_million, place):
    table = ten_million
    change = table.delete_ids([7])[0]
    before = {path for path in place.rglob("*") if path.is_file()}
    done = threading.Event()

    def cancel():  # again and again: the first one that comes while the statement runs counts
        while not done.wait(0.02):
            table.engine.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    started = time.monotonic()
    with pytest.raises(psycopg.errors.QueryCanceled):
        table.commit_deletes(change, threshold=0)
    assert time.monotonic() - started < 30
    done.set()
    thread.join()
    assert {path for path in place.rglob("*") if path.is_file()} == before
    assert table.commit_deletes(change, threshold=0)[0] == 9_999_999
    assert table.scan("count(*), sum(a)") == [(9_999_999, 10_000_000 * 9_999_999 // 2 - 7)]
