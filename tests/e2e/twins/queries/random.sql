-- What random queries (tests/e2e/random/queries.py) found, made small.
-- setup

CREATE TABLE few (id int, i4 int, t text, n numeric(8,3), d date) USING {am}

INSERT INTO few VALUES (1, 1, 'a', 1.5, '2024-02-29'), (2, 1, 'ab', 2.25, NULL), (3, NULL, NULL, NULL, NULL), (4, 3, '', 0, '1970-01-01'), (5, 12, 'a  ', 11.5, '2023-12-31')

CREATE TABLE narrow (id int, small smallint, flag bool) USING {am}

INSERT INTO narrow SELECT i, i % 20, i % 3 = 0 FROM generate_series(1, 60) i

-- queries
-- a join's Bloom filter on a column that the file has in another type
-- path: set
SELECT count(*), sum(b.id) FROM narrow a JOIN narrow b ON a.small = b.small WHERE b.flag

-- path: set
SELECT count(*), sum(b.id) FROM narrow a JOIN narrow b ON a.small = b.small WHERE b.flag AND b.small > 3 AND a.small < 15

-- numerics of several scales in a set operation are in text form, even where the first side has one scale
SELECT extract(month FROM d) AS n FROM few UNION ALL SELECT '-2.5'::numeric FROM few UNION ALL SELECT 10 ORDER BY 1

SELECT NOT EXISTS (SELECT f.id FROM few o) AS e FROM few f GROUP BY CUBE (1)

SELECT (SELECT max(o.id) FROM few o WHERE o.i4 = f.i4) AS m, count(*) FROM few f GROUP BY 1

SELECT f.i4, EXISTS (SELECT FROM few o WHERE o.id = f.i4) AS e, count(*) FROM few f GROUP BY 1

SELECT t, '-4'::int AS c, i4 FROM few GROUP BY CUBE (1, 2, 3)

SELECT n, date '2024-03-31' AS d FROM few UNION SELECT NULL, '2024-03-31' FROM few GROUP BY ROLLUP (2)

-- path: set
SELECT DISTINCT ON (1) -3 AS c, t FROM few ORDER BY 1, 2

-- path: set
SELECT DISTINCT ON (c) 2 AS c, t FROM few ORDER BY c, t DESC

-- path: set
WITH unused AS (SELECT date_trunc('nothing', timestamp '2024-01-01') FROM few) SELECT id FROM few

SELECT s.x, f.id FROM few f CROSS JOIN (WITH unused AS (SELECT 1 / 0 FROM few) SELECT 1 AS x) s

SELECT CASE WHEN true THEN date '2024-02-29' ELSE max(d) END FROM few

SELECT 1 FROM few HAVING CASE WHEN true THEN true ELSE count(*) > 1 END

SELECT CASE WHEN true THEN id ELSE max(id) END FROM few GROUP BY id

SELECT nth_value(d, 0) OVER (ORDER BY id) FROM few

SELECT ntile(0) OVER (ORDER BY id) FROM few

SELECT id, ntile(2 - id) OVER (ORDER BY id) FROM few

-- path: set
SELECT d + 2147483647 FROM few
