"""Spark writes tables of ours through its JdbcCatalog on iceberg_tables: one row of docs/interop.md for each thing that it does. PostgreSQL has
the rows, columns and options then, goes on writing, and Spark reads that."""

import shutil
from dataclasses import dataclass, field

import pytest
from lake_harness.spark import message_of

from .outcome import Cells, check_section

MERGE = """MERGE INTO $T t USING (SELECT CAST(id AS int) id, 'm' || id v FROM range(8, 13)) u ON t.id = u.id WHEN MATCHED AND u.id = 8 THEN DELETE
    WHEN MATCHED THEN UPDATE SET v = u.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (u.id, u.v)"""
CHANGES = ["DELETE FROM $T WHERE id = 1", "UPDATE $T SET v = 'u' WHERE id IN (2, 3)", MERGE]
INSERT = "INSERT INTO $T (id, v) SELECT CAST(id AS int), 's' || id FROM range(100, 105)"


def mode(of):
    return "ALTER TABLE $T SET TBLPROPERTIES (" + ", ".join(f"'write.{what}.mode' = '{of}'" for what in ("delete", "update", "merge")) + ")"


@dataclass
class Act:
    name: str
    statements: list  # Spark's
    columns: dict = field(default_factory=lambda: PLAIN)  # PostgreSQL's afterwards
    options: list = field(default_factory=list)  # afterwards
    version: int = 2
    make: str = ""  # PostgreSQL's statements on the table, before


