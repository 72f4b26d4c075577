"""The same on S3: the store against a real server, and tables whose files live there, read by the other engines too."""

import os
import subprocess

import pytest

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
