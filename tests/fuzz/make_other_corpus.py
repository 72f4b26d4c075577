"""Writes seeds for the fuzz targets that Spark and PyIceberg have made: a few small tables of each, in every format version, and of each
kind of file of theirs what is new in it. Run by hand, when they or the formats change (./lake test interop has installed Spark):

    PYTHONPATH=. .lake/venv/bin/python tests/fuzz/make_other_corpus.py

The files are named by who made them, and what is there under that name is replaced.
"""

import json
import struct
import tempfile
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
from pyiceberg.avro.file import AvroFile
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, TruncateTransform
from pyiceberg.types import DateType, DecimalType, DoubleType, IntegerType, ListType, LongType, NestedField, StringType, TimestampType

from lakectl.places import ROOT
from lakectl.spark import jars

CORPUS = ROOT / "tests/fuzz/corpus"
LARGEST = 20000
COLUMNS = """id int, l bigint, f float, d double, n decimal(9,2), m decimal(38,10), b boolean, day date, at timestamp, atz timestamp_ntz,
    s string, x binary, a array<int>, o map<string, int>, st struct<p:int, q:string>"""
ROWS = """SELECT CAST(id AS int), id * 5000000000, CAST(id / 3 AS float), IF(id = 2, double('nan'), -id / 7), CAST(id * 1.5 AS decimal(9,2)),
    CAST(-id AS decimal(38,10)), id % 2 = 0, date_add(DATE '1969-12-30', CAST(id AS int)), TIMESTAMP '2024-01-01 00:00:00' + make_interval(0, 0, 0, 0, CAST(id AS int)),
    TIMESTAMP_NTZ '1969-12-31 23:00:00' + make_interval(0, 0, 0, 0, CAST(id AS int)), IF(id = 1, NULL, repeat(CHAR(955 % 255), 20) || id), CAST('x' || id AS binary),
    array(CAST(id AS int), NULL), map('k', CAST(id AS int)), named_struct('p', CAST(id AS int), 'q', 'q') FROM range(0, 4, 1, 1)"""
PARTITIONS = "PARTITIONED BY (bucket(4, id), truncate(10, n), days(at), truncate(2, s))"
# The number of each type in bounds_fuzz.cpp.
TYPES = ["boolean", "int", "long", "float", "double", "decimal(9, 2)", "decimal(18, 0)", "decimal(38, 10)", "decimal(38, 38)", "date", "time", "timestamp",
         "timestamptz", "timestamp_ns", "timestamptz_ns", "string", "uuid", "fixed[3]", "binary"]


def keep(target, name, data):
    if len(data) > LARGEST:
        print(f"left out, of {len(data)} bytes: {target}/{name}")
        return
    folder = CORPUS / target
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)


def keep_table(location, name, only=()):
    """Its metadata, and of the files around it the largest of each kind: that has most in it. `only` names kinds."""
    folder = Path(location.removeprefix("file:")).resolve().parent
    kinds = {"metadata": Path(location.removeprefix("file:"))}
    for file in sorted(folder.parent.rglob("*")):
        kind = next((kind for kind, fits in {"list": file.name.startswith("snap-"), "manifest": file.suffix == ".avro", "puffin": file.suffix == ".puffin",
                                             "stats": file.suffix == ".stats", "deletes.parquet": file.name.endswith("deletes.parquet"),
                                             "parquet": file.suffix == ".parquet"}.items() if fits), None)
        if kind == "manifest" and manifest_content(file) == "deletes":
            kind = "deletes"
        if kind and file.stat().st_size > (kinds[kind].stat().st_size if kind in kinds else 0):
            kinds[kind] = file
    for kind, file in kinds.items():
        if only and kind not in only:
            continue
        data = file.read_bytes()
        match kind:
            case "metadata": keep("metadata", f"{name}.json", data)
            case "list" | "manifest" | "deletes": keep("avro", f"{name}-{kind}.avro", data)
            case "parquet" | "deletes.parquet": keep("parquet", f"{name}.{kind}", data)
            case _: keep_puffin(data, name, kind)
        if name in ("spark-parts3", "pyiceberg-flat2") and kind == "manifest":
            keep_bounds(file, name)


def manifest_content(file):
    with AvroFile(PyArrowFileIO().new_input(str(file))) as opened:
        return opened.header.meta.get("content", "data")


