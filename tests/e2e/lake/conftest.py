"""pgduck_server alone, without PostgreSQL: a server of this directory's own on a socket of its own, and Iceberg tables
in a temporary directory, made through the functions of docs/link.md or by PyIceberg."""

import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import psycopg
import pytest
from lakectl.places import BUILD, DUCKDB

SERVER = Path(os.environ.get("LAKE_SERVER", BUILD / "src/server/pgduck_server"))
PORT = 5399


class Server:
    """One running server whose only local root is `root`. Restart it with `environ` to set fault points."""

    def __init__(self, root, environ=None):
        self.root = Path(root)
        self.sockets = tempfile.mkdtemp(prefix="lake-e2e-")
        self.start(environ)

    def start(self, environ=None):
        libraries = f"{DUCKDB}/lib:" + os.environ.get("LD_LIBRARY_PATH", "")
        self.log = open(self.root / "server.log", "ab")
        self.process = subprocess.Popen(
            [SERVER, "--unix_socket_directory", self.sockets, "--port", str(PORT), "--local_root", str(self.root),
             "--duckdb_database_file_path", ":memory:"],
            env={**os.environ, "LD_LIBRARY_PATH": libraries, **(environ or {})}, stdout=self.log, stderr=self.log)
        for _ in range(200):
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                assert self.process.poll() is None, f"the server died, see {self.root / 'server.log'}"
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def connect(self):
        return psycopg.connect(host=self.sockets, port=PORT, user="postgres", dbname="postgres", autocommit=True)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.log.close()

    def remove(self):
        shutil.rmtree(self.sockets)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("lake"))
    yield running
    running.stop()
    running.remove()


@pytest.fixture
def engine(server):
    with server.connect() as connection:
        yield connection


@pytest.fixture
def place(server, request):
    """A directory of the test's own below the local root."""
    name = re.sub(r"\W+", "_", request.node.name).strip("_")[:60]
    path = server.root / f"{name}_{uuid.uuid4().hex[:8]}"
    path.mkdir()
    return path


WIRE = {"boolean": "bool", "int": "int4", "long": "int8", "float": "float4", "double": "float8", "date": "date",
        "time": "time", "timestamp": "timestamp", "timestamptz": "timestamptz", "string": "text", "binary": "bytea",
        "uuid": "uuid"}


class Table:
    """An Iceberg table written through the server. `base` is what the next scan or commit starts from."""

    def __init__(self, engine, location, columns, properties=None):
        """`columns`: {name: Iceberg type}; a type ending in '!' is required."""
        self.engine = engine
        self.location = location
        self.columns = {name: kind.rstrip("!") for name, kind in columns.items()}
        spec = {"location": location, "properties": properties or {}, "format_version": 2,
                "columns": [{"name": name, "type": kind.rstrip("!"), "required": kind.endswith("!"), "doc": None}
                            for name, kind in columns.items()]}
        self.base = engine.execute("SELECT base FROM lake_create(%s)", [json.dumps(spec)]).fetchone()[0]
        self.version = 0

    def adopt(self, table):
        """Goes on from what PyIceberg wrote: commits of ours on top of it."""
        self.location, self.base, self.version = table.location(), table.metadata_location, 100
        return self

    def write_spec(self, prefix=None, wires=None, **options):
        """The argument of lake_write."""
        prefix = prefix or f"{self.location}/data/{uuid.uuid4()}"
        columns = [{"name": name, "wire": (wires or {}).get(name) or WIRE.get(kind, "numeric")}
                   for name, kind in self.columns.items()]
        return {"base": self.base, "data_prefix": prefix, "columns": columns, "target_file_size": 1 << 29,
                "row_group_size": 1 << 27, "compression": "snappy", **options}

    def write(self, rows, connection=None, **options):
        """Rows (tuples) through COPY; the change text, rows, bytes and files."""
        spec = self.write_spec(**options)
        connection = connection or self.engine
        literal = json.dumps(spec).replace("'", "''")
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY lake_write('{literal}') FROM STDIN (FORMAT binary)") as copy:
                copy.set_types([column["wire"] for column in spec["columns"]])
                for row in rows:
                    copy.write_row(row)
            return cursor.execute("SELECT change, rows, bytes, files FROM lake_written()").fetchone()

    def commit_spec(self, *changes, **options):
        self.version += 1
        snapshot, name = uuid.uuid4().int >> 66, uuid.uuid4()
        metadata = f"{self.location}/metadata"
        return {"base": self.base, "changes": list(changes), "snapshot_id": snapshot, "timestamp_ms": None,
                "metadata_location": f"{metadata}/{self.version - 1:05}-{name}.metadata.json",
                "manifest_prefix": f"{metadata}/{name}", "manifest_list": f"{metadata}/snap-{snapshot}-1-{name}.avro",
                **options}

    def commit(self, *changes, **options):
        """Changes: texts that write() returned, or 'truncate'. Moves on to the new metadata and returns the totals."""
        entries = [{"truncate": True} if change == "truncate" else {"change": json.loads(change)} for change in changes]
        spec = self.commit_spec(*entries, **options)
        row = self.engine.execute("SELECT * FROM lake_commit(%s)", [json.dumps(spec)]).fetchone()
        self.base = row[0]
        return row[1:]

    def append(self, rows, **options):
        return self.commit(self.write(rows, **options)[0])

    def row_ids(self, rest="", changes=None, parameters=None):
        """Ids of the rows that a filter leaves."""
        rows = self.scan("file_index + file_row_number", rest, parameters, changes=changes, row_ids=True)
        return [row[0] for row in rows]

    def delete_ids(self, ids, changes=None):
        """lake_delete: (change text, rows)."""
        text = None if changes is None else json.dumps(changes)
        return self.engine.execute("SELECT change, rows FROM lake_delete(%s, %s, %b)",
                                   [self.base, text, row_id_blocks(ids)]).fetchone()

    def delete(self, rest, changes=None):
        """The change that deletes the rows a filter leaves."""
        return self.delete_ids(self.row_ids(rest, changes), changes)[0]

    def commit_deletes(self, *changes, threshold=100, max_rows=-1, **options):
        """A commit that may delete; by default nothing is rewritten."""
        return self.commit(*changes, delete_prefix=f"{self.location}/data/{uuid.uuid4()}",
                           copy_on_write_threshold=threshold, copy_on_write_max_delete_rows=max_rows, **options)

    def scan(self, select="*", rest="", parameters=None, **options):
        return scan(self.engine, self.base, select, rest, parameters, **options)

    def static(self):
        """The table as PyIceberg reads it from its metadata file alone."""
        from pyiceberg.table import StaticTable
        return StaticTable.from_metadata(self.base)


