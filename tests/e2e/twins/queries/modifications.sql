-- INSERT .. SELECT, UPDATE, DELETE and MERGE that run in the server as a whole, and those that must not.
-- setup

CREATE TABLE sale (id int NOT NULL, region text, amount numeric(10,2), qty int DEFAULT 1, day date, at timestamptz, total numeric(14,2) GENERATED ALWAYS AS (amount * qty) STORED, CHECK (qty >= 0), CHECK (amount < 100000)) USING {am}

INSERT INTO sale SELECT i, CASE i % 4 WHEN 0 THEN 'north' WHEN 1 THEN 'south' WHEN 2 THEN 'east' END, i * 1.37, i % 7, date '2026-01-01' + i % 60, timestamptz '2026-01-01 00:00:00+00' + i * interval '37 minutes' FROM generate_series(1, 500) i

CREATE TABLE news (id int, region text, amount numeric(10,2), qty int, extra float8) USING {am}

INSERT INTO news SELECT i, 'new', i * 2.5, i % 5, i / 3.0 FROM generate_series(450, 549) i

CREATE TABLE wide (b bool, i2 smallint, i4 int, i8 bigint, f4 real, f8 float8, n numeric(38,9), n2 numeric(20,5), c char(5), vc varchar(8), t text, by bytea, d date, ti time, ts timestamp, tz timestamptz, iv interval, u uuid, js jsonb, ine inet, e oid) USING {am}

