"""Hidden partitions as PyIceberg sees them: our partition values are what its own transforms give, and it prunes with them."""

import pyarrow
import pyarrow.parquet
import pytest
from lake_harness.readers import as_transforms_take_it
from pyiceberg.expressions import EqualTo
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, IdentityTransform, TruncateTransform
from pyiceberg.types import IntegerType, NestedField, StringType

# column, type, values (as SQL), transforms that take it
COLUMNS = [
    ("i", "int", ["0", "-1", "-10", "34", "2147483647", "-2147483640"], ["i", "bucket(7, i)", "truncate(10, i)"]),
    ("l", "bigint", ["0", "-1", "34", "9223372036854775807"], ["l", "bucket(100, l)", "truncate(1000, l)"]),
    ("n", "numeric(9,2)", ["14.20", "-0.01", "0", "1234567.89"], ["n", "bucket(16, n)", "truncate(50, n)"]),
    ("s", "text", ["'iceberg'", "''", "'äöü€🙂x'", "'a/b=c d%'"], ["s", "bucket(16, s)", "truncate(2, s)"]),
    ("x", "bytea", r"'\x00010203' '\x' '\xff'".split(), ["x", "bucket(16, x)", "truncate(1, x)"]),
    ("u", "uuid", ["'f79c3e09-677c-4bbd-a479-3f349cb785e7'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"], ["u", "bucket(16, u)"]),
    ("d", "date", ["'2017-11-16'", "'1969-12-31'", "'1970-01-01'", "'0001-01-01'"], ["d", "bucket(16, d)", "year(d)", "month(d)", "day(d)"]),
    ("ts", "timestamp", ["'2017-11-16 22:31:08'", "'1969-12-31 23:59:59.999999'", "'1968-02-29 12:00:00'"],
     ["ts", "bucket(16, ts)", "year(ts)", "month(ts)", "day(ts)", "hour(ts)"]),
    ("tz", "timestamptz", ["'2017-11-16 22:31:08+02'", "'1969-12-31 23:59:59.999999+00'"],
     ["tz", "bucket(16, tz)", "year(tz)", "month(tz)", "day(tz)", "hour(tz)"]),
    ("t", "time", ["'22:31:08'", "'00:00:00'", "'23:59:59.999999'"], ["t", "bucket(16, t)"]),
    ("b", "boolean", ["true", "false"], ["b"]),
    ("f", "float8", ["0.5", "'-0'", "0", "'NaN'", "'-Infinity'"], ["f"]),
]


@pytest.mark.parametrize("column, kind, values, fields", COLUMNS, ids=[column[1] for column in COLUMNS])
def test_values_are_those_of_other_engines(pg, our_catalog, schema_name, column, kind, values, fields):
    """rules 18 to 22: each file's partition value is what PyIceberg's transform makes of the rows in it."""
    for number, field in enumerate(fields):
        name = f"p{number}"
        pg.execute(f"CREATE TABLE {name} (id int, {column} {kind}) USING iceberg WITH (partition_by = '{field}')")
        rows = ", ".join(f"({at}, CAST({value} AS {kind}))" for at, value in enumerate(values))
        pg.execute(f"INSERT INTO {name} VALUES {rows}, (98, NULL), (99, NULL)".replace("%", "%%"))
        table = our_catalog.load_table((schema_name, name))
        spec_field = table.spec().fields[0]
        source = table.schema().find_field(spec_field.source_id)
        transform = spec_field.transform.transform(source.field_type)
        files = list(table.scan().plan_files())
        assert sum(task.file.record_count for task in files) == len(values) + 2
        assert len({repr(task.file.partition[0]) for task in files}) == len(files), "one file for each partition"
        for task in files:
            held = table.scan().to_arrow() if len(files) == 1 else pyarrow.parquet.read_table(task.file.file_path.removeprefix("file://"))
            for value in held[column].to_pylist():
                expected, got = transform(as_transforms_take_it(value)), as_transforms_take_it(task.file.partition[0])
                assert repr(got) == repr(expected), f"{field} of {value!r}: {got!r}, not {expected!r}"


def test_partitions_as_others_list_them(pg, our_catalog, schema_name):
    """PART-13: PyIceberg's list of partitions, with the counts, also after evolution and deletes (rule 60)."""
    pg.execute("CREATE TABLE t (id int, region text) USING iceberg WITH (partition_by = 'region')")
    pg.execute("INSERT INTO t SELECT i, 'r' || i % 3 FROM generate_series(1, 30) i")
    pg.execute("SET pg_lake_table.copy_on_write_threshold = 100")
    pg.execute("DELETE FROM t WHERE id = 3")
    pg.execute("ALTER TABLE t SET (partition_by = 'bucket(2, id)')")
    pg.execute("INSERT INTO t VALUES (100, 'r0')")
    table = our_catalog.load_table((schema_name, "t"))
    listed = table.inspect.partitions().to_pylist()
    assert sorted(row["record_count"] for row in listed) == [1, 10, 10, 10]
    assert sum(row["position_delete_record_count"] for row in listed) == 1
    assert len(table.scan().to_arrow()) == 30
    assert len(table.specs()) == 2 and table.spec().fields[0].field_id == 1001
    tasks = list(table.scan(row_filter=EqualTo("region", "r1")).plan_files())
    assert len(tasks) == 1 or {task.file.spec_id for task in tasks} == {0, 1}