def row_id_blocks(ids):
    """Row ids as lake_delete takes them."""
    blocks = {}
    for row_id in sorted(set(ids)):
        blocks.setdefault(row_id >> 16, []).append(row_id & 0xFFFF)
    out = []
    for high, values in blocks.items():
        out.append(struct.pack("!II", high, len(values)))
        if len(values) <= 4096:
            out.append(struct.pack(f"!{len(values)}H", *values))
        else:
            bits = bytearray(8192)
            for value in values:
                bits[value // 8] |= 1 << value % 8
            out.append(bytes(bits))
    return b"".join(out)


def source(base, changes=None, types=None, snapshot=None, row_ids=None):
    """The call of lake_scan as SQL text."""
    def quote(text):
        return "'" + text.replace("'", "''") + "'"
    call = f"lake_scan({quote(base)}"
    if changes is not None:
        call += f", changes := {quote(json.dumps(changes))}"
    if types is not None:
        call += f", types := {quote(json.dumps(types))}"
    if snapshot is not None:
        call += f", snapshot_id := {snapshot}"
    if row_ids is not None:
        call += f", row_ids := {str(row_ids).lower()}"
    return call + ")"


def scan(engine, base, select="*", rest="", parameters=None, **options):
    """Rows of a query over lake_scan; options are changes, types, snapshot, row_ids."""
    call = source(base, **options)
    if parameters:
        call = call.replace("%", "%%")
    return engine.execute(f"SELECT {select} FROM {call} {rest}", parameters).fetchall()


def files_scanned(engine, base, rest):
    """(scanned, skipped) data files as EXPLAIN tells them; (0, None) when nothing is scanned at all."""
    rows = engine.execute(f"EXPLAIN SELECT * FROM {source(base)} {rest}").fetchall()
    plan = "\n".join(str(column) for row in rows for column in row)
    if "EMPTY_RESULT" in plan:
        return 0, None
    return tuple(int(re.search(rf"Data Files {what}:[^0-9]*(\d+)", re.sub(r"[│\n]", " ", plan)).group(1))
                 for what in ("Scanned", "Skipped"))


@pytest.fixture
def query(engine):
    """query(base, select, rest, **options): rows of a query over lake_scan of a metadata location."""
    return lambda base, *words, **options: scan(engine, base, *words, **options)


@pytest.fixture
def explain_files(engine):
    """explain_files(base, rest): (scanned, skipped) data files."""
    return lambda base, rest="": files_scanned(engine, base, rest)


@pytest.fixture
def lake(engine, place):
    """Makes tables below the test's directory: lake({"a": "int"})."""
    def make(columns, properties=None, name=None):
        return Table(engine, f"file://{place}/{name or uuid.uuid4().hex[:8]}", columns, properties)
    return make


@pytest.fixture
def catalog(place):
    """A PyIceberg catalog whose tables lie below the test's directory."""
    from pyiceberg.catalog.sql import SqlCatalog
    made = SqlCatalog("test", uri=f"sqlite:///{place}/catalog.db", warehouse=f"file://{place}/warehouse")
    made.create_namespace("ns")
    return made
