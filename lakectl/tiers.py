"""./lake test: the tiers, each with its own runner and its own home below .lake/test/.

A tier's runner prints its own output (CI reads the closing lines); at the end comes one table, and for every failure the
one command that runs it again and where its logs are.
"""

import os
import shutil
import subprocess
import time

from . import setup, spark
from .console import LakeError, note, shown, step
from .home import Home
from .places import BUILD, LAKE, PG_TESTS, PYTHON, ROOT

TESTS = ROOT / "tests"
HOMES = LAKE / "test"
PYTEST_TIERS = ("e2e", "interop", "faults")
TIERS = ("unit", "regress", "isolation", *PYTEST_TIERS, "fuzz")

# The process is killed, never the machine: what is not fsynced survives, and the tests run twice as fast.
# EXPLAIN VERBOSE leaves query identifiers out, which hold OIDs.
HOME_SETTINGS = {"fsync": "off", "max_prepared_transactions": 10, "cron.launch_active_jobs": "off", "compute_query_id": "regress"}


class Result:
    def __init__(self, tier, status, seconds, rerun, logs):
        self.tier, self.status, self.seconds, self.rerun, self.logs = tier, status, seconds, rerun, logs


def tier_home(tier):
    """A fresh, running home of the tier's own."""
    path = HOMES / tier
    home = Home(path)
    home.down(mode="immediate")
    shutil.rmtree(home.base, ignore_errors=True)
    home = Home(path)
    home.up(settings=HOME_SETTINGS)
    return home


def run_unit(names, rest):
    command = ["ctest", "--test-dir", BUILD, "--output-on-failure", "--no-tests=error", "--timeout", "120",
               "-j", os.cpu_count() or 2]
    command += ["-R", "|".join(names)] if names else ["-R", r"^unit\."]
    return call(command + rest), BUILD / "Testing/Temporary/LastTest.log"


def run_regress(names, rest):
    return run_schedule("regress", names, rest)


def run_isolation(names, rest):
    return run_schedule("isolation", names, rest)


def run_schedule(tier, names, rest):
    """pg_regress and pg_isolation_regress take the same options; both run against the tier's home."""
    source, output = TESTS / tier, HOMES / f"{tier}-output"
    home = tier_home(tier)
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    (output / "results").mkdir()
    program = PG_TESTS / ("regress/pg_regress" if tier == "regress" else "isolation/pg_isolation_regress")
    command = [program, f"--inputdir={source}", f"--outputdir={output}", f"--bindir={home.bin}",
               f"--host={home.sockets}", f"--port={home.port}", "--user=postgres", f"--dbname={tier}",
               "--load-extension=pg_lake", "--encoding=UTF8", "--max-connections=4",
               f"--launcher={TESTS / 'regress/normalize'}"]
    command += rest + (names or [f"--schedule={source / 'schedule'}"])
    status = call(command, env={**os.environ, "LC_ALL": "C.UTF-8", "PGTZ": "UTC"})
    differences = output / "regression.diffs"
    if differences.exists() and differences.stat().st_size:
        print(differences.read_text(errors="replace")[:20000])
    home.down()
    return status, f"{output} (regression.diffs, results/) and {home.log}"


def run_pytest(tier, names, rest):
    if tier == "interop":
        spark.ensure()
    targets = [name for name in names if "/" in name] or [TESTS / tier]
    words = [name for name in names if "/" not in name]
    options = ["-k", " or ".join(words)] if words else []
    logs = HOMES / tier
    logs.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "LAKE_TEST_HOME": str(logs), "PYTHONPATH": f"{ROOT}:{TESTS}",
                   "PYTHONDONTWRITEBYTECODE": "1"}
    status = call([PYTHON, "-m", "pytest", "-c", TESTS / "pytest.ini", "--rootdir", TESTS, *options, *rest, *targets],
                  env=environment)
    return status, logs


def run_fuzz(names, rest):
    from .fuzz import run
    return run(names), LAKE / "build/fuzz"


def call(command, **options):
    print(f"    $ {shown(command)}", flush=True)
    return subprocess.run([str(word) for word in command], cwd=ROOT, **options).returncode


def find_tiers(name):
    """The tiers that a NAME belongs to; tests/e2e/test_x.py::test_y says it itself."""
    parts = name.split("/")
    if len(parts) > 2 and parts[0] == "tests" and parts[1] in PYTEST_TIERS:
        return [parts[1]]
    found = [tier for tier, folder, suffix in (("regress", "sql", "sql"), ("isolation", "specs", "spec"))
             if (TESTS / tier / folder / f"{name}.{suffix}").exists()]
    listing = subprocess.run(["ctest", "--test-dir", str(BUILD), "-N", "-R", name], capture_output=True, text=True)
    if "Total Tests: 0" not in listing.stdout and listing.returncode == 0:
        found.append("unit")
    for tier in PYTEST_TIERS:
        if any((TESTS / tier).rglob("test_*.py")):
            collected = subprocess.run([str(PYTHON), "-m", "pytest", "-c", str(TESTS / "pytest.ini"), "--collect-only",
                                        "-q", "-k", name, str(TESTS / tier)], capture_output=True, text=True,
                                       env={**os.environ, "PYTHONPATH": f"{ROOT}:{TESTS}",
                                            "LAKE_TEST_HOME": str(HOMES / tier)})
            if collected.returncode == 0:
                found.append(tier)
    return found


def plan(words):
    """[(tier, names)]: whole tiers as they are named, names under the tiers that hold them."""
    if not words:
        return [(tier, []) for tier in TIERS]
    planned = [(word, []) for word in words if word in TIERS]
    for name in (word for word in words if word not in TIERS):
        tiers = find_tiers(name)
        if not tiers:
            raise LakeError(f"there is no tier and no test named {name}", f"the tiers: {', '.join(TIERS)}")
        planned += [(tier, [name]) for tier in tiers]
    return planned


def run(words, rest, prepare):
    planned = plan(words)
    if {"e2e", "interop"} & {tier for tier, _ in planned}:
        setup.ensure_for_tests()  # before the private PostgreSQL, which links to what is there
    prepare()
    results = []
    for tier, names in planned:
        step(f"test {tier} {' '.join(names)}".rstrip())
        begin = time.monotonic()
        runner = globals().get(f"run_{tier}")
        status, logs = runner(names, rest) if runner else run_pytest(tier, names, rest)
        again = " ".join(["./lake test", *(names or [tier]), *rest])
        results.append(Result(tier, status, time.monotonic() - begin, again, logs))
    return report(results)


def report(results):
    step("tests")
    for result in results:
        note(f"{'ok    ' if result.status == 0 else 'FAILED'} {result.tier:10} {result.seconds:6.0f} s")
    failed = [result for result in results if result.status != 0]
    for result in failed:
        note(f"{result.tier} failed. Again: {result.rerun}")
        note(f"logs: {result.logs}")
    print(f"tiers: {len(results) - len(failed)} passed, {len(failed)} failed")  # a line that CI understands
    return 1 if failed else 0
