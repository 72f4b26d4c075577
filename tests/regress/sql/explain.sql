-- EXPLAIN shows which path a query takes.
CREATE SCHEMA explain;
SET search_path = explain;
CREATE TABLE t (a int, b text, c numeric(10,2)) USING iceberg;
CREATE TABLE s (a int, d date) USING iceberg;
CREATE TABLE h (a int, e text);
INSERT INTO t SELECT i, 'b' || i % 3, i / 10.0 FROM generate_series(1, 100) i;
INSERT INTO s SELECT i, date '2024-01-01' + i FROM generate_series(1, 50) i;
INSERT INTO h SELECT i, 'heap ' || i FROM generate_series(1, 5) i;
ANALYZE h;

-- whole queries
EXPLAIN (COSTS OFF) SELECT b, count(*), sum(c) FROM t WHERE a > 10 GROUP BY b ORDER BY b;
EXPLAIN (COSTS OFF) SELECT t.a, s.d FROM t JOIN s USING (a) WHERE t.b = 'b1' ORDER BY 1 LIMIT 3;
SELECT b, count(*), sum(c) FROM t WHERE a > 10 GROUP BY b ORDER BY b;
SELECT t.a, s.d FROM t JOIN s USING (a) WHERE t.b = 'b1' ORDER BY 1 LIMIT 3;
EXPLAIN (COSTS OFF, VERBOSE) SELECT a FROM t WHERE a = 1;

-- a heap table in the query: PostgreSQL's executor over our scan
EXPLAIN (COSTS OFF) SELECT h.e, t.b FROM h JOIN t USING (a) WHERE t.a < 4 ORDER BY 1;
SELECT h.e, t.b FROM h JOIN t USING (a) WHERE t.a < 4 ORDER BY 1;

-- switched off
SET pg_lake_table.enable_full_query_pushdown = off;
EXPLAIN (COSTS OFF) SELECT b, count(*) FROM t WHERE a > 10 GROUP BY b ORDER BY b;
SELECT b, count(*) FROM t WHERE a > 10 GROUP BY b ORDER BY b;
RESET pg_lake_table.enable_full_query_pushdown;

-- parameters
PREPARE q(int) AS SELECT count(*) FROM t WHERE a > $1;
EXPLAIN (COSTS OFF) EXECUTE q(90);
EXECUTE q(90);
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE q(95);
EXECUTE q(95);
RESET plan_cache_mode;

SET client_min_messages = warning;
DROP SCHEMA explain CASCADE;
