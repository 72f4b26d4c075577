-- Parameters of every type, in custom and in generic plans; cursors, views, functions, CREATE TABLE AS.
-- setup

CREATE TABLE pp (id int, s smallint, l bigint, d float8, n numeric(10,2), t text, v varchar(10), c char(5), dt date, ts timestamp, tz timestamptz, u uuid, b bool, x bytea, tm time) USING {am}

INSERT INTO pp VALUES (1, 1, 1, 1.5, 1.25, 'a', 'b', 'c', '2020-01-01', '2020-01-01 01:02:03.5', '2020-01-01 01:02:03+00', '00000000-0000-0000-0000-000000000001', true, '\x01ff', '10:00'), (2, 2, 2, 'NaN', 2.5, 'ä''q', 'z', 'zz', '0044-03-15 BC', '1999-01-01', '1999-01-01 00:00:00+05', NULL, false, '\x', '00:00'), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)

CREATE VIEW w AS SELECT id, t, n * 2 AS n2 FROM pp WHERE id < 3

CREATE FUNCTION plus(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b'

CREATE FUNCTION above(a int) RETURNS TABLE (id int, t text) LANGUAGE sql STABLE AS 'SELECT id, t FROM pp WHERE id > a'

CREATE FUNCTION total(a int) RETURNS bigint LANGUAGE plpgsql AS 'DECLARE r bigint; BEGIN SELECT sum(pp.id) INTO r FROM pp WHERE pp.id >= a; RETURN r; END'

CREATE FUNCTION walk() RETURNS SETOF int LANGUAGE plpgsql AS 'DECLARE r record; BEGIN FOR r IN SELECT id FROM pp ORDER BY id DESC LOOP RETURN NEXT r.id; END LOOP; END'

-- queries

SET plan_cache_mode = force_custom_plan; PREPARE q(int) AS SELECT id FROM pp WHERE id = $1; EXECUTE q(1); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(smallint) AS SELECT id FROM pp WHERE s = $1; EXECUTE q(2); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(bigint) AS SELECT id FROM pp WHERE l < $1; EXECUTE q(2); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(float8) AS SELECT id FROM pp WHERE d = $1; EXECUTE q('NaN'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(float8) AS SELECT id FROM pp WHERE d < $1; EXECUTE q('Infinity'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(numeric) AS SELECT id FROM pp WHERE n = $1; EXECUTE q(2.5); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(numeric) AS SELECT id FROM pp WHERE n < $1; EXECUTE q(1.2500000001); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(text) AS SELECT id FROM pp WHERE t = $1; EXECUTE q('ä''q'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(varchar) AS SELECT id FROM pp WHERE v = $1; EXECUTE q('z'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(bpchar) AS SELECT id FROM pp WHERE c = $1; EXECUTE q('zz'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(date) AS SELECT id FROM pp WHERE dt = $1; EXECUTE q('2020-01-01'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(date) AS SELECT id FROM pp WHERE dt = $1; EXECUTE q('0044-03-15 BC'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(date) AS SELECT id FROM pp WHERE dt < $1; EXECUTE q('infinity'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(timestamp) AS SELECT id FROM pp WHERE ts = $1; EXECUTE q('2020-01-01 01:02:03.5'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(timestamp) AS SELECT id FROM pp WHERE ts > $1; EXECUTE q('0044-03-15 01:02:03.5 BC'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(timestamptz) AS SELECT id FROM pp WHERE tz = $1; EXECUTE q('1998-12-31 19:00:00+00'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(timestamptz) AS SELECT id FROM pp WHERE tz > $1; EXECUTE q('0044-03-15 01:02:03.5+00 BC'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(uuid) AS SELECT id FROM pp WHERE u = $1; EXECUTE q('00000000-0000-0000-0000-000000000001'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(bool) AS SELECT id FROM pp WHERE b = $1; EXECUTE q(false); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(bytea) AS SELECT id FROM pp WHERE x = $1; EXECUTE q('\x01ff'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(time) AS SELECT id FROM pp WHERE tm = $1; EXECUTE q('10:00'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(int) AS SELECT id FROM pp WHERE id = $1; EXECUTE q(NULL); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(text) AS SELECT id FROM pp WHERE t = $1; EXECUTE q(NULL); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(int[]) AS SELECT id FROM pp WHERE id = ANY ($1); EXECUTE q('{1,7}'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(text) AS SELECT id FROM pp WHERE t LIKE $1; EXECUTE q('a%'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(interval) AS SELECT id FROM pp WHERE ts > $1 + timestamp '1999-12-31'; EXECUTE q('1 day'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(bigint, bigint) AS SELECT id FROM pp ORDER BY id LIMIT $1 OFFSET $2; EXECUTE q(1, 0); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(bigint, bigint) AS SELECT id FROM pp ORDER BY id LIMIT $1 OFFSET $2; EXECUTE q(NULL, 1); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(bigint, bigint) AS SELECT id FROM pp ORDER BY id LIMIT $1 OFFSET $2; EXECUTE q(1, 1); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(bigint, bigint) AS SELECT id FROM pp ORDER BY id LIMIT $1 OFFSET $2; EXECUTE q(NULL, NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(bigint, bigint) AS SELECT id FROM pp ORDER BY id LIMIT $1 OFFSET $2; EXECUTE q(0, 0); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; PREPARE q(int) AS SELECT id + $1, $1, $1::text, CASE WHEN id > $1 THEN now() > tz END FROM pp GROUP BY id, tz, id + $1; EXECUTE q(1); EXECUTE q(7); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; SET DateStyle = 'German'; PREPARE q(date) AS SELECT id, dt, $1, $1::text, dt::text FROM pp WHERE dt >= $1; EXECUTE q('15.03.0044 BC'); DEALLOCATE q; RESET DateStyle; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; SET bytea_output = 'escape'; PREPARE q(bytea) AS SELECT id, x, $1 FROM pp WHERE x >= $1; EXECUTE q('\x01'); DEALLOCATE q; RESET bytea_output; RESET plan_cache_mode

SET plan_cache_mode = force_custom_plan; SET extra_float_digits = 0; PREPARE q(float8) AS SELECT id, d + $1 FROM pp WHERE d > $1; EXECUTE q(0.1); DEALLOCATE q; RESET extra_float_digits; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(int) AS SELECT id FROM pp WHERE id = $1; EXECUTE q(1); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(smallint) AS SELECT id FROM pp WHERE s = $1; EXECUTE q(2); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(bigint) AS SELECT id FROM pp WHERE l < $1; EXECUTE q(2); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(float8) AS SELECT id FROM pp WHERE d = $1; EXECUTE q('NaN'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(float8) AS SELECT id FROM pp WHERE d < $1; EXECUTE q('Infinity'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(numeric) AS SELECT id FROM pp WHERE n = $1; EXECUTE q(2.5); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(numeric) AS SELECT id FROM pp WHERE n < $1; EXECUTE q(1.2500000001); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(text) AS SELECT id FROM pp WHERE t = $1; EXECUTE q('ä''q'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(varchar) AS SELECT id FROM pp WHERE v = $1; EXECUTE q('z'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(bpchar) AS SELECT id FROM pp WHERE c = $1; EXECUTE q('zz'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(date) AS SELECT id FROM pp WHERE dt = $1; EXECUTE q('2020-01-01'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(date) AS SELECT id FROM pp WHERE dt = $1; EXECUTE q('0044-03-15 BC'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(date) AS SELECT id FROM pp WHERE dt < $1; EXECUTE q('infinity'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(timestamp) AS SELECT id FROM pp WHERE ts = $1; EXECUTE q('2020-01-01 01:02:03.5'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(timestamp) AS SELECT id FROM pp WHERE ts > $1; EXECUTE q('0044-03-15 01:02:03.5 BC'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(timestamptz) AS SELECT id FROM pp WHERE tz = $1; EXECUTE q('1998-12-31 19:00:00+00'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(timestamptz) AS SELECT id FROM pp WHERE tz > $1; EXECUTE q('0044-03-15 01:02:03.5+00 BC'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(uuid) AS SELECT id FROM pp WHERE u = $1; EXECUTE q('00000000-0000-0000-0000-000000000001'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(bool) AS SELECT id FROM pp WHERE b = $1; EXECUTE q(false); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(bytea) AS SELECT id FROM pp WHERE x = $1; EXECUTE q('\x01ff'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(time) AS SELECT id FROM pp WHERE tm = $1; EXECUTE q('10:00'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(int) AS SELECT id FROM pp WHERE id = $1; EXECUTE q(NULL); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(text) AS SELECT id FROM pp WHERE t = $1; EXECUTE q(NULL); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(int[]) AS SELECT id FROM pp WHERE id = ANY ($1); EXECUTE q('{1,7}'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(text) AS SELECT id FROM pp WHERE t LIKE $1; EXECUTE q('a%'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(interval) AS SELECT id FROM pp WHERE ts > $1 + timestamp '1999-12-31'; EXECUTE q('1 day'); EXECUTE q(NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(bigint, bigint) AS SELECT id FROM pp ORDER BY id LIMIT $1 OFFSET $2; EXECUTE q(1, 0); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(bigint, bigint) AS SELECT id FROM pp ORDER BY id LIMIT $1 OFFSET $2; EXECUTE q(NULL, 1); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(bigint, bigint) AS SELECT id FROM pp ORDER BY id LIMIT $1 OFFSET $2; EXECUTE q(1, 1); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(bigint, bigint) AS SELECT id FROM pp ORDER BY id LIMIT $1 OFFSET $2; EXECUTE q(NULL, NULL); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(bigint, bigint) AS SELECT id FROM pp ORDER BY id LIMIT $1 OFFSET $2; EXECUTE q(0, 0); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; PREPARE q(int) AS SELECT id + $1, $1, $1::text, CASE WHEN id > $1 THEN now() > tz END FROM pp GROUP BY id, tz, id + $1; EXECUTE q(1); EXECUTE q(7); DEALLOCATE q; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; SET DateStyle = 'German'; PREPARE q(date) AS SELECT id, dt, $1, $1::text, dt::text FROM pp WHERE dt >= $1; EXECUTE q('15.03.0044 BC'); DEALLOCATE q; RESET DateStyle; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; SET bytea_output = 'escape'; PREPARE q(bytea) AS SELECT id, x, $1 FROM pp WHERE x >= $1; EXECUTE q('\x01'); DEALLOCATE q; RESET bytea_output; RESET plan_cache_mode

SET plan_cache_mode = force_generic_plan; SET extra_float_digits = 0; PREPARE q(float8) AS SELECT id, d + $1 FROM pp WHERE d > $1; EXECUTE q(0.1); DEALLOCATE q; RESET extra_float_digits; RESET plan_cache_mode

SET TimeZone = 'America/New_York'; SELECT id, tz, tz > '2019-12-31 20:00', now() > tz FROM pp; RESET TimeZone

SET DateStyle = 'SQL, DMY'; SELECT id, dt, ts, tz FROM pp WHERE dt = '01/01/2020'; RESET DateStyle

-- path: set
SELECT * FROM w

-- path: set
SELECT w.id, sum(n2) FROM w JOIN pp USING (id) GROUP BY w.id

-- path: set
SELECT id, plus(id), plus(id, 5) FROM pp

SELECT * FROM above(1)

SELECT a.id, b.t FROM pp AS a, above(a.id) AS b

SELECT total(2)

SELECT id, total(id) FROM pp

SELECT * FROM walk()

BEGIN; DECLARE k CURSOR FOR SELECT id FROM pp ORDER BY id; FETCH 2 FROM k; FETCH ALL FROM k; CLOSE k; COMMIT

BEGIN; DECLARE k SCROLL CURSOR FOR SELECT id, n FROM pp ORDER BY id; FETCH 2 FROM k; FETCH PRIOR FROM k; FETCH LAST FROM k; FETCH FIRST FROM k; COMMIT

BEGIN; DECLARE k CURSOR WITH HOLD FOR SELECT id FROM pp ORDER BY id; COMMIT; FETCH ALL FROM k; CLOSE k

CREATE TEMP TABLE made AS SELECT id, n * 2 AS m, count(*) OVER () FROM pp; SELECT * FROM made; DROP TABLE made

BEGIN; INSERT INTO pp (id) VALUES (4); SELECT count(*), max(id) FROM pp; ROLLBACK; SELECT count(*) FROM pp

BEGIN; SAVEPOINT one; INSERT INTO pp (id) VALUES (4), (5); SELECT count(*) FROM pp; ROLLBACK TO one; SELECT count(*) FROM pp; COMMIT

CREATE TEMP TABLE local (id int, note text); INSERT INTO local VALUES (1, 'x'), (2, 'y'); SELECT l.note, p.n FROM local l JOIN pp p USING (id) WHERE p.n > 1; DROP TABLE local

SELECT pg_typeof(id + s), pg_typeof(n * 2), pg_typeof(sum(l) OVER ()), pg_typeof(id / 2.0) FROM pp
