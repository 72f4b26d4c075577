"""The other engines: every table that a test wrote must read the same, row for row, in

- PyIceberg, from the metadata location alone (StaticTable), and
- DuckDB's own Parquet reader over the files that PyIceberg plans,

as it does in PostgreSQL; and lake.verify must find no error in it. Rows are compared as multisets of plain values
(`plain`): dates and times as integers since 1970, decimals by value, floats by their exact form, uuids as text, lists and
structs as tuples of such. Nested values leave PostgreSQL as JSON with all scalars as text (`nested_in_postgres`).
"""

import datetime
import json
import tempfile
import uuid
from collections import Counter
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlparse

import duckdb
import pyarrow
import pyarrow.parquet
from pyiceberg.manifest import FileFormat
from pyiceberg.table import StaticTable
from pyiceberg.table.deletion_vector import deletion_vectors_from_puffin_file
from pyiceberg.table.puffin import PuffinFile
from pyiceberg.types import (BinaryType, BooleanType, DateType, DecimalType, DoubleType, FixedType, FloatType, IntegerType, ListType,
                             LongType, MapType, StringType, StructType, TimestampNanoType, TimestampType, TimestamptzNanoType, TimestamptzType, TimeType,
                             UnknownType, UUIDType)

# Iceberg type -> the SQL that turns PostgreSQL's column into the same plain value
IN_POSTGRES = {
    BooleanType: "{c}", IntegerType: "{c}::bigint", LongType: "{c}::bigint", FloatType: "{c}::float8",
    DoubleType: "{c}::float8", DecimalType: "{c}", DateType: "({c} - date '1970-01-01')::bigint",
    TimeType: "(extract(epoch FROM {c}) * 1000000)::bigint", StringType: "CASE WHEN {c} IS NOT NULL THEN format('%s', {c}) END",
    BinaryType: "{c}::bytea", FixedType: "{c}",
    TimestampType: "(extract(epoch FROM {c}) * 1000000)::bigint",
    TimestamptzType: "(extract(epoch FROM {c}) * 1000000)::bigint", UUIDType: "{c}::text", UnknownType: "{c}::text",
    TimestampNanoType: "(extract(epoch FROM {c}) * 1000000)::bigint", TimestamptzNanoType: "(extract(epoch FROM {c}) * 1000000)::bigint",
}
# the only struct that a scalar type of PostgreSQL becomes
INTERVAL = {"months": "(extract(year FROM {c}) * 12 + extract(month FROM {c}))::bigint", "days": "extract(day FROM {c})::bigint",
            "microseconds": "((extract(hour FROM {c}) * 3600 + extract(minute FROM {c}) * 60) * 1000000 "
                            "+ extract(microseconds FROM {c}))::bigint"}


def in_postgres(kind, column):
    """SQL for a column; nested ones come as JSON (read_nested)."""
    if isinstance(kind, (ListType, MapType, StructType)):
        return f"({nested_in_postgres(kind, column, 0)})::text"
    return IN_POSTGRES[type(kind)].format(c=column)


def nested_in_postgres(kind, value, depth):
    if isinstance(kind, StructType):
        if [field.name for field in kind.fields] == list(INTERVAL):
            parts = [f"to_jsonb({INTERVAL[field.name].format(c=value)}::text)" for field in kind.fields]
        else:
            parts = [nested_in_postgres(field.field_type, f"({value}).{quoted(field.name)}", depth) for field in kind.fields]
        return f"CASE WHEN num_nulls({value}) = 0 THEN jsonb_build_array({', '.join(parts)}) END"
    if isinstance(kind, ListType):
        part = nested_in_postgres(kind.element_type, f"({value})[i{depth}]", depth + 1)
        return (f"CASE WHEN {value} IS NOT NULL THEN coalesce((SELECT jsonb_agg({part} ORDER BY i{depth}) "
                f"FROM generate_subscripts({value}, 1) i{depth}), '[]') END")
    if isinstance(kind, MapType):
        key, entry = (nested_in_postgres(part, f"(({value})[i{depth}]).{name}", depth + 1)
                      for part, name in ((kind.key_type, "key"), (kind.value_type, "val")))
        return (f"CASE WHEN {value} IS NOT NULL THEN coalesce((SELECT jsonb_agg(jsonb_build_array({key}, {entry}) ORDER BY i{depth}) "
                f"FROM generate_subscripts({value}, 1) i{depth}), '[]') END")
    if isinstance(kind, BinaryType | FixedType):
        return f"to_jsonb(encode({value}::bytea, 'hex'))"
    return f"to_jsonb(({IN_POSTGRES[type(kind)].format(c=value)})::text)"


SCALARS = {BooleanType: lambda text: text == "true", FloatType: float, DoubleType: float, DecimalType: Decimal, StringType: str,
           UUIDType: str, BinaryType: bytes.fromhex, FixedType: bytes.fromhex}


