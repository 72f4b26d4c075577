-- Aggregates, GROUP BY, HAVING, grouping sets.
-- setup

CREATE TABLE g (id int, k text, j int, s smallint, i int, l bigint, f real, d double precision, n numeric(12,2), b bool, dt date, c char(3)) USING {am}

INSERT INTO g VALUES
(1, 'a', 1, 1, 10, 100, 0.5, 0.25, 1.10, true, '2020-01-01', 'x'),
(2, 'a', 1, 2, 20, 200, 1.5, 1.25, 2.20, false, '2020-01-02', 'x'),
(3, 'a', 2, 3, 30, 300, 2.5, 2.25, -3.30, NULL, NULL, 'y'),
(4, 'b', 2, -4, -40, -400, -0.5, -0.75, 0.00, true, '2020-01-04', 'y'),
(5, 'b', NULL, 5, NULL, 9223372036854775807, NULL, NULL, 9999999999.99, true, '2020-01-05', NULL),
(6, NULL, 3, NULL, 60, 9223372036854775807, 3, 'NaN', 0.01, false, '2020-01-06', 'xyz'),
(7, NULL, NULL, 7, 2147483647, 1, 'Infinity', 'Infinity', NULL, NULL, '2020-01-07', ''),
(8, 'c', 4, 8, 2147483647, 2, 0, 0, 7.77, true, '1999-12-31', 'x'),
(9, 'c', 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)

CREATE TABLE nothing (i int, l bigint, n numeric(10,2), d double precision, t text, b bool) USING {am}

-- queries

-- path: set
SELECT count(*), count(i), count(DISTINCT k), count(k), count(1) FROM g

-- path: set
SELECT sum(s), sum(i), sum(l), sum(n), sum(DISTINCT j) FROM g

-- path: set
SELECT sum(d), avg(d), avg(f), min(d), max(d), min(f), max(f) FROM g WHERE id < 5

SELECT sum(f) FROM g

-- path: set
SELECT avg(s), avg(i), avg(l), avg(n) FROM g

-- path: set
SELECT k, avg(s), avg(i), avg(l), avg(n), count(*) FROM g GROUP BY k

-- path: set
SELECT id, avg(s), avg(i), avg(l), avg(n) FROM g GROUP BY id

-- path: set
SELECT avg(i) FILTER (WHERE i < 100), avg(DISTINCT j), avg(n) FILTER (WHERE n > 100000) FROM g

-- path: set
SELECT avg(n * n), avg(n + i), avg(i * 0), avg(-i) FROM g WHERE id < 5

SELECT avg(i) + 1, round(avg(n), 2) FROM g

SELECT k FROM g GROUP BY k HAVING avg(i) > 15

SELECT k, avg(i) FROM g GROUP BY k ORDER BY avg(i)

-- path: set
SELECT min(s), max(s), min(i), max(i), min(l), max(l), min(n), max(n), min(dt), max(dt) FROM g

-- path: set
SELECT bool_and(b), bool_or(b), every(b), bool_and(b) FILTER (WHERE id > 100) FROM g

-- path: set
SELECT bit_and(i), bit_or(s), bit_and(l) FROM g WHERE id < 5

-- path: set
SELECT count(*), count(i), sum(i), sum(l), sum(n), sum(d), avg(i), avg(n), avg(d), min(i), max(d), bool_and(b) FROM nothing

-- path: set
SELECT i, count(*) FROM nothing GROUP BY i

-- path: set
SELECT k, count(*), sum(i), min(dt) FROM g GROUP BY k

-- path: set
SELECT k, j, count(*) FROM g GROUP BY k, j

-- path: set
SELECT k, j, count(*) FROM g GROUP BY 1, 2 ORDER BY 2, 3, k COLLATE "C"

-- path: set
SELECT c, count(*), sum(n) FROM g GROUP BY c

-- path: set
SELECT d, count(*) FROM g GROUP BY d

-- path: set
SELECT j % 2 AS parity, count(*), sum(i + 1) FROM g GROUP BY j % 2

-- path: set
SELECT j + 1 + count(*) FROM g GROUP BY j + 1

-- path: set
SELECT k, count(*) FROM g GROUP BY k HAVING count(*) > 1

-- path: set
SELECT k FROM g GROUP BY k HAVING sum(i) > 15 AND min(s) IS NOT NULL

-- path: set
SELECT k FROM g GROUP BY k HAVING sum(n) > 0.5

-- path: set
SELECT count(*) FROM g HAVING count(*) > 100

