-- Arrays and composites in shipped expressions: membership, subscripts, fields, unnest, array_agg, grouping, joins.
-- setup

DROP TYPE IF EXISTS public.place CASCADE; CREATE TYPE public.place AS (town text, zip int2, since date, price numeric(8,2), stay interval, tags text[])

CREATE TABLE s (id int, kind text, i4 int[], i2 int2[], i8 bigint[], w text[], f8 float8[], d date[], n numeric(10,2)[], p public.place, ps public.place[]) USING {am}

INSERT INTO s SELECT i, CASE WHEN i % 4 > 0 THEN 'k' || i % 4 END, CASE WHEN i % 11 > 0 THEN ARRAY(SELECT CASE WHEN (g + i) % 5 > 0 THEN g * i % 13 END FROM generate_series(1, i % 6) g) END, ARRAY[i, NULL, -i]::int2[], ARRAY[i * 10000000000], CASE WHEN i % 7 > 0 THEN ARRAY(SELECT CASE WHEN g % 3 > 0 THEN 'w' || g END FROM generate_series(1, i % 5) g) END, ARRAY[i / 4.0, 'NaN', NULL, -0.0], ARRAY[date '2024-01-01' + i, NULL], ARRAY[i / 3.0, NULL], CASE WHEN i % 3 > 0 THEN ROW('t' || i % 5, i::int2, date '2024-01-01' + i, i / 7.0, i * interval '1 hour', ARRAY['x' || i])::public.place END, CASE WHEN i % 5 > 0 THEN ARRAY[ROW('a', i::int2, NULL, NULL, NULL, NULL), NULL]::public.place[] END FROM generate_series(1, 200) i

CREATE TABLE keys (k int, names text[]) USING {am}

INSERT INTO keys VALUES (1, '{w1,w2}'), (2, '{w2}'), (3, NULL), (4, '{}'), (5, '{NULL}')

-- queries

-- path: set
SELECT id, 3 = ANY (i4), 3 <> ALL (i4), NULL = ANY (i4), id = ANY (i8), id::int2 = ANY (i2), kind = ANY (w), 2.5::float8 = ANY (f8), date '2024-01-05' = ANY (d) FROM s ORDER BY id

-- path: set
SELECT id FROM s WHERE 3 = ANY (i4) AND NOT ('w1' = ANY (w)) ORDER BY id

-- path: set
SELECT id FROM s WHERE NOT (5 = ANY (i4)) OR 'w2' <> ALL (w) ORDER BY id

-- path: set
SELECT id, i4[1], i4[id % 4], i4[-id], i4[NULL], i2[1], i2[2], i8[1] + 1, w[2] || 'x', f8[2], d[1], n[1], n[1] * 2, ps[1] FROM s ORDER BY id

-- path: set
SELECT id, i4[2:3], i4[:2], w[2:], i2[0:1], i4[5:3], d[-3:1] FROM s ORDER BY id

-- path: set
SELECT id, (p).town, (p).zip, (p).since, (p).price, (p).stay, (p).tags[1], (ps[1]).town, (ps[1]).zip FROM s ORDER BY id

-- path: set
SELECT (p).town, count(*), sum((p).zip), max((p).since), sum((p).price) FROM s GROUP BY (p).town ORDER BY 1

-- path: set
SELECT id, p IS NULL, p IS NOT NULL, ps IS NULL FROM s ORDER BY id

-- path: set
SELECT id, cardinality(i4), array_length(w, 1), array_upper(ps, 1), array_length(i4, 2) FROM s ORDER BY id

-- path: set
SELECT s.id, x FROM s, unnest(s.i4) x ORDER BY 1, 2

-- path: set
SELECT x, count(*) FROM s, unnest(w) AS u(x) WHERE id > 10 GROUP BY x ORDER BY x

-- path: set
SELECT s.id, u.e, u.o FROM s CROSS JOIN LATERAL unnest(s.w) WITH ORDINALITY u(e, o) ORDER BY 1, 3

-- path: set
SELECT s.id, x FROM s LEFT JOIN unnest(s.i2) x ON true ORDER BY 1, 2

SELECT s.id, x FROM s LEFT JOIN unnest(s.i4) x ON x > 5 ORDER BY 1, 2

