"""pg_dump, SET ACCESS METHOD and CREATE TABLE AS of tables with options about their files."""

import subprocess

import psycopg
import pytest

OPTIONS = {"partition_by": 'region, bucket(4, "Odd id")', "sort_by": 'at DESC NULLS LAST, truncate(10, "Odd id")', "bloom_filter_columns": 'region, "Odd id"',
           "bloom_filter_max_bytes": "65536", "write.object-storage.enabled": "true", "unique_key": '"Odd id"', "format_version": "3"}
COLUMNS = '"Odd id" int, region text, at timestamp'


def given(options):
    return ", ".join(f"\"{name}\" = '{value}'" for name, value in options.items())


def options_of(pg, table):
    return dict(row[0].split("=", 1) for row in pg.execute("SELECT unnest(reloptions) FROM pg_class WHERE oid = %s::regclass", [table]))


def layout_of(pg, table):
    """What the metadata has of the options, by field names."""
    document = pg.execute("SELECT lake_iceberg.metadata(metadata_location) FROM lake_iceberg.tables_internal WHERE table_name = %s::regclass", [table]).fetchone()[0]
    names = {field["id"]: field["name"] for field in document["schemas"][-1]["fields"]}
    spec = next(spec for spec in document["partition-specs"] if spec["spec-id"] == document["default-spec-id"])
    order = next(order for order in document["sort-orders"] if order["order-id"] == document["default-sort-order-id"])
    return ([(names[field["source-id"]], field["transform"]) for field in spec["fields"]],
            [(names[field["source-id"]], field["transform"], field["direction"], field["null-order"]) for field in order["fields"]],
            {name: value for name, value in document["properties"].items() if "bloom" in name or "object-storage" in name}, document["format-version"])


EXPECTED = ([("region", "identity"), ("Odd id", "bucket[4]")], [("at", "identity", "desc", "nulls-last"), ("Odd id", "truncate[10]", "asc", "nulls-last")],
            {"write.parquet.bloom-filter-enabled.column.region": "true", "write.parquet.bloom-filter-enabled.column.Odd id": "true",
             "write.parquet.bloom-filter-max-bytes": "65536", "write.object-storage.enabled": "true"}, 3)


def check(pg, table, rows):
    assert options_of(pg, table) == OPTIONS
    assert layout_of(pg, table) == EXPECTED
    files = pg.execute("SELECT path FROM lake_table.files WHERE table_name = %s::regclass", [table]).fetchall()
    assert rows == 0 or files
    assert pg.execute(f"SELECT count(*) FROM {table}").fetchone() == (rows,)
    assert pg.execute("SELECT * FROM lake.verify(%s)", [table]).fetchall() == []


ROWS = "SELECT i, 'r' || i % 3, '2026-01-01'::timestamp + i * interval '1 hour' FROM generate_series(1, 50) i"


def dump_and_restore(pg, home, schema_name):
    """Its table t."""
    program = home.home.bin / "pg_dump"
    dump = subprocess.run([program, "-h", "127.0.0.1", "-p", str(home.home.port), "-U", "postgres", "-n", schema_name, "postgres"],
                          capture_output=True, text=True, check=True).stdout
    pg.execute("DROP TABLE t")
    script = "\n".join(line for line in dump.splitlines() if not line.startswith(("CREATE SCHEMA", "\\restrict", "\\unrestrict")))
    psql = subprocess.run([home.home.bin / "psql", "-h", "127.0.0.1", "-p", str(home.home.port), "-U", "postgres", "-v", "ON_ERROR_STOP=1", "postgres"],
                          input=script, capture_output=True, text=True)
    assert psql.returncode == 0, psql.stderr


@pytest.mark.no_readers  # the schema is dropped in between
def test_dump_and_restore(pg, home, schema_name):
    pg.execute(f"CREATE TABLE t ({COLUMNS}) USING iceberg WITH ({given(OPTIONS)})")
    pg.execute(f"INSERT INTO t {ROWS}")
    check(pg, "t", 50)
    dump_and_restore(pg, home, schema_name)
    check(pg, "t", 50)


