"""Branches and tags: made, moved, dropped, written to; going back to an older snapshot."""

import psycopg
import pytest


@pytest.fixture
def table(pg):
    """`t` with three snapshots of 1, 2 and 3 rows; their ids."""
    pg.execute("CREATE TABLE t (i int, a text) USING iceberg")
    for i in (1, 2, 3):
        pg.execute("INSERT INTO t VALUES (%s, 'first')", [i])
    return [row[0] for row in pg.execute("SELECT snapshot_id FROM lake.snapshots('t') ORDER BY sequence_number").fetchall()]


def refs(pg):
    return dict(pg.execute("SELECT name, (type, snapshot_id)::text FROM lake.refs('t')").fetchall())


def ids(pg):
    return [row[0] for row in pg.execute("SELECT i FROM t ORDER BY i").fetchall()]


def test_branches_and_tags_come_and_go(pg, table):
    pg.execute("SELECT lake.create_tag('t', 'end of year')")
    pg.execute("SELECT lake.create_branch('t', 'etl', %s, max_ref_age => '2 days', min_snapshots_to_keep => 3, max_snapshot_age => '1 hour')", [table[0]])
    assert refs(pg) == {"main": f"(BRANCH,{table[2]})", "end of year": f"(TAG,{table[2]})", "etl": f"(BRANCH,{table[0]})"}
    kept = "SELECT max_reference_age_in_ms, min_snapshots_to_keep, max_snapshot_age_in_ms FROM lake.refs('t') WHERE name = 'etl'"
    assert pg.execute(kept).fetchone() == (172_800_000, 3, 3_600_000)
    pg.execute("SELECT lake.set_retention('t', 'etl', max_snapshot_age => '1 month')")
    assert pg.execute(kept).fetchone() == (None, None, 30 * 86_400_000)
    pg.execute("INSERT INTO t VALUES (4, 'later')")
    assert refs(pg)["etl"] == f"(BRANCH,{table[0]})"
    assert pg.execute("SELECT count(*) FROM lake.at_ref(NULL::t, 'end of year')").fetchone() == (3,)
    pg.execute("SELECT lake.drop_tag('t', 'end of year'), lake.drop_branch('t', 'etl')")
    assert list(refs(pg)) == ["main"]
    assert ids(pg) == [1, 2, 3, 4]


def test_rollback_of_the_transaction_undoes_it(pg, table):
    pg.execute("BEGIN")
    pg.execute("SELECT lake.create_branch('t', 'a')")
    pg.execute("SAVEPOINT s")
    pg.execute("SELECT lake.create_tag('t', 'b')")
    assert set(refs(pg)) == {"main", "a", "b"}
    pg.execute("ROLLBACK TO s")
    assert set(refs(pg)) == {"main", "a"}
    pg.execute("ROLLBACK")
    assert set(refs(pg)) == {"main"}


@pytest.mark.parametrize("call, message", [
    ("create_tag('t', 'main')", 'branch "main" already exists'),
    ("create_branch('t', 'x', 1)", "snapshot 1 does not exist"),
    ("create_branch('t', '')", "name of a branch must not be empty"),
    ("create_branch('t', 'x', min_snapshots_to_keep => 0)", "must be positive"),
    ("create_tag('t', 'x', max_ref_age => '-1 day')", "must be positive"),
    ("create_branch('empty', 'x')", "the table has none yet"),
    ("drop_branch('t', 'none')", 'branch "none" does not exist'),
    ("drop_tag('t', 'main')", '"main" is a branch, not a tag'),
    ("drop_branch('t', 'main')", '"main" cannot be dropped'),
    ("set_retention('t', 'none')", '"none" does not exist'),
    ("set_retention('t', 'main', max_ref_age => '1 day')", '"main" is always kept'),
    ("fast_forward('t', 'main', 'none')", '"none" does not exist'),
    ("rollback_to_snapshot('t', 1)", "snapshot 1 does not exist"),
    ("rollback_to_time('t', '1999-01-01')", "no snapshot that is so old"),
])
def test_errors(pg, table, call, message):
    pg.execute("CREATE TABLE empty (i int) USING iceberg")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=message):
        pg.execute(f"SELECT lake.{call}")


