-- The retail job, step 1: the shop's own tables (heap), their copies in Iceberg, and what is known before the first sale.
--
--     ./lake psql -f examples/retail/schema.sql
--
-- Everything lives in the schema retail, which is dropped and made again.
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS retail CASCADE;
CREATE SCHEMA retail;
SET search_path = retail;

-- ------------------------------------------------------------------ OLTP: heap tables, for many small writes

CREATE TABLE stores (
    store_id    serial PRIMARY KEY,
    store_name  text NOT NULL,
    city        text NOT NULL,
    state       text NOT NULL,
    opened_at   timestamp DEFAULT now()
);

CREATE TABLE products (
    product_id    serial PRIMARY KEY,
    product_name  text NOT NULL,
    category      text NOT NULL,
    unit_price    numeric(10,2) NOT NULL,
    created_at    timestamp DEFAULT now()
);

CREATE TABLE customers (
    customer_id   serial PRIMARY KEY,
    first_name    text NOT NULL,
    last_name     text NOT NULL,
    email         text UNIQUE NOT NULL,
    loyalty_tier  text DEFAULT 'BRONZE',
    created_at    timestamp DEFAULT now()
);

CREATE TABLE transactions (
    txn_id          serial PRIMARY KEY,
    store_id        int NOT NULL REFERENCES stores(store_id),
    customer_id     int REFERENCES customers(customer_id),
    txn_timestamp   timestamp NOT NULL DEFAULT now(),
    total_amount    numeric(12,2) NOT NULL DEFAULT 0,
    payment_method  text NOT NULL DEFAULT 'CARD',
    synced_at       timestamp                             -- NULL: not in Iceberg yet
);

CREATE TABLE transaction_items (
    item_id     serial PRIMARY KEY,
    txn_id      int NOT NULL REFERENCES transactions(txn_id),
    product_id  int NOT NULL REFERENCES products(product_id),
    quantity    int NOT NULL DEFAULT 1,
    unit_price  numeric(10,2) NOT NULL,
    line_total  numeric(12,2) NOT NULL,
    synced_at   timestamp
);

-- The sync looks for rows that are not in Iceberg yet: these indexes hold those rows and no others.
CREATE INDEX idx_txn_synced ON transactions (synced_at) WHERE synced_at IS NULL;
CREATE INDEX idx_items_synced ON transaction_items (synced_at) WHERE synced_at IS NULL;

INSERT INTO stores (store_name, city, state) VALUES
    ('Downtown Flagship', 'Seattle', 'WA'),
    ('Mall of Pacific', 'San Francisco', 'CA'),
    ('Eastside Express', 'Bellevue', 'WA'),
    ('Harbor Point', 'Portland', 'OR'),
    ('Valley Center', 'San Jose', 'CA');

INSERT INTO products (product_name, category, unit_price) VALUES
    ('Organic Coffee Beans 1lb', 'Grocery', 14.99),
    ('Wireless Earbuds Pro', 'Electronics', 79.99),
    ('Cotton T-Shirt', 'Apparel', 24.99),
    ('Stainless Water Bottle', 'Home', 19.99),
    ('Running Shoes', 'Footwear', 129.99),
    ('Yoga Mat Premium', 'Fitness', 39.99),
    ('LED Desk Lamp', 'Electronics', 44.99),
    ('Organic Protein Bar 12pk', 'Grocery', 29.99),
    ('Backpack 30L', 'Accessories', 59.99),
    ('Sunscreen SPF50', 'Personal Care', 12.99),
    ('Bluetooth Speaker', 'Electronics', 49.99),
    ('Trail Mix 2lb', 'Grocery', 9.99),
    ('Insulated Lunch Bag', 'Home', 22.99),
    ('Fitness Tracker Band', 'Electronics', 89.99),
    ('Bamboo Cutting Board', 'Home', 17.99);

INSERT INTO customers (first_name, last_name, email, loyalty_tier) VALUES
    ('Alice', 'Chen', 'alice.chen@example.com', 'GOLD'),
    ('Bob', 'Martinez', 'bob.martinez@example.com', 'SILVER'),
    ('Carol', 'Johnson', 'carol.j@example.com', 'BRONZE'),
    ('David', 'Kim', 'david.kim@example.com', 'GOLD'),
    ('Eve', 'Patel', 'eve.patel@example.com', 'PLATINUM'),
    ('Frank', 'Lopez', 'frank.lopez@example.com', 'BRONZE'),
    ('Grace', 'Wang', 'grace.wang@example.com', 'SILVER'),
    ('Hank', 'Brown', 'hank.brown@example.com', 'BRONZE'),
    ('Iris', 'Davis', 'iris.davis@example.com', 'GOLD'),
    ('Jack', 'Wilson', 'jack.wilson@example.com', 'SILVER');

-- ------------------------------------------------------------------ the lakehouse: Iceberg tables, for everybody who reads

CREATE TABLE iceberg_transactions (
    txn_id          int,
    store_id        int,
    customer_id     int,
    txn_timestamp   timestamp,
    total_amount    numeric(12,2),
    payment_method  text,
    synced_at       timestamp
) USING iceberg;

CREATE TABLE iceberg_transaction_items (
    item_id     int,
    txn_id      int,
    product_id  int,
    quantity    int,
    unit_price  numeric(10,2),
    line_total  numeric(12,2),
    synced_at   timestamp
) USING iceberg;

CREATE TABLE iceberg_stores (
    store_id    int,
    store_name  text,
    city        text,
    state       text,
    opened_at   timestamp
) USING iceberg;

CREATE TABLE iceberg_products (
    product_id    int,
    product_name  text,
    category      text,
    unit_price    numeric(10,2),
    created_at    timestamp
) USING iceberg;

CREATE TABLE iceberg_customers (
    customer_id   int,
    first_name    text,
    last_name     text,
    email         text,
    loyalty_tier  text,
    created_at    timestamp
) USING iceberg;

INSERT INTO iceberg_stores    SELECT * FROM stores;
INSERT INTO iceberg_products  SELECT * FROM products;
INSERT INTO iceberg_customers SELECT * FROM customers;
