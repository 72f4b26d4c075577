"""The verdict on an entry, and docs/features.md made of all of them."""

import re
from dataclasses import dataclass

HEAD = """# Features: heap and iceberg, side by side

Written by `tests/e2e/features/` (`LAKE_WRITE_DOCS=1 ./lake test tests/e2e/features`), which runs each entry of its `entries/` on a heap table and on a table
USING iceberg, and compares every statement's rows, command tag, SQLSTATE, message and notices. `same` is just that. `refused` is an error by name where heap has
none, `different` says how the two differ and why. PostgreSQL {version}, {count} entries: {same} same, {refused} refused, {different} different, {fault} faults
that wait for being mended.
"""


@dataclass(frozen=True)
class Verdict:
    kind: str  # same, refused, different
    text: str = ""
    statement: str = ""
    problem: str = ""  # why the test must fail: a bad message, or a difference that nobody allowed

    def cell(self, entry):
        words = f"{self.kind}: {self.text}" if self.text else self.kind
        if self.kind == "same":
            return words
        if entry.fault:
            return cell_text(f"**fault**: {entry.fault}")
        return cell_text(f"{words} {entry.differs}".strip() if self.kind == "refused" else f"different: {entry.differs}")


def judge(entry, heap, lake, afterwards):
    """`heap`, `lake`: [(step, outcome)]. The first step that differs decides; `afterwards` says what can no longer be read."""
    for (step, expected), (_, got) in zip(heap, lake, strict=True):
        if got == expected:
            continue
        if got.sqlstate[:2] == "0A" or (not expected.sqlstate and got.sqlstate[:2] in ("42", "22")):
            return Verdict("refused", f"{got.sqlstate} `{got.message}`", step.text, refusal_problem(got) or afterwards)
        text = f"heap: {shown(expected, got)}, iceberg: {shown(got, expected)}"
        return Verdict("different", text, step.text, "" if entry.differs else "no `-- differs:` allows it")
    return Verdict("different", afterwards, "afterwards", afterwards) if afterwards else Verdict("same")


def refusal_problem(got):
    """It names the table, or says that it is about iceberg tables, or names the statement in capitals."""
    named = re.search(r'iceberg|"\w+"|[A-Z]{4,}', f"{got.message} {got.more}")
    return "" if named else "the refusal names neither the table nor the feature"


def shown(outcome, other):
    """What of an outcome is not the other's."""
    if outcome.sqlstate:
        return f"{outcome.sqlstate} {outcome.message}"
    if outcome.sqlstate != other.sqlstate:
        return outcome.tag
    if outcome.rows != other.rows:
        return f"{[row for row in outcome.rows if row not in other.rows][:4]} of {len(outcome.rows)} rows"
    if outcome.notices != other.notices:
        return f"notices {list(outcome.notices)}"
    return f"{outcome.tag} {outcome.columns}"


def cell_text(text):
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def document(version, measured):
    """`measured`: [(entry, verdict)], in the order of the files."""
    kinds = ["fault" if entry.fault and verdict.kind != "same" else verdict.kind for entry, verdict in measured]
    counts = {kind: kinds.count(kind) for kind in ("same", "refused", "different", "fault")}
    lines, section = [HEAD.format(version=version, count=len(measured), **counts)], None
    for entry, verdict in measured:
        if entry.section != section:
            section = entry.section
            lines += [f"\n## {section}\n", "| feature | on an iceberg table |", "|---|---|"] if section else []
        lines.append(f"| {cell_text(entry.name)} | {verdict.cell(entry)} |")
    return "\n".join(lines) + "\n"
