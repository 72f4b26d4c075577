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
AFTER = [(1, "before"), (2, "during")]


@pytest.mark.parametrize("step", BACKEND_STEPS)
def test_backend_dies(home, table, step):
    connection = home.connect()
    connection.execute(f"SET pg_lake_engine.fault_point = '{step}'")
    with pytest.raises(psycopg.OperationalError):
        connection.execute(f"INSERT INTO {table} VALUES (2, 'during')")
    home.wait_until_up()
    assert rows(home, table) == BEFORE
    check_clean_removes_orphans(home, table)
    home.sql(f"INSERT INTO {table} VALUES (2, 'during')")
    assert rows(home, table) == AFTER


def insert_and_pause(home, table, step):
    """An INSERT that waits at a step; returns its connection, its thread and where its error will be."""
    connection = home.connect()
    connection.execute(f"SET pg_lake_engine.fault_point = '{step}=pause'")
    seen = len(home.log_text())
    outcome = {}

    def insert():
        try:
            connection.execute(f"INSERT INTO {table} VALUES (2, 'during')")
            outcome["error"] = None
        except psycopg.Error as error:
            outcome["error"] = error

    thread = threading.Thread(target=insert)
    thread.start()
    wait_for(lambda: f'pausing at fault point "{step}"' in home.log_text()[seen:], f"the INSERT to reach {step}")
    return connection, thread, outcome


@pytest.mark.parametrize("step", BACKEND_STEPS)
def test_postmaster_dies(home, table, step):
    _, thread, outcome = insert_and_pause(home, table, step)
    home.kill_postmaster()
    thread.join(30)
    assert isinstance(outcome["error"], psycopg.OperationalError)
    home.start()
    home.wait_until_up()
    home.wait_for_server()
    assert rows(home, table) == BEFORE
    check_clean_removes_orphans(home, table)


@pytest.mark.parametrize("step", BACKEND_STEPS)
def test_backend_is_killed_while_paused(home, table, step):
    connection, thread, outcome = insert_and_pause(home, table, step)
    kill_backend(connection)
    thread.join(30)
    assert isinstance(outcome["error"], psycopg.OperationalError)
    home.wait_until_up()
    assert rows(home, table) == BEFORE
    check_clean_removes_orphans(home, table)


@pytest.mark.parametrize("step", BACKEND_STEPS)
def test_server_dies(home, table, step):
    """What the backend still needs of the server fails the statement; what it does not need any more commits."""
    connection, thread, outcome = insert_and_pause(home, table, step)
    home.kill_server()
    home.sql("SELECT pg_cancel_backend(%s)", connection.info.backend_pid)
    thread.join(60)
    assert isinstance(outcome["error"], psycopg.errors.QueryCanceled)
    home.wait_for_server()
    assert rows(home, table) == BEFORE
    connection.execute("SET pg_lake_engine.fault_point = ''")
    connection.execute(f"INSERT INTO {table} VALUES (2, 'during')")
    assert rows(home, table) == AFTER
    check_clean_removes_orphans(home, table)


@pytest.mark.parametrize("step", SERVER_STEPS)
def test_server_dies_by_itself(home, table, step):
    home.restart(environ={"LAKE_FAULT_POINT": step})
    connection = home.connect()
    with pytest.raises(psycopg.OperationalError, match="lost connection to query engine"):
        connection.execute(f"INSERT INTO {table} VALUES (2, 'during')")
    assert connection.execute("SELECT 1").fetchone() == (1,), "the backend is healthy"
    connection.close()
    home.restart()
    home.wait_for_server()
    assert rows(home, table) == BEFORE
    check_clean_removes_orphans(home, table)
    home.sql(f"INSERT INTO {table} VALUES (2, 'during')")
    assert rows(home, table) == AFTER


def test_prepared_transaction_survives_everything(home, table):
    with home.connect(autocommit=False) as connection:
        connection.execute(f"INSERT INTO {table} VALUES (2, 'during')")
        connection.execute("PREPARE TRANSACTION 'crash_points'")
    home.kill_postmaster()
    home.start()
    home.wait_until_up()
    home.wait_for_server()
    assert home.sql("SELECT count(*) FROM lake_engine.flush_in_progress_queue()") == [(0,)], "its files are not orphans"
    assert rows(home, table) == BEFORE
    home.sql("COMMIT PREPARED 'crash_points'")
    assert rows(home, table) == AFTER
    check_clean_removes_orphans(home, table)
