-- Option partition_by: every transform over edge values, evolution, all kinds of changes, pruning.
-- setup

CREATE TABLE fact (id int, region text, ts timestamptz, d date, amount numeric(10,2), f float8, u uuid, b bytea, t time, big bigint, ok bool) USING {am} {partition_by:region, day(ts), bucket(4, id)}

INSERT INTO fact SELECT i, CASE i % 4 WHEN 0 THEN 'nörth' WHEN 1 THEN 'south/east' WHEN 2 THEN '' END, '1969-12-30 22:00:00+00'::timestamptz + i * interval '7 hours', '1970-01-05'::date - i, i * 1.5 - 20, CASE i % 5 WHEN 0 THEN float8 'NaN' WHEN 1 THEN '-0' WHEN 2 THEN 0 WHEN 3 THEN i END, ('00000000-0000-0000-0000-0000000000' || lpad(i::text, 2, '0'))::uuid, ('\x' || lpad(to_hex(i * 3 % 256), 2, '0'))::bytea, '00:00'::time + i * interval '17 minutes', i * -1000000007::bigint, i % 3 = 0 FROM generate_series(1, 60) i

CREATE TABLE transforms (id int, a int, l bigint, s text, bin bytea, d date, ts timestamp, n numeric(30,4)) USING {am} {partition_by:truncate(10, a), truncate(1000, l), truncate(2, s), truncate(1, bin), year(d), month(ts), truncate(500, n)}

INSERT INTO transforms SELECT i, i * 7 - 50, i * 12345 - 100000, repeat(chr(945 + i % 5), 1 + i % 4), ('\x' || to_hex(16 + i % 200) || 'ff')::bytea, '1969-06-01'::date + i * 100, '1969-11-30 23:59:59.999999'::timestamp + i * interval '20 days', i * 1.2345 - 10 FROM generate_series(1, 40) i

