-- Unique keys and ON CONFLICT: a UNIQUE constraint on heap, the option unique_key on lake.

-- setup

CREATE TABLE one (k int, v text, n int DEFAULT 7 {unique:k}) USING {am}

CREATE TABLE two (a int, b text, d date, amount numeric(10,2) {unique:b, a}) USING {am}

CREATE TABLE free (k int, v text) USING {am}

CREATE TABLE source (k int, v text, n int) USING {am}

CREATE TABLE log (line text) USING heap

CREATE TABLE watched (k int, v text {unique:k}) USING {am}

CREATE TABLE wide ("Key Col" int, b char(5), c varchar(10), ts timestamptz, u uuid {unique:"Key Col", b, c, ts, u}) USING {am}

CREATE TABLE checked (k int NOT NULL, v int CHECK (v > 0), twice int GENERATED ALWAYS AS (v * 2) STORED {unique:k}) USING {am}

CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY, k int, "default" text DEFAULT 'd' {unique:k}) USING {am}

INSERT INTO one SELECT i, 'one ' || i, i FROM generate_series(1, 50) i

INSERT INTO two SELECT i % 10, 'b' || i / 10, date '2026-01-01' + i, i / 4.0 FROM generate_series(0, 49) i

INSERT INTO source SELECT i, 'new ' || i, i * 10 FROM generate_series(41, 60) i

CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO log VALUES (concat_ws(' ', TG_WHEN, TG_OP, TG_LEVEL, CASE WHEN TG_LEVEL = 'ROW' THEN new.k END));
  RETURN new;
END $$

CREATE TRIGGER statements AFTER INSERT OR UPDATE ON watched FOR EACH STATEMENT EXECUTE FUNCTION note()

CREATE TRIGGER rows AFTER INSERT OR UPDATE ON watched FOR EACH ROW EXECUTE FUNCTION note()

-- queries

-- duplicates are refused, nulls are distinct
INSERT INTO one VALUES (7, 'again')

INSERT INTO one VALUES (100, 'a'), (100, 'b')

INSERT INTO one VALUES (NULL, 'a'), (NULL, 'b')

INSERT INTO one VALUES (101, 'fits')

INSERT INTO one SELECT k, v FROM source

INSERT INTO two VALUES (3, 'b2')

INSERT INTO two VALUES (3, NULL), (3, NULL), (NULL, 'b2'), (NULL, 'b2'), (3, 'b9')

INSERT INTO one (k) SELECT max(k) + 1 FROM one RETURNING k

UPDATE one SET k = 5 WHERE k = 6

UPDATE one SET k = 500 WHERE k = 6

UPDATE one SET k = 6 WHERE k = 500

UPDATE one SET v = v || '!' WHERE k < 10

UPDATE one SET k = 1000 WHERE k IN (1, 2)

UPDATE one o SET k = s.k FROM source s WHERE s.k = o.k + 40 AND o.k = 15

UPDATE two SET a = 4 WHERE a = 3 AND b = 'b2'

MERGE INTO one t USING source s ON t.k = s.k AND s.k < 45 WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)

MERGE INTO one t USING (SELECT * FROM source WHERE k < 45) s ON t.k = s.k WHEN MATCHED THEN UPDATE SET n = s.n WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)

WITH gone AS (DELETE FROM one WHERE k = 8 RETURNING k) INSERT INTO free SELECT k FROM gone

WITH x AS (INSERT INTO one VALUES (9) RETURNING k) SELECT * FROM x

WITH x AS (INSERT INTO one VALUES (200) RETURNING k) INSERT INTO one SELECT k + 1 FROM x RETURNING k

WITH x AS (INSERT INTO one VALUES (210) RETURNING k) INSERT INTO one SELECT k FROM x

INSERT INTO wide VALUES (1, 'a', 'b', '2026-01-01 10:00+00', '00000000-0000-0000-0000-000000000001'), (1, 'a', 'B', '2026-01-01 10:00+00', '00000000-0000-0000-0000-000000000001')

