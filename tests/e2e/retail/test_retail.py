"""The demo (examples/retail/) at a small size: it ends with 0, its numbers agree, and stopping it leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys

import pyarrow
import pytest

from lakectl.places import PYTHON, ROOT

RETAIL = ROOT / "examples/retail"
SMALL = ["--clients", "2", "--rate", "100", "--every", "1", "--seconds", "4", "--no-wait", "--seed", "7"]


def start_demo(home, *options):
    environment = {**os.environ, "LAKE_HOME": str(home.home.path), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([str(PYTHON), "-u", str(RETAIL / "run.py"), *options], env=environment, text=True, preexec_fn=heed_interrupts,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def heed_interrupts():
    """As in a terminal; a shell that runs the tests in the background has told them to ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_demo(home, *options):
    demo = start_demo(home, *options)
    output = demo.communicate(timeout=200)[0]
    assert demo.returncode == 0, output
    return output


def numbers(output, line):
    """The two counts of a line of the closing table."""
    found = re.search(rf"^ *{re.escape(line)} +([\d,]+) .*?(?<=\s)([\d,]+)(?=\s)", output, re.MULTILINE)
    assert found, f"no line {line!r} in:\n{output}"
    return [int(text.replace(",", "")) for text in found.groups()]


def counts(home, prefix):
    return [home.sql(f"SELECT count(*) FROM retail.{prefix}{table}")[0][0] for table in ("transactions", "transaction_items")]


def jobs(home):
    return home.sql("SELECT jobname FROM cron.job WHERE jobname LIKE 'retail%%'")


def assert_agreement(home, output):
    sold = numbers(output + "\n", "sold at the tills")
    assert sold[0] > 100 and sold[1] > sold[0]
    assert counts(home, "") == counts(home, "iceberg_") == sold
    for reader in ("PostgreSQL, heap", "PostgreSQL, Iceberg", "PyIceberg, SqlCatalog", "PyIceberg, metadata path"):
        assert numbers(output, reader) == sold, reader
    assert "equal by checksum" in output
    assert jobs(home) == []


def test_demo_twice(home, other_engines):
    for _ in range(2):
        output = run_demo(home, *SMALL)
        assert_agreement(home, output)
        assert "Custom Scan (Query Pushdown)" in output


def test_demo_on_s3(s3_home):
    output = run_demo(s3_home, "--s3", *SMALL)
    assert_agreement(s3_home, output)
    locations = s3_home.sql("SELECT metadata_location FROM iceberg_tables WHERE table_namespace = 'retail'")
    assert len(locations) == 5 and all(location.startswith("s3://") for location, in locations)


def test_demo_stops_at_the_number_of_transactions(home, other_engines):
    output = run_demo(home, *SMALL, "--transactions", "120")
    assert numbers(output, "sold at the tills")[0] == 120
    assert_agreement(home, output)


def test_interrupted_demo_leaves_a_job_that_goes_on(home, other_engines):
    demo = start_demo(home, *SMALL, "--seconds", "100")
    for line in demo.stdout:
        if line.strip().startswith("batch"):
            break
    demo.send_signal(signal.SIGINT)
    output = demo.communicate(timeout=60)[0]
    assert demo.returncode == 130, output
    assert "Traceback" not in output
    assert jobs(home) == []
    synced = [home.sql(f"SELECT count(*) FROM retail.{table} WHERE synced_at IS NOT NULL")[0][0]
              for table in ("transactions", "transaction_items")]
    assert counts(home, "iceberg_") == synced and synced[0] > 0
    home.sql("CALL retail.sync('test')")
    assert counts(home, "iceberg_") == counts(home, "")


def test_sync_fails_whole_or_not_at_all(home, other_engines):
    """The items cannot be inserted, so the transactions of the same batch are neither in Iceberg nor marked."""
    run_demo(home, *SMALL, "--transactions", "110")
    before = counts(home, "iceberg_")
    home.sql("INSERT INTO retail.transactions (store_id, total_amount) VALUES (1, 5)")
    home.sql("INSERT INTO retail.transaction_items (txn_id, product_id, unit_price, line_total) "
             "SELECT max(txn_id), 1, 5, 5 FROM retail.transactions")
    home.sql("ALTER TABLE retail.iceberg_transaction_items ADD CONSTRAINT no_fives CHECK (line_total <> 5) NOT VALID")
    with pytest.raises(Exception, match="no_fives"):
        home.sql("CALL retail.sync('test')")
    assert counts(home, "iceberg_") == before
    assert home.sql("SELECT count(*) FROM retail.transactions WHERE synced_at IS NULL") == [(1,)]
    home.sql("ALTER TABLE retail.iceberg_transaction_items DROP CONSTRAINT no_fives")
    home.sql("CALL retail.sync('test')")
    assert counts(home, "iceberg_") == counts(home, "") == [before[0] + 1, before[1] + 1]


@pytest.mark.parametrize("options, complaint", [
    (["--clients", "0"], "invalid positive int value: '0'"),
    (["--seconds", "-1"], "invalid positive float value: '-1'"),
    (["--rate", "inf"], "invalid positive float value: 'inf'"),
    (["--transactions", "many"], "invalid positive int value: 'many'"),
    (["--colour", "red"], "unrecognized arguments: --colour red"),
])
def test_demo_refuses_options_it_does_not_understand(home, options, complaint):
    demo = start_demo(home, *options)
    output = demo.communicate(timeout=60)[0]
    assert demo.returncode == 2 and complaint in output, output


def test_checksum_is_the_same_in_sql_and_in_python_and_sees_every_change(home):
    sys.path.insert(0, str(RETAIL))
    import read_with_pyiceberg as reader
    rows = [(1, "a", None, 0), (2, "", 5, 1_700_000_000_123_456), (None, "ü \x1e|", -7, None)]
    columns = [("a", "integer"), ("b", "text"), ("c", "integer"), ("d", "timestamp without time zone")]

    def in_python(rows):
        a, b, c, d = zip(*rows)
        return reader.measure(pyarrow.table({"a": pyarrow.array(a, pyarrow.int32()), "b": pyarrow.array(b, pyarrow.string()),
                                             "c": pyarrow.array(c, pyarrow.int32()),
                                             "d": pyarrow.array(d, pyarrow.timestamp("us"))}))

    with home.connect() as connection:
        connection.execute("CREATE TEMP TABLE t (a int, b text, c int, d timestamp) USING heap")
        for row in rows:
            connection.execute("INSERT INTO t VALUES (%s, %s, %s, timestamp 'epoch' + %s * interval '1 microsecond')", row)
        assert connection.execute(reader.checksum_sql("t", columns)).fetchone() == in_python(rows)
    assert in_python(rows) == in_python(rows[::-1])
    for changed in ([(1, "a", 0, 0), *rows[1:]], [(1, "b", None, 0), *rows[1:]], rows[1:], [*rows, rows[0]]):
        assert in_python(changed)[1] != in_python(rows)[1]
