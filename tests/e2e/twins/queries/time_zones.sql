-- The session's TimeZone, and zones by name, in shipped queries: around transitions, in local mean time, behind the explicit tables.
-- setup

CREATE TABLE z (id int, tz timestamptz, ts timestamp, d date, iv interval) USING {am}

INSERT INTO z VALUES
(0, '0001-01-02 00:00:00+00', '0001-01-02 00:00:00', '0001-01-02', '1 day'),
(1, '0400-02-29 12:00:00.5+00', '1883-11-18 12:01:00', '1883-11-18', '1 month'),
(2, '1582-10-15 01:02:03+00', '1893-04-01 00:03:00', '1893-04-01', '-1 day'),
(3, '1883-11-18 11:59:59+00', '1893-04-01 00:06:31.5', '1893-04-01', '24 hours'),
(4, '1883-11-18 17:03:58.000001+00', '1900-01-01 00:00:00', '1900-01-01', '1 year -3 days 02:30'),
(5, '1893-03-31 23:06:32+00', '1914-01-01 00:00:00', '1914-01-01', '-1 month +1 day -00:15'),
(6, '1893-03-31 23:06:31.999999+00', '2018-11-04 00:00:00', '2018-11-04', '0'),
(7, '1900-01-01 00:00:00+00', '2018-11-04 00:30:00', '2018-11-04', '6 months'),
(8, '1900-02-28 23:59:59.999999+00', '2018-11-04 00:59:59.999999', '2018-11-04', '-24:00:00'),
(9, '1914-01-01 03:06:27+00', '2018-11-04 01:00:00', '2018-11-04', '1 month 1 day 1 second'),
(10, '1914-01-01 03:06:28+00', '2019-02-16 23:30:00', '2019-02-16', '1 day'),
(11, '1941-10-01 00:00:00+00', '2019-02-17 00:00:00', '2019-02-17', '1 month'),
(12, '1942-02-09 07:00:00+00', '2024-03-10 02:00:00', '2024-03-10', '-1 day'),
(13, '1945-05-24 00:00:00+00', '2024-03-10 02:30:00', '2024-03-10', '24 hours'),
(14, '1945-08-14 23:00:00+00', '2024-03-10 03:00:00', '2024-03-10', '1 year -3 days 02:30'),
(15, '1970-01-01 00:00:00+00', '2024-11-03 00:59:59', '2024-11-03', '-1 month +1 day -00:15'),
(16, '1981-02-28 14:30:00+00', '2024-11-03 01:00:00', '2024-11-03', '0'),
(17, '1996-10-27 01:00:00+00', '2024-11-03 01:30:00', '2024-11-03', '6 months'),
(18, '2018-11-04 02:59:59.999999+00', '2024-11-03 02:00:00', '2024-11-03', '-24:00:00'),
(19, '2018-11-04 03:00:00+00', '2024-03-31 01:59:59.999999', '2024-03-31', '1 month 1 day 1 second'),
(20, '2019-02-17 01:59:59+00', '2024-03-31 02:00:00', '2024-03-31', '1 day'),
(21, '2019-02-17 02:00:00+00', '2024-03-31 02:30:00', '2024-03-31', '1 month'),
(22, '2024-03-10 06:59:59.999999+00', '2024-03-31 03:00:00', '2024-03-31', '-1 day'),
(23, '2024-03-10 07:00:00+00', '2024-10-27 01:59:59', '2024-10-27', '24 hours'),
(24, '2024-11-03 05:30:00+00', '2024-10-27 02:00:00', '2024-10-27', '1 year -3 days 02:30'),
(25, '2024-11-03 06:30:00+00', '2024-10-27 02:30:00', '2024-10-27', '-1 month +1 day -00:15'),
(26, '2024-03-31 00:59:59.999999+00', '2024-10-27 03:00:00', '2024-10-27', '0'),
(27, '2024-03-31 01:00:00+00', '2024-04-07 01:30:00', '2024-04-07', '6 months'),
(28, '2024-10-27 00:30:00+00', '2024-04-07 01:45:00', '2024-04-07', '-24:00:00'),
(29, '2024-10-27 01:00:00+00', '2024-04-07 02:00:00', '2024-04-07', '1 month 1 day 1 second'),
(30, '2024-10-27 01:30:00+00', '2024-10-06 02:00:00', '2024-10-06', '1 day'),
(31, '2024-04-06 14:59:59+00', '2024-10-06 02:15:00', '2024-10-06', '1 month'),
(32, '2024-04-06 15:00:00+00', '2024-10-06 02:30:00', '2024-10-06', '-1 day'),
(33, '2024-04-06 15:15:00+00', '2037-03-29 02:30:00', '2037-03-29', '24 hours'),
(34, '2024-10-05 15:29:59+00', '2038-03-28 02:30:00', '2038-03-28', '1 year -3 days 02:30'),
(35, '2024-10-05 15:30:00+00', '2038-10-31 02:30:00', '2038-10-31', '-1 month +1 day -00:15'),
(36, '2037-03-29 01:00:00+00', '2100-03-28 02:30:00', '2100-03-28', '0'),
(37, '2037-10-25 01:00:00+00', '2100-10-31 02:30:00', '2100-10-31', '6 months'),
(38, '2037-12-31 23:59:59+00', '2500-01-01 00:00:00', '2500-01-01', '-24:00:00'),
(39, '2038-01-19 03:14:07+00', '2501-03-27 02:30:00', '2501-03-27', '1 month 1 day 1 second'),
(40, '2038-01-19 03:14:08+00', '9999-12-30 12:00:00', '9999-12-30', '1 day'),
(41, '2038-03-28 01:00:00+00', '0001-01-02 00:00:00', '0001-01-02', '1 month'),
(42, '2038-07-01 12:00:00+00', '1883-11-18 12:01:00', '1883-11-18', '-1 day'),
(43, '2100-02-28 23:00:00+00', '1893-04-01 00:03:00', '1893-04-01', '24 hours'),
(44, '2100-03-28 00:59:59+00', '1893-04-01 00:06:31.5', '1893-04-01', '1 year -3 days 02:30'),
(45, '2100-03-28 01:00:00+00', '1900-01-01 00:00:00', '1900-01-01', '-1 month +1 day -00:15'),
(46, '2100-10-31 00:59:59+00', '1914-01-01 00:00:00', '1914-01-01', '0'),
(47, '2100-10-31 01:00:00+00', '2018-11-04 00:00:00', '2018-11-04', '6 months'),
(48, '2400-02-29 00:00:00+00', '2018-11-04 00:30:00', '2018-11-04', '-24:00:00'),
(49, '2499-12-31 23:30:00+00', '2018-11-04 00:59:59.999999', '2018-11-04', '1 month 1 day 1 second'),
(50, '2500-01-01 00:30:00+00', '2018-11-04 01:00:00', '2018-11-04', '1 day'),
(51, '2501-03-27 01:00:00+00', '2019-02-16 23:30:00', '2019-02-16', '1 month'),
(52, '2900-07-04 04:00:00+00', '2019-02-17 00:00:00', '2019-02-17', '-1 day'),
(53, '9998-07-01 00:00:00+00', '2024-03-10 02:00:00', '2024-03-10', '24 hours'),
(54, '9999-06-30 12:00:00+00', '2024-03-10 02:30:00', '2024-03-10', '1 year -3 days 02:30'),
(55, '9999-12-30 23:59:59.999999+00', '2024-03-10 03:00:00', '2024-03-10', '-1 month +1 day -00:15'),
(100, NULL, NULL, NULL, NULL)

