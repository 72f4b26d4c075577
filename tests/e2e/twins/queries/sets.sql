-- WITH, recursion, set operations, window functions.
-- setup

CREATE TABLE a (id int, k text, v int, n numeric(8,2), f double precision, s smallint) USING {am}

INSERT INTO a VALUES (1, 'p', 10, 1.00, 0.5, 1), (2, 'p', 20, 2.00, 1.5, 2), (3, 'q', 30, 3.00, 2.5, 3), (4, 'q', 30, NULL, NULL, NULL), (5, 'q', NULL, 5.50, 'NaN', 5), (6, NULL, 60, 6.00, -1, 6)

CREATE TABLE b (id bigint, k varchar(10), v bigint, n numeric(10,2), f real) USING {am}

INSERT INTO b VALUES (1, 'p', 10, 1.00, 0.5), (1, 'p', 10, 1.00, 0.5), (3, 'q', 31, 3.00, 2.5), (7, 'r', NULL, NULL, NULL), (NULL, NULL, NULL, 7.25, 3)

CREATE TABLE tree (id int, parent int, name text) USING {am}

INSERT INTO tree VALUES (1, NULL, 'root'), (2, 1, 'left'), (3, 1, 'right'), (4, 2, 'leaf'), (5, 4, 'deep')

-- queries

-- path: set
WITH c AS (SELECT id, v FROM a WHERE v > 10) SELECT * FROM c

-- path: set
WITH c AS MATERIALIZED (SELECT id, v FROM a), d AS NOT MATERIALIZED (SELECT id + 1 AS id FROM c) SELECT c.id, d.id FROM c JOIN d ON c.id = d.id

-- path: set
WITH c(x, y) AS (SELECT k, sum(v) FROM a GROUP BY k) SELECT p.x, p.y FROM c p JOIN c q ON p.y < q.y

-- path: set
WITH a AS (SELECT id FROM a WHERE id > 2) SELECT * FROM a

-- path: set
WITH c AS (SELECT n FROM a) SELECT sum(n), max(n) FROM c

-- path: set
SELECT * FROM (WITH c AS (SELECT id FROM a) SELECT * FROM c WHERE id < 3) AS s

-- path: set
WITH c AS (WITH d AS (SELECT id FROM a) SELECT id FROM d) SELECT count(*) FROM c

-- path: set
WITH RECURSIVE r(id, depth) AS (SELECT id, 1 FROM tree WHERE parent IS NULL UNION ALL SELECT t.id, r.depth + 1 FROM tree t JOIN r ON t.parent = r.id) SELECT * FROM r

-- path: set
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT r.n, a.k FROM r JOIN a ON a.id = r.n

-- path: set
WITH RECURSIVE r(id, name) AS (SELECT id, name FROM tree WHERE id = 1 UNION SELECT t.id, t.name FROM tree t, r WHERE t.parent = r.id) SELECT count(*), max(id) FROM r

-- path: set
WITH RECURSIVE r(id, path) AS (SELECT id, name FROM tree WHERE parent IS NULL UNION ALL SELECT t.id, r.path || '/' || t.name FROM tree t JOIN r ON t.parent = r.id) SELECT * FROM r ORDER BY id

WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r, (SELECT count(*) FROM tree) AS s LIMIT 3

WITH RECURSIVE r(id) AS (SELECT id FROM tree WHERE parent IS NULL UNION ALL SELECT t.id FROM tree t JOIN r ON t.parent = r.id) SEARCH DEPTH FIRST BY id SET o SELECT id FROM r ORDER BY o

-- path: set
SELECT id, k FROM a UNION ALL SELECT id, k FROM b

-- path: set
SELECT id, v FROM a UNION SELECT id, v FROM b

-- path: set
SELECT id FROM a INTERSECT SELECT id FROM b

-- path: set
SELECT id FROM b EXCEPT SELECT id FROM a

-- path: set
SELECT id FROM b EXCEPT ALL SELECT id FROM a

-- path: set
SELECT id FROM b INTERSECT ALL SELECT id FROM b

-- path: set
SELECT n FROM a UNION ALL SELECT n FROM b

SELECT n FROM a UNION ALL SELECT v FROM a

