"""Random queries on a heap twin and a lake twin: the lake's answers, by the set path and by the row path, are the heap's.

Every query has a number; LAKE_RANDOM_SEED replays one, LAKE_RANDOM_SECONDS sets how long new ones are tried (two minutes by default). Findings are made
smaller. At the end the counts are printed: what was shipped, what was not and why.
"""

import os
import random
import re
import time
from collections import Counter

import psycopg
import pytest

from lake_harness.twin import Twin

from .queries import QueryMaker
from .query_compare import Comparison, Difference, alone_raises, judge, raised
from .query_expressions import Productions
from .query_tables import setup

ONE = "LAKE_RANDOM_SEED" in os.environ
FIRST_SEED = int(os.environ.get("LAKE_RANDOM_SEED") or os.environ.get("LAKE_RANDOM_FROM", "1"))
SECONDS = float(os.environ.get("LAKE_RANDOM_SECONDS", "120"))
SHRINKING = float(os.environ.get("LAKE_RANDOM_SHRINK_SECONDS", "60"))
ENOUGH = int(os.environ.get("LAKE_RANDOM_FINDINGS", "3"))  # findings after which a run ends
SHOWN = "shipped whole", "shipped in parts", "shipped not at all", "equal rows", "equal errors", "order of evaluation"
REASON = re.compile(r"^\s+\d+:\s+(\S.*)\n\s+Description: (.*)$", re.MULTILINE)


class Counts:
    def __init__(self):
        self.of, self.refusals, self.allowed = Counter(), Counter(), []

    def plan(self, text):
        if text is None:
            self.of["not planned: an error on both"] += 1
            return
        path = "not at all" if "Query Pushdown" not in text else "in parts" if "Not Vectorized Constructs" in text else "whole"
        self.of["shipped " + path if "Lake Scan" in text or path != "not at all" else "no lake table read"] += 1
        for kind, what in set(REASON.findall(text)):
            self.refusals[f"{kind}: {what}"] += 1

    def report(self):
        lines = [f"{count:7} {what}" for what, count in sorted(self.of.items())]
        lines += ["refusals:"] + [f"{count:7} {what}" for what, count in self.refusals.most_common()]
        return "\n".join(lines)


def play(comparison, productions, seed, counts):
    """The finding of one seed, as text, or None."""
    statement = QueryMaker(random.Random(seed), productions).statement()
    counts.of["queries"] += 1
    again = f"Again: LAKE_RANDOM_SEED={seed} ./lake test tests/e2e/random/test_queries.py"
    try:
        heap, difference = comparison.difference(statement)
        plan, explained = comparison.explain(statement)
    except psycopg.OperationalError as failure:
        pytest.fail(f"query {seed}: {failure}\n{statement}\n{again}", pytrace=False)
    counts.plan(plan)
    # constants are folded for columns, too, of which heap finds out before that nobody reads them; parameters are planned with as values
    if (plan is None and explained is not None and difference is None and raised(explained) != raised(heap)
            and not alone_raises(comparison, statement, Difference("error", "set path", heap, explained))):
        return f"query {seed}: EXPLAIN fails: {explained.message}\n{statement.explain()}\n{again}"
    if difference is None:
        counts.of["equal errors" if heap.sqlstate else "equal rows"] += 1
        counts.of["of these with rows"] += any(result[2] for result in heap.results)
        if heap.sqlstate:
            counts.refusals[f"(equal error) {heap.sqlstate}"] += 1
        return None
    verdict, small = judge(comparison, statement, difference, SHRINKING)
    counts.of[verdict] += 1
    if not verdict.startswith("wrong"):
        counts.allowed.append(f"{seed} {verdict}: {small}\n{difference}")
        return None
    now = comparison.difference(small)[1] or difference
    return f"query {seed} ({difference.mode}) {verdict}\n{small}\n{now}\n\nas made: {statement}\n{again}"


@pytest.mark.timeout(1800 + SECONDS)
def test_queries_stay_equal(pg, figures):
    comparison = Comparison(Twin(pg, "set path"))
    for statement in setup():
        comparison.twin.run(statement)
    pg.execute("SET statement_timeout = '10s'")
    pg.execute("SET TimeZone = 'Europe/Berlin'")
    productions, counts, findings = Productions(pg), Counts(), []
    seed, end = FIRST_SEED, time.monotonic() + SECONDS
    while time.monotonic() < end and len(findings) < ENOUGH:
        finding = play(comparison, productions, seed, counts)
        if finding:
            findings.append(finding)
        seed += 1
        if ONE:
            break
    counts.of["equal but for the representative of equal values"] = comparison.representatives
    print(counts.report())
    if os.environ.get("LAKE_RANDOM_ALLOWED"):
        print("\n\n".join(counts.allowed))
    figures(f"{counts.of['queries']} queries ({', '.join(f'{counts.of[what]} {what}' for what in SHOWN)}), wrong answers: {len(findings)}")
    assert not findings, f"{len(findings)} wrong answers\n\n" + "\n\n".join(findings)
