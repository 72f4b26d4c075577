-- The option unique_key and ON CONFLICT: messages, plans, who is asked. What statements do is compared with heap in tests/e2e/twins/queries/conflicts.sql.
CREATE SCHEMA unique_keys;
SET search_path = unique_keys;
CREATE TABLE price (shop int, sku text, cents int, note jsonb) USING iceberg WITH (unique_key = 'shop, sku');
\d+ price
INSERT INTO price VALUES (1, 'apple', 50), (1, 'pear', 75), (2, 'apple', 55), (NULL, 'apple', 1), (NULL, 'apple', 2);

INSERT INTO price VALUES (1, 'apple', 60);
INSERT INTO price SELECT 3, 'plum', i FROM generate_series(1, 2) i;
DO $$
DECLARE
  schema_said text;
  table_said text;
  constraint_said text;
BEGIN
  INSERT INTO price VALUES (1, 'apple', 60);
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS schema_said = SCHEMA_NAME, table_said = TABLE_NAME, constraint_said = CONSTRAINT_NAME;
  RAISE NOTICE '%.%: %', schema_said, table_said, constraint_said;
END $$;
\set SHOW_CONTEXT never
COPY price FROM stdin (FORMAT csv);
4,fig,10,
1,pear,80,
\.
UPDATE price SET sku = 'apple' WHERE shop = 1;
MERGE INTO price p USING (VALUES (1, 'pear'), (9, 'fig')) s(shop, sku) ON p.shop = s.shop AND p.sku <> s.sku WHEN MATCHED THEN UPDATE SET sku = s.sku WHEN NOT MATCHED THEN INSERT VALUES (s.shop, s.sku);
SELECT shop, sku, cents FROM price ORDER BY shop, sku, cents;

-- plans
EXPLAIN (COSTS OFF) INSERT INTO price VALUES (1, 'apple', 60) ON CONFLICT DO NOTHING;
EXPLAIN (COSTS OFF) INSERT INTO price VALUES (1, 'apple', 60) ON CONFLICT (sku, shop) DO UPDATE SET cents = excluded.cents;
EXPLAIN (COSTS OFF) INSERT INTO price VALUES (1, 'apple', 60) ON CONFLICT DO NOTHING RETURNING cents;
INSERT INTO price VALUES (1, 'apple', 60), (5, 'fig', 5) ON CONFLICT (sku, shop) DO UPDATE SET cents = excluded.cents;
INSERT INTO price VALUES (1, 'apple', 60), (5, 'kiwi', 5) ON CONFLICT DO NOTHING RETURNING sku;

-- what is refused
INSERT INTO price VALUES (1, 'apple', 60) ON CONFLICT (sku) DO NOTHING;
INSERT INTO price VALUES (1, 'apple', 60) ON CONFLICT (shop, sku) DO UPDATE SET cents = 0 RETURNING cents;
INSERT INTO price VALUES (1, 'apple', 60) ON CONFLICT ON CONSTRAINT price_unique_key DO NOTHING;
INSERT INTO price VALUES (6, 'fig', 1), (6, 'fig', 2) ON CONFLICT (shop, sku) DO UPDATE SET cents = 0;
INSERT INTO price VALUES (1, 'apple', 1), (1, 'apple', 2) ON CONFLICT (shop, sku) DO UPDATE SET cents = 0;
CREATE TABLE derived (a int, b int GENERATED ALWAYS AS (a % 10) STORED) USING iceberg WITH (unique_key = 'b');
INSERT INTO derived VALUES (1), (11);
INSERT INTO derived VALUES (1);
UPDATE derived SET a = 2;
INSERT INTO derived VALUES (2) ON CONFLICT DO NOTHING;
CREATE TABLE guarded (a int, owner name DEFAULT current_user) USING iceberg WITH (unique_key = 'a');
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON guarded USING (owner = current_user);
CREATE ROLE unique_keys_writer;
GRANT USAGE ON SCHEMA unique_keys TO unique_keys_writer;
GRANT SELECT, INSERT, UPDATE ON guarded TO unique_keys_writer;
GRANT INSERT, UPDATE ON price TO unique_keys_writer;
GRANT lake_read_write TO unique_keys_writer;
SET ROLE unique_keys_writer;
INSERT INTO guarded VALUES (1) ON CONFLICT (a) DO UPDATE SET owner = excluded.owner;
INSERT INTO guarded VALUES (1) ON CONFLICT DO NOTHING;
-- a key is not shown to whom the row is not
INSERT INTO guarded VALUES (1);
INSERT INTO price VALUES (1, 'apple', 60);
INSERT INTO price VALUES (1, 'apple', 60) ON CONFLICT DO NOTHING;
INSERT INTO price VALUES (1, 'apple', 60) ON CONFLICT (shop, sku) DO NOTHING;
RESET ROLE;

