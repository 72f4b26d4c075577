"""What the Iceberg library writes by itself, without PostgreSQL or server: tests/unit/iceberg/pyiceberg_check.py."""

import subprocess

from lakectl.places import BUILD, PYTHON, ROOT


def test_pyiceberg_reads_what_the_library_writes():
    check = subprocess.run([str(PYTHON), str(ROOT / "tests/unit/iceberg/pyiceberg_check.py"), str(BUILD / "tests/unit/iceberg/emit_table")],
                           capture_output=True, text=True)
    assert check.returncode == 0, check.stdout[-3000:] + check.stderr[-3000:]
