"""The server dies, as by kill -9, at each named point of the write path; the storage fails. The table is as before or as
after, never in between, and what a dead commit left has only the names that were chosen for it."""

import json
import threading

import psycopg
import pytest


@pytest.fixture
def mortal(tmp_path_factory):
    """Starts servers that die where they are told to: mortal("before-metadata")."""
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path
    spec = spec_from_file_location("lake_conftest", Path(__file__).with_name("conftest.py"))
    helpers = module_from_spec(spec)
    spec.loader.exec_module(helpers)
    root = tmp_path_factory.mktemp("mortal")
    running = []

    def start(environ=None):
        server = helpers.Server(root, environ)
        running.append(server)
        return server

    def table(server, name):
        return helpers.Table(server.connect(), f"file://{root}/{name}", {"a": "int"})

    start.table, start.root, start.scan = table, root, helpers.scan
    yield start
    for server in running:
        if server.process.poll() is None:
            server.stop()


@pytest.mark.parametrize("point", ["before-data-put", "after-data-put"])
def test_death_while_writing_data(mortal, point):
    server = mortal({"LAKE_FAULT_POINT": point})
    table = mortal.table(server, point)
    with pytest.raises(psycopg.OperationalError):
        table.write([(1,)])
    assert server.process.wait(timeout=30) == 137
    files = [path for path in (mortal.root / point).rglob("*.parquet") if path.is_file()]
    assert len(files) == (1 if point == "after-data-put" else 0)
    again = mortal()
    assert mortal.scan(again.connect(), table.base) == []


@pytest.mark.parametrize("point", ["before-manifest", "after-manifest", "before-manifest-list", "after-manifest-list",
                                   "before-metadata", "after-metadata"])
def test_death_while_committing(mortal, point):
    server = mortal()
    table = mortal.table(server, point)
    table.append([(1,)])
    before = table.base
    server.stop()

    server = mortal({"LAKE_FAULT_POINT": point})
    table.engine = server.connect()
    change = table.write([(2,)])[0]
    spec = table.commit_spec({"change": json.loads(change)})
    with pytest.raises(psycopg.OperationalError):
        table.engine.execute("SELECT * FROM lake_commit(%s)", [json.dumps(spec)])
    assert server.process.wait(timeout=30) == 137

    server = mortal()
    connection = server.connect()
    assert mortal.scan(connection, before) == [(1,)], "the state before is whole"
    named = {spec["metadata_location"], spec["manifest_list"], f"{spec['manifest_prefix']}-m0.avro"}
    known = {row[0] for row in connection.execute("SELECT * FROM lake_referenced_files(%s)", [before])}
    known |= {file["file-path"] for file in json.loads(change)["files"]}
    left = {f"file://{path}" for path in (mortal.root / point).rglob("*") if path.is_file()}
    assert left <= known | named
    if point == "after-metadata":
        rows = mortal.scan(connection, spec["metadata_location"], rest="ORDER BY a")
        assert rows == [(1,), (2,)], "so is the state after"


@pytest.mark.parametrize("point", ["before-delete-put", "after-delete-put", "before-data-put", "after-data-put"])
def test_death_while_writing_deletes(mortal, point):
    server = mortal()
    table = mortal.table(server, f"deletes-{point}")
    table.append([(i,) for i in range(10)])
    change = table.delete("WHERE a < 3")
    server.stop()

    server = mortal({"LAKE_FAULT_POINT": point})
    table.engine = server.connect()
    files = {path for path in (mortal.root / f"deletes-{point}").rglob("*") if path.is_file()}
    with pytest.raises(psycopg.OperationalError):
        table.commit_deletes(change, threshold=0 if "data" in point else 100)
    assert server.process.wait(timeout=30) == 137
    left = {path for path in (mortal.root / f"deletes-{point}").rglob("*.parquet") if path.is_file()} - files
    assert len(left) == (1 if "after" in point else 0)

    server = mortal()
    table.engine = server.connect()
    assert mortal.scan(table.engine, table.base, "count(*)") == [(10,)], "the state before is whole"
    assert table.commit_deletes(change)[0] == 7, "and can be committed to"
    server.stop()
    assert mortal.scan(mortal().connect(), table.base, "count(*), min(a)") == [(7, 3)], "and read from what was written"


@pytest.mark.parametrize("rule,state", [
    ("finish:*.parquet:1:full", "53100"), ("append:*.parquet:1:fail", "58030"),
    ("put:*.metadata.json:1:fail", "58030"), ("put:*snap-*.avro:1:deny", "42501"),
    ("put:*m0.avro:1:full", "53100")])
def test_failing_storage(mortal, rule, state):
    server = mortal({"LAKE_FAULTS": rule})
    table = mortal.table(server, rule.replace(":", "_").replace("*", ""))
    with pytest.raises(psycopg.Error) as caught:
        table.append([(1,)])
    assert caught.value.sqlstate == state
    assert table.append([(2,)])[0] == 1, "the next attempt succeeds, on the same connection"
    assert table.scan() == [(2,)]


@pytest.mark.parametrize("pattern", ["*.metadata.json", "*snap-*.avro", "*m0.avro"])
def test_slow_storage_can_be_cancelled(mortal, pattern):
    server = mortal()
    table = mortal.table(server, f"slow_{pattern.strip('*').strip('.')}")
    table.append([(1,)])
    server.stop()
    connection = mortal({"LAKE_FAULTS": f"get:{pattern}:*:delay=600000"}).connect()
    timer = threading.Timer(1, connection.cancel)
    timer.start()
    with pytest.raises(psycopg.errors.QueryCanceled):
        mortal.scan(connection, table.base)
    timer.join()
    assert connection.execute("SELECT 1").fetchone() == (1,)