def test_only_owners(pg, table, schema_name):
    pg.execute("CREATE TABLE h (i int)")
    with pytest.raises(psycopg.errors.WrongObjectType, match='"h" is not an Iceberg table'):
        pg.execute("SELECT lake.create_tag('h', 'x')")
    with pytest.raises(psycopg.errors.NullValueNotAllowed, match='"name"'):
        pg.execute("SELECT lake.create_tag('t', NULL)")
    pg.execute(f"DROP ROLE IF EXISTS stranger; CREATE ROLE stranger; GRANT ALL ON t TO stranger; GRANT USAGE ON SCHEMA {schema_name} TO stranger")
    try:
        pg.execute("SET ROLE stranger")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="must be owner of table t"):
            pg.execute("SELECT lake.create_tag('t', 'x')")
    finally:
        pg.execute("RESET ROLE; DROP OWNED BY stranger; DROP ROLE stranger")


def test_going_back(pg, table):
    pg.execute("SELECT lake.rollback_to_snapshot('t', %s)", [table[0]])
    assert ids(pg) == [1]
    assert pg.execute("SELECT count(*), max(i) FROM t").fetchone() == (1, 1)
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="no ancestor"):
        pg.execute("SELECT lake.rollback_to_snapshot('t', %s)", [table[2]])
    pg.execute("SELECT lake.set_current_snapshot('t', %s)", [table[2]])
    assert ids(pg) == [1, 2, 3]
    pg.execute("SELECT lake.rollback_to_time('t', (SELECT committed_at FROM lake.snapshots('t') WHERE snapshot_id = %s))", [table[1]])
    assert ids(pg) == [1, 2]
    pg.execute("UPDATE t SET a = 'new' WHERE i = 2")
    pg.execute("INSERT INTO t VALUES (9, 'new')")
    assert ids(pg) == [1, 2, 9]
    assert pg.execute("SELECT record_count FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone() == (3,)


def test_uncommitted_changes_must_be_committed_first(pg, table):
    pg.execute("BEGIN; INSERT INTO t VALUES (4, 'mine')")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="changes that are not committed"):
        pg.execute("SELECT lake.rollback_to_snapshot('t', %s)", [table[0]])
    pg.execute("ROLLBACK")
    assert ids(pg) == [1, 2, 3]


def test_write_audit_publish(pg, table):
    pg.execute("SELECT lake.create_branch('t', 'etl')")
    pg.execute("SET pg_lake_iceberg.branch = 'etl'")
    pg.execute("INSERT INTO t SELECT i + 10, 'etl' FROM t")
    pg.execute("DELETE FROM t WHERE i = 1")
    pg.execute("UPDATE t SET a = 'changed' WHERE i = 2")
    assert ids(pg) == [2, 3, 11, 12, 13]
    assert pg.execute("SELECT count(*), min(i) FROM t").fetchone() == (5, 2)
    pg.execute("RESET pg_lake_iceberg.branch")
    assert ids(pg) == [1, 2, 3]
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (3,)
    assert refs(pg)["main"] == f"(BRANCH,{table[2]})"
    pg.execute("SELECT lake.fast_forward('t', 'main', 'etl')")
    assert ids(pg) == [2, 3, 11, 12, 13]
    assert pg.execute("SELECT count(*) FROM t WHERE a = 'changed'").fetchone() == (1,)


def test_no_fast_forward_over_other_work(pg, table):
    pg.execute("SELECT lake.create_branch('t', 'etl')")
    pg.execute("INSERT INTO t VALUES (4, 'main')")
    pg.execute("SET pg_lake_iceberg.branch = 'etl'; INSERT INTO t VALUES (5, 'etl'); RESET pg_lake_iceberg.branch")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match='"main" cannot be fast-forwarded to "etl"'):
        pg.execute("SELECT lake.fast_forward('t', 'main', 'etl')")
    assert ids(pg) == [1, 2, 3, 4]


