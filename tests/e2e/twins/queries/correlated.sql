-- Subqueries in every place, correlated in every way: what DuckDB cannot decorrelate must stay in PostgreSQL.
-- setup

CREATE TABLE a (id int, k text, v int, n numeric(8,2)) USING {am}

INSERT INTO a VALUES (1, 'p', 10, 1.00), (2, 'p', 20, 2.00), (3, 'q', 30, 3.00), (4, 'q', NULL, NULL), (5, NULL, 50, 5.50)

CREATE TABLE b (id int, aid int, k text, w int) USING {am}

INSERT INTO b VALUES (1, 1, 'p', 100), (2, 1, 'p', 110), (3, 2, 'q', 200), (4, 3, 'q', NULL), (5, 9, 'r', 900), (6, NULL, NULL, 7)

CREATE TABLE c (id int, bid int, x int) USING {am}

INSERT INTO c VALUES (1, 1, 1), (2, 1, 2), (3, 2, 3), (4, 4, 4), (5, NULL, 5)

-- queries

SELECT k, (SELECT count(*) FROM b WHERE b.k = a.k) FROM a GROUP BY k

SELECT sum((SELECT max(w) FROM b WHERE b.aid = a.id)) FROM a

SELECT k, sum((SELECT count(*) FROM b WHERE b.aid = a.id)) FROM a GROUP BY k

SELECT k FROM a GROUP BY k HAVING count(*) > (SELECT count(*) FROM b WHERE b.k = a.k)

SELECT k, sum(v) FROM a GROUP BY k HAVING sum(v) > (SELECT min(w) / 10 FROM b)

SELECT id FROM a ORDER BY (SELECT max(w) FROM b WHERE b.aid = a.id) NULLS FIRST, id

SELECT id, CASE WHEN EXISTS (SELECT 1 FROM b WHERE b.aid = a.id) THEN (SELECT min(w) FROM b WHERE b.aid = a.id) ELSE -1 END FROM a

SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.aid = a.id) OR v > 25

SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.aid = a.id) = EXISTS (SELECT 1 FROM c WHERE c.id = a.id)

SELECT id FROM a WHERE id IN (SELECT aid FROM b WHERE b.k = a.k)

SELECT id FROM a WHERE id NOT IN (SELECT aid FROM b WHERE b.k = a.k)

SELECT id FROM a WHERE id + 1 IN (SELECT aid + a.id FROM b)

SELECT id FROM a WHERE v > ANY (SELECT w / 10 FROM b WHERE b.aid = a.id)

SELECT id FROM a WHERE v <= ALL (SELECT w FROM b WHERE b.aid = a.id)

SELECT id FROM a WHERE (SELECT count(*) FROM b WHERE b.aid = a.id AND (SELECT count(*) FROM c WHERE c.bid = b.id) > 0) > 0

SELECT id, (SELECT sum((SELECT count(*) FROM c WHERE c.bid = b.id AND c.x > a.id)) FROM b WHERE b.aid = a.id) FROM a

SELECT id, (SELECT x FROM c WHERE c.bid = (SELECT min(b.id) FROM b WHERE b.aid = a.id) ORDER BY x LIMIT 1) FROM a

SELECT id, (SELECT a.v + 1) FROM a

SELECT id, (SELECT a.v WHERE a.v > 10) FROM a

SELECT id, (SELECT count(*) FROM b WHERE b.w > a.v) FROM a

SELECT id, (SELECT w FROM b WHERE b.aid = a.id ORDER BY w LIMIT 1 OFFSET 1) FROM a

SELECT id, (SELECT w FROM b ORDER BY abs(b.id - a.id), b.id LIMIT 1) FROM a

SELECT id, (SELECT string_agg(b.k, ',' ORDER BY b.id) FROM b WHERE b.aid = a.id) FROM a

SELECT id, (SELECT count(DISTINCT w) FROM b WHERE b.aid <= a.id) FROM a

SELECT id, (SELECT max(w) FROM b GROUP BY aid HAVING aid = a.id) FROM a

