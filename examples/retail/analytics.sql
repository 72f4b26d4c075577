-- The retail job, step 3: questions to the Iceberg tables, in PostgreSQL's SQL, with joins between them and to heap.
--
--     ./lake psql -f examples/retail/analytics.sql
SET search_path = retail;

\echo
\echo 'Rows in Iceberg'
SELECT 'transactions' AS source, count(*) AS row_count FROM iceberg_transactions
UNION ALL
SELECT 'items', count(*) FROM iceberg_transaction_items
UNION ALL
SELECT 'stores', count(*) FROM iceberg_stores
UNION ALL
SELECT 'products', count(*) FROM iceberg_products
UNION ALL
SELECT 'customers', count(*) FROM iceberg_customers;

\echo 'Revenue by store (Iceberg joined to Iceberg)'
SELECT s.store_name, count(DISTINCT t.txn_id) AS txn_count, sum(t.total_amount) AS revenue
FROM iceberg_transactions t
JOIN iceberg_stores s ON t.store_id = s.store_id
GROUP BY s.store_name
ORDER BY revenue DESC, s.store_name;

\echo 'Best sellers of each category (a window over three Iceberg tables)'
SELECT category, product_name, units, revenue
FROM (SELECT p.category, p.product_name, sum(i.quantity) AS units, sum(i.line_total) AS revenue,
             row_number() OVER (PARTITION BY p.category ORDER BY sum(i.line_total) DESC, p.product_name) AS place
      FROM iceberg_transactions t
      JOIN iceberg_transaction_items i ON i.txn_id = t.txn_id
      JOIN iceberg_products p ON p.product_id = i.product_id
      GROUP BY p.category, p.product_name) ranked
WHERE place = 1
ORDER BY revenue DESC, category;

\echo 'Loyalty tiers (Iceberg joined to the heap table customers)'
SELECT coalesce(c.loyalty_tier, 'no card') AS tier, count(*) AS txn_count, round(avg(t.total_amount), 2) AS average,
       sum(t.total_amount) AS revenue
FROM iceberg_transactions t
LEFT JOIN customers c ON c.customer_id = t.customer_id
GROUP BY 1
ORDER BY revenue DESC, tier;

\echo 'How "revenue by store" runs'
EXPLAIN (COSTS off)
SELECT s.store_name, count(DISTINCT t.txn_id) AS txn_count, sum(t.total_amount) AS revenue
FROM iceberg_transactions t
JOIN iceberg_stores s ON t.store_id = s.store_id
GROUP BY s.store_name
ORDER BY revenue DESC, s.store_name;
