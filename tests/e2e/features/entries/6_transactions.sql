-- section: Transactions
-- setup
CREATE TABLE t (a int, b text) USING {am};
INSERT INTO t VALUES (1, 'one'), (2, 'two');
CREATE TABLE u (a int) USING {am};
CREATE TABLE h (a int PRIMARY KEY, b text);

-- feature: COMMIT and ROLLBACK over several tables
BEGIN;
INSERT INTO t VALUES (3, 'x');
INSERT INTO u VALUES (1);
INSERT INTO h VALUES (1, 'h');
ROLLBACK;
BEGIN;
INSERT INTO t VALUES (4, 'x');
INSERT INTO u VALUES (2);
INSERT INTO h VALUES (2, 'h');
COMMIT;
SELECT (SELECT array_agg(a ORDER BY a)::text FROM t), (SELECT sum(a) FROM u), (SELECT sum(a) FROM h);

-- feature: a heap error undoes it all
BEGIN;
INSERT INTO h VALUES (1, 'h');
INSERT INTO t VALUES (3, 'x');
INSERT INTO h VALUES (1, 'twice');
SELECT 1;
COMMIT;
SELECT count(*) FROM t;

-- feature: SAVEPOINT, ROLLBACK TO, RELEASE, nested
BEGIN;
INSERT INTO t VALUES (3, 'kept');
SAVEPOINT s1;
INSERT INTO t VALUES (4, 'gone');
SAVEPOINT s2;
DELETE FROM t WHERE a = 1;
RELEASE s2;
SELECT count(*) FROM t;
ROLLBACK TO s1;
SELECT count(*) FROM t;
INSERT INTO t VALUES (5, 'kept');
RELEASE s1;
COMMIT;
SELECT * FROM t ORDER BY a;

-- feature: SAVEPOINT around UPDATE, TRUNCATE and ALTER
BEGIN;
SAVEPOINT a;
UPDATE t SET b = 'x';
ROLLBACK TO a;
SAVEPOINT b;
TRUNCATE t;
ROLLBACK TO b;
SAVEPOINT c;
ALTER TABLE t ADD COLUMN c int DEFAULT 1;
INSERT INTO t VALUES (3, 'three', 3);
ROLLBACK TO c;
COMMIT;
SELECT * FROM t ORDER BY a;

-- feature: PL/pgSQL exception blocks
DO $$ BEGIN BEGIN INSERT INTO t VALUES (3, 'gone'); PERFORM 1 / 0; EXCEPTION WHEN division_by_zero THEN INSERT INTO t VALUES (4, 'kept'); END; END $$;
SELECT * FROM t ORDER BY a;

-- feature: an error in a statement of a savepoint
BEGIN;
SAVEPOINT s;
INSERT INTO t SELECT 1 / (a - 2), 'x' FROM t;
ROLLBACK TO s;
INSERT INTO t VALUES (3, 'x');
COMMIT;
SELECT * FROM t ORDER BY a;

-- feature: CREATE, fill, ALTER and DROP in one transaction
BEGIN;
CREATE TABLE n (a int) USING {am};
INSERT INTO n VALUES (1);
ALTER TABLE n ADD COLUMN b int;
UPDATE n SET b = 2;
SELECT * FROM n;
DROP TABLE n;
COMMIT;
SELECT to_regclass('n');

-- feature: CREATE, DROP and CREATE again in one transaction
BEGIN;
CREATE TABLE n (a int) USING {am};
INSERT INTO n VALUES (1);
DROP TABLE n;
CREATE TABLE n (b text) USING {am};
INSERT INTO n VALUES ('again');
COMMIT;
SELECT * FROM n;

-- feature: DDL and DML of one table, mixed
BEGIN;
INSERT INTO t VALUES (3, 'x');
ALTER TABLE t ADD COLUMN c int DEFAULT 9;
UPDATE t SET c = a WHERE a = 1;
ALTER TABLE t RENAME COLUMN b TO bb;
DELETE FROM t WHERE bb = 'two';
ALTER TABLE t DROP COLUMN bb;
COMMIT;
SELECT * FROM t ORDER BY a;

