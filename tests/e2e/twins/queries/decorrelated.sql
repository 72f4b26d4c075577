-- Correlated subqueries in the shapes that DuckDB decorrelates rightly, and those that stay.
-- setup

CREATE TABLE a (id int, k text, v int, n numeric(8,2)) USING {am}

INSERT INTO a VALUES (1, 'p', 10, 1.00), (2, 'p', 20, 2.00), (3, 'q', 30, 3.00), (4, 'q', NULL, NULL), (5, NULL, 50, 5.50)

CREATE TABLE b (id int, aid int, k text, w int) USING {am}

INSERT INTO b VALUES (1, 1, 'p', 100), (2, 1, 'p', 110), (3, 2, 'q', 200), (4, 3, 'q', NULL), (5, 9, 'r', 900), (6, NULL, NULL, 7)

CREATE TABLE c (id int, bid int, x int) USING {am}

INSERT INTO c VALUES (1, 1, 1), (2, 1, 2), (3, 2, 3), (4, 4, 4), (5, NULL, 5)

CREATE TABLE e (id int, v int) USING {am}

CREATE TABLE d (k text, g int, y int) USING {am}

INSERT INTO d VALUES ('p', 1, 1), ('p', 1, 2), ('p', 2, NULL), ('q', NULL, 4), (NULL, 3, 5), (NULL, NULL, NULL), ('p', 1, 1)

-- queries

-- DISTINCT
-- path: set
SELECT id, (SELECT DISTINCT k FROM b WHERE b.aid = a.id) FROM a

-- path: set
SELECT id, (SELECT count(*) FROM (SELECT DISTINCT g, y FROM d WHERE d.k = a.k) s) FROM a

-- path: set
SELECT id, (SELECT count(*) FROM (SELECT DISTINCT g FROM d WHERE d.k = a.k AND y > a.id) s) FROM a

-- path: set
SELECT id, (SELECT sum(s.g) FROM (SELECT DISTINCT g, a.v FROM d WHERE d.k = a.k) s) FROM a

-- path: set
SELECT id, s.g FROM a, LATERAL (SELECT DISTINCT g FROM d WHERE d.k = a.k) s

-- path: set
SELECT id, s.g FROM a LEFT JOIN LATERAL (SELECT DISTINCT g FROM d WHERE d.k = a.k) s ON s.g > 1

-- path: set
SELECT id, s.g FROM a, LATERAL (SELECT DISTINCT g FROM d WHERE d.y > a.id) s

-- path: set
SELECT id, s.v FROM a, LATERAL (SELECT DISTINCT a.v FROM d) s

-- path: set
SELECT id FROM a WHERE v IN (SELECT DISTINCT w / 10 FROM b WHERE b.aid = a.id)

-- path: set
SELECT id FROM a WHERE v NOT IN (SELECT DISTINCT w / 10 FROM b WHERE b.aid >= a.id)

-- path: set
SELECT id FROM a WHERE EXISTS (SELECT DISTINCT k FROM b WHERE b.aid = a.id)

-- path: set
SELECT id FROM a WHERE EXISTS (SELECT DISTINCT k FROM b WHERE b.aid = a.id OFFSET 1)

-- path: set
SELECT id FROM a WHERE NOT EXISTS (SELECT DISTINCT k FROM b WHERE b.aid = a.id LIMIT 1)

-- path: set
SELECT id, (SELECT DISTINCT w FROM b WHERE b.aid = a.id ORDER BY w DESC LIMIT 1) FROM a

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT DISTINCT ON (g) g, y FROM d WHERE d.k = a.k ORDER BY g, y) s

-- path: set
SELECT id, (SELECT DISTINCT ON (w) w FROM b WHERE b.aid = a.id ORDER BY w LIMIT 1) FROM a

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT DISTINCT g, y FROM d WHERE d.k = a.k ORDER BY g, y LIMIT 2) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT DISTINCT g, y FROM d WHERE d.k = a.k ORDER BY g, y LIMIT 2 OFFSET 1) s

-- path: set
SELECT id, s.g FROM e LEFT JOIN LATERAL (SELECT DISTINCT g FROM d WHERE d.y = e.id) s ON true

-- path: set
SELECT id, s.v FROM a LEFT JOIN LATERAL (SELECT DISTINCT v FROM e WHERE e.id = a.id) s ON true

-- set operations
-- path: set
SELECT id, (SELECT w FROM b WHERE b.aid = a.id UNION ALL SELECT x FROM c WHERE c.id = a.id + 3 ORDER BY 1 LIMIT 1) FROM a

