"""Defaults of format version 3: of ours in the metadata, of others read; on both paths, with filters, deletes and other engines' changes beside."""

import json
from pathlib import Path

import psycopg
import pyarrow
import pytest
from lake_harness.other_writer import OtherWriter
from pyiceberg.manifest import DataFileContent
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField, StructType

ADDED = {"c": ("int NOT NULL DEFAULT 7", 7), "d": ("numeric(9,2) DEFAULT 1.5", "1.50"), "e": ("bigint DEFAULT 1 + 1", 2),
         "f": ("text DEFAULT 'it''s'", "it's"), "g": ("bytea DEFAULT '\\x01ff'", "01FF"), "h": ("date DEFAULT '2024-02-29'", "2024-02-29"),
         "i": ("timestamptz DEFAULT '2024-02-29 01:02:03.5+01'", "2024-02-29T00:02:03.500000+00:00"), "j": ("smallint DEFAULT -3", -3),
         "k": ("uuid DEFAULT 'f79c3e09-677c-4bbd-a479-3f349cb785e7'", "f79c3e09-677c-4bbd-a479-3f349cb785e7"), "l": ("boolean DEFAULT true", True),
         "m": ("time DEFAULT '01:02:03'", "01:02:03"), "n": ("float8 DEFAULT 0.1", 0.1), "o": ("timestamp DEFAULT '1969-12-31 23:59:59.999999'",
                                                                                               "1969-12-31T23:59:59.999999"),
         "p": ("jsonb DEFAULT '{\"a\": 1}'", '{"a": 1}'), "q": ("varchar(4) DEFAULT ''", "")}
SWAP = """UPDATE iceberg_tables SET metadata_location = %s, previous_metadata_location = %s
           WHERE catalog_name = current_database() AND table_namespace = current_schema() AND table_name = 't' AND metadata_location = %s"""


@pytest.fixture(params=["on", "off"], ids=["set", "row"])
def table(pg, request):
    """Rows 1 to 10, read by the set path or the row path."""
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {request.param}")
    pg.execute("CREATE TABLE t (id int) USING iceberg WITH (format_version = 3)")
    pg.execute("INSERT INTO t SELECT generate_series(1, 10)")
    return pg


def location(pg):
    return pg.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone()[0]


def metadata(pg):
    return json.loads(Path(location(pg).removeprefix("file://")).read_text())


def fields(pg):
    """The current schema's fields by name."""
    document = metadata(pg)
    (schema,) = (schema for schema in document["schemas"] if schema["schema-id"] == document["current-schema-id"])
    return {field["name"]: field for field in schema["fields"]}


def files(pg):
    return sorted(path for path, in pg.execute("SELECT path FROM lake_table.files WHERE table_name = 't'::regclass").fetchall())


def test_added_columns(table):
    """Rules 10, 11 and 13: metadata alone, as both paths and other engines read it; every later file has the columns."""
    before = files(table)
    pg = table
    pg.execute("CREATE TABLE beside (LIKE t)")
    pg.execute("INSERT INTO beside SELECT generate_series(1, 10)")
    for name in ("t", "beside"):
        pg.execute(f"ALTER TABLE {name} {', '.join(f'ADD {column} {kind}' for column, (kind, _) in ADDED.items())}")
    assert files(pg) == before
    found = fields(pg)
    assert {name: found[name]["initial-default"] for name in ADDED} == {name: value for name, (_, value) in ADDED.items()}
    assert {name: found[name]["write-default"] for name in ADDED} == {name: value for name, (_, value) in ADDED.items()}
    assert [name for name, field in found.items() if field["required"]] == ["c"]
    rows = "SELECT t::text FROM {} t ORDER BY id"
    assert pg.execute(rows.format("t")).fetchall() == pg.execute(rows.format("beside")).fetchall()
    pg.execute("INSERT INTO t (id, c, f) VALUES (11, 8, NULL)")
    for where, count in (("c = 7", 10), ("c = 8", 1), ("c > 7", 1), ("c < 7", 0), ("f IS NULL", 1), ("d = 1.5 AND j = -3", 11), ("f <> 'it''s'", 0),
                         ("i >= '2024-02-29 00:02:03.5Z' AND o < '1970-01-01'", 11), ("c IN (8, 9) OR f = 'x'", 1)):
        assert pg.execute(f"SELECT count(*) FROM t WHERE {where}").fetchone() == (count,), where
    pg.execute("DELETE FROM t WHERE c = 7 AND id = 1")
    pg.execute("UPDATE t SET c = 9 WHERE f = 'it''s' AND id = 2")
    assert pg.execute("SELECT id, c FROM t WHERE id < 4 ORDER BY id").fetchall() == [(2, 9), (3, 7)]


