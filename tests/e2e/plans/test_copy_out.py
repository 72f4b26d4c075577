"""COPY .. TO STDOUT (FORMAT binary) of what the server gives as a whole: byte for byte what heap's says, message by message."""

import psycopg
import pytest

COLUMNS = """i int, s smallint, l bigint, r real, d double precision, n numeric(12,3), w numeric(38,10), b bool, t text, v varchar(9), c char(5), y bytea,
             u uuid, da date, ti time, ts timestamp, tz timestamptz, iv interval, j json"""
ROWS = """SELECT i, (i % 300)::smallint, i * 1e10::bigint, i / 8.0, -i / 3.0::float8, i * 1.001, i / 7.0, i % 2 = 0, 'text ' || i, 'v' || i, 'c' || i % 9,
          decode(lpad(to_hex(i), 8, '0'), 'hex'), md5(i::text)::uuid, date '1999-12-31' + i, time '00:00' + i * interval '1 s', timestamp '1999-01-01' + i * interval '1 h',
          timestamptz '2026-01-01 00:00+02' - i * interval '1 h', i * interval '1 day 1 s', json_build_object('a', i)
          FROM generate_series(1, 3000) i
          UNION ALL SELECT NULL, 0, NULL, 'NaN', '-Infinity', 0, -0.0000000001, NULL, '', NULL, '', '', NULL, '0001-01-01', '23:59:59.999999', NULL, '9999-12-31 23:59:59.999999+00',
          '-1 month', NULL"""
STATEMENTS = [
    "COPY {t} TO STDOUT (FORMAT binary)",
    "COPY {t} (n, t, i) TO STDOUT (FORMAT binary)",
    "COPY {t} TO STDOUT BINARY",
    "COPY (SELECT * FROM {t} ORDER BY i) TO STDOUT (FORMAT binary)",
    "COPY (SELECT c, count(*), sum(n), avg(d) FROM {t} GROUP BY c ORDER BY c) TO STDOUT (FORMAT binary)",
    "COPY (SELECT i FROM {t} WHERE i < 0) TO STDOUT (FORMAT binary)",
    # what does not travel as it is sent: numerics of varying scale, other types, what stays in PostgreSQL
    "COPY (SELECT i, avg(n) FROM {t} WHERE i < 50 GROUP BY i ORDER BY i) TO STDOUT (FORMAT binary)",
    "COPY (SELECT i, to_jsonb(t) FROM {t} WHERE i < 50 ORDER BY i) TO STDOUT (FORMAT binary)",
    "COPY (SELECT i, pg_backend_pid() = 0 FROM {t} ORDER BY i) TO STDOUT (FORMAT binary)",
]


@pytest.fixture
def twins(pg):
    for kind in ("heap", "iceberg"):
        pg.execute(f"CREATE TABLE t_{kind} ({COLUMNS}) USING {kind}")
        pg.execute(f"INSERT INTO t_{kind} {ROWS}")
    return pg


def schema_of(pg):
    return pg.execute("SELECT current_schema()").fetchone()[0]


def messages(pg, statement):
    with pg.cursor() as cursor, cursor.copy(statement) as copy:
        return [bytes(message) for message in copy]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_bytes_are_heaps(twins, statement):
    heap, lake = (messages(twins, statement.format(t=f"t_{kind}")) for kind in ("heap", "iceberg"))
    if "ORDER BY" in statement:
        assert lake == heap
    else:
        header, trailer = heap[0][:19], b"\xff\xff"
        assert lake[0][:19] == header and lake[-1][-2:] == heap[-1][-2:] == trailer
        strip = lambda rows: sorted([rows[0][19:], *rows[1:]])  # noqa: E731
        assert strip(lake) == strip(heap)


def test_rows_are_read_by_a_client(twins):
    with twins.cursor() as cursor, cursor.copy("COPY (SELECT i, t FROM t_iceberg WHERE i <= 2 ORDER BY i) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int4", "text"])
        assert list(copy.rows()) == [(1, "text 1"), (2, "text 2")]


def test_counts_as_shipped(twins):
    twins.execute("SELECT lake.stat_lake_queries_reset()")
    messages(twins, "COPY (SELECT i + 1 FROM t_iceberg) TO STDOUT (FORMAT binary)")
    counted = "SELECT part, calls, rows FROM lake.pg_stat_lake_queries WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
    assert twins.execute(counted).fetchall() == [("query", 1, 3001)]


def test_own_rows_of_a_transaction(twins):
    with twins.transaction():
        twins.execute("DELETE FROM t_iceberg WHERE i > 3 OR i IS NULL")
        twins.execute("INSERT INTO t_iceberg (i) VALUES (77)")
        rows = messages(twins, "COPY (SELECT i FROM t_iceberg ORDER BY i) TO STDOUT (FORMAT binary)")
        assert [row[-4:] for row in rows[:-1]] == [number.to_bytes(4, "big") for number in (1, 2, 3, 77)]


def test_another_encoding(twins, home):
    twins.execute("INSERT INTO t_iceberg (i, t) VALUES (5000, 'fünf')")
    with home.connect(client_encoding="latin1") as other:
        other.execute(f"SET search_path = {schema_of(twins)}")
        assert messages(other, "COPY (SELECT t FROM t_iceberg WHERE i = 5000) TO STDOUT (FORMAT binary)")[0].endswith("fünf".encode("latin1"))


def test_privileges_and_policies(twins, home):
    twins.execute("DROP ROLE IF EXISTS copier")
    twins.execute("CREATE ROLE copier LOGIN; GRANT SELECT (i) ON t_iceberg TO copier")
    twins.execute("ALTER TABLE t_iceberg ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON t_iceberg USING (i < 3)")
    twins.execute(f"GRANT USAGE ON SCHEMA {schema_of(twins)} TO copier")
    with home.connect(user="copier") as other:
        other.execute(f"SET search_path = {schema_of(twins)}")
        assert len(messages(other, "COPY t_iceberg (i) TO STDOUT (FORMAT binary)")) == 3
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table t_iceberg"):
            messages(other, "COPY t_iceberg TO STDOUT (FORMAT binary)")
    twins.execute("DROP OWNED BY copier; DROP ROLE copier")


@pytest.mark.parametrize("list_of_columns, sqlstate", [("i, i", "42701"), ("nothing", "42703"), ("ctid", "42703")])
def test_column_lists_that_are_wrong(twins, list_of_columns, sqlstate):
    errors = []
    for kind in ("heap", "iceberg"):
        with pytest.raises(psycopg.Error) as caught:
            messages(twins, f"COPY t_{kind} ({list_of_columns}) TO STDOUT (FORMAT binary)")
        errors.append((caught.value.sqlstate, str(caught.value).replace(kind, "*")))
    assert errors[0] == errors[1] and errors[0][0] == sqlstate


def test_an_error_among_the_rows(twins):
    with pytest.raises(psycopg.errors.DivisionByZero, match="division by zero"):
        messages(twins, "COPY (SELECT 1 / (i - 2900) FROM t_iceberg) TO STDOUT (FORMAT binary)")
    assert twins.execute("SELECT count(*) FROM t_iceberg").fetchone() == (3001,)
