"""How each engine reads the table of the matrix, one dict for all: {column name: {id: canonical value}}."""

import json
import re
from collections import defaultdict

import duckdb
import pyarrow.parquet
from lake_harness.readers import names_by_field_id
from pyiceberg.manifest import DataFileContent, FileFormat
from pyiceberg.table import StaticTable
from pyiceberg.transforms import VoidTransform

from .literals import duckdb as duckdb_literal
from .values import ALONE, canonical, canonical_nested

BY_NAME = {column.name: column for column in ALONE}


def local(location):
    return re.sub(r"^file:(//)?", "", location)


def by_column(names, rows):
    """`rows`: dicts that have the id."""
    rows = list(rows)
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids)), f"rows that come twice: {sorted(ids)}"
    return {name: {row["id"]: canonical_nested(BY_NAME[name].kind, row[name]) for row in rows} for name in names}


def ours(engine, location, names):
    """lake_scan in the server, where every query of PostgreSQL's ends up."""
    nested = [name for name in names if not BY_NAME[name].kind.is_primitive]
    select = ", ".join(f"to_json({name})::VARCHAR" if name in nested else name for name in names)
    rows = engine.execute(f"SELECT {select} FROM lake_scan('{location}')").fetchall()
    assert engine.execute(f"SELECT count(*) FROM lake_scan('{location}')").fetchone()[0] == len(rows)
    return by_column(names, [{name: json.loads(value) if name in nested and value is not None else value
                              for name, value in zip(names, row, strict=True)} for row in rows])


def filter_faults(engine, location, column, expected):
    """A filter on each of its values finds the rows that have it: partitions and files were left out rightly."""
    for wanted in dict.fromkeys(expected.values()):
        sample = next(number for number, value in expected.items() if value == wanted)
        value = column.value(sample)
        condition = f"{column.name} IS NULL" if value is None else f"{column.name} = {duckdb_literal(column, value)}"
        got = sorted(row[0] for row in engine.execute(f"SELECT id FROM lake_scan('{location}') WHERE {condition}").fetchall())
        right = sorted(number for number, other in expected.items() if other == wanted)
        if got != right:
            return f"wrong: WHERE {condition} gives {got}, not {right}"
    return None


def spark(source, names):
    """`source`: rows of a list of expressions."""
    select = [f"CAST({name} AS timestamp_ntz) AS {name}" if BY_NAME[name].spark == "timestamp" else name for name in names]
    return by_column(names, [row.asDict(recursive=True) for row in source(select)])


def pyiceberg(location, names):
    table = StaticTable.from_metadata(location).scan(selected_fields=tuple(names)).to_arrow()
    return by_column(names, table.to_pylist())


def duckdb_files(location, names):
    """DuckDB's own Parquet reader over the live files, less what the delete files say."""
    rows = []
    iceberg = StaticTable.from_metadata(location)
    fields = {field.name: field.field_id for field in iceberg.schema().fields}
    for task in iceberg.scan().plan_files():
        gone = deleted_positions(task)
        path = local(task.file.file_path)
        held = names_by_field_id(path)
        select = ", ".join(f'"{held[fields[name]]}" AS {name}' for name in names)
        found = duckdb.execute(f"SELECT {select}, file_row_number FROM read_parquet(?, file_row_number = true)", [path]).to_arrow_table()
        rows += [row for row in found.to_pylist() if row["file_row_number"] not in gone]
    return by_column(names, rows)


def deleted_positions(task):
    from pyiceberg.table.deletion_vector import deletion_vectors_from_puffin_file
    from pyiceberg.table.puffin import PuffinFile
    gone = set()
    for delete in task.delete_files:
        path = local(delete.file_path)
        if delete.file_format == FileFormat.PUFFIN:
            with open(path, "rb") as file:
                vectors = deletion_vectors_from_puffin_file(PuffinFile(file.read()))
            gone |= {row for vector in vectors if vector.referenced_data_file == task.file.file_path for row in vector.to_vector().to_pylist()}
        else:
            rows = pyarrow.parquet.read_table(path).to_pylist()
            gone |= {row["pos"] for row in rows if row["file_path"] == task.file.file_path}
    return gone


def partition_values(location):
    """{(file path, name of the partition field): value}, and what is wrong with them: {(column, transform): message}."""
    table = StaticTable.from_metadata(location)
    schema, values, wrong, seen = table.schema(), {}, {}, defaultdict(int)
    for manifest in table.current_snapshot().manifests(table.io):
        for entry in manifest.fetch_manifest_entry(table.io):
            file = entry.data_file
            if file.content != DataFileContent.DATA:
                continue
            rows = pyarrow.parquet.read_table(local(file.file_path)).to_pylist()
            for place, field in enumerate(table.specs()[manifest.partition_spec_id].fields):
                if isinstance(field.transform, VoidTransform):
                    continue
                column = BY_NAME[schema.find_field(field.source_id).name]
                transform = field.transform.transform(schema.find_type(field.source_id))
                stored = as_transforms_take_it(file.partition[place])
                if isinstance(stored, float):
                    stored = rows[0][column.name]  # PyIceberg 0.12 reads doubles of manifests as floats: 5e-324 is 0 to it
                values[local(file.file_path), field.name] = stored
                seen[column.name, str(field.transform)] += len(rows)
                for row in rows:
                    value = row[column.name]
                    right = as_transforms_take_it(transform(as_transforms_take_it(value)))
                    if spelled(stored) != spelled(right):
                        wrong.setdefault((column.name, str(field.transform)), f"wrong: the partition value of {value!r} is {stored!r}, not {right!r}")
    return values, wrong, seen


def spelled(value):
    return repr(canonical(value))


def as_transforms_take_it(value):
    """Of a value of pyarrow's: counts since the epoch, bytes of a UUID."""
    if value is None or isinstance(value, (bool, int, float, str, bytes)) or type(value).__name__ == "Decimal":
        return value
    return value.bytes if type(value).__name__ == "UUID" else canonical(value)
