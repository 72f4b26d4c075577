"""The checker of histories finds every anomaly that there is a name for, and nothing in histories without one."""

import pytest

from .history import Transaction, anomalies

LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
pytestmark = pytest.mark.no_readers


def a(key, value):
    return ("append", key, value)


def r(key, *values):
    return ("read", key, list(values))


def rows(key, *values):
    return ("read", key, frozenset(values))


def history(*transactions, **statuses):
    """Each transaction in a session of its own; the last one reads everything."""
    names = [f"T{number}" for number in range(1, len(transactions) + 1)]
    return [Transaction(name, f"session of {name}", operations, statuses.get(name, "committed"))
            for name, operations in zip(names, transactions)]


BAD = {  # kind -> history, the weakest level that forbids it
    "G0": (history([a("x", 1), a("y", 1)], [a("x", 2), a("y", 2)], [r("x", 1, 2), r("y", 2, 1)]), "READ COMMITTED"),
    "G1a": (history([a("x", 1)], [r("x", 1)], [r("x")], T1="aborted"), "READ COMMITTED"),
    "G1b": (history([a("x", 1), a("x", 2)], [r("x", 1)], [r("x", 1, 2)]), "READ COMMITTED"),
    "G1c": (history([a("x", 1), r("y", 1)], [a("y", 1), r("x", 1)], [r("x", 1), r("y", 1)]), "READ COMMITTED"),
    "duplicate": (history([a("x", 1)], [r("x", 1, 1)]), "READ COMMITTED"),
    "incompatible order": (history([a("x", 1)], [a("x", 2)], [r("x", 2)], [r("x", 1, 2)]), "READ COMMITTED"),
    "lost append": (history([a("x", 1)], [r("x")]), "READ COMMITTED"),
    "lost update": (history([r("x"), a("x", 1)], [r("x"), a("x", 2)], [r("x", 1, 2)]), "REPEATABLE READ"),
    "G-single": (history([a("x", 1), a("y", 1)], [r("x"), r("y", 1)], [r("x", 1), r("y", 1)]), "REPEATABLE READ"),
    "G-nonadjacent": (history([a("x", 1)], [a("y", 1)], [r("x", 1), r("y")], [r("x"), r("y", 1)], [r("x", 1), r("y", 1)]), "REPEATABLE READ"),
    "G2": (history([r("x"), a("y", 1)], [r("y"), a("x", 2)], [r("x", 2), r("y", 1)]), "SERIALIZABLE"),
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", BAD)
def test_anomalies(kind, level):
    bad, weakest = BAD[kind]
    found = {anomaly.kind for anomaly in anomalies(bad, level)}
    assert (kind in found) == (LEVELS.index(level) >= LEVELS.index(weakest)), found


def test_anomalies_of_rows():
    """Sets of rows have no order but that in which they were seen."""
    lost = history([rows("x"), a("x", 1)], [a("x", 2)], [rows("x", 2)])
    assert {anomaly.kind for anomaly in anomalies(lost, "READ COMMITTED")} == {"lost append"}
    fork = history([a("x", 1)], [a("x", 2)], [rows("x", 1)], [rows("x", 2)], [rows("x", 1, 2)])
    assert {anomaly.kind for anomaly in anomalies(fork, "READ COMMITTED")} == {"incompatible order"}
    changed = history([a("x", 1)], [rows("x"), rows("x", 1)], [rows("x", 1)])
    assert anomalies(changed, "READ COMMITTED") == []
    assert {anomaly.kind for anomaly in anomalies(changed, "REPEATABLE READ")} == {"G-single"}
    skew = history([rows("x"), a("y", 1)], [rows("y"), a("x", 2)], [rows("x", 2), rows("y", 1)])
    assert anomalies(skew, "REPEATABLE READ") == []
    assert {anomaly.kind for anomaly in anomalies(skew, "SERIALIZABLE")} == {"G2"}
    late = history([rows("x", 2), a("x", 1)], [a("x", 2)], [rows("x"), a("x", 3)], [rows("x", 1, 2, 3)])
    assert anomalies(late, "REPEATABLE READ") == [], "inserted rows do not depend on each other"
    assert {anomaly.kind for anomaly in anomalies(late, "SERIALIZABLE")} == {"G2"}


def test_sessions_are_in_order():
    """Who committed sees it in the next transaction."""
    forgot = [Transaction("T1", "s", [a("x", 1)]), Transaction("T2", "s", [r("x")]), Transaction("T3", "t", [r("x", 1)])]
    assert {anomaly.kind for anomaly in anomalies(forgot, "REPEATABLE READ")} == {"G-single"}


@pytest.mark.parametrize("level", LEVELS)
def test_good_histories(level):
    assert anomalies(history([r("x"), a("x", 1)], [r("x", 1), a("x", 2), r("x", 1, 2), a("y", 1)], [r("x", 1, 2), r("y", 1)]), level) == []
    assert anomalies(history([rows("x"), a("x", 1), rows("x", 1)], [rows("x", 1), a("x", 2)], [rows("x", 1, 2)]), level) == []


@pytest.mark.parametrize("level", LEVELS)
def test_lost_answers(level):
    """A commit whose answer was lost may have happened or not, but not for some alone."""
    assert anomalies(history([a("x", 1)], [r("x")], T1="unknown"), level) == []
    assert anomalies(history([a("x", 1)], [r("x", 1)], T1="unknown"), level) == []
    half = history([a("x", 1), a("y", 1)], [r("x", 1), r("y")], T1="unknown")
    assert "lost append" in {anomaly.kind for anomaly in anomalies(half, level)}
