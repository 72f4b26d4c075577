"""Changes of a large table: DELETE, UPDATE and MERGE against heap, and against DuckDB on a native table of its own."""

import duckdb

from figures import Figure, ratio, timed

COLUMNS = "id int, customer int, amount numeric(12,2), state text"
ROWS = "SELECT i AS id, i % 50000 AS customer, i % 1000 / 7.0 AS amount, CASE i % 3 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' ELSE 'sent' END AS state"
MERGE = """MERGE INTO {orders} t USING {feed} s ON t.id = s.id
           WHEN MATCHED THEN UPDATE SET amount = s.amount, state = 'merged'
           WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.customer, s.amount, s.state)"""
STATEMENTS = [
    ("UPDATE of 1 %", "UPDATE {orders} SET amount = amount + 1 WHERE id % 100 = 7"),
    ("DELETE of 1 %", "DELETE FROM {orders} WHERE id % 100 = 8"),
    ("MERGE of {merged:,} rows", MERGE),
    ("UPDATE of all", "UPDATE {orders} SET amount = amount + 1"),
]


def bench_changes(context):
    pg, rows, merged = context.pg, context.sizes["changes_rows"], context.sizes["changes_merged"]
    # Half of what is merged is there already.
    feed = ROWS + f" FROM generate_series({rows} - {merged} // 2 + 1, {rows} + {merged} - {merged} // 2) t(i)"
    alone = duckdb.connect(str(context.scratch / "changes.duckdb"))
    alone.execute(f"CREATE TABLE orders AS SELECT id::INT AS id, customer::INT AS customer, amount::DECIMAL(12,2) AS amount, state FROM "
                  f"({ROWS} FROM generate_series(1, {rows}) t(i))")
    alone.execute(f"CREATE TABLE feed AS SELECT id::INT AS id, customer::INT AS customer, amount::DECIMAL(12,2) AS amount, state FROM ({feed})")
    for kind, access_method in (("heap", "heap"), ("lake", "iceberg")):
        pg.execute(f"CREATE TABLE bench.orders_{kind} ({COLUMNS}) USING {access_method}")
        pg.execute(f"INSERT INTO bench.orders_{kind} {ROWS} FROM generate_series(1, {rows}) t(i)")
    pg.execute(f"CREATE TABLE bench.feed ({COLUMNS})")
    pg.execute(f"INSERT INTO bench.feed {feed.replace('//', '/')}")
    pg.execute("ANALYZE bench.orders_heap, bench.feed")
    for name, statement in STATEMENTS:
        took = {}
        for kind in ("heap", "lake"):
            pg.execute("CHECKPOINT")
            took[kind] = timed(lambda kind=kind: pg.execute(statement.format(orders=f"bench.orders_{kind}", feed="bench.feed")))
        took["duckdb"] = timed(lambda: alone.execute(statement.format(orders="orders", feed="feed")))
        context.must_be_equal("bench.orders_heap", "bench.orders_lake",
                              "count(*), sum(id::bigint), sum(amount), count(*) FILTER (WHERE state = 'merged')")
        yield Figure(f"{name.format(merged=merged)} in {rows:,}", f"{took['lake']:.2f} s",
                     f"heap {took['heap']:.2f} s, DuckDB {took['duckdb']:.2f} s", ratio(took["lake"], took["heap"]), "faster than heap",
                     took["lake"] < took["heap"])
    alone.close()
