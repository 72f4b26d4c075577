"""The tills of the shop: several clients that sell, each sale one transaction in the heap tables.

    .lake/venv/bin/python examples/retail/till.py 'host=127.0.0.1 user=postgres' --clients 4 --seconds 30

A sale is counted when PostgreSQL has committed it, so `sold` is what the tables must hold.
"""

import argparse
import random
import sys
import threading
import time

import psycopg

PAYMENT_METHODS = ["CARD", "CASH", "DIGITAL_WALLET", "GIFT_CARD"]
MOST_ITEMS = 5
MOST_PIECES = 3
SHARE_OF_KNOWN_CUSTOMERS = 0.9

# One statement, so one transaction and one round trip: the head and its lines are stored together or not at all.
SELL = """
    WITH sale AS (
        INSERT INTO retail.transactions (store_id, customer_id, total_amount, payment_method)
        VALUES (%s, %s, %s, %s) RETURNING txn_id
    )
    INSERT INTO retail.transaction_items (txn_id, product_id, quantity, unit_price, line_total)
    SELECT sale.txn_id, line.* FROM sale, unnest(%s::int[], %s::int[], %s::numeric[], %s::numeric[]) AS line
"""


class Tills:
    """`clients` threads, each with a connection of its own. They sell `rate` times a second all together (None: as fast
    as they can) until `transactions` are sold (None: no limit) or stop() is called."""

    def __init__(self, conninfo, clients=4, rate=None, transactions=None, seed=None):
        self.conninfo, self.rate, self.limit = conninfo, rate, transactions
        self.transactions = self.items = 0
        self.taken = 0  # sales that a till has begun; never more than the limit
        self.error = None
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(random.Random(None if seed is None else seed + number),),
                                         name=f"till {number}", daemon=True) for number in range(clients)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        """Every till finishes the sale it is at; raises what a till failed with."""
        self.closing.set()
        for thread in self.threads:
            thread.join()
        if self.error:
            raise self.error

    def selling(self):
        return any(thread.is_alive() for thread in self.threads)

    def run(self, dice):
        try:
            with psycopg.connect(self.conninfo, autocommit=True, application_name=threading.current_thread().name) as pg:
                stores = [row[0] for row in pg.execute("SELECT store_id FROM retail.stores")]
                products = pg.execute("SELECT product_id, unit_price FROM retail.products").fetchall()
                customers = [row[0] for row in pg.execute("SELECT customer_id FROM retail.customers")]
                due = time.monotonic()
                while not self.closing.is_set() and self.take_one():
                    self.sell(pg, dice, stores, products, customers)
                    if self.rate:
                        due += dice.expovariate(self.rate / len(self.threads))  # customers come when they come
                        self.closing.wait(max(0, due - time.monotonic()))
        except psycopg.Error as error:
            self.error = error
            self.closing.set()

    def take_one(self):
        with self.lock:
            if self.limit is not None and self.taken >= self.limit:
                return False
            self.taken += 1
            return True

    def sell(self, pg, dice, stores, products, customers):
        basket = dice.sample(products, min(dice.randint(1, MOST_ITEMS), len(products)))
        pieces = [dice.randint(1, MOST_PIECES) for _ in basket]
        lines = [price * count for (_, price), count in zip(basket, pieces)]
        customer = dice.choice(customers) if dice.random() < SHARE_OF_KNOWN_CUSTOMERS else None
        pg.execute(SELL, [dice.choice(stores), customer, sum(lines), dice.choice(PAYMENT_METHODS),
                          [product for product, _ in basket], pieces, [price for _, price in basket], lines])
        with self.lock:
            self.transactions += 1
            self.items += len(lines)


def positive(kind):
    def parse(text):
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ValueError
        return value
    parse.__name__ = f"positive {kind.__name__}"
    return parse


def add_options(parser):
    """The options that the demo shares."""
    parser.add_argument("--clients", type=positive(int), default=4, help="tills that sell at the same time (4)")
    parser.add_argument("--seconds", type=positive(float), default=30, help="how long they sell (30)")
    parser.add_argument("--transactions", type=positive(int), metavar="N", help="stop after N sales (no limit)")
    parser.add_argument("--rate", type=positive(float), default=250, help="sales per second of all tills together (250)")


def main():
    parser = argparse.ArgumentParser(description="Sells in the shop of examples/retail/schema.sql.")
    parser.add_argument("conninfo", help="libpq connection string or URI")
    add_options(parser)
    options = parser.parse_args()
    tills = Tills(options.conninfo, options.clients, options.rate, options.transactions)
    begin = time.monotonic()
    tills.start()
    try:
        while tills.selling() and time.monotonic() - begin < options.seconds:
            time.sleep(0.2)
            seconds = time.monotonic() - begin
            print(f"\r{seconds:5.0f} s  {tills.transactions:,} sales, {tills.items:,} items "
                  f"({tills.transactions / seconds:,.0f} sales/s) ", end="", flush=True)
    except KeyboardInterrupt:
        pass
    try:
        tills.stop()
    except psycopg.Error as error:
        sys.exit(f"\ntill.py: {str(error).strip()}")
    print(f"\nsold {tills.transactions:,} baskets with {tills.items:,} items")


if __name__ == "__main__":
    main()
