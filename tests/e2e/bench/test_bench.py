"""bench/ at its smallest sizes: every benchmark runs, checks its own answers, and prints its figures. No number is asserted."""

import os
import shutil
import subprocess

import pytest

from lakectl.home import Home
from lakectl.places import PYTHON, ROOT

# How many figures each prints.
FIGURES = {"sync": 2, "insert": 2, "copy": 1, "memory": 2, "changes": 4, "transfers": 3, "sessions": 3, "fixed": 1, "latency": 5, "fetch": 3,
           "mixed_join": 3, "spill": 2, "deleted_rows": 9, "partitioned_writes": 2, "large_metadata": 6, "tpch": 5, "tpcds": 5, "clickbench": 6}


def bench(home, *arguments):
    environment = {**os.environ, "LAKE_HOME": str(home.home.path), "PYTHONPATH": str(ROOT)}
    return subprocess.run([str(PYTHON), str(ROOT / "bench/run.py"), *arguments], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=280)


@pytest.fixture
def no_bench_home(home):
    yield
    left = Home(home.home.path / "bench")
    assert left.postmaster() is None, "the benchmarks' home still runs"
    shutil.rmtree(left.base, ignore_errors=True)


@pytest.mark.parametrize("name", FIGURES)
def test_a_benchmark_runs(home, no_bench_home, name):
    document = ROOT / "docs/performance.md"
    before = document.read_bytes()
    done = bench(home, "--quick", name)
    assert done.returncode == 0, done.stdout
    lines = [line for line in done.stdout.splitlines() if line.strip().startswith(f"{name}: ")]
    assert len(lines) == FIGURES[name], done.stdout
    assert "goals met" in done.stdout
    assert document.read_bytes() == before, "a quick run wrote docs/performance.md"


def test_an_unknown_benchmark_is_refused(home):
    done = bench(home, "sink")
    assert done.returncode == 2 and "there is no benchmark named sink" in done.stdout, done.stdout
