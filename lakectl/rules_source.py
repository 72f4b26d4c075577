"""Rules about the C++ sources: who may include and link what, what pg_lake.so exports, how long a file may be."""

import re
import subprocess

from .console import output_of
from .places import BUILD, ROOT

# folder below src/ -> the folders whose headers it may include (design: one arrow per line)
ARROWS = {
    "base": set(),
    "avro": {"base"},
    "storage": {"base"},
    "wire": {"base"},
    "iceberg": {"base", "avro", "storage"},
    "server": {"base", "avro", "storage", "wire", "iceberg"},
    "extension": set(),
}
# What the Iceberg library may know of storage: the interface, no implementation.
STORAGE_INTERFACE = {"storage/object_store.h", "storage/location.h"}
# header pattern -> (the only folder that may include it, why)
ONLY_IN = [
    (r"postgres\.h|postgres_fe\.h|fmgr\.h|access/.*|catalog/pg_.*|utils/(rel|builtins|memutils|guc)\.h|nodes/.*|executor/.*",
     "extension", "PostgreSQL's backend headers"),
    (r"duckdb.*", "server", "DuckDB's headers"),
    (r"curl/.*", "storage", "libcurl's headers"),
    (r"libpq-fe\.h", "extension", "libpq's header"),
]
# Only the extension must not start threads (a backend has one); link library -> the only folders that may name it.
THREADS = re.compile(r"\bstd::(jthread|thread|async)\b|\bpthread_create\b")
LIBRARIES = {"duckdb": {"server"}, "CURL": {"storage"}, "curl": {"storage"}, "PostgreSQL::": {"extension"},
             "pq": {"extension"}, "libpq": {"extension"}}
LINE_LIMIT = 700
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def files(*patterns):
    listed = output_of(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns], cwd=ROOT).splitlines()
    return [ROOT / path for path in sorted(set(listed)) if (ROOT / path).is_file()]


def sources():
    return [path for path in files("src") if path.suffix in (".h", ".cpp", ".hpp", ".c", ".cc")]


def folder_of(path):
    return path.relative_to(ROOT / "src").parts[0]


def arrows():
    """src/<a> includes only what the arrows of ARCHITECTURE.md allow."""
    ours = {"/".join(path.relative_to(ROOT / "src").parts) for path in sources()}
    for path in sources():
        folder = folder_of(path)
        if folder not in ARROWS:
            yield f"{path.relative_to(ROOT)}:1: folder {folder} has no arrow in lakectl/rules_source.py"
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            match = INCLUDE.match(line)
            if match:
                complaint = included(folder, match.group(2), ours)
                if complaint:
                    yield f"{path.relative_to(ROOT)}:{number}: {complaint}"
            if folder == "extension" and THREADS.search(line.split("//")[0]):
                yield f"{path.relative_to(ROOT)}:{number}: a backend has one thread: nothing in pg_lake.so may start another"


def included(folder, header, ours):
    target = header.split("/")[0]
    if header in ours and target in ARROWS:
        if target != folder and target not in ARROWS[folder]:
            return f'src/{folder} may not include src/{target} ("{header}")'
        if folder == "iceberg" and target == "storage" and header not in STORAGE_INTERFACE:
            return f'src/iceberg knows the storage interface alone, not "{header}"'
        return None
    for pattern, owner, what in ONLY_IN:
        if folder != owner and re.fullmatch(pattern, header) and f"{folder}/{header}" not in ours:
            return f'{what} belong to src/{owner} alone ("{header}")'
    return None


def links():
    """Targets link along the arrows too."""
    for path in files("src/*CMakeLists.txt"):
        folder = folder_of(path)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = line.split("#")[0]
            for target in re.findall(r"\blake_([a-z]+)\b", code):
                if target in ARROWS and target != folder and target not in ARROWS[folder]:
                    yield f"{path.relative_to(ROOT)}:{number}: src/{folder} may not link lake_{target}"
            for word in re.findall(r"[A-Za-z_][A-Za-z_:]*", code):
                for library, owners in LIBRARIES.items():
                    if folder not in owners and (word == library or word.startswith(f"{library}::")):
                        yield f"{path.relative_to(ROOT)}:{number}: {word} belongs to {', '.join(sorted(owners))} alone"


def symbols():
    """pg_lake.so exports what tests/check/exported_symbols.txt lists, and nothing else."""
    libraries = list(BUILD.glob("src/extension/pg_lake.so"))
    if not libraries:
        yield "note: there is no build, so the exported symbols of pg_lake.so were not looked at"
        return
    allowed = [line.strip() for line in (ROOT / "tests/check/exported_symbols.txt").read_text().splitlines()]
    patterns = [re.compile(line) for line in allowed if line and not line.startswith("#")]
    listing = subprocess.run(["nm", "-D", "--defined-only", str(libraries[0])], capture_output=True, text=True).stdout
    exported = {line.split()[-1].split("@")[0] for line in listing.splitlines() if line.split()[-2] != "A"}
    for name in sorted(exported):
        if not any(pattern.fullmatch(name) for pattern in patterns):
            yield f"pg_lake.so: exports {name}, which tests/check/exported_symbols.txt does not list"
    for name in ("Pg_magic_func", "_PG_init"):
        if name not in exported:
            yield f"pg_lake.so: does not export {name}, without which PostgreSQL cannot load it"


def length():
    """Files stay short enough to be read in one go."""
    for path in [*sources(), *files("tests", "lakectl", "bench", "examples", "cmake", "lake")]:
        if path.suffix not in (".h", ".cpp", ".py", ".cmake", ".sh", ""):
            continue
        lines = path.read_text(errors="replace").count("\n")
        if lines > LINE_LIMIT:
            yield f"{path.relative_to(ROOT)}:{LINE_LIMIT}: {lines} lines; the limit is {LINE_LIMIT}"


def extension_whitespace():
    """src/extension is not clang-formatted (see its .clang-format): tabs indent, and nothing trails."""
    for path in sources():
        if folder_of(path) != "extension":
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if line != line.rstrip():
                yield f"{path.relative_to(ROOT)}:{number}: trailing blanks"
            elif re.match(r" {4,}\S", line) and not re.match(r" +\*", line):
                yield f"{path.relative_to(ROOT)}:{number}: indented with blanks, this folder uses tabs"
