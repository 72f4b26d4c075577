"""The same on S3: the store against a real server, and tables whose files live there, read by the other engines too."""

import os
import subprocess

import psycopg
import pyarrow
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from lake_harness.readers import Readers
from lakectl import s3
from lakectl.places import BUILD


@pytest.fixture
def credentials(s3_home):
    key_id, secret = s3.keys(s3_home.home)
    return {"endpoint": f"http://{s3.endpoint(s3_home.home)}", "key_id": key_id, "secret": secret}


def test_store_against_a_server(credentials):
    """tests/unit/storage/s3_live_test.cpp"""
    environment = {**os.environ, "LAKE_TEST_S3_ENDPOINT": credentials["endpoint"], "LAKE_TEST_S3_BUCKET": s3.BUCKET,
                   "LAKE_TEST_S3_KEY_ID": credentials["key_id"], "LAKE_TEST_S3_SECRET": credentials["secret"]}
    result = subprocess.run([str(BUILD / "tests/unit/storage/s3_live_test")], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]


def test_tables(s3_home, credentials, schema_name):
    properties = {"s3.endpoint": credentials["endpoint"], "s3.region": "us-east-1",
                  "s3.access-key-id": credentials["key_id"], "s3.secret-access-key": credentials["secret"]}
    with s3_home.connect() as pg:
        pg.execute(f"DROP SCHEMA IF EXISTS {schema_name} CASCADE")
        pg.execute(f"CREATE SCHEMA {schema_name}")
        pg.execute(f"SET search_path = {schema_name}")
        pg.execute("CREATE TABLE t (id int, b text, n numeric(10,2), ts timestamptz) USING iceberg")
        pg.execute("INSERT INTO t SELECT i, 'row ' || i, i / 3.0, now() FROM generate_series(1, 20000) i")
        pg.execute("INSERT INTO t VALUES (0, NULL, NULL, NULL)")
        assert pg.execute("SELECT count(*), count(b), sum(n) FROM t").fetchone()[:2] == (20001, 20000)
        location = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = %s", [schema_name]).fetchone()[0]
        assert location.startswith(f"s3://{s3.BUCKET}/warehouse/")
        Readers(pg, properties).check(f"{schema_name}.t")


def test_tables_and_files_of_others(s3_home, credentials, schema_name):
    """PyIceberg commits to a table of ours, a table of its own is registered, its files are added to ours: all in S3."""
    properties = {"s3.endpoint": credentials["endpoint"], "s3.region": "us-east-1",
                  "s3.access-key-id": credentials["key_id"], "s3.secret-access-key": credentials["secret"]}
    rows = pyarrow.table({"id": pyarrow.array([1, 2], pyarrow.int32()), "name": ["a", "b"]})
    own = SqlCatalog("own", uri="sqlite:///:memory:", warehouse=f"s3://{s3.BUCKET}/theirs/{schema_name}", **properties)
    own.create_namespace("ns")
    theirs = own.create_table("ns.t", rows.schema)
    theirs.append(rows)
    theirs.append(rows)
    ours = SqlCatalog("postgres", uri=f"postgresql+psycopg2://postgres@127.0.0.1:{s3_home.home.port}/postgres", init_catalog_tables="false", **properties)
    with s3_home.connect() as pg:
        pg.execute(f"DROP SCHEMA IF EXISTS {schema_name} CASCADE; CREATE SCHEMA {schema_name}; SET search_path = {schema_name}")
        pg.execute("CREATE TABLE t (id int, name text) USING iceberg; INSERT INTO t VALUES (0, 'ours')")
        ours.load_table((schema_name, "t")).append(rows)
        assert pg.execute("SELECT count(*), max(name) FROM t").fetchone() == (3, "ours")
        pg.execute("CREATE TABLE u (name text, id int) USING iceberg")
        with pytest.raises(psycopg.Error, match="field id 1, the table's has 2"):
            pg.execute("SELECT lake.add_files('u', %s::text)", [theirs.location() + "/data/"])
        assert pg.execute("SELECT files, rows FROM lake.add_files('t', %s::text)", [theirs.location() + "/data/"]).fetchone() == (2, 4)
        pg.execute("SELECT lake.register('registered', %s)", [theirs.metadata_location])
        pg.execute("INSERT INTO registered VALUES (3, 'c')")
        assert pg.execute("SELECT (SELECT count(*) FROM t), (SELECT sum(id) FROM registered)").fetchone() == (7, 9)
        pg.execute("UPDATE registered SET name = 'changed' WHERE id = 1")
        for table in ("t", "registered"):
            Readers(pg, properties).check(f"{schema_name}.{table}")
        pg.execute(f"DROP SCHEMA {schema_name} CASCADE")
    ours.close()
