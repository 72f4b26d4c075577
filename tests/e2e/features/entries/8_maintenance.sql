-- section: Queries
-- setup
CREATE TABLE t (a int, b text, d date) USING {am};
INSERT INTO t SELECT i, 'r' || i % 4, date '2026-01-01' + i FROM generate_series(1, 40) i;
CREATE TABLE h (a int PRIMARY KEY, b text);
INSERT INTO h SELECT i, 'h' || i FROM generate_series(1, 10) i;

-- feature: joins with heap tables, outer, lateral
SELECT t.a, h.b FROM t LEFT JOIN h USING (a) WHERE t.a BETWEEN 8 AND 12 ORDER BY 1;
SELECT h.a, x.n FROM h, LATERAL (SELECT count(*) AS n FROM t WHERE t.a > h.a) x ORDER BY 1;

-- feature: GROUPING SETS, window functions, DISTINCT ON
SELECT b, count(*) FROM t GROUP BY GROUPING SETS ((b), ()) ORDER BY 1;
SELECT a, row_number() OVER (PARTITION BY b ORDER BY a) FROM t WHERE a < 9 ORDER BY a;
SELECT DISTINCT ON (b) b, a FROM t ORDER BY b, a DESC;

-- feature: UNION, EXCEPT, INTERSECT with heap
SELECT a FROM t WHERE a < 13 EXCEPT SELECT a FROM h ORDER BY 1;

-- feature: tableoid
SELECT tableoid::regclass, count(*) FROM t GROUP BY 1;

-- feature: ctid
SELECT count(DISTINCT ctid) FROM t;

-- feature: fetching a row by its ctid
SELECT a FROM t WHERE ctid = '(0,1)';

-- feature: xmin, xmax, cmin, cmax
SELECT xmin = xmin, xmax FROM t LIMIT 1;

-- feature: whole-row references
SELECT t FROM t WHERE a = 1;
SELECT row_to_json(t) FROM t WHERE a = 1;

-- feature: TABLESAMPLE BERNOULLI (100)
SELECT count(*) FROM t TABLESAMPLE BERNOULLI (100);

-- feature: TABLESAMPLE SYSTEM (100) REPEATABLE
SELECT count(*) FROM t TABLESAMPLE SYSTEM (100) REPEATABLE (1);

-- feature: parallel query settings
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT b, count(*) FROM t GROUP BY b ORDER BY b;

-- feature: functions PostgreSQL alone has
SELECT to_char(d, 'FMDay'), regexp_replace(b, 'r(\d)', '\1x'), format('%s-%I', a, b) FROM t WHERE a = 5;

-- feature: EXPLAIN and EXPLAIN ANALYZE
EXPLAIN (COSTS OFF, FORMAT JSON) DELETE FROM h WHERE a = 1;
DO $$ DECLARE r text; BEGIN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF) SELECT * FROM {schema}.t' INTO r; RAISE NOTICE '%', r IS NOT NULL; END $$;

-- section: Maintenance
-- setup
CREATE TABLE t (a int, b text) USING {am};
INSERT INTO t SELECT i, 'r' || i FROM generate_series(1, 1000) i;
DELETE FROM t WHERE a % 2 = 0;

-- feature: VACUUM
VACUUM t;
SELECT count(*) FROM t;

-- feature: VACUUM (ANALYZE, FREEZE, INDEX_CLEANUP, PARALLEL 0)
VACUUM (ANALYZE, FREEZE, INDEX_CLEANUP off, PARALLEL 0) t;
SELECT count(*) FROM t;

-- feature: VACUUM FULL
VACUUM FULL t;

-- feature: VACUUM of the whole database
VACUUM;
SELECT count(*) FROM t;

-- feature: ANALYZE, and what pg_stats says
ANALYZE t;
SELECT attname, null_frac, n_distinct FROM pg_stats WHERE schemaname = '{schema}' ORDER BY attname;
SELECT reltuples FROM pg_class WHERE oid = 't'::regclass;

-- feature: ANALYZE of some columns
ANALYZE t (a);
SELECT count(*) FROM pg_stats WHERE schemaname = '{schema}';

-- feature: CREATE STATISTICS
CREATE STATISTICS st (dependencies, ndistinct, mcv) ON a, b FROM t;
ANALYZE t;
SELECT count(*) FROM pg_statistic_ext_data d JOIN pg_statistic_ext e ON e.oid = d.stxoid WHERE e.stxrelid = 't'::regclass;

-- feature: CREATE STATISTICS on an expression
CREATE STATISTICS st ON (a % 10), b FROM t;
ANALYZE t;
SELECT count(*) FROM pg_stats_ext_exprs WHERE schemaname = '{schema}';

