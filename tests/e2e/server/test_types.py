"""Every type in text and in binary, against values PostgreSQL itself gives; parameters of every type the other way."""

import datetime
import math
import struct
import uuid
from decimal import Decimal

import psycopg
import pytest

UTC = datetime.timezone.utc

# expression, type oid, text form (PostgreSQL's), binary form (PostgreSQL's, hexadecimal)
VALUES = [
    ("true", 16, "t", "01"),
    ("false", 16, "f", "00"),
    ("'-7'::TINYINT", 21, "-7", "fff9"),
    ("255::UTINYINT", 21, "255", "00ff"),
    ("'-32768'::SMALLINT", 21, "-32768", "8000"),
    ("65535::USMALLINT", 23, "65535", "0000ffff"),
    ("'-2147483648'::INTEGER", 23, "-2147483648", "80000000"),
    ("4294967295::UINTEGER", 20, "4294967295", "00000000ffffffff"),
    ("'-9223372036854775808'::BIGINT", 20, "-9223372036854775808", "8000000000000000"),
    ("9223372036854775807::UBIGINT", 20, "9223372036854775807", "7fffffffffffffff"),
    ("1.5::FLOAT", 700, "1.5", "3fc00000"),
    ("'nan'::FLOAT", 700, "NaN", "7fc00000"),
    ("1e20::FLOAT", 700, "1e+20", "60ad78ec"),
    ("0.1::DOUBLE", 701, "0.1", "3fb999999999999a"),
    ("1e15::DOUBLE", 701, "1e+15", "430c6bf526340000"),
    ("1e-5::DOUBLE", 701, "1e-05", "3ee4f8b588e368f1"),
    ("100000000000000::DOUBLE", 701, "100000000000000", "42d6bcc41e900000"),
    ("'-inf'::DOUBLE", 701, "-Infinity", "fff0000000000000"),
    ("0.0::DECIMAL(4,2)", 1700, "0.00", "0000000000000002"),
    ("'-12.34'::DECIMAL(4,2)", 1700, "-12.34", "0002000040000002000c0d48"),
    ("0.0001::DECIMAL(9,4)", 1700, "0.0001", "0001ffff000000040001"),
    ("12345678.9::DECIMAL(18,1)", 1700, "12345678.9", "000300010000000104d2162e2328"),
    ("100000000::DECIMAL(18,0)", 1700, "100000000", "00010002000000000001"),
    ("'99999999999999999999999999999999999999'::DECIMAL(38,0)", 1700, "9" * 38, "000a000900000000" + "0063" + "270f" * 9),
    ("'-170141183460469231731687303715884105728'::HUGEINT", 1700, "-170141183460469231731687303715884105728",
     "000a00094000000000aa0583209a01d5090d0c601c871bf620da1660"),
    ("'héé'::VARCHAR", 25, "héé", "68c3a9c3a9"),
    ("''::VARCHAR", 25, "", ""),
    ("'\\xDE\\xAD'::BLOB", 17, "\\xdead", "dead"),
    ("'10110000111'::BIT", 1560, "10110000111", "0000000bb0e0"),
    ("DATE '2000-01-01'", 1082, "2000-01-01", "00000000"),
    ("DATE '1999-12-31'", 1082, "1999-12-31", "ffffffff"),
    ("DATE '0044-03-15 (BC)'", 1082, "0044-03-15 BC", "fff49d7b"),
    ("'infinity'::DATE", 1082, "infinity", "7fffffff"),
    ("'-infinity'::DATE", 1082, "-infinity", "80000000"),
    ("TIME '13:45:00.5'", 1083, "13:45:00.5", struct.pack("!q", 49500500000).hex()),
    ("'13:45:00+05:30'::TIMETZ", 1266, "13:45:00+05:30", struct.pack("!qi", 49500000000, -19800).hex()),
    ("TIMESTAMP '2024-02-29 13:45:00.000001'", 1114, "2024-02-29 13:45:00.000001", struct.pack("!q", 762529500000001).hex()),
    ("'2024-02-29 13:45:00'::TIMESTAMP_S", 1114, "2024-02-29 13:45:00", struct.pack("!q", 762529500000000).hex()),
    ("'2024-02-29 13:45:00.123'::TIMESTAMP_MS", 1114, "2024-02-29 13:45:00.123", struct.pack("!q", 762529500123000).hex()),
    ("'2024-02-29 13:45:00.123456789'::TIMESTAMP_NS", 1114, "2024-02-29 13:45:00.123456", struct.pack("!q", 762529500123456).hex()),
    ("'infinity'::TIMESTAMP", 1114, "infinity", "7fffffffffffffff"),
    ("TIMESTAMPTZ '2024-02-29 13:45:00+01'", 1184, "2024-02-29 12:45:00+00", struct.pack("!q", 762525900000000).hex()),
    ("INTERVAL '1 year 2 months 3 days 04:05:06.7'", 1186, "1 year 2 mons 3 days 04:05:06.7",
     struct.pack("!qii", 14706700000, 3, 14).hex()),
    ("INTERVAL '-1 month 5 days'", 1186, "-1 mons +5 days", struct.pack("!qii", 0, 5, -1).hex()),
    ("INTERVAL '0 days'", 1186, "00:00:00", "00" * 16),
    ("'00112233-4455-6677-8899-aabbccddeeff'::UUID", 2950, "00112233-4455-6677-8899-aabbccddeeff", "00112233445566778899aabbccddeeff"),
    ("'{\"a\": 1}'::JSON", 25, '{"a": 1}', b'{"a": 1}'.hex()),
    ("'b'::ENUM('a', 'b')", 25, "b", "62"),
    ("[1, NULL, 3]", 25, "[1, NULL, 3]", b"[1, NULL, 3]".hex()),
    ("{'a': 1, 'b': 'x'}", 25, "{'a': 1, 'b': x}", b"{'a': 1, 'b': x}".hex()),
    ("MAP {'k': 1}", 25, "{k=1}", b"{k=1}".hex()),
    ("NULL", None, None, None),
]