-- path: set
SELECT id, (SELECT count(*) FROM (SELECT w FROM b WHERE b.aid = a.id UNION ALL SELECT x FROM c WHERE c.id >= a.id) s) FROM a

-- path: set
SELECT id, (SELECT sum(w) FROM (SELECT w FROM b WHERE b.aid = a.id UNION SELECT x FROM c WHERE c.id >= a.id UNION SELECT a.v) s) FROM a

-- path: set
SELECT id, (SELECT sum(w) FROM (SELECT w FROM b WHERE b.aid = a.id EXCEPT SELECT 100) s) FROM a

-- path: set
SELECT id, (SELECT count(*) FROM (SELECT id FROM b EXCEPT SELECT aid FROM b WHERE b.aid <= a.id) s) FROM a

-- path: set
SELECT id, (SELECT count(*) FROM (SELECT id FROM b INTERSECT SELECT x FROM c WHERE c.x > a.id) s) FROM a

-- path: set
SELECT id, (SELECT count(*) FROM (SELECT bid FROM c INTERSECT ALL SELECT bid FROM c WHERE c.x > a.id) s) FROM a

-- path: set
SELECT id, (SELECT count(*) FROM (SELECT bid FROM c EXCEPT ALL SELECT bid FROM c WHERE c.x > a.id) s) FROM a

-- path: set
SELECT a.id, l.q FROM a, LATERAL (SELECT a.v + b.w AS q FROM b WHERE b.aid = a.id UNION ALL SELECT 0) AS l

-- path: set
SELECT a.id, l.q FROM a, LATERAL (SELECT b.w AS q FROM b WHERE b.aid = a.id UNION SELECT c.x FROM c WHERE c.bid = a.id) AS l

-- path: set
SELECT a.id, l.q FROM a, LATERAL (SELECT b.w AS q FROM b UNION SELECT a.v) AS l

-- path: set
SELECT a.id, l.q FROM a, LATERAL (SELECT b.w AS q FROM b EXCEPT SELECT a.v * 10) AS l

-- path: set
SELECT a.id, l.q FROM a LEFT JOIN LATERAL (SELECT b.w AS q FROM b INTERSECT SELECT a.v * 10) AS l ON true

-- path: set
SELECT a.id, l.q FROM a LEFT JOIN LATERAL (SELECT b.w AS q FROM b WHERE b.aid = a.id UNION ALL SELECT c.x FROM c WHERE c.bid = a.id) AS l ON l.q > 1

-- path: set
SELECT id FROM a WHERE v IN (SELECT w FROM b WHERE b.aid = a.id UNION SELECT 50)

-- path: set
SELECT id FROM a WHERE v NOT IN (SELECT w FROM b WHERE b.aid = a.id UNION ALL SELECT a.v FROM c WHERE c.id = a.id)

-- path: set
SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.aid = a.id UNION ALL SELECT 1 FROM c WHERE c.bid = a.id)

-- path: set
SELECT id FROM a WHERE EXISTS (SELECT w FROM b WHERE b.aid = a.id EXCEPT SELECT 100)

-- path: set
SELECT id FROM a WHERE NOT EXISTS (SELECT w FROM b WHERE b.aid = a.id INTERSECT SELECT 100)

-- path: set
SELECT id, (SELECT w FROM b WHERE b.aid = a.id UNION SELECT x FROM c WHERE c.id = a.id ORDER BY 1 LIMIT 1) FROM a

-- path: set
SELECT id, (SELECT w FROM b WHERE b.aid = a.id UNION SELECT x FROM c WHERE c.id = a.id ORDER BY 1 DESC NULLS LAST LIMIT 1 OFFSET 1) FROM a

-- path: set
SELECT id, (SELECT a.v UNION SELECT a.v) FROM a

-- path: set
SELECT id, (SELECT a.v INTERSECT SELECT 10) FROM a

-- path: set
SELECT id, (SELECT k FROM d WHERE d.k IS NOT DISTINCT FROM a.k UNION SELECT NULL ORDER BY 1 LIMIT 1) IS NULL FROM a

-- path: set
SELECT id, (SELECT count(*) FROM (SELECT a.k UNION ALL SELECT k FROM d WHERE d.y > a.id) s WHERE s.k = 'p') FROM a

-- path: set
SELECT a.id, (SELECT max(n) FROM (SELECT n FROM a AS i WHERE i.id = a.id UNION ALL SELECT 7.125) s) FROM a

