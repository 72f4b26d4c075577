"""The extended protocol: named statements and portals, row limits, pipelines, recovery at Sync. Partly byte by byte."""

import struct

import psycopg
import pytest
from psycopg import pq


class Raw:
    """Just enough protocol to send messages in orders that no driver does."""

    def __init__(self, server, **parameters):
        self.socket = server.raw()
        self.buffer = b""
        pairs = b"".join(k.encode() + b"\0" + v.encode() + b"\0" for k, v in {"user": "raw", **parameters}.items())
        self.socket.sendall(struct.pack("!ii", len(pairs) + 9, 3 << 16) + pairs + b"\0")
        self.startup = self.until("Z")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *messages):
        self.socket.sendall(b"".join(type.encode() + struct.pack("!i", len(body) + 4) + body for type, body in messages))

    def read(self):
        while len(self.buffer) < 5 or len(self.buffer) < 1 + struct.unpack("!i", self.buffer[1:5])[0]:
            received = self.socket.recv(65536)
            if not received:
                raise EOFError
            self.buffer += received
        end = 1 + struct.unpack("!i", self.buffer[1:5])[0]
        message = (chr(self.buffer[0]), self.buffer[5:end])
        self.buffer = self.buffer[end:]
        return message

    def until(self, type):
        messages = [self.read()]
        while messages[-1][0] != type:
            messages.append(self.read())
        return messages


def parse(query, name="", oids=()):
    return "P", name.encode() + b"\0" + query.encode() + b"\0" + struct.pack("!h", len(oids)) + b"".join(struct.pack("!I", o) for o in oids)


