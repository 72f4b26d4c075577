-- UPDATE, DELETE and MERGE in all forms; RETURNING, WITH, triggers, cursors, partitions, views, policies.
-- setup

CREATE TABLE item (id int, kind text, price numeric(10,2), stock int DEFAULT 0, seen timestamptz, note text) USING {am}

INSERT INTO item SELECT i, CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END, i * 1.25, i % 10, '2026-01-01 00:00:00+00'::timestamptz + i * interval '1 hour', 'note ' || i FROM generate_series(1, 200) i

CREATE TABLE delta (id int, change int, kind text) USING {am}

INSERT INTO delta VALUES (3, 5, 'a'), (3, 5, 'a'), (5, -1, 'b'), (300, 9, 'c'), (NULL, 1, NULL), (7, 0, 'x')

CREATE TABLE plain (id int PRIMARY KEY, label text)

INSERT INTO plain SELECT i, 'p' || i FROM generate_series(1, 20) i

CREATE TABLE log (op text, old_id int, new_id int, note text)

CREATE FUNCTION log_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (TG_WHEN || TG_OP, CASE WHEN TG_OP <> ''INSERT'' THEN OLD.id END, CASE WHEN TG_OP <> ''DELETE'' THEN NEW.id END, CASE WHEN TG_OP = ''DELETE'' THEN OLD.note ELSE NEW.note END); RETURN CASE WHEN TG_OP = ''DELETE'' THEN OLD ELSE NEW END; END'

-- queries

UPDATE item SET stock = stock + 100 WHERE id = 10

SELECT * FROM item WHERE id BETWEEN 8 AND 12 ORDER BY id

UPDATE item SET price = price * 1.1, note = upper(note) WHERE kind = 'a' AND id < 50 RETURNING id, price, note

UPDATE item SET kind = NULL, note = NULL WHERE id IN (11, 12, 13)

UPDATE item SET stock = DEFAULT WHERE id = 14 RETURNING *

UPDATE item SET (kind, stock) = (SELECT 'sub', count(*) FROM delta) WHERE id = 15 RETURNING kind, stock

UPDATE item SET stock = item.stock + d.change FROM delta d WHERE d.id = item.id AND d.change > 0

UPDATE item i SET stock = p.id, note = p.label FROM plain p WHERE p.id = i.id AND p.id > 15 RETURNING i.id, i.stock, p.label

UPDATE item SET stock = -1 WHERE id = 100000

UPDATE item SET id = id + 1000 WHERE id > 190

SELECT count(*), sum(id), sum(stock), sum(price) FROM item

DELETE FROM item WHERE id = 1

DELETE FROM item WHERE id BETWEEN 20 AND 25 RETURNING id, note

DELETE FROM item USING delta d WHERE d.id = item.id AND d.kind = 'b'

DELETE FROM item WHERE id IN (SELECT id FROM plain WHERE label LIKE 'p1%') RETURNING id

DELETE FROM item WHERE false

DELETE FROM item i WHERE EXISTS (SELECT 1 FROM item j WHERE j.id = i.id + 1000)

SELECT * FROM item ORDER BY id, stock, kind, note

BEGIN; DELETE FROM item WHERE id = 30; INSERT INTO item (id, kind) VALUES (30, 'new'); UPDATE item SET note = 'twice' WHERE id = 30; SELECT * FROM item WHERE id = 30; UPDATE item SET note = note || '!' WHERE id = 30; DELETE FROM item WHERE id = 31; SELECT count(*) FROM item; COMMIT

BEGIN; INSERT INTO item (id, kind) VALUES (400, 'n'), (401, 'n'); DELETE FROM item WHERE id = 400; UPDATE item SET kind = 'm' WHERE id = 401; SELECT id, kind FROM item WHERE id >= 400; COMMIT

BEGIN; UPDATE item SET stock = 1 WHERE id = 40; SAVEPOINT a; UPDATE item SET stock = 2 WHERE id = 40; DELETE FROM item WHERE id = 41; SELECT id, stock FROM item WHERE id IN (40, 41) ORDER BY id; ROLLBACK TO a; SELECT id, stock FROM item WHERE id IN (40, 41) ORDER BY id; UPDATE item SET stock = 3 WHERE id = 41; SAVEPOINT b; DELETE FROM item WHERE id = 42; RELEASE b; COMMIT

SELECT id, stock FROM item WHERE id BETWEEN 38 AND 44 ORDER BY id

BEGIN; DELETE FROM item; SELECT count(*) FROM item; ROLLBACK

SELECT count(*) FROM item

BEGIN; TRUNCATE item; INSERT INTO item (id) VALUES (1), (2), (3); DELETE FROM item WHERE id = 2; UPDATE item SET kind = 'z' WHERE id = 3; SELECT id, kind FROM item ORDER BY id; ROLLBACK

