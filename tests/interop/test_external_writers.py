"""PyIceberg writes tables of ours through iceberg_tables (section 2 of the rules: the SQL catalog's contract): rows, columns, partitions, the
format version, snapshots that expire; beside PostgreSQL's own writes; and metadata that must not become a table."""

import json
import uuid
from pathlib import Path

import psycopg
import pyarrow
import pyarrow.parquet
import pytest
from lake_harness.other_writer import OtherWriter
from lake_harness.sessions import Session
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform
from pyiceberg.types import DoubleType, IntegerType, ListType, LongType, NestedField, StringType, StructType, TimestampType

SWAP = """UPDATE iceberg_tables SET metadata_location = %s, previous_metadata_location = %s
           WHERE catalog_name = current_database() AND table_namespace = current_schema() AND table_name = 't' AND metadata_location = %s"""


@pytest.fixture
def table(pg, our_catalog, schema_name):
    """t of three rows, as PyIceberg sees it; the connection is in `pg`."""
    pg.execute("CREATE TABLE t (id int, name text, at timestamp) USING iceberg")
    pg.execute("INSERT INTO t VALUES (1, 'one', '2026-01-01 01:00'), (2, 'two', '2026-01-02 02:00'), (3, NULL, NULL)")
    return our_catalog.load_table((schema_name, "t"))


def some(*rows, **types):
    """An Arrow table of (id, name) rows."""
    return pyarrow.table({"id": pyarrow.array([row[0] for row in rows], types.get("id", pyarrow.int32())), "name": [row[1] for row in rows]})


def rows(pg, columns="id, name"):
    return pg.execute(f"SELECT {columns} FROM t ORDER BY id").fetchall()


def location(pg, table="t"):
    return pg.execute("SELECT metadata_location FROM iceberg_tables WHERE catalog_name = current_database() "
                      "AND table_namespace = current_schema() AND table_name = %s", [table]).fetchone()[0]


def columns_of(pg, table="t"):
    return pg.execute("SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = %s::regclass "
                      "AND attnum > 0 AND NOT attisdropped ORDER BY attnum", [table]).fetchall()


def options_of(pg, table="t"):
    return sorted(pg.execute("SELECT coalesce(reloptions, '{}') FROM pg_class WHERE oid = %s::regclass", [table]).fetchone()[0])


def test_rows(pg, table):
    table.append(some((4, "four")))
    assert rows(pg)[-1] == (4, "four")
    assert pg.execute("SELECT previous_metadata_location FROM iceberg_tables WHERE metadata_location = %s", [location(pg)]).fetchone()[0]
    table.delete("id = 1")
    table.overwrite(some((20, "two again")), "id = 2")
    pg.execute("INSERT INTO t VALUES (5, 'five')")
    assert rows(pg) == [(3, None), (4, "four"), (5, "five"), (20, "two again")]
    pg.execute("UPDATE t SET name = 'FOUR' WHERE id = 4")
    pg.execute("DELETE FROM t WHERE id = 20")
    table.refresh().append(some((6, "six")))
    assert rows(pg) == [(3, None), (4, "FOUR"), (5, "five"), (6, "six")]
    assert pg.execute("SELECT record_count, file_count FROM lake_iceberg.tables_internal WHERE table_name = 't'::regclass").fetchone()[0] == 4


def test_columns(pg, table):
    """Rules 1, 2 and 6: columns are added, renamed, dropped, widened and moved; PostgreSQL's follow, by field id."""
    with table.update_schema() as update:
        update.add_column("price", DoubleType())
        update.rename_column("name", "label")
        update.update_column("id", LongType())
    assert columns_of(pg) == [("id", "bigint", False), ("label", "text", False), ("at", "timestamp without time zone", False),
                              ("price", "double precision", False)]
    table.append(pyarrow.table({"id": pyarrow.array([2**40]), "label": ["big"], "price": [1.5]}))
    assert rows(pg, "id, label, price")[-2:] == [(3, None, None), (2**40, "big", 1.5)]
    with table.update_schema() as update:
        update.delete_column("label")
        update.move_first("price")
    pg.execute("INSERT INTO t (id, price) VALUES (7, 0.5)")
    assert rows(pg, "id, price")[-2:] == [(7, 0.5), (2**40, 1.5)]
    with table.refresh().update_schema() as update:
        update.add_column("label", StringType())
    assert rows(pg, "id, label")[0] == (1, None), "a new column under an old name starts empty"


