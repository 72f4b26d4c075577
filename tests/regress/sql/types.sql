-- Every scalar type of TYPE, edge values, ranges (TYPE-17, TYPE-19, TYPE-26), heap beside lake
CREATE SCHEMA typing;
SET search_path = typing;
SET TimeZone = 'UTC';
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE h (
  b bool, i2 int2, i4 int4, i8 int8, o oid, f4 float4, f8 float8, n numeric(20, 5), n38 numeric(38, 0), d date, t time, tz timetz,
  ts timestamp, tstz timestamptz, tx text, vc varchar(5), ch char(5), cc "char", nm name, u uuid, by bytea, js json, jb jsonb,
  bt bit(3), vb varbit(8), e mood, p positive, ip inet, net cidr, mac macaddr, m money, ts3 timestamp(3), iv interval);
CREATE TABLE l (LIKE h) USING iceberg;
INSERT INTO h VALUES
 (true, 32767, 2147483647, 9223372036854775807, 4294967295, 'NaN', 'Infinity', 123456789012345.12345, 99999999999999999999999999999999999999, '9999-12-31', '23:59:59.999999', '23:59:59+02', '9999-12-31 23:59:59.999999', '2024-03-31 01:30:00+00', 'text', 'abcde', 'abc', 'x', 'name', '00112233-4455-6677-8899-aabbccddeeff', '\x00ff', '{"a": 1,  "b": [2]}', '{"b": 2, "a": 1}', '101', '10101', 'happy', 7, '10.0.0.1/24', '10.0.0.0/24', '08:00:2b:01:02:03', '1,234.56', '2024-01-01 00:00:00.1234567', '1 year 2 mons -3 days 04:05:06.789'),
 (false, -32768, -2147483648, -9223372036854775808, 0, '-Infinity', '-0', -0.00001, -99999999999999999999999999999999999999, '4713-01-01 BC', '00:00', '00:00+00', '0001-01-01', '0001-01-01 00:00:00+00', '', '', '', '', '', '00000000-0000-0000-0000-000000000000', '', '[]', 'null', '000', '', 'sad', 1, '::1', '::/0', '00:00:00:00:00:00', '-0.01', '1970-01-01', '0'),
 (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 (true, 1, 1, 1, 1, 1.1, 0.1, 1.5, 1, '2024-02-29', '12:34:56', '12:00:00-05', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999999+00', E'\u00e4\U0001F600\n\t''"\\', E'\u00e4', 'a', '1', 'A"b', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '\x00', '"x"', '{"k": 1.50}', '111', '1', 'ok', 2, '192.168.1.1', '192.168.1.0/32', 'ff:ff:ff:ff:ff:ff', '0', '1999-12-31 23:59:59.9996', '-178000000 years');
INSERT INTO l SELECT * FROM h;
SELECT count(*) FROM l;
\x on
SELECT * FROM l;
\x off
-- the same rows, by both paths
CREATE FUNCTION difference() RETURNS bigint LANGUAGE sql AS
  'SELECT count(*) FROM ((SELECT l::text FROM l EXCEPT ALL SELECT h::text FROM h) UNION ALL (SELECT h::text FROM h EXCEPT ALL SELECT l::text FROM l)) x';
-- timetz comes back as UTC
UPDATE h SET tz = tz AT TIME ZONE 'UTC';
SELECT difference();
SELECT format('SELECT %I FROM l', attname) AS query FROM pg_attribute WHERE attrelid = 'l'::regclass AND attnum > 0 ORDER BY attnum LIMIT 0;
-- what Iceberg cannot hold
INSERT INTO l (d) VALUES ('infinity');
INSERT INTO l (d) VALUES ('-infinity');
INSERT INTO l (d) VALUES ('10000-01-01');
INSERT INTO l (d) VALUES ('4714-12-31 BC');
INSERT INTO l (ts) VALUES ('infinity');
INSERT INTO l (ts) VALUES ('10000-01-01');
INSERT INTO l (ts) VALUES ('0001-12-31 BC');
INSERT INTO l (tstz) VALUES ('-infinity');
INSERT INTO l (t) VALUES ('24:00:00');
INSERT INTO l (n) VALUES ('NaN');
INSERT INTO l (n) VALUES (1e15);
INSERT INTO l (p) VALUES (-1);
INSERT INTO l (vc) VALUES ('too long');
INSERT INTO l (i2) VALUES (40000);
SELECT count(*) FROM l;
CREATE TABLE clamped (d date, ts timestamp, tstz timestamptz, n numeric(5, 2)) USING iceberg WITH (out_of_range_values = 'clamp');
INSERT INTO clamped VALUES ('infinity', 'infinity', 'infinity', 'NaN'), ('-infinity', '-infinity', '-infinity', 1), ('10000-01-01', '10000-01-01', '10000-01-01', 2);
SELECT * FROM clamped ORDER BY n;
-- names: reserved words, mixed case, unicode, 63 bytes
CREATE TABLE "Select" ("from" int, "ÄÖ ü" int, "a""b" int, "group" text, aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg int) USING iceberg;
INSERT INTO "Select" VALUES (1, 2, 3, 'four', 5);
SELECT * FROM "Select" WHERE "from" = 1 AND "ÄÖ ü" = 2 AND "a""b" = 3 AND "group" = 'four';
SET TimeZone = 'America/New_York';
SELECT tstz, tz FROM l ORDER BY tstz;
SET client_min_messages = warning;
DROP SCHEMA typing CASCADE;
