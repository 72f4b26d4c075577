"""A set of queries on three copies of the same tables: Iceberg, heap, and DuckDB alone on the very files of the Iceberg tables.

Heap's answers are the truth: for the comparison each query gets its output columns as further sort keys, so that rows, their order and
what LIMIT keeps are defined, and then Iceberg's must be the same, value for value and type for type. Where heap does not answer in
time the rows are compared with DuckDB's instead, which computes in doubles what PostgreSQL computes in numeric.
"""

import re
import time
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urlsplit

import duckdb
import psycopg
from pyiceberg.table import StaticTable

from bulk_writes import copy_in
from figures import Figure, Table, alternate, geometric_mean, milliseconds, ratio, timed
from lakectl.console import LakeError, note

CLOSE = Decimal("1e-9")
SLOWEST = 1.2
LIMIT = re.compile(r"\bLIMIT\s+\d+(\s+OFFSET\s+\d+)?\s*$", re.IGNORECASE)
# Where DuckDB would otherwise mean something else than PostgreSQL by the same text.
AS_POSTGRES = ("SET default_null_order = 'nulls_last_on_asc_first_on_desc'", "SET integer_division = true")


class Answer(NamedTuple):
    types: list
    rows: list
    error: str


class QuerySuite:
    """`tables` maps a table's name to its columns; `queries` a query's name to its text, the same for all three."""

    def __init__(self, context, title, tables, queries, kinds=("heap", "lake")):
        self.context, self.title, self.tables = context, title, tables
        self.queries = {name: text for name, text in queries.items() if context.wants(name)}
        if not self.queries:
            raise LakeError(f"{title} has no such query", f"there are {', '.join(queries)}")
        self.schemas = {kind: f"bench_{kind}" for kind in kinds}
        self.rounds, self.warm_up, self.timeout = (context.sizes[f"suite_{name}"] for name in ("rounds", "warm_up", "timeout"))
        # Every run is planned, as it is in DuckDB.
        self.pg.prepare_threshold = None
        for schema in self.schemas.values():
            self.pg.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")

    @property
    def pg(self):
        return self.context.pg

    # -- the three copies ---------------------------------------------------------------------------------------------

    def load(self, paths, indexes):
        """`paths` are the tables' CSV files, `indexes` (table, columns) for heap."""
        for table, columns in self.tables.items():
            for kind, schema in self.schemas.items():
                self.pg.execute(f"CREATE TABLE {schema}.{table} ({columns}) USING {'iceberg' if kind == 'lake' else 'heap'}")
                copy_in(self.pg, paths[table], f"COPY {schema}.{table} FROM STDIN (FORMAT csv, HEADER)")
        for table, columns in indexes:
            self.pg.execute(f"CREATE INDEX ON {self.schemas['heap']}.{table} ({columns})")
        for table in self.tables:
            self.pg.execute(f"VACUUM ANALYZE {self.schemas['heap']}.{table}")
            self.pg.execute(f"ANALYZE {self.schemas['lake']}.{table}")
        self.pg.execute("CHECKPOINT")

    def open_duckdb(self):
        """DuckDB alone, as many threads and as much memory as pgduck_server has, on the files of the Iceberg tables."""
        self.alone = open_duckdb(self.context)
        self.make_views(self.alone)

    def make_views(self, alone):
        for table in self.tables:
            files = ", ".join(f"'{path}'" for path in data_files(self.pg, self.schemas["lake"], table))
            alone.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet([{files}])")

    def drop(self):
        self.alone.close()
        for schema in self.schemas.values():
            self.pg.execute(f"DROP SCHEMA {schema} CASCADE")

    # -- running ------------------------------------------------------------------------------------------------------

    def execute(self, kind, text):
        """The answer, which may be an error about the data; None when it takes too long."""
        self.pg.execute(f"SET search_path = {self.schemas[kind]}; SET statement_timeout = '{self.timeout}s'")
        try:
            cursor = self.pg.execute(text)
            return Answer([column.type_code for column in cursor.description], cursor.fetchall(), "")
        except psycopg.errors.QueryCanceled:
            return None
        except psycopg.Error as error:
            if kind == "heap" and not isinstance(error, psycopg.DataError):
                raise
            return Answer([], [], f"{error.sqlstate} {error.diag.message_primary}")
        finally:
            self.pg.execute("RESET statement_timeout")

    def not_shipped(self, text):
        """Why a query does not run in the server as a whole, as EXPLAIN says it; empty if it does."""
        self.pg.execute(f"SET search_path = {self.schemas['lake']}")
        lines = [line for line, in self.pg.execute("EXPLAIN (VERBOSE, COSTS OFF) " + text).fetchall()]
        if "Custom Scan (Query Pushdown)" in lines[0]:
            return []
        return sorted({line.split(":", 1)[1].strip() for line in lines if line.strip().startswith("Description:")}) or ["no reason given"]

    def run(self, measured=True):
        """An outcome for each query."""
        outcomes = []
        for name, text in self.queries.items():
            outcomes.append(Outcome(self, name, text, measured))
            note(" | ".join(outcomes[-1].cells()))
        return outcomes

    def answer_figures(self, outcomes):
        count = len(outcomes)
        wrong = [f"{one.name}: {one.wrong}" for one in outcomes if one.wrong]
        late = [f"{one.name}: not in {self.timeout} s" for one in outcomes if not one.against]
        refused = [f"{one.name}: {', '.join(one.reasons)}" for one in outcomes if one.reasons]
        yield Figure(f"{self.title}: answers equal to PostgreSQL's on heap", f"{count - len(wrong) - len(late)} of {count}", goal="all", met=not (wrong or late),
                     notes=wrong + late)
        yield Figure(f"{self.title}: queries that run in the server as a whole", f"{count - len(refused)} of {count}", goal="all", met=not refused, notes=refused)
        self.context.wrong += [f"{self.title}: {text}" for text in wrong]

    def time_figures(self, outcomes):
        for kind, beside, goal in (("duckdb", "DuckDB alone", 1.0), ("heap", f"heap (what ends within {self.timeout} s)", None)):
            pairs = [(one.lake, getattr(one, kind)) for one in outcomes if one.lake and getattr(one, kind)]
            if pairs:
                yield self.mean_figure(pairs, beside, goal)
        slow = [f"{one.name}: not in {self.timeout} s" for one in outcomes if not one.against]
        slow += [f"{one.name}: {ratio(one.lake, one.duckdb)}" for one in outcomes if one.lake and one.lake > one.duckdb * SLOWEST]
        yield Figure(f"{self.title}: queries above {SLOWEST} times DuckDB", f"{len(slow)} of {len(outcomes)}", goal="none", met=not slow, notes=slow)
        yield Table(f"{self.title}, query by query", ["query", "pg_lake", "DuckDB", "ratio", "heap", "ratio", "in the server", "answer"],
                    [one.cells() for one in outcomes])

    def mean_figure(self, pairs, beside, goal):
        mean = geometric_mean([ours / theirs for ours, theirs in pairs])
        ours, theirs = (sum(times) for times in zip(*pairs))
        return Figure(f"{self.title}: {len(pairs)} queries, all times and the geometric mean of the ratios", f"{ours:.2f} s", f"{beside} {theirs:.2f} s",
                      f"{mean:.2f}", f"ratio <= {goal}" if goal else "", mean <= goal if goal else None)


