"""What else Spark does to its tables, and to ours: one row of docs/interop.md each."""

import re
from dataclasses import dataclass
from pathlib import Path

import psycopg
from lake_harness.spark import message_of

from .outcome import Cells, check_section
from .readers import local

TEN = "INSERT INTO $T SELECT CAST(id AS int), 'v' || id FROM range(0, 10, 1, 1)"
MERGE = """MERGE INTO $T t USING (SELECT CAST(id AS int) id, 'm' || id v FROM range(8, 13)) u ON t.id = u.id WHEN MATCHED AND u.id = 8 THEN DELETE
    WHEN MATCHED THEN UPDATE SET v = u.v WHEN NOT MATCHED THEN INSERT *"""
CHANGES = ["DELETE FROM $T WHERE id = 1", "UPDATE $T SET v = 'u' WHERE id IN (2, 3)", MERGE]
ON_READ = {f"write.{what}.mode": "merge-on-read" for what in ("delete", "update", "merge")}


def table(columns="id int, v string", more="", version=2, **properties):
    pairs = {"format-version": version, **properties}
    return f"CREATE TABLE $T ({columns}) USING iceberg {more} TBLPROPERTIES ({', '.join(f'{key!r} = {str(value)!r}' for key, value in pairs.items())})"


@dataclass
class Feature:
    name: str
    statements: list
    columns: str = "id, v"
    catalog: str = "theirs"
    refused: str = ""  # by us, as a pattern
    file: str = ""  # pattern of a file that the table must have, or the feature is not what is tested


FEATURES = [
    *(Feature(f"merge-on-read DELETE, UPDATE, MERGE, version {version}", [table(version=version, **ON_READ), TEN, *CHANGES, "DELETE FROM $T WHERE id = 3"])
      for version in (2, 3)),
    *(Feature(f"copy-on-write DELETE, UPDATE, MERGE, version {version}", [table(version=version), TEN, *CHANGES]) for version in (1, 2, 3)),
    Feature("columns widened, renamed, added in front and in structs, dropped", [
        table("id int, v string, f float, d decimal(5,2), st struct<a:int,b:int>"),
        "INSERT INTO $T VALUES (1, 'a', CAST(1.5 AS float), 1.25, named_struct('a', 1, 'b', 2))",
        *(f"ALTER TABLE $T ALTER COLUMN {column} TYPE {kind}" for column, kind in (("id", "bigint"), ("f", "double"), ("d", "decimal(12,2)"))),
        "ALTER TABLE $T RENAME COLUMN v TO w", "ALTER TABLE $T ADD COLUMN st.c string AFTER a", "ALTER TABLE $T DROP COLUMN st.b",
        "ALTER TABLE $T ADD COLUMN v int FIRST",
        "INSERT INTO $T VALUES (7, 5000000000, 'b', 2.5D, 12345678.25, named_struct('a', 3, 'c', 'x'))"], "v, id, w, f, d, st.a, st.c"),
    Feature("metadata by gzip", [table(**{"write.metadata.compression-codec": "gzip"}), TEN], file=r"\.gz\.metadata\.json"),
    *(Feature(f"Parquet by {codec}", [table(**{"write.parquet.compression-codec": codec}), TEN]) for codec in ("zstd", "snappy", "gzip", "uncompressed")),
    Feature("Parquet by lz4", [table(**{"write.parquet.compression-codec": "lz4"}), TEN], refused='Unsupported compression codec "LZ4"'),
    *(Feature(f"data files of {kind}", [table(**{"write.format.default": kind}), TEN], refused=f"has format {kind}, only parquet is supported")
      for kind in ("orc", "avro")),
    *(Feature(f"position delete files of {kind}", [table(**{"write.delete.format.default": kind}, **ON_READ), TEN, "DELETE FROM $T WHERE id = 3"],
              refused=f"has format {kind}, only parquet is supported") for kind in ("orc", "avro")),
    Feature("a branch ahead of main, a tag", [table(), TEN, "ALTER TABLE $T CREATE BRANCH b1", "ALTER TABLE $T CREATE TAG t1",
                                              "INSERT INTO $T.branch_b1 VALUES (100, 'branch')"]),
    Feature("HadoopCatalog, with paths like file:/dir", [table(**ON_READ), TEN, "DELETE FROM $T WHERE id = 3"], catalog="hadoop", file=r"v\d+\.metadata\.json"),
    Feature("a JdbcCatalog of its own in our iceberg_tables", [table(**ON_READ), TEN, "DELETE FROM $T WHERE id = 3"], catalog="beside"),
    Feature("files of `add_files`, by name mapping", [table("id bigint, v string, a array<int>, st struct<x:bigint>"),
                                                      "CALL theirs.system.add_files(table => 'ns.feature', source_table => '`parquet`.`$PLAIN`')"],
            "id, v, st.x", file="/plain/"),
    Feature("statistics files and partition statistics files", [table(more="PARTITIONED BY (bucket(2, id))"), TEN,
                                                                "CALL theirs.system.compute_table_stats(table => 'ns.feature')",
                                                                "CALL theirs.system.compute_partition_stats(table => 'ns.feature')"], file=r"\.stats"),
    Feature("files and manifests rewritten, version 3", [table(version=3, **ON_READ), TEN, "DELETE FROM $T WHERE id = 1", TEN,
                                                         "CALL theirs.system.rewrite_data_files(table => 'ns.feature', options => map('rewrite-all', 'true'))",
                                                         "CALL theirs.system.rewrite_manifests('ns.feature')"]),
    Feature("INSERT OVERWRITE of a partition", [table(more="PARTITIONED BY (id)"), TEN, "INSERT OVERWRITE $T PARTITION (id = 3) SELECT 'o'"]),
    Feature("partitions by fields of structs", [table("id int, v struct<at:timestamp,city:string>", "PARTITIONED BY (days(v.at), v.city, bucket(4, v.city))"),
                                                "INSERT INTO $T VALUES (1, named_struct('at', timestamp '2025-01-01 12:00:00', 'city', 'Rome')), (2, NULL)",
                                                "DELETE FROM $T WHERE v.city = 'none'"], "id, v.city"),
    Feature("TRUNCATE, and rows after it", [table(), TEN, "TRUNCATE TABLE $T", TEN]),
    Feature("a sort order", [table(), "ALTER TABLE $T WRITE ORDERED BY v DESC NULLS FIRST", TEN]),
    Feature("paths of object storage", [table(more="PARTITIONED BY (v)", **{"write.object-storage.enabled": "true"}), TEN]),
    Feature("char and varchar", [table("id int, v char(4), w varchar(9)"), "INSERT INTO $T VALUES (1, 'ab', 'cd')"], "id, v, w"),
    *(Feature(f"variant, {kind}", [table("id int, v variant", version=3, **{"write.parquet.shred-variants": kind == "shredded"}),
                                   "INSERT INTO $T SELECT 1, parse_json('[1]')"], "id, CAST(v AS string) v")
      for kind in ("unshredded", "shredded")),
]


