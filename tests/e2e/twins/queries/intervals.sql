-- Intervals in shipped queries: compared with months of 30 days, added by the calendar, written back.
-- setup

CREATE TABLE v (id int, iv interval, ts timestamp, d date, tm time, f float8) USING {am}

INSERT INTO v VALUES
(1, '1 month', '2024-01-31', '2024-01-31', '10:00', 1.5),
(2, '30 days', '2024-02-29 12:34:56.789', '2024-02-29', '23:59:59.999999', -0.1),
(3, '720 hours', '2023-12-31 23:59:59.999999', '2023-12-31', '00:00', 7),
(4, '1 mon -1 day', '2000-03-01', '2000-03-01', '12:00', 0.3),
(5, '29 days', '1999-02-28', '1999-02-28', '01:02:03.004005', 3),
(6, '-1 year -2 months +3 days -04:05:06.5', '0001-12-31', '0001-12-31', '04:05:06', 1e9),
(7, NULL, NULL, NULL, NULL, NULL),
(8, '0', '1970-01-01', '1970-01-01', '00:00:00.000001', 0),
(9, '-00:00:00.000001', '9999-01-01', '9999-01-01', '18:00', 'NaN'),
(10, '2000000000 months', '2024-05-05', '2024-05-05', '05:05', 'Infinity'),
(11, '100 days 100:00:00', '2024-05-05', '2024-05-05', '05:05', 0.001)

CREATE TABLE w (id int, iv interval, total interval) USING {am}

INSERT INTO w VALUES (1, '30 days', NULL), (2, '29 days', '1 second'), (3, '1 year', '1 day')

-- queries

-- path: set
SELECT id, iv FROM v ORDER BY iv, id

-- path: set
SELECT id, iv FROM v ORDER BY iv DESC NULLS LAST, id DESC

-- path: set
SELECT a.id, b.id, a.iv = b.iv, a.iv <> b.iv, a.iv < b.iv, a.iv <= b.iv, a.iv > b.iv, a.iv >= b.iv FROM v a, v b

-- path: set
SELECT v.id, w.id FROM v JOIN w ON v.iv = w.iv

-- path: set
SELECT id FROM v WHERE iv BETWEEN '29 days' AND '1 month' OR iv IN ('0', '1 year')

-- path: set
SELECT id FROM v WHERE iv > interval '1 week' * id

-- path: set
SELECT id, ts + iv, ts - iv, d + iv, d - iv, tm + iv, tm - iv, iv + ts, iv + d, iv + tm FROM v WHERE id NOT IN (6, 9, 10)

SELECT id, ts + iv FROM v WHERE id = 10

SELECT id, d - iv FROM v WHERE id = 10

-- path: set
SELECT id, iv + iv, iv - interval '1 month 2 days 3 hours', - iv, iv * 2, iv * 0.37, iv / 7, iv / 0.3, 3 * iv FROM v WHERE id <> 10

-- path: set
SELECT id, iv * f FROM v WHERE id NOT IN (9, 10)

SELECT id, iv * f FROM v WHERE id = 9

SELECT id, iv + iv FROM v WHERE id = 10

SELECT id, iv / f FROM v WHERE id = 8

-- path: set
SELECT id, justify_hours(iv), justify_days(iv), justify_interval(iv), isfinite(iv), date_trunc('year', iv), date_trunc('hour', iv) FROM v

-- path: set
SELECT id, extract(epoch FROM iv), extract(day FROM iv), extract(month FROM iv), extract(second FROM iv), date_part('epoch', iv), date_part('hour', iv) FROM v

SELECT id, extract(dow FROM iv) FROM v

SELECT id, date_trunc('week', iv) FROM v

-- path: set
SELECT sum(iv), avg(iv), min(iv), max(iv), count(iv) FROM v WHERE id <> 10

-- path: set
SELECT id % 3, sum(iv), avg(iv), min(iv), max(iv) FROM v WHERE id <> 10 GROUP BY 1 ORDER BY 1

SELECT sum(iv * 1) FROM v a WHERE id IN (10) OR EXISTS (SELECT 1 FROM w)

-- path: set
SELECT id, sum(iv) OVER (ORDER BY id), lag(iv) OVER (ORDER BY id), rank() OVER (ORDER BY iv) FROM v WHERE id <> 10

-- path: row
SELECT iv, count(*) FROM v GROUP BY iv

-- path: row
SELECT count(DISTINCT iv) FROM v

-- path: row
SELECT iv FROM v UNION SELECT iv FROM w

-- path: row
SELECT id, greatest(iv, interval '1 day') FROM v

-- path: set
SELECT id, CASE WHEN id > 5 THEN iv ELSE interval '1 day' END, coalesce(iv, '2 days') FROM v

-- path: set
WITH x AS MATERIALIZED (SELECT id, iv * 2 AS twice FROM v WHERE id <> 10) SELECT x.id, x.twice - v.iv FROM x JOIN v USING (id)

-- path: set
SELECT iv FROM v UNION ALL SELECT total FROM w

-- path: set
SELECT id, iv::time, tm::interval, tm - time '01:00', ts - timestamp '2000-01-01', age(ts, '2000-02-29') FROM v

-- path: set
SELECT id, iv IS NULL, iv IS NOT DISTINCT FROM NULL FROM v WHERE id < 4

SELECT id, iv IS DISTINCT FROM interval '30 days' FROM v

-- path: set
SELECT id, to_char(iv, 'YYYY MM DD HH24:MI:SS.US'), to_char(tm, 'HH12:MI AM') FROM v

-- path: set
SELECT id FROM v WHERE ts > timestamp '2024-06-01' - iv * 1 AND id < 6

PREPARE add AS SELECT id, iv + $1 FROM v WHERE id < 6; EXECUTE add(interval '-1 year +2 mons -03:00:00.5'); EXECUTE add(NULL); SET plan_cache_mode = force_generic_plan; EXECUTE add('1 mon -1 day'); RESET plan_cache_mode; DEALLOCATE add

INSERT INTO w SELECT id + 10, iv * 2, iv - interval '1 day' FROM v WHERE id < 6

UPDATE w SET total = iv + interval '1 month', iv = iv * 1.5 WHERE iv > '29 days'

MERGE INTO w USING (SELECT id, iv FROM v WHERE id < 4) AS src ON w.id = src.id WHEN MATCHED THEN UPDATE SET total = src.iv + w.iv WHEN NOT MATCHED THEN INSERT VALUES (src.id, src.iv, NULL)

DELETE FROM w WHERE total > interval '3 months'

-- path: set
SELECT id, iv, total FROM w ORDER BY id