-- path: set
SELECT e.id, (SELECT w FROM b WHERE b.aid = e.id UNION ALL SELECT 3 ORDER BY 1 LIMIT 1) FROM e

-- WITH
-- path: parts
SELECT id, (WITH q AS (SELECT w FROM b WHERE b.aid = a.id) SELECT max(w) FROM q) FROM a

-- path: parts
SELECT id, (WITH q AS (SELECT w FROM b WHERE b.aid = a.id) SELECT count(*) FROM q x, q y) FROM a

-- path: parts
SELECT id, (WITH q AS MATERIALIZED (SELECT w FROM b WHERE b.aid = a.id) SELECT count(*) FROM q x, q y) FROM a

-- path: set
SELECT id, (WITH q AS (SELECT * FROM b) SELECT max(w) FROM q WHERE q.aid = a.id) FROM a

-- path: set
SELECT id, (WITH q AS MATERIALIZED (SELECT * FROM b) SELECT max(w) FROM q WHERE q.aid = a.id) FROM a

-- path: set
SELECT id, (WITH q AS (SELECT * FROM b) SELECT count(*) FROM q WHERE q.aid = a.id AND q.w > (SELECT min(w) FROM q)) FROM a

-- path: row
SELECT id, s.w FROM a, LATERAL (WITH q AS (SELECT w FROM b WHERE b.aid = a.id) SELECT w FROM q UNION ALL SELECT max(w) FROM q) s

-- path: parts
SELECT id FROM a WHERE v IN (WITH q AS (SELECT w / 10 AS w FROM b WHERE b.aid = a.id) SELECT w FROM q)

-- path: parts
SELECT id FROM a WHERE EXISTS (WITH q AS (SELECT w FROM b WHERE b.aid = a.id) SELECT 1 FROM q WHERE w > 100)

-- path: parts
SELECT id, (WITH RECURSIVE q(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM q WHERE i < a.id) SELECT sum(i) FROM q) FROM a

-- path: parts
WITH z AS (SELECT * FROM b) SELECT id, (WITH q AS (SELECT w FROM z WHERE z.aid = a.id) SELECT max(w) FROM q) FROM a

-- window functions
-- path: set
SELECT id, (SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY w) AS r FROM b WHERE b.aid = a.id) AS s) FROM a

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT w, row_number() OVER (ORDER BY w) AS r FROM b WHERE b.aid = a.id) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT w, row_number() OVER (ORDER BY w) AS r, sum(w) OVER () AS t FROM b WHERE b.aid >= a.id) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT y, sum(y) OVER (PARTITION BY g ORDER BY y ROWS UNBOUNDED PRECEDING) AS r, count(*) OVER (PARTITION BY g) AS n FROM d WHERE d.k = a.k) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT y, rank() OVER (PARTITION BY g ORDER BY y) AS r, lag(y) OVER (ORDER BY y) AS p FROM d WHERE d.k = a.k OR d.g < a.id) s

-- path: set
SELECT id, (SELECT sum(w) OVER () FROM b WHERE b.aid = a.id LIMIT 1) FROM a

-- path: set
SELECT id, (SELECT first_value(w) OVER (ORDER BY w DESC NULLS LAST) FROM b WHERE b.aid = a.id LIMIT 1) FROM a

-- path: parts
SELECT id, (SELECT sum(a.v) OVER (ORDER BY b.id) FROM b ORDER BY b.id DESC LIMIT 1) FROM a

-- path: row
SELECT id, s.* FROM a, LATERAL (SELECT b.id AS bid, sum(b.w + a.id) OVER (ORDER BY b.id) AS t FROM b WHERE b.id > 2) s

-- path: row
SELECT id, s.* FROM a, LATERAL (SELECT b.id AS bid, sum(b.w) OVER (PARTITION BY b.aid < a.id ORDER BY b.id) AS t FROM b WHERE b.id > 2) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT b.id AS bid, sum(b.w) OVER (ORDER BY b.id RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS t, ntile(2) OVER (ORDER BY b.id) AS nt FROM b WHERE b.id > a.id) s

-- path: set
SELECT id FROM a WHERE v IN (SELECT sum(w) OVER (ORDER BY b.id) / 10 FROM b WHERE b.aid = a.id)

-- path: set
SELECT id FROM a WHERE EXISTS (SELECT row_number() OVER () FROM b WHERE b.aid = a.id OFFSET 1)

-- path: set
SELECT a.id, l.r, l.w FROM a LEFT JOIN LATERAL (SELECT row_number() OVER (ORDER BY w) AS r, w FROM b WHERE b.aid = a.id) AS l ON l.r = 1

