"""PyIceberg's SqlCatalog over iceberg_tables, as any client of the SQL catalog connects (CAT-1, CAT-2), and StaticTable over
a metadata path alone: what it lists, what it reads, what it may write, and what it is refused."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psycopg
import pyarrow
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError, TableAlreadyExistsError
from pyiceberg.expressions import GreaterThan
from pyiceberg.table import StaticTable

DRIVERS = ["psycopg", "psycopg2"]
ROWS = [(1, "till", Decimal("14.99"), datetime.datetime(2026, 2, 3, 4, 5, 6, 789000), True),
        (2, "ünï ✓", Decimal("-0.01"), None, False),
        (None, None, None, None, None)]


def open_catalog(home, name="postgres", driver="psycopg", user="postgres", **properties):
    return SqlCatalog(name, uri=f"postgresql+{driver}://{user}@127.0.0.1:{home.home.port}/postgres", **properties)


@pytest.fixture
def catalog(home):
    opened = open_catalog(home)
    yield opened
    opened.close()


@pytest.fixture
def sales(pg):
    pg.execute("CREATE TABLE sales (id int, name text, price numeric(10,2), sold timestamp, paid bool) USING iceberg")
    insert(pg, ROWS)
    return pg


def insert(pg, rows):
    with pg.cursor() as cursor:
        cursor.executemany("INSERT INTO sales VALUES (%s, %s, %s, %s, %s)", rows)


def rows_of(scan):
    return sorted((tuple(row.values()) for row in scan.to_arrow().to_pylist()), key=repr)


def location(pg, table):
    return pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = current_schema() "
                      "AND table_name = %s", [table]).fetchone()[0]


@pytest.mark.parametrize("driver", DRIVERS)
def test_finds_and_reads_a_table(home, sales, schema_name, driver):
    catalog = open_catalog(home, driver=driver)
    assert (schema_name,) in catalog.list_namespaces()
    assert catalog.list_tables(schema_name) == [(schema_name, "sales")]
    assert catalog.table_exists((schema_name, "sales"))
    table = catalog.load_table((schema_name, "sales"))
    assert [str(field.field_type) for field in table.schema().fields] == ["int", "string", "decimal(10, 2)", "timestamp",
                                                                          "boolean"]
    assert rows_of(table.scan()) == sorted(ROWS, key=repr)
    assert rows_of(table.scan(row_filter=GreaterThan("id", 1), selected_fields=("name",))) == [("ünï ✓",)]
    catalog.close()


def test_sees_each_commit_and_can_go_back(sales, catalog, schema_name):
    table = catalog.load_table((schema_name, "sales"))
    before = table.current_snapshot().snapshot_id
    insert(sales, [(3, "more", Decimal("1.00"), None, None)])
    assert len(rows_of(table.scan())) == len(ROWS)
    table.refresh()
    assert len(rows_of(table.scan())) == len(ROWS) + 1
    assert rows_of(table.scan(snapshot_id=before)) == sorted(ROWS, key=repr)
    assert table.snapshot_by_id(table.current_snapshot().parent_snapshot_id).snapshot_id == before


def test_a_transaction_is_one_snapshot_and_invisible_until_it_commits(home, sales, catalog, schema_name):
    table = catalog.load_table((schema_name, "sales"))
    known = len(table.snapshots())
    with sales.transaction():
        insert(sales, [(number, "open", None, None, None) for number in range(10, 15)])
        sales.execute("CREATE TABLE later (a int) USING iceberg")
        assert len(rows_of(table.refresh().scan())) == len(ROWS)
        assert catalog.list_tables(schema_name) == [(schema_name, "sales")]
    assert len(rows_of(table.refresh().scan())) == len(ROWS) + 5
    assert len(table.snapshots()) == known + 1
    assert set(catalog.list_tables(schema_name)) == {(schema_name, "sales"), (schema_name, "later")}
    assert rows_of(catalog.load_table((schema_name, "later")).scan()) == []


def test_a_metadata_path_is_enough_and_never_changes(sales):
    first = location(sales, "sales")
    insert(sales, [(3, "more", Decimal("1.00"), None, None)])
    second = location(sales, "sales")
    assert first != second
    assert rows_of(StaticTable.from_metadata(first).scan()) == sorted(ROWS, key=repr)
    assert len(rows_of(StaticTable.from_metadata(second).scan())) == len(ROWS) + 1
    assert sales.execute("SELECT previous_metadata_location FROM iceberg_tables WHERE metadata_location = %s",
                         [second]).fetchone()[0] == first


def test_names_follow_rename_and_drop(sales, catalog, schema_name):
    sales.execute("CREATE TABLE stays (a int) USING iceberg")
    sales.execute("ALTER TABLE sales RENAME TO sold")
    assert set(catalog.list_tables(schema_name)) == {(schema_name, "sold"), (schema_name, "stays")}
    assert len(rows_of(catalog.load_table((schema_name, "sold")).scan())) == len(ROWS)
    with pytest.raises(NoSuchTableError):
        catalog.load_table((schema_name, "sales"))
    sales.execute("DROP TABLE sold")
    assert catalog.list_tables(schema_name) == [(schema_name, "stays")]


def test_names_that_a_url_would_escape(pg, catalog, schema_name):
    pg.execute('CREATE TABLE "Größe & 100% #1" ("a b" int) USING iceberg')
    pg.execute('INSERT INTO "Größe & 100% #1" VALUES (7)')
    table = catalog.load_table((schema_name, "Größe & 100% #1"))
    assert table.scan().to_arrow().to_pylist() == [{"a b": 7}]
    pg.execute('DROP TABLE "Größe & 100% #1"')


def test_another_catalog_name_sees_nothing_of_ours(home, sales, schema_name):
    other = open_catalog(home, name="elsewhere")
    assert (schema_name,) not in other.list_namespaces()
    with pytest.raises(NoSuchTableError):
        other.load_table((schema_name, "sales"))
    other.close()


def test_a_role_without_any_grant_reads_the_catalog(home, sales, schema_name):
    sales.execute("DROP ROLE IF EXISTS catalog_reader")
    sales.execute("CREATE ROLE catalog_reader LOGIN")
    catalog = open_catalog(home, user="catalog_reader", init_catalog_tables="false")
    assert len(rows_of(catalog.load_table((schema_name, "sales")).scan())) == len(ROWS)
    catalog.close()
    sales.execute("DROP ROLE catalog_reader")


def test_entries_stay_in_their_catalog(sales, catalog, schema_name):
    """The tables of this database are PostgreSQL's: no views among them, and none moves to another catalog or back."""
    before = location(sales, "sales")
    for change in ["catalog_name = 'elsewhere'", "iceberg_type = 'VIEW'"]:
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="only supported via pg_lake_iceberg tables"):
            sales.execute(f"UPDATE iceberg_tables SET {change} WHERE table_namespace = current_schema() AND table_name = 'sales'")
    assert location(sales, "sales") == before
    assert sales.execute("SELECT count(*) FROM sales").fetchone() == (len(ROWS),)


