"""./lake bench: measures pg_lake beside what it is compared with, prints ratios and goals, writes docs/performance.md.

A run at full size writes its benchmarks' part of the document; --quick and other sizes only print. A missed goal does not change
the exit status: it is a number to improve. A wrong result does: every benchmark checks what it wrote or read.
"""

import argparse
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import psycopg

import report
from bulk_writes import bench_copy, bench_memory
from changes import bench_changes
from clickbench import bench_clickbench
from deleted_rows import bench_deleted_rows
from fetch import bench_fetch
from lakectl.console import LakeError, note, step
from lakectl.home import Home
from lakectl.places import home_path
from large_metadata import bench_large_metadata
from latency import bench_fixed, bench_latency
from mixed_join import bench_mixed_join
from partitioned_writes import bench_partitioned_writes
from sessions import bench_sessions
from small_writes import bench_insert, bench_sync
from spill import bench_spill
from tests.lake_harness.home import RunningHome
from tpc import bench_tpcds, bench_tpch
from transfers import bench_transfers

BENCHES = {"sync": bench_sync, "insert": bench_insert, "copy": bench_copy, "memory": bench_memory, "changes": bench_changes,
           "transfers": bench_transfers, "sessions": bench_sessions, "fixed": bench_fixed, "latency": bench_latency, "fetch": bench_fetch,
           "mixed_join": bench_mixed_join, "spill": bench_spill, "deleted_rows": bench_deleted_rows, "partitioned_writes": bench_partitioned_writes,
           "large_metadata": bench_large_metadata, "tpch": bench_tpch, "tpcds": bench_tpcds, "clickbench": bench_clickbench}
# name: (in a full run, with --quick)
SIZES = {
    "sync_rows": (1000, 100), "sync_rounds": (60, 3), "insert_rounds": (200, 5), "copy_rows": (5_000_000, 20_000), "copy_rounds": (3, 1),
    "memory_rows": (10_000_000, 200_000),
    "changes_rows": (10_000_000, 20_000), "changes_merged": (100_000, 1_000), "transfer_rows": (10_000_000, 20_000), "transfer_rounds": (3, 1),
    "update_rows": (1_000_000, 5_000), "append_sessions": (16, 3), "append_commits": (25, 2), "single_inserts": (10_000, 1_000),
    "fixed_rounds": (300, 5), "latency_rows": (1_000_000, 10_000), "latency_rounds": (1000, 20), "latency_sessions": (8, 2), "latency_seconds": (10, 1),
    "fetch_rows": (5_000_000, 20_000), "fetch_rounds": (3, 1),
    "join_rows": (10_000_000, 20_000), "join_products": (100_000, 1_000), "join_rounds": (5, 1),
    "spill_rows": (10_000_000, 200_000), "spill_connections": (10, 3), "spill_limit_mb": (2000, 256),
    "deleted_rows": (10_000_000, 20_000), "deleted_rounds": (15, 1), "partition_rows": (5_000_000, 20_000), "partition_rounds": (7, 1),
    "partitions_many": (1000, 50), "partitions_some": (400, 20), "data_files": (100_000, 1_000), "metadata_rounds": (20, 2), "snapshots": (10_000, 100),
    "suite_rounds": (5, 1), "suite_warm_up": (1, 0), "suite_timeout": (60, 10), "tpch_scale": (1, 0.01), "tpcds_scale": (1, 0.01), "tpcds_every": (1, 10),
    "hits_rows": (10_000_000, 20_000), "hits_compared": (200_000, 5_000), "hits_cold_every": (1, 15), "hits_connections": (10, 2),
}
SETTINGS = {"max_wal_size": "4GB", "shared_buffers": "512MB", "autovacuum": "off", "cron.log_statement": "off"}


