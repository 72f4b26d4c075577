"""TPC-H and TPC-DS: data by tpcgen-cli (the official generators' rows), queries and TPC-DS's columns from DuckDB's sources, which
./lake setup has unpacked: both benchmarks' own texts with the parameters of the official answers, in SQL that PostgreSQL reads as well.
"""

import re
import shutil
import subprocess

from lakectl.console import LakeError
from lakectl.places import DUCKDB, VENV
from query_suite import QuerySuite

TPCH_TABLES = {
    "region": "r_regionkey int, r_name text, r_comment text",
    "nation": "n_nationkey int, n_name text, n_regionkey int, n_comment text",
    "supplier": "s_suppkey int, s_name text, s_address text, s_nationkey int, s_phone text, s_acctbal numeric(15,2), s_comment text",
    "part": "p_partkey int, p_name text, p_mfgr text, p_brand text, p_type text, p_size int, p_container text, p_retailprice numeric(15,2), p_comment text",
    "partsupp": "ps_partkey int, ps_suppkey int, ps_availqty int, ps_supplycost numeric(15,2), ps_comment text",
    "customer": "c_custkey int, c_name text, c_address text, c_nationkey int, c_phone text, c_acctbal numeric(15,2), c_mktsegment text, c_comment text",
    "orders": "o_orderkey bigint, o_custkey int, o_orderstatus text, o_totalprice numeric(15,2), o_orderdate date, o_orderpriority text, o_clerk text, "
              "o_shippriority int, o_comment text",
    "lineitem": "l_orderkey bigint, l_partkey int, l_suppkey int, l_linenumber int, l_quantity numeric(15,2), l_extendedprice numeric(15,2), "
                "l_discount numeric(15,2), l_tax numeric(15,2), l_returnflag text, l_linestatus text, l_shipdate date, l_commitdate date, "
                "l_receiptdate date, l_shipinstruct text, l_shipmode text, l_comment text",
}
TPCH_INDEXES = [("region", "r_regionkey"), ("nation", "n_nationkey"), ("nation", "n_regionkey"), ("supplier", "s_suppkey"), ("supplier", "s_nationkey"),
                ("part", "p_partkey"), ("partsupp", "ps_partkey, ps_suppkey"), ("partsupp", "ps_suppkey"), ("customer", "c_custkey"),
                ("customer", "c_nationkey"), ("orders", "o_orderkey"), ("orders", "o_custkey"), ("orders", "o_orderdate"), ("lineitem", "l_orderkey"),
                ("lineitem", "l_partkey, l_suppkey"), ("lineitem", "l_shipdate")]
# The columns by which TPC-DS's fact tables are joined; its dimensions are joined by their first column.
TPCDS_FACTS = {"store_sales", "store_returns", "catalog_sales", "catalog_returns", "web_sales", "web_returns", "inventory"}
TPCDS_FACT_KEY = re.compile(r"_(item_sk|date_sk|customer_sk|order_number|ticket_number)$")
SOURCES = {"tpch": DUCKDB / "src/extension/tpch/dbgen", "tpcds": DUCKDB / "src/extension/tpcds/dsdgen"}


def bench_tpch(context):
    scale = context.sizes["tpch_scale"]
    suite = QuerySuite(context, f"TPC-H, scale {scale}", TPCH_TABLES, queries("tpch"))
    yield from measured(suite, "tpch", scale, TPCH_INDEXES)


def bench_tpcds(context):
    scale = context.sizes["tpcds_scale"]
    tables = {path.stem: columns_of(path) for path in sorted(source("tpcds", "schema").glob("*.sql"))}
    indexes = [(table, column) for table, columns in tables.items() for column in keys_of(table, columns)]
    texts = queries("tpcds")
    chosen = dict(list(texts.items())[::context.sizes["tpcds_every"]])
    suite = QuerySuite(context, f"TPC-DS, scale {scale}", tables, chosen)
    yield from measured(suite, "tpcds", scale, indexes)


def measured(suite, benchmark, scale, indexes):
    directory = suite.context.scratch / benchmark
    command = [str(VENV / "bin/tpcgen-cli"), benchmark, "csv", "-s", str(scale), f"--output-dir={directory}", "-q"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise LakeError(f"{' '.join(command)}: {done.stderr.strip()}")
    suite.load({table: directory / f"{table}.csv" for table in suite.tables}, indexes)
    shutil.rmtree(directory)
    suite.open_duckdb()
    outcomes = suite.run()
    yield from suite.answer_figures(outcomes)
    yield from suite.time_figures(outcomes)
    suite.drop()


def source(benchmark, folder):
    path = SOURCES[benchmark] / folder
    if not path.is_dir():
        raise LakeError(f"{path} does not exist", "the benchmark's queries are part of DuckDB's sources: unset DUCKDB_ROOT, or add extension/ to that copy")
    return path


def queries(benchmark):
    return {"Q" + re.sub(r"\D", "", path.stem).lstrip("0"): path.read_text().strip().rstrip(";")
            for path in sorted(source(benchmark, "queries").glob("*.sql"))}


def columns_of(path):
    """What is between the outer parentheses of CREATE TABLE."""
    text = path.read_text()
    return " ".join(text[text.index("(") + 1:text.rindex(")")].split())


def keys_of(table, columns):
    names = [part.split()[0] for part in re.split(r",(?![^(]*\))", columns)]
    return [name for name in names if TPCDS_FACT_KEY.search(name)] if table in TPCDS_FACTS else names[:1]