-- the option's value
CREATE TABLE wrong (a int, b jsonb, c text COLLATE "C", d numeric(10,2)) USING iceberg WITH (unique_key = '');
CREATE TABLE wrong (a int) USING iceberg WITH (unique_key = 'a,');
CREATE TABLE wrong (a int) USING iceberg WITH (unique_key = 'a, "A"');
CREATE TABLE wrong (a int) USING iceberg WITH (unique_key = 'a, A');
CREATE TABLE wrong (a int, b jsonb) USING iceberg WITH (unique_key = 'a, b');
CREATE TABLE wrong (a int, b int[]) USING iceberg WITH (unique_key = 'b');
CREATE MATERIALIZED VIEW wrong USING iceberg WITH (unique_key = 'shop') AS SELECT shop FROM price;
CREATE TABLE filled USING iceberg WITH (unique_key = 'shop') AS SELECT shop FROM price;
CREATE TABLE filled USING iceberg WITH (unique_key = 'sku, shop') AS SELECT shop, sku FROM price;
SET pg_lake_table.enable_full_query_pushdown = off;
CREATE TABLE wrong USING iceberg WITH (unique_key = 'shop') AS SELECT shop FROM price;
RESET pg_lake_table.enable_full_query_pushdown;
INSERT INTO filled VALUES (1, 'apple');
CREATE FOREIGN TABLE foreign_form (a int) SERVER pg_lake_iceberg OPTIONS (unique_key 'a');
INSERT INTO foreign_form VALUES (1), (1);

-- SET, RESET
ALTER TABLE price SET (unique_key = 'cents');
ALTER TABLE price SET (unique_key = 'sku');
ALTER TABLE price SET (unique_key = 'nothing');
ALTER TABLE price RESET (unique_key);
INSERT INTO price VALUES (1, 'apple', 0);
INSERT INTO price VALUES (1, 'apple', 0) ON CONFLICT (shop, sku) DO NOTHING;
INSERT INTO price VALUES (1, 'apple', 0) ON CONFLICT DO NOTHING;
ALTER TABLE price SET (unique_key = 'shop, sku');
BEGIN;
DELETE FROM price WHERE cents = 0;
INSERT INTO price VALUES (7, 'apple', 0);
ALTER TABLE price SET (unique_key = 'shop, sku');
INSERT INTO price VALUES (7, 'apple', 1) ON CONFLICT (shop, sku) DO UPDATE SET cents = price.cents + excluded.cents;
SAVEPOINT s;
INSERT INTO price VALUES (7, 'apple', 0);
ROLLBACK TO s;
COMMIT;
SELECT shop, sku, cents FROM price WHERE shop = 7;

-- ALTER TABLE
ALTER TABLE price RENAME shop TO "Shop No";
ALTER TABLE price RENAME sku TO "S,K""U";
SELECT reloptions FROM pg_class WHERE oid = 'price'::regclass;
INSERT INTO price VALUES (7, 'apple');
ALTER TABLE price ALTER "Shop No" TYPE bigint;
INSERT INTO price VALUES (7, 'apple');
ALTER TABLE price ALTER "Shop No" TYPE jsonb USING NULL;
ALTER TABLE price ALTER "Shop No" TYPE int USING 0;
ALTER TABLE price DROP note, ADD more int DEFAULT 1;
INSERT INTO price VALUES (7, 'apple');
ALTER TABLE price SET ACCESS METHOD heap;
SELECT reloptions FROM pg_class WHERE oid = 'price'::regclass;
ALTER TABLE price SET ACCESS METHOD iceberg;
ALTER TABLE price SET (unique_key = '"Shop No", "S,K""U"');
ALTER TABLE price DROP "Shop No";
SELECT reloptions FROM pg_class WHERE oid = 'price'::regclass;
INSERT INTO price VALUES ('apple'), ('apple') ON CONFLICT DO NOTHING;
CREATE TABLE offer (sku text, cents int) USING iceberg WITH (unique_key = 'sku');

