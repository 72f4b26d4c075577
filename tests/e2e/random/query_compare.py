"""Runs a statement on the heap twin and, by the set path and the row path, on the lake twin; heap is the truth.

    difference = Comparison(twin).difference(statement)      # None, or a Difference that says what differs
    verdict = judge(comparison, statement, difference)       # "wrong", or why SQL allows both answers
"""

import re
from collections import Counter

from lake_harness.twin import MODES

from .query_expressions import Node
from .query_shrink import FILTERS, reductions, shrink
from .query_tables import VALUES

FLOATS = {700, 701}
# docs/pushdown.md, known differences: numeric arithmetic lives in 38 digits
BEYOND_38_DIGITS = re.compile(r"numeric value out of range")
TOO_SLOW = "57014"
COLUMN = re.compile(r"\b([a-z]\d+)\.")
TABLE = re.compile(r"(?P<table>\w+) (?P<alias>t\d+)")
ROWS = 60  # no table has more
RELATION = re.compile(r"(?:\w+|\(.*\)|generate_series\(.*\)) (?P<alias>[a-z]\d+)(?:\([a-z0-9, ]+\))?$")


class Difference:
    def __init__(self, kind, mode, heap, lake):
        """kind: rows, columns, error (one of them fails, or both with other SQLSTATEs), message."""
        self.kind, self.mode, self.heap, self.lake = kind, mode, heap, lake

    def same_as(self, other):
        return (other is not None and (self.kind, self.mode, self.heap.sqlstate, self.lake.sqlstate)
                == (other.kind, other.mode, other.heap.sqlstate, other.lake.sqlstate)
                and (self.kind != "error" and self.kind != "message" or primary(self.lake) == primary(other.lake)))

    def __str__(self):
        if self.kind in ("rows", "columns"):
            for heap, lake in zip(self.heap.results, self.lake.results):
                if heap[1] != lake[1]:
                    return f"columns\nheap: {heap[1]}\nlake: {lake[1]}"
                missing, extra = Counter(heap[2]) - Counter(lake[2]), Counter(lake[2]) - Counter(heap[2])
                if missing or extra or heap[2] != lake[2]:
                    order = "" if missing or extra else f"\nother order\nheap: {heap[2][:6]}\nlake: {lake[2][:6]}"
                    return f"only on heap: {list(missing)[:5]}\nonly on lake: {list(extra)[:5]}{order}"
            return f"results\nheap: {len(self.heap.results)}\nlake: {len(self.lake.results)}"
        return f"heap: {self.heap.sqlstate or 'ok'} {self.heap.message}\nlake: {self.lake.sqlstate or 'ok'} {self.lake.message}"


class Comparison:
    def __init__(self, twin):
        self.twin, self.connection = twin, twin.connection
        self.representatives = 0  # equal values of other looks: -0 and 0, 1.0 and 1.00

    def outcome(self, am, text, mode):
        self.connection.execute(f"SET pg_lake_table.enable_full_query_pushdown = {MODES[mode]}")
        return self.twin.on(am, text)

    def difference(self, statement, modes=tuple(MODES)):
        """The heap's outcome, and the first difference from it."""
        heap = self.twin.on("heap", str(statement))
        for mode in modes:
            lake = self.outcome("iceberg", str(statement), mode)
            kind = self.compare(statement, heap, lake)
            if kind:
                return heap, Difference(kind, mode, heap, lake)
        return heap, None

    def compare(self, statement, heap, lake):
        if heap.sqlstate != lake.sqlstate:
            return "error"
        if heap.sqlstate is not None:
            return "message" if unquoted(heap) != unquoted(lake) else None
        if len(heap.results) != len(lake.results):
            return "rows"
        for expected, got in zip(heap.results, lake.results):
            if expected[0] != got[0] or expected[1] != got[1]:
                return "columns" if expected[1] != got[1] else "rows"
            if expected[2] == got[2]:
                continue
            if not statement.ordered and Counter(expected[2]) == Counter(got[2]):
                continue
            columns = [column[1] for column in expected[1]]
            if Counter(plain(columns, expected[2])) != Counter(plain(columns, got[2])):
                return "rows"
            if statement.ordered and plain(columns, expected[2]) != plain(columns, got[2]):
                return "rows"
            self.representatives += 1
        return None

    def explain(self, statement):
        """The plan of the set path, or None when it fails, and the outcome; on both twins it fails alike."""
        outcome = self.outcome("iceberg", statement.explain(), "set path")
        if outcome.sqlstate is not None:
            heap = self.twin.on("heap", statement.explain())
            return None, None if heap.sqlstate == outcome.sqlstate else outcome
        return "\n".join((row[0] or b"").decode() for result in outcome.results if result[2] and len(result[1]) == 1 for row in result[2]), outcome


