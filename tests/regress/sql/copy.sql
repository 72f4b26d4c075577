-- COPY FROM STDIN and a file, COPY TO.
CREATE SCHEMA copy;
SET search_path = copy;
CREATE TABLE t (a int, b text, c numeric(6,2)) USING iceberg;
COPY t FROM STDIN;
1	one	1.50
2	\N	2
3	tab\there	\N
\.
COPY t (b, a) FROM STDIN WITH (FORMAT csv, HEADER);
b,a
"four, with a comma",4
,5
\.
COPY t FROM STDIN WITH (FORMAT csv);
6,six,nonsense
\.
SELECT * FROM t ORDER BY a;
COPY t TO STDOUT;
COPY (SELECT a, b FROM t WHERE a > 3 ORDER BY a) TO STDOUT WITH (FORMAT csv, HEADER);

CREATE TABLE many (id int, payload text) USING iceberg;
COPY many FROM PROGRAM 'seq 1 20000 | sed "s/.*/&\trow &/"';
SELECT count(*), sum(id), min(payload), max(payload) FROM many;

-- COPY that fails half way leaves nothing
COPY many FROM PROGRAM 'seq 1 5000 | sed "s/.*/&\trow &/"; echo "no number	x"';
SELECT count(*) FROM many;

-- several COPYs in one transaction
BEGIN;
COPY many FROM PROGRAM 'seq 1 10 | sed "s/.*/&\trow &/"';
COPY many FROM PROGRAM 'seq 1 10 | sed "s/.*/&\trow &/"';
SELECT count(*) FROM many;
COMMIT;
SELECT count(*) FROM many;

SET client_min_messages = warning;
DROP SCHEMA copy CASCADE;