-- feature: PREPARE TRANSACTION and COMMIT PREPARED
BEGIN;
INSERT INTO t VALUES (3, 'x');
UPDATE t SET b = 'y' WHERE a = 1;
INSERT INTO h VALUES (1, 'h');
PREPARE TRANSACTION '{schema}';
SELECT count(*) FROM t;
COMMIT PREPARED '{schema}';
SELECT * FROM t ORDER BY a;

-- feature: ROLLBACK PREPARED
BEGIN;
INSERT INTO t VALUES (3, 'x');
DELETE FROM t WHERE a = 1;
PREPARE TRANSACTION '{schema}';
ROLLBACK PREPARED '{schema}';
SELECT * FROM t ORDER BY a;

-- feature: PREPARE TRANSACTION with CREATE TABLE and ALTER TABLE
BEGIN;
CREATE TABLE n (a int) USING {am};
INSERT INTO n VALUES (1);
ALTER TABLE t ADD COLUMN c int;
PREPARE TRANSACTION '{schema}';
COMMIT PREPARED '{schema}';
SELECT * FROM n;
SELECT * FROM t ORDER BY a;

-- feature: READ ONLY transactions
BEGIN READ ONLY;
SELECT count(*) FROM t;
INSERT INTO t VALUES (3, 'x');
ROLLBACK;

-- feature: several statements in one simple query
INSERT INTO t VALUES (3, 'x'); UPDATE t SET b = 'y' WHERE a = 3; SELECT * FROM t ORDER BY a;

-- feature: COMMIT AND CHAIN
BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO t VALUES (3, 'x');
COMMIT AND CHAIN;
SHOW transaction_isolation;
DELETE FROM t WHERE a = 3;
ROLLBACK;
SELECT count(*) FROM t;

-- feature: SET CONSTRAINTS
CREATE TABLE c (a int REFERENCES h DEFERRABLE) USING {am};
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO c VALUES (9);
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;

-- section: Several sessions
-- setup
CREATE TABLE t (a int, b text) USING {am};
INSERT INTO t VALUES (1, 'one'), (2, 'two');
CREATE TABLE u (a int) USING {am};
INSERT INTO u VALUES (1);

-- feature: READ COMMITTED sees what others committed
BEGIN;
SELECT count(*) FROM t;
\in two
INSERT INTO t VALUES (3, 'x');
\in one
SELECT count(*) FROM t;
COMMIT;

-- feature: REPEATABLE READ does not
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM t;
\in two
INSERT INTO t VALUES (3, 'x');
DELETE FROM t WHERE a = 1;
\in one
SELECT count(*), min(a) FROM t;
COMMIT;
SELECT count(*) FROM t;

-- feature: REPEATABLE READ over TRUNCATE of another session
-- differs: A heap table that another session has truncated is empty to older transactions (PostgreSQL documents it as a caveat); an Iceberg table still has their rows.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM u;
\in two
TRUNCATE t;
\in one
SELECT count(*) FROM t;
COMMIT;

-- feature: uncommitted rows are nobody else's
BEGIN;
INSERT INTO t VALUES (3, 'x');
DELETE FROM t WHERE a = 1;
\in two
SELECT * FROM t ORDER BY a;
\in one
ROLLBACK;

-- feature: appends of two sessions do not wait
BEGIN;
INSERT INTO t VALUES (3, 'one');
\in two
SET lock_timeout = '2s';
INSERT INTO t VALUES (4, 'two');
\in one
COMMIT;
SELECT a FROM t ORDER BY a;

-- feature: updates of one row wait, READ COMMITTED
BEGIN;
UPDATE t SET b = b || '+' WHERE a = 1;
\send two
UPDATE t SET b = b || '-' WHERE a = 1 RETURNING b;
COMMIT;
\receive two
SELECT * FROM t ORDER BY a;

-- feature: updates of different rows do not wait
-- differs: Statements that change rows of one table wait for each other (docs/transactions.md).
BEGIN;
UPDATE t SET b = b || '+' WHERE a = 1;
\in two
SET lock_timeout = '500ms';
UPDATE t SET b = b || '-' WHERE a = 2;
\in one
COMMIT;

