-- Columns of PostGIS's types, in Iceberg binary (format version 2), geometry and geography (3).
-- setup

CREATE TABLE g (id int, name text, a geometry, p geometry(Point, 4326), z geometry(PolygonZ, 3857), m geometry(GeometryCollectionM, 2154), y geography, b geography(Point, 4267)) USING {am}

INSERT INTO g VALUES (1, 'one', 'POINT(1 2)', 'SRID=4326;POINT(1.5 -2.25)', 'SRID=3857;POLYGON Z((0 0 1,10 0 2,10 10 3,0 0 1))', 'SRID=2154;GEOMETRYCOLLECTION M(POINT M(1 2 3), LINESTRING M(0 0 1, 1 1 2))', 'POINT(10 20)', 'SRID=4267;POINT(30 40)'), (2, 'empty', 'POINT EMPTY', 'SRID=4326;POINT EMPTY', 'SRID=3857;POLYGON Z EMPTY', 'SRID=2154;GEOMETRYCOLLECTION M EMPTY', 'MULTILINESTRING EMPTY', 'SRID=4267;POINT EMPTY'), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL)

INSERT INTO g (id, name, a) VALUES (4, 'zm', 'POINT ZM(1 2 3 4)'), (5, 'hole', 'POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,2 1,2 2,1 1))'), (6, 'multi', 'MULTIPOLYGON(((0 0,1 0,1 1,0 0)),EMPTY,((5 5,6 5,6 6,5 5)))'), (7, 'points', 'MULTIPOINT(1 2,EMPTY,-3 -4)'), (8, 'nested', 'GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(0 0)),MULTILINESTRING((0 0,1 1),(2 2,3 3)),POLYGON EMPTY)'), (9, 'm', 'LINESTRING M(0 0 5,1 1 6)'), (10, 'large', 'POINT(1e300 -1e-300)'), (11, 'minus', 'POINT(-0.0 0)'), (12, 'nan', ST_MakePoint('NaN', 1)), (13, 'z', 'LINESTRING Z EMPTY')

INSERT INTO g (id, name, a, p, y) SELECT i, 'n' || i % 5, ST_Buffer(ST_MakePoint(i % 40, i / 40), 0.4, 2), ST_SetSRID(ST_MakePoint(i % 40, i / 40), 4326), ST_MakePoint(i % 40, i / 40)::geography FROM generate_series(100, 1500) i

CREATE TABLE areas (name text, area geometry(Polygon, 4326)) USING {am}

INSERT INTO areas VALUES ('left', ST_MakeEnvelope(0, 0, 10.5, 40, 4326)), ('right', ST_MakeEnvelope(30, 0, 50, 20, 4326)), ('void', 'SRID=4326;POLYGON EMPTY'), ('none', NULL)

CREATE TABLE h (id int, q geometry, name text) USING heap

INSERT INTO h SELECT i, ST_SetSRID(ST_MakePoint(i, i), CASE WHEN i % 2 = 0 THEN 3857 ELSE 4326 END), 'h' || i FROM generate_series(1, 200) i

-- queries

-- path: set
SELECT * FROM g WHERE id < 20 ORDER BY id

SELECT id, ST_AsEWKT(a), ST_AsEWKT(p), ST_AsEWKT(z), ST_AsEWKT(m), ST_AsEWKT(y), ST_AsEWKT(b), ST_SRID(a), ST_SRID(p), ST_NDims(a) FROM g WHERE id < 20 ORDER BY id

-- path: set
SELECT count(*), count(a), count(p), count(b), max(id) FROM g WHERE p IS NOT NULL

-- path: set
SELECT name, count(*), count(z) FROM g GROUP BY name ORDER BY name

-- path: row
SELECT id FROM g WHERE ST_Intersects(p, ST_MakeEnvelope(3, 3, 6, 6, 4326)) ORDER BY id

SELECT areas.name, count(*), sum(g.id) FROM g JOIN areas ON ST_Intersects(g.p, areas.area) GROUP BY areas.name ORDER BY 1

SELECT a.id, b.id FROM g a JOIN g b ON a.a && b.a AND a.id < b.id AND a.id < 140 AND b.id < 140 ORDER BY 1, 2

