"""All rows of a large table to a client: psql, and COPY in binary, beside heap."""

import os
import subprocess

import duckdb

from bulk_writes import COLUMNS, ITEMS, copy_in
from figures import Figure, alternate, ratio
from lakectl.console import LakeError
from lakectl.places import PG_BIN

HOW = {
    "SELECT * to psql": "SELECT * FROM {table}",
    "COPY TO STDOUT, binary": "COPY {table} TO STDOUT (FORMAT binary)",
    "COPY (SELECT *) TO STDOUT, binary": "COPY (SELECT * FROM {table}) TO STDOUT (FORMAT binary)",
}


def bench_fetch(context):
    pg, rows, rounds = context.pg, context.sizes["fetch_rows"], context.sizes["fetch_rounds"]
    path = context.scratch / "items.tsv"
    duckdb.execute(f"COPY ({ITEMS.format(rows=rows)}) TO '{path}' (FORMAT csv, DELIMITER '\t', HEADER false, NULLSTR '\\N')")
    for kind, access_method in (("heap", "heap"), ("lake", "iceberg")):
        pg.execute(f"CREATE TABLE bench.fetched_{kind} ({COLUMNS}) USING {access_method}")
        copy_in(pg, path, f"COPY bench.fetched_{kind} FROM STDIN")
    path.unlink()
    context.must_be_equal("bench.fetched_heap", "bench.fetched_lake", "count(*), sum(item_id::bigint), sum(line_total), max(synced_at)")
    pg.execute("VACUUM ANALYZE bench.fetched_heap")
    for what, statement in HOW.items():
        samples = alternate(rounds, {kind: lambda number, kind=kind: psql(context, statement.format(table=f"bench.fetched_{kind}"))
                                     for kind in ("heap", "lake")})
        heap, lake = samples["heap"].p50, samples["lake"].p50
        yield Figure(f"{what}, {rows:,} rows", f"{lake:.2f} s ({rows / lake / 1e6:.2f} M rows/s)", f"heap {heap:.2f} s ({rows / heap / 1e6:.2f} M rows/s)",
                     ratio(lake, heap), "not slower", lake <= heap)


def psql(context, statement):
    done = subprocess.run([str(PG_BIN / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-c", statement],
                          env={**os.environ, **context.running.home.environment()}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise LakeError(f"{statement}: {done.stderr.strip()}")
