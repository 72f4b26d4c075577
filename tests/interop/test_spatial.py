"""Columns of PostGIS's types as other engines see them: Well-Known Binary in format version 2, geometry and geography in 3."""

import json
import struct
import subprocess
from pathlib import Path

import duckdb
import psycopg
import pyarrow.parquet
import pytest
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import read_manifest_list
from pyiceberg.table import StaticTable

COLUMNS = {"a": "geometry", "p": "geometry(Point, 4326)", "z": "geometry(PolygonZ, 3857)", "y": "geography"}
TYPES = {"a": "geometry(srid:0)", "p": "geometry", "z": "geometry(srid:3857)", "y": "geography"}
ROWS = """VALUES (1, 'MULTIPOINT(1 2,-3 4)'::geometry, 'SRID=4326;POINT(1.5 -2)'::geometry, 'SRID=3857;POLYGON Z((0 0 1,10 0 2,10 10 3,0 0 1))'::geometry, 'LINESTRING(0 0,10 20)'::geography),
                 (2, 'POINT EMPTY', 'SRID=4326;POINT EMPTY', 'SRID=3857;POLYGON Z EMPTY', NULL), (3, NULL, NULL, NULL, NULL),
                 (4, 'GEOMETRYCOLLECTION(POINT(7 8),POLYGON((0 0,1 0,1 1,0 0)))', 'SRID=4326;POINT(-20 30)', NULL, 'POINT(5 6)')"""


@pytest.fixture(params=["on", "off"], ids=["set", "row"])
def path(spatial, request):
    spatial.execute(f"SET pg_lake_table.enable_full_query_pushdown = {request.param}")


@pytest.fixture
def filled(spatial, path):
    """The tables v2 and v3, with the same rows: by INSERT of PostgreSQL's, and from each other."""
    for version in (2, 3):
        spatial.execute(f"CREATE TABLE v{version} (id int, {', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())}) USING iceberg WITH (format_version = {version})")
    spatial.execute(f"INSERT INTO v2 {ROWS}")
    spatial.execute("INSERT INTO v3 SELECT * FROM v2")
    return spatial


def location(pg, table):
    return pg.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = %s::regclass", [table]).fetchone()[0]


def metadata(pg, table):
    return json.loads(Path(location(pg, table).removeprefix("file://")).read_text())


def types(pg, table):
    document = metadata(pg, table)
    schema = next(schema for schema in document["schemas"] if schema["schema-id"] == document["current-schema-id"])
    return {field["name"]: field["type"] for field in schema["fields"]}


def files(pg, table):
    return [name.removeprefix("file://") for name, in pg.execute("SELECT path FROM lake_table.files WHERE table_name = %s::regclass AND content = 0", [table])]


def bounds(pg, table):
    """By field id, of geometries: the corners that the only manifest has."""
    document = metadata(pg, table)
    lists = next(snapshot["manifest-list"] for snapshot in document["snapshots"] if snapshot["snapshot-id"] == document["current-snapshot-id"])
    io = PyArrowFileIO()
    manifest, = read_manifest_list(io.new_input(lists))
    entry, = manifest.fetch_manifest_entry(io)
    lower, upper = entry.data_file.lower_bounds, entry.data_file.upper_bounds
    return {number: tuple(struct.unpack(f"<{len(corner) // 8}d", corner) for corner in (lower[number], upper[number])) for number in lower if number > 1}


def no_problem(pg, table):
    return pg.execute("SELECT problem FROM lake.verify(%s) WHERE severity = 'error'", [table]).fetchall() == []


def test_version_2(filled):
    """SPAT-3: Well-Known Binary of ISO, which PyIceberg and DuckDB read."""
    assert types(filled, "v2") == {"id": "int"} | dict.fromkeys(COLUMNS, "binary")
    right = filled.execute("SELECT id, ST_AsBinary(a), ST_AsBinary(p), ST_AsBinary(z), ST_AsBinary(y) FROM v2 ORDER BY id").fetchall()
    rows = StaticTable.from_metadata(location(filled, "v2")).scan().to_arrow().sort_by("id").to_pylist()
    assert [tuple(row.values()) for row in rows] == right
    text = duckdb.execute("SELECT id, ST_AsText(ST_GeomFromWKB(a)), ST_AsText(ST_GeomFromWKB(y)) FROM read_parquet(?) ORDER BY id", [files(filled, "v2")]).fetchall()
    assert text == [(1, "MULTIPOINT (1 2, -3 4)", "LINESTRING (0 0, 10 20)"), (2, "POINT EMPTY", None), (3, None, None),
                    (4, "GEOMETRYCOLLECTION (POINT (7 8), POLYGON ((0 0, 1 0, 1 1, 0 0)))", "POINT (5 6)")]
    assert no_problem(filled, "v2")