-- path: set
SELECT id, (SELECT count(*) OVER () FROM e WHERE e.id = a.id) FROM a

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT g, count(*) AS n, rank() OVER (ORDER BY count(*), g) AS r FROM d WHERE d.k = a.k GROUP BY g) s

-- grouping
-- path: row
SELECT id, s.* FROM a, LATERAL (SELECT g, count(*) AS n FROM d WHERE d.k = a.k GROUP BY ROLLUP (g)) s

-- path: row
SELECT id, s.* FROM a, LATERAL (SELECT g, y, count(*) AS n, grouping(g, y) AS x FROM d WHERE d.k = a.k GROUP BY CUBE (g, y)) s

-- path: row
SELECT id, s.* FROM a, LATERAL (SELECT count(*) AS n FROM d WHERE d.k = a.k GROUP BY GROUPING SETS ((), ())) s

-- path: parts
SELECT id, (SELECT max(n) FROM (SELECT count(*) AS n FROM d WHERE d.k = a.k GROUP BY ROLLUP (g)) s) FROM a

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT g, count(*) AS n FROM d WHERE d.k = a.k GROUP BY g) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT count(*) AS n FROM d WHERE d.k = a.k GROUP BY g + a.id) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT g + a.id AS h, count(*) AS n FROM d WHERE d.k = a.k GROUP BY g + a.id) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT a.v AS h, count(*) AS n FROM d WHERE d.k = a.k GROUP BY a.v) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT count(*) AS n FROM d WHERE d.k = a.k GROUP BY a.v) s

-- path: set
SELECT id, (SELECT count(*) FROM b WHERE b.aid = a.id GROUP BY a.k) FROM a

-- path: set
SELECT id, (SELECT count(*) FROM b WHERE b.aid = a.id GROUP BY k) FROM a

-- path: parts
SELECT id, (SELECT count(*) FROM b WHERE b.aid = a.id GROUP BY ()) FROM a

-- path: set
SELECT id, (SELECT max(w) FROM b GROUP BY aid HAVING aid = a.id) FROM a

-- path: set
SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.aid = a.id GROUP BY k HAVING sum(w) > 205)

-- path: set
SELECT id FROM a WHERE v IN (SELECT sum(w) / 10 FROM b WHERE b.aid = a.id GROUP BY k)

-- path: parts
SELECT id FROM a WHERE EXISTS (SELECT sum(w) FROM b WHERE b.aid = a.id GROUP BY ROLLUP (k) HAVING sum(w) > 205)

-- path: parts
SELECT id FROM a WHERE EXISTS (SELECT sum(w) FROM e JOIN b ON true WHERE b.aid = a.id GROUP BY ROLLUP (b.k))

-- conditions of outer joins
-- path: set
SELECT id, (SELECT max(c.x) FROM b LEFT JOIN c ON c.bid = b.id AND c.x > a.id WHERE b.aid = a.id) FROM a

-- path: set
SELECT id, (SELECT count(*) FROM b LEFT JOIN c ON c.bid = b.id AND c.x > a.id) FROM a

-- path: set
SELECT id, (SELECT count(c.id) FROM b LEFT JOIN c ON c.x > a.id) FROM a

-- path: set
SELECT id, (SELECT count(c.id) FROM b LEFT JOIN c ON a.id > 2) FROM a

-- path: set
SELECT id, (SELECT count(c.id) FROM b LEFT JOIN c ON b.aid = a.id) FROM a

-- path: parts
SELECT id, (SELECT max(b.w) FROM b RIGHT JOIN c ON c.bid = b.id AND b.aid = a.id) FROM a

-- path: parts
SELECT id, (SELECT count(*) FROM b FULL JOIN c ON c.bid = b.id AND b.aid = a.id) FROM a

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT b.id AS bid, c.x FROM b LEFT JOIN c ON c.bid = b.id AND c.x >= a.id) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT b.id AS bid, c.x FROM b LEFT JOIN c ON c.bid = b.id AND a.k = b.k) s

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT b.id AS bid, c.x FROM b LEFT JOIN c ON c.bid = b.id AND a.v IS NULL) s

-- path: row
SELECT id, s.* FROM a, LATERAL (SELECT b.id AS bid, c.x FROM b FULL JOIN c ON c.bid = b.id AND c.x >= a.id) s

-- path: set
SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b LEFT JOIN c ON c.bid = b.id AND c.x > a.id WHERE c.id IS NULL AND b.k = a.k)

