"""Two paths, one answer: the same statements on a heap twin and on a lake twin must give the same.

    twin = Twin(connection, "set path")
    twin.run("CREATE TABLE t (a int) USING {am}")
    twin.compare("SELECT a FROM t ORDER BY a")

Each twin is a schema (twin_heap, twin_lake) with the same objects; {am} stands for its access method. A key is declared as
"CREATE TABLE t (a int {unique:a}) USING {am}" or "ALTER TABLE t {add_unique:a}": UNIQUE (a) on heap, the option unique_key
on lake. "CREATE TABLE t (a int) USING {am} {partition_by:a}" and "ALTER TABLE t {set_partition_by:a}" set option partition_by
on lake, {sort_by:a} and {set_sort_by:a} option sort_by, {variant_columns:a} and ", {set_variant_columns:a}" option variant_columns; {exact} lets a lake table keep numerics that no Iceberg decimal holds. Compared are, in
the text form that psql shows: rows (in order when the statement ends in ORDER BY, as a multiset otherwise), column names
and types, command tags, and of errors the SQLSTATE. Floats are exact: text is their shortest exact form.
"""

import re
from collections import Counter

import psycopg
from psycopg import pq

MODES = {"set path": "on", "row path": "off"}
SCHEMAS = {"heap": "twin_heap", "iceberg": "twin_lake"}
KEY = re.compile(r"\s*\{unique:([^}]*)\}([^;{]*?USING \{am\})")
ADDED_KEY = re.compile(r"\{add_unique:([^}]*)\}")
LAYOUT = re.compile(r"\{(partition_by|sort_by):([^}]*)\}")
NEW_LAYOUT = re.compile(r"\{set_(partition_by|sort_by):([^}]*)\}")
VARIANTS = re.compile(r"\{variant_columns:([^}]*)\}")
NEW_VARIANTS = re.compile(r",? *\{set_variant_columns:([^}]*)\}")
LAKE_TABLE = re.compile(r"USING iceberg\b(\s+WITH\s*\()?")
PATH_NOTE = re.compile(r"^--\s*path:\s*(set|parts|row)\s*$", re.MULTILINE)


TRANSFORMS = {"int4": "bucket(3, {})", "int8": "truncate(100, {})", "text": "truncate(1, {})", "timestamptz": "day({})", "date": "month({})"}
WITHOUT_OPTION = """
    SELECT c.oid::regclass::text, array_agg(ARRAY[quote_ident(a.attname), t.typname] ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_type t ON t.oid = a.atttypid JOIN pg_am m ON m.oid = c.relam AND m.amname IN ('iceberg', 'pg_lake_iceberg')
    WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND NOT coalesce(c.reloptions::text LIKE '%%' || %s || '%%', false)
    GROUP BY c.oid"""

LAKE_TABLES = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_am a ON a.oid = c.relam AND a.amname IN ('iceberg', 'pg_lake_iceberg')
    WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r'"""


class Outcome:
    """What a statement (or several, separated by semicolons) gave."""

    def __init__(self, results=(), sqlstate=None, message=""):
        self.results, self.sqlstate, self.message = list(results), sqlstate, message


