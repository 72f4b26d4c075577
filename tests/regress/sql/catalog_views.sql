-- CAT-1 to CAT-10, FN-1 to FN-8, FN-19, STAT-1 to STAT-3: what the tables consist of, as PostgreSQL shows it.
CREATE SCHEMA catalog_views;
SET search_path = catalog_views;
\pset null '~'

-- columns and their types, in order
SELECT a.attrelid::regclass AS view, string_agg(format('%s %s', attname, format_type(atttypid, NULL)), ', ' ORDER BY attnum) AS columns
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relkind = 'v' AND c.relnamespace = 'lake_table'::regnamespace GROUP BY 1 ORDER BY min(c.relname COLLATE "C");

-- ------------------------------------------------------------------ files and deletes
CREATE TABLE f (a int, b text) USING iceberg;
SELECT count(*) FROM lake_table.files WHERE table_name = 'f'::regclass;
INSERT INTO f SELECT i, 'row ' || i FROM generate_series(1, 100) i;
INSERT INTO f VALUES (101, 'x'), (102, NULL);
SET pg_lake_table.copy_on_write_threshold = 100;
DELETE FROM f WHERE a IN (1, 2);
DELETE FROM f WHERE a IN (3, 101);
SELECT content, row_count, deleted_row_count, first_row_id, file_size > 0 AS has_size, updated_time BETWEEN now() - interval '1 hour' AND now() AS has_time
  FROM lake_table.files WHERE table_name = 'f'::regclass ORDER BY 1, 2, 3;
SELECT count(DISTINCT id), count(DISTINCT path), sum(file_size) = lake_iceberg.table_size('f') AS is_size FROM lake_table.files WHERE table_name = 'f'::regclass;
-- the same files as FN-4 has, the same rows as the table
SELECT count(*), count(f.path) FROM iceberg_tables t, lake_iceberg.files(t.metadata_location) l LEFT JOIN lake_table.files f ON f.path = l.file_path
   AND f.row_count = l.record_count AND f.file_size = l.file_size_in_bytes WHERE t.table_namespace = 'catalog_views' AND t.table_name = 'f';
SELECT sum(row_count - deleted_row_count) FILTER (WHERE content = 0) = (SELECT count(*) FROM f) AS is_count FROM lake_table.files WHERE table_name = 'f'::regclass;
SELECT d.row_count AS data_rows, p.row_count AS delete_rows FROM lake_table.deletion_file_map m
  JOIN lake_table.files d ON d.table_name = m.table_name AND d.path = m.deleted_from
  JOIN lake_table.files p ON p.table_name = m.table_name AND p.path = m.path WHERE m.table_name = 'f'::regclass ORDER BY 1, 2;
-- a condition on the table reads the metadata of that table
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF, VERBOSE) ' || query LOOP
    RETURN NEXT regexp_replace(line, '''\d+''', '''OID''');
  END LOOP;
END $$;
SELECT plan_of($$SELECT path FROM lake_table.files WHERE table_name = 'f'::regclass$$);
-- a file keeps its id
CREATE TEMP TABLE ids AS SELECT id, path FROM lake_table.files WHERE table_name = 'f'::regclass;
INSERT INTO f VALUES (103, 'y');
SELECT count(*), count(ids.id) FROM lake_table.files f LEFT JOIN ids USING (id, path) WHERE table_name = 'f'::regclass;

-- ------------------------------------------------------------------ fields
CREATE DOMAIN mark AS numeric(4,1);
CREATE TABLE fields (a int, b mark, c interval, d jsonb, e varchar(7), f timetz, g smallint, gone text, h uuid) USING iceberg;
ALTER TABLE fields DROP COLUMN gone;
ALTER TABLE fields RENAME a TO first;
ALTER TABLE fields ADD COLUMN last bytea;
SELECT field_id, pg_attnum, parent_field_id, initial_default, write_default, field_pg_type, field_pg_typemod, field_storage_pg_type, field_storage_pg_typemod
  FROM lake_table.field_id_mappings WHERE table_name = 'fields'::regclass ORDER BY 1;

-- ------------------------------------------------------------------ bounds (STAT-1, STAT-2)
CREATE TABLE bounds (b bool, i2 int2, i4 int, i8 bigint, f4 real, f8 float8, n numeric(10,2), d date, t time, ts timestamp, tz timestamptz, tt timetz,
  o oid, txt text, vc varchar(50), bp char(4), ch "char", empty int, u uuid, by bytea, iv interval, j jsonb, net inet, dom mark) USING iceberg;