def test_version_3(filled):
    """Rules 9, 28 and 74: types with their reference systems, annotated files, corners as bounds, none for geography."""
    assert types(filled, "v3") == {"id": "int"} | TYPES
    file, = files(filled, "v3")
    annotations = str(pyarrow.parquet.ParquetFile(file).schema)
    for annotation in ("Geometry(crs=srid:0)", "Geometry(crs=)", "Geometry(crs=srid:3857)", "Geography(crs=, algorithm=spherical)"):
        assert annotation in annotations, annotations
    assert duckdb.execute("SELECT typeof(p), count(p) FROM read_parquet(?) GROUP BY 1", [file]).fetchone()[0].startswith("GEOMETRY")
    assert duckdb.execute("SELECT id, ST_AsText(p) FROM read_parquet(?) ORDER BY id", [file]).fetchall() == [
        (1, "POINT (1.5 -2)"), (2, "POINT EMPTY"), (3, None), (4, "POINT (-20 30)")]
    corners = bounds(filled, "v3")
    assert corners == {2: ((-3, 0), (7, 8)), 3: ((-20, -2), (1.5, 30)), 4: ((0, 0, 1), (10, 10, 3))}
    assert no_problem(filled, "v3")


def test_spark(filled, spark):
    """Spark 4.1 reads the bytes of format version 2. It has no types for geometry in version 3 (Iceberg 1.11), but Iceberg's Java library has."""
    right = filled.execute("SELECT id, ST_AsBinary(a), ST_AsBinary(p), ST_AsBinary(z), ST_AsBinary(y) FROM v2 ORDER BY id").fetchall()
    rows = sorted(tuple(row) for row in spark.read(location(filled, "v2")))
    assert [tuple(None if value is None else value if isinstance(value, int) else bytes(value) for value in row) for row in rows] == right
    iceberg = spark.jvm.org.apache.iceberg
    schema = iceberg.TableMetadataParser.fromJson(json.dumps(metadata(filled, "v3"))).schema()
    assert {name: schema.findType(name).toString() for name in COLUMNS} == TYPES
    for corner in (corner for pair in bounds(filled, "v3").values() for corner in pair):
        buffer = spark.jvm.java.nio.ByteBuffer.wrap(struct.pack(f"<{len(corner)}d", *corner)).order(spark.jvm.java.nio.ByteOrder.LITTLE_ENDIAN)
        bound = iceberg.geospatial.GeospatialBound.fromByteBuffer(buffer)
        assert (bound.x(), bound.y(), *([bound.z()] if bound.hasZ() else [])) == corner


def test_what_is_refused(spatial, path):
    """SPAT-4, ICE-8, and what would be lost: an SRID that the column does not say, curves, what PostGIS cannot read again."""
    def refused(error, message, statement):
        with pytest.raises(error, match=message):
            spatial.execute(statement)

    unsupported, invalid = psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidParameterValue
    spatial.execute("CREATE TYPE with_geometry AS (g geometry)")
    for kind in ("geometry[]", "with_geometry", "geography(Point)[]"):
        refused(unsupported, "geometry types are not supported inside arrays, composite types or maps", f"CREATE TABLE t (c {kind}) USING iceberg")
    for version in (2, 3):
        spatial.execute("DROP TABLE IF EXISTS t, h")
        spatial.execute(f"CREATE TABLE t (id int, g geometry, p geometry(Point, 4326), y geography) USING iceberg WITH (format_version = {version})")
        spatial.execute("CREATE TABLE h (LIKE t) USING heap")
        spatial.execute("INSERT INTO t VALUES (1, 'POINT(1 1)', 'SRID=4326;POINT(2 2)', 'POINT(3 3)')")
        refused(invalid, r"geometry SRID \(4326\) does not match the SRID \(0\) of column \"g\"", "INSERT INTO t (g) VALUES ('SRID=4326;POINT(1 2)')")
        refused(invalid, r"SRID \(4326\) does not match", "INSERT INTO t (g) SELECT p FROM t")
        refused(invalid, r"SRID \(4326\) does not match", "UPDATE t SET g = p")
        refused(invalid, r"SRID \(4267\) does not match the SRID \(4326\) of column \"y\"", "INSERT INTO t (y) VALUES ('SRID=4267;POINT(1 2)')")
        refused(unsupported, "geometry type CIRCULARSTRING is not supported", "INSERT INTO t (g) VALUES ('GEOMETRYCOLLECTION(POINT(0 0),CIRCULARSTRING(0 0,1 1,2 0))')")
        refused(unsupported, "geometry type TIN is not supported", "INSERT INTO t (g) VALUES ('TIN(((0 0,1 0,1 1,0 0)))')")
        refused(invalid, "a line of one point", "INSERT INTO t (g) SELECT ST_MakeLine(ST_MakePoint(1, 1))")
        spatial.execute("INSERT INTO h (g) VALUES ('SRID=3857;POINT(0 0)')")
        refused(invalid, r"SRID \(3857\) does not match", "INSERT INTO t SELECT * FROM h")
        refused(unsupported, 'cannot change column "p" of table "t" from SRID 4326 to SRID 0 as it is', "ALTER TABLE t ALTER p TYPE geometry")
        for option in ("partition_by = 'p'", "partition_by = 'bucket(4, g)'", "partition_by = 'truncate(4, g)'", "sort_by = 'y'"):
            refused(psycopg.errors.DatatypeMismatch, "but type is geo", f"ALTER TABLE t SET ({option})")
        refused(unsupported, "cannot be in a unique key", "ALTER TABLE t SET (unique_key = 'g')")
        refused(unsupported, "cannot have a Bloom filter", "ALTER TABLE t SET (bloom_filter_columns = 'g')")
        spatial.execute("ALTER TABLE t ALTER p TYPE geometry USING ST_SetSRID(p, 0)")
        spatial.execute("UPDATE t SET g = p")
        assert spatial.execute("SELECT ST_AsEWKT(g), ST_AsEWKT(p) FROM t").fetchall() == [("POINT(2 2)", "POINT(2 2)")]
        assert no_problem(spatial, "t")


