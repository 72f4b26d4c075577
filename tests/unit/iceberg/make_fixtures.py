"""Makes the tables in data/ with PyIceberg 0.12 (needs pyiceberg[pyarrow,sql-sqlite,pyiceberg-core]); run from this folder.

Only metadata is kept: the tests read metadata files, manifest lists and manifests, and never open a data file. The tables
are made below /tmp/lake_fixtures, which is therefore what their paths say.
"""
import datetime as dt
import decimal
import pathlib
import shutil

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform, TruncateTransform
from pyiceberg.types import DateType, DecimalType, DoubleType, ListType, LongType, NestedField, StringType, StructType, TimestamptzType

ROOT = pathlib.Path("/tmp/lake_fixtures")
DATA = pathlib.Path(__file__).parent / "data"


def catalog():
    shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir()
    made = SqlCatalog("fixtures", uri=f"sqlite:///{ROOT}/catalog.db", warehouse=f"file://{ROOT}")
    made.create_namespace("db")
    return made


def keep(name, table):
    target = DATA / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    location = pathlib.Path(table.location().removeprefix("file://"))
    current = table.metadata_location.rsplit("/", 1)[1]
    for file in (location / "metadata").iterdir():
        if file.suffix == ".avro":
            shutil.copy(file, target / file.name)
        elif file.name == current:
            shutil.copy(file, target / "current.metadata.json")


def plain(cat, name, version):
    """Three appends, a delete by rewriting, an added and a renamed column."""
    schema = Schema(NestedField(1, "id", LongType(), required=True), NestedField(2, "name", StringType(), required=False),
                    NestedField(3, "price", DoubleType(), required=False))
    table = cat.create_table(f"db.{name}", schema, location=f"file://{ROOT}/{name}", properties={"format-version": str(version), "owner": "tests"})
    arrow = schema.as_arrow()
    for first in (0, 10, 20):
        table.append(pa.Table.from_pylist([{"id": i, "name": f"name {i}", "price": i / 2} for i in range(first, first + 10)], arrow))
    table.delete("id >= 10 and id < 15")
    with table.update_schema() as update:
        update.add_column("added", DateType())
        update.rename_column("name", "label")
    table.append(pa.Table.from_pylist([{"id": 100, "label": None, "price": float("nan"), "added": dt.date(2024, 2, 29)}],
                                      table.schema().as_arrow()))
    keep(name, table)


def partitioned(cat):
    """Four transforms, nulls among the partition values, nested columns."""
    schema = Schema(
        NestedField(1, "id", LongType(), required=True), NestedField(2, "city", StringType(), required=False),
        NestedField(3, "at", TimestamptzType(), required=False), NestedField(4, "amount", DecimalType(9, 2), required=False),
        NestedField(5, "tags", ListType(6, StringType(), element_required=False), required=False),
        NestedField(7, "place", StructType(NestedField(8, "street", StringType(), required=False)), required=False))
    spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "city"), PartitionField(1, 1001, BucketTransform(4), "id_bucket"),
                         PartitionField(3, 1002, DayTransform(), "at_day"), PartitionField(4, 1003, TruncateTransform(100), "amount_trunc"))
    table = cat.create_table("db.partitioned", schema, location=f"file://{ROOT}/partitioned", partition_spec=spec)
    rows = []
    for i in range(6):
        rows.append({"id": i, "city": [None, "Århus", "Oslo"][i % 3], "at": dt.datetime(2024, 2, 28 + i % 2, 23, tzinfo=dt.timezone.utc),
                     "amount": None if i == 5 else decimal.Decimal(i * 75).scaleb(-2), "tags": ["a", None], "place": {"street": "x"}})
    table.append(pa.Table.from_pylist(rows, table.schema().as_arrow()))
    keep("partitioned", table)


if __name__ == "__main__":
    cat = catalog()
    plain(cat, "plain_v2", 2)
    plain(cat, "plain_v1", 1)
    partitioned(cat)
