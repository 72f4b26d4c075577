"""What random queries read: tables of edge values and tables of mild ones, views, policies, deletes, partitions, a heap table.

The columns of `mild`, `edge` and `half` are those of the table of the catalogue's examples (tests/e2e/catalogue/edges.py), so that an example
becomes an expression over them. {am} stands for the access method, `side` and one partition are heap on both twins.
"""

from e2e.catalogue.edges import COLUMN_OF, COLUMNS, KIND, literal

# type, what queries write for it: (SQL type in a cast, mild values, values that have bitten somebody)
VALUES = {
    "bool": ("bool", ["true", "false"], []),
    "int2": ("int2", [0, 1, 2, 3, 7, -1], [32767, -32768]),
    "int4": ("int4", [0, 1, 2, 3, 5, 12, -1, -4], [2147483647, -2147483648]),
    "int8": ("int8", [0, 1, 2, 4, 11, -3], [9223372036854775807, -9223372036854775808]),
    "float4": ("float4", ["0", "1", "0.5", "-2.25", "3.3333333"], ["-0", "NaN", "Infinity", "-Infinity", "3.4028235e38", "1.4e-45"]),
    "float8": ("float8", ["0", "1", "0.5", "-2.25", "0.1", "2.5"], ["-0", "NaN", "Infinity", "-Infinity", "1.7976931348623157e308", "5e-324"]),
    "numeric": ("numeric", ["0", "1", "1.00", "-2.5", "0.05", "12.345", "3"], ["9999999999.99", "-9999999999.99", "NaN", "0.000001"]),
    "text": ("text", ["", " ", "a", "ab", "A", "Zebra", "ä", "a  ", "12", "a,b"], ["日本語", "👨‍👩‍👧", "%", "_", "\\", "e\u0301", "it's", "\u00a0", "x" * 200]),
    "varchar": ("varchar", ["", "a", "ab ", "ß", "12"], ["👨‍👩‍👧", "%"]),
    "bpchar": ("char(6)", ["", "a", "ab ", "ß", "12"], ["日本語"]),
    "date": ("date", ["2024-02-29", "2024-03-31", "1970-01-01", "2023-12-31"], ["0001-01-01", "0044-03-15 BC", "9999-12-31", "infinity", "-infinity"]),
    "timestamp": ("timestamp", ["2024-02-29 12:00", "2024-03-31 02:30", "1969-12-31 23:59:59.999999", "2023-12-31 10:00:00.5"],
                  ["0001-01-01 00:00", "9999-12-31 23:59:59.999999", "infinity", "-infinity"]),
    "timestamptz": ("timestamptz", ["2024-02-29 12:00+00", "2024-03-31 00:59:59.999999+00", "2024-03-31 01:00+00", "2024-10-27 01:30+00", "1970-01-01 00:00+00"],
                    ["0001-01-01 00:00+00", "9999-12-31 20:00+00", "infinity", "-infinity"]),
    "time": ("time", ["00:00", "12:00", "23:59:59.999999", "01:02:03.004005"], []),
    "uuid": ("uuid", ["00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"], ["ffffffff-ffff-ffff-ffff-ffffffffffff"]),
    "bytea": ("bytea", ["\\x", "\\x00", "\\x616263"], ["\\xff", "\\xc3a4"]),
    "interval": ("interval", ["0", "1 day", "1 month", "-2 hours", "1 year 2 mons 3 days 04:05:06.789"], ["24:00", "-1 month 30 days", "100 years"]),
    "edge_kind": ("public.edge_kind", ["a", "b"], ["ä x"]),
    "_int4": ("int4[]", ["{1,2,3}", "{}", "{1}", "{2,1}", "{NULL}"], ["{1,NULL,3}", "{2147483647,-1}"]),
    "_int2": ("int2[]", ["{1,2}", "{}", "{3}"], ["{NULL,-1}"]),
    "_text": ("text[]", ["{a,b}", "{}", "{a}"], ['{""}', "{a,NULL}", '{"NULL","ä b"}']),
    "_float8": ("float8[]", ["{1.5,0.5}", "{}", "{0}"], ["{-0}", "{NaN,Infinity}"]),
    "json": ("json", ["{}", "[1, 2]", "null", '{"a": 1}'], ['{"a": 1, "a": 2}', '"\\u00e4"']),
    "jsonb": ("jsonb", ["{}", "[1, 2]", "null", '{"a": {"b": [1, "x"]}}', "1.50"], ['""', "-0"]),
}
MORE = [("n6", "numeric(20,6)", ["1.5", "0.000001", None, "-12.25", "3"]), ("n0", "numeric(5,0)", ["2", "-3", None, "99999", "0"])]
TYPE_OF = {column: "edge_kind" if kind == "anyenum" else kind for kind, column in COLUMN_OF.items()}