class Outcome:
    """What became of one query: its times in seconds (None: not in time), what its answer was compared with ("" where there was none) and what is
    wrong with it, why it was not shipped."""

    def __init__(self, suite, name, text, measured):
        self.suite, self.name, self.text, self.measured = suite, name, text, measured
        self.lake = self.duckdb = None
        self.reasons = suite.not_shipped(text)
        self.compare()
        if measured and self.against and not self.error:
            self.measure()

    def compare(self):
        suite, text = self.suite, self.totally_ordered()
        begin = time.perf_counter()
        heap = suite.execute("heap", text) if "heap" in suite.schemas else None
        self.heap = time.perf_counter() - begin if heap else None
        lake = suite.execute("lake", text)
        self.error = lake and lake.error
        if not lake:
            self.against, self.wrong = "", ""
        elif heap:
            self.against, self.wrong = "heap", difference(heap, lake)
        else:
            self.against, self.wrong = "DuckDB", self.error or vague_difference(suite.alone.execute(text).fetchall(), lake.rows)

    def totally_ordered(self):
        """The same query with all its columns as further sort keys; without those by which the server cannot sort, if it runs the query itself."""
        suite = self.suite
        keys = range(1, len(suite.execute(next(iter(suite.schemas)), f"SELECT * FROM ({self.text}) q LIMIT 0").types) + 1)
        text = self.ordered_by(keys)
        if self.reasons or not suite.not_shipped(text):
            return text
        return self.ordered_by([key for key in keys if not suite.not_shipped(self.ordered_by([key]))])

    def ordered_by(self, keys):
        if not keys:
            return self.text
        limit = LIMIT.search(self.text)
        head, tail = (self.text[:limit.start()], " " + limit.group(0)) if limit else (self.text, "")
        return head + (", " if "ORDER BY" in outermost(self.text).upper() else " ORDER BY ") + ", ".join(map(str, keys)) + tail

    def measure(self):
        suite = self.suite
        suite.pg.execute(f"SET search_path = {suite.schemas['lake']}")
        samples = alternate(suite.rounds, {kind: lambda number, client=client: timed(lambda: client.execute(self.text).fetchall())
                                           for kind, client in (("lake", suite.pg), ("duckdb", suite.alone))}, warm_up=suite.warm_up)
        self.lake, self.duckdb = samples["lake"].p50, samples["duckdb"].p50

    def cells(self):
        def time_of(kind, seconds):
            asked = kind in self.suite.schemas and (self.measured or kind == "heap")
            return milliseconds(seconds) if seconds else "" if not asked else "error" if self.error else f"> {self.suite.timeout} s"

        def ratio_to(seconds):
            return ratio(self.lake, seconds) if self.lake and seconds else ""

        return [self.name, time_of("lake", self.lake), milliseconds(self.duckdb) if self.duckdb else "", ratio_to(self.duckdb), time_of("heap", self.heap), ratio_to(self.heap),
                "no" if self.reasons else "yes", f"WRONG: {self.wrong}" if self.wrong else f"as {self.against}" if self.against else "none"]