CREATE TABLE s (id int, tz timestamptz) USING heap

INSERT INTO s VALUES (1, 'infinity'), (2, '-infinity'), (3, '0044-03-15 12:00 BC'), (4, '4714-11-25 00:00:00+00 BC'), (5, '290000-06-01 00:00+00')

-- queries

SET TimeZone = 'UTC'

-- path: set
SELECT id, tz, tz::date, tz::timestamp, tz::time, ts::timestamptz, d::timestamptz FROM z

-- path: set
SELECT id, extract(year FROM tz), extract(doy FROM tz), extract(hour FROM tz), extract(minute FROM tz), extract(second FROM tz), extract(epoch FROM tz), extract(timezone FROM tz), extract(timezone_hour FROM tz), extract(timezone_minute FROM tz), date_part('week', tz), date_part('timezone', tz) FROM z

-- path: set
SELECT id, date_trunc('second', tz), date_trunc('minute', tz), date_trunc('hour', tz), date_trunc('day', tz), date_trunc('week', tz), date_trunc('month', tz), date_trunc('quarter', tz), date_trunc('year', tz), date_trunc('month', d) FROM z WHERE id > 1

-- path: set
SELECT id, tz + iv, tz - interval '1 day', tz + interval '1 month', tz - interval '5 months 3 days 4 hours', iv + tz FROM z WHERE id > 0 AND tz < '9999-01-01'

