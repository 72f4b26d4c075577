"""The retail job from end to end (./lake demo): tills sell into heap tables, batches carry the rows into Iceberg tables,
SQL analyses them in PostgreSQL, PyIceberg reads the same files. It ends with a table that must agree, row for row.

The steps are those of README.md; the SQL is in schema.sql, sync.sql and analytics.sql, run as they are by psql.
Ends with 0 when every check holds, with 1 when one fails, with 130 after ctrl-C.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

import read_with_pyiceberg as reader
from lakectl import s3
from lakectl.console import LakeError, note, step
from lakectl.home import Home
from lakectl.places import LAKE, ROOT, home_path
from till import Tills, add_options, positive

HERE = Path(__file__).resolve().parent
JOB = "retail-sync"
SECONDS_FROM_VERSION = (1, 5)  # pg_cron takes '5 seconds' from this version on
FACTS = ["transactions", "transaction_items"]
DIMENSIONS = ["stores", "products", "customers"]


class Demo:
    def __init__(self, options):
        self.options = options
        self.home = Home()
        self.pg = None
        self.job = None  # how pg_cron runs the sync, or None
        self.failures = []

    # -- the home -----------------------------------------------------------------------------------------------------

    def open_home(self):
        home = self.home
        if self.options.s3 and home.postmaster() and not home.state().get("s3"):
            step(f"{home.path} runs without S3: starting it again with a local S3 server")
            home.down()
        home.up(with_s3=self.options.s3)
        note(f"home: {home.path}, port {home.port}")
        self.pg = psycopg.connect(self.conninfo(), autocommit=True, application_name="retail demo")
        if not self.pg.execute("SELECT pg_try_advisory_lock(hashtext('retail demo'))").fetchone()[0]:
            raise LakeError(f"another demo runs in {home.path}", "wait for it, or use another home: LAKE_HOME=... ./lake demo")

    def conninfo(self):
        return f"host={self.home.sockets} port={self.home.port} user=postgres dbname=postgres"

    def uri(self):
        """As SQLAlchemy writes it, for PyIceberg."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.home.port}/postgres"

    def storage_properties(self):
        """What PyIceberg must know to read the files: nothing for a local directory."""
        if not self.home.state().get("s3"):
            return {}
        key_id, secret = s3.keys(self.home)
        return {"s3.endpoint": f"http://{s3.endpoint(self.home)}", "s3.region": "us-east-1",
                "s3.access-key-id": key_id, "s3.secret-access-key": secret}

    def run_file(self, name, *options):
        command = [str(self.home.bin / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *options, "-f", str(HERE / name)]
        done = subprocess.run(command, env={**os.environ, **self.home.environment()}, capture_output=True, text=True)
        if done.returncode != 0:
            raise LakeError(f"{name} failed: {done.stderr.strip()}", f"the log is {self.home.log}")
        return done.stdout

    # -- the schedule -------------------------------------------------------------------------------------------------

    def schedule(self):
        """Hands the sync to pg_cron, as often as the installed version can, and says what that is."""
        self.unschedule()
        every = self.options.every
        installed = self.pg.execute("SELECT extversion FROM pg_extension WHERE extname = 'pg_cron'").fetchone()
        if not installed:
            note("pg_cron is not installed here: the demo itself calls the sync")
            return
        if self.pg.execute("SELECT FROM pg_settings WHERE name = 'cron.launch_active_jobs' AND vartype = 'bool' "
                           "AND setting = 'off'").fetchone() is not None:
            note("pg_cron is switched off here (cron.launch_active_jobs): the demo itself calls the sync")
            return
        in_seconds = tuple(map(int, installed[0].replace("-", ".").split(".")[:2])) >= SECONDS_FROM_VERSION
        self.job = f"{max(1, round(every))} seconds" if in_seconds else "* * * * *"
        self.pg.execute("SELECT cron.schedule(%s, %s, $$CALL retail.sync('pg_cron')$$)", [JOB, self.job])
        note(f"SELECT cron.schedule('{JOB}', '{self.job}', $$CALL retail.sync('pg_cron')$$)")
        if not in_seconds:
            note(f"pg_cron {installed[0]} knows no seconds: it calls the sync at every full minute, and the demo itself "
                 f"every {every:g} s between")

    def unschedule(self):
        if self.pg.execute("SELECT to_regclass('cron.job') IS NOT NULL").fetchone()[0]:
            self.pg.execute("SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = %s", [JOB])

    def demo_calls(self):
        """Does the demo call the sync too, besides pg_cron?"""
        return self.job is None or self.job.startswith("*")

    # -- selling ------------------------------------------------------------------------------------------------------

    def sell(self):
        options = self.options
        tills = Tills(self.conninfo(), options.clients, options.rate, options.transactions, options.seed)
        begin = time.monotonic()
        next_batch, shown, waiting = begin + options.every, 0, False
        tills.start()
        try:
            while tills.selling() or self.waits_for_cron(begin):
                now = time.monotonic()
                if now - begin >= options.seconds:
                    if not self.waits_for_cron(begin):
                        break
                    if not waiting:
                        waiting = True
                        progress("")
                        note("the tills go on until the full minute, when pg_cron has its turn")
                if self.demo_calls() and now >= next_batch:
                    self.pg.execute("CALL retail.sync('demo')")
                    next_batch = max(next_batch + options.every, time.monotonic())
                shown = self.show_batches(shown)
                progress(f"{now - begin:4.0f} s   sold {tills.transactions:,} baskets ({tills.items:,} items), "
                         f"{tills.transactions / (now - begin + 0.001):,.0f} a second")
                time.sleep(0.1)
        finally:
            progress("")
            try:
                tills.stop()
            except psycopg.Error as error:
                raise LakeError(f"a till failed: {str(error).strip()}", f"the log is {self.home.log}") from None
        self.pg.execute("CALL retail.sync('last')")
        self.wait_for_running_sync()
        self.show_batches(shown)
        return tills, time.monotonic() - begin

    def waits_for_cron(self, begin):
        """Until pg_cron has carried a batch; a little over a minute at most."""
        if self.job is None or self.options.no_wait or time.monotonic() - begin > 65:
            return False
        return not self.pg.execute("SELECT EXISTS (SELECT FROM retail.sync_log WHERE called_by = 'pg_cron')").fetchone()[0]

    def wait_for_running_sync(self):
        """The last batch leaves everything to one that pg_cron is just running; after that one, nothing may be left."""
        self.unschedule()
        for _ in range(100):
            left = self.pg.execute("SELECT (SELECT count(*) FROM retail.transactions WHERE synced_at IS NULL) "
                                   "+ (SELECT count(*) FROM retail.transaction_items WHERE synced_at IS NULL)").fetchone()[0]
            if left == 0:
                return
            time.sleep(0.1)
            self.pg.execute("CALL retail.sync('last')")

    def show_batches(self, shown):
        """One line for every batch since `shown`; gives the number of the last."""
        rows = self.pg.execute("SELECT batch, called_by, transactions, items, extract(epoch FROM elapsed)::float8 * 1000 "
                               "FROM retail.sync_log WHERE batch > %s ORDER BY batch", [shown]).fetchall()
        for batch, called_by, transactions, items, milliseconds in rows:
            progress("")
            note(f"batch {batch:3}  {transactions:6,} transactions {items:7,} items  into Iceberg in {milliseconds:6.1f} ms"
                 f"  ({called_by})")
        return rows[-1][0] if rows else shown

    # -- the checks ---------------------------------------------------------------------------------------------------

    def check(self, holds, text):
        if not holds:
            self.failures.append(text)

    def analyse(self):
        for line in self.run_file("analytics.sql", "-P", "footer=off").splitlines():
            note(line)
        plan = self.pg.execute("EXPLAIN SELECT store_id, sum(total_amount) FROM retail.iceberg_transactions GROUP BY 1")
        self.check(any("Query Pushdown" in row[0] for row in plan), "an aggregate over an Iceberg table is not pushed down")

    def measured_by_postgres(self, table, heap=False):
        """(rows, checksum) of retail.<table>, as PostgreSQL's own functions see it."""
        name = table if heap else f"iceberg_{table}"
        columns = self.pg.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'retail' "
                                  "AND table_name = %s ORDER BY ordinal_position", [name]).fetchall()
        return self.pg.execute(reader.checksum_sql(f"retail.{name}", columns)).fetchone()

    def read_everywhere(self):
        """{table: {who reads: (rows, checksum)}}"""
        properties = self.storage_properties()
        catalog = reader.open_catalog(self.uri(), properties)
        found = {}
        for table in FACTS + DIMENSIONS:
            location = self.pg.execute("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = 'retail' "
                                       "AND table_name = %s", [f"iceberg_{table}"]).fetchone()[0]
            found[table] = {
                "PostgreSQL, heap": self.measured_by_postgres(table, heap=True),
                "PostgreSQL, Iceberg": self.measured_by_postgres(table),
                "PyIceberg, SqlCatalog": reader.read_by_catalog(catalog, "retail", f"iceberg_{table}"),
                "PyIceberg, metadata path": reader.read_by_path(location, properties),
            }
            self.check(len(set(found[table].values())) == 1, f"{table}: the readers differ: {found[table]}")
        catalog.close()
        return found

    def report(self, tills, seconds, found):
        transactions, items = found[FACTS[0]], found[FACTS[1]]
        width = max(map(len, transactions)) + 2
        line = f"{{:{width}}}{{:>14}}  {{:18}}{{:>12}}  {{:16}}"
        note(line.format("", "transactions", "checksum", "items", "checksum"))
        note(line.format("sold at the tills", f"{tills.transactions:,}", "", f"{tills.items:,}", "").rstrip())
        for who in transactions:
            note(line.format(who, f"{transactions[who][0]:,}", transactions[who][1], f"{items[who][0]:,}", items[who][1]))
        self.check(transactions["PostgreSQL, heap"][0] == tills.transactions, "the tills sold another number of baskets")
        self.check(items["PostgreSQL, heap"][0] == tills.items, "the tills sold another number of items")
        if not self.failures:
            note("all rows equal, and equal by checksum over all columns; "
                 f"so are {', '.join(DIMENSIONS[:-1])} and {DIMENSIONS[-1]}")
        batches = self.pg.execute(
            "SELECT count(*), sum(transactions + items), extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed)) "
            "* 1000, extract(epoch FROM percentile_cont(0.99) WITHIN GROUP (ORDER BY elapsed)) * 1000, "
            "count(*) FILTER (WHERE called_by = 'pg_cron') FROM retail.sync_log WHERE transactions + items > 0").fetchone()
        note("")
        if batches[0]:
            note(f"{batches[0]} batches ({batches[4]} by pg_cron), {float(batches[1]) / batches[0]:,.0f} rows each: "
                 f"p50 {batches[2]:.1f} ms, p99 {batches[3]:.1f} ms from statement to commit")
        note(f"the tills sold {tills.transactions / seconds:,.0f} baskets a second, {seconds:.0f} s long")

    def next_steps(self):
        chosen = home_path()
        prefix = "" if chosen == LAKE else f"LAKE_HOME={chosen} "
        here = HERE.relative_to(ROOT)
        s3_words = f" --s3-endpoint http://{s3.endpoint(self.home)}   (keys: README.md)" if self.home.state().get("s3") else ""
        step("what to type next")
        note(f"{prefix}./lake psql -c 'SELECT table_name, metadata_location FROM iceberg_tables'")
        note(f"{prefix}./lake psql -f {here}/analytics.sql")
        note(f".lake/venv/bin/python {here}/read_with_pyiceberg.py {self.uri()}{s3_words}")
        note(f"{prefix}./lake down          # {here}/README.md: the story, and the same tables in Snowflake")

    # -- the job ------------------------------------------------------------------------------------------------------

    def run(self):
        begin = time.monotonic()
        self.open_home()
        step("1  heap tables for the tills, Iceberg tables for everybody (schema.sql, sync.sql)")
        self.unschedule()
        self.run_file("schema.sql")
        self.run_file("sync.sql")
        for name, location in self.pg.execute("SELECT table_name, metadata_location FROM iceberg_tables WHERE table_namespace "
                                              "= 'retail' AND table_name = 'iceberg_transactions'").fetchall():
            note(f"{name}: {location}")
        step("2  the sync goes on a schedule")
        self.schedule()
        step(f"3  {self.options.clients} tills sell")
        tills, seconds = self.sell()
        step("4  questions to the Iceberg tables (analytics.sql)")
        self.analyse()
        step("5  PyIceberg reads the same tables")
        found = self.read_everywhere()
        self.report(tills, seconds, found)
        for failure in self.failures:
            print(f"demo: FAILED: {failure}", file=sys.stderr)
        if self.failures:
            return 1
        self.next_steps()
        step(f"the demo is done, in {time.monotonic() - begin:.0f} s")
        return 0

    def close(self):
        """Nothing of the demo stays active: no schedule, no connection. The tables stay, to look at."""
        if self.pg and not self.pg.closed:
            try:
                self.unschedule()
            except psycopg.Error as error:
                print(f"demo: the schedule {JOB} may still be there: {str(error).strip()}", file=sys.stderr)
            self.pg.close()