class Context:
    """What a benchmark is given: a connection, a schema of its own (bench), sizes, a scratch directory."""

    def __init__(self, running, sizes, scratch, chosen=()):
        self.running, self.sizes, self.scratch, self.chosen = running, sizes, scratch, chosen
        self.wrong = []  # answers, as text: they end the run with status 1, once all is measured
        self.pg = running.connect()
        self.pg.execute("DROP SCHEMA IF EXISTS bench CASCADE")
        self.pg.execute("CREATE SCHEMA bench")

    def restart(self):
        """PostgreSQL and pgduck_server anew, with nothing in their memory."""
        self.pg.close()
        self.running.restart()
        self.pg = self.running.connect()

    def wants(self, query):
        return not self.chosen or query in self.chosen

    def engine(self):
        return self.running.engine()

    def server_pid(self):
        return self.running.server_pid()

    def must_be_equal(self, one, other, measures):
        """A benchmark that lost rows measured nothing."""
        results = [self.pg.execute(f"SELECT {measures} FROM {name}").fetchone() for name in (one, other)]
        if results[0] != results[1]:
            raise LakeError(f"{one} and {other} differ: {measures} gives {results[0]} and {results[1]}")


def run(names, sizes, home, chosen):
    results, wrong = {}, []
    with tempfile.TemporaryDirectory(prefix="lake-bench-", dir="/var/tmp") as scratch:
        for name in names:
            step(f"{name}")
            begin = time.monotonic()
            context = Context(home, sizes, Path(scratch), chosen)
            results[name] = []
            for figure in BENCHES[name](context):
                results[name].append(figure)
                report.show(name, figure)
            context.pg.close()
            wrong += context.wrong
            note(f"({time.monotonic() - begin:.0f} s)")
    if wrong:
        raise LakeError(f"{len(wrong)} wrong answers: {'; '.join(wrong)}")
    return results


def parse_options():
    parser = argparse.ArgumentParser(prog="./lake bench", description="Measures pg_lake beside heap and beside DuckDB.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)} (all)")
    parser.add_argument("--quick", action="store_true", help="small sizes: see that everything runs")
    parser.add_argument("--size", action="append", default=[], metavar="NAME=NUMBER", help=f"another size, of {', '.join(SIZES)}")
    parser.add_argument("--query", action="append", default=[], metavar="NAME", help="of tpch, tpcds or clickbench: this one (Q7, say); may be repeated")
    parser.add_argument("--keep", action="store_true", help="leave the home running afterwards")
    options = parser.parse_args()
    for name in options.names:
        if name not in BENCHES:
            parser.error(f"there is no benchmark named {name}; there are {', '.join(BENCHES)}")
    options.sizes = {name: both[options.quick] for name, both in SIZES.items()}
    for text in options.size:
        name, _, number = text.partition("=")
        if name not in SIZES or not re.fullmatch(r"\d+(\.\d+)?", number):
            parser.error(f"--size {text}: NAME=NUMBER, where NAME is of {', '.join(SIZES)}")
        options.sizes[name] = float(number) if "." in number else int(number)
    return options


def main():
    options = parse_options()
    sizes = options.sizes
    described = report.machine()
    for name, text in described:
        note(f"{name}: {text}")
    path = home_path() / "bench"
    running = None
    try:
        old = Home(path)
        old.down(mode="immediate")
        shutil.rmtree(old.base, ignore_errors=True)
        running = RunningHome(path, settings={**SETTINGS, "fsync": "off" if options.quick else "on"})
        results = run(options.names or list(BENCHES), sizes, running, options.query)
    except (LakeError, AssertionError, psycopg.Error) as error:
        print(f"bench: {str(error).strip()}", file=sys.stderr)
        return 1
    finally:
        if running and not options.keep:
            running.stop()
    report.summary(results)
    if not (options.quick or options.size or options.query):
        report.write_document(BENCHES, results, described, sizes)
    elif options.quick:
        note("(--quick: these numbers say nothing about speed)")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nbench: interrupted", file=sys.stderr)
        sys.exit(130)
