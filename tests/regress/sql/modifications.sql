-- What a user sees of statements that run in the server as a whole: plans, tags, and PostgreSQL's own words for rows that a table must not hold.
CREATE SCHEMA modifications;
SET search_path = modifications;
CREATE TABLE stock (sku text NOT NULL, qty int CHECK (qty >= 0), price numeric(8,2), changed date) USING iceberg;
CREATE TABLE delivery (sku text, qty int, price numeric(8,2)) USING iceberg;
INSERT INTO delivery VALUES ('apple', 10, 0.50), ('pear', 5, 0.75), (NULL, 1, 1.00), ('plum', -3, 0.10);

EXPLAIN (COSTS OFF) INSERT INTO stock SELECT sku, qty, price FROM delivery WHERE qty > 0;
EXPLAIN (COSTS OFF, VERBOSE) UPDATE stock SET qty = qty + 1 WHERE sku = 'apple';
EXPLAIN (COSTS OFF) DELETE FROM stock;
EXPLAIN (COSTS OFF) MERGE INTO stock s USING delivery d ON s.sku = d.sku WHEN MATCHED THEN DELETE;
-- rows come to PostgreSQL when somebody wants to see them there
EXPLAIN (COSTS OFF, VERBOSE) DELETE FROM stock WHERE sku = 'apple' RETURNING qty;

INSERT INTO stock SELECT sku, qty, price FROM delivery;
INSERT INTO stock SELECT sku, qty, price FROM delivery WHERE sku IS NOT NULL;
INSERT INTO stock SELECT sku, qty, price FROM delivery WHERE sku IS NOT NULL AND qty > 0;
UPDATE stock SET qty = qty - 7;
UPDATE stock SET price = price * 1000000;
UPDATE stock SET changed = 'infinity';
UPDATE stock SET changed = date '2026-01-01' + qty WHERE sku = 'apple';
SELECT * FROM stock ORDER BY sku;
MERGE INTO stock s USING (SELECT 'apple' AS sku FROM delivery) d ON s.sku = d.sku WHEN MATCHED THEN UPDATE SET qty = 0;
MERGE INTO stock s USING delivery d ON s.sku = d.sku
  WHEN MATCHED AND d.sku = 'pear' THEN DELETE
  WHEN MATCHED THEN UPDATE SET qty = s.qty + d.qty
  WHEN NOT MATCHED AND d.sku IS NOT NULL THEN INSERT (sku, qty) VALUES (d.sku, abs(d.qty));
SELECT * FROM stock ORDER BY sku;
CREATE TABLE totals USING iceberg AS SELECT count(*) AS skus, sum(qty) AS qty FROM stock;
SELECT * FROM totals;

-- the set path is an optimisation
SET pg_lake_table.enable_full_query_pushdown = off;
EXPLAIN (COSTS OFF) DELETE FROM stock;
RESET pg_lake_table.enable_full_query_pushdown;

-- rights are PostgreSQL's
CREATE ROLE modifications_reader;
GRANT USAGE ON SCHEMA modifications TO modifications_reader;
GRANT SELECT ON stock, delivery TO modifications_reader;
GRANT UPDATE (qty) ON stock TO modifications_reader;
SET ROLE modifications_reader;
INSERT INTO stock SELECT sku, qty, price FROM delivery;
DELETE FROM stock;
UPDATE stock SET price = 0;
UPDATE stock SET qty = 1 WHERE sku = 'apple';
RESET ROLE;
BEGIN READ ONLY;
DELETE FROM stock;
ROLLBACK;
SELECT * FROM stock ORDER BY sku;
SET client_min_messages = warning;
DROP SCHEMA modifications CASCADE;
DROP ROLE modifications_reader;