-- path: set
SELECT * FROM unnest('{1,NULL,3}'::int[]) WITH ORDINALITY a JOIN s ON s.id = a.ordinality ORDER BY 1

-- path: set
SELECT id FROM s WHERE EXISTS (SELECT FROM unnest(s.i4) x WHERE x = 7) ORDER BY id

SELECT id, (SELECT sum(x) FROM unnest(i4) x) FROM s ORDER BY id

SELECT id, ARRAY(SELECT x FROM unnest(w) x ORDER BY x) FROM s ORDER BY id

-- path: set
SELECT kind, array_agg(id ORDER BY id), array_agg(DISTINCT kind ORDER BY kind), array_agg((p).zip ORDER BY id DESC) FILTER (WHERE id < 30) FROM s GROUP BY kind ORDER BY kind

-- path: set
SELECT array_agg(id ORDER BY id) FROM s WHERE id < 0

-- path: set
SELECT i4, count(*) FROM s GROUP BY i4 ORDER BY i4

-- path: set
SELECT DISTINCT w COLLATE "C" AS w FROM s ORDER BY 1

-- path: set
SELECT id FROM s ORDER BY i4 DESC NULLS LAST, id

-- path: set
SELECT s.id, k FROM s JOIN keys ON s.w = keys.names ORDER BY 1, 2

-- path: set
SELECT s.id, k FROM s JOIN keys ON s.w @> keys.names ORDER BY 1, 2

-- path: set
SELECT s.id, k FROM s LEFT JOIN keys ON keys.k = ANY (s.i4) WHERE s.id < 30 ORDER BY 1, 2

-- path: set
SELECT id, i4 || 7, i4 || i4, 0 || i4, ARRAY[id, NULL, 2], ARRAY[kind, 'x'], i4 = '{1,2}', w < '{w1,w2}' COLLATE "C" FROM s ORDER BY id

-- path: set
SELECT coalesce(i4, '{}'), CASE WHEN id > 3 THEN w ELSE '{none}' END, nullif(i4, '{}') FROM s WHERE id < 20 ORDER BY id

-- path: set
SELECT w FROM s WHERE id < 9 UNION SELECT names FROM keys

-- path: set
WITH x AS (SELECT id, i4 || 1 AS a, p FROM s) SELECT id, a[1], (p).town FROM x WHERE cardinality(a) > 2 ORDER BY id

-- path: set
SELECT id, lag(i4) OVER (ORDER BY id), first_value(w) OVER (PARTITION BY kind ORDER BY id) FROM s ORDER BY id

PREPARE q(int[], text) AS SELECT id FROM s WHERE i4 = $1 OR $2 = ANY (w) ORDER BY id; SET plan_cache_mode = force_generic_plan; EXECUTE q('{1,NULL}', 'w2'); EXECUTE q('{}', 'nothing'); EXECUTE q(NULL, NULL); RESET plan_cache_mode; DEALLOCATE q

PREPARE q(int[]) AS SELECT id FROM s WHERE id = ANY ($1) ORDER BY id; SET plan_cache_mode = force_generic_plan; EXECUTE q('{1,2,NULL}'); EXECUTE q('{}'); RESET plan_cache_mode; DEALLOCATE q

UPDATE s SET i4 = array_append(i4, id), w = array_remove(w, 'w1') WHERE 3 = ANY (i4)

DELETE FROM s WHERE w && ARRAY['w4']

MERGE INTO s USING keys ON keys.k = s.id WHEN MATCHED THEN UPDATE SET w = keys.names || w, kind = (p).town WHEN NOT MATCHED THEN INSERT (id, w) VALUES (k + 1000, names)

SELECT * FROM s ORDER BY id

SELECT id, unnest(i4) FROM s ORDER BY id, 2

SELECT id, (x).town FROM s, unnest(ps) x ORDER BY 1, 2

SELECT sum(v) FROM (SELECT unnest(i8) AS v FROM s) x

SELECT '{{1,2},{3,4}}'::int[] @> i4 FROM s WHERE id < 5

SELECT id FROM s WHERE id = ANY ('[5:6]={1,2}'::int[])
