"""Arrays and composites: what Iceberg cannot hold, what it calls them, and changes of types that are in use.

What they hold is compared with heap tables in tests/e2e/twins/queries/arrays.sql and composites.sql.
"""

import json

import psycopg
import pyarrow.parquet
import pytest


@pytest.fixture(params=["set path", "row path"])
def path(request, pg):
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {'on' if request.param == 'set path' else 'off'}")
    return request.param


def fails(pg, statement, error, message):
    with pytest.raises(error, match=message):
        pg.execute(statement)


def metadata(pg, table):
    text = pg.execute("SELECT lake_iceberg.metadata(metadata_location)::text FROM iceberg_tables "
                      "WHERE table_namespace = current_schema AND table_name = %s", [table]).fetchone()[0]
    return json.loads(text)


def test_shapes_that_lists_do_not_have(pg, path):
    """TYPE-18, for arrays that come from a query of heap tables, too."""
    pg.execute("CREATE TABLE t (id int, a int[]) USING iceberg")
    pg.execute("CREATE TABLE h AS SELECT 1 AS id, '{{1,2},{3,4}}'::int[] AS a UNION ALL SELECT 2, '[0:1]={5,6}' UNION ALL SELECT 3, '{7}'")
    pg.execute("SET pg_lake_table.enable_full_query_pushdown = off")
    fails(pg, "INSERT INTO t VALUES (1, '{{1,2},{3,4}}')", psycopg.errors.FeatureNotSupported,
          "multidimensional arrays are not supported in Iceberg tables")
    fails(pg, "INSERT INTO t SELECT * FROM h WHERE id = 2", psycopg.errors.FeatureNotSupported, "lower bound other than 1")
    pg.execute("CREATE TABLE c (id int, a int[]) USING iceberg WITH (out_of_range_values = 'clamp')")
    pg.execute("INSERT INTO c SELECT * FROM h")
    assert pg.execute("SELECT id, a FROM c ORDER BY id").fetchall() == [(1, None), (2, [5, 6]), (3, [7])]


def test_values_that_iceberg_does_not_have(pg, path):
    """TYPE-17 and TYPE-19 hold for what lies in arrays and composites (rule 76)."""
    pg.execute("DROP TYPE IF EXISTS public.stamped CASCADE; CREATE TYPE public.stamped AS (d date, ts timestamp, n numeric(5,2))")
    pg.execute("CREATE TABLE source (id int, d date[], s public.stamped, n numeric(5,2)[]) USING iceberg")
    pg.execute("INSERT INTO source VALUES (1, '{2020-01-01}', ROW('2020-01-01', '2020-01-01', 1), '{1}'), (2, NULL, NULL, '{}')")
    for mode, how in (("error", ""), ("clamp", "WITH (out_of_range_values = 'clamp')")):
        pg.execute(f"CREATE TABLE t (id int, d date[], s public.stamped, n numeric(5,2)[]) USING iceberg {how}")
        inserts = ["INSERT INTO t (id, d) VALUES (1, '{infinity,NULL,2020-01-01,10000-01-01,4714-12-31 BC}')",
                   "INSERT INTO t (id, s) VALUES (2, ROW('-infinity', 'infinity', 'NaN'))",
                   "INSERT INTO t (id, n) VALUES (3, '{NaN,1}')",
                   "INSERT INTO t (id, d) SELECT id + 10, array_append(d, 'infinity') FROM source"]
        for insert in inserts:
            if mode == "error":
                fails(pg, insert, (psycopg.errors.DatetimeFieldOverflow, psycopg.errors.NumericValueOutOfRange),
                      "infinite dates|date out of range|NaN is not supported")
            else:
                pg.execute(insert)
        if mode == "clamp":
            assert pg.execute("SELECT id, d::text, s::text, n::text FROM t ORDER BY id").fetchall() == [
                (1, '{9999-12-31,NULL,2020-01-01,9999-12-31,"4713-01-01 BC"}', None, None),
                (2, None, '("4713-01-01 BC","9999-12-31 23:59:59.999999",)', None), (3, None, None, "{NULL,1.00}"),
                (11, "{2020-01-01,9999-12-31}", None, None), (12, "{9999-12-31}", None, None)]
        assert pg.execute("SELECT count(*) FROM t").fetchone()[0] == (0 if mode == "error" else 5)
        pg.execute("DROP TABLE t")


