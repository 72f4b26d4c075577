-- Maps: domains over arrays of pairs (MAP-1 to MAP-3), nested in each other, in arrays and composites.
-- setup

SELECT map_type.create('int', 'text'), map_type.create('text', 'date[]'), map_type.create('uuid', 'numeric')

DROP TYPE IF EXISTS public.with_map CASCADE; CREATE TYPE public.with_map AS (m map_type.key_int4_val_text, n int)

CREATE TABLE m (id int, a map_type.key_int4_val_text, b map_type.key_text_val_key_text_val_text, c map_type.key_text_val_date_array, l map_type.key_int4_val_text[], w public.with_map) USING {am}

INSERT INTO m VALUES (1, '{"(1,one)","(2,\"two, \"\"q\"\"\")"}', ARRAY[ROW('x', ARRAY[ROW('y', 'z')::map_type.pair_text_text]::map_type.key_text_val_text)]::map_type.pair_text_key_text_val_text[], ARRAY[ROW('d', '{2020-01-01,NULL}')]::map_type.pair_text_date_array[], ARRAY['{"(7,seven)"}', NULL]::map_type.key_int4_val_text[], ROW('{"(1,in)"}', 5)), (2, NULL, NULL, NULL, NULL, NULL), (3, '{}', '{}', '{}', '{}', ROW('{}', NULL))

INSERT INTO m (id, a) SELECT i, ARRAY(SELECT ROW(g, 'v' || g)::map_type.pair_int4_text FROM generate_series(1, i % 7) g)::map_type.key_int4_val_text FROM generate_series(10, 1000) i

-- queries

-- path: set
SELECT * FROM m WHERE id < 20 ORDER BY id

SELECT id, (a[1]).key, a[2], (b[1]).val, c[1:1], l[1], (w).m[1] FROM m WHERE id < 20 ORDER BY id

SELECT id FROM m WHERE id < 20 AND (a[1]).key = 1 ORDER BY a[1], id

SELECT id, map_type.extract(a, 1), a -> 2, cardinality(a), map_type.cardinality(a), (b -> 'x') -> 'y', c -> 'd', l[1] -> 7, (w).m -> 1 FROM m WHERE id < 20 ORDER BY id

SELECT id, e.* FROM m, map_type.entries(a) e WHERE id < 20 ORDER BY 1, 2

INSERT INTO m SELECT id + 5000, a, b, c, l, w FROM m WHERE id < 15

UPDATE m SET a = '{"(9,nine)"}' WHERE id IN (2, 5001)

DELETE FROM m WHERE a IS NULL

SELECT * FROM m WHERE id < 20 OR id > 5000 ORDER BY id

CREATE TABLE m2 USING {am} AS SELECT id, a, b FROM m WHERE id < 100

ALTER TABLE m2 ADD COLUMN n map_type.key_text_val_text

INSERT INTO m2 (id, n) VALUES (0, '{"(k,v)"}')

SELECT * FROM m2 ORDER BY id

ANALYZE m

SELECT count(*), count(a) FROM m
