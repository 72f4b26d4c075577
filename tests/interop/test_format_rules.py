"""Rules of the format that show only in files: what others write is read right, what we write is laid out right."""

import gzip
import json
import struct
from pathlib import Path

import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from lake_harness.other_writer import OtherWriter
from pyiceberg.manifest import DataFileContent
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import StaticTable
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import IntegerType, ListType, LongType, MapType, NestedField, StringType, StructType

PAIR = Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "name", StringType(), required=False))


def writer_of(catalog, schema=PAIR, **options):
    table = catalog.create_table("ns.t", schema, **options)
    return OtherWriter(table.metadata_location)


def rows(engine, writer, what="*", more=""):
    return engine.execute(f"SELECT {what} FROM lake_scan('{writer.location}') {more}").fetchall()


def columns(*fields):
    """An arrow schema of (name, type, id or None)."""
    return pyarrow.schema([pyarrow.field(name, kind, metadata=None if number is None else {"PARQUET:field_id": str(number)})
                           for name, kind, number in fields])


def test_ids_not_names_nor_places(catalog, engine):
    """Rules 1 and 3: a file's columns may stand in any order under any names; those of reserved ids are none of the table's."""
    writer = writer_of(catalog)
    schema = columns(("_row_id", pyarrow.int64(), 2147483540), ("id", pyarrow.string(), 2), ("name", pyarrow.int64(), 1))
    writer.commit([writer.parquet(pyarrow.table([[7], ["x"], [1]], schema=schema), DataFileContent.DATA)])
    assert rows(engine, writer) == [(1, "x")]


def test_missing_columns(catalog, engine):
    """Rules 4 and 11: the identity partition's value, else the initial default, else null; a null that is stored stays null."""
    schema = Schema(*PAIR.fields, NestedField(3, "part", StringType(), required=False))
    writer = writer_of(catalog, schema, partition_spec=PartitionSpec(PartitionField(3, 1000, IdentityTransform(), "part")))
    fields = writer.metadata["schemas"][0]["fields"]
    fields[1] |= {"initial-default": "none", "write-default": "later"}
    fields[2] |= {"initial-default": "nowhere"}
    fields.append({"id": 4, "name": "n", "type": "int", "required": False})
    writer.rewrite(format_version=3, next_row_id=0, last_column_id=4)
    only_id = columns(("id", pyarrow.int64(), 1))
    stored = columns(("id", pyarrow.int64(), 1), ("name", pyarrow.string(), 2), ("part", pyarrow.string(), 3))
    writer.commit([writer.parquet(pyarrow.table([[1]], schema=only_id), DataFileContent.DATA, partition=("p",)),
                   writer.parquet(pyarrow.table([[2], [None], ["p"]], schema=stored), DataFileContent.DATA, partition=("p",))])
    assert rows(engine, writer, more="ORDER BY id") == [(1, "none", "p", None), (2, None, "p", None)]
    assert rows(engine, writer, "id", "WHERE name = 'none'") == [(1,)]
    assert rows(engine, writer, "id", "WHERE name IS NULL") == [(2,)]


def test_defaults_within_structs(catalog, engine):
    """Rules 11 and 12: a field that a struct of an old file lacks has its own default; a struct's own is null or empty."""
    schema = Schema(NestedField(1, "id", LongType(), required=False),
                    NestedField(2, "s", StructType(NestedField(3, "a", IntegerType(), required=False)), required=False))
    writer = writer_of(catalog, schema)
    struct = writer.metadata["schemas"][0]["fields"][1]
    struct["type"]["fields"].append({"id": 4, "name": "b", "type": "int", "required": False, "initial-default": 5})
    struct["initial-default"] = None
    writer.rewrite(format_version=3, next_row_id=0, last_column_id=4)
    inner = pyarrow.struct([pyarrow.field("a", pyarrow.int32(), metadata={"PARQUET:field_id": "3"})])
    written = pyarrow.Table.from_pylist([{"id": 1, "s": {"a": 2}}, {"id": 2, "s": None}], columns(("id", pyarrow.int64(), 1), ("s", inner, 2)))
    writer.commit([writer.parquet(written, DataFileContent.DATA)])
    assert rows(engine, writer, "id, s.a, s.b", "ORDER BY id") == [(1, 2, 5), (2, None, None)]


