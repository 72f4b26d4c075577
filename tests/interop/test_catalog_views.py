"""The views of schema lake_table beside PyIceberg's inspect.files(): the same files, sizes, counts and bounds (CAT-6 to CAT-8, STAT-1, FN-6)."""

import datetime
from decimal import Decimal

import pyarrow.parquet
import pytest

COLUMNS = ("id int, flag bool, big bigint, ratio float8, price numeric(10,2), day date, seen timestamp, at timestamptz, name text, code varchar(3)")


@pytest.fixture
def table(our_catalog, pg, schema_name):
    """The lake table `sales` of three files with deletes, and how PyIceberg sees it now."""
    pg.execute(f"CREATE TABLE sales ({COLUMNS}) USING iceberg")
    for part in range(3):
        pg.execute("INSERT INTO sales SELECT i, i %% 3 = 0, i * 10000000000, i / 3.0, i / 7.0, date '1969-12-30' + i, timestamp '1969-12-31 12:00' + i * "
                   "interval '1.5 hours', timestamptz '2024-01-01 00:00:00+00' + i * interval '1 minute', 'the name of the thing ' || i, "
                   "CASE WHEN i %% 2 = 0 THEN 'c' || i %% 10 END FROM generate_series(%s::int, %s::int) i", [part * 100 + 1, part * 100 + 100])
    pg.execute("SET pg_lake_table.copy_on_write_threshold = 100")
    pg.execute("DELETE FROM sales WHERE id IN (5, 6, 105)")
    pg.execute("DELETE FROM sales WHERE id = 7")
    return our_catalog.load_table((schema_name, "sales"))


def test_files(pg, table):
    theirs = {(file["file_path"], file["content"], file["record_count"], file["file_size_in_bytes"]) for file in table.inspect.files().to_pylist()}
    ours = pg.execute("SELECT path, content, row_count, file_size FROM lake_table.files WHERE table_name = 'sales'::regclass").fetchall()
    assert set(ours) == theirs and len(ours) == 5
    deleted = pg.execute("SELECT row_count, deleted_row_count FROM lake_table.files WHERE table_name = 'sales'::regclass AND content = 0 "
                         "ORDER BY 2").fetchall()
    assert deleted == [(100, 0), (100, 1), (100, 3)]


def test_deletion_file_map(pg, table):
    """Every pair that a position in a delete file makes."""
    theirs = set()
    for file in table.inspect.delete_files().to_pylist():
        positions = pyarrow.parquet.read_table(file["file_path"].removeprefix("file://"))
        theirs |= {(file["file_path"], path) for path in positions["file_path"].to_pylist()}
    ours = pg.execute("SELECT path, deleted_from FROM lake_table.deletion_file_map WHERE table_name = 'sales'::regclass").fetchall()
    assert len(ours) == len(set(ours)) and set(ours) == theirs


def text_of(value):
    """A value as PostgreSQL shows it in ISO style and UTC."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        text = value.replace(tzinfo=None).isoformat(" ")
        return text + "+00" if value.tzinfo else text
    if isinstance(value, (datetime.date, Decimal, int, str)):
        return str(value)
    return repr(value).removesuffix(".0")


def bounds_of(table):
    """{(path, field id): (lower, upper)} of the data files, as texts; from PyIceberg's readable metrics."""
    found = {}
    for file in table.inspect.data_files().to_pylist():
        for name, metrics in file["readable_metrics"].items():
            if metrics["lower_bound"] is not None:
                key = (file["file_path"], table.schema().find_field(name).field_id)
                found[key] = (text_of(metrics["lower_bound"]), text_of(metrics["upper_bound"]))
    return found


def test_bounds(pg, table):
    rows = pg.execute("SELECT path, field_id, lower_bound, upper_bound FROM lake_table.data_file_column_stats WHERE table_name = 'sales'::regclass").fetchall()
    assert {(path, field): (lower, upper) for path, field, lower, upper in rows} == bounds_of(table)
    assert len(rows) == 3 * len(table.schema().fields)


def test_bounds_are_values(pg, table):
    """Each bound can be read as a value of its column, and encloses the rows."""
    for field in table.schema().fields:
        kind = pg.execute("SELECT field_pg_type::text FROM lake_table.field_id_mappings WHERE table_name = 'sales'::regclass AND field_id = %s",
                          [field.field_id]).fetchone()[0]
        outside = pg.execute(f"SELECT count(*) FROM sales WHERE NOT EXISTS (SELECT FROM lake_table.column_stats_of('sales') s WHERE field_id = %s AND "
                             f"{field.name} BETWEEN s.lower_bound::{kind} AND s.upper_bound::{kind}) AND {field.name} IS NOT NULL", [field.field_id])
        assert outside.fetchone()[0] == 0, field.name


def test_field_ids(pg, table):
    rows = pg.execute("SELECT a.attname, m.field_id FROM lake_table.field_id_mappings m JOIN pg_attribute a ON a.attrelid = m.table_name "
                      "AND a.attnum = m.pg_attnum WHERE table_name = 'sales'::regclass").fetchall()
    assert sorted(rows) == sorted((field.name, field.field_id) for field in table.schema().fields)


def test_data_file_stats(pg, table):
    rows = pg.execute("SELECT path, lower_bounds, upper_bounds FROM lake_iceberg.data_file_stats(%s)", [table.metadata_location]).fetchall()
    ours = {(path, int(field)): (lower[field], upper[field]) for path, lower, upper in rows for field in lower}
    assert ours == bounds_of(table)