-- path: set
SELECT id, tz::text, ts::timestamptz::text, to_char(tz, 'YYYY-MM-DD HH24:MI:SS.US TZ tz TZH:TZM OF Day IW'), to_char(d, 'DD Mon YYYY TZ') FROM z

-- path: set
SELECT id, age(tz, ts::timestamptz), age(tz, '2000-02-29 12:00+00'), tz - ts::timestamptz FROM z

-- path: set
SELECT id FROM z WHERE tz > ts OR d = tz OR ts <= tz

-- path: set
SELECT tz::date, count(*) FROM z GROUP BY 1

-- path: set
SELECT date_trunc('year', tz) AS y, count(*), min(tz), max(ts::timestamptz) FROM z GROUP BY y ORDER BY y

-- path: set
SELECT id, to_timestamp(ts::text, 'YYYY-MM-DD HH24:MI:SS'), to_date(tz::text, 'YYYY-MM-DD'), make_timestamptz(2024, 3, 31, 2, 30, id) FROM z WHERE id < 60

-- path: set
SELECT z.id, g FROM z, generate_series(timestamptz '2024-03-29 12:00+00', '2024-04-02', '1 day') AS g WHERE z.id < 3

-- path: set
SELECT s.id, z.id, s.tz::timestamp, s.tz::date, s.tz::text, s.tz > z.ts, date_part('year', s.tz), to_char(s.tz, 'YYYY BC') FROM z JOIN s ON z.id = s.id

SET TimeZone = 'Europe/Berlin'

-- path: set
SELECT id, tz, tz::date, tz::timestamp, tz::time, ts::timestamptz, d::timestamptz FROM z

-- path: set
SELECT id, extract(year FROM tz), extract(doy FROM tz), extract(hour FROM tz), extract(minute FROM tz), extract(second FROM tz), extract(epoch FROM tz), extract(timezone FROM tz), extract(timezone_hour FROM tz), extract(timezone_minute FROM tz), date_part('week', tz), date_part('timezone', tz) FROM z

-- path: set
SELECT id, date_trunc('second', tz), date_trunc('minute', tz), date_trunc('hour', tz), date_trunc('day', tz), date_trunc('week', tz), date_trunc('month', tz), date_trunc('quarter', tz), date_trunc('year', tz), date_trunc('month', d) FROM z WHERE id > 1

-- path: set
SELECT id, tz + iv, tz - interval '1 day', tz + interval '1 month', tz - interval '5 months 3 days 4 hours', iv + tz FROM z WHERE id > 0 AND tz < '9999-01-01'

-- path: set
SELECT id, tz::text, ts::timestamptz::text, to_char(tz, 'YYYY-MM-DD HH24:MI:SS.US TZ tz TZH:TZM OF Day IW'), to_char(d, 'DD Mon YYYY TZ') FROM z

-- path: set
SELECT id, age(tz, ts::timestamptz), age(tz, '2000-02-29 12:00+00'), tz - ts::timestamptz FROM z

-- path: set
SELECT id FROM z WHERE tz > ts OR d = tz OR ts <= tz

-- path: set
SELECT tz::date, count(*) FROM z GROUP BY 1

-- path: set
SELECT date_trunc('year', tz) AS y, count(*), min(tz), max(ts::timestamptz) FROM z GROUP BY y ORDER BY y

-- path: set
SELECT id, to_timestamp(ts::text, 'YYYY-MM-DD HH24:MI:SS'), to_date(tz::text, 'YYYY-MM-DD'), make_timestamptz(2024, 3, 31, 2, 30, id) FROM z WHERE id < 60

-- path: set
SELECT z.id, g FROM z, generate_series(timestamptz '2024-03-29 12:00+00', '2024-04-02', '1 day') AS g WHERE z.id < 3

-- path: set
SELECT s.id, z.id, s.tz::timestamp, s.tz::date, s.tz::text, s.tz > z.ts, date_part('year', s.tz), to_char(s.tz, 'YYYY BC') FROM z JOIN s ON z.id = s.id

SET TimeZone = 'America/New_York'

-- path: set
SELECT id, tz, tz::date, tz::timestamp, tz::time, ts::timestamptz, d::timestamptz FROM z

