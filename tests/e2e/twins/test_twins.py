"""Two paths, one answer: every scenario of queries/ on heap and on lake, by the set path and by the row path."""

import re
from pathlib import Path

import pytest

from lake_harness.twin import MODES, Twin, read_scenario

SPATIAL = Path(__file__).parent / "queries/geometries.sql"
SCENARIOS = sorted(set((Path(__file__).parent / "queries").glob("*.sql")) - {SPATIAL})


# Also with hidden partitions, and sorted. Not alter.sql: the options forbid what it does with their columns.
PARTITIONED = [path for path in SCENARIOS if path.stem in ("changes", "changes_from", "conflicts", "filters", "joins", "modifications", "random")]
VERSION_3 = ["alter", "changes", "changes_from", "conflicts", "modifications"]  # scenarios that change rows


# What the readers after each test have no types for.
UNREADABLE = ["variants"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", [pytest.param(path, id=path.stem, marks=[pytest.mark.no_readers] * (path.stem in UNREADABLE)) for path in SCENARIOS])
def test_scenario(pg, scenario, mode):
    check_scenario(scenario, Twin(pg, mode))
    if scenario.stem in UNREADABLE:  # nor have those after later tests
        pg.execute("DROP SCHEMA twin_lake CASCADE")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", PARTITIONED, ids=lambda path: path.stem)
def test_partitioned_scenario(pg, scenario, mode):
    check_scenario(scenario, Twin(pg, mode), Twin.partition_tables)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", PARTITIONED, ids=lambda path: path.stem)
def test_sorted_scenario(pg, scenario, mode):
    check_scenario(scenario, Twin(pg, mode), Twin.sort_tables)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", VERSION_3)
def test_scenario_in_format_version_3(pg, name, mode):
    """Rules 63 and 71: deletion vectors and row ids change nothing about the rows."""
    check_scenario(Path(__file__).parent / f"queries/{name}.sql", Twin(pg, mode, format_version=3))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("version", [2, 3])
def test_geometries(spatial, mode, version):
    """SPAT-1, SPAT-3: PostGIS evaluates, other columns are shipped as ever."""
    check_scenario(SPATIAL, Twin(spatial, mode, format_version=version))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["changes", "changes_from", "conflicts", "modifications"])
def test_scenario_on_a_branch(pg, name, mode):
    """A branch holds what a table would, and main does not change under it."""
    twin = Twin(pg, mode)
    setup, queries = read_scenario(Path(__file__).parent / f"queries/{name}.sql")
    for statement in setup:
        twin.run(statement)
    pg.execute("RESET search_path")
    rows = {table: f"SELECT array_agg(t::text ORDER BY t::text) FROM {table} t" for table in twin.branch_tables("work")}
    assert rows
    before = {table: pg.execute(query).fetchone() for table, query in rows.items()}
    pg.execute("SET pg_lake_iceberg.branch = 'work'")
    # without what changes columns, or needs them changed
    queries = [query for query in queries if not re.search(r"(ALTER|CREATE) TABLE|\(more\)", query)]
    check_queries(queries, twin, before_each=lambda: twin.branch_tables("work"))
    pg.execute("RESET pg_lake_iceberg.branch; RESET search_path")
    assert {table: pg.execute(query).fetchone() for table, query in rows.items()} == before


def check_scenario(scenario, twin, lay_out=None):
    """`lay_out`: a method that gives the lake tables partitions or a sort order."""
    setup, queries = read_scenario(scenario)
    # Columns that the option names can be neither renamed nor dropped, and what a cursor sees first depends on files.
    altered = re.findall(r"ALTER TABLE (\w+) (?:RENAME|DROP|ALTER) COLUMN", "\n".join(queries))
    if lay_out:
        queries = [query for query in queries if not re.search(r"\bFETCH\b", query)]
    for statement in setup:
        twin.run(statement)
        if lay_out:
            lay_out(twin, but=altered)
    check_queries(queries, twin)


def check_queries(queries, twin, before_each=lambda: None):
    failures = []
    for statement in queries:
        before_each()
        try:
            twin.compare(statement)
        except AssertionError as failure:
            failures.append(str(failure))
    assert not failures, f"{len(failures)} of {len(queries)} statements differ\n\n" + "\n\n".join(failures)
    twin.compare_tables()
