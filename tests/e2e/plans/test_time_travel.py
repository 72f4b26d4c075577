"""Reading the past: the setting for whole queries, on both paths, and the functions for one table."""

import psycopg
import pytest


@pytest.fixture
def table(pg):
    """`t` with three snapshots: 3 rows; 5 rows and one changed; none. The ids of the snapshots."""
    pg.execute("CREATE TABLE t (i int, a text, d int) USING iceberg")
    pg.execute("INSERT INTO t VALUES (1, 'one', 10), (2, 'two', 20), (3, 'three', 30)")
    with pg.transaction():
        pg.execute("INSERT INTO t VALUES (4, 'four', 40), (5, NULL, 50)")
        pg.execute("UPDATE t SET a = 'zwei' WHERE i = 2")
    pg.execute("DELETE FROM t")
    return [row[0] for row in pg.execute("SELECT snapshot_id FROM lake.snapshots('t') ORDER BY sequence_number").fetchall()]


FIRST = [(1, "one"), (2, "two"), (3, "three")]
SECOND = [(1, "one"), (2, "zwei"), (3, "three"), (4, "four"), (5, None)]


def rows(pg):
    return pg.execute("SELECT i, a FROM t ORDER BY i").fetchall()


@pytest.mark.parametrize("pushdown", ["on", "off"])
def test_setting(pg, table, pushdown):
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {pushdown}")
    for snapshot, expected in zip(table, (FIRST, SECOND, [])):
        pg.execute(f"SET pg_lake_iceberg.read_as_of = 'snapshot {snapshot}'")
        assert rows(pg) == expected
        assert pg.execute("SELECT count(*), min(i), max(a) FROM t WHERE i < 10").fetchone()[0] == len(expected)
    pg.execute("SET pg_lake_iceberg.read_as_of = 'branch main'")
    assert rows(pg) == []
    time = pg.execute("SELECT committed_at::text FROM lake.snapshots('t') ORDER BY sequence_number LIMIT 1").fetchone()[0]
    pg.execute(f"SET pg_lake_iceberg.read_as_of = '{time}'")
    assert rows(pg) == FIRST
    pg.execute("RESET pg_lake_iceberg.read_as_of")
    assert rows(pg) == []


def test_setting_ships_whole_and_holds_for_prepared_statements(pg, table):
    pg.execute("PREPARE counted AS SELECT count(*) FROM t a JOIN t b USING (i)")
    for snapshot, expected in ((table[0], 3), (table[1], 5), (table[0], 3)):
        pg.execute(f"SET pg_lake_iceberg.read_as_of = 'snapshot {snapshot}'")
        assert pg.execute("EXECUTE counted").fetchone() == (expected,)
    assert "Query Pushdown" in pg.execute("EXPLAIN EXECUTE counted").fetchone()[0]


def test_old_rows_come_back(pg, table):
    with pg.transaction():
        pg.execute(f"SET LOCAL pg_lake_iceberg.read_as_of = 'snapshot {table[1]}'")
        pg.execute("INSERT INTO t SELECT * FROM t WHERE i > 1")
        pg.execute("CREATE TABLE kept USING iceberg AS SELECT i, a FROM t")
    assert rows(pg) == SECOND[1:]
    assert pg.execute("SELECT count(*) FROM kept").fetchone() == (5,)


def test_columns_are_those_of_now(pg, table):
    pg.execute("ALTER TABLE t DROP COLUMN d")
    pg.execute("ALTER TABLE t RENAME COLUMN a TO b")
    pg.execute("ALTER TABLE t ADD COLUMN e int")
    expected = [(*row, None) for row in FIRST]
    assert pg.execute(f"SELECT * FROM lake.at_snapshot(NULL::t, {table[0]}) ORDER BY i").fetchall() == expected
    pg.execute(f"SET pg_lake_iceberg.read_as_of = 'snapshot {table[0]}'")
    assert pg.execute("SELECT * FROM t ORDER BY i").fetchall() == expected


def test_functions(pg, table):
    assert pg.execute("SELECT i, a FROM lake.at_snapshot(NULL::t, %s) ORDER BY i", [table[1]]).fetchall() == SECOND
    assert pg.execute("SELECT i, a FROM lake.at_time(NULL::t, (SELECT committed_at FROM lake.snapshots('t') WHERE snapshot_id = %s)) ORDER BY i",
                      [table[0]]).fetchall() == FIRST
    assert pg.execute("SELECT count(*) FROM lake.at_time(NULL::t, 'infinity')").fetchone() == (0,)
    assert pg.execute("SELECT count(*) FROM lake.at_ref(NULL::t, 'main')").fetchone() == (0,)
    # what was there and is no more
    gone = pg.execute("SELECT i FROM lake.at_snapshot(NULL::t, %s) EXCEPT SELECT i FROM t ORDER BY i", [table[0]]).fetchall()
    assert gone == [(1,), (2,), (3,)]


