-- What random queries (tests/e2e/random/queries.py) found, made small.
-- setup

CREATE TABLE few (id int, i4 int, t text, n numeric(8,3), d date) USING {am}

INSERT INTO few VALUES (1, 1, 'a', 1.5, '2024-02-29'), (2, 1, 'ab', 2.25, NULL), (3, NULL, NULL, NULL, NULL), (4, 3, '', 0, '1970-01-01'), (5, 12, 'a  ', 11.5, '2023-12-31')

CREATE TABLE empty (id int, i4 int) USING {am}

-- queries
-- path: set
WITH unused AS (SELECT date_trunc('nothing', timestamp '2024-01-01') FROM few) SELECT id FROM few

SELECT s.x, f.id FROM few f CROSS JOIN (WITH unused AS (SELECT 1 / 0 FROM few) SELECT 1 AS x) s
