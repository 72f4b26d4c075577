"""./lake setup: Debian's packages, the Python environment, the DuckDB pair. Idempotent, and quick when nothing is missing.

What is complete says so with a stamp that holds the pins it was made from; a changed pin makes it again.
"""

import hashlib
import shutil
import subprocess
import time

from . import duckdb
from .console import LakeError, note, output_of, run_logged, step, succeeds
from .places import LOGS, PG_MAJOR, PG_SHARE, PYTHON, ROOT, VENV, as_root, locked

BUILD_PACKAGES = (
    "g++ cmake ninja-build ccache pkg-config git "
    "libcurl4-openssl-dev libssl-dev nlohmann-json3-dev libspdlog-dev libfmt-dev libcli11-dev "
    "zlib1g-dev libzstd-dev libsnappy-dev liblz4-dev libroaring-dev libcpp-httplib-dev libexpat1-dev libgmp-dev libmimalloc-dev "
    "libgtest-dev libgmock-dev clang libclang-rt-dev clang-format clang-tidy "
    "python3 python3-venv python3-dev"
).split()
POSTGRES_PACKAGES = [f"postgresql-{PG_MAJOR}", f"postgresql-server-dev-{PG_MAJOR}", f"postgresql-{PG_MAJOR}-cron",
                     "libpq-dev"]
TEST_PACKAGES = {PG_SHARE / "extension/postgis.control": f"postgresql-{PG_MAJOR}-postgis-3"}  # by what they bring
REQUIREMENTS = ROOT / "tests/requirements.txt"


def missing_packages():
    """Those of our packages that dpkg does not know as installed."""
    wanted = BUILD_PACKAGES + POSTGRES_PACKAGES
    if not shutil.which("dpkg-query"):
        raise LakeError("this is not a Debian or Ubuntu system, and ./lake setup knows no other",
                        "install the equivalents of: " + " ".join(wanted))
    answer = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\\n", *wanted],
                            capture_output=True, text=True).stdout
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return [package for package in wanted if package not in installed]


def requirements_stamp():
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()


def venv_is_complete():
    stamp = VENV / "stamp"
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == requirements_stamp()


def missing():
    """What setup would do, as text; empty when there is nothing to do."""
    todo = []
    packages = missing_packages()
    if packages:
        todo.append("Debian packages: " + " ".join(packages))
    if not venv_is_complete():
        todo.append(f"the Python environment .lake/venv, from {REQUIREMENTS.relative_to(ROOT)}")
    if not duckdb.is_complete():
        todo.append("the DuckDB pair: " + duckdb.described())
    return todo


def install_packages(packages):
    prefix = []
    if not as_root():
        if not shutil.which("sudo"):
            raise LakeError("Debian packages are missing, you are not root and there is no sudo",
                            "as root: apt-get install -y --no-install-recommends " + " ".join(packages))
        prefix = ["sudo"]
        subprocess.run(["sudo", "-v"], check=False)  # asks for the password now, not in the middle of a log
    log = LOGS / "setup-apt.log"
    environment = prefix + ["env", "DEBIAN_FRONTEND=noninteractive"]
    run_logged("asking Debian for its package lists", prefix + ["apt-get", "update", "-q"], log)
    run_logged(f"installing {len(packages)} Debian packages",
               environment + ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages], log)


def ensure_for_tests():
    """What tests alone need: it is large, and the demo does without."""
    packages = [package for brought, package in TEST_PACKAGES.items() if not brought.exists()]
    if packages:
        with locked("setup", "another ./lake setup is running in this clone: waiting for it"):
            install_packages(packages)


def install_venv():
    """Complete only when the stamp says so: an interrupted one is finished, one with other pins is brought to ours."""
    (VENV / "stamp").unlink(missing_ok=True)
    if not succeeds([PYTHON, "-m", "pip", "--version"]):
        shutil.rmtree(VENV, ignore_errors=True)
        step("making the Python environment .lake/venv")
        output_of(["/usr/bin/python3", "-m", "venv", VENV])
    run_logged("installing the pinned Python packages",
               [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", REQUIREMENTS],
               LOGS / "setup-python.log")
    (VENV / "stamp").write_text(requirements_stamp())


def ensure(dry_run=False, quiet=False):
    """Installs what is missing. With `quiet`, says nothing when nothing is."""
    todo = missing()
    if not todo:
        if not quiet:
            step("everything is installed")
        return
    if dry_run:
        step("would install")
        for line in todo:
            note(line)
        return
    begin = time.monotonic()
    with locked("setup", "another ./lake setup is running in this clone: waiting for it"):
        packages = missing_packages()
        if packages:
            install_packages(packages)
        if not venv_is_complete():
            install_venv()
        if not duckdb.is_complete():
            duckdb.install()
    step(f"setup is complete ({time.monotonic() - begin:.0f} s)")
