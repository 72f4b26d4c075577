"""Tables of which one file was damaged at random: their rows are right, or an error names the file, or lake.verify tells what is wrong; the
backend and the server live on.

    LAKE_HOSTILE_RUNS=5000 ./lake test tests/interop/test_hostile_files.py     many more of them
    LAKE_HOSTILE_SEED=17 ./lake test tests/interop/test_hostile_files.py       one again, as a failure names it

A damaged table is a copy in a folder of its own, because the server keeps what it has read under its name: names of folders are all of one
length, and stand uncompressed in every file, so that a copy is a replacement of bytes.
"""

import json
import os
import random
import re
import struct
import uuid
from pathlib import Path

import duckdb
import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from lake_harness.other_writer import OtherWriter
from pyiceberg.manifest import DataFileContent
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField, StringType

RUNS = int(os.environ.get("LAKE_HOSTILE_RUNS", "400"))
SEED = os.environ.get("LAKE_HOSTILE_SEED")
COLUMNS = Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "name", StringType(), required=False))
EDGES = [b"-1", b"0", b"1", b"2147483648", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"1e999", b"null", b'"x"', b"{}", b"[]"]
FIRST = "00000"


def sound_table(catalog, version):
    """Four data files, and of each kind of deletes that the version has one file."""
    place = Path(catalog.properties["warehouse"].removeprefix("file://"))
    writer = OtherWriter(catalog.create_table("ns.t", COLUMNS, location=f"file://{place}/{FIRST}", properties={"format-version": "2"}).metadata_location)
    if version == 3:
        writer.rewrite(format_version=3, next_row_id=0)
    schema = pyarrow.schema([pyarrow.field("id", pyarrow.int64(), metadata={"PARQUET:field_id": "1"}),
                             pyarrow.field("name", pyarrow.string(), metadata={"PARQUET:field_id": "2"})])
    for first in (0, 10, 20, 30):
        rows = pyarrow.table([list(range(first, first + 10)), [f"name {i}" for i in range(first, first + 10)]], schema=schema)
        writer.commit([writer.parquet(rows, DataFileContent.DATA)], codec="null")
    files = writer.data_files()
    if version == 2:
        writer.commit([writer.position_deletes(sorted((file.file_path, 3) for file in files), compression="none")], codec="null")
    else:
        writer.commit(writer.deletion_vectors({file: [3] for file in files}), codec="null")
    writer.commit([writer.equality_deletes({"id": [25]}, ids=[1])], codec="null")
    return writer, [(i, f"name {i}") for i in range(40) if i % 10 != 3 and i != 25]


def kinds_of(writer):
    """{kind: files}; all but old metadata."""
    entries = [entry.data_file for manifest in writer.table.current_snapshot().manifests(writer.io)
               for entry in manifest.fetch_manifest_entry(writer.io)]
    kinds = {"metadata": [writer.location], "list": [writer.table.current_snapshot().manifest_list],
             "manifest": [manifest.manifest_path for manifest in writer.table.current_snapshot().manifests(writer.io)]}
    for file in entries:
        kind = "puffin" if file.file_path.endswith(".puffin") else DataFileContent(file.content).name.lower()
        kinds.setdefault(kind, []).append(file.file_path)
    return {kind: sorted({Path(path.removeprefix("file://")) for path in paths}) for kind, paths in kinds.items()}


