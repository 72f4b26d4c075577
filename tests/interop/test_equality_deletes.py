"""Equality deletes, as Flink writes them: read by lake_scan, deleted and updated beside, rewritten away."""

import psycopg
import pyarrow
import pytest
from lake_harness.other_writer import OtherWriter
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import DecimalType, IntegerType, LongType, NestedField, StringType, StructType

NUMBERS = Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "name", StringType(), required=False),
                 NestedField(3, "part", IntegerType(), required=False))


def rows_of(ids, part=0):
    return pyarrow.table({"id": pyarrow.array(ids, pyarrow.int64()), "name": [i is not None and f"n{i}" or None for i in ids],
                          "part": pyarrow.array([part] * len(ids), pyarrow.int32())})


@pytest.fixture
def numbers(catalog):
    """Two files of ids 0 to 9 and 10 to 19, each with a row of nulls."""
    table = catalog.create_table("ns.numbers", NUMBERS)
    table.append(rows_of([*range(10), None]))
    table.append(rows_of([*range(10, 20), None]))
    return OtherWriter(table.metadata_location)


def ids(engine, writer, where="true"):
    return [row[0] for row in engine.execute(f"SELECT id FROM lake_scan('{writer.location}') WHERE {where} ORDER BY id NULLS LAST").fetchall()]


def test_keys_of_one_column(numbers, engine):
    """Rule 62: null matches null. What names no row is of no consequence."""
    numbers.commit([numbers.equality_deletes({"id": [3, None, 14, 99]}, ids=[1])])
    assert ids(engine, numbers) == [i for i in range(20) if i not in (3, 14)]
    assert engine.execute(f"SELECT count(*), min(id), max(id) FROM lake_scan('{numbers.location}')").fetchall() == [(18, 0, 19)]
    assert ids(engine, numbers, "name IN ('n2', 'n3')") == [2]


def test_strictly_older_rows(numbers, engine):
    """Rule 59: an equality delete is about rows of lower sequence numbers, not of its own, whereas a position delete is."""
    added = numbers.parquet(with_ids(rows_of([3, 4, 5])), 0)
    position = numbers.position_deletes([(added.file_path, 2)])
    numbers.commit([added, numbers.equality_deletes({"id": [3, 4, 5]}, ids=[1]), position])
    assert ids(engine, numbers) == [0, 1, 2, 3, 4, *range(6, 20), None, None]
    numbers.commit([numbers.equality_deletes({"id": [3]}, ids=[1])])
    assert ids(engine, numbers) == [0, 1, 2, 4, *range(6, 20), None, None]


def with_ids(rows, schema=NUMBERS):
    """pyarrow's columns with the field ids of a schema."""
    return rows.cast(pyarrow.schema([field.with_metadata({"PARQUET:field_id": str(schema.find_field(field.name).field_id)})
                                     for field in rows.schema]))


def test_several_sets_of_columns(numbers, engine):
    """Rule 62: each file says by its equality_ids which columns count; others that it holds do not."""
    by_name = numbers.equality_deletes({"name": ["n1", None]}, ids=[2])
    by_both = numbers.equality_deletes({"part": [0, 1, None], "id": [5, 6, None]}, ids=[3, 1])
    with_more = numbers.equality_deletes({"name": ["nobody", "n9"], "id": [7, 8]}, ids=[1])
    numbers.commit([by_name, by_both, with_more])
    assert ids(engine, numbers) == [i for i in range(20) if i not in (1, 5, 7, 8)]


def test_partition_scope(catalog, engine):
    """Rule 60: deletes are about files of their own partition of their own spec; those of an unpartitioned spec about all."""
    table = catalog.create_table("ns.parts", NUMBERS, partition_spec=PartitionSpec(PartitionField(3, 1000, IdentityTransform(), "part")))
    for part in (1, 2):
        table.append(rows_of([1, 2, 3], part))
    writer = OtherWriter(table.metadata_location)
    writer.commit([writer.equality_deletes({"id": [1]}, ids=[1], partition=(2,))])
    assert engine.execute(f"SELECT part, id FROM lake_scan('{writer.location}') ORDER BY 1, 2").fetchall() == [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3)]
    specs = [*writer.metadata["partition-specs"], {"spec-id": 7, "fields": []}]
    writer.rewrite(partition_specs=specs)
    writer.commit([writer.equality_deletes({"id": [2]}, ids=[1], spec_id=7)])
    assert engine.execute(f"SELECT part, id FROM lake_scan('{writer.location}') ORDER BY 1, 2").fetchall() == [(1, 1), (1, 3), (2, 3)]


