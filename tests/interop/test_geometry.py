"""Columns of type geometry and geography of other engines (format version 3): Well-Known Binary as bytea, read and written."""

import json
import os
import struct
from pathlib import Path

import duckdb
import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from lake_harness.other_writer import OtherWriter
from pyiceberg.manifest import DataFileContent, FileFormat
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import BinaryType, LongType, NestedField

pytestmark = pytest.mark.no_readers  # they have no such types

TYPES = {"g": "geometry(srid:3857)", "h": "geography(srid:4326, karney)", "i": "geometry"}


def point(x, y):
    return struct.pack("<BIdd", 1, 1, x, y)


def make(catalog, points):
    """A table with a file of DuckDB's, annotated and in its own byte order, and bounds as the specification has them: corners."""
    fields = [NestedField(1, "id", LongType(), required=False), *(NestedField(number, name, BinaryType(), required=False) for number, name in enumerate(TYPES, 2))]
    table = catalog.create_table("ns.t", Schema(*fields))
    writer = OtherWriter(table.metadata_location)
    writer.rewrite(format_version=3, next_row_id=0)
    path = writer.new_path(".parquet")
    values = ", ".join(f"({number}, 'POINT({x} {y})'::GEOMETRY)" for number, (x, y) in enumerate(points))
    duckdb.execute(f"COPY (SELECT id, g, g h, g i FROM (VALUES {values}) v(id, g)) TO '{path}' (FORMAT parquet, GEOPARQUET_VERSION 'V2', FIELD_IDS {{id: 1, g: 2, h: 3, i: 4}})")
    assert "Geometry" in str(pyarrow.parquet.ParquetFile(path).schema), "DuckDB annotates"
    corners = [struct.pack("<dd", *map(of, zip(*points))) for of in (min, max)]
    file = writer.entry(content=DataFileContent.DATA, file_path=f"file://{path}", file_format=FileFormat.PARQUET, partition=Record(), record_count=len(points),
                        file_size_in_bytes=os.path.getsize(path), value_counts={2: len(points)}, null_value_counts={2: 0},
                        lower_bounds={number: corners[0] for number in (2, 3, 4)}, upper_bounds={number: corners[1] for number in (2, 3, 4)})
    file.spec_id = 0
    writer.commit([file])
    set_types(writer, TYPES)
    return table, writer


def set_types(writer, types):
    for field in writer.metadata["schemas"][0]["fields"]:
        field["type"] = types.get(field["name"], field["type"])
    writer.rewrite()


@pytest.fixture(params=["on", "off"], ids=["set", "row"])
def path(pg, request):
    """Its table t is dropped, so that the readers of later tests do not find it."""
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {request.param}")
    yield request.param
    pg.execute("DROP TABLE IF EXISTS t")


def test_geometry(pg, catalog, handed_over, path):
    """Rules 9, 28 and 74: bytes come and go as they are; types keep their parameters, files their annotations; corners prune nothing."""
    points = [(1.0, 2.0), (-3.5, 4.0)]
    table, writer = make(catalog, points)
    handed_over(table)
    pg.execute("SELECT lake.register('t', %s)", [writer.location])
    assert pg.execute("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 1").fetchall() == [("bytea",)] * 3
    assert pg.execute("SELECT id, g, h, i FROM t ORDER BY id").fetchall() == [(number, *[point(*at)] * 3) for number, at in enumerate(points)]
    for number, at in enumerate(points):
        for column in TYPES:
            assert pg.execute(f"SELECT id FROM t WHERE {column} = %b", [point(*at)]).fetchall() == [(number,)]
    assert pg.execute("SELECT count(*) FROM t WHERE g IS NOT NULL AND g > '\\x00'").fetchone() == (2,)
    pg.execute("ANALYZE t")
    location, = pg.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone()
    statistics, = json.loads(Path(location.removeprefix("file://")).read_text())["statistics"]
    assert [blob["fields"] for blob in statistics["blob-metadata"]] == [[1]], "a sketch of geometries"
    pg.execute("INSERT INTO t VALUES (2, %b, %b, NULL)", [point(5, 6), point(7, 8)])
    pg.execute("INSERT INTO t SELECT 3, h, g, i FROM t WHERE id = 2")
    pg.execute("UPDATE t SET i = g WHERE id = 2")
    pg.execute("ALTER TABLE t ADD note text")
    pg.execute("ALTER TABLE t RENAME g TO geom")
    right = [(2, point(5, 6), point(7, 8), point(5, 6)), (3, point(7, 8), point(5, 6), None)]
    assert pg.execute("SELECT id, geom, h, i FROM t WHERE id > 1 ORDER BY id").fetchall() == right
    location, = pg.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone()
    metadata = json.loads(Path(location.removeprefix("file://")).read_text())
    fields = next(schema for schema in metadata["schemas"] if schema["schema-id"] == metadata["current-schema-id"])["fields"]
    assert [field["type"] for field in fields] == ["long", *TYPES.values(), "string"]
    for file, in pg.execute("SELECT path FROM lake_table.files WHERE table_name = 't'::regclass AND content = 0").fetchall():
        if file != f"file://{next(Path(writer.path).parent.parent.glob('data/*.parquet'))}":
            parquet = pyarrow.parquet.ParquetFile(file.removeprefix("file://"))
            text = str(parquet.schema)
            assert "Geometry(crs=srid:3857)" in text and "Geography(crs=srid:4326, algorithm=karney)" in text and "Geometry(crs=)" in text, text
            for column in (1, 2, 3):
                statistics = parquet.metadata.row_group(0).column(column).statistics
                assert statistics is None or not statistics.has_min_max
    assert pg.execute("SELECT problem FROM lake.verify('t') WHERE severity = 'error'").fetchall() == []