def test_names_change_places(pg, table):
    with table.update_schema() as update:
        update.add_column("other", StringType())
    with table.update_schema() as update:
        update.rename_column("name", "x")
        update.rename_column("other", "name")
    with table.update_schema() as update:
        update.rename_column("x", "other")
    assert rows(pg, "id, other, name")[0] == (1, "one", None)


@pytest.mark.no_readers  # DuckDB's read_parquet knows no evolution inside of structs
def test_nested_columns(pg, table):
    with table.update_schema() as update:
        update.add_column("tags", ListType(100, StringType(), False))
        update.add_column("place", StructType(NestedField(101, "street", StringType(), required=False),
                                              NestedField(102, "number", IntegerType(), required=False)))
    table.append(pyarrow.table({"id": pyarrow.array([9], pyarrow.int32()), "tags": [["a", "b"]], "place": pyarrow.array(
        [{"street": "main", "number": 7}], pyarrow.struct([("street", pyarrow.string()), ("number", pyarrow.int32())]))}))
    assert rows(pg, "id, tags, (place).street, (place).number")[-1] == (9, ["a", "b"], "main", 7)
    with table.update_schema() as update:
        update.add_column(("place", "town"), StringType())
        update.update_column(("place", "number"), LongType())
    assert rows(pg, "id, (place).street, (place).number, (place).town")[-1] == (9, "main", 7, None)
    pg.execute("INSERT INTO t (id, place) VALUES (10, ROW('side', 8000000000, 'x'))")
    assert rows(pg, "id, place::text")[-1] == (10, "(side,8000000000,x)")
    theirs = {row["id"]: row["place"] for row in table.refresh().scan().to_arrow().to_pylist()}
    pg.execute("DROP TABLE t")
    assert theirs[9] == {"street": "main", "number": 7, "town": None} and theirs[10]["town"] == "x"


def test_nullability(pg, table):
    pg.execute("ALTER TABLE t ALTER id SET NOT NULL")
    table.refresh()
    with table.update_schema() as update:
        update.make_column_optional("id")
    pg.execute("INSERT INTO t VALUES (NULL, 'none')")
    with pytest.raises(Exception, match="contains null values"):
        with table.refresh().update_schema(allow_incompatible_changes=True) as update:
            update.update_column("id", required=True)
    pg.execute("DELETE FROM t WHERE id IS NULL")
    with table.refresh().update_schema(allow_incompatible_changes=True) as update:
        update.update_column("id", required=True)
    with pytest.raises(psycopg.errors.NotNullViolation):
        pg.execute("INSERT INTO t VALUES (NULL, 'none')")


def test_partitions_and_properties(pg, table):
    """Rules 14 to 17: the option follows the spec, and our writes obey it."""
    with table.update_spec() as update:
        update.add_field("at", DayTransform(), "day_of_at")
        update.add_field("id", BucketTransform(4))
    assert options_of(pg) == ["partition_by=day(at), bucket(4, id)"]
    pg.execute("INSERT INTO t SELECT i, 'n' || i, timestamp '2026-02-01' + i * interval '12 hours' FROM generate_series(10, 19) i")
    table.refresh().append(some((30, "x"), (31, "y")).append_column("at", pyarrow.array([None, None], pyarrow.timestamp("us"))))
    assert len(rows(pg)) == 15
    with table.update_spec() as update:
        update.remove_field("day_of_at")
        update.add_field("name", IdentityTransform())
    assert options_of(pg) == ["partition_by=bucket(4, id), name"]
    with table.update_schema() as update:
        update.rename_column("name", "Label")
    assert options_of(pg) == ['partition_by=bucket(4, id), "Label"']
    pg.execute("INSERT INTO t VALUES (40, 'x')")
    with table.transaction() as transaction:
        transaction.set_properties({"write.metadata.metrics.default": "truncate(8)", "owner": "somebody"})
    assert options_of(pg) == ["column_stats_mode=truncate(8)", 'partition_by=bucket(4, id), "Label"']
    pg.execute("INSERT INTO t VALUES (41, 'z')")
    assert table.refresh().properties["owner"] == "somebody", "what we do not know, we keep"
    assert len(rows(pg, "id")) == 17


