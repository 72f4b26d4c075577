"""Where things are: the clone, its build, the home (LAKE_HOME), and who owns the running database.

PostgreSQL refuses to run as root. When root types ./lake, the database runs as the user postgres, and whatever that user
cannot reach (a clone below /root, say) is replaced by a directory below /var/tmp.
"""

import fcntl
import hashlib
import os
import pwd
import re
from contextlib import contextmanager
from pathlib import Path

from .console import LakeError, note

ROOT = Path(__file__).resolve().parent.parent
LAKE = ROOT / ".lake"
PG_MAJOR = os.environ.get("LAKE_PG_MAJOR", "15")
PG_BIN = Path(f"/usr/lib/postgresql/{PG_MAJOR}/bin")
PG_LIB = Path(f"/usr/lib/postgresql/{PG_MAJOR}/lib")
PG_SHARE = Path(f"/usr/share/postgresql/{PG_MAJOR}")
PG_TESTS = PG_LIB / "pgxs/src/test"
BUILD = LAKE / "build/release"
DUCKDB = Path(os.environ.get("DUCKDB_ROOT", LAKE / "duckdb"))
VENV = LAKE / "venv"
PYTHON = VENV / "bin/python"
LOGS = LAKE / "log"

# sun_path holds 108 bytes; the socket's own name is at most "/.s.PGSQL.65535.lock".
LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.65535.lock")


def as_root():
    return os.geteuid() == 0


def database_user():
    """Who runs PostgreSQL: the person who types, or postgres when that is root."""
    if not as_root():
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise LakeError("the user postgres does not exist", "run ./lake setup, which installs PostgreSQL") from None


def as_database_user(command):
    """The command, run as the database user (and as nobody else's group)."""
    if not as_root():
        return [str(word) for word in command]
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] + [str(word) for word in command]


def database_environment():
    """A clean environment: nothing of the caller's PG*, LC_* or LD_* leaks into the cluster."""
    user = database_user()
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name,
            "LANG": "C.UTF-8", "TZ": os.environ.get("TZ", "UTC")}


def hash_of(path):
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]


def reachable(path):
    """May the database user walk down to `path` (or to where it will be)?"""
    if not as_root():
        return True
    user = database_user()
    for directory in [path, *path.parents]:
        try:
            state = directory.stat()
        except FileNotFoundError:
            continue
        needed = 0o100 if state.st_uid == user.pw_uid else 0o010 if state.st_gid == user.pw_gid else 0o001
        if not state.st_mode & needed:
            return False
    return True


def private_directory(path, owner=None, mode=0o755):
    """A directory under a name that others can guess (below /tmp): made by us, or already the owner's; never a link."""
    owner = os.geteuid() if owner is None else owner
    try:
        path.mkdir(mode=mode)
        if owner != os.geteuid():
            os.chown(path, owner, -1)
        path.chmod(mode)
    except FileExistsError:
        state = path.lstat()
        if path.is_symlink() or not path.is_dir() or state.st_uid != owner:
            raise LakeError(f"{path} exists and is not ours", f"remove it: rm -r {path}") from None
    return path


def runtime_base(path):
    """`path`, or its stand-in below /var/tmp when the database user cannot reach it."""
    if reachable(path):
        path.mkdir(parents=True, exist_ok=True)
        return path
    return private_directory(Path(f"/var/tmp/pg_lake-{os.geteuid()}-{hash_of(path)}"))


def private_tree():
    """The private PostgreSQL: Debian's programs beside our library, our server and our SQL."""
    return runtime_base(LAKE) / "pgsql"


def tree_bin():
    return private_tree() / str(PG_BIN)[1:]


def home_path():
    """LAKE_HOME as the person said it, made absolute."""
    return Path(os.environ.get("LAKE_HOME") or LAKE).expanduser().absolute()


def socket_directory(base, owner):
    """A directory for sockets whose name fits into sun_path and needs no quoting in a connection string."""
    directory = base / "run"
    if len(str(directory)) <= LONGEST_SOCKET_DIR and re.fullmatch(r"[A-Za-z0-9_./-]+", str(directory)):
        directory.mkdir(exist_ok=True)
        os.chown(directory, owner.pw_uid, owner.pw_gid)
        return directory
    return private_directory(Path(f"/tmp/lake-{hash_of(base)}"), owner.pw_uid)


@contextmanager
def locked(name, waiting):
    """One ./lake at a time does this in this clone; the others wait and say so."""
    LAKE.mkdir(exist_ok=True)
    with open(LAKE / f"{name}.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