PLAIN = {"id": "integer", "v": "text", "at": "timestamp without time zone"}
ACTS = [
    Act("INSERT", [INSERT]),
    *(Act(f"DELETE, UPDATE, MERGE {of}, version {version}", [mode(of), *CHANGES], version=version)
      for of in ("copy-on-write", "merge-on-read") for version in (2, 3)),
    Act("TRUNCATE, INSERT OVERWRITE", ["TRUNCATE TABLE $T", INSERT, "INSERT OVERWRITE $T (id, v) SELECT 7, 'over'"]),
    Act("ADD COLUMN, first, behind another, and with a comment", [
        "ALTER TABLE $T ADD COLUMN n decimal(9,2)", "ALTER TABLE $T ADD COLUMN f double FIRST", "ALTER TABLE $T ADD COLUMN w string COMMENT 'said' AFTER id",
        "UPDATE $T SET n = 1.25, f = 0.5, w = 'new' WHERE id < 5"],
        {**PLAIN, "n": "numeric(9,2)", "f": "double precision", "w": "text"}),
    Act("ADD COLUMN of structs and arrays", [
        "ALTER TABLE $T ADD COLUMN st struct<a:int,b:string>", "ALTER TABLE $T ADD COLUMN l array<int>",
        "UPDATE $T SET st = named_struct('a', id, 'b', v), l = array(id) WHERE id < 5", "ALTER TABLE $T ADD COLUMN st.c double",
        "UPDATE $T SET st = named_struct('a', 1, 'b', 'x', 'c', 0.5D) WHERE id = 5"],
        {**PLAIN, "st": "lake_struct.*", "l": "integer[]"}),
    Act("RENAME, DROP, and another column of the old name", [
        "ALTER TABLE $T RENAME COLUMN v TO w", "ALTER TABLE $T DROP COLUMN at", "ALTER TABLE $T ADD COLUMN v string", "UPDATE $T SET v = 'again' WHERE id = 3"],
        {"id": "integer", "w": "text", "v": "text"}),
    Act("ALTER COLUMN TYPE, DROP NOT NULL", [
        "ALTER TABLE $T ALTER COLUMN id TYPE bigint", "ALTER TABLE $T ALTER COLUMN f TYPE double", "ALTER TABLE $T ALTER COLUMN n TYPE decimal(12,2)",
        "ALTER TABLE $T ALTER COLUMN f DROP NOT NULL", "INSERT INTO $T VALUES (5000000000, 'big', NULL, NULL, 1234567890.25)"],
        {"id": "bigint", **{name: kind for name, kind in PLAIN.items() if name != "id"}, "f": "double precision", "n": "numeric(12,2)"},
        make="ALTER TABLE t ADD f float4, ADD n numeric(9,2); UPDATE t SET f = 1.5, n = 1.25; ALTER TABLE t ALTER f SET NOT NULL"),
    Act("ADD, REPLACE and DROP PARTITION FIELD", [
        "ALTER TABLE $T ADD PARTITION FIELD bucket(4, id)", INSERT, "ALTER TABLE $T ADD PARTITION FIELD days(at)", "ALTER TABLE $T DROP PARTITION FIELD bucket(4, id)",
        "INSERT INTO $T VALUES (200, 'p', TIMESTAMP_NTZ '2024-02-29 01:00:00')", "ALTER TABLE $T REPLACE PARTITION FIELD days(at) WITH months(at)",
        "DELETE FROM $T WHERE id = 2"], options=["partition_by=month(at)"]),
    Act("WRITE ORDERED BY", ["ALTER TABLE $T WRITE ORDERED BY v DESC NULLS LAST, id", INSERT], options=["sort_by=v DESC NULLS LAST, id NULLS FIRST"]),
    Act("rewrite_data_files, rewrite_position_delete_files, rewrite_manifests", [
        mode("merge-on-read"), "DELETE FROM $T WHERE id = 1", INSERT, "DELETE FROM $T WHERE id = 101", "CALL postgres.system.rewrite_position_delete_files('$N')",
        "CALL postgres.system.rewrite_data_files(table => '$N', options => map('rewrite-all', 'true'))", "CALL postgres.system.rewrite_manifests('$N')"]),
    Act("rewrite_data_files, version 3", [
        mode("merge-on-read"), "DELETE FROM $T WHERE id = 1", INSERT,
        "CALL postgres.system.rewrite_data_files(table => '$N', options => map('rewrite-all', 'true'))"], version=3),
    Act("expire_snapshots", [INSERT, "DELETE FROM $T WHERE id < 5", "CALL postgres.system.expire_snapshots(table => '$N', older_than => TIMESTAMP '2100-01-01', retain_last => 1)"]),
    Act("rollback_to_snapshot, rows after it", [
        INSERT, "DELETE FROM $T WHERE id < 5", "CALL postgres.system.rollback_to_snapshot('$N', $FIRST)", INSERT]),
    Act("branches and tags: written to, fast-forwarded, dropped", [
        "ALTER TABLE $T CREATE BRANCH b", "ALTER TABLE $T CREATE TAG kept RETAIN 100 DAYS", "INSERT INTO $T.branch_b (id, v) VALUES (300, 'branch')",
        "CALL postgres.system.fast_forward('$N', 'main', 'b')", "ALTER TABLE $T DROP BRANCH b"]),
    Act("upgrade to version 3, rows after it", ["ALTER TABLE $T SET TBLPROPERTIES ('format-version' = '3')", INSERT, mode("merge-on-read"), *CHANGES]),
    Act("upgrade of a table with position deletes", [mode("merge-on-read"), *CHANGES, "ALTER TABLE $T SET TBLPROPERTIES ('format-version' = '3')",
                                                     "DELETE FROM $T WHERE id IN (4, 5)"]),
    Act("properties set and unset", ["ALTER TABLE $T SET TBLPROPERTIES ('a.b' = 'c', 'write.parquet.compression-codec' = 'gzip')", INSERT,
                                     "ALTER TABLE $T UNSET TBLPROPERTIES ('a.b')"]),
    Act("statistics", ["CALL postgres.system.compute_table_stats('$N')", "CALL postgres.system.compute_partition_stats('$N')"],
        make="ALTER TABLE t SET (partition_by = 'bucket(2, id)')", options=["partition_by=bucket(2, id)"]),
]


def columns_of(pg):
    return dict(pg.execute("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 "
                           "AND NOT attisdropped").fetchall())


def options_of(pg):
    options = pg.execute("SELECT coalesce(reloptions, '{}') FROM pg_class WHERE oid = 't'::regclass").fetchone()[0]
    return sorted(option for option in options if option.split("=")[0] in ("partition_by", "sort_by"))


def ours(pg, columns):
    return sorted(tuple("" if value is None else value for value in row) for row in pg.execute(
        "SELECT " + ", ".join(f"({name})::text" for name in columns) + " FROM t").fetchall())


def text_in_spark(name, kind):
    """As PostgreSQL prints it."""
    if kind.startswith("lake_struct"):
        fields = " || ',' || ".join(f"coalesce(CAST({name}.{field} AS string), '')" for field in "abc")
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE '(' || {fields} || ')' END"
    if kind.endswith("[]"):
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE '{{' || array_join({name}, ',', 'NULL') || '}}' END"
    return f"CAST({name} AS string)"


def theirs(spark, name, columns):
    expressions = ", ".join(text_in_spark(column, kind) for column, kind in columns.items())
    return sorted(tuple("" if value is None else value for value in row) for row in spark.sql(f"SELECT {expressions} FROM {name}"))