@pytest.mark.parametrize("mode", ["on", "off"], ids=["set", "row"])
def test_with_postgis(spatial, catalog, handed_over, mode):
    """SPAT-3: they are columns of PostGIS's types, under the SRIDs of their reference systems."""
    spatial.execute(f"SET pg_lake_table.enable_full_query_pushdown = {mode}")
    points = [(1.0, 2.0), (-3.5, 4.0)]
    table, writer = make(catalog, points)
    handed_over(table)
    spatial.execute("SELECT lake.register('t', %s)", [writer.location])
    columns = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 1 ORDER BY attnum"
    assert spatial.execute(columns).fetchall() == [("geometry(Geometry,3857)",), ("geography",), ("geometry(Geometry,4326)",)]
    assert spatial.execute("SELECT id, ST_AsEWKT(g), ST_AsEWKT(h), ST_AsEWKT(i) FROM t ORDER BY id").fetchall() == [
        (0, "SRID=3857;POINT(1 2)", "SRID=4326;POINT(1 2)", "SRID=4326;POINT(1 2)"), (1, "SRID=3857;POINT(-3.5 4)", "SRID=4326;POINT(-3.5 4)", "SRID=4326;POINT(-3.5 4)")]
    spatial.execute("INSERT INTO t VALUES (2, 'SRID=3857;LINESTRING(0 0,1 1)', NULL, 'SRID=4326;POINT(5 6)')")
    spatial.execute("UPDATE t SET g = ST_Translate(g, 1, 1) WHERE ST_X(i) > 0")
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        spatial.execute("INSERT INTO t VALUES (3, 'SRID=4326;POINT(1 1)')")
    assert spatial.execute("SELECT id, ST_AsText(g) FROM t ORDER BY id").fetchall() == [(0, "POINT(2 3)"), (1, "POINT(-3.5 4)"), (2, "LINESTRING(1 1,2 2)")]
    schema = json.loads(Path(spatial.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone()[0]
                             .removeprefix("file://")).read_text())["schemas"][-1]
    assert [field["type"] for field in schema["fields"]] == ["long", *TYPES.values()]
    assert spatial.execute("SELECT problem FROM lake.verify('t') WHERE severity = 'error'").fetchall() == []


@pytest.mark.parametrize("crs, typed", [("OGC:CRS84", "geometry(Geometry,4326)"), ("EPSG:2154", "geometry(Geometry,2154)"), ("srid:0", "geometry"),
                                        ("projjson:crs", "geometry"), ("srid:99999999", "geometry")])
def test_reference_systems(spatial, catalog, handed_over, crs, typed):
    table, writer = make(catalog, [(1.0, 2.0)])
    handed_over(table)
    writer.metadata["schemas"][0]["fields"][1]["type"] = f"geometry({crs})"
    writer.rewrite()
    spatial.execute("SELECT lake.register('t', %s)", [writer.location])
    assert spatial.execute("SELECT format_type(atttypid, atttypmod), ST_AsText(g) FROM pg_attribute, t WHERE attrelid = 't'::regclass AND attname = 'g'").fetchone() == (
        typed, "POINT(1 2)")


def test_either_byte_order(spatial, catalog, handed_over):
    """Whoever wrote the bytes, and whether or not the file says that they are geometries."""
    table, writer = make(catalog, [(1.0, 2.0)])
    schema = pyarrow.schema([pyarrow.field("id", pyarrow.int64(), metadata={"PARQUET:field_id": "1"}), pyarrow.field("g", pyarrow.binary(), metadata={"PARQUET:field_id": "2"})])
    line = struct.pack(">BIIdddddd", 0, 1002, 2, 1, 2, 3, 4, 5, 6)
    set_types(writer, dict.fromkeys(TYPES, "binary"))  # PyIceberg knows no other
    writer.commit([writer.parquet(pyarrow.table([[7], [line]], schema=schema), DataFileContent.DATA)])
    set_types(writer, TYPES)
    handed_over(table)
    spatial.execute("SELECT lake.register('t', %s)", [writer.location])
    assert spatial.execute("SELECT ST_AsEWKT(g) FROM t ORDER BY id").fetchall() == [("SRID=3857;POINT(1 2)",), ("SRID=3857;LINESTRING(1 2 3,4 5 6)",)]
