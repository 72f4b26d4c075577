-- Columns of type jsonb that are variants in Iceberg (option variant_columns, format version 3): rules 9, 12, 74.
-- setup

CREATE TABLE v (id int, p jsonb, "Q q" jsonb DEFAULT '{"default": true}', s jsonb, n text) USING {am} {variant_columns:p, "Q q"}

INSERT INTO v VALUES (1, '{"a": 1, "b": {"c": null, "d": "z"}, "long name": []}', 'null', '1', 'x'), (2, '[1, null, {"a": [2.5, 1e20]}]', '{}', NULL, NULL), (3, NULL, NULL, NULL, NULL), (4, '"text"', '-129', '"text"', 'y'), (5, 'true', '123456789012345678901234567890.12345678', '[]', ''), (6, '0.10', '1e-20', NULL, 'z')

INSERT INTO v (id, p) SELECT i, jsonb_build_object('i', i, 'k', 'key ' || i % 7, 'l', jsonb_build_array(i, i % 3 = 0, NULL)) FROM generate_series(10, 3000) i

CREATE TABLE h (id int, j jsonb) USING heap

INSERT INTO h SELECT i, jsonb_build_object('h', i) FROM generate_series(1, 50) i

-- queries

SELECT * FROM v WHERE id < 20 ORDER BY id

-- path: set
SELECT id, p ->> 'i', p -> 'l' -> 0, "Q q" FROM v WHERE p ->> 'k' = 'key 3' ORDER BY id

SELECT id, jsonb_typeof(p), p #>> '{b,d}', p -> 2 -> 'a' ->> 0 FROM v WHERE id % 500 < 7 ORDER BY id

SELECT count(*), count(p), count("Q q"), sum((p ->> 'i')::int) FROM v

SELECT p ->> 'k', count(*) FROM v GROUP BY 1 ORDER BY 1

SELECT id FROM v WHERE p @> '{"i": 77}' OR p IS NULL OR "Q q" = 'null' ORDER BY id

SELECT p, count(*) FROM v WHERE id < 100 GROUP BY p

SELECT v.id, p, j FROM v JOIN h USING (id) WHERE id % 4 = 1 ORDER BY id

UPDATE v SET p = p || '{"new": [1.50, "x"]}' WHERE id BETWEEN 10 AND 40 AND id % 3 = 0

UPDATE v SET p = jsonb_set(p, '{b,c}', '"set"'), n = p ->> 'a' WHERE id = 1 RETURNING id, p, n

DELETE FROM v WHERE p ->> 'k' IN ('key 1', 'key 2') AND id > 100

INSERT INTO v SELECT id + 10000, "Q q", p, s, n FROM v WHERE id < 30

INSERT INTO v (id, p) SELECT id + 20000, j FROM h

MERGE INTO v USING h ON v.id = h.id WHEN MATCHED THEN UPDATE SET "Q q" = h.j WHEN NOT MATCHED THEN INSERT (id, p) VALUES (h.id, h.j)

SELECT * FROM v WHERE id < 60 OR id > 9999 ORDER BY id

BEGIN; SAVEPOINT s; UPDATE v SET p = '"gone"' WHERE id < 100; ROLLBACK TO s; UPDATE v SET "Q q" = '"kept"' WHERE id = 12; COMMIT

ALTER TABLE v RENAME COLUMN "Q q" TO q

ALTER TABLE v DROP COLUMN n, ADD COLUMN w jsonb

ALTER TABLE v ADD COLUMN x jsonb, {set_variant_columns:p, q, w, x}

UPDATE v SET w = p, x = q WHERE id < 20

ALTER TABLE v ALTER COLUMN q DROP DEFAULT, ALTER COLUMN w SET DEFAULT '[]'

INSERT INTO v (id) VALUES (30000)

ALTER TABLE v ALTER COLUMN x TYPE text, ADD COLUMN d jsonb DEFAULT '{"d": 1}'

SELECT * FROM v WHERE id < 60 OR id > 9999 ORDER BY id

CREATE TABLE c USING {am} {variant_columns:p} AS SELECT id, p, q FROM v WHERE id < 50

UPDATE c SET q = p, p = q

SELECT * FROM c ORDER BY id

ANALYZE v

SELECT count(*), count(w), count(x), count(DISTINCT p) FROM v