def test_name_mapping(catalog, engine):
    """Rules 5 and 73: files without ids are read by names, at every level; a dot is part of a name, several names may mean one column,
    and what has no id is nobody's."""
    schema = Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "a.b", StringType(), required=False),
                    NestedField(3, "s", StructType(NestedField(4, "x", IntegerType(), required=False)), required=False),
                    NestedField(5, "l", ListType(6, IntegerType(), element_required=False), required=False),
                    NestedField(7, "m", MapType(8, StringType(), 9, StructType(NestedField(10, "y", IntegerType(), required=False)),
                                                value_required=False), required=False),
                    NestedField(11, "lost", StringType(), required=False))
    writer = writer_of(catalog, schema)
    ids = {name: writer.table.schema().find_field(name).field_id for name in ("s", "s.x", "l", "l.element", "m", "m.key", "m.value", "m.value.y")}
    mapping = [{"field-id": 1, "names": ["id", "number"]}, {"field-id": 2, "names": ["a.b"]},
               {"field-id": ids["s"], "names": ["s"], "fields": [{"field-id": ids["s.x"], "names": ["ex"]}]},
               {"field-id": ids["l"], "names": ["l"], "fields": [{"field-id": ids["l.element"], "names": ["element"]}]},
               {"field-id": ids["m"], "names": ["m"], "fields": [
                   {"field-id": ids["m.key"], "names": ["key"]},
                   {"field-id": ids["m.value"], "names": ["value"], "fields": [{"field-id": ids["m.value.y"], "names": ["y"]}]}]},
               {"names": ["lost"]}]
    writer.rewrite(properties={"schema.name-mapping.default": json.dumps(mapping)})
    kind = pyarrow.schema([("number", pyarrow.int64()), ("a.b", pyarrow.string()), ("s", pyarrow.struct([("ex", pyarrow.int32())])),
                           ("l", pyarrow.list_(pyarrow.int32())), ("m", pyarrow.map_(pyarrow.string(), pyarrow.struct([("y", pyarrow.int32())]))),
                           ("lost", pyarrow.string())])
    file = pyarrow.Table.from_pylist([{"number": 1, "a.b": "dot", "s": {"ex": 2}, "l": [3, None], "m": [("k", {"y": 4})], "lost": "x"}], kind)
    writer.commit([writer.parquet(file, DataFileContent.DATA)])
    assert rows(engine, writer, 'id, "a.b", s.x, l[1], l[2], m[\'k\'].y, lost') == [(1, "dot", 2, 3, None, 4, None)]


@pytest.mark.parametrize("old, new, values, arrow", [
    ("int", "long", [1, -2**31], pyarrow.int32()), ("float", "double", [1.5, None], pyarrow.float32()),
    ("decimal(5, 2)", "decimal(20, 2)", [None, -1], pyarrow.decimal128(5, 2))], ids=["int", "float", "decimal"])