def damaged(data, kind, others, chance):
    """Bytes with one to three changes. Of data and delete files in Parquet only the footer: pages have no checksums."""
    begin = len(data) - 8 - struct.unpack("<I", data[-8:-4])[0] if data.endswith(b"PAR1") else 0
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(begin, max(len(data), begin + 1))
        length = chance.randint(1, 16)
        match chance.randrange(8 if kind == "metadata" else 7):
            case 0: data = data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:] if at < len(data) else data
            case 1: data = data[:at] + bytes([chance.choice([0, 1, 2, 127, 128, 254, 255])]) + data[at + 1:]
            case 2: data = data[:at]
            case 3: data = data[:at] + data[at + length:]
            case 4: data = data[:at] + data[begin:][:length] + data[at:]
            case 5:
                other = chance.choice(others)
                start = chance.randrange(len(other))
                data = data[:at] + other[start:start + length * 4] + data[at + length * 4:]
            case 6: data = data[:at] + bytes(length) + data[at + length:]
            case 7:
                numbers = list(re.finditer(rb"(?<=: )-?\d+", data))
                if numbers:
                    number = chance.choice(numbers)
                    data = data[:number.start()] + chance.choice(EDGES) + data[number.end():]
    return data


def copy_damaged(writer, kinds, number, chance):
    """A copy in which one file is damaged: (location of its metadata, the kind of the file, its name)."""
    first = writer.path.parent.parent
    place = first.with_name(f"{number:05}")
    kind = chance.choice(sorted(kinds))
    victim = chance.choice(kinds[kind])
    for file in [file for files in kinds.values() for file in files]:
        data = file.read_bytes().replace(f"/{FIRST}/".encode(), f"/{place.name}/".encode())
        if file == victim:
            data = damaged(data, kind, [other.read_bytes() for other in kinds[chance.choice(sorted(kinds))]], chance)
        copy = place / file.relative_to(first)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(data)
    return writer.location.replace(f"/{FIRST}/", f"/{place.name}/"), kind, f"/{place.name}/", victim.name


def judge(error, place):
    """What is wrong with an error; None where it is one that a user can use."""
    if error.sqlstate is None or error.sqlstate.startswith("XX0") and error.sqlstate != "XX001":
        return f"an error without a sense: {error.sqlstate} {error}"
    names = place in str(error) or "local path" in str(error)  # one that is nobody's, in a path that was damaged
    return None if names else f"an error that names no file: {error.sqlstate} {error}"


def outcome(pg, begin, right, place):
    """What is wrong with what PostgreSQL makes of table t, which the statement `begin` makes or fills, None where nothing is; and what became
    of it, for the summary. Files that an error is about have `place` in their name."""
    try:
        pg.execute(*begin)
    except psycopg.Error as error:
        return judge(error, place), "refused"
    try:
        found = [row for row in pg.execute("SELECT severity, object, problem FROM lake.verify('t')") if row[0] == "error"]
        rows = pg.execute("SELECT * FROM t ORDER BY 1").fetchall()
    except psycopg.Error as error:
        return judge(error, place), "error"
    if rows == right:
        return None, "right"
    return (None, "told by lake.verify") if found else (f"wrong rows, and lake.verify is silent: {rows}", "wrong")


def outcome_of_table(pg, location, right):
    try:
        return outcome(pg, ("SELECT lake.register('t', %s)", [location]), right, re.search(r"/\d{5}/", location)[0])
    finally:
        pg.execute("DROP TABLE IF EXISTS t")


def summary(counts):
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))


def numbers():
    return [int(SEED)] if SEED else range(1, RUNS + 1)


@pytest.mark.no_readers
@pytest.mark.parametrize("version", [2, 3])
def test_damaged_files(pg, engine, catalog, figures, version):
    writer, right = sound_table(catalog, version)
    kinds = kinds_of(writer)
    backend, server = pg.info.backend_pid, engine.info.backend_pid
    assert outcome_of_table(pg, writer.location, right) == (None, "right")
    counts, faults = {}, []
    for number in numbers():
        location, kind, place, name = copy_damaged(writer, kinds, number, random.Random(number * 10 + version))
        fault, what = outcome_of_table(pg, location, right)
        counts[what] = counts.get(what, 0) + 1
        if fault:
            faults.append(f"LAKE_HOSTILE_SEED={number}, version {version}, {kind} {place}{name}: {fault}")
    figures(summary(counts))
    assert not faults, "\n".join(faults)
    assert (pg.execute("SELECT pg_backend_pid()").fetchone()[0], engine.execute("SELECT 1").fetchone()) == (backend, (1,))
    assert engine.info.backend_pid == server


