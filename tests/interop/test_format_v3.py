"""Format version 3: deletion vectors and row ids, written by us and read by PyIceberg, or laid out as the specification says."""

import json
from pathlib import Path

import psycopg
import pyarrow.parquet
import pytest
from lake_harness.other_writer import OtherWriter
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.schema import Schema
from pyiceberg.table import StaticTable
from pyiceberg.table.puffin import PuffinFile
from pyiceberg.types import LongType, NestedField

ROW_ID, LAST_UPDATED = "_row_id", "_last_updated_sequence_number"


@pytest.fixture(params=["on", "off"], ids=["set", "row"])
def table(pg, request):
    """Rows 1 to 100 in two files, changed by the set path or the row path."""
    pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {request.param}")
    pg.execute("CREATE TABLE t (id int, v text) USING iceberg WITH (format_version = 3)")
    pg.execute("INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 60) i")
    pg.execute("INSERT INTO t SELECT i, 'v' || i FROM generate_series(61, 100) i")
    return pg


def location(pg, name="t"):
    return pg.execute("SELECT metadata_location FROM iceberg_tables WHERE format('%%I.%%I', table_namespace, table_name)::regclass "
                      "= %s::regclass", [name]).fetchone()[0]


def metadata(pg):
    return json.loads(Path(location(pg).removeprefix("file://")).read_text())


def entries(iceberg):
    """Live entries with their manifests, as they are stored."""
    return [(manifest, entry) for manifest in iceberg.current_snapshot().manifests(iceberg.io)
            for entry in manifest.fetch_manifest_entry(iceberg.io)]


def lineage(pg):
    """_row_id and _last_updated_sequence_number of every live row by id, worked out from the files as the specification has it."""
    iceberg = StaticTable.from_metadata(location(pg))
    firsts = {path: first for path, first in pg.execute("SELECT path, first_row_id FROM lake_table.files WHERE table_name = 't'::regclass "
                                                        "AND content = 0").fetchall()}
    found = {}
    sequence = {entry.data_file.file_path: entry.sequence_number for _, entry in entries(iceberg)}
    for task in iceberg.scan().plan_files():
        rows = pyarrow.parquet.read_table(task.file.file_path.removeprefix("file://")).to_pylist()
        deleted = set()
        for delete in task.delete_files:
            for referenced, positions in vectors(delete.file_path).items():
                deleted |= set(positions) if referenced == task.file.file_path else set()
        for number, row in enumerate(rows):
            if number not in deleted:
                row_id, updated = row.get(ROW_ID), row.get(LAST_UPDATED)
                found[row["id"]] = (firsts[task.file.file_path] + number if row_id is None else row_id,
                                    sequence[task.file.file_path] if updated is None else updated)
    return found


def vectors(path):
    from pyiceberg.table.deletion_vector import deletion_vectors_from_puffin_file
    puffin = PuffinFile(Path(path.removeprefix("file://")).read_bytes())
    return {vector.referenced_data_file: vector.to_vector().to_pylist() for vector in deletion_vectors_from_puffin_file(puffin)}


def test_deletion_vectors(table):
    """Rules 63 to 66: one vector a data file, all of a commit in one Puffin file; a new one says all that the old one said."""
    table.execute("DELETE FROM t WHERE id IN (3, 70)")
    iceberg = StaticTable.from_metadata(location(table))
    deletes = [entry.data_file for _, entry in entries(iceberg) if entry.data_file.content == 1]
    assert len(deletes) == 2 and len({file.file_path for file in deletes}) == 1
    path = Path(deletes[0].file_path.removeprefix("file://"))
    puffin = PuffinFile(path.read_bytes())
    for file in deletes:
        assert (file.file_format.name, file.record_count, file.file_size_in_bytes) == ("PUFFIN", 1, path.stat().st_size)
    assert {(blob.type, tuple(blob.fields), blob.snapshot_id, blob.sequence_number) for blob in puffin.footer.blobs} \
        == {("deletion-vector-v1", (2147483645,), -1, -1)}
    assert sorted(vectors(deletes[0].file_path).values()) == [[2], [9]]
    table.execute("DELETE FROM t WHERE id IN (4, 5)")
    iceberg = StaticTable.from_metadata(location(table))
    live = [entry.data_file for _, entry in entries(iceberg) if entry.data_file.content == 1 and entry.status != 2]
    assert sorted(file.record_count for file in live) == [1, 3], "the other file's vector stays"
    assert iceberg.scan().to_arrow().num_rows == 96
    summary = metadata(table)["snapshots"][-1]["summary"]
    assert summary["added-dvs"] == "1" and summary["removed-dvs"] == "1" and "added-position-delete-files" not in summary
    table.execute("DELETE FROM t WHERE id <= 60")
    assert [entry.data_file.record_count for _, entry in entries(StaticTable.from_metadata(location(table)))
            if entry.data_file.content == 1 and entry.status != 2] == [1], "a vector goes with its data file"