def test_promotions(catalog, engine, old, new, values, arrow):
    """Rules 6 and 7: old files have the old type, and bounds of its length; filters prune by these."""
    writer = writer_of(catalog)
    field = writer.metadata["schemas"][0]["fields"][0] | {"type": old}
    writer.metadata["schemas"][0]["fields"][0] = field
    writer.rewrite()
    file = writer.parquet(pyarrow.table([pyarrow.array(values, arrow), ["a", "b"]], schema=columns(("id", arrow, 1), ("name", pyarrow.string(), 2))),
                          DataFileContent.DATA)
    if old == "int":
        file._data[10], file._data[11] = {1: (-2**31).to_bytes(4, "little", signed=True)}, {1: (1).to_bytes(4, "little")}
    writer.commit([file])
    wide = {**writer.metadata["schemas"][0], "schema-id": 1, "fields": [field | {"type": new}, writer.metadata["schemas"][0]["fields"][1]]}
    writer.rewrite(schemas=[*writer.metadata["schemas"], wide], current_schema_id=1)
    assert rows(engine, writer, "id", "ORDER BY name") == [(value,) for value in values]
    assert rows(engine, writer, "count(*)", "WHERE id > 1000000000000000000") == [(0,)]
    assert rows(engine, writer, "name", f"WHERE id = {values[0] if values[0] is not None else values[1]}") == [("a",) if values[0] is not None else ("b",)]


def test_dates_that_become_timestamps(catalog, engine):
    """Rules 6 and 7: in version 3 a date may become a timestamp; its bounds are days."""
    import datetime
    writer = writer_of(catalog)
    writer.metadata["schemas"][0]["fields"][0]["type"] = "date"
    day = datetime.date(2024, 2, 29)
    file = writer.parquet(pyarrow.table([[day], ["a"]], schema=columns(("id", pyarrow.date32(), 1), ("name", pyarrow.string(), 2))), DataFileContent.DATA)
    days = (day - datetime.date(1970, 1, 1)).days.to_bytes(4, "little")
    file._data[10], file._data[11] = {1: days}, {1: days}
    writer.commit([file])
    schema = json.loads(json.dumps(writer.metadata["schemas"][0])) | {"schema-id": 1}
    schema["fields"][0]["type"] = "timestamp"
    writer.rewrite(schemas=[*writer.metadata["schemas"], schema], current_schema_id=1, format_version=3, next_row_id=0)
    assert rows(engine, writer, "id") == [(datetime.datetime(2024, 2, 29),)]
    assert rows(engine, writer, "name", "WHERE id >= TIMESTAMP '2024-02-29 00:00:00' AND id < TIMESTAMP '2024-03-01'") == [("a",)]
    assert rows(engine, writer, "name", "WHERE id > TIMESTAMP '2024-02-29 00:00:00'") == []
    assert rows(engine, writer, "name", "WHERE id < TIMESTAMP '2024-02-29 00:00:01'") == [("a",)]
    assert rows(engine, writer, "name", "WHERE id IN (TIMESTAMP '2024-02-29 00:00:01', TIMESTAMP '2024-03-01')") == []


def test_filters_on_floats_that_became_doubles(catalog, engine):
    """Rules 6 and 7: a float's value as a double is what a filter is about, not the filter's constant as a float."""
    writer = writer_of(catalog)
    writer.metadata["schemas"][0]["fields"][0]["type"] = "double"
    writer.rewrite()
    file = pyarrow.table([pyarrow.array([0.1, 0.5], pyarrow.float32()), ["a", "b"]], schema=columns(("id", pyarrow.float32(), 1), ("name", pyarrow.string(), 2)))
    writer.commit([writer.parquet(file, DataFileContent.DATA)])
    for where, names in (("id > 0.1", ["a", "b"]), ("id = 0.1", []), ("id <= 0.1", []), ("id <> 0.1", ["a", "b"]), ("id = 0.5", ["b"]), ("id IN (0.1, 0.5)", ["b"])):
        assert rows(engine, writer, "name", f"WHERE {where.replace('0.1', '0.1::DOUBLE')} ORDER BY name") == [(name,) for name in names], where


def test_paths_byte_for_byte(catalog, engine):
    """Rule 31: a delete is about the path that it names, not about another spelling of it."""
    writer = writer_of(catalog)
    file = writer.parquet(pyarrow.table([[1, 2], ["a", "b"]], schema=columns(("id", pyarrow.int64(), 1), ("name", pyarrow.string(), 2))), DataFileContent.DATA)
    writer.commit([file])
    writer.commit([writer.position_deletes([(file.file_path.replace("/data/", "//data/"), 0), (file.file_path, 1)])])
    assert rows(engine, writer, "id") == [(1,)]


