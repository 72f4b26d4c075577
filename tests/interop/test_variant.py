"""Columns of type variant of other engines (format version 3): read as jsonb, unshredded and shredded, and written to beside what is there."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import duckdb
import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from lake_harness.other_writer import OtherWriter
from pyiceberg.manifest import DataFileContent, FileFormat
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import LongType, NestedField, StringType, StructType

pytestmark = pytest.mark.no_readers  # PyIceberg has no variants

# what PostgreSQL's jsonb prints, of what Spark's parse_json reads
DOCUMENTS = ["null", "true", "1", "-129", "40000", "9223372036854775807", "1.50", "123456789012345678901234567890.12345678", "1e+30", '"x"',
             f'"{"y" * 100}"', "[]", "{}", '[1, null, {"a": [2.5]}]', '{"a": 1, "b": {"c": null, "d": "z"}, "long name": []}']
# of what JSON has no value for, in Spark's SQL
OTHERS = [("date '2024-02-29'", '"2024-02-29"'), ("timestamp '2024-02-29 12:30:00.5Z'", '"2024-02-29 12:30:00.5+00:00"'),
          ("timestamp_ntz '2024-02-29 12:30:00'", '"2024-02-29 12:30:00"'), ("X'00ff'", '"AP8="'), ("double('NaN')", '"NaN"'),
          ("float(0.5)", "0.5"), ("double('-Infinity')", '"-Infinity"')]


@pytest.fixture(params=["on", "off"], ids=["set", "row"])
def path(pg, request):
    """Its table t is dropped, so that the readers of later tests do not find it."""
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {request.param}")
    yield request.param
    pg.execute("DROP TABLE IF EXISTS t")


def jsonb(text):
    """As PostgreSQL prints it: exponents are written out."""
    return "1" + "0" * 30 if text == "1e+30" else text


def location(pg, name="t"):
    return pg.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = %s::regclass", [name]).fetchone()[0]


def verified(pg, name="t"):
    return pg.execute("SELECT problem FROM lake.verify(%s) WHERE severity = 'error'", [name]).fetchall() == []


@pytest.mark.parametrize("shredded", [False, True], ids=["unshredded", "shredded"])
def test_spark(spark, pg, path, shredded, handed_over):
    """Rules 9 and 74: Spark's variants are jsonb, and ours are Spark's, in columns, structs, lists and maps."""
    name = f"theirs.ns.v_{path}_{shredded}"
    spark.sql(f"CREATE TABLE {name} (id int, v variant, s struct<x: variant>, l array<variant>, m map<string, variant>) USING iceberg "
              f"TBLPROPERTIES ('format-version' = '3', 'write.parquet.shred-variants' = '{shredded}')")
    try:
        values = [f"parse_json('{text}')" for text in DOCUMENTS] + [f"CAST({sql} AS variant)" for sql, _ in OTHERS]
        right = [*map(jsonb, DOCUMENTS), *(text for _, text in OTHERS)]
        rows = ", ".join(f"({number}, {value}, named_struct('x', {value}), array({value}, NULL), map('k', {value}))" for number, value in enumerate(values))
        spark.sql(f"INSERT INTO {name} VALUES {rows}, (100, NULL, NULL, NULL, NULL)")
        handed_over(SimpleNamespace(location=lambda: f"{spark.warehouse}/ns/{name.split('.')[-1]}", metadata_location=None))
        pg.execute("SELECT lake.register('t', %s)", [spark.location(name)])
        assert pg.execute("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'v'").fetchone() == ("jsonb",)
        assert pg.execute("SELECT v::text, (s).x::text, l[1]::text, l[2]::text, map_type.extract(m, 'k')::text FROM t ORDER BY id").fetchall() == [
            *((text, text, text, None, text) for text in right), (None,) * 5]
        assert pg.execute("SELECT id FROM t WHERE v IS NULL OR v = 'null' OR v @> '{\"a\": 1}' OR v = '1.5' ORDER BY id").fetchall() == [
            (0,), (6,), (len(DOCUMENTS) - 1,), (100,)]
        pg.execute("DELETE FROM t WHERE id > 0")
        for number, text in enumerate(right, 1):
            pg.execute("INSERT INTO t SELECT %s, %s, s, l, m FROM t WHERE id = 0", [number, text])
        pg.execute("INSERT INTO t VALUES (200, NULL, NULL, NULL, NULL)")
        pg.execute("UPDATE t SET l = ARRAY[v, NULL, '[]'] WHERE id < 100")
        pg.execute("ANALYZE t")
        assert verified(pg)
        got = [tuple(row) for row in spark.read(location(pg), ["id", "to_json(v)", "to_json(s.x)", "to_json(l[0])", "l[1] IS NULL", "to_json(l[2])"])]
        plain = {number: json.loads(text) for number, text in enumerate(["null", *right])}
        assert sorted((row[0], row[1] and json.loads(row[1])) for row in got) == [*plain.items(), (200, None)]
        for number, v, x, first, missing, last in got:
            assert (v is None) == (number == 200) and (number == 200 or (x, json.loads(first), missing, last) == ("null", plain[number], True, "[]"))
    finally:
        spark.sql(f"DROP TABLE {name}")


class Table:
    """A table of version 3 with columns id and v, a variant; PyIceberg, which knows none, has it as a string until the files are in."""

    def __init__(self, catalog):
        self.table = catalog.create_table("ns.t", Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "v", StringType(), required=False)))
        self.writer = OtherWriter(self.table.metadata_location)
        self.writer.rewrite(format_version=3, next_row_id=0)

    def finish(self, *files):
        """Returns the location of the metadata."""
        if files:
            self.writer.commit(list(files))
        self.writer.metadata["schemas"][0]["fields"][1]["type"] = "variant"
        self.writer.rewrite()
        return self.writer.location

    def shredded(self, query, shredding):
        """A data file of DuckDB's, which can shred what one asks it to."""
        path = self.writer.new_path(".parquet")
        options = f"FORMAT parquet, FIELD_IDS {{id: 1, v: 2}}{', SHREDDING ' + shredding if shredding else ''}"
        duckdb.execute(f"COPY (SELECT id, v::VARIANT v FROM ({query})) TO '{path}' ({options})")
        file = self.writer.entry(content=DataFileContent.DATA, file_path=f"file://{path}", file_format=FileFormat.PARQUET, partition=Record(),
                                 record_count=pyarrow.parquet.read_metadata(path).num_rows, file_size_in_bytes=os.path.getsize(path))
        file.spec_id = 0
        return file


