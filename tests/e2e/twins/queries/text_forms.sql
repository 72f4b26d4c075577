-- Types that are stored as their text form: what is stored depends on no setting, and comes back as the value that it was.
-- setup

SET DateStyle = 'SQL, DMY'; SET IntervalStyle = 'sql_standard'; SET extra_float_digits = -10; SET TimeZone = 'Asia/Kolkata'

DROP TYPE IF EXISTS public.interval_range CASCADE; CREATE TYPE public.interval_range AS RANGE (subtype = interval)

CREATE TABLE r (id int, i int4range, n numrange, d daterange, ts tsrange, tz tstzrange, m int4multirange, dm datemultirange, ir public.interval_range, v tsvector, q tsquery, p point, l lseg, b box, pa path, po polygon, c circle, jp jsonpath, iv int2vector, ov oidvector, lsn pg_lsn, rs int4range[], mac macaddr8) USING {am}

INSERT INTO r VALUES (1, '[1,5)', '(1.50,2]', '[2020-02-01,2020-03-04)', '[2020-02-01 00:00,infinity)', '["2020-02-01 00:00:00.5+00",)', '{[1,2),[5,9)}', '{[2020-02-01,2020-02-03)}', '[-1 day,1 mon -2 days +03:04:05)', '''a'':1A,2 ''b c'':3', '''a'' & !''b c'':*B | ''d'' <-> ''e''', '(0.1,1e-7)', '[(0,0),(0.3333333333333333,1)]', '(1,1),(0.1,0.2)', '((0,0),(1,0.1))', '((0,0),(1,1),(2,0))', '<(0.1,0.2),0.3333333333333333>', '$."a"[*] ? (@ > 1)', '1 2 3', '4 5', '16/B374D848', '{"[1,2)",NULL,empty}', '08:00:2b:01:02:03:04:05'), (2, 'empty', '(,)', 'empty', '(,)', 'empty', '{}', '{}', 'empty', '', '', '(NaN,Infinity)', '[(1,1),(1,1)]', '(1,1),(1,1)', '[(0,0),(1,1)]', '((0,0))', '<(0,0),0>', 'strict $', '', '', '0/0', '{}', '00:00:00:00:00:00:00:00'), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)

-- queries

SET extra_float_digits = 3

-- path: set
SELECT id, i, n, d, ts, tz, m, dm, ir, v, q, rs FROM r ORDER BY id

SELECT * FROM r ORDER BY id

RESET DateStyle; RESET IntervalStyle; RESET TimeZone

SELECT * FROM r ORDER BY id

SELECT id, i @> 2, upper(d), ts && '[2021-01-01,2022-01-01)', v @@ 'a', p <-> '(0,0)' FROM r ORDER BY id

INSERT INTO r SELECT id + 10, i, n, d, ts, tz, m, dm, ir, v, q, p, l, b, pa, po, c, jp, iv, ov, lsn, rs, mac FROM r

UPDATE r SET d = d * '[2020-02-02,2020-02-05)', ts = NULL WHERE id = 1

SELECT * FROM r ORDER BY id

RESET extra_float_digits
