"""Random statements of two to four sessions on a heap twin and a lake twin, in interleavings that the seed decides, with deaths.

interleaving.py plays them and compares; this file thinks them up. Seeds are numbered; LAKE_RANDOM_SEED replays one (or is the first, when there
are LAKE_RANDOM_SECONDS too), LAKE_RANDOM_SECONDS sets how long new ones are tried. A failure is made smaller; steps that kill may fail another time, or not, when they are repeated.
"""

import os
import random
import re
import time
from collections import Counter
from itertools import chain

import psycopg
import pytest
from lake_harness.sessions import Session

from .interleaving import Play, Step
from .statements import TABLES, TYPES, Maker

STEPS = 100  # of one seed
FIRST_SEED = int(os.environ.get("LAKE_RANDOM_SEED", "1"))
SECONDS = float(os.environ.get("LAKE_RANDOM_SECONDS", "0" if "LAKE_RANDOM_SEED" in os.environ else "60")) * 2 / 3
LEVELS = ["", " ISOLATION LEVEL REPEATABLE READ", " ISOLATION LEVEL SERIALIZABLE"]
KILLS = ["kill -9", "terminate", "server", "server"]


def new_play(home, seed):
    threshold, pushdown = (20, 0, 100)[seed % 3], ("on", "off")[seed % 2]
    return Play(home, seed, 2 + seed % 3, f"SET pg_lake_table.copy_on_write_threshold = {threshold}; "
                                          f"SET pg_lake_table.enable_full_query_pushdown = {pushdown}; SET deadlock_timeout = '10s'")


class Thinker:
    """What next, given what the sessions are at."""

    def __init__(self, play, seed):
        self.play, self.dice = play, random.Random(f"sessions {seed}")
        self.maker = Maker(self.dice, None)
        self.levels = (LEVELS, LEVELS[:1], LEVELS[1:])[seed // 2 % 3]  # without older snapshots there is more DDL
        self.savepoints = 0

    def begin(self):
        """Tables with some rows, to begin with."""
        for table in TABLES:
            columns = ", ".join(["k int"] + [f"c{number} {self.dice.choice(TYPES)}" for number in range(self.dice.randint(1, 3))])
            yield Step(1, f"CREATE TABLE {table} ({columns}) USING {{am}}")
            for _ in range(self.dice.randint(1, 3)):
                yield Step(1, f"INSERT INTO {table} (k) SELECT i FROM generate_series(1, {self.dice.choice([3, 10, 40])}) i")

    def next(self):
        """None when what came to mind would wait."""
        session = self.dice.choice(self.play.sessions)
        draw = self.dice.random()
        if draw < 0.004:
            return Step(session.number, kill=self.dice.choice(KILLS))
        step = Step(session.number, self.text(session))
        if step.text is None:
            return None
        if draw < 0.016 and not session.failed and not re.match("BEGIN|SAVEPOINT|RELEASE|ROLLBACK", step.text):
            step.kill, step.delay = self.dice.choice(KILLS), self.dice.uniform(0, 0.03)
        return step

    def forever(self):
        while True:
            yield self.next()

    def text(self, session):
        if not session.in_transaction:
            if self.dice.random() < 0.35:
                return self.statement(session)
            level = self.dice.choice(self.levels)
            text = f"BEGIN{level}" + ("; SELECT 1" if level else "")  # on both twins the snapshot is taken now
            return text if self.play.may(session, text) else None
        savepoint = self.dice.choice(session.savepoints) if session.savepoints else None
        if session.failed:
            return self.maker.pick((2, self.roll_back_to(session, savepoint)), (1, "COMMIT"), (1, "ROLLBACK"))
        what = self.maker.pick((12, "statement"), (2, "savepoint"), (2, "roll back to"), (1, "release"), (4, "COMMIT"), (1, "ROLLBACK"))
        if what == "savepoint":
            self.savepoints += 1
            session.savepoints.append(f"s{self.savepoints}")
            return f"SAVEPOINT s{self.savepoints}"
        if what == "roll back to" and savepoint:
            return self.roll_back_to(session, savepoint)
        if what == "release" and savepoint:
            del session.savepoints[session.savepoints.index(savepoint):]
            return f"RELEASE {savepoint}"
        return self.statement(session) if what not in ("COMMIT", "ROLLBACK") else what

    def roll_back_to(self, session, savepoint):
        if savepoint is None:
            return "ROLLBACK"
        del session.savepoints[session.savepoints.index(savepoint) + 1:]
        return f"ROLLBACK TO {savepoint}"

    def statement(self, session):
        """One that waits for nobody; None when none came to mind."""
        self.maker.columns = {table: columns_of(session.heap, table) for table in TABLES}
        missing = [table for table in TABLES if not self.maker.columns[table]]
        for _ in range(10):
            text = self.maker.create(missing[0]).split("; ")[0] if missing else self.maker.statement()
            if self.play.may(session, text):
                return text
        return None


def columns_of(twin: Session, table):
    rows = twin.connection.execute(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE c.relnamespace = 'twin_heap'::regnamespace AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped "
        "AND a.attgenerated = '' ORDER BY a.attnum", [table]).fetchall()
    return rows if any(name == "k" for name, _ in rows) else []


def failure_of(home, seed, steps):
    play = new_play(home, seed)
    try:
        for step in steps:
            play.do(step)
        play.finish()
    except (AssertionError, psycopg.Error) as failure:
        return failure
    finally:
        play.close()
    return None


def shrink(home, seed, steps):
    """Leaves out what the failure does not need, from the end, in halving pieces, for five minutes."""
    size, end = len(steps) // 2, time.monotonic() + 300
    while size > 0 and time.monotonic() < end:
        at = len(steps) - 1 - size
        while at >= 0 and time.monotonic() < end:
            fewer = steps[:at] + steps[at + size:]
            if failure_of(home, seed, fewer) is not None:
                steps = fewer
            at -= size
        size //= 2
    return steps


@pytest.mark.timeout(900 + 2 * SECONDS)
def test_sessions(pg, home, figures):
    seed, counts, end = FIRST_SEED, Counter(), time.monotonic() + SECONDS
    pg.close()  # a kill would break it
    while True:
        play, steps = new_play(home, seed), []
        thinker = Thinker(play, seed)
        try:
            for step in chain(thinker.begin(), thinker.forever()):
                if step is not None:
                    steps.append(step)
                    play.do(step)
                if len(steps) == STEPS:
                    break
            play.finish()
        except (AssertionError, psycopg.Error) as failure:
            play.close()
            shorter = shrink(home, seed, steps)
            pytest.fail(f"seed {seed}: {failure}\n\nIt takes ({len(shorter)} of {len(steps)} steps):\n" + "\n".join(map(str, shorter))
                        + f"\n\nAgain: LAKE_RANDOM_SEED={seed} ./lake test tests/e2e/random/test_sessions.py", pytrace=False)
        play.close()
        counts.update(play.counts)
        seed += 1
        if time.monotonic() > end:
            break
    figures(f"seeds {FIRST_SEED} to {seed - 1}: {dict(counts)}; wrong answers: 0")
