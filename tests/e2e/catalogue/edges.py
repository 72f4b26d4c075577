"""The table of edge values over whose columns the examples of the catalogue are written.

Every type has a column of values that have bitten somebody, and a second one (its name with an x before it) of the same values in
another order, equal to the first in every third row.
"""

TEXTS = ["hello world", "", " ", None, "Hello, World", "ÄÖÜ äöü ß €", "e\u0301a\u0308 z\u0335", "日本語テキスト", "👨‍👩‍👧 🇩🇪 é", "a,b,,c", "a,,", ",",
         "100%_sure\\", "a\\%b", "tab\tnew\nline", "it's", '"q"', "%", "_", "\\", "l", "ıİiI ǆ Ǆ ﬁ", "Σίσυφος ΣΑΣ", " 42 ", "-12.50", "1e5", "NaN",
         "t", "yes", "2024-02-29", "0", "-0", "+7", "99999999999999999999", "0x1F", "1_000", "inf", "{a,b}", '{"a": 1}', "x" * 300, "\u00a0nb\u00a0",
         "\u2028", "\ufeffbom", "Zebra", "zebra", "abcABC123", "1.5.2", "a b  c", "-", "\x01\x7f", "𝔘𝔫𝔦", "foo.bar(baz)", "[x]", "a|b", "^$.*+?"]
INTS = [0, 1, -1, None, 2, -2, 7, 10, 42, 99, 100, -100]
FLOATS = ["0", "-0", "1", "-1", None, "0.1", "0.5", "1.5", "2.5", "-2.5", "NaN", "Infinity", "-Infinity", "123456.789", "1e15", "1e16", "-12345678",
          "1e-5", "0.0001", "1e-4", "3.3333333", "100000", "1e6", "16777216"]
NUMERICS = ["0.00", "1.00", "-1.00", None, "0.05", "0.50", "-0.50", "1.25", "2.50", "9999999999.99", "-9999999999.99", "123.45", "10.00", "0.01"]
DATES = ["2024-02-29", "1970-01-01", "1969-12-31", None, "2000-01-01", "1999-12-31", "0001-01-01", "9999-12-31", "2024-03-10", "2024-12-30", "2021-01-03",
         "1582-10-15", "1900-02-28", "2023-05-31"]
TIMES = ["00:00:00", "23:59:59.999999", None, "12:00:00", "01:02:03.004005", "11:59:59.5", "13:00:00"]
INTERVALS = ["0", "1 day", "-1 day", None, "1 month", "30 days", "720 hours", "1 year 2 months 3 days 04:05:06.789", "-1 year -2 months +3 days -04:05:06.5",
             "1 month -1 day", "29 days", "-00:00:00.000001", "23:59:59.999999", "100 years 11 months", "-1.5 days", "1 month 1 day 1 second", "36:00:00"]
UUIDS = ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", None, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
         "12345678-1234-5678-1234-567812345678"]
BYTES = ["\\x", "\\x00", None, "\\xff", "\\x616263", "\\x0001027f80feff", "\\xc3a4", "\\x" + "ab" * 60, "\\x5c27"]
JSONS = ['{}', '[]', None, 'null', 'true', 'false', '1', '1.0', '1.50', '-0', '1e2', '12345678901234567890.123', '""', '"text"', '"a\\"b\\\\c\\n\\u00e4"',
         '{"a": 1}', '{"a": null}', '{"a": {"b": [1, 2, {"c": "x"}]}}', '[1, 2, 3]', '[1, "two", null, true, [], {}]', '{"b": 2, "a": 1, "aa": 3}',
         '{"a": 1, "a": 2}', '{"": 0}', '{"ä": "ö", "0": "zero"}', '["a", "b"]', '[[1], [2, 3]]', '{"a": "text", "b": [1.0, 2.50]}', ' { "a" :  [ 1 , 2 ] } ']