def test_field_ids(pg):
    """ICE-19, rule 2, rule 27, rule 73: ids in pre-order, also of elements; they are in the files; nothing is counted in lists."""
    pg.execute("DROP TYPE IF EXISTS public.pair CASCADE; CREATE TYPE public.pair AS (x int, y text[])")
    pg.execute("CREATE TABLE t (id int, p public.pair, l public.pair[], last text) USING iceberg")
    pg.execute("INSERT INTO t VALUES (1, ROW(1, '{a}'), ARRAY[ROW(2, '{b}')::public.pair], 'z')")
    document = metadata(pg, "t")
    assert document["last-column-id"] == 11
    fields = document["schemas"][0]["fields"]
    assert [(field["id"], field["name"]) for field in fields] == [(1, "id"), (2, "p"), (6, "l"), (11, "last")]
    assert [field["id"] for field in fields[1]["type"]["fields"]] == [3, 4]
    assert fields[1]["type"]["fields"][1]["type"]["element-id"] == 5
    assert fields[2]["type"]["element-id"] == 7
    path = pg.execute("SELECT path FROM lake_table.files WHERE table_name = 't'::regclass").fetchone()[0].removeprefix("file://")
    schema = pyarrow.parquet.read_schema(path)
    element = schema.field("l").type.value_field
    assert element.name == "element" and element.metadata[b"PARQUET:field_id"] == b"7"
    assert "l.list.element.y.list.element" in [column.path for column in map(pyarrow.parquet.ParquetFile(path).schema.column, range(6))]
    counted = pg.execute("SELECT field_id FROM lake_table.data_file_column_stats WHERE table_name = 't'::regclass ORDER BY 1").fetchall()
    assert counted == [(1,), (11,)]


def test_types_in_use(pg):
    """ALT-8: their fields have names in files that are there."""
    pg.execute("DROP TYPE IF EXISTS public.used, public.inner_used, public.label CASCADE; CREATE TYPE public.label AS ENUM ('a', 'b'); "
               "CREATE TYPE public.inner_used AS (l public.label); CREATE TYPE public.used AS (i public.inner_used[], n int)")
    pg.execute("ALTER TYPE public.used ADD ATTRIBUTE before int")  # nobody uses it yet
    pg.execute("CREATE TABLE t (id int, u public.used[]) USING iceberg")
    for statement in ("ALTER TYPE public.used ADD ATTRIBUTE m int", "ALTER TYPE public.used DROP ATTRIBUTE n",
                      "ALTER TYPE public.used RENAME ATTRIBUTE n TO m", "ALTER TYPE public.inner_used ADD ATTRIBUTE m int"):
        fails(pg, statement, psycopg.errors.FeatureNotSupported, "because it is used in an iceberg table")
    fails(pg, "ALTER TYPE public.label RENAME VALUE 'a' TO 'c'", psycopg.errors.FeatureNotSupported, "because iceberg table \"t\" uses it")
    pg.execute("ALTER TYPE public.label ADD VALUE 'c'")
    pg.execute("INSERT INTO t VALUES (1, ARRAY[ROW(ARRAY[ROW('c')::public.inner_used], 1, 2)::public.used])")
    pg.execute("DROP TABLE t")
    pg.execute("ALTER TYPE public.used RENAME ATTRIBUTE n TO m")
    pg.execute("DROP TYPE public.used, public.inner_used, public.label")


def test_types_that_cannot_be_columns(pg):
    pg.execute("CREATE TABLE rows (a int); CREATE TYPE empty_type AS (); CREATE TYPE alike AS (a int, \"A\" int); CREATE TYPE unbounded AS (n numeric)")
    fails(pg, "CREATE TABLE t (r rows) USING iceberg", psycopg.errors.FeatureNotSupported, "table types are not supported as columns")
    fails(pg, "CREATE TABLE t (r rows[]) USING iceberg", psycopg.errors.FeatureNotSupported, "type .*rows\\[\\] is currently not supported")
    fails(pg, "CREATE TABLE t (r unbounded) USING iceberg", psycopg.errors.FeatureNotSupported, "numeric type is not supported on Iceberg tables")
    for name in ("empty_type", "alike"):
        fails(pg, f"CREATE TABLE t (r {name}) USING iceberg", psycopg.errors.FeatureNotSupported, "is currently not supported on Iceberg tables")