-- views
CREATE VIEW apples AS SELECT sku AS name, cents AS price FROM offer;
INSERT INTO apples VALUES ('fuji', 3), ('gala', 4);
INSERT INTO apples VALUES ('fuji', 5) ON CONFLICT (name) DO UPDATE SET price = apples.price + excluded.price;
INSERT INTO apples VALUES ('gala', 5) ON CONFLICT DO NOTHING;
CREATE VIEW cheap AS SELECT * FROM offer WHERE cents < 10 WITH CHECK OPTION;
INSERT INTO cheap VALUES ('gala', 5) ON CONFLICT (sku) DO UPDATE SET cents = 50;
INSERT INTO cheap VALUES ('gala', 50), ('new', 5) ON CONFLICT DO NOTHING;
INSERT INTO cheap VALUES ('new', 5), ('newer', 6) ON CONFLICT DO NOTHING;
-- whole rows
INSERT INTO offer VALUES ('fuji', 1) ON CONFLICT (sku) DO UPDATE SET sku = excluded::text || offer::text;
SELECT * FROM offer ORDER BY sku;

-- partitions have keys of their own; through their parent ON CONFLICT knows none
CREATE TABLE parts (a int, b int, c int) PARTITION BY LIST (b);
CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1) USING iceberg WITH (unique_key = 'a');
CREATE TABLE part2 PARTITION OF parts FOR VALUES IN (2) USING iceberg WITH (unique_key = 'a');
INSERT INTO parts VALUES (1, 1), (1, 2), (2, 2);
INSERT INTO parts VALUES (3, 1), (2, 2);
INSERT INTO parts VALUES (3, 1), (2, 2) ON CONFLICT DO NOTHING;
UPDATE parts SET b = 2 WHERE a = 1;
UPDATE parts SET c = 5 WHERE a = 1;
INSERT INTO part1 VALUES (1, 1), (4, 1) ON CONFLICT DO NOTHING;
SELECT * FROM parts ORDER BY a, b;

-- an inheritance child
CREATE TABLE parent (a int, b int);
CREATE TABLE child (c int) INHERITS (parent) USING iceberg WITH (unique_key = 'a');
INSERT INTO parent VALUES (1), (1);
INSERT INTO child VALUES (1, 1), (2, 2);
UPDATE parent SET a = 1;
UPDATE parent SET b = 0;
INSERT INTO child VALUES (1, 5), (3, 5) ON CONFLICT (a) DO UPDATE SET b = excluded.b;
SELECT a, b FROM child ORDER BY a;

-- plans are made anew for another key
PREPARE fill (int) AS INSERT INTO child VALUES ($1, 0, 0) ON CONFLICT DO NOTHING;
EXECUTE fill (3);
ALTER TABLE child RESET (unique_key);
EXECUTE fill (3);
ALTER TABLE child SET (unique_key = 'a, c');
EXECUTE fill (3);
SELECT a, b, c FROM child ORDER BY a, c;
DEALLOCATE fill;

-- statements inside of statements
CREATE FUNCTION add_key(k int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO part1 VALUES (k, 1);
  RETURN k;
EXCEPTION WHEN unique_violation THEN
  RETURN -k;
END $$;
SELECT add_key(i) FROM (VALUES (10), (10), (1)) v(i);
INSERT INTO part1 SELECT add_key(i), 1 FROM (VALUES (11), (1)) v(i);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN
  SELECT count(*) INTO n FROM part2;
  RETURN new;
END $$;
CREATE TRIGGER look BEFORE UPDATE ON part2 FOR EACH ROW EXECUTE FUNCTION look();
UPDATE part2 SET a = 3 - a;
SELECT a FROM part2 ORDER BY a;

SET client_min_messages = warning;
DROP SCHEMA unique_keys CASCADE;
DROP ROLE unique_keys_writer;