SELECT id, ST_Distance(y, 'POINT(0 0)'::geography)::int FROM g WHERE ST_DWithin(y, 'POINT(20 20)'::geography, 300000) ORDER BY id

SELECT p, count(*) FROM g WHERE id < 300 GROUP BY p

SELECT DISTINCT a FROM g WHERE id < 20

SELECT id FROM g WHERE a = 'POINT(1 2)'::geometry OR a ~= 'LINESTRING M(0 0 5,1 1 6)'::geometry ORDER BY id

SELECT id, a FROM g WHERE id < 150 ORDER BY a, id

SELECT id, p <-> 'SRID=4326;POINT(5 5)'::geometry FROM g WHERE p IS NOT NULL ORDER BY 2, 1 LIMIT 7

SELECT ST_Extent(a), ST_AsText(ST_Union(a)) FROM g WHERE id < 10

SELECT ST_AsEWKT(ST_Collect(p ORDER BY id)) FROM g WHERE id BETWEEN 100 AND 110

SELECT id, CASE WHEN id > 2 THEN p ELSE p END, CASE WHEN id > 1 THEN a ELSE p END, coalesce(p, z), lag(p) OVER (ORDER BY id) FROM g WHERE id < 5 ORDER BY id

SELECT ST_SRID(x), count(*) FROM (SELECT a x FROM g UNION ALL SELECT p FROM g UNION ALL SELECT z FROM g UNION ALL SELECT q FROM h) u GROUP BY 1 ORDER BY 1

SELECT ST_SRID(x), count(*) FROM (SELECT p x FROM g UNION ALL SELECT p FROM g WHERE id < 50) u GROUP BY 1 ORDER BY 1

WITH w AS MATERIALIZED (SELECT id, p FROM g WHERE id < 10) SELECT id, ST_AsEWKT(p) FROM w ORDER BY id

SELECT id, (SELECT p FROM g i WHERE i.id = o.id) FROM g o WHERE id < 5 ORDER BY id

SELECT id, ARRAY[p], ROW(p, z), to_jsonb(a)::text, array_agg(p) OVER (PARTITION BY id) FROM g WHERE id < 3 ORDER BY id

SELECT id, 'SRID=4326;POINT(1 2)'::geometry, p IS NULL, num_nulls(a, p), pg_typeof(p), p::text, a::bytea, p::box2d FROM g WHERE id < 6 ORDER BY id

SELECT id, format('%s %s', name, p), concat(a, name), concat_ws('-', p, id), json_build_object('p', p)::text, to_json(a)::text, quote_literal(p), p || name FROM g WHERE id < 3 ORDER BY id

SELECT count(DISTINCT p), count(DISTINCT a), bool_or(p IS DISTINCT FROM p), string_agg(p::text, ',' ORDER BY id), json_agg(p ORDER BY id)::text, min(name) FROM g WHERE id < 3

SELECT g::text FROM g WHERE id < 3 ORDER BY id

SELECT row_to_json(g)::text, ROW(g.p), g IS NOT NULL FROM g WHERE id < 3 ORDER BY id

SELECT id, nullif(p, 'SRID=4326;POINT(1.5 -2.25)'::geometry), greatest(a, a), p IN (SELECT p FROM g i WHERE i.id < 3), EXISTS (SELECT FROM g i WHERE i.p = g.p AND i.id <> g.id) FROM g WHERE id < 6 ORDER BY id

SELECT id, p FROM g WHERE id < 4 EXCEPT SELECT id, p FROM g WHERE id = 2 ORDER BY id

SELECT id FROM (SELECT id, p FROM g WHERE id < 20 UNION SELECT id, p FROM g WHERE id < 30) u ORDER BY id

SELECT * FROM (VALUES (1, NULL::geometry(Point, 4326)), (2, 'SRID=4326;POINT(3 3)')) v(id, q) JOIN g USING (id) ORDER BY id

WITH RECURSIVE r AS (SELECT id, p FROM g WHERE id = 1 UNION ALL SELECT r.id + 1, g.p FROM r JOIN g ON g.id = r.id + 1 WHERE r.id < 4) SELECT id, ST_AsEWKT(p) FROM r ORDER BY id

