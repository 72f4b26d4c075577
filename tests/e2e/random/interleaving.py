"""Statements of several sessions, one at a time, on a heap twin and a lake twin, with deaths in between and meanwhile.

    play = Play(home, seed)
    play.do(Step(1, "BEGIN")); play.do(Step(2, "UPDATE r0 SET k = 1"))      # AssertionError: the twins differ

A step is done in the same session of both twins; what it gives, what its session then sees and what everybody sees must be the same.
Nobody ever waits: a step whose statement needs a table that another transaction holds (LOCKS, which is docs/transactions.md's table of
who waits for whom) is left out, also when a failure is made smaller. What may differ is 40001 in REPEATABLE READ and SERIALIZABLE:

- lake says it at COMMIT, and for data files: then both twins roll back;
- where heap says it in a statement about a row that somebody else has changed, lake must say it at COMMIT at the latest.

So lake commits first, and heap, when its own commit could fail (SERIALIZABLE) or the answer may get lost, has prepared before.
"""

import os
import re
import signal
import time
from collections import Counter

import psycopg
from lake_harness.home import wait_for
from lake_harness.sessions import LOST, Session
from lake_harness.twin import SCHEMAS, same_result
from psycopg.pq import TransactionStatus

from .statements import TABLES

LOCKS = {"read": {"exclusive"}, "append": {"exclusive"}, "change": {"change", "exclusive"},
         "exclusive": {"read", "append", "change", "exclusive"}}
KEEPS_ROWS = re.compile(r"ADD COLUMN \w+ (?!.*(DEFAULT|NOT NULL|GENERATED))|DROP COLUMN|RENAME COLUMN|SET DEFAULT")
ADDS_DEFAULT = re.compile(r"ADD COLUMN .* DEFAULT")
ENDS = ("COMMIT", "ROLLBACK")
CONFLICT = "40001"
SERVER_DIED = ("08", "57", "58")  # classes of SQLSTATE


class Step:
    """What a session does; `kill` names who dies, `delay` seconds after the statement began (None: there is no statement)."""

    def __init__(self, session, text=None, kill=None, delay=None):
        self.session, self.text, self.kill, self.delay = session, text, kill, delay

    def __str__(self):
        if self.kill is None:
            return f"{self.session}: {self.text};"
        if self.text is None:
            return f"-- {self.kill} (session {self.session})"
        return f"{self.session}: {self.text};  -- {self.kill} after {self.delay * 1000:.1f} ms"


def locks_of(text):
    """table -> lock of a statement (statements.py), in LOCKS' words."""
    if re.match(r"TRUNCATE|ALTER|DROP|CREATE", text):
        return {table: "exclusive" for table in mentioned(text)}
    locks = {table: "read" for table in mentioned(text)}
    for words, lock in ((r"INSERT INTO", "append"), (r"UPDATE|DELETE FROM|MERGE INTO", "change")):
        locks.update({table: lock for table in re.findall(rf"\b(?:{words}) (r\d)\b", text)})
    return locks


def mentioned(text):
    return [table for table in TABLES if re.search(rf"\b{table}\b", text)]


class TwinSession:
    """One session on both twins, and the transaction that is open in it."""

    def __init__(self, home, number, settings):
        self.home, self.number, self.settings = home, number, settings
        self.twins = {}
        self.connect()

    def connect(self):
        for am, schema in SCHEMAS.items():
            if am in self.twins:
                self.twins[am].run("ROLLBACK")  # its locks go at once, if it lives
                self.twins[am].close()
            self.twins[am] = Session(self.home.connect())
            self.twins[am].connection.execute(f"SET search_path = {schema}, public; {self.settings}")
        self.ended()

    def close(self):
        for twin in self.twins.values():
            twin.close()

    def ended(self):
        """No transaction is open."""
        self.level, self.locks, self.savepoints = None, {}, []
        self.rewrites = False  # it empties tables for older snapshots when it commits

    @property
    def heap(self):
        return self.twins["heap"]

    @property
    def lake(self):
        return self.twins["iceberg"]

    @property
    def in_transaction(self):
        return self.level is not None

    @property
    def has_snapshot(self):
        return self.level not in (None, "READ COMMITTED")

    @property
    def failed(self):
        return self.heap.connection.info.transaction_status == TransactionStatus.INERROR

    def lock(self, locks):
        for table, lock in locks.items():
            self.locks.setdefault(table, set()).add(lock)

    def roll_back(self):
        for twin in self.twins.values():
            assert twin.run("ROLLBACK").sqlstate is None
        self.ended()