@pytest.mark.no_readers  # they have no variants
def test_variants_come_back(pg, home, schema_name):
    options = {"format_version": "3", "variant_columns": '"V v"'}
    pg.execute(f"CREATE TABLE t (id int, \"V v\" jsonb, w jsonb) USING iceberg WITH ({given(options)})")
    pg.execute("INSERT INTO t VALUES (1, '{\"a\": [1]}', '[2]'), (2, 'null', NULL)")
    dump_and_restore(pg, home, schema_name)
    assert options_of(pg, "t") == options
    document = pg.execute("SELECT lake_iceberg.metadata(metadata_location) FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone()[0]
    assert [field["type"] for field in document["schemas"][-1]["fields"]] == ["int", "variant", "string"]
    assert pg.execute("SELECT id, \"V v\"::text, w::text FROM t ORDER BY id").fetchall() == [(1, '{"a": [1]}', "[2]"), (2, "null", None)]
    pg.execute("DROP TABLE t")


@pytest.mark.parametrize("pushdown", ["on", "off"])
def test_create_table_as(pg, pushdown):
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {pushdown}")
    pg.execute(f"CREATE TABLE source ({COLUMNS}) USING iceberg")
    pg.execute(f"INSERT INTO source {ROWS}")
    pg.execute(f"CREATE TABLE t USING iceberg WITH ({given(OPTIONS)}) AS SELECT * FROM source")
    check(pg, "t", 50)
    orders = pg.execute("SELECT DISTINCT sort_order_id FROM lake.files('t')").fetchall()
    assert orders == [(1,)]
    pg.execute(f"CREATE TABLE empty USING iceberg WITH ({given(OPTIONS)}) AS SELECT * FROM source WITH NO DATA")
    check(pg, "empty", 0)
    with pytest.raises(psycopg.errors.UndefinedColumn, match='column "nope" does not exist'):
        pg.execute("CREATE TABLE bad USING iceberg WITH (sort_by = 'nope') AS SELECT * FROM source")


def test_set_access_method(pg):
    pg.execute(f"CREATE TABLE t ({COLUMNS}) USING heap")
    pg.execute(f"INSERT INTO t {ROWS}")
    pg.execute("ALTER TABLE t SET ACCESS METHOD iceberg")
    pg.execute(f"ALTER TABLE t SET ({given(OPTIONS)})")
    check(pg, "t", 50)
    pg.execute(f"INSERT INTO t SELECT \"Odd id\" + 100, region, at FROM t")
    check(pg, "t", 100)
    pg.execute("ALTER TABLE t SET ACCESS METHOD heap")
    assert pg.execute("SELECT coalesce(reloptions, '{}') FROM pg_class WHERE oid = 't'::regclass").fetchone() == ([],)
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (100,)
    pg.execute("ALTER TABLE t SET ACCESS METHOD iceberg")
    assert options_of(pg, "t") == {} and layout_of(pg, "t")[:2] == ([], [])


def test_like_and_rewrites(pg):
    """Rows that core writes anew go where the options say, in their order."""
    pg.execute("CREATE TABLE t (a int, b text, c int) USING iceberg WITH (partition_by = 'truncate(1, b)', sort_by = 'a DESC')")
    pg.execute("INSERT INTO t SELECT i, 'v' || i % 3, i FROM generate_series(1, 30) i")
    pg.execute("ALTER TABLE t ALTER c TYPE text")
    pg.execute("ALTER TABLE t ADD COLUMN d int DEFAULT 7")
    assert pg.execute("SELECT DISTINCT sort_order_id FROM lake.files('t')").fetchall() == [(1,)]
    assert pg.execute("SELECT a FROM t LIMIT 3").fetchall() == [(30,), (29,), (28,)]
    assert pg.execute("SELECT count(*), min(c), sum(d) FROM t").fetchone() == (30, "1", 210)
