"""The verbs of ./lake: their arguments, their help, and which module does the work."""

import argparse
import os
import subprocess
import sys

from . import build, setup
from .console import LakeError, note, step
from .places import PYTHON, ROOT, home_path

DESCRIPTION = """\
pg_lake: PostgreSQL with Apache Iceberg tables. Everything this clone can do starts here."""

EPILOG = """\
a first walk:  ./lake demo      then  ./lake psql
environment:   LAKE_HOME   the home to use (default: .lake/ of this clone); two homes can run side by side
               LAKE_JOBS   compile jobs (default: one per core)
               DUCKDB_ROOT another copy of DuckDB, with lib/libduckdb.so and src/
./lake VERB --help tells more about each."""


def home():
    from .home import Home
    return Home()


def ready(everything=False):
    """What every verb that runs something needs: installed and built."""
    setup.ensure(quiet=True)
    build.ensure(everything)


def do_setup(options, rest):
    setup.ensure(dry_run=options.dry_run)


def do_build(options, rest):
    ready(everything=options.all)
    step("built")


def do_up(options, rest):
    ready()
    here = home()
    here.up(with_s3=options.s3)
    step(f"pg_lake is up in {here.path}" + (f" (kept in {here.base})" if here.base != here.path else ""))
    for line in here.connection_text():
        note(line)


def do_down(options, rest):
    if not home().down():
        step("nothing was running")


def do_status(options, rest):
    from .status import report
    return report(home())


def do_psql(options, rest):
    here = home()
    if not here.postmaster():
        raise LakeError(f"nothing is running in {here.path}", "./lake up")
    program = str(here.bin / "psql")
    os.execve(program, [program, *rest], {**os.environ, **here.environment()})


def do_demo(options, rest):
    return run_script("examples/retail/run.py", rest)


def do_bench(options, rest):
    return run_script("bench/run.py", rest)


def run_script(path, arguments):
    """Runs one of the project's Python programs in the pinned environment. It starts its own home with ./lake."""
    if not {"-h", "--help"} & set(arguments):
        ready()
    elif not PYTHON.exists():
        raise LakeError(f"the options of {path} are known once ./lake setup has run")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LAKE_HOME": str(home_path())}
    child = subprocess.Popen([str(PYTHON), str(ROOT / path), *arguments], env=environment)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # the terminal told the child as well: it cleans up and ends by itself


def do_test(options, rest):
    from .tiers import run
    return run(options.what, rest, lambda: ready(everything=True))


def do_check(options, rest):
    from .checks import run
    return run(options.rule)


def do_fmt(options, rest):
    from .checks import fmt
    return fmt(options.path)


def parser():
    top = argparse.ArgumentParser(prog="./lake", description=DESCRIPTION, epilog=EPILOG,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name, function, line, more=""):
        added = verbs.add_parser(name, help=line, description=f"{line}.\n\n{more}".strip(),
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
        added.set_defaults(function=function)
        return added

    one = verb("setup", do_setup, "install what is missing",
               "Debian's packages (with sudo unless you are root), the pinned DuckDB library and headers, and the Python\n"
               "environment of the tests. Takes under two seconds when nothing is missing. Every verb that needs it runs it.")
    one.add_argument("--dry-run", action="store_true", help="print what would be installed, install nothing")

    one = verb("build", do_build, "build, and install into this clone's private PostgreSQL",
               "The private PostgreSQL lies below .lake/pgsql: Debian's programs, our library, server and SQL. Nothing\n"
               "outside the clone is written.")
    one.add_argument("--all", action="store_true", help="the tests too")

    one = verb("up", do_up, "start PostgreSQL with pg_lake in LAKE_HOME",
               "Builds first if needed. Takes ports 5432 (PostgreSQL) and 5332 (pgduck_server), or the next free ones.\n"
               "Connections from this machine need no password. Running it twice does no harm.")
    one.add_argument("--s3", action="store_true",
                     help="also start a local S3 server and put tables there instead of in a local directory; a home that "
                          "had it once keeps it")

    verb("down", do_down, "stop what runs in LAKE_HOME", "The data stays; ./lake up goes on with it.")
    verb("status", do_status, "say what runs in LAKE_HOME, and where", "Ends with 0 when it is up, with 3 when it is not.")
    verb("psql", do_psql, "open psql in LAKE_HOME's database", "All arguments go to psql: ./lake psql -c 'SELECT 1'. For psql's own help: ./lake psql -?")
    verb("demo", do_demo, "run the retail job: tills, sync, analytics, PyIceberg",
         "Arguments go to examples/retail/run.py; its options: ./lake demo -h")

    one = verb("test", do_test, "run the tests",
               "Tiers: unit (GoogleTest), regress (pg_regress), isolation (pg_isolation_regress), e2e, interop and faults\n"
               "(pytest), fuzz. Without a name: all of them. Any other NAME runs the tests of that name, in whichever\n"
               "tier they are (pytest's -k for those in Python; tests/e2e/test_x.py::test_y works too). More arguments go\n"
               "to the tier's runner. Each tier has a home of its own below .lake/test/.")
    one.add_argument("what", nargs="*", metavar="TIER|NAME")

    verb("bench", do_bench, "measure, and print ratios",
         "Arguments go to bench/run.py; its options: ./lake bench -h")
    one = verb("check", do_check, "check the rules that a script can check",
               "Include arrows, exported symbols, documents' paths, every test scheduled, file length, format.")
    one.add_argument("rule", nargs="*", help="only these rules")
    one = verb("fmt", do_fmt, "format the C++ sources with clang-format", "Without a path: every file under src/ and tests/.")
    one.add_argument("path", nargs="*")
    return top


PASS_ON = {"psql", "demo", "bench"}  # their arguments belong to the program behind them


def main(arguments):
    verb = arguments[0] if arguments else ""
    top = parser()
    if verb in PASS_ON and arguments[1:] != ["--help"]:
        options, rest = top.parse_args([verb]), arguments[1:]
    elif verb == "test":
        options, rest = top.parse_known_args(arguments)
    else:
        options, rest = top.parse_args(arguments), []
    try:
        return options.function(options, rest) or 0
    except LakeError as error:
        sys.stdout.flush()
        print(f"lake: {error}", file=sys.stderr)
        if error.hint:
            print(f"      {error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nlake: interrupted", file=sys.stderr)
        return 130
    except PermissionError as error:
        print(f"lake: permission denied: {error.filename}\n      the clone or the home belongs to another user; "
              "LAKE_HOME names a home of your own", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; Python would complain once more when it exits
        return 141


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
