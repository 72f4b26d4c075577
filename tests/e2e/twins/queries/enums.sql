-- Enums: their order is that of the labels, also of those that were added between others.
-- setup

DROP TYPE IF EXISTS public.mood CASCADE; CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'happy', '1:a', 'ä "x"'); ALTER TYPE public.mood ADD VALUE 'angry' BEFORE 'sad'; ALTER TYPE public.mood ADD VALUE 'fine' AFTER 'ok'

CREATE TABLE person (id int, now public.mood, later public.mood, town text) USING {am}

INSERT INTO person VALUES (1, 'sad', 'ok', 'x'), (2, 'fine', 'angry', 'y'), (3, 'angry', 'happy', 'x'), (4, NULL, 'ok', 'y'), (5, 'ä "x"', '1:a', 'x'), (6, '1:a', '1:a', NULL), (7, 'ok', 'fine', 'y'), (8, 'fine', NULL, 'x')

-- queries

-- path: set
SELECT id, now < later, now >= 'fine', now <= ANY (ARRAY['sad', 'ok']::public.mood[]), later BETWEEN 'ok' AND 'happy' FROM person ORDER BY id

-- path: set
SELECT id, now FROM person ORDER BY now DESC NULLS LAST, later, id

-- path: set
SELECT now, count(*), min(later), max(later) FROM person GROUP BY now ORDER BY now

-- path: set
SELECT DISTINCT now FROM person

-- path: set
SELECT town, min(now), max(now) FILTER (WHERE id > 2), count(DISTINCT now) FROM person GROUP BY town ORDER BY town

-- path: set
SELECT id, rank() OVER (PARTITION BY town ORDER BY now), max(now) OVER (ORDER BY id ROWS 1 PRECEDING), lag(now) OVER (ORDER BY now, id) FROM person ORDER BY id

-- path: set
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY now), mode() WITHIN GROUP (ORDER BY now DESC) FROM person

-- path: set
SELECT p.id, q.id FROM person p JOIN person q ON p.now < q.later ORDER BY 1, 2

-- path: set
SELECT min(now) FROM person WHERE id < 0

SELECT DISTINCT now FROM person ORDER BY now

SELECT greatest(now, later), least(now, 'ok') FROM person ORDER BY id

SELECT now FROM person UNION SELECT later FROM person
