"""What small queries cost: any query at all, one row by a key, many such from several sessions; beside heap."""

import random
import re
import subprocess

from figures import Figure, alternate, milliseconds, ratio
from lakectl.console import LakeError
from lakectl.places import PG_BIN

KINDS = {"heap": "heap", "lake": "iceberg"}
COLUMNS = "id int, customer int, amount numeric(12,2), state text, at timestamp"
ROWS = """SELECT i, i % 50000, i % 1000 / 8.0, CASE i % 3 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' ELSE 'sent' END, timestamp '2026-01-01' + i * interval '1 second'
          FROM generate_series({first}, {last}) i"""
FILES = 10


def bench_fixed(context):
    pg, rounds = context.pg, context.sizes["fixed_rounds"]
    for kind, access_method in KINDS.items():
        pg.execute(f"CREATE TABLE bench.small_{kind} (a int, b text) USING {access_method}")
        pg.execute(f"INSERT INTO bench.small_{kind} SELECT i, 'row ' || i FROM generate_series(1, 1000) i")
    samples = alternate(rounds, {kind: lambda number, kind=kind: pg.execute(
        f"SELECT 1 FROM bench.small_{kind} LIMIT 1").fetchone() and None for kind in KINDS}, warm_up=10)
    heap, lake = samples["heap"].p50, samples["lake"].p50
    yield Figure("SELECT 1 FROM t LIMIT 1, more than on heap, p50", milliseconds(lake - heap),
                 f"{milliseconds(lake)} against {milliseconds(heap)}", ratio(lake, heap), "< 5 ms", lake - heap < 0.005)


def bench_latency(context):
    pg, rows, rounds = context.pg, context.sizes["latency_rows"], context.sizes["latency_rounds"]
    for kind, access_method in KINDS.items():
        pg.execute(f"CREATE TABLE bench.orders_{kind} ({COLUMNS}) USING {access_method}")
        for number in range(FILES):  # each INSERT is a data file, whose bounds say which keys it has
            pg.execute(f"INSERT INTO bench.orders_{kind} {ROWS.format(first=number * rows // FILES + 1, last=(number + 1) * rows // FILES)}")
    pg.execute("ALTER TABLE bench.orders_heap ADD PRIMARY KEY (id)")
    pg.execute("VACUUM ANALYZE bench.orders_heap")
    pg.execute("ANALYZE bench.orders_lake")
    pg.execute("CHECKPOINT")
    keys = random.Random(1)
    for how, prepared in (("prepared", True), ("not prepared", False)):
        chosen = [keys.randint(1, rows) for _ in range(rounds + 10)]

        def fetch(kind, number, prepared=prepared, chosen=chosen):
            found = pg.execute(f"SELECT * FROM bench.orders_{kind} WHERE id = %s", (chosen[number],), prepare=prepared).fetchall()
            assert len(found) == 1 and found[0][0] == chosen[number], f"{found} for the key {chosen[number]}"

        samples = alternate(rounds, {kind: lambda number, kind=kind: fetch(kind, number) for kind in KINDS}, warm_up=10)
        for name in ("p50", "p99"):
            heap, lake = (getattr(samples[kind], name) for kind in KINDS)
            yield Figure(f"one row of {rows:,} by a key that prunes, {how}, {name}", milliseconds(lake), f"heap, primary key {milliseconds(heap)}",
                         ratio(lake, heap), *(("< 5 ms", lake < 0.005) if name == "p50" else ()))
    rates = {kind: statements_per_second(context, kind, rows) for kind in KINDS}
    yield Figure(f"one row by a key, {context.sizes['latency_sessions']} sessions (pgbench, prepared)", f"{rates['lake']:,.0f} statements/s",
                 f"heap {rates['heap']:,.0f} statements/s", ratio(rates["lake"], rates["heap"]), ">= 1,000/s", rates["lake"] >= 1000)


def statements_per_second(context, kind, rows):
    script = context.scratch / "one_row.sql"
    script.write_text(f"\\set id random(1, {rows})\nSELECT * FROM bench.orders_{kind} WHERE id = :id;\n")
    home = context.running.home
    done = subprocess.run([str(PG_BIN / "pgbench"), "-n", "-M", "prepared", "-f", str(script), "-c", str(context.sizes["latency_sessions"]), "-j", "2",
                           "-T", str(context.sizes["latency_seconds"])], env={**home.environment(), "LC_ALL": "C"}, capture_output=True, text=True)
    match = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode or not match or "number of failed transactions: 0 " not in done.stdout:
        raise LakeError(f"pgbench on bench.orders_{kind}: {done.stderr.strip() or done.stdout.strip()}")
    return float(match.group(1))