-- path: set
SELECT id, extract(year FROM tz), extract(doy FROM tz), extract(hour FROM tz), extract(minute FROM tz), extract(second FROM tz), extract(epoch FROM tz), extract(timezone FROM tz), extract(timezone_hour FROM tz), extract(timezone_minute FROM tz), date_part('week', tz), date_part('timezone', tz) FROM z

-- path: set
SELECT id, date_trunc('second', tz), date_trunc('minute', tz), date_trunc('hour', tz), date_trunc('day', tz), date_trunc('week', tz), date_trunc('month', tz), date_trunc('quarter', tz), date_trunc('year', tz), date_trunc('month', d) FROM z WHERE id > 1

-- path: set
SELECT id, tz + iv, tz - interval '1 day', tz + interval '1 month', tz - interval '5 months 3 days 4 hours', iv + tz FROM z WHERE id > 0 AND tz < '9999-01-01'

-- path: set
SELECT id, tz::text, ts::timestamptz::text, to_char(tz, 'YYYY-MM-DD HH24:MI:SS.US TZ tz TZH:TZM OF Day IW'), to_char(d, 'DD Mon YYYY TZ') FROM z

-- path: set
SELECT id, age(tz, ts::timestamptz), age(tz, '2000-02-29 12:00+00'), tz - ts::timestamptz FROM z

-- path: set
SELECT id FROM z WHERE tz > ts OR d = tz OR ts <= tz

-- path: set
SELECT tz::date, count(*) FROM z GROUP BY 1

-- path: set
SELECT date_trunc('year', tz) AS y, count(*), min(tz), max(ts::timestamptz) FROM z GROUP BY y ORDER BY y

-- path: set
SELECT id, to_timestamp(ts::text, 'YYYY-MM-DD HH24:MI:SS'), to_date(tz::text, 'YYYY-MM-DD'), make_timestamptz(2024, 3, 31, 2, 30, id) FROM z WHERE id < 60

-- path: set
SELECT z.id, g FROM z, generate_series(timestamptz '2024-03-29 12:00+00', '2024-04-02', '1 day') AS g WHERE z.id < 3

-- path: set
SELECT s.id, z.id, s.tz::timestamp, s.tz::date, s.tz::text, s.tz > z.ts, date_part('year', s.tz), to_char(s.tz, 'YYYY BC') FROM z JOIN s ON z.id = s.id

SET TimeZone = 'Asia/Kolkata'

-- path: set
SELECT id, tz, tz::date, tz::timestamp, tz::time, ts::timestamptz, d::timestamptz FROM z

-- path: set
SELECT id, extract(year FROM tz), extract(doy FROM tz), extract(hour FROM tz), extract(minute FROM tz), extract(second FROM tz), extract(epoch FROM tz), extract(timezone FROM tz), extract(timezone_hour FROM tz), extract(timezone_minute FROM tz), date_part('week', tz), date_part('timezone', tz) FROM z

-- path: set
SELECT id, date_trunc('second', tz), date_trunc('minute', tz), date_trunc('hour', tz), date_trunc('day', tz), date_trunc('week', tz), date_trunc('month', tz), date_trunc('quarter', tz), date_trunc('year', tz), date_trunc('month', d) FROM z WHERE id > 1

-- path: set
SELECT id, tz + iv, tz - interval '1 day', tz + interval '1 month', tz - interval '5 months 3 days 4 hours', iv + tz FROM z WHERE id > 0 AND tz < '9999-01-01'

-- path: set
SELECT id, tz::text, ts::timestamptz::text, to_char(tz, 'YYYY-MM-DD HH24:MI:SS.US TZ tz TZH:TZM OF Day IW'), to_char(d, 'DD Mon YYYY TZ') FROM z

-- path: set
SELECT id, age(tz, ts::timestamptz), age(tz, '2000-02-29 12:00+00'), tz - ts::timestamptz FROM z

-- path: set
SELECT id FROM z WHERE tz > ts OR d = tz OR ts <= tz

-- path: set
SELECT tz::date, count(*) FROM z GROUP BY 1

-- path: set
SELECT date_trunc('year', tz) AS y, count(*), min(tz), max(ts::timestamptz) FROM z GROUP BY y ORDER BY y

-- path: set
SELECT id, to_timestamp(ts::text, 'YYYY-MM-DD HH24:MI:SS'), to_date(tz::text, 'YYYY-MM-DD'), make_timestamptz(2024, 3, 31, 2, 30, id) FROM z WHERE id < 60

