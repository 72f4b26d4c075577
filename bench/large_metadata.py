"""Tables of very many data files and very many snapshots: what commits, planning and loading cost.

The files are made here, as another engine would have written them: a Parquet file of one row for each partition, linked under as many
names as there are to be data files of it.
"""

import copy
import os
import re
import time
import uuid
from pathlib import Path

import pyarrow
import pyarrow.parquet
from pyiceberg.conversions import to_bytes
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import DataFileContent, FileFormat
from pyiceberg.table import StaticTable
from pyiceberg.typedef import Record
from pyiceberg.types import IntegerType, LongType

from bulk_writes import private_memory
from deleted_rows import make_readable, swap
from figures import Figure, Samples, alternate, ratio, timed
from java_iceberg import JavaIceberg
from tests.lake_harness.other_writer import OtherWriter

PARTITIONS = 1000
ONE_PARTITION = "SELECT count(*), sum(v) FROM bench.{} WHERE p = %s"


def bench_large_metadata(context):
    pg, many = context.pg, context.sizes["data_files"]
    make_table(pg, "few", 100)
    written = make_table(pg, "many", many)
    yield commits(context, many)
    yield from planning(context, many)
    yield parsing(context, many, written)
    yield from snapshots(context)


def make_table(pg, name, files):
    """A table of so many data files of one row each; (partition p of 1,000, v). A manifest for each 1,000 files, by partition."""
    pg.execute(f"CREATE TABLE bench.{name} (p int, v bigint) USING iceberg WITH (partition_by = 'p')")
    pg.execute(f"INSERT INTO bench.{name} VALUES (0, 0)")
    old, = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = 'bench' AND table_name = %s", [name]).fetchone()
    writer = OtherWriter(old)
    ids = {field.name: field.field_id for field in writer.table.schema().fields}
    each = max(1, files // PARTITIONS)
    entries = [entry for partition in range(min(files, PARTITIONS)) for entry in files_of(writer, ids, partition, each)]
    for begin in range(0, len(entries), 1000):
        writer.commit(entries[begin:begin + 1000], summary=totals_with(writer, entries[begin:begin + 1000]))
    swap(pg, name, old, writer.location)
    assert pg.execute(f"SELECT count(*) FROM bench.{name}").fetchone() == (files + 1,)
    return writer


def totals_with(writer, files):
    """What engines write into the summary: who misses these counts has to read all manifests for every commit."""
    before = writer.table.current_snapshot().summary
    return {"total-delete-files": "0", "total-position-deletes": "0", "total-equality-deletes": "0",
            "total-data-files": str(int(before["total-data-files"]) + len(files)),
            "total-records": str(int(before["total-records"]) + sum(file.record_count for file in files)),
            "total-files-size": str(int(before["total-files-size"]) + sum(file.file_size_in_bytes for file in files))}


def files_of(writer, ids, partition, count):
    schema = pyarrow.schema([pyarrow.field("p", pyarrow.int32(), metadata={b"PARQUET:field_id": str(ids["p"]).encode()}),
                             pyarrow.field("v", pyarrow.int64(), metadata={b"PARQUET:field_id": str(ids["v"]).encode()})])
    first = writer.new_path(".parquet")
    pyarrow.parquet.write_table(pyarrow.table([[partition], [partition]], schema=schema), first)
    bound = {ids["p"]: to_bytes(IntegerType(), partition), ids["v"]: to_bytes(LongType(), partition)}
    for number in range(count):
        path = first if number == 0 else writer.new_path(".parquet")
        if number > 0:
            os.link(first, path)
        file = writer.entry(content=DataFileContent.DATA, file_path=f"file://{path}", file_format=FileFormat.PARQUET, partition=Record(partition),
                            record_count=1, file_size_in_bytes=os.path.getsize(first), value_counts={id: 1 for id in ids.values()},
                            null_value_counts={id: 0 for id in ids.values()}, lower_bounds=bound, upper_bounds=bound)
        file.spec_id = writer.metadata["default-spec-id"]
        yield file


def commits(context, many):
    pg = context.pg
    samples = alternate(context.sizes["metadata_rounds"], {
        name: lambda number, name=name: timed(lambda: pg.execute(f"INSERT INTO bench.{name} VALUES ({number % PARTITIONS}, -1)")) for name in ("few", "many")})
    ours, small = samples["many"].p50, samples["few"].p50
    return Figure(f"INSERT of one row into a table of {many:,} data files", f"{ours * 1000:.1f} ms", f"of 100 {small * 1000:.1f} ms", ratio(ours, small),
                  "within 1.5", ours <= 1.5 * small)


def planning(context, many):
    """EXPLAIN ANALYZE would add its own: the query reads the one row of each of the partition's files, so it is measured beside the small table's, where the
    same partition has one file."""
    context.restart()
    pg = context.pg
    before = private_memory(context.server_pid())
    first = timed(lambda: pg.execute(ONE_PARTITION.format("many") + " AND v < -1", [7]).fetchall())
    grown = private_memory(context.server_pid()) - before
    samples = Samples()
    for number in range(context.sizes["metadata_rounds"]):
        with samples.timed():  # no file of the partition has such a value: all of it is planning
            pg.execute(ONE_PARTITION.format("many") + " AND v < -1", [number % PARTITIONS]).fetchall()
    yield Figure(f"planning a query of one partition of {PARTITIONS:,}, {many:,} data files", f"{samples.p50 * 1000:.1f} ms", "", "", "20 ms", samples.p50 <= 0.020,
                 [f"the first one after a restart: {first * 1000:.1f} ms"])
    yield Figure(f"memory of the server for it, {many:,} data files", f"{grown / 2**20:.0f} MB", "", "", "50 MB", grown <= 50 * 2**20)


def parsing(context, many, writer):
    """All manifests of the table, by us (with the rows of lake_iceberg.files, one for each file), by PyIceberg and by Java."""
    pg = context.pg
    io = PyArrowFileIO()
    manifests = writer.table.current_snapshot().manifests(io)
    size = sum(manifest.manifest_length for manifest in manifests)
    theirs = timed(lambda: [len(manifest.fetch_manifest_entry(io)) for manifest in manifests])
    context.restart()
    pg = context.pg
    pg.execute("SELECT count(*) FROM lake_iceberg.files((SELECT metadata_location FROM iceberg_tables WHERE table_namespace = 'bench' AND table_name = 'few'))")
    ours = timed(lambda: pg.execute("SELECT count(*) FROM lake_iceberg.files(%s)", [writer.location]).fetchone())
    return Figure(f"parsing {len(manifests)} manifests, {many:,} entries, {size / 2**20:.1f} MB", speed(size, ours),
                  f"PyIceberg {speed(size, theirs)}", ratio(ours, theirs), "faster", ours < theirs,
                  beside_java(size, lambda java: java.read_manifests(writer.location)[0]))


def speed(size, seconds):
    return f"{size / 2**20 / seconds:.1f} MB/s"


def beside_java(size, read):
    """What a note says of Java: the first time in a new JVM, as ours is in a new server, and once it is warm."""
    if not JavaIceberg.available():
        return ["Java: not installed (./lake test interop installs it)"]
    java = JavaIceberg()
    first, *rest = read(java)
    java.stop()
    return [f"Java, the first time: {speed(size, first)}; warm, the median of {len(rest)} more: {speed(size, Samples(rest).p50)}"]


def snapshots(context):
    """The metadata file names each of them."""
    pg, count = context.pg, context.sizes["snapshots"]
    pg.execute("CREATE TABLE bench.old (v bigint) USING iceberg")
    pg.execute("INSERT INTO bench.old VALUES (1)")
    old, = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = 'bench' AND table_name = 'old'").fetchone()
    writer = OtherWriter(old)
    add_snapshots(writer, count)
    swap(pg, "old", old, writer.location)
    first = timed(lambda: pg.execute("SELECT sum(v) FROM bench.old").fetchone())
    samples = alternate(context.sizes["metadata_rounds"], {"read": lambda number: timed(lambda: pg.execute("SELECT sum(v) FROM bench.old").fetchone()),
                                                           "write": lambda number: timed(lambda: pg.execute("INSERT INTO bench.old VALUES (1)"))})
    size = os.path.getsize(re.sub("^file:(//)?", "", writer.location))
    yield Figure(f"query of a table with {count:,} snapshots ({size / 2**20:.1f} MB of metadata), after each commit", f"{samples['read'].p50 * 1000:.1f} ms", "", "",
                 "50 ms", samples["read"].p50 <= 0.050,
                 [f"the first time: {first * 1000:.1f} ms", f"INSERT of one row: {samples['write'].p50 * 1000:.1f} ms"])
    yield parsing_metadata(context, count, size, writer.location)


def parsing_metadata(context, count, size, location):
    """One metadata file, by us (with the rows of lake_iceberg.snapshots, one for each snapshot), by PyIceberg and by Java."""
    theirs = timed(lambda: StaticTable.from_metadata(location))
    context.restart()
    pg = context.pg
    pg.execute("SELECT count(*) FROM bench.few WHERE p = -1")  # connections and catalogs, not this file
    ours = timed(lambda: pg.execute("SELECT count(*) FROM lake_iceberg.snapshots(%s)", [location]).fetchone())
    return Figure(f"parsing metadata of {count:,} snapshots, {size / 2**20:.1f} MB", speed(size, ours), f"PyIceberg {speed(size, theirs)}", ratio(ours, theirs),
                  "faster", ours < theirs, beside_java(size, lambda java: java.read_metadata(location)))


def add_snapshots(writer, count):
    """Further snapshots with what the last one has."""
    metadata = writer.metadata
    last = metadata["snapshots"][-1]
    now = int(time.time() * 1000)
    for number in range(count):
        snapshot = copy.deepcopy(last)
        snapshot |= {"snapshot-id": uuid.uuid4().int >> 65, "parent-snapshot-id": metadata["snapshots"][-1]["snapshot-id"],
                     "sequence-number": metadata["last-sequence-number"] + 1, "timestamp-ms": now + number}
        metadata["last-sequence-number"] += 1
        metadata["snapshots"].append(snapshot)
        metadata["snapshot-log"].append({"timestamp-ms": now + number, "snapshot-id": snapshot["snapshot-id"]})
    metadata["current-snapshot-id"] = metadata["snapshots"][-1]["snapshot-id"]
    metadata["refs"]["main"]["snapshot-id"] = metadata["current-snapshot-id"]
    writer.rewrite(now + count)
