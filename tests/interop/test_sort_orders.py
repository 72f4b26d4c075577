"""Option sort_by: the sort order in the metadata as PyIceberg reads it, and files that say to be sorted are, by PyIceberg's own transforms."""

import math
import struct

import psycopg
import pyarrow.parquet
import pytest
from lake_harness.readers import as_transforms_take_it
from pyiceberg.table.sorting import NullOrder, SortDirection
from pyiceberg.transforms import BucketTransform, IdentityTransform

ROWS = 600
# column, type, SQL over x, sort fields that take it
COLUMNS = [
    ("i", "int", "(x * 7919 % 1000 - 500)", ["i", "bucket(7, i)", "truncate(10, i)"]),
    ("l", "bigint", "(x * 7919 % 1000 - 500) * 100000000007", ["l", "truncate(1000000000, l)"]),
    ("n", "numeric(9,2)", "(x * 7919 % 1000 - 500) * 1.37", ["n", "bucket(5, n)", "truncate(500, n)"]),
    ("m", "numeric(30,4)", "(x * 7919 % 1000 - 500) * 12345678901234567.37", ["m", "bucket(5, m)", "truncate(2000000000, m)"]),
    ("s", "text", "repeat(chr(940 + x * 31 % 9), x % 4) || x % 5", ["s", "bucket(5, s)", "truncate(2, s)"]),
    ("b", "bytea", "decode(lpad(to_hex(x * 7919 % 65536), 4, '0'), 'hex')", ["b", "bucket(5, b)", "truncate(1, b)"]),
    ("u", "uuid", "md5((x % 97)::text)::uuid", ["u", "bucket(5, u)"]),
    ("d", "date", "'1970-01-01'::date + (x * 7919 % 1000 - 500)", ["d", "year(d)", "month(d)", "day(d)", "bucket(5, d)"]),
    ("ts", "timestamp", "'1970-01-01'::timestamp + (x * 7919 % 1000 - 500) * interval '1003 minutes 7 seconds'",
     ["ts", "year(ts)", "month(ts)", "day(ts)", "hour(ts)", "bucket(5, ts)"]),
    ("tz", "timestamptz", "'1970-01-01 00:00:00+00'::timestamptz + (x * 7919 % 1000 - 500) * interval '29 hours'", ["tz", "day(tz)", "hour(tz)"]),
    ("t", "time", "'00:00'::time + (x * 7919 % 1000) * interval '9 seconds'", ["t", "bucket(5, t)"]),
    ("o", "boolean", "x % 3 = 0", ["o"]),
    ("f", "float8", "CASE x % 7 WHEN 0 THEN 'NaN'::float8 WHEN 1 THEN '-0' WHEN 2 THEN 0 WHEN 3 THEN '-Infinity' ELSE (x * 7919 % 1000 - 500) / 4.0 END", ["f"]),
    ("g", "float4", "CASE x % 5 WHEN 0 THEN 'NaN'::float4 WHEN 1 THEN '-0' WHEN 2 THEN 0 ELSE (x * 7919 % 1000 - 500) / 4.0 END", ["g"]),
]
DIRECTIONS = ["", " DESC", " ASC NULLS FIRST", " DESC NULLS LAST"]


def comparable(value):
    """Floats in the specification's order: -0 before 0, NaN last; text by its bytes."""
    if isinstance(value, float):
        bits = struct.unpack("<q", struct.pack("<d", value))[0]
        return math.inf if math.isnan(value) else value, bits >= 0, math.isnan(value)
    return value.encode() if isinstance(value, str) else value


def sort_keys(table, order, rows):
    """For each sort field the keys of all rows, nulls as None, and whether they ascend and begin with nulls."""
    for field in order.fields:
        source = table.schema().find_field(field.source_id)
        transform = field.transform.transform(source.field_type)
        values = [transform(as_transforms_take_it(value)) for value in rows[source.name].to_pylist()]
        yield values, field.direction == SortDirection.ASC, field.null_order == NullOrder.NULLS_FIRST


def check_sorted(table, file):
    """All rows of a file by the order that its entry names."""
    order = table.sort_orders()[file.sort_order_id]
    rows = pyarrow.parquet.read_table(file.file_path.removeprefix("file://"))
    keys = list(sort_keys(table, order, rows))
    for row in range(1, rows.num_rows):
        for values, ascends, nulls_first in keys:
            before, after = values[row - 1], values[row]
            if before is None or after is None:
                if (before is None) == (after is None):
                    continue
                assert (before is None) == nulls_first, f"{before!r}, {after!r} in row {row} by {order}"
                break
            before, after = comparable(before), comparable(after)
            if before == after:
                continue
            assert (before < after) == ascends, f"{before!r}, {after!r} in row {row} by {order}"
            break
    return rows


