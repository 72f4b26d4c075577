-- to_char and to_number of numbers: what is refused, locales, and what the catalogue's table has no value for.
-- setup

CREATE TABLE k (id int, i int, l bigint, f real, d double precision, n numeric(30,10), t text) USING {am}

INSERT INTO k VALUES
(1, 0, 0, 0, 0, 0, '0'),
(2, 1234567, 123456789012345678, 1234.5678, 1234567.891, 1234567.891, '1,234,567.89'),
(3, -1234567, -123456789012345678, -0.00012, -1e-7, -0.0000012345, '1.234,5-'),
(4, NULL, NULL, NULL, NULL, NULL, NULL),
(5, 11, 3999, 9.999, 'NaN', 9.995, '<485>'),
(6, 2147483647, 9223372036854775807, 3e38, 1.7976931348623157e308, 12345678901234567890.0123456789, '$ 12th'),
(7, -2147483648, -9223372036854775808, '-Infinity', -99999.95, -99999.95, '- 12.34 -')

-- queries

-- path: set
SELECT id, to_char(i, 'FM999,999,999th'), to_char(l, 'FM9999999999999999999TH') FROM k

-- path: set
SELECT id, to_char(d, '999th') FROM k

-- path: set
SELECT id, to_char(l, 'RN') FROM k WHERE id IN (2, 5)

-- path: set
SELECT id, to_char(n, 'RN') FROM k WHERE id = 6

-- path: set
SELECT id, to_char(d::numeric, 'RN') FROM k WHERE id = 5

-- path: set
SELECT id, to_char(i, '999V999'), to_char(l, '9V9') FROM k WHERE id IN (1, 2, 5)

-- path: set
SELECT id, to_char(i, '999V999') FROM k

-- path: set
SELECT id, to_char(l, '9V99') FROM k

-- path: set
SELECT id, to_char(i, '9V9999999999') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, '9.9.9') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, '9V9.9') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, '9.9V9') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, '9PR9') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, '9PR0') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, 'S9S') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, 'MI9S') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, 'S9MI') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, 'S9PL') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, 'S9SG') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, 'MI9PR') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, '9EEEE9') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, '9EEEEEEEE') FROM k WHERE id = 1

-- path: set
SELECT id, to_char(n, 'FM9EEEE') FROM k WHERE id = 1

-- path: set
SELECT to_char(n, '9.9.9') FROM k WHERE id < 0

-- path: set
SELECT id, to_number(t, 'L9G999G999D99'), to_number(t, '9G999D99S') FROM k WHERE id IN (1, 2, 3, 6)

-- path: set
SELECT id, to_number(t, '9999PR'), to_number(t, '99PR') * 2 FROM k WHERE id IN (1, 5)

-- path: set
SELECT id, to_number(t, '99PR') FROM k WHERE id IN (1, 2)

-- path: set
SELECT id, to_number(t, '9EEEE') FROM k

-- path: set
SELECT id, to_number(t, '"no digits"') FROM k

SELECT id, to_number(t, '9V9') FROM k WHERE id = 2

SELECT id, to_char(i, 'RN9'), to_char(i, t) FROM k WHERE id = 5

-- path: set
SELECT id, to_char(n, 'L9G999G999D99'), to_char(d, 'S999G999D9'), to_char(l, '9G999L') FROM k

-- path: set
SELECT to_char(sum(n) / 7, 'FM999G999G999G999G999G999G999D000') AS text, to_char(avg(i), '9.99EEEE') FROM k