def test_evolution_reuses_ids(pg, our_catalog, schema_name):
    """rules 14 and 15"""
    pg.execute("CREATE TABLE t (a int, ts timestamp) USING iceberg")
    for value in ("a", "a, day(ts)", "day(ts)", "bucket(4, a)"):
        pg.execute(f"ALTER TABLE t SET (partition_by = '{value}')")
    pg.execute("ALTER TABLE t RESET (partition_by)")
    pg.execute("ALTER TABLE t SET (partition_by = 'a, day(ts)')")
    table = our_catalog.load_table((schema_name, "t"))
    specs = {spec_id: [(field.field_id, str(field.transform)) for field in spec.fields] for spec_id, spec in table.specs().items()}
    assert specs == {0: [], 1: [(1000, "identity")], 2: [(1000, "identity"), (1001, "day")], 3: [(1001, "day")], 4: [(1002, "bucket[4]")]}
    assert table.metadata.default_spec_id == 2
    assert table.metadata.last_partition_id == 1002


@pytest.mark.parametrize("transform", [IdentityTransform(), BucketTransform(4), TruncateTransform(3)], ids=str)
def test_partitions_of_pyiceberg_are_pruned(catalog, engine, transform):
    schema = Schema(NestedField(1, "id", IntegerType(), required=False), NestedField(2, "s", StringType(), required=False))
    table = catalog.create_table("ns.p", schema, partition_spec=PartitionSpec(PartitionField(2, 1000, transform, "p")))
    table.append(pyarrow.table({"id": pyarrow.array(range(20), pyarrow.int32()), "s": [f"text{i % 5}" if i % 7 else None for i in range(20)]}))
    rows = engine.execute(f"SELECT id FROM lake_scan('{table.metadata_location}') WHERE s = 'text2' ORDER BY id").fetchall()
    assert [row[0] for row in rows] == [2, 12, 17]
    assert engine.execute(f"SELECT count(*) FROM lake_scan('{table.metadata_location}') WHERE s IS NULL").fetchone() == (3,)


def test_fields_of_structs(pg, our_catalog, catalog, schema_name, handed_over):
    """Sources of partition fields may lie in structs: ours as PyIceberg reads them, and a table of PyIceberg's that we take and write."""
    pg.execute("DROP TYPE IF EXISTS public.divided_visit CASCADE; CREATE TYPE public.divided_visit AS (at timestamp, city text)")
    pg.execute("CREATE TABLE ours (id int, v public.divided_visit) USING iceberg WITH (partition_by = 'day(v.at), v.city, bucket(4, v.city)')")
    rows = ["1, ROW('2025-01-01 12:00', 'Rome')", "2, ROW('2025-01-02', 'Oslo')", "3, NULL", "4, ROW('1969-12-31 23:00', NULL)"]
    for row in rows:
        pg.execute(f"INSERT INTO ours VALUES ({row})")
    table = our_catalog.load_table((schema_name, "ours"))
    assert [field.name for field in table.spec().fields] == ["v.at_day", "v.city", "v.city_bucket_4"]
    check_tasks(table, {1: 20089, 2: 20090, 3: None, 4: -1})
    assert len(list(table.scan(row_filter=EqualTo("v.city", "Oslo")).plan_files())) == 1
    location = handed_over(catalog.create_table("ns.theirs", table.schema(), partition_spec=table.spec()))
    pg.execute("SELECT lake.register('theirs', %s)", [location])
    assert pg.execute("SELECT reloptions FROM pg_class WHERE oid = 'theirs'::regclass").fetchone()[0] == [
        "partition_by=day(v.at), v.city, bucket(4, v.city)"]
    for row in rows:
        pg.execute(f"INSERT INTO theirs VALUES ({row})")
    check_tasks(our_catalog.load_table((schema_name, "theirs")), {1: 20089, 2: 20090, 3: None, 4: -1})
    assert pg.execute("SELECT count(*) FROM lake.verify('theirs')").fetchone() == (0,)


def check_tasks(table, days):
    """The files of a table by day(v.at), v.city, bucket(4, v.city), with a row each."""
    bucket = BucketTransform(4).transform(StringType())
    for task in table.scan().plan_files():
        row, = pyarrow.parquet.read_table(task.file.file_path.removeprefix("file://")).to_pylist()
        city = (row["v"] or {}).get("city")
        day, place, number = task.file.partition[0], task.file.partition[1], task.file.partition[2]
        assert (day, place, number) == (days.pop(row["id"]), city, bucket(city))
    assert not days
