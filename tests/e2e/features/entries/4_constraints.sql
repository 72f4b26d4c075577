-- section: Privileges and policies
-- setup
CREATE TABLE t (a int, b text, owner text) USING {am};
INSERT INTO t SELECT i, 'r' || i, CASE WHEN i % 2 = 0 THEN 'features_user' ELSE 'features_other' END FROM generate_series(1, 6) i;

-- feature: SELECT needs its privilege
SET ROLE features_user;
SELECT * FROM t;
RESET ROLE;
GRANT SELECT ON t TO features_user;
SET ROLE features_user;
SELECT count(*) FROM t;
RESET ROLE;

-- feature: INSERT, UPDATE, DELETE, TRUNCATE need theirs
GRANT SELECT ON t TO features_user;
SET ROLE features_user;
INSERT INTO t VALUES (7);
UPDATE t SET a = 1;
DELETE FROM t;
TRUNCATE t;
RESET ROLE;
GRANT INSERT, UPDATE, DELETE, TRUNCATE ON t TO features_user;
SET ROLE features_user;
INSERT INTO t VALUES (7);
UPDATE t SET a = 8 WHERE a = 7;
DELETE FROM t WHERE a = 8;
TRUNCATE t;
RESET ROLE;

-- feature: column privileges
GRANT SELECT (a), UPDATE (b) ON t TO features_user;
SET ROLE features_user;
SELECT sum(a) FROM t;
SELECT b FROM t;
SELECT * FROM t;
SELECT count(*) FROM t WHERE b = 'r1';
UPDATE t SET b = 'x' WHERE a = 1;
UPDATE t SET a = 2 WHERE a = 1;
RESET ROLE;
SELECT * FROM t ORDER BY a;

-- feature: REVOKE, and privileges through a role
GRANT SELECT ON t TO features_other;
GRANT features_other TO features_user;
SET ROLE features_user;
SELECT count(*) FROM t;
RESET ROLE;
REVOKE SELECT ON t FROM features_other;
SET ROLE features_user;
SELECT count(*) FROM t;
RESET ROLE;
REVOKE features_other FROM features_user;

-- feature: a table of another owner, SECURITY DEFINER
ALTER TABLE t OWNER TO features_owner;
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = {schema} AS $$ SELECT count(*) FROM t $$;
ALTER FUNCTION f() OWNER TO features_owner;
SET ROLE features_user;
SELECT {schema}.f();
SELECT count(*) FROM t;
RESET ROLE;

-- feature: a table made, filled and dropped by an ordinary role
SET ROLE features_owner;
CREATE TABLE mine (a int) USING {am};
INSERT INTO mine VALUES (1);
SELECT * FROM mine;
ALTER TABLE mine ADD COLUMN b int;
DROP TABLE mine;
RESET ROLE;

-- feature: row-level security: SELECT
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t FOR SELECT USING (owner = current_user);
GRANT SELECT ON t TO features_user;
SET ROLE features_user;
SELECT a FROM t ORDER BY a;
SELECT count(*), max(b) FROM t;
RESET ROLE;
SELECT count(*) FROM t;

-- feature: row-level security: INSERT, UPDATE, DELETE with WITH CHECK
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t USING (owner = current_user) WITH CHECK (owner = current_user);
GRANT ALL ON t TO features_user;
SET ROLE features_user;
INSERT INTO t VALUES (7, 'mine', 'features_user');
INSERT INTO t VALUES (8, 'not mine', 'features_other');
UPDATE t SET b = 'x';
UPDATE t SET owner = 'features_other' WHERE a = 2;
DELETE FROM t WHERE a IN (1, 2);
RESET ROLE;
SELECT * FROM t ORDER BY a;

-- feature: row-level security: restrictive policies, FORCE
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
ALTER TABLE t OWNER TO features_owner;
CREATE POLICY p ON t USING (true);
CREATE POLICY q ON t AS RESTRICTIVE USING (a > 3);
SET ROLE features_owner;
SELECT a FROM t ORDER BY a;
RESET ROLE;

-- feature: row-level security: no policy, row_security off
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON t TO features_user;
SET ROLE features_user;
SELECT count(*) FROM t;
SET row_security = off;
SELECT count(*) FROM t;
RESET row_security;
RESET ROLE;

-- feature: row-level security: a leaky function sees only what it may
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t FOR SELECT USING (owner = current_user);
GRANT SELECT ON t TO features_user;
CREATE FUNCTION leak(text) RETURNS bool LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE NOTICE 'sees %', $1; RETURN true; END $$;
SET ROLE features_user;
SELECT a FROM t WHERE leak(b) AND a < 5 ORDER BY a;
RESET ROLE;