def test_what_the_metadata_cannot_say(table):
    """Rule 12: lists have no default but null, JSON no NaN: then the rows are written again, of all columns of the statement."""
    before = files(table)
    table.execute("ALTER TABLE t ADD a int[] DEFAULT '{1,2}', ADD b int DEFAULT 3")
    table.execute("ALTER TABLE t ADD n float4 DEFAULT 'NaN'")
    assert files(table) != before
    assert table.execute("SELECT DISTINCT a, b, n::text FROM t").fetchall() == [([1, 2], 3, "NaN")]
    assert not any("initial-default" in fields(table)[name] for name in ("a", "n"))
    assert fields(table)["b"]["write-default"] == 3
    with pytest.raises(psycopg.errors.DatetimeFieldOverflow, match="infinite dates"):
        table.execute("ALTER TABLE t ADD d date DEFAULT 'infinity'")


def test_write_defaults(table):
    """Rule 11: a default is the metadata's as long as it is a constant that Iceberg has; rows that are there do not change."""
    table.execute("ALTER TABLE t ADD c int DEFAULT 7, ADD d date")
    for change, default in (("c SET DEFAULT 8", 8), ("c SET DEFAULT 2 * 5", 10), ("c SET DEFAULT random()::int", None), ("c SET DEFAULT NULL", None),
                            ("c SET DEFAULT 8", 8), ("c TYPE bigint", 8), ("c SET DEFAULT 3000000000", 3000000000), ("c DROP DEFAULT", None),
                            ("c SET DEFAULT 9", 9)):
        table.execute(f"ALTER TABLE t ALTER {change}")
        found = fields(table)["c"]
        assert (found["initial-default"], found.get("write-default")) == (7, default), change
    table.execute("ALTER TABLE t ALTER d SET DEFAULT 'infinity'")
    assert "write-default" not in fields(table)["d"]
    table.execute("INSERT INTO t (id, d) VALUES (11, NULL)")
    assert table.execute("SELECT c, count(*) FROM t GROUP BY 1 ORDER BY 1").fetchall() == [(7, 10), (9, 1)]
    table.execute("ALTER TABLE t ALTER c TYPE text")
    assert "initial-default" not in fields(table)["c"] and fields(table)["c"]["write-default"] == "9"
    with table.transaction(force_rollback=True):
        table.execute("ALTER TABLE t ALTER c DROP DEFAULT, ADD x int DEFAULT 1")
        assert table.execute("SELECT sum(x) FROM t").fetchone() == (11,)
    assert fields(table)["c"]["write-default"] == "9" and "x" not in fields(table)


def test_created_and_upgraded(pg):
    """A new table has write defaults alone; one of version 2 tells its defaults when it is upgraded."""
    pg.execute("CREATE TABLE t (a int DEFAULT 1, b text DEFAULT 'b', c timestamptz DEFAULT now()) USING iceberg WITH (format_version = 3)")
    assert {name: field.get("write-default") for name, field in fields(pg).items()} == {"a": 1, "b": "b", "c": None}
    pg.execute("DROP TABLE t; CREATE TABLE t (a int DEFAULT 1) USING iceberg; INSERT INTO t VALUES (5); ALTER TABLE t ADD b int DEFAULT 2")
    assert not any("write-default" in field for field in fields(pg).values())
    pg.execute("ALTER TABLE t SET (format_version = 3)")
    assert [(field.get("initial-default"), field.get("write-default")) for field in fields(pg).values()] == [(None, 1), (None, 2)]
    assert pg.execute("SELECT * FROM t").fetchall() == [(5, 2)]
    assert not any("initial-default" in field for field in fields(pg).values())


