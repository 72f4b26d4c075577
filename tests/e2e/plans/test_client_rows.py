"""Rows of a whole query that go to the client as the server gives them: the same bytes as heap's, in text and in binary form."""

import psycopg
import pytest
from psycopg import pq

COLUMNS = {
    "b": ("boolean", ["true", "false"]),
    "i2": ("smallint", ["-32768", "0", "32767"]),
    "i4": ("integer", ["-2147483648", "0", "2147483647"]),
    "i8": ("bigint", ["-9223372036854775808", "0", "9223372036854775807"]),
    "f4": ("real", ["NaN", "-Infinity", "-0", "1e-45", "3.4028235e38", "0.1", "1234567.5", "1e15", "1e16"]),
    "f8": ("double precision", ["NaN", "Infinity", "-0", "5e-324", "1.7976931348623157e308", "0.1", "1e15", "1e16", "123456789012345.67", "1e-5", "0.0001"]),
    "n": ("numeric(12, 4)", ["-99999999.9999", "0", "0.0001", "12.5"]),
    "n38": ("numeric(38, 10)", ["-1234567890123456789012345678.0123456789", "0.1"]),
    "d": ("date", ["4712-01-01 BC", "0001-01-01 BC", "0001-01-01", "1970-01-01", "2024-02-29", "9999-12-31"]),
    "t": ("time", ["00:00", "12:34:56.7", "23:59:59.999999"]),
    "ts": ("timestamp", ["0001-01-01", "1969-12-31 23:59:59.999999", "2024-02-29 12:00:00.5", "9999-12-31 23:59:59.999999"]),
    "tz": ("timestamptz", ["0001-01-02", "1890-01-01 12:00+00", "2024-07-01 12:00:00.000001+02", "9999-12-31 00:00:00+00"]),
    "iv": ("interval", ["0", "1 year 2 mons -3 days 04:05:06.789", "-1 month", "1 day -00:00:01", "-00:00:00.000001", "999999:00:00"]),
    "s": ("text", ["", "a", "\t\\\"'", "äöü€", "x" * 300]),
    "v": ("varchar(10)", ["", "varchar"]),
    "c": ("char(5)", ["", "ab", "abcde"]),
    "j": ("json", ['{"a" :  1}', "null"]),
    "y": ("bytea", ["", "\\x00ff27", "\\x5c5c"]),
    "u": ("uuid", ["00000000-0000-0000-0000-000000000000", "123e4567-e89b-12d3-a456-426614174000"]),
}

SETTINGS = {
    "as they are": {},
    "text that only PostgreSQL has": {"DateStyle": "'SQL, DMY'", "IntervalStyle": "iso_8601", "extra_float_digits": "0", "bytea_output": "escape"},
    "UTC": {"TimeZone": "'UTC'"},
    "a zone with a history": {"TimeZone": "'Europe/Amsterdam'"},
    "another encoding": {"client_encoding": "latin9"},
}


@pytest.fixture
def twins(pg):
    """heap_t and lake_t: a row for each value, the other columns null."""
    pg.execute("CREATE TABLE heap_t (" + ", ".join(f"{name} {type_name}" for name, (type_name, _) in COLUMNS.items()) + ")")
    for name, (_, values) in COLUMNS.items():
        for value in values:
            pg.execute(f"INSERT INTO heap_t ({name}) VALUES (%s)", [value])
    pg.execute("INSERT INTO heap_t DEFAULT VALUES")
    pg.execute("CREATE TABLE lake_t USING iceberg AS TABLE heap_t")
    return pg


def fields(result):
    assert result.status == pq.ExecStatus.TUPLES_OK, result.error_message
    rows = [tuple(result.get_value(row, column) for column in range(result.nfields)) for row in range(result.ntuples)]
    return sorted(rows, key=repr), [(result.fname(i), result.ftype(i), result.fmod(i), result.fformat(i)) for i in range(result.nfields)], result.command_status