def plain(types, rows):
    """Which of several equal values stands for a group is open, where they look different: numerics without trailing zeros, no minus before 0,
    char(n) without blanks."""
    return [tuple(value and plain_value(kind, value) for kind, value in zip(types, row)) for row in rows]


def plain_value(kind, value):
    if kind in FLOATS and value == b"-0":
        return b"0"
    if kind == 1700 and b"." in value:
        return value.rstrip(b"0").rstrip(b".")
    if kind == 1042:
        return value.rstrip(b" ")
    return value


def primary(outcome):
    return outcome.message.splitlines()[0] if outcome.message else ""


def unquoted(outcome):
    """Which row fails first is open, and messages tell its value."""
    return re.sub(r'"[^"]*"|(?<=out of range: ).*|(?<=index )-?\d+', "...", primary(outcome))


def raised(outcome):
    return (outcome.sqlstate, unquoted(outcome))


def judge(comparison, statement, difference, seconds):
    """"wrong" and the smallest statement that shows it, or the reason why both answers are right."""
    heap, lake = difference.heap, difference.lake
    if TOO_SLOW in (heap.sqlstate, lake.sqlstate):
        return "too slow", statement
    if lake.sqlstate == "22003" and BEYOND_38_DIGITS.search(lake.message):
        return "numeric beyond 38 digits", statement
    modes = (difference.mode,)

    def shows(root):
        return difference.same_as(comparison.difference(statement.with_query(root), modes)[1])

    small = statement.with_query(shrink(statement.query, shows, seconds))
    again = comparison.difference(small, modes)[1]
    if again is None:
        return "order of evaluation" if heap.sqlstate and lake.sqlstate else "wrong, but not twice", statement
    if difference.kind in ("error", "message") and order_decides(comparison, small, again):
        return "order of evaluation", small
    return "wrong", small


def order_decides(comparison, small, difference):
    """Errors of what SQL may evaluate in another order, or not at all: without one of the filters (one fails), or without the other expression that fails
    (both do), the twin that did not raise the other's error raises it, too. CASE and COALESCE are no filters."""
    heap, lake, mode = difference.heap, difference.lake, difference.mode
    if heap.sqlstate is None:  # columns of a subquery that nobody reads: run alone, it raises the error on heap, too
        with_list = small.query.parts[:-2]
        for node in small.query.all():
            alone = small.with_query(Node("statement", *with_list, node))
            if node.kind == "query" and raised(comparison.twin.on("heap", str(alone))) == raised(lake):
                return True
    one_fails = heap.sqlstate is None or lake.sqlstate is None
    if alone_raises(comparison, small, difference) if one_fails else one_row_raises(comparison, small, lake):
        return True
    for kind, root in reductions(small.query):
        if one_fails and lake.sqlstate and kind not in FILTERS:
            continue
        if lake.sqlstate and not (heap.sqlstate is None and kind == "operand" and "CASE" in str(root)):
            if raised(comparison.twin.on("heap", str(small.with_query(root)))) == raised(lake):
                return True
        if heap.sqlstate:
            if raised(comparison.outcome("iceberg", str(small.with_query(root)), mode)) == raised(heap):
                return True
    return False


def alone_raises(comparison, small, difference):
    """Whether an expression, over all rows of its relations, raises the other twin's error, too: a join, a window frame or an empty relation kept rows
    from it, or it was folded."""
    heap, lake, mode = difference.heap, difference.lake, difference.mode
    expected = lake if lake.sqlstate else heap
    for text in expressions(small):
        alone = str(small.with_query(Node("statement", *small.query.parts[:-2], Node("query", text))))
        if raised(comparison.twin.on("heap", alone) if lake.sqlstate else comparison.outcome("iceberg", alone, mode)) == raised(expected):
            return True
    return False


def one_row_raises(comparison, small, lake):
    """Whether an expression raises the lake's error on heap, too, for another row than the first that fails."""
    for text in expressions(small):
        head, _, relation = text.partition(" FROM ")
        match = TABLE.fullmatch(relation)
        for row in range(ROWS if match else 0):
            one = f"{head} FROM (SELECT * FROM {match['table']} ORDER BY 1 OFFSET {row} LIMIT 1) {match['alias']}"
            alone = small.with_query(Node("statement", *small.query.parts[:-2], Node("query", one)))
            if raised(comparison.twin.on("heap", str(alone))) == raised(lake):
                return True
    return False


def expressions(statement):
    """Every expression of the statement as a query: SELECT expression FROM its relations."""
    relations = {match["alias"]: str(node) for node in statement.query.all() if node.kind == "from" for match in [RELATION.match(str(node))] if match}
    for node in statement.query.all():
        aliases = sorted(set(COLUMN.findall(str(node))))
        if node.kind in VALUES and all(alias in relations for alias in aliases):
            yield f"SELECT {node}" + (" FROM " if aliases else "") + ", ".join(relations[alias] for alias in aliases)
