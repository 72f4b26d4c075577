-- EXPLAIN tells which path a query takes (PLAN-1 to PLAN-6)
CREATE SCHEMA explaining;
SET search_path = explaining;
CREATE TABLE t (id int, v numeric(10, 2), name text, at date) USING iceberg;
INSERT INTO t SELECT i, i * 1.25, 'name ' || i, '2024-01-01'::date + i FROM generate_series(1, 100) i;
CREATE TABLE h (id int, label text);
INSERT INTO h VALUES (1, 'one'), (2, 'two');
EXPLAIN (COSTS OFF) SELECT count(*) FROM t;
EXPLAIN (COSTS OFF, VERBOSE) SELECT at, sum(v) FROM t WHERE id > 10 GROUP BY at ORDER BY at LIMIT 5;
EXPLAIN (COSTS OFF) SELECT * FROM t JOIN h USING (id);
EXPLAIN (COSTS OFF, VERBOSE) SELECT t.name, h.label FROM t JOIN h USING (id) WHERE t.v > 1;
EXPLAIN (COSTS OFF, FORMAT json) SELECT max(id) FROM t;
SET pg_lake_table.enable_full_query_pushdown = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM t WHERE id = 3;
EXPLAIN (COSTS OFF) SELECT count(*) FROM t WHERE name ~ name;
SELECT count(*) FROM t WHERE id = 3;
RESET pg_lake_table.enable_full_query_pushdown;
SELECT t.name, h.label FROM t JOIN h USING (id) ORDER BY 1;
EXPLAIN (COSTS OFF, VERBOSE) SELECT t.name, a.amtype FROM t JOIN pg_catalog.pg_am a ON a.amname = t.name WHERE t.v > 1;
PREPARE q(int) AS SELECT count(*), sum(v) FROM t WHERE id <= $1;
EXPLAIN (COSTS OFF) EXECUTE q(10);
EXECUTE q(10);
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE q(10);
EXECUTE q(20);
RESET plan_cache_mode;
-- the engine's plan in the other formats, and not where it would take a value that only execution has
EXPLAIN (COSTS OFF, FORMAT yaml, VERBOSE) SELECT max(id) FROM t WHERE id > 5;
EXPLAIN (COSTS OFF, FORMAT xml) SELECT count(*) FROM t WHERE id > 5;
SET pg_lake_table.enable_full_query_pushdown = off;
EXPLAIN (COSTS OFF) SELECT name FROM t WHERE id = (SELECT 7);
RESET pg_lake_table.enable_full_query_pushdown;
CREATE MATERIALIZED VIEW m AS SELECT id FROM t WITH NO DATA;
EXPLAIN (COSTS OFF) SELECT * FROM m;
-- ANALYZE measures
INSERT INTO t SELECT i, i * 1.25, 'name ' || i, '2024-01-01'::date + i FROM generate_series(101, 200) i;
DELETE FROM t WHERE id = 150;
EXPLAIN (COSTS OFF, ANALYZE, VERBOSE) SELECT max(id), count(*) FROM t WHERE id > 120;
EXPLAIN (COSTS OFF, ANALYZE, TIMING OFF, SUMMARY OFF) SELECT t.name FROM t JOIN h USING (id) ORDER BY name LIMIT 1;
SET pg_lake_table.enable_full_query_pushdown = off;
EXPLAIN (COSTS OFF, ANALYZE, TIMING OFF, SUMMARY OFF) SELECT name FROM t WHERE id = (SELECT 7);
-- a scan that never began has nothing to show
EXPLAIN (COSTS OFF, ANALYZE, TIMING OFF, SUMMARY OFF) SELECT name FROM h LEFT JOIN LATERAL (SELECT name FROM t WHERE h.id > 100 LIMIT 1) s ON true;
RESET pg_lake_table.enable_full_query_pushdown;
-- modifications
EXPLAIN (COSTS OFF, VERBOSE) INSERT INTO t SELECT * FROM t WHERE id < 10;
EXPLAIN (COSTS OFF, ANALYZE, TIMING OFF, SUMMARY OFF) UPDATE t SET v = v + 1 WHERE id < 4;
EXPLAIN (COSTS OFF) DELETE FROM t WHERE id < 3;
SELECT count(*), sum(v) FROM t;
-- own changes are planned with, and planning them does not give row ids out
BEGIN;
DELETE FROM t WHERE id > 10;
EXPLAIN (COSTS OFF, VERBOSE) UPDATE t SET v = 0 WHERE id < 5;
SELECT count(*) FROM t;
ROLLBACK;
SET client_min_messages = warning;
DROP SCHEMA explaining CASCADE;
