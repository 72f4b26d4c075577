-- Heap tables in queries of lake tables: their rows are sent to the server.
-- setup

CREATE TABLE fact (id int, dim int, amount numeric(12,2), day date, note text) USING {am}

INSERT INTO fact SELECT i, i % 40, i * 0.25, date '2026-01-01' + i % 90, CASE WHEN i % 5 > 0 THEN 'n' || i % 13 END FROM generate_series(1, 2000) i

CREATE TABLE other (id int, label text) USING {am}

INSERT INTO other SELECT i, 'o' || i FROM generate_series(1, 50) i

CREATE TABLE dim (id int PRIMARY KEY, name text COLLATE "C", price numeric(8,3), since date, at timestamptz, ts timestamp, span interval, doc jsonb, code char(4), small smallint, flag bool, raw bytea, u uuid, big bigint, f4 real, f8 float8, t time, net inet, "Mixed Case" int, gone int)

INSERT INTO dim SELECT i, 'dim ' || i, i * 1.125, CASE WHEN i = 7 THEN 'infinity' WHEN i = 8 THEN '-infinity' WHEN i = 9 THEN '4713-01-01 BC' ELSE date '2020-02-29' + i END, CASE WHEN i = 7 THEN 'infinity' ELSE timestamptz '2026-03-29 01:30:00+00' + i * interval '1 hour' END, timestamp '0044-03-15 12:00:00 BC', i * interval '1 mon 2 days 3 seconds', jsonb_build_object('i', i), 'c' || i, i, i % 2 = 0, decode(lpad(to_hex(i), 4, '0'), 'hex'), ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, i * 10000000000, CASE WHEN i = 5 THEN 'NaN' ELSE i / 3.0 END, CASE WHEN i = 6 THEN '-Infinity' ELSE i / 7.0 END, time '12:34:56.789' + i * interval '1 second', '10.0.0.1', i * 2, 1 FROM generate_series(1, 30) i

INSERT INTO dim (id) VALUES (31)

ALTER TABLE dim DROP COLUMN gone

CREATE TABLE parted (id int, v text) PARTITION BY RANGE (id)

CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (1) TO (10)

CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (10) TO (100)

INSERT INTO parted SELECT i, 'p' || i FROM generate_series(1, 40) i

CREATE MATERIALIZED VIEW summary AS SELECT dim / 10 AS tens, count(*) AS n FROM fact GROUP BY 1

ANALYZE

-- queries

-- path: set
SELECT f.id, f.amount, d.* FROM fact f JOIN dim d ON d.id = f.dim WHERE f.id <= 60 ORDER BY f.id

-- path: set
SELECT d.id, d.name, count(f.id), sum(f.amount) FROM dim d LEFT JOIN fact f ON f.dim = d.id AND f.day > '2026-02-01' GROUP BY d.id, d.name ORDER BY d.id

-- path: set
SELECT count(*), count(d.id), sum(d.price) FROM fact f LEFT JOIN dim d ON d.id = f.dim WHERE d.id IS NULL OR d.flag

-- path: set
SELECT f.dim, d.price FROM fact f FULL JOIN dim d ON d.id = f.dim WHERE (f.id IS NULL OR f.id < 50) AND (d.since > '2020-03-01' OR d.id IS NULL) ORDER BY 1, 2

-- path: set
SELECT count(*) FROM fact WHERE dim IN (SELECT id FROM dim WHERE flag)

-- path: set
SELECT count(*) FROM fact WHERE dim NOT IN (SELECT id FROM dim WHERE id > 3)

-- path: set
SELECT id, (SELECT name FROM dim WHERE dim.id = fact.dim) AS name FROM fact WHERE id < 45 ORDER BY id

-- path: set
SELECT count(*) FROM fact f WHERE EXISTS (SELECT 1 FROM dim d WHERE d.id = f.dim AND d.price > f.amount)

-- path: set
WITH d AS (SELECT id, name FROM dim WHERE id BETWEEN 5 AND 9) SELECT d.name, sum(f.amount) FROM d JOIN fact f ON f.dim = d.id GROUP BY d.name ORDER BY d.name

-- path: set
SELECT 'heap' AS kind, id FROM dim WHERE id < 4 UNION ALL SELECT 'lake', id FROM other WHERE id < 4 ORDER BY 1, 2

-- path: set
SELECT count(*) FROM fact, dim

-- path: set
SELECT p.v, count(*) FROM parted p JOIN fact f ON f.dim = p.id WHERE p.id BETWEEN 8 AND 12 GROUP BY p.v ORDER BY p.v

-- path: set
SELECT s.tens, s.n, count(o.id) FROM summary s JOIN other o ON o.id / 10 = s.tens GROUP BY 1, 2 ORDER BY 1

-- path: set
SELECT a.id, b.name FROM dim a JOIN dim b ON a.id = b.id + 1 JOIN other o ON o.id = a.id WHERE a.id < 6 ORDER BY 1

-- path: set
SELECT d."Mixed Case", o.label FROM dim d JOIN other o USING (id) WHERE d."Mixed Case" < 9 ORDER BY 1

-- path: set
SELECT o.id, x.name FROM other o CROSS JOIN LATERAL (SELECT name FROM dim d WHERE d.id <= o.id ORDER BY d.id DESC LIMIT 1) x WHERE o.id < 8 ORDER BY o.id