SELECT id, (SELECT avg(w) FROM b WHERE b.aid = a.id) FROM a

SELECT id, (SELECT n FROM a AS i WHERE i.id = a.id) FROM a

SELECT id, (SELECT b.w FROM b JOIN c ON c.bid = b.id AND c.x = a.id WHERE b.aid = a.id) FROM a

SELECT id, (SELECT max(c.x) FROM b LEFT JOIN c ON c.bid = b.id AND c.x > a.id WHERE b.aid = a.id) FROM a

SELECT id, (SELECT DISTINCT k FROM b WHERE b.aid = a.id) FROM a

SELECT id, (SELECT w FROM b WHERE b.aid = a.id UNION ALL SELECT x FROM c WHERE c.id = a.id + 3 ORDER BY 1 LIMIT 1) FROM a

SELECT id, (WITH q AS (SELECT w FROM b WHERE b.aid = a.id) SELECT max(w) FROM q) FROM a

SELECT id, (SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY w) AS r FROM b WHERE b.aid = a.id) AS s) FROM a

SELECT id, (SELECT max(s.w) FROM (SELECT w FROM b WHERE b.aid = a.id) AS s) FROM a

SELECT id, (SELECT max(s.w) FROM (SELECT max(w) AS w, k FROM b WHERE b.aid >= a.id GROUP BY k) AS s) FROM a

SELECT a.id, l.m, l.n FROM a LEFT JOIN LATERAL (SELECT max(w) AS m, count(*) AS n FROM b WHERE b.aid = a.id) AS l ON true

SELECT a.id, l.w, m.x FROM a, LATERAL (SELECT id, w FROM b WHERE b.aid = a.id) AS l, LATERAL (SELECT x FROM c WHERE c.bid = l.id) AS m

SELECT a.id, l.w FROM a JOIN LATERAL (SELECT w FROM b WHERE b.aid = a.id ORDER BY w DESC NULLS LAST LIMIT 1) AS l ON l.w > 100

SELECT a.id, l.q FROM a, LATERAL (SELECT a.v * 2 AS q) AS l

SELECT a.id, l.q FROM a, LATERAL (SELECT a.v + b.w AS q FROM b WHERE b.aid = a.id UNION ALL SELECT 0) AS l

SELECT a.id, l.z FROM a, LATERAL (VALUES (a.v), (a.id)) AS l(z)

SELECT a.id FROM a JOIN b ON b.aid = a.id AND EXISTS (SELECT 1 FROM c WHERE c.bid = b.id)

SELECT a.id, b.id FROM a LEFT JOIN b ON b.aid = a.id AND b.id IN (SELECT bid FROM c)

SELECT count(*) FROM a WHERE (SELECT true FROM b WHERE b.aid = a.id LIMIT 1)

SELECT id FROM a WHERE (SELECT k FROM b WHERE b.aid = a.id ORDER BY b.id LIMIT 1) = k

SELECT id, (SELECT w FROM b WHERE b.aid = a.id) FROM a WHERE id > 1

SELECT id, v IN (SELECT w FROM b WHERE w IS NOT NULL), v NOT IN (SELECT w FROM b) FROM a

SELECT (SELECT count(*) FROM a), (SELECT max(w) FROM b), (SELECT count(*) FROM c)

SELECT x.id FROM (SELECT id, (SELECT max(w) FROM b WHERE b.aid = a.id) AS m FROM a) AS x WHERE x.m > 100

SELECT m, count(*) FROM (SELECT (SELECT count(*) FROM b WHERE b.aid = a.id) AS m FROM a) AS x GROUP BY m

SELECT max((SELECT count(*) FROM b WHERE b.aid = a.id)) OVER (), id FROM a

SELECT id, row_number() OVER (ORDER BY (SELECT max(w) FROM b WHERE b.aid = a.id), id) FROM a

SELECT string_agg(DISTINCT k, ',' ORDER BY k) FROM a

SELECT k, string_agg(v::text, '-' ORDER BY v DESC NULLS LAST) FILTER (WHERE v > 5) FROM a GROUP BY k

