"""The table functions behind lake_table's views (docs/link.md), on tables that PostgreSQL cannot make yet: partitioned ones, those of
format version 3, and those whose deletes other engines wrote."""

import json
import uuid
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from pyiceberg.avro.file import AvroOutputFile
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import MANIFEST_LIST_FILE_SCHEMAS, ManifestFile
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform, YearTransform
from pyiceberg.types import DateType, IntegerType, ListType, LongType, NestedField, StringType, StructType, TimestamptzType


def call(engine, function, base, columns="*"):
    return engine.execute(f"SELECT {columns} FROM {function}(%s) ORDER BY ALL", [base]).fetchall()


# -- partitions -------------------------------------------------------------------------------------------------------

def test_partition_values(catalog, engine):
    schema = Schema(NestedField(1, "p", StringType()), NestedField(2, "t", TimestamptzType()), NestedField(3, "n", LongType()))
    spec = PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "p"), PartitionField(2, 1001, DayTransform(), "t_day"),
                         PartitionField(3, 1002, BucketTransform(4), "n_bucket"))
    made = catalog.create_table("ns.t", schema, partition_spec=spec)
    rows = [("a", "2024-02-29T23:00:00+00:00", 1), (None, "1969-12-31T00:00:00+00:00", None)]
    for p, t, n in rows:
        made.append(pa.table({"p": pa.array([p], pa.string()), "t": pa.array([t]).cast(pa.timestamp("us", "UTC")),
                              "n": pa.array([n], pa.int64())}))
    with made.update_spec() as update:
        update.remove_field("t_day")
        update.add_field("t", YearTransform(), "t_year")
    made.append(pa.table({"p": ["xyz"], "t": pa.array(["2024-01-01T00:00:00+00:00"]).cast(pa.timestamp("us", "UTC")),
                          "n": pa.array([1], pa.int64())}))
    base = made.metadata_location

    assert call(engine, "lake_partition_specs", base) == [(0, False), (1, True)]
    assert call(engine, "lake_partition_fields", base, "spec_id, partition_field_id, source_field_id, partition_field_name, transform_name") == [
        (0, 1000, 1, "p", "identity"), (0, 1001, 2, "t_day", "day"), (0, 1002, 3, "n_bucket", "bucket[4]"),
        (1, 1000, 1, "p", "identity"), (1, 1002, 3, "n_bucket", "bucket[4]"), (1, 1003, 2, "t_year", "year")]
    values = {}
    for file, field, value in call(engine, "lake_partition_values", base):
        values.setdefault(file, {})[field] = value
    paths = dict(call(engine, "lake_data_files", base, "id, path"))
    assert values.keys() == paths.keys() and len(paths) == 3
    theirs = {file["file_path"] for file in made.inspect.files().to_pylist()}
    bucket = str(BucketTransform(4).transform(LongType())(1))
    assert sorted(values.values(), key=repr) == sorted(
        [{1000: "a", 1001: "2024-02-29", 1002: bucket}, {1000: None, 1001: "1969-12-31", 1002: None},
         {1000: "xyz", 1002: bucket, 1003: "54"}], key=repr)
    assert set(paths.values()) == theirs


# -- bounds and fields ------------------------------------------------------------------------------------------------

def test_nested_fields_have_ids_but_no_bounds(catalog, engine):
    schema = Schema(NestedField(1, "a", IntegerType()), NestedField(2, "l", ListType(3, StringType(), element_required=False)),
                    NestedField(4, "s", StructType(NestedField(5, "x", DateType()))))
    made = catalog.create_table("ns.t", schema)
    made.append(pa.table({"a": pa.array([1, None], pa.int32()), "l": [["u"], None], "s": [{"x": None}, None]}, schema=made.schema().as_arrow()))
    ids = {name: field.field_id for name in ("a", "l", "s") for field in [made.schema().find_field(name)]}
    element, x = made.schema().find_field("l.element").field_id, made.schema().find_field("s.x").field_id
    assert call(engine, "lake_fields", made.metadata_location, "field_id, column_name, parent_field_id, type") == sorted([
        (ids["a"], "a", None, "int"), (ids["l"], "l", None, None), (element, "l", ids["l"], "string"), (ids["s"], "s", None, None),
        (x, "s", ids["s"], "date")])
    assert call(engine, "lake_column_bounds", made.metadata_location, "field_id, lower_bound, upper_bound") == [(ids["a"], "1", "1")]


def test_bounds_of_changed_columns(catalog, engine):
    made = catalog.create_table("ns.t", Schema(NestedField(1, "a", IntegerType()), NestedField(2, "gone", StringType())))
    made.append(pa.table({"a": pa.array([-5, 7], pa.int32()), "gone": ["x", "y"]}))
    with made.update_schema() as update:
        update.update_column("a", LongType())
        update.rename_column("a", "wide")
        update.delete_column("gone")
    assert call(engine, "lake_column_bounds", made.metadata_location, "field_id, column_name, lower_bound, upper_bound") == [
        (1, "wide", "-5", "7")]
    [(_, sequence_number, lower, upper)] = call(engine, "lake_file_stats", made.metadata_location)
    assert (sequence_number, json.loads(lower), json.loads(upper)) == (1, {"1": "-5", "2": "x"}, {"1": "7", "2": "y"})