-- path: set
SELECT sum(i) + count(*), sum(l) - 1, sum(n) * 2, -sum(i), sum(n) + sum(i) FROM g WHERE id < 5

-- path: set
SELECT sum(i) / count(*), sum(n) / count(*), sum(n) / sum(i), 100.00 * sum(n) / sum(l) FROM g

-- path: set
SELECT sum(i) FILTER (WHERE b), count(*) FILTER (WHERE i > 0 OR i IS NULL), max(n) FILTER (WHERE k = 'a') FROM g

-- path: set
SELECT sum(CASE WHEN b THEN 1 ELSE 0 END), sum(CASE WHEN k = 'a' THEN n END) FROM g

SELECT sum(CASE WHEN k = 'a' THEN n ELSE 0 END) FROM g

-- path: set
SELECT k, j, count(*), sum(i) FROM g GROUP BY GROUPING SETS ((k), (j), ())

-- path: set
SELECT k, j, grouping(k), grouping(j), grouping(k, j), count(*) FROM g GROUP BY ROLLUP (k, j)

-- path: set
SELECT k, j, count(*) FROM g GROUP BY CUBE (k, j)

-- path: set
SELECT k, j, b, count(*) FROM g GROUP BY k, ROLLUP (j, b)

-- path: set
SELECT k, count(*) FROM g GROUP BY GROUPING SETS ((k), (k), ())

SELECT k, count(*) FROM g GROUP BY DISTINCT GROUPING SETS ((k), (k))

-- path: set
SELECT k, count(*) AS n FROM g GROUP BY k ORDER BY n DESC, k COLLATE "C" LIMIT 2

-- path: set
SELECT k, sum(i) FROM g GROUP BY k ORDER BY sum(i) NULLS FIRST, k COLLATE "C"

-- path: set
SELECT DISTINCT k, count(*) FROM g GROUP BY k, j

-- path: set
SELECT DISTINCT sum(i) FROM g GROUP BY k ORDER BY sum(i)

-- path: set
SELECT max(x) FROM (SELECT sum(i) AS x FROM g GROUP BY k) AS q

-- path: set
SELECT sum(x) FROM (SELECT n * 2 AS x FROM g) AS q

SELECT stddev(i), variance(n), stddev_pop(d) FROM g

SELECT array_agg(i ORDER BY id), json_agg(i ORDER BY id) FROM g

SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY i), mode() WITHIN GROUP (ORDER BY k) FROM g

SELECT sum(i::smallint) FROM g WHERE i < 100

-- path: set
SELECT 'x' AS lit, 1 AS one, count(*) FROM g GROUP BY lit, one

-- path: set
SELECT i FROM g GROUP BY i, 1 + 1

-- path: set
SELECT count(*) FROM g WHERE k IS NULL

-- path: set
SELECT sum(l) FROM g WHERE l > 9223372036854775800

SELECT sum(l)::bigint FROM g

-- path: set
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY x), percentile_cont(0.25) WITHIN GROUP (ORDER BY x DESC), mode() WITHIN GROUP (ORDER BY x % 3), stddev(x), var_pop(x::numeric(10, 4) / 7) FROM generate_series(1, 100) x, (SELECT count(*) AS n FROM g) e

-- path: set
SELECT percentile_disc(0.07) WITHIN GROUP (ORDER BY x), percentile_disc(0.29) WITHIN GROUP (ORDER BY x DESC) FILTER (WHERE x > 7), percentile_cont(0.07) WITHIN GROUP (ORDER BY x) FROM generate_series(1, 100) x, (SELECT count(*) AS n FROM g) e

SELECT percentile_disc(1.5) WITHIN GROUP (ORDER BY id) FROM g

-- path: set
SELECT j, stddev(n / 3), var_pop(n / 7), variance(l), stddev_pop(nullif(n, 0) * 1.000) OVER (PARTITION BY j) FROM g GROUP BY j, n ORDER BY j, n

-- path: set
SELECT id, variance(n) OVER w, stddev_pop(i) OVER w, corr(id::float8, id::float8) OVER w, regr_count(d, f) OVER w FROM g WINDOW w AS (ORDER BY id ROWS 2 PRECEDING) ORDER BY id

SELECT mode() WITHIN GROUP (ORDER BY 'AA=='::text COLLATE "C"), percentile_disc(0.2) WITHIN GROUP (ORDER BY 3::bigint), percentile_cont(0.2) WITHIN GROUP (ORDER BY 3.5) FROM g

SELECT string_agg(k, ',' ORDER BY 'x'::text COLLATE "C") FROM g WHERE id = 1
