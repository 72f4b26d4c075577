"""lake_verify: silent about tables that are well, and one clear row for each kind of damage."""

import json
import re
import shutil
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import ManifestContent, ManifestWriterV2, write_manifest_list


def verify(table):
    return table.engine.execute("SELECT severity, object, problem FROM lake_verify(%s)", [table.base]).fetchall()


def expect(table, *problems):
    """Exactly these: (severity, end of the object's name, pattern of the sentence)."""
    found = verify(table)
    assert len(found) == len(problems), found
    for severity, name, pattern in problems:
        assert any(row[0] == severity and row[1].endswith(name) and re.search(pattern, row[2]) for row in found), (
            severity, name, pattern, found)


def local(location):
    return location.removeprefix("file://")


def files(table, content="DATA"):
    return [row[0] for row in table.engine.execute(
        "SELECT file_path FROM lake_files(%s) WHERE content = %s ORDER BY 1", [table.base, content])]


def change_metadata(table, change):
    """The metadata file with a change to its JSON, in place."""
    path = local(table.base)
    with open(path) as file:
        document = json.load(file)
    change(document)
    with open(path, "w") as file:
        json.dump(document, file)


class DeletesWriter(ManifestWriterV2):
    """PyIceberg's writer makes data manifests only."""

    def content(self):
        return ManifestContent.DELETES

    @property
    def _meta(self):
        return {**super()._meta, "content": "deletes"}


# Positions in PyIceberg's records: of a file (data_file) and of a line of the manifest list (manifest_file).
RECORD_COUNT, FILE_SIZE, NULL_COUNTS, LOWER, UPPER = 4, 5, 8, 10, 11
LENGTH, MIN_SEQUENCE_NUMBER, ADDED_FILES, COUNTS = 1, 5, 7, range(7, 13)


def rewrite(table, entries=None, line=None, content=ManifestContent.DATA):
    """The current snapshot's manifests of a kind with a change to their entries, and to their lines in the list. Lengths
    and counts follow the entries, so that what was changed alone is wrong."""
    static, io = table.static(), PyArrowFileIO()
    snapshot = static.current_snapshot()
    lines = snapshot.manifests(io)
    for old in lines:
        if old.content != content:
            continue
        found = old.fetch_manifest_entry(io, discard_deleted=False)
        if entries:
            entries(found)
        kind = ManifestWriterV2 if content == ManifestContent.DATA else DeletesWriter
        with kind(static.spec(), static.schema(), io.new_output(old.manifest_path), old.added_snapshot_id,
                  "null") as writer:
            for entry in found:
                writer.add_entry(entry)
        new = writer.to_manifest_file()
        for position in [LENGTH, *COUNTS]:
            old._data[position] = new._data[position]
        if line:
            line(old)
    with write_manifest_list(2, io.new_output(snapshot.manifest_list), snapshot.snapshot_id,
                             snapshot.parent_snapshot_id, snapshot.sequence_number, "null") as writer:
        writer.add_manifests(lines)


def of_file(path, change):
    """Entries with a change to the record of one file."""
    def apply(entries):
        for entry in entries:
            if entry.data_file.file_path == path:
                change(entry.data_file._data)
    return apply


def rows(start, stop):
    return [(i, f"v{i}", i / 2) for i in range(start, stop)]


@pytest.fixture
def table(lake):
    """Two data files of 10 rows; rows 3 and 4 deleted."""
    made = lake({"a": "int", "s": "string", "f": "double"})
    made.append(rows(0, 10))
    made.append(rows(10, 20))
    made.commit_deletes(made.delete("WHERE a IN (3, 4)"))
    return made


def test_a_healthy_table_gives_no_rows(lake, table):
    expect(table)
    table.commit_deletes(table.delete("WHERE a < 12"))
    table.append([(None, None, None), (5, "long " * 50, float("nan")), (6, "", -0.0)])
    table.append([])
    expect(table)
    table.commit("truncate")
    expect(table)
    table.append(rows(0, 3))
    expect(table)
    plain = lake({"a": "int"}, {"write.metadata.metrics.default": "none"})
    plain.append([(1,), (None,)])
    expect(plain)