INSERT INTO wide VALUES (1, 'a  ', 'b', '2026-01-01 12:00+02', '00000000-0000-0000-0000-000000000001')

INSERT INTO wide VALUES (1, 'a', 'b ', '2026-01-01 10:00+00', '00000000-0000-0000-0000-000000000001')

-- one transaction
BEGIN; INSERT INTO one VALUES (300); INSERT INTO one VALUES (301); INSERT INTO one VALUES (300); COMMIT

BEGIN; INSERT INTO one VALUES (300); DELETE FROM one WHERE k = 300; INSERT INTO one VALUES (300); COMMIT

BEGIN; DELETE FROM one WHERE k = 300; INSERT INTO one VALUES (300, 'anew'); ROLLBACK

BEGIN; INSERT INTO one VALUES (310); SAVEPOINT s; INSERT INTO one VALUES (311); ROLLBACK TO s; INSERT INTO one VALUES (311); COMMIT

BEGIN; SAVEPOINT s; INSERT INTO one VALUES (310); ROLLBACK TO s; INSERT INTO one VALUES (312); INSERT INTO one VALUES (312) ON CONFLICT DO NOTHING; COMMIT

BEGIN ISOLATION LEVEL REPEATABLE READ; INSERT INTO one VALUES (320); INSERT INTO one VALUES (320) ON CONFLICT (k) DO UPDATE SET n = 320; SELECT * FROM one WHERE k = 320; COMMIT

BEGIN; TRUNCATE one; INSERT INTO one VALUES (1); INSERT INTO one VALUES (1); ROLLBACK

BEGIN; TRUNCATE one; INSERT INTO one VALUES (1); INSERT INTO one VALUES (1) ON CONFLICT DO NOTHING; SELECT * FROM one; ROLLBACK

DO $$ BEGIN
  INSERT INTO one VALUES (330);
  BEGIN
    INSERT INTO one VALUES (330);
  EXCEPTION WHEN unique_violation THEN
    INSERT INTO one VALUES (331);
  END;
END $$

DO $$ DECLARE found_k int; BEGIN
  INSERT INTO one VALUES (330, 'x') ON CONFLICT (k) DO UPDATE SET v = 'from plpgsql';
  IF NOT found THEN RAISE EXCEPTION 'not found'; END IF;
  INSERT INTO one VALUES (330, 'x') ON CONFLICT (k) DO NOTHING;
  IF found THEN RAISE EXCEPTION 'found'; END IF;
END $$

-- DO NOTHING
INSERT INTO one VALUES (7, 'again') ON CONFLICT DO NOTHING

-- path: set
INSERT INTO one VALUES (7, 'again') ON CONFLICT DO NOTHING

INSERT INTO one VALUES (7, 'again') ON CONFLICT (k) DO NOTHING

INSERT INTO one VALUES (7, 'again'), (400, 'first'), (400, 'second'), (NULL, 'null'), (NULL, 'null') ON CONFLICT (k) DO NOTHING

INSERT INTO one VALUES (7, 'again'), (401, 'first'), (401, 'second'), (402, 'third') ON CONFLICT DO NOTHING RETURNING k, v, n

-- path: set
INSERT INTO one (k, v) SELECT k, v FROM source ON CONFLICT DO NOTHING

INSERT INTO one (k, v) SELECT i, 'many' FROM generate_series(395, 405) i ON CONFLICT (k) DO NOTHING

INSERT INTO one (k) SELECT k FROM free ON CONFLICT (k) DO NOTHING

INSERT INTO two VALUES (3, 'b2'), (3, 'b77'), (3, 'b77'), (4, NULL) ON CONFLICT (a, b) DO NOTHING

INSERT INTO free VALUES (1, 'x'), (1, 'x') ON CONFLICT DO NOTHING

