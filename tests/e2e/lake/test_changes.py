"""The overlay of a running transaction's changes, commits on top of each other, conflicts, what the views say."""

import json
import uuid

import psycopg
import pytest


def change(text, rows=None):
    entry = {"change": json.loads(text)}
    return entry if rows is None else {**entry, "rows": rows}


def test_changes_are_seen_before_the_commit(lake):
    table = lake({"a": "int", "s": "string"})
    first, second = table.write([(1, "x"), (2, "y")])[0], table.write([(3, "z")])[0]
    assert table.scan(changes=[]) == []
    assert table.scan(rest="ORDER BY a", changes=[change(first), change(second)]) == [(1, "x"), (2, "y"), (3, "z")]
    assert table.scan("count(*)", changes=[change(first), change(second)]) == [(3,)]
    assert table.scan(rest="ORDER BY a", changes=[change(first, rows=1), change(second)]) == [(1, "x"), (3, "z")]
    assert table.scan("count(*)", changes=[change(first, rows=1)]) == [(1,)]
    assert table.scan("count(*)", changes=[change(first, rows=0)]) == [(0,)]
    assert table.scan(rest="WHERE a > 2", changes=[change(first), change(second)]) == [(3, "z")]
    assert table.scan(changes=[{"change": first}]) == [(1, "x"), (2, "y")], "the text as it was returned"


def test_truncate_hides_what_came_before(lake):
    table = lake({"a": "int"})
    table.append([(1,), (2,)])
    added = table.write([(3,)])[0]
    assert table.scan(changes=[{"truncate": True}]) == []
    assert table.scan("count(*)", changes=[{"truncate": True}]) == [(0,)]
    assert table.scan(changes=[{"truncate": True}, change(added)]) == [(3,)]
    assert table.scan(changes=[change(added), {"truncate": True}]) == []
    assert table.scan(rest="ORDER BY a", changes=[change(added)]) == [(1,), (2,), (3,)]
    assert table.commit("truncate", added) == (1, *table.engine.execute(
        "SELECT data_bytes, file_count FROM lake_stats(%s)", [table.base]).fetchone())
    assert table.scan() == [(3,)]
    assert table.static().current_snapshot().summary.operation.value == "overwrite"
    assert table.commit("truncate")[0] == 0
    assert table.scan() == []
    assert table.static().scan().to_arrow().num_rows == 0


def test_a_row_limit_reaches_across_files_and_row_groups(lake):
    table = lake({"a": "long", "s": "string"})
    count = 300_000
    text, _, _, files = table.write(((i, uuid.uuid4().hex) for i in range(count)), target_file_size=3 << 20)
    assert files > 1
    for rows in (1, 2048, 122_880, 122_881, 299_999, count):
        assert table.scan("count(*), count(a), max(a)", changes=[change(text, rows=rows)]) == [(rows, rows, rows - 1)]


def test_appends_rebase(lake):
    table = lake({"a": "int"})
    stale = table.write([(1,)])[0]
    table.append([(2,)])
    table.commit(stale)
    assert sorted(table.scan()) == [(1,), (2,)]


def test_a_name_that_is_taken(lake):
    table = lake({"a": "int"})
    spec = table.commit_spec()
    table.engine.execute("SELECT * FROM lake_commit(%s)", [json.dumps(spec)]).fetchone()
    with pytest.raises(psycopg.Error, match="exists"):
        table.engine.execute("SELECT * FROM lake_commit(%s)", [json.dumps(spec)])


def test_a_change_of_another_table_shape_conflicts(lake):
    table = lake({"a": "int"})
    text = json.loads(table.write([(1,)])[0])
    text["files"][0]["spec-id"] = 7
    with pytest.raises(psycopg.errors.SerializationFailure):
        table.commit(json.dumps(text))


def test_snapshots_and_time_travel(lake):
    table = lake({"a": "int"})
    table.append([(1,)])
    table.append([(2,)])
    table.commit("truncate")
    views = table.engine.execute("SELECT * FROM lake_snapshots(%s)", [table.base]).fetchall()
    assert [row[0] for row in views] == [1, 2, 3]
    assert [table.scan("count(*)", snapshot=row[1]) for row in views] == [[(1,)], [(2,)], [(0,)]]
    with pytest.raises(psycopg.Error, match="snapshot 5 does not exist"):
        table.scan(snapshot=5)


def test_views_of_metadata(lake, place):
    table = lake({"a": "int"})
    table.commit()
    table.append([(1,), (2,)])
    (file,) = table.engine.execute("SELECT * FROM lake_files(%s)", [table.base]).fetchall()
    assert file[1] == "DATA" and file[3:6] == ("parquet", 0, 2)
    on_disk = {f"file://{path}" for path in place.rglob("*") if path.is_file()}
    referenced = {row[0] for row in table.engine.execute("SELECT * FROM lake_referenced_files(%s)", [table.base])}
    assert referenced == on_disk
    metadata = json.loads(table.engine.execute("SELECT * FROM lake_metadata(%s)", [table.base]).fetchone()[0])
    assert metadata["location"] == table.location and metadata["format-version"] == 2
    assert table.engine.execute("SELECT * FROM lake_stats(%s)", [table.base]).fetchone() == (2, file[6], 1)


def test_remove(lake, place):
    table = lake({"a": "int"})
    table.append([(1,)])
    keep = place / "keep"
    keep.write_text("x")
    removed = table.engine.execute("SELECT path FROM lake_remove(%s)", [json.dumps(
        [{"path": table.location + "/", "is_prefix": True}, {"path": f"file://{place}/none", "is_prefix": False}])])
    assert len(removed.fetchall()) == 5
    assert [path for path in place.rglob("*") if path.is_file()] == [keep]


def test_create_refuses(lake, place, engine):
    (place / "full").mkdir()
    (place / "full/x").write_text("x")
    with pytest.raises(psycopg.Error, match="location \"file://.*/full\" is not empty"):
        lake({"a": "int"}, name="full")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        engine.execute("SELECT * FROM lake_create(%s)", [json.dumps(
            {"location": "file:///etc/x", "columns": [{"name": "a", "type": "int", "required": False, "doc": None}]})])
    with pytest.raises(psycopg.Error, match="unsupported Iceberg type: polygon"):
        lake({"a": "polygon"})
    with pytest.raises(psycopg.Error, match="location"):
        engine.execute("SELECT * FROM lake_create('{}')")


def test_prepared_with_parameters(lake):
    table = lake({"a": "int"})
    table.append([(i,) for i in range(10)])
    for _ in range(7):
        rows = table.engine.execute("SELECT a FROM lake_scan(%s) WHERE a < %s", [table.base, 3], prepare=True)
        assert rows.fetchall() == [(0,), (1,), (2,)]


def test_cancelled_insert_keeps_the_server(lake):
    table = lake({"a": "int"})
    with pytest.raises(psycopg.Error, match="lake_written|nothing was written"):
        table.engine.execute("SELECT change, rows, bytes, files FROM lake_written()")
    table.append([(1,)])
    assert table.scan() == [(1,)]
