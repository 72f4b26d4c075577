"""./lake test fuzz: libFuzzer over the parsers of what comes from outside, for a short time each.

Targets are tests/fuzz/NAME_fuzz.cpp, built with clang and its sanitizers in a build of their own; their seeds lie in
tests/fuzz/corpus/NAME/, or in the folder of another target that reads the same files. What a run finds interesting is
kept in .lake/fuzz/NAME/, what breaks it is .lake/fuzz/NAME.crash-*: add that file to the corpus and it stays a test.
"""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from .console import LakeError, note, run_logged, shown, step
from .places import DUCKDB, LAKE, LOGS, PG_BIN, ROOT

BUILD = LAKE / "build/fuzz"
FLAGS = "-O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined"
# Targets that read the files of another folder than that of their name.
CORPORA = {"manifest": "avro", "parquet_file": "parquet", "parquet_footer": "parquet"}
# By default a fixed number of runs from a fixed seed, so that a run can be repeated; LAKE_FUZZ_SECONDS explores for that long,
# LAKE_FUZZ_TARGETS=manifest,bounds chooses targets.
SECONDS = int(os.environ.get("LAKE_FUZZ_SECONDS", "0"))
EFFORT = [f"-max_total_time={SECONDS}"] if SECONDS else ["-seed=1", "-runs=20000", "-max_total_time=60"]
ONLY = [name for name in os.environ.get("LAKE_FUZZ_TARGETS", "").split(",") if name]


def targets():
    return sorted(path.stem[:-len("_fuzz")] for path in (ROOT / "tests/fuzz").glob("*_fuzz.cpp"))


def build():
    if not (BUILD / "build.ninja").exists():
        run_logged("configuring the fuzz build",
                   ["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DLAKE_FUZZ=ON",
                    "-DCMAKE_C_COMPILER=clang", "-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_BUILD_TYPE=",
                    f"-DCMAKE_CXX_FLAGS={FLAGS}", f"-DCMAKE_C_FLAGS={FLAGS}",
                    f"-DPG_CONFIG={PG_BIN / 'pg_config'}", f"-DDUCKDB_ROOT={DUCKDB}"], LOGS / "build-fuzz.log")
    run_logged("building the fuzz targets", ["ninja", "-C", BUILD, *(f"{name}_fuzz" for name in targets())], LOGS / "build-fuzz.log")


def run(names):
    """Runs the named targets, or all; the status is that of the worst."""
    names = names or ONLY
    chosen = [name for name in targets() if not names or name in names]
    if not chosen:
        raise LakeError("there are no fuzz targets in tests/fuzz")
    build()
    worst = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:  # a target has one thread
        for name, result in zip(chosen, pool.map(run_target, chosen), strict=True):
            tell(name, result)
            worst = worst or result.returncode
    return worst


def run_target(name):
    found, seeds = LAKE / "fuzz" / name, ROOT / "tests/fuzz/corpus" / CORPORA.get(name, name)
    found.mkdir(parents=True, exist_ok=True)
    command = [str(BUILD / f"tests/fuzz/{name}_fuzz"), *EFFORT, "-timeout=10", "-rss_limit_mb=2048",
               "-print_final_stats=1", f"-artifact_prefix={LAKE / 'fuzz' / name}.", str(found),
               str(seeds)]
    step(f"fuzzing {name}" + (f" for {SECONDS} s" if SECONDS else ""))
    return subprocess.run(command, capture_output=True, text=True)


def tell(name, result):
    lines = result.stderr.splitlines()
    if result.returncode != 0:
        print("\n".join(lines[-60:]))
        note(f"again: {shown(result.args)}")
    executed = next((line for line in lines if "number_of_executed_units" in line), "")
    note(f"{'ok    ' if result.returncode == 0 else 'FAILED'} {name}  {executed}")
