"""Every feature of entries/ on a heap table and on an iceberg table; docs/features.md is what came out.

LAKE_WRITE_DOCS=1 writes the document, otherwise it is compared.
"""

import os
from pathlib import Path

import pytest

from .entries import read_entries
from .matrix import document, judge
from .player import ROLES, Player

ENTRIES = read_entries()
DOCUMENT = Path(__file__).parents[3] / "docs/features.md"


@pytest.fixture(scope="module")
def stage(home):
    """Roles and a directory for files, once; and the verdicts so far."""
    for role in ROLES:
        if not home.sql("SELECT 1 FROM pg_roles WHERE rolname = %s", role):
            home.sql(f"CREATE ROLE {role}")
        home.sql(f"GRANT lake_read_write TO {role}")
    directory = home.home.base / "features"
    home.home.owned_directory(directory, 0o777)
    return {"home": home, "directory": directory, "verdicts": {}}


def measure(stage, entry):
    if entry.id not in stage["verdicts"]:
        heap = list(Player(stage["home"], "heap", stage["directory"]).play(entry))
        lake = Player(stage["home"], "iceberg", stage["directory"])
        outcomes = list(lake.play(entry))
        stage["verdicts"][entry.id] = judge(entry, heap, outcomes, lake.unreadable())
    return stage["verdicts"][entry.id]


@pytest.mark.parametrize("entry", [pytest.param(
    entry, id=entry.id, marks=([pytest.mark.xfail(strict=True, reason=entry.fault)] if entry.fault else [])
    + ([pytest.mark.no_readers] if entry.no_readers or entry.fault else [])) for entry in ENTRIES])
def test_feature(stage, other_engines, entry):
    verdict = measure(stage, entry)
    assert not entry.fault or verdict.kind == "same", f"{verdict.statement}\n{verdict.text}"
    assert not verdict.problem, f"{verdict.statement}\n{verdict.text}\n{verdict.problem}"
    assert verdict.kind == "different" or not entry.differs or verdict.kind == "refused", "it differs no more: -- differs: is out of date"


def test_document(stage, home):
    """docs/features.md is what was measured."""
    measured = [(entry, measure(stage, entry)) for entry in ENTRIES]
    text = document(home.sql("SHOW server_version_num")[0][0][:2], measured)
    if os.environ.get("LAKE_WRITE_DOCS"):
        DOCUMENT.write_text(text)
    assert DOCUMENT.exists() and DOCUMENT.read_text() == text, \
        "docs/features.md is not what was measured: LAKE_WRITE_DOCS=1 ./lake test tests/e2e/features"