def keep_bounds(manifest, name):
    """Of each type the bounds that the first entry has."""
    with AvroFile(PyArrowFileIO().new_input(str(manifest))) as opened:
        types = {field["id"]: field["type"] for field in json.loads(opened.header.meta["schema"])["fields"]}
        entry = next(iter(opened))
        file = entry[[field.name for field in opened.schema.fields].index("data_file")]
        names = [field.name for field in opened.schema.find_field("data_file").field_type.fields]
    lower, upper = file[names.index("lower_bounds")] or {}, file[names.index("upper_bounds")] or {}
    for field in lower:
        kind = types.get(field)
        if isinstance(kind, str) and kind in TYPES and field in upper:
            keep("bounds", f"{name}-{kind.replace(' ', '')}", bytes([TYPES.index(kind), 0, len(lower[field])]) + lower[field] + upper[field])


def keep_puffin(data, name, kind):
    keep("puffin", f"{name}.{kind}", data)
    size = struct.unpack("<i", data[-12:-8])[0]
    for blob in json.loads(data[-12 - size:-12])["blobs"]:
        content = data[blob["offset"]:blob["offset"] + blob["length"]]
        if blob["type"] == "apache-datasketches-theta-v1":
            if blob.get("compression-codec") == "zstd":
                content = pyarrow.input_stream(pyarrow.py_buffer(content), compression="zstd").read()
            keep("theta_sketch", f"{name}-{blob['fields'][0]}", content)
        elif blob["type"] == "deletion-vector-v1":
            keep("deletion_vector", f"{name}-{blob['offset']}", content)


def by_spark(warehouse):
    from pyspark.sql import SparkSession
    session = (SparkSession.builder.master("local[1]").config("spark.driver.extraClassPath", ":".join(map(str, jars())))
               .config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "1").config("spark.sql.session.timeZone", "UTC")
               .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
               .config("spark.sql.catalog.c", "org.apache.iceberg.spark.SparkCatalog").config("spark.sql.catalog.c.type", "hadoop")
               .config("spark.sql.catalog.c.warehouse", f"file://{warehouse}").getOrCreate())
    on_read = {f"write.{what}.mode": "merge-on-read" for what in ("delete", "update", "merge")}

    def table(name, version, statements=(), columns=COLUMNS, rows=ROWS, partitions="", only=(), **properties):
        pairs = ", ".join(f"'{key}' = '{value}'" for key, value in {"format-version": version, **properties}.items())
        session.sql(f"CREATE TABLE c.ns.{name} ({columns}) USING iceberg {partitions} TBLPROPERTIES ({pairs})")
        session.sql(f"INSERT INTO c.ns.{name} {rows}")
        for statement in statements:
            session.sql(statement.replace("$T", f"c.ns.{name}"))
        metadata = Path(f"{warehouse}/ns/{name}/metadata")
        newest = max(metadata.glob("v*.metadata.json"), key=lambda file: int(file.name[1:].split(".")[0]))
        keep_table(f"file:{newest}", f"spark-{name}", only)

    changes = ["DELETE FROM $T WHERE id = 1", "ALTER TABLE $T ADD COLUMN more int", "UPDATE $T SET more = 7 WHERE id = 2"]
    for version in (1, 2, 3):
        table(f"flat{version}", version, changes, **(on_read if version > 1 else {}))
        table(f"parts{version}", version, ["DELETE FROM $T WHERE id = 1", "ALTER TABLE $T DROP PARTITION FIELD truncate(2, s)", f"INSERT INTO $T {ROWS}"],
              partitions=PARTITIONS, **(on_read if version > 1 else {}))
    for codec in ("snappy", "gzip", "uncompressed"):
        table(codec, 2, only=("parquet",), **{"write.parquet.compression-codec": codec})
    table("bloom", 2, only=("parquet",), columns="l bigint", rows="SELECT id FROM range(20)",
          **{"write.parquet.bloom-filter-enabled.column.l": "true", "write.parquet.bloom-filter-max-bytes": "1024"})
    table("pages2", 2, only=("parquet",), **{"write.parquet.page-version": "v2", "write.parquet.row-group-size-bytes": "1"})
    table("refs", 2, ["ALTER TABLE $T CREATE BRANCH b", "ALTER TABLE $T CREATE TAG t RETAIN 5 DAYS", "INSERT INTO $T.branch_b VALUES (9)",
                      "ALTER TABLE $T WRITE ORDERED BY id DESC"], columns="id int", rows="VALUES (1), (2)", only=("metadata",))
    table("many", 2, ["CALL c.system.compute_table_stats(table => 'c.ns.many')", "CALL c.system.compute_partition_stats(table => 'c.ns.many')"],
          columns="id bigint, k string, z int", rows="SELECT id, 'k' || id % 40, CAST(NULL AS int) FROM range(0, 1000, 1, 1)", partitions="PARTITIONED BY (bucket(2, id))", only=("stats", "puffin", "list"))
    for shredded in (False, True):
        table(f"variant{int(shredded)}", 3, only=("parquet",), columns="id int, v variant", rows="""SELECT CAST(id AS int), parse_json('{"a": ' || id || ', "b": [1, "x"]}') FROM range(0, 4, 1, 1)""",
              **{"write.parquet.shred-variants": str(shredded).lower()})
    session.stop()