-- feature: GRANT .. ON ALL TABLES, default privileges, has_table_privilege
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO features_user;
SELECT has_table_privilege('features_user', 't', 'SELECT'), has_column_privilege('features_user', 't', 'a', 'UPDATE');
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT INSERT ON TABLES TO features_user;
CREATE TABLE n (a int) USING {am};
SELECT has_table_privilege('features_user', 'n', 'INSERT');
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE INSERT ON TABLES FROM features_user;

-- section: Generated columns, identity, defaults
-- setup
CREATE SEQUENCE q;

-- feature: serial
CREATE TABLE t (a serial, b text) USING {am};
INSERT INTO t (b) VALUES ('x'), ('y') RETURNING a;
SELECT * FROM t ORDER BY a;

-- feature: GENERATED ALWAYS AS IDENTITY, OVERRIDING
CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b text) USING {am};
INSERT INTO t (b) VALUES ('x') RETURNING a;
INSERT INTO t VALUES (10, 'y');
INSERT INTO t OVERRIDING SYSTEM VALUE VALUES (10, 'y') RETURNING a;
INSERT INTO t OVERRIDING USER VALUE VALUES (20, 'z') RETURNING a;
UPDATE t SET a = 5;
UPDATE t SET a = DEFAULT WHERE b = 'x' RETURNING a;

-- feature: GENERATED BY DEFAULT AS IDENTITY with options
CREATE TABLE t (a int GENERATED BY DEFAULT AS IDENTITY (START 100 INCREMENT 5), b text) USING {am};
INSERT INTO t (b) VALUES ('x'), ('y') RETURNING a;
INSERT INTO t VALUES (1, 'z') RETURNING a;

-- feature: stored generated columns
CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a * 2) STORED) USING {am};
INSERT INTO t (a) VALUES (1), (2) RETURNING *;
INSERT INTO t VALUES (3, 7);
UPDATE t SET a = 10 WHERE a = 1 RETURNING *;
UPDATE t SET g = 1;
SELECT * FROM t ORDER BY a;

-- feature: defaults: constants, functions, sequences
CREATE TABLE t (a int DEFAULT nextval('q'), b text DEFAULT lower('ABC'), c date DEFAULT '2026-01-01', d int) USING {am};
INSERT INTO t (d) VALUES (1), (2) RETURNING a, b, c;

-- feature: identity across TRUNCATE RESTART and ALTER .. RESTART
CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b text) USING {am};
INSERT INTO t (b) VALUES ('x');
ALTER TABLE t ALTER a RESTART WITH 50;
INSERT INTO t (b) VALUES ('y') RETURNING a;
SELECT pg_get_serial_sequence('t', 'a') IS NOT NULL;

-- section: Constraints and domains
-- setup
CREATE TABLE t (a int NOT NULL, b text, CONSTRAINT positive CHECK (a > 0)) USING {am};
INSERT INTO t VALUES (1, 'one');

-- feature: NOT NULL
INSERT INTO t VALUES (NULL, 'x');
UPDATE t SET a = NULL;
COPY t FROM STDIN;
\N	x
\.
SELECT * FROM t;

-- feature: CHECK
INSERT INTO t VALUES (-1, 'x');
UPDATE t SET a = -1;
SELECT * FROM t;

-- feature: CHECK over several columns, with functions
CREATE TABLE n (a int, b text, CHECK (length(b) = a)) USING {am};
INSERT INTO n VALUES (3, 'abc'), (NULL, NULL);
INSERT INTO n VALUES (3, 'abcd');
SELECT * FROM n ORDER BY a;

-- feature: ADD CHECK: old rows are checked
ALTER TABLE t ADD CONSTRAINT big CHECK (a > 5);
ALTER TABLE t ADD CONSTRAINT small CHECK (a < 5);
INSERT INTO t VALUES (7, 'x');

-- feature: NOT VALID and VALIDATE CONSTRAINT
ALTER TABLE t ADD CONSTRAINT big CHECK (a > 5) NOT VALID;
INSERT INTO t VALUES (2, 'x');
ALTER TABLE t VALIDATE CONSTRAINT big;
UPDATE t SET a = 6;
ALTER TABLE t VALIDATE CONSTRAINT big;

