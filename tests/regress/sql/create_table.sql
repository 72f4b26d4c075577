-- CREATE TABLE ... USING iceberg in its forms (ICE-1, ICE-5, ICE-6, SRV-7)
CREATE SCHEMA creating;
SET search_path = creating;
CREATE TABLE plain (id int, name text) USING iceberg;
\d plain
\d+ plain
SELECT relkind, amname, relreplident FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE c.oid = 'plain'::regclass;
SELECT catalog_name, table_namespace, table_name, metadata_location, previous_metadata_location, iceberg_type
  FROM iceberg_tables WHERE table_namespace = 'creating';
CREATE TABLE IF NOT EXISTS plain (other int) USING iceberg;
CREATE TABLE plain (other int) USING iceberg;
CREATE TABLE other_name (id int) USING pg_lake_iceberg;
CREATE FOREIGN TABLE foreign_form (id int, v float8) SERVER pg_lake_iceberg;
SELECT relkind FROM pg_class WHERE oid = 'foreign_form'::regclass;
CREATE TABLE copied (LIKE plain) USING iceberg;
CREATE TABLE as_select USING iceberg AS SELECT i AS id, 'row ' || i AS name FROM generate_series(1, 3) i;
SELECT * FROM as_select ORDER BY id;
CREATE TABLE as_values USING iceberg AS VALUES (1, 'a'), (2, 'b');
SELECT * FROM as_values ORDER BY 1;
CREATE TABLE no_data USING iceberg AS SELECT 1 AS x WITH NO DATA;
SELECT * FROM no_data;
CREATE TABLE IF NOT EXISTS as_select USING iceberg AS SELECT 1;
-- options are kept where PostgreSQL keeps options
CREATE TABLE with_options (d date) USING iceberg WITH (out_of_range_values = 'clamp', column_stats_mode = 'full');
SELECT reloptions FROM pg_class WHERE oid = 'with_options'::regclass;
-- by default_table_access_method
SET default_table_access_method = iceberg;
CREATE TABLE by_default (a int);
CREATE TABLE by_default_as AS SELECT 1 AS a;
SELECT 2 AS b INTO by_into;
CREATE TEMP TABLE temporary_is_heap (a int);
CREATE UNLOGGED TABLE unlogged_is_heap (a int);
SELECT relname, amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam
 WHERE relname IN ('by_default', 'by_default_as', 'by_into', 'temporary_is_heap', 'unlogged_is_heap') ORDER BY 1;
RESET default_table_access_method;
-- in a transaction that rolls back: no trace
BEGIN;
CREATE TABLE rolled_back (a int) USING iceberg;
INSERT INTO rolled_back VALUES (1);
SELECT * FROM rolled_back;
ROLLBACK;
SELECT count(*) FROM iceberg_tables WHERE table_name = 'rolled_back';
-- created and dropped in one transaction
BEGIN;
CREATE TABLE short_lived (a int) USING iceberg;
INSERT INTO short_lived VALUES (1);
DROP TABLE short_lived;
CREATE TABLE short_lived (b text) USING iceberg;
INSERT INTO short_lived VALUES ('second');
COMMIT;
SELECT * FROM short_lived;
-- DROP and TRUNCATE
DROP TABLE as_values, other_name;
SELECT count(*) FROM iceberg_tables WHERE table_name IN ('as_values', 'other_name');
TRUNCATE as_select;
SELECT count(*) FROM as_select;
INSERT INTO as_select VALUES (9, 'after truncate');
SELECT * FROM as_select;
BEGIN;
TRUNCATE as_select;
INSERT INTO as_select VALUES (10, 'inside');
SELECT * FROM as_select;
ROLLBACK;
SELECT * FROM as_select;
BEGIN;
TRUNCATE as_select;
INSERT INTO as_select VALUES (11, 'kept');
COMMIT;
SELECT * FROM as_select;
-- the catalog of other engines
INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location) VALUES ('elsewhere', 'n', 't', 's3://b/t/metadata/v1.metadata.json');
INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location) VALUES ('elsewhere', 'n', 't', 's3://b/t/metadata/v1.metadata.json');
UPDATE iceberg_tables SET metadata_location = 's3://b/t/metadata/v2.metadata.json', previous_metadata_location = metadata_location
 WHERE catalog_name = 'elsewhere' AND metadata_location = 's3://b/t/metadata/v1.metadata.json';
DELETE FROM iceberg_tables WHERE catalog_name = 'elsewhere';
UPDATE iceberg_tables SET metadata_location = 'file:///nowhere/x.metadata.json' WHERE table_name = 'plain' AND table_namespace = 'creating';
SET client_min_messages = warning;
DROP SCHEMA creating CASCADE;
SELECT count(*) FROM iceberg_tables WHERE table_namespace = 'creating';
