"""Transfers between accounts by several sessions, some of which die: nobody ever sees another total, and none is lost.

The history of transfers is kept beside the accounts, one appended row each, in the same transaction: at the end the balances are
those that the history gives.
"""

import random
import threading
import time

import psycopg
import pytest

ACCOUNTS, SESSIONS, SECONDS = 6, 4, 8
LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
TRY_AGAIN = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


class Bank:
    def __init__(self, home, schema, level):
        self.home, self.level, self.end = home, level, time.monotonic() + SECONDS
        self.account, self.history = f"{schema}.account", f"{schema}.history"
        self.done, self.again, self.killed, self.problems = 0, 0, 0, []
        self.lock = threading.Lock()

    def transfer(self, connection, dice, number):
        one, other = dice.sample(range(ACCOUNTS), 2)
        with connection.transaction():
            total = connection.execute(f"SELECT sum(balance) FROM {self.account}").fetchone()[0]
            if total != 100 * ACCOUNTS:
                self.problems.append(f"a session saw a total of {total}")
            connection.execute(f"UPDATE {self.account} SET balance = balance - 1 WHERE id = {one}")
            if dice.random() < 0.3:
                connection.execute("SAVEPOINT s")
                connection.execute(f"UPDATE {self.account} SET balance = 0")
                connection.execute("ROLLBACK TO s")
            connection.execute(f"UPDATE {self.account} SET balance = balance + 1 WHERE id = {other}")
            connection.execute(f"INSERT INTO {self.history} VALUES ({number}, {one}, {other})")
            if dice.random() < 0.05:
                self.killed += 1
                self.home.sql("SELECT pg_terminate_backend(%s)", connection.info.backend_pid)

    def client(self, number):
        dice, connection, count = random.Random(number), None, 0
        while time.monotonic() < self.end:
            if connection is None:
                connection = self.home.connect()
                connection.execute(f"SET default_transaction_isolation = '{self.level.lower()}'")
            count += 1
            try:
                self.transfer(connection, dice, number * 1000000 + count)
                with self.lock:
                    self.done += 1
            except TRY_AGAIN:
                self.again += 1
            except psycopg.OperationalError:
                connection = None
            except psycopg.Error as error:
                self.problems.append(f"{type(error).__name__}: {error}")
                return


@pytest.mark.parametrize("level", LEVELS)
def test_bank(pg, home, schema_name, level, figures):
    bank = Bank(home, schema_name, level)
    pg.execute(f"CREATE TABLE {bank.account} (id int, balance int) USING iceberg")
    pg.execute(f"INSERT INTO {bank.account} SELECT i, 100 FROM generate_series(0, {ACCOUNTS - 1}) i")
    pg.execute(f"CREATE TABLE {bank.history} (number int, one int, other int) USING iceberg")
    threads = [threading.Thread(target=bank.client, args=(number,)) for number in range(SESSIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not bank.problems, bank.problems[:5]
    assert bank.done > 10, "there must have been transfers"
    balances = dict(pg.execute(f"SELECT id, balance FROM {bank.account}").fetchall())
    history = pg.execute(f"SELECT number, one, other FROM {bank.history}").fetchall()
    expected = {account: 100 for account in range(ACCOUNTS)}
    for _, one, other in history:
        expected[one] -= 1
        expected[other] += 1
    assert balances == expected
    assert len(history) == len({number for number, _, _ in history}) >= bank.done
    figures(f"{len(history)} transfers, {bank.again} tried again, {bank.killed} killed, no anomaly")
