"""Iceberg joined with heap, beside DuckDB with both tables in Parquet."""

import duckdb

from figures import Figure, alternate, ratio
from query_suite import data_files, open_duckdb

# sales: ten for a product, on average; products: skewed in nothing, one in a hundred on sale.
SALES = "SELECT i AS id, (i::bigint * 2654435761 % {products})::int AS product, 1 + i % 7 AS quantity, (i % 9973 / 100.0)::numeric(10,2) AS price FROM generate_series(1, {rows}) i"
PRODUCTS = "SELECT i AS id, 'product ' || i AS name, 'category ' || i % 40 AS category, i % 100 = 7 AS on_sale FROM generate_series(0, {products} - 1) i"
QUERIES = {
    "all products": "SELECT category, count(*), sum(quantity), sum(price * quantity) FROM {sales} s JOIN {products} p ON p.id = s.product GROUP BY category ORDER BY category",
    "1 % of the products": "SELECT category, count(*), sum(price * quantity) FROM {sales} s JOIN {products} p ON p.id = s.product WHERE on_sale GROUP BY category ORDER BY category",
    "products by their sales": "SELECT p.name, sum(s.price * s.quantity) AS revenue FROM {products} p LEFT JOIN {sales} s ON p.id = s.product GROUP BY p.id, p.name "
                               "ORDER BY revenue DESC, p.name LIMIT 10",
}


def bench_mixed_join(context):
    pg, rows, products, rounds = context.pg, context.sizes["join_rows"], context.sizes["join_products"], context.sizes["join_rounds"]
    pg.prepare_threshold = None
    pg.execute("CREATE TABLE bench.sales (id int, product int, quantity int, price numeric(10,2)) USING iceberg")
    pg.execute(f"INSERT INTO bench.sales {SALES.format(rows=rows, products=products)}")
    pg.execute("CREATE TABLE bench.products (id int PRIMARY KEY, name text, category text, on_sale boolean)")
    pg.execute(f"INSERT INTO bench.products {PRODUCTS.format(products=products)}")
    pg.execute("VACUUM ANALYZE bench.products")
    pg.execute("ANALYZE bench.sales")
    path = context.scratch / "products.parquet"
    text = PRODUCTS.format(products=products).replace("generate_series(0,", "range(0,").replace(" - 1) i", ") t(i)")
    duckdb.execute(f"COPY ({text}) TO '{path}' (FORMAT parquet)")
    with open_duckdb(context) as alone:
        there = {"sales": f"read_parquet({data_files(pg, 'bench', 'sales')})", "products": f"read_parquet('{path}')"}
        for name, text in QUERIES.items():
            clients = {"lake": (pg, text.format(sales="bench.sales", products="bench.products")), "duckdb": (alone, text.format(**there))}
            answers = [client.execute(query).fetchall() for client, query in clients.values()]
            assert answers[0] == answers[1], f"{name}: {answers[0][:1]} .. instead of {answers[1][:1]} .."
            samples = alternate(rounds, {kind: lambda number, client=client, query=query: len(client.execute(query).fetchall()) and None
                                         for kind, (client, query) in clients.items()})
            lake, theirs = samples["lake"].p50, samples["duckdb"].p50
            plan = str(pg.execute("EXPLAIN " + clients["lake"][1]).fetchall())
            yield Figure(f"{rows:,} Iceberg rows joined with {products:,} heap rows, {name}", f"{lake:.2f} s", f"DuckDB, both in Parquet {theirs:.2f} s",
                         ratio(lake, theirs), "within 1.3", lake <= theirs * 1.3, [] if "Query Pushdown" in plan else ["the query did not run whole in the server"])
    path.unlink()
