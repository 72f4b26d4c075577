-- Dates and times: fields, truncation, arithmetic, before 1970 and before Christ.
-- setup

CREATE TABLE e (id int, d date, ts timestamp, tz timestamptz, tm time, k int) USING {am}

INSERT INTO e VALUES
(1, '2020-02-29', '2020-02-29 13:14:15.123456', '2020-02-29 13:14:15.123456+00', '13:14:15.123456', 1),
(2, '1969-12-31', '1969-12-31 23:59:59.5', '1969-12-31 23:59:59.5+00', '23:59:59.5', -1),
(3, NULL, NULL, NULL, NULL, NULL),
(4, '9999-12-31', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00', '00:00:00', 0),
(5, '0001-01-01', '0001-01-01 00:00:00', '0001-01-02 00:00:00+00', '12:00', 365),
(6, '2000-12-31', '2000-12-31 12:00:00', '2000-12-31 12:00:00+02', '12:30:45', 30),
(7, '2001-01-01', '2001-01-01 00:00:00.000001', '2001-01-01 00:00:00.000001-05', '00:00:00.000001', 7),
(8, '2024-12-30', '2024-12-30 06:07:08.9', '2024-12-30 06:07:08.9+00', '06:07:08.9', 100),
(9, '1582-10-10', '1582-10-10 10:10:10', '1582-10-10 10:10:10+00', '10:10:10', 1),
(10, '2021-01-03', '2021-01-03 23:00:00', '2021-01-03 23:00:00+00', '23:00', 2)

CREATE TABLE bc (id int, d date) USING {am}

INSERT INTO bc VALUES (1, '0044-03-15 BC'), (2, '0001-12-31 BC'), (3, '4712-01-02 BC'), (4, '0001-01-01')

-- queries

-- path: set
SELECT id, extract(year FROM d), extract(month FROM d), extract(day FROM d), extract(quarter FROM d), extract(dow FROM d), extract(isodow FROM d), extract(doy FROM d), extract(week FROM d) FROM e

-- path: set
SELECT id, extract(year FROM ts), extract(month FROM ts), extract(day FROM ts), extract(hour FROM ts), extract(minute FROM ts), extract(second FROM ts), extract(milliseconds FROM ts), extract(microseconds FROM ts), extract(epoch FROM ts), extract(epoch FROM tz) FROM e

-- path: set
SELECT id, date_part('year', ts), date_part('month', d), date_part('second', ts), date_part('epoch', ts), date_part('milliseconds', ts), date_part('dow', ts), date_part('epoch', tz) FROM e

SELECT id, extract(century FROM d), extract(decade FROM ts), extract(millennium FROM d), extract(isoyear FROM d), extract(epoch FROM d), extract(julian FROM d) FROM e

SELECT id, extract(hour FROM tz), extract(hour FROM tm) FROM e

-- path: set
SELECT id, extract(year FROM d), extract(month FROM d), extract(day FROM d), extract(dow FROM d), extract(doy FROM d), extract(quarter FROM d), extract(isodow FROM d) FROM bc

-- path: set
SELECT id, d FROM bc ORDER BY d

SELECT id FROM bc WHERE d < '0044-01-01 BC'

-- path: set
SELECT id, date_trunc('year', ts), date_trunc('quarter', ts), date_trunc('month', ts), date_trunc('week', ts), date_trunc('day', ts) FROM e

-- path: set
SELECT id, date_trunc('hour', ts), date_trunc('minute', ts), date_trunc('second', ts), date_trunc('milliseconds', ts), date_trunc('microseconds', ts), date_trunc('decade', ts) FROM e WHERE id <> 5

SELECT id, date_trunc('century', ts), date_trunc('millennium', ts) FROM e

SELECT id, date_trunc('day', tz), date_trunc('month', d) FROM e

-- path: set
SELECT id, date_trunc('day', tz AT TIME ZONE 'UTC'), tz AT TIME ZONE 'UTC' FROM e

-- path: set
SELECT id, d + 1, d - 1, d + k, d - k, 1 + d FROM e WHERE id NOT IN (4, 5)

-- path: set
SELECT id, d - date '2000-01-01', date '2000-01-01' - d, d - d FROM e

-- path: set
SELECT id, d + interval '1 month', d - interval '1 day', d + interval '1 year 2 months 3 days 04:05:06.789' FROM e WHERE id NOT IN (4, 5)

-- path: set
SELECT id, ts + interval '1 month', ts - interval '1 month', ts + interval '-1 month 1 day', interval '36 hours' + ts, ts - interval '1.5 seconds' FROM e WHERE id NOT IN (4, 5)

SELECT id, tz + interval '1 day', ts - ts, tz - tz, age(ts), tm + interval '1 hour' FROM e WHERE id NOT IN (4, 5)

-- path: set
SELECT id, ts::date, d::timestamp, ts::time FROM e

SELECT id, tz::date, tz::timestamp, ts::timestamptz, ts::text, d::text FROM e

-- path: set
SELECT id FROM e WHERE d >= date '2000-01-01' AND d < date '2000-01-01' + interval '1 year'

-- path: set
SELECT id FROM e WHERE ts >= timestamp '2020-01-01' - interval '90' day

-- path: set
SELECT id FROM e WHERE tz BETWEEN '2000-01-01 00:00:00+00' AND '2020-12-31 00:00:00+01'

-- path: set
SELECT extract(year FROM d), count(*) FROM e GROUP BY extract(year FROM d) ORDER BY 1

-- path: set
SELECT date_trunc('month', ts) AS m, count(*), min(ts), max(tz), min(d), max(tm) FROM e GROUP BY m ORDER BY m

-- path: set
SELECT count(DISTINCT d), count(DISTINCT tz), min(tz), max(d) FROM e

-- path: set
SELECT id, current_date > d, now() > tz, localtimestamp > ts FROM e

SELECT id, to_char(ts, 'YYYY-MM-DD HH24:MI:SS') FROM e

SELECT id FROM e WHERE d = 'infinity'

SELECT id FROM e WHERE (d, d + 1) OVERLAPS (date '2020-01-01', date '2020-12-31')