INSERT INTO wide VALUES (true, 1, 2, 3, 1.5, 2.5, 1.000000001, 12345.67891, 'ab', 'vc', 'text', '\xdeadbeef', '2026-02-28', '23:59:59.999999', '2026-02-28 12:00:00', '2026-02-28 12:00:00+02', '1 mon 2 days 03:00:00', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": [1, 2]}', '10.0.0.1/8', 4000000000), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (false, -32768, -2147483648, -9223372036854775808, 'NaN', '-Infinity', -99999999999999999999999999999.999999999, -0.00001, '', '', '', '', '4713-01-01 BC', '00:00', '0001-01-01', '9999-12-31 23:59:59.999999+00', '-1 mons', '00000000-0000-0000-0000-000000000000', 'null', '::1', 0)

CREATE TABLE copy (LIKE wide) USING {am}

CREATE TABLE small (i2 smallint, n numeric(6,2), vc varchar(3), d date) USING {am}

CREATE TABLE noted (id int, note text) USING {am}

CREATE TABLE plain (id int, amount numeric(10,2))

INSERT INTO plain SELECT i, i FROM generate_series(1, 30) i

-- queries

-- path: set
INSERT INTO copy SELECT * FROM wide

SELECT * FROM copy ORDER BY i4

-- path: set
INSERT INTO copy (t, i8, u) SELECT t, i8, u FROM wide WHERE i8 IS NOT NULL

-- path: set
INSERT INTO copy SELECT b, i2, i4, i8, f4, f8, n, n2, c, vc, t, by, d, ti, ts, tz, iv, u, js, ine, e FROM copy UNION ALL SELECT * FROM wide

SELECT count(*), count(b), sum(i8), min(d), max(tz) FROM copy

-- path: set
INSERT INTO sale (id, region, amount, qty, day) SELECT id, region, amount, qty, date '2026-06-01' FROM news WHERE id > 500

SELECT count(*), sum(total), sum(amount) FROM sale

-- path: set
INSERT INTO noted SELECT count(*), region FROM sale GROUP BY region ORDER BY 1, 2

-- path: set
WITH big AS (SELECT id FROM sale WHERE amount > 600) INSERT INTO noted SELECT b.id, 'big ' || n.region FROM big b JOIN news n ON n.id = b.id

SELECT count(*), sum(id), count(note) FROM noted

-- path: set
INSERT INTO noted SELECT id, NULL FROM news ORDER BY id DESC LIMIT 10

-- path: row
INSERT INTO noted VALUES (1, 'one'), (2, 'two')

-- path: row
INSERT INTO noted SELECT id, 'plain' FROM plain

-- path: row
INSERT INTO noted SELECT id, region FROM news WHERE id < 460 RETURNING id

-- path: set
UPDATE sale SET amount = amount * 1.1, qty = qty + 1 WHERE region = 'north' AND id < 100

-- path: set
UPDATE sale SET region = NULL, day = DEFAULT WHERE id IN (11, 12, 13)

SELECT * FROM sale WHERE id < 60 ORDER BY id

-- path: set
UPDATE sale s SET qty = n.qty, region = n.region || '!' FROM news n WHERE n.id = s.id

-- path: set
UPDATE sale SET qty = 3 WHERE id IN (SELECT id FROM news WHERE extra > 160)

-- path: set
UPDATE noted SET note = 'same for all' FROM news WHERE noted.id = news.id OR noted.id IS NULL

-- path: set
UPDATE wide SET t = t || '!', i8 = i4, iv = iv, js = js, vc = 'x'

-- path: set
UPDATE sale SET qty = 5 WHERE false

-- path: row
UPDATE sale SET (qty, region) = (SELECT 1, 'multi') WHERE id = 20

SELECT id, region, qty, total FROM sale WHERE id BETWEEN 445 AND 460 ORDER BY id

SELECT * FROM wide ORDER BY i4

-- path: set
DELETE FROM noted WHERE note LIKE 'big%'

-- path: set
DELETE FROM noted USING news n WHERE n.id = noted.id AND n.qty > 2

-- path: set
DELETE FROM sale s WHERE EXISTS (SELECT 1 FROM news n WHERE n.id = s.id AND n.qty = 4)

-- path: set
DELETE FROM sale WHERE day < (SELECT min(day) + 3 FROM sale)

SELECT count(*), sum(id), sum(total) FROM sale

-- path: set
MERGE INTO sale s USING news n ON s.id = n.id WHEN MATCHED AND n.qty = 0 THEN DELETE WHEN MATCHED AND n.qty = 1 THEN DO NOTHING WHEN MATCHED THEN UPDATE SET amount = s.amount + n.amount, region = n.region WHEN NOT MATCHED AND n.qty < 3 THEN INSERT (id, region, amount, qty) VALUES (n.id, n.region || '*', n.amount, n.qty) WHEN NOT MATCHED THEN DO NOTHING

SELECT id, region, amount, qty, total FROM sale WHERE id > 440 ORDER BY id

-- path: set
MERGE INTO noted t USING (SELECT id, max(region) AS region FROM sale GROUP BY id HAVING count(*) = 1) s ON s.id = t.id AND t.note IS NOT NULL WHEN MATCHED THEN UPDATE SET note = s.region

-- path: set
MERGE INTO noted t USING news n ON t.id = n.id WHEN NOT MATCHED THEN INSERT VALUES (n.id, 'merged')

-- path: set
MERGE INTO noted t USING news n ON false WHEN NOT MATCHED THEN INSERT (id) VALUES (n.id)

SELECT count(*), sum(id), count(note), min(note), max(note) FROM noted

-- path: set
MERGE INTO sale s USING plain p ON s.id = p.id WHEN MATCHED THEN UPDATE SET amount = p.amount WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (p.id, p.amount)

-- path: set
UPDATE sale SET amount = p.amount FROM plain p WHERE p.id = sale.id AND p.amount > 10

-- path: set
DELETE FROM sale USING plain p WHERE p.id = sale.id AND p.id IN (3, 4, 5)

-- path: set
INSERT INTO noted SELECT s.id, s.region FROM sale s JOIN plain p USING (id) WHERE p.id > 20

-- path: set
MERGE INTO sale s USING (SELECT 100 AS id FROM news LIMIT 2) d ON s.id = d.id WHEN MATCHED THEN UPDATE SET qty = 1

-- path: set
UPDATE sale SET qty = 4 - qty WHERE id < 100

SELECT count(*), sum(qty) FROM sale

-- path: set
UPDATE sale SET amount = amount * 1000 WHERE id = 200

-- path: set
UPDATE sale SET id = NULL WHERE id = 200

-- path: set
INSERT INTO sale (region) SELECT region FROM news

-- path: set
INSERT INTO sale (id, qty) SELECT id, -1 FROM news WHERE id = 500

INSERT INTO small SELECT 40000 FROM news

INSERT INTO small (n) SELECT amount * 100 FROM news

INSERT INTO small (vc) SELECT 'four' FROM news

INSERT INTO small (vc, d) SELECT region, date '2026-01-01' + id FROM news

UPDATE sale SET amount = 1 / (id - 30)

SELECT count(*), sum(n) FROM small

SELECT count(*), sum(id), sum(amount), sum(total) FROM sale

BEGIN; UPDATE sale SET qty = 1 WHERE id < 30; SAVEPOINT a; DELETE FROM sale WHERE id < 20; UPDATE sale SET qty = 2 WHERE id = 25; SELECT count(*), sum(qty) FROM sale; ROLLBACK TO a; SELECT count(*), sum(qty) FROM sale; INSERT INTO sale (id, qty) SELECT id, 2 FROM sale WHERE id < 30; UPDATE sale SET qty = qty + 1 WHERE id < 30; DELETE FROM sale WHERE qty = 3 AND id = 22; SELECT count(*), sum(qty), sum(id) FROM sale; COMMIT

SELECT count(*), sum(qty), sum(id) FROM sale

BEGIN; INSERT INTO noted VALUES (900, 'a'), (901, 'b'); UPDATE noted SET note = note || '+' WHERE id >= 900; INSERT INTO noted SELECT id + 100, note FROM noted WHERE id >= 900; DELETE FROM noted WHERE id = 1000; SELECT * FROM noted WHERE id >= 900 ORDER BY id; ROLLBACK

BEGIN; DECLARE c CURSOR FOR SELECT id, note FROM noted WHERE id > 530; MOVE 1 FROM c; DELETE FROM noted WHERE id > 530; UPDATE noted SET note = 'current' WHERE CURRENT OF c; ROLLBACK

BEGIN; DECLARE c CURSOR FOR SELECT count(*) FROM noted; DELETE FROM noted; FETCH 1 FROM c; SELECT count(*) FROM noted; ROLLBACK

BEGIN; TRUNCATE noted; INSERT INTO noted SELECT id, region FROM sale WHERE id < 50; DELETE FROM noted WHERE id % 2 = 0; UPDATE noted SET id = id + 1; SELECT count(*), sum(id) FROM noted; COMMIT

PREPARE up(int, text) AS UPDATE noted SET note = $2 || id WHERE id < $1; EXECUTE up(10, 'x'); EXECUTE up(20, 'y'); EXECUTE up(NULL, 'z'); EXECUTE up(5, 'it''s'); EXECUTE up(6, NULL); EXECUTE up(30, 'w'); EXECUTE up(8, 'v'); DEALLOCATE up

SELECT * FROM noted ORDER BY id, note

DO $$ DECLARE n bigint; BEGIN UPDATE noted SET note = 'pl' WHERE id < 10; GET DIAGNOSTICS n = ROW_COUNT; IF NOT FOUND OR n = 0 THEN RAISE 'none'; END IF; DELETE FROM noted WHERE id = -1; IF FOUND THEN RAISE 'some'; END IF; BEGIN UPDATE noted SET note = 'lost'; INSERT INTO sale SELECT * FROM sale; EXCEPTION WHEN OTHERS THEN NULL; END; END $$

SELECT * FROM noted ORDER BY id, note

CREATE VIEW low AS SELECT id, note FROM noted WHERE id < 15

-- path: set
UPDATE low SET note = 'by view'

-- path: set
DELETE FROM low WHERE id = 3

CREATE VIEW checked AS SELECT id, note FROM noted WHERE id < 15 WITH CHECK OPTION

UPDATE checked SET id = 20

CREATE RULE keep AS ON DELETE TO low DO INSTEAD UPDATE noted SET note = 'kept' WHERE id = OLD.id

DELETE FROM low

SELECT * FROM noted ORDER BY id, note

CREATE TABLE made USING {am} AS SELECT region, count(*) AS n, sum(amount)::numeric(20,2) AS amount FROM sale GROUP BY region

SELECT * FROM made ORDER BY region

ALTER TABLE noted ADD COLUMN more int DEFAULT 3; UPDATE noted SET more = id WHERE id < 10; ALTER TABLE noted DROP COLUMN note CASCADE; INSERT INTO noted SELECT id, more + 1 FROM noted; SELECT * FROM noted ORDER BY id, more

DELETE FROM noted

SELECT count(*) FROM noted

-- path: set
INSERT INTO noted (more) SELECT id FROM news
