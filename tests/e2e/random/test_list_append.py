"""Sessions read lists and append to them, in transactions at three levels, while backends and the server die: no anomaly.

A key of table `rows` is a list of rows, one for each value (appends are INSERTs); a key of `list0` and `list1` is a string in one row
(appends are UPDATEs). history.py checks what was read. Rounds of a few seconds have a seed and tables of their own:

    LAKE_RANDOM_SEED=7 ./lake test tests/e2e/random/test_list_append.py     the round with that seed, as far as threads allow
"""

import json
import os
import random
import threading
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from lake_harness.home import kill_backend, wait_for

from .history import Transaction, anomalies

LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
SESSIONS, KEYS, ROUND = 4, 3, 7
SEED = int(os.environ.get("LAKE_RANDOM_SEED", "1"))
SECONDS = float(os.environ.get("LAKE_RANDOM_SECONDS", "0" if "LAKE_RANDOM_SEED" in os.environ else "60")) / len(LEVELS)
TABLES = ["rows", "list0", "list1"]
ROLLED_BACK = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


class Client:
    """One session; its connection is made again after it broke."""

    def __init__(self, played, number):
        self.round, self.number = played, number
        self.dice = random.Random(f"{played.seed} {number}")
        self.connection, self.history, self.count, self.outcomes = None, [], 0, Counter()
        self.problems = []

    def connect(self):
        def connected():
            try:
                self.connection = self.round.home.connect()
                self.connection.execute(f"SET search_path = {self.round.schema}; SET deadlock_timeout = '50ms'; "
                                        f"SET default_transaction_isolation = '{self.round.level}'")
                return True
            except psycopg.OperationalError:
                return False
        wait_for(connected, "a connection", 60)

    def run(self):
        try:
            while time.monotonic() < self.round.end:
                if self.connection is None or self.connection.broken:
                    self.connect()
                self.transaction()
        except Exception as problem:  # of a thread: told by the test
            self.problems.append(f"session {self.number}: {type(problem).__name__}: {problem}")

    def transaction(self):
        self.count += 1
        transaction = Transaction(f"T{self.number}.{self.count}", self.number, [], "aborted")
        self.history.append(transaction)
        try:
            self.connection.execute("BEGIN")
            for _ in range(self.dice.randint(1, 4)):
                self.step(transaction)
            if self.dice.random() < 0.07:
                self.connection.execute("ROLLBACK")
                self.outcomes["rolled back"] += 1
                return
            transaction.status = "unknown"
            self.connection.execute("COMMIT")
            transaction.status = "committed"
            self.outcomes["committed"] += 1
        except psycopg.Error as error:
            self.failed(transaction, error)

    def failed(self, transaction, error):
        if self.connection.broken:
            self.outcomes["unknown" if transaction.status == "unknown" else "lost"] += 1
            return
        transaction.status = "aborted"  # PostgreSQL said so
        try:
            self.connection.execute("ROLLBACK")
        except psycopg.OperationalError:  # killed in between
            self.outcomes["lost"] += 1
            return
        if isinstance(error, ROLLED_BACK):
            self.outcomes[error.sqlstate] += 1
        elif self.round.server_deaths and error.sqlstate[:2] in ("08", "57", "58"):
            self.outcomes["server died"] += 1
        else:
            raise error

    def step(self, transaction):
        key = (self.dice.choice(TABLES), self.dice.randrange(KEYS))
        draw = self.dice.random()
        if draw < 0.45:
            self.read(transaction, [key])
        elif draw < 0.55:
            self.read(transaction, [(key[0], number) for number in range(KEYS)])
        elif draw < 0.95:
            transaction.operations.append(("append", key, self.append(key)))
        else:
            self.connection.execute("SAVEPOINT s")
            self.history.append(Transaction(f"{transaction.name}s", f"{transaction.name}s", [("append", key, self.append(key))], "aborted"))
            self.connection.execute("ROLLBACK TO s")

    def append(self, key):
        self.count += 1
        value = self.number * 1000000 + self.count
        if key[0] == "rows":
            self.connection.execute(f"INSERT INTO rows VALUES ({key[1]}, {value})")
        else:
            self.connection.execute(f"UPDATE {key[0]} SET list = list || ',{value}' WHERE k = {key[1]}")
        return value

    def read(self, transaction, keys):
        """Several keys of one table in one statement."""
        table, numbers = keys[0][0], ", ".join(str(number) for _, number in keys)
        found = self.connection.execute(f"SELECT k, {'v' if table == 'rows' else 'list'} FROM {table} WHERE k IN ({numbers})").fetchall()
        for key in keys:
            mine = [value for number, value in found if number == key[1]]
            if table == "rows":
                assert len(set(mine)) == len(mine), f"{key}: a row twice"
                transaction.operations.append(("read", key, frozenset(mine)))
            else:
                assert len(mine) == 1, f"{key}: {len(mine)} rows"
                transaction.operations.append(("read", key, [int(value) for value in mine[0].split(",")[1:]]))


