"""Values as the SQL of Spark and of PostgreSQL has them."""

from pyiceberg.types import ListType, StructType


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def postgres(column, value):
    return f"CAST({postgres_value(column.kind, value)} AS {postgres_type(column.kind, column.postgres)})"


def postgres_type(kind, name):
    """{map:int[]} is a domain that map_type.create has made."""
    if name.startswith("{map:"):
        return "map_type.key_text_val_int4_array" if name.endswith("[]}") else "map_type.key_text_val_int4"
    return name


def postgres_value(kind, value):
    if value is None:
        return "NULL"
    if kind.is_primitive:
        return quoted("\\x" + value.hex() if isinstance(value, bytes) else str(value))
    if isinstance(kind, ListType):
        return quoted("{" + ",".join(array_member(kind.element_type, part) for part in value) + "}")
    if isinstance(kind, StructType):
        return quoted(composite(kind, value))
    pair = "map_type.pair_text_" + ("int4" if kind.value_type.is_primitive else "int4_array")
    pairs = ", ".join(f"ROW({quoted(key)}, {postgres_value(kind.value_type, part)})::{pair}" for key, part in value.items())
    return f"ARRAY[{pairs}]::{pair}[]"


def array_member(kind, value):
    if value is None:
        return "NULL"
    return str(value) if kind.is_primitive else '"' + composite(kind, value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def composite(kind, value):
    parts = []
    for member in kind.fields:
        part = value[member.name]
        text = "" if part is None else composite(member.field_type, part) if isinstance(member.field_type, StructType) else str(part)
        parts.append('"' + text.replace('"', '""') + '"' if part is not None else "")
    return "(" + ",".join(parts) + ")"


def spark(column, value):
    return f"CAST({spark_value(column.kind, value)} AS {column.spark})"


def spark_value(kind, value):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if kind.is_primitive:
        return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(kind, ListType):
        return f"array({', '.join(spark_value(kind.element_type, part) for part in value)})" if value else "array()"
    if isinstance(kind, StructType):
        return "named_struct(" + ", ".join(f"'{member.name}', " + spark_cast(member.field_type, value[member.name]) for member in kind.fields) + ")"
    return "map(" + ", ".join(f"'{key}', {spark_value(kind.value_type, part)}" for key, part in value.items()) + ")" if value else "map()"


def spark_cast(kind, value):
    return spark_value(kind, value) if isinstance(kind, StructType) else f"CAST({spark_value(kind, value)} AS {'bigint' if str(kind) == 'long' else kind})"


def duckdb(column, value):
    """For a filter in lake_scan's own engine."""
    name = column.postgres
    if isinstance(value, bytes):
        return "'" + "".join(f"\\x{byte:02x}" for byte in value) + "'::BLOB"
    return f"CAST({quoted(str(value))} AS {'varchar' if name == 'text' else name})"