SELECT (SELECT sum(a.v) FROM b LIMIT 1) FROM a

SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.bid = b.id AND c.x > a.id))

WITH q AS (SELECT id, v FROM a) SELECT id, (SELECT max(p.v) FROM q AS p WHERE p.v < q.v) FROM q

SELECT a.id, (SELECT max(p.w) FROM b AS p, LATERAL (SELECT c.x FROM c WHERE c.bid = p.id AND c.x > a.id) AS l) FROM a

SELECT DISTINCT (SELECT k FROM b WHERE b.id = a.id) FROM a

SELECT k, count(*) FROM a GROUP BY k, (SELECT 1)

SELECT grouping(k), k, (SELECT max(w) FROM b) FROM a GROUP BY ROLLUP (k)

SELECT id FROM a EXCEPT SELECT aid FROM b WHERE EXISTS (SELECT 1 FROM c WHERE c.bid = b.id)

SELECT coalesce((SELECT w FROM b WHERE b.aid = a.id AND b.id = 2), v, 0) FROM a

SELECT id, (SELECT max(s.x) FROM b LEFT JOIN (SELECT x, bid FROM c WHERE c.x > a.id) AS s ON s.bid = b.id WHERE b.aid = a.id) FROM a

SELECT id, (SELECT count(*) FROM b FULL JOIN c ON c.bid = b.id WHERE b.aid = a.id) FROM a

SELECT id, (SELECT count(*) FROM (SELECT * FROM b WHERE b.aid = a.id) AS s LEFT JOIN c ON c.bid = s.id) FROM a

SELECT id, (SELECT count(*) FROM c LEFT JOIN (SELECT * FROM b WHERE b.aid = a.id) AS s ON c.bid = s.id) FROM a

SELECT id, (SELECT max(b.w) FROM b RIGHT JOIN c ON c.bid = b.id AND b.aid = a.id) FROM a

SELECT id FROM a WHERE EXISTS (SELECT count(*) FROM b WHERE b.aid = a.id)

SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.aid = a.id HAVING count(*) > 1)

SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.aid = a.id GROUP BY k HAVING sum(w) > 205)

SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.aid = a.id LIMIT 0)

SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.aid = a.id OFFSET 1)

SELECT id, (SELECT count(*) FROM b WHERE b.aid = a.id HAVING count(*) > 1) FROM a

SELECT id, (SELECT b.w FROM b LEFT JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id LIMIT 1) AS l ON true WHERE b.aid = a.id ORDER BY b.w LIMIT 1) FROM a

SELECT a.id, l.s FROM a LEFT JOIN LATERAL (SELECT b.id, (SELECT sum(x) FROM c WHERE c.bid = b.id AND c.x >= a.id) AS s FROM b WHERE b.aid = a.id) AS l ON true

SELECT id, (SELECT count(*) FROM b, c WHERE b.aid = a.id AND c.bid = b.id AND c.x + a.v > 11) FROM a

SELECT id FROM a WHERE v IN (SELECT w FROM b WHERE b.aid = a.id UNION SELECT 50)

SELECT id, v = (SELECT max(v) FROM a AS i WHERE i.k IS NOT DISTINCT FROM a.k) FROM a

SELECT id, ARRAY[1, 2] = ARRAY[id, 2] FROM a

SELECT a.id, s.id FROM a FULL JOIN (SELECT id FROM b WHERE w > 100) AS s ON s.id = a.id AND a.v > 10

SELECT a.id, b.id FROM a LEFT JOIN b ON a.v < b.w AND b.aid IS NULL

SELECT a.id, b.id FROM a LEFT JOIN b ON true WHERE a.id = 1

SELECT a.id, b.id FROM a LEFT JOIN b ON false

SELECT a.id, b.id FROM a LEFT JOIN b ON a.id = 1

SELECT a.id, b.id, c.id FROM a LEFT JOIN (b LEFT JOIN c ON c.bid = b.id) ON b.aid = a.id AND (c.x > 1 OR c.x IS NULL)

SELECT count(*) FROM a NATURAL FULL JOIN b
