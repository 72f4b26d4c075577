"""Data files are skipped by functions of dates and times that grow with their column, in whatever time zone, and no row is missed: the rows lie around
changes of clocks and years, a file for every few hours."""

import json

import pytest

# zone, when its clocks change or something else is odd about it
EDGES = [("Europe/Berlin", ["2025-03-30", "2025-10-26", "2025-01-01"]), ("America/New_York", ["2025-11-02"]),
         ("America/Sao_Paulo", ["2018-02-18", "2018-11-04"]),  # at midnight
         ("Australia/Lord_Howe", ["2025-04-06"]),  # by half an hour
         ("Pacific/Apia", ["2011-12-30"]), ("Asia/Manila", ["1844-12-31"]),  # a day that was not
         ("America/Juneau", ["1867-10-18"]),  # a day that came twice
         ("UTC", ["2024-02-29", "0001-01-06"])]
CALLS = ["extract(year FROM {})", "date_part('decade', {})", "extract(epoch FROM {})", "date_trunc('hour', {})", "date_trunc('day', {})",
         "date_trunc('week', {})", "date_trunc('month', {})", "date_trunc('century', {})", "{}::date", "{}::timestamp", "{}::timestamptz",
         "({} AT TIME ZONE 'America/New_York')::date"]


def rows(edge):
    return f"""SELECT t AS tz, t AT TIME ZONE 'UTC' AS ts, (t AT TIME ZONE 'UTC')::date AS d
               FROM generate_series(timestamptz '{edge} 00:00Z' - interval '3 days', timestamptz '{edge} 00:00Z' + interval '3 days', interval '1 hour') t"""


def fill(pg, edge):
    pg.execute("SET TimeZone = 'UTC'")
    pg.execute("DROP TABLE IF EXISTS lake, heap")
    pg.execute(f"CREATE TABLE heap AS {rows(edge)}")
    pg.execute("CREATE TABLE lake (tz timestamptz, ts timestamp, d date) USING iceberg WITH (partition_by = 'hour(tz)')")
    pg.execute("INSERT INTO lake SELECT * FROM heap")


