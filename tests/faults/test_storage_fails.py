"""Storage is full, gone, or wrong: a clear error, a healthy backend, the table as before."""

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from faults.storage_listing import files_below, table_location
from lakectl import s3


@pytest.fixture
def small_disk(home):
    """A file system of four megabytes inside the warehouse."""
    path = home.home.pgdata.with_name("pgdata_lake") / "small_disk"
    path.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=4m,mode=0777,uid={home.home.owner.pw_uid}", "none", str(path)], check=True)
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
@pytest.mark.no_readers  # the file system is gone by then
def test_disk_full(home, pg, small_disk):
    pg.execute(f"CREATE TABLE t (a int, b text) USING iceberg WITH (location = 'file://{small_disk}/t')")
    pg.execute("INSERT INTO t VALUES (1, 'before')")
    with pytest.raises(psycopg.Error) as failure:
        pg.execute("INSERT INTO t SELECT i, md5(i::text) || md5((i + 1)::text) FROM generate_series(1, 500000) i")
    assert failure.value.sqlstate == "53100", failure.value
    assert pg.execute("SELECT * FROM t").fetchall() == [(1, "before")]
    pg.execute("SELECT * FROM lake_engine.flush_in_progress_queue()")
    pg.execute("INSERT INTO t VALUES (2, 'there is room again')")
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (2,)
    pg.execute("DROP TABLE t")


@pytest.mark.no_readers
@pytest.mark.parametrize("damage", ["truncate", "flip", "empty", "remove"])
@pytest.mark.parametrize("kind", ["*.metadata.json", "snap-*.avro", "*-m*.avro", "*.parquet"])
def test_damaged_file(home, pg, kind, damage):
    """A truncated, bit-flipped, empty or missing file of each kind is an error, never a crash or silently fewer rows.
    Bits inside Parquet pages are covered by no checksum: there another value is possible, another row count is not."""
    pg.execute("CREATE TABLE t USING iceberg AS SELECT i AS a, 'text ' || i AS b FROM generate_series(1, 1000) i")
    location = table_location(home, f"{pg.execute('SELECT current_schema()').fetchone()[0]}.t")
    path = max(Path(name.removeprefix("file://")) for name in files_below(location) if Path(name).match(kind))
    whole = path.read_bytes()
    path.unlink()
    if damage == "truncate":
        path.write_bytes(whole[:len(whole) // 2])
    elif damage == "flip":
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes(byte ^ 0x55 for byte in whole[middle:middle + 64]) + whole[middle + 64:])
    elif damage == "empty":
        path.write_bytes(b"")
    schema = pg.execute("SELECT current_schema()").fetchone()[0]
    home.restart()  # what the server's caches hold must not hide the damage
    server = home.server_pid()
    with home.connect() as pg:
        pg.execute(f"SET search_path = {schema}")
        check_damaged(pg, path, damage)
        assert home.server_pid() == server, "the server died of a damaged file"
        pg.execute("DROP TABLE t")


def check_damaged(pg, path, damage):
    try:
        rows = pg.execute("SELECT count(*), count(a), count(b) FROM t WHERE length(b) > 0").fetchone()
        assert damage == "flip" and rows[0] <= 1000, f"{path} is damaged, and the query gave {rows}"
    except psycopg.Error as failure:
        assert failure.sqlstate is not None and not failure.sqlstate.startswith("08"), failure
    assert pg.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.no_readers
def test_s3_unreachable(s3_home, schema_name):
    s3_home.sql(f"DROP SCHEMA IF EXISTS {schema_name} CASCADE")
    s3_home.sql(f"CREATE SCHEMA {schema_name}")
    table = f"{schema_name}.t"
    s3_home.sql(f"CREATE TABLE {table} (a int) USING iceberg")
    s3_home.sql(f"INSERT INTO {table} VALUES (1)")
    os.kill(s3.server_pid(s3_home.home), signal.SIGKILL)
    with s3_home.connect() as connection:
        with pytest.raises(psycopg.Error) as failure:
            connection.execute(f"INSERT INTO {table} VALUES (2)")
        # A connection that breaks with a PUT under way: whether the file is there nobody knows (08007).
        assert failure.value.sqlstate in ("58030", "08007"), failure.value
        assert s3.keys(s3_home.home)[1] not in str(failure.value)
        assert connection.execute("SELECT 1").fetchone() == (1,)
        s3.start(s3_home.home)
        assert connection.execute(f"SELECT * FROM {table}").fetchall() == [(1,)]
        connection.execute(f"INSERT INTO {table} VALUES (3)")
        assert connection.execute(f"SELECT * FROM {table} ORDER BY a").fetchall() == [(1,), (3,)]


@pytest.mark.no_readers
def test_s3_wrong_key(s3_home, schema_name):
    """Refused with a clear error; neither key nor secret shows in it, in the log, or in the server's own listing."""
    endpoint = s3.endpoint(s3_home.home)
    with s3_home.engine() as engine:
        engine.execute(f"CREATE SECRET wrong (TYPE s3, KEY_ID 'wrong-key-id', SECRET 'wrong-secret', REGION 'us-east-1', "
                       f"ENDPOINT '{endpoint}', URL_STYLE 'path', USE_SSL false, SCOPE 's3://lake/refused')")
    with s3_home.connect() as connection:
        with pytest.raises(psycopg.Error) as failure:
            connection.execute("CREATE TABLE public.refused (a int) USING iceberg WITH (location = 's3://lake/refused/t')")
    assert failure.value.sqlstate in ("42501", "58030"), failure.value
    for text in (str(failure.value), s3_home.log_text()):
        assert "wrong-secret" not in text
