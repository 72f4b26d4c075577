"""Tables that other engines make, take over, rename and drop: through iceberg_tables, and by lake.register()."""

import json
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import TableAlreadyExistsError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform
from pyiceberg.types import (BinaryType, BooleanType, DateType, DecimalType, DoubleType, FixedType, FloatType, IntegerType, ListType, LongType, MapType,
                             NestedField, StringType, StructType, TimestampType, TimestamptzType, TimeType, UUIDType)

STORE = [("id", LongType(), [1, 2]), ("store", StringType(), ["a", "b"])]


def make(catalog, columns, name="ns.theirs", required=(), **options):
    """A table of these (name, type, values)."""
    schema = Schema(*[NestedField(number, column, kind, required=column in required) for number, (column, kind, _) in enumerate(columns, 1)])
    table = catalog.create_table(name, schema, **options)
    arrow = table.schema().as_arrow()
    table.append(pyarrow.table([pyarrow.array(values, field.type) for (_, _, values), field in zip(columns, arrow)], arrow))
    return table


def described(pg, table="t"):
    return pg.execute("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                      "ORDER BY attnum", [table]).fetchall()


def test_register_takes_all_types(pg, catalog, handed_over):
    columns = [("b", BooleanType(), [True, None]), ("i", IntegerType(), [1, None]), ("l", LongType(), [2**40, None]), ("f", FloatType(), [1.5, None]),
               ("d", DoubleType(), [0.1, None]), ("n", DecimalType(20, 3), [Decimal("1.234"), None]), ("dt", DateType(), [1000, None]),
               ("ti", TimeType(), [1000, None]), ("ts", TimestampType(), [1000, None]), ("tz", TimestamptzType(), [1000, None]),
               ("s", StringType(), ["ü", None]), ("x", BinaryType(), [b"\x00", None]),
               ("li", ListType(50, IntegerType(), False), [[1, None], None]),
               ("ln", ListType(51, DecimalType(9, 2), False), [[Decimal("0.50")], None]),
               ("st", StructType(NestedField(52, "street", StringType(), required=False),
                                 NestedField(53, "Places", ListType(54, StructType(NestedField(55, "n", IntegerType(), required=False)), False),
                                             required=False)), [{"street": "x", "Places": [{"n": 1}]}, None]),
               ("m", MapType(56, StringType(), 57, DecimalType(9, 2), False), [[("k", Decimal("1.50"))], None]),
               ("ms", MapType(58, IntegerType(), 59, StructType(NestedField(60, "y", LongType(), required=False)), False), [[(1, {"y": 2})], None])]
    location = handed_over(make(catalog, columns))
    assert pg.execute("SELECT lake.register('t', %s)::text", [location]).fetchone() == ("t",)
    kinds = dict(described(pg))
    assert kinds["n"] == "numeric(20,3)" and kinds["li"] == "integer[]" and kinds["ln"] == "numeric(9,2)[]" and kinds["tz"] == "timestamp with time zone"
    assert kinds["st"].startswith("lake_struct.") and kinds["m"].startswith("map_type.")
    assert pg.execute("SELECT l, n, s, li, ln, (st).street, (st).\"Places\"[1].n, map_type.extract(m, 'k'), (map_type.extract(ms, 1)).y FROM t "
                      "WHERE b").fetchall() == [(2**40, Decimal("1.234"), "ü", [1, None], [Decimal("0.50")], "x", 1, Decimal("1.50"), 2)]
    pg.execute("INSERT INTO t SELECT * FROM t")
    pg.execute("UPDATE t SET s = 'changed' WHERE i IS NULL")
    assert pg.execute("SELECT count(*), count(s) FROM t").fetchone() == (4, 4)
    assert pg.execute("SELECT metadata_location LIKE %s FROM iceberg_tables WHERE table_name = 't' AND table_namespace = current_schema()",
                      [location.rsplit("/", 1)[0] + "/%"]).fetchone() == (True,), "our commits lie beside theirs"


def test_fixed(pg, catalog, handed_over, our_catalog, schema_name):
    """As bytea, also inside of others and by filters; written as the Parquet type that the specification has (rule 73), with the length checked."""
    values = [b"\x00\x01\x02\xff", b"abcd", None]
    columns = [("id", LongType(), [1, 2, 3]), ("f", FixedType(4), values), ("l", ListType(50, FixedType(2), False), [[b"xy", None], [], None]),
               ("s", StructType(NestedField(51, "f", FixedType(16), required=False)), [{"f": b"0123456789abcdef"}, None, {"f": None}])]
    pg.execute("SELECT lake.register('t', %s)", [handed_over(make(catalog, columns))])
    assert dict(described(pg))["f"] == "bytea"
    assert pg.execute("SELECT id, f, l, (s).f FROM t ORDER BY id").fetchall() == [
        (1, values[0], [b"xy", None], b"0123456789abcdef"), (2, values[1], [], None), (3, None, None, None)]
    for condition, found in (("f = 'abcd'::bytea", [2]), ("f < 'abcd'::bytea", [1]), ("f > '\\x6162636400'", []), ("(s).f = '0123456789abcdef'", [1]), ("f IS NULL", [3]), ("(s).f IS NULL", [2, 3])):
        assert [row[0] for row in pg.execute(f"SELECT id FROM t WHERE {condition}").fetchall()] == found, condition
    pg.execute("INSERT INTO t VALUES (4, 'row.', ARRAY['ab', NULL, 'cd']::bytea[], ROW('fedcba9876543210'))")
    pg.execute("INSERT INTO t SELECT i, decode(lpad(to_hex(i), 8, '0'), 'hex'), NULL, NULL FROM generate_series(1000, 6000) i")
    pg.execute("UPDATE t SET f = 'efgh' WHERE id = 1")
    for statement in ("INSERT INTO t VALUES (5, 'abc')", "UPDATE t SET f = 'abcde'", "INSERT INTO t (id, l) VALUES (5, ARRAY['a']::bytea[])"):
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="value of . bytes does not fit column .* of type fixed"):
            pg.execute(statement)
    pg.execute("DELETE FROM t WHERE f = 'abcd'")
    pg.execute("ALTER TABLE t ADD COLUMN note text")
    assert pg.execute("SELECT id, f, l, (s).f, note FROM t WHERE id < 1000 ORDER BY id").fetchall() == [
        (1, b"efgh", [b"xy", None], b"0123456789abcdef", None), (3, None, None, None, None),
        (4, b"row.", [b"ab", None, b"cd"], b"fedcba9876543210", None)]
    pg.execute("ANALYZE t")
    assert pg.execute("SELECT count(*) FROM t WHERE f = decode(lpad(to_hex(4711), 8, '0'), 'hex')").fetchone() == (1,)
    types = {pyarrow.parquet.read_schema(task.file.file_path.removeprefix("file://")).field("f").type
             for task in our_catalog.load_table((schema_name, "t")).scan().plan_files()}
    assert types == {pyarrow.binary(4)}


