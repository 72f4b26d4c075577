"""Two transactions that change one table: played on a table of one access method, with what became of them.

tests/isolation/make_matrix.py says what the changes are. Another engine changes the table as any client of Iceberg does: PyIceberg writes new
metadata on top of the current one, then the pointer is swapped if it still is that one. An administrator swaps it in
lake_iceberg.tables_internal, without the locks that iceberg_tables takes (tests/interop/test_external_writers.py).
"""

import pyarrow
from isolation.make_matrix import ROWS, begin, change, read_before
from lake_harness.sessions import Session
from pyiceberg.catalog.sql import SqlCatalog

# name -> the change in SQL, and in PyIceberg's words
BY_OTHERS = {
    "appends": ("INSERT INTO {t} (id, n) VALUES (9, 90)", lambda table: table.append(pyarrow.table(
        {"id": pyarrow.array([9], pyarrow.int32()), "n": pyarrow.array([90], pyarrow.int32())}))),
    "deletes": ("DELETE FROM {t} WHERE id = 1", lambda table: table.delete("id = 1")),
}
SWAP = """UPDATE lake_iceberg.tables_internal SET metadata_location = '{new}', previous_metadata_location = '{old}'
           WHERE table_name = '{table}'::regclass AND metadata_location = '{old}'"""


class Result:
    """waits: did session 2 wait; failures: [(session, when, SQLSTATE)]; rows: {column: value} of each row at the end."""

    def __init__(self, waits, failures, rows):
        self.waits, self.failures, self.rows = waits, failures, rows

    def committed(self, first, second, rolled_back):
        failed = {session for session, _, _ in self.failures}
        return [(name, session) for name, session in ((first, 1), (second, 2))
                if session not in failed and not (session == 1 and rolled_back)]

    def __str__(self):
        ends = [f"{'' if session == 2 else 'session 1 '}{state}{' at COMMIT' if when == 'commit' else ''}"
                for session, when, state in self.failures] or ["ok"]
        return ", ".join((["waits"] if self.waits else []) + ends)


class Pairs:
    def __init__(self, home, schema, am):
        self.am, self.table, self.other = am, f"{schema}.pair_{am}", f"{schema}.other_{am}"
        self.watch = home.connect()
        self.sessions = [Session(home.connect()) for _ in range(2)]
        self.watch.execute(f"CREATE TABLE {self.other} (a int) USING {am}")
        self.catalog, self.catalog_names = SqlCatalog("others", uri="sqlite:///:memory:"), 0
        self.catalog.create_namespace("others")

    def close(self):
        for session in self.sessions:
            session.close()
        self.watch.close()

    def fresh(self):
        self.watch.execute(f"DROP TABLE IF EXISTS {self.table}; CREATE TABLE {self.table} (id int, n int) USING {self.am}")
        for rows in ROWS:
            self.watch.execute(f"INSERT INTO {self.table} VALUES {rows}")

    def rows(self):
        cursor = self.watch.execute(f"SELECT * FROM {self.table}")
        names = [column.name for column in cursor.description]
        return sorted((dict(zip(names, row)) for row in cursor.fetchall()), key=repr)

    def one_after_another(self, changes):
        self.fresh()
        for name, session in changes:
            with self.watch.transaction():
                self.watch.execute(BY_OTHERS[name][0].format(t=self.table) if name in BY_OTHERS else change(name, session, self.table))
        return self.rows()

    def play(self, first, second, level, end):
        self.fresh()
        one, two = self.sessions
        failures = []

        def note(session, when, outcome):
            if outcome.sqlstate:
                failures.append((session, when, outcome.sqlstate))

        for number, session in enumerate(self.sessions, 1):
            assert session.run(begin(level) + read_before(first, number, self.table, self.other)).sqlstate is None
        note(1, "change", one.run(change(first, 1, self.table)))
        two.start(change(second, 2, self.table))
        waits = not two.settled(self.watch, {one.pid})
        note(1, "commit", one.run(end))
        note(2, "change", two.outcome())
        committed = two.run("COMMIT")
        if (2, "change") not in {failure[:2] for failure in failures}:
            note(2, "commit", committed)
        return Result(waits, failures, self.rows())

    def play_with_another_engine(self, first, other, level, is_last):
        """Session 1 changes the table, and so does another engine before it or, `is_last`, after it. waits: the other engine did."""
        self.fresh()
        one, two = self.sessions
        failures = []
        assert one.run(begin(level) + read_before(first, 1, self.table, self.other)).sqlstate is None
        for its_turn in (not is_last, is_last):
            if its_turn:
                two.start(self.swap_by(other))
                waits = not two.settled(self.watch, {one.pid})
                if not waits and self.swapped(two) == 0:
                    failures.append((2, "swap", "refused"))
            else:
                outcome = one.run(change(first, 1, self.table))
                if outcome.sqlstate:
                    failures.append((1, "change", outcome.sqlstate))
        outcome = one.run("COMMIT")
        if outcome.sqlstate:
            failures.append((1, "commit", outcome.sqlstate))
        if waits and self.swapped(two) == 0:
            failures.append((2, "swap", "refused"))
        return Result(waits, failures, self.rows())

    def swapped(self, session):
        outcome = session.outcome()
        assert outcome.sqlstate is None, outcome.message
        return int(outcome.results[0][0].split()[1])

    def swap_by(self, other):
        """PyIceberg has written; the statement that makes it the table's content."""
        old = self.watch.execute("SELECT metadata_location FROM lake_iceberg.tables_internal WHERE table_name = %s::regclass",
                                 [self.table]).fetchone()[0]
        self.catalog_names += 1
        table = self.catalog.register_table(("others", f"t{self.catalog_names}"), old)
        BY_OTHERS[other][1](table)
        return SWAP.format(new=table.metadata_location, old=old, table=self.table)
