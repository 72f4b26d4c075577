-- Equality on columns that have Bloom filters: values that repeat, so that Parquet has a dictionary of them.
-- setup

CREATE TABLE f (id int, y bytea, d float8, r real, t text, b bigint, s smallint) USING {am}

INSERT INTO f SELECT i, CASE i % 4 WHEN 0 THEN '\x00'::bytea WHEN 1 THEN '\x6100' WHEN 2 THEN '\xff' ELSE '\x61' END,
CASE i % 3 WHEN 0 THEN '-0' WHEN 1 THEN 'NaN' ELSE '1.5' END::float8, CASE i % 3 WHEN 0 THEN '-0' WHEN 1 THEN 'NaN' ELSE '-Infinity' END::real,
CASE i % 3 WHEN 0 THEN '' WHEN 1 THEN E'\\x00' ELSE 'ä''' END, i % 5 * 10000000000, i % 5 FROM generate_series(1, 400) i

CREATE TABLE g (y bytea, d float8) USING {am}

INSERT INTO g VALUES ('\x00', 0), ('\xff', 'NaN')

-- queries

-- path: set
SELECT count(*) FROM f WHERE y = '\x00'

-- path: set
SELECT count(*) FROM f WHERE y = '\xff' OR y = '\x6100'

-- path: set
SELECT count(*) FROM f WHERE y IN ('\x00', '\x61', '\x62')

-- path: set
SELECT count(*) FROM f WHERE y = '\x5c783030'

-- path: set
SELECT count(*) FROM f WHERE d = 0

-- path: set
SELECT count(*) FROM f WHERE d = 'NaN' AND r = 'NaN'

-- path: set
SELECT count(*) FROM f WHERE r = '0'::real

-- path: set
SELECT count(*) FROM f WHERE r = '-Infinity'

-- path: set
SELECT count(*) FROM f WHERE t = E'\\x00' AND t = t

-- path: set
SELECT count(*) FROM f WHERE t = '' OR t = 'ä'''

-- path: set
SELECT count(*) FROM f WHERE b = 20000000000 AND s = 2

-- path: set
SELECT count(*) FROM f JOIN g USING (y)

-- path: set
SELECT count(*) FROM f JOIN (SELECT * FROM g WHERE d = 0) g USING (d)

-- path: set
SELECT count(*) FROM f WHERE y = (SELECT y FROM g ORDER BY y LIMIT 1)