def test_upgrade(pg, table):
    """Rule 67: rows get ids from the first snapshot of version 3 on. (PyIceberg cannot upgrade yet: its metadata is made by hand.)"""
    old = location(pg)
    assert pg.execute(SWAP, [lie(pg, format_version=3, next_row_id=0), old, old]).rowcount == 1
    assert options_of(pg) == ["format_version=3"]
    pg.execute("DELETE FROM t WHERE id = 1")
    pg.execute("INSERT INTO t VALUES (8, 'eight')")
    pg.execute("UPDATE t SET name = 'TWO' WHERE id = 2")
    assert rows(pg) == [(2, "TWO"), (3, None), (8, "eight")]
    assert json.loads(Path(location(pg).removeprefix("file://")).read_text())["next-row-id"] > 0


def test_snapshots(pg, table, our_catalog, schema_name):
    first = table.current_snapshot().snapshot_id
    table.append(some((4, "four")))
    table.append(some((5, "five")))
    with table.manage_snapshots() as manage:
        manage.create_tag(first, "first").create_branch(first, "side")
    assert [row[0] for row in pg.execute("SELECT name FROM lake.refs('t') ORDER BY 1")] == ["first", "main", "side"]
    with table.manage_snapshots() as manage:
        manage.remove_tag("first").remove_branch("side")
    table.maintenance.expire_snapshots().by_id(first).commit()
    assert pg.execute("SELECT count(*) FROM lake.snapshots('t') WHERE snapshot_id = %s", [first]).fetchone() == (0,)
    pg.execute("INSERT INTO t VALUES (6, 'six')")
    assert len(rows(pg)) == 6


def test_clients_that_lose_learn_of_it(pg, table, our_catalog, schema_name):
    """An append is tried again on top of the other one; the swap itself counts no row."""
    stale = our_catalog.load_table((schema_name, "t"))
    old = location(pg)
    table.append(some((4, "four")))
    stale.append(some((5, "five")))
    assert len(rows(pg)) == 5
    assert pg.execute(SWAP, [old, old, old]).rowcount == 0
    with pg.transaction():
        pg.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        pg.execute("SELECT 1")
        table.refresh().append(some((6, "six")))
        writer = OtherWriter(location_now(pg, table))
        with pytest.raises(psycopg.errors.SerializationFailure):
            with pg.transaction():
                pg.execute(SWAP, [writer.rewrite(), location(pg), location(pg)])


def location_now(pg, table):
    return table.refresh().metadata_location


@pytest.fixture
def sessions(home, schema_name):
    found = [Session(home.connect()) for _ in range(2)]
    for session in found:
        session.run(f"SET search_path = {schema_name}")
    yield found
    for session in found:
        session.close()


def prepared(table, change):
    """The swap to metadata that a client has written by `change`, as SQL; the catalog is not asked."""
    old = table.refresh().metadata_location
    own = SqlCatalog("own", uri="sqlite:///:memory:")
    own.create_namespace("ns")
    copy = own.register_table(("ns", f"t{uuid.uuid4().hex}"), old)
    change(copy)
    return (f"UPDATE iceberg_tables SET metadata_location = '{copy.metadata_location}', previous_metadata_location = '{old}' "
            f"WHERE catalog_name = current_database() AND table_namespace = current_schema() AND table_name = 't' AND metadata_location = '{old}'")


def counted(outcome):
    assert outcome.sqlstate is None, outcome.message
    return int(outcome.results[0][0].split()[1])


