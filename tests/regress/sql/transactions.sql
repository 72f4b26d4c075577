-- Transactions, savepoints, cursors: what a statement sees
CREATE SCHEMA transacting;
SET search_path = transacting;
CREATE TABLE t (id int, note text) USING iceberg;
BEGIN;
INSERT INTO t VALUES (1, 'first');
SELECT * FROM t ORDER BY id;
INSERT INTO t VALUES (2, 'second');
SAVEPOINT a;
INSERT INTO t VALUES (3, 'undone');
SELECT * FROM t ORDER BY id;
ROLLBACK TO a;
SELECT * FROM t ORDER BY id;
INSERT INTO t VALUES (4, 'fourth');
SAVEPOINT b;
INSERT INTO t VALUES (5, 'fifth');
RELEASE b;
SELECT * FROM t ORDER BY id;
COMMIT;
SELECT * FROM t ORDER BY id;
-- one data file for what nothing forced out
TRUNCATE t;
BEGIN;
INSERT INTO t VALUES (1, 'a');
INSERT INTO t VALUES (2, 'b');
SAVEPOINT s;
INSERT INTO t VALUES (3, 'c');
RELEASE s;
INSERT INTO t SELECT i, 'd' FROM generate_series(4, 100) i;
COMMIT;
SELECT count(*) AS data_files, sum(record_count) AS rows
  FROM iceberg_tables, lake_iceberg.files(metadata_location) WHERE table_name = 't' AND table_namespace = 'transacting';
-- PL/pgSQL exception blocks
DO $$
BEGIN
  FOR i IN 1..20 LOOP
    BEGIN
      INSERT INTO transacting.t VALUES (1000 + i, 'block');
      IF i % 2 = 0 THEN
        RAISE EXCEPTION 'undo %', i;
      END IF;
    EXCEPTION WHEN raise_exception THEN
      NULL;
    END;
  END LOOP;
END $$;
SELECT count(*), min(id), max(id) FROM t WHERE id > 1000;
-- an error in a value does not leave half a row
CREATE TABLE d (id int, at date, note text) USING iceberg;
DO $$
BEGIN
  INSERT INTO transacting.d VALUES (1, '2020-01-01', 'good');
  BEGIN
    INSERT INTO transacting.d VALUES (2, 'infinity', 'bad');
  EXCEPTION WHEN datetime_field_overflow THEN
    INSERT INTO transacting.d VALUES (3, '2020-01-03', SQLERRM);
  END;
END $$;
SELECT * FROM d ORDER BY id;
-- a cursor sees what was there when it was opened
BEGIN;
INSERT INTO d VALUES (10, '2021-01-01', 'before');
DECLARE c CURSOR FOR SELECT id FROM d ORDER BY id;
INSERT INTO d VALUES (11, '2021-01-01', 'after');
FETCH ALL FROM c;
SELECT count(*) FROM d;
COMMIT;
BEGIN;
DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT id FROM d ORDER BY id;
COMMIT;
FETCH LAST FROM c;
FETCH FIRST FROM c;
CLOSE c;
-- commands of a function that reads while it writes
CREATE FUNCTION write_and_count() RETURNS TABLE (step int, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..3 LOOP
    INSERT INTO transacting.d VALUES (100 + i, '2022-01-01', 'loop');
    RETURN QUERY SELECT i, count(*) FROM transacting.d WHERE note = 'loop';
  END LOOP;
END $$;
SELECT * FROM write_and_count();
-- isolation levels see their PostgreSQL snapshot
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM d WHERE note = 'loop';
INSERT INTO d VALUES (200, '2023-01-01', 'rr');
SELECT count(*) FROM d WHERE note IN ('loop', 'rr');
COMMIT;
BEGIN READ ONLY;
INSERT INTO d VALUES (201, '2023-01-01', 'ro');
ROLLBACK;
BEGIN READ ONLY;
SELECT count(*) FROM d WHERE note = 'rr';
COMMIT;
-- two phases
BEGIN;
INSERT INTO d VALUES (300, '2024-01-01', 'prepared');
CREATE TABLE prepared_table (a int) USING iceberg;
PREPARE TRANSACTION 'lake_regress';
SELECT count(*) FROM d WHERE note = 'prepared';
COMMIT PREPARED 'lake_regress';
SELECT count(*) FROM d WHERE note = 'prepared';
SELECT * FROM prepared_table;
BEGIN;
INSERT INTO d VALUES (301, '2024-01-01', 'prepared');
PREPARE TRANSACTION 'lake_regress';
ROLLBACK PREPARED 'lake_regress';
SELECT count(*) FROM d WHERE note = 'prepared';
-- several tables, lake and heap, in one transaction
CREATE TABLE h (id int);
BEGIN;
INSERT INTO h VALUES (1);
INSERT INTO t VALUES (5000, 'both');
INSERT INTO d VALUES (5000, '2024-01-01', 'both');
COMMIT;
SELECT (SELECT count(*) FROM h), (SELECT count(*) FROM t WHERE note = 'both'), (SELECT count(*) FROM d WHERE note = 'both');
-- metadata versions follow one another, one file per commit
SELECT regexp_replace(metadata_location, '.*/(\d{5})-.*', '\1') = lpad((regexp_replace(previous_metadata_location, '.*/(\d{5})-.*', '\1')::int + 1)::text, 5, '0') AS follows
  FROM iceberg_tables WHERE table_name = 'd' AND table_namespace = 'transacting';
-- the ledger holds nothing of committed transactions
SELECT count(*) FROM lake_engine.in_progress_files f WHERE f.table_oid = 'd'::regclass
   AND f.path IN (SELECT lake_iceberg.find_all_referenced_files(metadata_location) FROM iceberg_tables WHERE table_name = 'd');
SET client_min_messages = warning;
DROP SCHEMA transacting CASCADE;
