-- Partitioned tables and inheritance parents with lake tables among what they stand for.
-- setup

CREATE TABLE part (gone int, k int, v text, n numeric(10,2), at timestamp, doc jsonb, span interval, small smallint, u uuid, raw bytea, code char(4), f4 real) PARTITION BY RANGE (k)

CREATE TABLE part_a PARTITION OF part FOR VALUES FROM (MINVALUE) TO (10) USING {am}

CREATE TABLE part_b (f4 real, raw bytea, u uuid, small smallint, code char(4), span interval, doc jsonb, "left" int, at timestamp, n numeric(10,2), v text, k int, gone int) USING heap

ALTER TABLE part_b DROP COLUMN "left"

ALTER TABLE part ATTACH PARTITION part_b FOR VALUES FROM (10) TO (20)

ALTER TABLE part DROP COLUMN gone

CREATE TABLE part_c (v text, k int, code char(4), other text, n numeric(10,2), f4 real, at timestamp, span interval, small smallint, doc jsonb, raw bytea, u uuid) USING {am}

ALTER TABLE part_c DROP COLUMN other

ALTER TABLE part ATTACH PARTITION part_c FOR VALUES FROM (20) TO (30)

CREATE TABLE part_d PARTITION OF part FOR VALUES FROM (30) TO (40) PARTITION BY LIST (v)

CREATE TABLE part_d_x PARTITION OF part_d FOR VALUES IN ('x', 'y') USING {am}

CREATE TABLE part_d_rest PARTITION OF part_d DEFAULT USING heap

CREATE TABLE part_e PARTITION OF part FOR VALUES FROM (40) TO (50) USING {am}

CREATE TABLE part_rest PARTITION OF part DEFAULT USING {am}

INSERT INTO part SELECT CASE WHEN i % 11 > 0 THEN i END, CASE WHEN i % 4 = 0 THEN 'x' WHEN i % 4 = 1 THEN 'z' ELSE 'v' || i % 7 END, i * 0.75, timestamp '2026-01-01' + i * interval '9 hours', jsonb_build_object('i', i), i * interval '1 mon 2 days 3 seconds', i, ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, decode(lpad(to_hex(i), 4, '0'), 'hex'), 'c' || i % 5, i / 3.0 FROM generate_series(1, 38) i

INSERT INTO part (k, v) VALUES (55, 'far'), (-3, NULL), (31, 'y'), (32, NULL)

CREATE TABLE fact (id int, k int, amount numeric(12,2)) USING {am}

INSERT INTO fact SELECT i, i % 45, i * 0.25 FROM generate_series(1, 300) i

CREATE TABLE plain (k int, v text, CHECK (k < 100)) USING heap

CREATE TABLE plain_near (more int) INHERITS (plain) USING {am}

CREATE TABLE plain_far (CHECK (k BETWEEN 50 AND 60)) INHERITS (plain) USING {am}

CREATE TABLE plain_child () INHERITS (plain_near) USING heap

INSERT INTO plain SELECT i, 'p' || i FROM generate_series(1, 5) i

INSERT INTO plain_near SELECT i, 'n' || i, i FROM generate_series(1, 5) i

INSERT INTO plain_far SELECT i, 'f' || i FROM generate_series(50, 53) i

INSERT INTO plain_child SELECT i, 'c' || i, i FROM generate_series(3, 4) i

CREATE TABLE lake_parent (k int, v text) USING {am}

CREATE TABLE lake_child () INHERITS (lake_parent) USING heap

INSERT INTO lake_parent VALUES (1, 'one'), (2, 'two')

INSERT INTO lake_child VALUES (2, 'zwei'), (3, 'drei')

CREATE TABLE heaped (k int, v text) PARTITION BY HASH (k)

CREATE TABLE heaped_0 PARTITION OF heaped FOR VALUES WITH (MODULUS 2, REMAINDER 0)

CREATE TABLE heaped_1 PARTITION OF heaped FOR VALUES WITH (MODULUS 2, REMAINDER 1)

INSERT INTO heaped SELECT i, 'h' || i FROM generate_series(1, 20) i

ANALYZE

-- queries

-- path: set
SELECT * FROM part ORDER BY k, v

-- path: set
SELECT count(*) FROM part

-- path: set
SELECT v, count(*), sum(n), min(at) FROM part GROUP BY v ORDER BY v

SELECT k, v, tableoid::regclass::text ~ 'part_' FROM part ORDER BY k, v

SELECT tableoid::regclass::text, count(*) FROM part GROUP BY 1 ORDER BY 1