def test_the_statements_of_java(pg, table, schema_name):
    """What Java's JdbcCatalog sends, word for word, in its schema version V1."""
    old = location(pg)
    own = SqlCatalog("own", uri="sqlite:///:memory:")
    own.create_namespace("ns")
    copy = own.register_table("ns.t", old)
    copy.append(some((4, "four")))
    commit = ("UPDATE iceberg_tables SET metadata_location = %s , previous_metadata_location = %s WHERE catalog_name = %s AND table_namespace = %s "
              "AND table_name = %s AND metadata_location = %s AND ( iceberg_type = 'TABLE' OR iceberg_type IS NULL )")
    values = [copy.metadata_location, old, "postgres", schema_name, "t", old]
    assert pg.execute(commit, values).rowcount == 1
    assert pg.execute(commit, values).rowcount == 0
    rename = ("UPDATE iceberg_tables SET table_namespace = %s, table_name = %s WHERE catalog_name = %s AND table_namespace = %s AND table_name = %s "
              "AND ( iceberg_type = 'TABLE' OR iceberg_type IS NULL )")
    assert pg.execute(rename, [schema_name, "u", "postgres", schema_name, "t"]).rowcount == 1
    assert pg.execute(rename, [schema_name, "v", "postgres", schema_name, "t"]).rowcount == 0
    drop = ("DELETE FROM iceberg_tables WHERE catalog_name = %s AND table_namespace = %s AND table_name = %s "
            "AND ( iceberg_type = 'TABLE' OR iceberg_type IS NULL )")
    assert pg.execute(drop, ["postgres", schema_name, "u"]).rowcount == 1
    create = ("INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, previous_metadata_location, iceberg_type) "
              "VALUES (%s,%s,%s,%s,null,'TABLE')")
    assert pg.execute(create, ["postgres", schema_name, "t", copy.metadata_location]).rowcount == 1
    assert len(rows(pg)) == 4
    pg.execute("INSERT INTO t VALUES (5, 'five')")


def test_appends_wait_for_nobody(pg, table, sessions):
    one, two = sessions
    one.run("BEGIN")
    one.run("INSERT INTO t VALUES (4, 'ours')")
    one.run("UPDATE t SET name = 'changed' WHERE id = 1")
    two.start(prepared(table, lambda copy: copy.append(some((5, "theirs")))))
    assert two.settled(pg, {one.pid}), "an append takes the locks of INSERT"
    assert counted(two.outcome()) == 1
    assert one.run("COMMIT").sqlstate is None
    assert rows(pg) == [(1, "changed"), (2, "two"), (3, None), (4, "ours"), (5, "theirs")]


def test_changes_of_rows_wait_for_each_other(pg, table, sessions):
    one, two = sessions
    one.run("BEGIN")
    one.run("UPDATE t SET name = 'ours' WHERE id = 1")
    swap = prepared(table, lambda copy: copy.delete("id = 2"))
    two.start(swap)
    assert not two.settled(pg, {one.pid}), "it waits as DELETE does"
    one.run("COMMIT")
    assert counted(two.outcome()) == 0, "and then it has lost"
    assert rows(pg) == [(1, "ours"), (2, "two"), (3, None)]
    swap = prepared(table, lambda copy: copy.delete("id = 2"))
    one.run("BEGIN")
    assert counted(one.run(swap)) == 1
    two.start("UPDATE t SET name = 'later' WHERE id = 3")
    assert not two.settled(pg, {one.pid})
    one.run("COMMIT")
    assert two.outcome().sqlstate is None
    assert rows(pg) == [(1, "ours"), (3, "later")]


def test_of_two_clients_one_wins(pg, table, sessions):
    one, two = sessions
    swaps = [prepared(table, lambda copy, number=number: copy.append(some((number, "x")))) for number in (4, 5)]
    one.run("BEGIN")
    assert counted(one.run(swaps[0])) == 1
    two.start(swaps[1])
    assert not two.settled(pg, {one.pid})
    one.run("COMMIT")
    assert counted(two.outcome()) == 0
    assert [row[0] for row in rows(pg)] == [1, 2, 3, 4]


def test_columns_wait_for_everybody(pg, table, sessions):
    one, two = sessions

    def add(copy):
        with copy.update_schema() as update:
            update.add_column("extra", IntegerType())
    one.run("BEGIN")
    one.run("INSERT INTO t VALUES (4, 'ours')")
    two.start(prepared(table, add))
    assert not two.settled(pg, {one.pid})
    one.run("ROLLBACK")
    assert counted(two.outcome()) == 1
    assert [name for name, *_ in columns_of(pg)] == ["id", "name", "at", "extra"]