class Twin:
    """`format_version`: that of the lake tables, if not the default."""

    def __init__(self, connection, mode, format_version=None):
        assert mode in MODES, f"mode {mode!r} is none of {list(MODES)}"
        assert connection.autocommit, "a twin's statements are transactions of their own"
        self.connection, self.mode, self.format_version = connection, mode, format_version
        for schema in SCHEMAS.values():
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute(f"SET pg_lake_table.enable_full_query_pushdown = {MODES[mode]}")

    def on(self, am, text):
        """The outcome on one twin."""
        self.connection.execute(f"SET search_path = {SCHEMAS[am]}, public")
        text = for_access_method(am, text)
        if am == "iceberg" and self.format_version:
            text = LAKE_TABLE.sub(lambda found: f"USING iceberg WITH (format_version = {self.format_version}" + (", " if found[1] else ")"), text)
        return outcome_of(self.connection, text)

    def run(self, text):
        """For set-up: must succeed on both, and give the same."""
        outcome = self.compare(text)
        assert outcome.sqlstate is None, f"{text}\nfailed: {outcome.message}"

    def compare(self, text):
        """Runs the statement on both twins and compares; gives the heap's outcome."""
        heap, lake = self.on("heap", text), self.on("iceberg", text)
        where = f"[{self.mode}] {text.strip()}"
        assert lake.sqlstate == heap.sqlstate, \
            f"{where}\nheap: {heap.sqlstate or 'ok'} {heap.message}\nlake: {lake.sqlstate or 'ok'} {lake.message}"
        assert len(lake.results) == len(heap.results), f"{where}\nheap: {heap.results}\nlake: {lake.results}"
        ordered = ends_in_order_by(text)
        for expected, got in zip(heap.results, lake.results):
            same_result(where, expected, got, ordered)
        self.check_path(text)
        return heap

    def partition_tables(self, but=()):
        """Lake tables that have no partitions yet get some: by the first column that can have them."""
        for table, columns in self.connection.execute(WITHOUT_OPTION, [SCHEMAS["iceberg"], "partition_by"]).fetchall():
            fields = [TRANSFORMS[kind].format(name) for name, kind in columns if kind in TRANSFORMS][:1]
            if fields and table not in but:
                self.connection.execute(f"ALTER TABLE {table} SET (partition_by = '{', '.join(fields)}')")

    def sort_tables(self, but=()):
        """Lake tables that have no sort order yet get one: by all columns that can be sorted, from the last to the first."""
        for table, columns in self.connection.execute(WITHOUT_OPTION, [SCHEMAS["iceberg"], "sort_by"]).fetchall():
            fields = [f"{name} DESC NULLS LAST, {TRANSFORMS[kind].format(name)}" for name, kind in reversed(columns) if kind in TRANSFORMS]
            if fields and table not in but:
                self.connection.execute(f"ALTER TABLE {table} SET (sort_by = '{', '.join(fields)}')")

    def branch_tables(self, branch):
        """Lake tables that have a snapshot, and no such branch yet, get it; their names."""
        tables = [row[0] for row in self.connection.execute(LAKE_TABLES, [SCHEMAS["iceberg"]]).fetchall()]
        refs = "SELECT count(*) > 0 AND NOT bool_or(name = %s) FROM lake.refs(%s)"
        tables = [table for table in tables if self.connection.execute(refs, [branch, table]).fetchone()[0]]
        for table in tables:
            self.connection.execute("SELECT lake.create_branch(%s, %s)", [table, branch])
        return tables

    def compare_tables(self):
        """After changes: every table of the schema holds the same rows."""
        for table in self.tables():
            self.compare(f"SELECT * FROM {table}")

    def tables(self):
        rows = self.connection.execute("SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = %s::regnamespace "
                                       "AND relkind = 'r' ORDER BY 1", [SCHEMAS["iceberg"]]).fetchall()
        return [row[0] for row in rows]

    def check_path(self, text):
        """A note in front of a statement: `-- path: set`, it runs whole in the server; `parts`, parts of it do; `row`, nothing
        but scans of its tables."""
        note = PATH_NOTE.search(text)
        if not note or self.mode == "row path":
            return
        self.connection.execute(f"SET search_path = {SCHEMAS['iceberg']}, public")
        statement = for_access_method("iceberg", PATH_NOTE.sub("", text))
        plan = "\n".join(row[0] for row in self.connection.execute("EXPLAIN (VERBOSE) " + statement).fetchall())
        path = "row" if "Query Pushdown" not in plan else "parts" if "Not Vectorized Constructs" in plan else "set"
        assert path == note.group(1), f"-- path: {note.group(1)}, but {path}:\n{text}\n{plan}"


