"""Writes into many partitions, beside the same rows into none and beside DuckDB's partitioned COPY."""

import shutil

import duckdb

from figures import Figure, alternate, ratio, timed

COLUMNS = "region int, id bigint, amount numeric(12,2), note text"
ROWS = "SELECT (i::bigint * 7919 % {partitions})::int AS region, i AS id, i % 1000 / 7.0 AS amount, 'note ' || i % 5000 AS note FROM generate_series(1, {rows}) i"


def bench_partitioned_writes(context):
    pg, rows, rounds = context.pg, context.sizes["partition_rows"], context.sizes["partition_rounds"]
    many, some = context.sizes["partitions_many"], context.sizes["partitions_some"]
    pg.execute(f"CREATE TABLE bench.source ({COLUMNS}) USING iceberg")
    pg.execute(f"INSERT INTO bench.source {ROWS.format(partitions=many, rows=rows)}")
    samples = alternate(rounds, {"into one": lambda number: insert(pg, ""), "into many": lambda number: insert(pg, "WITH (partition_by = 'region')")})
    context.must_be_equal("bench.source", "bench.target", "count(*), count(DISTINCT region), sum(id), sum(amount)")
    ours, whole = samples["into many"].p50, samples["into one"].p50
    yield Figure(f"INSERT .. SELECT of {rows:,} rows into {many:,} partitions, Iceberg to Iceberg", f"{ours:.2f} s", f"unpartitioned {whole:.2f} s",
                 ratio(ours, whole), "within 2", ours <= 2 * whole)
    pg.execute("DROP TABLE bench.source, bench.target")
    yield copied(context, some)


def insert(pg, options):
    pg.execute("DROP TABLE IF EXISTS bench.target")
    pg.execute(f"CREATE TABLE bench.target ({COLUMNS}) USING iceberg {options}")
    return timed(lambda: pg.execute("INSERT INTO bench.target SELECT * FROM bench.source"))


def copied(context, partitions):
    """The same CSV by COPY FROM STDIN, which reads it in PostgreSQL, and by DuckDB, which reads it on all cores."""
    pg, rows = context.pg, context.sizes["partition_rows"]
    text, target = context.scratch / "rows.csv", context.scratch / "partitioned"
    alone = duckdb.connect()
    with text.open("wb") as out, pg.cursor() as cursor, cursor.copy(f"COPY ({ROWS.format(partitions=partitions, rows=rows)}) TO STDOUT (FORMAT csv)") as source:
        for data in source:
            out.write(data)
    types = "{'region': 'INT', 'id': 'BIGINT', 'amount': 'DECIMAL(12,2)', 'note': 'VARCHAR'}"

    def by_duckdb(number):
        shutil.rmtree(target, ignore_errors=True)
        return timed(lambda: alone.execute(f"COPY (FROM read_csv('{text}', columns = {types})) TO '{target}' (FORMAT parquet, PARTITION_BY (region))"))

    def by_us(number):
        pg.execute("DROP TABLE IF EXISTS bench.target")
        pg.execute(f"CREATE TABLE bench.target ({COLUMNS}) USING iceberg WITH (partition_by = 'region')")
        return timed(lambda: copy_in(pg, text))

    samples = alternate(context.sizes["partition_rounds"], {"duckdb": by_duckdb, "ours": by_us})
    ours, theirs = samples["ours"].p50, samples["duckdb"].p50
    found = pg.execute("SELECT count(*), count(DISTINCT region), sum(id), sum(amount) FROM bench.target").fetchone()
    expected = alone.execute(f"SELECT count(*), count(DISTINCT region), sum(id), sum(amount) FROM read_parquet('{target}/*/*.parquet')").fetchone()
    if found != expected:
        context.wrong.append(f"COPY into {partitions} partitions: {found} instead of {expected}")
    return Figure(f"COPY FROM STDIN of {rows:,} rows of CSV into {partitions} partitions", f"{ours:.2f} s", f"DuckDB's COPY, PARTITION_BY {theirs:.2f} s",
                  ratio(ours, theirs), "within 1.5", ours <= 1.5 * theirs)


def copy_in(pg, text):
    with text.open("rb") as source, pg.cursor() as cursor, cursor.copy("COPY bench.target FROM STDIN (FORMAT csv)") as copy:
        while data := source.read(1 << 20):
            copy.write(data)