def measure(spark, engine, feature, plain):
    name = f"{feature.catalog}.ns.feature"
    try:
        return outcome(spark, engine, feature, plain, name)
    finally:
        spark.sql(f"DROP TABLE IF EXISTS {name}")


def outcome(spark, engine, feature, plain, name):
    for statement in feature.statements:
        spark.sql(statement.replace("$T", name).replace("$PLAIN", plain))
    location = spark.location(name)
    if feature.file:
        text = location + "".join(row[0] for row in spark.sql(f"SELECT file_path FROM {name}.files")) + metadata_text(location)
        assert re.search(feature.file, text), f"{feature.name}: no such file in {text}"
    right = sorted(map(repr, map(tuple, spark.sql(f"SELECT {feature.columns} FROM {name}"))))
    try:
        got = sorted(map(repr, engine.execute(f"SELECT {feature.columns} FROM lake_scan('{location}')").fetchall()))
    except psycopg.Error as error:
        assert feature.refused and re.search(feature.refused, str(error)), f"{feature.name}: {error}"
        return f"refused: by us, {feature.refused}"
    assert not feature.refused, f"{feature.name} is refused no more"
    return "same" if got == right else f"wrong: {got}, not {right}"


def metadata_text(location):
    path = Path(local(location))
    return "" if path.name.endswith(".gz.metadata.json") else path.read_text()


def test_features_of_spark(spark, engine):
    plain = f"file://{spark.warehouse}/plain"
    spark.session.sql("SELECT id, 'p' || id v, array(CAST(id AS int)) a, named_struct('x', id) st FROM range(5)").write.mode("overwrite").parquet(plain)
    cells = Cells("Spark does, we read", "feature of Spark's", ["we read"])
    for feature in FEATURES:
        cells.put(feature.name, "we read", measure(spark, engine, feature, plain))
    assert not cells.faults(), "\n".join(cells.faults())
    check_section("Spark does, we read", cells.lines())


def same(got, right):
    return "same" if got == right else f"wrong: {got}, not {right}"