SELECT id, p FROM g FULL JOIN (SELECT p, id j FROM g WHERE id < 3) s USING (p) WHERE id < 4 OR j < 4 ORDER BY id, j

SELECT DISTINCT ON (name) name, p FROM g WHERE id < 200 ORDER BY name, id

SELECT l.id, s.p FROM g l, LATERAL (SELECT p FROM g r WHERE r.id = l.id + 1) s WHERE l.id < 4 ORDER BY 1

SELECT g.id, h.name, h.q, ST_SRID(h.q), g.p FROM g JOIN h ON h.id = g.id ORDER BY g.id

SELECT g.id, h.name FROM g JOIN h USING (id) WHERE g.name LIKE 'n%' ORDER BY g.id

SELECT row_number() OVER (ORDER BY id), p FROM g WHERE id < 4 ORDER BY 1

SELECT name, first_value(p) OVER (PARTITION BY name ORDER BY id) FROM g WHERE id BETWEEN 100 AND 120 ORDER BY id

-- path: set
INSERT INTO g SELECT id + 10000, name, a, p, z, m, y, b FROM g WHERE id < 20

INSERT INTO g (id, a) SELECT id, p FROM g WHERE id = 2 AND false

INSERT INTO g (id, p) SELECT 20000 + id, ST_Transform(q, 4326) FROM h WHERE id < 5 AND ST_SRID(q) = 3857

INSERT INTO g (id, p) SELECT 30000, p FROM g WHERE id = 1 RETURNING id, p

-- errors alike: another SRID than the type says
INSERT INTO g (id, p) VALUES (40000, 'SRID=3857;POINT(1 1)')

INSERT INTO g (id, z) VALUES (40000, 'SRID=3857;POLYGON((0 0,1 0,1 1,0 0))')

UPDATE g SET a = ST_Translate(a, 1, 1) WHERE ST_Within(p, ST_MakeEnvelope(0, 0, 5, 5, 4326))

UPDATE g SET name = 'renamed' WHERE id BETWEEN 200 AND 210

UPDATE g SET p = areas.area::geometry FROM areas WHERE false

UPDATE g SET p = ST_Centroid(areas.area) FROM areas WHERE areas.name = 'left' AND g.id IN (3, 101)

DELETE FROM g WHERE ST_Distance(y, 'POINT(39 30)'::geography) < 500000

DELETE FROM g WHERE name = 'n3' AND id > 1000

MERGE INTO areas USING h ON areas.name = h.name WHEN NOT MATCHED AND h.id < 3 THEN INSERT (name, area) VALUES (h.name, ST_SetSRID(ST_Expand(h.q, 1), 4326))

SELECT name, ST_AsEWKT(area) FROM areas ORDER BY name

BEGIN; SAVEPOINT s; DELETE FROM g WHERE p IS NOT NULL; ROLLBACK TO s; UPDATE g SET p = NULL WHERE id = 150; COMMIT

SELECT id, name, p FROM g WHERE id < 160 ORDER BY id

CREATE TABLE c USING {am} AS SELECT id, p, ST_Buffer(p, 1)::geometry(Polygon, 4326) AS around, y FROM g WHERE id < 120

SELECT id, ST_Area(around)::numeric(10, 6), around FROM c ORDER BY id

ALTER TABLE c ADD COLUMN d geometry(Point, 4326) DEFAULT 'SRID=4326;POINT(7 8)'

ALTER TABLE c ALTER COLUMN p TYPE geometry(Point, 3857) USING ST_Transform(p, 3857), RENAME COLUMN y TO why

ALTER TABLE c ALTER COLUMN p TYPE geometry(Point, 3857) USING ST_Transform(p, 3857)

ALTER TABLE c RENAME COLUMN y TO why

ALTER TABLE c DROP COLUMN around

INSERT INTO c (id) VALUES (1000)

SELECT * FROM c ORDER BY id

SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'c'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum

ANALYZE g

SELECT count(*) FROM g WHERE p && ST_MakeEnvelope(0, 0, 3, 3, 4326)

TRUNCATE areas

SELECT count(*) FROM areas