def test_map_types(pg):
    """MAP-1: names, and types that are asked for again."""
    def create(*arguments):
        return pg.execute(f"SELECT map_type.create({', '.join('%s' for _ in arguments)})::text", arguments).fetchone()[0]

    assert create("text", "text") == "map_type.key_text_val_text"
    assert create("int4", "date[]") == "map_type.key_int4_val_date_array"
    assert create("int4", "date[]") == "map_type.key_int4_val_date_array"
    assert create("int4", "text", "by_number") == "map_type.by_number"
    pg.execute('CREATE TYPE "odd name" AS (a int)')
    oid = pg.execute("""SELECT '"odd name"'::regtype::oid""").fetchone()[0]
    assert create("text", '"odd name"') == f"map_type.key_text_val_{oid}"
    fails(pg, "SELECT map_type.create('int[]', 'text')", psycopg.errors.DatatypeMismatch, "arrays cannot be used as the key type")
    fails(pg, "SELECT map_type.create('int8', 'text', 'by_number')", psycopg.errors.DuplicateObject, "has mismatched key types")
    fails(pg, "SELECT map_type.create('int4', 'date', 'by_number')", psycopg.errors.DuplicateObject, "has mismatched value types")
    assert pg.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]
    fails(pg, "SET ROLE lake_read_write; SELECT map_type.create('int4', 'bool')", psycopg.errors.InsufficientPrivilege, "permission denied")
    pg.execute("RESET ROLE")
    pg.execute("DROP TYPE map_type.by_number CASCADE")


def test_entries_that_maps_do_not_have(pg):
    """TYPE-22: NULLs, and keys that come twice."""
    pg.execute("SELECT map_type.create('int4', 'text')")
    pg.execute("CREATE TABLE t (m map_type.key_int4_val_text) USING iceberg")
    for entries in ("{NULL}", '{"(1,)"}', '{"(,a)"}'):
        fails(pg, f"INSERT INTO t VALUES ('{entries}')", psycopg.errors.NullValueNotAllowed, "cannot have NULL for map entry value")
    fails(pg, """INSERT INTO t VALUES ('{"(1,a)","(2,b)","(1,c)"}')""", psycopg.errors.UniqueViolation, "more than one entry with the same key")
    pg.execute("""INSERT INTO t VALUES ('{"(2,b)","(1,a)"}')""")
    assert pg.execute("SELECT m::text FROM t").fetchall() == [('{"(2,b)","(1,a)"}',)]


def test_map_field_ids(pg):
    """Rule 73: ids on key and value; the key is required."""
    pg.execute("SELECT map_type.create('int4', 'text')")
    pg.execute("CREATE TABLE t (m map_type.key_int4_val_text, l map_type.key_int4_val_text[]) USING iceberg")
    fields = metadata(pg, "t")["schemas"][0]["fields"]
    assert fields[0]["type"] == {"type": "map", "key-id": 2, "key": "int", "value-id": 3, "value-required": False, "value": "string"}
    assert (fields[1]["id"], fields[1]["type"]["element-id"], fields[1]["type"]["element"]["key-id"]) == (4, 5, 6)


def test_struct_types(pg):
    """STRUCT-1: names with a hash, kept within 63 bytes; the same fields, the same type."""
    def struct(*fields):
        names, types = zip(*(field.split(":") for field in fields))
        return pg.execute("SELECT lake_engine.struct_type(%s, %s::regtype[])::text", [list(names), list(types)]).fetchone()[0]

    assert struct("a:int4", "b:int4") == "lake_struct.a_b_c1ddcbdb"
    assert struct("field1:text", "field2:int4") == "lake_struct.field1_field2_4be86b8b"
    assert struct("a:int4", "b:int4") == "lake_struct.a_b_c1ddcbdb"
    assert struct("a:int4", "b:int8") != struct("a:int4", "b:int4")
    inner = struct("a:int4", "b:int4")
    assert struct(f"s:{inner}[]").startswith("lake_struct.s_")
    long = struct(*(f"{'x' * 20}{i}:int4" for i in range(5)))
    assert len(long.split(".")[1].strip('"')) == 63
    pg.execute(f"CREATE TABLE t (s {inner}) USING iceberg; INSERT INTO t VALUES (ROW(1, 2))")
    assert pg.execute("SELECT (s).a, (s).b FROM t").fetchall() == [(1, 2)]