INSERT INTO bounds VALUES (false, -1, -2, -3, 'NaN', 'NaN', -0.5, '2024-02-29', '01:02:03.5', '1969-12-31 23:59:59.999999', '2024-07-01 00:00+02', '01:00+02',
  7, 'a text that is longer than sixteen', 'ä', 'ab', 'x', NULL, gen_random_uuid(), '\x00', '1 day', '{}', '::1', -1.5),
  (true, 1, 2, 3, 'infinity', 0.1, 12345678.9, '1900-03-15', '23:00', '0001-01-01', '1970-01-01 00:00+00', '00:00+00',
  4294967295, 'z', 'ö', 'zz', 'y', NULL, gen_random_uuid(), '\xff', '1 month', '[]', '10.0.0.1', 1.5);
INSERT INTO bounds (b) VALUES (NULL);
SET TimeZone = 'Asia/Tokyo';
SELECT a.attname, s.lower_bound, s.upper_bound FROM lake_table.data_file_column_stats s
  JOIN lake_table.field_id_mappings m USING (table_name, field_id) JOIN pg_attribute a ON a.attrelid = s.table_name AND a.attnum = m.pg_attnum
 WHERE s.table_name = 'bounds'::regclass ORDER BY field_id;
RESET TimeZone;

-- what is written follows the option, whatever writes
CREATE VIEW text_bounds AS
  SELECT table_name::text, regexp_replace(lower_bound, '(.)\1{9,}', '\1..') || ' ' || length(lower_bound) AS lower, regexp_replace(upper_bound, '(.)\1{9,}', '\1..') || ' ' || length(upper_bound) AS upper
    FROM lake_table.data_file_column_stats;
CREATE TABLE mode_default (a text) USING iceberg;
CREATE TABLE mode_none (a text) USING iceberg WITH (column_stats_mode = 'none');
CREATE TABLE mode_short (a text) USING iceberg WITH (column_stats_mode = 'truncate(2)');
CREATE TABLE mode_full (a text) USING iceberg WITH (column_stats_mode = 'full');
CREATE TABLE source (a text) USING iceberg;
INSERT INTO source VALUES (repeat('x', 40)), (repeat('y', 300));
INSERT INTO mode_default VALUES (repeat('x', 40)), (repeat('y', 300));
INSERT INTO mode_none SELECT a FROM source;
INSERT INTO mode_short SELECT a FROM source;
INSERT INTO mode_full SELECT a FROM source;
SELECT * FROM text_bounds WHERE table_name LIKE 'mode%' ORDER BY 1, 2;
ALTER TABLE mode_full SET (column_stats_mode = 'truncate(3)');
INSERT INTO mode_full VALUES ('abcdef');
ALTER TABLE mode_full SET (column_stats_mode = 'none');
INSERT INTO mode_full VALUES ('zzz');
ALTER TABLE mode_full RESET (column_stats_mode);
INSERT INTO mode_full VALUES ('a' || repeat('b', 30));
SELECT * FROM text_bounds WHERE table_name = 'mode_full' ORDER BY 1, 2;
SET pg_lake_table.copy_on_write_threshold = 0;
UPDATE mode_short SET a = a || '!' WHERE a LIKE 'x%';
SELECT * FROM text_bounds WHERE table_name = 'mode_short' ORDER BY 1, 2;
SELECT count(*) FROM mode_full WHERE a >= 'z';

-- ------------------------------------------------------------------ partitions and row ids: nobody makes such tables here yet
SELECT spec_id, is_default FROM lake_table.partition_specs WHERE table_name = 'f'::regclass;
SELECT count(*) FROM lake_table.partition_fields;
SELECT count(*) FROM lake_table.data_file_partition_values;
SELECT count(*) FROM lake_table.row_id_mappings;

-- ------------------------------------------------------------------ the visible state
BEGIN;
CREATE TABLE fresh (a int) USING iceberg;
INSERT INTO fresh VALUES (1);
SELECT count(*) FROM lake_table.files WHERE table_name = 'fresh'::regclass;
SELECT field_id, field_pg_type FROM lake_table.field_id_mappings WHERE table_name = 'fresh'::regclass;
SAVEPOINT s;
ALTER TABLE fresh ADD COLUMN b text;
ALTER TABLE f ADD COLUMN c text;
SELECT table_name, field_id, field_pg_type FROM lake_table.field_id_mappings WHERE table_name IN ('fresh'::regclass, 'f'::regclass) ORDER BY 1, 2;
ROLLBACK TO s;
SELECT table_name, field_id, field_pg_type FROM lake_table.field_id_mappings WHERE table_name IN ('fresh'::regclass, 'f'::regclass) ORDER BY 1, 2;
COMMIT;
SELECT count(*) FROM lake_table.files WHERE table_name = 'fresh'::regclass;
SELECT count(*) FROM lake_table.files_of('pg_class');
SELECT count(*) FROM lake_table.files_of(NULL);