-- path: set
SELECT z.id, g FROM z, generate_series(timestamptz '2024-03-29 12:00+00', '2024-04-02', '1 day') AS g WHERE z.id < 3

-- path: set
SELECT s.id, z.id, s.tz::timestamp, s.tz::date, s.tz::text, s.tz > z.ts, date_part('year', s.tz), to_char(s.tz, 'YYYY BC') FROM z JOIN s ON z.id = s.id

SET TimeZone = 'Australia/Lord_Howe'

-- path: set
SELECT id, tz, tz::date, tz::timestamp, tz::time, ts::timestamptz, d::timestamptz FROM z

-- path: set
SELECT id, extract(year FROM tz), extract(doy FROM tz), extract(hour FROM tz), extract(minute FROM tz), extract(second FROM tz), extract(epoch FROM tz), extract(timezone FROM tz), extract(timezone_hour FROM tz), extract(timezone_minute FROM tz), date_part('week', tz), date_part('timezone', tz) FROM z

-- path: set
SELECT id, date_trunc('second', tz), date_trunc('minute', tz), date_trunc('hour', tz), date_trunc('day', tz), date_trunc('week', tz), date_trunc('month', tz), date_trunc('quarter', tz), date_trunc('year', tz), date_trunc('month', d) FROM z WHERE id > 1

-- path: set
SELECT id, tz + iv, tz - interval '1 day', tz + interval '1 month', tz - interval '5 months 3 days 4 hours', iv + tz FROM z WHERE id > 0 AND tz < '9999-01-01'

-- path: set
SELECT id, tz::text, ts::timestamptz::text, to_char(tz, 'YYYY-MM-DD HH24:MI:SS.US TZ tz TZH:TZM OF Day IW'), to_char(d, 'DD Mon YYYY TZ') FROM z

-- path: set
SELECT id, age(tz, ts::timestamptz), age(tz, '2000-02-29 12:00+00'), tz - ts::timestamptz FROM z

-- path: set
SELECT id FROM z WHERE tz > ts OR d = tz OR ts <= tz

-- path: set
SELECT tz::date, count(*) FROM z GROUP BY 1

-- path: set
SELECT date_trunc('year', tz) AS y, count(*), min(tz), max(ts::timestamptz) FROM z GROUP BY y ORDER BY y

-- path: set
SELECT id, to_timestamp(ts::text, 'YYYY-MM-DD HH24:MI:SS'), to_date(tz::text, 'YYYY-MM-DD'), make_timestamptz(2024, 3, 31, 2, 30, id) FROM z WHERE id < 60

-- path: set
SELECT z.id, g FROM z, generate_series(timestamptz '2024-03-29 12:00+00', '2024-04-02', '1 day') AS g WHERE z.id < 3

-- path: set
SELECT s.id, z.id, s.tz::timestamp, s.tz::date, s.tz::text, s.tz > z.ts, date_part('year', s.tz), to_char(s.tz, 'YYYY BC') FROM z JOIN s ON z.id = s.id

SET TimeZone = 'America/Sao_Paulo'

-- path: set
SELECT id, tz, tz::date, tz::timestamp, tz::time, ts::timestamptz, d::timestamptz FROM z

-- path: set
SELECT id, extract(year FROM tz), extract(doy FROM tz), extract(hour FROM tz), extract(minute FROM tz), extract(second FROM tz), extract(epoch FROM tz), extract(timezone FROM tz), extract(timezone_hour FROM tz), extract(timezone_minute FROM tz), date_part('week', tz), date_part('timezone', tz) FROM z

-- path: set
SELECT id, date_trunc('second', tz), date_trunc('minute', tz), date_trunc('hour', tz), date_trunc('day', tz), date_trunc('week', tz), date_trunc('month', tz), date_trunc('quarter', tz), date_trunc('year', tz), date_trunc('month', d) FROM z WHERE id > 1

-- path: set
SELECT id, tz + iv, tz - interval '1 day', tz + interval '1 month', tz - interval '5 months 3 days 4 hours', iv + tz FROM z WHERE id > 0 AND tz < '9999-01-01'

-- path: set
SELECT id, tz::text, ts::timestamptz::text, to_char(tz, 'YYYY-MM-DD HH24:MI:SS.US TZ tz TZH:TZM OF Day IW'), to_char(d, 'DD Mon YYYY TZ') FROM z

