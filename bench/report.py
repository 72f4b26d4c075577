"""The machine that was measured, the table on the screen, and docs/performance.md."""

import datetime
import json
import os
import platform
import subprocess

from figures import Figure, Table
from lakectl.console import note, step
from lakectl.places import ROOT

DOCUMENT = ROOT / "docs/performance.md"
RESULTS = ROOT / "bench/results.json"  # what the document is made of

HOW = """\
## How it is measured

Each benchmark runs pg_lake and what it is compared with in one run, alternating, against one home with fsync on, tables on the
local disk, and `max_wal_size = 4GB` (so that heap does not pay for checkpoints while it is measured). p50 and p99 are nearest-rank
percentiles. All clients run on the same machine, over the unix socket.

- **sync**: {sync_rounds} batches of {sync_rows:,} rows by the retail job's own statement, `WITH synced AS (INSERT INTO <iceberg> SELECT .. FROM
  transactions WHERE synced_at IS NULL RETURNING txn_id) UPDATE transactions SET synced_at = now() ..`, from statement to commit
  in autocommit; beside it the same statement into a heap table of the same columns. The parts come from the same statement in
  BEGIN .. COMMIT, beside the same statement without its INSERT: what statement and commit cost more.
  CPU is from /proc. "the disk" is four files of 4 kB, each written and fsynced, one after the other and four at once.
- **insert**: {insert_rounds} single-row INSERTs in autocommit, prepared, seven columns.
- **copy**: COPY FROM STDIN of {copy_rows:,} rows of transaction_items (text format, made by DuckDB), median of {copy_rounds}; each time into an empty
  table without indexes, after a CHECKPOINT.
- **memory**: INSERT .. SELECT of {memory_rows:,} rows of transaction_items in one transaction; private memory (RssAnon) of the backend and of
  pgduck_server sampled every 50 ms. Flat: the largest sample of the last half is at most a quarter (or 32 MB) above that of the
  second fifth.
- **fixed**: `SELECT 1 FROM t LIMIT 1` {fixed_rounds} times on a small heap and a small Iceberg table.
- **latency**: a table of {latency_rows:,} orders in ten data files, each with keys of its own; `SELECT * .. WHERE id = ..` for random keys, {latency_rounds} times prepared and as often
  planned anew, beside heap with a primary key. Then pgbench with {latency_sessions} sessions and prepared statements for {latency_seconds} seconds.
- **fetch**: {fetch_rows:,} rows of transaction_items, to psql whose output goes nowhere; median of {fetch_rounds}.
- **mixed_join**: {join_rows:,} rows in Iceberg, {join_products:,} in heap; three joins of the two with GROUP BY, beside DuckDB with both in Parquet; the answers are compared, median of {join_rounds}.
- **spill**: {spill_connections} connections that each run four queries with more than {spill_limit_mb:,} MB of state (GROUP BY, window, join and sort over {spill_rows:,} rows), while the server's memory
  limit is {spill_limit_mb:,} MB; private memory as for memory.
- **deleted_rows**: a GROUP BY over {deleted_rows:,} rows of which 0.1, 1 and 10 % are deleted, by position deletes, deletion vectors, and an equality delete file as Flink writes it,
  beside the same rows without deletes; median of {deleted_rounds}, and the first scan after the delete.
- **partitioned_writes**: INSERT .. SELECT of {partition_rows:,} rows into {partitions_many:,} partitions beside the same into an unpartitioned table, and COPY FROM STDIN of them as CSV into {partitions_some}
  partitions beside DuckDB's COPY with PARTITION_BY; median of {partition_rounds}.
- **large_metadata**: tables of {data_files:,} data files (hard links of one for each partition) and of {snapshots:,} snapshots: commit, planning, memory, parsing beside PyIceberg and, where it is installed, Java's library (without Spark, in a JVM of its own).
- **tpch**, **tpcds**: the 22 queries of TPC-H (scale {tpch_scale}) and the 99 of TPC-DS (scale {tpcds_scale}); data by tpcgen-cli, queries from DuckDB's sources, as they are. Three
  copies of the tables: Iceberg, loaded by COPY; heap with indexes on the keys, vacuumed and analyzed; and DuckDB alone (its Python client, the same release) by
  read_parquet on the data files that PyIceberg plans for the Iceberg tables, with pgduck_server's number of threads and memory limit. First the answers: heap's, once, ended after {suite_timeout} s, and Iceberg's,
  with all output columns as further sort keys, must be the same text in the same types (where heap was ended: close to DuckDB's). Then Iceberg and DuckDB in turn, warm, median of {suite_rounds}; heap's time is that of its one run.
- **clickbench**: a table of the shape of ClickBench's hits, {hits_rows:,} rows of 105 columns made by SQL in the server, and ClickBench's 43 questions. Their answers are compared with heap's at
  {hits_compared:,} rows first. Hot as above; cold: once each by a PostgreSQL and a pgduck_server (a DuckDB) that have just started, with the data files out of the page cache; then all queries from
  {hits_connections} connections at once, beside as many cursors of one DuckDB.
- **changes**: a table of {changes_rows:,} orders (four columns); each statement once, in autocommit, on heap (no indexes), on the Iceberg table, and in DuckDB on
  a native table of a database file. MERGE has a heap table of {changes_merged:,} rows as its source, half of which are matched. Afterwards the tables are compared.
- **transfers**: transaction_items of {transfer_rows:,} rows; INSERT .. SELECT from heap beside COPY TO STDOUT (binary) into a client that throws it away,
  INSERT .. SELECT from Iceberg to Iceberg beside DuckDB alone copying the same Parquet file; median of {transfer_rounds}. Then an UPDATE of {update_rows:,} rows that goes
  row by row, and the backend's private memory meanwhile.
- **sessions**: {append_sessions} sessions with {append_commits} autocommitted single-row INSERTs each, all to one table, then each to its own; then {single_inserts:,} single-row INSERTs in
  one transaction.
"""


