"""Whole tables from one place to another: heap to Iceberg against COPY TO STDOUT, Iceberg to Iceberg against DuckDB's own COPY."""

import time

import duckdb

from bulk_writes import COLUMNS, Memory
from figures import Figure, alternate, ratio

ROWS = """SELECT i AS item_id, i / 3 AS txn_id, 1 + i % 15 AS product_id, 1 + i % 3 AS quantity, (i % 12900) / 100.0 AS unit_price,
                 (i % 12900) / 100.0 * (1 + i % 3) AS line_total, timestamp '2026-01-01' + i * interval '3500 microseconds' AS synced_at
          FROM generate_series(1, {rows}) i"""


def bench_transfers(context):
    pg, rows, rounds = context.pg, context.sizes["transfer_rows"], context.sizes["transfer_rounds"]
    pg.execute(f"CREATE TABLE bench.source_heap ({COLUMNS})")
    pg.execute(f"INSERT INTO bench.source_heap {ROWS.format(rows=rows)}")
    pg.execute("VACUUM ANALYZE bench.source_heap")
    samples = alternate(rounds, {"copy": lambda number: copy_out(pg), "insert": lambda number: insert(pg, "source_heap", "source_lake")},
                        warm_up=0)
    context.must_be_equal("bench.source_heap", "bench.source_lake", "count(*), sum(item_id::bigint), sum(line_total), max(synced_at)")
    yield figure(f"INSERT .. SELECT of {rows:,} rows from heap to Iceberg", samples["insert"].p50, "COPY heap TO STDOUT binary",
                 samples["copy"].p50, 1.3)
    files = [row[0] for row in pg.execute("SELECT file_path FROM lake_iceberg.files((SELECT metadata_location FROM iceberg_tables "
                                          "WHERE table_namespace = 'bench' AND table_name = 'source_lake'))").fetchall()]
    files = [name.removeprefix("file://") for name in files]
    target = context.scratch / "copied.parquet"
    alone = duckdb.connect()
    samples = alternate(rounds, {"duckdb": lambda number: copy_file(alone, files, target),
                                 "insert": lambda number: insert(pg, "source_lake", "target_lake")})
    context.must_be_equal("bench.source_lake", "bench.target_lake", "count(*), sum(item_id::bigint), sum(line_total), max(synced_at)")
    target.unlink()
    yield figure(f"INSERT .. SELECT of {rows:,} rows from Iceberg to Iceberg", samples["insert"].p50, "DuckDB's COPY, Parquet to Parquet",
                 samples["duckdb"].p50, 1.1)
    yield from update_memory(context)


def figure(what, ours, beside, theirs, goal):
    return Figure(what, f"{ours:.2f} s", f"{beside} {theirs:.2f} s", ratio(ours, theirs), f"within {goal}", ours <= theirs * goal)


def copy_out(pg):
    begin = time.perf_counter()
    with pg.cursor() as cursor, cursor.copy("COPY bench.source_heap TO STDOUT (FORMAT binary)") as source:
        for _ in source:
            pass
    return time.perf_counter() - begin


def copy_file(alone, files, target):
    begin = time.perf_counter()
    alone.execute(f"COPY (SELECT * FROM read_parquet({files})) TO '{target}' (FORMAT parquet)")
    return time.perf_counter() - begin


def insert(pg, source, target):
    pg.execute(f"DROP TABLE IF EXISTS bench.{target}")
    pg.execute(f"CREATE TABLE bench.{target} ({COLUMNS}) USING iceberg")
    begin = time.perf_counter()
    pg.execute(f"INSERT INTO bench.{target} SELECT * FROM bench.{source}")
    return time.perf_counter() - begin


def update_memory(context):
    """An UPDATE that goes row by row (RETURNING asks for the rows)."""
    pg, rows = context.pg, context.sizes["update_rows"]
    pg.execute(f"CREATE TABLE bench.updated ({COLUMNS}) USING iceberg")
    pg.execute(f"INSERT INTO bench.updated SELECT * FROM bench.source_heap WHERE item_id <= {rows}")
    memory = Memory(pg.info.backend_pid)
    begin = time.perf_counter()
    memory.start()
    try:
        with pg.cursor() as cursor:
            pg.execute("BEGIN")
            pg.execute("CREATE TEMP TABLE touched (item_id int) ON COMMIT DROP")
            cursor.execute("WITH u AS (UPDATE bench.updated SET quantity = quantity + 1 RETURNING item_id) INSERT INTO touched SELECT * FROM u")
            pg.execute("COMMIT")
    finally:
        memory.stop()
    elapsed = time.perf_counter() - begin
    early, late = memory.early_and_late()
    yield Figure(f"UPDATE of {rows:,} rows on the row path ({elapsed:.1f} s): private memory of the backend",
                 f"{late / 2**20:.0f} MB at most in the last half", f"{early / 2**20:.0f} MB in the second fifth", ratio(late, early), "flat",
                 late <= max(early * 1.25, early + (32 << 20)))
