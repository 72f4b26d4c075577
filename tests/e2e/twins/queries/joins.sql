-- Joins, subqueries in FROM, sublinks, LATERAL.
-- setup

CREATE TABLE a (id int, x int, t text, n numeric(10,2), d date) USING {am}

INSERT INTO a VALUES (1, 10, 'one', 1.50, '2020-01-01'), (2, 20, 'two', 2.50, '2020-01-02'), (3, 30, 'three', NULL, '2020-01-03'), (4, NULL, NULL, 4.00, NULL), (NULL, 50, 'null', 5.00, '2020-01-05'), (2, 21, 'deux', 2.75, '2020-02-02')

CREATE TABLE b (id int, y int, t text, n numeric(8,3)) USING {am}

INSERT INTO b VALUES (1, 100, 'one', 1.500), (2, 200, 'TWO', 2.500), (2, 201, 'two', 9.999), (5, 500, 'five', NULL), (NULL, 600, NULL, 4.000), (3, NULL, 'three', 3.000)

CREATE TABLE "Mixed Case" ("Id" int, "select" text, "quote""d" int) USING {am}

INSERT INTO "Mixed Case" VALUES (1, 'a', 11), (2, 'b', 22), (7, 'c', 33)

-- queries

-- path: set
SELECT a.id, x, y FROM a JOIN b ON a.id = b.id

-- path: set
SELECT a.id, x, y FROM a, b WHERE a.id = b.id AND y > 100

-- path: set
SELECT a.id, x, y FROM a LEFT JOIN b ON a.id = b.id

-- path: set
SELECT a.id, x, y FROM a LEFT JOIN b ON a.id = b.id AND b.y > 200

-- path: set
SELECT a.id, x, y FROM a LEFT JOIN b ON a.id = b.id WHERE b.y IS NULL

-- path: set
SELECT a.id, b.id, x, y FROM a RIGHT JOIN b ON a.id = b.id

-- path: set
SELECT a.id, b.id, x, y FROM a FULL JOIN b ON a.id = b.id

-- path: set
SELECT id, x, y FROM a FULL JOIN b USING (id)

-- path: set
SELECT id, x, y FROM a JOIN b USING (id) ORDER BY id, x, y

-- path: set
SELECT * FROM a JOIN b USING (id, t)

-- path: set
SELECT * FROM a NATURAL JOIN b

-- path: set
SELECT * FROM a NATURAL LEFT JOIN b

-- path: set
SELECT count(*) FROM a CROSS JOIN b

-- path: set
SELECT a.id, b.id FROM a JOIN b ON a.x < b.y AND a.id <> b.id

-- path: set
SELECT a.id, b.n FROM a JOIN b ON a.n = b.n

-- path: set
SELECT p.id, q.id FROM a p JOIN a q ON p.id = q.id + 1

-- path: set
SELECT a.id, b.y, c.y FROM a JOIN b ON a.id = b.id LEFT JOIN b c ON c.id = a.id AND c.y <> b.y

-- path: set
SELECT a.id, q.y FROM a LEFT JOIN (b q JOIN b r ON q.id = r.id AND q.y < r.y) ON a.id = q.id

SELECT j.id, j.x FROM (a JOIN b USING (id)) AS j

SELECT id, u.id FROM a JOIN b USING (id) AS u

-- path: set
SELECT "Mixed Case"."Id", "select", "quote""d" FROM "Mixed Case" JOIN a ON a.id = "Mixed Case"."Id"

-- path: set
SELECT m."Id" AS "sElEcT" FROM "Mixed Case" AS m ORDER BY m."Id" DESC

-- path: set
SELECT s.z FROM (SELECT x + 1 AS z, id FROM a WHERE x > 10) AS s WHERE s.z > 25

-- path: set
SELECT s.* FROM (SELECT id, t FROM a ORDER BY id, t COLLATE "C" LIMIT 2) AS s

-- path: set
SELECT s.m, b.y FROM (SELECT id, max(x) AS m FROM a GROUP BY id) AS s JOIN b ON b.id = s.id

-- path: set
SELECT "A", a FROM (SELECT 1 AS "A", x AS a FROM a) AS s

-- path: set
SELECT id FROM a WHERE id IN (SELECT id FROM b)

-- path: set
SELECT id FROM a WHERE id NOT IN (SELECT id FROM b)

-- path: set
SELECT id FROM a WHERE id NOT IN (SELECT id FROM b WHERE id IS NOT NULL)