def test_every_type(lake):
    from datetime import date, datetime, time, timezone
    from decimal import Decimal
    from uuid import UUID
    types = {"b": "boolean", "i": "int", "l": "long", "r": "float", "d": "double", "n": "decimal(30, 4)",
             "m": "decimal(9, 2)", "day": "date", "t": "time", "ts": "timestamp", "tz": "timestamptz", "s": "string",
             "x": "binary", "u": "uuid", "A": "int", "a": "string"}
    made = lake(types)
    values = [(True, 1, 1 << 40, 1.5, -0.0, Decimal("-1.5"), Decimal("12.25"), date(1950, 1, 1), time(1, 2, 3),
               datetime(1960, 1, 1), datetime(2020, 1, 1, tzinfo=timezone.utc), "é" * 40, b"\xff" * 40,
               UUID("f79c3e09-677c-4bbd-a479-3f349cb785e7"), 7, "upper"),
              (False, -1, -5, float("nan"), 0.0, Decimal("99999999999999999999999999.9999"), Decimal("-0.01"),
               date(2050, 1, 1), time(23, 59), datetime(2100, 1, 1), datetime(1900, 1, 1, tzinfo=timezone.utc), "a",
               b"", UUID("00000000-0000-0000-0000-000000000001"), -7, "lower")]
    made.append([*values, (None,) * len(types)])
    expect(made)


def test_files_that_are_missing_or_cut(table):
    first, second = (local(path) for path in files(table))
    with open(first, "rb") as file:
        bytes_of_it = file.read()
    with open(first, "wb") as file:
        file.write(bytes_of_it[:-10])
    shutil.move(second, second + ".away")
    expect(table, ("error", first, rf"It has {len(bytes_of_it) - 10} bytes, its entry says {len(bytes_of_it)}\."),
           ("error", second, r"The snapshot needs it, but it does not exist\."))
    with open(first, "wb") as file:
        file.write(bytes_of_it[:-8] + bytes(8))
    shutil.move(second + ".away", second)
    expect(table, ("error", first, "It cannot be read: "))


def test_manifests_and_lists_that_are_missing(table):
    snapshot = table.static().current_snapshot()
    manifest = local(snapshot.manifests(PyArrowFileIO())[0].manifest_path)
    shutil.move(manifest, manifest + ".away")
    expect(table, ("error", manifest, "It cannot be read: .*No such file"))
    shutil.move(manifest + ".away", manifest)
    with open(manifest, "ab") as file:
        file.write(b"x")
    assert {row[1] for row in verify(table)} == {"file://" + manifest}
    shutil.move(local(snapshot.manifest_list), local(snapshot.manifest_list) + ".away")
    expect(table, ("error", local(snapshot.manifest_list), "The manifest list of snapshot .* cannot be read"))
    shutil.move(local(table.base), local(table.base) + ".away")
    expect(table, ("error", table.base, "It cannot be read: "))


def test_metadata_that_contradicts_itself(table):
    def break_totals(document):
        summary = document["snapshots"][-1]["summary"]
        summary["total-records"], summary["total-files-size"] = "21", "1"
        summary["pg-lake.live-records"] = "17"
    change_metadata(table, break_totals)
    snapshot = str(table.static().current_snapshot().snapshot_id)
    expect(table, ("error", snapshot, "summary says total-records 21, its manifests add up to 20"),
           ("error", snapshot, "summary says total-files-size 1, its manifests add up to"),
           ("error", snapshot, "summary says pg-lake.live-records 17, but 18 rows are not deleted"))