-- feature: DROP and RENAME CONSTRAINT
ALTER TABLE t RENAME CONSTRAINT positive TO plus;
INSERT INTO t VALUES (-1, 'x');
ALTER TABLE t DROP CONSTRAINT plus;
INSERT INTO t VALUES (-1, 'x');
SELECT count(*) FROM t;

-- feature: domains with CHECK and NOT NULL
CREATE DOMAIN pos AS int CHECK (VALUE > 0);
CREATE DOMAIN word AS text NOT NULL DEFAULT 'w';
CREATE TABLE n (p pos, w word) USING {am};
INSERT INTO n (p) VALUES (1);
INSERT INTO n VALUES (-1, 'x');
INSERT INTO n VALUES (1, NULL);
UPDATE n SET p = 0;
SELECT * FROM n;

-- feature: ALTER DOMAIN checks the rows
CREATE DOMAIN pos AS int;
CREATE TABLE n (p pos) USING {am};
INSERT INTO n VALUES (1), (-1);
ALTER DOMAIN pos ADD CONSTRAINT c CHECK (VALUE > 0);
DELETE FROM n WHERE p < 0;
ALTER DOMAIN pos ADD CONSTRAINT c CHECK (VALUE > 0);
INSERT INTO n VALUES (-2);

-- feature: enums, and ADD VALUE
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE n (m mood) USING {am};
INSERT INTO n VALUES ('ok'), ('sad');
ALTER TYPE mood ADD VALUE 'happy';
INSERT INTO n VALUES ('happy');
SELECT * FROM n ORDER BY m;
SELECT count(*) FROM n WHERE m > 'sad';

-- feature: RENAME VALUE of an enum with rows
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE n (m mood) USING {am};
INSERT INTO n VALUES ('ok'), ('sad');
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
SELECT m FROM n ORDER BY m;
INSERT INTO n VALUES ('fine');
SELECT count(*) FROM n WHERE m = 'fine';

-- feature: composite columns
CREATE TYPE pair AS (x int, y text);
CREATE TABLE n (p pair) USING {am};
INSERT INTO n VALUES ((1, 'a'));
SELECT (p).y FROM n;

-- feature: array columns
CREATE TABLE n (p int[]) USING {am};
INSERT INTO n VALUES ('{1,2,NULL}'), ('{}'), (NULL);
SELECT p[2], p || 3, cardinality(p) FROM n ORDER BY p;

-- feature: arrays of two dimensions
CREATE TABLE n (p int[]) USING {am};
INSERT INTO n VALUES ('{{1,2},{3,4}}');
SELECT p[2][1] FROM n;

-- feature: range columns
CREATE TABLE n (p int4range) USING {am};
INSERT INTO n VALUES ('[1,5)');
SELECT * FROM n WHERE p @> 3;

-- feature: jsonb, inet and bit columns
CREATE TABLE n (j jsonb, i inet, b bit(4)) USING {am};
INSERT INTO n VALUES ('{"a": [1, 2]}', '10.0.0.0/8', B'1010');
SELECT j->'a'->1, i >> '10.1.1.1'::inet, i >>= '10.1.1.1', b & B'1000' FROM n;

-- feature: money columns
CREATE TABLE n (m money) USING {am};
INSERT INTO n VALUES (12.34);
SELECT m * 2 FROM n;

-- feature: xml columns
CREATE TABLE n (x xml) USING {am};
INSERT INTO n VALUES ('<a>1</a>');
SELECT xpath('/a/text()', x)::text FROM n;

-- feature: tsvector columns
CREATE TABLE n (v tsvector) USING {am};
INSERT INTO n VALUES ('fat:1 cat:2');
SELECT v @@ 'cat' FROM n;

-- feature: columns with a collation
CREATE TABLE n (a text COLLATE "C", b text COLLATE "en-x-icu") USING {am};
INSERT INTO n VALUES ('a', 'a'), ('B', 'B'), ('c', 'C');
SELECT a FROM n ORDER BY a;
SELECT b FROM n ORDER BY b;
SELECT count(*) FROM n WHERE b < 'b';
SELECT min(b), max(a) FROM n;

-- section: Foreign keys
-- setup
CREATE TABLE p (a int PRIMARY KEY, b text);
INSERT INTO p VALUES (1, 'one'), (2, 'two');

-- feature: from this table to a heap table
CREATE TABLE c (a int REFERENCES p, x text) USING {am};
INSERT INTO c VALUES (1, 'x'), (NULL, 'y');
INSERT INTO c VALUES (3, 'z');
UPDATE c SET a = 9 WHERE a = 1;
DELETE FROM p WHERE a = 1;
UPDATE p SET a = 5 WHERE a = 1;
DELETE FROM p WHERE a = 2;
SELECT * FROM c ORDER BY a;

