"""A hot standby, with a pgduck_server of its own, reads Iceberg tables as they were when its primary committed them (TX-12)."""

import shutil

import psycopg
import pytest

from lake_harness.home import wait_for
from lakectl.home import Home


@pytest.fixture
def standby(home, tmp_path_factory):
    """The standby's Home, following `home`."""
    other = Home(home.home.base.parent / "standby")
    other.down(mode="immediate")
    shutil.rmtree(other.base, ignore_errors=True)
    other.base.mkdir(parents=True)
    other.owned_directory(other.base / "log", 0o755)
    other.owned_directory(other.pgdata)
    other.owned_directory(other.sockets, 0o755)
    home.home.run_as_owner([home.home.bin / "pg_basebackup", "-D", other.pgdata, "-R", "-X", "stream", "-c", "fast", "-h", home.home.sockets,
                            "-p", str(home.home.port), "-U", "postgres"], "pg_basebackup failed")
    other.choose_ports()
    roots = home.home.pgdata.with_name("pgdata_lake")
    (other.pgdata / "lake.conf").write_text(other.settings({**home.settings, "pg_lake_engine.local_roots": roots,
                                                           "hot_standby_feedback": "on", "wal_receiver_status_interval": "1s"}))
    other.run_as_owner([home.home.bin / "pg_ctl", "start", "-w", "-t", "60", "-s", "-D", other.pgdata, "-l", other.log], "the standby did not start")
    other.wait_for_engine()
    yield other
    other.down(mode="immediate")
    shutil.rmtree(other.base, ignore_errors=True)


def connect(standby):
    return psycopg.connect(host=str(standby.sockets), port=standby.port, dbname="postgres", user="postgres", autocommit=True)


def catch_up(home, connection):
    wanted = home.sql("SELECT pg_current_wal_lsn()")[0][0]
    wait_for(lambda: connection.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [wanted]).fetchone()[0], "the standby to catch up")


def wait_until_known(home):
    """The primary has heard of the standby's snapshots since now, and removes no row versions that they see."""
    now = home.sql("SELECT clock_timestamp()")[0][0]
    wait_for(lambda: home.sql("SELECT bool_or(reply_time > %s) FROM pg_stat_replication WHERE backend_xmin IS NOT NULL", now)[0][0],
             "the standby's feedback")


def test_reads_and_refuses(home, schema_name, standby):
    home.sql(f"CREATE SCHEMA {schema_name}")
    table = f"{schema_name}.t"
    home.sql(f"CREATE TABLE {table} (id int, note text) USING iceberg")
    home.sql(f"INSERT INTO {table} SELECT i, 'n' || i FROM generate_series(1, 100) i")
    home.sql(f"CREATE TABLE {schema_name}.h (id int)")
    home.sql(f"INSERT INTO {schema_name}.h VALUES (1), (2)")
    with connect(standby) as connection:
        catch_up(home, connection)
        assert connection.execute(f"SELECT count(*), sum(id) FROM {table}").fetchone() == (100, 5050)
        connection.execute("SET pg_lake_table.enable_full_query_pushdown = off")
        assert connection.execute(f"SELECT note FROM {table} WHERE id = 7").fetchone() == ("n7",)
        connection.execute("RESET pg_lake_table.enable_full_query_pushdown")
        assert connection.execute(f"SELECT count(*) FROM {table} JOIN {schema_name}.h USING (id)").fetchone() == (2,)

        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        connection.execute(f"SELECT count(*) FROM {table}")
        wait_until_known(home)
        home.sql(f"UPDATE {table} SET note = 'changed' WHERE id <= 50")
        home.sql(f"DELETE FROM {table} WHERE id > 90")
        catch_up(home, connection)
        assert connection.execute(f"SELECT count(*) FROM {table} WHERE note = 'changed'").fetchone() == (0,)
        connection.execute("COMMIT")
        assert connection.execute(f"SELECT count(*), count(*) FILTER (WHERE note = 'changed') FROM {table}").fetchone() == (90, 50)

        for statement in (f"INSERT INTO {table} VALUES (1)", f"UPDATE {table} SET id = 1", f"DELETE FROM {table}", f"TRUNCATE {table}",
                          f"INSERT INTO {table} SELECT * FROM {table}", f"CREATE TABLE {schema_name}.u (a int) USING iceberg", f"DROP TABLE {table}",
                          f"ALTER TABLE {table} ADD COLUMN c int"):
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute(statement)
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (90,)
    home.sql(f"DROP SCHEMA {schema_name} CASCADE")