SHREDDED = [
    ("SELECT 1 id, {'a': 1, 'b': 'x', 'c': [1, 2]} v UNION ALL SELECT 2, {'a': 2, 'b': NULL, 'c': []}", "{v: 'STRUCT(a INTEGER, b VARCHAR)'}",
     {1: {"a": 1, "b": "x", "c": [1, 2]}, 2: {"a": 2, "b": None, "c": []}}),
    ("SELECT 1 id, [{'x': 1.5::DECIMAL(4,2)}, NULL] v UNION ALL SELECT 2, []", "{v: 'STRUCT(x DECIMAL(4,2))[]'}", {1: [{"x": 1.5}, None], 2: []}),
    ("SELECT 1 id, TIMESTAMPTZ '2024-02-29 12:00:00.25+00' v", "{v: 'TIMESTAMPTZ'}", {1: "2024-02-29 12:00:00.25+00:00"}),
    ("SELECT 1 id, 'text' v UNION ALL SELECT 2, ''", "{v: 'VARCHAR'}", {1: "text", 2: ""}),
    ("SELECT 1 id, '\\x00\\xFF'::BLOB v", "{v: 'BLOB'}", {1: "AP8="}),
    ("SELECT 1 id, UUID '00112233-4455-6677-8899-aabbccddeeff' v", "{v: 'UUID'}", {1: "00112233-4455-6677-8899-aabbccddeeff"}),
    ("SELECT 1 id, {'a': {'b': {'c': true, 'd': DATE '2024-02-29'}}} v", "{v: 'STRUCT(a STRUCT(b STRUCT(c BOOLEAN, d DATE)))'}",
     {1: {"a": {"b": {"c": True, "d": "2024-02-29"}}}}),
]


@pytest.mark.parametrize("query, shredding, right", SHREDDED, ids=[shredding for _, shredding, _ in SHREDDED])
def test_shredded(catalog, engine, query, shredding, right):
    """Rule 74: typed_value in columns, objects and lists, of some rows or of all, with the rest beside it."""
    table = Table(catalog)
    location = table.finish(table.shredded(query, shredding), table.shredded(query.replace("SELECT ", "SELECT 10 + ", 1), None))
    rows = engine.execute(f"SELECT id, v FROM lake_scan('{location}') ORDER BY id").fetchall()
    whole = {number: json.loads(text) for number, text in rows}
    assert whole.items() >= right.items() and whole[11] == right[1]