def test_defaults_of_others(table):
    """Rules 11 and 13: PostgreSQL's default follows the metadata's; what old rows read as may not change."""
    table.execute("ALTER TABLE t ADD c int DEFAULT 7")
    old = location(table)
    writer = OtherWriter(old)

    def schema(**defaults):
        current = next(s for s in writer.metadata["schemas"] if s["schema-id"] == writer.metadata["current-schema-id"])
        changed = json.loads(json.dumps(current)) | {"schema-id": max(s["schema-id"] for s in writer.metadata["schemas"]) + 1}
        changed["fields"][1] |= defaults
        return {"schemas": [*writer.metadata["schemas"], changed], "current_schema_id": changed["schema-id"]}

    kept = json.loads(json.dumps(writer.metadata))
    with pytest.raises(psycopg.Error, match='initial-default of column "c" is not what it was'):
        table.execute(SWAP, [writer.rewrite(**schema(**{"initial-default": 8})), old, old])
    writer.metadata = kept
    new = writer.rewrite(**schema(**{"write-default": 12}))
    assert table.execute(SWAP, [new, old, old]).rowcount == 1
    table.execute("INSERT INTO t VALUES (11)")
    assert table.execute("SELECT c, count(*) FROM t GROUP BY 1 ORDER BY 1").fetchall() == [(7, 10), (12, 1)]
    assert fields(table)["c"]["initial-default"] == 7
    new, old = None, location(table)
    writer = OtherWriter(old)
    assert table.execute(SWAP, [writer.rewrite(**schema(**{"write-default": None})), old, old]).rowcount == 1
    table.execute("INSERT INTO t VALUES (12)")
    assert table.execute("SELECT c FROM t WHERE id = 12").fetchall() == [(None,)]


def test_equality_deletes(pg):
    """Rules 4 and 62: a key that a file lacks is its column's initial default."""
    pg.execute("CREATE TABLE t (id int) USING iceberg WITH (format_version = 3)")
    pg.execute("INSERT INTO t VALUES (1), (2)")
    pg.execute("ALTER TABLE t ADD c int DEFAULT 7")
    pg.execute("INSERT INTO t VALUES (3, 7), (4, 8), (5, NULL)")
    old = location(pg)
    writer = OtherWriter(old)
    id_of_c = fields(pg)["c"]["id"]
    keys = pyarrow.table([pyarrow.array([7, None], pyarrow.int32()), pyarrow.array([1, 5], pyarrow.int32())],
                         schema=pyarrow.schema([pyarrow.field("c", pyarrow.int32(), metadata={"PARQUET:field_id": str(id_of_c)}),
                                                pyarrow.field("id", pyarrow.int32(), metadata={"PARQUET:field_id": "1"})]))
    writer.commit([writer.equality_deletes(keys, ids=[1, id_of_c])])
    assert pg.execute(SWAP, [writer.location, old, old]).rowcount == 1
    assert pg.execute("SELECT id, c FROM t ORDER BY id").fetchall() == [(2, 7), (3, 7), (4, 8)]
    pg.execute("DELETE FROM t")  # PyIceberg reads no equality deletes


def test_structs(catalog, engine):
    """Rule 12: the default `{}` is a struct of its fields' defaults, at any depth; without it the struct is null."""
    inner = StructType(NestedField(4, "x", LongType(), required=False), NestedField(5, "y", LongType(), required=False))
    table = catalog.create_table("ns.t", Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "s", StructType(
        NestedField(3, "inner", inner, required=False)), required=False)))
    writer = OtherWriter(table.metadata_location)
    writer.commit([writer.parquet(pyarrow.table([[1, 2]], schema=pyarrow.schema(
        [pyarrow.field("id", pyarrow.int64(), metadata={"PARQUET:field_id": "1"})])), DataFileContent.DATA)])
    struct = writer.metadata["schemas"][0]["fields"][1]
    struct["type"]["fields"][0]["type"]["fields"][0] |= {"initial-default": 5, "write-default": 6}
    writer.rewrite(format_version=3, next_row_id=0)
    assert engine.execute(f"SELECT count(s) FROM lake_scan('{writer.location}')").fetchall() == [(0,)]
    struct["initial-default"] = {}
    writer.rewrite()
    assert engine.execute(f"SELECT count(s), count(s.\"inner\") FROM lake_scan('{writer.location}')").fetchall() == [(2, 0)]
    struct["type"]["fields"][0]["initial-default"] = {}
    writer.rewrite()
    scan = f"SELECT id, s.\"inner\".x, s.\"inner\".y FROM lake_scan('{writer.location}')"
    assert engine.execute(scan + " ORDER BY id").fetchall() == [(1, 5, None), (2, 5, None)]
    assert engine.execute(scan + " WHERE s.\"inner\".x = 5 AND id = 2").fetchall() == [(2, 5, None)]
    assert engine.execute(scan + " WHERE s.\"inner\".x = 6").fetchall() == []
    struct["initial-default"] = {"inner": None}
    writer.rewrite()
    with pytest.raises(psycopg.Error, match="is not a value of type struct"):
        engine.execute(f"SELECT * FROM lake_scan('{writer.location}')")
