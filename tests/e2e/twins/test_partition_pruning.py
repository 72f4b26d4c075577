"""PART-10: random predicates on tables with random partition specs find what they find on heap, and skip files."""

import random
import re

import pytest

from lake_harness.twin import MODES, Twin

SEEDS = range(4)
ROWS = 150
COLUMNS = {
    "i": ("int", "(x - 75) * 13"), "l": ("bigint", "(x - 75) * 100000000007"), "n": ("numeric(12,2)", "(x - 75) * 3.17"),
    "f": ("float8", "CASE x % 11 WHEN 0 THEN 'NaN'::float8 WHEN 1 THEN '-0' WHEN 2 THEN 'Infinity' ELSE (x - 75) / 4.0 END"),
    "s": ("text", "CASE x % 7 WHEN 0 THEN '' ELSE repeat(chr(950 + x % 9), x % 4) || x % 5 END"),
    "b": ("bytea", "decode(lpad(to_hex(x * 37 % 65536), 4, '0'), 'hex')"), "u": ("uuid", "md5((x % 40)::text)::uuid"),
    "d": ("date", "'1970-01-01'::date + (x - 75) * 17"), "ts": ("timestamp", "'1970-01-01'::timestamp + (x - 75) * interval '1003 minutes 7 seconds'"),
    "tz": ("timestamptz", "'1970-01-01 00:00:00+00'::timestamptz + (x - 75) * interval '29 hours'"), "t": ("time", "'00:00'::time + x * interval '9 minutes'"),
    "o": ("boolean", "x % 3 = 0")}
TIMES = ["year({})", "month({})", "day({})", "hour({})", "bucket(5, {})", "{}"]
FIELDS = {"i": ["truncate(50, {})", "bucket(5, {})", "{}"], "l": ["truncate(1000000000, {})", "bucket(5, {})"], "n": ["truncate(1000, {})", "bucket(5, {})", "{}"],
          "f": ["{}"], "s": ["truncate(1, {})", "truncate(3, {})", "bucket(5, {})", "{}"], "b": ["truncate(1, {})", "bucket(5, {})"], "u": ["bucket(5, {})", "{}"],
          "d": [field for field in TIMES if "hour" not in field], "ts": TIMES, "tz": TIMES, "t": ["bucket(5, {})"], "o": ["{}"]}


def value(rng, column):
    """As a row has it, or beside it."""
    kind, expression = COLUMNS[column]
    text = re.sub(r"\bx\b", str(rng.randrange(-5, ROWS + 5)), expression)
    return f"({text})::{kind}"


def predicate(rng, depth=2):
    if depth and rng.random() < 0.4:
        return f"({predicate(rng, depth - 1)} {rng.choice(['AND', 'OR'])} {predicate(rng, depth - 1)})"
    column = rng.choice(list(COLUMNS))
    shape = rng.random()
    if shape < 0.1:
        return f"{column} IS {rng.choice(['', 'NOT '])}NULL"
    if shape < 0.3:
        return f"{column} IN ({', '.join(value(rng, column) for _ in range(rng.randrange(1, 6)))})"
    if shape < 0.4:
        return f"{column} BETWEEN {value(rng, column)} AND {value(rng, column)}"
    if shape < 0.5 and column == "s":
        return rng.choice(["s LIKE 'μ%'", "s LIKE 'νν%'", "starts_with(s, 'ξ')", "s LIKE '%1'", "s NOT LIKE 'μ%'"])
    if shape < 0.6 and column in ("ts", "d"):
        return rng.choice([f"extract(year FROM {column}) = 1971", f"date_trunc('month', {column}) = '1970-03-01'", f"{column}::date < '1969-10-01'"])
    comparison = f"{value(rng, column)} {rng.choice(['=', '<', '<=', '>', '>=', '<>'])} {column}"
    return f"NOT ({comparison})" if shape < 0.7 else comparison


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", SEEDS)
def test_random_predicates(pg, seed, mode):
    rng = random.Random(seed)
    twin = Twin(pg, mode)

    def spec():
        return ", ".join(rng.choice(FIELDS[column]).format(column) for column in rng.sample(list(FIELDS), rng.randrange(1, 3)))

    definition = ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
    twin.run(f"CREATE TABLE r (x int, {definition}) USING {{am}} {{partition_by:{spec()}}}")
    rows = ", ".join(f"CASE WHEN x % {at + 7} > 0 THEN {expression} END" for at, (_, expression) in enumerate(COLUMNS.values()))
    for part in range(3):
        if part:
            twin.run(f"ALTER TABLE r {{set_partition_by:{spec()}}}")
        twin.run(f"INSERT INTO r SELECT x, {rows} FROM generate_series({part * 50}, {part * 50 + 49}) x")
    for _ in range(60):
        twin.compare(f"SELECT x FROM r WHERE {predicate(rng)} ORDER BY x")
    for number in range(6):
        where = predicate(rng)
        twin.compare(f"DELETE FROM r WHERE x % 5 = 0 AND {where}" if number % 2 else f"UPDATE r SET i = i + 7, s = s || 'z', ts = ts + interval '40 days' WHERE {where}")
    twin.compare("SELECT * FROM r ORDER BY x")
