"""The Iceberg library by itself, without PostgreSQL or server: tests/unit/iceberg/pyiceberg_check.py, and examples/."""

import subprocess

import pyarrow
import pyarrow.parquet
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import StaticTable

from lakectl.places import BUILD, PYTHON, ROOT


def test_pyiceberg_reads_what_the_library_writes():
    check = subprocess.run([str(PYTHON), str(ROOT / "tests/unit/iceberg/pyiceberg_check.py"), str(BUILD / "tests/unit/iceberg/emit_table")],
                           capture_output=True, text=True)
    assert check.returncode == 0, check.stdout[-3000:] + check.stderr[-3000:]


def test_examples(tmp_path):
    """examples/: a scan that prunes, and an append that PyIceberg reads."""
    catalog = SqlCatalog("own", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}")
    catalog.create_namespace("ns")
    table = catalog.create_table("ns.t", pyarrow.schema([("id", pyarrow.int64())]))
    for ids in ([1, 2, 3], [10, 20]):
        table.append(pyarrow.table({"id": ids}))

    def run(example, *arguments):
        return subprocess.run([str(BUILD / "examples" / example), *map(str, arguments)], capture_output=True, text=True, check=True).stdout.splitlines()
    assert sorted(line.split(" ", 1)[1] for line in run("iceberg_scan", table.metadata_location)) \
        == ["2 rows, 0 delete files", "3 rows, 0 delete files"]
    assert [line.split(" ", 1)[1] for line in run("iceberg_scan", table.metadata_location, "id", 10)] == ["2 rows, 0 delete files"]
    path = tmp_path / "new.parquet"
    field = pyarrow.field("id", pyarrow.int64(), metadata={"PARQUET:field_id": "1"})
    pyarrow.parquet.write_table(pyarrow.table([[7]], schema=pyarrow.schema([field])), path)
    written = run("iceberg_append", table.metadata_location, f"file://{path}", 1, path.stat().st_size)
    assert sorted(StaticTable.from_metadata(written[-1]).scan().to_arrow()["id"].to_pylist()) == [1, 2, 3, 7, 10, 20]
