-- Numerics whose scale is a matter of the value: quotients, averages, mixtures. They travel in text form.
-- setup

CREATE TABLE sale (id int, grp int, n numeric(12,2), m numeric(8,4), w numeric(38,10), i int, b bigint, f float8, r real) USING {am}

INSERT INTO sale SELECT x, x % 7, CASE WHEN x % 13 > 0 THEN x * 1.25 - 100 END, (x % 50) * 0.0625, CASE WHEN x % 3 = 0 THEN 1234567890123456789012345678.0123456789 ELSE x * 0.0000000001 END, x % 11 - 5, x * 10000000000, x / 7.0, x / 3.0 FROM generate_series(1, 200) x

INSERT INTO sale VALUES (201, 8, 0, 0, 0, 0, 0, 0, 0), (202, 8, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (203, 9, -9999999999.99, 9999.9999, -9999999999999999999999999999.9999999999, 2147483647, 9223372036854775807, 1e300, 1e30), (204, 9, 9999999999.99, -9999.9999, 9999999999999999999999999999.9999999999, -2147483648, -9223372036854775808, -1e-300, 'NaN')

CREATE TABLE tiny (id int, p numeric(3,3), q numeric(10,0)) USING {am}

INSERT INTO tiny VALUES (1, 0.5, 3), (2, -0.125, 10), (3, 0, 7), (4, NULL, 1)

-- queries
-- path: set
SELECT id, n / 3, 3 / (i + 0.5), n / m FROM sale WHERE m <> 0 ORDER BY id

-- path: set
SELECT id, n / 3 * 2 + 1, -(n / 7), abs(n / 7), round(n / 7, 3), trunc(n / 7, 2), ceil(n / 7), floor(n / 7), sign(n / 7) FROM sale ORDER BY id

-- path: set
SELECT id, (n / 3)::numeric(14,3), (n / 3)::int, (n / 3)::text, (n / 3)::float8, (n / 3)::bigint FROM sale WHERE id < 200 ORDER BY id

SELECT (w / 3)::int FROM sale

SELECT (n * 1000 / 3)::numeric(6,2) FROM sale

SELECT id, n / m FROM sale

-- path: set
SELECT count(*) FROM sale WHERE n / 7 > 3 AND n / 7 <= 10.5 AND n / 7 <> 5

-- path: set
SELECT s.id FROM sale s WHERE s.n < (SELECT 0.2 * avg(t.n) FROM sale t WHERE t.grp = s.grp) ORDER BY 1

-- path: set
SELECT grp, avg(n), avg(i), avg(b), avg(m), avg(w), count(*) FROM sale GROUP BY grp ORDER BY grp

-- path: set
SELECT grp FROM sale GROUP BY grp HAVING avg(n) > 20 AND avg(i) < 10 ORDER BY avg(m) DESC, grp

-- path: set
SELECT grp, 100.00 * sum(CASE WHEN i > 0 THEN n ELSE 0 END) / sum(abs(n) + 1) AS share FROM sale GROUP BY grp ORDER BY share DESC, grp

-- path: set
SELECT id, n, avg(n) OVER (PARTITION BY grp), n - avg(n) OVER (PARTITION BY grp), avg(i) OVER (ORDER BY id ROWS 3 PRECEDING) FROM sale ORDER BY id

-- path: set
SELECT * FROM (SELECT id, n, avg(n) OVER (PARTITION BY grp) AS a FROM sale) s WHERE CASE WHEN a > 0 THEN abs(n - a) / a ELSE NULL END > 0.1 ORDER BY n - a, id

-- path: set
SELECT min(n / 3), max(n / 3), sum(n / 3), avg(n / 3), count(n / 3) FROM sale WHERE id < 200

-- path: set
SELECT grp, min(n / (i + 0.5)), max(n / (i + 0.5)) FILTER (WHERE id > 50), sum(n / 3) FILTER (WHERE id < 0) FROM sale GROUP BY grp ORDER BY 1

-- path: set
SELECT grp, sum(n / (i + 0.5)), sum(w / 7), sum(7 / (b + 0.5)) FILTER (WHERE id % 2 = 0), sum(DISTINCT i / 2.0), sum(m / i) FILTER (WHERE i <> 0) FROM sale GROUP BY grp ORDER BY grp

-- path: set
SELECT grp, avg(n / 7), avg(w / (m + 20000)), avg(DISTINCT n / 3), sum(n / NULL) FROM sale GROUP BY grp ORDER BY grp

SELECT sum(n / m) FROM sale

-- path: set
SELECT i, stddev(b), variance(i), var_pop(b / 1000), stddev_pop(i * 1000000000) FROM (SELECT i, b FROM sale UNION ALL SELECT i, b + id FROM sale) s GROUP BY i ORDER BY i

-- path: set
SELECT id, min(n / 3) OVER (ORDER BY id ROWS 2 PRECEDING), sum(n / 3) OVER (ORDER BY id ROWS 2 PRECEDING), lag(n / 3) OVER (ORDER BY id) FROM sale ORDER BY id

-- path: set
SELECT id, CASE WHEN i > 0 THEN n WHEN i < 0 THEN m ELSE 7 END, coalesce(n, m, 1.5), nullif(n / 5, 3), nullif(n / 5, 3.0) FROM sale ORDER BY id

-- path: set
SELECT n FROM sale WHERE id < 9 UNION ALL SELECT m FROM sale WHERE id < 9 UNION ALL SELECT i / 3.0 FROM sale WHERE id < 9

-- path: set
SELECT x, x * 2 FROM (SELECT n AS x FROM sale WHERE id < 9 UNION ALL SELECT m FROM sale WHERE id < 9) s WHERE x > 0.2 ORDER BY x, 2

SELECT n FROM sale UNION SELECT m FROM sale

SELECT DISTINCT n / 3 FROM sale

SELECT n / 3, count(*) FROM sale GROUP BY 1

-- path: set
SELECT id FROM sale WHERE n / 5 IN (1, 2.5, 3.00, 10) ORDER BY 1

-- path: set
SELECT id FROM sale WHERE n / 5 IS DISTINCT FROM m * 3 AND id < 30 ORDER BY 1

-- path: set
SELECT id FROM sale WHERE n > 'NaN' OR n < '-Infinity' OR n = 123456789012345678901234567890123456789012345.5 ORDER BY 1

-- path: set
SELECT id FROM sale WHERE w < 1234567890123456789012345678901234567890.1 AND w * w > 1e50 ORDER BY 1

-- path: set
SELECT id, w * w, w + 1e40, w * 3.123456789012345678 FROM sale ORDER BY id

-- path: set
SELECT id, n % 7, mod(n, 0.3), i % 2.5 FROM sale ORDER BY id

SELECT n % m FROM sale

-- path: set
SELECT id, f::numeric, r::numeric, f::numeric / 3 FROM sale WHERE id < 203 ORDER BY id

SELECT id, f::numeric, r::numeric FROM sale WHERE id > 202 ORDER BY id

-- path: set
SELECT a.id, b.id FROM sale a JOIN sale b ON a.n / 5 = b.n / 4 ORDER BY 1, 2

-- path: set
SELECT t.id, t.p / 3, t.p::text || 'x', t.p / t.q, q / 3, avg(p) OVER () FROM tiny t ORDER BY 1

-- path: set
SELECT x, x / 3 FROM (VALUES (1), (2.50), (0.125)) v(x) JOIN tiny t ON t.q > v.x * 2 ORDER BY 1, 2

-- path: set
WITH a AS (SELECT grp, avg(n) AS v FROM sale GROUP BY grp) SELECT a.grp, v, v > (SELECT avg(v) FROM a) FROM a ORDER BY v DESC NULLS LAST

-- path: set
WITH a AS (SELECT grp, sum(n) AS t FROM sale GROUP BY grp), b AS (SELECT grp, avg(m) AS t FROM sale GROUP BY grp) SELECT grp, sum(t) FROM (SELECT * FROM a UNION ALL SELECT * FROM b) x GROUP BY grp ORDER BY grp

-- path: set
WITH a AS (SELECT grp, sum(n) AS t FROM sale GROUP BY grp) SELECT grp, sum(t) FROM (SELECT * FROM a UNION ALL SELECT grp, t FROM a) x GROUP BY grp ORDER BY 2, 1

-- path: set
SELECT round(avg(n), 2), round(avg(i) / 3, 1), round(n / 3, i) FROM sale GROUP BY n, i ORDER BY 1, 2, 3

PREPARE p(numeric) AS SELECT count(*), sum(n * $1), max(n / $1) FROM sale WHERE n < $1 AND id < 200; EXECUTE p(12.5); EXECUTE p('NaN'); SET plan_cache_mode = force_generic_plan; EXECUTE p(3); EXECUTE p(0.001); EXECUTE p(100000000000000000000000000000000000000000000); RESET plan_cache_mode; DEALLOCATE p

UPDATE tiny SET q = q * 1.1, p = p / 3

INSERT INTO tiny SELECT id, 0.25, avg(n) FROM sale WHERE id IN (7, 8) GROUP BY id

SELECT * FROM tiny ORDER BY id, p

UPDATE tiny SET p = p * 10000

-- path: set
SELECT round(n / 7, 1), count(*), sum(i) FROM sale GROUP BY 1 ORDER BY 1

-- path: set
SELECT round(n / m, 1) AS ratio, count(*) FROM sale WHERE m <> 0 GROUP BY round(n / m, 1) HAVING round(n / m, 1) > 2 ORDER BY ratio DESC

-- path: set
SELECT DISTINCT trunc(n / 7, -1), f::numeric FROM sale WHERE id < 100

-- path: set
SELECT n / 7 AS a, i / 3.0 AS b, count(*) FROM sale GROUP BY n / 7, i / 3.0 ORDER BY 1, 2

-- path: set
SELECT count(*), sum(DISTINCT n / 3), count(DISTINCT -round(w / 7, 3)) FROM sale

-- path: set
SELECT count(*), sum(n) FROM sale GROUP BY CASE WHEN i > 0 THEN i * 1.0 ELSE i * 1.00 END ORDER BY 1, 2

-- path: set
SELECT count(*), sum(id) FROM sale GROUP BY CASE WHEN i % 2 = 0 THEN abs(i) * 1.0 ELSE abs(i) * 1.00 END, grp % 2 ORDER BY CASE WHEN i % 2 = 0 THEN abs(i) * 1.0 ELSE abs(i) * 1.00 END, 1, 2

-- path: set
SELECT id, sum(id) OVER (PARTITION BY CASE WHEN i % 2 = 0 THEN abs(i) * 1.0 ELSE abs(i) * 1.00 END), rank() OVER (PARTITION BY n / m ORDER BY id) FROM sale WHERE m <> 0 ORDER BY id

-- path: set
SELECT s.a, count(*) FROM (SELECT round(avg(n), 1) AS a FROM sale GROUP BY id % 20) s GROUP BY s.a ORDER BY s.a

SELECT CASE WHEN i > 0 THEN i * 1.0 ELSE i * 1.00 END, count(*) FROM sale GROUP BY 1 ORDER BY 1

SELECT count(*), max(CASE WHEN i > 0 THEN i * 1.0 ELSE i * 1.00 END) FROM sale GROUP BY CASE WHEN i > 0 THEN i * 1.0 ELSE i * 1.00 END ORDER BY 1, 2

SELECT DISTINCT n / m FROM sale WHERE m <> 0 AND id < 60

SELECT round(n / 7, 1) FROM sale UNION SELECT round(n / 7, 2) FROM sale