-- path: set
SELECT id, age(tz, ts::timestamptz), age(tz, '2000-02-29 12:00+00'), tz - ts::timestamptz FROM z

-- path: set
SELECT id FROM z WHERE tz > ts OR d = tz OR ts <= tz

-- path: set
SELECT tz::date, count(*) FROM z GROUP BY 1

-- path: set
SELECT date_trunc('year', tz) AS y, count(*), min(tz), max(ts::timestamptz) FROM z GROUP BY y ORDER BY y

-- path: set
SELECT id, to_timestamp(ts::text, 'YYYY-MM-DD HH24:MI:SS'), to_date(tz::text, 'YYYY-MM-DD'), make_timestamptz(2024, 3, 31, 2, 30, id) FROM z WHERE id < 60

-- path: set
SELECT z.id, g FROM z, generate_series(timestamptz '2024-03-29 12:00+00', '2024-04-02', '1 day') AS g WHERE z.id < 3

-- path: set
SELECT s.id, z.id, s.tz::timestamp, s.tz::date, s.tz::text, s.tz > z.ts, date_part('year', s.tz), to_char(s.tz, 'YYYY BC') FROM z JOIN s ON z.id = s.id

SET TimeZone = 'EST5EDT,M3.2.0,M11.1.0'

-- path: set
SELECT id, tz, tz::date, tz::timestamp, tz::time, ts::timestamptz, d::timestamptz FROM z

-- path: set
SELECT id, extract(year FROM tz), extract(doy FROM tz), extract(hour FROM tz), extract(minute FROM tz), extract(second FROM tz), extract(epoch FROM tz), extract(timezone FROM tz), extract(timezone_hour FROM tz), extract(timezone_minute FROM tz), date_part('week', tz), date_part('timezone', tz) FROM z

-- path: set
SELECT id, date_trunc('second', tz), date_trunc('minute', tz), date_trunc('hour', tz), date_trunc('day', tz), date_trunc('week', tz), date_trunc('month', tz), date_trunc('quarter', tz), date_trunc('year', tz), date_trunc('month', d) FROM z WHERE id > 1

-- path: set
SELECT id, tz + iv, tz - interval '1 day', tz + interval '1 month', tz - interval '5 months 3 days 4 hours', iv + tz FROM z WHERE id > 0 AND tz < '9999-01-01'

-- path: set
SELECT id, tz::text, ts::timestamptz::text, to_char(tz, 'YYYY-MM-DD HH24:MI:SS.US TZ tz TZH:TZM OF Day IW'), to_char(d, 'DD Mon YYYY TZ') FROM z

-- path: set
SELECT id, age(tz, ts::timestamptz), age(tz, '2000-02-29 12:00+00'), tz - ts::timestamptz FROM z

-- path: set
SELECT id FROM z WHERE tz > ts OR d = tz OR ts <= tz

-- path: set
SELECT tz::date, count(*) FROM z GROUP BY 1

-- path: set
SELECT date_trunc('year', tz) AS y, count(*), min(tz), max(ts::timestamptz) FROM z GROUP BY y ORDER BY y

-- path: set
SELECT id, to_timestamp(ts::text, 'YYYY-MM-DD HH24:MI:SS'), to_date(tz::text, 'YYYY-MM-DD'), make_timestamptz(2024, 3, 31, 2, 30, id) FROM z WHERE id < 60

-- path: set
SELECT z.id, g FROM z, generate_series(timestamptz '2024-03-29 12:00+00', '2024-04-02', '1 day') AS g WHERE z.id < 3

-- path: set
SELECT s.id, z.id, s.tz::timestamp, s.tz::date, s.tz::text, s.tz > z.ts, date_part('year', s.tz), to_char(s.tz, 'YYYY BC') FROM z JOIN s ON z.id = s.id

SET TimeZone = '+05:30'

-- path: set
SELECT id, tz, tz::date, tz::timestamp, tz::time, ts::timestamptz, d::timestamptz FROM z

-- path: set
SELECT id, extract(year FROM tz), extract(doy FROM tz), extract(hour FROM tz), extract(minute FROM tz), extract(second FROM tz), extract(epoch FROM tz), extract(timezone FROM tz), extract(timezone_hour FROM tz), extract(timezone_minute FROM tz), date_part('week', tz), date_part('timezone', tz) FROM z

