"""The other engines: every table that a test wrote must read the same, row for row, in

- PyIceberg, from the metadata location alone (StaticTable), and
- DuckDB's own Parquet reader over the files that PyIceberg plans,

as it does in PostgreSQL; and lake.verify must find no error in it. Rows are compared as multisets of plain values
(`plain`): dates and times as integers since 1970, decimals by value, floats by their exact form, uuids as text.
"""

import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import urlparse

import duckdb
import pyarrow
import pyarrow.parquet
from pyiceberg.table import StaticTable
from pyiceberg.types import (BinaryType, BooleanType, DateType, DecimalType, DoubleType, FloatType, IntegerType, LongType,
                             StringType, StructType, TimestampType, TimestamptzType, TimeType, UUIDType)

# Iceberg type -> the SQL that turns PostgreSQL's column into the same plain value
IN_POSTGRES = {
    BooleanType: "{c}", IntegerType: "{c}::bigint", LongType: "{c}::bigint", FloatType: "{c}::float8",
    DoubleType: "{c}::float8", DecimalType: "{c}", DateType: "({c} - date '1970-01-01')::bigint",
    TimeType: "(extract(epoch FROM {c}) * 1000000)::bigint", StringType: "CASE WHEN {c} IS NOT NULL THEN format('%s', {c}) END",
    BinaryType: "{c}::bytea",
    TimestampType: "(extract(epoch FROM {c}) * 1000000)::bigint",
    TimestamptzType: "(extract(epoch FROM {c}) * 1000000)::bigint", UUIDType: "{c}::text",
    # the only struct that a scalar type of PostgreSQL becomes: an interval's months, days, microseconds
    StructType: "CASE WHEN {c} IS NOT NULL THEN ARRAY[extract(year FROM {c}) * 12 + extract(month FROM {c}), "
                "extract(day FROM {c}), (extract(hour FROM {c}) * 3600 + extract(minute FROM {c}) * 60) * 1000000 "
                "+ extract(microseconds FROM {c})]::bigint[] END",
}


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
        compare(table, "PyIceberg", expected, plain_rows(iceberg.scan().to_arrow()))
        compare(table, "DuckDB", expected, self.duckdb_rows(iceberg))
        self.check_verified(table)

    def check_verified(self, table):
        """lake.verify finds no errors; warnings are of deletes that became superfluous, and alike."""
        errors = self.connection.execute("SELECT object, problem FROM lake.verify(%s) WHERE severity = 'error'",
                                         [table]).fetchall()
        assert not errors, f"{table}: lake.verify found {errors[:5]}"

    def postgres_rows(self, table, schema):
        columns = ", ".join(IN_POSTGRES[type(field.field_type)].format(c=quoted(field.name))
                            for field in schema.fields)
        rows = self.connection.execute(f"SELECT {columns} FROM ONLY {table}").fetchall()
        return [tuple(plain(value) for value in row) for row in rows]

    def duckdb_rows(self, iceberg):
        schema, rows = iceberg.schema(), []
        with tempfile.TemporaryDirectory() as directory:
            for task in iceberg.scan().plan_files():
                path = self.fetched(task.file.file_path, directory)
                deleted = self.deleted_positions(task, directory)
                names = names_by_field_id(path)
                columns = ", ".join(f"{quoted(names[field.field_id])} AS {quoted(field.name)}" if field.field_id in names
                                    else f"NULL AS {quoted(field.name)}" for field in schema.fields)
                found = duckdb.execute(f"SELECT {columns}, file_row_number FROM read_parquet(?, file_row_number = true)",
                                       [path]).to_arrow_table()
                rows += [row[:-1] for row in plain_rows(found) if row[-1] not in deleted]
        return rows

    def deleted_positions(self, task, directory):
        deleted = set()
        for delete in task.delete_files:
            path = self.fetched(delete.file_path, directory)
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


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def names_by_field_id(path):
    """field id -> column name in this file"""
    names = {}
    for field in pyarrow.parquet.read_schema(path):
        assert field.metadata and b"PARQUET:field_id" in field.metadata, f"{path}: column {field.name} has no field id"
        names[int(field.metadata[b"PARQUET:field_id"])] = field.name
    return names


def plain_rows(table):
    """Arrow's rows as tuples of plain values."""
    columns = []
    for column in table.columns:
        kind = column.type
        if pyarrow.types.is_date(kind):
            column = column.cast(pyarrow.int32())
        elif pyarrow.types.is_timestamp(kind) or pyarrow.types.is_time64(kind):
            assert kind.unit == "us", f"a time in {kind.unit}, Iceberg has microseconds"
            column = column.cast(pyarrow.int64())
        columns.append([plain(value) for value in column.to_pylist()])
    return list(zip(*columns)) if columns else [()] * table.num_rows


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
    if isinstance(value, list):
        return tuple(plain(part) for part in value)
    if type(value).__name__ == "Decimal":
        return ("decimal", str(value.normalize() if value else 0))
    return str(value)  # UUID


def compare(table, reader, expected, got):
    missing, extra = Counter(expected) - Counter(got), Counter(got) - Counter(expected)
    assert not missing and not extra, (f"{table}: {reader} reads {len(got)} rows, PostgreSQL {len(expected)}\n"
                                       f"only in PostgreSQL: {list(missing)[:5]}\nonly in {reader}: {list(extra)[:5]}")
