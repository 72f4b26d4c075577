"""Our bounds, counts and null counts are right: what PyIceberg prunes with them is not what its filter wants."""

import pytest
from pyiceberg.expressions import And, EqualTo, GreaterThan, IsNull, StartsWith


@pytest.fixture
def sales(pg):
    pg.execute("CREATE TABLE sales (id bigint NOT NULL, store text, amount numeric(10,2), sold timestamptz) USING iceberg")
    for part in range(3):
        pg.execute("INSERT INTO sales SELECT i, CASE WHEN i %% 10 > 0 THEN 'store ' || i %% 5 END, i / 7.0, "
                   "timestamptz '2024-01-01 00:00:00+00' + i * interval '1 minute' "
                   "FROM generate_series(%s::int, %s::int) i", [part * 1000 + 1, part * 1000 + 1000])
    return pg


@pytest.mark.parametrize("condition, sql", [
    (EqualTo("id", 1500), "id = 1500"),
    (And(GreaterThan("id", 990), StartsWith("store", "store 1")), "id > 990 AND store LIKE 'store 1%'"),
    (IsNull("store"), "store IS NULL"),
    (GreaterThan("amount", 400), "amount > 400"),
], ids=["equal", "and", "null", "decimal"])
def test_filters_prune_alike(sales, our_catalog, schema_name, condition, sql):
    """Our bounds and counts are right: what PyIceberg prunes with them is not what the filter wants."""
    rows = our_catalog.load_table((schema_name, "sales")).scan(row_filter=condition).to_arrow()
    expected = sales.execute(f"SELECT id FROM sales WHERE {sql.replace('%', '%%')} ORDER BY id").fetchall()
    assert sorted(rows["id"].to_pylist()) == [row[0] for row in expected]
    assert expected, "a filter that finds nothing shows nothing"


def test_files_are_pruned(sales, our_catalog, schema_name):
    """One of three files holds the row."""
    files = list(our_catalog.load_table((schema_name, "sales")).scan(row_filter=EqualTo("id", 1500)).plan_files())
    assert len(files) == 1


def test_files_are_pruned_by_fields_of_structs(pg, our_catalog, schema_name):
    """What is counted of fields in structs is what Java and PyIceberg expect, nulls of the structs too (rule 27)."""
    pg.execute("DROP TYPE IF EXISTS public.bounded_visit CASCADE; CREATE TYPE public.bounded_visit AS (at date, city text)")
    pg.execute("CREATE TABLE visits (id int, v public.bounded_visit) USING iceberg")
    pg.execute("INSERT INTO visits VALUES (1, ROW('2025-01-01', 'Rome')), (2, NULL)")
    pg.execute("INSERT INTO visits VALUES (3, ROW('2025-02-01', 'Oslo')), (4, ROW('2025-03-01', 'Paris'))")
    table = our_catalog.load_table((schema_name, "visits"))
    for condition, files in ((EqualTo("v.city", "Oslo"), 1), (EqualTo("v.city", "Bonn"), 0), (GreaterThan("v.at", "2025-01-31"), 1), (IsNull("v.city"), 1)):
        assert len(list(table.scan(row_filter=condition).plan_files())) == files, condition
    nulls = [sorted(dict(row).items()) for row in table.inspect.files()["null_value_counts"].to_pylist()]
    assert sorted(nulls) == [[(1, 0), (3, 0), (4, 0)], [(1, 0), (3, 1), (4, 1)]]