def outermost(text):
    """The text without all that is in parentheses."""
    inner = re.compile(r"\([^()]*\)")
    while inner.search(text):
        text = inner.sub(" ", text)
    return text


def difference(heap, lake):
    """Heap's answer and Iceberg's must be the same values with the same scale, in the same types and order."""
    if heap.error != lake.error:
        return f"{lake.error or 'no error'} instead of {heap.error or 'an answer'}"
    if heap.types != lake.types:
        return f"types {lake.types} instead of {heap.types}"
    return rows_difference([repr(row) for row in heap.rows], [repr(row) for row in lake.rows])


def rows_difference(expected, got):
    if expected == got:
        return ""
    if sorted(expected) == sorted(got):
        return "the rows are in another order"
    missing, surplus = sorted(set(expected) - set(got)), sorted(set(got) - set(expected))
    return f"{len(got)} rows instead of {len(expected)}; {len(surplus)} differ, the first {surplus[:1]} instead of {missing[:1]}"


def vague_difference(expected, got):
    if len(expected) != len(got):
        return f"{len(got)} rows instead of DuckDB's {len(expected)}"
    for left, right in zip(sorted(expected, key=vague), sorted(got, key=vague)):
        if not all(close(one, other) for one, other in zip(left, right)):
            return f"{right} instead of DuckDB's {left}"
    return ""


def vague(row):
    return [f"{float(value):.5e}" if isinstance(value, (int, float, Decimal)) else repr(value) for value in row]


def close(one, other):
    if one is None or other is None or isinstance(one, str):
        return one == other
    if isinstance(one, (int, float, Decimal)):
        return abs(Decimal(one) - Decimal(other)) <= CLOSE * max(1, abs(Decimal(one)))
    return one == other


def open_duckdb(context):
    with context.engine() as engine:
        threads, memory = engine.execute("SELECT current_setting('threads')::int, current_setting('memory_limit')").fetchone()
    alone = duckdb.connect(config={"threads": threads, "memory_limit": memory.replace(" ", "")})
    for setting in AS_POSTGRES:
        alone.execute(setting)
    return alone


def data_files(pg, namespace, table):
    """The paths of an Iceberg table's data files, as PyIceberg plans a scan of all of it."""
    location = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = %s AND table_name = %s",
                          (namespace, table)).fetchone()[0]
    tasks = list(StaticTable.from_metadata(location).scan().plan_files())
    assert tasks and not any(task.delete_files for task in tasks)
    return [urlsplit(task.file.file_path).path for task in tasks]
