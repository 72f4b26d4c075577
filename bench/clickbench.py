"""ClickBench's 43 questions to a table of the shape of its hits: hot, cold, and from several connections, beside DuckDB alone.

The answers are compared with heap's on a smaller table of the same kind first (a heap of ten million such rows is too much to ask of a
small disk), and then, as closely as doubles allow, with DuckDB's on the large one.
"""

import os
import threading

import psycopg

from figures import Figure, Table, geometric_mean, milliseconds, ratio, timed
from hits import DEFINITION, make_hits
from lakectl.console import LakeError, note
from query_suite import QuerySuite, data_files, open_duckdb

OF_SHOP = "FROM hits WHERE counterid = 62 AND eventdate >= date '2013-07-01' AND eventdate <= date '2013-07-31' AND isrefresh = 0"
SUMS = ", ".join(f"sum(resolutionwidth + {number})" for number in range(1, 90))
QUERIES = """\
SELECT count(*) FROM hits
SELECT count(*) FROM hits WHERE advengineid <> 0
SELECT sum(advengineid), count(*), avg(resolutionwidth) FROM hits
SELECT avg(userid) FROM hits
SELECT count(DISTINCT userid) FROM hits
SELECT count(DISTINCT searchphrase) FROM hits
SELECT min(eventdate), max(eventdate) FROM hits
SELECT advengineid, count(*) FROM hits WHERE advengineid <> 0 GROUP BY advengineid ORDER BY count(*) DESC
SELECT regionid, count(DISTINCT userid) AS u FROM hits GROUP BY regionid ORDER BY u DESC LIMIT 10
SELECT regionid, sum(advengineid), count(*) AS c, avg(resolutionwidth), count(DISTINCT userid) FROM hits GROUP BY regionid ORDER BY c DESC LIMIT 10
SELECT mobilephonemodel, count(DISTINCT userid) AS u FROM hits WHERE mobilephonemodel <> '' GROUP BY mobilephonemodel ORDER BY u DESC LIMIT 10
SELECT mobilephone, mobilephonemodel, count(DISTINCT userid) AS u FROM hits WHERE mobilephonemodel <> '' GROUP BY mobilephone, mobilephonemodel ORDER BY u DESC LIMIT 10
SELECT searchphrase, count(*) AS c FROM hits WHERE searchphrase <> '' GROUP BY searchphrase ORDER BY c DESC LIMIT 10
SELECT searchphrase, count(DISTINCT userid) AS u FROM hits WHERE searchphrase <> '' GROUP BY searchphrase ORDER BY u DESC LIMIT 10
SELECT searchengineid, searchphrase, count(*) AS c FROM hits WHERE searchphrase <> '' GROUP BY searchengineid, searchphrase ORDER BY c DESC LIMIT 10
SELECT userid, count(*) FROM hits GROUP BY userid ORDER BY count(*) DESC LIMIT 10
SELECT userid, searchphrase, count(*) FROM hits GROUP BY userid, searchphrase ORDER BY count(*) DESC LIMIT 10
SELECT userid, searchphrase, count(*) FROM hits GROUP BY userid, searchphrase LIMIT 10
SELECT userid, extract(minute FROM eventtime) AS m, searchphrase, count(*) FROM hits GROUP BY userid, m, searchphrase ORDER BY count(*) DESC LIMIT 10
SELECT userid FROM hits WHERE userid = 435090932899640449
SELECT count(*) FROM hits WHERE url LIKE '%google%'
SELECT searchphrase, min(url), count(*) AS c FROM hits WHERE url LIKE '%google%' AND searchphrase <> '' GROUP BY searchphrase ORDER BY c DESC LIMIT 10
SELECT searchphrase, min(url), min(title), count(*) AS c, count(DISTINCT userid) FROM hits WHERE title LIKE '%Google%' AND url NOT LIKE '%.google.%' AND searchphrase <> '' GROUP BY searchphrase ORDER BY c DESC LIMIT 10
SELECT * FROM hits WHERE url LIKE '%google%' ORDER BY eventtime LIMIT 10
SELECT searchphrase FROM hits WHERE searchphrase <> '' ORDER BY eventtime LIMIT 10
SELECT searchphrase FROM hits WHERE searchphrase <> '' ORDER BY searchphrase LIMIT 10
SELECT searchphrase FROM hits WHERE searchphrase <> '' ORDER BY eventtime, searchphrase LIMIT 10
SELECT counterid, avg(length(url)) AS l, count(*) AS c FROM hits WHERE url <> '' GROUP BY counterid HAVING count(*) > {many} ORDER BY l DESC LIMIT 25
SELECT regexp_replace(referer, '^https?://(?:www\\.)?([^/]+)/.*$', '\\1') AS k, avg(length(referer)) AS l, count(*) AS c, min(referer) FROM hits WHERE referer <> '' GROUP BY k HAVING count(*) > {many} ORDER BY l DESC LIMIT 25
SELECT sum(resolutionwidth), {SUMS} FROM hits
SELECT searchengineid, clientip, count(*) AS c, sum(isrefresh), avg(resolutionwidth) FROM hits WHERE searchphrase <> '' GROUP BY searchengineid, clientip ORDER BY c DESC LIMIT 10
SELECT watchid, clientip, count(*) AS c, sum(isrefresh), avg(resolutionwidth) FROM hits WHERE searchphrase <> '' GROUP BY watchid, clientip ORDER BY c DESC LIMIT 10
SELECT watchid, clientip, count(*) AS c, sum(isrefresh), avg(resolutionwidth) FROM hits GROUP BY watchid, clientip ORDER BY c DESC LIMIT 10
SELECT url, count(*) AS c FROM hits GROUP BY url ORDER BY c DESC LIMIT 10
SELECT 1, url, count(*) AS c FROM hits GROUP BY 1, url ORDER BY c DESC LIMIT 10
SELECT clientip, clientip - 1, clientip - 2, clientip - 3, count(*) AS c FROM hits GROUP BY clientip, clientip - 1, clientip - 2, clientip - 3 ORDER BY c DESC LIMIT 10
SELECT url, count(*) AS views {OF_SHOP} AND dontcounthits = 0 AND url <> '' GROUP BY url ORDER BY views DESC LIMIT 10
SELECT title, count(*) AS views {OF_SHOP} AND dontcounthits = 0 AND title <> '' GROUP BY title ORDER BY views DESC LIMIT 10
SELECT url, count(*) AS views {OF_SHOP} AND islink <> 0 AND isdownload = 0 GROUP BY url ORDER BY views DESC LIMIT 10 OFFSET 1000
SELECT traficsourceid, searchengineid, advengineid, CASE WHEN searchengineid = 0 AND advengineid = 0 THEN referer ELSE '' END AS src, url AS dst, count(*) AS views {OF_SHOP} GROUP BY traficsourceid, searchengineid, advengineid, src, dst ORDER BY views DESC LIMIT 10 OFFSET 1000
SELECT urlhash, eventdate, count(*) AS views {OF_SHOP} AND traficsourceid IN (-1, 6) AND refererhash = 3594120000172545465 GROUP BY urlhash, eventdate ORDER BY views DESC LIMIT 10 OFFSET 100
SELECT windowclientwidth, windowclientheight, count(*) AS views {OF_SHOP} AND dontcounthits = 0 AND urlhash = 2868770270353813622 GROUP BY windowclientwidth, windowclientheight ORDER BY views DESC LIMIT 10 OFFSET 100
SELECT date_trunc('minute', eventtime) AS m, count(*) AS views {OF_SHOP} AND dontcounthits = 0 GROUP BY date_trunc('minute', eventtime) ORDER BY date_trunc('minute', eventtime) LIMIT 10 OFFSET 1000
"""