-- path: parts
SELECT p.tableoid::regclass::text, f.id FROM part p JOIN fact f USING (k) WHERE f.id < 60 ORDER BY 2, 1

-- path: parts
SELECT f.id, p.tableoid::regclass::text FROM fact f LEFT JOIN part p USING (k) WHERE f.id BETWEEN 38 AND 60 ORDER BY 1, 2

-- pruned: what is left is in lake tables, in a heap table, nowhere
-- path: set
SELECT k, v FROM part WHERE k BETWEEN 21 AND 24 ORDER BY k

-- path: row
SELECT k, v FROM part WHERE k = 15

-- path: row
SELECT k, v FROM part WHERE k < 10 AND k > 12

-- path: row
SELECT count(*) FROM part_b

-- path: set
SELECT k, v FROM part WHERE k = 32 ORDER BY v

-- path: set
SELECT k, v FROM part WHERE k IS NULL ORDER BY v

-- path: set
SELECT k, v FROM part WHERE k IN (3, 15, 25) OR k IS NULL ORDER BY k, v

-- path: set
SELECT k, v FROM part WHERE k >= 30 AND v = 'x' ORDER BY k, v

-- path: set
SELECT count(*) FROM part WHERE k BETWEEN 40 AND 49

-- path: set
SELECT p.k, f.id FROM part p JOIN fact f ON f.k = p.k WHERE p.k BETWEEN 8 AND 12 ORDER BY 1, 2

-- path: set
SELECT f.id, p.v FROM fact f LEFT JOIN part p ON f.k = p.k AND p.k < 15 WHERE f.id < 30 ORDER BY 1, 2

-- path: set
SELECT p.k, sum(f.amount) FROM part p LEFT JOIN fact f ON f.k = p.k AND p.k < 20 GROUP BY p.k ORDER BY 1

-- path: set
SELECT a.k, b.k FROM part a FULL JOIN (SELECT * FROM part WHERE k > 25) b ON a.k = b.k + 1 ORDER BY 1, 2

-- path: set
SELECT k FROM fact WHERE EXISTS (SELECT 1 FROM part p WHERE p.k = fact.k AND p.v = 'x') GROUP BY k ORDER BY k

-- path: set
SELECT id, (SELECT max(v COLLATE "C") FROM part p WHERE p.k = fact.k) FROM fact WHERE id < 45 ORDER BY id

-- path: set
SELECT id FROM fact WHERE k NOT IN (SELECT k FROM part WHERE k IS NOT NULL) ORDER BY id

-- path: set
WITH p AS (SELECT k, v FROM part WHERE k > 5) SELECT a.v, count(*) FROM p a JOIN p b USING (v) GROUP BY a.v ORDER BY 1

-- path: set
SELECT k, v FROM part WHERE k < 4 UNION ALL SELECT id, 'f' FROM fact WHERE id < 4 ORDER BY 1, 2

-- path: set
SELECT k, row_number() OVER (PARTITION BY v ORDER BY k, n) FROM part ORDER BY 1, 2

-- path: set
SELECT h.v, count(p.k) FROM heaped h JOIN part p ON p.k = h.k GROUP BY h.v ORDER BY h.v

-- path: row
SELECT * FROM heaped ORDER BY k

-- path: row
SELECT count(*) FROM ONLY part

SELECT p::text FROM part p WHERE k = 21

SELECT (p).v FROM part p WHERE k = 21

SELECT count(*) FROM part TABLESAMPLE BERNOULLI (100) WHERE k BETWEEN 10 AND 19

SELECT k, v FROM part WHERE k BETWEEN 11 AND 22 FOR UPDATE

-- inheritance
-- path: set
SELECT * FROM plain ORDER BY k, v

-- path: set
SELECT v FROM plain WHERE k > 49 ORDER BY v

-- path: set
SELECT v FROM plain WHERE k < 3 ORDER BY v

-- path: row
SELECT v FROM ONLY plain ORDER BY v

-- path: set
SELECT * FROM plain_near ORDER BY k, v

SELECT * FROM ONLY plain_near ORDER BY k, v

-- path: set
SELECT k, count(*) FROM lake_parent GROUP BY k ORDER BY k

-- path: set
SELECT count(*) FROM ONLY lake_parent

SELECT tableoid::regclass::text, v FROM lake_parent ORDER BY 1, 2

UPDATE lake_parent SET v = v || '!' WHERE k = 2

DELETE FROM lake_parent WHERE k = 3