def test_lists_of_lists(pg, catalog, handed_over):
    location = handed_over(make(catalog, [("ll", ListType(50, ListType(51, IntegerType(), False), False), [[[1, 2], [3]], None])]))
    pg.execute("SELECT lake.register('t', %s)", [location])
    assert pg.execute("SELECT ll[1][1:2]::text, cardinality(ll) FROM t WHERE ll IS NOT NULL").fetchone()[1] == 2
    pg.execute("INSERT INTO t SELECT ll FROM t")
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (4,)


def test_register_takes_options(pg, catalog, handed_over):
    spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "store"), PartitionField(1, 1001, BucketTransform(4), "b"),
                         PartitionField(3, 1002, DayTransform(), "d"))
    location = handed_over(make(catalog, [*STORE, ("At", TimestampType(), [0, None])], required=["id"], partition_spec=spec,
                                properties={"write.metadata.metrics.default": "full"}))
    pg.execute("SELECT lake.register('t', %s)", [location])
    assert pg.execute("SELECT reloptions FROM pg_class WHERE oid = 't'::regclass").fetchone()[0] == [
        'partition_by=store, bucket(4, id), day("At")', "column_stats_mode=full"]
    with pytest.raises(psycopg.errors.NotNullViolation):
        pg.execute("INSERT INTO t VALUES (NULL, 'x')")
    pg.execute("INSERT INTO t SELECT i, 's' || i % 3, timestamp '2026-01-01' + i * interval '1 day' FROM generate_series(10, 20) i")
    assert pg.execute("SELECT count(*), count(\"At\") FROM t").fetchone() == (13, 12)