def test_dropped_columns(catalog, engine):
    """Rule 62: a column that the table has lost since still says which rows are deleted; so does one whose files lack it."""
    table = catalog.create_table("ns.dropped", NUMBERS)
    table.append(rows_of([1, 2, None]))
    writer = OtherWriter(table.metadata_location)
    writer.commit([writer.equality_deletes({"name": ["n2"]}, ids=[2])])
    schema = {**writer.metadata["schemas"][0], "schema-id": 1,
              "fields": [field for field in writer.metadata["schemas"][0]["fields"] if field["id"] != 2]
              + [{"id": 9, "name": "late", "type": "string", "required": False}]}
    writer.rewrite(schemas=[*writer.metadata["schemas"], schema], current_schema_id=1, last_column_id=9)
    assert ids(engine, writer) == [1, None]
    writer.commit([writer.equality_deletes({"late": ["x"]}, ids=[9])])
    assert ids(engine, writer) == [1, None], "rows without the column have null there"
    writer.commit([writer.equality_deletes({"id": [1], "late": [None]}, ids=[1, 9])])
    assert ids(engine, writer) == [None]


def test_promoted_columns(catalog, engine):
    """Rules 6 and 62: keys and rows are compared in the column's type of today."""
    schema = Schema(NestedField(1, "id", IntegerType(), required=False), NestedField(2, "n", DecimalType(5, 2), required=False))
    table = catalog.create_table("ns.promoted", schema)
    table.append(pyarrow.table({"id": pyarrow.array([1, 2, 3], pyarrow.int32()), "n": pyarrow.array([1, 2, 3], pyarrow.decimal128(5, 2))}))
    writer = OtherWriter(table.metadata_location)
    writer.commit([writer.equality_deletes({"id": [1]}, ids=[1])])
    assert ids(engine, writer) == [2, 3]
    fields = [{"id": 1, "name": "id", "type": "long", "required": False}, {"id": 2, "name": "n", "type": "decimal(20, 2)", "required": False}]
    writer.rewrite(schemas=[*writer.metadata["schemas"], {"type": "struct", "schema-id": 1, "fields": fields}], current_schema_id=1)
    assert ids(engine, writer) == [2, 3]
    writer.commit([writer.equality_deletes({"id": [2, 2**40], "n": [2, 5]}, ids=[1, 2])])
    assert ids(engine, writer) == [3]


def test_keys_in_structs(catalog, engine):
    """Rule 62: an id may be that of a field in a struct; a struct that is null has null fields."""
    schema = Schema(NestedField(1, "id", LongType(), required=False),
                    NestedField(2, "s", StructType(NestedField(3, "a", LongType(), required=False),
                                                   NestedField(4, "b", StringType(), required=False)), required=False))
    table = catalog.create_table("ns.structs", schema)
    table.append(pyarrow.Table.from_pylist([{"id": 1, "s": {"a": 1, "b": "x"}}, {"id": 2, "s": {"a": 2, "b": "y"}}, {"id": 3, "s": None}],
                                           schema.as_arrow()))
    writer = OtherWriter(table.metadata_location)
    keys = pyarrow.Table.from_pylist([{"s": {"b": "y"}}], Schema(NestedField(2, "s", StructType(
        NestedField(4, "b", StringType(), required=False)), required=False)).as_arrow())
    writer.commit([writer.equality_deletes(keys, ids=[4])])
    assert ids(engine, writer) == [1, 3]
    writer.commit([writer.equality_deletes(pyarrow.Table.from_pylist([{"s": None}], keys.schema), ids=[4])])
    assert ids(engine, writer) == [1]


