"""Random statements on a heap twin and a lake twin: after every script both hold the same, and every statement gave the same.

Seeds are numbered; LAKE_RANDOM_SEED replays one, LAKE_RANDOM_SECONDS sets how long new ones are tried (a minute by default).
A failure names its seed and is made smaller: the scripts that are not needed for it are left out.
"""

import os
import random
import time

import psycopg
import pytest
from lake_harness.twin import Twin

from .statements import KEYED, TABLES, Maker

SCRIPTS = 40  # of one seed
FIRST_SEED = int(os.environ.get("LAKE_RANDOM_SEED", "1"))
SECONDS = 0 if "LAKE_RANDOM_SEED" in os.environ else float(os.environ.get("LAKE_RANDOM_SECONDS", "60"))


class Run:
    """The scripts of one seed, on fresh twins: data files rewritten always, sometimes or never."""

    def __init__(self, pg, mode, seed):
        pg.execute(f"SET pg_lake_table.copy_on_write_threshold = {(20, 0, 100)[seed % 3]}")
        self.pg, self.twin, self.scripts, self.refused = pg, Twin(pg, mode), [], 0

    def columns(self, table):
        rows = self.pg.execute(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
            "WHERE c.relnamespace = 'twin_heap'::regnamespace AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped "
            "AND a.attgenerated = '' ORDER BY a.attnum", [table]).fetchall()
        return [] if not any(name == "k" for name, _ in rows) else rows

    def play(self, script):
        self.scripts.append(script)
        self.refused += self.twin.compare(script).sqlstate is not None
        for table in [*TABLES, KEYED]:
            if self.columns(table):
                self.twin.compare(f"SELECT * FROM {table}")


def failure_of(pg, mode, seed, scripts):
    run = Run(pg, mode, seed)
    try:
        for script in scripts:
            run.play(script)
    except AssertionError as failure:
        return failure
    return None


def shrink(pg, mode, seed, scripts):
    """Leaves out what the failure does not need, from the end, in halving pieces."""
    size = len(scripts) // 2
    while size > 0:
        at = len(scripts) - 1 - size
        while at >= 0:
            fewer = scripts[:at] + scripts[at + size:]
            if failure_of(pg, mode, seed, fewer) is not None:
                scripts = fewer
            at -= size
        size //= 2
    return scripts


@pytest.mark.timeout(900 + SECONDS)
@pytest.mark.parametrize("mode", ["set path", "row path"])
def test_twins_stay_equal(pg, mode, figures):
    seed, statements, refused, end = FIRST_SEED, 0, 0, time.monotonic() + SECONDS / 2
    while True:
        run = Run(pg, mode, seed)
        maker = Maker(random.Random(seed), run.columns, [*TABLES, KEYED])
        try:
            for _ in range(SCRIPTS):
                run.play(maker.script())
        except AssertionError as failure:
            scripts = shrink(pg, mode, seed, run.scripts)
            pytest.fail(f"seed {seed} ({mode}): {failure}\n\nIt takes:\n" + "\n".join(f"{script};" for script in scripts)
                        + f"\n\nAgain: LAKE_RANDOM_SEED={seed} ./lake test tests/e2e/random", pytrace=False)
        except psycopg.OperationalError as failure:
            pytest.fail(f"seed {seed} ({mode}): {failure}\n\nAfter:\n" + "\n".join(f"{script};" for script in run.scripts), pytrace=False)
        statements += sum(script.count(";") + 1 for script in run.scripts)
        refused += run.refused
        seed += 1
        if time.monotonic() > end:
            break
    seeds = seed - FIRST_SEED
    figures(f"{seeds} seeds, {seeds * SCRIPTS} scripts ({refused} ended in an error on both), {statements} statements, none different")
