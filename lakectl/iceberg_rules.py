"""Rules of the Iceberg format that implementations get wrong, and the tests that name them: docs/iceberg-rules.md.

A test is about a rule when "rule 12" or "rules 3, 5 to 7 and 9" stands in its comment or docstring. `./lake check` complains about
rules without a test and about a page that is not what the tests say; LAKE_WRITE_DOCS=1 ./lake check iceberg_rules writes the page.
"""

import os
import re

from .places import ROOT

PAGE = ROOT / "docs/iceberg-rules.md"
NAMED = re.compile(r"\b[Rr]ules? (\d+(?:(?:, | and | to )\d+)*)")
CPP_TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)")
PYTHON_TEST = re.compile(r"^\s*def (test_\w+)")

RULES = {
    1: "columns are matched by field id, never by name or place", 2: "last-column-id counts nested ids and never falls",
    3: "ids above 2147483447 are those of metadata columns", 4: "a missing column: identity partition, name mapping, initial default, null",
    5: "names of a name mapping are literal", 6: "promotions of types", 7: "bounds of before a promotion have the old length",
    8: "schema JSON", 9: "types of version 3 are refused before", 10: "required columns are not added without a default",
    11: "initial-default never changes, write-default may", 12: "structs default to null or empty", 13: "defaults as JSON",
    14: "ids of partition fields", 15: "equivalent partition fields and specs are used again", 16: "void fields",
    17: "a manifest belongs to one spec", 18: "bucket", 19: "truncate", 20: "years to hours before 1970, and day's type",
    21: "partition values in Avro are typed", 22: "null, NaN and the zeros", 23: "unknown transforms", 24: "sort orders",
    25: "bounds hold all values; cut strings", 26: "counts", 27: "no bounds within lists and maps", 28: "bounds as bytes",
    29: "bounds are not Parquet's", 30: "members of entries", 31: "paths are compared byte for byte", 32: "paths are absolute; version 4 is refused",
    33: "data and deletes never share a manifest", 34: "keys of manifests and lists", 35: "names and ids in Avro", 36: "names that Avro forbids",
    37: "equal decimals share a definition", 38: "codecs of manifests", 39: "what entries inherit", 40: "sequence numbers of version 1",
    41: "counts of lists", 42: "partition summaries", 43: "a retried commit", 44: "snapshot ids and operations", 45: "summaries",
    46: "summaries of deletion vectors", 47: "main is the current snapshot", 48: "commits on branches", 49: "the snapshot log", 50: "the metadata log",
    51: "which files expiry may delete", 52: "the order of expiry", 53: "orphans", 54: "old metadata files", 55: "conflicts", 56: "table-uuid",
    57: "names of metadata files", 58: "compressed metadata", 59: "sequence numbers of deletes", 60: "partitions of deletes",
    61: "position delete files", 62: "equality deletes", 63: "deletion vectors beside position deletes", 64: "entries of deletion vectors",
    65: "bytes of deletion vectors", 66: "Puffin", 67: "row ids begin at 0", 68: "row ids of snapshots", 69: "row ids of manifests",
    70: "row ids of files", 71: "rows keep their ids", 72: "Parquet types", 73: "lists and maps in Parquet", 74: "variant and geometry in Parquet",
    75: "Avro and ORC data files", 76: "values that Iceberg does not have", 77: "statistics files", 78: "partition statistics", 79: "table properties",
    80: "reserved properties", 81: "views",
}
ELSEWHERE = {43: "commits rebase before anything is written: nothing is retried", 48: "branches", 51: "expiry", 52: "expiry", 53: "expiry", 54: "expiry",
             74: "types", 78: "statistics", 81: "views"}


def numbers(text):
    """"3, 5 to 7 and 9" -> 3, 5, 6, 7, 9"""
    found = []
    for part in re.split(r", | and ", text):
        first, _, last = part.partition(" to ")
        found += range(int(first), int(last or first) + 1)
    return found


def tests():
    """rule -> the tests that name it, as (path, name)"""
    found = {}
    for path in sorted([*(ROOT / "tests").rglob("*.cpp"), *(ROOT / "tests").rglob("*.py")]):
        name = None
        for line in path.read_text().splitlines():
            if match := CPP_TEST.match(line):
                name = f"{match[1]}.{match[2]}"
            elif match := PYTHON_TEST.match(line):
                name = match[1]
            for match in NAMED.finditer(line) if name else ():
                for rule in numbers(match[1]):
                    entry = (str(path.relative_to(ROOT)), name)
                    if rule in RULES and entry not in found.setdefault(rule, []):
                        found[rule].append(entry)
    return found


def page(found):
    lines = ["# Rules of the format, and their tests", "",
             "Places where readable code still ends up wrong; the specification is the authority. Written by `./lake check` from what the tests name",
             "(`lakectl/iceberg_rules.py`).", "", "| rule | about | tests |", "|---|---|---|"]
    for rule, about in RULES.items():
        named = "<br>".join(f"`{path}` {name}" for path, name in found.get(rule, [])) or f"another issue: {ELSEWHERE.get(rule, 'none')}"
        lines.append(f"| {rule} | {about} | {named} |")
    return "\n".join(lines) + "\n"


def check():
    """Every rule of the format has a test that names it, and docs/iceberg-rules.md is what they say."""
    found = tests()
    for rule in RULES:
        if rule not in found and rule not in ELSEWHERE:
            yield f"lakectl/iceberg_rules.py:1: no test names rule {rule} ({RULES[rule]})"
    wanted = page(found)
    if os.environ.get("LAKE_WRITE_DOCS"):
        PAGE.write_text(wanted)
    elif not PAGE.exists() or PAGE.read_text() != wanted:
        yield "docs/iceberg-rules.md:1: not what the tests say (LAKE_WRITE_DOCS=1 ./lake check iceberg_rules)"
