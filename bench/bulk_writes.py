"""Large transactions: COPY FROM STDIN against heap, and whether memory stays flat while many rows go in."""

import threading
import time

import duckdb

from figures import Figure, alternate, ratio, timed

COLUMNS = """item_id int, txn_id int, product_id int, quantity int, unit_price numeric(10,2), line_total numeric(12,2),
             synced_at timestamp"""
# Three items to a basket, prices of the shop, timestamps that ascend as a till's do.
ITEMS = """
    SELECT i AS item_id, i // 3 AS txn_id, 1 + hash(i) % 15 AS product_id, 1 + hash(i + 1) % 3 AS quantity,
           price AS unit_price, (price * quantity)::DECIMAL(12,2) AS line_total,
           TIMESTAMP '2026-01-01' + INTERVAL (i * 3500) MICROSECOND AS synced_at
    FROM (SELECT i, prices[(1 + hash(i) % 8)::INT]::DECIMAL(10,2) AS price
          FROM range({rows}) t(i), (SELECT [14.99, 79.99, 24.99, 19.99, 129.99, 39.99, 44.99, 29.99] AS prices))"""
BLOCK = 1 << 20


def bench_copy(context):
    pg, rows, rounds = context.pg, context.sizes["copy_rows"], context.sizes["copy_rounds"]
    path = context.scratch / "items.tsv"
    duckdb.execute(f"COPY ({ITEMS.format(rows=rows)}) TO '{path}' "
                   "(FORMAT csv, DELIMITER '\t', HEADER false, NULLSTR '\\N')")
    size = path.stat().st_size
    samples = alternate(rounds, {kind: lambda number, kind=kind: copy(pg, path, kind) for kind in ("heap", "lake")},
                        warm_up=0)
    context.must_be_equal("bench.copied_heap", "bench.copied_lake",
                          "count(*), sum(item_id::bigint), sum(line_total), max(synced_at)")
    path.unlink()
    heap, lake = samples["heap"].p50, samples["lake"].p50
    yield Figure(f"COPY FROM STDIN of {rows:,} rows ({size / 1e6:,.0f} MB)",
                 f"{lake:.2f} s ({rows / lake / 1e6:.2f} M rows/s)",
                 f"heap {heap:.2f} s ({rows / heap / 1e6:.2f} M rows/s)", ratio(lake, heap), "not slower", lake <= heap)


def copy(pg, path, kind):
    pg.execute(f"DROP TABLE IF EXISTS bench.copied_{kind}")
    pg.execute(f"CREATE TABLE bench.copied_{kind} ({COLUMNS}) USING {'iceberg' if kind == 'lake' else 'heap'}")
    pg.execute("CHECKPOINT")
    return timed(lambda: copy_in(pg, path, f"COPY bench.copied_{kind} FROM STDIN"))


def copy_in(pg, path, statement):
    with open(path, "rb") as source, pg.cursor() as cursor, cursor.copy(statement) as target:
        while block := source.read(BLOCK):
            target.write(block)


def bench_memory(context):
    pg, rows = context.pg, context.sizes["memory_rows"]
    pg.execute(f"CREATE TABLE bench.large ({COLUMNS}) USING iceberg")
    pg.execute("SELECT count(*) FROM bench.large")  # what a session and the server need once is not this transaction's
    watched = {"backend": Memory(pg.info.backend_pid), "pgduck_server": Memory(context.server_pid())}
    begin = time.perf_counter()
    for memory in watched.values():
        memory.start()
    try:
        pg.execute(f"""INSERT INTO bench.large
                       SELECT i, i / 3, 1 + i % 15, 1 + i % 3, 14.99, 14.99 * (1 + i % 3),
                              timestamp '2026-01-01' + i * interval '3500 microseconds'
                       FROM generate_series(1, {rows}) i""")
    finally:
        for memory in watched.values():
            memory.stop()
    elapsed = time.perf_counter() - begin
    assert pg.execute("SELECT count(*) FROM bench.large").fetchone() == (rows,)
    for name, memory in watched.items():
        early, late = memory.early_and_late()
        yield Figure(f"{rows:,} rows in one transaction ({elapsed:.0f} s): private memory of the {name}",
                     f"{late / 2**20:.0f} MB at most in the last half", f"{early / 2**20:.0f} MB in the second fifth",
                     ratio(late, early), "flat", late <= max(early * 1.25, early + (32 << 20)))


def private_memory(pid):
    """RssAnon of a process, in bytes: the memory that is its own, without shared buffers and files."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("RssAnon"))


class Memory:
    """Samples the private memory of a process."""

    def __init__(self, pid):
        self.pid = pid
        self.samples = []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        self.done.set()
        self.thread.join()

    def run(self):
        done = False
        while not done:  # at least once
            done = self.done.wait(0.05)
            self.samples.append(private_memory(self.pid))

    def early_and_late(self):
        count = len(self.samples)
        return max(self.samples[count // 5:max(count // 5 + 1, 2 * count // 5)]), max(self.samples[count // 2:])
