"""Our scan reads what PyIceberg writes: every scalar type, several files, schema changes, overwrites, partitions."""

import datetime
import decimal
import uuid

import pyarrow
import pytest
from pyiceberg.expressions import EqualTo
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, IdentityTransform
from pyiceberg.types import (BinaryType, BooleanType, DateType, DecimalType, DoubleType, FloatType, IntegerType, LongType, NestedField,
                             StringType, TimestampType, TimestamptzType, TimeType, UUIDType)


def scanned(engine, table, what="*", more=""):
    return engine.execute(f"SELECT {what} FROM lake_scan('{table.metadata_location}') {more}").fetchall()


def test_scalar_types(catalog, engine):
    kinds = [("b", BooleanType(), [True, False, None]), ("i", IntegerType(), [1, -2**31, None]), ("l", LongType(), [2**62, -1, None]),
             ("f", FloatType(), [1.5, float("-inf"), None]), ("d", DoubleType(), [0.1, 5e-324, None]),
             ("n", DecimalType(20, 3), [decimal.Decimal("123.456"), decimal.Decimal("-0.001"), None]),
             ("dt", DateType(), [datetime.date(2024, 2, 29), datetime.date(1, 1, 1), None]),
             ("t", TimeType(), [datetime.time(23, 59, 59, 999999), datetime.time(0), None]),
             ("ts", TimestampType(), [datetime.datetime(2024, 1, 2, 3, 4, 5, 678901), datetime.datetime(1969, 12, 31, 23, 59, 59), None]),
             ("tz", TimestamptzType(), [datetime.datetime(2024, 1, 2, 3, 4, 5, 6, datetime.timezone.utc), None, None]),
             ("s", StringType(), ["héllo 🙂", "", None]), ("x", BinaryType(), [b"\x00\xff", b"", None]),
             ("u", UUIDType(), [uuid.UUID(int=1).bytes, uuid.UUID(int=2**128 - 1).bytes, None])]
    schema = Schema(*[NestedField(number, name, kind, required=False) for number, (name, kind, _) in enumerate(kinds, 1)])
    table = catalog.create_table("ns.types", schema)
    arrow = schema.as_arrow()
    table.append(pyarrow.table([pyarrow.array(values, field.type if name != "u" else pyarrow.binary(16)).cast(field.type)
                                if name != "u" else pyarrow.array(values, pyarrow.binary(16))
                                for (name, _, values), field in zip(kinds, arrow)], names=[name for name, _, _ in kinds]))
    rows = scanned(engine, table)
    expected = list(zip(*[[uuid.UUID(bytes=value) if name == "u" and value else value for value in values] for name, _, values in kinds]))
    assert sorted(rows, key=repr) == sorted(expected, key=repr)


@pytest.fixture
def numbers(catalog):
    schema = Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "name", StringType(), required=False))
    table = catalog.create_table("ns.numbers", schema)
    for part in range(3):
        ids = list(range(part * 100, part * 100 + 100))
        table.append(pyarrow.table({"id": ids, "name": [f"n{number}" for number in ids]}))
    return table


def test_several_files_and_filters(numbers, engine):
    assert scanned(engine, numbers, "count(*), sum(id)") == [(300, 44850)]
    assert scanned(engine, numbers, "name", "WHERE id = 150") == [("n150",)]
    assert scanned(engine, numbers, "count(*)", "WHERE name LIKE 'n2%'") == [(111,)]


def test_overwrite_and_delete(numbers, engine):
    numbers.delete(EqualTo("id", 7))
    assert scanned(engine, numbers, "count(*)") == [(299,)]
    numbers.overwrite(pyarrow.table({"id": [1], "name": ["only"]}))
    assert scanned(engine, numbers) == [(1, "only")]


def test_schema_changes(numbers, engine):
    """Columns are found by field id, whatever they were called when the file was written."""
    with numbers.update_schema() as update:
        update.rename_column("name", "label")
        update.add_column("extra", IntegerType())
    with numbers.update_schema() as update:
        update.move_first("label")
    numbers.append(pyarrow.table({"label": ["new"], "id": [1000], "extra": pyarrow.array([5], pyarrow.int32())}))
    assert scanned(engine, numbers, "*", "WHERE id IN (5, 1000) ORDER BY id") == [("n5", 5, None), ("new", 1000, 5)]
    with numbers.update_schema() as update:
        update.delete_column("label")
        update.add_column("name", StringType())
    assert scanned(engine, numbers, "count(name), count(id)") == [(0, 301)], "a new column under an old name starts empty"


def test_partitions(catalog, engine):
    schema = Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "store", StringType(), required=False))
    spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "store"), PartitionField(1, 1001, BucketTransform(4), "id_bucket"))
    table = catalog.create_table("ns.parts", schema, partition_spec=spec)
    table.append(pyarrow.table({"id": list(range(100)), "store": [None if n % 5 == 0 else f"s{n % 5}" for n in range(100)]}))
    assert scanned(engine, table, "count(*), count(store)") == [(100, 80)]
    assert scanned(engine, table, "count(*)", "WHERE store = 's1'") == [(20,)]
    assert scanned(engine, table, "count(*)", "WHERE store IS NULL AND id < 50") == [(10,)]


def test_empty_table(catalog, engine):
    table = catalog.create_table("ns.empty", Schema(NestedField(1, "id", LongType(), required=False)))
    assert scanned(engine, table) == []
