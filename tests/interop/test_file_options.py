"""Options about files that are Iceberg's properties: Bloom filters and places (rule 79), set by us and by PyIceberg."""

import re
import struct
from pathlib import Path

import duckdb
import psycopg
import pyarrow
import pytest

MASK = 2**64 - 1
PRIMES = (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)
SALTS = (0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31)


def rotate(value, by):
    return (value << by | value >> (64 - by)) & MASK


def xxh64(data):
    """XXH64 with seed 0, from its specification."""
    one, two, three, four, five = PRIMES

    def mix(lane, word):
        return rotate((lane + word * two) & MASK, 31) * one & MASK

    at, length = 0, len(data)
    if length >= 32:
        lanes = [(one + two) & MASK, two, 0, -one & MASK]
        while at + 32 <= length:
            lanes = [mix(lane, word) for lane, word in zip(lanes, struct.unpack_from("<4Q", data, at))]
            at += 32
        value = sum(rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            value = ((value ^ mix(0, lane)) * one + four) & MASK
    else:
        value = five
    value = (value + length) & MASK
    while at + 8 <= length:
        value = (rotate(value ^ mix(0, struct.unpack_from("<Q", data, at)[0]), 27) * one + four) & MASK
        at += 8
    if at + 4 <= length:
        value = (rotate(value ^ struct.unpack_from("<I", data, at)[0] * one & MASK, 23) * two + three) & MASK
        at += 4
    for byte in data[at:]:
        value = rotate(value ^ byte * five & MASK, 11) * one & MASK
    value = (value ^ value >> 33) * two & MASK
    value = (value ^ value >> 29) * three & MASK
    return value ^ value >> 32


def may_hold(bits, data):
    """Parquet's split block Bloom filter."""
    digest = xxh64(data)
    block = (digest >> 32) * (len(bits) // 32) >> 32
    words = struct.unpack_from("<8I", bits, block * 32)
    return all(word >> ((digest & 0xffffffff) * salt % 2**32 >> 27) & 1 for word, salt in zip(words, SALTS))


def filters_of(path, column):
    """The bits of the filters of a column, row group by row group; none where it has none."""
    rows = duckdb.execute("SELECT bloom_filter_offset, bloom_filter_length FROM parquet_metadata(?) WHERE path_in_schema = ? ORDER BY row_group_id",
                          [str(path), column]).fetchall()
    content = Path(path).read_bytes()
    filters = []
    for offset, length in rows:
        if offset is not None:
            size = 32
            while size * 2 < length:
                size *= 2
            filters.append(content[offset + length - size:offset + length])
    return filters


def data_files(pg, table="t"):
    return sorted(row[0].removeprefix("file://") for row in pg.execute("SELECT path FROM lake_table.files WHERE table_name = %s::regclass AND content = 0", [table]))


MICROS = 1000000
BLOOM_TYPES = [
    ("int", "x * 3", lambda x: struct.pack("<i", x * 3)), ("smallint", "x * 3", lambda x: struct.pack("<i", x * 3)),
    ("bigint", "x * 3000000000", lambda x: struct.pack("<q", x * 3000000000)), ("numeric(9,2)", "x * 3 / 100.0", lambda x: struct.pack("<i", x * 3)),
    ("numeric(18,4)", "x * 3 / 10000.0", lambda x: struct.pack("<q", x * 3)), ("text", "'text ' || x * 3", lambda x: f"text {x * 3}".encode()),
    ("uuid", "lpad(to_hex(x * 3), 32, '0')::uuid", lambda x: (x * 3).to_bytes(16, "big")), ("date", "'1970-01-01'::date + x * 3", lambda x: struct.pack("<i", x * 3)),
    ("time", "'00:00'::time + x * 3 * interval '1 second'", lambda x: struct.pack("<q", x * 3 * MICROS)),
    ("timestamp", "'1970-01-01'::timestamp + x * 3 * interval '1 second'", lambda x: struct.pack("<q", x * 3 * MICROS)),
    ("timestamptz", "'1970-01-01 00:00:00+00'::timestamptz + x * 3 * interval '1 second'", lambda x: struct.pack("<q", x * 3 * MICROS))]


@pytest.mark.parametrize("pushdown", ["on", "off"])
@pytest.mark.parametrize("kind, expression, stored", BLOOM_TYPES, ids=[kind[0] for kind in BLOOM_TYPES])
def test_bloom_filters_hold_all_values(pg, kind, expression, stored, pushdown):
    """By hash and bits of the Parquet specification: every value of the column is in, few others are; other columns have no filter."""
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {pushdown}")
    pg.execute(f"CREATE TABLE t (l int[], other int, v {kind}) USING iceberg WITH (bloom_filter_columns = 'v')")
    pg.execute(f"INSERT INTO t SELECT ARRAY[x], x, CASE WHEN x % 10 > 0 THEN {expression} END FROM generate_series(1, 3000) x")
    (path,) = data_files(pg)
    (bits,) = filters_of(path, "v")
    assert filters_of(path, "other") == []
    assert all(may_hold(bits, stored(x)) for x in range(1, 3001) if x % 10)
    beside = [x for x in range(4000, 9000) if may_hold(bits, stored(x))]
    assert len(beside) < 250, "5 of a hundred, where one is aimed at"
    assert pg.execute(f"SELECT other FROM t WHERE v = (SELECT {expression} FROM (VALUES (77)) f(x))").fetchall() == [(77,)]


def test_bloom_filters_by_default_and_their_size(pg):
    pg.execute("CREATE TABLE t (a int, s text) USING iceberg")
    pg.execute("INSERT INTO t SELECT i % 10, 'v' || i % 10 FROM generate_series(1, 1000) i")
    assert filters_of(data_files(pg)[0], "a") == filters_of(data_files(pg)[0], "s") == []
    pg.execute("ALTER TABLE t SET (bloom_filter_columns = 's, \"a\"', bloom_filter_max_bytes = 4096)")
    pg.execute("TRUNCATE t")
    pg.execute("INSERT INTO t SELECT i, 'v' || i % 10 FROM generate_series(1, 100000) i")
    (path,) = data_files(pg)
    assert [len(bits) for bits in filters_of(path, "a")] == [4096]
    assert [len(bits) for bits in filters_of(path, "s")] == [32]
    assert all(may_hold(filters_of(path, "a")[0], struct.pack("<i", i)) for i in range(1, 100001, 77))
    pg.execute("ALTER TABLE t RESET (bloom_filter_columns, bloom_filter_max_bytes)")
    pg.execute("TRUNCATE t")
    pg.execute("INSERT INTO t VALUES (1, 'x')")
    assert filters_of(data_files(pg)[0], "a") == []


def test_scans_use_bloom_filters(pg):
    """Values in no order, and one that none of the row groups has, though their bounds would allow it."""
    read = {}
    for name, option in {"without": "", "with_filter": "WITH (bloom_filter_columns = 'k, s')"}.items():
        pg.execute(f"CREATE TABLE {name} (k bigint, s text, v text) USING iceberg {option}")
        pg.execute(f"INSERT INTO {name} SELECT i::bigint * 7919 % 1000003 * 2, 's' || i::bigint * 7919 % 1000003, md5(i::text) FROM generate_series(1, 300000) i")
        for condition in ("k = 1001", "s = 's500000x'"):
            plan = "\n".join(row[0] for row in pg.execute(f"EXPLAIN (ANALYZE, VERBOSE) SELECT v FROM {name} WHERE {condition}"))
            read[name, condition] = int(re.search(r"Storage Bytes Read: (\d+)", plan)[1])
            assert pg.execute(f"SELECT v FROM {name} WHERE {condition}").fetchall() == []
    for condition in ("k = 1001", "s = 's500000x'"):
        assert read["with_filter", condition] < read["without", condition] * 0.7, read


def test_bloom_filters_of_others(pg, our_catalog, schema_name):
    pg.execute("CREATE TABLE t (a int, b text, f float8) USING iceberg")
    table = our_catalog.load_table((schema_name, "t"))
    with table.transaction() as transaction:
        transaction.set_properties({"write.parquet.bloom-filter-enabled.column.b": "true", "write.parquet.bloom-filter-enabled.column.f": "true",
                                    "write.parquet.bloom-filter-enabled.column.a": "false", "write.parquet.bloom-filter-max-bytes": "64"})
    options = "SELECT reloptions FROM pg_class WHERE oid = 't'::regclass"
    assert sorted(pg.execute(options).fetchone()[0]) == ["bloom_filter_columns=b", "bloom_filter_max_bytes=64"]
    pg.execute("INSERT INTO t SELECT i, 'b' || i, i FROM generate_series(1, 1000) i")
    (path,) = data_files(pg)
    assert [[len(bits) for bits in filters_of(path, column)] for column in "abf"] == [[], [64], []]
    with table.refresh().transaction() as transaction:
        transaction.remove_properties("write.parquet.bloom-filter-enabled.column.b")
    assert pg.execute(options).fetchone()[0] == ["bloom_filter_max_bytes=64"]


@pytest.mark.parametrize("option, error, message", [
    ("bloom_filter_columns = 'f'", "0A000", 'column "f" of table "t" has type double precision, which cannot have a Bloom filter'),
    ("bloom_filter_columns = 'l'", "0A000", "cannot have a Bloom filter"), ("bloom_filter_columns = 'b'", "0A000", "type bytea"),
    ("bloom_filter_columns = 'nope'", "42703", 'column "nope" named in option "bloom_filter_columns"'), ("bloom_filter_columns = 'a,'", "42601", "invalid value"),
    ("bloom_filter_max_bytes = 1", "22023", "invalid value"), ("\"write.data.path\" = 'nowhere'", "0A000", 'unsupported URL: "nowhere" for the "write.data.path" option'),
    ("\"write.object-storage.enabled\" = 'perhaps'", "42601", "requires a Boolean value")])
def test_what_is_refused(pg, option, error, message):
    columns = "(a int, f float8, l int[], b bytea)"
    for statement in (f"CREATE TABLE t {columns} USING iceberg WITH ({option})", f"ALTER TABLE altered SET ({option})"):
        pg.execute(f"CREATE TABLE IF NOT EXISTS altered {columns} USING iceberg")
        with pytest.raises(psycopg.Error, match=message.replace('"t"', '".*"')) as raised:
            pg.execute(statement)
        assert raised.value.sqlstate == error


def test_columns_with_filters_stay(pg):
    pg.execute("CREATE TABLE t (a int, b int) USING iceberg WITH (bloom_filter_columns = 'a')")
    for change in ("DROP COLUMN a", "RENAME COLUMN a TO z"):
        with pytest.raises(psycopg.errors.DependentObjectsStillExist, match='because option "bloom_filter_columns" names it'):
            pg.execute(f"ALTER TABLE t {change}")
    pg.execute("ALTER TABLE t RENAME COLUMN b TO c")


# ---------------------------------------------------------------- places


@pytest.fixture
def elsewhere(home, schema_name):
    return home.home.pgdata.with_name("pgdata_lake") / "elsewhere" / schema_name


def location_of(pg):
    return pg.execute("SELECT metadata_location FROM iceberg_tables WHERE catalog_name = current_database() AND table_namespace = current_schema() AND table_name = 't'").fetchone()[0]


def test_files_go_where_the_properties_say(pg, our_catalog, schema_name, elsewhere):
    """Rule 79, on both paths, for deletes and rewrites; a second table keeps apart; DROP TABLE removes what is there."""
    pg.execute(f"CREATE TABLE t (a int, s text) USING iceberg WITH (\"write.data.path\" = 'file://{elsewhere}/data/', \"write.metadata.path\" = 'file://{elsewhere}/small')")
    pg.execute(f"CREATE TABLE u (a int) USING iceberg WITH (\"write.data.path\" = 'file://{elsewhere}/data')")
    pg.execute("INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 100) i")
    pg.execute("INSERT INTO t VALUES (101, 'x')")
    pg.execute("INSERT INTO u VALUES (1)")
    pg.execute("SET pg_lake_table.copy_on_write_threshold = 100")
    pg.execute("DELETE FROM t WHERE a = 3")
    pg.execute("SET pg_lake_table.copy_on_write_threshold = 0")
    pg.execute("DELETE FROM t WHERE a = 4")
    assert location_of(pg).startswith(f"file://{elsewhere}/small/")
    assert all(path.startswith(f"{elsewhere}/data/") for path in data_files(pg) + data_files(pg, "u"))
    assert {len(re.sub(f"{elsewhere}/data/", "", path).split("/")) for path in data_files(pg)} == {3}, "<of the table>/<xx>/<uuid>"
    metadata, written = Path(location_of(pg).removeprefix("file://")), data_files(pg)
    table = our_catalog.load_table((schema_name, "t"))
    assert table.properties["write.data.path"] == f"file://{elsewhere}/data"
    table.append(pyarrow.table({"a": pyarrow.array([500], pyarrow.int32()), "s": ["theirs"]}))
    assert pg.execute("SELECT count(*), max(a) FROM t").fetchone() == (100, 500)
    assert pg.execute("SELECT * FROM lake.verify('t')").fetchall() == []
    ours = {metadata.parent, *(Path(path).parent.parent for path in written)}
    assert len(ours) == 2 and all(list(place.rglob("*.*")) for place in ours)
    pg.execute("DROP TABLE t")
    pg.execute("SELECT lake_engine.flush_deletion_queue(0)")
    assert not any(list(place.rglob("*.*")) for place in ours)
    assert pg.execute("SELECT * FROM u").fetchall() == [(1,)]


def test_object_storage_layout(pg, elsewhere):
    pg.execute("CREATE TABLE t (a int) USING iceberg")
    pg.execute("INSERT INTO t VALUES (1)")
    before = data_files(pg)
    pg.execute("ALTER TABLE t SET (\"write.object-storage.enabled\" = true)")
    pg.execute("INSERT INTO t VALUES (2)")
    (new,) = set(data_files(pg)) - set(before)
    assert re.search(r"/data/[01]{4}/[01]{4}/[01]{4}/[01]{8}/[0-9a-f-]{36}-0\.parquet$", new)
    pg.execute("ALTER TABLE t RESET (\"write.object-storage.enabled\")")
    pg.execute("INSERT INTO t VALUES (3)")
    assert len([path for path in data_files(pg) if re.search(r"/[01]{8}/", path)]) == 1
    assert pg.execute("SELECT array_agg(a ORDER BY a) FROM t").fetchone() == ([1, 2, 3],)


def test_places_that_others_set(pg, our_catalog, schema_name, elsewhere):
    pg.execute("CREATE TABLE t (a int) USING iceberg")
    table = our_catalog.load_table((schema_name, "t"))
    with table.transaction() as transaction:
        transaction.set_properties({"write.data.path": f"file://{elsewhere}/theirs", "write.parquet.compression-codec": "zstd"})
    pg.execute("INSERT INTO t SELECT i FROM generate_series(1, 100) i")
    (path,) = data_files(pg)
    assert path.startswith(f"{elsewhere}/theirs/")
    assert duckdb.execute("SELECT DISTINCT compression FROM parquet_metadata(?)", [path]).fetchall() == [("ZSTD",)]
    pg.execute("BEGIN; ALTER TABLE t RESET (\"write.data.path\"); ROLLBACK")
    pg.execute("INSERT INTO t VALUES (5)")
    assert all(path.startswith(f"{elsewhere}/theirs/") for path in data_files(pg))


def test_who_may_name_a_place(pg, schema_name, elsewhere):
    """As for option location: a local directory needs pg_write_server_files, outside of the local roots nobody writes."""
    pg.execute("DROP ROLE IF EXISTS lake_placer")
    pg.execute("CREATE ROLE lake_placer IN ROLE lake_read_write")
    pg.execute(f"GRANT ALL ON SCHEMA {schema_name} TO lake_placer")
    try:
        pg.execute("SET ROLE lake_placer")
        pg.execute("CREATE TABLE t (a int) USING iceberg")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied to use the local location"):
            pg.execute(f"ALTER TABLE t SET (\"write.data.path\" = 'file://{elsewhere}')")
        pg.execute("RESET ROLE")
        pg.execute("ALTER TABLE t SET (\"write.data.path\" = 'file:///tmp/nobody')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for local path"):
            pg.execute("INSERT INTO t VALUES (1)")
    finally:
        pg.execute("RESET ROLE")
        pg.execute("DROP OWNED BY lake_placer CASCADE; DROP ROLE lake_placer")
