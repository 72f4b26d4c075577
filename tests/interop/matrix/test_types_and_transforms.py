"""{format version} x {deletes} x {types} x {transforms, evolved} x {who writes, who reads}: docs/interop.md."""

from dataclasses import replace

import pytest

from . import readers, writers
from .outcome import COMBINATIONS, Cells, check_section
from .values import ALONE, COLUMNS, expected, without_null_entries

SPARKS = [column for column in COLUMNS if column.spark]
NO_TIME = [without_null_entries(column) for column in COLUMNS if column.name != "t"]  # what we write and everybody reads
# Columns of ALONE that it cannot partition by, and how it fails.
NOT_BY_PYICEBERG = {"u": ("identity of uuid", "grouping with null keys is not implemented for extension<arrow.uuid>"), "d": ("identity of double", "division by zero for NaN"),
                    "t_1": ("bucket[16] of time", "'int' object has no attribute 'hour'")}


class Measured:
    def __init__(self, title, columns):
        self.title, self.columns = title, columns
        self.types = Cells(title, "type", COMBINATIONS)
        self.transforms = Cells(title, "transform", COMBINATIONS)

    def everything(self, combination, verdict):
        for column in COLUMNS:
            self.types.put(column.label, combination, verdict)
            for transform in column.transforms:
                self.transforms.put(f"{transform} of {column.label}", combination, verdict)

    def lacks(self, combination, column, why):
        self.types.put(column.label, combination, why)
        for transform in column.transforms:
            self.transforms.put(f"{transform} of {column.label}", combination, why)

    def read(self, combination, values, check_transform, null_lists_are_empty=False):
        """`values`: as a reader of readers.py has them; check_transform(column, transform, right values) finds a fault or None."""
        numbers = writers.live(combination)
        for column in self.columns:
            right = expected(column, numbers)
            if null_lists_are_empty and column.name == "ls":
                right = {number: value or () for number, value in right.items()}
            verdict = "same"
            if values[column.name] != right:
                verdict = f"wrong: {[(n, values[column.name].get(n, 'no row'), right[n]) for n in right if values[column.name].get(n, 'no row') != right[n]][:3]}"
                if extra := sorted(set(values[column.name]) - set(right)):
                    verdict = f"wrong: rows {extra} should be gone"
            before = self.types.rows.get(column.label, {}).get(combination, "same")
            self.types.put(column.label, combination, before if before.startswith("wrong") else verdict)
            for transform in column.transforms:
                self.transforms.put(f"{transform} of {column.label}", combination, check_transform(column, transform, right) or "same")

    def check(self):
        faults = self.types.faults() + self.transforms.faults()
        assert not faults, "\n".join(faults[:20])
        check_section(self.title, [*self.types.lines(), "", *self.transforms.lines()])


def read_by_us(measured, engine, made, columns, **options):
    for combination, location in made.items():
        values = readers.ours(engine, location, [column.name for column in columns])
        memo = {}

        def check(column, transform, right, location=location, memo=memo):
            if column.name not in memo:
                memo[column.name] = readers.filter_faults(engine, location, column, right)
            return memo[column.name]

        measured.read(combination, values, check, **options)


@pytest.fixture(scope="module")
def ours(home):
    """Our tables, for all who read them: those with a column that Spark does not know apart."""
    home.sql("DROP SCHEMA IF EXISTS matrix CASCADE")
    home.sql("CREATE SCHEMA matrix")
    with home.connect() as pg:
        pg.execute("SET search_path = matrix, public")
        pg.execute("CREATE TYPE m_pair AS (a int, b text)")
        pg.execute("CREATE TYPE m_deep AS (p m_pair, q bigint)")
        pg.execute("SELECT map_type.create('text', 'int'), map_type.create('text', 'int[]')")
        return {combination: location for version in (2, 3) for combination, location in writers.by_postgres(pg, NO_TIME, version).items()}


def nothing_of_version_1(measured):
    measured.everything("1", "not possible: we write versions 2 and 3")
    for combination in ("2 eq", "3 eq"):
        measured.everything(combination, "not possible: we never write equality deletes")