class Round:
    def __init__(self, home, schema, level, seed):
        self.home, self.schema, self.level, self.seed = home, schema, level, seed
        self.server_deaths, self.kills = 0, Counter()
        home.wait_until_up()
        home.sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
        home.sql(f"CREATE TABLE {schema}.rows (k int, v int) USING iceberg")
        for table in TABLES[1:]:
            home.sql(f"CREATE TABLE {schema}.{table} (k int, list text) USING iceberg")
            home.sql(f"INSERT INTO {schema}.{table} SELECT i, '' FROM generate_series(0, {KEYS - 1}) i")
        self.end = time.monotonic() + ROUND

    def play(self):
        """The history, the last transaction of which reads everything."""
        self.clients = [Client(self, number) for number in range(1, SESSIONS + 1)]
        threads = [threading.Thread(target=client.run) for client in self.clients]
        for thread in threads:
            thread.start()
        self.kill()
        for thread in threads:
            thread.join()
        self.home.wait_until_up()
        self.home.wait_for_server()
        last = Client(self, 0)
        last.connect()
        everything = Transaction("last", 0, [], "committed")
        for table in TABLES:
            last.read(everything, [(table, number) for number in range(KEYS)])
        for client in self.clients + [last]:
            client.connection.close()
        return [transaction for client in self.clients for transaction in client.history] + [everything]

    def kill(self):
        """Somebody dies every second or two."""
        dice = random.Random(f"{self.seed} kills")
        dead = threading.Event()  # never set: a wait that the end of the round cuts short
        while not dead.wait(max(0, min(dice.uniform(0.5, 2.5), self.end - time.monotonic()))) and time.monotonic() < self.end:
            victim, how = dice.choice(self.clients), dice.choices(["terminate", "kill -9", "server"], [6, 1, 2])[0]
            try:
                if how == "terminate":
                    self.home.sql("SELECT pg_terminate_backend(%s)", victim.connection.info.backend_pid)
                elif how == "kill -9":
                    kill_backend(victim.connection)
                elif self.home.server_pid():
                    self.server_deaths += 1
                    self.home.kill_server()
                self.kills[how] += 1
            except (AttributeError, ProcessLookupError, psycopg.Error):
                continue  # it was dead already


@pytest.mark.timeout(600 + 3 * SECONDS)
@pytest.mark.parametrize("level", LEVELS)
def test_list_append(pg, home, schema_name, level, figures):
    seed, end, outcomes, kills, allowed = SEED, time.monotonic() + SECONDS, Counter(), Counter(), Counter()
    pg.close()  # the first kill -9 would break it
    while True:
        played = Round(home, schema_name, level, seed)
        history = played.play()
        problems = [problem for client in played.clients for problem in client.problems] or anomalies(history, level)
        if problems:
            file = Path(os.environ.get("LAKE_TEST_HOME", "/tmp")) / f"list-append-{level.replace(' ', '-').lower()}-{seed}.json"
            file.write_text(json.dumps([[t.name, t.session, t.status, t.operations] for t in history], default=sorted))
            pytest.fail(f"{level}, seed {seed}: {len(problems)} anomalies, the history is in {file}\n" + "\n".join(map(str, problems[:5])),
                        pytrace=False)
        for client in played.clients:
            outcomes.update(client.outcomes)
        kills.update(played.kills)
        allowed.update(anomaly.kind for anomaly in anomalies(history, "SERIALIZABLE"))
        seed += 1
        if time.monotonic() > end:
            break
    assert outcomes["committed"] > 10, "there must have been transactions"
    figures(f"seeds {SEED} to {seed - 1}, {sum(outcomes.values())} transactions: {dict(outcomes)}; kills: {dict(kills)}; "
          f"no anomaly but those that the level allows: {dict(allowed)}")