def bind(*values, portal="", name="", formats=(), results=()):
    body = portal.encode() + b"\0" + name.encode() + b"\0" + struct.pack("!h", len(formats))
    body += b"".join(struct.pack("!h", f) for f in formats) + struct.pack("!h", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return "B", body + struct.pack("!h", len(results)) + b"".join(struct.pack("!h", f) for f in results)


def describe(kind, name=""):
    return "D", kind.encode() + name.encode() + b"\0"


def execute(portal="", rows=0):
    return "E", portal.encode() + b"\0" + struct.pack("!i", rows)


SYNC = ("S", b"")


def types(messages):
    return "".join(type for type, _ in messages)


def rows(messages):
    values = []
    for type, body in messages:
        if type != "D":
            continue
        (count,), at, row = struct.unpack("!h", body[:2]), 2, []
        for _ in range(count):
            (length,) = struct.unpack("!i", body[at : at + 4])
            at += 4
            row.append(None if length < 0 else body[at : at + length])
            at += max(length, 0)
        values.append(tuple(row))
    return values


def error(messages):
    for type, body in messages:
        if type == "E":
            return {field[:1].decode(): field[1:].decode() for field in body.split(b"\0") if field}
    raise AssertionError(f"no error in {messages}")


def test_startup_messages(server):
    with Raw(server, application_name="me") as raw:
        assert types(raw.startup).rstrip("Z").rstrip("K").lstrip("R") == "S" * 13
        assert ("S", b"application_name\0me\0") in raw.startup
        assert raw.startup[-1] == ("Z", b"I")


def test_named_statement_and_portals(server):
    with Raw(server) as raw:
        raw.send(parse("SELECT $1::INT + 1", "plus", [23]), describe("S", "plus"), SYNC)
        messages = raw.until("Z")
        assert types(messages) == "1tTZ"
        assert messages[1][1] == struct.pack("!hI", 1, 23)
        for value in (1, 41):
            raw.send(bind(str(value).encode(), portal="p", name="plus"), execute("p"), SYNC)
            assert rows(raw.until("Z")) == [(str(value + 1).encode(),)]
        raw.send(("C", b"Splus\0"), SYNC)
        assert types(raw.until("Z")) == "3Z"
        raw.send(bind(b"1", name="plus"), SYNC)
        assert error(raw.until("Z"))["C"] == "26000"


def test_row_limits_suspend_the_portal(server):
    with Raw(server) as raw:
        raw.send(("Q", b"BEGIN\0"))
        raw.until("Z")
        raw.send(parse("SELECT i::INT FROM range(5000) t(i) ORDER BY i"), bind(portal="p"), execute("p", 3), execute("p", 4), SYNC)
        messages = raw.until("Z")
        assert types(messages) == "12DDDsDDDDsZ"
        assert rows(messages) == [(str(i).encode(),) for i in range(7)]
        assert messages[-1] == ("Z", b"T")
        # Another statement in between: the suspended portal keeps its rows.
        raw.send(parse("SELECT 42"), bind(), execute(), SYNC)
        assert rows(raw.until("Z")) == [(b"42",)]
        raw.send(execute("p", 4990), execute("p", 100), execute("p"), SYNC)
        messages = raw.until("Z")
        assert rows(messages) == [(str(i).encode(),) for i in range(7, 5000)]
        assert types(messages).replace("D", "") == "sCCZ"
        raw.send(("Q", b"COMMIT\0"))
        raw.until("Z")
        raw.send(execute("p"), SYNC)
        assert error(raw.until("Z"))["C"] == "34000"


def test_a_portal_ends_at_sync_outside_a_transaction(server):
    with Raw(server) as raw:
        raw.send(parse("SELECT 1"), bind(portal="p"), SYNC, execute("p"), SYNC)
        assert types(raw.until("Z")) == "12Z"
        assert error(raw.until("Z"))["C"] == "34000"


def test_after_an_error_everything_up_to_sync_is_skipped(server):
    with Raw(server) as raw:
        raw.send(parse("SELEC 1"), bind(), execute(), parse("SELECT 1"), bind(), execute(), SYNC, parse("SELECT 2"), bind(), execute(), SYNC)
        assert types(raw.until("Z")) == "EZ"
        messages = raw.until("Z")
        assert types(messages) == "12DCZ" and rows(messages) == [(b"2",)]


def test_describe_portal_and_no_data(server):
    with Raw(server) as raw:
        raw.send(parse("SET threads = 2"), bind(), describe("P"), execute(), SYNC)
        assert types(raw.until("Z")) == "12nCZ"
        raw.send(parse("CREATE TEMP TABLE d(a INT)"), describe("S"), bind(), describe("P"), execute(), SYNC)
        assert types(raw.until("Z")) == "1tn2nCZ"
        raw.send(parse("INSERT INTO d VALUES ($1)"), describe("S"), bind(b"7"), describe("P"), execute(), SYNC)
        messages = raw.until("Z")
        assert types(messages) == "1tn2nCZ"
        assert messages[1][1] == struct.pack("!hI", 1, 23)
        assert messages[-2] == ("C", b"INSERT 0 1\0")
        raw.send(parse(""), bind(), describe("P"), execute(), SYNC)
        assert types(raw.until("Z")) == "12nIZ"


def test_open_parameters_are_text(server):
    with Raw(server) as raw:
        raw.send(parse("SELECT $1 AS a"), describe("S"), bind(b"x"), describe("P"), execute(), SYNC)
        messages = raw.until("Z")
        assert types(messages) == "1tT2TDCZ"
        assert messages[1][1] == struct.pack("!hI", 1, 25)
        assert rows(messages) == [(b"x",)]


def test_open_parameters_take_the_type_the_statement_wants(server):
    with Raw(server) as raw:
        raw.send(parse("SELECT i FROM range(10) t(i) WHERE i = $1"), describe("S"), bind(b"7"), execute(), SYNC)
        messages = raw.until("Z")
        assert messages[1] == ("t", struct.pack("!hI", 1, 20))
        assert rows(messages) == [(b"7",)]
        raw.send(bind(b"seven"), SYNC)
        assert error(raw.until("Z"))["C"] == "22P02"


def test_declared_types_are_obeyed(server):
    with Raw(server) as raw:
        # int8 beyond int4 compared with an int4 column: no match, not an error
        raw.send(parse("SELECT count(*) FROM (SELECT 1::INT AS a) WHERE a = $1", "", [20]), bind(b"5000000000"), execute(), SYNC)
        assert rows(raw.until("Z")) == [(b"0",)]
        raw.send(parse("SELECT (SELECT $1)", "", [23]), bind(struct.pack("!i", 7), formats=[1], results=[1]), describe("P"), execute(), SYNC)
        messages = raw.until("Z")
        assert rows(messages) == [(struct.pack("!i", 7),)]


def test_table_function_arguments_as_parameters(server):
    with Raw(server) as raw:
        raw.send(parse("SELECT count(*) FROM range($1::BIGINT)"), bind(b"12"), describe("P"), execute(), SYNC)
        assert rows(raw.until("Z")) == [(b"12",)]


def test_nulls_and_wrong_counts(server):
    with Raw(server) as raw:
        raw.send(parse("SELECT $1 IS NULL, $2::INT"), bind(None, b"3"), execute(), SYNC)
        assert rows(raw.until("Z")) == [(b"t", b"3")]
        raw.send(parse("SELECT $1::INT"), bind(b"1", b"2"), SYNC)
        assert "bind message supplies 2 parameters" in error(raw.until("Z"))["M"]
        raw.send(parse("SELECT 1; SELECT 2"), SYNC)
        assert "multiple commands" in error(raw.until("Z"))["M"]
        raw.send(parse("SELECT 1"), bind(results=[1, 1]), describe("P"), SYNC)
        assert "result formats" in error(raw.until("Z"))["M"]
        raw.send(parse("SELECT 1", "twice"), parse("SELECT 2", "twice"), SYNC)
        assert error(raw.until("Z"))["C"] == "42P05"


def test_flush_sends_without_sync(server):
    with Raw(server) as raw:
        raw.send(parse("SELECT 5"), bind(), execute(), ("H", b""))
        assert rows(raw.until("C")) == [(b"5",)]
        raw.send(SYNC)
        assert types(raw.until("Z")) == "Z"


def test_function_call_is_refused(server):
    with Raw(server) as raw:
        raw.send(("F", struct.pack("!Ihhh", 1, 0, 0, 0)))
        assert error(raw.until("Z"))["C"] == "0A000"


@pytest.mark.parametrize("binary", [False, True])
def test_psycopg_prepared(server, binary):
    with server.connect() as connection:
        for i in range(20):
            row = connection.execute("SELECT %s::BIGINT + %s, %s", (i, 1, "t"), prepare=True, binary=binary).fetchone()
            assert row == (i + 1, "t")


def test_psycopg_pipeline(connection):
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::INT", (i,)) for i in range(50)]
    assert [cursor.fetchone()[0] for cursor in cursors] == list(range(50))


def test_single_row_mode(connection):
    connection.pgconn.send_query_params(b"SELECT i FROM range(3) t(i)", None)
    connection.pgconn.set_single_row_mode()
    statuses = []
    while result := connection.pgconn.get_result():
        statuses.append(result.status)
    assert statuses == [pq.ExecStatus.SINGLE_TUPLE] * 3 + [pq.ExecStatus.TUPLES_OK]


def test_describe_prepared_with_libpq(connection):
    pgconn = connection.pgconn
    pgconn.prepare(b"d", b"SELECT 1::SMALLINT AS a, $1::UUID AS b")
    result = pgconn.describe_prepared(b"d")
    assert [(result.fname(i), result.ftype(i)) for i in range(result.nfields)] == [(b"a", 21), (b"b", 2950)]
    assert result.param_type(0) == 2950
    with pytest.raises(psycopg.Error):
        connection.execute("DEALLOCATE d; DEALLOCATE d")