def test_spark_writes_we_read(spark, engine):
    measured = Measured("Spark writes, we read", SPARKS)
    for combination in COMBINATIONS:
        for column in COLUMNS:
            if not column.spark:
                measured.lacks(combination, column, "not possible: Spark has no such column type")
    for version in (1, 2, 3):
        read_by_us(measured, engine, writers.by_spark(spark, SPARKS, version), SPARKS)
    measured.check()


def test_pyiceberg_writes_we_read(catalog, engine):
    columns = [replace(column, transforms=[]) if column.name in NOT_BY_PYICEBERG else column for column in ALONE]
    measured = Measured("PyIceberg writes, we read", columns)
    for version in (1, 2):
        read_by_us(measured, engine, writers.by_pyiceberg(catalog, columns, version), columns, null_lists_are_empty=True)
    for combination in COMBINATIONS:
        measured.types.remark("list of struct", combination, "but for a NULL list of structs, which PyIceberg writes as an empty one")
        for row, why in NOT_BY_PYICEBERG.values():
            measured.transforms.put(row, combination, f"not possible: PyIceberg fails to write it ({why})")
    measured.check()


def partitions_as_read(location, theirs=None):
    """check_transform for those who read our files: partition values are what PyIceberg's transforms make of the rows, and what `theirs` says."""
    values, wrong, seen = readers.partition_values(location)
    if theirs is not None:
        different = {key: (theirs[key], value) for key, value in values.items() if key in theirs and readers.spelled(theirs[key]) != readers.spelled(value)}
        assert {path for path, _ in theirs} == {path for path, _ in values} and len(theirs) > len(values) / 2
        assert not different, f"partition values that are read otherwise: {list(different.items())[:5]}"

    def check(column, transform, right):
        return wrong.get((column.name, transform)) or (None if seen[column.name, transform] else "wrong: no file has this partition field")
    return check


def spark_partitions(spark, location):
    """As Spark's table `files` has them, but for uuids, where it fails, and timestamps without zone, which are NULL there."""
    files = spark.session.read.format("iceberg").load(location + "#files").where("content = 0")
    names = [name for name in files.schema["partition"].dataType.names if name not in ("u", "ts")]
    rows = files.selectExpr("file_path", *(f"partition.`{name}` AS `{name}`" for name in names)).collect()
    return {(readers.local(row["file_path"]), name): readers.as_transforms_take_it(row[name]) for row in rows for name in names}


def test_we_write_spark_reads(spark, ours):
    measured = Measured("We write, Spark reads", NO_TIME)
    nothing_of_version_1(measured)
    for combination in COMBINATIONS:
        measured.lacks(combination, next(column for column in COLUMNS if column.name == "t"), "not possible: Spark has no such column type")
    names = [column.name for column in NO_TIME]
    for combination, location in ours.items():
        values = readers.spark(lambda what, location=location: spark.read(location, what), names)
        measured.read(combination, values, partitions_as_read(location, spark_partitions(spark, location)))
        measured.transforms.remark("identity of uuid", combination, "but Spark's own table `files` fails on such a partition: expected "
                                "java.lang.CharSequence, but was java.util.UUID")
        measured.transforms.remark("identity of timestamp", combination, "but Spark's own table `files` shows NULL, for its own tables too")
    measured.check()


def test_we_write_pyiceberg_reads(ours):
    measured = Measured("We write, PyIceberg reads", NO_TIME)
    nothing_of_version_1(measured)
    for combination, location in ours.items():
        measured.read(combination, readers.pyiceberg(location, [column.name for column in NO_TIME]), partitions_as_read(location),
                      null_lists_are_empty=True)
        measured.types.remark("list of struct", combination, "but for a NULL list of structs, which is empty to PyIceberg")
    measured.check()


def test_we_write_duckdb_reads(ours):
    """Its own iceberg extension cannot be had offline: its Parquet reader, over the live files."""
    measured = Measured("We write, DuckDB reads our files", NO_TIME)
    nothing_of_version_1(measured)
    for combination, location in ours.items():
        measured.read(combination, readers.duckdb_files(location, [column.name for column in NO_TIME]), partitions_as_read(location))
    measured.check()