-- path: set
SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b LEFT JOIN c ON c.bid = b.id AND c.x > a.id WHERE c.id IS NOT NULL)

-- path: set
SELECT id FROM a WHERE v IN (SELECT coalesce(c.x, a.v) FROM b LEFT JOIN c ON c.bid = b.id AND c.x > a.id)

-- path: set
SELECT id, (SELECT max(c.x) FROM b LEFT JOIN (SELECT x, bid FROM c WHERE c.x > a.id) s2 ON s2.bid = b.id LEFT JOIN c ON c.bid = b.id AND c.x >= a.id) FROM a

-- path: set
SELECT e.id, (SELECT count(*) FROM b LEFT JOIN c ON c.x > e.id) FROM e

-- path: set
SELECT id, (SELECT count(*) FROM b LEFT JOIN e ON e.id = a.id) FROM a

-- subqueries in conditions of outer joins
-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON b.aid = a.id AND b.id IN (SELECT bid FROM c)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON b.aid = a.id AND b.id NOT IN (SELECT bid FROM c WHERE bid IS NOT NULL)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON b.aid = a.id AND EXISTS (SELECT 1 FROM c WHERE c.bid = b.id)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON b.aid = a.id AND EXISTS (SELECT 1 FROM c WHERE c.bid = a.id)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON b.aid = a.id AND EXISTS (SELECT 1 FROM c WHERE c.bid = b.id AND c.x > a.id)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON b.aid = a.id AND b.w > (SELECT avg(w) FROM b)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON b.w > (SELECT max(x) * 30 FROM c)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON a.v = (SELECT min(w) / 10 FROM b)

-- path: parts
SELECT a.id, b.id FROM a FULL JOIN b ON b.aid = a.id AND b.w > (SELECT min(w) FROM b)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN LATERAL (SELECT * FROM b WHERE b.aid = a.id) b ON b.id IN (SELECT bid FROM c)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN LATERAL (SELECT * FROM b WHERE b.aid = a.id) b ON EXISTS (SELECT 1 FROM c WHERE c.bid = b.id AND c.x > a.id)

-- path: set
SELECT (SELECT count(*) FROM b WHERE b.aid = a.id) AS m, count(*) FROM a GROUP BY 1

-- path: set
SELECT (SELECT count(*) FROM b WHERE b.aid = a.id) AS m, count(*) FROM a GROUP BY 1 ORDER BY 1

-- path: set
SELECT (SELECT max(w) FROM b WHERE b.aid = a.id) AS m, a.k, sum(v) FROM a GROUP BY m, a.k ORDER BY a.k NULLS FIRST, m NULLS LAST

-- path: parts
SELECT (SELECT max(w) FROM b WHERE b.aid = a.id) AS m, (SELECT max(w) FROM b WHERE b.aid = a.id) + 1, count(*) FROM a GROUP BY 1

-- path: parts
SELECT count(*) FROM a GROUP BY (SELECT max(w) FROM b WHERE b.aid = a.id)

-- path: set
SELECT count(*), (SELECT max(w) FROM b WHERE b.aid = a.id) AS m FROM a GROUP BY 2 HAVING count(*) > 1

-- path: set
SELECT EXISTS (SELECT 1 FROM b WHERE b.aid = a.id) AS m, count(*) FROM a GROUP BY 1

-- path: set
SELECT a.v IN (SELECT w / 10 FROM b WHERE b.aid = a.id) AS m, count(*) FROM a GROUP BY 1

-- path: parts
SELECT DISTINCT (SELECT max(w) FROM b WHERE b.aid = a.id) AS m, count(*) FROM a GROUP BY 1

-- path: set
SELECT id, (SELECT count(*) FROM (SELECT (SELECT max(x) FROM c WHERE c.bid = b.id) AS m, count(*) FROM b WHERE b.aid = a.id GROUP BY 1) s) FROM a

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON b.aid = a.id AND (b.w > 100 OR EXISTS (SELECT 1 FROM c WHERE c.bid = b.id)) WHERE a.v > 5

-- path: row
SELECT a.id, b.id FROM a RIGHT JOIN b ON b.aid = a.id AND EXISTS (SELECT 1 FROM c WHERE c.bid = b.id)

-- path: parts
SELECT a.id, b.id, c.id FROM a LEFT JOIN (b JOIN c ON c.bid = b.id) ON b.aid = a.id AND b.id IN (SELECT bid FROM c)

