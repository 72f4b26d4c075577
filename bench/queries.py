"""Queries: what any query costs, and TPC-H Q1 and Q6 against DuckDB alone on the same files."""

import subprocess
from decimal import Decimal
from urllib.parse import urlsplit

import duckdb
from pyiceberg.table import StaticTable

from figures import Figure, alternate, milliseconds, ratio
from lakectl.places import VENV

LINEITEM = """
    l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber int, l_quantity numeric(15,2),
    l_extendedprice numeric(15,2), l_discount numeric(15,2), l_tax numeric(15,2), l_returnflag text, l_linestatus text,
    l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct text, l_shipmode text, l_comment text"""
QUERIES = {
    "Q1": """
        SELECT l_returnflag, l_linestatus, sum(l_quantity) AS sum_qty, sum(l_extendedprice) AS sum_base_price,
               sum(l_extendedprice * (1 - l_discount)) AS sum_disc_price,
               sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS sum_charge,
               avg(l_quantity) AS avg_qty, avg(l_extendedprice) AS avg_price, avg(l_discount) AS avg_disc,
               count(*) AS count_order
        FROM {lineitem}
        WHERE l_shipdate <= date '1998-12-01' - interval '90' day
        GROUP BY l_returnflag, l_linestatus
        ORDER BY l_returnflag, l_linestatus""",
    "Q6": """
        SELECT sum(l_extendedprice * l_discount) AS revenue
        FROM {lineitem}
        WHERE l_shipdate >= date '1994-01-01' AND l_shipdate < date '1994-01-01' + interval '1' year
          AND l_discount BETWEEN 0.06 - 0.01 AND 0.06 + 0.01 AND l_quantity < 24""",
}
CLOSE = Decimal("1e-9")  # avg() is double in DuckDB, numeric in PostgreSQL


def bench_fixed(context):
    pg, rounds = context.pg, context.sizes["fixed_rounds"]
    for kind, access_method in (("heap", "heap"), ("lake", "iceberg")):
        pg.execute(f"CREATE TABLE bench.small_{kind} (a int, b text) USING {access_method}")
        pg.execute(f"INSERT INTO bench.small_{kind} SELECT i, 'row ' || i FROM generate_series(1, 1000) i")
    samples = alternate(rounds, {kind: lambda number, kind=kind: pg.execute(
        f"SELECT 1 FROM bench.small_{kind} LIMIT 1").fetchone() and None for kind in ("heap", "lake")}, warm_up=10)
    heap, lake = samples["heap"].p50, samples["lake"].p50
    yield Figure("SELECT 1 FROM t LIMIT 1, more than on heap, p50", milliseconds(lake - heap),
                 f"{milliseconds(lake)} against {milliseconds(heap)}", ratio(lake, heap), "< 5 ms", lake - heap < 0.005)


def bench_tpch(context):
    pg, rounds = context.pg, context.sizes["tpch_rounds"]
    load(context)
    with context.engine() as engine:
        threads = engine.execute("SELECT current_setting('threads')::int").fetchone()[0]
    alone = duckdb.connect(config={"threads": threads})
    files = ", ".join(f"'{path}'" for path in data_files(pg))
    for name, text in QUERIES.items():
        in_postgres = text.format(lineitem="bench.lineitem")
        in_duckdb = text.format(lineitem=f"read_parquet([{files}])")
        same_rows(name, pg.execute(in_postgres).fetchall(), alone.execute(in_duckdb).fetchall())
        plan = pg.execute("EXPLAIN " + in_postgres).fetchall()
        samples = alternate(rounds, {"lake": lambda number: pg.execute(in_postgres).fetchall() and None,
                                     "duckdb": lambda number: alone.execute(in_duckdb).fetchall() and None}, warm_up=2)
        ours, theirs = samples["lake"].p50, samples["duckdb"].p50
        yield Figure(f"TPC-H {name}, scale {context.sizes['tpch_scale']}, {threads} threads", milliseconds(ours),
                     f"DuckDB alone {milliseconds(theirs)}", ratio(ours, theirs), "ratio <= 1.05", ours <= 1.05 * theirs,
                     [] if "Query Pushdown" in str(plan) else ["the query did not run whole in the server"])
    alone.close()


def load(context):
    directory = context.scratch / "tpch"
    subprocess.run([str(VENV / "bin/tpchgen-cli"), "csv", "-s", str(context.sizes["tpch_scale"]), "--tables=lineitem",
                    f"--output-dir={directory}"], check=True, capture_output=True)
    context.pg.execute(f"CREATE TABLE bench.lineitem ({LINEITEM}) USING iceberg")
    path = directory / "lineitem.csv"
    with open(path, "rb") as source, context.pg.cursor() as cursor, \
            cursor.copy("COPY bench.lineitem FROM STDIN (FORMAT csv, HEADER)") as target:
        while block := source.read(1 << 20):
            target.write(block)
    path.unlink()


def data_files(pg):
    location = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = 'bench' "
                          "AND table_name = 'lineitem'").fetchone()[0]
    tasks = list(StaticTable.from_metadata(location).scan().plan_files())
    assert tasks and not any(task.delete_files for task in tasks)
    return [urlsplit(task.file.file_path).path for task in tasks]


def same_rows(name, ours, theirs):
    assert len(ours) == len(theirs) and len(ours) > 0, f"{name}: {len(ours)} rows against {len(theirs)}"
    for one, other in zip(ours, theirs):
        for left, right in zip(one, other):
            same = left == right if isinstance(left, str) else \
                abs(Decimal(left) - Decimal(right)) <= CLOSE * max(1, abs(Decimal(right)))
            assert same, f"{name}: {left} against {right} in {one}"
