-- COPY FROM and TO through the access method
CREATE SCHEMA copying;
SET search_path = copying;
CREATE TABLE t (id int, v numeric(8, 3) DEFAULT 1.5, name text) USING iceberg;
BEGIN;
COPY t FROM STDIN;
1	1.250	one
2	\N	\N
3	-3.5	tab\there
\.
COPY t (id, name) FROM STDIN WITH (FORMAT csv);
4,"quoted, comma"
5,
\.
COMMIT;
COPY t TO STDOUT;
COPY (SELECT id, v FROM t WHERE v > 0 ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER);
COPY t FROM STDIN;
not a number	1	x
\.
COPY t FROM STDIN;
6	123456789	overflow
\.
SELECT count(*) FROM t;
COPY t FROM STDIN WHERE id > 10;
10	1	no
11	1	yes
\.
SELECT * FROM t ORDER BY id;
BEGIN;
COPY t FROM STDIN;
20	1	rolled back
\.
SELECT count(*) FROM t WHERE id = 20;
ROLLBACK;
SELECT count(*) FROM t WHERE id = 20;
CREATE TABLE many (i int, s text) USING iceberg;
INSERT INTO many SELECT i, repeat('x', i % 50) FROM generate_series(1, 20000) i;
SELECT count(*), sum(i), sum(length(s)) FROM many;
SELECT count(*) AS files FROM iceberg_tables, lake_iceberg.files(metadata_location) WHERE table_name = 'many' AND table_namespace = 'copying';
SET client_min_messages = warning;
DROP SCHEMA copying CASCADE;