@pytest.mark.parametrize("file_format", ["ORC", "AVRO"])
def test_formats_of_data_files(catalog, engine, file_format):
    """Rule 75: data files in ORC and Avro are refused by name."""
    writer = writer_of(catalog)
    file = writer.parquet(pyarrow.table([[1]], schema=columns(("id", pyarrow.int64(), 1))), DataFileContent.DATA)
    file._data[2] = file_format
    writer.commit([file])
    with pytest.raises(psycopg.errors.FeatureNotSupported, match=f"data file .* has format {file_format.lower()}, only parquet is supported"):
        rows(engine, writer)


def test_int96(catalog, engine):
    """Rule 72: timestamps as migrated files have them."""
    import datetime
    writer = writer_of(catalog)
    writer.metadata["schemas"][0]["fields"][0]["type"] = "timestamp"
    moment = datetime.datetime(2024, 2, 29, 1, 2, 3, 456789)
    path = writer.new_path(".parquet")
    written = pyarrow.table([pyarrow.array([moment], pyarrow.timestamp("ns"))], schema=columns(("id", pyarrow.timestamp("ns"), 1)))
    file = writer.parquet(written, DataFileContent.DATA)
    pyarrow.parquet.write_table(written, path, use_deprecated_int96_timestamps=True)
    file._data[1], file._data[5] = f"file://{path}", path.stat().st_size
    writer.commit([file])
    assert rows(engine, writer, "id") == [(moment,)]


@pytest.mark.parametrize("codec", ["null", "deflate", "zstandard"])
def test_codecs_of_manifests(catalog, engine, codec):
    """Rule 38: manifests and lists in every codec that PyIceberg writes here (snappy: unit tests of src/avro)."""
    writer = writer_of(catalog)
    file = writer.parquet(pyarrow.table([[1], ["a"]], schema=columns(("id", pyarrow.int64(), 1), ("name", pyarrow.string(), 2))), DataFileContent.DATA)
    writer.commit([file], codec=codec)
    assert rows(engine, writer) == [(1, "a")]


@pytest.mark.parametrize("suffix", [".gz.metadata.json", ".metadata.json.gz"])
def test_compressed_metadata(catalog, engine, suffix):
    """Rule 58: by either name."""
    writer = writer_of(catalog)
    writer.commit([writer.parquet(pyarrow.table([[1]], schema=columns(("id", pyarrow.int64(), 1))), DataFileContent.DATA)])
    path = writer.path.with_name(writer.path.name.removesuffix(".metadata.json") + suffix)
    path.write_bytes(gzip.compress(writer.path.read_bytes()))
    writer.location = f"file://{path}"
    assert rows(engine, writer, "id") == [(1,)]


def own_metadata(pg, name):
    return pg.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = %s::regclass", [name]).fetchone()[0]


def test_entries_of_ours(pg):
    """Rules 30 and 72: split offsets ascend, nothing is said that does not apply; Parquet has the types that the table's have."""
    pg.execute("CREATE TABLE t (i int, n numeric(9,2), m numeric(18,2), w numeric(38,2), ts timestamp, tz timestamptz, tm time, u uuid, s text) USING iceberg")
    pg.execute("INSERT INTO t SELECT i, i, i, i, now(), now(), '1:00', gen_random_uuid(), 'x' FROM generate_series(1, 300000) i")
    iceberg = StaticTable.from_metadata(own_metadata(pg, "t"))
    (manifest,) = iceberg.current_snapshot().manifests(iceberg.io)
    for entry in manifest.fetch_manifest_entry(iceberg.io):
        file = entry.data_file
        assert file.split_offsets and file.split_offsets == sorted(file.split_offsets)
        assert file.equality_ids in (None, []) and file.key_metadata is None
        stored = pyarrow.parquet.ParquetFile(file.file_path.removeprefix("file://")).schema
        found = {stored.column(i).name: (stored.column(i).physical_type, str(stored.column(i).logical_type)) for i in range(len(stored))}
        assert {name: kind[0] for name, kind in found.items()} == {
            "i": "INT32", "n": "INT32", "m": "INT64", "w": "FIXED_LEN_BYTE_ARRAY", "ts": "INT64", "tz": "INT64", "tm": "INT64",
            "u": "FIXED_LEN_BYTE_ARRAY", "s": "BYTE_ARRAY"}
        for name, adjusted in (("ts", "false"), ("tz", "true"), ("tm", "false")):
            assert f"isAdjustedToUTC={adjusted}" in found[name][1] and "microseconds" in found[name][1], found[name]
        assert found["u"][1] == "UUID" and found["s"][1] == "String"


