"""Two paths, one answer: every scenario of queries/ on heap and on lake, by the set path and by the row path."""

from pathlib import Path

import pytest

from lake_harness.twin import MODES, Twin, read_scenario

SCENARIOS = sorted((Path(__file__).parent / "queries").glob("*.sql"))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(pg, scenario, mode):
    setup, queries = read_scenario(scenario)
    twin = Twin(pg, mode)
    for statement in setup:
        twin.run(statement)
    failures = []
    for statement in queries:
        try:
            twin.compare(statement)
        except AssertionError as failure:
            failures.append(str(failure))
    assert not failures, f"{len(failures)} of {len(queries)} statements differ\n\n" + "\n\n".join(failures)
    twin.compare_tables()
