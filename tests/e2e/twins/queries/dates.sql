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

CREATE TABLE infinite (id int, d date, ts timestamp, tz timestamptz) USING heap

INSERT INTO infinite VALUES (1, 'infinity', 'infinity', 'infinity'), (2, '-infinity', '-infinity', '-infinity'), (3, NULL, NULL, NULL),
(4, '0044-03-15 BC', '0044-03-15 12:00 BC', '0044-03-15 12:00+00 BC'), (5, '4713-11-25 BC', '4713-12-01 BC', '4713-12-02 BC'),
(6, '0001-12-31 BC', '0001-12-31 23:59:59 BC', '0001-01-01 00:00 BC'), (7, '294000-01-01', '294000-01-01', '294000-01-01'), (8, '10000-01-01', '10000-01-01', '10000-01-01')

-- queries

-- path: set
SELECT id, extract(year FROM d), extract(month FROM d), extract(day FROM d), extract(quarter FROM d), extract(dow FROM d), extract(isodow FROM d), extract(doy FROM d), extract(week FROM d) FROM e

-- path: set
SELECT id, extract(year FROM ts), extract(month FROM ts), extract(day FROM ts), extract(hour FROM ts), extract(minute FROM ts), extract(second FROM ts), extract(milliseconds FROM ts), extract(microseconds FROM ts), extract(epoch FROM ts), extract(epoch FROM tz) FROM e

-- path: set
SELECT id, date_part('year', ts), date_part('month', d), date_part('second', ts), date_part('epoch', ts), date_part('milliseconds', ts), date_part('dow', ts), date_part('epoch', tz) FROM e

-- path: set
SELECT id, extract(century FROM d), extract(decade FROM ts), extract(millennium FROM d), extract(isoyear FROM d), extract(epoch FROM d), extract(julian FROM d), date_part('julian', ts) FROM e

-- path: set
SELECT id, extract(hour FROM tz), extract(hour FROM tm) FROM e

-- path: set
SELECT id, extract(year FROM d), extract(month FROM d), extract(day FROM d), extract(dow FROM d), extract(doy FROM d), extract(quarter FROM d), extract(isodow FROM d) FROM bc

-- path: set
SELECT id, d FROM bc ORDER BY d

-- path: set
SELECT id FROM bc WHERE d < '0044-01-01 BC'

-- path: set
SELECT id, date_trunc('year', ts), date_trunc('quarter', ts), date_trunc('month', ts), date_trunc('week', ts), date_trunc('day', ts) FROM e

-- path: set
SELECT id, date_trunc('hour', ts), date_trunc('minute', ts), date_trunc('second', ts), date_trunc('milliseconds', ts), date_trunc('microseconds', ts), date_trunc('decade', ts) FROM e WHERE id <> 5

-- path: set
SELECT id, date_trunc('century', ts), date_trunc('millennium', ts) FROM e

-- path: set
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

-- path: set
SELECT id, tz + interval '1 day', ts - ts, tz - tz, age(ts), tm + interval '1 hour' FROM e WHERE id NOT IN (4, 5)

-- path: set
SELECT id, ts::date, d::timestamp, ts::time FROM e

-- path: set
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

-- path: set
SELECT id, to_char(ts, 'YYYY-MM-DD HH24:MI:SS') FROM e

-- path: set
SELECT id FROM e WHERE d = 'infinity'

-- path: set
SELECT id FROM e WHERE (d, d + 1) OVERLAPS (date '2020-01-01', date '2020-12-31')

-- infinity, years before Christ and behind 9999, from a heap table that is streamed
-- path: set
SELECT i.id, i.d, i.ts, i.tz, isfinite(i.d), isfinite(i.ts), i.d + 1, i.ts + interval '1 month', i.tz - interval '1 day', i.d + interval '1 day', date_trunc('month', i.ts), i.ts::date, i.d::timestamp, i.ts::time, i.d::text, i.ts::text FROM e JOIN infinite i USING (id)

-- path: set
SELECT i.id, date_part('year', i.ts), date_part('month', i.ts), date_part('epoch', i.ts), date_part('century', i.tz), date_part('hour', i.tz), extract(month FROM i.d), extract(day FROM i.ts), to_char(i.ts, 'YYYY-MM-DD BC') FROM e JOIN infinite i USING (id)

