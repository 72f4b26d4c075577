"""./lake check: every rule that a script can check, and ./lake fmt.

A rule is a generator of complaints, each a line "file:line: what is wrong". A mistake that bit us becomes a rule here.
The rules about sources are in rules_source.py, those about tests and documents in rules_project.py.
"""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from . import iceberg_rules, rules_project, rules_source
from .console import LakeError, note, step
from .places import BUILD, ROOT

RULES = {
    "arrows": rules_source.arrows,
    "links": rules_source.links,
    "symbols": rules_source.symbols,
    "length": rules_source.length,
    "extension": rules_source.extension_whitespace,
    "documents": rules_project.documents,
    "scheduled": rules_project.scheduled,
    "hosts": rules_project.hosts_and_paths,
    "commits": rules_project.commits,
    "iceberg_rules": iceberg_rules.check,
    "format": lambda: format_differences(),
}
SLOW_RULES = {"tidy": lambda: tidy()}  # minutes; only when named


def formatted_files(paths=()):
    listed = (str(path.relative_to(ROOT)) for path in rules_source.files(*(paths or ["src", "tests"])))
    return [path for path in listed if path.endswith((".h", ".cpp")) and not path.startswith("src/extension/")]


def clang_format(files, *options):
    """Runs clang-format over the files, one process a core, and returns what it printed."""
    cores = os.cpu_count() or 2
    slices = [files[i::cores] for i in range(cores) if files[i::cores]]

    def one(part):
        try:
            result = subprocess.run(["clang-format", *options, *part], cwd=ROOT, capture_output=True, text=True)
        except FileNotFoundError:
            raise LakeError("clang-format is missing", "./lake setup") from None
        return result.stderr
    with ThreadPoolExecutor(cores) as pool:
        return "".join(pool.map(one, slices))


def format_differences():
    wrong = {}
    for line in clang_format(formatted_files(), "--dry-run", "--ferror-limit=1").splitlines():
        if "clang-format-violations" in line:
            path, number = line.split(":")[:2]
            wrong.setdefault(path, number)
    for path, number in sorted(wrong.items()):
        yield f"{path}:{number}: not as clang-format would have it (./lake fmt {path})"


def tidy():
    """clang-tidy over every file of the build."""
    if not (BUILD / "compile_commands.json").exists():
        yield "note: there is no build, so clang-tidy has nothing to go by"
        return
    sources = [path for path in formatted_files(["src"]) if path.endswith(".cpp")]
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for text in pool.map(lambda path: subprocess.run(["clang-tidy", "-p", str(BUILD), "--quiet", path], cwd=ROOT,
                                                         capture_output=True, text=True).stdout, sources):
            yield from (line for line in text.splitlines() if " warning: " in line or " error: " in line)


def fmt(paths):
    files = formatted_files(paths)
    clang_format(files, "-i")
    step(f"formatted {len(files)} files")


def run(names):
    rules = {**RULES, **SLOW_RULES}
    for name in names:
        if name not in rules:
            raise LakeError(f"there is no rule {name}", f"the rules: {', '.join(rules)}")
    complaints = 0
    for name in names or RULES:
        begin = time.monotonic()
        found = []
        for item in rules[name]():
            if item.startswith("note: "):
                note(f"{name}: {item[6:]}")
            else:
                found.append(item)
        complaints += len(found)
        for line in found:
            print(line)
        note(f"{name}: {'ok' if not found else f'{len(found)} complaints'} ({time.monotonic() - begin:.1f} s)")
    step("all rules hold" if not complaints else f"{complaints} complaints")
    return 1 if complaints else 0
