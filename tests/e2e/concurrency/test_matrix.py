"""Every ordered pair of changes of one table in two transactions, at three levels, on a heap twin and on a lake twin.

tests/isolation/make_matrix.py says what the pairs are. Measured are who waits, who fails with which SQLSTATE and when, and the rows at
the end. The rows must be those of the committed transactions run one after another, on lake tables always. Where lake and heap
differ, a rule of docs/transactions.md must say so. docs/isolation-matrix.md is what was measured; when it is not, the test fails and
leaves the new one beside its logs.
"""

import os
from pathlib import Path

import pytest
from isolation.make_matrix import CHANGES, LEVELS, SPECS, specs
from lakectl.places import ROOT

from .pairs import BY_OTHERS, Pairs

DOCUMENT = ROOT / "docs/isolation-matrix.md"
CHANGES_ROWS = ("update", "delete", "merge", "rewrite")
LOCKS_TABLE = ("truncate", "alter")
RULES = {
    "a": "Statements that change rows of one table wait for each other, whichever rows they are.",
    "b": "A lost race for rows is found at COMMIT, where heap finds it in the statement that waited.",
    "c": "It is about data files: the transactions may have changed different rows of one.",
    "d": "A transaction goes on seeing what others have truncated since; on heap tables it sees nothing. It cannot change those rows.",
    "e": "A transaction cannot change rows under columns that another one has changed since.",
    "f": "SERIALIZABLE finds dependencies by table, most at COMMIT; ALTER TABLE counts as a change, and who changes a table as a reader of it.",
    "g": "A statement that waited sees the whole result of the one it waited for; on heap it rechecks the rows that it had found.",
}


def serial_rows(heap, first, second):
    """Committed changes -> what the table may hold after them, one after another on a heap table."""
    one, two = (first, 1), (second, 2)
    return {changes: [heap.one_after_another(order) for order in orders]
            for changes, orders in {(): [[]], (one,): [[one]], (two,): [[two]], (one, two): [[one, two], [two, one]]}.items()}


def rules_between(first, second, level, heap, lake):
    """The letters of RULES that explain why they differ, or nothing."""
    both_change_rows = first in CHANGES_ROWS and second in CHANGES_ROWS
    letters = set()
    if both_change_rows and lake.waits and not heap.waits:
        letters.add("a")
    if level != "rc" and lake.failures != heap.failures and lake.failures == [(2, "commit", "40001")]:
        if heap.failures == [(2, "change", "40001")] and both_change_rows:
            letters.add("b")
        elif not heap.failures and both_change_rows:
            letters.add("c")
        elif not heap.failures and first == "truncate" and second in CHANGES_ROWS and level == "rr":
            letters.add("d")
    if level == "sr" and [(session, state) for session, _, state in lake.failures] == [(2, "40001")] and (first in LOCKS_TABLE or second in LOCKS_TABLE):
        letters.add("f")
    if level != "rc" and first == "alter" and second in CHANGES_ROWS and lake.failures and lake.failures[0][1] == "change" and not heap.failures:
        letters.add("e")
    if level == "rc" and not lake.failures and not heap.failures and lake.rows != heap.rows and both_change_rows:
        letters.add("g")
    return letters


def cell(first, second, level, heap, lake):
    letters = ", ".join(sorted(rules_between(first, second, level, heap, lake)))
    if str(heap) == str(lake):
        return f"{heap}" + (f"; other rows ({letters})" if heap.rows != lake.rows else "")
    return f"heap {heap}; lake **{lake}** ({letters})"


ORDERS = [(other, is_last) for other in BY_OTHERS for is_last in (False, True)]


def with_another_engine(results, level):
    """The table of session 1 and another engine."""
    lines = ["| session 1 | " + " | ".join(f"ours, then another engine {other}" if is_last else f"another engine {other}, then ours"
                                           for other, is_last in ORDERS) + " |", "|---" * (len(ORDERS) + 1) + "|"]
    for first in CHANGES:
        lines.append(f"| **{first}** | " + " | ".join(words(results[first, other, is_last, level]) for other, is_last in ORDERS) + " |")
    return lines


def words(result):
    ends = [state if session == 2 else f"ours {state}{' at COMMIT' if when == 'commit' else ''}" for session, when, state in result.failures]
    return ", ".join((["waits"] if result.waits else []) + (ends or ["ok"]))