def test_many_keys_in_many_vectors(catalog, engine):
    """Several row groups, text keys, a tenth of the rows deleted by files of different ages."""
    table = catalog.create_table("ns.many", NUMBERS)
    table.append(rows_of(list(range(300_000))))
    writer = OtherWriter(table.metadata_location)
    writer.commit([writer.equality_deletes({"name": [f"n{i}" for i in range(0, 300_000, 20)]}, ids=[2])])
    table_rows = with_ids(rows_of(list(range(300_000, 400_000))))
    writer.commit([writer.parquet(table_rows, 0)])
    writer.commit([writer.equality_deletes({"name": [f"n{i}" for i in range(10, 400_000, 20)]}, ids=[2])])
    live = [i for i in range(400_000) if not (i % 20 == 10 or (i % 20 == 0 and i < 300_000))]
    query = f"SELECT count(*), sum(id) FROM lake_scan('{writer.location}')"
    assert engine.execute(query).fetchall() == [(len(live), sum(live))]
    assert engine.execute(query + " WHERE id % 7 = 0").fetchall() == [(len([i for i in live if i % 7 == 0]), sum(i for i in live if i % 7 == 0))]


def test_explain_tells(numbers, engine):
    numbers.commit([numbers.equality_deletes({"id": [3]}, ids=[1])])
    plan = engine.execute(f"EXPLAIN SELECT id FROM lake_scan('{numbers.location}')").fetchall()
    assert "Equality Delete Files" in str(plan)


def test_files_that_cannot_be_read(numbers, engine):
    """Formats other than Parquet are refused by name, also in delete files; so are columns that nobody knows."""
    avro = numbers.equality_deletes({"id": [3]}, ids=[1])
    avro._data[2] = "AVRO"
    numbers.commit([avro])
    with pytest.raises(psycopg.Error, match="delete file .* has format avro, only parquet is supported"):
        ids(engine, numbers)


def test_unknown_columns(numbers, engine):
    numbers.commit([numbers.equality_deletes({"id": [3]}, ids=[77])])
    with pytest.raises(psycopg.Error, match="equality deletes are about field 77, which no schema has"):
        ids(engine, numbers)


SWAP = """UPDATE lake_iceberg.tables_internal SET metadata_location = %s, previous_metadata_location = metadata_location
WHERE table_name = %s::regclass"""


@pytest.mark.parametrize("path", ["on", "off"], ids=["set", "row"])
@pytest.mark.parametrize("threshold", [0, 100], ids=["rewritten", "marked"])
def test_changes_beside_them(pg, path, threshold):
    """Rows of a table with equality deletes are updated and deleted: the files get position deletes besides, or are written anew
    without the rows that were gone."""
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {path}")
    pg.execute(f"SET pg_lake_table.copy_on_write_threshold = {threshold}")
    pg.execute("CREATE TABLE t (id bigint, v text) USING iceberg")
    pg.execute("INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 50) i")
    writer = OtherWriter(pg.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone()[0])
    writer.commit([writer.equality_deletes({"id": [1, 2, 3]}, ids=[1])])
    pg.execute(SWAP, [writer.location, "t"])
    expected = {i: f"v{i}" for i in range(4, 51)}
    rows = lambda: dict(pg.execute("SELECT id, v FROM t").fetchall())  # noqa: E731
    assert rows() == expected
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (47,)
    assert pg.execute("DELETE FROM t WHERE id IN (2, 4)").rowcount == 1, "a row is deleted once"
    del expected[4]
    assert rows() == expected
    assert pg.execute("UPDATE t SET v = 'new' WHERE id < 7").rowcount == 2
    expected |= {5: "new", 6: "new"}
    assert rows() == expected
    with pg.transaction():
        pg.execute("DELETE FROM t WHERE v = 'new'")
        pg.execute("INSERT INTO t VALUES (1, 'again')")
        assert pg.execute("SELECT count(*) FROM t").fetchone() == (45,)
    expected = {1: "again"} | {i: f"v{i}" for i in range(7, 51)}
    assert rows() == expected, "a deleted key that comes back is a new row"
    assert pg.execute("SELECT object, problem FROM lake.verify('t') WHERE severity = 'error'").fetchall() == []
    pg.execute("DROP TABLE t")