def test_our_tables_in_spark(spark, pg, schema_name):
    """By JdbcCatalog on iceberg_tables: rows, time travel, metadata tables, row ids (rule 71), integers widened after they were written
    (rules 6 and 72: Spark refuses files that annotate them); and types that it has not."""
    cells = Cells("We do, Spark reads", "of ours", ["Spark reads"])
    name = f"postgres.{schema_name}.t"
    pg.execute("CREATE TABLE t (id int, v text, at timestamptz) USING iceberg WITH (format_version = 3)")
    pg.execute("INSERT INTO t SELECT i, 'v' || i, timestamptz '2024-01-01 00:00Z' FROM generate_series(1, 10) i")
    pg.execute("DELETE FROM t WHERE id = 3")
    pg.execute("UPDATE t SET v = 'u' WHERE id = 4")
    rows = [(n, "u" if n == 4 else f"v{n}") for n in range(1, 11) if n != 3]
    cells.put("rows, through JdbcCatalog", "Spark reads", same([tuple(row) for row in spark.sql(f"SELECT id, v FROM {name} ORDER BY id")], rows))
    operations = [tuple(row) for row in spark.sql(f"SELECT snapshot_id, operation FROM {name}.snapshots ORDER BY committed_at")]
    cells.put("snapshots", "Spark reads", same([operation for _, operation in operations], ["append", "delete", "overwrite"]))
    counts = [spark.sql(f"SELECT count(*), max(v) FROM {name} VERSION AS OF {snapshot}")[0] for snapshot, _ in operations]
    cells.put("each snapshot, by VERSION AS OF", "Spark reads", same([tuple(row) for row in counts], [(10, "v9"), (9, "v9"), (9, "v9")]))
    ids = [tuple(row) for row in spark.sql(f"SELECT id, _row_id, _last_updated_sequence_number FROM {name} ORDER BY id")]
    cells.put("row ids and the sequence numbers of changes", "Spark reads", same(ids, [(n, n - 1, 3 if n == 4 else 1) for n, _ in rows]))
    for kind, value, shown in (("int NOT NULL", "7", "7"), ("text", "'x'", "x"), ("date", "'2024-02-29'", "2024-02-29"), ("boolean", "true", "True"),
                               ("timestamptz", "'2024-02-29 00:00Z'", "2024-02-29 00:00:00"), ("float8", "0.1", "0.1"), ("numeric(9,2)", "1.5", "1.50")):
        pg.execute(f"DROP TABLE IF EXISTS d; CREATE TABLE d (id int) USING iceberg WITH (format_version = 3); INSERT INTO d VALUES (1); "
                   f"ALTER TABLE d ADD x {kind} DEFAULT {value}; INSERT INTO d VALUES (2)")
        try:
            got = [tuple(map(str, row)) for row in spark.sql(f"SELECT id, x FROM postgres.{schema_name}.d ORDER BY id")]
            cells.put(f"a default of type {kind}", "Spark reads", same(got, [("1", shown), ("2", shown)]))
        except Exception as error:
            assert "Cannot cast default value" in str(error), error
            cells.put(f"a default of type {kind}", "Spark reads", "refused: by Spark's vectorized reader, as soon as a file has the column")
    pg.execute("DROP TABLE d")
    pg.execute("CREATE TABLE e (id int, v text, f float4, n numeric(5,2), gone int, l int[]) USING iceberg")
    pg.execute("INSERT INTO e VALUES (1, 'old', 1.5, 1.25, 9, '{1}')")
    pg.execute("ALTER TABLE e ALTER id TYPE bigint, ALTER f TYPE float8, ALTER n TYPE numeric(12,2)")
    pg.execute("ALTER TABLE e RENAME v TO w; ALTER TABLE e ADD v int; ALTER TABLE e DROP gone")
    pg.execute("INSERT INTO e VALUES (5000000000, 'new', 0.1, 12345678.25, '{2}', 7)")
    got = [tuple(map(str, row)) for row in spark.sql(f"SELECT id, w, f, n, l, v FROM postgres.{schema_name}.e ORDER BY id")]
    cells.put("columns widened, renamed, added, dropped", "Spark reads",
              same(got, [("1", "old", "1.5", "1.25", "[1]", "None"), ("5000000000", "new", "0.1", "12345678.25", "[2]", "7")]))
    pg.execute("DROP TYPE IF EXISTS public.spark_visit CASCADE; CREATE TYPE public.spark_visit AS (at date, city text)")
    pg.execute("CREATE TABLE v (id int, v public.spark_visit) USING iceberg WITH (partition_by = 'month(v.at), v.city')")
    pg.execute("INSERT INTO v VALUES (1, ROW('2025-01-01', 'Rome')), (2, ROW('2025-02-01', 'Oslo')), (3, NULL)")
    got = [tuple(row) for row in spark.sql(f"SELECT id FROM postgres.{schema_name}.v WHERE v.city = 'Oslo' OR v.at IS NULL ORDER BY id")]
    files = spark.sql(f"SELECT count(*) FROM postgres.{schema_name}.v.partitions")[0][0]
    cells.put("partitions by fields of structs", "Spark reads", same((got, files), ([(2,), (3,)], 3)))
    pg.execute("DROP TABLE v")
    for kind, shown in {"interval": "struct<months:bigint,days:bigint,microseconds:bigint>", "jsonb": "string", "inet": "string", "int4range": "string",
                        "varchar(5)": "string", "uuid": "string", "time": "", "timetz": ""}.items():
        pg.execute(f"DROP TABLE IF EXISTS k; CREATE TABLE k (id int, x {kind}) USING iceberg")
        try:
            schema = spark.session.table(f"postgres.{schema_name}.k").schema.simpleString()
            cells.put(f"a column of type {kind}", "Spark reads", same(schema, f"struct<id:int,x:{shown}>") + f": as {shown}")
        except Exception as error:
            assert not shown, error
            cells.put(f"a column of type {kind}", "Spark reads", f"refused: by Spark, {message_of(error)}")
    pg.execute("DROP TABLE k")
    assert not cells.faults(), "\n".join(cells.faults())
    check_section("We do, Spark reads", cells.lines())
