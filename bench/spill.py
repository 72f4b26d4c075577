"""Queries that need more memory than the server has, from several connections at once: none may fail, and the limit holds."""

import threading

from bulk_writes import Memory
from figures import Figure, timed

ROWS = """SELECT i, i::bigint * 2654435761 % 4294967296 AS key, 'a text of some length for number ' || i::bigint * 7919 % {rows} AS note, (i % 9973 / 100.0)::numeric(10,2) AS price
          FROM generate_series(1, {rows}) i"""
QUERIES = (
    "SELECT count(*), sum(length(note)) FROM (SELECT note, count(*) AS c FROM bench.spilled GROUP BY note) x",
    "SELECT count(*), sum(at) FROM (SELECT row_number() OVER (ORDER BY note, key) AS at FROM bench.spilled) x",
    "SELECT count(*), sum(a.price) FROM bench.spilled a JOIN bench.spilled b ON a.note = b.note AND a.id = b.id",
    "SELECT max(note), max(key) FROM (SELECT note, key, price FROM bench.spilled ORDER BY key, note OFFSET 1) x",
)


def bench_spill(context):
    rows, count, limit = context.sizes["spill_rows"], context.sizes["spill_connections"], context.sizes["spill_limit_mb"]
    pg = context.pg
    pg.execute("CREATE TABLE bench.spilled (id int, key bigint, note text, price numeric(10,2)) USING iceberg")
    pg.execute(f"INSERT INTO bench.spilled {ROWS.format(rows=rows)}")
    expected = [pg.execute(query).fetchall() for query in QUERIES]
    with context.engine() as engine:
        before = engine.execute("SELECT current_setting('memory_limit')").fetchone()[0]
        engine.execute(f"SET GLOBAL memory_limit = '{limit}MB'")
    memory, errors = Memory(context.server_pid()), []

    def run(connection, first):
        for number in range(len(QUERIES)):
            at = (first + number) % len(QUERIES)
            try:
                if connection.execute(QUERIES[at]).fetchall() != expected[at]:
                    errors.append(f"query {at + 1}: another answer than alone")
            except Exception as error:  # counted
                errors.append(f"query {at + 1}: {str(error).strip().splitlines()[0]}")

    connections = [context.running.connect() for _ in range(count)]
    threads = [threading.Thread(target=run, args=(connection, number)) for number, connection in enumerate(connections)]
    memory.start()
    elapsed = timed(lambda: [thread.start() for thread in threads] and [thread.join() for thread in threads])
    memory.stop()
    for connection in connections:
        connection.close()
    with context.engine() as engine:
        engine.execute(f"SET GLOBAL memory_limit = '{before.replace(' ', '')}'")
    most = max(memory.samples) / 2**20
    what = f"{count} connections, {len(QUERIES)} spilling queries each, {rows:,} rows, limit {limit:,} MB ({elapsed:.0f} s)"
    yield Figure(f"{what}: errors", str(len(errors)), goal="0", met=not errors, notes=sorted(set(errors)))
    yield Figure(f"{what}: most private memory of pgduck_server", f"{most:,.0f} MB", ratio=f"{most / limit:.2f}", goal="within 1.1 of the limit", met=most <= limit * 1.1)
