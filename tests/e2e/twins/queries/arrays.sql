-- Arrays of every scalar type: edge values, NULLs, empty ones, domains; by all statements that write.
-- setup

DROP TYPE IF EXISTS public.array_mood CASCADE; CREATE TYPE public.array_mood AS ENUM ('sad', 'ok', 'happy'); DROP DOMAIN IF EXISTS public.small_list CASCADE; CREATE DOMAIN public.small_list AS int[] CHECK (cardinality(VALUE) < 5); DROP DOMAIN IF EXISTS public.even CASCADE; CREATE DOMAIN public.even AS int CHECK (VALUE % 2 = 0)

CREATE TABLE a (id int, b bool[], i2 int2[], i4 int4[], i8 int8[], o oid[], f4 float4[], f8 float8[], n numeric(20,5)[], n38 numeric(38,0)[], d date[], t time[], tz timetz[], ts timestamp[], tstz timestamptz[], tx text[], vc varchar(5)[], ch char(5)[], cc "char"[], nm name[], u uuid[], by bytea[], js json[], jb jsonb[], bt bit(3)[], vb varbit(8)[], e public.array_mood[], ev public.even[], sl public.small_list, ip inet[], net cidr[], m money[], ts3 timestamp(3)[], iv interval[], p point[]) USING {am}

INSERT INTO a VALUES (1, '{t,f,NULL}', '{32767,-32768,NULL}', '{2147483647,-2147483648,0}', '{9223372036854775807,-9223372036854775808}', '{4294967295,0}', '{NaN,Infinity,-0,1.1}', '{-Infinity,0.1,NaN,-0}', '{123456789012345.12345,-0.00001,NULL,1.5}', '{99999999999999999999999999999999999999,-1}', '{9999-12-31,4713-01-01 BC,1970-01-01}', '{23:59:59.999999,00:00}', '{23:59:59+00,00:00+00}', '{9999-12-31 23:59:59.999999,0001-01-01,1969-12-31 23:59:59.999999}', '{2024-03-31 01:30:00+00,NULL}', '{"",NULL,"NULL","a,b","{}","\"q\\",ä}', '{abcde,é}', '{abc,"",NULL}', '{x,1}', E'{name,"A\\"b"}', '{00112233-4455-6677-8899-aabbccddeeff,ffffffff-ffff-ffff-ffff-ffffffffffff}', '{"\\x00ff","\\x",NULL}', ARRAY['{"a": 1,  "b": [2]}', '[]', 'null']::json[], ARRAY['{"b": 2, "a": 1}', '"x"']::jsonb[], '{101,000}', '{10101,NULL}', '{happy,sad,NULL}', '{2,4}', '{1,2,3}', '{10.0.0.1/24,::1}', '{10.0.0.0/24,::/0}', '{"1,234.56",-0.01}', '{2024-01-01 00:00:00.1234567}', '{1 year 2 mons -3 days 04:05:06.789,0,-178000000 years,NULL}', '{"(1,2.5)"}')

INSERT INTO a (id) VALUES (2)

