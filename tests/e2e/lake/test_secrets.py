"""Tables on S3 (moto in this process): credentials by CREATE SECRET, longest scope first, never shown."""

import json
import uuid

import boto3
import psycopg
import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

KEY, SECRET = "AKIATESTTESTTEST", "wonderful/secret+key"


@pytest.fixture(scope="module")
def s3():
    """host:port of an S3 server with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", aws_access_key_id=KEY,
                          aws_secret_access_key=SECRET)
    client.create_bucket(Bucket="lake")
    yield f"{host}:{port}"
    server.stop()


def create_secret(engine, name, endpoint, more=""):
    engine.execute(f"CREATE OR REPLACE SECRET {name} (TYPE s3, KEY_ID '{KEY}', SECRET '{SECRET}', REGION 'us-east-1', "
                   f"ENDPOINT '{endpoint}', URL_STYLE 'path', USE_SSL false {more})")


@pytest.fixture
def secret(engine, s3):
    create_secret(engine, "test_s3", s3)
    yield
    engine.execute("DROP SECRET IF EXISTS test_s3")


@pytest.fixture
def s3_table(secret, lake):
    """A table in the bucket."""
    table = lake({"a": "long", "s": "string"})
    table.location = f"s3://lake/{uuid.uuid4()}"
    table.base = table.engine.execute("SELECT base FROM lake_create(%s)", [json.dumps(
        {"location": table.location, "columns": [{"name": "a", "type": "long", "required": False, "doc": None},
                                                 {"name": "s", "type": "string", "required": False, "doc": None}]})]
    ).fetchone()[0]
    return table


def test_write_commit_scan(s3_table):
    rows = [(i, f"row {i}") for i in range(150_000)]
    assert s3_table.append(rows)[0] == len(rows)
    s3_table.append([(-1, "last")])
    assert s3_table.scan("count(*), sum(a), max(s)") == [(150_001, sum(range(150_000)) - 1, "row 99999")]
    assert s3_table.scan(rest="WHERE a < 0") == [(-1, "last")]
    files = s3_table.engine.execute("SELECT * FROM lake_referenced_files(%s)", [s3_table.base]).fetchall()
    assert len(files) == 8 and all(path.startswith("s3://lake/") for (path,) in files)


def test_s3_locations_must_be_empty(s3_table):
    s3_table.append([(1, "x")])
    with pytest.raises(psycopg.Error, match="is not empty"):
        s3_table.engine.execute("SELECT base FROM lake_create(%s)", [json.dumps(
            {"location": s3_table.location, "columns": [{"name": "a", "type": "int", "required": False, "doc": None}]})])


def test_a_missing_object(secret, query):
    with pytest.raises(psycopg.errors.UndefinedFile, match="s3://lake/none"):
        query("s3://lake/none.metadata.json")


def test_secrets_are_not_shown(engine, secret):
    shown = str(engine.execute("SELECT * FROM duckdb_secrets()").fetchall())
    assert "test_s3" in shown and "us-east-1" in shown
    assert SECRET not in shown and KEY not in shown


def test_the_longest_scope_wins(engine, s3_table, query):
    s3_table.append([(1, "x")])
    create_secret(engine, "wrong_place", "127.0.0.1:1", f", SCOPE '{s3_table.location}'")
    try:
        with pytest.raises(psycopg.Error) as caught:
            engine.execute("SELECT * FROM lake_remove(%s)", ['[{"path": "%s/x", "is_prefix": false}]' % s3_table.location])
        assert SECRET not in str(caught.value) and KEY not in str(caught.value)
    finally:
        engine.execute("DROP SECRET wrong_place")
    assert s3_table.scan() == [(1, "x")]


def test_persistent_secrets_are_refused(engine):
    with pytest.raises(psycopg.Error, match="(?i)persistent"):
        engine.execute("CREATE PERSISTENT SECRET keeps (TYPE s3, KEY_ID 'a', SECRET 'b')")


@pytest.mark.parametrize("option,message", [("URL_STYLE 'sideways'", "invalid URL_STYLE"), ("COLOUR 'red'", "colour")])
def test_bad_options(engine, option, message):
    with pytest.raises(psycopg.Error, match=message) as caught:
        engine.execute(f"CREATE SECRET bad (TYPE s3, KEY_ID '{KEY}', SECRET '{SECRET}', {option})")
    assert SECRET not in str(caught.value)