def by_pyiceberg(warehouse):
    catalog = SqlCatalog("own", uri=f"sqlite:///{warehouse}/catalog.db", warehouse=f"file://{warehouse}")
    catalog.create_namespace("ns")
    schema = Schema(NestedField(1, "id", LongType()), NestedField(2, "s", StringType()), NestedField(3, "n", DecimalType(9, 2)), NestedField(4, "day", DateType()),
                    NestedField(5, "at", TimestampType()), NestedField(6, "d", DoubleType()), NestedField(7, "a", ListType(8, IntegerType(), element_required=False)))
    spec = PartitionSpec(PartitionField(1, 1000, BucketTransform(4), "id_b"), PartitionField(2, 1001, TruncateTransform(2), "s_t"), PartitionField(5, 1002, DayTransform(), "at_day"))
    for version in (1, 2):
        for kind, partitions in (("flat", PartitionSpec()), ("parts", spec)):
            table = catalog.create_table(f"ns.{kind}{version}", schema, partition_spec=partitions, properties={"format-version": str(version)})
            table.append(pyarrow.table({
                "id": pyarrow.array([i * 2**33 for i in range(4)], pyarrow.int64()), "s": [None if i == 1 else f"value {i}" * 4 for i in range(4)],
                "n": pyarrow.array([Decimal(i) / 4 for i in range(4)], pyarrow.decimal128(9, 2)), "day": pyarrow.array(range(-1, 3), pyarrow.int32()).cast(pyarrow.date32()),
                "at": pyarrow.array([i * 10**12 for i in range(4)], pyarrow.timestamp("us")), "d": [i / 3 for i in range(4)],
                "a": pyarrow.array([[i, None] for i in range(4)], pyarrow.list_(pyarrow.int32()))}))
            table.delete("id = 0")
            keep_table(table.metadata_location.replace("file://", "file:"), f"pyiceberg-{kind}{version}")


def by_pyarrow(folder):
    """What Arrow's writer, which is PyIceberg's, can do besides: encodings, INT96, pages, no statistics."""
    table = pyarrow.table({"id": pyarrow.array(range(50), pyarrow.int32()), "s": [f"s{i % 3}" for i in range(50)], "d": [i / 3 for i in range(50)],
                           "at": pyarrow.array(range(50), pyarrow.timestamp("us")), "x": pyarrow.array([b"abc"] * 50, pyarrow.binary(3))})
    kinds = {
        "delta": {"use_dictionary": False, "column_encoding": {"id": "DELTA_BINARY_PACKED", "s": "DELTA_BYTE_ARRAY", "d": "BYTE_STREAM_SPLIT"}},
        "deltalength": {"use_dictionary": False, "column_encoding": {"s": "DELTA_LENGTH_BYTE_ARRAY"}, "data_page_version": "2.0", "compression": "zstd"},
        "int96": {"use_deprecated_int96_timestamps": True, "compression": "none"},
        "groups": {"row_group_size": 7, "write_page_index": True, "compression": "none"},
        "silent": {"write_statistics": False, "compression": "gzip", "store_schema": False, "write_page_checksum": True},
    }
    for name, options in kinds.items():
        pyarrow.parquet.write_table(table, folder / "one.parquet", **options)
        keep("parquet", f"pyarrow-{name}.parquet", (folder / "one.parquet").read_bytes())


def main():
    with tempfile.TemporaryDirectory() as place:
        for name, make in {"spark": by_spark, "pyiceberg": by_pyiceberg, "pyarrow": by_pyarrow}.items():
            folder = Path(place).resolve() / name
            folder.mkdir()
            make(folder)


main()