def test_own_rows_are_not_of_the_past(pg, table):
    with pg.transaction():
        pg.execute("INSERT INTO t VALUES (9, 'nine', 90)")
        assert pg.execute("SELECT i, a FROM lake.at_snapshot(NULL::t, %s) ORDER BY i", [table[0]]).fetchall() == FIRST
        pg.execute(f"SET LOCAL pg_lake_iceberg.read_as_of = 'snapshot {table[0]}'")
        assert rows(pg) == FIRST
    assert rows(pg) == [(9, "nine")]


def test_rows_of_the_past_are_not_changed(pg, table):
    pg.execute(f"SET pg_lake_iceberg.read_as_of = 'snapshot {table[0]}'")
    for statement in ("UPDATE t SET a = ''", "DELETE FROM t WHERE i = 1", "SELECT * FROM t FOR UPDATE"):
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match='rows of table "t" cannot be changed or locked while pg_lake_iceberg.read_as_of is set'):
            pg.execute(statement)


@pytest.mark.parametrize("setting, sqlstate, message", [
    ("snapshot 12", "22023", 'snapshot 12 does not exist in the table at ".*"'),
    ("snapshot x", "22P02", 'invalid input syntax for type bigint: "x"'),
    ("2001-01-01 00:00+00", "22023", 'no snapshot of the table at ".*" is as old as 2001-01-01 00:00:00'),
    ("tag first", "22023", 'branch or tag "first" does not exist in the table at ".*"'),
    ("yesteryear", "22007", 'invalid input syntax for type timestamp with time zone: "yesteryear"')])
def test_points_that_are_none(pg, table, setting, sqlstate, message):
    pg.execute(f"SET pg_lake_iceberg.read_as_of = '{setting}'")
    with pytest.raises(psycopg.Error, match=message) as caught:
        pg.execute("SELECT * FROM t")
    assert caught.value.sqlstate == sqlstate


def test_arguments_that_are_no_tables(pg, table, home):
    pg.execute("CREATE TABLE plain (i int) USING heap")
    for argument in ("NULL::plain", "1"):
        with pytest.raises(psycopg.errors.WrongObjectType, match="must have the row type of an Iceberg table"):
            pg.execute(f"SELECT * FROM lake.at_snapshot({argument}, 1)")
    with pytest.raises(psycopg.errors.NullValueNotAllowed, match="snapshot id must not be null"):
        pg.execute("SELECT * FROM lake.at_snapshot(NULL::t, NULL)")
    schema = pg.execute("SELECT current_schema()").fetchone()[0]
    pg.execute("DROP ROLE IF EXISTS historian")
    pg.execute(f"CREATE ROLE historian LOGIN; GRANT USAGE ON SCHEMA {schema} TO historian")
    with home.connect(user="historian") as other:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table t"):
            other.execute(f"SELECT * FROM lake.at_ref(NULL::{schema}.t, 'main')")
        pg.execute("GRANT SELECT ON t TO historian; ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY odd ON t USING (i % 2 = 1)")
        with pytest.raises(psycopg.errors.FeatureNotSupported, match='policies of table "t" do not reach'):
            other.execute(f"SELECT * FROM lake.at_ref(NULL::{schema}.t, 'main')")
        other.execute(f"SET pg_lake_iceberg.read_as_of = 'snapshot {table[1]}'")
        assert other.execute(f"SELECT i FROM {schema}.t ORDER BY i").fetchall() == [(1,), (3,), (5,)]
    pg.execute("DROP POLICY odd ON t; DROP OWNED BY historian; DROP ROLE historian")


def test_a_table_without_snapshots(pg):
    pg.execute("CREATE TABLE empty (i int) USING iceberg")
    assert pg.execute("SELECT * FROM lake.at_time(NULL::empty, now())").fetchall() == []


