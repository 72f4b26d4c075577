-- avg() of integers and numerics over groups of many magnitudes: the scale of PostgreSQL's quotient depends on the values.
-- setup

CREATE TABLE q (g int, i int, l bigint, n numeric(30,10), w numeric(38,18), s numeric(4,4)) USING {am}

INSERT INTO q SELECT g % 97, (g::bigint * 7919 * g % 4294967296 - 2147483648)::int, (g::numeric * 1234567890123456789 % 18446744073709551616 - 9223372036854775808)::bigint, (g::numeric ^ (g % 7) * 7.0123456789 % 10000000000000000000)::numeric(30,10) / (10 ^ (g % 11))::numeric, (g * 1.000000000000000001) / (10 ^ (g % 15))::numeric, (g % 10000)::numeric / 10000 FROM generate_series(1, 3000) AS g

INSERT INTO q VALUES (1000, 1, 1, 1, 1, 0.1), (1001, 0, 0, 0, 0, 0), (1001, 0, 0, 0, 0, 0), (1002, 9999, 9999, 9999, 9999, 0.9999), (1003, 10000, 10000, 10000, 10000, 0.0001), (1003, 10000, 10000, 10000, 10000, 0.0001), (1003, 10001, 10001, 10001, 10001, 0.0002), (1004, NULL, NULL, NULL, NULL, NULL)

-- queries

-- path: set
SELECT g, avg(i), avg(l), avg(n), avg(w), avg(s), count(*) FROM q GROUP BY g

-- path: set
SELECT avg(i), avg(l), avg(n), avg(w), avg(s) FROM q

-- path: set
SELECT g, avg(DISTINCT s), avg(n) FILTER (WHERE i > 0), avg(i % 1000) FROM q GROUP BY g ORDER BY g

-- path: set
SELECT avg(n * s), avg(n - w), avg(-w), avg(i::numeric), avg(round(n, 3)) FROM q WHERE g < 50