def types_of(pg, table):
    return [row[0] for row in pg.execute("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                                         "ORDER BY attnum", [table]).fetchall()]


def test_numerics_that_are_no_decimals(pg):
    """TYPE-20: double precision with a notice, or an error, or, by option, exactly."""
    notices = []
    pg.add_notice_handler(lambda diagnostic: notices.append(diagnostic.message_primary))
    pg.execute("CREATE TABLE t (a numeric, b numeric[], c numeric(39,2)[], d numeric(38,2)[]) USING iceberg")
    assert types_of(pg, "t") == ["double precision", "double precision[]", "double precision[]", "numeric(38,2)[]"]
    assert len([notice for notice in notices if "converting to double precision" in notice]) == 3
    pg.execute("CREATE TABLE made USING iceberg AS SELECT 1.5::numeric AS a, ARRAY[1.5, 2]::numeric[] AS b")
    assert types_of(pg, "made") == ["double precision", "double precision[]"]
    pg.execute("SET pg_lake_iceberg.unsupported_numeric_as_double = off")
    for column in ("numeric", "numeric[]", "numeric(40,2)"):
        fails(pg, f"CREATE TABLE u (a {column}) USING iceberg", psycopg.errors.FeatureNotSupported, "numeric type is not supported on Iceberg tables")
    pg.execute("CREATE TABLE made2 USING iceberg WITH (unsupported_numeric_as = 'string') AS SELECT 1.50::numeric AS a, ARRAY[1.5, 2]::numeric[] AS b")
    assert types_of(pg, "made2") == ["numeric", "numeric[]"]
    assert pg.execute("SELECT a::text, b::text FROM made2").fetchall() == [("1.50", "{1.5,2}")]
    assert [field["type"] for field in metadata(pg, "made2")["schemas"][0]["fields"]][0] == "string"
    pg.execute("ALTER TABLE made2 ADD COLUMN c numeric, ALTER COLUMN a TYPE numeric(50,5)")
    pg.execute("CREATE TABLE d USING iceberg WITH (unsupported_numeric_as = 'double') AS SELECT 1.5::numeric AS a")
    assert types_of(pg, "d") == ["double precision"]
    fails(pg, "ALTER TABLE made2 SET (unsupported_numeric_as = 'double')", psycopg.errors.FeatureNotSupported, "Changing option")
    fails(pg, "CREATE TABLE u (a int) USING iceberg WITH (unsupported_numeric_as = 'text')", psycopg.errors.InvalidParameterValue,
          "invalid unsupported_numeric_as option")
    fails(pg, "ALTER TABLE t ADD COLUMN e numeric", psycopg.errors.FeatureNotSupported, "numeric type is not supported on Iceberg tables")


@pytest.mark.parametrize("format_version", [2, 3])
def test_zeros_keep_their_signs(pg, format_version):
    """Also where there are so many rows that they are written by dictionary, whose zeros DuckDB takes for one (rule 25: they are two)."""
    rows = "SELECT i, z, z::real AS r, ARRAY[z, 1] AS a, ROW(z, 'x')::zero_pair AS p, 'text ' || i % 3 AS t " \
           "FROM (SELECT i, CASE WHEN i % 2 = 0 THEN '-0'::float8 ELSE 0 END AS z FROM generate_series(1, 1000) i) x"
    pg.execute("CREATE TYPE zero_pair AS (z float8, t text)")
    pg.execute(f"CREATE TABLE h AS {rows}")
    signs = "count(*) FILTER (WHERE z::text = '-0'), count(*) FILTER (WHERE r::text = '-0'), count(*) FILTER (WHERE a[1]::text = '-0'), " \
            "count(*) FILTER (WHERE (p).z::text = '-0'), count(*)"
    for number, source in enumerate((rows, "TABLE h")):
        pg.execute(f"CREATE TABLE l{number} USING iceberg WITH (format_version = {format_version}) AS {source}")
        pg.execute(f"INSERT INTO l{number} VALUES (0, '-0', 0, '{{0,-0}}', NULL, '')")
        for pushdown in ("on", "off"):
            pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {pushdown}")
            assert pg.execute(f"SELECT {signs} FROM l{number} WHERE i > 0").fetchone() == (500, 500, 500, 500, 1000)
            assert pg.execute(f"SELECT count(*) FROM l{number} l JOIN h USING (i) WHERE l::text = h::text").fetchone() == (1000,)
