"""The text files of entries/: what PostgreSQL can do with a table, one entry per feature.

    -- section: UPDATE
    -- setup
    CREATE TABLE t (a int, b text) USING {am};

    -- feature: UPDATE .. FROM
    -- differs: why the two may differ, in words for users (only where they do)
    UPDATE t SET b = s.b FROM s WHERE s.a = t.a;
    SELECT * FROM t ORDER BY a;

The setup of a section runs before each of its entries, in a fresh schema. `-- differs:` allows a difference, `-- fault:` names a
fault of the product that the entry shows (the test then expects to fail, and says so when it no longer does), `-- no readers:` says
why other engines cannot read what is left. A statement ends at a line that ends in a semicolon, outside of $$. A COPY .. FROM STDIN is
followed by its data and \\. alone. {am}, {schema}, {db}, {dir} stand for what is the twin's own. Lines that begin with a backslash:

    \\in NAME        the following statements run in a session of that name (the first is called one)
    \\connect DB     the session connects to another database
    \\send NAME      the next statement is sent in that session and not waited for, except until it waits for a lock
    \\receive NAME   its result
    \\sh COMMAND     a shell command, with PostgreSQL's programs and the twin's connection in the environment
    \\server gone    kills pgduck_server; it comes back by itself
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

FILES = sorted((Path(__file__).parent / "entries").glob("*.sql"))
NOTE = re.compile(r"^-- (section|setup|feature|differs|fault|no readers)\b:? ?(.*)$")


@dataclass
class Step:
    """A statement (with the data of a COPY), or a line that begins with a backslash."""
    text: str
    data: str | None = None


@dataclass
class Entry:
    section: str
    name: str
    differs: str = ""
    fault: str = ""
    no_readers: str = ""
    setup: list = field(default_factory=list)
    steps: list = field(default_factory=list)

    @property
    def id(self):
        return re.sub(r"\W+", "-", f"{self.section} {self.name}").strip("-").lower()


def read_entries():
    entries = [entry for path in FILES for entry in read_file(path)]
    names = [entry.id for entry in entries]
    assert len(set(names)) == len(names), f"twice: {sorted({name for name in names if names.count(name) > 1})}"
    return entries


def read_file(path):
    entries, section, setup, body = [], None, [], []
    for line in path.read_text().splitlines():
        note = NOTE.match(line)
        if not note:
            body.append(line)
            continue
        word, text = note.groups()
        if word in ("section", "setup", "feature"):
            finish(entries, setup, body)
            body = []
        if word == "section":
            section, setup = text, None
        elif word == "setup":
            setup = []
        elif word == "feature":
            entries.append(Entry(section, text, setup=setup or []))
        else:
            setattr(entries[-1], word.replace(" ", "_"), text)
    finish(entries, setup, body)
    for entry in entries:
        assert entry.steps, f"{path}: {entry.name} has no statement"
    return entries


def finish(entries, setup, body):
    """What was read since the last heading belongs to the entry or, before a section's first one, to its setup."""
    steps = split_steps(body)
    if not steps:
        return
    if entries and not entries[-1].steps:
        entries[-1].steps = steps
    else:
        setup += steps


def split_steps(lines):
    steps, pending, rest = [], [], iter(lines)
    for line in rest:
        if not pending and (not line.strip() or line.startswith("--")):
            continue
        if not pending and line.startswith("\\"):
            steps.append(Step(line))
            continue
        pending.append(line)
        text = "\n".join(pending)
        if not line.rstrip().endswith(";") or text.count("$$") % 2:
            continue
        steps.append(Step(text.rstrip().removesuffix(";")))
        pending = []
        if re.match(r"COPY\b.*\bFROM STDIN\b", text, re.IGNORECASE | re.DOTALL):
            steps[-1].data = "".join(f"{line}\n" for line in iter(lambda: next(rest), "\\."))
    assert not pending, f"a statement without its semicolon: {pending}"
    return steps