def machine():
    """What a reader needs to know of the machine, as (name, text)."""
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
               platform.machine())
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    return [("cores", f"{len(os.sched_getaffinity(0))} x {cpu}"), ("RAM", f"{memory / 2**20:.1f} GiB"),
            ("system", f"{system_name()}, Linux {platform.release()}"), ("commit", commit()),
            ("load average before", f"{os.getloadavg()[0]:.1f}")]


def system_name():
    lines = dict(line.rstrip().split("=", 1) for line in open("/etc/os-release") if "=" in line)
    return lines.get("PRETTY_NAME", "unknown").strip('"')


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=ROOT, capture_output=True,
                          text=True)
    return done.stdout.strip() or "unknown"


def show(name, figure):
    if isinstance(figure, Table):
        return
    note(f"{name}: {figure.what}")
    note(f"    {figure.ours}" + (f"   beside {figure.beside}" if figure.beside else "")
         + (f"   ratio {figure.ratio}" if figure.ratio else "")
         + (f"   goal {figure.goal}: {figure.verdict()}" if figure.goal else ""))
    for text in figure.notes:
        note(f"    - {text}")


def summary(results):
    goals = [figure for figures in results.values() for figure in figures if isinstance(figure, Figure) and figure.met is not None]
    step(f"{sum(figure.met for figure in goals)} of {len(goals)} goals met")
    for figure in goals:
        if not figure.met:
            note(f"missed: {figure.what}: {figure.ours}"
                 + (f", ratio {figure.ratio}" if figure.ratio else "") + f"; goal {figure.goal}")


def row(cells):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def as_json(entry):
    return {"table" if isinstance(entry, Table) else "figure": vars(entry)}


def from_json(entry):
    return Table(**entry["table"]) if "table" in entry else Figure(**entry["figure"])


def remember(results, described):
    """Puts the results in RESULTS, in place of those of earlier runs of the same benchmarks."""
    runs = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name, entries in results.items():
        runs[name] = {"date": datetime.date.today().isoformat(), "machine": dict(described), "entries": [as_json(entry) for entry in entries]}
    RESULTS.write_text(json.dumps(runs, indent=1) + "\n")
    return runs


def when(runs):
    """A line for each machine and commit: what was measured there, and when."""
    together = {}
    for name, run in runs.items():
        together.setdefault((run["date"], tuple(run["machine"].items())), []).append(name)
    for (date, described), names in together.items():
        yield f"- {', '.join(names)}: {date}; " + "; ".join(f"{name} {text}" for name, text in described)


def write_document(names, results, described, sizes):
    runs = remember(results, described)
    runs = {name: runs[name] for name in names if name in runs}
    lines = ["# Performance", "", "Written by `./lake bench`; of each benchmark the last run at full size:", "", *when(runs)]
    lines += ["", "| benchmark | what | pg_lake | beside it | ratio | goal | |", "|---|---|---|---|---|---|---|"]
    entries = [(name, from_json(entry)) for name, run in runs.items() for entry in run["entries"]]
    figures = [(name, entry) for name, entry in entries if isinstance(entry, Figure)]
    for name, figure in figures:
        lines.append(row([name, figure.what, figure.ours, figure.beside, figure.ratio, figure.goal, figure.verdict()]))
    details = [(name, figure) for name, figure in figures if figure.notes]
    if details:
        lines += ["", "## Where the time goes", ""]
        for name, figure in details:
            lines.append(f"{name}, {figure.what}:")
            lines += ["", *[f"- {text}" for text in figure.notes], ""]
    for table in (entry for _, entry in entries if isinstance(entry, Table)):
        lines += ["" if lines[-1] else None, f"## {table.title}", "", row(table.header), row(["---"] * len(table.header)), *map(row, table.rows)]
    lines += ["" if lines[-1] else None, HOW.format(**sizes)]
    DOCUMENT.write_text("\n".join(line for line in lines if line is not None).rstrip() + "\n")
    note(f"wrote {DOCUMENT.relative_to(ROOT)} and {RESULTS.relative_to(ROOT)}")