-- ------------------------------------------------------------------ rights
CREATE ROLE catalog_reader IN ROLE lake_read;
CREATE ROLE catalog_nobody;
GRANT USAGE ON SCHEMA catalog_views TO public;
SET ROLE catalog_reader;
SELECT count(*) FROM lake_table.files WHERE table_name = 'f'::regclass;
SELECT count(*) FROM lake_table.field_id_mappings WHERE table_name = 'f'::regclass;
SELECT count(*) FROM lake_table.deletion_file_map WHERE table_name = 'f'::regclass;
SELECT count(*) FROM lake_table.data_file_column_stats WHERE table_name = 'f'::regclass;
SELECT count(*) FROM iceberg_tables, lake_iceberg.data_file_stats(metadata_location) WHERE table_namespace = 'catalog_views' AND table_name = 'f';
SET ROLE catalog_nobody;
SELECT count(*) FROM lake_table.files;
SELECT count(*) FROM lake_table.row_id_mappings;
SELECT count(*) FROM lake_table.files_of('f');
SELECT count(*) FROM lake_iceberg.data_file_stats('file:///nowhere');
SELECT count(*) FROM lake_iceberg.find_all_referenced_files('file:///nowhere');
RESET ROLE;

-- ------------------------------------------------------------------ functions
SELECT lake.version() ~ '^\d+\.\d+' AS has_version;
SELECT s.sequence_number, s.lower_bounds, s.upper_bounds FROM iceberg_tables, lake_iceberg.data_file_stats(metadata_location) s
 WHERE table_namespace = 'catalog_views' AND table_name = 'f' ORDER BY 1;
SELECT * FROM lake_iceberg.data_file_stats('no url');
SELECT lake_iceberg.metadata('no url');
-- to_date
SELECT to_date(0), to_date(19782), to_date(1.5), to_date(-0.5), to_date('infinity'), to_date('-infinity'), to_date(NULL::float8);
SELECT to_date('NaN'::float8);
SELECT to_date(-2440588), to_date(2145042905);
SELECT to_date(-2440589);
SELECT to_date(2145042906);
SELECT to_date('2024-02-29', 'YYYY-MM-DD');
SELECT a, to_date(a) FROM f WHERE to_date(a) = '1970-04-11' ORDER BY 1;
-- to_postgres
SELECT to_postgres(1), to_postgres('x'::varchar), to_postgres(NULL::int), to_postgres(ARRAY[1, 2]), pg_typeof(to_postgres(1::int2));
EXPLAIN (COSTS OFF, VERBOSE) SELECT count(*) FROM f WHERE a = 50;
EXPLAIN (COSTS OFF, VERBOSE) SELECT count(*) FROM f WHERE to_postgres(a) = 50;
EXPLAIN (COSTS OFF, VERBOSE) SELECT count(*) FROM f WHERE a = to_postgres(50);
SELECT count(*) FROM f WHERE to_postgres(a) = 50;
-- sizes
SELECT pg_table_size('f') = lake_iceberg.table_size('f') AS same, pg_table_size('f') > 1000 AS has_size, pg_total_relation_size('f') AS total;
SELECT pg_table_size('pg_class') = lake_iceberg.table_size('pg_class') AS same, pg_table_size('pg_class') > 0 AS has_size, pg_table_size(1), lake_iceberg.table_size(1);
EXPLAIN (COSTS OFF, VERBOSE) SELECT (SELECT pg_table_size('f')) FROM (SELECT pg_table_size('f'::text::regclass)) s(x) WHERE pg_table_size('f') > 0;
CREATE VIEW sizes AS SELECT pg_table_size('f') > 1000 AS has_size;
SELECT * FROM sizes;
\d+ sizes
-- helpers
SELECT lake_table.get_ftoption('{location=s3://x/y,a=b=c}', 'a'), lake_table.get_ftoption('{location=s3://x/y}', 'loc'), lake_table.get_ftoption('{}', 'a'),
       lake_table.get_table_schema('f'), lake_table.get_table_name('f');
