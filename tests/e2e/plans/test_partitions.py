"""Partitioned tables in shipped queries: which partitions a plan reads, locks, and when their rows are not worth sending."""

import re

import pytest


@pytest.fixture
def parts(pg):
    pg.execute("CREATE TABLE part (k int, v text) PARTITION BY RANGE (k)")
    for number in range(5):
        am = "heap" if number == 2 else "iceberg"
        pg.execute(f"CREATE TABLE part_{number} PARTITION OF part FOR VALUES FROM ({number * 10}) TO ({number * 10 + 10}) USING {am}")
    pg.execute("INSERT INTO part SELECT i, 'v' || i FROM generate_series(0, 49) i")
    pg.execute("ANALYZE part")
    return pg


def plan_of(pg, statement):
    return "\n".join(row[0] for row in pg.execute(f"EXPLAIN (VERBOSE) {statement}").fetchall())


def partitions_in(pg, statement):
    plan = plan_of(pg, statement)
    assert "Query Pushdown" in plan, plan
    return set(re.findall(r"part_\d", plan))


def test_conditions_prune_partitions(parts):
    assert partitions_in(parts, "SELECT * FROM part") == {f"part_{number}" for number in range(5)}
    assert partitions_in(parts, "SELECT * FROM part WHERE k >= 35") == {"part_3", "part_4"}
    assert partitions_in(parts, "SELECT a.v, b.v FROM part a LEFT JOIN part b ON b.k = a.k AND b.k < 3 WHERE a.k = 12") == {"part_0", "part_1"}
    assert "Query Pushdown" not in plan_of(parts, "SELECT * FROM part WHERE k = 25")


def test_a_plan_for_one_value_goes_on_pruning(parts):
    parts.execute("PREPARE q (int) AS SELECT v FROM part WHERE k = $1")
    for value in [12, 13, 31, 44, 5, 25, 12, 13]:
        assert parts.execute(f"EXECUTE q ({value})").fetchall() == [(f"v{value}",)]
    assert partitions_in(parts, "EXECUTE q (44)") == {"part_4"}
    parts.execute("SET plan_cache_mode = force_generic_plan")
    assert partitions_in(parts, "EXECUTE q (44)") == {f"part_{number}" for number in range(5)}
    assert parts.execute("EXECUTE q (44)").fetchall() == [("v44",)]


def test_partitions_are_locked_by_new_and_by_kept_plans(parts):
    locked = "SELECT relation::regclass::text FROM pg_locks WHERE pid = pg_backend_pid() AND relation::regclass::text ~ '^part' ORDER BY 1"
    parts.execute("SET plan_cache_mode = force_generic_plan")
    parts.execute("PREPARE q AS SELECT count(*) FROM part WHERE k >= 15")
    for _ in range(2):
        with parts.transaction():
            assert parts.execute("EXECUTE q").fetchone() == (35,)
            assert [row[0] for row in parts.execute(locked)] == ["part", "part_1", "part_2", "part_3", "part_4"]


def test_many_rows_in_heap_partitions_are_not_sent(parts):
    parts.execute("INSERT INTO part SELECT 20 + i % 10, 'more' FROM generate_series(1, 30000) i")
    parts.execute("ANALYZE part")
    plan = plan_of(parts, "SELECT v, count(*) FROM part GROUP BY v")
    assert "Query Pushdown" not in plan and "rows would be streamed to the server" in plan, plan
    assert partitions_in(parts, "SELECT v, count(*) FROM part WHERE k < 20 GROUP BY v") == {"part_0", "part_1"}