-- feature: ON DELETE CASCADE, ON UPDATE CASCADE
CREATE TABLE c (a int REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE) USING {am};
INSERT INTO c VALUES (1), (1), (2);
UPDATE p SET a = 10 WHERE a = 1;
SELECT a FROM c ORDER BY a;
DELETE FROM p WHERE a = 10;
SELECT a FROM c ORDER BY a;

-- feature: ON DELETE SET NULL, SET DEFAULT
CREATE TABLE c (a int DEFAULT 2 REFERENCES p ON DELETE SET NULL, b int DEFAULT 2 REFERENCES p ON DELETE SET DEFAULT) USING {am};
INSERT INTO c VALUES (1, 1);
DELETE FROM p WHERE a = 1;
SELECT * FROM c;

-- feature: DEFERRABLE INITIALLY DEFERRED
CREATE TABLE c (a int REFERENCES p DEFERRABLE INITIALLY DEFERRED) USING {am};
BEGIN;
INSERT INTO c VALUES (7);
INSERT INTO p VALUES (7);
COMMIT;
BEGIN;
INSERT INTO c VALUES (8);
COMMIT;
SELECT * FROM c;

-- feature: deferred check of a row that the transaction deletes again
CREATE TABLE c (a int REFERENCES p DEFERRABLE INITIALLY DEFERRED) USING {am};
BEGIN;
INSERT INTO c VALUES (8);
DELETE FROM c WHERE a = 8;
COMMIT;
SELECT * FROM c;

-- feature: ADD FOREIGN KEY checks old rows, NOT VALID, VALIDATE
CREATE TABLE c (a int) USING {am};
INSERT INTO c VALUES (1), (9);
ALTER TABLE c ADD FOREIGN KEY (a) REFERENCES p;
ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p NOT VALID;
ALTER TABLE c VALIDATE CONSTRAINT fk;
DELETE FROM c WHERE a = 9;
ALTER TABLE c VALIDATE CONSTRAINT fk;
DELETE FROM p WHERE a = 1;

-- feature: from a heap table to this one
CREATE TABLE l (a int PRIMARY KEY) USING {am};
INSERT INTO l VALUES (1);
CREATE TABLE c (a int REFERENCES l);
INSERT INTO c VALUES (1);

-- feature: a foreign key to a table without a key
CREATE TABLE l (a int) USING {am};
CREATE TABLE c (a int REFERENCES l (a));

-- section: Indexes and keys
-- setup
CREATE TABLE t (a int, b text) USING {am};
INSERT INTO t VALUES (1, 'one'), (2, 'two');

-- feature: CREATE INDEX
CREATE INDEX i ON t (a);

-- feature: CREATE UNIQUE INDEX
CREATE UNIQUE INDEX i ON t (a);

-- feature: CREATE INDEX CONCURRENTLY
CREATE INDEX CONCURRENTLY i ON t (a);

-- feature: CREATE INDEX IF NOT EXISTS, hash, gin, brin
CREATE INDEX IF NOT EXISTS i ON t USING hash (a);
CREATE INDEX j ON t USING brin (a);

-- feature: PRIMARY KEY in CREATE TABLE
CREATE TABLE n (a int PRIMARY KEY) USING {am};

-- feature: UNIQUE in CREATE TABLE
CREATE TABLE n (a int, b int, UNIQUE (a, b)) USING {am};

-- feature: EXCLUDE in CREATE TABLE
CREATE TABLE n (a int4range, EXCLUDE USING gist (a WITH &&)) USING {am};

-- feature: ADD PRIMARY KEY
ALTER TABLE t ADD PRIMARY KEY (a);

-- feature: ADD UNIQUE
ALTER TABLE t ADD UNIQUE (a);

-- feature: ADD EXCLUDE
ALTER TABLE t ADD EXCLUDE USING btree (a WITH =);

-- feature: REINDEX TABLE
CREATE TABLE n (a int) USING {am};
REINDEX TABLE n;

-- feature: CLUSTER
CLUSTER t;

-- feature: CLUSTER USING
CLUSTER t USING nothing;

-- feature: REPLICA IDENTITY FULL and NOTHING
ALTER TABLE t REPLICA IDENTITY FULL;
ALTER TABLE t REPLICA IDENTITY NOTHING;
SELECT relreplident FROM pg_class WHERE oid = 't'::regclass;
