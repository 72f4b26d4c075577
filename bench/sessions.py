"""Many sessions, and many statements in one transaction."""

import threading
import time

from bulk_writes import Memory
from figures import Figure, ratio

COLUMNS = "session int, number int, note text"


def bench_sessions(context):
    sessions, commits = context.sizes["append_sessions"], context.sizes["append_commits"]
    for layout in ("one table", f"{sessions} tables"):
        took = {kind: append(context, kind, layout == "one table", sessions, commits) for kind in ("heap", "lake")}
        rates = {kind: sessions * commits / seconds for kind, seconds in took.items()}
        yield Figure(f"{sessions} sessions appending single rows to {layout}", f"{rates['lake']:.0f} commits/s", f"heap {rates['heap']:.0f} commits/s",
                     ratio(rates["lake"], rates["heap"]), "no error", True)
    yield from bench_one_transaction(context)


def append(context, kind, shared, sessions, commits):
    """Seconds until all sessions have committed all their rows; any error is raised."""
    names = [f"bench.appended_{kind}_{0 if shared else number}" for number in range(sessions)]
    for name in set(names):
        context.pg.execute(f"DROP TABLE IF EXISTS {name}")
        context.pg.execute(f"CREATE TABLE {name} ({COLUMNS}) USING {'heap' if kind == 'heap' else 'iceberg'}")
    connections = [context.running.connect() for _ in range(sessions)]
    errors, barrier = [], threading.Barrier(sessions + 1)

    def run(number):
        connections[number].execute("SELECT 1")
        barrier.wait()
        try:
            for at in range(commits):
                connections[number].execute(f"INSERT INTO {names[number]} VALUES (%s, %s, 'appended')", (number, at))
        except Exception as error:  # reported by the caller
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(sessions)]
    for thread in threads:
        thread.start()
    barrier.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begin
    for connection in connections:
        connection.close()
    if errors:
        raise errors[0]
    written = sum(context.pg.execute(f"SELECT count(DISTINCT (session, number)) FROM {name}").fetchone()[0] for name in set(names))
    assert written == sessions * commits, f"{written} of {sessions * commits} rows are there"
    return elapsed


def bench_one_transaction(context):
    pg, inserts = context.pg, context.sizes["single_inserts"]
    took = {}
    for kind, access_method in (("heap", "heap"), ("lake", "iceberg")):
        pg.execute(f"CREATE TABLE bench.single_{kind} ({COLUMNS}) USING {access_method}")
        memory = Memory(pg.info.backend_pid)
        memory.start()
        begin = time.perf_counter()
        pg.execute("BEGIN")
        for number in range(inserts):
            pg.execute(f"INSERT INTO bench.single_{kind} VALUES (0, %s, 'one of many')", (number,))
        pg.execute("COMMIT")
        took[kind] = time.perf_counter() - begin
        memory.stop()
    files = pg.execute("SELECT count(*) FROM lake_iceberg.files((SELECT metadata_location FROM iceberg_tables WHERE table_namespace = 'bench' "
                       "AND table_name = 'single_lake'))").fetchone()[0]
    early, late = memory.early_and_late()
    yield Figure(f"{inserts:,} single-row INSERTs in one transaction", f"{took['lake']:.2f} s, {files} data file, backend {late / 2**20:.0f} MB",
                 f"heap {took['heap']:.2f} s", ratio(took["lake"], took["heap"]), "one data file, flat memory",
                 files == 1 and late <= early + (32 << 20))
