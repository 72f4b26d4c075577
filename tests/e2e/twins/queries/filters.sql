-- Filters of every native type, with the values at the edges: NULL, NaN, infinities, empty strings, smallest and largest integers.
-- setup

CREATE TABLE v (id int, b bool, s smallint, i int, l bigint, f real, d double precision, n numeric(12,3), t text, vc varchar(20), c char(5),
  dt date, tm time, ts timestamp, tz timestamptz, u uuid, x bytea) USING {am}

INSERT INTO v VALUES
(1, true, 1, 10, 100, 1.5, 2.25, 123.456, 'abc', 'abc', 'abc', '2020-02-29', '13:14:15.123456', '2020-02-29 13:14:15.123456', '2020-02-29 13:14:15.123456+00', '00000000-0000-0000-0000-000000000001', '\x00ff'),
(2, false, -1, -10, -100, -1.5, -2.25, -123.456, '', '', '', '1969-12-31', '00:00:00', '1969-12-31 23:59:59.5', '1969-12-31 23:59:59.5+00', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '\x'),
(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(4, true, 32767, 2147483647, 9223372036854775807, 'Infinity', 'Infinity', 999999999.999, 'zebra', 'Zebra', 'zebra', '9999-12-31', '23:59:59.999999', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59+00', 'abcdefab-cdef-abcd-efab-cdefabcdefab', '\xdeadbeef'),
(5, false, -32768, -2147483648, -9223372036854775808, '-Infinity', '-Infinity', -999999999.999, 'a%c_', 'x''y"z', 'a', '0001-01-01', '12:00:00', '0001-01-01 00:00:00', '1000-01-01 00:00:00+00', 'abcdefab-cdef-abcd-efab-cdefabcdefac', '\x61'),
(6, true, 0, 0, 0, 'NaN', 'NaN', 0, 'äöü', 'ÄÖÜ€', 'ä', '2000-01-01', '06:30:00', '2000-01-01 00:00:00', '2000-01-01 00:00:00+00', '12345678-1234-1234-1234-123456789012', '\x6162'),
(7, true, 7, 7, 7, -0.0, -0.0, 0.001, E'back\\slash\nnewline\ttab', 'trail  ', 'tr', '2024-12-30', '00:00:00.000001', '2024-12-30 01:02:03', '2024-12-30 01:02:03+00', NULL, NULL),
(8, NULL, 7, 7, 7, 0.1, 0.1, 0.100, 'ABC', 'ABC', 'ABC', '2024-12-30', '00:00:00.000001', '2024-12-30 01:02:03', '2024-12-30 01:02:03+00', NULL, '\x00'),
(9, true, 100, 100, 100, 1e10, 1e300, 100.5, 'abd', 'abd', 'abd', '2020-03-01', '13:14:16', '2020-03-01 00:00:00', '2020-03-01 00:00:00+00', '00000000-0000-0000-0000-000000000002', '\x00ff01')

-- queries

-- path: set
SELECT * FROM v

-- path: set
SELECT id FROM v WHERE b

-- path: set
SELECT id FROM v WHERE NOT b

-- path: set
SELECT id, b IS TRUE, b IS NOT TRUE, b IS FALSE, b IS NOT FALSE, b IS UNKNOWN, b IS NOT UNKNOWN FROM v

-- path: set
SELECT id FROM v WHERE s = 7

-- path: set
SELECT id FROM v WHERE s < 100000

-- path: set
SELECT id FROM v WHERE i >= 7 AND i <= 100 OR i < -5

-- path: set
SELECT id FROM v WHERE l = -9223372036854775808

-- path: set
SELECT id FROM v WHERE i = -2147483648 OR s = -32768

-- path: set
SELECT id FROM v WHERE i = l

-- path: set
SELECT id FROM v WHERE s < i

-- path: set
SELECT id FROM v WHERE l > s

-- path: set
SELECT id FROM v WHERE i BETWEEN -10 AND 10

-- path: set
SELECT id FROM v WHERE i NOT BETWEEN -10 AND 10

-- path: set
SELECT id FROM v WHERE i IN (7, 10, NULL)

-- path: set
SELECT id FROM v WHERE i NOT IN (7, 10)

-- path: set
SELECT id FROM v WHERE i NOT IN (7, NULL)

-- path: set
SELECT id FROM v WHERE i = ANY ('{7,10}'::int[])

-- path: set
SELECT id FROM v WHERE i = ANY ('{}'::int[])

-- path: set
SELECT id FROM v WHERE i <> ALL ('{}'::int[])

-- path: set
SELECT id FROM v WHERE i < ANY ('{0,10}'::int[])

-- path: set
SELECT id FROM v WHERE i >= ALL ('{0,10}'::int[])

-- path: set
SELECT id FROM v WHERE s IN (7, 100)

-- path: set
SELECT id FROM v WHERE t IN ('abc', '', 'äöü')

-- path: set
SELECT id FROM v WHERE vc IN ('abc', 'trail  ')

-- path: set
SELECT id FROM v WHERE c IN ('abc', 'a    ')

-- path: set
SELECT id FROM v WHERE d IN (2.25, 'NaN')

-- path: set
SELECT id FROM v WHERE n IN (123.456, 0.1, 0)

-- path: set
SELECT id FROM v WHERE dt IN ('2020-02-29', '9999-12-31')

-- path: set
SELECT id FROM v WHERE u IN ('00000000-0000-0000-0000-000000000001', 'ffffffff-ffff-ffff-ffff-ffffffffffff')

-- path: set
SELECT id FROM v WHERE f = 1.5

-- path: set
SELECT id FROM v WHERE f = 0.1

-- path: set
SELECT id FROM v WHERE f = 0.1::real

-- path: set
SELECT id FROM v WHERE f > 1e9

-- path: set
SELECT id FROM v WHERE d = 'NaN'

-- path: set
SELECT id FROM v WHERE d > 'Infinity'

-- path: set
SELECT id FROM v WHERE d >= 'Infinity'

-- path: set
SELECT id FROM v WHERE d < 0

-- path: set
SELECT id FROM v WHERE d = 0

-- path: set
SELECT id FROM v WHERE f < d

-- path: set
SELECT id FROM v WHERE f = d

-- path: set
SELECT id FROM v WHERE d = i

-- path: set
SELECT id FROM v WHERE n = 123.456

-- path: set
SELECT id FROM v WHERE n > 100

-- path: set
SELECT id FROM v WHERE n >= 0.0001

-- path: set
SELECT id FROM v WHERE n < -123.4559999

-- path: set
SELECT id FROM v WHERE n = i

-- path: set
SELECT id FROM v WHERE n < 99999999999999999999

-- path: set
SELECT id FROM v WHERE t = 'abc'

-- path: set
SELECT id FROM v WHERE t <> 'abc'

-- path: set
SELECT id FROM v WHERE t = ''

-- path: set
SELECT id FROM v WHERE t = E'back\\slash\nnewline\ttab'

-- path: set
SELECT id FROM v WHERE vc = 'x''y"z'

-- path: set
SELECT id FROM v WHERE t = vc

-- path: set
SELECT id FROM v WHERE c = 'abc'

-- path: set
SELECT id FROM v WHERE c = 'abc   '

-- path: set
SELECT id FROM v WHERE c <> 'abc'

-- path: set
SELECT id FROM v WHERE c = ''

SELECT id FROM v WHERE c < 'b' COLLATE "C"

-- path: set
SELECT id FROM v WHERE c = t

-- path: set
SELECT id FROM v WHERE t < 'abd' COLLATE "C"

-- path: set
SELECT id FROM v WHERE t >= 'Z' COLLATE "C" AND t <= 'z' COLLATE "C"

SELECT id FROM v WHERE t > 'abc'

-- path: set
SELECT id FROM v WHERE dt = '2020-02-29'

-- path: set
SELECT id FROM v WHERE dt < '1970-01-01'

-- path: set
SELECT id FROM v WHERE dt >= '0001-01-01'

-- path: set
SELECT id FROM v WHERE dt = ts

-- path: set
SELECT id FROM v WHERE dt < timestamp '2020-02-29 00:00:00.000001'

-- path: set
SELECT id FROM v WHERE ts > '1969-12-31 23:59:59.499999'

-- path: set
SELECT id FROM v WHERE ts = '2020-02-29 13:14:15.123456'

-- path: set
SELECT id FROM v WHERE tz = '2020-02-29 15:14:15.123456+02'

-- path: set
SELECT id FROM v WHERE tz < '1970-01-01 00:00:00+00'

-- path: set
SELECT id FROM v WHERE tm >= '12:00'

-- path: set
SELECT id FROM v WHERE tm = '00:00:00.000001'

-- path: set
SELECT id FROM v WHERE u > '12345678-1234-1234-1234-123456789012'

-- path: set
SELECT id FROM v WHERE u = '00000000-0000-0000-0000-000000000001'

-- path: set
SELECT id FROM v WHERE x = '\x00ff'

-- path: set
SELECT id FROM v WHERE x > '\x00'

-- path: set
SELECT id FROM v WHERE x = ''

-- path: set
SELECT id FROM v WHERE i IS NULL

-- path: set
SELECT id FROM v WHERE i IS NOT NULL AND b IS NULL

-- path: set
SELECT id FROM v WHERE i IS DISTINCT FROM 7

-- path: set
SELECT id FROM v WHERE i IS NOT DISTINCT FROM NULL

-- path: set
SELECT id FROM v WHERE d IS NOT DISTINCT FROM 'NaN'

-- path: set
SELECT id FROM v WHERE t IS DISTINCT FROM vc

-- path: set
SELECT id FROM v WHERE (i, s) = (7, 7)

SELECT id FROM v WHERE (i, s) < (7, 8)

-- path: set
SELECT id FROM v WHERE true

-- path: set
SELECT id FROM v WHERE false

-- path: set
SELECT id FROM v WHERE NULL

-- path: set
SELECT id FROM v WHERE NOT (i > 0 AND d > 0 OR b)

-- path: set
SELECT id FROM v WHERE (i > 5) = b

-- path: set
SELECT id FROM v WHERE b IN (true, NULL)

-- path: set
SELECT id FROM v WHERE b > false

-- path: set
SELECT id, i, NULL, 'x', 1.50, 7::bigint, 2.5::float8, date '2020-01-01' FROM v

-- path: set
SELECT id FROM v WHERE tz <= now()

-- path: set
SELECT id FROM v WHERE tz > now() - interval '100 years'

-- path: set
SELECT id FROM v WHERE dt <= current_date

SELECT id FROM v WHERE tz::date = '2020-02-29'

-- path: row
SELECT v::text FROM v WHERE id < 3

-- path: set
SELECT id FROM v WHERE t ~ '^a'

-- path: row
SELECT id FROM v WHERE random() >= 0

-- path: set
SELECT id FROM v ORDER BY id LIMIT 3

-- path: set
SELECT id FROM v ORDER BY id DESC OFFSET 2 LIMIT 3

-- path: set
SELECT id FROM v ORDER BY id LIMIT ALL OFFSET 7

-- path: set
SELECT id FROM v ORDER BY id LIMIT 0

SELECT id FROM v ORDER BY id LIMIT -1

SELECT id FROM v ORDER BY id FETCH FIRST 2 ROWS WITH TIES

-- path: set
SELECT id, d FROM v ORDER BY d, id

-- path: set
SELECT id, d FROM v ORDER BY d DESC, id

-- path: set
SELECT id, f FROM v ORDER BY f NULLS FIRST, id

-- path: set
SELECT id, d FROM v ORDER BY d DESC NULLS LAST, id

-- path: set
SELECT id, t FROM v ORDER BY t COLLATE "C", id

SELECT id, t FROM v ORDER BY t, id

-- path: set
SELECT id, c FROM v ORDER BY c COLLATE "C", id

-- path: set
SELECT id FROM v ORDER BY b, id

-- path: set
SELECT id FROM v ORDER BY n, id DESC

-- path: set
SELECT id FROM v ORDER BY dt DESC, ts, id

-- path: set
SELECT id FROM v ORDER BY u, id

-- path: set
SELECT id FROM v ORDER BY x DESC, id

-- path: set
SELECT id FROM v ORDER BY tm, tz, id

-- path: set
SELECT id AS i, i AS id FROM v ORDER BY v.i, v.id

-- path: set
SELECT i AS t, t AS i FROM v WHERE v.t = 'abc' ORDER BY t

-- path: set
SELECT DISTINCT i FROM v ORDER BY i

-- path: set
SELECT DISTINCT s, l FROM v

-- path: set
SELECT DISTINCT d FROM v

-- path: set
SELECT DISTINCT c FROM v

-- path: set
SELECT DISTINCT ON (i) i, id FROM v ORDER BY i, id DESC

-- path: set
SELECT x.id FROM v AS x(id, bb, ss) WHERE bb AND ss > 5

-- path: set
SELECT "X".id FROM v AS "X", v AS x WHERE "X".id = x.id