def test_values_that_iceberg_does_not_have(pg):
    """Rule 76: infinities and dates out of range are errors, or become the limit where the table says so."""
    pg.execute("CREATE TABLE t (d date, ts timestamptz) USING iceberg")
    for value in ("'infinity', NULL", "NULL, '-infinity'", "NULL, '20000-01-01'"):
        with pytest.raises(psycopg.errors.DatetimeFieldOverflow):
            pg.execute(f"INSERT INTO t VALUES ({value})")
    pg.execute("ALTER TABLE t SET (out_of_range_values = 'clamp')")
    pg.execute("INSERT INTO t VALUES ('infinity', '-infinity')")
    assert pg.execute("SELECT d::text, extract(year FROM ts AT TIME ZONE 'UTC') FROM t").fetchall() == [("9999-12-31", 1)]


def test_what_others_left_is_kept(pg):
    """Rules 45, 77, 79 and 80: properties, summaries, refs, statistics and unknown members of others survive our commits."""
    pg.execute("CREATE TABLE t (id bigint) USING iceberg")
    pg.execute("INSERT INTO t VALUES (1)")
    writer = OtherWriter(own_metadata(pg, "t"))
    snapshot = writer.metadata["snapshots"][0]
    snapshot["summary"]["their-key"] = "their value"
    payload = b'{"blobs": []}'
    puffin = b"PFA1" * 2 + payload + struct.pack("<II", len(payload), 0) + b"PFA1"
    statistics = {"snapshot-id": snapshot["snapshot-id"], "statistics-path": f"{writer.metadata['location']}/metadata/x.stats",
                  "file-size-in-bytes": len(puffin), "file-footer-size-in-bytes": len(puffin) - 4, "blob-metadata": []}
    properties = {"their.property": "yes", "write.metadata.previous-versions-max": "2"}
    tag = {"snapshot-id": snapshot["snapshot-id"], "type": "tag", "max-ref-age-ms": 1000}
    writer.rewrite(properties=writer.metadata["properties"] | properties, statistics=[statistics], their_member={"a": [1]},
                   refs=writer.metadata["refs"] | {"theirs": tag})
    (Path(writer.metadata["location"].removeprefix("file://")) / "metadata/x.stats").write_bytes(puffin)
    pg.execute("UPDATE lake_iceberg.tables_internal SET metadata_location = %s, previous_metadata_location = metadata_location "
               "WHERE table_name = 't'::regclass", [writer.location])
    for number in range(3):
        pg.execute("INSERT INTO t VALUES (%s)", [number])
    after = json.loads(Path(own_metadata(pg, "t").removeprefix("file://")).read_text())
    assert after["properties"].items() >= properties.items() and after["their-member"] == {"a": [1]}
    assert after["statistics"] == [statistics] and after["refs"]["theirs"] == tag
    assert after["snapshots"][0]["summary"]["their-key"] == "their value" and "their-key" not in after["snapshots"][-1]["summary"]
    assert len(after["metadata-log"]) == 2, "write.metadata.previous-versions-max"
