"""Building, and installing what was built into the private PostgreSQL tree.

PostgreSQL is relocatable: it finds lib/ and share/ relative to its own program file. So a copy of Debian's bin/ beside
symbolic links to everything else, plus our library, server and SQL, is a whole PostgreSQL of this clone's own. Nothing
below /usr is written, and two clones do not disturb each other.

A running cluster has our files mapped: they are replaced by rename, never overwritten.
"""

import os
import shutil

from .console import LakeError, note, output_of, run_logged
from .places import BUILD, DUCKDB, LAKE, LOGS, PG_BIN, PG_LIB, PG_SHARE, ROOT, locked, private_tree

# ccache knows a file again in another clone, and one that uses the precompiled header (with -fpch-preprocess, see
# CMakePresets.json).
CCACHE = {"CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1", "CCACHE_SLOPPINESS": "pch_defines,time_macros"}

PROGRAMS = ["pg_lake", "pgduck_server"]  # the targets that a home needs; `all` adds the tests


def configure():
    if (BUILD / "build.ninja").exists():
        return  # ninja runs CMake again by itself when a CMakeLists.txt changed
    command = ["cmake", "--preset", "release", f"-DPG_CONFIG={PG_BIN / 'pg_config'}", f"-DDUCKDB_ROOT={DUCKDB}"]
    run_logged("configuring the build", command, LOGS / "build-configure.log", cwd=ROOT)


def compile_targets(targets):
    jobs = os.environ.get("LAKE_JOBS") or str(os.cpu_count() or 2)
    run_logged(f"building {' '.join(targets)} (-j{jobs})", ["ninja", "-C", BUILD, "-j", jobs, *targets],
               LOGS / "build.log", patience=1, env={**os.environ, **CCACHE})


def link_all(source, target, own=()):
    """target/x -> source/x for everything in source, except the names in `own`; stale links go."""
    target.mkdir(parents=True, exist_ok=True)
    names = {entry.name for entry in source.iterdir()} - set(own)
    for name in names:
        link = target / name
        if not link.is_symlink() and not link.exists():
            link.symlink_to(source / name)
    for entry in target.iterdir():
        if entry.is_symlink() and (entry.name in own or not entry.exists()):
            entry.unlink()


def make_tree(tree):
    """Debian's part of the private tree."""
    def inside(path):
        return tree / str(path)[1:]

    if not (PG_BIN / "postgres").exists():
        raise LakeError(f"{PG_BIN / 'postgres'} does not exist", "run ./lake setup, which installs PostgreSQL")
    inside(PG_BIN).mkdir(parents=True, exist_ok=True)
    for program in PG_BIN.iterdir():
        replace(program, inside(PG_BIN) / program.name)
    link_all(PG_LIB, inside(PG_LIB))
    link_all(PG_SHARE, inside(PG_SHARE), own=("extension",))
    link_all(PG_SHARE / "extension", inside(PG_SHARE) / "extension")


def replace(source, target):
    """Copies by rename, unless the target is already the same file by size and time."""
    if target.exists() and not target.is_symlink():
        old, new = target.stat(), source.stat()
        if old.st_size == new.st_size and old.st_mtime_ns == new.st_mtime_ns:
            return False
    fresh = target.with_name(f".{target.name}.new")
    shutil.copy2(source, fresh)
    os.replace(fresh, target)
    return True


def install(tree):
    """Runs CMake's install rules below a staging directory and moves what changed into the tree."""
    stage = LAKE / "stage"
    output_of(["cmake", "--install", BUILD], env={**os.environ, "DESTDIR": str(stage)})
    changed = []
    for path in stage.rglob("*"):
        if path.is_file():
            target = tree / path.relative_to(stage)
            target.parent.mkdir(parents=True, exist_ok=True)
            if replace(path, target):
                changed.append(target.name)
    return changed


def ensure(everything=False):
    """Builds what a home needs (or everything, tests included) and installs it. Quick when nothing changed."""
    with locked("build", "another ./lake is building in this clone: waiting for it"):
        configure()
        compile_targets(["all"] if everything else PROGRAMS)
        tree = private_tree()
        make_tree(tree)
        changed = install(tree)
    if changed:
        note(f"installed {len(changed)} files into the private PostgreSQL {tree}")
    return tree
