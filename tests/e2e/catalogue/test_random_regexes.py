"""Random regular expressions: those that are shipped match, capture and replace as PostgreSQL does."""

import random

import pytest

from lake_harness.twin import Twin

TEXTS, PATTERNS = 250, 400
ATOMS = ["a", "b", "c", "[ab]", "[^a]", "[bc]", ".", "/"]
QUANTIFIERS = ["", "", "", "?", "*", "+", "{1,2}", "*?"]


def atom(chance):
    return chance.choice(ATOMS) + chance.choice(QUANTIFIERS)


def row(chance, most):
    return "".join(atom(chance) for _ in range(chance.randint(1, most)))


def piece(chance, depth=0):
    kind = chance.randrange(10)
    if kind < 5 or depth > 1:
        return row(chance, 2)
    if kind < 7:
        return f"({row(chance, 2)})"
    if kind == 7:
        return f"(?:{''.join(chance.choice(ATOMS) for _ in range(chance.randint(1, 3)))})?"
    if kind == 8:
        return f"({piece(chance, depth + 1)}{piece(chance, depth + 1)})"
    return f"(?:{row(chance, 2)}|{row(chance, 2)})"


def pattern(chance):
    return chance.choice(["^", "^", ""]) + "".join(piece(chance) for _ in range(chance.randint(1, 4))) + chance.choice(["$", "$", ""])


@pytest.fixture
def twin(pg):
    twin = Twin(pg, "set path")
    chance = random.Random(1)
    twin.run("CREATE TABLE r (t text) USING {am}")
    twin.run("INSERT INTO r VALUES " + ", ".join("('" + "".join(chance.choice("aabbc/") for _ in range(chance.randrange(8))) + "')" for _ in range(TEXTS)))
    return twin


def test_random_patterns(twin, figures):
    chance = random.Random(2)
    shipped = 0
    for _ in range(PATTERNS):
        text = pattern(chance)
        expressions = [f"regexp_replace(t, '{text}', '<\\&>')", f"regexp_replace(t, '{text}', '<\\&>', 'g')", f"substring(t from '{text}')", f"regexp_count(t, '{text}')"]
        if "(" in text.replace("(?:", ""):
            expressions.append(f"regexp_replace(t, '{text}', '<\\1>')")
        query = f"SELECT t, t ~ '{text}', {', '.join(expressions)} FROM r"
        twin.compare(query)
        twin.connection.execute("SET search_path = twin_lake, public")
        shipped += twin.connection.execute("EXPLAIN " + query).fetchone()[0].startswith("Custom Scan (Query Pushdown)")
    figures(f"random regular expressions: {PATTERNS}, {shipped} shipped with all that they matched, none different")
    assert shipped > PATTERNS // 10
