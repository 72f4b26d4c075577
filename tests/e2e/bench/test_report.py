"""docs/performance.md is made of the last run of each benchmark."""

import sys

import pytest

from lakectl.places import ROOT

sys.path.insert(0, str(ROOT / "bench"))
import report  # noqa: E402
from figures import Figure, Table  # noqa: E402
from run import BENCHES, SIZES  # noqa: E402


@pytest.fixture
def document(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "ROOT", tmp_path)
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "performance.md")
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results.json")

    def write(results, commit):
        report.write_document(BENCHES, results, [("commit", commit)], {name: both[0] for name, both in SIZES.items()})
        return report.DOCUMENT.read_text()

    return write


def test_a_part_replaces_its_own_figures(document):
    document({"tpch": [Figure("22 queries", "4.07 s", goal="ratio <= 1.0", met=False, notes=["Q2: 1.40"]), Table("query by query", ["query", "ms"], [["Q1", "238.16"]])],
              "latency": [Figure("one row", "4.23 ms")]}, "a51dd98")
    text = document({"latency": [Figure("one row", "2.31 ms", "heap 0.17 ms", "13.95", "< 5 ms", True)]}, "6e4d308")
    assert "| latency | one row | 2.31 ms | heap 0.17 ms | 13.95 | < 5 ms | met |" in text and "4.23 ms" not in text
    assert "| tpch | 22 queries | 4.07 s |  |  | ratio <= 1.0 | MISSED |" in text
    assert "- Q2: 1.40" in text and "| Q1 | 238.16 |" in text
    for names, commit in (("tpch", "a51dd98"), ("latency", "6e4d308")):
        assert any(line.startswith(f"- {names}: ") and f"commit {commit}" in line for line in text.splitlines()), text
    assert text.index("| latency |") < text.index("| tpch |"), "benchmarks are not in their own order"