WITH gone AS (DELETE FROM item WHERE id BETWEEN 50 AND 55 RETURNING *), ins AS (INSERT INTO log SELECT 'moved', id, NULL, note FROM gone RETURNING old_id) SELECT count(*), sum(old_id) FROM ins

WITH up AS (UPDATE item SET stock = 77 WHERE id = 60 RETURNING id, stock) SELECT i.stock AS before, up.stock AS after FROM item i JOIN up USING (id)

WITH a AS (UPDATE item SET stock = 78 WHERE id = 61), b AS (DELETE FROM delta WHERE id = 7 RETURNING id) INSERT INTO item (id, kind) SELECT id, 'from delta' FROM b RETURNING id, kind

WITH a AS (UPDATE item SET stock = 79 WHERE id = 62 RETURNING id) DELETE FROM item WHERE id IN (SELECT id + 1 FROM a) RETURNING id

SELECT id, stock, kind FROM item WHERE id BETWEEN 58 AND 64 OR id = 7 ORDER BY id, stock, kind

MERGE INTO item t USING (VALUES (70, 1), (500, 2)) s(id, n) ON t.id = s.id WHEN MATCHED THEN UPDATE SET stock = s.n WHEN NOT MATCHED THEN INSERT (id, stock) VALUES (s.id, s.n)

MERGE INTO item t USING (SELECT DISTINCT id, change FROM delta) s ON t.id = s.id WHEN MATCHED AND s.change < 0 THEN DELETE WHEN MATCHED AND s.change = 0 THEN DO NOTHING WHEN MATCHED THEN UPDATE SET stock = t.stock + s.change, note = 'merged' WHEN NOT MATCHED AND s.id IS NOT NULL THEN INSERT (id, kind, stock) VALUES (s.id, 'merged', s.change) WHEN NOT MATCHED THEN DO NOTHING

MERGE INTO item t USING plain s ON t.id = s.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, note) VALUES (s.id, s.label)

MERGE INTO plain t USING item s ON t.id = s.id WHEN MATCHED THEN UPDATE SET label = s.note

-- two source rows for one target row
MERGE INTO item t USING delta s ON t.id = s.id WHEN MATCHED THEN UPDATE SET stock = s.change

SELECT * FROM item ORDER BY id, stock, kind, note

CREATE TRIGGER item_rows BEFORE INSERT OR UPDATE OR DELETE ON item FOR EACH ROW EXECUTE FUNCTION log_row(); CREATE TRIGGER item_rows_after AFTER INSERT OR UPDATE OR DELETE ON item FOR EACH ROW EXECUTE FUNCTION log_row()

UPDATE item SET note = 'by trigger' WHERE id BETWEEN 80 AND 84

DELETE FROM item WHERE id BETWEEN 85 AND 87

MERGE INTO item t USING (VALUES (88, 1), (600, 2)) s(id, n) ON t.id = s.id WHEN MATCHED THEN UPDATE SET stock = s.n WHEN NOT MATCHED THEN INSERT (id, stock) VALUES (s.id, s.n)

BEGIN; INSERT INTO item (id, note) VALUES (700, 'own'); UPDATE item SET note = 'own 2' WHERE id = 700; DELETE FROM item WHERE id = 700; COMMIT

SELECT * FROM log

DROP TRIGGER item_rows ON item; DROP TRIGGER item_rows_after ON item

CREATE FUNCTION note_tables() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log SELECT ''tables'', o.id, n.id, o.note || n.note FROM old_rows o FULL JOIN new_rows n USING (id); RETURN NULL; END'; CREATE TRIGGER item_tables AFTER UPDATE ON item REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_tables(); UPDATE item SET note = 't' || id WHERE id BETWEEN 90 AND 95; DROP TRIGGER item_tables ON item

SELECT * FROM log WHERE op = 'tables'

-- a BEFORE trigger that changes the row itself, and one that skips it
CREATE FUNCTION half() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF OLD.id % 2 = 0 THEN RETURN NULL; END IF; NEW.note = ''odd''; RETURN NEW; END'; CREATE TRIGGER item_half BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION half(); UPDATE item SET stock = 5 WHERE id BETWEEN 96 AND 101 RETURNING id, note; DROP TRIGGER item_half ON item

-- a trigger that updates the row that is being updated
CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF pg_trigger_depth() = 1 THEN UPDATE item SET note = ''inner'' WHERE id = OLD.id; END IF; RETURN NEW; END'; CREATE TRIGGER item_again BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION again()

UPDATE item SET note = 'outer' WHERE id = 102

DROP TRIGGER item_again ON item; CREATE TRIGGER item_again AFTER UPDATE ON item FOR EACH ROW EXECUTE FUNCTION again(); UPDATE item SET note = 'outer' WHERE id = 103; DROP TRIGGER item_again ON item

SELECT id, note FROM item WHERE id IN (102, 103) ORDER BY id

