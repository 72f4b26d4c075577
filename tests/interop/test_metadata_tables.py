"""lake.snapshots(tbl) and its like beside PyIceberg's inspection of the same metadata."""

import datetime

import psycopg
import pytest


@pytest.fixture
def table(our_catalog, pg, schema_name):
    """The partitioned lake table `sales` with a history, and how PyIceberg sees it now."""
    pg.execute("CREATE TABLE sales (id int, region text, at timestamp) USING iceberg WITH (partition_by = 'region, day(at)')")
    for part in range(3):
        pg.execute("INSERT INTO sales SELECT i, CASE WHEN i %% 3 > 0 THEN 'r' || i %% 3 END, timestamp '2026-01-01' + %s * interval '1 day' "
                   "FROM generate_series(1, 30) i", [part])
    pg.execute("SET pg_lake_table.copy_on_write_threshold = 100")
    pg.execute("DELETE FROM sales WHERE id IN (5, 6)")
    return our_catalog.load_table((schema_name, "sales"))


def utc(moment):
    return moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)


def test_snapshots(pg, table):
    theirs = [(row["committed_at"], row["snapshot_id"], row["parent_id"], row["operation"], row["manifest_list"], dict(row["summary"]))
              for row in table.inspect.snapshots().to_pylist()]
    ours = pg.execute("SELECT committed_at, snapshot_id, parent_id, operation, manifest_list, summary - 'operation', sequence_number, schema_id "
                      "FROM lake.snapshots('sales') ORDER BY committed_at").fetchall()
    assert [(utc(row[0]), *row[1:6]) for row in ours] == theirs and len(ours) == 4
    assert [row[6] for row in ours] == [1, 2, 3, 4] and {row[7] for row in ours} == {0}


def test_history(pg, table):
    theirs = [(row["made_current_at"], row["snapshot_id"], row["parent_id"], row["is_current_ancestor"]) for row in table.inspect.history().to_pylist()]
    ours = pg.execute("SELECT * FROM lake.history('sales') ORDER BY made_current_at").fetchall()
    assert [(utc(row[0]), *row[1:]) for row in ours] == theirs and len(ours) == 4


def test_refs(pg, table):
    columns = ("name", "type", "snapshot_id", "max_reference_age_in_ms", "min_snapshots_to_keep", "max_snapshot_age_in_ms")
    theirs = [tuple(row[name] for name in columns) for row in table.inspect.refs().to_pylist()]
    assert pg.execute("SELECT * FROM lake.refs('sales')").fetchall() == theirs
    assert theirs == [("main", "BRANCH", table.current_snapshot().snapshot_id, None, None, None)]


def test_manifests(pg, table):
    theirs = {(("DATA", "DELETES")[row["content"]], row["path"], row["length"], row["partition_spec_id"], row["added_snapshot_id"],
               row["added_data_files_count"] or row["added_delete_files_count"], row["deleted_data_files_count"] or row["deleted_delete_files_count"])
              for row in table.inspect.manifests().to_pylist()}
    ours = pg.execute("SELECT content, path, length, partition_spec_id, added_snapshot_id, added_files_count, deleted_files_count FROM lake.manifests('sales')").fetchall()
    assert set(ours) == theirs and len(ours) == len(theirs) > 1


def test_files(pg, table):
    theirs = {(("DATA", "POSITION_DELETES", "EQUALITY_DELETES")[row["content"]], row["file_path"], row["file_format"].lower(), row["spec_id"],
               row["partition"]["region"], str(row["partition"]["at_day"]), row["record_count"], row["file_size_in_bytes"])
              for row in table.inspect.files().to_pylist()}
    ours = pg.execute("SELECT content, file_path, file_format, spec_id, partition->>'region', partition->>'at_day', record_count, file_size_in_bytes "
                      "FROM lake.files('sales')").fetchall()
    assert set(ours) == theirs and len(ours) > 9
    assert {row[4] for row in ours} == {"r1", "r2", None}


def test_partitions(pg, table):
    theirs = {(row["partition"]["region"], str(row["partition"]["at_day"]), row["spec_id"], row["record_count"], row["file_count"],
               row["total_data_file_size_in_bytes"], row["position_delete_record_count"], row["position_delete_file_count"])
              for row in table.inspect.partitions().to_pylist()}
    ours = pg.execute("SELECT partition->>'region', partition->>'at_day', spec_id, record_count, file_count, total_data_file_size_in_bytes, "
                      "position_delete_record_count, position_delete_file_count FROM lake.partitions('sales')").fetchall()
    assert set(ours) == theirs and len(ours) == 9


def test_tables_without_rows_or_partitions(pg):
    pg.execute("CREATE TABLE empty (i int) USING iceberg")
    for function in ("snapshots", "history", "refs", "manifests", "files", "partitions"):
        assert pg.execute(f"SELECT count(*) FROM lake.{function}('empty')").fetchone() == (0,)
    pg.execute("INSERT INTO empty VALUES (1)")
    assert pg.execute("SELECT partition, record_count, file_count FROM lake.partitions('empty')").fetchall() == [(None, 1, 1)]


def test_who_may_look(pg, home):
    pg.execute("CREATE TABLE mine (i int) USING iceberg")
    schema = pg.execute("SELECT current_schema()").fetchone()[0]
    pg.execute("DROP ROLE IF EXISTS onlooker")
    pg.execute(f"CREATE ROLE onlooker LOGIN; GRANT USAGE ON SCHEMA {schema} TO onlooker")
    with home.connect(user="onlooker") as other:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table mine"):
            other.execute(f"SELECT * FROM lake.snapshots('{schema}.mine')")
        pg.execute("GRANT SELECT ON mine TO onlooker")
        assert other.execute(f"SELECT * FROM lake.snapshots('{schema}.mine')").fetchall() == []
    pg.execute("DROP OWNED BY onlooker; DROP ROLE onlooker; CREATE TABLE plain (i int) USING heap")
    with pytest.raises(psycopg.errors.WrongObjectType, match='"plain" is not an Iceberg table'):
        pg.execute("SELECT * FROM lake.snapshots('plain')")
