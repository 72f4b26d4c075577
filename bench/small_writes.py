"""Small transactions: the retail job's batch of 1,000 rows, and one row at a time."""

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from figures import Figure, Samples, alternate, milliseconds, ratio

COLUMNS = """txn_id int, store_id int, customer_id int, txn_timestamp timestamp, total_amount numeric(12,2),
             payment_method text, synced_at timestamp"""
SOURCE = """
    CREATE TABLE bench.{name} (txn_id serial PRIMARY KEY, store_id int NOT NULL, customer_id int,
        txn_timestamp timestamp NOT NULL DEFAULT now(), total_amount numeric(12,2) NOT NULL,
        payment_method text NOT NULL DEFAULT 'CARD', synced_at timestamp);
    CREATE INDEX ON bench.{name} (synced_at) WHERE synced_at IS NULL"""
SELL = """INSERT INTO bench.{name} (store_id, customer_id, total_amount)
          SELECT 1 + i % 5, nullif(i % 11, 0), (i * 37 % 40000) / 100.0 FROM generate_series(1, {rows}) i"""
SYNC = """
    WITH synced AS (
        INSERT INTO bench.{target}
        SELECT txn_id, store_id, customer_id, txn_timestamp, total_amount, payment_method, now()
        FROM bench.{source} WHERE synced_at IS NULL
        RETURNING txn_id
    )
    UPDATE bench.{source} SET synced_at = now() WHERE txn_id IN (SELECT txn_id FROM synced)"""


# What heap itself must do for a batch, whatever becomes of the rows: the same statement without the INSERT.
MARK = """
    WITH synced AS MATERIALIZED (SELECT * FROM bench.{source} WHERE synced_at IS NULL)
    UPDATE bench.{source} SET synced_at = now() WHERE txn_id IN (SELECT txn_id FROM synced)"""


def bench_sync(context):
    pg, rows, rounds = context.pg, context.sizes["sync_rows"], context.sizes["sync_rounds"]
    for kind, access_method in (("heap", "heap"), ("lake", "iceberg"), ("marks", None)):
        pg.execute(SOURCE.format(name=f"sold_{kind}"))
        if access_method:
            pg.execute(f"CREATE TABLE bench.synced_{kind} ({COLUMNS}) USING {access_method}")
    one = {kind: lambda number, kind=kind: sync(pg, kind, rows) for kind in ("heap", "lake")}
    samples = alternate(rounds, one, warm_up=3)
    notes = parts(context, rows, rounds)
    for kind in ("heap", "lake"):
        context.must_be_equal(f"bench.sold_{kind}", f"bench.synced_{kind}", "count(*), sum(total_amount), sum(txn_id)")
    heap, lake = samples["heap"], samples["lake"]
    yield Figure(f"{rows:,} rows from heap to Iceberg, statement to commit, p50", milliseconds(lake.p50),
                 f"heap to heap {milliseconds(heap.p50)}", ratio(lake.p50, heap.p50), "p50 < 50 ms", lake.p50 < 0.050, notes)
    yield Figure(f"{rows:,} rows from heap to Iceberg, statement to commit, p99", milliseconds(lake.p99),
                 f"heap to heap {milliseconds(heap.p99)}", ratio(lake.p99, heap.p99))