INSERT INTO wide VALUES (1, 'a ', 'b', '2026-01-01 12:00+02', '00000000-0000-0000-0000-000000000001') ON CONFLICT DO NOTHING

INSERT INTO numbered (k) VALUES (1), (2) ON CONFLICT DO NOTHING RETURNING id, k

INSERT INTO numbered (k) VALUES (2), (3) ON CONFLICT (k) DO NOTHING RETURNING k, "default"

WITH s AS (SELECT 7 AS k UNION ALL SELECT 410) INSERT INTO one (k) SELECT k FROM s ON CONFLICT DO NOTHING RETURNING k

WITH s(k) AS (SELECT * FROM generate_series(408, 412)), ins AS (INSERT INTO one (k) SELECT k FROM s ON CONFLICT (k) DO NOTHING RETURNING k) SELECT count(*) FROM ins

INSERT INTO one (k, v) SELECT * FROM (WITH s AS (SELECT k, v FROM free) SELECT k, v FROM s UNION SELECT 413, 'x') q ON CONFLICT DO NOTHING

INSERT INTO one (k) VALUES (generate_series(412, 415)) ON CONFLICT DO NOTHING

INSERT INTO one (v) VALUES ('no key') ON CONFLICT DO NOTHING

INSERT INTO one DEFAULT VALUES ON CONFLICT DO NOTHING

-- DO UPDATE
INSERT INTO one VALUES (7, 'again') ON CONFLICT (k) DO UPDATE SET v = excluded.v || ' over ' || one.v

-- path: set
INSERT INTO one VALUES (7, 'again'), (420, 'new') ON CONFLICT (k) DO UPDATE SET v = excluded.v, n = one.n + 1

INSERT INTO one AS o VALUES (7, 'again'), (8, 'back') ON CONFLICT (k) DO UPDATE SET v = excluded.v WHERE o.n < 0

INSERT INTO one VALUES (7, 'x', 1) ON CONFLICT (k) DO UPDATE SET (v, n) = (excluded.v, excluded.n)

INSERT INTO one VALUES (7, 'x', 1) ON CONFLICT (k) DO UPDATE SET (v, n) = (SELECT max(v), count(*) FROM source)

INSERT INTO one VALUES (7, 'x', 1) ON CONFLICT (k) DO UPDATE SET n = (SELECT max(n) FROM source WHERE source.k > excluded.k)

INSERT INTO one VALUES (7, 'x', 1), (421, 'y', 2) ON CONFLICT (k) DO UPDATE SET n = DEFAULT, v = DEFAULT

-- path: set
INSERT INTO one SELECT k, v, n FROM source ON CONFLICT (k) DO UPDATE SET v = excluded.v WHERE excluded.k % 2 = 0

INSERT INTO one SELECT k, v, n FROM source ON CONFLICT (k) DO UPDATE SET n = one.n + excluded.n

INSERT INTO one VALUES (7, 'a'), (7, 'b') ON CONFLICT (k) DO UPDATE SET v = excluded.v

INSERT INTO one VALUES (430, 'a'), (430, 'b') ON CONFLICT (k) DO UPDATE SET v = excluded.v

INSERT INTO one VALUES (NULL, 'a'), (NULL, 'b') ON CONFLICT (k) DO UPDATE SET v = 'never'

INSERT INTO one VALUES (7, 'x') ON CONFLICT (k) DO UPDATE SET k = 9

INSERT INTO one VALUES (7, 'x') ON CONFLICT (k) DO UPDATE SET k = 431

INSERT INTO one VALUES (431, 'x') ON CONFLICT (k) DO UPDATE SET k = 7

INSERT INTO two (b, a, amount) VALUES ('b2', 3, 5.25), ('b100', 3, 1.5) ON CONFLICT (b, a) DO UPDATE SET amount = two.amount + excluded.amount, d = '2026-02-02'

INSERT INTO two (b, a, amount) VALUES ('b2', 3, 5.25) ON CONFLICT (a, b) WHERE a > 0 DO UPDATE SET amount = 0

