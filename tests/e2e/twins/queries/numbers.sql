-- Arithmetic: types of results, overflow, division, rounding, scales.
-- setup

CREATE TABLE a (id int, s smallint, i int, l bigint, f real, d double precision, n numeric(12,3), m numeric(38,10), p numeric(15,2)) USING {am}

INSERT INTO a VALUES
(1, 7, 10, 100, 1.5, 2.25, 123.456, 1.0000000001, 10.25),
(2, -7, -10, -100, -1.5, -2.5, -123.456, -1.5, -10.25),
(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(4, 3, 4, 5, 0.1, 0.1, 0.001, 0, 0.05),
(5, 2, 3, -5, 3.5, 3.5, 99.999, 12345678901234567890.1234567891, 9999999999999.99),
(6, -2, 7, 2, -3.5, -3.5, -0.500, 7, 1.00),
(7, 100, 46341, 3037000500, 1e20, 1e200, 100000000.5, 3.3333333333, 100000.00)

CREATE TABLE z (id int, s smallint, i int, l bigint, f real, d double precision, n numeric(5,2)) USING {am}

INSERT INTO z VALUES (1, 0, 0, 0, 0, 0, 0), (2, 1, 1, 1, 1, 1, 1)

CREATE TABLE big (id int, s smallint, i int, l bigint, f real, d double precision) USING {am}

INSERT INTO big VALUES (1, 32767, 2147483647, 9223372036854775807, 3e38, 1e308), (2, -32768, -2147483648, -9223372036854775808, 1e-38, 1e-300)

-- queries

-- path: set
SELECT id, s + 1, s + s, i + 1, i + s, l + 1, l + i, l + s, s + l, s + i FROM a WHERE id <> 7

-- path: set
SELECT id, s - 1, 1 - s, i - s, l - i, -s, -i, -l, - d, - f, -n FROM a

-- path: set
SELECT id, s * 2, s * s, i * s, l * i, i * 2 FROM a WHERE id <> 7

-- path: set
SELECT id, s / 2, i / 3, i / 3::smallint, l / 3, l / i, s / l, 100 / i, i / s FROM a WHERE i <> 0

-- path: set
SELECT id, s % 2::smallint, i % 3, l % 7, l % i FROM a WHERE i <> 0

-- path: set
SELECT id, mod(i, 3), mod(l, 7), abs(i), abs(s), abs(l), abs(d), abs(n), @ i FROM a

-- path: set
SELECT i / 0 FROM a

-- path: set
SELECT id, i / i FROM z

-- path: set
SELECT id, l % l FROM z

-- path: set
SELECT id FROM z WHERE i <> 0 AND 10 / i > 1

-- path: set
SELECT id, CASE WHEN i <> 0 THEN 10 / i ELSE -1 END FROM z

-- path: set
SELECT id, s + s FROM big

-- path: set
SELECT id, i + i FROM big

-- path: set
SELECT id, l + 1 FROM big

-- path: set
SELECT id, i * 2 FROM big

-- path: set
SELECT id, -i FROM big

-- path: set
SELECT id, abs(l) FROM big

-- path: set
SELECT id, i / -1 FROM big

-- path: set
SELECT id, i % -1 FROM big WHERE id = 2

-- path: set
SELECT id, s::int + 1, i::bigint + 1, i::bigint * i FROM big

-- path: set
SELECT id, i & 6, i | 9, i # 5, ~ i, s & s, l | l FROM a

SELECT id, i << 2, i >> 1 FROM a

-- path: set
SELECT id, d + 1, d - f, d * 2, f + f, f * 2, d * f, f - d FROM a WHERE id <> 7

-- path: set
SELECT id, d / 3, f / 3, f / d FROM a WHERE d <> 0

-- path: set
SELECT id, d / d FROM z

-- path: set
SELECT id, f / f FROM z

-- path: set
SELECT id, d * d FROM big

-- path: set
SELECT id, f + f FROM big

-- path: set
SELECT id, d / 1e300 * 1e-300 FROM big WHERE id = 2

-- path: set
SELECT id, d * 'Infinity', d + 'NaN', d - 'Infinity' FROM a

-- path: set
SELECT id, n + 1, n - 0.1, n * 2, n + i, i - n, n * p, p * p FROM a

-- path: set
SELECT id, p * (1 - p) * (1 + p) FROM a WHERE id <> 5

-- path: set
SELECT id, p * p * p FROM a WHERE id <> 5

-- path: set
SELECT id, n * 0.5, n + 1.00000, 0 - n, n * 0 FROM a

-- path: set
SELECT id, m + 1, m * 2 FROM a

-- path: set
SELECT id FROM a WHERE n * 2 > 100.5

-- path: set
SELECT id FROM a WHERE p + n = 133.706

-- path: set
SELECT id, n / 3, n / p, 1 / (n + 200000000), p / 0.07, m / p FROM a

-- path: set
SELECT n / n FROM z

SELECT id, n / 3 + 1, round(n / 3, 2) FROM a

SELECT id FROM a WHERE n / 3 > 1 ORDER BY n / 3

SELECT id, n % 7 FROM a

-- path: set
SELECT id, n::numeric(10,1), n::numeric(10,0), n::numeric(20,5), p::numeric(15,1) FROM a

-- path: set
SELECT id, n::numeric(5,1) FROM a WHERE id <> 7

SELECT id, n::numeric(5,1) FROM a

-- path: set
SELECT id, round(n), round(n, 1), round(n, 2), round(n, 5), trunc(n), ceil(n), floor(n), ceiling(n) FROM a

-- path: set
SELECT id, round(d), trunc(d), ceil(d), floor(d), round(d * 1.0) FROM a

-- path: set
SELECT id, d::int, d::smallint, f::int, d::bigint FROM a WHERE id <> 7

-- path: set
SELECT id, n::int, n::bigint, p::smallint FROM a WHERE abs(p) < 1000

-- path: set
SELECT id, i::smallint, l::int, i::bigint, s::int, s::bigint, i::float8, l::float8, l::real, f::float8, i::real FROM a WHERE id <> 7

-- path: set
SELECT id, i::numeric, l::numeric, s::numeric, n::float8 FROM a

SELECT id, m::float8, d::numeric, f::numeric, d::real FROM a WHERE id <> 7

-- path: set
SELECT id, i::text, l::text, s::text, n::text, p::varchar FROM a

SELECT id, d::text, f::text FROM a

-- path: set
SELECT id, sqrt(abs(d)), |/ abs(d) FROM a

SELECT sqrt(d) FROM a WHERE id = 2

SELECT id, exp(d), ln(abs(d)), power(d, 2), d ^ 2 FROM a WHERE id < 4

-- path: set
SELECT id, CASE WHEN i > 5 THEN 'big' WHEN i < 0 THEN 'neg' ELSE 'mid' END FROM a

-- path: set
SELECT id, CASE i WHEN 10 THEN s WHEN 4 THEN s + 1::smallint END FROM a

-- path: set
SELECT id, CASE WHEN i > 5 THEN n ELSE n * 1 END FROM a

SELECT id, CASE WHEN i > 5 THEN n ELSE 0 END FROM a

-- path: set
SELECT id, CASE WHEN i > 5 THEN n END, CASE WHEN s > 0 THEN l ELSE i END FROM a

-- path: set
SELECT id, coalesce(i, -1), coalesce(l, i, s), coalesce(n, 0.000), coalesce(d, i) FROM a

SELECT id, coalesce(n, 0) FROM a

-- path: set
SELECT id, nullif(i, 10), nullif(s, i), nullif(n, 0.001), nullif(d, 'NaN') FROM a

-- path: set
SELECT id, greatest(i, s, 5), least(i, s, 5), greatest(d, 'NaN'), least(n, n * 1), greatest(i, NULL) FROM a

-- path: set
SELECT id, i = 10 OR NULL, i > 5 AND NULL, NOT (i > 5) FROM a

-- path: set
SELECT id, (i > 5)::int, i::bool, (i > 5)::text FROM a

SELECT id, gcd(i, 4), sign(d), factorial(4) FROM a WHERE id < 3

-- path: set
SELECT 1 FROM a

-- path: set
SELECT 1.5, -1.5, 0.00, -5, 5::int8, -9223372036854775808, 1e10, 'NaN'::float8, '-Infinity'::real, true, NULL::int FROM z

-- path: set
SELECT id + 1 AS x, id AS y FROM a ORDER BY x DESC, y

-- path: set
SELECT -id FROM a ORDER BY -id

-- path: set
SELECT id FROM a ORDER BY id % 3, id DESC