def wide(table, rows, values_of):
    """A table with every column, and its rows; values_of(type, values of the edge table) are what they cycle through."""
    columns, values = [("id", "integer")], []
    for name, sql_type, edges in COLUMNS:
        columns.append((name, sql_type))
        values.append(values_of(TYPE_OF[name], edges))
    for name, sql_type, some in MORE:
        columns.append((name, sql_type))
        values.append(some)
    text = ", ".join(f"{name} {sql_type}" for name, sql_type in columns)
    lines = [f"({row}, " + ", ".join(literal(some[(row * (1 + place % 3) + place) % len(some)]) for place, some in enumerate(values)) + ")"
             for row in range(rows)]
    return [f"CREATE TABLE {table} ({text}) USING {{am}}", f"INSERT INTO {table} VALUES " + ",\n".join(lines)]


def setup():
    return [
        KIND,
        *wide("mild", 24, lambda kind, edges: [*VALUES[kind][1], None]),
        *wide("edge", 60, lambda kind, edges: edges),
        *wide("half", 40, lambda kind, edges: [None, *VALUES[kind][1]]),
        "DELETE FROM half WHERE id % 3 = 1",
        "CREATE TABLE few (id int, i4 int, t text COLLATE \"C\", n numeric(8,3), d date) USING {am}",
        "INSERT INTO few VALUES (1, 1, 'a', 1.5, '2024-02-29'), (2, 1, 'ab', 2.25, NULL), (3, NULL, NULL, NULL, NULL), (4, 3, '', 0, '1970-01-01'), "
        "(5, 5, 'Zebra', -1, '2024-02-29'), (6, 12, 'a  ', 1.5, '2023-12-31'), (7, 0, 'ä', 12.345, '0001-01-01')",
        "CREATE TABLE none (id int, i4 int, t text, f8 float8) USING {am}",
        "CREATE TABLE part (id int, i4 int, t text, n numeric(10,2), ts timestamp) PARTITION BY RANGE (id)",
        "CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (MINVALUE) TO (5) USING {am}",
        "CREATE TABLE part_mid PARTITION OF part FOR VALUES FROM (5) TO (12) USING heap",
        # its columns have other numbers than the parent's, its rows are in partitions of its own
        "CREATE TABLE part_high (ts timestamp, gone int, t text, n numeric(10,2), i4 int, id int) PARTITION BY LIST (i4)",
        "ALTER TABLE part_high DROP COLUMN gone",
        "CREATE TABLE part_high_few PARTITION OF part_high FOR VALUES IN (0, 1, NULL) USING {am}",
        "CREATE TABLE part_high_rest PARTITION OF part_high DEFAULT USING {am}",
        "ALTER TABLE part ATTACH PARTITION part_high FOR VALUES FROM (12) TO (MAXVALUE)",
        "INSERT INTO part SELECT i, i % 5 - 1, CASE WHEN i % 4 > 0 THEN 'p' || i % 6 END, i * 0.25, timestamp '2024-03-30 12:00' + i * interval '7 hours' "
        "FROM generate_series(1, 18) i",
        "CREATE TABLE kin (id int, i4 int, t text, d date) USING {am}",
        "CREATE TABLE kin_more (CHECK (id > 5), more int) INHERITS (kin) USING {am}",
        "CREATE TABLE kin_heap () INHERITS (kin) USING heap",
        "INSERT INTO kin SELECT i, i % 3, 'k' || i % 2, date '2024-02-26' + i FROM generate_series(1, 4) i",
        "INSERT INTO kin_more SELECT i, nullif(i % 4, 2), nullif('k' || i % 3, 'k1'), date '2024-02-28' + i, i FROM generate_series(6, 12) i",
        "INSERT INTO kin_heap SELECT i, i, 'a', NULL FROM generate_series(3, 5) i",
        "CREATE TABLE side (id int, i4 int, i8 bigint, t text, d date, n numeric(10,2)) USING heap",
        "INSERT INTO side SELECT i, nullif(i % 6, 4), i * 3, CASE i % 4 WHEN 0 THEN 'a' WHEN 1 THEN 'ä' WHEN 2 THEN NULL ELSE 'x' || i END, "
        "date '2024-02-26' + i, i * 1.25 FROM generate_series(1, 15) i",
        "CREATE TABLE guarded (id int, i4 int, t text, d date) USING {am}",
        "INSERT INTO guarded SELECT i, i % 6, CASE i % 3 WHEN 0 THEN 'random_reader' WHEN 1 THEN 'b' ELSE NULL END, date '2024-01-01' + 20 * i "
        "FROM generate_series(1, 14) i",
        "CREATE VIEW seen AS SELECT m.id, m.i4, m.t, f.n, m.ts, f.d FROM mild m LEFT JOIN few f ON m.i4 = f.i4",
        "CREATE VIEW fenced WITH (security_barrier) AS SELECT id, i4, i8, t, f8, tz FROM mild WHERE i4 < 5",
        "CREATE FUNCTION stay(x anyelement) RETURNS anyelement LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN x; END'",
        "DO 'BEGIN CREATE ROLE random_reader; EXCEPTION WHEN duplicate_object THEN NULL; END'",
        "DO $$BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO random_reader', current_schema()); "
        "EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO random_reader', current_schema()); END$$",
        "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY few_rows ON guarded FOR SELECT USING (i4 < 4 OR t = current_user)",
        "ANALYZE mild, edge, half, few, part, kin, side, guarded",
    ]


