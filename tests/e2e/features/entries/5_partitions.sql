-- section: Partitions of a partitioned table
-- setup
CREATE TABLE p (a int, b text) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10) USING {am};
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20) USING heap;
CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (20) TO (30) USING {am};
INSERT INTO p SELECT i, 'r' || i FROM generate_series(0, 29, 3) i;

-- feature: routing of INSERT, partitions of both kinds
INSERT INTO p VALUES (1, 'x'), (11, 'y'), (21, 'z') RETURNING tableoid::regclass, *;
SELECT tableoid::regclass, count(*) FROM p GROUP BY 1 ORDER BY 1;

-- feature: routing of COPY
COPY p FROM STDIN;
2	x
12	y
22	z
\.
SELECT tableoid::regclass, count(*) FROM p GROUP BY 1 ORDER BY 1;

-- feature: no partition for a row
INSERT INTO p VALUES (99, 'x');

-- feature: a row that does not belong into the partition
INSERT INTO p1 VALUES (15, 'x');
UPDATE p1 SET a = 15 WHERE a = 0;

-- feature: UPDATE moves rows between partitions, out and in
UPDATE p SET a = a + 10 WHERE a < 20;
SELECT tableoid::regclass, a, b FROM p ORDER BY a, b;

-- feature: UPDATE moves rows from heap into this
UPDATE p SET a = 25 WHERE a = 12 RETURNING tableoid::regclass, *;
SELECT count(*) FROM p2;

-- feature: DELETE over all partitions
DELETE FROM p WHERE a % 2 = 0 RETURNING a;
SELECT count(*) FROM p;

-- feature: partition pruning, at plan time and by parameter
SELECT * FROM p WHERE a = 3;
PREPARE s (int) AS SELECT * FROM p WHERE a = $1;
EXECUTE s (21);

-- feature: MERGE into the partitioned table
MERGE INTO p USING (VALUES (3), (15), (28)) v(a) ON v.a = p.a WHEN MATCHED THEN UPDATE SET b = 'merged' WHEN NOT MATCHED THEN INSERT VALUES (v.a, 'new');
SELECT * FROM p ORDER BY a;

-- feature: TRUNCATE of the parent and of one
TRUNCATE p1;
SELECT count(*) FROM p;
TRUNCATE p;
SELECT count(*) FROM p;

-- feature: ATTACH PARTITION of a table with rows
CREATE TABLE p4 (a int, b text) USING {am};
INSERT INTO p4 VALUES (31, 'x');
ALTER TABLE p ATTACH PARTITION p4 FOR VALUES FROM (30) TO (40);
SELECT tableoid::regclass, a FROM p WHERE a > 25 ORDER BY a;

-- feature: ATTACH PARTITION checks the rows
CREATE TABLE p4 (a int, b text) USING {am};
INSERT INTO p4 VALUES (55, 'x');
ALTER TABLE p ATTACH PARTITION p4 FOR VALUES FROM (30) TO (40);

-- feature: DETACH PARTITION
ALTER TABLE p DETACH PARTITION p1;
SELECT count(*) FROM p;
SELECT count(*) FROM p1;
INSERT INTO p1 VALUES (100, 'free');

-- feature: DETACH PARTITION CONCURRENTLY
ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;
SELECT count(*) FROM p;

-- feature: default partition
CREATE TABLE pd PARTITION OF p DEFAULT USING {am};
INSERT INTO p VALUES (1000, 'x') RETURNING tableoid::regclass;
CREATE TABLE p5 PARTITION OF p FOR VALUES FROM (900) TO (1100) USING {am};

-- feature: ADD, RENAME and DROP COLUMN of the parent
ALTER TABLE p ADD COLUMN c int DEFAULT 7;
ALTER TABLE p RENAME COLUMN b TO bb;
INSERT INTO p VALUES (5, 'n', 8);
SELECT * FROM p WHERE a < 7 ORDER BY a;
ALTER TABLE p DROP COLUMN bb;
SELECT * FROM p WHERE a < 7 ORDER BY a;

-- feature: ALTER COLUMN TYPE of the parent
ALTER TABLE p ALTER COLUMN b TYPE varchar(20);
INSERT INTO p VALUES (5, repeat('x', 21));

-- feature: CHECK, NOT NULL and trigger on the parent
CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := upper(NEW.b); RETURN NEW; END $$;
CREATE TRIGGER r BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION tr();
ALTER TABLE p ALTER b SET NOT NULL;
ALTER TABLE p ADD CHECK (length(b) < 10);
INSERT INTO p VALUES (5, 'low') RETURNING b;
INSERT INTO p VALUES (5, NULL);
INSERT INTO p VALUES (5, 'loooooooooong');

