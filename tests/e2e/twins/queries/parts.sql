-- Queries that the server cannot run as a whole: parts of them run there. stay() is a function that it does not know.
-- setup

CREATE TABLE fact (id int, dim int, v int, w numeric(10,2), t text COLLATE "C", d date) USING {am}

INSERT INTO fact SELECT i, CASE WHEN i % 11 > 0 THEN i % 7 END, i % 10, i * 0.25, CASE WHEN i % 5 > 0 THEN 't' || i % 13 END, date '2026-01-01' + i % 90 FROM generate_series(1, 500) i

CREATE TABLE dim (id int, name text COLLATE "C", region int) USING {am}

INSERT INTO dim SELECT i, 'dim ' || i, i % 3 FROM generate_series(0, 8) i

CREATE TABLE region (id int, name text COLLATE "C") USING {am}

INSERT INTO region VALUES (0, 'north'), (1, 'south'), (5, 'nowhere')

CREATE TABLE big (id int, dim int, note text COLLATE "C") USING heap

INSERT INTO big SELECT i, i % 9, 'n' || i % 100 FROM generate_series(1, 12000) i

CREATE TABLE small (id int, label text COLLATE "C") USING heap

INSERT INTO small SELECT i, 's' || i FROM generate_series(0, 5) i

ANALYZE

CREATE FUNCTION stay(x anyelement) RETURNS anyelement LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN x; END'

CREATE VIEW totals AS SELECT dim, count(*) AS n, sum(w) AS w FROM fact GROUP BY dim

DO 'BEGIN CREATE ROLE parts_reader; EXCEPTION WHEN duplicate_object THEN NULL; END'

GRANT SELECT ON fact, big, totals TO parts_reader

DO $$BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO parts_reader', current_schema()); END$$

-- queries
BEGIN; SET LOCAL ROLE parts_reader; SELECT stay(f.id), d.name FROM fact f JOIN dim d ON f.dim = d.id; COMMIT

BEGIN; SET LOCAL ROLE parts_reader; SELECT count(*) FROM big WHERE id IN (SELECT f.id FROM fact f JOIN (SELECT id, count(*) FROM dim GROUP BY id) d ON f.dim = d.id); COMMIT

BEGIN; SET LOCAL ROLE parts_reader; SELECT stay(dim), n FROM totals ORDER BY 1, 2; COMMIT

-- path: parts
SELECT f.id, stay(f.t), d.name FROM fact f JOIN dim d ON f.dim = d.id WHERE f.v < 5 ORDER BY f.id LIMIT 7

-- path: parts
SELECT f.id, stay(f.t), d.name FROM fact f JOIN dim d ON f.dim = d.id WHERE f.v < 5 ORDER BY f.id DESC OFFSET 3 LIMIT 7

-- path: parts
SELECT stay(f.t) AS s, d.name, f.id FROM fact f LEFT JOIN dim d ON f.dim = d.id ORDER BY s, f.id LIMIT 9

-- path: parts
SELECT dim, stay(count(*)), sum(w) FROM fact GROUP BY dim ORDER BY dim

-- path: row
SELECT dim + 1, count(*), max(stay(v)) FROM fact WHERE v > 2 GROUP BY dim + 1 ORDER BY 1

-- path: parts
SELECT d.region, count(*), sum(f.w) FROM fact f JOIN dim d ON f.dim = d.id GROUP BY d.region HAVING count(*) > 10 AND stay(count(*)) > 20 ORDER BY 1

-- path: parts
SELECT d.region, count(*) FROM fact f JOIN dim d ON f.dim = d.id WHERE stay(f.v) > 3 AND f.d < date '2026-02-15' GROUP BY d.region ORDER BY 1

-- path: parts
SELECT d.name, f.v, stay(row_number() OVER (PARTITION BY d.name ORDER BY f.id)) FROM fact f JOIN dim d ON f.dim = d.id WHERE f.v = 3 ORDER BY 1, 3

-- path: parts
SELECT d.name, sum(f.v) AS s, rank() OVER (ORDER BY stay(sum(f.v)), d.name) FROM fact f JOIN dim d ON f.dim = d.id GROUP BY d.name ORDER BY 1

-- path: parts
SELECT DISTINCT stay(d.region), f.v FROM fact f JOIN dim d ON f.dim = d.id ORDER BY 1, 2

-- path: parts
SELECT DISTINCT ON (d.region) d.region, stay(f.t), f.id FROM fact f JOIN dim d ON f.dim = d.id ORDER BY d.region, f.id

-- path: parts
SELECT grouping(dim), dim, v, stay(count(*)) FROM fact WHERE v < 3 GROUP BY ROLLUP (dim, v) ORDER BY 1, 2, 3, 4

-- path: parts
SELECT d.region, count(*), count(b.note) FROM fact f JOIN dim d ON f.dim = d.id JOIN big b ON b.id = f.id GROUP BY d.region ORDER BY 1

-- path: parts
SELECT r.name, count(*), sum(f.v) FROM big b LEFT JOIN (fact f JOIN dim d ON f.dim = d.id) ON b.id = f.id LEFT JOIN region r ON r.id = d.region GROUP BY r.name ORDER BY 1

-- path: parts
SELECT count(*), count(f.id), count(r.name), count(s.label) FROM (fact f JOIN dim d ON f.dim = d.id AND f.v < 8) FULL JOIN (region r FULL JOIN big b ON r.id = b.id AND stay(b.id) < 100) ON d.region = r.id LEFT JOIN small s ON s.id = d.id

-- path: parts
SELECT count(*) FROM big WHERE id IN (SELECT f.id FROM fact f JOIN dim d ON f.dim = d.id WHERE d.region = 1)