def parts(context, rows, rounds):
    """Where a batch's time goes: the same statement in BEGIN .. COMMIT, beside the same without the INSERT."""
    pg = context.pg
    samples = {(kind, part): Samples() for kind in ("marks", "lake") for part in ("statement", "commit")}
    texts = {"marks": MARK.format(source="sold_marks"), "lake": SYNC.format(source="sold_lake", target="synced_lake")}
    processes = {"backend": pg.info.backend_pid, "pgduck_server": context.server_pid()}
    spent = dict.fromkeys(processes, 0.0)
    for number in range(rounds):
        for kind, text in texts.items():
            pg.execute(SELL.format(name=f"sold_{kind}", rows=rows))
            before = {name: cpu_seconds(pid) for name, pid in processes.items()}
            pg.execute("BEGIN")
            with samples[kind, "statement"].timed():
                pg.execute(text)
            with samples[kind, "commit"].timed():
                pg.execute("COMMIT")
            if kind == "lake":
                for name, pid in processes.items():
                    spent[name] += cpu_seconds(pid) - before[name]
    middle = {key: value.p50 for key, value in samples.items()}
    total = middle["lake", "statement"] + middle["lake", "commit"]
    statement = max(0, middle["lake", "statement"] - middle["marks", "statement"])
    commit = max(0, middle["lake", "commit"] - middle["marks", "commit"])
    one_by_one, at_once = disk()
    return [f"heap's own share (finding the rows, updating the marks, WAL): {milliseconds(total - statement - commit)}, "
            f"{1 - (statement + commit) / total:.0%}",
            f"ours in the statement (rows encoded, and sent once there are enough): {milliseconds(statement)}, "
            f"{statement / total:.0%}",
            f"ours in the commit (Parquet closed, manifest, list, metadata, ledger, pointer): {milliseconds(commit)}, "
            f"{commit / total:.0%}",
            f"CPU for a batch: {', '.join(f'{name} {milliseconds(used / rounds)}' for name, used in spent.items())}",
            f"the disk: 4 files of 4 kB with fsync take {milliseconds(one_by_one)} one by one, "
            f"{milliseconds(at_once)} at once"]


def cpu_seconds(pid):
    """User and system time of a process and of its threads, also of those that ended."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sync(pg, kind, rows):
    pg.execute(SELL.format(name=f"sold_{kind}", rows=rows))
    begin = time.perf_counter()
    moved = pg.execute(SYNC.format(source=f"sold_{kind}", target=f"synced_{kind}")).rowcount
    elapsed = time.perf_counter() - begin
    assert moved == rows, f"the sync moved {moved} rows of {rows}"
    return elapsed


def disk(files=4, rounds=15):
    """Medians of the time that `files` small files take to be written durably: one by one, and at once."""
    def write(path):
        with open(path, "wb") as sink:
            sink.write(b"x" * 4096)
            sink.flush()
            os.fsync(sink.fileno())

    one_by_one, at_once = Samples(), Samples()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory, ThreadPoolExecutor(files) as pool:
        for number in range(rounds):
            with one_by_one.timed():
                for file in range(files):
                    write(f"{directory}/a{number}-{file}")
            with at_once.timed():
                list(pool.map(write, [f"{directory}/b{number}-{file}" for file in range(files)]))
    return one_by_one.p50, at_once.p50


def history(samples):
    """Does a commit cost more the more snapshots and manifests the table has?"""
    tenth = max(1, len(samples) // 10)
    first, last = Samples(samples[:tenth]), Samples(samples[-tenth:])
    return (f"as the history grows: the first {tenth} inserts p50 {milliseconds(first.p50)}, the last {tenth} "
            f"{milliseconds(last.p50)}")


def bench_insert(context):
    pg, rounds = context.pg, context.sizes["insert_rounds"]
    for kind, access_method in (("heap", "heap"), ("lake", "iceberg")):
        pg.execute(f"CREATE TABLE bench.one_{kind} ({COLUMNS}) USING {access_method}")
    values = "(%s, 3, 7, '2026-01-02 03:04:05', 14.99, 'CARD', NULL)"
    samples = alternate(rounds, {kind: lambda number, kind=kind: pg.execute(
        f"INSERT INTO bench.one_{kind} VALUES {values}", [number], prepare=True) and None for kind in ("heap", "lake")},
        warm_up=10)
    context.must_be_equal("bench.one_heap", "bench.one_lake", "count(*), sum(txn_id)")
    heap, lake = samples["heap"], samples["lake"]
    yield Figure("INSERT of one row, autocommit, p50", milliseconds(lake.p50), f"heap {milliseconds(heap.p50)}",
                 ratio(lake.p50, heap.p50), "p50 < 10 ms", lake.p50 < 0.010, [history(lake)])
    yield Figure("INSERT of one row, autocommit, p99", milliseconds(lake.p99), f"heap {milliseconds(heap.p99)}",
                 ratio(lake.p99, heap.p99))