-- path: set
SELECT i.id, extract(year FROM i.d), extract(isoyear FROM i.d), extract(week FROM i.d), extract(century FROM i.d), extract(epoch FROM i.ts), date_trunc('millennium', i.ts), date_trunc('decade', i.ts), date_trunc('week', i.ts) FROM e JOIN infinite i USING (id) WHERE isfinite(i.d)

SELECT i.id, i.ts - timestamp '2000-01-01' FROM e JOIN infinite i USING (id)

SELECT i.id, i.d - date '2000-01-01' FROM e JOIN infinite i USING (id)

-- path: set
SELECT id FROM e WHERE d < 'infinity' AND ts > '-infinity' AND tz > '4000-01-01 BC' AND d <> '20000-01-01'

-- errors are PostgreSQL's

SELECT id, d + 100000000 FROM e

SELECT id, d + 2000000000 FROM e

SELECT id, ts + interval '300000 years' FROM e

SELECT id, ts - interval '7000 years' FROM e

SELECT id, make_date(2023, 2, k) FROM e

SELECT id, make_timestamp(2023, 2, 28, 24, k, 0.5) FROM e

SELECT id, date_bin('1 month', ts, '2000-01-01') FROM e

SELECT id, date_bin(interval '1 day' * k, ts, '2000-01-01') FROM e

SELECT id, to_timestamp(k * 1e13) FROM e

SELECT id, extract(hour FROM d) FROM e

SELECT id, extract(fortnight FROM ts) FROM e

SELECT id, date_trunc('fortnight', ts) FROM e

SELECT id, to_char(ts, 'FMDDth SP Day "th"TH') FROM e

SELECT id, to_date('2024-02-' || k, 'YYYY-MM-DD') FROM e

SELECT id, to_timestamp(ts::text, 'YYYY-IW') FROM e

SELECT id, to_date(ts::text, 'YYYY-MM-DD TZ') FROM e

-- path: set
SELECT id, date_bin('15 minutes', ts, '2001-01-01'), date_bin('7 days 03:00', tz, '2030-06-01 00:00+00'), date_bin('0.25 seconds', ts, ts - interval '1 hour') FROM e WHERE id <> 4

-- path: set
SELECT id, age(ts, '2000-02-29'), age('2000-02-29', ts), age(tz, '1999-12-31 23:59:59+00') FROM e

-- path: set
SELECT id, tm + interval '25 hours', tm - interval '1 microsecond', d + tm, tm - time '10:00', extract(second FROM tm), date_part('epoch', tm), tm::interval, tm::text, tm::time(0) FROM e

-- path: set
SELECT id, ts::timestamp(0), ts::timestamp(3), tz::timestamptz(1), make_time(k % 24, 5, 6.789), to_timestamp(k * 1234.56789::float8) FROM e WHERE k >= 0

-- path: set
SELECT e.id, g FROM e, generate_series(timestamp '2024-01-31', '2024-06-01', '1 month') AS g WHERE e.id < 3

-- path: set
SELECT count(*), min(g), max(g) FROM e, generate_series(timestamp '2024-01-01', '2020-01-01', '-1 day -00:00:00.5') AS g

-- path: set
SELECT e.id, g FROM e, generate_series(date_trunc('day', now()), now(), interval '1 day') AS g WHERE e.id < 3

SELECT e.id, g FROM e, generate_series(timestamp '2024-01-31', '2024-06-01', '0') AS g

-- path: set
SELECT to_char(ts, 'YYYY-MM'), count(*) FROM e GROUP BY 1 ORDER BY 1

-- path: set
SELECT d::text || ' ' || tm, concat(d, ts), concat_ws('/', tz, tm) FROM e ORDER BY id

-- path: set
SELECT id, d < 'infinity'::timestamp, d >= '-infinity'::timestamp, d IS DISTINCT FROM 'infinity'::timestamp, '-infinity'::timestamp = d FROM e

-- path: set
SELECT id FROM e WHERE d > '-infinity'::timestamp AND d <= '2001-01-01 12:00'::timestamp