-- path: set
SELECT id, date_trunc('second', tz), date_trunc('minute', tz), date_trunc('hour', tz), date_trunc('day', tz), date_trunc('week', tz), date_trunc('month', tz), date_trunc('quarter', tz), date_trunc('year', tz), date_trunc('month', d) FROM z WHERE id > 1

-- path: set
SELECT id, tz + iv, tz - interval '1 day', tz + interval '1 month', tz - interval '5 months 3 days 4 hours', iv + tz FROM z WHERE id > 0 AND tz < '9999-01-01'

-- path: set
SELECT id, tz::text, ts::timestamptz::text, to_char(tz, 'YYYY-MM-DD HH24:MI:SS.US TZ tz TZH:TZM OF Day IW'), to_char(d, 'DD Mon YYYY TZ') FROM z

-- path: set
SELECT id, age(tz, ts::timestamptz), age(tz, '2000-02-29 12:00+00'), tz - ts::timestamptz FROM z

-- path: set
SELECT id FROM z WHERE tz > ts OR d = tz OR ts <= tz

-- path: set
SELECT tz::date, count(*) FROM z GROUP BY 1

-- path: set
SELECT date_trunc('year', tz) AS y, count(*), min(tz), max(ts::timestamptz) FROM z GROUP BY y ORDER BY y

-- path: set
SELECT id, to_timestamp(ts::text, 'YYYY-MM-DD HH24:MI:SS'), to_date(tz::text, 'YYYY-MM-DD'), make_timestamptz(2024, 3, 31, 2, 30, id) FROM z WHERE id < 60

-- path: set
SELECT z.id, g FROM z, generate_series(timestamptz '2024-03-29 12:00+00', '2024-04-02', '1 day') AS g WHERE z.id < 3

-- path: set
SELECT s.id, z.id, s.tz::timestamp, s.tz::date, s.tz::text, s.tz > z.ts, date_part('year', s.tz), to_char(s.tz, 'YYYY BC') FROM z JOIN s ON z.id = s.id

SET TIME ZONE INTERVAL '-03:30' HOUR TO MINUTE

-- path: set
SELECT id, tz, tz::date, tz::timestamp, tz::time, ts::timestamptz, d::timestamptz FROM z

-- path: set
SELECT id, extract(year FROM tz), extract(doy FROM tz), extract(hour FROM tz), extract(minute FROM tz), extract(second FROM tz), extract(epoch FROM tz), extract(timezone FROM tz), extract(timezone_hour FROM tz), extract(timezone_minute FROM tz), date_part('week', tz), date_part('timezone', tz) FROM z

-- path: set
SELECT id, tz::text, ts::timestamptz::text, to_char(tz, 'YYYY-MM-DD HH24:MI:SS.US TZ tz TZH:TZM OF Day IW'), to_char(d, 'DD Mon YYYY TZ') FROM z

SET DateStyle = 'SQL, DMY'

SET TimeZone = 'America/New_York'

-- path: set
SELECT id, tz::text, ts::text, d::text, 'x' || d, concat('x', id) FROM z

SET DateStyle = 'SQL, MDY'

SET TimeZone = 'America/New_York'

-- path: set
SELECT id, tz::text, ts::text, d::text, 'x' || d, concat('x', id) FROM z

SET DateStyle = 'Postgres, DMY'

SET TimeZone = 'America/New_York'

-- path: set
SELECT id, tz::text, ts::text, d::text, 'x' || d, concat('x', id) FROM z

SET DateStyle = 'Postgres, MDY'

SET TimeZone = 'America/New_York'

-- path: set
SELECT id, tz::text, ts::text, d::text, 'x' || d, concat('x', id) FROM z

SET DateStyle = 'German, DMY'

SET TimeZone = 'America/New_York'

-- path: set
SELECT id, tz::text, ts::text, d::text, 'x' || d, concat('x', id) FROM z

SET DateStyle = 'ISO, YMD'

SET TimeZone = 'America/New_York'

-- path: set
SELECT id, tz::text, ts::text, d::text, 'x' || d, concat('x', id) FROM z

RESET DateStyle

SET IntervalStyle = 'postgres'

-- path: set
SELECT id, iv::text, (iv * -1.37)::text, (tz - '2000-01-01 00:00:00.5+00')::text, (iv + interval '1 year 3 mons')::text FROM z

SET IntervalStyle = 'postgres_verbose'

