"""COPY TO STDOUT in all formats and both protocols; transmit; COPY FROM STDIN's refusals (its rows: tests/e2e/lake)."""

import struct
from decimal import Decimal

import psycopg
import pytest
from psycopg import pq

HEADER = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
TRAILER = b"\xff\xff"


def copy_messages(connection, query, parameters=None):
    with connection.cursor().copy(query, parameters) as copy:
        return [bytes(message) for message in copy]


def copy_bytes(connection, query, parameters=None):
    return b"".join(copy_messages(connection, query, parameters))


def tuples(stream):
    assert stream.startswith(HEADER) and stream.endswith(TRAILER)
    at, rows = len(HEADER), []
    while True:
        (count,) = struct.unpack("!h", stream[at : at + 2])
        at += 2
        if count == -1:
            assert at == len(stream)
            return rows
        row = []
        for _ in range(count):
            (length,) = struct.unpack("!i", stream[at : at + 4])
            at += 4
            row.append(None if length == -1 else stream[at : at + length])
            at += max(length, 0)
        rows.append(tuple(row))


def test_binary(connection):
    stream = copy_bytes(connection, "COPY (SELECT 1::INT, 'x', NULL) TO STDOUT (FORMAT binary)")
    assert tuples(stream) == [(b"\0\0\0\1", b"x", None)]


def test_binary_without_rows(connection):
    assert copy_bytes(connection, "COPY (SELECT 1 WHERE false) TO STDOUT (FORMAT binary)") == HEADER + TRAILER


def test_binary_messages_hold_whole_tuples_of_about_64_kb(connection):
    query = "COPY (SELECT i, repeat('x', (i % 300)::INT) FROM range(20000) t(i)) TO STDOUT WITH (FORMAT 'binary')"
    messages = copy_messages(connection, query)
    assert messages[0].startswith(HEADER) and messages[-1] == TRAILER
    total = 0
    for message in messages:
        assert len(message) <= 65536 + 32
        body = message[len(HEADER) :] if message is messages[0] else message
        if message is not messages[-1]:
            total += len(tuples(HEADER + body + TRAILER))
    assert total == 20000
    assert len(messages) < 200


def test_a_tuple_larger_than_a_batch(connection):
    rows = tuples(copy_bytes(connection, "COPY (SELECT repeat('y', 1000000) FROM range(3)) TO STDOUT (FORMAT binary)"))
    assert [len(row[0]) for row in rows] == [1000000] * 3


def test_tag_counts_rows(connection):
    pgconn = connection.pgconn
    pgconn.nonblocking = 0
    assert pgconn.exec_(b"COPY (FROM range(12345)) TO STDOUT").status == pq.ExecStatus.COPY_OUT
    lines = 0
    while (got := pgconn.get_copy_data(0))[0] > 0:
        assert bytes(got[1]).count(b"\n") == 1
        lines += 1
    assert lines == 12345
    assert pgconn.get_result().command_status == b"COPY 12345"
    assert pgconn.get_result() is None


@pytest.mark.parametrize("placeholder", ["%b", "%t"])
def test_parameters_through_the_extended_protocol(connection, placeholder):
    query = f"COPY (SELECT i FROM range({placeholder}::BIGINT) t(i) WHERE i > {placeholder}) TO STDOUT (FORMAT binary)"
    rows = tuples(copy_bytes(connection, query, (5, 2)))
    assert sorted(rows) == [(struct.pack("!q", 3),), (struct.pack("!q", 4),)]


def test_psycopg_reads_text_rows(connection):
    with connection.cursor().copy("COPY (SELECT 7::BIGINT, 1.50::DECIMAL(5,2) FROM range(3)) TO STDOUT") as copy:
        copy.set_types(["int8", "numeric"])
        assert list(copy.rows()) == [(7, Decimal("1.50"))] * 3


def test_text(connection):
    query = "COPY (SELECT NULL, 'tab\tnew\nback\\', true, 1.5::DOUBLE) TO STDOUT"
    assert copy_bytes(connection, query) == b"\\N\ttab\\tnew\\nback\\\\\tt\t1.5\n"
    query = "COPY (SELECT 'a|b', NULL) TO STDOUT (DELIMITER '|', NULL '-', HEADER true)"
    assert copy_bytes(connection, query).split(b"\n")[1:] == [b"a\\|b|-", b""]


def test_csv(connection):
    query = """COPY (SELECT 'plain' AS a, 'co,mma' AS b, 'qu"ote' AS c, 'new' || chr(10) || 'line' AS d, NULL AS e, '' AS f)
               TO STDOUT WITH (FORMAT csv, HEADER)"""
    assert copy_bytes(connection, query) == b'a,b,c,d,e,f\nplain,"co,mma","qu""ote","new\nline",,""\n'
    query = "COPY (SELECT 'it''s', 1) TO STDOUT (FORMAT csv, QUOTE '''', FORCE_QUOTE *)"
    assert copy_bytes(connection, query) == b"'it''s','1'\n"


def test_copy_table(connection):
    connection.execute("CREATE TEMP TABLE copied AS SELECT 1 AS a, 'x' AS b")
    assert copy_bytes(connection, "COPY copied TO STDOUT") == b"1\tx\n"
    assert copy_bytes(connection, 'COPY copied ("b") TO STDOUT CSV') == b"x\n"


def test_transmit(connection):
    assert copy_bytes(connection, "transmit SELECT 1, NULL, 'a\"b', ''") == b'1,\\N,"a""b",\n'


def test_an_error_after_rows_ends_the_copy(connection):
    connection.execute("SET threads = 1")
    query = "COPY (SELECT CASE WHEN i = 150000 THEN error('stop here') ELSE i END FROM range(200000) t(i)) TO STDOUT"
    with pytest.raises(psycopg.Error, match="stop here"):
        copy_bytes(connection, query)
    assert connection.execute("SELECT 1").fetchone() == (1,)
    connection.execute("SET threads = 2")


@pytest.mark.parametrize(
    "query, sqlstate",
    [
        ("COPY (SELECT 1) TO STDOUT (FORMAT binary, HEADER)", "42601"),
        ("COPY (SELECT 1) TO STDOUT (FORMAT csv, DELIMITER 'ab')", "22023"),
        ("COPY (SELECT 1) TO STDOUT (nonsense 1)", "42601"),
        ("COPY (SELECT 1) TO STDOUT (FORMAT binary", "42601"),
        ("COPY (SELECT nope) TO STDOUT (FORMAT binary)", "42P10"),
        ("COPY something FROM STDIN", "0A000"),
        ("COPY lake_write('{}') FROM '/tmp/x'", "42601"),
    ],
)
def test_refusals(connection, query, sqlstate):
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(query)
    assert caught.value.sqlstate == sqlstate
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_copy_to_a_file_is_not_taken_for_stdout(connection):
    with pytest.raises(psycopg.Error):
        connection.execute("COPY (SELECT 1) TO '/dev/stdout'")