def files_of(table):
    return [task.file for task in table.refresh().scan().plan_files()]


@pytest.mark.parametrize("pushdown", ["on", "off"])
@pytest.mark.parametrize("column, kind, expression, fields", COLUMNS, ids=[column[1] for column in COLUMNS])
def test_files_are_sorted(pg, our_catalog, schema_name, column, kind, expression, fields, pushdown):
    """Rule 24: by every transform of every type, in all directions, with nulls, on both paths."""
    pg.execute(f"CREATE TABLE source (x int, {column} {kind}) USING iceberg")
    pg.execute(f"INSERT INTO source SELECT x, CASE WHEN x % 11 > 0 THEN {expression} END FROM generate_series(1, {ROWS}) x")
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {pushdown}")
    for number, field in enumerate(fields):
        for direction in DIRECTIONS if number == 0 else DIRECTIONS[-1:]:
            pg.execute("DROP TABLE IF EXISTS t")
            pg.execute(f"CREATE TABLE t (x int, {column} {kind}) USING iceberg WITH (sort_by = '{field}{direction}, x')")
            pg.execute("INSERT INTO t SELECT * FROM source")
            table = our_catalog.load_table((schema_name, "t"))
            order = table.sort_order()
            assert order.order_id == 1 and order.fields[0].direction == (SortDirection.DESC if "DESC" in direction else SortDirection.ASC)
            assert order.fields[0].null_order == {"": NullOrder.NULLS_LAST, " DESC": NullOrder.NULLS_FIRST}.get(
                direction, NullOrder.NULLS_FIRST if "FIRST" in direction else NullOrder.NULLS_LAST)
            files = files_of(table)
            assert [file.sort_order_id for file in files] == [1]
            assert check_sorted(table, files[0]).num_rows == ROWS


def test_all_that_writes(pg, our_catalog, schema_name):
    """COPY, VALUES in one transaction, rewritten files, partitions: only files that are sorted say so."""
    pg.execute("SET pg_lake_table.copy_on_write_threshold = 0")
    pg.execute("CREATE TABLE t (a int, s text) USING iceberg WITH (partition_by = 'truncate(1, s)', sort_by = 'a DESC, s')")
    with pg.cursor().copy("COPY t FROM STDIN") as copy:
        for number in range(500):
            copy.write_row((number * 37 % 500, f"{number % 3}{number}"))
    with pg.transaction():
        for number in (7, 3, 9):
            pg.execute("INSERT INTO t VALUES (%s, '0')", [number])
    table = our_catalog.load_table((schema_name, "t"))
    files = files_of(table)
    assert len(files) == 4 and {file.sort_order_id for file in files} == {1}
    for file in files:
        check_sorted(table, file)
    # one that was not sorted is, once it is rewritten
    pg.execute("ALTER TABLE t RESET (sort_by)")
    pg.execute("INSERT INTO t SELECT i * 7 % 100, '5' FROM generate_series(1, 100) i")
    assert sorted(str(file.sort_order_id) for file in files_of(table)) == ["1"] * 4 + ["None"]
    pg.execute("ALTER TABLE t SET (sort_by = 's, a')")
    assert table.refresh().sort_order().order_id == 2
    pg.execute("DELETE FROM t WHERE a IN (11, 12)")
    files = files_of(table)
    assert {file.sort_order_id for file in files} == {1, 2}
    for file in files:
        check_sorted(table, file)
    assert pg.execute("SELECT count(*), count(DISTINCT a) FROM t WHERE s = '5'").fetchone() == (98, 98)


def test_rows_of_earlier_commands_are_not_sorted(pg, our_catalog, schema_name):
    """While somebody may still want the first rows alone: they lie in a file of their own, in the order they came."""
    pg.execute("CREATE TABLE t (a int, s text) USING iceberg WITH (sort_by = 'a')")
    with pg.transaction():
        pg.execute("INSERT INTO t VALUES (9, 'x'), (8, 'x')")
        pg.execute("INSERT INTO t SELECT i * 7919 % 10000, repeat('y', 50) FROM generate_series(0, 9999) i OFFSET 0")
        pg.execute("DECLARE c CURSOR FOR SELECT count(*) FROM t")
        pg.execute("INSERT INTO t VALUES (3, 'z'), (1, 'z')")
        assert pg.execute("FETCH ALL FROM c").fetchall() == [(10002,)]
    table = our_catalog.load_table((schema_name, "t"))
    for file in files_of(table):
        if file.sort_order_id is not None:
            check_sorted(table, file)
    assert sorted((file.record_count, file.sort_order_id) for file in files_of(table) if file.sort_order_id) in ([(2, 1), (10000, 1)], [(10000, 1)])


