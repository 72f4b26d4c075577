"""Simple and extended queries, several statements, named statements and portals, errors and transaction states."""

import psycopg
import pytest
from psycopg import pq


def test_parameter_status(connection):
    info = connection.info
    assert info.parameter_status("server_version") == "16.4.DuckPG"
    assert info.parameter_status("client_encoding") == "UTF8"
    assert info.parameter_status("TimeZone") == "UTC"
    assert info.parameter_status("integer_datetimes") == "on"
    assert info.server_version == 160004


def test_connection_id_is_the_backend_pid(connection):
    assert connection.execute("SELECT pg_lake_connection_id()").fetchone() == (connection.info.backend_pid,)


def test_version(connection):
    assert connection.execute("SELECT lake_version()").fetchone()[0].startswith("pg_lake ")


def test_several_statements_in_one_query(connection):
    cursor = connection.execute("SELECT 1 AS a; SELECT 2 AS b, 'x' AS c; CREATE TEMP TABLE several(a INT)")
    assert (cursor.fetchall(), cursor.statusmessage) == ([(1,)], "SELECT 1")
    assert cursor.nextset()
    assert ([column.name for column in cursor.description], cursor.fetchall()) == (["b", "c"], [(2, "x")])
    assert cursor.nextset() and cursor.statusmessage == "CREATE"
    assert not cursor.nextset()


def test_statements_before_a_failing_one_have_run(connection):
    with pytest.raises(psycopg.Error):
        connection.execute("CREATE TEMP TABLE before_error(a INT); SELECT * FROM missing; CREATE TEMP TABLE after_error(a INT)")
    assert connection.execute("SELECT count(*) FROM before_error").fetchone() == (0,)
    with pytest.raises(psycopg.Error):
        connection.execute("SELECT * FROM after_error")


def test_a_syntax_error_anywhere_runs_nothing(connection):
    with pytest.raises(psycopg.errors.SyntaxError):
        connection.execute("CREATE TEMP TABLE never(a INT); SELEC 1")
    with pytest.raises(psycopg.Error):
        connection.execute("SELECT * FROM never")


@pytest.mark.parametrize("text", ["", "  ", ";", ";;", "-- nothing", "/* nothing /* nested */ */"])
def test_empty_queries(connection, text):
    result = connection.pgconn.exec_(text.encode())
    assert result.status == pq.ExecStatus.EMPTY_QUERY


def test_quotes_and_comments_do_not_split_statements(connection):
    query = """SELECT 'a;b' AS a, $$c;d$$ AS b, $t$ ; $t$ AS "x;y" -- ; comment
               ; SELECT /* ; */ 2"""
    cursor = connection.execute(query)
    assert cursor.fetchall() == [("a;b", "c;d", " ; ")]
    assert [column.name for column in cursor.description] == ["a", "b", "x;y"]
    assert cursor.nextset() and cursor.fetchall() == [(2,)]


@pytest.mark.parametrize(
    "statement, tag",
    [
        ("INSERT INTO tags VALUES (1), (2), (3)", "INSERT 0 3"),
        ("UPDATE tags SET a = a + 1 WHERE a > 1", "UPDATE 2"),
        ("DELETE FROM tags WHERE a = 1", "DELETE 1"),
        ("INSERT INTO tags VALUES (9) RETURNING a", "INSERT 0 1"),
        ("ALTER TABLE tags ADD COLUMN b INT", "ALTER"),
        ("CREATE VIEW tags_view AS SELECT 1", "CREATE"),
        ("DROP VIEW tags_view", "DROP"),
        ("EXPLAIN SELECT 1", "EXPLAIN"),
        ("SET threads = 2", "SET"),
        ("PREPARE p AS SELECT 1", "PREPARE"),
        ("DEALLOCATE ALL", "DEALLOCATE ALL"),
        ("CALL pragma_version()", "CALL"),
        ("BEGIN", "BEGIN"),
        ("COMMIT", "COMMIT"),
    ],
)
def test_command_tags(server, statement, tag):
    with server.connect() as connection:
        connection.execute("CREATE TEMP TABLE tags(a INT); INSERT INTO tags VALUES (1), (2), (3)")
        if statement == "COMMIT":
            connection.execute("BEGIN")
        if statement == "DROP VIEW tags_view":
            connection.execute("CREATE VIEW tags_view AS SELECT 1")
        assert connection.execute(statement).statusmessage == tag
        connection.execute("DROP VIEW IF EXISTS tags_view")


