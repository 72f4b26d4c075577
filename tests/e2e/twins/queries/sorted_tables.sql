-- Option sort_by: rows come back whatever the order of the files, by all statements that write, beside partitions, in
-- transactions that see a part of their rows.
-- setup

CREATE TABLE s (id int, region text, ts timestamptz, f float8, n numeric(30,4), tags text[]) USING {am} {sort_by:region DESC NULLS LAST, truncate(10, id), f NULLS FIRST, truncate(100, n), day(ts)}

INSERT INTO s SELECT i * 37 % 101, CASE i % 4 WHEN 0 THEN 'nörth' WHEN 1 THEN 'south' WHEN 2 THEN '' END, '1969-12-30 22:00:00+00'::timestamptz + i * interval '7 hours', CASE i % 5 WHEN 0 THEN float8 'NaN' WHEN 1 THEN '-0' WHEN 2 THEN 0 WHEN 3 THEN i END, i * -1.2345, ARRAY['t' || i, NULL] FROM generate_series(1, 100) i

CREATE TABLE p (id int, region text) USING {am} {partition_by:region}

ALTER TABLE p {set_sort_by:bucket(3, id), id DESC}

INSERT INTO p SELECT id, region FROM s

CREATE TABLE copied USING {am} {sort_by:n} AS SELECT * FROM s

CREATE TABLE child (id int, parent int) USING {am} {sort_by:parent DESC}

CREATE TABLE log (id int) USING heap

CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (NEW.id); RETURN NULL; END'

CREATE TRIGGER note AFTER INSERT ON child FOR EACH ROW EXECUTE FUNCTION note()

-- queries

SELECT * FROM s ORDER BY id

SELECT id, region FROM p ORDER BY id

SELECT * FROM copied ORDER BY id

SELECT id FROM s WHERE region = 'south' AND id BETWEEN 10 AND 40 ORDER BY id

SELECT id FROM s WHERE f = 'NaN' ORDER BY id

SELECT id FROM s ORDER BY region DESC NULLS LAST, id LIMIT 7

INSERT INTO child SELECT i * 7 % 50, i FROM generate_series(1, 50) i RETURNING id, parent

SELECT * FROM log ORDER BY id

UPDATE s SET region = 'west', id = id + 1000 WHERE id % 3 = 0

UPDATE s SET region = NULL WHERE id > 1090 RETURNING id, region, tags

DELETE FROM s WHERE region = 'south' AND id < 50 RETURNING id

MERGE INTO p USING s ON p.id = s.id WHEN MATCHED AND s.id % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET region = 'merged' WHEN NOT MATCHED THEN INSERT (id, region) VALUES (s.id, s.region)

SELECT * FROM p ORDER BY id, region

BEGIN; INSERT INTO s (id, region) VALUES (5001, 'b'), (5000, 'a'); DECLARE c CURSOR FOR SELECT id FROM s WHERE id >= 5000 ORDER BY id; INSERT INTO s (id, region) VALUES (5003, 'z'), (5002, 'y'); FETCH ALL FROM c; SELECT id FROM s WHERE id >= 5000 ORDER BY id; UPDATE s SET region = 'c' WHERE id = 5003; SAVEPOINT one; INSERT INTO s (id) VALUES (5009); ROLLBACK TO one; INSERT INTO s (id) VALUES (5005); COMMIT

SELECT id, region FROM s WHERE id >= 5000 ORDER BY id

BEGIN; INSERT INTO s (id, region) VALUES (6001, 'b'); INSERT INTO s (id, region, tags) SELECT 6002 + i, md5(i::text), ARRAY[repeat('x', 100)] FROM generate_series(1, 5000) i; INSERT INTO s (id) VALUES (6000); DECLARE c CURSOR FOR SELECT count(*), min(id) FROM s WHERE id >= 6000; INSERT INTO s (id) VALUES (5999); FETCH ALL FROM c; DELETE FROM s WHERE id = 6100; COMMIT

SELECT count(*), min(id), max(id), min(region), max(region) FROM s WHERE id >= 6000

DELETE FROM s WHERE id BETWEEN 6003 AND 10000

ALTER TABLE s {set_sort_by:id}

INSERT INTO s SELECT id + 20000, region, ts, f, n, tags FROM copied

SELECT id, region FROM s WHERE id < 20010 ORDER BY id

SELECT min(id), max(id), count(*) FROM s
