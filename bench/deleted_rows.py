"""Scans of tables of which rows were deleted, by each kind of delete, beside the same rows without."""

import re
from pathlib import Path

import pyarrow

from figures import Figure, alternate, ratio, timed
from tests.lake_harness.other_writer import OtherWriter

COLUMNS = "id bigint, customer int, amount numeric(12,2), state text"
ROWS = "SELECT i AS id, i % 50000 AS customer, i % 1000 / 7.0 AS amount, CASE i % 3 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' ELSE 'sent' END AS state"
QUERY = "SELECT state, count(*), sum(amount), max(customer) FROM bench.{} GROUP BY state ORDER BY state"
# share of the rows: those whose scrambled id is below it
GONE = "(id * 7919) % 1000 < {}"
KINDS = {"position deletes": (2, 1.1), "deletion vectors": (3, 1.1), "equality deletes": (2, 1.5)}


def bench_deleted_rows(context):
    pg, rows = context.pg, context.sizes["deleted_rows"]
    pg.execute("SET pg_lake_table.copy_on_write_threshold = 100")
    pg.execute("SET pg_lake_table.copy_on_write_max_delete_rows = -1")
    for version in (2, 3):
        pg.execute(f"CREATE TABLE bench.whole_{version} ({COLUMNS}) USING iceberg WITH (format_version = {version})")
        pg.execute(f"INSERT INTO bench.whole_{version} {ROWS} FROM generate_series(1, {rows}) i")
    for per_mille in (1, 10, 100):
        for kind, (version, goal) in KINDS.items():
            pg.execute(f"CREATE TABLE bench.deleted ({COLUMNS}) USING iceberg WITH (format_version = {version})")
            pg.execute(f"INSERT INTO bench.deleted SELECT * FROM bench.whole_{version}")
            if kind == "equality deletes":
                delete_by_id(pg, per_mille)
            else:
                pg.execute(f"DELETE FROM bench.deleted WHERE {GONE.format(per_mille)}")
            first = timed(lambda: pg.execute(QUERY.format("deleted")).fetchall())
            left = pg.execute("SELECT count(*), sum(id) FROM bench.deleted").fetchone()
            if left != pg.execute(f"SELECT count(*), sum(id) FROM bench.whole_{version} WHERE NOT {GONE.format(per_mille)}").fetchone():
                context.wrong.append(f"{per_mille} of 1,000 rows deleted by {kind}: {left}")
            samples = alternate(context.sizes["deleted_rounds"], {
                name: lambda number, name=name: pg.execute(QUERY.format(name)).fetchall() and None for name in ("deleted", f"whole_{version}")})
            ours, whole = samples["deleted"].p50, samples[f"whole_{version}"].p50
            yield Figure(f"scan of {rows:,} rows, {per_mille / 10:g} % deleted by {kind}", f"{ours * 1000:.0f} ms", f"none deleted {whole * 1000:.0f} ms",
                         ratio(ours, whole), f"within {goal}", ours <= whole * goal, [f"the first scan after the delete: {first * 1000:.0f} ms"])
            pg.execute("DROP TABLE bench.deleted")


def delete_by_id(pg, per_mille):
    """An equality delete file as Flink writes it: the ids of the rows."""
    ids = [row[0] for row in pg.execute(f"SELECT id FROM bench.deleted WHERE {GONE.format(per_mille)}").fetchall()]
    location, = pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = 'bench' AND table_name = 'deleted'").fetchone()
    writer = OtherWriter(location)
    field, = (field for field in writer.table.schema().fields if field.name == "id")
    column = pyarrow.field("id", pyarrow.int64(), metadata={b"PARQUET:field_id": str(field.field_id).encode()})
    writer.commit([writer.equality_deletes(pyarrow.table([ids], schema=pyarrow.schema([column])), ids=[field.field_id])])
    swap(pg, "deleted", location, writer.location)


def swap(pg, table, old, new):
    """What another engine's commit does."""
    make_readable(new)
    done = pg.execute("UPDATE iceberg_tables SET metadata_location = %s, previous_metadata_location = %s WHERE table_namespace = 'bench' "
                      "AND table_name = %s AND metadata_location = %s", [new, old, table, old])
    assert done.rowcount == 1, f"the metadata of bench.{table} was not swapped"


def make_readable(location):
    """We write as root what PostgreSQL's user reads."""
    for path in Path(re.sub("^file:(//)?", "", location)).parent.parent.rglob("*"):
        path.chmod(0o777 if path.is_dir() else 0o666)