def test_ids_below_those_in_use_and_broken_references(table):
    def change(document):
        document["last-column-id"] = 2
        document["refs"]["old"] = {"snapshot-id": 5, "type": "tag"}
        document["snapshot-log"].insert(0, {"snapshot-id": 6, "timestamp-ms": 1})
        document["snapshots"][0]["schema-id"] = 9
        document["snapshots"][1]["sequence-number"] = 1
    change_metadata(table, change)
    first, second = (str(snapshot.snapshot_id) for snapshot in table.static().metadata.snapshots[:2])
    expect(table, ("error", table.base, r"last-column-id is 2, but id 3 is in use\."),
           ("error", "reference old", "snapshot 5, which does not exist"),
           ("error", "snapshot log", "snapshot 6, which does not exist"),
           ("error", first, "schema 9, which the table does not have"),
           ("error", second, f"sequence number 1, which is also that of snapshot {first}"),
           ("error", second, f"sequence number 1, but that of its parent {first} is 1"))


def test_metadata_that_cannot_be_read(table):
    change_metadata(table, lambda document: document.update({"current-snapshot-id": 5}))
    expect(table, ("error", table.base, "current snapshot 5 is not among the snapshots"))


def test_older_snapshots_need_their_files(table):
    gone = local(table.static().metadata.snapshots[0].manifest_list)
    shutil.move(gone, gone + ".away")
    log = local(table.static().metadata.metadata_log[0].metadata_file)
    shutil.move(log, log + ".away")
    found = verify(table)
    assert ("warning", "file://" + log, "The metadata log names it, but it does not exist.") in found
    assert ("error", "file://" + gone) in [row[:2] for row in found] and len(found) == 2


def file_with(table, value):
    """The data file that holds a value of column a."""
    return next(path for path in files(table) if value in parquet.read_table(local(path))["a"].to_pylist())


def test_entries_that_say_other_than_the_data(table):
    first = file_with(table, 0)
    rewrite(table)
    expect(table)

    def change(record):
        record[LOWER] = {**dict(record[LOWER]), 1: (4).to_bytes(4, "little")}
        record[UPPER] = {**dict(record[UPPER]), 2: b"v5"}
        record[NULL_COUNTS] = {**dict(record[NULL_COUNTS]), 3: 1}
    rewrite(table, of_file(first, change))
    expect(table, ("error", first, r'Column "a" has value 0, below its lower bound 4\.'),
           ("error", first, r'Column "f" has 0 nulls, its entry says 1\.'),
           ("error", first, r'Column "s" has value v9, above its upper bound v5\.'))


def test_wrong_record_count(table):
    first, snapshot = file_with(table, 0), str(table.static().current_snapshot().snapshot_id)
    rewrite(table, of_file(first, lambda record: record.__setitem__(RECORD_COUNT, 11)))
    expect(table, ("error", first, r"It has 10 rows, its entry says 11\."),
           ("error", snapshot, "summary says total-records 20, its manifests add up to 21"),
           ("error", snapshot, "summary says pg-lake.live-records 18, but 19 rows are not deleted"))


def test_bounds_that_are_none(table):
    first = file_with(table, 0)
    rewrite(table, of_file(first, lambda record: record.__setitem__(LOWER, {1: b"xyz", 99: b"x"})))
    expect(table, ("error", first, "The lower bound of column 1 is no int"),
           ("warning", first, r"It has bounds \(lower\) of column 99, which no schema has"))


def test_a_file_that_is_live_twice(table):
    first, snapshot = file_with(table, 0), str(table.static().current_snapshot().snapshot_id)

    def change(entries):
        entries += [entry for entry in entries if entry.data_file.file_path == first]
    rewrite(table, change)
    found = verify(table)
    assert [row[2][:28] for row in found if row[1] == first] == ["It is live more than once: i"]
    assert all(row[1] in (first, f"snapshot {snapshot}") for row in found), "and the totals"


def test_lines_of_the_manifest_list(table):
    def change(line):
        line._data[ADDED_FILES] += 5
        line._data[MIN_SEQUENCE_NUMBER] = 7
    manifests = [manifest for manifest in table.static().current_snapshot().manifests(PyArrowFileIO())
                 if manifest.content == ManifestContent.DATA]
    rewrite(table, line=change)
    expect(table, *[("error", manifest.manifest_path, pattern) for manifest in manifests for pattern in (
        r"The manifest list says added files: \d, the manifest has \d\.",
        r"The manifest list says min sequence number 7, but an entry has \d\.")])