-- path: parts
SELECT count(*) FROM big b WHERE EXISTS (SELECT FROM fact f JOIN dim d ON f.dim = d.id WHERE f.id = b.id AND d.region = 1)

-- path: set
SELECT id, note, (SELECT max(f.w) FROM fact f JOIN dim d ON f.dim = d.id) FROM big WHERE id < 4 ORDER BY 1

-- path: parts
SELECT b.id, (SELECT count(*) FROM totals t WHERE stay(t.n) > b.id % 60) FROM big b WHERE b.id < 30 ORDER BY 1

-- path: parts
SELECT stay(t.dim), t.n, s.label FROM totals t LEFT JOIN small s ON s.id = t.dim ORDER BY 1

-- path: parts
SELECT stay(dim), n FROM totals UNION ALL SELECT id, dim FROM big WHERE id < 3 ORDER BY 1, 2

-- path: parts
SELECT dim, n FROM totals EXCEPT SELECT stay(dim), n FROM totals WHERE dim > 3 ORDER BY 1

-- path: parts
WITH x AS (SELECT dim, sum(w) AS s FROM fact GROUP BY dim) SELECT stay(x.dim), s, (SELECT max(x2.s) FROM x x2) FROM x ORDER BY 1

-- path: parts
WITH x AS MATERIALIZED (SELECT dim, sum(w) AS s FROM fact GROUP BY dim), y AS (SELECT x.dim, d.name, x.s FROM x JOIN dim d ON d.id = x.dim) SELECT stay(name), s FROM y ORDER BY 1

WITH x AS (SELECT id FROM fact ORDER BY stay(id) LIMIT 20) SELECT count(*), sum(a.id - b.id) FROM x a JOIN x b ON a.id = b.id

-- path: parts
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT r.n, stay(t.w) FROM r JOIN totals t ON t.dim = r.n ORDER BY 1

-- path: parts
SELECT f.id, l.name FROM fact f JOIN dim d ON f.dim = d.id, LATERAL (SELECT stay(d.name) || f.v AS name) l WHERE f.id < 20 ORDER BY 1

-- path: parts
SELECT f.id, g FROM fact f JOIN dim d ON f.dim = d.id, generate_series(1, f.v) g WHERE f.id < 20 ORDER BY 1, 2

-- path: parts
SELECT d.name, unnest(ARRAY[f.v, f.v + 1]) FROM fact f JOIN dim d ON f.dim = d.id WHERE f.id < 10 ORDER BY 1, 2 LIMIT 5

-- path: parts
SELECT id, name FROM fact JOIN dim USING (id) WHERE stay(v) = 1 ORDER BY 1

-- path: parts
SELECT id, count(*) FROM fact FULL JOIN dim USING (id) WHERE stay(id) > 5 AND id < 12 GROUP BY id ORDER BY 1

-- path: set
SELECT count(*) FROM fact f, dim d WHERE f.dim = d.id AND stay(true)

SELECT count(*) FROM fact f, dim d, region r WHERE stay(f.id) = 1

-- path: parts
SELECT CASE WHEN stay(f.v) > 5 THEN d.name ELSE f.t END AS c, count(*) FROM fact f JOIN dim d ON f.dim = d.id GROUP BY c ORDER BY 1, 2

-- path: parts
SELECT (SELECT stay(d.name) || f.t) FROM fact f JOIN dim d ON f.dim = d.id WHERE f.id < 9 ORDER BY 1

-- path: parts
SELECT f.dim, (SELECT max(b.id) + f.dim FROM big b WHERE b.dim = f.dim), count(*) FROM fact f GROUP BY f.dim ORDER BY 1

PREPARE p(int) AS SELECT f.id, stay(d.name) FROM fact f JOIN dim d ON f.dim = d.id WHERE f.v < $1 AND stay($1) > 0 ORDER BY f.id LIMIT $1; EXECUTE p(3); EXECUTE p(2); SET plan_cache_mode = force_generic_plan; EXECUTE p(4); EXECUTE p(5); RESET plan_cache_mode; DEALLOCATE p

CREATE TABLE copied (dim int, n bigint, w numeric) USING heap; INSERT INTO copied SELECT * FROM totals; INSERT INTO copied SELECT stay(dim), n, w FROM totals; SELECT * FROM copied ORDER BY 1, 2; UPDATE copied SET n = (SELECT count(*) FROM fact f JOIN dim d ON f.dim = d.id); DELETE FROM copied WHERE dim IN (SELECT dim FROM totals WHERE n > 70); SELECT * FROM copied ORDER BY 1, 2; DROP TABLE copied

CREATE TABLE copied (what text, n bigint) USING heap; INSERT INTO copied SELECT 'seen', count(*) FROM fact f JOIN dim d ON f.dim = d.id; INSERT INTO copied SELECT 'all', n FROM totals; SELECT * FROM copied ORDER BY 1, 2; DROP TABLE copied

INSERT INTO region SELECT stay(dim), 'r' || n FROM totals WHERE dim IS NOT NULL RETURNING id, name

SELECT * FROM region ORDER BY 1, 2

BEGIN; DECLARE c SCROLL CURSOR FOR SELECT f.id, stay(d.name) FROM fact f JOIN dim d ON f.dim = d.id ORDER BY f.id; FETCH 3 FROM c; FETCH BACKWARD 2 FROM c; FETCH ABSOLUTE 5 FROM c; COMMIT

SELECT stay(name) FROM dim ORDER BY name FETCH FIRST 2 ROWS WITH TIES

SELECT d.id, stay(d.name) FROM dim d FOR UPDATE

-- ORDER BY a column of the query around
SELECT f.id, s.n, s.t FROM fact f CROSS JOIN LATERAL (SELECT stay(r.name) AS n, f.t FROM region r ORDER BY f.t, r.name) s WHERE f.id < 4 ORDER BY 1, 2
