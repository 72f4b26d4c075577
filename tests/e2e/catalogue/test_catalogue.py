"""Every line of the catalogue: its examples on heap and on lake, over a table of edge values, shipped (or not, with the reason).

LAKE_CATALOGUE_ONLY=REGEX tries the lines whose title matches. LAKE_WRITE_DOCS=1 writes the tables of docs/pushdown.md, otherwise they
are compared.
"""

import os
import re
from pathlib import Path

import pytest

from lake_harness.twin import Twin

from .document import with_tables
from .edges import KIND, ROWS, create_table, insert_rows
from .lines import read_lines

DOCUMENT = Path(__file__).parents[3] / "docs/pushdown.md"
MOST_ERRORS = 20  # different messages of one expression, each of which is asked for
ONLY = re.compile(os.environ.get("LAKE_CATALOGUE_ONLY", ""))


@pytest.fixture
def twin(pg):
    twin = Twin(pg, "set path")
    pg.execute(KIND)
    for statement in (create_table(), insert_rows()):
        twin.run(statement)
    return twin


def queries(kind, expression):
    """What runs the expression, as alone as can be when a row fails."""
    if kind == "aggregate":
        return [f"SELECT {expression} FROM edge", f"SELECT id % 5, {expression} FROM edge GROUP BY 1 ORDER BY 1",
                f"SELECT {expression} FROM edge WHERE id < 0"]
    if kind == "window function":
        over = "" if " OVER " in expression else " OVER (PARTITION BY id % 4 ORDER BY id)"
        return [f"SELECT id, {expression}{over} FROM edge ORDER BY id"]
    return [f"SELECT id, {expression} FROM edge ORDER BY id"]


def check_plan(twin, line, query):
    twin.connection.execute("SET search_path = twin_lake, public")
    plan = "\n".join(row[0] for row in twin.connection.execute("EXPLAIN (VERBOSE) " + query).fetchall())
    if line.stays is None:
        assert "Query Pushdown" in plan, f"is not shipped: {query}\n{plan}"
    else:
        assert "Query Pushdown" not in plan, f"is shipped, though its line says that it stays: {query}"
        assert f"({line.stays})" in plan, f"EXPLAIN does not say why: {query}\n{plan}"


def check_expression(twin, line, expression):
    for query in queries(line.kind, expression):
        check_plan(twin, line, query)
        if twin.compare(query).sqlstate is not None and line.kind in ("operator", "function"):
            check_failing_rows(twin, expression)


def check_failing_rows(twin, expression):
    """The rows that do not fail on heap give the same, and those that do fail, some of them asked alone, with the same error."""
    outcomes = {row: twin.on("heap", f"SELECT {expression} FROM edge WHERE id = {row}") for row in range(ROWS)}
    whole = [row for row, outcome in outcomes.items() if outcome.sqlstate is None]
    if whole:
        twin.compare(f"SELECT id, {expression} FROM edge WHERE id IN ({', '.join(map(str, whole))}) ORDER BY id")
    by_message = {primary(outcome): row for row, outcome in outcomes.items() if outcome.sqlstate is not None}
    for row in list(by_message.values())[:MOST_ERRORS]:
        query, outcome = f"SELECT {expression} FROM edge WHERE id = {row}", outcomes[row]
        other = twin.on("iceberg", query)
        assert (other.sqlstate, primary(other)) == (outcome.sqlstate, primary(outcome)), \
            f"{query}\nheap: {outcome.sqlstate} {outcome.message}\nlake: {other.sqlstate} {other.message}"


def primary(outcome):
    """The primary message; the hint and where in the text it stood are not part of the promise."""
    return outcome.message.partition("\n")[0]


def check_line(twin, line):
    assert line.example, "has no example"
    expressions = line.expressions()
    assert expressions, f"its example speaks of no column of the table: {line.example}"
    if line.kind in ("operator", "function") and line.stays is None:
        together = f"SELECT id, {', '.join(expressions)} FROM edge ORDER BY id"
        check_plan(twin, line, together)
        if twin.compare(together).sqlstate is None:
            return
    for expression in expressions:
        check_expression(twin, line, expression)


@pytest.mark.parametrize("kind", ["operator", "function", "aggregate", "window function"])
def test_examples(twin, kind):
    failures = []
    lines = [line for line in read_lines(twin.connection) if line.kind == kind and ONLY.search(line.title)]
    for line in lines:
        try:
            check_line(twin, line)
        except AssertionError as failure:
            failures.append(f"{line.title}\n{failure}")
    assert not failures, f"{len(failures)} of {len(lines)} lines fail\n\n" + "\n\n".join(failures)


def test_document(pg):
    """The tables of docs/pushdown.md are those of the catalogue."""
    text = DOCUMENT.read_text()
    expected = with_tables(text, read_lines(pg))
    if os.environ.get("LAKE_WRITE_DOCS"):
        DOCUMENT.write_text(expected)
    assert DOCUMENT.read_text() == expected, \
        "docs/pushdown.md is not what the catalogue says: LAKE_WRITE_DOCS=1 ./lake test tests/e2e/catalogue"
