"""Sessions that may wait for each other: a statement starts, and it is done or somebody blocks it, both without a sleep.

    one, two = Session(home.connect()), Session(home.connect())
    one.run("BEGIN"); one.run("UPDATE t SET a = 1")
    two.start("UPDATE t SET a = 2")
    two.settled(watch, {one.pid})       # False: it waits for session one
    one.run("COMMIT")
    two.outcome()

The outcome is that of lake_harness.twin. A failed transaction stays open, as in psql.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg

from .twin import Outcome, outcome_of

LOST = "lost"  # in place of an SQLSTATE: the connection broke
SHUT_DOWN = ("57P01", "57P02")  # the last words of a backend


class Session:
    def __init__(self, connection):
        self.connection, self.pid = connection, connection.info.backend_pid
        connection.prepare_threshold = None  # statements go as they are
        self.thread = ThreadPoolExecutor(1)
        self.running = None

    def close(self):
        if self.running is not None and not self.running.done():
            self.connection.cancel()
            self.outcome()
        self.connection.close()
        self.thread.shutdown()

    def start(self, text):
        assert self.running is None, "the session's last statement was not waited for"
        self.running = self.thread.submit(outcome_or_loss, self.connection, text)

    def outcome(self, seconds=120):
        outcome = self.running.result(timeout=seconds)
        self.running = None
        return outcome

    def run(self, text):
        self.start(text)
        return self.outcome()

    def settled(self, watch, others, seconds=120):
        """Waits until the statement is done (True) or waits for a lock that one of the backends `others` holds (False)."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for _ in range(10):
                if self.running.done():
                    return True
                time.sleep(0.001)
            blockers = watch.execute("SELECT pg_blocking_pids(%s)", [self.pid]).fetchone()[0]
            if set(blockers) & set(others):
                return self.running.done()
        raise AssertionError(f"backend {self.pid} neither finished nor waited within {seconds} s")


def outcome_or_loss(connection, text):
    try:
        outcome = outcome_of(connection, text, leave_failed=True)
    except psycopg.Error as error:
        return Outcome(sqlstate=LOST, message=str(error))
    return Outcome(sqlstate=LOST, message=outcome.message) if outcome.sqlstate in SHUT_DOWN else outcome