INSERT INTO transforms VALUES (100, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (101, -1, -1, '', '', '1970-01-01', '1970-01-01', 0), (102, NULL, -9223372036854775808, 'ä', '\x00', '0001-01-01', '9999-12-31 23:59:59.999999', -0.0001)

CREATE TABLE buckets (id int, a bigint, s text, u uuid, ts timestamp, n numeric(12,3), d date, t time) USING {am} {partition_by:bucket(2, a), bucket(3, s), bucket(2, u), bucket(2, ts), bucket(2, n), bucket(2, d), bucket(2, t)}

INSERT INTO buckets SELECT i, i * 3, 'text ' || i, md5(i::text)::uuid, '1960-01-01'::timestamp + i * interval '1000 hours', i / 8.0, '1960-01-01'::date + i, '00:00'::time + i * interval '1 second' FROM generate_series(1, 30) i

CREATE TABLE zeros (f float4, g float8, label text) USING {am} {partition_by:f, g}

INSERT INTO zeros VALUES (0, 0, 'plus'), ('-0', '-0', 'minus'), ('NaN', 'NaN', 'nan'), (NULL, NULL, 'null'), ('Infinity', '-Infinity', 'infinite'), (1.5, 1e300, 'number')

DROP TYPE IF EXISTS public.hidden_visit, public.hidden_place CASCADE; CREATE TYPE public.hidden_place AS (city text, number int); CREATE TYPE public.hidden_visit AS (at timestamptz, place public.hidden_place)

CREATE TABLE visits (id int, v public.hidden_visit) USING {am} {partition_by:day(v.at), v.place.city, bucket(3, v.place.number)}

INSERT INTO visits SELECT i, ROW('1969-12-30 22:00:00+00'::timestamptz + i * interval '7 hours', ROW(CASE WHEN i % 4 > 0 THEN 'c' || i % 4 END, i)::public.hidden_place)::public.hidden_visit FROM generate_series(1, 30) i

INSERT INTO visits VALUES (100, NULL), (101, ROW(NULL, NULL)::public.hidden_visit), (102, ROW('1970-01-03 12:00:00+00', NULL)::public.hidden_visit)

-- queries

SELECT * FROM visits ORDER BY id

SELECT count(*), min((v).at), sum(((v).place).number) FROM visits WHERE ((v).place).city = 'c2'

SELECT id FROM visits WHERE (v).at >= '1970-01-03 00:00:00+00' AND (v).at < '1970-01-04 00:00:00+00' ORDER BY id

SELECT id FROM visits WHERE ((v).place).number IN (7, 9, 200) OR (v).at IS NULL ORDER BY id

SELECT ((v).place).city, count(*) FROM visits GROUP BY 1 ORDER BY 1

INSERT INTO visits SELECT id + 1000, v FROM visits WHERE ((v).place).number < 10

UPDATE visits SET v.at = (v).at + interval '1 day' WHERE ((v).place).city = 'c1' RETURNING id, v

DELETE FROM visits WHERE (v).at < '1970-01-01 00:00:00+00' OR ((v).place).city IS NULL

SELECT * FROM visits ORDER BY id

SELECT * FROM fact ORDER BY id

SELECT count(*), sum(amount) FROM fact WHERE region = 'nörth'

SELECT count(*) FROM fact WHERE region = ''

SELECT count(*) FROM fact WHERE region IS NULL

SELECT count(*) FROM fact WHERE region IS NOT NULL AND ts < '1970-01-01 00:00:00+00'

SELECT id FROM fact WHERE ts >= '1970-01-01 00:00:00+00' AND ts < '1970-01-02 00:00:00+00' ORDER BY id

SELECT id FROM fact WHERE id IN (1, 7, 33, 99) ORDER BY id

SELECT id FROM fact WHERE id = ANY (ARRAY[2, 3, 5, 58]) AND region <> 'nörth' ORDER BY id

SELECT id FROM fact WHERE region LIKE 'sou%' ORDER BY id

SELECT id FROM fact WHERE region IN ('', 'nörth') OR (id = 5 AND ts > '1970-01-01') ORDER BY id

SELECT id FROM fact WHERE date_trunc('day', ts) = '1970-01-03 00:00:00+00' ORDER BY id

SELECT id FROM fact WHERE (ts AT TIME ZONE 'UTC')::date = '1970-01-03' ORDER BY id

SELECT id FROM fact WHERE extract(year FROM ts) = 1969 ORDER BY id

SELECT a.id, b.id FROM fact a JOIN transforms b ON a.id = b.id WHERE b.a < 0 ORDER BY 1, 2

-- path: set
UPDATE fact SET region = 'west' WHERE id BETWEEN 10 AND 20

UPDATE fact SET ts = ts + interval '1 day', region = NULL WHERE id < 5 RETURNING id, region, ts

SELECT region, count(*), min(ts), max(ts) FROM fact GROUP BY region ORDER BY region

-- path: set
DELETE FROM fact WHERE region = 'west'

DELETE FROM fact WHERE ts < '1969-12-31 00:00:00+00' RETURNING id

SELECT count(*) FROM fact

MERGE INTO fact USING (SELECT id + 40 AS id, s FROM transforms WHERE id < 40) s ON fact.id = s.id WHEN MATCHED THEN UPDATE SET region = s.s, d = NULL WHEN NOT MATCHED THEN INSERT (id, region) VALUES (s.id, s.s)

SELECT * FROM fact ORDER BY id, region

ALTER TABLE fact {set_partition_by:month(d), f}

INSERT INTO fact SELECT id + 1000, region, ts, d, amount, f, u, b, t, big, ok FROM fact WHERE id < 50

SELECT * FROM fact WHERE d < '1970-01-01' ORDER BY id

SELECT id FROM fact WHERE f = 'NaN' ORDER BY id

SELECT id FROM fact WHERE f = 0 ORDER BY id

DELETE FROM fact WHERE f = 0 AND d >= '1969-12-01'

UPDATE fact SET f = f + 1 WHERE id > 1000 OR region = 'nörth'

SELECT * FROM fact ORDER BY id

ALTER TABLE fact {set_partition_by:u, b, t, big, ok}

INSERT INTO fact SELECT id + 2000, region, ts, d, amount, f, u, b, t, big, ok FROM fact WHERE id < 30

SELECT id FROM fact WHERE u = '00000000-0000-0000-0000-000000000025' ORDER BY id

SELECT id FROM fact WHERE b = '\x4b' ORDER BY id

SELECT id FROM fact WHERE t < '03:00' ORDER BY id

SELECT id FROM fact WHERE big BETWEEN -30000000210 AND -25000000175 ORDER BY id

SELECT count(*) FROM fact WHERE ok

SELECT count(*) FROM fact WHERE NOT ok

BEGIN; INSERT INTO fact (id, region) VALUES (5001, 'a'); INSERT INTO fact (id, region) VALUES (5002, 'b'), (5003, 'a'); SAVEPOINT s; INSERT INTO fact (id, region) VALUES (5004, 'a'); DELETE FROM fact WHERE id = 5001; ROLLBACK TO s; UPDATE fact SET region = 'c' WHERE id = 5002; SELECT id, region FROM fact WHERE id > 5000 ORDER BY id; COMMIT

BEGIN; INSERT INTO fact (id, region) VALUES (6001, 'a'), (6002, 'b'); DECLARE c CURSOR FOR SELECT id FROM fact WHERE id > 6000 ORDER BY id; INSERT INTO fact (id, region) VALUES (6003, 'a'), (6004, 'c'), (6005, 'b'); DECLARE e CURSOR FOR SELECT id FROM fact WHERE id > 6000 ORDER BY id; INSERT INTO fact (id, region) VALUES (6006, 'b'); FETCH ALL c; FETCH ALL e; SELECT count(*) FROM fact WHERE id > 6000; COMMIT

TRUNCATE fact

INSERT INTO fact (id, region) SELECT i, 'r' || i % 7 FROM generate_series(1, 3000) i

SELECT region, count(*), min(id), max(id) FROM fact GROUP BY region ORDER BY region

SELECT * FROM transforms ORDER BY id

SELECT id FROM transforms WHERE a BETWEEN -11 AND -1 ORDER BY id

SELECT id FROM transforms WHERE a < -40 OR a > 200 ORDER BY id

SELECT id FROM transforms WHERE l < 0 ORDER BY id

SELECT id FROM transforms WHERE s LIKE 'β%' ORDER BY id

SELECT id FROM transforms WHERE s = 'ββ' ORDER BY id

SELECT id FROM transforms WHERE starts_with(s, 'γγγ') ORDER BY id

SELECT id FROM transforms WHERE s >= 'β' AND s < 'γ' ORDER BY id

SELECT id FROM transforms WHERE d < '1970-01-01' ORDER BY id

SELECT id FROM transforms WHERE d = '0001-01-01' OR ts > '9999-01-01' ORDER BY id

SELECT id FROM transforms WHERE ts >= '1969-12-31' AND ts < '1970-03-01' ORDER BY id

SELECT id FROM transforms WHERE ts::date = '1970-01-01' ORDER BY id

SELECT id FROM transforms WHERE extract(year FROM d) = 1972 ORDER BY id

SELECT id FROM transforms WHERE n < -5 ORDER BY id

SELECT id FROM transforms WHERE n = 0 OR n = -0.0001 ORDER BY id

SELECT id FROM transforms WHERE bin > '\x20' AND bin < '\x22' ORDER BY id

SELECT id FROM transforms WHERE a IS NULL OR s IS NULL ORDER BY id

UPDATE transforms SET a = -a, s = s || 'x', d = d + 400 WHERE a % 2 = 0

DELETE FROM transforms WHERE d >= '1975-01-01'

SELECT * FROM transforms ORDER BY id

SELECT * FROM buckets ORDER BY id

SELECT id FROM buckets WHERE a = 9 ORDER BY id

SELECT id FROM buckets WHERE s IN ('text 3', 'text 17', 'text 99') ORDER BY id

SELECT id FROM buckets WHERE u = md5('7')::uuid ORDER BY id

SELECT id FROM buckets WHERE n = 1.125 ORDER BY id

SELECT id FROM buckets WHERE d = '1960-01-11' AND t = '00:00:10' ORDER BY id

SELECT id FROM buckets WHERE ts = '1960-02-11 16:00:00' ORDER BY id

SELECT * FROM zeros ORDER BY label

SELECT label FROM zeros WHERE f = 0 ORDER BY label

SELECT label FROM zeros WHERE f = '-0' OR g = '-0' ORDER BY label

SELECT label FROM zeros WHERE f = 'NaN' ORDER BY label

SELECT label FROM zeros WHERE f > 1 ORDER BY label

SELECT label FROM zeros WHERE g < 0 ORDER BY label

SELECT label FROM zeros WHERE f IS NULL ORDER BY label
