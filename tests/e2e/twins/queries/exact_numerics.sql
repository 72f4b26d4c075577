-- Numerics that no Iceberg decimal holds, stored exactly (unsupported_numeric_as = 'string'), alone, in arrays and composites.
-- setup

DROP TYPE IF EXISTS public.exact CASCADE; CREATE TYPE public.exact AS (n numeric, ns numeric[], d numeric(10,2)); DROP DOMAIN IF EXISTS public.cents CASCADE; CREATE DOMAIN public.cents AS numeric(10,2)

CREATE TABLE x (id int, n numeric, big numeric(60,10), a numeric[], c public.exact, cents public.cents) USING {am} {exact}

INSERT INTO x VALUES (1, 1.50, 12345678901234567890123456789012345678901234567890.1234567891, '{1.5,2.50,NULL,1e-20}', ROW(3.1400, '{1,1.0}', 5), 1.23), (2, 'NaN', -1, '{NaN}', ROW('Infinity', NULL, NULL), NULL), (3, NULL, NULL, NULL, NULL, 0), (4, 1e100, 0, '{}', ROW(1e-30, '{}', 1), 5), (5, 1.5, 7, '{1.50}', NULL, 1.23), (6, -0.000000000000000000000000000000000000000000001, 1, NULL, NULL, NULL)

INSERT INTO x (id, n, cents) SELECT i, i / 7.0, i % 13 / 10.0 FROM generate_series(100, 300) i

-- queries

-- path: set
SELECT * FROM x ORDER BY id

-- path: set
SELECT id, n + 1, n * 2.5, big - 1, abs(n), cents * 2 FROM x ORDER BY id

-- path: set
SELECT id FROM x WHERE n > 20 AND n < 21.5 ORDER BY id

-- path: set
SELECT id FROM x WHERE n = 1.5 ORDER BY id

SELECT sum(n), avg(n), min(n), max(n), count(n) FROM x WHERE id > 99

SELECT sum(n), max(big) FROM x

SELECT id, n FROM x ORDER BY n DESC, id

SELECT cents, count(*), sum(n) FROM x GROUP BY cents ORDER BY cents

SELECT count(*), sum(id) FROM x GROUP BY n ORDER BY n

SELECT id, a[1], (c).n, (c).ns[2], (c).d FROM x ORDER BY id

SELECT x.id, y.id FROM x JOIN x y ON x.n = y.n ORDER BY 1, 2

INSERT INTO x (id, n, big, a) SELECT id + 1000, cents, n * 3, a FROM x WHERE id < 120 AND n < 1000

INSERT INTO x (id, n) SELECT id + 2000, id FROM x WHERE id < 120

UPDATE x SET n = n + 0.001, c.n = 7.70 WHERE id IN (1, 5, 105)

DELETE FROM x WHERE n = 'NaN'

SELECT * FROM x ORDER BY id

CREATE TABLE plain (id int, n numeric); INSERT INTO plain VALUES (1, 'NaN'), (100, 1.10), (101, 1e60)

SELECT p.n, x.n, p.n + x.n FROM plain p JOIN x USING (id) ORDER BY id

SELECT a FROM x WHERE id < 6 UNION ALL SELECT ns FROM (SELECT (c).ns AS ns FROM x) y