-- path: set
SELECT id, iv::text, (iv * -1.37)::text, (tz - '2000-01-01 00:00:00.5+00')::text, (iv + interval '1 year 3 mons')::text FROM z

SET IntervalStyle = 'sql_standard'

-- path: set
SELECT id, iv::text, (iv * -1.37)::text, (tz - '2000-01-01 00:00:00.5+00')::text, (iv + interval '1 year 3 mons')::text FROM z

SET IntervalStyle = 'iso_8601'

-- path: set
SELECT id, iv::text, (iv * -1.37)::text, (tz - '2000-01-01 00:00:00.5+00')::text, (iv + interval '1 year 3 mons')::text FROM z

RESET IntervalStyle

-- path: set
SELECT id, tz AT TIME ZONE 'Europe/Berlin', ts AT TIME ZONE 'Europe/Berlin', date_trunc('day', tz, 'Europe/Berlin') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'america/new_york', ts AT TIME ZONE 'america/new_york', date_trunc('day', tz, 'america/new_york') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'Asia/Kolkata', ts AT TIME ZONE 'Asia/Kolkata', date_trunc('day', tz, 'Asia/Kolkata') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'Australia/Lord_Howe', ts AT TIME ZONE 'Australia/Lord_Howe', date_trunc('day', tz, 'Australia/Lord_Howe') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'America/Sao_Paulo', ts AT TIME ZONE 'America/Sao_Paulo', date_trunc('day', tz, 'America/Sao_Paulo') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'EST5EDT,M3.2.0,M11.1.0', ts AT TIME ZONE 'EST5EDT,M3.2.0,M11.1.0', date_trunc('day', tz, 'EST5EDT,M3.2.0,M11.1.0') FROM z

-- path: set
SELECT id, tz AT TIME ZONE '+05:30', ts AT TIME ZONE '+05:30', date_trunc('day', tz, '+05:30') FROM z

-- path: set
SELECT id, tz AT TIME ZONE '-3', ts AT TIME ZONE '-3', date_trunc('day', tz, '-3') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'EST', ts AT TIME ZONE 'EST', date_trunc('day', tz, 'EST') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'CEST', ts AT TIME ZONE 'CEST', date_trunc('day', tz, 'CEST') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'utc', ts AT TIME ZONE 'utc', date_trunc('day', tz, 'utc') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'Z', ts AT TIME ZONE 'Z', date_trunc('day', tz, 'Z') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'America/St_Johns', ts AT TIME ZONE 'America/St_Johns', date_trunc('day', tz, 'America/St_Johns') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'Africa/Casablanca', ts AT TIME ZONE 'Africa/Casablanca', date_trunc('day', tz, 'Africa/Casablanca') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'Africa/Monrovia', ts AT TIME ZONE 'Africa/Monrovia', date_trunc('day', tz, 'Africa/Monrovia') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'Pacific/Apia', ts AT TIME ZONE 'Pacific/Apia', date_trunc('day', tz, 'Pacific/Apia') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'Europe/Dublin', ts AT TIME ZONE 'Europe/Dublin', date_trunc('day', tz, 'Europe/Dublin') FROM z

-- path: set
SELECT id, tz AT TIME ZONE 'Antarctica/Troll', ts AT TIME ZONE 'Antarctica/Troll', date_trunc('day', tz, 'Antarctica/Troll') FROM z

-- path: set
SELECT id, tz AT TIME ZONE interval '-02:30', ts AT TIME ZONE interval '05:45:30' FROM z

-- an abbreviation that has meant several things, no zone at all, a zone in a column
-- path: row
SELECT id, tz AT TIME ZONE 'MSK' FROM z

-- path: row
SELECT id, tz AT TIME ZONE 'Nowhere/At_All' FROM z

-- path: row
SELECT id, tz AT TIME ZONE interval '1 day' FROM z

-- path: row
SELECT id, tz AT TIME ZONE CASE WHEN id > 3 THEN 'UTC' ELSE 'Europe/Berlin' END FROM z

-- a plan that is kept follows the setting
PREPARE p AS SELECT id, tz::date, tz::text FROM z; SET plan_cache_mode = force_generic_plan; SET TimeZone = 'Asia/Kolkata'; EXECUTE p; SET TimeZone = 'America/Sao_Paulo'; EXECUTE p; SET DateStyle = 'German'; EXECUTE p; RESET DateStyle; RESET plan_cache_mode; DEALLOCATE p

RESET TimeZone