def lie(writer, change):
    """The table's metadata with a change, under a name of its own."""
    metadata = json.loads(writer.path.read_text())
    change(metadata)
    path = writer.path.with_name(f"00099-{uuid.uuid4()}.metadata.json")
    path.write_text(json.dumps(metadata))
    return f"file://{path}"


@pytest.mark.no_readers
@pytest.mark.parametrize("message, change", [
    ("unsupported iceberg format version 4", lambda m: m.update({"format-version": 4})),
    ("snapshot-id", lambda m: m["snapshots"][0].update({"snapshot-id": 2**63})),
    ("snapshot .* is there more than once", lambda m: m["snapshots"].append(m["snapshots"][0])),
    ("sequence number", lambda m: m["snapshots"][-1].update({"sequence-number": 99})),
    ("next-row-id|row id", lambda m: m.update({"format-version": 3, "next-row-id": 2**63})),
    ("field id|id 1", lambda m: m["schemas"][0]["fields"].append({"id": 1, "name": "again", "type": "int", "required": False})),
    ("gone-.*No such file", lambda m: m["snapshots"][-1].update({"manifest-list": m["snapshots"][-1]["manifest-list"].replace("snap-", "gone-")})),
    ("that of its parent", lambda m: m["snapshots"][0].update({"parent-snapshot-id": m["snapshots"][-1]["snapshot-id"]})),  # a circle
    ("denied", lambda m: m["snapshots"][-1].update({"manifest-list": "file:///etc/passwd"})),
])
def test_lies_are_refused(pg, catalog, message, change):
    """Rule 32, ids of 2^63, circles, what is there twice, and names of what is nobody's."""
    writer, _ = sound_table(catalog, 2)
    with pytest.raises(psycopg.Error, match=message) as failure:
        pg.execute("SELECT lake.register('t', %s)", [lie(writer, change)])
        pg.execute("SELECT * FROM t")
    assert failure.value.sqlstate not in (None, "XX000")


def reads_alike(pg, file):
    """Whether another reader finds the rows that we find: a footer may lead to other pages of its file."""
    try:
        theirs = duckdb.read_parquet(str(file)).fetchall()
    except duckdb.Error:
        return False
    return sorted(theirs, key=repr) == sorted(pg.execute("SELECT * FROM t").fetchall(), key=repr)


@pytest.mark.no_readers
def test_damaged_footers_are_not_taken(pg, catalog, figures):
    """Files for lake.add_files, whose counts and bounds come from the footer."""
    place = Path(catalog.properties["warehouse"].removeprefix("file://"))
    sound = place / "sound.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"id": range(50), "name": [f"n{i}" for i in range(50)]}), sound, row_group_size=20)
    right = [(i, f"n{i}") for i in range(50)]
    pg.execute("CREATE TABLE t (id bigint NOT NULL, name text) USING iceberg")
    counts, faults = {}, []
    for number in [0, *numbers()]:
        file = place / f"{number:05}.parquet"
        data = sound.read_bytes()
        file.write_bytes(damaged(data, "data", [data], random.Random(number)) if number else data)
        fault, what = outcome(pg, ("SELECT lake.add_files('t', %s)", [f"file://{file}"]), right, f"/{file.name}")
        if what == "wrong" and reads_alike(pg, file):
            fault, what = None, "other rows, which the file has"
        pg.execute("TRUNCATE t")
        assert number or (fault, what) == (None, "right")
        counts[what] = counts.get(what, 0) + 1
        if fault:
            faults.append(f"LAKE_HOSTILE_SEED={number}, {file.name}: {fault}")
    figures(summary(counts))
    assert not faults, "\n".join(faults)
