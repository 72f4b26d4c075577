"""Cells of docs/interop.md: what was measured, section by section.

Each test measures a section of its own and compares it with the committed document; LAKE_WRITE_DOCS=1 writes it there.
"""

import os
import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[3] / "docs/interop.md"
HEAD = """# Interop: cell by cell

Written by `tests/interop/matrix/` (`LAKE_WRITE_DOCS=1 ./lake test tests/interop/matrix`). Spark 4.1 with Iceberg's Java library 1.11, PyIceberg 0.12, DuckDB 1.5.

The tables of types and transforms are measured on one table for each writer and format version, which has a column of every type, a partition field of every
transform that its writer can make, edge values and nulls in every column, and a partition spec that changed between two inserts; its columns are format version and
kind of deletes. `same`: every value of that column in every row is what was written, the count is right, and a filter on each value of a partitioned column finds
just its rows; where somebody else reads, the partition value of each file is also what the transform makes of its rows.
Deletion vectors are of version 3 alone, version 1 has no deletes; `3 pos` is a table of version 2 with position deletes that was upgraded.
PyIceberg writes neither version 3 nor delete files: there, `tests/lake_harness/other_writer.py` makes them from the specification, as it makes all equality deletes.
"""
COMBINATIONS = ["1", "2", "2 pos", "2 eq", "3", "3 pos", "3 dv", "3 eq"]


class Cells:
    """Verdicts by row and column; long ones become notes below the table."""

    def __init__(self, title, what, columns):
        self.title, self.what, self.columns, self.rows = title, what, columns, {}

    def put(self, row, column, verdict):
        self.rows.setdefault(row, {})[column] = verdict

    def remark(self, row, column, text):
        """Beside what is the same."""
        if self.rows[row].get(column) == "same":
            self.put(row, column, f"same: {text}")

    def faults(self):
        return [f"{self.title}: {row}, {column}: {verdict}" for row, cells in self.rows.items() for column, verdict in cells.items()
                if verdict.startswith("wrong")]

    def lines(self):
        notes = []
        lines = [f"| {self.what} | " + " | ".join(self.columns) + " |", "|---" * (len(self.columns) + 1) + "|"]
        for row, cells in self.rows.items():
            shown = []
            for column in self.columns:
                verdict = re.sub(r"\s+", " ", cells.get(column, "")).replace("|", "\\|")
                word, colon, rest = verdict.partition(": ")
                if colon:
                    if verdict not in notes:
                        notes.append(verdict)
                    verdict = f"{word} ({notes.index(verdict) + 1})"
                shown.append(verdict)
            lines.append(f"| {row} | " + " | ".join(shown) + " |")
        return lines + [""] * bool(notes) + [f"{number}. {note}" for number, note in enumerate(notes, 1)]


def check_section(title, lines):
    """The section is what the document has, or becomes it."""
    text = f"## {title}\n\n" + "\n".join(lines).rstrip() + "\n"
    old = DOCUMENT.read_text() if DOCUMENT.exists() else HEAD
    head, *sections = re.split(r"^(?=## )", old, flags=re.MULTILINE)
    named = {section.split("\n", 1)[0][3:]: section.rstrip() + "\n" for section in sections}
    if os.environ.get("LAKE_WRITE_DOCS"):
        named[title] = text
        DOCUMENT.write_text("\n".join([HEAD, *(named[name] for name in sorted(named))]))
    assert named.get(title) == text, f"docs/interop.md does not have this section as it was measured:\n{text}\n" \
        "LAKE_WRITE_DOCS=1 ./lake test tests/interop/matrix writes it"
    assert os.environ.get("LAKE_WRITE_DOCS") or head.rstrip() == HEAD.rstrip(), "the head of docs/interop.md is not that of outcome.py"