def conditions(pg, call):
    """Comparisons with the values that the function has there, some of them."""
    values = [row[0] for row in pg.execute(f"SELECT DISTINCT ({call})::text FROM heap ORDER BY 1").fetchall()]
    kind = pg.execute(f"SELECT pg_typeof({call})::text FROM heap LIMIT 1").fetchone()[0]
    step = max(1, len(values) // 3)
    for value in values[::step]:
        yield from (f"{call} {op} '{value}'::{kind}" for op in ("=", "<", "<=", ">", ">="))
    yield f"{call} BETWEEN '{values[0]}'::{kind} AND '{values[-1]}'::{kind}"
    yield f"{call} IN ('{values[0]}'::{kind}, '{values[-1]}'::{kind})"


def checked(pg, table, tests):
    sums = ", ".join(f"(SELECT count(*) FROM {table} WHERE {test})" for test in tests)
    return pg.execute(f"SELECT {sums}").fetchone()


@pytest.mark.parametrize("zone, edge", [(zone, edge) for zone, edges in EDGES for edge in edges])
def test_no_row_is_missed(pg, zone, edge):
    fill(pg, edge)
    pg.execute(f"SET TimeZone = '{zone}'")
    for column in ("tz", "ts", "d"):
        for call in (call.format(column) for call in CALLS):
            tests = list(conditions(pg, call))
            for at in range(0, len(tests), 16):
                some = tests[at:at + 16]
                got, right = checked(pg, "lake", some), checked(pg, "heap", some)
                assert got == right, [test for test, one, other in zip(some, got, right, strict=True) if one != other]


def scanned(pg, condition, table="months", files=36):
    """Files that were scanned; all others were skipped."""
    plan = pg.execute(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT json) SELECT * FROM {table} WHERE {condition}").fetchone()[0]
    plan = json.dumps(plan)
    found = [int(json.loads("{" + part.split(",")[0] + "}")[name]) for name in ("Data Files Scanned", "Data Files Skipped")
             for part in ['"' + name + '"' + plan.split('"' + name + '"', 1)[1]]]
    assert sum(found) == files, plan
    return found[0]


@pytest.fixture
def months(pg):
    """A file for each month of three years."""
    pg.execute("SET TimeZone = 'Europe/Berlin'")
    pg.execute("CREATE TABLE months (tz timestamptz, ts timestamp, d date, s text, n int) USING iceberg")
    for month in range(36):
        pg.execute(f"""INSERT INTO months SELECT t::timestamptz, t, t::date, chr(65 + {month} % 26) || 'x', {month} * 1000
                       FROM generate_series(timestamp '2024-01-03' + interval '{month} months', timestamp '2024-01-26' + interval '{month} months', '6 hours') t""")
    return pg


@pytest.mark.parametrize("full", ["on", "off"])
def test_files_are_skipped(months, full):
    months.execute(f"SET pg_lake_table.enable_full_query_pushdown = {full}")
    for column in ("tz", "ts", "d"):
        assert scanned(months, f"extract(year FROM {column}) = 2025") == 12, column
        assert scanned(months, f"date_part('year', {column}) < 2025") == 12, column
        assert scanned(months, f"extract(year FROM {column}) IN (2024, 2026)") == 24, column
        assert scanned(months, f"extract(year FROM {column}) BETWEEN 2025 AND 2026") == 24, column
        assert scanned(months, f"date_trunc('month', {column}) = '2025-07-01'") == 1, column
        assert scanned(months, f"date_trunc('year', {column}) >= '2026-01-01'") == 12, column
        assert scanned(months, f"{column}::date = '2025-03-15'") == 1, column
        assert scanned(months, f"{column}::date BETWEEN '2025-03-15' AND '2025-04-12'") == 2, column
        assert scanned(months, f"{column}::timestamp >= '2026-07-15'") == 6, column
        assert scanned(months, f"{column} >= '2026-07-15'::timestamptz") == 6, column
        assert scanned(months, f"{column} >= '2026-07-15'::date") == 6, column
    assert scanned(months, "(tz AT TIME ZONE 'America/New_York')::date = '2025-03-15'") == 1


def test_files_are_skipped_by_text_lists_and_joins(months):
    assert scanned(months, "s LIKE 'B%'") == 2
    assert scanned(months, "n IN (" + ", ".join(str(number) for number in range(5001, 9000)) + ")") == 3
    assert scanned(months, "n IN (SELECT k FROM (VALUES (5000), (7000)) v(k))") == 2


def test_files_are_skipped_by_fields_of_composites(pg):
    pg.execute("DROP TYPE IF EXISTS public.pruned_visit, public.pruned_place CASCADE; CREATE TYPE public.pruned_place AS (city text, number smallint); "
               "CREATE TYPE public.pruned_visit AS (at timestamptz, place public.pruned_place, notes text[])")
    pg.execute("SET TimeZone = 'UTC'")
    pg.execute("CREATE TABLE visits (id int, v public.pruned_visit) USING iceberg")
    for number in range(10):
        pg.execute(f"INSERT INTO visits VALUES ({number}, ROW('2025-0{number % 9 + 1}-03', ROW(chr(65 + {number}) || 'x', {number}), '{{a}}')::public.pruned_visit)")
    pg.execute("INSERT INTO visits VALUES (10, NULL), (11, ROW(NULL, ROW(NULL, NULL), NULL)::public.pruned_visit)")
    pg.execute("CREATE TABLE heap_visits AS SELECT * FROM visits")
    for condition, files in {"((v).place).number = 4": 1, "((v).place).number BETWEEN 2 AND 3": 2, "((v).place).city LIKE 'C%'": 1,
                             "((v).place).city IN ('Bx', 'Jx')": 2, "((v).place).city IS NULL": 11, "(v).at IS NOT NULL": 10,
                             "(v).at >= '2025-08-01'": 2, "(v).notes = '{a}'": 11, "((v).place).number <> 4": 10}.items():
        for full in ("on", "off"):
            pg.execute(f"SET pg_lake_table.enable_full_query_pushdown = {full}")
            assert scanned(pg, condition, "visits", 11) == files, condition
            found, right = (pg.execute(f"SELECT id FROM {table} WHERE {condition} ORDER BY id").fetchall() for table in ("visits", "heap_visits"))
            assert found == right, condition