def compare(pg, spark, name, act, when):
    found, wanted = columns_of(pg), act.columns
    if {column: "lake_struct.*" if kind.startswith("lake_struct") else kind for column, kind in found.items()} != wanted:
        return f"wrong: columns {found}, not {wanted}"
    if options_of(pg) != act.options:
        return f"wrong: options {options_of(pg)}, not {act.options}"
    pg_rows, spark_rows = ours(pg, found), theirs(spark, name, found)
    if pg_rows != spark_rows:
        return f"wrong: {when} PostgreSQL has {pg_rows}, Spark {spark_rows}"
    problems = pg.execute("SELECT * FROM lake.verify('t') WHERE severity = 'error'").fetchall()
    return f"wrong: lake.verify {problems}" if problems else "same"


def write_by_postgres(pg):
    pg.execute("INSERT INTO t (id) VALUES (1000)")
    pg.execute("UPDATE t SET id = 2000 WHERE id = (SELECT min(id) FROM t)")
    pg.execute("DELETE FROM t WHERE id = (SELECT min(id) FROM t)")


def hand_over(place, owner):
    """Spark is another user here; the server writes beside its files, and removes them."""
    for made in [place, *place.rglob("*")]:
        shutil.chown(made, owner)


def make_and_rename(pg, spark, schema, owner):
    """A table that Spark makes in our catalog, renames, and drops."""
    act, name = Act("CREATE TABLE", [], {"id": "integer", "v": "text"}, ["partition_by=bucket(2, id)"]), f"postgres.{schema}.t"
    pg.execute("DROP TABLE t")
    spark.sql(f"CREATE TABLE postgres.{schema}.made (id int, v string) USING iceberg PARTITIONED BY (bucket(2, id))")
    spark.sql(f"INSERT INTO postgres.{schema}.made VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    spark.sql(f"ALTER TABLE postgres.{schema}.made RENAME TO {schema}.t")
    found = compare(pg, spark, name, act, "after Spark's statements")
    hand_over(spark.warehouse / schema, owner)
    write_by_postgres(pg)
    after = compare(pg, spark, name, act, "after PostgreSQL's statements")
    spark.sql(f"DROP TABLE {name}")
    assert pg.execute("SELECT to_regclass('t')").fetchone() == (None,)
    return found, after


def perform(pg, spark, schema, act):
    """(what PostgreSQL has of it, what Spark has of what PostgreSQL did then)"""
    name = f"postgres.{schema}.t"
    pg.execute("DROP TABLE IF EXISTS t")
    pg.execute(f"CREATE TABLE t (id int, v text, at timestamp) USING iceberg WITH (format_version = {act.version})")
    pg.execute("INSERT INTO t SELECT i, 'v' || i, timestamp '2024-01-01' + i * interval '1 day' FROM generate_series(1, 10) i")
    for statement in act.make.split("; "):
        if statement:
            pg.execute(statement)
    first = str(spark.sql(f"SELECT snapshot_id FROM {name}.snapshots ORDER BY committed_at LIMIT 1")[0][0])
    try:
        for statement in act.statements:
            spark.sql(statement.replace("$T", name).replace("$N", f"{schema}.t").replace("$FIRST", first))
    except Exception as error:
        return f"wrong: {statement}: {message_of(error)}", ""
    if (verdict := compare(pg, spark, name, act, "after Spark's statements")) != "same":
        return verdict, ""
    write_by_postgres(pg)
    return "same", compare(pg, spark, name, act, "after PostgreSQL's statements")


@pytest.mark.timeout(1200)
def test_spark_writes_our_tables(home, spark, pg, schema_name):
    pg.execute("SET datestyle = 'ISO, YMD'")
    cells = Cells("Spark does to our tables, we read and go on", "Spark's", ["PostgreSQL has it", "Spark has what PostgreSQL does then"])
    place, owner = home.home.pgdata.with_name("pgdata_lake") / "postgres" / schema_name, home.home.pgdata.owner()
    for act in ACTS:
        verdicts = perform(pg, spark, schema_name, act)
        hand_over(place, owner)
        for column, verdict in zip(cells.columns, verdicts, strict=True):
            cells.put(act.name, column, verdict)
    for column, verdict in zip(cells.columns, make_and_rename(pg, spark, schema_name, owner), strict=True):
        cells.put("CREATE TABLE, ALTER TABLE RENAME TO, DROP TABLE", column, verdict)
    assert not cells.faults(), "\n".join(cells.faults())
    check_section("Spark does to our tables, we read and go on", cells.lines())