def test_of_two_who_swap_one_pointer_one_wins(home, pg):
    """The commit of every client of the SQL catalog: an UPDATE that names the old location and must count one row."""
    pg.execute("INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location) "
               "VALUES ('elsewhere', 'n', 'contested', 'file:///old')")
    swap = ("UPDATE iceberg_tables SET metadata_location = %s, previous_metadata_location = 'file:///old' WHERE catalog_name = "
            "'elsewhere' AND table_namespace = 'n' AND table_name = 'contested' AND metadata_location = 'file:///old'")
    try:
        with home.connect(autocommit=False) as first, ThreadPoolExecutor(1) as pool:
            assert first.execute(swap, ["file:///first"]).rowcount == 1
            second = pool.submit(lambda: pg.execute(swap, ["file:///second"]).rowcount)
            first.commit()
            assert second.result(timeout=30) == 0
        assert pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_name = 'contested'").fetchall() == [
            ("file:///first",)]
        with pytest.raises(psycopg.errors.UniqueViolation):
            pg.execute("INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location) "
                       "VALUES ('elsewhere', 'n', 'contested', 'file:///other')")
    finally:
        pg.execute("DELETE FROM iceberg_tables WHERE catalog_name = 'elsewhere' AND table_name = 'contested'")


@pytest.mark.parametrize("driver", DRIVERS)
def test_other_catalogs_may_keep_their_tables_here(home, pg, tmp_path, schema_name, driver):
    catalog = open_catalog(home, name="elsewhere", driver=driver, warehouse=f"file://{tmp_path}")
    space = f"{schema_name}_theirs"
    arrow = pyarrow.table({"a": pyarrow.array([1, 2, 3], pyarrow.int32())})
    try:
        catalog.create_namespace(space, {"owner": "somebody"})
        assert catalog.load_namespace_properties(space)["owner"] == "somebody"
        table = catalog.create_table((space, "t"), arrow.schema)
        with pytest.raises(TableAlreadyExistsError):
            catalog.create_table((space, "t"), arrow.schema)
        stale = catalog.load_table((space, "t"))
        table.append(arrow)
        stale.append(arrow)  # PyIceberg learns of the conflict and tries again on top of the other commit
        assert sorted(catalog.load_table((space, "t")).scan().to_arrow()["a"].to_pylist()) == [1, 1, 2, 2, 3, 3]
        assert pg.execute("SELECT catalog_name, table_name, iceberg_type FROM iceberg_tables WHERE table_namespace = %s",
                          [space]).fetchall() == [("elsewhere", "t", "TABLE")]
        catalog.rename_table((space, "t"), (space, "u"))
        assert catalog.list_tables(space) == [(space, "u")]
    finally:
        for identifier in catalog.list_tables(space):
            catalog.drop_table(identifier)
        catalog.drop_namespace(space)
        catalog.close()
    assert pg.execute("SELECT count(*) FROM iceberg_tables WHERE catalog_name = 'elsewhere'").fetchone() == (0,)
