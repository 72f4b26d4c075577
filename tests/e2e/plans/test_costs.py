"""Costs next to heap: join orders with half of the tables of TPC-H on heap."""

import json
import re
from pathlib import Path

import pytest
from lake_harness.twin import read_scenario

SCENARIO = Path(__file__).parents[1] / "twins/queries/tpch.sql"
HALVES = {
    "facts": {"lineitem", "orders", "partsupp", "region"},
    "dimensions": {"part", "customer", "supplier", "nation"},
}
TIMES = 8  # as many rows as the scenario makes


def scaled(statement):
    return re.sub(r"generate_series\((\d+), (\d{2,})\)", lambda m: f"generate_series({m[1]}, {int(m[2]) * TIMES})", statement)


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.fixture
def tables(pg, request):
    on_lake = HALVES[request.param]
    setup, queries = read_scenario(SCENARIO)
    for statement in setup:
        if match := re.match(r"CREATE TABLE (\w+)", statement):
            pg.execute(statement.replace("{am}", "iceberg" if match[1] in on_lake else "heap"))
            pg.execute(f"CREATE TABLE {match[1]}_twin (LIKE {match[1]})")
        else:
            pg.execute(scaled(statement))
    for table in HALVES["facts"] | HALVES["dimensions"]:
        pg.execute(f"INSERT INTO {table}_twin SELECT * FROM {table}")
        pg.execute(f"ANALYZE {table}, {table}_twin")
    pg.execute("SET max_parallel_workers_per_gather = 0")
    return queries


def on_twins(query):
    for table in HALVES["facts"] | HALVES["dimensions"]:
        query = re.sub(rf"\b{table}\b(?! \()", f"{table}_twin", query)
    return query


@pytest.mark.parametrize("tables", HALVES, indirect=True)
def test_half_of_tpch_on_heap(pg, tables):
    """The answers are right, and no join repeats a lake scan, but where the outer side was thought to have one row."""
    pg.execute("SET pg_lake_table.enable_full_query_pushdown = off")
    for query in tables:
        assert pg.execute(query).fetchall() == pg.execute(on_twins(query)).fetchall(), query
        plan = pg.execute(f"EXPLAIN (ANALYZE, FORMAT json) {query}").fetchone()[0][0]["Plan"]
        for node in nodes(plan):
            outer, inner = (node.get("Plans", []) + [None, None])[:2]
            if node["Node Type"] == "Nested Loop" and outer["Plan Rows"] > 1:
                assert inner["Node Type"] != "Custom Scan" or inner["Actual Loops"] <= 1, f"{query}\n{json.dumps(node, indent=1)[:3000]}"


def cost(pg, query):
    plan = pg.execute(f"EXPLAIN (FORMAT json) {query}").fetchone()[0][0]["Plan"]
    scans = [node for node in nodes(plan) if node["Node Type"] == "Custom Scan"]
    return scans[0]["Total Cost"]


def test_what_a_scan_costs(pg):
    pg.execute("SET pg_lake_table.enable_full_query_pushdown = off")
    pg.execute("CREATE TABLE t USING iceberg AS SELECT i, md5(i::text) AS wide, i % 100 AS spread FROM generate_series(1, 400000) i")
    pg.execute("ANALYZE t")
    everything, narrow = cost(pg, "SELECT * FROM t"), cost(pg, "SELECT i FROM t")
    one_in_order, one_anywhere = cost(pg, "SELECT i FROM t WHERE i = 5"), cost(pg, "SELECT i FROM t WHERE spread = 5 AND i % 1000 = 7")
    stays = cost(pg, "SELECT i FROM t WHERE wide ~ wide")
    assert everything > 2 * narrow, "columns that are not sent cost nothing"
    assert narrow > 4 * one_in_order, "rows that are not sent, or pruned, cost little"
    assert one_anywhere > 1.5 * one_in_order, "a column whose order is not that of the rows prunes nothing"
    assert stays > narrow, "a filter that stays needs all rows"
