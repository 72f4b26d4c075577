"""COPY lake_write(...) FROM STDIN as a conversation: both protocols, failures, cancel, disconnect. What the rows become is tests/e2e/lake's."""

import json
import struct
import threading
import time

import psycopg
import pytest
from psycopg import pq

HEADER = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
TRAILER = b"\xff\xff"
ROW = b"\0\2" + struct.pack("!ii", 4, 7) + struct.pack("!i", 3) + b"abc"


@pytest.fixture
def lake(own_server, tmp_path):
    root = tmp_path / "lake"
    root.mkdir()
    server = own_server("--local_root", str(root), "--threads", "2")
    with server.connect() as connection:
        yield server, connection, root


def copy_statement(connection, root):
    location = f"file://{root}/t{time.monotonic_ns()}"
    columns = [{"name": "a", "type": "int", "required": False}, {"name": "b", "type": "string", "required": False}]
    request = {"location": location, "columns": columns, "properties": {}, "format_version": 2}
    (base,) = connection.execute("SELECT * FROM lake_create(%s)", (json.dumps(request),)).fetchone()
    spec = {"base": base, "data_prefix": f"{location}/data/x", "columns": [{"name": "a", "wire": "int4"}, {"name": "b", "wire": "text"}],
            "target_file_size": 1 << 29, "row_group_size": 1 << 27, "compression": "zstd"}
    return "COPY lake_write('" + json.dumps(spec).replace("'", "''") + "') FROM STDIN (FORMAT binary)"


def files(root):
    return [path for path in root.rglob("*") if path.is_file()]


def results(pgconn):
    found = []
    while result := pgconn.get_result():
        found.append(result)
        if result.status == pq.ExecStatus.COPY_IN:
            break
    return found


def test_two_statements_and_rows_cut_anywhere(lake):
    _, connection, root = lake
    pgconn = connection.pgconn
    assert pgconn.exec_((copy_statement(connection, root) + "; SELECT rows, files FROM lake_written()").encode()).status == pq.ExecStatus.COPY_IN
    stream = HEADER + ROW * 1000 + TRAILER
    for at in range(0, len(stream), 777):
        pgconn.put_copy_data(stream[at : at + 777])
    pgconn.put_copy_end()
    copied, written = results(pgconn)
    assert copied.command_status == b"COPY 1000"
    assert (written.get_value(0, 0), written.get_value(0, 1)) == (b"1000", b"1")
    assert len(files(root)) == 1


def test_psycopg_and_the_extended_protocol(lake):
    _, connection, root = lake
    with connection.cursor() as cursor:
        with cursor.copy(copy_statement(connection, root)) as copy:
            copy.set_types(["int4", "text"])
            for i in range(100):
                copy.write_row((i, None if i % 2 else f"row {i}"))
        assert cursor.rowcount == 100
    pgconn = connection.pgconn
    assert pgconn.exec_params(copy_statement(connection, root).encode(), None).status == pq.ExecStatus.COPY_IN
    pgconn.put_copy_data(HEADER + ROW * 3 + TRAILER)
    pgconn.put_copy_end()
    assert [result.command_status for result in results(pgconn)] == [b"COPY 3"]
    assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "stream, reason, sqlstate",
    [
        (HEADER + ROW * 10, b"changed my mind", "57014"),
        (HEADER + ROW * 10, None, "22023"),
        (HEADER + b"\0\1" + b"\xff" * 4, None, "22023"),
        (HEADER + b"\0\2" + struct.pack("!ib", 1, 1) + b"\xff" * 4, None, "22023"),
        (b"not a copy stream at all ", None, "22023"),
    ],
)
def test_failures_leave_no_file_and_a_usable_session(lake, stream, reason, sqlstate):
    _, connection, root = lake
    pgconn = connection.pgconn
    pgconn.exec_((copy_statement(connection, root) + "; SELECT change, rows, bytes, files FROM lake_written()").encode())
    pgconn.put_copy_data(stream)
    for _ in range(100):
        pgconn.put_copy_data(b"")
    pgconn.put_copy_end(reason)
    (failed,) = results(pgconn)
    assert failed.error_field(ord("C")) == sqlstate.encode(), failed.error_message
    assert connection.execute("SELECT 1").fetchone() == (1,)
    assert files(root) == []


def test_a_bad_specification_is_refused_before_any_data(lake):
    _, connection, _ = lake
    with pytest.raises(psycopg.Error):
        connection.execute("COPY lake_write('{') FROM STDIN (FORMAT binary)")
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_cancel_while_waiting_for_rows(lake):
    _, connection, root = lake
    pgconn = connection.pgconn
    assert pgconn.exec_(copy_statement(connection, root).encode()).status == pq.ExecStatus.COPY_IN
    pgconn.put_copy_data(HEADER + ROW * 10)
    threading.Timer(0.2, connection.cancel_safe).start()
    time.sleep(1)
    pgconn.put_copy_data(ROW)  # what a client still sends is dropped
    pgconn.put_copy_end()
    (failed,) = results(pgconn)
    assert failed.error_field(ord("C")) == b"57014"
    assert connection.execute("SELECT 1").fetchone() == (1,)
    assert files(root) == []


def test_a_lost_connection_aborts(lake):
    server, connection, root = lake
    other = server.connect()
    other.pgconn.exec_(copy_statement(connection, root).encode())
    other.pgconn.put_copy_data(HEADER + ROW * 10)
    other.pgconn.finish()
    deadline = time.monotonic() + 5
    while files(root) or connection.execute("SELECT count(*) FROM pg_lake_stat_activity()").fetchone() != (1,):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_local_files_are_out_of_reach(lake):
    _, connection, root = lake
    connection.execute(f"COPY (SELECT 1 AS a) TO '{root}/inside.parquet'")
    assert connection.execute(f"SELECT * FROM read_parquet('file://{root}/inside.parquet')").fetchall() == [(1,)]
    for statement in ("SELECT * FROM read_text('/etc/hostname')", "SELECT * FROM read_text('file:///etc/hostname')", f"ATTACH '{root}/../x.db' AS x",
                      f"SELECT * FROM read_text('{root}/../server.log')", f"COPY (SELECT 1) TO '{root}/../out.csv'", "LOAD '/tmp/x.duckdb_extension'"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
    with pytest.raises(psycopg.Error, match="Cannot enable external access"):
        connection.execute("SET GLOBAL enable_external_access = true")


def test_large_sorts_spill(own_server):
    server = own_server("--memory_limit=100MB", "--threads", "2")
    with server.connect() as connection:
        query = "SELECT count(*), max(s) FROM (SELECT i, repeat('x', 100) || i AS s FROM range(3000000) t(i) ORDER BY hash(i) OFFSET 1)"
        assert connection.execute(query).fetchone()[0] == 2999999
