"""Spark with Iceberg's own runtime, for the tests that put another engine beside ours. Half a gigabyte: ./lake test interop
fetches it the first time, and nothing else does.

pyspark comes from PyPI into .lake/venv (tests/requirements-spark.txt), the two jars from Maven by its ordinary client into
.lake/spark/jars, checked by sha256. All of it goes with one stamp.
"""

import hashlib
import shutil
import time

from .console import LakeError, run_logged, step
from .duckdb import checked
from .places import LAKE, LOGS, PYTHON, ROOT, VENV, locked
from .setup import install_packages

SPARK = LAKE / "spark"
JARS = SPARK / "jars"
REQUIREMENTS = ROOT / "tests/requirements-spark.txt"
# The runtime of Iceberg fits one minor version of Spark: its name says which.
ARTIFACTS = {
    "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0": "d6ea6c5d099288daeb7d5a92061bd3d7d8f296492632b42378e5f2f0e3066242",
    "org.postgresql:postgresql:42.7.8": "2a32a9dcbc42d67a50ad3a0de5efd102c8d2be46720045f2cbd6689f160ab7c7",
}
PROGRAMS = {"java": "openjdk-17-jre-headless", "mvn": "maven"}  # and the packages that they come in


def stamp_text():
    return hashlib.sha256(REQUIREMENTS.read_bytes() + repr(ARTIFACTS).encode()).hexdigest()


def is_complete():
    """The environment may have been made anew since."""
    stamp = SPARK / "stamp"
    return (stamp.exists() and stamp.read_text() == stamp_text() and shutil.which("java") is not None
            and any(VENV.glob("lib/python3*/site-packages/pyspark/version.py")))


def jar_names():
    return ["-".join(artifact.split(":")[1:]) + ".jar" for artifact in ARTIFACTS]


def ensure():
    """Installs what is missing; says nothing when nothing is."""
    if is_complete():
        return
    begin = time.monotonic()
    with locked("setup", "another ./lake setup is running in this clone: waiting for it"):
        packages = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
        if packages:
            install_packages(packages)
        log = LOGS / "setup-spark.log"
        run_logged("installing Spark (430 MB)", [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--use-pep517",
                                                 "-r", REQUIREMENTS], log)
        JARS.mkdir(parents=True, exist_ok=True)
        for (artifact, sha256), name in zip(ARTIFACTS.items(), jar_names(), strict=True):
            if not (JARS / name).exists():
                run_logged(f"fetching {artifact}", ["mvn", "-B", "-q", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={JARS}"],
                           log, cwd=SPARK)
            checked(JARS / name, sha256)
        (SPARK / "stamp").write_text(stamp_text())
    step(f"Spark is in place ({time.monotonic() - begin:.0f} s)")


def jars():
    """The jars for a session's class path, for tests that were started without ./lake."""
    if not is_complete():
        raise LakeError("Spark is not installed", "./lake test interop installs it")
    return [JARS / name for name in jar_names()]
