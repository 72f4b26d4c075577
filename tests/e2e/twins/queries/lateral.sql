-- LATERAL joins whose ON chooses among the rows of the right side.
-- setup

CREATE TABLE a (id int, k text, v int, n numeric(8,2)) USING {am}

INSERT INTO a VALUES (1, 'p', 10, 1.00), (2, 'p', 20, 2.00), (3, 'q', 30, 3.00), (4, 'q', NULL, NULL), (5, NULL, 50, 5.50)

CREATE TABLE b (id int, aid int, k text, w int) USING {am}

INSERT INTO b VALUES (1, 1, 'p', 100), (2, 1, 'p', 110), (3, 2, 'q', 200), (4, 3, 'q', NULL), (5, 9, 'r', 900), (6, NULL, NULL, 7)

CREATE TABLE c (id int, bid int, x int) USING {am}

INSERT INTO c VALUES (1, 1, 1), (2, 1, 2), (3, 2, 3), (4, 4, 4), (5, NULL, 5)

CREATE TABLE e (id int, v int) USING {am}

-- queries

-- LATERAL with a condition of its own
-- path: set
SELECT a.id, l.w FROM a JOIN LATERAL (SELECT w FROM b WHERE b.aid = a.id ORDER BY w DESC NULLS LAST LIMIT 1) AS l ON l.w > 100

-- path: set
SELECT a.id, l.w FROM a LEFT JOIN LATERAL (SELECT w FROM b WHERE b.aid = a.id ORDER BY w DESC NULLS LAST LIMIT 1) AS l ON l.w > 100

-- path: set
SELECT a.id, l.w, l.n FROM a LEFT JOIN LATERAL (SELECT max(w) AS w, count(*) AS n FROM b WHERE b.aid = a.id) AS l ON l.w > a.v * 5 OR l.n = 0

-- path: set
SELECT a.id, l.w, l.n FROM a JOIN LATERAL (SELECT max(w) AS w, count(*) AS n FROM b WHERE b.aid = a.id) AS l ON l.w > a.v * 5 OR l.n = 0

-- path: set
SELECT a.id, l.n FROM a LEFT JOIN LATERAL (SELECT count(*) AS n FROM b WHERE b.aid = a.id) AS l ON l.n = a.id

-- path: set
SELECT a.id, l.w, l.x FROM a LEFT JOIN LATERAL (SELECT b.w, c.x FROM b JOIN c ON c.bid = b.id WHERE b.aid = a.id) AS l ON l.x > 1

-- path: set
SELECT a.id, l.w, m.x FROM a LEFT JOIN LATERAL (SELECT id, w FROM b WHERE b.aid = a.id) AS l ON l.w > 100 LEFT JOIN LATERAL (SELECT x FROM c WHERE c.bid = l.id) AS m ON m.x <> a.id

-- path: set
SELECT a.id, l.w, m.x FROM a JOIN LATERAL (SELECT id, w FROM b WHERE b.aid = a.id) AS l ON a.v < 25 JOIN c AS m ON m.bid = l.id AND m.x > a.id

-- path: set
SELECT a.id, c.id, l.w FROM a JOIN c ON c.id = a.id LEFT JOIN LATERAL (SELECT w FROM b WHERE b.id < a.id + c.x) AS l ON l.w > a.v + c.x

-- path: set
SELECT a.id, l.q FROM a LEFT JOIN LATERAL (SELECT a.v * 2 AS q) AS l ON l.q > 30

-- path: set
SELECT a.id, l.q FROM a LEFT JOIN LATERAL (SELECT a.v * 2 AS q) AS l ON false

-- path: set
SELECT a.id, l.q FROM a LEFT JOIN LATERAL (SELECT a.v * 2 AS q) AS l ON NULL::bool

-- path: set
SELECT a.id, l.q FROM a LEFT JOIN LATERAL (SELECT a.v * 2 AS q) AS l ON a.k = 'p'