@pytest.mark.parametrize(
    "statement, sqlstate, message",
    [
        ("SELEC 1", "42601", 'Parser Error: syntax error at or near "SELEC"'),
        ("SELECT nope FROM (SELECT 1 AS a)", "42P10", 'Binder Error: Referenced column "nope" not found in FROM clause!'),
        ("SELECT * FROM missing", "42704", "Catalog Error: Table with name missing does not exist!"),
        ("SELECT 'x'::INT", "22P02", "Conversion Error: Could not convert string 'x' to INT32"),
        ("SELECT 9223372036854775807 + 1::BIGINT", "22003", "bigint out of range"),
        ("SELECT ln(-1)", "22003", "Out of Range Error: cannot take logarithm of a negative number"),
        ("SELECT pg_lake_sleep(-1)", "22023", "Invalid Input Error: cannot sleep"),
        ("COPY range(3) FROM STDIN", "42601", "Parser Error"),
        ("COPY (SELECT 1) TO STDOUT (FORMAT parquet)", "42601", 'COPY format "parquet" not recognized'),
        ("COPY lake_write('x') TO STDIN", "42601", "syntax error: expected COPY lake_write"),
        ("LOAD 'nothing_like_it'", "42501", "Permission Error"),
        ("CREATE PERSISTENT SECRET p (TYPE s3)", "0A000", "ersistent secrets"),
        ("DEALLOCATE nothing", "26000", 'prepared statement "nothing" does not exist'),
    ],
)
def test_errors_carry_sqlstate_and_text(connection, statement, sqlstate, message):
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement)
    assert caught.value.sqlstate == sqlstate
    assert message in caught.value.diag.message_primary
    assert caught.value.diag.severity == "ERROR"
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_transaction_status_is_the_truth(connection):
    status = connection.pgconn
    assert status.transaction_status == pq.TransactionStatus.IDLE
    connection.execute("BEGIN")
    assert status.transaction_status == pq.TransactionStatus.INTRANS
    connection.execute("CREATE TABLE status_test(a INT PRIMARY KEY)")
    connection.execute("ROLLBACK")
    assert status.transaction_status == pq.TransactionStatus.IDLE


def test_a_failed_transaction_says_so_and_commit_rolls_it_back(server):
    with server.connect() as connection:
        connection.execute("CREATE TEMP TABLE failed(a INT)")
        connection.execute("BEGIN; INSERT INTO failed VALUES (1)")
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT * FROM missing")  # DuckDB goes on after errors of the binder
        assert connection.pgconn.transaction_status == pq.TransactionStatus.INTRANS
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT 'x'::INT")
        assert connection.pgconn.transaction_status == pq.TransactionStatus.INERROR
        assert connection.execute("COMMIT").statusmessage == "ROLLBACK"
        assert connection.pgconn.transaction_status == pq.TransactionStatus.IDLE
        assert connection.execute("SELECT count(*) FROM failed").fetchone() == (0,)


def test_psycopg_transactions(server):
    with server.connect(autocommit=False) as connection:
        connection.execute("CREATE TEMP TABLE tx(a INT)")
        connection.commit()
        connection.execute("INSERT INTO tx VALUES (1)")
        connection.rollback()
        assert connection.execute("SELECT count(*) FROM tx").fetchone() == (0,)


def test_foreign_settings_are_tolerated_and_shown(connection):
    connection.execute("SET DateStyle = ISO, MDY")
    connection.execute("SET extra_float_digits TO 3")
    connection.execute("SET SESSION client_min_messages = 'warning'")
    connection.execute("SET NAMES 'utf8'; SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    assert connection.execute("SHOW datestyle").fetchone() == ("ISO, MDY",)
    assert connection.execute("SHOW extra_float_digits").fetchone() == ("3",)
    assert connection.execute("SHOW transaction isolation level").fetchone() == ("repeatable read",)
    assert connection.execute("RESET extra_float_digits").statusmessage == "RESET"
    assert connection.execute("SHOW extra_float_digits").fetchone() == ("1",)
    with pytest.raises(psycopg.Error, match="client_encoding"):
        connection.execute("SET client_encoding = 'LATIN1'")
    with pytest.raises(psycopg.Error):
        connection.execute("SET no_such_setting_anywhere = 1")


def test_time_zone_is_reported(server):
    with server.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        assert connection.info.parameter_status("TimeZone") == "America/New_York"
        result = connection.execute("SELECT TIMESTAMPTZ '2024-01-15 12:00:00+00'")
        assert result.pgresult.get_value(0, 0) == b"2024-01-15 07:00:00-05"


def test_activity_shows_running_statements_without_secrets(server, connection):
    rows = connection.execute("SELECT connection_id, query FROM pg_lake_stat_activity()").fetchall()
    assert (connection.info.backend_pid, "SELECT connection_id, query FROM pg_lake_stat_activity()") in rows
    with pytest.raises(psycopg.Error):
        connection.execute("CREATE SECRET x (TYPE nothing, KEY_ID 'AKIAHIDDEN', SECRET 'hunter2hunter2')")
    assert "hunter2hunter2" not in server.log
    assert "<secret statement redacted>" in server.log


def test_large_results_are_streamed(connection):
    with connection.cursor(binary=True) as cursor:
        total = 0
        for row in cursor.stream("SELECT i, i::VARCHAR FROM range(200000) t(i)"):
            total += row[0]
    assert total == 200000 * 199999 // 2


def test_zero_columns_of_rows_and_many_columns(connection):
    wide = connection.execute("SELECT " + ", ".join(f"{i} AS c{i}" for i in range(1000))).fetchone()
    assert wide == tuple(range(1000))
    assert connection.execute("SELECT 1 WHERE false").fetchall() == []


def test_wide_rows(connection):
    rows = connection.execute("SELECT repeat('x', 300000) FROM range(20)").fetchall()
    assert [len(row[0]) for row in rows] == [300000] * 20