-- feature: REINDEX of the schema
REINDEX SCHEMA {schema};

-- feature: CLUSTER of everything
CLUSTER;

-- feature: CHECKPOINT
CHECKPOINT;
SELECT count(*) FROM t;

-- feature: statistics of use (pg_stat_user_tables)
SELECT pg_stat_force_next_flush();
SELECT n_tup_ins, n_tup_del FROM pg_stat_user_tables WHERE relid = 't'::regclass;

-- section: Functions and catalogs
-- setup
CREATE TABLE t (a int, b text) USING {am};
INSERT INTO t SELECT i, 'r' || i FROM generate_series(1, 1000) i;

-- feature: pg_relation_size
-- differs: an empty main fork stands for the table in PostgreSQL's data directory; its data files are elsewhere.
SELECT pg_relation_size('t') > 0;

-- feature: pg_table_size
SELECT pg_table_size('t') > 0;

-- feature: pg_total_relation_size, pg_indexes_size
-- differs: as pg_relation_size.
SELECT pg_total_relation_size('t') > 0, pg_indexes_size('t');

-- feature: pg_relation_filenode, pg_filenode_relation
SELECT pg_filenode_relation(0, pg_relation_filenode('t'));

-- feature: pg_relation_filepath
SELECT pg_relation_filepath('t') IS NOT NULL;

-- feature: pg_get_viewdef, pg_get_constraintdef, format_type
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass;

-- feature: information_schema
SELECT table_type FROM information_schema.tables WHERE table_schema = '{schema}';
SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = '{schema}' ORDER BY 1;

-- feature: pg_class: relkind, relpersistence
SELECT relkind, relpersistence, relhasindex FROM pg_class WHERE oid = 't'::regclass;

-- feature: pg_column_size, pg_typeof
SELECT pg_column_size(a), pg_typeof(b) FROM t WHERE a = 1;

-- feature: query_to_xml, table_to_xml
SELECT length(table_to_xml('t', true, false, '')::text);

-- feature: currtid2
SELECT currtid2('t', '(0,1)'::tid) IS NOT NULL;

-- feature: pg_indexam functions on no index
SELECT count(*) FROM pg_indexes WHERE tablename = 't' AND schemaname = '{schema}';

-- feature: pg_lock of a table
BEGIN;
SELECT count(*) FROM t;
SELECT mode FROM pg_locks WHERE relation = 't'::regclass AND pid = pg_backend_pid() ORDER BY 1;
COMMIT;

-- section: Replication
-- setup
CREATE TABLE t (a int, b text) USING {am};

-- feature: CREATE PUBLICATION FOR TABLE
CREATE PUBLICATION features_{am} FOR TABLE t;
DROP PUBLICATION features_{am};

-- feature: CREATE PUBLICATION FOR ALL TABLES, and writes
CREATE PUBLICATION features_{am} FOR ALL TABLES;
INSERT INTO t VALUES (1, 'x');
DROP PUBLICATION features_{am};

-- feature: UPDATE of a published table without a replica identity
-- differs: Iceberg tables are made with REPLICA IDENTITY FULL: they write no WAL, and a publication is no reason to refuse an UPDATE.
CREATE PUBLICATION features_{am} FOR TABLES IN SCHEMA {schema};
INSERT INTO t VALUES (1, 'x');
UPDATE t SET b = 'y';
ALTER TABLE t REPLICA IDENTITY FULL;
UPDATE t SET b = 'y';
DROP PUBLICATION features_{am};

-- section: Dumps, databases, the extension
-- setup
CREATE TABLE t (a int NOT NULL, b text DEFAULT 'd', CHECK (a > 0)) USING {am};
INSERT INTO t SELECT i, 'r' || i FROM generate_series(1, 5) i;

-- feature: pg_dump, and the dump restored with psql
\sh pg_dump --no-owner -t {schema}.t -f {dir}/{am}.sql && psql -q -c 'DROP TABLE {schema}.t' && psql -q -v ON_ERROR_STOP=1 -o /dev/null -f {dir}/{am}.sql
SELECT * FROM t ORDER BY a;
INSERT INTO t (a) VALUES (6);
INSERT INTO t (a) VALUES (-6);

-- feature: pg_dump -Fc and pg_restore, with options of the table
CREATE TABLE o (a int) USING {am};
ALTER TABLE o SET (autovacuum_enabled = false);
INSERT INTO o VALUES (1);
\sh pg_dump --no-owner -Fc -t {schema}.o -f {dir}/{am}.dump && psql -q -c 'DROP TABLE {schema}.o' && pg_restore -d postgres {dir}/{am}.dump
SELECT * FROM o;
SELECT reloptions FROM pg_class WHERE oid = 'o'::regclass;

