"""The views of schema lake_table (CAT-6 to CAT-10) where it takes more than one session, a broken table or a database of its own."""

import psycopg
import pytest


def counts(connection, table):
    """Live files, deletes and fields of a table as the connection sees it."""
    return connection.execute("SELECT (SELECT count(*) FROM lake_table.files WHERE table_name = %(t)s::regclass), "
                              "(SELECT count(*) FROM lake_table.deletion_file_map WHERE table_name = %(t)s::regclass), "
                              "(SELECT count(*) FROM lake_table.field_id_mappings WHERE table_name = %(t)s::regclass)", {"t": table}).fetchone()


def test_the_snapshot_decides(pg, home, schema_name):
    """What another session commits is seen by the next PostgreSQL snapshot, not by one that is older."""
    table = f"{schema_name}.t"
    pg.execute("CREATE TABLE t (a int) USING iceberg")
    pg.execute("INSERT INTO t SELECT generate_series(1, 100)")
    with home.connect() as other:
        other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        assert counts(other, table) == (1, 0, 1)
        pg.execute("INSERT INTO t VALUES (101)")
        pg.execute("DELETE FROM t WHERE a = 1")
        assert counts(other, table) == (1, 0, 1)
        other.execute("COMMIT")
        assert counts(other, table) == (3, 1, 1)


def test_own_changes_on_top_of_an_older_snapshot(pg, home, schema_name):
    """A transaction that has altered what another one changed meanwhile sees two pointer rows, and one table."""
    table = f"{schema_name}.t"
    pg.execute("CREATE TABLE t (a int) USING iceberg")
    pg.execute("INSERT INTO t VALUES (1)")
    with home.connect() as other:
        other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        assert counts(other, table) == (1, 0, 1)
        pg.execute("INSERT INTO t VALUES (2)")
        other.execute(f"ALTER TABLE {table} ADD COLUMN b text")
        without_index = "WHERE table_name::oid::bigint = %s::regclass::oid::bigint"
        assert other.execute(f"SELECT count(*) FROM lake_iceberg.tables_internal {without_index}", [table]).fetchone() == (2,)
        assert other.execute(f"SELECT count(*) FROM lake_table.files {without_index}", [table]).fetchone() == (1,)
        assert counts(other, table)[0] == 1
        other.execute("COMMIT")
        assert counts(other, table) == (2, 0, 2)


@pytest.mark.no_readers
def test_other_tables_are_not_read(pg):
    """A table whose metadata is gone is in nobody's way but its own."""
    pg.execute("CREATE TABLE sound (a int) USING iceberg")
    pg.execute("INSERT INTO sound VALUES (1)")
    pg.execute("CREATE TABLE broken (a int) USING iceberg")
    pg.execute("UPDATE lake_iceberg.tables_internal SET metadata_location = location || '/metadata/gone.metadata.json' WHERE table_name = 'broken'::regclass")
    for view in ("files", "deletion_file_map", "field_id_mappings", "data_file_column_stats", "partition_specs", "row_id_mappings"):
        pg.execute(f"SELECT * FROM lake_table.{view} WHERE table_name = 'sound'::regclass").fetchall()
        with pytest.raises(psycopg.Error, match="gone.metadata.json"):
            pg.execute(f"SELECT * FROM lake_table.{view}")
    assert len(pg.execute("SELECT path FROM lake_table.files f JOIN pg_class c ON c.oid = f.table_name WHERE c.oid = 'sound'::regclass").fetchall()) == 1
    pg.execute("DROP TABLE broken")
    pg.execute("SELECT count(*) FROM lake_table.files")


def test_a_table_that_is_dropped_meanwhile(pg, home, schema_name):
    """An older snapshot still knows the pointer, and the files are still there."""
    pg.execute("CREATE TABLE t (a int) USING iceberg")
    pg.execute("INSERT INTO t VALUES (1)")
    oid = pg.execute("SELECT 't'::regclass::oid").fetchone()[0]
    with home.connect() as other:
        other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        other.execute("SELECT 1")
        pg.execute("DROP TABLE t")
        assert other.execute("SELECT row_count FROM lake_table.files WHERE table_name = %s", [oid]).fetchall() == [(1,)]
        assert other.execute("SELECT field_id, field_pg_type::text FROM lake_table.field_id_mappings WHERE table_name = %s", [oid]).fetchall() == [(1, "integer")]
        assert other.execute("SELECT * FROM lake_table.data_file_column_stats WHERE table_name = %s", [oid]).fetchall() == []
        other.execute("COMMIT")
        assert other.execute("SELECT * FROM lake_table.files WHERE table_name = %s", [oid]).fetchall() == []


def test_drop_extension(home):
    """DROP EXTENSION .. CASCADE takes tables, catalogs and functions along; the extension can be created again."""
    home.sql("CREATE DATABASE dropping")
    try:
        with home.connect(dbname="dropping") as connection:
            connection.execute("CREATE EXTENSION pg_lake CASCADE")
            connection.execute("CREATE TABLE t (a int) USING iceberg")
            connection.execute("INSERT INTO t VALUES (1)")
            assert counts(connection, "t") == (1, 0, 1)
            assert connection.execute("SELECT to_date(1.0)::text, pg_table_size('t') > 0").fetchone() == ("1970-01-02", True)
            connection.execute("DROP EXTENSION pg_lake CASCADE")
            assert connection.execute("SELECT to_regclass('t'), to_regclass('iceberg_tables'), to_regnamespace('lake_table'), "
                                      "to_regprocedure('to_date(float8)'), to_regprocedure('to_postgres(anyelement)')").fetchone() == (None,) * 5
            assert connection.execute("SELECT pg_table_size('pg_class') > 0").fetchone() == (True,)
            connection.execute("CREATE EXTENSION pg_lake CASCADE")
            assert connection.execute("SELECT count(*) FROM lake_table.files").fetchone() == (0,)
    finally:
        home.sql("DROP DATABASE IF EXISTS dropping WITH (FORCE)")


def test_analyze_does_not_wait(pg, home):
    """Who holds a catalog table, as VACUUM does, does not hold up a commit that would analyze it (CAT-10)."""
    notices = []
    pg.add_notice_handler(lambda notice: notices.append((notice.severity, notice.message_primary)))
    pg.execute("SET pg_lake_table.commit_time_analyze_threshold = 0")
    with home.connect(autocommit=False) as other:
        other.execute("LOCK TABLE lake_engine.in_progress_files IN SHARE UPDATE EXCLUSIVE MODE")
        pg.execute("CREATE TABLE t (a int) USING iceberg")
        assert notices == [("WARNING", 'skipping analyze of "in_progress_files" --- lock not available')]
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_analyze_is_left_out_of_prepare(pg, home):
    """Its lock would last until COMMIT PREPARED."""
    pg.execute("SET pg_lake_table.commit_time_analyze_threshold = 0")
    pg.execute("BEGIN")
    pg.execute("CREATE TABLE t (a int) USING iceberg")
    pg.execute("PREPARE TRANSACTION 'catalog views'")
    try:
        held = pg.execute("SELECT count(*) FROM pg_locks WHERE relation = 'lake_iceberg.tables_internal'::regclass AND mode = 'ShareUpdateExclusiveLock'")
        assert held.fetchone() == (0,)
    finally:
        pg.execute("COMMIT PREPARED 'catalog views'")