-- path: set
SELECT id, id IN (SELECT id FROM b) FROM a

-- path: set
SELECT id FROM a WHERE t IN (SELECT t FROM b)

-- path: set
SELECT id FROM a WHERE n IN (SELECT n FROM b)

SELECT id FROM a WHERE (id, t) IN (SELECT id, t FROM b)

-- path: set
SELECT id FROM a WHERE x < ALL (SELECT y FROM b WHERE y IS NOT NULL)

-- path: set
SELECT id FROM a WHERE x > ANY (SELECT y - 85 FROM b)

-- path: set
SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.id = a.id)

-- path: set
SELECT id FROM a WHERE NOT EXISTS (SELECT * FROM b WHERE b.id = a.id AND b.y > 100)

-- path: set
SELECT id FROM a WHERE EXISTS (SELECT FROM b WHERE b.id = 5)

-- path: set
SELECT id, EXISTS (SELECT 1 FROM b WHERE b.id = a.id) FROM a

-- path: set
SELECT id, (SELECT max(y) FROM b WHERE b.id = a.id) FROM a

-- path: set
SELECT id, (SELECT count(*) FROM b WHERE b.id = a.id) FROM a

-- path: set
SELECT id, (SELECT y FROM b WHERE b.id = a.id ORDER BY y DESC LIMIT 1) FROM a

-- path: set
SELECT id, (SELECT max(y) FROM b) + x FROM a

SELECT id FROM a WHERE x > (SELECT avg(y) FROM b WHERE y < 0) OR x IS NULL

SELECT id FROM a WHERE n > (SELECT avg(n) FROM b)

-- path: set
SELECT id FROM a WHERE n > (SELECT min(n) FROM b)

-- path: set
SELECT (SELECT y FROM b WHERE b.id = a.id) FROM a

-- path: set
SELECT id, (SELECT sum(a.x + b.y) FROM b WHERE b.id = a.id) FROM a

-- path: set
SELECT a.id FROM a WHERE a.x = (SELECT max(p.x) FROM a p WHERE p.id = a.id AND EXISTS (SELECT 1 FROM b WHERE b.id = p.id))

-- path: set
SELECT a.id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE EXISTS (SELECT 1 FROM b c WHERE c.id = a.id AND c.y > b.y))

SELECT ARRAY (SELECT y FROM b WHERE b.id = a.id ORDER BY y) FROM a

-- path: set
SELECT a.id, l.y FROM a CROSS JOIN LATERAL (SELECT y FROM b WHERE b.id = a.id) AS l

-- path: set
SELECT a.id, l.y FROM a LEFT JOIN LATERAL (SELECT y FROM b WHERE b.id = a.id ORDER BY y DESC LIMIT 1) AS l ON true

-- path: set
SELECT a.id, l.c FROM a, LATERAL (SELECT count(*) AS c FROM b WHERE b.id < a.id) AS l

SELECT a.id, l.y FROM a LEFT JOIN LATERAL (SELECT y FROM b WHERE b.id = a.id) AS l ON l.y > 100

-- path: set
SELECT v.k, a.t FROM (VALUES (1, 'x'), (2, 'y'), (NULL, NULL)) AS v(k, w) JOIN a ON a.id = v.k

-- path: set
SELECT v.*, a.id FROM a, (VALUES (1.5), (2.5)) AS v(n) WHERE a.n = v.n

-- path: set
SELECT g, a.t FROM generate_series(1, 4) AS g LEFT JOIN a ON a.id = g

-- path: set
SELECT g.i, count(a.id) FROM generate_series(4, 0, -2) AS g(i) LEFT JOIN a ON a.id = g.i GROUP BY g.i ORDER BY g.i

SELECT a.id, g FROM a, generate_series(1, a.id) AS g

SELECT a.id, g FROM a, unnest(ARRAY[1, 2]) AS g

SELECT a.id, o.* FROM a, generate_series(1, 2) WITH ORDINALITY AS o

-- path: set
SELECT 1 FROM a WHERE id = 1 AND (SELECT count(*) FROM b) > 3

SELECT (SELECT a)::text FROM a

SELECT a.id FROM a JOIN pg_class ON relname = a.t

SELECT FROM a

-- path: set
SELECT coalesce(a.id, b.id) AS k, count(*) FROM a FULL JOIN b ON a.id = b.id GROUP BY 1 ORDER BY 1
