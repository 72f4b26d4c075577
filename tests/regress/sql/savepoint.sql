-- Savepoints and ROLLBACK TO undo what was inserted, and no more.
CREATE SCHEMA savepoint;
SET search_path = savepoint;
CREATE TABLE t (a int, b text) USING iceberg;

BEGIN;
INSERT INTO t VALUES (1, 'kept');
SAVEPOINT one;
INSERT INTO t VALUES (2, 'undone');
SELECT * FROM t ORDER BY a;
SAVEPOINT two;
INSERT INTO t VALUES (3, 'undone too');
ROLLBACK TO one;
SELECT * FROM t ORDER BY a;
INSERT INTO t VALUES (4, 'kept');
SAVEPOINT three;
INSERT INTO t VALUES (5, 'kept: released');
RELEASE three;
COMMIT;
SELECT * FROM t ORDER BY a;

-- an error inside a savepoint
BEGIN;
INSERT INTO t VALUES (6, 'kept');
SAVEPOINT one;
INSERT INTO t SELECT 7, (1 / 0)::text;
ROLLBACK TO one;
INSERT INTO t VALUES (8, 'kept');
COMMIT;
SELECT * FROM t WHERE a >= 6 ORDER BY a;

-- TRUNCATE under a savepoint
BEGIN;
SAVEPOINT one;
TRUNCATE t;
INSERT INTO t VALUES (100, 'undone');
SELECT * FROM t;
ROLLBACK TO one;
SELECT count(*) FROM t;
TRUNCATE t;
INSERT INTO t VALUES (101, 'the only one');
COMMIT;
SELECT * FROM t;

-- CREATE under a savepoint
BEGIN;
SAVEPOINT one;
CREATE TABLE inner_table (a int) USING iceberg;
INSERT INTO inner_table VALUES (1);
ROLLBACK TO one;
CREATE TABLE inner_table (a int, b int) USING iceberg;
INSERT INTO inner_table VALUES (1, 2);
COMMIT;
SELECT * FROM inner_table;

-- a transaction that rolls back leaves no snapshot, one that commits leaves one
BEGIN;
INSERT INTO t VALUES (200, 'never');
ROLLBACK;
BEGIN;
INSERT INTO t VALUES (201, 'a');
INSERT INTO t VALUES (202, 'b');
COMMIT;
SELECT count(*) FROM lake_iceberg.snapshots((SELECT metadata_location FROM iceberg_tables WHERE table_namespace = 'savepoint' AND table_name = 't'));
SELECT * FROM t ORDER BY a;

-- read-only and prepared transactions
BEGIN READ ONLY;
SELECT count(*) FROM t;
INSERT INTO t VALUES (300, 'refused');
ROLLBACK;
BEGIN;
SELECT count(*) FROM t;
PREPARE TRANSACTION 'read';
COMMIT PREPARED 'read';
BEGIN;
INSERT INTO t VALUES (301, 'prepared');
PREPARE TRANSACTION 'written';
SELECT count(*) FROM t WHERE a = 301;
COMMIT PREPARED 'written';
SELECT * FROM t WHERE a = 301;

SET client_min_messages = warning;
DROP SCHEMA savepoint CASCADE;
