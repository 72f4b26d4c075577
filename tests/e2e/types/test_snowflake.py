"""compatibility_mode = 'snowflake' (surface.md ICE-11, TYPE-23): what Snowflake cannot hold is refused or cut, on both paths."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

STRING, BINARY = 16 * 2**20, 8 * 2**20


def schema_of(pg, table):
    location, = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = current_schema() AND table_name = %s", [table]).fetchone()
    metadata = json.loads(Path(urlsplit(location).path).read_text())
    return {field["name"]: field["type"] for schema in metadata["schemas"] if schema["schema-id"] == metadata["current-schema-id"] for field in schema["fields"]}


@pytest.mark.parametrize("pushdown", ["on", "off"])
def test_uuids_within_other_values_are_strings(pg, pushdown):
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {pushdown}")
    pg.execute("CREATE TYPE pair AS (a uuid, b int)")
    pg.execute("CREATE TABLE t (i int, u uuid, us uuid[], p pair, ps pair[]) USING iceberg WITH (compatibility_mode = 'snowflake')")
    row = "'123e4567-e89b-12d3-a456-426614174000', '{123e4567-e89b-12d3-a456-426614174000,NULL,ffffffff-0000-0000-0000-000000000001}', " \
          "ROW('00000000-0000-0000-0000-000000000000', 5), ARRAY[ROW('123e4567-e89b-12d3-a456-426614174000', 6)::pair, NULL]"
    pg.execute(f"INSERT INTO t VALUES (1, {row}), (2, NULL, NULL, NULL, NULL)")
    pg.execute("INSERT INTO t SELECT i + 10, u, us, p, ps FROM t")
    pg.execute("UPDATE t SET us = us || u WHERE i = 11")
    pg.execute("CREATE TABLE h AS SELECT * FROM t WHERE false")
    pg.execute(f"INSERT INTO h VALUES (1, {row}), (2, NULL, NULL, NULL, NULL)")
    pg.execute("INSERT INTO h SELECT i + 10, u, us, p, ps FROM h")
    pg.execute("UPDATE h SET us = us || u WHERE i = 11")
    for query in ("SELECT i, u, us, p::text, ps::text FROM {} ORDER BY i", "SELECT i, us[1], (p).a, us[1] = u FROM {} ORDER BY i", "SELECT i FROM {} WHERE u = ANY (us) ORDER BY i"):
        assert pg.execute(query.format("t")).fetchall() == pg.execute(query.format("h")).fetchall()
    types = schema_of(pg, "t")
    assert types["u"] == "uuid"
    assert types["us"]["element"] == "string" and types["p"]["fields"][0]["type"] == "string" and types["ps"]["element"]["fields"][0]["type"] == "string"
    pg.execute("ALTER TABLE t ADD COLUMN more uuid[]")
    assert schema_of(pg, "t")["more"]["element"] == "string"


def test_the_mode_belongs_to_the_table(pg):
    pg.execute("SET pg_lake_iceberg.default_compatibility_mode = snowflake")
    pg.execute("CREATE TABLE a (us uuid[]) USING iceberg")
    pg.execute("CREATE TABLE b USING iceberg AS SELECT ARRAY[gen_random_uuid()] AS us")
    pg.execute("CREATE TABLE c (us uuid[]) USING iceberg WITH (compatibility_mode = 'auto')")
    pg.execute("RESET pg_lake_iceberg.default_compatibility_mode")
    pg.execute("INSERT INTO a SELECT us FROM b")
    pg.execute("INSERT INTO c SELECT us FROM b")  # pyarrow makes no empty array of uuids
    assert [schema_of(pg, name)["us"]["element"] for name in "abc"] == ["string", "string", "uuid"]
    assert pg.execute("SELECT reloptions FROM pg_class WHERE oid = 'a'::regclass").fetchone() == (["compatibility_mode=snowflake"],)
    with pytest.raises(psycopg.errors.FeatureNotSupported, match='Changing option "compatibility_mode" is not supported'):
        pg.execute("ALTER TABLE a SET (compatibility_mode = 'auto')")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match='invalid compatibility_mode option: "oracle"'):
        pg.execute("CREATE TABLE d (i int) USING iceberg WITH (compatibility_mode = 'oracle')")


def test_maps_are_refused(pg):
    kind, = pg.execute("SELECT map_type.create('text', 'int')").fetchone()
    for column in (kind, f"{kind}[]"):
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="is not supported with compatibility_mode 'snowflake'"):
            pg.execute(f"CREATE TABLE t (m {column}) USING iceberg WITH (compatibility_mode = 'snowflake')")
    pg.execute("CREATE TABLE t (i int) USING iceberg WITH (compatibility_mode = 'snowflake')")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="is not supported with compatibility_mode 'snowflake'"):
        pg.execute(f"ALTER TABLE t ADD COLUMN m {kind}")


VALUES = {
    "text": ("text", f"repeat('x', {STRING}) || 'y'", STRING, "STRING"),
    "umlauts": ("varchar", f"'x' || repeat('ä', {STRING // 2})", STRING - 1, "STRING"),
    "json": ("json", f"to_json(repeat('x', {STRING}))", None, "STRING"),
    "jsonb": ("jsonb", f"to_jsonb(repeat('x', {STRING}))", None, "STRING"),
    "bytea": ("bytea", f"decode(repeat('ab', {BINARY + 1}), 'hex')", BINARY, "BINARY"),
    "text in an array": ("text[]", f"ARRAY['a', repeat('x', {STRING}) || 'y']", STRING + 1, "STRING"),
}


@pytest.mark.no_readers  # the values are large
@pytest.mark.parametrize("kind", VALUES)
def test_sizes(pg, kind):
    type_name, value, kept, name = VALUES[kind]
    pg.execute(f"CREATE TABLE strict (i int, v {type_name}) USING iceberg WITH (compatibility_mode = 'snowflake')")
    pg.execute(f"CREATE TABLE cut (i int, v {type_name}) USING iceberg WITH (compatibility_mode = 'snowflake', out_of_range_values = 'clamp')")
    pg.execute(f"CREATE TABLE source (v {type_name}) USING iceberg")
    pg.execute(f"INSERT INTO source VALUES ({value})")
    for statement in (f"INSERT INTO {{}} VALUES (1, {value})", "INSERT INTO {} SELECT 2, v FROM source"):
        with pytest.raises(psycopg.errors.StringDataRightTruncation, match=f"value exceeds Snowflake {name} column limit"):
            pg.execute(statement.format("strict"))
        pg.execute(statement.format("cut"))
    size = "length(v[1]) + length(v[2])" if type_name == "text[]" else "octet_length(v)" if kept else "NULL::int"
    assert pg.execute(f"SELECT i, v IS NULL, {size} FROM cut ORDER BY i").fetchall() == [(i, kept is None, kept) for i in (1, 2)]
    assert pg.execute("SELECT count(*) FROM strict").fetchone() == (0,)


@pytest.mark.no_readers
def test_nested_sizes(pg):
    large = "array_fill(repeat('x', 1000000), ARRAY[135])"
    pg.execute("CREATE TABLE strict (v text[]) USING iceberg WITH (compatibility_mode = 'snowflake')")
    pg.execute("CREATE TABLE cut (v text[]) USING iceberg WITH (compatibility_mode = 'snowflake', out_of_range_values = 'clamp')")
    pg.execute("CREATE TABLE held (v text[] NOT NULL) USING iceberg WITH (compatibility_mode = 'snowflake', out_of_range_values = 'clamp')")
    pg.execute("CREATE TABLE source (v text[]) USING iceberg")
    pg.execute(f"INSERT INTO source VALUES ({large})")
    for statement in (f"INSERT INTO {{}} VALUES ({large})", "INSERT INTO {} SELECT v FROM source"):
        with pytest.raises(psycopg.errors.StringDataRightTruncation, match="value exceeds Snowflake structured column limit"):
            pg.execute(statement.format("strict"))
        pg.execute(statement.format("cut"))
        with pytest.raises(psycopg.Error, match="null value"):
            pg.execute(statement.format("held"))
    assert pg.execute("SELECT v IS NULL FROM cut").fetchall() == [(True,), (True,)]