def test_rows_keep_their_ids(table):
    """Rules 67 to 71: ids are handed out once, stay with updated and moved rows, and only changed rows are newer."""
    before = lineage(table)
    assert sorted(row_id for row_id, _ in before.values()) == list(range(100))
    assert metadata(table)["next-row-id"] == 100
    table.execute("UPDATE t SET v = 'new' WHERE id IN (10, 20, 90)")
    after = lineage(table)
    assert {row: ids[0] for row, ids in after.items()} == {row: ids[0] for row, ids in before.items()}
    sequence = metadata(table)["last-sequence-number"]
    assert {row for row, ids in after.items() if ids[1] == sequence} == {10, 20, 90}
    table.execute("UPDATE t SET v = 'newer' WHERE id = 10")
    assert lineage(table)[10] == (before[10][0], metadata(table)["last-sequence-number"])
    ids = [row_id for row_id, _ in lineage(table).values()]
    assert len(set(ids)) == 100, "no two rows share one"
    table.execute("INSERT INTO t VALUES (101, 'x')")
    assert lineage(table)[101][0] >= 100


def test_rewritten_files_keep_ids(table):
    """Rule 71: copy on write stores what the rows have inherited."""
    table.execute("SET pg_lake_table.copy_on_write_threshold = 0")
    before = lineage(table)
    table.execute("DELETE FROM t WHERE id = 7")
    assert lineage(table) == {row: ids for row, ids in before.items() if row != 7}
    table.execute("UPDATE t SET v = 'new' WHERE id = 8")
    after = lineage(table)
    assert after[8] == (before[8][0], metadata(table)["last-sequence-number"])
    assert {row: ids for row, ids in after.items() if row != 8} == {row: ids for row, ids in before.items() if row not in (7, 8)}


def test_in_one_transaction(table):
    """Rows that a transaction adds and changes again have ids once it commits; changed twice, an old row keeps its own."""
    before = lineage(table)
    with table.transaction():
        table.execute("INSERT INTO t VALUES (200, 'x'), (201, 'y')")
        table.execute("UPDATE t SET v = v || '!' WHERE id >= 100")
        table.execute("UPDATE t SET v = v || '?' WHERE id >= 100")
    after = lineage(table)
    assert after[100][0] == before[100][0]
    assert len({row_id for row_id, _ in after.values()}) == 102


def test_merge(table):
    """Inserted rows of a MERGE get new ids, updated ones keep theirs."""
    before = lineage(table)
    table.execute("MERGE INTO t USING (SELECT i, 'm' || i AS v FROM generate_series(95, 105) i) s ON t.id = s.i "
                  "WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT VALUES (s.i, s.v)")
    after = lineage(table)
    assert all(after[row][0] == before[row][0] for row in before)
    assert len({row_id for row_id, _ in after.values()}) == 105


def test_upgrade(pg):
    """Rules 63 and 67: a table of version 2 with position deletes goes on; its rows get ids with the next snapshot. Never back."""
    pg.execute("CREATE TABLE t (id int, v text) USING iceberg")
    pg.execute("INSERT INTO t SELECT i, 'v' FROM generate_series(1, 100) i")
    pg.execute("DELETE FROM t WHERE id = 1")
    pg.execute("ALTER TABLE t SET (format_version = 3)")
    assert (metadata(pg)["format-version"], metadata(pg)["next-row-id"]) == (3, 0)
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (99,)
    pg.execute("DELETE FROM t WHERE id = 2")
    iceberg = StaticTable.from_metadata(location(pg))
    live = [entry.data_file for _, entry in entries(iceberg) if entry.data_file.content == 1 and entry.status != 2]
    assert [(file.file_format.name, file.record_count) for file in live] == [("PUFFIN", 2)], "it took over what the delete file said"
    assert metadata(pg)["next-row-id"] == 100
    pg.execute("UPDATE t SET v = 'new' WHERE id = 3")
    assert lineage(pg)[3][0] == 2
    with pytest.raises(psycopg.Error, match="cannot downgrade a table from format version 3 to 2"):
        pg.execute("ALTER TABLE t SET (format_version = 2)")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="cannot be reset"):
        pg.execute("ALTER TABLE t RESET (format_version)")
    with pytest.raises(psycopg.Error, match='invalid format_version option: "4"'):
        pg.execute("ALTER TABLE t SET (format_version = 4)")


def test_vectors_of_others(home, engine, tmp_path, schema_name):
    """Rules 59, 63 and 65: vectors as others write them; beside one, position deletes are not looked at."""
    warehouse = home.home.pgdata.with_name("pgdata_lake") / "others" / schema_name
    warehouse.mkdir(parents=True, exist_ok=True)
    catalog = SqlCatalog("own", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{warehouse}")
    catalog.create_namespace("ns")
    own = catalog.create_table("ns.t", Schema(NestedField(1, "id", LongType(), required=False)))
    for first in (0, 10):
        own.append(pyarrow.table({"id": list(range(first, first + 10))}))
    writer = OtherWriter(own.metadata_location)
    one, other = sorted(writer.data_files(), key=lambda file: file.lower_bounds[1])
    writer.commit([writer.position_deletes([(one.file_path, 0)])])
    writer.rewrite(format_version=3, next_row_id=0)
    one, other = sorted(writer.data_files(), key=lambda file: file.lower_bounds[1])
    writer.commit(writer.deletion_vectors({one: [1, 2], other: [9]}))
    rows = engine.execute(f"SELECT id FROM lake_scan('{writer.location}') ORDER BY id").fetchall()
    assert [row[0] for row in rows] == [i for i in range(20) if i not in (1, 2, 19)]
    pyiceberg = sorted(writer.table.scan().to_arrow()["id"].to_pylist())
    assert pyiceberg == [row[0] for row in rows if row[0] != 0], "PyIceberg 0.12 applies the position delete besides"
