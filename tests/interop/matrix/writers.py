"""Tables of the matrix, by each writer: {combination: metadata location}."""

import pyarrow
from lake_harness.other_writer import OtherWriter
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, parse_transform
from pyiceberg.types import IntegerType, ListType, MapType, NestedField, StructType

from . import literals
from .values import COLUMNS, DELETED, DELETED_BY_KEY, FIRST, LATER

NO_FIELDS = 7  # id of the partition spec without fields that equality deletes of the whole table have


def of(column, transform, plural=False):
    name, _, argument = transform.partition("[")
    if name == "identity":
        return column.name
    return f"{name}({argument[:-1]}, {column.name})" if argument else f"{name}{'s' * plural}({column.name})"


def tuples(columns, numbers, literal):
    return ", ".join("(" + ", ".join(str(n) if column.name == "id" else literal(column, column.value(n)) for column in columns) + ")" for n in numbers)


def by_spark(spark, columns, version):
    """Created and filled by SQL, its partitions changed, rows deleted merge-on-read."""
    name = f"theirs.ns.matrix{version}"
    fields = ", ".join(of(column, transform, plural=True) for column in columns for transform in column.transforms)
    spark.sql(f"DROP TABLE IF EXISTS {name}")
    spark.sql(f"CREATE TABLE {name} ({', '.join(f'{column.name} {column.spark}' for column in columns)}) USING iceberg PARTITIONED BY ({fields}) "
              f"TBLPROPERTIES ('format-version' = '{version}', 'write.delete.mode' = 'merge-on-read')")
    spark.sql(f"INSERT INTO {name} VALUES {tuples(columns, FIRST, literals.spark)}")
    spark.sql(f"ALTER TABLE {name} DROP PARTITION FIELD truncate(2, s)")
    spark.sql(f"ALTER TABLE {name} ADD PARTITION FIELD bucket(2, id)")
    spark.sql(f"INSERT INTO {name} VALUES {tuples(columns, LATER, literals.spark)}")
    found = {str(version): spark.location(name)}
    if version > 1:
        found[f"{version} eq"] = with_equality_deletes(found[str(version)])
        spark.sql(f"DELETE FROM {name} WHERE id IN ({', '.join(map(str, DELETED))})")
        found["2 pos" if version == 2 else "3 dv"] = spark.location(name)
    if version == 2:
        spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ('format-version' = '3')")
        found["3 pos"] = spark.location(name)
    return found


def by_postgres(pg, columns, version):
    """A table of ours, in the schema of the connection; the location of each state of it."""
    name = f"matrix{version}"
    pg.execute("SET pg_lake_table.copy_on_write_threshold = 100")

    def spec(more="", less=""):
        fields = [of(column, transform) for column in columns for transform in column.transforms]
        return ", ".join([field for field in fields if field != less] + ([more] if more else []))

    def now():
        return pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = current_schema() AND table_name = %s", [name]).fetchone()[0]

    pg.execute(f"CREATE TABLE {name} ({', '.join(f'{c.name} {literals.postgres_type(c.kind, c.postgres)}' for c in columns)}) "
               f"USING iceberg WITH (format_version = {version}, partition_by = '{spec()}')")
    pg.execute(f"INSERT INTO {name} VALUES {tuples(columns, FIRST, literals.postgres)}".encode())
    pg.execute(f"ALTER TABLE {name} SET (partition_by = '{spec('bucket(2, id)', 'truncate(2, s)')}')")
    pg.execute(f"INSERT INTO {name} VALUES {tuples(columns, LATER, literals.postgres)}".encode())
    found = {str(version): now()}
    pg.execute(f"DELETE FROM {name} WHERE id = ANY (%s)", [DELETED])
    found["2 pos" if version == 2 else "3 dv"] = now()
    if version == 2:
        pg.execute(f"ALTER TABLE {name} SET (format_version = 3)")
        found["3 pos"] = now()
    return found