POS = 2147483545  # the column's field id


def write_deletes(table, lines, bounds=None):
    """Other lines for the table's one position delete file, with an entry of their size, count and (or other) bounds."""
    [location] = files(table, "POSITION_DELETES")
    schema = pa.schema([pa.field("file_path", pa.string(), False, {"PARQUET:field_id": "2147483546"}),
                        pa.field("pos", pa.int64(), False, {"PARQUET:field_id": "2147483545"})])
    parquet.write_table(pa.table([list(column) for column in zip(*lines)], schema=schema), local(location))

    def change(record):
        record[FILE_SIZE], record[RECORD_COUNT] = Path(local(location)).stat().st_size, len(lines)
        positions = bounds or [line[1] for line in lines]
        for kept, bound in ((LOWER, min(positions)), (UPPER, max(positions))):
            record[kept] = {**dict(record[kept]), POS: bound.to_bytes(8, "little", signed=True)}
    rewrite(table, of_file(location, change), content=ManifestContent.DELETES)

    def change_totals(document):  # then they are right, too
        document["snapshots"][-1]["summary"].pop("total-files-size")
        document["snapshots"][-1]["summary"].pop("total-position-deletes")
        document["snapshots"][-1]["summary"].pop("pg-lake.live-records")
    change_metadata(table, change_totals)
    return location


@pytest.mark.parametrize("positions, severity, pattern", [
    ([3, 10], "error", r"It deletes row 10 of \".*\", which has 10 rows"),
    ([-1, 3], "error", r"It deletes row -1 of"),
    ([4, 3], "error", r"It is not sorted by file and row: row 3 comes after row 4"),
    ([3, 3], "warning", r"It names row 3 of \".*\" twice"),
])
def test_positions(table, positions, severity, pattern):
    location = write_deletes(table, [(file_with(table, 0), position) for position in positions])
    expect(table, (severity, location, pattern))


def test_bounds_of_positions(table):
    location = write_deletes(table, [(file_with(table, 0), 3), (file_with(table, 0), 4)], bounds=[4, 4])
    expect(table, ("error", location, r"It deletes row 3, which the bounds of pos in its entry exclude\."))


def test_deletes_of_files_that_are_gone(table):
    location = write_deletes(table, [("file:///nowhere.parquet", 1), ("file:///nowhere.parquet", 2)])
    found = [row for row in verify(table) if row[0] == "error"]
    assert [row[1] for row in found] == [location]
    assert "which the bounds of file_path in its entry exclude" in found[0][2]
    assert any(row[0] == "warning" and "which is no live data file" in row[2] for row in verify(table))


def test_a_table_of_pyiceberg(catalog, engine):
    made = catalog.create_table("ns.t", schema=pa.schema([("a", pa.int64()), ("s", pa.string())]))
    made.append(pa.table({"a": [1, 2, None], "s": ["x" * 40, None, "b"]}))
    made.append(pa.table({"a": [5], "s": ["y"]}))
    made.delete("a = 2")
    assert engine.execute("SELECT * FROM lake_verify(%s)", [made.metadata_location]).fetchall() == []


# -- lake.verify ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["real", "float8"])
def test_floats_that_are_all_null(pg, kind):
    pg.execute(f"CREATE TABLE t (a int, f {kind}) USING iceberg")
    pg.execute("INSERT INTO t (a) VALUES (1), (2)")
    pg.execute("INSERT INTO t VALUES (3, 'NaN'), (4, NULL), (5, '-0')")
    assert pg.execute("SELECT * FROM lake.verify('t')").fetchall() == []