def test_evolution(pg, our_catalog, schema_name):
    pg.execute("CREATE TABLE t (a int, b text) USING iceberg WITH (sort_by = 'a')")
    pg.execute("ALTER TABLE t SET (sort_by = 'b DESC')")
    pg.execute("ALTER TABLE t RESET (sort_by)")
    table = our_catalog.load_table((schema_name, "t"))
    assert table.metadata.default_sort_order_id == 0 and sorted(table.sort_orders()) == [0, 1, 2]
    pg.execute("ALTER TABLE t ADD COLUMN c date, SET (sort_by = 'month(c) NULLS FIRST, \"a\"')")
    pg.execute("ALTER TABLE t SET (sort_by = 'a')")
    assert table.refresh().metadata.default_sort_order_id == 1 and sorted(table.sort_orders()) == [0, 1, 2, 3]
    with pytest.raises(psycopg.errors.DependentObjectsStillExist, match="used in the sort order"):
        pg.execute("ALTER TABLE t DROP COLUMN a")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="used in the sort order"):
        pg.execute("ALTER TABLE t RENAME COLUMN a TO z")
    pg.execute("ALTER TABLE t ALTER a TYPE bigint")
    pg.execute("ALTER TABLE t DROP COLUMN c")  # an order that is no longer the default may name it
    pg.execute("INSERT INTO t VALUES (2, 'x'), (1, 'y')")
    assert [file.sort_order_id for file in files_of(table)] == [1]


def test_orders_of_others(pg, our_catalog, schema_name):
    """The option follows what PyIceberg sets, and our writes obey it; an order that the option cannot say is kept."""
    pg.execute("CREATE TABLE t (a int, b text) USING iceberg")
    table = our_catalog.load_table((schema_name, "t"))
    with table.update_sort_order() as update:
        update.asc("a", BucketTransform(4), NullOrder.NULLS_FIRST).desc("b", IdentityTransform(), NullOrder.NULLS_FIRST)
    options = "SELECT reloptions FROM pg_class WHERE oid = 't'::regclass"
    assert pg.execute(options).fetchone()[0] == ["sort_by=bucket(4, a) NULLS FIRST, b DESC"]
    pg.execute("INSERT INTO t SELECT i % 5, 'b' || i FROM generate_series(1, 50) i")
    (file,) = files_of(table)
    assert file.sort_order_id == 1
    check_sorted(table, file)


def test_sorted_files_are_skipped(pg):
    """What the order is for: files and row groups hold ranges that do not overlap."""
    skipped = {}
    pg.execute("SET pg_lake_table.target_file_size_mb = 1")
    for name, option in {"unsorted": "", "by_a": "WITH (sort_by = 'a')"}.items():
        pg.execute(f"CREATE TABLE {name} (a int, s text) USING iceberg {option}")
        pg.execute(f"INSERT INTO {name} SELECT (i::bigint * 7919 % 300007)::int, md5(i::text) FROM generate_series(1, 300000) i")
        plan = "\n".join(row[0] for row in pg.execute(f"EXPLAIN (ANALYZE, VERBOSE) SELECT count(s) FROM {name} WHERE a BETWEEN 1000 AND 1100"))
        line = [line for line in plan.splitlines() if "Data Files Skipped" in line]
        skipped[name] = int(line[0].split(":")[1]) if line else 0
    assert skipped["unsorted"] == 0 and skipped["by_a"] >= 1, skipped


@pytest.mark.parametrize("value, message", [
    ("", "sort_by option cannot be empty"), ("a,", "expected transform name or column name after comma"), ("a NULLS", "expected FIRST or LAST after NULLS"),
    ("a b", "expected comma after column name"), ("zorder(a)", 'unknown sort transform "zorder"'), ("a, a DESC", "appears multiple times in sort order"),
    ("nope", 'column "nope" does not exist'), ("l", 'sort transform column "l" must be a scalar type'), ("day(a)", "day transform requires a date or timestamp column"),
    ("a ASC DESC", "expected comma after column name"), ("a; b", 'unexpected character ";" in sort_by string')])
def test_what_is_refused(pg, value, message):
    with pytest.raises(psycopg.Error, match=message):
        pg.execute(f"CREATE TABLE t (a int, b text, l int[]) USING iceberg WITH (sort_by = '{value}')")
