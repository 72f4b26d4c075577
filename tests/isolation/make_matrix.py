"""The isolation matrix: what happens when two transactions change one table, for every ordered pair of changes.

    python3 tests/isolation/make_matrix.py        writes specs/matrix_*.spec, one for each change of the first session

In every permutation both sessions begin and read (so that their PostgreSQL snapshots are older than either change), session 1 makes
its change, session 2 makes its own (it may have to wait), session 1 ends, session 2 commits. tests/e2e/concurrency/test_matrix.py runs
the same pairs on a heap twin and a lake twin, writes docs/isolation-matrix.md, and sees to it that the specs are what this file writes.

A session reads the table that it changes later. There is one exception: before session 1 truncates or alters, session 2 reads another
table, since both statements would wait for whoever has read this one.
"""

from pathlib import Path

SPECS = Path(__file__).parent / "specs"
LEVELS = {"rc": "READ COMMITTED", "rr": "REPEATABLE READ", "sr": "SERIALIZABLE"}

# Two data files; the changes of both sessions meet in row 1. {n} is the session.
ROWS = ["(1, 10), (2, 20)", "(3, 30)"]
CHANGES = {
    "append": "INSERT INTO {t} VALUES (1{n}, 0);",
    "update": "UPDATE {t} SET n = n * 2 + {n} WHERE id = 1;",
    "delete": "DELETE FROM {t} WHERE id = 1;",
    "merge": "MERGE INTO {t} t USING (VALUES (1), (4)) s(id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET n = t.n * 3 + {n} "
             "WHEN NOT MATCHED THEN INSERT (id, n) VALUES (s.id, {n});",
    "truncate": "TRUNCATE {t};",
    "alter": "ALTER TABLE {t} ADD COLUMN c{n} int;",
    # a row of the same file as row 1, and the file is written anew
    "rewrite": "SET LOCAL pg_lake_table.copy_on_write_threshold = 0; UPDATE {t} SET n = n * 5 + {n} WHERE id = 2;",
}
EXCLUDE_READERS = ("truncate", "alter")
READ_COLUMNS = "SELECT count(*) AS seen FROM "


def change(name, session, table):
    return CHANGES[name].format(t=table, n=session)


def read_before(first, session, table, other):
    """What a session reads before either of them changes anything."""
    return READ_COLUMNS + (other if session == 2 and first in EXCLUDE_READERS else table) + ";"


def begin(level):
    return f"BEGIN ISOLATION LEVEL {LEVELS[level]};"


def spec(first):
    """The text of matrix_<first>.spec."""
    lines = [f"# Session 1: {first}. Session 2: any change, at the three isolation levels; session 1 commits (c1) or rolls back (a1).",
             "# Written by tests/isolation/make_matrix.py.",
             "setup", "{", "  CREATE TABLE pair (id int, n int) USING iceberg;"]
    lines += [f"  INSERT INTO pair VALUES {rows};" for rows in ROWS]
    lines += ["  CREATE TABLE pair_other (a int) USING iceberg;", "}", "teardown", "{", "  DROP TABLE pair, pair_other;", "}"]
    for session in (1, 2):
        lines.append(f"session s{session}")
        lines += [f"step {level}{session} {{ {begin(level)} {read_before(first, session, 'pair', 'pair_other')} }}" for level in LEVELS]
        lines += [f"step {name}{session} {{ {change(name, session, 'pair')} }}"
                  for name in CHANGES if session == 2 or name == first]
        lines.append(f"step c{session} {{ COMMIT; }}")
        if session == 1:
            lines.append("step a1 { ROLLBACK; }")
    lines += ["session s3", "step q3 { SELECT * FROM pair ORDER BY id, n; }"]
    for level, title in LEVELS.items():
        lines += ["", f"# {title}"]
        lines += [f"permutation {level}1 {level}2 {first}1 {second}2 {end}1 c2 q3" for second in CHANGES for end in "ca"]
    return "\n".join(lines) + "\n"


def specs():
    """File name -> text."""
    return {f"matrix_{first}.spec": spec(first) for first in CHANGES}


if __name__ == "__main__":
    for name, text in specs().items():
        (SPECS / name).write_text(text)