@pytest.mark.parametrize("expression, oid, text, binary", VALUES, ids=[value[0] for value in VALUES])
def test_results(connection, expression, oid, text, binary):
    for binary_format in (0, 1):
        result = connection.pgconn.exec_params(f"SELECT {expression}".encode(), None, result_format=binary_format)
        assert not result.error_message
        value = result.get_value(0, 0)
        if oid is not None:
            assert result.ftype(0) == oid
        if text is None:
            assert value is None
        elif binary_format == 0:
            assert value.decode() == text
        elif binary is not None:
            assert value.hex() == binary


def test_nulls_between_values_and_dictionary_vectors(connection):
    query = """SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE i END, CASE WHEN i % 2 = 0 THEN NULL ELSE 'v' || (i % 5) END,
                      CASE WHEN i % 7 = 0 THEN NULL ELSE (i / 100)::DECIMAL(12,2) END
               FROM range(5000) t(i) ORDER BY i"""
    expected = [(None if i % 3 == 0 else i, None if i % 2 == 0 else f"v{i % 5}",
                 None if i % 7 == 0 else (Decimal(i) / 100).quantize(Decimal("0.01"))) for i in range(5000)]
    for binary in (False, True):
        with connection.cursor(binary=binary) as cursor:
            assert cursor.execute(query).fetchall() == expected


@pytest.mark.parametrize("expression", ["18446744073709551615::UBIGINT", "DATE '5877641-06-23 (BC)'"])
def test_values_outside_the_wire_type_are_errors(connection, expression):
    result = connection.pgconn.exec_params(f"SELECT {expression}".encode(), None, result_format=1)
    assert b"Out of Range" in result.error_message
    assert connection.execute("SELECT 1").fetchone() == (1,)


PARAMETERS = [
    ("BOOLEAN", True),
    ("SMALLINT", -5),
    ("INTEGER", 2147483647),
    ("BIGINT", -(2**63)),
    ("DOUBLE", 0.1),
    ("DOUBLE", math.inf),
    ("DECIMAL(38,10)", Decimal("-12345678901234567890.0123456789")),
    ("DECIMAL(6,3)", Decimal("0.001")),
    ("VARCHAR", "héé ' \\ \" \n"),
    ("BLOB", b"\x00\xff\\"),
    ("DATE", datetime.date(1, 1, 1)),
    ("DATE", datetime.date(9999, 12, 31)),
    ("TIME", datetime.time(23, 59, 59, 999999)),
    ("TIMETZ", datetime.time(1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=-5)))),
    ("TIMESTAMP", datetime.datetime(1969, 12, 31, 23, 59, 59, 1)),
    ("TIMESTAMPTZ", datetime.datetime(2024, 2, 29, 13, 45, tzinfo=UTC)),
    ("INTERVAL", datetime.timedelta(days=-3, seconds=5, microseconds=7)),
    ("UUID", uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")),
]


@pytest.mark.parametrize("result_binary", [False, True])
@pytest.mark.parametrize("placeholder", ["%b", "%t", "%s"])
@pytest.mark.parametrize("type, value", PARAMETERS)
def test_parameters(connection, type, value, placeholder, result_binary):
    with connection.cursor(binary=result_binary) as cursor:
        assert cursor.execute(f"SELECT {placeholder}::{type}", (value,)).fetchone() == (value,)


@pytest.mark.parametrize("placeholder", ["%b", "%t", "%s"])
def test_decimals_keep_all_digits(connection, placeholder):
    row = connection.execute(f"SELECT {placeholder}", (Decimal("-0.000123"),)).fetchone()
    assert row == (Decimal("-0.000123"),)


@pytest.mark.parametrize("placeholder", ["%b", "%t"])
def test_array_parameters(connection, placeholder):
    query = f"SELECT list_sum({placeholder}::BIGINT[]), len({placeholder}::VARCHAR[])"
    assert connection.execute(query, ([1, 2, 39], ["a,b", 'q"', None, "NULL", ""])).fetchone() == (42, 5)
    assert connection.execute(f"SELECT ({placeholder}::VARCHAR[])[2]", (["x", 'a "b" \\ {c}'],)).fetchone() == ('a "b" \\ {c}',)


@pytest.mark.parametrize(
    "oid, value, format, sqlstate",
    [
        (23, b"abc", 0, "22P02"),
        (23, b"\x00", 1, "XX001"),
        (1082, struct.pack("!i", 2**31 - 2), 1, "XX001"),
        (25, b"\xff\xfe", 0, "22023"),
        (17, b"\\xzz", 0, "22023"),
        (1700, b"\x00\x01\x00\x00\x00\x00\x00\x00\x27\x10", 1, "XX001"),
        (2950, b"\x00" * 15, 1, "XX001"),
        (600, b"\x00" * 16, 1, "0A000"),
    ],
)
def test_malformed_parameters(connection, oid, value, format, sqlstate):
    result = connection.pgconn.exec_params(b"SELECT $1", [value], [oid], [format])
    assert result.error_field(ord("C")) == sqlstate.encode(), result.error_message
    assert connection.execute("SELECT 1").fetchone() == (1,)