def read_nested(kind, value):
    if value is None:
        return None
    if isinstance(kind, StructType):
        return tuple(read_nested(field.field_type, part) for field, part in zip(kind.fields, value))
    if isinstance(kind, ListType):
        return tuple(read_nested(kind.element_type, part) for part in value)
    if isinstance(kind, MapType):
        return tuple((read_nested(kind.key_type, key), read_nested(kind.value_type, part)) for key, part in value)
    return plain(SCALARS.get(type(kind), int)(value))


def as_pyiceberg_reads(kind, value):
    """A NULL list of structs, or map with struct values, is empty to it: it makes such arrays anew from their offsets alone."""
    if isinstance(kind, StructType) and value is not None:
        return tuple(as_pyiceberg_reads(field.field_type, part) for field, part in zip(kind.fields, value))
    if isinstance(kind, ListType):
        if value is None:
            return () if isinstance(kind.element_type, StructType) else None
        return tuple(as_pyiceberg_reads(kind.element_type, part) for part in value)
    if isinstance(kind, MapType):
        if value is None:
            return () if isinstance(kind.value_type, StructType) else None
        return tuple((as_pyiceberg_reads(kind.key_type, key), as_pyiceberg_reads(kind.value_type, part)) for key, part in value)
    return value


class Readers:
    """`s3` holds PyIceberg's s3.* properties, or nothing for tables in local directories."""

    def __init__(self, connection, s3=None):
        self.connection, self.s3 = connection, s3 or {}
        self.seen = set()

    def tables(self):
        """(schema, table, metadata location) of every Iceberg table of this database that PostgreSQL reads (a materialized view may have no data)."""
        return self.connection.execute("SELECT table_namespace, table_name, metadata_location FROM iceberg_tables "
                                       "WHERE catalog_name = current_database() AND coalesce((SELECT relispopulated FROM pg_class "
                                       "WHERE oid = to_regclass(format('%I.%I', table_namespace, table_name))), true)").fetchall()

    def check_new(self):
        """Reads every table whose metadata location was not read before."""
        for schema, table, location in self.tables():
            if location not in self.seen:
                self.seen.add(location)  # a table that cannot be read is the failure of one test, not of all that follow
                self.check(f"{quoted(schema)}.{quoted(table)}", location)

    def check(self, table, location=None):
        """Compares the three; `table` is as one would type it in SQL."""
        if location is None:
            location = self.connection.execute(
                "SELECT metadata_location FROM iceberg_tables WHERE format('%%I.%%I', table_namespace, table_name)::regclass "
                "= %s::regclass", [table]).fetchone()[0]
        iceberg = StaticTable.from_metadata(location, properties=self.s3)
        expected = self.postgres_rows(table, iceberg.schema())
        kinds = [field.field_type for field in iceberg.schema().fields]
        compare(table, "PyIceberg", [tuple(map(as_pyiceberg_reads, kinds, row)) for row in expected],
                plain_rows(iceberg.scan().to_arrow()))
        compare(table, "DuckDB", expected, self.duckdb_rows(iceberg))
        self.check_verified(table)

    def check_verified(self, table):
        """lake.verify finds no errors; warnings are of deletes that became superfluous, and alike."""
        errors = self.connection.execute("SELECT object, problem FROM lake.verify(%s) WHERE severity = 'error'",
                                         [table]).fetchall()
        assert not errors, f"{table}: lake.verify found {errors[:5]}"

    def postgres_rows(self, table, schema):
        kinds = [field.field_type for field in schema.fields]
        columns = ", ".join(in_postgres(field.field_type, quoted(field.name)) for field in schema.fields)
        rows = self.connection.execute(f"SELECT {columns} FROM ONLY {table}").fetchall()
        return [tuple(plain(value) if kind.is_primitive else read_nested(kind, value and json.loads(value))
                      for kind, value in zip(kinds, row)) for row in rows]

    def duckdb_rows(self, iceberg):
        schema, rows = iceberg.schema(), []
        mapping = json.loads(iceberg.properties.get("schema.name-mapping.default", "[]"))
        with tempfile.TemporaryDirectory() as directory:
            for task in iceberg.scan().plan_files():
                path = self.fetched(task.file.file_path, directory)
                deleted = self.deleted_positions(task, directory)
                names = names_by_field_id(path) or {entry["field-id"]: name for name in pyarrow.parquet.read_schema(path).names
                                                      for entry in mapping if name in entry["names"]}
                columns = ", ".join(f"{quoted(names[field.field_id])} AS {quoted(field.name)}" if field.field_id in names
                                    else f"{missing_value(field)} AS {quoted(field.name)}" for field in schema.fields)
                found = duckdb.execute(f"SELECT {columns}, file_row_number FROM read_parquet(?, file_row_number = true)",
                                       [path]).to_arrow_table()
                rows += [row[:-1] for row in plain_rows(found) if row[-1] not in deleted]
        return rows

    def deleted_positions(self, task, directory):
        deleted = set()
        for delete in task.delete_files:
            path = self.fetched(delete.file_path, directory)
            if delete.file_format == FileFormat.PUFFIN:
                vectors = deletion_vectors_from_puffin_file(PuffinFile(Path(path).read_bytes()))
                deleted |= {row for vector in vectors if vector.referenced_data_file == task.file.file_path
                            for row in vector.to_vector().to_pylist()}
                continue
            deleted |= {row[0] for row in duckdb.execute("SELECT pos FROM read_parquet(?) WHERE file_path = ?",
                                                         [path, task.file.file_path]).fetchall()}
        return deleted

    def fetched(self, location, directory):
        """A local path for the file; objects are downloaded."""
        url = urlparse(location)
        if url.scheme in ("", "file"):
            return location.removeprefix("file://")  # Iceberg's locations are names, not URLs: nothing is unescaped
        import boto3
        client = boto3.client("s3", endpoint_url=self.s3["s3.endpoint"], region_name=self.s3["s3.region"],
                              aws_access_key_id=self.s3["s3.access-key-id"],
                              aws_secret_access_key=self.s3["s3.secret-access-key"])
        path = Path(directory) / url.path.strip("/").replace("/", "_")
        client.download_file(url.netloc, url.path.lstrip("/"), str(path))
        return str(path)


