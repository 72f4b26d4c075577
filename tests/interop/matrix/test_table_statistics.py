"""Statistics files: the sketches of ANALYZE beside those of Spark's compute_table_stats, and Spark's counts in our plans."""

import json
import struct
from pathlib import Path

import pyarrow
import pytest

from .readers import local

TYPES = ["int", "bigint", "real", "double precision", "numeric(5,2)", "numeric(18,3)", "numeric(30,4)", "date", "timestamp", "timestamptz", "text", "bytea", "boolean"]
FEW = """INSERT INTO t SELECT i, i * 5000000000, i / 7.0, i / 7.0, (i % 900) - 450 + i / 100.0, (i - 300) * 1000000.001, (i - 300) * 100000000000000000000.0001,
    date '2020-01-01' - i * 40, timestamp '1970-01-01' - i * interval '1 hour', timestamptz '2020-01-01Z' + i * interval '1 us', 'value ' || i,
    decode(md5(i::text), 'hex'), i % 2 = 0 FROM generate_series(1, 600) i"""
MANY = "INSERT INTO t (c0, c1, c10) SELECT i, i * 3, 'v' || i FROM generate_series(1, 20000) i"


def sketches(location):
    """By field id: the hashes and theta of each blob, and what the entry says."""
    metadata = json.loads(Path(local(location)).read_text())
    (entry,) = metadata["statistics"]
    file = Path(local(entry["statistics-path"])).read_bytes()
    size = struct.unpack("<i", file[-12:-8])[0]
    found = {}
    for blob in json.loads(file[-12 - size:-12])["blobs"]:
        data = file[blob["offset"]:blob["offset"] + blob["length"]]
        if blob.get("compression-codec") == "zstd":
            data = pyarrow.CompressedInputStream(pyarrow.py_buffer(data), "zstd").read()
        longs = data[0] & 63
        theta = struct.unpack_from("<q", data, 16)[0] if longs == 3 else 2**63 - 1
        hashes = struct.unpack(f"<{len(data) // 8 - longs}q", data[8 * longs:])
        found[blob["fields"][0]] = (theta, set(hashes))
    ndv = {blob["fields"][0]: int(blob["properties"]["ndv"]) for blob in entry["blob-metadata"]}
    assert ndv.keys() == found.keys()
    return found, ndv


@pytest.mark.parametrize("rows", [FEW, MANY], ids=["few", "many"])
def test_sketches_are_those_of_spark(spark, pg, schema_name, rows):  # rule 77
    columns = ", ".join(f"c{i} {kind}" for i, kind in enumerate(TYPES))
    pg.execute(f"CREATE TABLE t ({columns}) USING iceberg")
    pg.execute(rows)
    pg.execute("ANALYZE t")
    ours, our_counts = sketches(pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_name = 't' AND table_namespace = %s", [schema_name]).fetchone()[0])
    spark.sql(f"CREATE TABLE theirs.ns.sketched USING iceberg AS SELECT * FROM postgres.{schema_name}.t")
    try:
        spark.sql("CALL theirs.system.compute_table_stats(table => 'ns.sketched')")
        location = spark.location("theirs.ns.sketched")
        theirs, their_counts = sketches(location)
        assert ours.keys() == theirs.keys()
        for field, (theta, hashes) in ours.items():
            common = min(theta, theirs[field][0])
            assert {hash for hash in hashes if hash < common} == {hash for hash in theirs[field][1] if hash < common}, TYPES[field - 1]
            assert our_counts[field] == pytest.approx(their_counts[field], rel=0.05), TYPES[field - 1]
        pg.execute("SELECT lake.register('theirs', %s)", [location])
        pg.execute("SET pg_lake_table.enable_full_query_pushdown = off")
        plan = pg.execute("EXPLAIN (FORMAT json) SELECT DISTINCT c10 FROM theirs").fetchone()[0]
        assert plan[0]["Plan"]["Plan Rows"] == pytest.approx(their_counts[11], rel=0.02)
        assert pg.execute("SELECT * FROM lake.verify('theirs')").fetchall() == []
        pg.execute("DROP TABLE theirs")
    finally:
        spark.sql("DROP TABLE IF EXISTS theirs.ns.sketched")