INSERT INTO a VALUES (3, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')

INSERT INTO a VALUES (4, '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}')

CREATE TABLE many (id int, v int[], w text[]) USING {am}

INSERT INTO many SELECT i, CASE WHEN i % 7 <> 0 THEN ARRAY(SELECT g * i FROM generate_series(1, i % 50) g) END, CASE WHEN i % 5 <> 0 THEN ARRAY(SELECT repeat(chr(97 + g % 26), g) FROM generate_series(0, i % 11) g) END FROM generate_series(1, 5000) i

-- queries

-- path: set
SELECT * FROM a ORDER BY id

SELECT * FROM many WHERE id % 100 < 3 ORDER BY id

SELECT id, i4[1], i4[2:3], cardinality(tx), b FROM a ORDER BY id

-- path: set
SELECT id, i4 IS NULL, tx IS NOT NULL FROM a ORDER BY id

-- path: set
SELECT count(i4), count(*), count(iv) FROM a

INSERT INTO a SELECT (a).id + 10, b, i2, i4, i8, o, f4, f8, n, n38, d, t, tz, ts, tstz, tx, vc, ch, cc, nm, u, by, js, jb, bt, vb, e, ev, sl, ip, net, m, ts3, iv, p FROM a WHERE id < 5

SELECT * FROM a ORDER BY id

UPDATE a SET i4 = i4 || 7, tx[1] = 'new', d = '{2020-02-02}' WHERE id IN (1, 2, 11)

UPDATE a SET f8 = NULL, iv = ARRAY[interval '1 day', NULL] WHERE id = 3 RETURNING id, f8, iv

UPDATE a SET i4 = i8 WHERE id = 12

UPDATE a SET tx = vc WHERE id = 14

DELETE FROM a WHERE i4 IS NULL

DELETE FROM a WHERE id = 4 RETURNING *

MERGE INTO a USING (SELECT id, v, w FROM many WHERE id < 5) m ON m.id = a.id WHEN MATCHED THEN UPDATE SET i4 = m.v, tx = m.w WHEN NOT MATCHED THEN INSERT (id, i4, tx) VALUES (m.id + 100, m.v, m.w)

SELECT * FROM a ORDER BY id

BEGIN; INSERT INTO many VALUES (10001, '{1,2}', '{x}'); SAVEPOINT s; INSERT INTO many VALUES (10002, NULL, '{}'); UPDATE many SET v = v || 1 WHERE id > 10000; SELECT * FROM many WHERE id > 10000 ORDER BY id; ROLLBACK TO s; COMMIT

SELECT * FROM many WHERE id > 10000 ORDER BY id

CREATE TABLE copied USING {am} AS SELECT id, v, w, v[1:2] AS first FROM many WHERE id < 100

SELECT * FROM copied ORDER BY id

CREATE TABLE copied2 USING {am} AS SELECT id, v, w FROM many

SELECT count(*), count(v), count(w), min(id) FROM copied2

ALTER TABLE copied ADD COLUMN x date[], ADD COLUMN y int2[] DEFAULT '{1,NULL}'

INSERT INTO copied (id, x) VALUES (1000, '{2020-01-01}'), (1001, NULL)

SELECT * FROM copied ORDER BY id

ALTER TABLE copied ALTER COLUMN v TYPE bigint[]

ALTER TABLE copied ALTER COLUMN w TYPE varchar[]

ALTER TABLE copied RENAME COLUMN w TO texts

SELECT * FROM copied ORDER BY id

ALTER TABLE copied DROP COLUMN v

ALTER TABLE copied ALTER COLUMN y SET NOT NULL

INSERT INTO copied (id, y) VALUES (1002, NULL)

SELECT * FROM copied ORDER BY id

DELETE FROM copied2 WHERE v IS NULL

DELETE FROM copied2 WHERE w IS NOT NULL

SELECT count(*) FROM copied2

ANALYZE many

SELECT attname, null_frac, most_common_elems IS NOT NULL FROM pg_stats WHERE schemaname = current_schema AND tablename = 'many' AND attname = 'id'

INSERT INTO a (id, sl) VALUES (50, '{1,2,3,4,5,6}')

INSERT INTO a (id, ev) VALUES (51, '{1}')

INSERT INTO a (id, vc) VALUES (52, '{too long}')

INSERT INTO a (id, n) VALUES (53, '{1e15}')

CREATE TABLE gen (a int[], n int GENERATED ALWAYS AS (cardinality(a)) STORED, CHECK (a[1] > 0)) USING {am}

INSERT INTO gen VALUES ('{1,2,3}'), ('{}'), (NULL)

INSERT INTO gen VALUES ('{0,2,3}')

UPDATE gen SET a = a || a

SELECT * FROM gen

WITH x AS (INSERT INTO gen VALUES ('{7,7}') RETURNING *) SELECT * FROM x

CREATE TABLE part (k int, v text[]) PARTITION BY LIST (k); CREATE TABLE part1 PARTITION OF part FOR VALUES IN (1) USING {am}; CREATE TABLE part2 PARTITION OF part FOR VALUES IN (2) USING {am}

INSERT INTO part VALUES (1, '{a}'), (2, '{b,NULL}'), (1, NULL)

UPDATE part SET k = 2 WHERE v IS NULL

SELECT * FROM part ORDER BY k, v

CREATE TABLE plain (id int, v int[], d date[]); INSERT INTO plain VALUES (1, '{1,NULL}', '{infinity}'), (2, NULL, '{}'), (3, '{}', NULL)

SELECT p.id, p.v, p.d, m.v FROM plain p JOIN many m USING (id) ORDER BY id

SELECT v FROM many WHERE id < 4 UNION ALL SELECT v FROM plain

SELECT DISTINCT i4 FROM a ORDER BY i4

SELECT i4, count(*) FROM a GROUP BY i4 ORDER BY i4

SELECT max(v), min(w) FROM many WHERE id < 20

SELECT coalesce(v, '{}'), CASE WHEN id > 3 THEN v END FROM many WHERE id < 9 ORDER BY id

PREPARE by_array(int[]) AS SELECT id FROM many WHERE v = $1; EXECUTE by_array('{1}'); DEALLOCATE by_array

SELECT id FROM many WHERE v @> '{100}' AND 'aaaa' <> ALL (w) ORDER BY id
