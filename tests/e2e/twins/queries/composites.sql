-- Composites: nested in each other and in arrays, NULL beside a row of NULLs, dropped attributes, domains over them.
-- setup

DROP TYPE IF EXISTS public.colour, public.inner_type, public.outer_type, public.timed CASCADE; CREATE TYPE public.colour AS ENUM ('red', 'green'); CREATE TYPE public.inner_type AS (a int, gone text, b text, "C d" numeric(8,2)); ALTER TYPE public.inner_type DROP ATTRIBUTE gone; CREATE TYPE public.outer_type AS (id int2, one public.inner_type, many public.inner_type[], words text[], when_ timestamptz, c public.colour, iv interval, u uuid, ch char(4)); CREATE TYPE public.timed AS (d date, ds date[], t time, iv interval[])

CREATE TABLE c (id int, i public.inner_type, o public.outer_type, l public.inner_type[], t public.timed) USING {am}

INSERT INTO c VALUES (1, '(1,"x, ""y""",1.50)', ROW(7, ROW(2, 'in', 3.25), ARRAY[ROW(1, 'p', 1), NULL, ROW(NULL, NULL, NULL)]::public.inner_type[], '{a,NULL,"b c"}', '2024-01-01 12:00:00+00', 'green', '1 mon -2 days 00:00:03', '00112233-4455-6677-8899-aabbccddeeff', 'ab')::public.outer_type, ARRAY[ROW(10, 'ten', 10.10)::public.inner_type], ROW('2020-02-29', '{2020-01-01,NULL}', '12:34:56', '{1 year,NULL,-3 days}')), (2, NULL, NULL, NULL, NULL), (3, ROW(NULL, NULL, NULL), ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), '{}', ROW(NULL, NULL, NULL, NULL)), (4, ROW(4, '', NULL), ROW(NULL, ROW(NULL, NULL, NULL), '{}', '{}', NULL, 'red', '0', NULL, ''), '{NULL}', ROW(NULL, '{}', '00:00', '{}'))

INSERT INTO c SELECT i, CASE WHEN i % 3 > 0 THEN ROW(i, 'n' || i, i / 4.0)::public.inner_type END, CASE WHEN i % 2 > 0 THEN ROW(i, ROW(-i, NULL, NULL), ARRAY[ROW(i, 'x', 1), ROW(i + 1, 'y', 2)]::public.inner_type[], ARRAY['w' || i], NULL, 'red', i * interval '1 hour', NULL, 'z')::public.outer_type END, ARRAY(SELECT ROW(g, 'g' || g, g)::public.inner_type FROM generate_series(1, i % 5) g) FROM generate_series(100, 3000) i

-- queries

-- path: set
SELECT * FROM c WHERE id < 110 ORDER BY id

SELECT * FROM c

SELECT id, i IS NULL, i IS NOT NULL, o IS NULL, l IS NULL FROM c WHERE id < 10 ORDER BY id

SELECT id, (i).a, (i).b, (i)."C d", (o).one, ((o).one).b, (o).many[2].b, (o).words[1], (o).iv, l[1].a FROM c WHERE id < 120 ORDER BY id

SELECT sum((i).a), max((o).id), count((i).b) FROM c

SELECT id FROM c WHERE (i).a BETWEEN 200 AND 205 ORDER BY id

INSERT INTO c SELECT id + 10000, i, o, l, t FROM c WHERE id < 120

SELECT * FROM c WHERE id < 10 OR id > 10000 ORDER BY id

UPDATE c SET i.b = 'changed', o.words = '{q}' WHERE id IN (1, 2, 3)

UPDATE c SET i = ROW(1, 'row', 2), l = l || ROW(5, 'five', 5)::public.inner_type WHERE id = 4 RETURNING *

UPDATE c SET i = NULL WHERE id = 10001

DELETE FROM c WHERE (i).a = 101

DELETE FROM c WHERE i IS NULL AND id > 10000

MERGE INTO c USING (SELECT id, i, o FROM c WHERE id BETWEEN 100 AND 110) s ON s.id + 1 = c.id WHEN MATCHED THEN UPDATE SET i = s.i WHEN NOT MATCHED THEN INSERT (id, o) VALUES (s.id + 20000, s.o)

SELECT * FROM c WHERE id < 120 OR id > 10000 ORDER BY id

CREATE TABLE c2 USING {am} AS SELECT id, i, o, l FROM c WHERE id < 200

SELECT * FROM c2 ORDER BY id

CREATE TABLE c3 USING {am} AS SELECT id, (o).one AS one, (o).many[1] AS first, ROW(id, 'made', 1)::public.inner_type AS made FROM c WHERE id < 200

SELECT * FROM c3 ORDER BY id

ALTER TABLE c3 ADD COLUMN t public.timed, ADD COLUMN d public.inner_type DEFAULT ROW(1, 'default', 2)

INSERT INTO c3 (id, t) VALUES (1000, ROW('2020-01-01', NULL, NULL, NULL))

SELECT * FROM c3 ORDER BY id

ALTER TABLE c3 DROP COLUMN one

SELECT * FROM c3 ORDER BY id

ANALYZE c

INSERT INTO c (id, i) VALUES (1, ROW('x', 1, 1))

INSERT INTO c (id, i) VALUES (1, ROW(1, 'x', 1234567.89))

SELECT (u).* FROM (SELECT unnest(l) AS u FROM c WHERE id BETWEEN 100 AND 110) x

SELECT id, x.* FROM c, unnest(l) x WHERE id BETWEEN 100 AND 110 ORDER BY id, a

SELECT l, count(*) FROM c WHERE id < 120 GROUP BY l ORDER BY l

SELECT i FROM c WHERE id < 120 ORDER BY i

SELECT row_to_json(o), to_json(l) FROM c WHERE id < 105 ORDER BY id

SELECT c.* FROM c WHERE id = 1

SELECT c::text FROM c WHERE id = 1

CREATE TABLE plain (id int, i public.inner_type); INSERT INTO plain VALUES (1, ROW(1, 'p', 1)), (4, NULL), (100, ROW(NULL, NULL, NULL))

SELECT p.id, p.i, c.i FROM plain p JOIN c USING (id) ORDER BY id