SELECT * FROM lake_parent ORDER BY k, v

-- changes of other tables that read it
-- path: set
INSERT INTO fact SELECT 1000 + k, k, n FROM part WHERE k > 20 AND n IS NOT NULL

SELECT * FROM fact WHERE id >= 1000 ORDER BY id

-- path: set
UPDATE fact SET amount = p.n FROM part p WHERE p.k = fact.k AND p.k BETWEEN 5 AND 25 AND p.n > 1 AND fact.id < 30

-- path: set
DELETE FROM fact WHERE id < 100 AND EXISTS (SELECT 1 FROM part p WHERE p.k = fact.k AND p.v = 'z')

-- path: set
MERGE INTO fact USING (SELECT k, max(n) AS n FROM part WHERE k IS NOT NULL GROUP BY k) p ON fact.id = p.k WHEN MATCHED THEN UPDATE SET amount = p.n WHEN NOT MATCHED THEN INSERT VALUES (2000 + p.k, p.k, p.n)

SELECT * FROM fact ORDER BY id

INSERT INTO part (k, v) SELECT id % 40, 'new' FROM fact WHERE id BETWEEN 100 AND 110

UPDATE part SET v = 'changed' WHERE v = 'new' AND k > 25

DELETE FROM part WHERE v = 'new'

SELECT k, v FROM part ORDER BY k, v

CREATE TABLE copied USING {am} AS SELECT k, v, span, doc FROM part WHERE k > 5

SELECT * FROM copied ORDER BY k, v

-- the statement's own transaction
BEGIN; INSERT INTO part (k, v) VALUES (5, 'mine'), (15, 'mine'), (25, 'mine'); SELECT k FROM part WHERE v = 'mine' ORDER BY k; SAVEPOINT a; DELETE FROM part WHERE v = 'mine' AND k > 10; SELECT k FROM part WHERE v = 'mine' ORDER BY k; ROLLBACK TO a; SELECT k FROM part WHERE v = 'mine' ORDER BY k; ROLLBACK

-- cursors; a simple one may be named by WHERE CURRENT OF
BEGIN; DECLARE c SCROLL CURSOR FOR SELECT k, v FROM part WHERE k BETWEEN 8 AND 22 ORDER BY k; FETCH 3 FROM c; FETCH BACKWARD 1 FROM c; FETCH LAST FROM c; COMMIT

BEGIN; DECLARE c CURSOR FOR SELECT k, v FROM part WHERE k = 21; FETCH 1 FROM c; UPDATE part SET v = 'current' WHERE CURRENT OF c; SELECT k, v FROM part WHERE k = 21; ROLLBACK

-- plans that are kept, and tables that come and go
PREPARE q(int) AS SELECT count(*), max(k), min(v COLLATE "C") FROM part WHERE k >= $1; EXECUTE q(3); EXECUTE q(25); EXECUTE q(5); EXECUTE q(6); EXECUTE q(7); EXECUTE q(8); EXECUTE q(22); DEALLOCATE q

SET plan_cache_mode = force_generic_plan

PREPARE g AS SELECT k, v FROM part ORDER BY k, v; EXECUTE g; CREATE TABLE part_f PARTITION OF part FOR VALUES FROM (60) TO (70) USING {am}; INSERT INTO part (k, v) VALUES (61, 'late'), (15, 'late'); EXECUTE g; ALTER TABLE part DETACH PARTITION part_c; EXECUTE g; ALTER TABLE part ATTACH PARTITION part_c FOR VALUES FROM (20) TO (30); EXECUTE g; CREATE TABLE part_d_z PARTITION OF part_d FOR VALUES IN ('late') USING {am}; INSERT INTO part (k, v) VALUES (35, 'late'); EXECUTE g; DROP TABLE part_f; EXECUTE g; DROP TABLE part_d_z; EXECUTE g; TRUNCATE part_e; EXECUTE g; ALTER TABLE part ADD COLUMN added int; EXECUTE g; SELECT k, added FROM part WHERE k < 12 ORDER BY k, v; DEALLOCATE g

PREPARE g AS SELECT k, v FROM part ORDER BY k, v; EXECUTE g; CREATE TABLE part_g PARTITION OF part FOR VALUES FROM (70) TO (80) USING heap; INSERT INTO part (k, v) VALUES (71, 'heap'); EXECUTE g; ALTER TABLE part_g ADD CHECK (k < 79); EXECUTE g; DROP TABLE part_g; EXECUTE g; DEALLOCATE g