def test_what_postgresql_writes(pg, home):
    pg.execute("CREATE TABLE t (id int, s text, n numeric(20, 3), at timestamptz, span interval) USING iceberg")

    def check(statement, leaves_deletes=False):
        pg.execute(statement)
        if leaves_deletes:  # a delete file about several data files outlives them, which does no harm
            found = pg.execute("SELECT * FROM lake.verify('t')").fetchall()
            assert found and all(row[0] == "warning" and "is no live data file" in row[2] for row in found), found
            return
        assert pg.execute("SELECT * FROM lake.verify('t')").fetchall() == [], statement
        [location] = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_name = 't' "
                                "AND table_namespace = current_schema()").fetchone()
        with home.engine() as engine:
            assert engine.execute("SELECT * FROM lake_verify(%s)", [location]).fetchall() == [], statement

    check("INSERT INTO t SELECT i, 'row ' || i, i / 7.0, now(), make_interval(days => i) FROM generate_series(1, 1000) i")
    check("UPDATE t SET s = repeat('x', 50) WHERE id % 10 = 0")
    check("DELETE FROM t WHERE id BETWEEN 100 AND 120")
    check("MERGE INTO t USING (VALUES (5), (6), (5000)) v(id) ON t.id = v.id WHEN MATCHED AND t.id = 5 THEN DELETE "
          "WHEN MATCHED THEN UPDATE SET s = NULL WHEN NOT MATCHED THEN INSERT (id) VALUES (v.id)")
    check("ALTER TABLE t ADD COLUMN extra bigint")
    check("INSERT INTO t (id, extra) VALUES (1, 2)")
    check("ALTER TABLE t ALTER COLUMN id TYPE bigint")
    check("ALTER TABLE t DROP COLUMN n")
    check("UPDATE t SET extra = 1", leaves_deletes=True)
    check("DELETE FROM t", leaves_deletes=True)
    check("TRUNCATE t")
    check("INSERT INTO t (id) VALUES (1)")


def test_a_broken_table_through_postgresql(pg):
    pg.execute("CREATE TABLE t USING iceberg AS SELECT 1 AS a")
    [location] = pg.execute("SELECT f.file_path FROM iceberg_tables t, lake_iceberg.files(t.metadata_location) f "
                            "WHERE t.table_name = 't' AND t.table_namespace = current_schema()").fetchone()
    shutil.move(local(location), local(location) + ".away")
    assert pg.execute("SELECT * FROM lake.verify('t')").fetchall() == [
        ("error", location, "The snapshot needs it, but it does not exist.")]
    shutil.move(local(location) + ".away", local(location))


def test_who_may_verify_what(pg):
    pg.execute("CREATE TABLE heap (a int)")
    pg.execute("CREATE TABLE t (a int) USING iceberg")
    for name, message in (("heap", "is not an Iceberg table"), ("pg_class", "is not an Iceberg table")):
        with pytest.raises(psycopg.errors.WrongObjectType, match=message):
            pg.execute("SELECT * FROM lake.verify(%s)", [name])
    assert pg.execute("SELECT * FROM lake.verify(NULL)").fetchall() == []
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="in the transaction that created it"):
        with pg.transaction():
            pg.execute("CREATE TABLE new (a int) USING iceberg")
            pg.execute("SELECT * FROM lake.verify('new')")
    pg.execute("DROP ROLE IF EXISTS lake_verifier")
    pg.execute("CREATE ROLE lake_verifier")
    pg.execute("DO $$ BEGIN EXECUTE 'GRANT USAGE ON SCHEMA ' || current_schema() || ' TO lake_verifier'; END $$")
    pg.execute("SET ROLE lake_verifier")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table t"):
        pg.execute("SELECT * FROM lake.verify('t')")
    pg.execute("RESET ROLE")
    pg.execute("GRANT SELECT ON t TO lake_verifier")
    pg.execute("SET ROLE lake_verifier")
    assert pg.execute("SELECT * FROM lake.verify('t')").fetchall() == []
    pg.execute("RESET ROLE")
    pg.execute("DROP OWNED BY lake_verifier; DROP ROLE lake_verifier")


def test_what_is_no_matter_of_the_table_is_an_error(engine):
    assert engine.execute("SELECT * FROM lake_verify('nowhere')").fetchall() == [
        ("error", "nowhere", 'It cannot be read: unsupported URL "nowhere".')]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for local path"):
        engine.execute("SELECT * FROM lake_verify('file:///etc/passwd')")
