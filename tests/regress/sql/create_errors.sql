-- What a lake table cannot be, each refused by name (ICE-2, ICE-7 to ICE-14, TYPE)
CREATE SCHEMA refusing;
SET search_path = refusing;
\set VERBOSITY verbose
\set SHOW_CONTEXT never
\set VERBOSITY default
CREATE TABLE t (a int) USING iceberg WITH (fillfactor = 50);
CREATE TABLE t (a int) USING iceberg WITH (nonsense = 1);
CREATE TABLE t (a int) USING iceberg WITH (out_of_range_values = 'maybe');
CREATE TABLE t (a int) USING iceberg WITH (column_stats_mode = 'some');
CREATE TABLE t (a int) USING iceberg WITH (column_stats_mode = 'truncate(0)');
CREATE TABLE t (a int) USING iceberg WITH (column_stats_mode = 'truncate(257)');
CREATE TABLE t (a int) USING iceberg WITH (column_stats_mode = 'truncate(x)');
CREATE TABLE t (a int) USING iceberg WITH (autovacuum_enabled = 'perhaps');
CREATE TABLE t (a int) USING iceberg WITH (max_snapshot_age = '-1');
CREATE TABLE t (a int) USING iceberg WITH (catalog = 'elsewhere');
CREATE TABLE t (a int) USING iceberg WITH (catalog = 'rest');
CREATE TABLE t (a int) USING iceberg WITH (read_only = 'true');
CREATE TABLE t (a int) USING iceberg WITH (compatibility_mode = 'oracle');
CREATE TABLE t (a int) USING iceberg WITH (partition_by = 'a, day(b)');
CREATE TABLE t (a int) USING iceberg WITH (location = 'ftp://host/dir');
CREATE TABLE t (a int) USING iceberg WITH (location = '/tmp/dir');
CREATE TABLE t (a int) USING iceberg WITH (location = 's3://bucket/dir?s3_region=x');
CREATE TABLE t (a int) USING iceberg WITH (location = 'file:///etc');
CREATE TABLE t (a int) USING iceberg WITH (location = 'gs://bucket/dir');
CREATE TABLE t (a int) USING iceberg WITH (max_snapshot_age = '1', max_snapshot_age = '2');
CREATE TEMP TABLE t (a int) USING iceberg;
CREATE UNLOGGED TABLE t (a int) USING iceberg;
CREATE TABLE t (a int) PARTITION BY LIST (a) USING iceberg;
CREATE TABLE t (a int PRIMARY KEY) USING iceberg;
CREATE TABLE t (a int UNIQUE) USING iceberg;
CREATE TABLE t (a int, UNIQUE (a)) USING iceberg;
CREATE TABLE t (a int, EXCLUDE USING btree (a WITH =)) USING iceberg;
CREATE TABLE t (a int) USING iceberg TABLESPACE pg_default;
CREATE TABLE with_key (a int PRIMARY KEY);
CREATE TABLE t (LIKE with_key INCLUDING ALL) USING iceberg;
-- types
CREATE TYPE pair AS (x int, y int);
CREATE TABLE t (a xid[]) USING iceberg;
CREATE TABLE t (a pg_am) USING iceberg;
CREATE TABLE t (a pg_snapshot) USING iceberg;
CREATE TABLE t (a pg_node_tree) USING iceberg;
CREATE TABLE t (a numeric(50, 2)) USING iceberg;
\d t
DROP TABLE t;
CREATE TABLE t (a numeric, b numeric(10, 2)) USING iceberg;
\d t
DROP TABLE t;
CREATE TABLE t USING iceberg AS SELECT 1.5 AS a, 2.5::numeric(4, 1) AS b;
\d t
SELECT * FROM t;
DROP TABLE t;
SET pg_lake_iceberg.unsupported_numeric_as_double = off;
CREATE TABLE t (a numeric) USING iceberg;
RESET pg_lake_iceberg.unsupported_numeric_as_double;
-- indexes and ALTER TABLE
CREATE TABLE t (a int, b text) USING iceberg;
CREATE INDEX ON t (a);
CREATE INDEX CONCURRENTLY ON t (a);
ALTER TABLE t ADD PRIMARY KEY (a);
ALTER TABLE t ADD COLUMN c xid[];
ALTER TABLE t ALTER COLUMN a TYPE tid[] USING NULL::tid[];
ALTER TABLE t SET TABLESPACE pg_default;
ALTER TABLE t SET UNLOGGED;
ALTER TABLE t CLUSTER ON nothing;
ALTER TABLE with_key SET ACCESS METHOD iceberg;
CLUSTER t USING nothing;
ALTER TABLE t SET (nonsense = 1);
ALTER TABLE t SET (location = 's3://elsewhere/t');
ALTER TABLE t SET (column_stats_mode = 'some');
ALTER TABLE t SET (column_stats_mode = 'full', out_of_range_values = 'clamp');
ALTER TABLE t RESET (out_of_range_values);
\d+ t
-- what leaves columns and rows alone works
ALTER TABLE t ALTER COLUMN a SET DEFAULT 7;
INSERT INTO t (b) VALUES ('default');
ALTER TABLE t ADD CHECK (a > 0);
ALTER TABLE t ADD CHECK (a > 100);
ALTER TABLE t RENAME TO u;
SELECT * FROM u;
-- DML that stays out
UPDATE u SET a = 1 WHERE ctid = '(0,1)';
INSERT INTO u VALUES (1, 'x') ON CONFLICT (a) DO NOTHING;
SELECT * FROM u TABLESAMPLE system (10);
SELECT ctid IS NOT NULL FROM u WHERE ctid = '(0,1)';
-- rights
CREATE ROLE lake_nobody;
GRANT CREATE, USAGE ON SCHEMA refusing TO lake_nobody;
SET ROLE lake_nobody;
CREATE TABLE mine (a int) USING iceberg;
SELECT * FROM u;
INSERT INTO u VALUES (2, 'y');
RESET ROLE;
GRANT lake_read_write TO lake_nobody;
SET ROLE lake_nobody;
CREATE TABLE mine (a int) USING iceberg;
CREATE TABLE theirs (a int) USING iceberg WITH (location = 'file:///tmp/theirs');
INSERT INTO mine VALUES (1);
SELECT * FROM mine;
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA refusing CASCADE;
DROP ROLE lake_nobody;

-- a pointer that was set to another table's metadata
CREATE SCHEMA pointers;
SET search_path = pointers;
CREATE TABLE pointer_one (a int) USING iceberg;
CREATE TABLE pointer_other (a int) USING iceberg;
INSERT INTO pointer_other VALUES (1);
\set VERBOSITY terse
UPDATE lake_iceberg.tables_internal SET metadata_location = (SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = 'pointer_other'::regclass)
  WHERE table_name = 'pointer_one'::regclass;
SELECT * FROM pointer_one;
INSERT INTO pointer_one VALUES (2);
DROP TABLE pointer_one;
SELECT * FROM pointer_other;
DROP TABLE pointer_other;
DROP SCHEMA pointers;
