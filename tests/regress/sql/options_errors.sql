-- WITH options: unknown, malformed, and locations that cannot be.
CREATE SCHEMA options;
SET search_path = options;

CREATE TABLE refused (a int) USING iceberg WITH (no_such_option = 1);
CREATE TABLE refused (a int) USING iceberg WITH (fillfactor = 70);
CREATE TABLE refused (a int) USING iceberg WITH (location = 'ftp://host/dir');
CREATE TABLE refused (a int) USING iceberg WITH (location = 'not a url');
CREATE TABLE refused (a int) USING iceberg WITH (location = '');
CREATE TABLE refused (a int) USING iceberg WITH (location = 'file:///etc/lake');
CREATE TABLE refused (a int) USING iceberg WITH (out_of_range_values = 'ignore');
CREATE TABLE refused (a int) USING iceberg WITH (column_stats_mode = 'some');
CREATE TABLE refused (a int) USING iceberg WITH (column_stats_mode = 'truncate(0)');
CREATE TABLE refused (a int) USING iceberg WITH (catalog = 'nowhere');
CREATE TABLE refused (a int) USING iceberg WITH (compatibility_mode = 'oracle');
CREATE TABLE refused (a int) USING iceberg WITH (read_only = true);

-- what is right is kept and shown
CREATE TABLE options (a int) USING iceberg WITH (column_stats_mode = 'full', autovacuum_enabled = false);
\d+ options

-- settings have checks too
SET pg_lake_iceberg.default_location_prefix = 'ftp://host/';
SET pg_lake_iceberg.default_location_prefix = 's3://bucket/x?query=1';
SET pg_lake_iceberg.default_catalog = 'nowhere';
SET pg_lake_iceberg.default_catalog = 'rest';
CREATE TABLE refused (a int) USING iceberg;
SET pg_lake_iceberg.default_catalog = 'pg_lake_postgres_catalog';
CREATE TABLE by_server (a int) USING iceberg;
DROP TABLE by_server;
RESET pg_lake_iceberg.default_catalog;
SET pg_lake_table.copy_on_write_threshold = 101;
SET pg_lake_table.no_such_setting = 1;
SHOW pg_lake_table.target_file_size_mb;
SHOW pg_lake_table.target_row_group_size_mb;
SHOW pg_lake_iceberg.target_manifest_size_kb;
SHOW pg_lake_iceberg.max_snapshot_age;
SHOW pg_lake_engine.orphaned_file_retention_period;
SHOW pg_lake_iceberg.default_catalog;

-- a location of one's own, and that it must be empty
SELECT 'file://' || current_setting('data_directory') || '_lake/options_own' AS own \gset
CREATE TABLE own (a int) USING iceberg WITH (location = :'own');
INSERT INTO own VALUES (1);
SELECT metadata_location LIKE :'own' || '/metadata/%' AS there FROM iceberg_tables WHERE table_name = 'own';
CREATE TABLE second (a int) USING iceberg WITH (location = :'own');

SET client_min_messages = warning;
DROP SCHEMA options CASCADE;

-- a table that becomes a heap table has none of them
CREATE SCHEMA options_of_heap;
SET search_path = options_of_heap;
CREATE TABLE t (a int) USING iceberg WITH (out_of_range_values = 'clamp', unique_key = 'a');
SELECT reloptions, relreplident FROM pg_class WHERE oid = 't'::regclass;
ALTER TABLE t SET ACCESS METHOD heap;
SELECT reloptions, relreplident FROM pg_class WHERE oid = 't'::regclass;
ALTER TABLE t SET ACCESS METHOD iceberg;
SELECT reloptions, relreplident FROM pg_class WHERE oid = 't'::regclass;
DROP TABLE t;
DROP SCHEMA options_of_heap;