def test_a_rollback_takes_it_back(pg, table):
    def change(copy):
        with copy.update_schema() as update:
            update.delete_column("name")
            update.add_column("extra", IntegerType())
    swap, before = prepared(table, change), columns_of(pg)
    with pytest.raises(ZeroDivisionError), pg.transaction():
        assert pg.execute(swap).rowcount == 1
        pg.execute("INSERT INTO t (id, extra) VALUES (4, 4)")
        assert rows(pg, "id, extra")[-1] == (4, 4)
        raise ZeroDivisionError
    assert columns_of(pg) == before and len(rows(pg)) == 3
    with pg.transaction():
        pg.execute("INSERT INTO t VALUES (5, 'five')")
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="by a transaction that has changed the table"), pg.transaction():
            pg.execute(swap)


# -- metadata that lies -------------------------------------------------------------------------------------------------

def lie(pg, **changes):
    """Metadata with these members instead of the table's, written beside it; {} removes nothing."""
    writer = OtherWriter(location(pg))
    return writer.rewrite(**changes)


def refuse(pg, new, message):
    old, before = location(pg), columns_of(pg)
    with pytest.raises(psycopg.Error, match=message):
        pg.execute(SWAP, [new, old, old])
    assert location(pg) == old and columns_of(pg) == before
    assert len(rows(pg, "*")) == 3


def metadata(pg):
    return json.loads(Path(location(pg).removeprefix("file://")).read_text())


def test_metadata_of_other_tables_is_refused(pg, table):
    """Rule 56, and the places where a table's files may lie."""
    refuse(pg, lie(pg, table_uuid=str(uuid.uuid4())), "table-uuid is .*, but that of the table is")
    refuse(pg, lie(pg, location="s3://elsewhere/t"), "the table's location changes")
    refuse(pg, location(pg).replace(".metadata.json", ".gone.metadata.json"), "does not exist|No such file")
    refuse(pg, "/etc/passwd", "invalid location")
    refuse(pg, "file:///etc/passwd", "does not lie below the table's location")
    elsewhere = Path(location(pg).removeprefix("file://")).parent.parent.with_name("elsewhere.metadata.json")
    elsewhere.write_text(json.dumps(metadata(pg)))
    refuse(pg, f"file://{elsewhere}", "does not lie below the table's location")
    pg.execute("CREATE TABLE other (id int, name text, at timestamp) USING iceberg")
    refuse(pg, location(pg, "other"), "does not lie below the table's location")


def test_metadata_that_goes_back_is_refused(pg, table):
    """Rules 2, 14, 32 and 55: versions and counters never go back, and version 4 is not read."""
    refuse(pg, lie(pg, format_version=4), "unsupported iceberg format version 4")
    refuse(pg, lie(pg, last_column_id=2), "last-column-id|contradicts itself")
    refuse(pg, lie(pg, last_sequence_number=0), "above the last sequence number")
    snapshots = metadata(pg)["snapshots"]
    snapshots[-1]["manifest-list"] = snapshots[-1]["manifest-list"].replace("snap-", "snip-")
    refuse(pg, lie(pg, snapshots=snapshots), "is not what it was")


def test_columns_that_lie_are_refused(pg, table):
    """Rules 6, 9 and 10."""
    def schema(change):
        current = metadata(pg)
        new = json.loads(json.dumps(next(s for s in current["schemas"] if s["schema-id"] == current["current-schema-id"])))
        new["schema-id"] += 1
        change(new["fields"])
        ids = [field["id"] for field in new["fields"]]
        return lie(pg, schemas=[*current["schemas"], new], current_schema_id=new["schema-id"], last_column_id=max(*ids, current["last-column-id"]))
    refuse(pg, schema(lambda fields: fields[0].update(type="string")), 'column "id" changes from int to string')
    refuse(pg, schema(lambda fields: fields[1].update(type="long")), 'column "name" changes from string to long')
    refuse(pg, schema(lambda fields: fields.append({"id": 9, "name": "must", "required": True, "type": "int"})), "new and required")
    refuse(pg, schema(lambda fields: fields.append({"id": 9, "name": "when", "required": False, "type": "timestamp_ns"})), "timestamp_ns is not supported until v3")
    refuse(pg, schema(lambda fields: fields.append({"id": 9, "name": "x" * 64, "required": False, "type": "int"})), "more than 63 bytes")
    refuse(pg, schema(lambda fields: fields.append({"id": 9, "name": "ctid", "required": False, "type": "int"})), "conflicts with a system column")
    refuse(pg, schema(lambda fields: fields.append({"id": 9, "name": "NAME", "required": False, "type": "int"})), "differ in case alone")