def bench_clickbench(context):
    rows, compared = context.sizes["hits_rows"], context.sizes["hits_compared"]
    small = hits_suite(context, f"ClickBench, {compared:,} rows", compared, ("heap", "lake"))
    yield from small.answer_figures(small.run(measured=False))
    small.drop()
    suite = hits_suite(context, f"ClickBench, {rows:,} rows", rows, ("lake",))
    yield from suite.time_figures(suite.run())
    yield from cold(context, suite)
    yield from crowded(context, suite)
    suite.drop()


def hits_suite(context, title, rows, kinds):
    """HAVING count(*) > 100000 asks for the counters with more than a thousandth of the original's rows."""
    texts = QUERIES.format(OF_SHOP=OF_SHOP, SUMS=SUMS, many=rows // 1000).splitlines()
    suite = QuerySuite(context, title, {"hits": DEFINITION}, {f"Q{number}": text for number, text in enumerate(texts, 1)}, kinds)
    for kind in kinds:
        make_hits(context.pg, suite.schemas[kind], "iceberg" if kind == "lake" else "heap", rows)
        context.pg.execute(f"ANALYZE {suite.schemas[kind]}.hits")
    suite.open_duckdb()
    return suite


def cold(context, suite):
    """Each query once by a server that has just started, beside a DuckDB that has just started, on files that nobody has read."""
    files = data_files(context.pg, suite.schemas["lake"], "hits")
    lines = []
    for name, text in list(suite.queries.items())[::context.sizes["hits_cold_every"]]:
        context.restart()
        context.pg.execute(f"SET search_path = {suite.schemas['lake']}")
        forget(files)
        lake = timed(lambda: context.pg.execute(text).fetchall())
        with open_duckdb(context) as alone:
            suite.make_views(alone)
            forget(files)
            lines.append((name, lake, timed(lambda: alone.execute(text).fetchall())))
        note(f"cold {name}: {milliseconds(lake)}, DuckDB {milliseconds(lines[-1][2])}")
    mean = geometric_mean([lake / alone for _, lake, alone in lines])
    yield Figure(f"{suite.title}: {len(lines)} queries cold, all times and the geometric mean of the ratios", f"{sum(line[1] for line in lines):.2f} s",
                 f"DuckDB alone {sum(line[2] for line in lines):.2f} s", f"{mean:.2f}", "ratio <= 1.0", mean <= 1.0)
    yield Table(f"{suite.title}, cold", ["query", "pg_lake", "DuckDB", "ratio"],
                [[name, milliseconds(lake), milliseconds(alone), ratio(lake, alone)] for name, lake, alone in lines])


def forget(files):
    """The files leave the page cache."""
    for path in files:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def crowded(context, suite):
    """All queries from several connections at once, each beginning with another one."""
    count = context.sizes["hits_connections"]
    texts = list(suite.queries.values())
    took, errors = {}, []
    connections = {"lake": [context.running.connect(options=f"-c search_path={suite.schemas['lake']}") for _ in range(count)],
                   "duckdb": [suite.alone.cursor() for _ in range(count)]}

    def run(connection, first):
        try:
            for text in texts[first:] + texts[:first]:
                connection.execute(text).fetchall()
        except psycopg.Error as error:
            errors.append(str(error).strip())

    for kind, clients in connections.items():
        threads = [threading.Thread(target=run, args=(client, number * len(texts) // count)) for number, client in enumerate(clients)]
        took[kind] = timed(lambda threads=threads: [thread.start() for thread in threads] and [thread.join() for thread in threads])
        for client in clients:
            client.close()
    if errors:
        raise LakeError(f"{suite.title}: {len(errors)} of {count} connections failed, the first with: {errors[0]}")
    yield Figure(f"{suite.title}: {count} connections, {len(texts)} queries each, no error", f"{took['lake']:.1f} s", f"DuckDB alone {took['duckdb']:.1f} s",
                 ratio(took["lake"], took["duckdb"]), "ratio <= 1.0", took["lake"] <= took["duckdb"])
