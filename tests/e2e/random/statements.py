"""Random DDL and DML for twins: scripts of statements over a few small tables, made from what the tables look like now.

    maker = Maker(random.Random(seed), read_columns)
    text = maker.script()       # several statements, separated by semicolons; {am} stands for the access method

A script is a transaction (with savepoints, some rolled back) or a single statement. Statements may fail: then they must fail
alike on both twins. Nothing depends on the order of rows.
"""

TYPES = ["int", "bigint", "text", "varchar(20)", "numeric(10,2)", "float8", "date", "timestamp", "bool"]
TABLES = ["r0", "r1", "r2"]
KEYED = "r3"  # k is its unique key; sessions side by side do without it, for inserts into it wait


class Maker:
    def __init__(self, dice, read_columns, tables=TABLES):
        """read_columns(table) gives [(name, type)] of a table, empty when there is none."""
        self.dice, self.read_columns, self.tables, self.columns = dice, read_columns, tables, {}

    def pick(self, *weighted):
        total = sum(weight for weight, _ in weighted)
        point = self.dice.uniform(0, total)
        for weight, choice in weighted:
            point -= weight
            if point <= 0:
                return choice
        return weighted[-1][1]

    # -- scripts ------------------------------------------------------------------------------------------------------

    def script(self):
        self.columns = {table: self.read_columns(table) for table in self.tables}
        missing = [table for table in self.tables if not self.columns[table]]
        if missing:
            return self.create(missing[0])
        if self.dice.random() < 0.4:
            return self.statement()
        parts = ["BEGIN" + self.dice.choice(["", "", " ISOLATION LEVEL REPEATABLE READ", " ISOLATION LEVEL SERIALIZABLE"])]
        open_savepoints = 0
        for _ in range(self.dice.randint(2, 7)):
            step = self.pick((10, "statement"), (2, "savepoint"), (2, "rollback"), (1, "release"))
            if step == "savepoint":
                open_savepoints += 1
                parts.append(f"SAVEPOINT s{open_savepoints}")
            elif step == "rollback" and open_savepoints:
                parts.append(f"ROLLBACK TO s{open_savepoints}")
                self.columns = None  # what the tables look like now is known to the server alone
                return "; ".join(parts + [f"SELECT count(*) FROM {self.dice.choice(self.tables)}", self.end()])
            elif step == "release" and open_savepoints:
                parts.append(f"RELEASE s{open_savepoints}")
                open_savepoints -= 1
            else:
                parts.append(self.statement())
        return "; ".join(parts + [self.end()])

    def end(self):
        return self.pick((4, "COMMIT"), (1, "ROLLBACK"))

    def statement(self):
        table = self.dice.choice(self.tables)
        make = self.pick((6, self.insert), (3, self.insert_select), (8, self.update), (2, self.update_from), (5, self.delete),
                         (4, self.merge), (6, self.select), (2, self.moving), (0.4, self.truncate), (3, self.alter),
                         (0.3, self.drop))
        return make(table)

    # -- values -------------------------------------------------------------------------------------------------------

    def value(self, kind):
        number = self.dice.randint(-3, 12)
        if self.dice.random() < 0.12:
            return "NULL"
        if kind in ("int", "integer", "bigint"):
            return str(number)
        if kind.startswith("numeric"):
            return f"{number}.{self.dice.choice(['00', '25', '99'])}"
        if kind in ("float8", "double precision"):
            return self.dice.choice([f"{number}.5", f"{number}e3", "0"])
        if kind == "date":
            return f"date '2026-01-01' + ({number})"
        if kind.startswith("timestamp"):
            return f"timestamp '2026-01-01 10:00' + {number} * interval '7 minutes'"
        if kind in ("bool", "boolean"):
            return self.dice.choice(["true", "false"])
        return f"'v{number}'"

    def column(self, table, *kinds):
        found = [name for name, kind in self.columns[table] if not kinds or kind in kinds]
        return self.dice.choice(found) if found else None

    def where(self, table, alias=""):
        name, kind = self.dice.choice(self.columns[table])
        return self.pick((5, f"{alias}{name} = {self.value(kind)}"), (3, f"{alias}{name} < {self.value(kind)}"),
                         (1, f"{alias}{name} IS NULL"), (2, f"{alias}k % {self.dice.randint(2, 6)} = 0"),
                         (2, f"{alias}k BETWEEN {self.dice.randint(0, 20)} AND {self.dice.randint(20, 60)}"),
                         (1, "true" if self.dice.random() < 0.3 else "false"),
                         (1, f"{alias}k IN (SELECT k FROM {self.dice.choice(self.tables)})"))

    # -- statements ---------------------------------------------------------------------------------------------------

    def create(self, table):
        columns = ["k int"] + [f"c{i} {self.dice.choice(TYPES)}" for i in range(self.dice.randint(1, 4))]
        self.columns[table] = [tuple(column.split(" ", 1)) for column in columns]
        key = " {unique:k}" if table == KEYED else ""
        return f"CREATE TABLE {table} ({', '.join(columns)}{key}) USING {{am}}; " + self.insert(table)

    def insert(self, table):
        rows = ", ".join("(" + ", ".join(self.value(kind) for _, kind in self.columns[table]) + ")"
                         for _ in range(self.dice.randint(1, 4)))
        return f"INSERT INTO {table} ({', '.join(name for name, _ in self.columns[table])}) VALUES {rows}" + self.on_conflict(table)

    def on_conflict(self, table):
        target = "(k)" if table == KEYED else ""
        choices = [(3, ""), (2, " ON CONFLICT DO NOTHING"), (2 if target else 0, f" ON CONFLICT {target} DO NOTHING RETURNING k")]
        if target:
            where = self.pick((2, ""), (1, f" WHERE {self.where(table, table + '.')}"))
            choices.append((4, f" ON CONFLICT (k) DO UPDATE SET {self.assignments(table, 'excluded.')}{where}"))
        return self.pick(*choices)

    def insert_select(self, table):
        if self.dice.random() < 0.5:
            count = self.dice.choice([5, 20, 200])
            return f"INSERT INTO {table} (k) SELECT i FROM generate_series(1, {count}) i" + self.on_conflict(table)
        other = self.dice.choice(self.tables)
        return f"INSERT INTO {table} (k) SELECT k + 1 FROM {other} WHERE {self.where(other)} AND k < 100" + self.on_conflict(table)

    def assignments(self, table, other=None):
        """other: where columns may be taken from, too. Keys stay: heap looks at them row by row, in whatever order."""
        columns = [column for column in self.columns[table] if table != KEYED or column[0] != "k"]
        if not columns:
            return "k = NULL"
        names = self.dice.sample(columns, self.dice.randint(1, min(3, len(columns))))
        return ", ".join(f"{name} = " + (f"k + {self.dice.randint(1, 5)}" if name == "k" else
                                         other + name if other and self.dice.random() < 0.5 else self.value(kind))
                         for name, kind in names)

    def returning(self):
        return self.dice.choice(["", "", " RETURNING *"])

    def update(self, table):
        return f"UPDATE {table} SET {self.assignments(table)} WHERE {self.where(table)}{self.returning()}"

    def update_from(self, table):
        if table == KEYED:
            return self.update(table)
        other = self.dice.choice([name for name in self.tables if name != table])
        return f"UPDATE {table} t SET k = t.k + 1 FROM (SELECT DISTINCT k FROM {other}) o WHERE o.k = t.k AND {self.where(table, 't.')}"

    def delete(self, table):
        return f"DELETE FROM {table} WHERE {self.where(table)}{self.returning()}"

    def merge(self, table):
        other = self.dice.choice([name for name in self.tables if name != table])
        source = f"(SELECT DISTINCT k FROM {other} WHERE k IS NOT NULL AND k < 50) s"
        clauses = [f"WHEN MATCHED AND t.k % 2 = {self.dice.randint(0, 1)} THEN DELETE"] if self.dice.random() < 0.5 else []
        clauses.append(self.pick((3, f"WHEN MATCHED THEN UPDATE SET {self.assignments(table).replace('k + ', 't.k + ')}"),
                                 (1, "WHEN MATCHED THEN DO NOTHING")))
        clauses.append(self.pick((3, "WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)"), (1, "WHEN NOT MATCHED THEN DO NOTHING")))
        return f"MERGE INTO {table} t USING {source} ON t.k = s.k " + " ".join(clauses)

    def moving(self, table):
        other = self.dice.choice([name for name in self.tables if name != table])
        return (f"WITH gone AS (DELETE FROM {table} WHERE {self.where(table)} RETURNING k) "
                f"INSERT INTO {other} (k) SELECT k FROM gone RETURNING k")

    def truncate(self, table):
        return f"TRUNCATE {table}"

    def drop(self, table):
        return f"DROP TABLE {table}"

    def select(self, table):
        name, _ = self.dice.choice(self.columns[table])
        return self.pick((3, f"SELECT * FROM {table} WHERE {self.where(table)}"), (2, f"SELECT count(*), sum(k), min({name}), count({name}) FROM {table}"),
                         (1, f"SELECT {name}, count(*) FROM {table} GROUP BY 1"),
                         (1, f"SELECT a.k, b.k FROM {table} a JOIN {self.dice.choice(self.tables)} b ON a.k = b.k + 1 WHERE a.k < 5"))

    def alter(self, table):
        fresh = f"c{self.dice.randint(5, 99)}"
        others = [name for name, _ in self.columns[table] if name != "k"]
        kind = self.dice.choice(TYPES)
        choices = [(3, f"ADD COLUMN {fresh} {kind}"), (2, f"ADD COLUMN {fresh} {kind} DEFAULT {self.value(kind)}"),
                   (1, f"ADD COLUMN {fresh} {kind} NOT NULL"), (1, "ALTER COLUMN k SET NOT NULL"), (1, "ALTER COLUMN k DROP NOT NULL"),
                   (1, f"ADD COLUMN {fresh} int GENERATED ALWAYS AS (k * 2) STORED")]
        if others:
            name = self.dice.choice(others)
            choices += [(3, f"DROP COLUMN {name}"), (2, f"RENAME COLUMN {name} TO {fresh}"),
                        (2, f"ALTER COLUMN {name} TYPE text"), (1, f"ALTER COLUMN {name} TYPE {kind}"),
                        (1, f"ALTER COLUMN {name} SET DEFAULT NULL")]
        if table == KEYED:  # heap keeps the key, a lake table that becomes one does not
            return f"ALTER TABLE {table} " + self.pick(*choices)
        choices += [(0.5, "SET ACCESS METHOD heap"), (0.5, "SET ACCESS METHOD {am}")]
        return f"ALTER TABLE {table} " + self.pick(*choices)