class Play:
    def __init__(self, home, seed, sessions, settings):
        self.home, self.name = home, f"play_{seed}"
        self.counts = Counter()
        home.wait_until_up()
        home.wait_for_server()
        for (name,) in home.sql("SELECT gid FROM pg_prepared_xacts"):
            home.sql(f"ROLLBACK PREPARED '{name}'")
        for schema in SCHEMAS.values():
            home.sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
        self.sessions = [TwinSession(home, number, settings) for number in range(1, sessions + 1)]
        self.observer = TwinSession(home, 0, settings)

    def close(self):
        for session in [*self.sessions, self.observer]:
            session.close()

    def finish(self):
        """Whoever is still at it rolls back, and the twins are compared a last time."""
        for session in self.sessions:
            if session.in_transaction:
                session.roll_back()
        self.compare_all("at the end")

    # -- what may be done ---------------------------------------------------------------------------------------------

    def may(self, session, text):
        """Would the statement wait for nobody, and do heap and lake agree about it?"""
        locks = locks_of(text)
        others = [other for other in self.sessions if other is not session]
        if text.startswith("BEGIN ISOLATION") and any(other.rewrites for other in others):
            return False
        for table, lock in locks.items():
            if any(other.locks.get(table, set()) & LOCKS[lock] for other in others):
                return False
        # docs/status.md: such a default rewrites the table, which shows what others have committed since
        if session.has_snapshot and ADDS_DEFAULT.search(text):
            return False
        # who sees older rows sees them on lake tables alone
        is_exclusive = "exclusive" in locks.values()
        return not (is_exclusive and not KEEPS_ROWS.search(text) and any(other.has_snapshot for other in others))

    # -- steps --------------------------------------------------------------------------------------------------------

    def do(self, step):
        """True when it was done, False when it would have waited."""
        session = self.sessions[step.session - 1]
        if step.text is not None and step.text not in ENDS and not self.may(session, step.text):
            return False
        self.where = str(step)
        if step.text is None:
            self.kill(step)
            self.recover(step)
        elif step.text == "COMMIT" and session.in_transaction and not session.failed:
            self.commit(session, step)
        elif step.kill is not None and not session.in_transaction and step.text not in ENDS:
            self.run_and_kill(session, step)
        else:
            self.run(session, step)
        self.orphaned = {number for number in self.orphaned if self.sessions[number - 1].in_transaction}
        self.compare_views(session)
        return True

    def run(self, session, step):
        self.counts["statements"] += 1
        session.lock(locks_of(step.text))
        session.lake.start(step.text.replace("{am}", "iceberg"))
        if step.kill is not None:
            time.sleep(step.delay)
            self.kill(step)
        else:
            self.must_not_wait(session, session.lake)
        lake = session.lake.outcome()
        if step.kill is not None and self.after_kill_in_transaction(session, step, lake):
            return
        session.heap.start(step.text.replace("{am}", "heap"))
        self.must_not_wait(session, session.heap)
        self.settle(session, step.text, session.heap.outcome(), lake)
        self.follow(session, step.text)

    def follow(self, session, text):
        """What the step means for the session's transaction."""
        if text.startswith("BEGIN"):
            session.level = text.split("LEVEL ")[1].split(";")[0] if "LEVEL" in text else "READ COMMITTED"
        session.rewrites |= "exclusive" in locks_of(text).values() and not KEEPS_ROWS.search(text)
        if text in ENDS or not session.in_transaction:
            session.ended()

    def must_not_wait(self, session, twin):
        pids = {other.pid for one in [*self.sessions, self.observer] for other in one.twins.values() if other is not twin}
        assert twin.settled(self.observer.heap.connection, pids), \
            f"{self.where}\nwaits for another session, which transactions.md does not say"

    def settle(self, session, text, heap, lake):
        """The same outcome, or a conflict on one twin alone: then neither has done anything."""
        if CONFLICT in (heap.sqlstate, lake.sqlstate) and session.has_snapshot:
            self.conflict(session, heap, lake)
        elif self.died_with_server(session, lake):
            self.counts["server died"] += 1
            session.roll_back()
        else:
            self.counts["refused"] += lake.sqlstate is not None
            self.same(text, heap, lake)

    def conflict(self, session, heap, lake):
        self.counts["40001"] += 1
        if lake.sqlstate is None and "concurrent" in heap.message:
            self.counts["lost races"] += 1
            outcome = session.lake.run("COMMIT")
            assert outcome.sqlstate == CONFLICT, f"{self.where}\nheap: {heap.message}\nlake commits: {outcome.sqlstate or 'ok'} {outcome.message}"
        session.roll_back()

    def died_with_server(self, session, lake):
        """A transaction may fail once the server that its rows went to has died."""
        return session.number in self.orphaned and (lake.sqlstate or "").startswith(SERVER_DIED)

    orphaned = frozenset()  # numbers of sessions that had a transaction when the server died

    # -- commits ------------------------------------------------------------------------------------------------------

    def commit(self, session, step):
        self.counts["statements"] += 1
        if any("exclusive" in locks for locks in session.locks.values()):
            step.kill = None  # the prepared transaction on heap would keep others from reading the table
        must_prepare = session.level == "SERIALIZABLE" or step.kill is not None
        if must_prepare:
            heap = session.heap.run(f"PREPARE TRANSACTION '{self.name}'")
            if heap.sqlstate is not None:
                assert session.level == "SERIALIZABLE" and heap.sqlstate == CONFLICT, f"{self.where}\nheap: {heap.message}"
                self.counts["40001"] += 1
                session.roll_back()
                return
        session.lake.start("COMMIT")
        self.finish_commit(session, step, must_prepare)

    def finish_commit(self, session, step, is_prepared):
        """Lake's commit runs; heap's transaction is open or prepared, and does what lake's did."""
        has_level, number = session.has_snapshot, session.number
        if step.kill is not None:
            time.sleep(step.delay)
            self.kill(step)
        lake = session.lake.outcome()
        if step.kill is not None:
            self.recover(step)
        if lake.sqlstate == LOST:
            assert step.kill not in (None, "server"), f"{self.where}\nlake: {lake.message}"
            happened = not self.all_same()
        else:
            happened = lake.sqlstate is None
            may_fail = (lake.sqlstate == CONFLICT and has_level) or (lake.sqlstate or "").startswith(SERVER_DIED) and (
                step.kill is not None or number in self.orphaned)
            assert happened or may_fail, f"{self.where}\nlake: {lake.sqlstate} {lake.message}"
        self.counts["committed" if happened else "lost" if lake.sqlstate == LOST else "40001" if lake.sqlstate == CONFLICT else "server died"] += 1
        if is_prepared:
            assert self.observer.heap.run(f"{'COMMIT' if happened else 'ROLLBACK'} PREPARED '{self.name}'").sqlstate is None
        elif session.in_transaction:
            assert session.heap.run("COMMIT" if happened else "ROLLBACK").sqlstate is None
        session.ended()

    def run_and_kill(self, session, step):
        """A transaction of one statement, during which somebody dies: heap prepares it first."""
        self.counts["statements"] += 1
        heap = session.heap.run("BEGIN; " + step.text.replace("{am}", "heap"))
        if heap.sqlstate is not None or "exclusive" in locks_of(step.text).values():
            session.heap.run("ROLLBACK")
            step.kill = None
            return self.run(session, step)
        session.heap.run(f"PREPARE TRANSACTION '{self.name}'")
        session.lake.start(step.text)
        self.finish_commit(session, step, True)

    # -- deaths -------------------------------------------------------------------------------------------------------

    def kill(self, step):
        victim = self.sessions[step.session - 1].lake
        if step.kill == "server":
            self.dead_server = self.home.server_pid()
            self.orphaned = {session.number for session in self.sessions if session.in_transaction}
            os.kill(self.dead_server, signal.SIGKILL)
        elif step.kill == "kill -9":
            os.kill(victim.pid, signal.SIGKILL)
        else:
            self.observer.heap.connection.execute("SELECT pg_terminate_backend(%s, 10000)", [victim.pid])
        self.counts[step.kill] += 1

    def recover(self, step):
        """Whoever must come back is back; transactions of dead sessions are gone on both twins."""
        if step.kill == "server":
            self.home.wait_for_server(other_than=self.dead_server)
        elif step.kill == "kill -9":
            wait_for(lambda: self.is_gone(step), "the other backends to notice")
            self.home.wait_until_up()
            self.home.wait_for_server()
            for session in [*self.sessions, self.observer]:
                session.connect()
            self.orphaned = frozenset()
        else:
            self.sessions[step.session - 1].connect()

    def is_gone(self, step):
        """PostgreSQL ends all backends when one was killed."""
        try:
            self.observer.heap.connection.execute("SELECT 1")
            return False
        except psycopg.Error:
            return True

    def after_kill_in_transaction(self, session, step, lake):
        """True: the transaction is over on both twins."""
        self.recover(step)
        if step.kill == "server" and not (lake.sqlstate or "").startswith(SERVER_DIED):
            return False
        if step.kill != "server":
            return True
        self.counts["server died"] += 1
        session.roll_back()
        return True

    # -- what they see ------------------------------------------------------------------------------------------------

    def same(self, text, heap, lake):
        where = f"{self.where}\n{text}" if text not in self.where else self.where
        assert lake.sqlstate == heap.sqlstate, \
            f"{where}\nheap: {heap.sqlstate or 'ok'} {heap.message}\nlake: {lake.sqlstate or 'ok'} {lake.message}"
        assert len(lake.results) == len(heap.results), f"{where}\nheap: {heap.results}\nlake: {lake.results}"
        for expected, got in zip(heap.results, lake.results):
            same_result(where, expected, got, False)

    def compare_views(self, acting):
        """The session reads again what its transaction has a lock on, and so does one of the others in turn; somebody else reads
        everything when there may be something new, and now and then."""
        turn = self.counts["statements"]
        if not acting.in_transaction or turn % 4 == 0:
            self.compare_all(self.where)
        for session in {acting.number: acting, turn % len(self.sessions) + 1: self.sessions[turn % len(self.sessions)]}.values():
            for table in sorted(session.locks):
                if session.in_transaction and not session.failed:
                    self.compare_table(session, table)

    def compare_table(self, session, table):
        text = f"SELECT * FROM {table}"
        if not session.heap.run(f"SELECT 1 WHERE to_regclass('{table}') IS NOT NULL").results[0][2]:
            return  # it was dropped
        heap, lake = session.heap.run(text), session.lake.run(text)
        self.settle(session, f"session {session.number} then sees: {text}", heap, lake)

    def free_tables(self):
        return [table for table in TABLES if not any("exclusive" in session.locks.get(table, ()) for session in self.sessions)]

    def outcomes(self, table):
        return [self.observer.twins[am].run(f"SELECT * FROM {table}") for am in ("heap", "iceberg")]

    def compare_all(self, where):
        for table in self.free_tables():
            self.same(f"everybody then sees: SELECT * FROM {table}", *self.outcomes(table))

    def all_same(self):
        """Does lake hold what heap does without the transaction that was prepared?"""
        for table in self.free_tables():
            heap, lake = self.outcomes(table)
            if heap.sqlstate != lake.sqlstate or [Counter(result[2]) for result in heap.results] != [Counter(result[2]) for result in lake.results]:
                return False
        return True