-- path: set
SELECT f FROM a UNION SELECT f FROM b

-- path: set
SELECT s FROM a UNION ALL SELECT v FROM a UNION ALL SELECT id FROM b

-- path: set
(SELECT id FROM a UNION SELECT id FROM b) EXCEPT SELECT id FROM a WHERE id > 4

-- path: set
SELECT id FROM a UNION (SELECT id FROM b EXCEPT SELECT id FROM a)

-- path: set
(SELECT id FROM a ORDER BY id LIMIT 2) UNION ALL (SELECT id FROM b ORDER BY id DESC NULLS LAST LIMIT 1)

-- path: set
SELECT id, v FROM a UNION ALL SELECT id, v FROM b ORDER BY id, v LIMIT 4 OFFSET 1

-- path: set
SELECT k, count(*) FROM (SELECT k FROM a UNION ALL SELECT k FROM b) AS u GROUP BY k

-- path: set
SELECT 1 AS x, 'lit' AS y FROM a UNION SELECT 2, 'other' FROM b

-- path: set
SELECT id, NULL FROM a UNION ALL SELECT NULL, k FROM b

-- path: set
VALUES (1, 'a'), (2, 'b') UNION ALL SELECT id, k FROM a

-- path: set
SELECT id FROM a WHERE id IN (SELECT id FROM b UNION SELECT 6)

-- path: set
SELECT sum(n) FROM (SELECT n FROM a UNION ALL SELECT n FROM b) AS u

-- path: set
SELECT id, row_number() OVER (ORDER BY id), rank() OVER (ORDER BY v), dense_rank() OVER (ORDER BY v DESC NULLS LAST) FROM a

-- path: set
SELECT id, row_number() OVER (PARTITION BY k ORDER BY id DESC) FROM a

-- path: set
SELECT id, percent_rank() OVER (ORDER BY v), cume_dist() OVER (ORDER BY v), ntile(4) OVER (ORDER BY id) FROM a

-- path: set
SELECT id, lag(v) OVER (ORDER BY id), lead(v, 2) OVER (ORDER BY id), lag(v, 1, -1) OVER (ORDER BY id), lead(n) OVER (ORDER BY id) FROM a

-- path: set
SELECT id, first_value(v) OVER (ORDER BY id), last_value(v) OVER (ORDER BY id), last_value(v) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), nth_value(v, 2) OVER (ORDER BY id) FROM a

-- path: set
SELECT id, sum(v) OVER (), sum(v) OVER (ORDER BY id), sum(v) OVER (PARTITION BY k), count(*) OVER (ORDER BY v), sum(n) OVER (ORDER BY id) FROM a

-- path: set
SELECT id, sum(v) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), max(v) OVER (ORDER BY id ROWS 2 PRECEDING), min(v) OVER (ORDER BY v RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) FROM a

-- path: set
SELECT id, sum(v) OVER (ORDER BY v GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW), sum(v) OVER (ORDER BY v ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW), count(*) OVER (ORDER BY v GROUPS CURRENT ROW EXCLUDE TIES), count(*) OVER (ORDER BY v RANGE CURRENT ROW EXCLUDE GROUP) FROM a

SELECT id, sum(v) OVER (ORDER BY v RANGE BETWEEN 10 PRECEDING AND CURRENT ROW) FROM a

-- path: set
SELECT id, sum(v) FILTER (WHERE v > 10) OVER (ORDER BY id), count(k) OVER w FROM a WINDOW w AS (PARTITION BY k)

-- path: set
SELECT k, sum(v), rank() OVER (ORDER BY sum(v)) FROM a GROUP BY k

-- path: set
SELECT * FROM (SELECT id, k, row_number() OVER (PARTITION BY k ORDER BY id) AS rn FROM a) AS s WHERE rn = 1

SELECT id, avg(v) OVER (ORDER BY id) FROM a

-- path: set
SELECT DISTINCT k, count(*) OVER (PARTITION BY k) FROM a

-- path: set
SELECT id, rank() OVER (ORDER BY k COLLATE "C") FROM a ORDER BY id

-- path: set
SELECT id FROM a ORDER BY row_number() OVER (ORDER BY id DESC)