def for_access_method(am, text):
    """The statement as that twin understands it."""
    if am == "heap":
        text = NEW_VARIANTS.sub("", VARIANTS.sub("", text))
        text = NEW_LAYOUT.sub("SET (fillfactor = 100)", LAYOUT.sub("", text))
        text = ADDED_KEY.sub(r"ADD UNIQUE (\1)", KEY.sub(r", UNIQUE (\1)\2", text))
    else:
        text = NEW_VARIANTS.sub(r", SET (variant_columns = '\1')", VARIANTS.sub(r"WITH (format_version = 3, variant_columns = '\1')", text))
        text = NEW_LAYOUT.sub(r"SET (\1 = '\2')", LAYOUT.sub(r"WITH (\1 = '\2')", text))
        text = ADDED_KEY.sub(r"SET (unique_key = '\1')", KEY.sub(r"\2 WITH (unique_key = '\1')", text))
    return text.replace("{am}", am).replace("{exact}", "" if am == "heap" else "WITH (unsupported_numeric_as = 'string')")


def outcome_of(connection, text, leave_failed=False):
    """Runs text as it is (simple protocol, several statements allowed) and keeps the text form of every result. A transaction
    that failed is rolled back, or left to the caller."""
    cursor = connection.cursor()
    results = []
    try:
        cursor.execute(text.encode())
    except psycopg.Error as error:
        if connection.closed:
            raise
        if not leave_failed and connection.info.transaction_status != pq.TransactionStatus.IDLE:
            connection.execute("ROLLBACK")
        return Outcome(sqlstate=error.sqlstate, message=str(error))
    while True:
        result = cursor.pgresult
        columns = [(result.fname(i).decode(), result.ftype(i), result.fmod(i)) for i in range(result.nfields)]
        rows = [tuple(result.get_value(row, column) for column in range(result.nfields)) for row in range(result.ntuples)]
        results.append((result.command_status, columns, rows))
        if not cursor.nextset():
            return Outcome(results)


def same_result(where, expected, got, ordered):
    assert got[0] == expected[0], f"{where}\nheap: {expected[0]}\nlake: {got[0]}"
    assert got[1] == expected[1], f"{where}\ncolumns (name, type, typmod)\nheap: {expected[1]}\nlake: {got[1]}"
    if ordered:
        for number, (one, other) in enumerate(zip(expected[2], got[2])):
            assert other == one, f"{where}\nrow {number}\nheap: {one}\nlake: {other}"
    else:
        missing, extra = Counter(expected[2]) - Counter(got[2]), Counter(got[2]) - Counter(expected[2])
        assert not missing and not extra, \
            f"{where}\nonly on heap: {list(missing)[:10]}\nonly on lake: {list(extra)[:10]}"


def ends_in_order_by(text):
    """Is there an ORDER BY outside all parentheses?"""
    text = re.sub(r"--[^\n]*|'(?:[^']|'')*'", " ", text)
    while True:
        inner = re.sub(r"\([^()]*\)", " ", text)
        if inner == text:
            return bool(re.search(r"\border\s+by\b", text, re.IGNORECASE))
        text = inner


def read_scenario(path):
    """A file of twins/queries: `-- setup` and its statements, `-- queries` and its statements. Statements are separated
    by blank lines. Comment lines belong to the statement that follows them."""
    parts = re.split(r"^--\s*(setup|queries)\b.*$", path.read_text(), flags=re.MULTILINE)
    assert parts[1::2] == ["setup", "queries"], f"{path}: wants a line -- setup, then a line -- queries"
    setup, queries = (split_statements(part) for part in parts[2::2])
    assert queries, f"{path}: no statement after -- queries"
    return setup, queries


def split_statements(text):
    chunks = [chunk.strip() for chunk in re.split(r"\n\s*\n", text)]
    return [chunk for chunk in chunks if re.sub(r"^--[^\n]*$", "", chunk, flags=re.MULTILINE).strip()]
