"""Fixtures of every Python test. A tier (e2e, interop, faults) has one home, made fresh when pytest starts.

    def test_something(pg):              # pg: a connection in a schema of the test's own
        pg.execute("CREATE TABLE t (a int) USING iceberg")

After each test, PyIceberg and DuckDB read every Iceberg table that changed (`other_engines`).
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from lake_harness.home import RunningHome
from lake_harness.readers import Readers
from lakectl.places import LAKE


FIGURES = pytest.StashKey()


@pytest.fixture
def figures(request):
    """figures(line): a line of the summary at the end, for tests whose result is more than passed."""
    return lambda line: request.config.stash.setdefault(FIGURES, []).append(f"{request.node.name}: {line}")


def pytest_terminal_summary(terminalreporter, config):
    if lines := config.stash.get(FIGURES, []):
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def home():
    """The tier's running home; LAKE_TEST_HOME says where."""
    path = Path(os.environ.get("LAKE_TEST_HOME", LAKE / "test/pytest"))
    running = fresh_home(path)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def s3_home():
    """A second home, whose tables live in a local S3 server."""
    path = Path(os.environ.get("LAKE_TEST_HOME", LAKE / "test/pytest"))
    running = fresh_home(path.with_name(path.name + "-s3"), with_s3=True)
    yield running
    running.stop()


def fresh_home(path, **options):
    from lakectl.home import Home
    old = Home(path)
    old.down(mode="immediate")
    shutil.rmtree(old.base, ignore_errors=True)
    return RunningHome(path, **options)


@pytest.fixture
def schema_name(request):
    """A schema name of the test's own."""
    return "t_" + re.sub(r"\W+", "_", request.node.name).strip("_").lower()[:50]


@pytest.fixture
def pg(home, schema_name, other_engines):
    """An autocommit connection whose search_path is a fresh schema. Open more with home.connect()."""
    home.sql(f"DROP SCHEMA IF EXISTS {schema_name} CASCADE")
    home.sql(f"CREATE SCHEMA {schema_name}")
    with home.connect() as connection:
        connection.execute(f"SET search_path = {schema_name}, public")
        yield connection


@pytest.fixture
def spatial(home, schema_name):
    """As pg, in a database with PostGIS. Other engines do not look at its tables."""
    if not home.sql("SELECT 1 FROM pg_database WHERE datname = 'spatial'"):
        home.sql("CREATE DATABASE spatial")
        home.sql("CREATE EXTENSION pg_lake_spatial CASCADE", dbname="spatial")
    with home.connect(dbname="spatial") as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema_name} CASCADE; CREATE SCHEMA {schema_name}; SET search_path = {schema_name}, public")
        yield connection


@pytest.fixture
def engine(home):
    """A connection to pgduck_server itself."""
    with home.engine() as connection:
        yield connection


@pytest.fixture
def other_engines(request, home):
    """After the test: PyIceberg and DuckDB read what it wrote, row for row as PostgreSQL does."""
    yield
    if request.node.get_closest_marker("no_readers"):
        return
    with home.connect() as connection:
        readers = Readers(connection)
        readers.seen = SEEN
        readers.check_new()


SEEN = set()  # metadata locations that were read before: immutable, so once is enough


@pytest.fixture
def read_everywhere(home):
    """read_everywhere("schema.table"): the same check, in the middle of a test."""
    def check(table):
        with home.connect() as connection:
            Readers(connection).check(table)
    return check