JOINED = "SELECT p.i, p.a, n.a FROM lake.at_snapshot(NULL::t, {0}) p LEFT JOIN t n USING (i) WHERE p.i < 3 ORDER BY p.i"
SHAPES = {
    "a join with what there is now": JOINED,
    "columns of other names": "SELECT sum(b), max(a) FROM lake.at_snapshot(NULL::t, {0}) AS x (b, a)",
    "whole rows": "SELECT x FROM lake.at_snapshot(NULL::t, {0}) x ORDER BY x.i",
    "a subquery": "SELECT i FROM t RIGHT JOIN generate_series(1, 5) i USING (i) WHERE i IN (SELECT i + 1 FROM lake.at_snapshot(NULL::t, {0})) ORDER BY i",
    "two points": "SELECT i FROM lake.at_snapshot(NULL::t, {0}) EXCEPT SELECT i FROM lake.at_ref(NULL::t, 'main') ORDER BY i",
    "a CTE": "WITH old AS MATERIALIZED (SELECT * FROM lake.at_snapshot(NULL::t, {0})) SELECT count(*), min(o.a) FROM old o JOIN old p USING (i)",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shipped(pg, table, shape):
    """The same as with a copy of what the table held, as a whole, in parts and row by row."""
    query = SHAPES[shape].format(table[0])
    pg.execute(f"CREATE TABLE past USING heap AS SELECT * FROM lake.at_snapshot(NULL::t, {table[0]})")
    pg.execute("CREATE TABLE now USING heap AS TABLE t")
    expected = query.replace(f"lake.at_snapshot(NULL::t, {table[0]})", "past").replace("lake.at_ref(NULL::t, 'main')", "now")
    rows = [tuple(map(str, row)) for row in pg.execute(expected).fetchall()]
    assert rows and [tuple(map(str, row)) for row in pg.execute(query).fetchall()] == rows
    plan = str(pg.execute(f"EXPLAIN (VERBOSE) {query}").fetchall())
    if shape == "whole rows":  # records are made by PostgreSQL
        assert "Custom Scan (Lake Scan)" in plan, plan
    else:
        assert "Custom Scan (Query Pushdown)" in plan and "Function Scan" not in plan, plan
    assert " AT SNAPSHOT" in plan
    pg.execute("SET pg_lake_table.enable_full_query_pushdown = off")
    assert [tuple(map(str, row)) for row in pg.execute(query).fetchall()] == rows


def test_points_that_are_not_constant(pg, table):
    pg.execute("PREPARE past (bigint) AS SELECT count(*) FROM lake.at_snapshot(NULL::t, $1)")
    for mode in ("force_custom_plan", "force_generic_plan"):
        pg.execute(f"SET plan_cache_mode = {mode}")
        counts = [pg.execute(f"EXECUTE past ({snapshot})").fetchone()[0] for snapshot in table]
        assert counts == [pg.execute(f"SELECT count(*) FROM lake.at_snapshot(NULL::t, {snapshot})").fetchone()[0] for snapshot in table]
        with pytest.raises(psycopg.errors.NullValueNotAllowed, match="snapshot id must not be null"):
            pg.execute("EXECUTE past (NULL)")
    # from rows of another table: the function itself
    query = "SELECT s.n, p.i FROM (VALUES (1, {0}), (2, {1})) s(n, id), LATERAL lake.at_snapshot(NULL::t, s.id) p ORDER BY 1, 2".format(*table[:2])
    assert "Function Scan" in str(pg.execute(f"EXPLAIN {query}").fetchall())
    assert [row[0] for row in pg.execute(query).fetchall()] == [1] * counts[0] + [2] * counts[1]
    assert pg.execute(f"SELECT (p).i FROM (SELECT lake.at_snapshot(NULL::t, {table[0]}) AS p) x").fetchall()


def test_cached_plans_ask_for_rights_again(pg, table, home):
    """A plan that was made for who may read everything does not hide policies from others."""
    schema = pg.execute("SELECT current_schema()").fetchone()[0]
    pg.execute("DROP ROLE IF EXISTS reader")
    pg.execute(f"CREATE ROLE reader; GRANT USAGE ON SCHEMA {schema} TO reader; GRANT SELECT ON t TO reader; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA lake TO reader")
    pg.execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY odd ON t USING (i % 2 = 1)")
    pg.execute("SET plan_cache_mode = force_generic_plan")
    pg.execute("PREPARE past AS SELECT count(*) FROM lake.at_ref(NULL::t, 'main')")
    pg.execute("EXECUTE past")
    pg.execute("SET ROLE reader")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match='policies of table "t" do not reach'):
        pg.execute("EXECUTE past")
    pg.execute("RESET ROLE")
    pg.execute("REVOKE SELECT ON t FROM reader; SET ROLE reader")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        pg.execute("EXECUTE past")
    pg.execute("RESET ROLE; DROP OWNED BY reader; DROP ROLE reader")


def test_dropped_and_added_columns(pg, table):
    rows = pg.execute(f"SELECT i FROM lake.at_snapshot(NULL::t, {table[0]}) ORDER BY i").fetchall()
    pg.execute("ALTER TABLE t ADD COLUMN extra int")
    pg.execute("ALTER TABLE t DROP COLUMN a")
    assert pg.execute(f"SELECT * FROM lake.at_snapshot(NULL::t, {table[0]}) ORDER BY i").fetchall() == [(i, 10 * i, None) for i, in rows]
    assert pg.execute(f"SELECT extra, n FROM lake.at_snapshot(NULL::t, {table[0]}) AS x (n) ORDER BY n").fetchall() == [(None, i) for i, in rows]


def test_sources_of_changes(pg, table):
    pg.execute("CREATE TABLE kept USING iceberg AS TABLE t WITH NO DATA")
    pg.execute(f"INSERT INTO kept SELECT * FROM lake.at_snapshot(NULL::t, {table[0]})")
    assert pg.execute("SELECT count(*) FROM kept").fetchone() == pg.execute(f"SELECT count(*) FROM lake.at_snapshot(NULL::t, {table[0]})").fetchone()
    pg.execute(f"DELETE FROM kept USING lake.at_snapshot(NULL::t, {table[0]}) p WHERE p.i = kept.i")
    assert pg.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    with pytest.raises(psycopg.Error):
        pg.execute(f"DELETE FROM lake.at_snapshot(NULL::t, {table[0]})")