def document(results):
    lines = ["# The isolation matrix", "",
             "What happens when two transactions change one Iceberg table, beside what happens on a heap table. Measured and written by",
             "`tests/e2e/concurrency/test_matrix.py`, which fails when it is no longer so; `tests/isolation/make_matrix.py` says what the changes are",
             "(`rewrite` is an UPDATE of another row than the others change, with `copy_on_write_threshold = 0`, so that the data file is written anew).", "",
             "Both transactions begin and read, session 1 (the row) makes its change, session 2 (the column) makes its own, session 1 commits, session 2 commits.",
             "*waits*: session 2 waits until session 1 has ended. An SQLSTATE is session 2's, in its statement if nothing else is said. The rows at the end are",
             "always those of the committed transactions, one after the other. When session 1 rolls back instead, session 2 never fails.", "",
             "Where the two differ:", ""]
    lines += [f"- ({letter}) {text}" for letter, text in RULES.items()]
    lines += ["", "Below each matrix: another engine (PyIceberg) appends a row, or deletes row 1, after session 1 has read and before or after it makes its change.",
              "An administrator swaps the pointer for it, without the locks that a commit through `iceberg_tables` takes. *refused*: the pointer was no longer the",
              "one that it had read, so that it must try again; *waits*: until session 1 ended, to learn that.", ""]
    for level, title in LEVELS.items():
        lines += [f"## {title}", "", "| session 1 \\ 2 | " + " | ".join(CHANGES) + " |", "|---" * (len(CHANGES) + 1) + "|"]
        lines += [f"| **{first}** | " + " | ".join(cell(first, second, level, *results[first, second, level]) for second in CHANGES) + " |"
                  for first in CHANGES]
        lines += ["", *with_another_engine(results, level), ""]
    return "\n".join(lines)


@pytest.fixture
def twins(pg, home, schema_name):
    found = [Pairs(home, schema_name, am) for am in ("heap", "iceberg")]
    yield found
    for pairs in found:
        pairs.close()


def test_matrix(twins):
    heap, lake = twins
    results, problems = {}, []
    for first in CHANGES:
        for second in CHANGES:
            serial = serial_rows(heap, first, second)
            for level in LEVELS:
                for end in ("ROLLBACK", "COMMIT"):
                    expected, got = heap.play(first, second, level, end), lake.play(first, second, level, end)
                    where = f"{first} and {second}, {LEVELS[level]}, {end}: heap {expected} {expected.rows}, lake {got} {got.rows}"
                    allowed = serial[tuple(got.committed(first, second, end == "ROLLBACK"))]
                    if got.rows not in allowed:
                        problems.append(f"{where}\nlake's rows are none of {allowed}")
                    if end == "ROLLBACK" and got.failures:
                        problems.append(f"{where}\nlake fails although session 1 rolled back")
                    if (str(expected) != str(got) or expected.rows != got.rows) and not rules_between(first, second, level, expected, got):
                        problems.append(f"{where}\nno rule explains the difference")
                results[first, second, level] = expected, got
    problems += measure_other_engines(heap, lake, results)
    assert not problems, f"{len(problems)} problems\n\n" + "\n\n".join(problems)
    text = document(results)
    if not DOCUMENT.exists() or DOCUMENT.read_text() != text:
        fresh = Path(os.environ.get("LAKE_TEST_HOME", ROOT / ".lake/test")) / DOCUMENT.name
        fresh.write_text(text)
        pytest.fail(f"{DOCUMENT} is not what was measured: {fresh}", pytrace=False)


def measure_other_engines(heap, lake, results):
    problems = []
    for first in CHANGES:
        for other in BY_OTHERS:
            serial = serial_rows(heap, first, other)
            for level in LEVELS:
                for is_last in (False, True):
                    got = results[first, other, is_last, level] = lake.play_with_another_engine(first, other, level, is_last)
                    allowed = serial[tuple(got.committed(first, other, False))]
                    if got.rows not in allowed:
                        problems.append(f"{first}, another engine {other}, {LEVELS[level]}, {is_last=}: {words(got)} {got.rows}\nis none of {allowed}")
    return problems


@pytest.mark.no_readers
@pytest.mark.parametrize("name", specs())
def test_specs_are_the_generators(name):
    assert (SPECS / name).read_text() == specs()[name], "python3 tests/isolation/make_matrix.py writes it"