# the rows that conditions in views and policies remove, too: what may be evaluated before they are gone; expressions without columns, even without rows
UNFILTERED = {"none": "SELECT id, i4, t, id::float8 AS f8 FROM few",
              "guarded": "SELECT i AS id, i % 6 AS i4, CASE i % 3 WHEN 1 THEN 'b' END AS t, date '2024-01-01' + 20 * i AS d FROM generate_series(1, 14) i",
              "seen": "SELECT m.id, m.i4, m.t, f.n, m.ts, f.d FROM mild m CROSS JOIN few f", "fenced": "SELECT id, i4, i8, t, f8, tz FROM mild"}

WIDE = [("id", "int4")] + [(name, TYPE_OF[name]) for name, _, _ in COLUMNS] + [("n6", "numeric"), ("n0", "numeric")]
# weight, table, columns with their types, columns that tell rows apart
TABLES = [
    (6, "mild", WIDE, ["id"]), (1, "edge", WIDE, ["id"]), (3, "half", WIDE, ["id"]),
    (4, "few", [("id", "int4"), ("i4", "int4"), ("t", "text"), ("n", "numeric"), ("d", "date")], ["id"]),
    (0.3, "none", [("id", "int4"), ("i4", "int4"), ("t", "text"), ("f8", "float8")], ["id"]),
    (2, "part", [("id", "int4"), ("i4", "int4"), ("t", "text"), ("n", "numeric"), ("ts", "timestamp")], ["id"]),
    (1, "kin", [("id", "int4"), ("i4", "int4"), ("t", "text"), ("d", "date")], ["id", "i4", "t", "d"]),
    (2, "side", [("id", "int4"), ("i4", "int4"), ("i8", "int8"), ("t", "text"), ("d", "date"), ("n", "numeric")], ["id"]),
    (1, "guarded", [("id", "int4"), ("i4", "int4"), ("t", "text"), ("d", "date")], ["id"]),
    (1, "seen", [("id", "int4"), ("i4", "int4"), ("t", "text"), ("n", "numeric"), ("ts", "timestamp"), ("d", "date")],
     ["id", "i4", "t", "n", "ts", "d"]),
    (1, "fenced", [("id", "int4"), ("i4", "int4"), ("i8", "int8"), ("t", "text"), ("f8", "float8"), ("tz", "timestamptz")], ["id"]),
]
