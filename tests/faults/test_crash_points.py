"""Kill -9 of backend, postmaster and server at each step of a commit: the table is as before or as after, never between.

The backend's steps are named in src/extension/txn/commit.cpp (lake_fault), the server's in src/server/lake/fault_point.h. Every test then
checks that orphans are exactly what the ledger names, and that the cleaner removes them.
"""

import threading

import psycopg
import pytest

from faults.storage_listing import check_clean_removes_orphans
from lake_harness.home import kill_backend, wait_for

BACKEND_STEPS = ["after-data-files", "after-ledger", "after-apply-iceberg-changes", "after-pointer-swap", "after-ledger-forget"]
SERVER_STEPS = ["before-data-put", "after-data-put", "before-manifest", "after-manifest-list", "before-metadata", "after-metadata"]

pytestmark = pytest.mark.no_readers


@pytest.fixture
def table(home, schema_name):
    name = f"{schema_name}.t"
    home.wait_until_up()
    home.wait_for_server()
    home.sql(f"DROP SCHEMA IF EXISTS {schema_name} CASCADE")
    home.sql(f"CREATE SCHEMA {schema_name}")
    home.sql(f"CREATE TABLE {name} (id int, note text) USING iceberg")
    home.sql(f"INSERT INTO {name} VALUES (1, 'before')")
    return name


def rows(home, table):
    return home.sql(f"SELECT id, note FROM {table} ORDER BY id")


BEFORE = [(1, "before")]


@pytest.fixture(params=["insert", "update", "merge"])
def change(request, table):
    """A statement and the rows after it: one that adds a file, one that deletes rows too, one that does both and reads."""
    statement, after = {
        "insert": ("INSERT INTO {} VALUES (2, 'during')", [(1, "before"), (2, "during")]),
        "update": ("UPDATE {} SET note = 'during' WHERE id = 1", [(1, "during")]),
        "merge": ("MERGE INTO {} t USING (VALUES (1), (2)) s(id) ON t.id = s.id WHEN MATCHED THEN DELETE "
                  "WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'during')", [(2, "during")]),
    }[request.param]
    return statement.format(table), after


@pytest.mark.parametrize("step", BACKEND_STEPS)
def test_backend_dies(home, table, change, step):
    connection = home.connect()
    connection.execute(f"SET pg_lake_engine.fault_point = '{step}'")
    with pytest.raises(psycopg.OperationalError):
        connection.execute(change[0])
    home.wait_until_up()
    assert rows(home, table) == BEFORE
    check_clean_removes_orphans(home, table)
    home.sql(change[0])
    assert rows(home, table) == change[1]


def run_and_pause(home, statement, step):
    """A statement that waits at a step; returns its connection, its thread and where its error will be."""
    connection = home.connect()
    connection.execute(f"SET pg_lake_engine.fault_point = '{step}=pause'")
    seen = len(home.log_text())
    outcome = {}

    def run():
        try:
            connection.execute(statement)
            outcome["error"] = None
        except psycopg.Error as error:
            outcome["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    wait_for(lambda: f'pausing at fault point "{step}"' in home.log_text()[seen:], f"{statement} to reach {step}")
    return connection, thread, outcome


@pytest.mark.parametrize("step", BACKEND_STEPS)
def test_postmaster_dies(home, table, change, step):
    _, thread, outcome = run_and_pause(home, change[0], step)
    home.kill_postmaster()
    thread.join(30)
    assert isinstance(outcome["error"], psycopg.OperationalError)
    home.start()
    home.wait_until_up()
    home.wait_for_server()
    assert rows(home, table) == BEFORE
    check_clean_removes_orphans(home, table)


@pytest.mark.parametrize("step", BACKEND_STEPS)
def test_backend_is_killed_while_paused(home, table, change, step):
    connection, thread, outcome = run_and_pause(home, change[0], step)
    kill_backend(connection)
    thread.join(30)
    assert isinstance(outcome["error"], psycopg.OperationalError)
    home.wait_until_up()
    assert rows(home, table) == BEFORE
    check_clean_removes_orphans(home, table)


@pytest.mark.parametrize("step", BACKEND_STEPS)
def test_server_dies(home, table, change, step):
    """What the backend still needs of the server fails the statement; what it does not need any more commits."""
    connection, thread, outcome = run_and_pause(home, change[0], step)
    home.kill_server()
    home.sql("SELECT pg_cancel_backend(%s)", connection.info.backend_pid)
    thread.join(60)
    assert isinstance(outcome["error"], psycopg.errors.QueryCanceled)
    home.wait_for_server()
    assert rows(home, table) == BEFORE
    connection.execute("SET pg_lake_engine.fault_point = ''")
    connection.execute(change[0])
    assert rows(home, table) == change[1]
    check_clean_removes_orphans(home, table)


@pytest.mark.parametrize("step", SERVER_STEPS)
def test_server_dies_by_itself(home, table, change, step):
    home.restart(environ={"LAKE_FAULT_POINT": step})
    connection = home.connect()
    with pytest.raises(psycopg.OperationalError, match="lost connection to query engine"):
        connection.execute(change[0])
    assert connection.execute("SELECT 1").fetchone() == (1,), "the backend is healthy"
    connection.close()
    home.restart()
    home.wait_for_server()
    assert rows(home, table) == BEFORE
    check_clean_removes_orphans(home, table)
    home.sql(change[0])
    assert rows(home, table) == change[1]


def test_prepared_transaction_survives_everything(home, table, change):
    with home.connect(autocommit=False) as connection:
        connection.execute(change[0])
        connection.execute("PREPARE TRANSACTION 'crash_points'")
    home.kill_postmaster()
    home.start()
    home.wait_until_up()
    home.wait_for_server()
    assert home.sql("SELECT count(*) FROM lake_engine.flush_in_progress_queue()") == [(0,)], "its files are not orphans"
    assert rows(home, table) == BEFORE
    home.sql("COMMIT PREPARED 'crash_points'")
    assert rows(home, table) == change[1]
    check_clean_removes_orphans(home, table)
