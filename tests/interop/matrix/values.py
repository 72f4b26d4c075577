"""The table that the matrix is measured on: a column of each type, a partition field of each transform, and rows of edge values.

Every value stands in two rows, `n` and `n + 100`, so that a partition has more than one row and deletes leave some. Values are
compared in one spelling (`canonical`), whoever gave them.
"""

import datetime
import uuid
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pyiceberg.types import (BinaryType, BooleanType, DateType, DecimalType, DoubleType, FloatType, IntegerType, ListType, LongType,
                             MapType, NestedField, StringType, StructType, TimestampType, TimestamptzType, TimeType, UUIDType)

UTC = datetime.timezone.utc
DATES = [datetime.date(2017, 11, 16), datetime.date(1969, 12, 31), None, datetime.date(1970, 1, 1), datetime.date(1999, 2, 28)]
TIMES = [datetime.datetime(2017, 11, 16, 22, 31, 8), datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), None,
         datetime.datetime(1968, 2, 29, 12), datetime.datetime(2038, 1, 19, 3, 14, 7, 1)]
ZONED = [value and value.replace(tzinfo=UTC) for value in TIMES]
PAIR = StructType(NestedField(101, "a", IntegerType(), required=False), NestedField(102, "b", StringType(), required=False))
DEEP = StructType(NestedField(103, "p", PAIR, required=False), NestedField(104, "q", LongType(), required=False))


def listed(kind):
    return ListType(105, kind, element_required=False)


def mapped(kind):
    return MapType(106, StringType(), 107, kind, value_required=False)


@dataclass(frozen=True)
class Column:
    name: str
    kind: object  # PyIceberg's type
    spark: str | None  # Spark's name of the type, None: it has none
    postgres: str
    values: list
    transforms: list = field(default_factory=list)  # "identity", "bucket[4]", "day"

    @property
    def label(self):
        return str(self.kind) if self.kind.is_primitive else self.postgres_label

    @property
    def postgres_label(self):
        return {"la": "list of int", "ls": "list of struct", "st": "struct of struct", "mp": "map of int", "ml": "map of list"}[self.name]

    def value(self, number):
        return self.values[number % 100 % len(self.values)]