IN_DUCKDB = {BooleanType: "BOOLEAN", IntegerType: "INTEGER", LongType: "BIGINT", FloatType: "FLOAT", DoubleType: "DOUBLE", DateType: "DATE",
             TimeType: "TIME", StringType: "VARCHAR", TimestampType: "TIMESTAMP", TimestamptzType: "TIMESTAMPTZ", UUIDType: "UUID"}


def missing_value(field):
    """SQL for what rows of a file without the column have."""
    if field.initial_default is None:
        return "NULL"
    kind = field.field_type
    if isinstance(kind, BinaryType):
        return f"from_hex('{field.initial_default.hex()}')"
    text = "'" + str(field.initial_default).replace("'", "''") + "'"
    return f"CAST({text} AS {f'DECIMAL({kind.precision}, {kind.scale})' if isinstance(kind, DecimalType) else IN_DUCKDB[type(kind)]})"


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def names_by_field_id(path):
    """field id -> column name in this file; empty for one that was added without ids"""
    names, schema = {}, pyarrow.parquet.read_schema(path)
    if not any(field.metadata and b"PARQUET:field_id" in field.metadata for field in schema):
        return names
    for field in schema:
        assert field.metadata and b"PARQUET:field_id" in field.metadata, f"{path}: column {field.name} has no field id"
        names[int(field.metadata[b"PARQUET:field_id"])] = field.name
    return names


def plain_rows(table):
    """Arrow's rows as tuples of plain values."""
    columns = []
    for column in table.columns:
        values = column.cast(numbers_for_times(column.type)).to_pylist()
        if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":  # PostgreSQL has the microseconds that they lie in
            values = [None if value is None else value // 1000 for value in values]
        columns.append([plain(value) for value in values])
    return list(zip(*columns)) if columns else [()] * table.num_rows


def numbers_for_times(kind):
    """Arrow's type with integers in place of dates and times: Python's own do not reach as far."""
    types = pyarrow.types
    if types.is_date(kind):
        return pyarrow.int32()
    if types.is_timestamp(kind) or types.is_time64(kind):
        assert kind.unit in ("us", "ns"), f"a time in {kind.unit}, Iceberg has microseconds and nanoseconds"
        return pyarrow.int64()
    if types.is_struct(kind):
        return pyarrow.struct([(field.name, numbers_for_times(field.type)) for field in kind])
    if types.is_list(kind) or types.is_large_list(kind):
        return (pyarrow.list_ if types.is_list(kind) else pyarrow.large_list)(numbers_for_times(kind.value_type))
    if types.is_map(kind):
        return pyarrow.map_(numbers_for_times(kind.key_type), numbers_for_times(kind.item_type))
    return kind


def plain(value):
    """One spelling for a value, whoever gave it."""
    if isinstance(value, float):
        return ("float", repr(value))
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if value is None or isinstance(value, (bool, int, str, bytes)):
        return value
    if isinstance(value, dict):
        return tuple(plain(part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return tuple(plain(part) for part in value)
    if type(value).__name__ == "Decimal":
        return ("decimal", str(value.normalize() if value else 0))
    return str(value)  # UUID


def compare(table, reader, expected, got):
    missing, extra = Counter(expected) - Counter(got), Counter(got) - Counter(expected)
    assert not missing and not extra, (f"{table}: {reader} reads {len(got)} rows, PostgreSQL {len(expected)}\n"
                                       f"only in PostgreSQL: {list(missing)[:5]}\nonly in {reader}: {list(extra)[:5]}")


def as_transforms_take_it(value):
    """Of a value of pyarrow's: counts since the epoch, bytes of a UUID."""
    if isinstance(value, datetime.datetime):
        return (value - datetime.datetime(1970, 1, 1, tzinfo=value.tzinfo)) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return (value - datetime.date(1970, 1, 1)).days
    if isinstance(value, datetime.time):
        return ((value.hour * 60 + value.minute) * 60 + value.second) * 1000000 + value.microsecond
    return value.bytes if isinstance(value, uuid.UUID) else value