-- feature: pg_dump --schema-only, --data-only --inserts
\sh pg_dump --no-owner --data-only --inserts -t {schema}.t | grep INSERT
\sh pg_dump --no-owner --schema-only -t {schema}.t | grep -c 'CREATE TABLE'

-- feature: pg_dump and pg_restore of a database
\connect template1
CREATE DATABASE {db};
\connect {db}
CREATE EXTENSION pg_lake CASCADE;
CREATE TABLE t (a int) USING {am};
INSERT INTO t VALUES (1), (2);
CREATE MATERIALIZED VIEW m USING {am} AS SELECT a * 2 AS a FROM t;
\sh pg_dump -Fc -d {db} -f {dir}/{am}.db
\connect postgres
DROP DATABASE {db};
CREATE DATABASE {db};
\sh pg_restore -d {db} {dir}/{am}.db
\connect {db}
SELECT * FROM t ORDER BY a;
SELECT * FROM m ORDER BY a;
INSERT INTO t VALUES (3);
\connect postgres
DROP DATABASE {db};

-- feature: CREATE DATABASE, a table in it, DROP DATABASE
CREATE DATABASE {db};
\connect {db}
CREATE EXTENSION pg_lake CASCADE;
CREATE TABLE t (a int) USING {am};
INSERT INTO t VALUES (1);
SELECT * FROM t;
\connect postgres
DROP DATABASE {db};

-- feature: CREATE DATABASE TEMPLATE: reading the copy
CREATE DATABASE {db};
\connect {db}
CREATE EXTENSION pg_lake CASCADE;
CREATE TABLE t (a int) USING {am};
INSERT INTO t VALUES (1);
\connect postgres
CREATE DATABASE {db}_2 TEMPLATE {db};
\connect {db}_2
SELECT * FROM t;
\connect postgres
DROP DATABASE {db}_2;
DROP DATABASE {db};

-- feature: CREATE DATABASE TEMPLATE: writing the copy
-- differs: The files belong to the table of the first database: the copy can be read, and copied by CREATE TABLE AS.
CREATE DATABASE {db};
\connect {db}
CREATE EXTENSION pg_lake CASCADE;
CREATE TABLE t (a int) USING {am};
\connect postgres
CREATE DATABASE {db}_2 TEMPLATE {db};
\connect {db}_2
INSERT INTO t VALUES (1);
DROP TABLE t;
\connect postgres
DROP DATABASE {db}_2;
DROP DATABASE {db};

-- feature: ALTER DATABASE RENAME
CREATE DATABASE {db};
\connect {db}
CREATE EXTENSION pg_lake CASCADE;
CREATE TABLE t (a int) USING {am};
INSERT INTO t VALUES (1);
\connect postgres
ALTER DATABASE {db} RENAME TO {db}_2;
\connect {db}_2
INSERT INTO t VALUES (2);
SELECT * FROM t ORDER BY a;
\connect postgres
DROP DATABASE {db}_2;

-- feature: DROP EXTENSION while there are tables
-- differs: Without the extension there are no Iceberg tables.
CREATE DATABASE {db};
\connect {db}
CREATE EXTENSION pg_lake CASCADE;
CREATE TABLE t (a int) USING {am};
INSERT INTO t VALUES (1);
DROP EXTENSION pg_lake;
\connect postgres
DROP DATABASE {db};

-- feature: CREATE EXTENSION again after DROP EXTENSION CASCADE
CREATE DATABASE {db};
\connect {db}
CREATE EXTENSION pg_lake CASCADE;
CREATE TABLE t (a int) USING {am};
DROP EXTENSION pg_lake CASCADE;
CREATE EXTENSION pg_lake CASCADE;
SET client_min_messages = warning;
DROP TABLE IF EXISTS t;
CREATE TABLE t (a int) USING {am};
INSERT INTO t VALUES (1);
SELECT * FROM t;
\connect postgres
DROP DATABASE {db};

-- feature: DROP TABLE when its storage is gone
\sh if [ {am} = iceberg ]; then rm -r $(psql -Atc "SELECT substr(location, 8) FROM lake_iceberg.tables_internal WHERE table_name = '{schema}.t'::regclass"); fi
DROP TABLE t;
SELECT to_regclass('t');

-- feature: DROP SCHEMA CASCADE when a table's storage is gone
\sh if [ {am} = iceberg ]; then rm -r $(psql -Atc "SELECT substr(location, 8) FROM lake_iceberg.tables_internal WHERE table_name = '{schema}.t'::regclass"); fi
DROP SCHEMA {schema} CASCADE;

-- feature: DROP TABLE while the server is gone
\server gone
DROP TABLE t;
SELECT to_regclass('t');
