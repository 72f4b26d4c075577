"""Rules about documents, tests and history."""

import re

from .console import output_of, succeeds
from .places import ROOT
from .rules_source import files

# A word in backticks is a path of ours when it starts in one of these folders (or is one of these files).
FOLDERS = ("src/", "tests/", "docs/", "sql/", "bench/", "examples/", "docker/", "cmake/", "lakectl/", ".ci/")
DOCUMENT = re.compile(r"^[A-Z]+\.md$|^CMakeLists\.txt$|^CMakePresets\.json$")
MACHINE_PATH = re.compile(r"(?<![\w.<$}])/(root|work|farm|home/[a-z]+)/")
REGISTRIES = ["registry.npm" + "js.org", "py" + "pi.org", "files.pythonhosted" + ".org", "crates" + ".io",
              "repo1.maven" + ".org", "repo.maven" + ".apache.org", "deb.deb" + "ian.org", "proxy.golang" + ".org"]
SUBJECT = re.compile(r"^[a-z0-9_./, -]+: \S.*[^.]$")


def documents():
    """A path that a document names exists."""
    for path in files("*.md"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for word in re.findall(r"`([^`\s]+)`", line):
                for name in expand(word.rstrip(".,;:")):
                    target = re.sub(r":\d+(-\d+)?$", "", name).rstrip("/")
                    if not (target.startswith(FOLDERS) or DOCUMENT.match(target)) or "<" in target:
                        continue
                    if not any(ROOT.glob(target)) and not any(path.parent.glob(target)):
                        yield f"{path.relative_to(ROOT)}:{number}: {target} does not exist"


def expand(word):
    """a/{b,c}.h -> a/b.h, a/c.h"""
    match = re.search(r"\{([^{}]*,[^{}]*)\}", word)
    if not match:
        return [word]
    return [name for part in match.group(1).split(",")
            for name in expand(word[:match.start()] + part + word[match.end():])]


def scheduled():
    """Every file under tests/ is run by some tier of ./lake test, or belongs to one."""
    for path in files("tests"):
        relative = path.relative_to(ROOT / "tests")
        complaint = unscheduled(relative, path)
        if complaint:
            yield f"tests/{relative}:1: {complaint}"


def unscheduled(relative, path):
    parts = relative.parts
    if len(parts) == 1 or path.name in ("README.md", "conftest.py", "__init__.py", ".gitkeep"):
        return None
    tier = parts[0]
    if tier in ("regress", "isolation"):
        return unscheduled_sql(tier, parts, path)
    if tier == "unit":
        return unscheduled_unit(path)
    if tier == "fuzz":
        build = (ROOT / "tests/fuzz/CMakeLists.txt").read_text()
        name = path.stem[:-len("_fuzz")] if path.stem.endswith("_fuzz") else path.name
        if path.suffix == ".cpp" and not re.search(rf"\b{re.escape(name)}\b", build):
            return "tests/fuzz/CMakeLists.txt does not name it"
        return None
    if tier in ("e2e", "interop", "faults"):
        if path.suffix == ".py" and not path.name.startswith("test_") and not is_imported(path):
            return "pytest collects test_*.py alone, and no test imports this"
        return None
    if tier in ("check", "lake_harness"):
        return None
    return f"no tier of ./lake test runs tests/{tier}"


def unscheduled_sql(tier, parts, path):
    folder, suffix = ("sql", ".sql") if tier == "regress" else ("specs", ".spec")
    base = ROOT / "tests" / tier
    if path.suffix == suffix and parts[1] == folder:
        words = [word for line in (base / "schedule").read_text().splitlines() if line.startswith("test:")
                 for word in line.split()[1:]]
        if path.stem not in words:
            return f"tests/{tier}/schedule does not name {path.stem}"
        if not (base / "expected" / f"{path.stem}.out").exists():
            return f"there is no tests/{tier}/expected/{path.stem}.out"
    elif path.suffix == ".out" and not (base / folder / (re.sub(r"_\d$", "", path.stem) + suffix)).exists():
        return f"there is no test for this expected output in tests/{tier}/{folder}"
    return None


def unscheduled_unit(path):
    if path.suffix != ".cpp":
        return None
    build = path.parent / "CMakeLists.txt"
    while not build.exists() and build.parent != ROOT / "tests":
        build = build.parent.parent / "CMakeLists.txt"
    if not build.exists():
        return "no CMakeLists.txt builds it"
    text = build.read_text()
    if path.name not in text and "GLOB" not in text:
        return f"{build.relative_to(ROOT)} does not name it"
    if str(build.parent.relative_to(ROOT)) not in (ROOT / "CMakeLists.txt").read_text():
        return f"CMakeLists.txt does not name {build.parent.relative_to(ROOT)}"
    return None


def is_imported(path):
    word = re.compile(rf"\b(import|from)\b.*\b{re.escape(path.stem)}\b")
    return any(word.search(other.read_text()) for other in files("tests/*.py") if other != path)


def hosts_and_paths():
    """No registry's host and no path of one machine in any file."""
    for path in files("."):
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for host in REGISTRIES:
                if host in line:
                    yield f"{path.relative_to(ROOT)}:{number}: names the registry {host}; its client knows where it is"
            match = MACHINE_PATH.search(line)
            if match and path.name != "rules_project.py":
                yield f"{path.relative_to(ROOT)}:{number}: {match.group(0)} is a path of one machine"


def commits():
    """area: imperative sentence, at most 72 characters, no full stop; of the commits that can still be mended."""
    if not succeeds(["git", "rev-parse", "origin/main"], cwd=ROOT):
        return
    log = output_of(["git", "log", "origin/main..HEAD", "--no-merges", "--format=%h %s"], cwd=ROOT)
    for line in log.splitlines():
        commit, subject = line.split(" ", 1)
        if len(subject) > 72:
            yield f"commit {commit}: the subject has {len(subject)} characters, the limit is 72"
        elif not SUBJECT.match(subject):
            yield f'commit {commit}: "{subject}" is not "area: imperative sentence"'