def test_filtered_rows(catalog, engine):
    """Each row has its own values where DuckDB hands on some of the rows that it read: in columns, in objects and in lists."""
    table = Table(catalog)
    shredded = "SELECT i id, {'a': i, 'b': ['x' || i], 'c': {'d': i * 2}} v FROM range(10) r(i)"
    location = table.finish(table.shredded(shredded, "{v: 'STRUCT(a BIGINT, b VARCHAR[], c STRUCT(d BIGINT))'}"),
                            table.shredded(shredded.replace("range(10)", "range(10, 20)"), None))
    for condition, chosen in (("id > 5", range(6, 20)), ("id IN (3, 7, 8, 13, 17)", [3, 7, 8, 13, 17]), ("id % 3 = 1", range(1, 20, 3))):
        rows = engine.execute(f"SELECT id, v FROM lake_scan('{location}') WHERE {condition} ORDER BY id").fetchall()
        assert [(number, json.loads(text)) for number, text in rows] == [(i, {"a": i, "b": [f"x{i}"], "c": {"d": i * 2}}) for i in chosen]


def test_groups_that_are_no_variants(catalog, engine):
    group = pyarrow.struct([pyarrow.field("metadata", pyarrow.binary(), nullable=False), pyarrow.field("value", pyarrow.binary(), nullable=False)])
    table = Table(catalog)
    schema = pyarrow.schema([pyarrow.field("id", pyarrow.int64(), metadata={"PARQUET:field_id": "1"}),
                             pyarrow.field("v", group, metadata={"PARQUET:field_id": "2"})])
    rows = pyarrow.table([[1], [{"metadata": b"\x01\x00\x00", "value": b"\x00"}]], schema=schema)
    location = table.finish(table.writer.parquet(rows, DataFileContent.DATA))
    with pytest.raises(psycopg.errors.DataCorrupted, match='has column "v" of type STRUCT.*, which cannot be read as variant'):
        engine.execute(f"SELECT v FROM lake_scan('{location}')").fetchall()


def test_broken_bytes(catalog, engine):
    """An error of their own, and the server goes on."""
    table = Table(catalog)
    file = table.shredded("SELECT 1 id, 'needle' v", None)
    path = Path(file.file_path.removeprefix("file://"))
    content = path.read_bytes()
    assert b"needle" in content
    path.write_bytes(content.replace(b"needle", b"needl\x00"))
    location = table.finish(file)
    with pytest.raises(psycopg.DataError, match="invalid variant: invalid byte sequence"):
        engine.execute(f"SELECT v FROM lake_scan('{location}')").fetchall()
    assert engine.execute("SELECT 1").fetchall() == [(1,)]


def test_numbers_that_do_not_fit(pg, path, catalog, handed_over):
    table = Table(catalog)
    location = table.finish()
    handed_over(table.table)
    pg.execute("SELECT lake.register('t', %s)", [location])
    pg.execute("CREATE TABLE source (v jsonb)")
    pg.execute("INSERT INTO source VALUES ('0.12345678901234567890123456789012345678901')")
    for statement in ("INSERT INTO t SELECT 1, v FROM source", "INSERT INTO t SELECT 1, v FROM source LIMIT 1"):
        with pytest.raises(psycopg.errors.DataError, match='column "v": number 0.1234567890.* is none that a variant can hold'):
            pg.execute(statement)
    pg.execute("INSERT INTO t SELECT 1, to_jsonb(v::text) FROM source")
    assert pg.execute("SELECT v #>> '{}' FROM t").fetchone() == ("0.12345678901234567890123456789012345678901",)


def options_of(pg, name="t"):
    return dict(row[0].split("=", 1) for row in pg.execute("SELECT unnest(reloptions) FROM pg_class WHERE oid = %s::regclass", [name]))