# -- deletes ----------------------------------------------------------------------------------------------------------

def test_delete_files_of_several_data_files(lake, engine):
    """One delete file that is about two of three data files, one about a single file, rows of one file in both."""
    table = lake({"a": "int"})
    table.commit()
    for start in (0, 10, 20):
        table.append([(value,) for value in range(start, start + 10)])
    table.commit_deletes(table.delete("WHERE a IN (1, 2, 21)"))
    table.commit_deletes(table.delete("WHERE a IN (3)"))
    rows = call(engine, "lake_data_files", table.base, "content, row_count, deleted_row_count")
    assert rows == [(0, 10, 0), (0, 10, 1), (0, 10, 3), (1, 1, 0), (1, 3, 0)]
    named = engine.execute("SELECT p.row_count, d.deleted_row_count FROM lake_deletion_files(%(base)s) m JOIN lake_data_files(%(base)s) d "
                       "ON d.path = m.deleted_from JOIN lake_data_files(%(base)s) p ON p.path = m.path ORDER BY ALL", {"base": table.base}).fetchall()
    assert named == [(1, 3), (3, 1), (3, 3)]


# -- format version 3 -------------------------------------------------------------------------------------------------

def as_version_3(table, directory, first_row_ids):
    """A copy of the table's metadata and manifest list in format version 3, whose manifests start at these row ids."""
    io = PyArrowFileIO()
    snapshot = table.current_snapshot()
    manifests = snapshot.manifests(table.io)
    assert len(manifests) == len(first_row_ids)
    manifest_list = f"file://{directory}/{uuid.uuid4()}.avro"
    names = [field.name for field in MANIFEST_LIST_FILE_SCHEMAS[2].fields]
    lines = [ManifestFile.from_args(_table_format_version=3, first_row_id=first, **{name: getattr(manifest, name) for name in names})
             for manifest, first in zip(manifests, first_row_ids)]
    with AvroOutputFile(output_file=io.new_output(manifest_list), file_schema=MANIFEST_LIST_FILE_SCHEMAS[3], schema_name="manifest_file",
                        record_schema=MANIFEST_LIST_FILE_SCHEMAS[3], metadata={"format-version": "3"}) as writer:
        writer.write_block(lines)
    metadata = json.loads(Path(table.metadata_location.removeprefix("file://")).read_text())
    metadata["format-version"] = 3
    metadata["next-row-id"] = 1000
    for entry in metadata["snapshots"]:
        entry["first-row-id"], entry["added-rows"] = 0, 100
        if entry["snapshot-id"] == snapshot.snapshot_id:
            entry["manifest-list"] = manifest_list
    location = Path(directory) / f"{uuid.uuid4()}.metadata.json"
    location.write_text(json.dumps(metadata))
    return f"file://{location}"


@pytest.fixture
def two_appends(catalog):
    made = catalog.create_table("ns.t", Schema(NestedField(1, "a", IntegerType())))
    for count in (3, 4):
        made.append(pa.table({"a": pa.array(range(count), pa.int32())}))
    return made


def test_row_ids(two_appends, place, engine):
    counts = [manifest.added_rows_count for manifest in two_appends.current_snapshot().manifests(two_appends.io)]
    base = as_version_3(two_appends, place, [100, 200])
    ranges = call(engine, "lake_row_ids", base, "first_row_id, row_count")
    assert ranges == [(100, counts[0]), (200, counts[1])] and sorted(counts) == [3, 4]
    by_file = dict(call(engine, "lake_row_ids", base, "file_id, first_row_id"))
    assert by_file == dict(call(engine, "lake_data_files", base, "id, first_row_id"))


def test_version_2_has_no_row_ids(two_appends, engine):
    assert call(engine, "lake_row_ids", two_appends.metadata_location) == []
    assert call(engine, "lake_data_files", two_appends.metadata_location, "first_row_id") == [(None,), (None,)]


# -- bad input --------------------------------------------------------------------------------------------------------

FUNCTIONS = ["lake_data_files", "lake_deletion_files", "lake_fields", "lake_column_bounds", "lake_file_stats", "lake_partition_specs",
             "lake_partition_fields", "lake_partition_values", "lake_row_ids"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_bases(function, lake, place, engine):
    table = lake({"a": "int"})
    assert len(call(engine, function, table.base)) == (function in ("lake_fields", "lake_partition_specs")), "an inline base has no files"
    with pytest.raises(psycopg.errors.Error, match="nothing.json"):
        call(engine, function, f"file://{place}/nothing.json")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        call(engine, function, "file:///etc/passwd")


def test_a_bound_that_no_value_has(two_appends, place, engine):
    """Four bytes are no boolean: an error names column and file."""
    metadata = json.loads(Path(two_appends.metadata_location.removeprefix("file://")).read_text())
    metadata["schemas"][0]["fields"][0]["type"] = "boolean"
    location = place / "broken.metadata.json"
    location.write_text(json.dumps(metadata))
    with pytest.raises(psycopg.errors.DataCorrupted, match='a bound of column "a" of ".*parquet" cannot be read'):
        call(engine, "lake_column_bounds", f"file://{location}")
