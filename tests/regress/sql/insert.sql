-- INSERT in its forms.
CREATE SCHEMA insert;
SET search_path = insert;
CREATE TABLE t (a int, b text DEFAULT 'none') USING iceberg;

INSERT INTO t VALUES (1, 'one');
INSERT INTO t VALUES (2, 'two'), (3, DEFAULT), (4, NULL);
INSERT INTO t (a) SELECT i FROM generate_series(5, 7) i;
INSERT INTO t SELECT a + 100, b FROM t WHERE a < 3;
INSERT INTO t DEFAULT VALUES;
INSERT INTO t VALUES (8, 'eight') RETURNING *, a * 2 AS twice;
SELECT * FROM t ORDER BY a, b;

-- several statements of one transaction; a later one sees the earlier
BEGIN;
INSERT INTO t VALUES (10, 'ten');
SELECT count(*) FROM t;
INSERT INTO t SELECT a + 1, 'copy' FROM t WHERE a = 10;
SELECT * FROM t WHERE a >= 10 AND a < 100 ORDER BY a;
COMMIT;
SELECT count(*) FROM t;

-- writable CTEs: the retail job's shape
CREATE TABLE outbox (id int PRIMARY KEY, payload text, synced_at timestamptz);
INSERT INTO outbox SELECT i, 'payload ' || i FROM generate_series(1, 5) i;
CREATE TABLE synced (id int, payload text) USING iceberg;
WITH moved AS (
  INSERT INTO synced SELECT id, payload FROM outbox WHERE synced_at IS NULL ORDER BY id LIMIT 3 RETURNING id
)
UPDATE outbox o SET synced_at = now() FROM moved m WHERE o.id = m.id;
SELECT id, payload FROM synced ORDER BY id;
SELECT id, synced_at IS NOT NULL AS synced FROM outbox ORDER BY id;
WITH taken AS (DELETE FROM outbox WHERE synced_at IS NULL RETURNING id, payload)
INSERT INTO synced SELECT * FROM taken;
SELECT count(*) FROM synced;

-- prepared, from PL/pgSQL, with triggers
PREPARE add(int, text) AS INSERT INTO t VALUES ($1, $2);
EXECUTE add(20, 'prepared');
EXECUTE add(21, 'prepared');
DO $$
BEGIN
  FOR i IN 30..32 LOOP
    INSERT INTO t VALUES (i, 'plpgsql');
  END LOOP;
  BEGIN
    INSERT INTO t VALUES (33, 'undone');
    RAISE EXCEPTION 'undo';
  EXCEPTION WHEN OTHERS THEN
    INSERT INTO t VALUES (34, 'after the exception');
  END;
END
$$;
SELECT * FROM t WHERE a BETWEEN 20 AND 40 ORDER BY a;

CREATE TABLE audit (what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit VALUES (format('%s %s %s %s', TG_WHEN, TG_LEVEL, TG_OP, CASE WHEN TG_LEVEL = 'ROW' THEN NEW.a END));
  RETURN NEW;
END
$$;
CREATE TRIGGER before_row BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER after_row AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER after_statement AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION note();
INSERT INTO t VALUES (50, 'x'), (51, 'y');
SELECT * FROM audit;
SELECT * FROM t WHERE a >= 50 AND a < 100 ORDER BY a;

-- ON CONFLICT without a target cannot conflict
INSERT INTO t VALUES (60, 'z') ON CONFLICT DO NOTHING;
SELECT count(*) FROM t WHERE a = 60;

SET client_min_messages = warning;
DROP SCHEMA insert CASCADE;