-- conditions of outer joins choose among the rows that are sent
-- path: set
SELECT f.id, d.name FROM fact f LEFT JOIN dim d ON d.id = f.dim AND d.id < 9 AND d.flag WHERE f.id < 30 ORDER BY f.id

-- path: set
SELECT f.id, d.name FROM dim d RIGHT JOIN fact f ON d.id = f.dim AND d.id < 9 WHERE f.id < 30 AND d.name IS NULL ORDER BY f.id

-- path: set
SELECT f.id, d.id FROM dim d LEFT JOIN fact f ON d.id = f.dim AND d.id < 5 AND f.id < 100 ORDER BY d.id, f.id

-- path: set
SELECT f.id, d.id FROM dim d FULL JOIN fact f ON d.id = f.dim AND d.id < 5 WHERE d.id > 3 OR f.id < 10 ORDER BY d.id, f.id

-- path: set
SELECT o.id, x.id, d.name FROM other o LEFT JOIN (fact x JOIN dim d ON d.id = x.dim AND d.id > 3) ON o.id = x.id AND d.id < 7 WHERE o.id < 20 ORDER BY o.id

-- path: set
SELECT o.id, x.id, d.name FROM other o FULL JOIN (fact x JOIN dim d ON d.id = x.dim AND d.id = 3) ON o.id = x.id WHERE o.id < 20 ORDER BY o.id, x.id

-- path: set
SELECT o.id, a.name, b.name FROM other o LEFT JOIN dim a ON a.id = o.id AND a.id > 4 LEFT JOIN dim b ON b.id = a.id AND b.id < 8 AND a.name IS NOT NULL WHERE o.id < 12 ORDER BY o.id

SELECT d::text, o.id FROM dim d JOIN other o USING (id) WHERE d.id = 1

SELECT d.ctid, o.id FROM dim d JOIN other o USING (id) WHERE d.id = 1

SELECT d.tableoid::regclass, o.id FROM dim d JOIN other o USING (id) WHERE d.id = 1

SELECT o.id, count(*) FROM other o JOIN pg_class c ON c.relname = 'nothing' GROUP BY 1

PREPARE q(int, text) AS SELECT f.id, d.name FROM fact f JOIN dim d ON d.id = f.dim WHERE d.id = $1 AND d.name = $2 AND f.id < 100 ORDER BY f.id; EXECUTE q(3, 'dim 3'); EXECUTE q(4, 'dim 4'); EXECUTE q(5, NULL); EXECUTE q(6, 'dim 6'); EXECUTE q(7, 'dim 7'); EXECUTE q(8, 'dim 8'); EXECUTE q(9, 'dim 9'); DEALLOCATE q

BEGIN; INSERT INTO dim (id, name) VALUES (39, 'new'); SELECT count(*), max(d.name) FROM fact f JOIN dim d ON d.id = f.dim WHERE d.id > 31; SAVEPOINT a; DELETE FROM dim WHERE id = 39; SELECT count(*) FROM fact f JOIN dim d ON d.id = f.dim WHERE d.id > 31; ROLLBACK TO a; SELECT count(*) FROM fact f JOIN dim d ON d.id = f.dim WHERE d.id > 31; ROLLBACK

BEGIN; DECLARE c CURSOR FOR SELECT f.id, d.name FROM fact f JOIN dim d ON d.id = f.dim WHERE f.id < 6 ORDER BY f.id; FETCH 2 FROM c; UPDATE dim SET name = 'changed'; FETCH 2 FROM c; SELECT d.name FROM dim d JOIN other o USING (id) WHERE id = 3; ROLLBACK

CREATE FUNCTION named(wanted int) RETURNS SETOF text LANGUAGE plpgsql AS 'BEGIN RETURN QUERY SELECT d.name || o.label FROM dim d JOIN other o USING (id) WHERE d.id = wanted; END'

SELECT * FROM named(3)

SELECT o.id, named(o.id) FROM other o WHERE o.id < 4 ORDER BY 1

DO $$ BEGIN CREATE ROLE streamed_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$

GRANT USAGE ON SCHEMA twin_heap, twin_lake TO streamed_reader

GRANT SELECT ON other TO streamed_reader

GRANT SELECT (id, name) ON dim TO streamed_reader

BEGIN; SET LOCAL ROLE streamed_reader; SELECT o.id, d.name FROM other o JOIN dim d USING (id) WHERE id < 4 ORDER BY 1; COMMIT

BEGIN; SET LOCAL ROLE streamed_reader; SELECT o.id, d.price FROM other o JOIN dim d USING (id) WHERE id < 4 ORDER BY 1; COMMIT

ALTER TABLE dim ENABLE ROW LEVEL SECURITY

CREATE POLICY even ON dim TO streamed_reader USING (id % 2 = 0 AND EXISTS (SELECT 1 FROM other WHERE other.id = dim.id AND label <> 'o4'))

BEGIN; SET LOCAL ROLE streamed_reader; SELECT o.id, d.name FROM other o JOIN dim d USING (id) WHERE id < 9 ORDER BY 1; COMMIT

SELECT o.id, d.name FROM other o JOIN dim d USING (id) WHERE id < 4 ORDER BY 1

DROP OWNED BY streamed_reader

DROP TABLE dim CASCADE; SELECT count(*) FROM other