-- path: set
SELECT a.id, b.id, c.id FROM a LEFT JOIN b ON b.aid = a.id AND b.id IN (SELECT bid FROM c) LEFT JOIN c ON c.bid = b.id AND c.x = (SELECT max(x) FROM c i WHERE i.bid = b.id)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON a.id IN (SELECT aid FROM b)

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON b.aid = a.id AND (SELECT count(*) FROM e) = 0

-- path: set
SELECT a.id, b.id FROM a LEFT JOIN b ON b.aid = a.id AND (SELECT count(*) FROM e) = 1

-- path: set
WITH q AS (SELECT * FROM b) SELECT a.id, q.id FROM a LEFT JOIN q ON q.aid = a.id AND q.w > (SELECT min(w) FROM q)

-- path: set
SELECT e.id, b.id FROM e LEFT JOIN b ON b.aid = e.id AND b.id IN (SELECT bid FROM c)

-- path: set
SELECT a.id, (SELECT count(*) FROM b LEFT JOIN c ON c.bid = b.id AND c.x IN (SELECT i.v / 10 FROM a i WHERE i.id <= a.id)) FROM a

-- path: parts
SELECT id, (SELECT count(*) FROM b LEFT JOIN (c JOIN d ON d.y = c.x) ON c.bid = b.id AND c.x > a.id) FROM a

-- path: set
SELECT id, (SELECT count(c.x) + count(d.y) FROM b LEFT JOIN c ON c.bid = b.id AND c.x >= a.id LEFT JOIN d ON d.y = c.x AND d.g < a.id) FROM a

-- path: parts
SELECT id, (SELECT array_agg(b.id ORDER BY b.id)::text FROM b LEFT JOIN c ON c.bid = b.id AND c.x >= a.id) FROM a

-- path: set
SELECT id, s.* FROM a, LATERAL (SELECT b.id AS bid, l.x FROM b LEFT JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id) l ON l.x >= a.id) s

-- path: set
SELECT id, s.* FROM a LEFT JOIN LATERAL (SELECT b.id AS bid, l.x FROM b LEFT JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id AND c.x > a.id) l ON l.x <> a.v) s ON s.x > 1

-- path: set
SELECT (SELECT max(w) FROM b WHERE b.aid = a.id) AS m, count(*) FROM a GROUP BY 1 ORDER BY m DESC NULLS LAST, count(*)

-- path: set
SELECT (SELECT max(k COLLATE "C") FROM b WHERE b.aid = a.id) AS m, count(*) FROM a GROUP BY 1 ORDER BY 1 NULLS FIRST

-- path: set
SELECT (SELECT max(w) FROM b WHERE b.aid = a.id) + 1 AS m, count(*) FROM a GROUP BY 1 ORDER BY 1

-- path: parts
SELECT (SELECT max(w) FROM b WHERE b.aid = a.id) AS m, count(*) FROM a GROUP BY 1 ORDER BY (SELECT max(w) FROM b WHERE b.aid = a.id) + 1

-- LATERAL with a condition
-- path: set
SELECT a.id, l.r, l.w FROM a LEFT JOIN LATERAL (SELECT row_number() OVER (ORDER BY w) AS r, w FROM b WHERE b.aid = a.id) AS l ON l.r = 1

-- path: set
SELECT a.id, l.w FROM a LEFT JOIN LATERAL (SELECT DISTINCT w FROM b WHERE b.aid = a.id) AS l ON l.w > 100

-- path: set
SELECT a.id, l.w FROM a LEFT JOIN LATERAL (SELECT w FROM b WHERE b.aid = a.id UNION SELECT x FROM c WHERE c.bid = a.id) AS l ON l.w > 1

-- FULL JOIN of CTEs
-- path: parts
WITH RECURSIVE q(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM q WHERE n < 4) SELECT a.id, (SELECT count(*) FROM q x FULL JOIN q y ON x.n = y.n WHERE x.n = a.id) FROM a

WITH q AS MATERIALIZED (SELECT id FROM b) SELECT a.id, l.s FROM a LEFT JOIN LATERAL (SELECT a.v + s.id AS s FROM (SELECT x.id FROM q x FULL JOIN q y ON x.id = y.id + 1) s) l ON true

-- path: set
SELECT a.id, (SELECT count(*) FROM b FULL JOIN c ON c.bid = b.id WHERE b.aid = a.id) FROM a

-- path: set
WITH q AS (SELECT id FROM b) SELECT a.id, (SELECT count(*) FROM q x LEFT JOIN q y ON x.id = y.id + 1 WHERE x.id >= a.id) FROM a