-- feature: an index on the parent
CREATE INDEX ON p (a);

-- feature: a primary key on the parent
ALTER TABLE p ADD PRIMARY KEY (a);

-- feature: list and hash partitions, sub-partitions
CREATE TABLE q (k text, n int) PARTITION BY LIST (k);
CREATE TABLE qa PARTITION OF q FOR VALUES IN ('a') PARTITION BY HASH (n);
CREATE TABLE qa0 PARTITION OF qa FOR VALUES WITH (MODULUS 2, REMAINDER 0) USING {am};
CREATE TABLE qa1 PARTITION OF qa FOR VALUES WITH (MODULUS 2, REMAINDER 1) USING {am};
CREATE TABLE qb PARTITION OF q FOR VALUES IN ('b', NULL) USING {am};
INSERT INTO q SELECT CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END, i FROM generate_series(1, 30) i;
SELECT tableoid::regclass, count(*) FROM q GROUP BY 1 ORDER BY 1;
UPDATE q SET k = 'b' WHERE k = 'a' AND n > 20;
SELECT tableoid::regclass, count(*) FROM q GROUP BY 1 ORDER BY 1;

-- feature: a foreign key from the partitioned table to heap
CREATE TABLE h (a int PRIMARY KEY);
INSERT INTO h SELECT generate_series(0, 30);
ALTER TABLE p ADD FOREIGN KEY (a) REFERENCES h;
DELETE FROM h WHERE a = 3;
DELETE FROM h WHERE a = 4;

-- feature: partition-wise joins and aggregates
SET enable_partitionwise_join = on;
SET enable_partitionwise_aggregate = on;
SELECT x.a, count(*) FROM p x JOIN p y ON x.a = y.a GROUP BY x.a ORDER BY 1;

-- feature: the partitioned table itself USING
CREATE TABLE n (a int) PARTITION BY RANGE (a) USING {am};

-- feature: FOR UPDATE and WHERE CURRENT OF over partitions
BEGIN;
DECLARE k CURSOR FOR SELECT * FROM p WHERE a IN (3, 12) FOR UPDATE;
FETCH k;
UPDATE p SET b = 'k' WHERE CURRENT OF k;
FETCH k;
UPDATE p SET b = 'k' WHERE CURRENT OF k;
COMMIT;
SELECT * FROM p WHERE b = 'k' ORDER BY a;

-- section: Inheritance
-- setup
CREATE TABLE base (a int, b text) USING {am};
INSERT INTO base VALUES (1, 'base');
CREATE TABLE child (c int) INHERITS (base) USING {am};
INSERT INTO child VALUES (2, 'child', 20);
CREATE TABLE hchild (d int) INHERITS (base) USING heap;
INSERT INTO hchild VALUES (3, 'hchild', 30);

-- feature: SELECT with and without ONLY
SELECT tableoid::regclass, * FROM base ORDER BY a;
SELECT * FROM ONLY base;

-- feature: UPDATE and DELETE over children
UPDATE base SET b = upper(b);
DELETE FROM base WHERE a = 2;
SELECT * FROM base ORDER BY a;

-- feature: UPDATE ONLY
UPDATE ONLY base SET b = 'x';
SELECT * FROM base ORDER BY a;

-- feature: ADD and DROP COLUMN reach the children
ALTER TABLE base ADD COLUMN e int DEFAULT 5;
SELECT * FROM child;
ALTER TABLE base DROP COLUMN b;
SELECT * FROM child;

-- feature: INHERIT and NO INHERIT
ALTER TABLE child NO INHERIT base;
SELECT count(*) FROM base;
ALTER TABLE child INHERIT base;
SELECT count(*) FROM base;

-- feature: a heap parent
CREATE TABLE hp (a int, b text) USING heap;
CREATE TABLE lc () INHERITS (hp) USING {am};
INSERT INTO lc VALUES (1, 'x');
SELECT * FROM hp;
UPDATE hp SET b = 'y';
SELECT * FROM lc;

-- feature: inherited CHECK and NOT NULL
ALTER TABLE base ADD CONSTRAINT c CHECK (a < 100);
INSERT INTO child VALUES (200, 'x', 1);
ALTER TABLE base ALTER a SET NOT NULL;
INSERT INTO child VALUES (NULL, 'x', 1);

-- feature: several parents
CREATE TABLE other (z int) USING {am};
CREATE TABLE both_ () INHERITS (base, other) USING {am};
INSERT INTO both_ VALUES (9, 'b', 90);
SELECT * FROM other;
SELECT a FROM base ORDER BY a;

-- feature: DROP of the parent
DROP TABLE base;
DROP TABLE base CASCADE;
SELECT * FROM child;