SELECT lake_table.get_ftoption(reloptions, 'column_stats_mode') FROM pg_class WHERE oid = 'mode_short'::regclass;

-- ------------------------------------------------------------------ entries go with the table (CAT-9)
CREATE ROLE catalog_owner IN ROLE lake_read_write;
CREATE SCHEMA going AUTHORIZATION catalog_owner;
SET ROLE catalog_owner;
CREATE TABLE going.a (a int) USING iceberg;
CREATE TABLE going.b (a int) USING iceberg;
CREATE TABLE going.c (a int) USING iceberg;
INSERT INTO going.a VALUES (1);
INSERT INTO going.b VALUES (1);
INSERT INTO going.c VALUES (1);
RESET ROLE;
CREATE TEMP TABLE going_oids AS SELECT oid, relname FROM pg_class WHERE relnamespace = 'going'::regnamespace;
CREATE TEMP VIEW entries AS SELECT relname, (SELECT count(*) FROM lake_iceberg.tables_internal t WHERE t.table_name = o.oid) AS pointers,
    (SELECT count(*) FROM iceberg_tables t WHERE t.table_namespace = 'going' AND t.table_name = o.relname) AS iceberg_tables,
    (SELECT count(*) FROM lake_table.files f WHERE f.table_name = o.oid) AS files, (SELECT count(*) FROM lake_table.field_id_mappings f WHERE f.table_name = o.oid) AS fields
  FROM going_oids o;
SELECT * FROM entries ORDER BY 1;
DROP TABLE going.a;
SELECT * FROM entries ORDER BY 1;
DROP OWNED BY catalog_owner CASCADE;
SELECT * FROM entries ORDER BY 1;
CREATE SCHEMA going2;
CREATE TABLE going2.d (a int) USING iceberg;
INSERT INTO going2.d VALUES (1);
INSERT INTO going_oids SELECT oid, relname FROM pg_class WHERE relnamespace = 'going2'::regnamespace;
\set VERBOSITY terse
DROP SCHEMA going2 CASCADE;
\set VERBOSITY default
SELECT * FROM entries ORDER BY 1;
SELECT count(*) FROM lake_engine.deletion_queue WHERE path LIKE '%/going%';

-- ------------------------------------------------------------------ ANALYZE of the catalogs at commit (CAT-10)
SHOW pg_lake_table.commit_time_analyze_threshold;
CREATE FUNCTION analyzed() RETURNS bigint LANGUAGE sql AS
  $$SELECT sum(pg_stat_get_analyze_count(c)) FROM unnest('{lake_iceberg.tables_internal,lake_engine.deletion_queue,lake_engine.in_progress_files}'::regclass[]) c$$;
SELECT analyzed() AS before \gset
INSERT INTO f VALUES (200);
SELECT analyzed() - :before AS analyzed;
SET pg_lake_table.commit_time_analyze_threshold = 1;
INSERT INTO f VALUES (201);
SELECT analyzed() - :before AS analyzed;
-- whoever commits
CREATE ROLE catalog_writer IN ROLE lake_read_write;
GRANT CREATE ON SCHEMA catalog_views TO catalog_writer;
SET ROLE catalog_writer;
CREATE TABLE written (a int) USING iceberg;
RESET ROLE;
SELECT analyzed() - :before AS analyzed;
-- what goes wrong is a warning
CREATE FUNCTION fails_on_demand(path text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
  $$BEGIN IF current_setting('catalog_views.fail', true) = 'on' THEN RAISE 'as asked for'; END IF; RETURN path; END$$;
CREATE INDEX fails_on_demand ON lake_engine.deletion_queue (catalog_views.fails_on_demand(path));
SET catalog_views.fail = on;
INSERT INTO f VALUES (202);
RESET catalog_views.fail;
DROP INDEX lake_engine.fails_on_demand;
SELECT count(*) FROM f WHERE a = 202;
BEGIN;
CREATE TABLE many_a (a int) USING iceberg;
CREATE TABLE many_b (a int) USING iceberg;
ROLLBACK;
SELECT analyzed() - :before AS analyzed;
SET pg_lake_table.commit_time_analyze_threshold = -1;
INSERT INTO f VALUES (203);
SELECT analyzed() - :before AS analyzed;
RESET pg_lake_table.commit_time_analyze_threshold;

\set VERBOSITY terse
DROP SCHEMA catalog_views CASCADE;
DROP ROLE catalog_reader, catalog_nobody, catalog_owner, catalog_writer;