@pytest.mark.parametrize("settings", SETTINGS)
def test_same_bytes(twins, settings):
    for name, value in SETTINGS[settings].items():
        twins.execute(f"SET {name} = {value}")
    if settings == "another encoding":  # euro and umlauts are in it
        assert twins.pgconn.exec_(b"SELECT s FROM lake_t WHERE s LIKE '\xe4%'").get_value(0, 0) == b"\xe4\xf6\xfc\xa4"
    for columns in [*COLUMNS, "*"]:
        query = f"SELECT {columns} FROM {{}}_t"
        for ask in (lambda sql: twins.pgconn.exec_(sql),
                    lambda sql: twins.pgconn.exec_params(sql, [], result_format=0),
                    lambda sql: twins.pgconn.exec_params(sql, [], result_format=1)):
            heap, lake = (fields(ask(query.format(kind).encode())) for kind in ("heap", "lake"))
            assert heap == lake, columns


def sent(home, pg, query, result_format):
    """What the server was asked while the client took no rows."""
    pg.pgconn.send_query_params(query.encode(), [], result_format=result_format)
    pg.pgconn.set_single_row_mode()
    assert pg.pgconn.get_result().status == pq.ExecStatus.SINGLE_TUPLE
    with home.engine() as engine:
        texts = [text for _, text, _ in engine.execute("SELECT * FROM pg_lake_stat_activity()").fetchall() if "test_client_rows" in text]
    pg.pgconn.get_cancel().cancel()
    while pg.pgconn.get_result():
        pass
    return texts


@pytest.mark.parametrize("result_format, answer", [(0, "(FORMAT binary, TEXT_FIELDS)"), (1, "(FORMAT binary)")])
def test_handed_through(home, pg, result_format, answer):
    pg.execute("CREATE TABLE t USING iceberg AS SELECT i, repeat('test', 100) AS s FROM generate_series(1, 200000) i")
    marked = "SELECT i, s, 'test_client_rows' FROM t"
    [text] = sent(home, pg, marked, result_format)
    assert text.endswith(answer), text
    # a zone's own rules are PostgreSQL's
    pg.execute("SET TimeZone = 'Europe/Amsterdam'")
    [text] = sent(home, pg, marked.replace("i,", "to_timestamp(i),"), result_format)
    assert text.endswith("(FORMAT binary)"), text


def test_portals(pg):
    """Rows a few at a time, and the rest by another way; errors after the first rows."""
    pg.execute("CREATE TABLE t USING iceberg AS SELECT i FROM generate_series(1, 100000) i")
    with pg.transaction():
        cursor = pg.cursor("c")
        cursor.execute("SELECT i FROM t ORDER BY i")
        assert cursor.fetchmany(3) == [(1,), (2,), (3,)]
        assert pg.execute("FETCH 2 FROM c").fetchall() == [(4,), (5,)]
        assert len(cursor.fetchall()) == 99995
    with pytest.raises(psycopg.errors.DivisionByZero):
        pg.execute("SELECT i, 1 / (99999 - i) FROM t")
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (100000,)
    pg.execute("PREPARE p (int) AS SELECT i FROM t WHERE i < $1 ORDER BY i")
    assert pg.execute("EXECUTE p (3)").fetchall() == [(1,), (2,)]
    assert pg.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE p (3)").fetchall()[0][0].startswith("Custom Scan (Query Pushdown) (actual rows=2")


@pytest.mark.parametrize("result_format", [0, 1])
@pytest.mark.parametrize("expression", ["d + n", "d::timestamp + make_interval(days => n)"])
def test_what_postgresql_has_not(pg, result_format, expression):
    """DuckDB's dates and timestamps go beyond PostgreSQL's."""
    pg.execute("CREATE TABLE t USING iceberg AS SELECT date '2000-01-01' AS d, n FROM unnest('{0,2145100000}'::int[]) n")
    with pytest.raises(psycopg.errors.DatetimeFieldOverflow, match="out of range"):
        pg.cursor(binary=bool(result_format)).execute(f"SELECT {expression} FROM t")
