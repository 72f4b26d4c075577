-- Numerics of several scales that one DECIMAL holds (src/extension/plan/numeric_scale.cpp): branches with another scale, sums over them.
-- setup

CREATE TABLE mix (i int, a numeric(7,2), b numeric(9,4), c int, w numeric(38,2), n numeric(38,30)) USING {am}

INSERT INTO mix SELECT x, CASE WHEN x % 3 <> 0 THEN x / 7.0 END, CASE WHEN x % 4 <> 0 THEN -x / 3.0 END, x % 5, CASE WHEN x % 5 > 1 THEN x * 1000000000000000000000000000000000 END, x / 1000000.0 FROM generate_series(1, 600) x

-- queries
-- path: set
SELECT sum(coalesce(a, 0)), avg(coalesce(a, 0)), sum(CASE WHEN c = 1 THEN a ELSE 0 END), sum(CASE c WHEN 7 THEN a ELSE 0 END), sum(CASE WHEN c < 0 THEN a WHEN c = 2 THEN b ELSE 1.5 END) FROM mix

-- path: set
SELECT c, sum(coalesce(a, b, 0)), avg(coalesce(a, b)), count(*) FROM mix GROUP BY c ORDER BY c

-- path: set
SELECT i, a - coalesce(b, 0), b - coalesce(a, 0.0), coalesce(a,0)*coalesce(b, 1.0), round(coalesce(a, 0), 1), coalesce(a,0)::numeric(10,3), round(coalesce(a,0)) FROM mix WHERE i < 9 ORDER BY i

-- path: set
SELECT count(*) FROM mix WHERE coalesce(a, 0) > 3 AND coalesce(b, 0.0) < coalesce(a, 1.25) AND coalesce(a, 0) <> coalesce(b, 0)

-- path: set
SELECT DISTINCT b - coalesce(a, 0.0) AS d FROM mix WHERE i < 20 ORDER BY d

-- path: set
SELECT i, sum(coalesce(a, 0)) OVER (ORDER BY i) FROM mix WHERE i < 6 ORDER BY i

SELECT sum(coalesce(a, 0)) FILTER (WHERE c = 1), sum(DISTINCT coalesce(a, 0)) FROM mix

-- path: set
SELECT sum(coalesce(a, 0)) > 0, sum(coalesce(a,0)) + 1.005, sum(coalesce(a, 0)) / 3 FROM mix

-- path: set
SELECT sum(x) FROM (SELECT coalesce(a, 0) AS x FROM mix) q

-- path: set
SELECT sum(CASE WHEN c = 9 THEN NULL ELSE coalesce(a, 0) END), sum(CASE WHEN c = 9 THEN a END), sum(-coalesce(a, 0)), min(coalesce(a, -5)), max(coalesce(a, 0)) FROM mix

-- path: set
SELECT sum(coalesce(b * c, 0)) FROM mix

-- path: set
SELECT c, sum(coalesce(a * c, 0)) s FROM mix GROUP BY c HAVING sum(coalesce(a, 0)) > 100 ORDER BY s

SELECT sum(coalesce(w, 0)), sum(coalesce(w, n)), sum(coalesce(n, 0)) FROM mix WHERE i < 50

SELECT i FROM mix WHERE coalesce(w, n) = coalesce(n, w) ORDER BY i LIMIT 5

SELECT c, sum(CASE c WHEN 1 THEN a WHEN 2 THEN b ELSE 0.5 END), sum(CASE WHEN c = 3 THEN a END) FROM mix GROUP BY c ORDER BY c

SELECT b - coalesce(a, 0.0) AS d FROM mix WHERE i < 30 UNION SELECT b + coalesce(a, 1) FROM mix WHERE i BETWEEN 20 AND 40 ORDER BY d

SELECT c, CASE avg(i) WHEN 300 THEN 1 ELSE 0 END, CASE coalesce(sum(a), 0) WHEN 0 THEN NULL ELSE round(sum(b) / coalesce(sum(a), 0), 4) END FROM mix GROUP BY c ORDER BY c

SELECT i, CASE c WHEN 1 THEN CASE i % 3 WHEN 0 THEN a WHEN 1 THEN b END WHEN 2 THEN 7 END FROM mix WHERE i < 40 ORDER BY i

SELECT sum(coalesce(a, 0)) FROM mix WHERE i < 0

SELECT sum(coalesce(a, 'NaN')), sum(coalesce(a, 1e40)) FROM mix

SELECT i, lag(coalesce(a, 0)) OVER (ORDER BY i), sum(coalesce(b, a, 0)) OVER (PARTITION BY c ORDER BY i ROWS 2 PRECEDING) FROM mix WHERE i < 60 ORDER BY i

UPDATE mix SET a = coalesce(b, 0) + coalesce(a, 0) WHERE i < 10

SELECT i, a FROM mix WHERE i < 10 ORDER BY i
