-- Row-level security and security barrier views: the rows that a role may see, and no function that could tell about the others before.
-- setup

CREATE TABLE doc (id int, owner text COLLATE "C", level int, body text COLLATE "C", price numeric(8,2)) USING {am}

INSERT INTO doc SELECT i, CASE WHEN i % 3 = 0 THEN 'twin_reader' ELSE 'other' || i % 2 END, i % 5, 'body ' || i, i * 1.25 FROM generate_series(1, 200) i

CREATE TABLE grade (who text COLLATE "C", level int) USING {am}

INSERT INTO grade VALUES ('twin_reader', 3), ('other0', 1)

CREATE TABLE plain (id int, v int) USING {am}

INSERT INTO plain SELECT i, i % 4 FROM generate_series(1, 100) i

DO 'BEGIN CREATE ROLE twin_reader; EXCEPTION WHEN duplicate_object THEN NULL; END'

DO $$BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO twin_reader', current_schema()); END$$

GRANT SELECT ON doc, grade, plain TO twin_reader

ALTER TABLE doc ENABLE ROW LEVEL SECURITY

CREATE POLICY own ON doc FOR SELECT USING (owner = current_user)

CREATE POLICY graded ON doc FOR SELECT USING (level < (SELECT max(g.level) FROM grade g WHERE g.who = current_user) AND id < 50)

CREATE VIEW fenced WITH (security_barrier) AS SELECT id, owner, level, price FROM doc WHERE id <> 7

CREATE VIEW summed WITH (security_barrier) AS SELECT owner, count(*) AS n, sum(price) AS total FROM doc WHERE level > 0 GROUP BY owner

GRANT SELECT ON fenced, summed TO twin_reader

CREATE FUNCTION tell(x anyelement) RETURNS bool LANGUAGE plpgsql COST 0.0001 AS 'BEGIN IF x::text = ''7'' THEN RAISE EXCEPTION ''saw it''; END IF; RETURN true; END'

-- queries
-- path: set
SELECT count(*), sum(price) FROM fenced WHERE level = 2

-- path: set
SELECT f.owner, count(*) FROM fenced f JOIN plain p ON f.id = p.id WHERE p.v = 1 GROUP BY f.owner ORDER BY 1

SELECT count(*) FROM fenced WHERE 100 / (id - 7) > 3

SELECT count(*) FROM fenced f JOIN plain p USING (id) WHERE 100 / (f.id - 7) > 3

SELECT count(*) FROM fenced WHERE tell(id)

-- path: set
SELECT owner, n, total FROM summed WHERE n > 10 ORDER BY 1

SELECT owner, n FROM summed WHERE tell(n::int) AND 1000 / n > 3 ORDER BY 1

SET ROLE twin_reader

-- path: set
SELECT count(*), sum(price), min(id), max(id) FROM doc

-- path: set
SELECT owner, level, count(*) FROM doc WHERE level < 4 GROUP BY owner, level ORDER BY 1, 2

-- path: set
SELECT d.owner, p.v, count(*) FROM doc d LEFT JOIN plain p ON p.id = d.id GROUP BY d.owner, p.v ORDER BY 1, 2

-- path: set
SELECT a.id, b.id FROM doc a JOIN doc b ON a.id = b.level WHERE a.id < 4 ORDER BY 1, 2

SELECT count(*) FROM doc WHERE tell(id)

SELECT count(*) FROM doc d JOIN plain p USING (id) WHERE 100 / (d.id - 11) < 50

SELECT count(*) FROM doc WHERE id IN (SELECT id FROM plain WHERE v = 2)

-- path: set
SELECT (SELECT count(*) FROM doc d WHERE d.level = p.v), p.v FROM plain p WHERE p.id < 6 ORDER BY 2, 1

SELECT count(*), sum(total) FROM summed

PREPARE by_level AS SELECT count(*) FROM doc WHERE level = $1; EXECUTE by_level(2); RESET ROLE; EXECUTE by_level(2); SET ROLE twin_reader; EXECUTE by_level(3); DEALLOCATE by_level

RESET ROLE

SELECT count(*) FROM doc
