-- section: INSERT
-- setup
CREATE TABLE t (a int, b text DEFAULT 'def', c numeric(8,2)) USING {am};
INSERT INTO t VALUES (1, 'one', 1.5), (2, NULL, 2.25);
CREATE TABLE h (a int PRIMARY KEY, b text);
INSERT INTO h VALUES (1, 'h1'), (2, 'h2'), (3, 'h3');

-- feature: VALUES, several rows, columns left out
INSERT INTO t (a) VALUES (3), (4);
SELECT * FROM t ORDER BY a;

-- feature: DEFAULT and DEFAULT VALUES
INSERT INTO t VALUES (3, DEFAULT, 1);
INSERT INTO t DEFAULT VALUES;
SELECT * FROM t ORDER BY a;

-- feature: INSERT .. SELECT from a heap table
INSERT INTO t SELECT a + 10, b, a FROM h;
SELECT * FROM t ORDER BY a;

-- feature: INSERT .. SELECT from the table itself
INSERT INTO t SELECT a + 10, b, c FROM t;
SELECT * FROM t ORDER BY a;

-- feature: INSERT .. SELECT into a heap table
INSERT INTO h SELECT a + 10, b FROM t;
SELECT * FROM h ORDER BY a;

-- feature: RETURNING, with expressions and subqueries
INSERT INTO t VALUES (7, 'x', 3) RETURNING a * 2, upper(b), (SELECT b FROM h WHERE h.a = 1), t;

-- feature: INSERT with a WITH clause
WITH w AS (SELECT 5 AS a, 'w' AS b) INSERT INTO t (a, b) SELECT * FROM w RETURNING *;

-- feature: TABLE and VALUES as sources
INSERT INTO h TABLE h LIMIT 0;
INSERT INTO t (a, b) TABLE h;
SELECT * FROM t ORDER BY a, b;

-- feature: an error in the middle leaves nothing
INSERT INTO t SELECT i, 'x', 10 / (50 - i) FROM generate_series(1, 60) i;
SELECT count(*) FROM t;

-- feature: value out of range of the column
INSERT INTO t VALUES (3, 'x', 1e7);
SELECT count(*) FROM t;

-- feature: functions in PL/pgSQL that insert
CREATE FUNCTION f(n int) RETURNS int LANGUAGE plpgsql AS $$ DECLARE r int; BEGIN INSERT INTO t VALUES (n, 'f', 0) RETURNING a INTO r; RETURN r; END $$;
SELECT f(8), f(9);
SELECT * FROM t ORDER BY a;

-- feature: DO block with a loop
DO $$ BEGIN FOR i IN 10..15 LOOP INSERT INTO t VALUES (i, 'loop', i); END LOOP; END $$;
SELECT count(*), sum(a) FROM t;

-- feature: a large value (1 MB of text)
INSERT INTO t VALUES (3, repeat('0123456789', 100000), 0);
SELECT a, length(b), md5(b) FROM t ORDER BY a;

-- feature: a table of 1,600 columns
DO $$ BEGIN EXECUTE 'CREATE TABLE {schema}.wide (' || (SELECT string_agg('c' || i || ' int', ', ') FROM generate_series(1, 1600) i) || ') USING {am}'; END $$;
INSERT INTO wide (c1, c800, c1600) VALUES (1, 2, 3);
SELECT c1, c2, c800, c1600 FROM wide;

-- feature: a table without columns
CREATE TABLE none () USING {am};
INSERT INTO none DEFAULT VALUES;
SELECT count(*) FROM none;

-- section: INSERT .. ON CONFLICT
-- setup
CREATE TABLE t (a int, b text) USING {am};
INSERT INTO t VALUES (1, 'one'), (2, 'two');
CREATE TABLE h (a int PRIMARY KEY, b text);
INSERT INTO h VALUES (1, 'h1'), (2, 'h2'), (3, 'h3');

-- feature: DO NOTHING without a target
INSERT INTO t VALUES (1, 'again'), (3, 'three') ON CONFLICT DO NOTHING;
SELECT * FROM t ORDER BY a, b;

-- feature: DO NOTHING without a target, RETURNING
INSERT INTO t VALUES (3, 'three') ON CONFLICT DO NOTHING RETURNING *;

-- feature: DO NOTHING with a target, no key
INSERT INTO t VALUES (1, 'again') ON CONFLICT (a) DO NOTHING;

-- feature: DO UPDATE with a target, no key
INSERT INTO t VALUES (1, 'again') ON CONFLICT (a) DO UPDATE SET b = excluded.b;

-- feature: DO UPDATE on a heap table, rows from this one
INSERT INTO h SELECT a, b FROM t ON CONFLICT (a) DO UPDATE SET b = h.b || '+' || excluded.b;
SELECT * FROM h ORDER BY a;

-- section: COPY
-- setup
CREATE TABLE t (a int, b text, c date) USING {am};
INSERT INTO t VALUES (1, 'one', '2026-01-01'), (2, NULL, NULL), (3, E'tab\tand "quote"', '2026-01-03');

-- feature: FROM STDIN, text
COPY t FROM STDIN;
4	four	2026-02-04
5	\N	\N
\.
SELECT * FROM t ORDER BY a;

-- feature: FROM STDIN, csv with header, delimiter, null and column list
COPY t (b, a) FROM STDIN (FORMAT csv, HEADER, DELIMITER ';', NULL 'nil');
b;a
"x;y";4
nil;5
\.
SELECT * FROM t ORDER BY a;

-- feature: FROM STDIN WHERE
COPY t FROM STDIN WHERE a % 2 = 0;
4	four	2026-02-04
5	five	2026-02-05
\.
SELECT count(*), max(a) FROM t;

-- feature: FROM STDIN, a line that cannot be read
COPY t FROM STDIN;
4	four	2026-02-04
five	five	2026-02-05
\.
SELECT count(*) FROM t;

-- feature: TO STDOUT of the table
COPY t TO STDOUT;

-- feature: TO STDOUT of a query, csv
COPY (SELECT a, b FROM t ORDER BY a DESC) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE (b));

-- feature: TO and FROM a file, binary
COPY t TO '{dir}/features.bin' (FORMAT binary);
COPY t FROM '{dir}/features.bin' (FORMAT binary);
SELECT * FROM t ORDER BY a;

-- feature: TO and FROM PROGRAM
COPY t TO PROGRAM 'cat > {dir}/features.txt';
COPY t FROM PROGRAM 'head -1 {dir}/features.txt';
SELECT count(*) FROM t;

-- feature: FREEZE in the transaction that made the table
BEGIN;
CREATE TABLE n (a int) USING {am};
COPY n FROM STDIN (FREEZE);
1
2
\.
COMMIT;
SELECT * FROM n ORDER BY a;

-- feature: FREEZE on an older table
COPY t FROM STDIN (FREEZE);
4	four	2026-02-04
\.

-- feature: defaults and generated columns
CREATE TABLE n (a int, g int GENERATED ALWAYS AS (a * 2) STORED, d text DEFAULT 'd') USING {am};
COPY n (a) FROM STDIN;
1
2
\.
SELECT * FROM n ORDER BY a;

-- feature: RETURNING of a data-changing query TO STDOUT
COPY (DELETE FROM t WHERE a < 3 RETURNING a, b) TO STDOUT;
SELECT count(*) FROM t;
