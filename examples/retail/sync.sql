-- The retail job, step 2: carry new rows from the heap tables into Iceberg, a batch at a time.
--
--     ./lake psql -f examples/retail/sync.sql
--     ./lake psql -c "CALL retail.sync('by hand')"
--
-- A batch is one transaction: the rows appear in both Iceberg tables and are marked as synced in both heap tables, or
-- nothing happened. A crash at any moment loses no row and copies none twice.
SET search_path = retail;

-- One line per batch. "elapsed" runs from the first statement until the commit is durable.
CREATE TABLE IF NOT EXISTS sync_log (
    batch         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    called_by     text NOT NULL,
    transactions  bigint NOT NULL,
    items         bigint NOT NULL,
    started_at    timestamptz NOT NULL,
    elapsed       interval NOT NULL
);

CREATE OR REPLACE PROCEDURE sync(called_by text) LANGUAGE plpgsql AS $$
DECLARE
    started  timestamptz := clock_timestamp();
    txns     bigint;
    items    bigint;
BEGIN
    -- Two batches at once would both see the same rows as new. The one that comes second leaves them to the first.
    IF NOT pg_try_advisory_xact_lock(hashtext('retail.sync')) THEN
        RETURN;
    END IF;

    WITH synced AS (
        INSERT INTO retail.iceberg_transactions
        SELECT txn_id, store_id, customer_id, txn_timestamp, total_amount, payment_method, now()
        FROM retail.transactions WHERE synced_at IS NULL
        RETURNING txn_id
    )
    UPDATE retail.transactions SET synced_at = now() WHERE txn_id IN (SELECT txn_id FROM synced);
    GET DIAGNOSTICS txns = ROW_COUNT;

    WITH synced AS (
        INSERT INTO retail.iceberg_transaction_items
        SELECT item_id, txn_id, product_id, quantity, unit_price, line_total, now()
        FROM retail.transaction_items WHERE synced_at IS NULL
        RETURNING item_id
    )
    UPDATE retail.transaction_items SET synced_at = now() WHERE item_id IN (SELECT item_id FROM synced);
    GET DIAGNOSTICS items = ROW_COUNT;

    COMMIT;

    INSERT INTO retail.sync_log (called_by, transactions, items, started_at, elapsed)
    VALUES (called_by, txns, items, started, clock_timestamp() - started);
END
$$;

-- On a schedule, with pg_cron (1.4 of Debian 12 counts in minutes; from 1.5 on '5 seconds' is a schedule too):
--     SELECT cron.schedule('retail-sync', '* * * * *', $$CALL retail.sync('pg_cron')$$);
--     SELECT cron.unschedule('retail-sync');