def progress(text):
    """The living line of a terminal; nothing elsewhere."""
    if sys.stdout.isatty():
        print("\r\033[K" + (f"    {text}" if text else ""), end="", flush=True)


def parse_options():
    parser = argparse.ArgumentParser(prog="./lake demo", description="Runs the retail job of examples/retail/README.md.")
    add_options(parser)
    parser.add_argument("--every", type=positive(float), default=3, help="seconds between two batches (3)")
    parser.add_argument("--s3", action="store_true", help="keep the Iceberg tables on a local S3 server")
    parser.add_argument("--no-wait", action="store_true", help="do not wait for the full minute at which pg_cron runs")
    parser.add_argument("--seed", type=int, help="sell the same baskets every time")
    return parser.parse_args()


def main():
    demo = Demo(parse_options())
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return demo.run()
    except KeyboardInterrupt:
        print("\ndemo: stopped; what was sold is in the schema retail, and the next sync would go on from there",
              file=sys.stderr)
        return 130
    except LakeError as error:
        print(f"demo: {error}" + (f"\n      {error.hint}" if error.hint else ""), file=sys.stderr)
        return 1
    except psycopg.Error as error:
        print(f"demo: {str(error).strip()}\n      the log is {demo.home.log}", file=sys.stderr)
        return 1
    finally:
        demo.close()


if __name__ == "__main__":
    sys.exit(main())
