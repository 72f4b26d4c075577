"""Another engine reads the tables: PyIceberg, which knows nothing of PostgreSQL's storage and takes Snowflake's place here.

Two ways, and neither copies anything:
  - SqlCatalog: PyIceberg finds the tables in the relation iceberg_tables of the database. The catalog's name must be the
    name of the database.
  - StaticTable: the path of a metadata file is all it is given, as in Snowflake's
    CREATE ICEBERG TABLE .. METADATA_FILE_PATH.

    .lake/venv/bin/python examples/retail/read_with_pyiceberg.py postgresql+psycopg://postgres@127.0.0.1:5432/postgres

For tables on S3 add --s3-endpoint and give the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.

The checksum of a table does not depend on the order of its rows: the sum, modulo 2^63, of the first 60 bits of the MD5 of
each row's text (columns joined by U+001F, null as \\N, timestamps as microseconds since 1970). `checksum_sql` is the
same in SQL. Nothing is shared between the two but this sentence.
"""

import argparse
import hashlib
from urllib.parse import urlsplit

import pyarrow
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import StaticTable

MODULUS = 1 << 63


def open_catalog(uri, properties):
    # PyIceberg would make the two relations of the catalog if they were missing; here they never are.
    database = urlsplit(uri).path.lstrip("/")
    return SqlCatalog(database, uri=uri, init_catalog_tables="false", **properties)


def read_by_catalog(catalog, namespace, table):
    """(rows, checksum) of a table that the catalog knows by name."""
    return measure(catalog.load_table((namespace, table)).scan().to_arrow())


def read_by_path(metadata_location, properties):
    """(rows, checksum) of a table of which nothing is known but its metadata file."""
    return measure(StaticTable.from_metadata(metadata_location, properties=properties).scan().to_arrow())


def measure(table):
    columns = [texts_of(column) for column in table.columns]
    total = 0
    for row in zip(*columns):
        total += int(hashlib.md5("\x1f".join(row).encode()).hexdigest()[:15], 16)
    return table.num_rows, f"{total % MODULUS:016x}"


def texts_of(column):
    if pyarrow.types.is_timestamp(column.type):
        assert column.type.unit == "us", f"Iceberg's timestamps have microseconds, these have {column.type.unit}"
        column = column.cast(pyarrow.int64())
    return [r"\N" if value is None else str(value) for value in column.to_pylist()]


def checksum_sql(relation, columns):
    """The query that gives (rows, checksum); `columns` are (name, type) as in information_schema.columns."""
    texts = [f"coalesce(({text_in_sql(name, kind)})::text, '\\N')" for name, kind in columns]
    row = " || chr(31) || ".join(texts)
    return (f"SELECT count(*), lpad(to_hex(mod(coalesce(sum(('x' || substr(md5({row}), 1, 15))::bit(60)::bigint), 0), "
            f"{MODULUS})::bigint), 16, '0') FROM {relation}")


def text_in_sql(name, kind):
    quoted = '"' + name.replace('"', '""') + '"'
    return f"(extract(epoch FROM {quoted}) * 1000000)::bigint" if kind.startswith("timestamp") else quoted


def main():
    parser = argparse.ArgumentParser(description="Reads the retail tables with PyIceberg.")
    parser.add_argument("uri", help="SQLAlchemy URI of the database")
    parser.add_argument("--namespace", default="retail", help="the schema (retail)")
    parser.add_argument("--s3-endpoint", metavar="URL", help="where the S3 server is, if the tables are there")
    options = parser.parse_args()
    properties = {"s3.endpoint": options.s3_endpoint, "s3.region": "us-east-1"} if options.s3_endpoint else {}
    catalog = open_catalog(options.uri, properties)
    for _, table in sorted(catalog.list_tables(options.namespace)):
        location = catalog.load_table((options.namespace, table)).metadata_location
        print(f"{table}\n  {location}")
        print("  by name:          {:>9,} rows  checksum {}".format(*read_by_catalog(catalog, options.namespace, table)))
        print("  by metadata path: {:>9,} rows  checksum {}".format(*read_by_path(location, properties)))


if __name__ == "__main__":
    main()
