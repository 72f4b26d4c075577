"""Every write, PUT, rename, delete and pointer swap of every kind of statement fails, is slow, loses its answer, is cancelled, or is where
server, backend or postmaster die: all tables of the transaction are as before or all as after, orphans are what the ledger names, the
cleaner removes them, and the statement can be repeated.

Every point fails and every write loses its answer; of the other modes and of those that restart PostgreSQL some, chosen by
LAKE_FAULTS_SEED (the day by default). LAKE_FAULTS_ALL=1 runs everything. A failure names the run, LAKE_FAULTS_ONLY='^insert put
.*metadata.json 1 lose' repeats it (a regular expression).
"""

import datetime
import os
import random
import re
import time

import pytest

from faults.every_point import STATEMENTS, Stage, all_runs, given_up_runs, some_runs

pytestmark = [pytest.mark.no_readers, pytest.mark.timeout(3600)]

SEED = os.environ.get("LAKE_FAULTS_SEED", str(datetime.date.today()))
ONLY = os.environ.get("LAKE_FAULTS_ONLY", "")
EVERYTHING = bool(os.environ.get("LAKE_FAULTS_ALL"))


@pytest.fixture(scope="module")
def stage(home):
    stage = Stage(home)
    yield stage
    home.wait_until_up()
    home.restart()
    home.wait_for_server()


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_point(stage, name):
    points, before, after = stage.first_pass(STATEMENTS[name])
    stage.figures["points"] += len(points)
    check(stage, name, all_runs(points) if EVERYTHING or ONLY else some_runs(points, random.Random(SEED + name)), before, after)


@pytest.mark.parametrize("name", ["insert", "update", "two_tables"])
def test_given_up(stage, name):
    """A statement is cancelled, or its backend terminated, while the server is busy with a call that takes longer than the cleaner."""
    points, before, after = stage.first_pass(STATEMENTS[name])
    runs = given_up_runs(points)
    check(stage, name, runs if EVERYTHING or ONLY else random.Random(SEED + name).sample(runs, 4), before, after)


def check(stage, name, runs, before, after):
    runs = [run for run in runs if re.search(ONLY, words_of(name, *run))]
    failures = []
    for number, (point, mode) in enumerate(runs):
        words, begin = words_of(name, point, mode), time.monotonic()
        last_of_point = number + 1 == len(runs) or runs[number + 1][0] != point
        try:
            stage.run(STATEMENTS[name], point, mode, before, after, repeat=EVERYTHING or last_of_point)
        except AssertionError as failure:
            failures.append(f"LAKE_FAULTS_ONLY='{re.escape(words)}': {failure}")
            stage.ready = None
        print(f"{time.monotonic() - begin:.2f} {words}")
    assert not failures, f"{len(failures)} of {len(runs)} runs (seed {SEED})\n" + "\n".join(failures[:40])


def words_of(name, point, mode):
    return f"{name} {point.op} {point.pattern} {point.number} {mode}"


def test_figures(stage, figures):
    figures("fault points: " + ", ".join(f"{name} {count}" for name, count in stage.figures.items()))
    for name in ("lost rows", "phantom rows", "orphans outside the ledger"):
        assert stage.figures[name] == 0, name
