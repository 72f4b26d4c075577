-- CREATE TABLE ... USING iceberg: forms, \d, locations, DROP, TRUNCATE.
CREATE SCHEMA create_table;
SET search_path = create_table;

CREATE TABLE plain (a int, b text NOT NULL, c numeric(10,2) DEFAULT 1.5) USING iceberg;
\d plain
CREATE TABLE plain (a int) USING iceberg;
CREATE TABLE IF NOT EXISTS plain (a int) USING iceberg;
SELECT relkind, amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE c.oid = 'plain'::regclass;

-- the catalog that other engines read
SELECT catalog_name, table_namespace, table_name, previous_metadata_location, iceberg_type
  FROM iceberg_tables WHERE table_namespace = 'create_table';
SELECT metadata_location FROM iceberg_tables WHERE table_name = 'plain';

-- LIKE, CTAS, the default access method
CREATE TABLE alike (LIKE plain INCLUDING DEFAULTS) USING iceberg;
\d alike
CREATE TABLE made USING iceberg AS SELECT i AS id, i * 2.5::numeric(10,2) AS amount FROM generate_series(1, 3) i;
SELECT * FROM made ORDER BY id;
CREATE TABLE empty USING iceberg AS SELECT * FROM made WITH NO DATA;
SELECT count(*) FROM empty;
SET default_table_access_method = iceberg;
CREATE TABLE by_default (a int);
CREATE TABLE made_by_default AS SELECT 1 AS a;
RESET default_table_access_method;
SELECT relname, amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam
  WHERE relnamespace = 'create_table'::regnamespace ORDER BY relname;

-- defaults, generated columns, identity, serial, CHECK
CREATE TABLE rich (
  id bigint GENERATED ALWAYS AS IDENTITY,
  n serial,
  quantity int DEFAULT 1 CHECK (quantity > 0),
  price numeric(8,2) NOT NULL,
  total numeric(12,2) GENERATED ALWAYS AS (quantity * price) STORED
) USING iceberg;
INSERT INTO rich (price) VALUES (2.50), (3);
INSERT INTO rich (price, quantity) VALUES (1, 7);
INSERT INTO rich (price, quantity) VALUES (1, 0);
INSERT INTO rich (quantity) VALUES (1);
SELECT * FROM rich ORDER BY id;

-- TRUNCATE and DROP
TRUNCATE made;
SELECT count(*) FROM made;
INSERT INTO made VALUES (9, 9);
SELECT * FROM made;
DROP TABLE made;
SELECT count(*) FROM iceberg_tables WHERE table_namespace = 'create_table' AND table_name = 'made';

-- in a transaction that fails nothing is left
BEGIN;
CREATE TABLE gone (a int) USING iceberg;
INSERT INTO gone VALUES (1);
SELECT * FROM gone;
ROLLBACK;
SELECT count(*) FROM iceberg_tables WHERE table_name = 'gone';

-- what Iceberg tables cannot be
CREATE TEMP TABLE refused (a int) USING iceberg;
CREATE UNLOGGED TABLE refused (a int) USING iceberg;
CREATE TABLE refused (a int PRIMARY KEY) USING iceberg;
CREATE TABLE refused (a int UNIQUE) USING iceberg;
CREATE INDEX refused ON plain (a);

SET client_min_messages = warning;
DROP SCHEMA create_table CASCADE;
SELECT count(*) FROM iceberg_tables WHERE table_namespace = 'create_table';