INSERT INTO checked (k, v) VALUES (1, 1), (2, 2) ON CONFLICT (k) DO UPDATE SET v = excluded.v

INSERT INTO checked (k, v) VALUES (1, 5), (3, 3) ON CONFLICT (k) DO UPDATE SET v = excluded.v + checked.twice

INSERT INTO checked (k, v) VALUES (1, 5) ON CONFLICT (k) DO UPDATE SET v = -1

INSERT INTO checked (k, v) VALUES (NULL, 5) ON CONFLICT (k) DO UPDATE SET v = 1

INSERT INTO checked (k, v) VALUES (1, 5) ON CONFLICT (k) DO UPDATE SET k = NULL

INSERT INTO numbered (k) VALUES (1), (5) ON CONFLICT (k) DO UPDATE SET "default" = excluded."default" || numbered.k

WITH s AS (SELECT 7 AS k UNION ALL SELECT 440) INSERT INTO one (k) SELECT k FROM s ON CONFLICT (k) DO UPDATE SET n = (SELECT count(*) FROM s)

WITH ins AS (INSERT INTO one VALUES (7, 'in with'), (441, 'in with') ON CONFLICT (k) DO UPDATE SET v = excluded.v) SELECT 1 AS x

PREPARE upsert (int, text) AS INSERT INTO one VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET v = excluded.v; EXECUTE upsert (450, 'a'); EXECUTE upsert (450, 'b'); EXECUTE upsert (451, 'c'); DEALLOCATE upsert

-- whom triggers hear of
INSERT INTO watched VALUES (1, 'a'), (2, 'b')

INSERT INTO watched VALUES (2, 'c'), (3, 'd') ON CONFLICT (k) DO UPDATE SET v = excluded.v

INSERT INTO watched VALUES (2, 'c'), (4, 'd') ON CONFLICT DO NOTHING

SELECT line, count(*) FROM log GROUP BY 1

-- another list of columns
INSERT INTO one VALUES (1) ON CONFLICT (v) DO NOTHING

INSERT INTO two VALUES (1) ON CONFLICT (a) DO NOTHING

INSERT INTO two VALUES (1) ON CONFLICT (a, b, d) DO UPDATE SET d = NULL

INSERT INTO free VALUES (1) ON CONFLICT (k) DO NOTHING

INSERT INTO one VALUES (1) ON CONFLICT ((k + 1)) DO NOTHING

INSERT INTO one VALUES (1) ON CONFLICT ON CONSTRAINT nothing DO NOTHING

-- ALTER TABLE
ALTER TABLE free {add_unique:k}

DELETE FROM free

ALTER TABLE free {add_unique:k}

INSERT INTO free VALUES (1, 'x'), (1, 'y')

INSERT INTO free VALUES (1, 'x'), (2, 'y') ON CONFLICT (k) DO NOTHING

ALTER TABLE free RENAME COLUMN k TO key

INSERT INTO free VALUES (1, 'x')

INSERT INTO free VALUES (1, 'z') ON CONFLICT (key) DO UPDATE SET v = excluded.v

ALTER TABLE free ALTER COLUMN key TYPE bigint

INSERT INTO free VALUES (1, 'x')

ALTER TABLE free ALTER COLUMN key TYPE int USING 0

ALTER TABLE free ALTER COLUMN key TYPE text USING 'k' || key

INSERT INTO free VALUES ('k1', 'x')

ALTER TABLE free ADD COLUMN extra int DEFAULT 3

INSERT INTO free VALUES ('k1', 'x') ON CONFLICT (key) DO UPDATE SET extra = free.extra + 1

ALTER TABLE free DROP COLUMN key

INSERT INTO free VALUES ('x'), ('x')

ALTER TABLE two DROP COLUMN d

INSERT INTO two VALUES (3, 'b2', 1), (3, 'b200', 1) ON CONFLICT (a, b) DO UPDATE SET amount = excluded.amount