def test_upgraded_table(spatial, path):
    """Columns stay binary in the metadata; new ones are geometries. Defaults of them are PostgreSQL's alone (rule 12)."""
    spatial.execute("CREATE TABLE t (id int, p geometry(Point, 4326)) USING iceberg")
    spatial.execute("INSERT INTO t VALUES (1, 'SRID=4326;POINT(2 2)')")
    spatial.execute("ALTER TABLE t SET (format_version = 3)")
    spatial.execute("ALTER TABLE t ADD q geometry(Point, 3857) DEFAULT 'SRID=3857;POINT(7 8)'")
    spatial.execute("INSERT INTO t (id) VALUES (2)")
    spatial.execute("INSERT INTO t SELECT id + 10, p, q FROM t")
    assert types(spatial, "t") == {"id": "int", "p": "binary", "q": "geometry(srid:3857)"}
    assert "default" not in json.dumps(metadata(spatial, "t")["schemas"])
    assert spatial.execute("SELECT id, ST_AsEWKT(p), ST_AsEWKT(q) FROM t ORDER BY id").fetchall() == [
        (id, text, "SRID=3857;POINT(7 8)") for id, text in [(1, "SRID=4326;POINT(2 2)"), (2, None), (11, "SRID=4326;POINT(2 2)"), (12, None)]]
    assert no_problem(spatial, "t")


@pytest.mark.parametrize("client", ["text", "binary"])
def test_what_clients_get(filled, client):
    """PostGIS's own forms, whoever prepares the rows, by SELECT and COPY."""
    with filled.cursor(binary=client == "binary") as cursor:
        heap = "CREATE TEMP TABLE heap AS SELECT * FROM v3"
        cursor.execute(heap)
        for query in ("SELECT * FROM {} ORDER BY id", "SELECT p, z FROM {} WHERE id < 3 ORDER BY id"):
            lake = cursor.execute(query.format("v3")).fetchall()
            assert lake == cursor.execute(query.format("heap")).fetchall() and lake
        copies = []
        for table in ("v3", "heap"):
            with cursor.copy(f"COPY (SELECT * FROM {table} ORDER BY id) TO STDOUT (FORMAT {client})") as copy:
                copies.append(b"".join(bytes(part) for part in copy))
        assert copies[0] == copies[1]


def test_without_the_extension(home, schema_name):
    """SPAT-1."""
    with home.connect(dbname="postgres") as pg:
        pg.execute("CREATE DATABASE unspatial")
    try:
        with home.connect(dbname="unspatial") as pg:
            pg.execute("CREATE EXTENSION pg_lake CASCADE; CREATE EXTENSION postgis")
            with pytest.raises(psycopg.errors.FeatureNotSupported, match="The pg_lake_spatial extension is required to use PostGIS with pg_lake tables.") as error:
                pg.execute("CREATE TABLE t (g geometry) USING iceberg")
            assert error.value.diag.message_hint == "CREATE EXTENSION pg_lake_spatial CASCADE;"
    finally:
        with home.connect(dbname="postgres") as pg:
            pg.execute("DROP DATABASE unspatial WITH (FORCE)")


def test_dump_and_restore(filled, home, schema_name):
    server = ["-h", str(home.home.sockets), "-p", str(home.home.port), "-U", "postgres"]
    before = filled.execute("SELECT array_agg(t::text ORDER BY id) FROM v3 t").fetchone()
    script = subprocess.run([home.home.bin / "pg_dump", *server, "-n", schema_name, "spatial"], capture_output=True, text=True, check=True).stdout
    filled.execute(f"DROP SCHEMA {schema_name} CASCADE")
    restored = subprocess.run([home.home.bin / "psql", *server, "-v", "ON_ERROR_STOP=1", "spatial"], input=script, capture_output=True, text=True)
    assert restored.returncode == 0, restored.stderr
    assert types(filled, "v3") == {"id": "int"} | TYPES
    assert filled.execute("SELECT array_agg(t::text ORDER BY id) FROM v3 t").fetchone() == before