def test_register_rolls_back(pg, catalog, handed_over):
    location = handed_over(make(catalog, STORE))
    with pytest.raises(ZeroDivisionError), pg.transaction():
        pg.execute("SELECT lake.register('t', %s)", [location])
        pg.execute("INSERT INTO t VALUES (3, 'c')")
        assert pg.execute("SELECT count(*) FROM t").fetchone() == (3,)
        raise ZeroDivisionError
    assert pg.execute("SELECT to_regclass('t')").fetchone() == (None,)
    with pg.transaction():
        pg.execute("SELECT lake.register('t', %s)", [location])
        pg.execute("INSERT INTO t VALUES (3, 'c')")
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (3,)


def test_a_registered_table_keeps_its_files(home, pg, catalog, handed_over):
    table = make(catalog, STORE)
    pg.execute("SELECT lake.register('t', %s)", [handed_over(table)])
    pg.execute("INSERT INTO t VALUES (3, 'c')")
    pg.execute("DROP TABLE t")
    pg.execute("SELECT lake_engine.flush_deletion_queue(0)")
    assert len(table.refresh().scan().to_arrow()) == 2, "whoever made it has it still"
    pg.execute("SELECT lake.register('t', %s)", [table.metadata_location])
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (2,)


def test_what_cannot_be_registered(pg, catalog, handed_over, home):
    location = handed_over(make(catalog, STORE))

    def refuse(message, name="t", where=location):
        with pytest.raises(psycopg.Error, match=message):
            pg.execute("SELECT lake.register(%s, %s)", [name, where])
    pg.execute("CREATE TABLE taken (a int)")
    refuse("already exists", "taken")
    refuse("schema \"nowhere\" does not exist", "nowhere.t")
    refuse("invalid location", where="t/metadata.json")
    refuse("does not exist|No such file", where=location.replace(".metadata.json", "x.metadata.json"))
    pg.execute("SELECT lake.register('t', %s)", [location])
    refuse("at the location of table \"t\"", "again")
    for number, (kind, message) in enumerate([("nonsense", "unsupported Iceberg type")]):
        metadata = json.loads(Path(location.removeprefix("file://")).read_text())
        for schema in metadata["schemas"]:
            schema["fields"][0]["type"] = kind
        metadata |= {"format-version": 3, "next-row-id": 0, "snapshots": [], "refs": {}, "snapshot-log": [], "current-snapshot-id": None,
                     "location": metadata["location"] + f"-{number}"}
        other = Path(location.removeprefix("file://")).with_name(f"{number:05}-other.metadata.json")
        other.write_text(json.dumps(metadata))
        refuse(message, f"other{number}", f"file://{other}")
    pg.execute("DROP ROLE IF EXISTS registrar")
    pg.execute("CREATE ROLE registrar LOGIN")
    with home.connect(user="registrar") as other, pytest.raises(psycopg.errors.InsufficientPrivilege, match="read from URL"):
        other.execute("SELECT lake.register('public.t', %s)", [location])
    pg.execute("DROP ROLE registrar")


def test_tables_made_and_dropped_through_the_catalog(home, pg, schema_name, catalog, handed_over):
    warehouse = home.home.pgdata.with_name("pgdata_lake") / "pyiceberg" / schema_name
    ours = SqlCatalog("postgres", uri=f"postgresql+psycopg2://postgres@127.0.0.1:{home.home.port}/postgres", init_catalog_tables="false",
                      warehouse=f"file://{warehouse}")
    pg.execute("CREATE TABLE first (a int) USING iceberg")
    spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "store"))
    table = make(ours, STORE, f"{schema_name}.t", partition_spec=spec)
    handed_over(table)
    assert described(pg) == [("id", "bigint"), ("store", "text")]
    pg.execute("INSERT INTO t VALUES (3, 'c')")
    assert sorted(table.refresh().scan().to_arrow()["id"].to_pylist()) == [1, 2, 3]
    with pytest.raises(TableAlreadyExistsError):
        ours.create_table((schema_name, "t"), table.schema())
    with pytest.raises(psycopg.errors.UniqueViolation):
        pg.execute("INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location) VALUES (current_database(), %s, 't', 'x')",
                   [schema_name])
    with pytest.raises(TableAlreadyExistsError):
        ours.rename_table((schema_name, "t"), (schema_name, "first"))
    ours.rename_table((schema_name, "t"), (schema_name, "u"))
    assert pg.execute("SELECT count(*) FROM u").fetchone() == (3,)
    pg.execute(f"CREATE SCHEMA {schema_name}_two")
    pg.execute(f"CREATE TABLE {schema_name}_two.x (a int) USING iceberg")
    ours.rename_table((schema_name, "u"), (f"{schema_name}_two", "v"))
    assert pg.execute(f"SELECT count(*) FROM {schema_name}_two.v").fetchone() == (3,)
    location = ours.load_table((f"{schema_name}_two", "v")).metadata_location
    ours.drop_table((f"{schema_name}_two", "v"))
    assert pg.execute(f"SELECT to_regclass('{schema_name}_two.v')").fetchone() == (None,)
    assert Path(location.removeprefix("file://")).exists(), "who drops through the catalog sees to the files"
    back = ours.register_table((schema_name, "back"), location)
    assert len(back.scan().to_arrow()) == 3 and pg.execute("SELECT count(*) FROM back").fetchone() == (3,)
    ours.close()


