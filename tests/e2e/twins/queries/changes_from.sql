-- UPDATE and DELETE that stay in PostgreSQL: what their own FROM joins runs in the server. stay() is a function that it does not know.
-- setup

CREATE TABLE fact (id int, dim int, v int, w numeric(10,2), t text COLLATE "C") USING {am}

INSERT INTO fact SELECT i, CASE WHEN i % 11 > 0 THEN i % 7 END, i % 10, i * 0.25, CASE WHEN i % 5 > 0 THEN 't' || i % 13 END FROM generate_series(1, 100) i

CREATE TABLE dim (id int, name text COLLATE "C", region int) USING {am}

INSERT INTO dim SELECT i, 'dim ' || i, i % 3 FROM generate_series(0, 8) i

CREATE TABLE region (id int, name text COLLATE "C") USING {am}

INSERT INTO region VALUES (0, 'north'), (1, 'south'), (5, 'nowhere')

CREATE TABLE heaped (id int, dim int, label text) USING heap

INSERT INTO heaped SELECT i, i % 6, 'h' || i FROM generate_series(1, 40) i

CREATE FUNCTION stay(x anyelement) RETURNS anyelement LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN x; END'

-- queries

-- the own FROM of what changes rows
-- path: parts
UPDATE fact f SET t = stay(d.name || r.name), v = f.v + 1 FROM dim d JOIN region r ON r.id = d.region WHERE d.id = f.dim AND f.id < 30

SELECT * FROM fact ORDER BY id

-- path: parts
UPDATE fact SET t = x.name FROM (SELECT d.id, min(r.name) AS name FROM dim d LEFT JOIN region r ON r.id = d.region GROUP BY d.id) x WHERE stay(x.id) = fact.dim AND fact.id BETWEEN 20 AND 40

SELECT * FROM fact ORDER BY id

-- path: parts
UPDATE fact f SET v = stay(o.v) FROM fact o JOIN dim d ON d.id = o.dim WHERE o.id = f.id + 1 AND d.region = 1 RETURNING f.id, f.v, d.name, o.t

-- path: parts
DELETE FROM fact f USING dim d, region r WHERE d.id = f.dim AND r.id = d.region AND stay(f.v) > 8 AND r.name = 'south' RETURNING f.id, d.name, r.*

-- path: parts
DELETE FROM fact f USING dim d LEFT JOIN region r ON r.id = d.region WHERE d.id = f.dim AND r.id IS NULL AND stay(f.v) = 3 RETURNING f.*, d.name

-- path: parts
DELETE FROM fact f USING fact o JOIN dim d ON d.id = o.dim WHERE o.id = f.id + 2 AND stay(d.region) = 2 AND f.id > 90

SELECT * FROM fact ORDER BY id

DELETE FROM fact f USING dim d, region r WHERE d.id = f.dim AND stay(f.v) > 100 RETURNING d::text, r::text

UPDATE fact f SET w = stay(d.region) FROM dim d NATURAL JOIN (SELECT id, name AS other FROM region) r WHERE d.id = f.dim AND f.id < 20 RETURNING f.id, other, r.id

UPDATE fact f SET t = stay(h.label) FROM heaped h JOIN dim d ON d.id = h.dim JOIN region r ON r.id = d.region WHERE h.id = f.id RETURNING f.id, h.label, r.name

-- the table that is changed is a heap table
UPDATE heaped h SET label = d.name || r.name FROM dim d JOIN region r ON r.id = d.region WHERE d.id = h.dim

DELETE FROM heaped h USING dim d, region r WHERE d.id = h.dim AND r.id = d.region AND r.name = 'south' AND h.id % 2 = 0 RETURNING h.id, d.name

UPDATE heaped h SET label = s.n::text FROM (SELECT dim, count(*) AS n FROM fact GROUP BY dim) s JOIN dim d ON d.id = s.dim WHERE d.id = h.dim AND d.region = 0

SELECT * FROM heaped ORDER BY id

-- MERGE: its source alone
MERGE INTO fact f USING (SELECT d.id, r.name FROM dim d JOIN region r ON r.id = d.region) s ON f.id = s.id AND s.name = 'north' WHEN MATCHED THEN UPDATE SET t = stay(s.name) WHEN NOT MATCHED THEN INSERT (id, t) VALUES (1000 + s.id, s.name)

MERGE INTO fact f USING dim d JOIN region r ON r.id = d.region ON f.id = d.id AND r.name = 'south' WHEN MATCHED THEN UPDATE SET t = stay(r.name) WHEN NOT MATCHED THEN INSERT (id, t) VALUES (2000 + d.id, stay(r.name))

SELECT * FROM fact ORDER BY id

-- rights
DO $$ BEGIN CREATE ROLE changes_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$

GRANT USAGE ON SCHEMA twin_heap, twin_lake TO changes_reader

GRANT ALL ON fact TO changes_reader

GRANT SELECT ON dim TO changes_reader

BEGIN; SET LOCAL ROLE changes_reader; UPDATE fact f SET t = stay(d.name) FROM dim d JOIN region r ON r.id = d.region WHERE d.id = f.dim; COMMIT

GRANT SELECT ON region TO changes_reader

BEGIN; SET LOCAL ROLE changes_reader; UPDATE fact f SET t = stay(d.name) FROM dim d JOIN region r ON r.id = d.region WHERE d.id = f.dim AND f.id < 50; COMMIT

PREPARE u(int) AS UPDATE fact f SET v = stay(d.region) FROM dim d JOIN region r ON r.id = d.region WHERE d.id = f.dim AND f.id = $1; EXECUTE u(1); EXECUTE u(2); EXECUTE u(3); EXECUTE u(4); EXECUTE u(5); EXECUTE u(6); EXECUTE u(7); EXECUTE u(8); DEALLOCATE u

BEGIN; UPDATE dim SET name = 'new' WHERE id = 3; DELETE FROM fact f USING dim d JOIN region r ON r.id = d.region WHERE d.id = f.dim AND stay(f.id) < 40 RETURNING f.id, d.name; ROLLBACK

SELECT * FROM fact ORDER BY id