def test_branch_in_the_transaction_that_makes_it(pg, table):
    with pg.transaction():
        pg.execute("SELECT lake.create_branch('t', 'x')")
        pg.execute("SET LOCAL pg_lake_iceberg.branch = 'x'")
        pg.execute("INSERT INTO t VALUES (7, 'x')")
        assert ids(pg) == [1, 2, 3, 7]
    assert ids(pg) == [1, 2, 3]
    assert pg.execute("SELECT count(*) FROM lake.at_ref(NULL::t, 'x')").fetchone() == (4,)


def test_one_branch_in_a_transaction(pg, table):
    pg.execute("SELECT lake.create_branch('t', 'x')")
    pg.execute("BEGIN; INSERT INTO t VALUES (7, 'main')")
    pg.execute("SET LOCAL pg_lake_iceberg.branch = 'x'")
    with pytest.raises(psycopg.errors.ActiveSqlTransaction, match='changes on branch "main" that are not committed'):
        pg.execute("SELECT * FROM t")
    pg.execute("ROLLBACK")


def test_rows_go_to_the_branch_of_their_statement(pg, table):
    pg.execute("SELECT lake.create_branch('t', 'x')")
    with pg.transaction():
        pg.execute("SET LOCAL pg_lake_iceberg.branch = 'x'")
        pg.execute("INSERT INTO t VALUES (7, 'x')")
        pg.execute("SET LOCAL pg_lake_iceberg.branch = ''")
    assert ids(pg) == [1, 2, 3]
    assert pg.execute("SELECT count(*) FROM lake.at_ref(NULL::t, 'x')").fetchone() == (4,)


def test_tables_without_the_branch(pg, table):
    pg.execute("SELECT lake.create_branch('t', 'x')")
    pg.execute("CREATE TABLE other (i int) USING iceberg")
    pg.execute("INSERT INTO other VALUES (1), (2)")
    pg.execute("SET pg_lake_iceberg.branch = 'x'")
    pg.execute("INSERT INTO t SELECT i, 'other' FROM other")
    for statement in ("INSERT INTO other VALUES (3)", "INSERT INTO other SELECT 3", "DELETE FROM other WHERE i = 1", "UPDATE other SET i = 3", "TRUNCATE other"):
        with pytest.raises(psycopg.errors.InvalidParameterValue, match='branch "x" does not exist'):
            pg.execute(statement)
    # what has no snapshot has no branch either
    pg.execute("CREATE TABLE fresh USING iceberg AS SELECT * FROM t")
    assert pg.execute("SELECT count(*) FROM fresh").fetchone() == (5,)
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="ALTER TABLE .* is for all its branches"):
        pg.execute("ALTER TABLE t ADD COLUMN b int")
    pg.execute("RESET pg_lake_iceberg.branch")
    assert (ids(pg), pg.execute("SELECT count(*) FROM other").fetchone()) == ([1, 2, 3], (2,))


def test_truncated_branch(pg, table):
    pg.execute("SELECT lake.create_branch('t', 'x')")
    pg.execute("SET pg_lake_iceberg.branch = 'x'; TRUNCATE t; INSERT INTO t VALUES (8, 'alone')")
    assert ids(pg) == [8]
    pg.execute("RESET pg_lake_iceberg.branch")
    assert ids(pg) == [1, 2, 3]


def test_appends_to_two_branches_at_once(pg, home, schema_name, table):
    pg.execute("SELECT lake.create_branch('t', 'x')")
    pg.execute("BEGIN; SET LOCAL pg_lake_iceberg.branch = 'x'; INSERT INTO t VALUES (7, 'x')")
    with home.connect() as other:
        other.execute(f"INSERT INTO {schema_name}.t VALUES (8, 'main')")
    pg.execute("COMMIT")
    assert ids(pg) == [1, 2, 3, 8]
    assert pg.execute("SELECT array_agg(i ORDER BY i) FROM lake.at_ref(NULL::t, 'x')").fetchone() == ([1, 2, 3, 7],)
