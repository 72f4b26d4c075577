"""pg_upgrade carries Iceberg tables along: rows, options, transactions that go on (from a version to itself: the others are not on this machine)."""

import shlex
import shutil

import psycopg
import pytest

from lakectl.home import Home


@pytest.fixture
def old(home):
    """A home of its own, which is upgraded; stopped."""
    from lake_harness.home import RunningHome
    path = home.home.base.parent / "upgrade-old"
    Home(path).down(mode="immediate")
    shutil.rmtree(path, ignore_errors=True)
    running = RunningHome(path)
    yield running
    running.stop(mode="immediate")
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def new(old):
    """An empty cluster to upgrade into."""
    other = Home(old.home.base.with_name("upgrade-new"))
    other.down(mode="immediate")
    shutil.rmtree(other.base, ignore_errors=True)
    other.base.mkdir(parents=True)
    other.owned_directory(other.base / "log", 0o755)
    other.owned_directory(other.sockets, 0o755)
    other.create()
    other.choose_ports()
    roots = old.home.pgdata.with_name("pgdata_lake")
    (other.pgdata / "lake.conf").write_text(other.settings({**old.settings, "pg_lake_engine.local_roots": roots}))
    yield other
    other.down(mode="immediate")
    shutil.rmtree(other.base, ignore_errors=True)


def test_upgrade(old, new):
    old.sql("CREATE TABLE t (id int, v numeric(10,2) NOT NULL, gone int, note text) USING iceberg WITH (out_of_range_values = 'clamp', unique_key = 'id')")
    old.sql("INSERT INTO t SELECT i, i, i, 'n' || i FROM generate_series(1, 100) i")
    old.sql("ALTER TABLE t DROP COLUMN gone, ADD COLUMN added int DEFAULT 7")
    old.sql("UPDATE t SET v = v + 1 WHERE id < 10")
    old.sql("CREATE MATERIALIZED VIEW m USING iceberg AS SELECT count(*) AS n FROM t")
    rows = old.sql("SELECT * FROM t ORDER BY id")
    old.stop()
    command = [new.bin / "pg_upgrade", "-U", "postgres", "-b", new.bin, "-B", new.bin, "-d", old.home.pgdata, "-D", new.pgdata, "-s", new.sockets]
    # It wants to write where it is called.
    new.run_as_owner(["sh", "-c", f"cd {shlex.quote(str(new.pgdata))} && {shlex.join(map(str, command))}"], "pg_upgrade failed")
    new.run_as_owner([new.bin / "pg_ctl", "start", "-w", "-t", "60", "-s", "-D", new.pgdata, "-l", new.log], "the new cluster did not start")
    new.wait_for_engine()
    with psycopg.connect(host=str(new.sockets), port=new.port, dbname="postgres", user="postgres", autocommit=True) as connection:
        assert connection.execute("SELECT * FROM t ORDER BY id").fetchall() == rows
        assert connection.execute("SELECT n FROM m").fetchone() == (100,)
        assert connection.execute("SELECT reloptions FROM pg_class WHERE oid = 't'::regclass").fetchone() == (["out_of_range_values=clamp", "unique_key=id"],)
        assert connection.execute("SELECT count(*) FROM iceberg_tables WHERE table_name = 't'").fetchone() == (1,)
        connection.execute("INSERT INTO t VALUES (101, 1, 'new', 1)")
        connection.execute("UPDATE t SET note = 'upgraded' WHERE id = 5")
        connection.execute("DELETE FROM t WHERE id > 90")
        assert connection.execute("SELECT count(*), count(*) FILTER (WHERE note = 'upgraded') FROM t").fetchone() == (90, 1)
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO t VALUES (1, 1, 'again', 1)")
        assert not connection.execute("SELECT * FROM lake.verify('t') WHERE severity = 'error'").fetchall()
