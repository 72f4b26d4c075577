"""lake_verify of what other engines write: heads of branches and tags, rows beside their partition, equality delete files."""

import json
import re
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from lake_harness.other_writer import OtherWriter
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform, TruncateTransform
from pyiceberg.types import DoubleType, IntegerType, ListType, LongType, NestedField, StringType, TimestampType

NUMBERS = Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "name", StringType(), required=False),
                 NestedField(3, "part", IntegerType(), required=False), NestedField(4, "at", TimestampType(), required=False),
                 NestedField(5, "f", DoubleType(), required=False),
                 NestedField(6, "l", ListType(7, LongType(), element_required=False), required=False))


def rows_of(ids, part=0):
    return pyarrow.table({"id": pyarrow.array(ids, pyarrow.int64()), "name": [f"n{i}" for i in ids], "part": pyarrow.array([part] * len(ids), pyarrow.int32()),
                          "at": pyarrow.array([i * 86400 * 10**6 for i in ids], pyarrow.timestamp("us")), "f": [i / 2 for i in ids],
                          "l": pyarrow.array([[i] for i in ids], pyarrow.list_(pyarrow.int64()))})


def verify(engine, location):
    return engine.execute("SELECT severity, object, problem FROM lake_verify(%s)", [location]).fetchall()


def path_of(location):
    return Path(re.sub("^file:(//)?", "", location))


@pytest.mark.parametrize("kind", ["branch", "tag"])
def test_heads_of_branches_and_tags(pg, kind):
    """What only a branch or tag has is read, too: a file that is there, but is not what it was."""
    pg.execute("CREATE TABLE t (a int, s text) USING iceberg")
    pg.execute("INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 100) i")
    pg.execute(f"SELECT lake.create_{kind}('t', 'kept')")
    pg.execute("TRUNCATE t")
    pg.execute("INSERT INTO t VALUES (1, 'x')")
    assert pg.execute("SELECT * FROM lake.verify('t')").fetchall() == []
    data = pg.execute("SELECT file_path FROM lake_iceberg.files((SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass))").fetchall()
    location = path_of(pg.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone()[0])
    kept = [file for file in location.parent.parent.glob("data/**/*.parquet") if f"file://{file}" not in {row[0] for row in data}]
    assert len(kept) == 1
    rows = pyarrow.parquet.read_table(kept[0])
    content = kept[0].read_bytes()
    kept[0].write_bytes(content[:40] + bytes([content[40] ^ 255]) + content[41:])
    found = pg.execute("SELECT severity, object, problem FROM lake.verify('t')").fetchall()
    kept[0].write_bytes(content)
    assert [(row[0], row[1]) for row in found] == [("error", f"file://{kept[0]}")], found
    kept[0].write_bytes(content[:-8] + bytes(8))
    found = pg.execute("SELECT severity, object, problem FROM lake.verify('t')").fetchall()
    assert [(row[0], row[1]) for row in found] == [("error", f"file://{kept[0]}")], found
    kept[0].write_bytes(content)
    assert rows.num_rows == 100 and pg.execute("SELECT * FROM lake.verify('t')").fetchall() == []


@pytest.mark.parametrize("column, transform", [(3, IdentityTransform()), (3, BucketTransform(16)), (2, TruncateTransform(2)), (4, DayTransform())], ids=str)
def test_rows_beside_their_partition(catalog, engine, column, transform):
    """Rule 60: deletes and pruning go by the entry's values; rows that have others are lost to them."""
    table = catalog.create_table("ns.parts", NUMBERS, partition_spec=PartitionSpec(PartitionField(column, 1000, transform, "p")))
    table.append(rows_of([1, 1, 1], 1))
    table.append(rows_of([5, 5], 3))
    assert verify(engine, table.metadata_location) == []
    entries = sorted(table.scan().plan_files(), key=lambda task: task.file.record_count)
    # rows like those of one partition under the values of the other
    writer = OtherWriter(table.metadata_location)
    moved = writer.parquet(rows_with_ids(rows_of([5, 5], 3)), 0, partition=(entries[1].file.partition[0],))
    writer.commit([moved])
    found = verify(engine, writer.location)
    said = [row for row in found if row[1] == moved.file_path]
    assert len(said) == 1 and said[0][0] == "error" and re.match(r'It has rows of partition "p=.*", its entry says "p=.*"\.', said[0][2]), found


def rows_with_ids(rows):
    return rows.cast(NUMBERS.as_arrow())


def test_equality_delete_files(catalog, engine):
    """Rule 62: keys are columns of the table and of the file, and no floats; the count of live rows takes them into account."""
    table = catalog.create_table("ns.numbers", NUMBERS)
    table.append(rows_of([*range(10)]))
    writer = OtherWriter(table.metadata_location)
    writer.commit([writer.equality_deletes({"id": [3, 4]}, ids=[1])])
    assert verify(engine, writer.location) == []
    for ids, values, message in [([99], {"id": [3]}, r"It deletes by field 99, which no schema of the table has\."),
                                 ([5], {"f": [1.5]}, r'It deletes by column "f" of type double, which cannot be a key\.'),
                                 ([7], {"id": [1]}, r'It deletes by column "element" of type long, which cannot be a key\.'),
                                 ([1, 2], {"id": [3]}, r'It lacks column "name" \(field 2\), by which it deletes\.'),
                                 ([], {"id": [3]}, r"Its entry names no columns by which it deletes\.")]:
        broken = OtherWriter(table.metadata_location)
        deletes = broken.equality_deletes(values, ids=ids)
        broken.commit([deletes])
        found = verify(engine, broken.location)
        assert [row[:2] for row in found if row[1] == deletes.file_path] == [("error", deletes.file_path)], (ids, found)
        assert re.match(message, [row[2] for row in found if row[1] == deletes.file_path][0]), found


@pytest.mark.no_readers  # PyIceberg does not read equality deletes
def test_live_rows_beside_equality_deletes(pg, our_catalog, schema_name):
    """The count that our commits leave for the planner."""
    pg.execute("CREATE TABLE t (id bigint, name text) USING iceberg")
    pg.execute("INSERT INTO t SELECT i, 'n' || i FROM generate_series(0, 9) i")
    place = "SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass"
    before = pg.execute(place).fetchone()[0]
    writer = OtherWriter(before)
    writer.commit([writer.equality_deletes({"id": [3, 4]}, ids=[1])])
    pg.execute("UPDATE iceberg_tables SET metadata_location = %s, previous_metadata_location = %s WHERE catalog_name = current_database() "
               "AND table_namespace = current_schema() AND table_name = 't'", [writer.location, before])
    pg.execute("SET pg_lake_table.copy_on_write_threshold = 100")
    pg.execute("DELETE FROM t WHERE id = 7")
    assert pg.execute("SELECT count(*) FROM t").fetchone() == (7,)
    assert pg.execute("SELECT * FROM lake.verify('t')").fetchall() == []
    location = path_of(pg.execute(place).fetchone()[0])
    document = json.loads(location.read_text())
    (summary,) = [snapshot["summary"] for snapshot in document["snapshots"] if snapshot["snapshot-id"] == document["current-snapshot-id"]]
    content, found = location.read_bytes(), {}
    for count in ("7", "9"):
        summary["pg-lake.live-records"] = count
        location.write_text(json.dumps(document))
        found[count] = [row[0] for row in pg.execute("SELECT problem FROM lake.verify('t')")]
    location.write_bytes(content)
    assert found == {"7": [], "9": ["Its summary says pg-lake.live-records 9, but 7 rows are not deleted."]}