def by_pyiceberg(catalog, columns, version):
    """PyIceberg writes neither delete files nor version 3: those are made beside it from the specification."""
    schema = Schema(*(NestedField(number, column.name, fresh_ids(column.kind, number * 100), required=False)
                      for number, column in enumerate(columns, 1)))
    ids = {field.name: field.field_id for field in schema.fields}
    fields = [PartitionField(ids[column.name], 1000 + number, parse_transform(column.transforms[0]), f"of_{column.name}")
              for number, column in enumerate(column for column in columns if column.transforms)]
    table = catalog.create_table(f"ns.matrix{version}", schema, partition_spec=PartitionSpec(*fields), properties={"format-version": str(version)})
    table.append(arrow_rows(table, columns, FIRST))
    with table.update_spec() as update:
        update.remove_field(next(f"of_{column.name}" for column in columns if column.transforms == ["truncate[2]"]))
        update.add_field("id", BucketTransform(2), "id_bucket")
    table.append(arrow_rows(table, columns, LATER))
    found = {str(version): table.metadata_location}
    if version == 2:
        found["2 eq"] = with_equality_deletes(found["2"])
        writer = OtherWriter(table.metadata_location)
        for file, positions in positions_of(writer, DELETED).items():
            rows = [(file.file_path, position) for position in positions]
            writer.commit([writer.position_deletes(rows, partition=partition_of(file, writer), spec_id=file.spec_id)])
        found["2 pos"] = writer.location
        found["3 pos"] = writer.rewrite(format_version=3, next_row_id=0)
        writer = OtherWriter(table.metadata_location)
        found["3"] = writer.rewrite(format_version=3, next_row_id=0)
        found["3 eq"] = with_equality_deletes(found["3"])
        writer.commit(writer.deletion_vectors(positions_of(writer, DELETED)))
        found["3 dv"] = writer.location
    return found


def fresh_ids(kind, first):
    """Ids of nested fields, each its own."""
    if isinstance(kind, ListType):
        return ListType(first, fresh_ids(kind.element_type, first + 1), element_required=False)
    if isinstance(kind, MapType):
        return MapType(first, kind.key_type, first + 1, fresh_ids(kind.value_type, first + 2), value_required=False)
    if isinstance(kind, StructType):
        return StructType(*(NestedField(first + 10 * number, member.name, fresh_ids(member.field_type, first + 10 * number + 1), required=False)
                            for number, member in enumerate(kind.fields)))
    return kind


def arrow_rows(table, columns, numbers):
    schema = table.schema().as_arrow()
    def plain(column, n):
        value = n if column.name == "id" else column.value(n)
        if isinstance(column.kind, MapType) and value is not None:
            return list(value.items())
        return value.bytes if type(value).__name__ == "UUID" else value
    arrays = []
    for column in columns:
        kind = schema.field(column.name).type
        kind = pyarrow.binary() if pyarrow.types.is_large_binary(kind) else kind  # its transforms do not take the large ones
        storage = pyarrow.binary(16) if isinstance(kind, pyarrow.UuidType) else kind
        arrays.append(pyarrow.array([plain(column, n) for n in numbers], storage).cast(kind))
    return pyarrow.table(arrays, names=[column.name for column in columns])


def with_equality_deletes(location):
    writer = OtherWriter(location)
    writer.rewrite(partition_specs=[*writer.metadata["partition-specs"], {"spec-id": NO_FIELDS, "fields": []}])
    writer.commit([writer.equality_deletes({"id": DELETED_BY_KEY}, ids=[1], spec_id=NO_FIELDS)])
    return writer.location


def positions_of(writer, numbers):
    """{data file: [places of the rows with these ids]}"""
    import pyarrow.parquet
    found = {}
    for file in writer.data_files():
        ids = pyarrow.parquet.read_table(file.file_path.removeprefix("file://"), columns=["id"])["id"].to_pylist()
        places = [place for place, number in enumerate(ids) if number in numbers]
        if places:
            found[file] = places
    return found


def partition_of(file, writer):
    fields = next(spec for spec in writer.metadata["partition-specs"] if spec["spec-id"] == file.spec_id)["fields"]
    return tuple(file.partition[place] for place in range(len(fields)))


def live(combination):
    gone = DELETED if combination.endswith(("pos", "dv")) else DELETED_BY_KEY if combination.endswith("eq") else []
    return [number for number in FIRST + LATER if number not in gone]