def test_files_that_are_not_there_are_refused(pg, table):
    def change(copy):
        copy.append(some((4, "four")))
        path = next(task.file.file_path for task in copy.scan().plan_files() if task.file.record_count == 1)
        Path(path.removeprefix("file://")).unlink()
    with pytest.raises(psycopg.Error, match="cannot take metadata.*(does not exist|No such file)"):
        pg.execute(prepared(table, change))
    assert len(rows(pg)) == 3


def test_what_depends_on_a_column_holds_it(pg, table):
    pg.execute("CREATE VIEW v AS SELECT name FROM t")
    with pytest.raises(Exception, match="other objects depend on it"):
        with table.update_schema() as update:
            update.delete_column("name")
    assert len(rows(pg)) == 3
    with table.refresh().update_schema() as update:
        update.rename_column("name", "label")
    assert pg.execute("SELECT count(name) FROM v").fetchone() == (2,)


# -- what PostgreSQL promises -------------------------------------------------------------------------------------------

def test_constraints_hold_for_their_rows(pg, table):
    pg.execute("CREATE TABLE parent (id int PRIMARY KEY)")
    pg.execute("INSERT INTO parent SELECT generate_series(1, 10)")
    for constraint, bad, state in [("CHECK (id < 100)", (100, "x"), "23514"), ("FOREIGN KEY (id) REFERENCES parent", (11, "x"), "23503")]:
        pg.execute(f"ALTER TABLE t ADD CONSTRAINT rule {constraint}")
        with pytest.raises(psycopg.Error) as failure:
            pg.execute(prepared(table, lambda copy: copy.append(some(bad))))
        assert failure.value.sqlstate == state
        assert len(rows(pg)) == 3
        pg.execute("ALTER TABLE t DROP CONSTRAINT rule")
    pg.execute("ALTER TABLE t SET (unique_key = 'id')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        pg.execute(prepared(table, lambda copy: copy.append(some((1, "again")))))
    table.refresh().append(some((4, "new")))
    assert len(rows(pg)) == 4
    with table.update_schema() as update:
        update.rename_column("id", "number")
    assert options_of(pg) == ["unique_key=number"]


def test_types_hold_for_their_rows(pg, our_catalog, schema_name):
    """What PostgreSQL's types say beyond Iceberg's: lengths, domains, the bounds of a partition."""
    pg.execute("CREATE DOMAIN short AS text CHECK (length(VALUE) < 10)")
    pg.execute("CREATE TABLE parent (id int, name text) PARTITION BY RANGE (id)")
    for columns, bad, state in [("id int, name varchar(5)", (4, "too long"), "22001"), ("id int, name short", (4, "x" * 10), "23514"),
                                ("PARTITION OF parent FOR VALUES FROM (0) TO (10)", (10, "x"), "23514")]:
        pg.execute(f"CREATE TABLE t {columns if columns.startswith('PARTITION') else f'({columns})'} USING iceberg")
        pg.execute("INSERT INTO t VALUES (1, 'one')")
        table = our_catalog.load_table((schema_name, "t"))
        with pytest.raises(psycopg.Error) as failure:
            pg.execute(prepared(table, lambda copy: copy.append(some(bad))))
        assert failure.value.sqlstate == state
        table.refresh().append(some((2, "two")))
        assert rows(pg) == [(1, "one"), (2, "two")]
        pg.execute("DROP TABLE t")


def test_files_elsewhere_need_the_right_to_read_urls(home, pg, table, schema_name, tmp_path):
    """URL-7: a path in metadata is checked as one that the role has typed."""
    outside = home.home.pgdata.with_name("pgdata_lake") / "outside" / f"{schema_name}.parquet"
    outside.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(some((4, "four")), outside)

    def add(copy):
        copy.add_files([f"file://{outside}"])
    with table.transaction() as transaction:
        transaction.set_properties({"schema.name-mapping.default": table.schema().name_mapping.model_dump_json()})
    pg.execute("DROP ROLE IF EXISTS url_reader")
    pg.execute(f"CREATE ROLE url_reader LOGIN IN ROLE iceberg_catalog; GRANT USAGE ON SCHEMA {schema_name} TO url_reader; GRANT ALL ON t TO url_reader")
    try:
        with home.connect(user="url_reader") as reader:
            reader.execute(f"SET search_path = {schema_name}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="read from URL"):
                reader.execute(prepared(table, add))
            pg.execute("GRANT lake_read TO url_reader")
            assert reader.execute(prepared(table, add)).rowcount == 1
    finally:
        pg.execute("DROP OWNED BY url_reader; DROP ROLE url_reader")
    assert rows(pg)[-1] == (4, "four")
    with pytest.raises(psycopg.Error, match="permission denied for local path"):
        foreign = tmp_path / "foreign.parquet"
        pyarrow.parquet.write_table(some((5, "five")), foreign)
        pg.execute(prepared(table, lambda copy: copy.add_files([f"file://{foreign}"])))


def test_generated_columns(pg, our_catalog, schema_name):
    pg.execute("CREATE TABLE t (id int, twice int GENERATED ALWAYS AS (id * 2) STORED) USING iceberg")
    pg.execute("INSERT INTO t VALUES (1), (2), (3)")
    table = our_catalog.load_table((schema_name, "t"))

    def of(*pairs):
        return pyarrow.table({name: pyarrow.array(values, pyarrow.int32()) for name, values in zip(("id", "twice"), zip(*pairs))})
    with pytest.raises(Exception, match="another value in column"):
        table.append(of((4, 9)))
    table.refresh().append(of((4, 8)))
    assert rows(pg, "*")[-1] == (4, 8)


def call_it_append(copy, _):
    """The snapshot that deletes says that it appends."""
    path = Path(copy.metadata_location.removeprefix("file://"))
    metadata = json.loads(path.read_text())
    metadata["snapshots"][-1]["summary"]["operation"] = "append"
    path.write_text(json.dumps(metadata))


def test_rights(home, pg, table, schema_name):
    """The client's role needs what it would need in SQL."""
    pg.execute("DROP ROLE IF EXISTS catalog_writer")
    pg.execute("CREATE ROLE catalog_writer LOGIN")
    pg.execute(f"GRANT USAGE ON SCHEMA {schema_name} TO catalog_writer")
    try:
        with home.connect(user="catalog_writer") as writer:
            writer.execute(f"SET search_path = {schema_name}")
            append = prepared(table, lambda copy: copy.append(some((4, "four"))))
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="iceberg_tables"):
                writer.execute(append)
            pg.execute("GRANT iceberg_catalog TO catalog_writer")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="table t"):
                writer.execute(append)
            pg.execute("GRANT INSERT ON t TO catalog_writer")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="table t"):
                writer.execute(prepared(table, lambda copy: call_it_append(copy, copy.delete("id = 1"))))
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="must be owner"):
                writer.execute(prepared(table, lambda copy: (copy.append(some((4, "four"))), copy.transaction().set_properties(a="b").commit_transaction())))
            assert writer.execute(append).rowcount == 1
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="table t"):
                writer.execute(prepared(table, lambda copy: copy.delete("id = 1")))

            def add(copy):
                with copy.update_schema() as update:
                    update.add_column("extra", IntegerType())
            pg.execute("GRANT ALL ON t TO catalog_writer")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="must be owner"):
                writer.execute(prepared(table, add))
            pg.execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="policies of table"):
                writer.execute(prepared(table, lambda copy: copy.append(some((5, "five")))))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                writer.execute("DELETE FROM iceberg_tables WHERE table_namespace = current_schema() AND table_name = 't'")
    finally:
        pg.execute("DROP OWNED BY catalog_writer")
        pg.execute("DROP ROLE catalog_writer")