COLUMNS = [
    Column("id", IntegerType(), "int", "int", []),
    Column("b", BooleanType(), "boolean", "boolean", [True, False, None], ["identity"]),
    Column("i", IntegerType(), "int", "int", [0, -1, -10, None, 34, 2**31 - 1, -2**31 + 8], ["identity", "bucket[7]", "truncate[10]"]),
    Column("l", LongType(), "bigint", "bigint", [0, -1, None, 34, 2**63 - 1, -2**62], ["identity", "bucket[100]", "truncate[1000]"]),
    Column("f", FloatType(), "float", "float4", [1.5, float("-inf"), None, float("nan"), 0.0]),
    Column("d", DoubleType(), "double", "float8", [0.1, 5e-324, None, float("nan"), float("inf"), -1.0], ["identity"]),
    Column("n9", DecimalType(9, 2), "decimal(9,2)", "numeric(9,2)", [Decimal("14.20"), Decimal("-0.01"), None, Decimal("1234567.89")],
           ["identity", "bucket[16]"]),
    # Its own type, for PyIceberg cannot read partitions with two fields of one decimal type.
    Column("n10", DecimalType(10, 2), "decimal(10,2)", "numeric(10,2)", [Decimal("14.20"), Decimal("-0.01"), None], ["truncate[50]"]),
    Column("n18", DecimalType(18, 4), "decimal(18,4)", "numeric(18,4)", [Decimal("99999999999999.9999"), None, Decimal("-1.0001")],
           ["identity", "bucket[16]"]),
    Column("n38", DecimalType(38, 10), "decimal(38,10)", "numeric(38,10)",
           [Decimal("9" * 28 + ".9999999999"), Decimal("-0.0000000001"), None, Decimal(3)], ["identity", "bucket[16]"]),
    Column("n37", DecimalType(37, 10), "decimal(37,10)", "numeric(37,10)", [Decimal("-0.0000000001"), Decimal(3), None], ["truncate[9]"]),
    Column("s", StringType(), "string", "text", ["iceberg", "", None, "äöü€🙂x", "a/b=c d%", "x" * 20], ["identity", "bucket[16]", "truncate[2]"]),
    Column("x", BinaryType(), "binary", "bytea", [b"\0\1\2\3", b"", None, b"\xff" * 20], ["identity", "bucket[16]", "truncate[1]"]),
    Column("dt", DateType(), "date", "date", DATES, ["identity", "bucket[16]", "year"]),
    Column("dt2", DateType(), "date", "date", DATES, ["month"]),
    Column("dt3", DateType(), "date", "date", DATES, ["day"]),
    Column("ts", TimestampType(), "timestamp_ntz", "timestamp", TIMES, ["identity", "bucket[16]", "year"]),
    Column("ts2", TimestampType(), "timestamp_ntz", "timestamp", TIMES, ["month"]),
    Column("ts3", TimestampType(), "timestamp_ntz", "timestamp", TIMES, ["day"]),
    Column("ts4", TimestampType(), "timestamp_ntz", "timestamp", TIMES, ["hour"]),
    Column("tz", TimestamptzType(), "timestamp", "timestamptz", ZONED, ["identity", "bucket[16]", "year"]),
    Column("tz2", TimestamptzType(), "timestamp", "timestamptz", ZONED, ["month"]),
    Column("tz3", TimestamptzType(), "timestamp", "timestamptz", ZONED, ["day"]),
    Column("tz4", TimestamptzType(), "timestamp", "timestamptz", ZONED, ["hour"]),
    Column("u", UUIDType(), None, "uuid", [uuid.UUID("f79c3e09-677c-4bbd-a479-3f349cb785e7"), None, uuid.UUID(int=2**128 - 1)],
           ["identity", "bucket[16]"]),
    Column("t", TimeType(), None, "time", [datetime.time(22, 31, 8), datetime.time(0), None, datetime.time(23, 59, 59, 999999)],
           ["identity", "bucket[16]"]),
    Column("la", listed(IntegerType()), "array<int>", "int[]", [[1, None, 3], [], None, [-2**31]]),
    Column("ls", listed(PAIR), "array<struct<a:int,b:string>>", "m_pair[]", [[{"a": 1, "b": "x"}, {"a": None, "b": None}], None, [None]]),
    Column("st", DEEP, "struct<p:struct<a:int,b:string>,q:bigint>", "m_deep",
           [{"p": {"a": 1, "b": "x"}, "q": 2**40}, {"p": None, "q": 7}, None, {"p": {"a": None, "b": ""}, "q": None}]),
    Column("mp", mapped(IntegerType()), "map<string,int>", "{map:int}", [{"k": 1, "m": None}, {}, None, {"": 0}]),
    Column("ml", mapped(listed(IntegerType())), "map<string,array<int>>", "{map:int[]}", [{"k": [1, 2], "m": None}, {"z": []}, None]),
]
# The same with one transform a column: PyIceberg cannot write partitions with two fields of one column.
ALONE = [replace(column, name=column.name if not place else f"{column.name}_{place}", transforms=column.transforms[place:place + 1])
         for column in COLUMNS for place in range(max(1, len(column.transforms)))]
FIRST, LATER = [*range(1, 7), *range(101, 107)], [*range(7, 10), *range(107, 110)]  # rows before and after the partitions changed
DELETED = [2, 105, 8]  # by position
DELETED_BY_KEY = [3, 104, 107]


def canonical(value):
    """One spelling for a value, whoever gave it: Python's types of dates as counts, structs as tuples, maps as sorted pairs."""
    if isinstance(value, bool) or value is None or isinstance(value, (int, str)):
        return value
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Decimal):
        return ("decimal", str(value.normalize() if value else 0))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, datetime.datetime):
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return (value - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return (value - datetime.date(1970, 1, 1)).days
    if isinstance(value, datetime.time):
        return ((value.hour * 60 + value.minute) * 60 + value.second) * 1000000 + value.microsecond
    return str(value)  # UUID


def canonical_nested(kind, value):
    """`value` of a nested type: dicts or tuples for structs, dicts or pairs for maps."""
    if value is None or kind.is_primitive:
        return canonical(value)
    if isinstance(kind, StructType):
        if isinstance(value, dict):
            value = [value[member.name] for member in kind.fields]
        return tuple(canonical_nested(member.field_type, part) for member, part in zip(kind.fields, value, strict=True))
    if isinstance(kind, ListType):
        return tuple(canonical_nested(kind.element_type, part) for part in value)
    pairs = value.items() if isinstance(value, dict) else [(pair["key"], pair["value"]) if isinstance(pair, dict) else pair for pair in value]
    return tuple(sorted((key, canonical_nested(kind.value_type, part)) for key, part in pairs))


def without_null_entries(column):
    """Maps of ours have no NULL for a value."""
    if not isinstance(column.kind, MapType):
        return column
    return replace(column, values=[value and {key: part for key, part in value.items() if part is not None} for value in column.values])


def expected(column, numbers):
    """{id: value}"""
    return {n: n if column.name == "id" else canonical_nested(column.kind, column.value(n)) for n in numbers}