def test_uuid_columns(pg, catalog, handed_over):
    location = handed_over(make(catalog, [("u", UUIDType(), [b"\x00" * 15 + b"\x01", None])]))
    pg.execute("SELECT lake.register('t', %s)", [location])
    assert pg.execute("SELECT u::text FROM t WHERE u IS NOT NULL").fetchone() == ("00000000-0000-0000-0000-000000000001",)


def test_namespaces_are_schemas(home, pg, schema_name):
    ours = SqlCatalog("postgres", uri=f"postgresql+psycopg2://postgres@127.0.0.1:{home.home.port}/postgres", init_catalog_tables="false")
    name = f"{schema_name}_New"
    pg.execute(f'DROP SCHEMA IF EXISTS "{name}"')
    ours.create_namespace(name, {"owner": "somebody"})
    assert pg.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [name]).fetchone() == (1,)
    assert ours.load_namespace_properties(name)["owner"] == "somebody"
    ours.drop_namespace(name)
    pg.execute(f'DROP SCHEMA "{name}"')
    ours.close()


def test_truncate_in_the_transaction(pg, catalog, handed_over):
    location = handed_over(make(catalog, STORE))
    with pg.transaction():
        pg.execute("SELECT lake.register('t', %s)", [location])
        with pytest.raises(ZeroDivisionError), pg.transaction():
            pg.execute("TRUNCATE t")
            assert pg.execute("SELECT count(*) FROM t").fetchone() == (0,)
            raise ZeroDivisionError
        assert pg.execute("SELECT count(*) FROM t").fetchone() == (2,)
        pg.execute("TRUNCATE t")
        pg.execute("INSERT INTO t VALUES (9, 'z')")
        assert pg.execute("SELECT id FROM t").fetchall() == [(9,)]
    assert pg.execute("SELECT id FROM t").fetchall() == [(9,)]


def test_format_version_1(pg, catalog, handed_over):
    """A table of version 1 is read, and written once it is upgraded."""
    location = handed_over(make(catalog, STORE, properties={"format-version": "1"}))
    pg.execute("SELECT lake.register('t', %s)", [location])
    assert pg.execute("SELECT id FROM t ORDER BY id").fetchall() == [(1,), (2,)]
    with pytest.raises(psycopg.Error, match="cannot write iceberg metadata in format version 1"):
        pg.execute("INSERT INTO t VALUES (3, 'c')")
    pg.execute("ALTER TABLE t SET (format_version = 2)")
    pg.execute("INSERT INTO t VALUES (3, 'c')")
    pg.execute("DELETE FROM t WHERE id = 1")
    assert pg.execute("SELECT id FROM t ORDER BY id").fetchall() == [(2,), (3,)]


def test_files_that_are_about_to_be_removed(pg):
    """What DROP TABLE has queued for removal is nobody's table any more."""
    pg.execute("CREATE TABLE t (a int) USING iceberg")
    location = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = current_schema() AND table_name = 't'").fetchone()[0]
    pg.execute("DROP TABLE t")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="about to be removed"):
        pg.execute("SELECT lake.register('t', %s)", [location])
