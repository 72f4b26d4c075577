"""Two paths, one answer: every scenario of queries/ on heap and on lake, by the set path and by the row path."""

import re
from pathlib import Path

import pytest

from lake_harness.twin import MODES, Twin, read_scenario

SCENARIOS = sorted((Path(__file__).parent / "queries").glob("*.sql"))


# Also with hidden partitions. Not alter.sql: partitions forbid what it does with their columns.
PARTITIONED = [path for path in SCENARIOS if path.stem in ("changes", "changes_from", "conflicts", "filters", "joins", "modifications", "random")]
VERSION_3 = ["alter", "changes", "changes_from", "conflicts", "modifications"]  # scenarios that change rows


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(pg, scenario, mode):
    check_scenario(scenario, Twin(pg, mode))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", PARTITIONED, ids=lambda path: path.stem)
def test_partitioned_scenario(pg, scenario, mode):
    check_scenario(scenario, Twin(pg, mode), partitioned=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", VERSION_3)
def test_scenario_in_format_version_3(pg, name, mode):
    """Rules 63 and 71: deletion vectors and row ids change nothing about the rows."""
    check_scenario(Path(__file__).parent / f"queries/{name}.sql", Twin(pg, mode, format_version=3))


def check_scenario(scenario, twin, partitioned=False):
    setup, queries = read_scenario(scenario)
    # Source columns of partitions can be neither renamed nor dropped, and what a cursor sees first depends on files.
    altered = re.findall(r"ALTER TABLE (\w+) (?:RENAME|DROP|ALTER) COLUMN", "\n".join(queries))
    if partitioned:
        queries = [query for query in queries if not re.search(r"\bFETCH\b", query)]
    for statement in setup:
        twin.run(statement)
        if partitioned:
            twin.partition_tables(but=altered)
    failures = []
    for statement in queries:
        try:
            twin.compare(statement)
        except AssertionError as failure:
            failures.append(str(failure))
    assert not failures, f"{len(failures)} of {len(queries)} statements differ\n\n" + "\n\n".join(failures)
    twin.compare_tables()