-- path: set
SELECT a.id, l.w FROM a LEFT JOIN LATERAL (SELECT w FROM b WHERE b.w > a.v * 4) AS l ON l.w < 150 WHERE l.w IS NULL OR a.id < 3

-- path: set
SELECT e.id, l.w FROM e LEFT JOIN LATERAL (SELECT w FROM b WHERE b.aid = e.id) AS l ON l.w > 1

-- path: set
SELECT a.id, l.v FROM a LEFT JOIN LATERAL (SELECT v FROM e WHERE e.id = a.id) AS l ON l.v > 1

-- path: set
SELECT count(*), sum(l.n) FROM a JOIN LATERAL (SELECT sum(e.v) AS n FROM e WHERE e.id = a.id) AS l ON l.n IS NULL

-- path: set
SELECT a.id, s.m FROM a LEFT JOIN LATERAL (SELECT k, max(w) AS m FROM b WHERE b.id > a.id GROUP BY k HAVING max(w) > 100) AS s ON s.k = a.k

-- path: set
SELECT a.id, (SELECT count(*) FROM b JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id) AS l ON l.x > 1) FROM a

-- path: set
SELECT a.id, (SELECT count(*) FROM b JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id) AS l ON l.x > a.id) FROM a

-- path: set
SELECT a.id, (SELECT count(l.x) FROM b LEFT JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id) AS l ON l.x > 1 WHERE b.aid = a.id) FROM a

-- path: set
SELECT a.id, l.w FROM a LEFT JOIN LATERAL (SELECT w, k FROM b WHERE b.aid = a.id) AS l ON EXISTS (SELECT 1 FROM c WHERE c.bid = a.id)

-- path: set
SELECT a.id, l.w FROM a JOIN LATERAL (SELECT id, w FROM b WHERE b.aid = a.id) AS l ON EXISTS (SELECT 1 FROM c WHERE c.bid = l.id)

-- path: set
SELECT a.id, l.w FROM a LEFT JOIN LATERAL (SELECT id, w FROM b WHERE b.aid = a.id) AS l USING (id)

-- path: set
SELECT * FROM a LEFT JOIN LATERAL (SELECT b.id, w FROM b WHERE b.aid = a.id) AS l USING (id)

-- path: set
SELECT a.id, m.w, m.x FROM a LEFT JOIN (b JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id) AS l ON l.x > 1) AS m ON m.aid = a.id

-- path: set
SELECT a.id, l.n FROM a LEFT JOIN LATERAL (SELECT n * 2 AS n FROM a AS i WHERE i.id < a.id) AS l ON l.n > a.n

-- path: set
SELECT a.id, l.q FROM a LEFT JOIN LATERAL (SELECT a.n / 3 AS q) AS l ON l.q IS NOT NULL

-- path: set
SELECT a.id, l.w FROM a LEFT JOIN LATERAL (SELECT x.w FROM a AS y JOIN b AS x ON x.aid = y.id AND y.id = a.id) AS l ON l.w > 100

-- path: set
SELECT a.id, m.w, m.x FROM a LEFT JOIN (b JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id) AS l ON true) AS m ON m.aid = a.id

-- path: set
SELECT a.id, m.w, m.x FROM a LEFT JOIN (b LEFT JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id) AS l ON l.x > 1) AS m ON m.aid = a.id AND m.x > 0

-- path: set
SELECT a.id, m.w, m.x FROM a FULL JOIN (b JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id) AS l ON l.x > 1) AS m ON m.aid = a.id

-- path: row
SELECT a.id, b.w, l.x FROM a LEFT JOIN (b JOIN LATERAL (SELECT x FROM c WHERE c.bid = b.id AND c.x > a.id) AS l ON true) ON b.aid = a.id

-- path: row
SELECT a.id, l.x FROM a LEFT JOIN LATERAL generate_series(1, a.id) AS l(x) ON l.x > 1

-- path: set
SELECT a.id, l.x FROM a LEFT JOIN LATERAL (VALUES (a.id), (a.v)) AS l(x) ON l.x > 1
