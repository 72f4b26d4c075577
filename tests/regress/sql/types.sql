-- Every scalar type that an Iceberg table holds: values in, the same values out, by both paths.
CREATE SCHEMA types;
SET search_path = types;
SET TimeZone = 'UTC';

CREATE TABLE numbers (b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric(20,5), n38 numeric(38,10), o oid) USING iceberg;
INSERT INTO numbers VALUES
  (true, 32767, 2147483647, 9223372036854775807, 3.4028235e38, 1.7976931348623157e308, 123456789012345.67891,
   1234567890123456789012345678.0123456789, 4294967295),
  (false, -32768, -2147483648, -9223372036854775808, 1.1754944e-38, 5e-324, -0.00001, -0.0000000001, 0),
  (NULL, NULL, NULL, NULL, 'NaN', '-Infinity', NULL, NULL, NULL),
  (NULL, 0, 0, 0, '-0', 'NaN', 0, 0, 1);
SELECT * FROM numbers ORDER BY i2 NULLS LAST;
SET pg_lake_table.enable_full_query_pushdown = off;
SELECT * FROM numbers ORDER BY i2 NULLS LAST;
RESET pg_lake_table.enable_full_query_pushdown;

CREATE TABLE times (d date, t time, ttz timetz, ts timestamp, tstz timestamptz, iv interval) USING iceberg;
INSERT INTO times VALUES
  ('2024-02-29', '23:59:59.999999', '12:00:00+05:30', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56.789012+02', '1 year 2 mons 3 days 04:05:06.789'),
  ('0001-01-01', '00:00', '00:00+00', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00', '-1 mons +2 days -00:00:01'),
  ('9999-12-31', '12:00', '23:59:59.999999-12', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00', '0'),
  (NULL, NULL, NULL, NULL, NULL, NULL);
SELECT * FROM times ORDER BY d NULLS LAST;
SET pg_lake_table.enable_full_query_pushdown = off;
SELECT * FROM times ORDER BY d NULLS LAST;
RESET pg_lake_table.enable_full_query_pushdown;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE texts (id int, t text, v varchar(5), c char(5), n name, q "char", u uuid, b bytea, j json, jb jsonb, m mood, p positive, ip inet) USING iceberg;
INSERT INTO texts VALUES
  (1, 'héllo, 世界 🙂', 'abcde', 'ab', 'name', 'x', '00112233-4455-6677-8899-aabbccddeeff', '\x00ff10', '{"a": [1, 2]}', '{"b":  {"c": null}}', 'happy', 7, '10.0.0.1/8'),
  (2, '', '', '', '', '', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '', '""', '[]', 'sad', 1, '::1'),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, E'tab\there, new\nline, quote '' and \\', 'x', 'y', 'z', 'q', NULL, '\xdeadbeef', 'null', 'null', 'ok', 2, '1.2.3.4');
SELECT id, t, v, c, n, q FROM texts ORDER BY id;
SELECT id, u, b, j, jb, m, p, ip FROM texts ORDER BY id;
SET pg_lake_table.enable_full_query_pushdown = off;
SELECT id, t, v, c, n, q FROM texts ORDER BY id;
SELECT id, u, b, j, jb, m, p, ip FROM texts ORDER BY id;
RESET pg_lake_table.enable_full_query_pushdown;
SELECT id, m FROM texts ORDER BY m, id;

-- typmods and domains hold
INSERT INTO texts (v) VALUES ('sixsix');
INSERT INTO texts (p) VALUES (0);
CREATE TABLE rounded (n numeric(5,2), ts timestamp(0)) USING iceberg;
INSERT INTO rounded VALUES (1.005, '2024-01-01 00:00:00.6'), (999.999, NULL);
INSERT INTO rounded VALUES (1.005, '2024-01-01 00:00:00.6');
SELECT * FROM rounded;

-- out of Iceberg's range (TYPE-17, TYPE-19)
CREATE TABLE ranges (d date, ts timestamp, tstz timestamptz, n numeric(10,2)) USING iceberg;
INSERT INTO ranges (d) VALUES ('infinity');
INSERT INTO ranges (d) VALUES ('10000-01-01');
INSERT INTO ranges (ts) VALUES ('-infinity');
INSERT INTO ranges (ts) VALUES ('0001-01-01 BC');
INSERT INTO ranges (tstz) VALUES ('infinity');
INSERT INTO ranges (n) VALUES ('NaN');
SELECT count(*) FROM ranges;
CREATE TABLE clamped (d date, ts timestamp, n numeric(10,2)) USING iceberg WITH (out_of_range_values = 'clamp');
INSERT INTO clamped VALUES ('infinity', '-infinity', 'NaN'), ('-infinity', 'infinity', 1);
SELECT * FROM clamped ORDER BY d;

-- unbounded numeric (TYPE-20)
CREATE TABLE unbounded (n numeric, wide numeric(50,2)) USING iceberg;
\d unbounded
SET pg_lake_iceberg.unsupported_numeric_as_double = off;
CREATE TABLE refused (n numeric) USING iceberg;
RESET pg_lake_iceberg.unsupported_numeric_as_double;

-- types that are not there yet are refused by name
CREATE TABLE refused (a int[]) USING iceberg;
CREATE TYPE pair AS (x int, y int);
CREATE TABLE refused (p pair) USING iceberg;

SET client_min_messages = warning;
DROP SCHEMA types CASCADE;