-- loops of PL/pgSQL, with an exception in between
DO $$ DECLARE r record; BEGIN FOR r IN SELECT id FROM item WHERE id BETWEEN 110 AND 115 LOOP BEGIN UPDATE item SET stock = 10 / (r.id - 112) WHERE id = r.id; EXCEPTION WHEN division_by_zero THEN UPDATE item SET note = 'division' WHERE id = r.id; END; END LOOP; END $$

SELECT id, stock, note FROM item WHERE id BETWEEN 109 AND 116 ORDER BY id

-- cursors
BEGIN; DECLARE c CURSOR FOR SELECT id, note FROM item WHERE id BETWEEN 120 AND 125; FETCH c; UPDATE item SET note = 'current' WHERE CURRENT OF c; FETCH 2 FROM c; DELETE FROM item WHERE CURRENT OF c; SELECT count(*) FROM item WHERE id BETWEEN 120 AND 125; COMMIT

BEGIN; DECLARE c CURSOR FOR SELECT id FROM item WHERE id BETWEEN 130 AND 133 FOR UPDATE; FETCH 2 FROM c; UPDATE item SET note = 'locked' WHERE CURRENT OF c; CLOSE c; COMMIT

DO $$ DECLARE c CURSOR FOR SELECT * FROM item WHERE id BETWEEN 134 AND 136; BEGIN FOR r IN c LOOP UPDATE item SET stock = r.id WHERE CURRENT OF c; END LOOP; END $$

SELECT count(*), sum(stock) FROM item WHERE id BETWEEN 120 AND 136

SELECT id FROM item WHERE id < 140 AND id > 136 FOR UPDATE

SELECT i.id, p.label FROM item i JOIN plain p ON p.id = i.id FOR SHARE OF i

SELECT id FROM item WHERE id = 140 FOR UPDATE SKIP LOCKED

SELECT id FROM item WHERE id = 140 FOR NO KEY UPDATE NOWAIT

-- views, checks, generated columns
CREATE VIEW cheap AS SELECT id, price, stock FROM item WHERE price < 200 WITH CHECK OPTION; UPDATE cheap SET stock = 9 WHERE id = 141; DELETE FROM cheap WHERE id = 142; SELECT id, stock FROM item WHERE id IN (141, 142)

UPDATE cheap SET price = 1000 WHERE id = 141

CREATE TABLE checked (id int NOT NULL CHECK (id > 0), twice int GENERATED ALWAYS AS (id * 2) STORED, n int GENERATED BY DEFAULT AS IDENTITY) USING {am}; INSERT INTO checked (id) VALUES (1), (2), (3); UPDATE checked SET id = id + 10 RETURNING *

UPDATE checked SET id = -1

UPDATE checked SET id = NULL WHERE id = 11

SELECT * FROM checked ORDER BY id

-- partitions: rows move between heap and lake
CREATE TABLE parted (id int, v text) PARTITION BY RANGE (id); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100) USING {am}; CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (100) TO (200); INSERT INTO parted SELECT i, 'v' || i FROM generate_series(0, 190, 10) i

UPDATE parted SET v = v || '!' WHERE id IN (10, 110) RETURNING id, v

UPDATE parted SET id = id + 100 WHERE id IN (0, 20) RETURNING id, v

UPDATE parted SET id = id - 100 WHERE id IN (130, 140)

DELETE FROM parted WHERE id % 50 = 0 RETURNING id

MERGE INTO parted t USING (VALUES (10, 'm'), (15, 'm'), (115, 'm')) s(id, v) ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.v)

SELECT tableoid::regclass::text, * FROM parted ORDER BY id, v

-- foreign key to heap
CREATE TABLE child (id int, parent int REFERENCES plain ON DELETE CASCADE ON UPDATE CASCADE) USING {am}; INSERT INTO child VALUES (1, 1), (2, 2), (3, 2), (4, 3); DELETE FROM plain WHERE id = 2; UPDATE plain SET id = 33 WHERE id = 3; SELECT * FROM child ORDER BY id

UPDATE child SET parent = 999 WHERE id = 1

-- many rows, most of a file, all of it
CREATE TABLE many (id int, v int) USING {am}; INSERT INTO many SELECT i, i FROM generate_series(1, 100000) i; UPDATE many SET v = -v WHERE id % 7 = 0

SELECT count(*), sum(v) FROM many

DELETE FROM many WHERE id % 10 <> 0

SELECT count(*), sum(v), min(id), max(id) FROM many

UPDATE many SET v = 0

DELETE FROM many WHERE id > 0

SELECT count(*) FROM many

INSERT INTO many VALUES (1, 1); DELETE FROM many; INSERT INTO many VALUES (2, 2)

-- self-reference: nothing is seen twice
UPDATE many SET id = many.id + m.id FROM many m

INSERT INTO many SELECT id + 10, v FROM many