-- feature: a lost race in REPEATABLE READ
-- differs: The race is lost at COMMIT, where PostgreSQL raises 40001 in the statement.
\in two
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM t;
\in one
UPDATE t SET b = 'first' WHERE a = 1;
\in two
UPDATE t SET b = 'second' WHERE a = 1;
COMMIT;
\in one
SELECT * FROM t ORDER BY a;

-- feature: write skew in SERIALIZABLE
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT sum(a) FROM t;
\in two
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT sum(a) FROM u;
INSERT INTO t VALUES (10, 'x');
\in one
INSERT INTO u VALUES (10);
COMMIT;
\in two
COMMIT;

-- feature: deadlock
BEGIN;
UPDATE t SET b = 'x' WHERE a = 1;
\in two
BEGIN;
UPDATE u SET a = 2;
\in one
SET deadlock_timeout = '10s';
\in two
SET deadlock_timeout = '100ms';
\send one
UPDATE u SET a = 3;
\in two
UPDATE t SET b = 'y' WHERE a = 1;
ROLLBACK;
\receive one
\in one
COMMIT;
SELECT * FROM u;

-- feature: LOCK TABLE in all modes, NOWAIT
BEGIN;
LOCK TABLE t IN ACCESS SHARE MODE;
LOCK TABLE t IN ROW EXCLUSIVE MODE;
LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE;
LOCK TABLE t IN EXCLUSIVE MODE;
\in two
SELECT count(*) FROM t;
LOCK TABLE t IN ROW EXCLUSIVE MODE NOWAIT;
\in one
LOCK TABLE t;
\in two
SET lock_timeout = '200ms';
SELECT count(*) FROM t;
\in one
COMMIT;

-- feature: LOCK TABLE .. SHARE keeps writers out
BEGIN;
LOCK TABLE t IN SHARE MODE;
\in two
SET lock_timeout = '200ms';
INSERT INTO t VALUES (3, 'x');
\in one
COMMIT;

-- feature: statement_timeout
SET statement_timeout = '200ms';
SELECT count(*) FROM t, pg_sleep(5);
RESET statement_timeout;
SELECT count(*) FROM t;

-- feature: lock_timeout of an UPDATE
BEGIN;
UPDATE t SET b = 'x' WHERE a = 1;
\in two
SET lock_timeout = '200ms';
UPDATE t SET b = 'y' WHERE a = 1;
\in one
COMMIT;

-- feature: idle_in_transaction_session_timeout lets others go on
\in two
SET idle_in_transaction_session_timeout = '200ms';
BEGIN;
UPDATE t SET b = 'idle' WHERE a = 1;
\in one
SET lock_timeout = '20s';
UPDATE t SET b = b || '+' WHERE a = 1 RETURNING b;

-- feature: pg_cancel_backend
\in two
BEGIN;
LOCK TABLE t;
\send one
SELECT count(*) FROM t;
\in two
SELECT pg_cancel_backend(pid) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass;
ROLLBACK;
\receive one

-- feature: DROP TABLE waits for readers
BEGIN;
SELECT count(*) FROM t;
\in two
SET lock_timeout = '200ms';
DROP TABLE t;
ALTER TABLE t ADD COLUMN c int;
TRUNCATE t;
\in one
COMMIT;

-- feature: ALTER TABLE that another session reads afterwards
\in two
SELECT * FROM t ORDER BY a;
\in one
ALTER TABLE t ADD COLUMN c int DEFAULT 3;
ALTER TABLE t RENAME COLUMN b TO bb;
\in two
SELECT * FROM t ORDER BY a;
INSERT INTO t VALUES (3, 'x', 4) RETURNING *;

-- feature: LISTEN and NOTIFY from a trigger
CREATE FUNCTION n() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('features', NEW.a::text); RETURN NULL; END $$;
CREATE TRIGGER n AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION n();
LISTEN features;
INSERT INTO t VALUES (9, 'x');
UNLISTEN *;

-- feature: advisory locks beside writes
BEGIN;
SELECT pg_advisory_xact_lock(4711);
INSERT INTO t VALUES (3, 'x');
COMMIT;