def test_tables_of_ours(spark, pg, path, schema_name):
    """Option variant_columns: Spark reads such columns; the option follows what other engines add, rename and drop."""
    pg.execute("CREATE TABLE t (id int, v jsonb DEFAULT '{\"a\": 1}', \"S s\" jsonb) USING iceberg WITH (format_version = 3, variant_columns = 'v')")
    for number, text in enumerate(DOCUMENTS):
        pg.execute("INSERT INTO t VALUES (%s, %s, %s)", [number, text, text])
    pg.execute("INSERT INTO t (id) SELECT 100")
    pg.execute("INSERT INTO t SELECT id + 1000, v FROM t WHERE id < 3")
    assert verified(pg)
    table = f"postgres.{schema_name}.t"
    assert dict(spark.session.table(table).dtypes) == {"id": "int", "v": "variant", "S s": "string"}
    right = {number: json.loads(jsonb(text)) for number, text in enumerate(DOCUMENTS)}
    right |= {number + 1000: right[number] for number in range(3)} | {100: {"a": 1}}
    assert {row[0]: json.loads(row[1]) for row in spark.sql(f"SELECT id, to_json(v) FROM {table}")} == right
    for fields, option in [({"v": "p", "w": "w"}, "p, w"), ({"v": "p"}, "p")]:
        old = location(pg)
        writer = OtherWriter(old)
        document = writer.metadata
        schema = json.loads(json.dumps(document["schemas"][0]))
        schema["schema-id"] = document["current-schema-id"] = document["current-schema-id"] + 1
        schema["fields"][1]["name"] = fields["v"]
        if "w" in fields:
            document["last-column-id"] += 1
            schema["fields"].append({"id": document["last-column-id"], "name": "w", "required": False, "type": "variant"})
        document["schemas"].append(schema)
        writer.rewrite()
        swap = ("UPDATE iceberg_tables SET metadata_location = %s, previous_metadata_location = %s "
                "WHERE table_namespace = current_schema() AND table_name = 't' AND metadata_location = %s")
        assert pg.execute(swap, [writer.location, old, old]).rowcount == 1
        assert options_of(pg) == {"format_version": "3", "variant_columns": option}
        if "w" in fields:
            pg.execute("UPDATE t SET w = p WHERE id < 5")
            rows = spark.sql(f"SELECT id FROM {table} WHERE to_json(w) = to_json(p)")
            assert sorted(row[0] for row in rows) == list(range(5))
    assert verified(pg)


def test_which_columns(pg):
    """Rules 9 and 12: variants in format version 3 alone, of jsonb alone, without defaults in the metadata; no column with values changes its type."""
    def fields():
        document, = pg.execute("SELECT lake_iceberg.metadata(%s)", [location(pg)]).fetchone()
        return {field["name"]: (field["type"], field.get("write-default")) for field in document["schemas"][-1]["fields"]}

    for error, options, message in [
            (psycopg.errors.FeatureNotSupported, "variant_columns = 'v'", 'column "v" .* variant is not supported until v3'),
            (psycopg.errors.UndefinedColumn, "format_version = 3, variant_columns = 'v, nope'", 'column "nope" named in option "variant_columns"'),
            (psycopg.errors.DatatypeMismatch, "format_version = 3, variant_columns = 'n'", 'column "n" .* has type json and cannot be an Iceberg variant'),
            (psycopg.errors.DuplicateColumn, "format_version = 3, variant_columns = 'v, v'", 'column "v" appears twice'),
            (psycopg.errors.SyntaxError, "format_version = 3, variant_columns = ','", 'invalid value for option "variant_columns"'),
            (psycopg.errors.FeatureNotSupported, "format_version = 3, variant_columns = 'v', bloom_filter_columns = 'v'", "cannot have a Bloom filter")]:
        with pytest.raises(error, match=message):
            pg.execute(f"CREATE TABLE bad (v jsonb, n json) USING iceberg WITH ({options})")
    pg.execute("CREATE TABLE t (id int, v jsonb DEFAULT '1', n json) USING iceberg")
    pg.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match='column "v" of table "t" has values and cannot become a variant'):
        pg.execute("ALTER TABLE t SET (format_version = 3, variant_columns = 'v')")
    assert fields()["v"] == ("string", None)
    pg.execute("SELECT lake.create_branch('t', 'other')")
    pg.execute("DELETE FROM t")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match='column "v" of table "t" has values and cannot become a variant'):
        pg.execute("ALTER TABLE t SET (format_version = 3, variant_columns = 'v')")
    pg.execute("SELECT lake.drop_branch('t', 'other'), lake.create_branch('t', 'empty')")
    pg.execute("ALTER TABLE t SET (format_version = 3, variant_columns = 'v')")
    assert fields() == {"id": ("int", None), "v": ("variant", None), "n": ("string", None)}
    pg.execute("INSERT INTO t VALUES (2)")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match='column "v" of table "t" has values and cannot become a string'):
        pg.execute("ALTER TABLE t RESET (variant_columns)")
    pg.execute("ALTER TABLE t ADD w jsonb DEFAULT NULL, SET (variant_columns = 'v, w')")
    pg.execute("UPDATE t SET w = '[2]'")
    assert pg.execute("SELECT * FROM t").fetchall() == [(2, 1, None, [2])]
    pg.execute("ALTER TABLE t ALTER w TYPE text")
    assert options_of(pg)["variant_columns"] == "v" and fields()["w"] == ("string", None)
    pg.execute("ALTER TABLE t DROP v")
    assert "variant_columns" not in options_of(pg)
    pg.execute("ALTER TABLE t ADD v jsonb DEFAULT '1'")
    assert fields()["v"] == ("string", "1")
    assert pg.execute("SELECT * FROM t").fetchall() == [(2, None, "[2]", 1)]
    assert verified(pg)
    pg.execute("DROP TABLE t")