def stamps(zone):
    """A date with each of the times; those around the changes of summer time come in UTC."""
    times = [time for time in TIMES if time]
    values = [date and f"{date} {times[i % len(times)]}{zone}" for i, date in enumerate(DATES)]
    return values + [f"2024-03-31 00:59:59.999999{zone}", f"2024-03-31 01:00:00{zone}", f"2024-10-27 00:30:00{zone}", f"2024-10-27 01:30:00{zone}"]


# column, type, values
COLUMNS = [
    ("b", "boolean", ["true", "false", None]),
    ("i2", "smallint", [*INTS, 32767, -32768]),
    ("i4", "integer", [*INTS, 2147483647, -2147483648, 32768, 65]),
    ("i8", "bigint", [*INTS, 9223372036854775807, -9223372036854775808, 4294967296]),
    ("f4", "real", [*FLOATS, "3.4028235e38", "1.4e-45", "1.1754944e-38"]),
    ("f8", "double precision", [*FLOATS, "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "9007199254740993", "0.1234567890123456"]),
    ("n", "numeric(12,2)", NUMERICS),
    ("t", "text", TEXTS),
    ("v", "varchar(20)", [text and text[:20] for text in TEXTS]),
    ("c", "char(6)", [text and text[:6] for text in TEXTS]),
    ("d", "date", DATES),
    ("ts", "timestamp", stamps("")),
    ("tz", "timestamptz", stamps("+00")),
    ("tm", "time", TIMES),
    ("iv", "interval", INTERVALS),
    ("u", "uuid", UUIDS),
    ("y", "bytea", BYTES),
    ("j", "json", JSONS),
    ("jb", "jsonb", JSONS),
    ("ai", "integer[]", ["{1,2,3}", "{}", None, "{NULL}", "{1}", "{2,1}", "{1,NULL,3}", "{1,2}", "{-1,2147483647}", "{1,1,NULL,NULL}", "{9}"]),
    ("at", "text[]", ["{a,b}", "{}", None, "{NULL}", '{""}', "{a}", "{a,NULL}", '{"NULL","ä b","x,y"}', "{B,a}", "{b,a,a}"]),
    ("af", "double precision[]", ["{1.5,NaN}", "{}", None, "{-0}", "{0}", "{Infinity,-Infinity,NULL}", "{0.1}"]),
    ("a2", "smallint[]", ["{1,2}", None, "{NULL,-1}", "{}"]),
    ("e", "public.edge_kind", ["b", "a", None, "ä x", "B"]),
]
ROWS = 84

# the column that stands for a type of an alternative; pg_type.typname
COLUMN_OF = {"bool": "b", "int2": "i2", "int4": "i4", "int8": "i8", "float4": "f4", "float8": "f8", "numeric": "n", "text": "t", "varchar": "v",
             "bpchar": "c", "date": "d", "timestamp": "ts", "timestamptz": "tz", "time": "tm", "interval": "iv", "uuid": "u", "bytea": "y", "json": "j", "jsonb": "jb", "anyenum": "e",
             "_int4": "ai", "_text": "at", "_float8": "af", "_int2": "a2"}


def literal(value):
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


KIND = "DROP TYPE IF EXISTS public.edge_kind CASCADE; CREATE TYPE public.edge_kind AS ENUM ('b', 'a', 'ä x', 'B')"


def create_table():
    columns = [f"{prefix}{name} {type_name}" for prefix in ("", "x") for name, type_name, _ in COLUMNS]
    return f"CREATE TABLE edge (id integer, {', '.join(columns)}) USING {{am}}"


def insert_rows():
    rows = []
    for row in range(ROWS):
        first = [values[row % len(values)] for _, _, values in COLUMNS]
        second = [value if row % 3 == 0 else values[(5 * row + 1) % len(values)] for value, (_, _, values) in zip(first, COLUMNS)]
        rows.append(f"({row}, {', '.join(map(literal, [*first, *second]))})")
    return "INSERT INTO edge VALUES\n" + ",\n".join(rows)