PREPARE f(int) AS SELECT f.id, h.v FROM fact f JOIN heaped h USING (k) WHERE f.id = $1; EXECUTE f(3); ALTER TABLE heaped DETACH PARTITION heaped_0; DROP TABLE heaped_0; EXECUTE f(3); EXECUTE f(4); DEALLOCATE f

PREPARE h AS SELECT k, v FROM plain ORDER BY k, v; EXECUTE h; CREATE TABLE plain_new () INHERITS (plain) USING {am}; INSERT INTO plain_new VALUES (7, 'new'); EXECUTE h; DROP TABLE plain_new; EXECUTE h; ALTER TABLE plain_child NO INHERIT plain_near; EXECUTE h; DROP TABLE plain_child; EXECUTE h; ALTER TABLE plain_near NO INHERIT plain; ALTER TABLE plain_far NO INHERIT plain; EXECUTE h; ALTER TABLE plain_far INHERIT plain; EXECUTE h; DEALLOCATE h

RESET plan_cache_mode

ALTER TABLE part RENAME COLUMN v TO "V v"; SELECT "V v", count(*) FROM part GROUP BY 1 ORDER BY 1; ALTER TABLE part RENAME COLUMN "V v" TO v

-- rights and policies are the parent's
DO $$ BEGIN CREATE ROLE partition_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$

GRANT USAGE ON SCHEMA twin_heap, twin_lake TO partition_reader

BEGIN; SET LOCAL ROLE partition_reader; SELECT count(*) FROM part; COMMIT

GRANT SELECT (k, v) ON part TO partition_reader

BEGIN; SET LOCAL ROLE partition_reader; SELECT k, v FROM part WHERE k BETWEEN 9 AND 21 ORDER BY k, v; COMMIT

BEGIN; SET LOCAL ROLE partition_reader; SELECT k, n FROM part WHERE k < 9; COMMIT

BEGIN; SET LOCAL ROLE partition_reader; SELECT k FROM part_a; COMMIT

ALTER TABLE part_a ENABLE ROW LEVEL SECURITY

BEGIN; SET LOCAL ROLE partition_reader; SELECT k, v FROM part WHERE k BETWEEN 8 AND 21 ORDER BY k, v; COMMIT

ALTER TABLE part ENABLE ROW LEVEL SECURITY

BEGIN; SET LOCAL ROLE partition_reader; SELECT k, v FROM part ORDER BY k, v; COMMIT

CREATE POLICY some ON part TO partition_reader USING (v IN ('x', 'z') OR EXISTS (SELECT 1 FROM plain WHERE plain.k = part.k))

GRANT SELECT ON plain TO partition_reader

BEGIN; SET LOCAL ROLE partition_reader; SELECT k, v FROM part ORDER BY k, v; COMMIT

BEGIN; SET LOCAL ROLE partition_reader; SELECT count(*) FROM part WHERE 10 / (k - 6) > 0; COMMIT

CREATE VIEW seen AS SELECT k, v FROM part WHERE k % 2 = 0

GRANT SELECT ON seen TO partition_reader

REVOKE ALL ON part FROM partition_reader

BEGIN; SET LOCAL ROLE partition_reader; SELECT k, v FROM seen ORDER BY k, v; COMMIT

BEGIN; SET LOCAL ROLE partition_reader; SELECT k, v FROM part ORDER BY k, v; COMMIT

-- a table without partitions, and one of which all are empty
CREATE TABLE bare (k int) PARTITION BY RANGE (k)

-- path: row
SELECT count(*) FROM bare

SELECT count(*) FROM fact f JOIN bare b ON b.k = f.k

CREATE TABLE bare_1 PARTITION OF bare FOR VALUES FROM (0) TO (10) USING {am}; CREATE TABLE bare_2 PARTITION OF bare FOR VALUES FROM (10) TO (20)

-- path: set
SELECT count(*), max(k) FROM bare

-- path: set
SELECT f.id, b.k FROM fact f LEFT JOIN bare b USING (k) WHERE f.id < 4 ORDER BY 1

-- a foreign table among the partitions: PostgreSQL's
CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing; CREATE FOREIGN TABLE bare_3 PARTITION OF bare FOR VALUES FROM (20) TO (30) SERVER nowhere; SELECT count(*) FROM bare WHERE k < 20; DROP FOREIGN DATA WRAPPER nothing CASCADE

CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing; CREATE FOREIGN TABLE bare_3 PARTITION OF bare FOR VALUES FROM (20) TO (30) SERVER nowhere; SELECT count(*) FROM bare
