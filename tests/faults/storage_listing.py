"""What lies in a local warehouse, and what tables and ledger say lies there."""

from pathlib import Path

NOTHING_COMMITTED_BY_IT = "the ledger names every file that no table refers to, and nothing else"


def table_location(home, table):
    return home.sql("SELECT location FROM lake_iceberg.tables_internal WHERE table_name = %s::regclass", table)[0][0]


def files_below(location):
    """Locations of all files below a file:// location, as the server spells them."""
    root = Path(location.removeprefix("file://"))
    return {f"file://{path}" for path in root.rglob("*") if path.is_file()}


def referenced_files(home, table):
    rows = home.sql("SELECT lake_iceberg.find_all_referenced_files(metadata_location) FROM lake_iceberg.tables_internal "
                    "WHERE table_name = %s::regclass", table)
    return {row[0] for row in rows}


def superseded_metadata(home, table):
    """Earlier metadata files: the metadata log keeps them until snapshots expire."""
    rows = home.sql("SELECT entry->>'metadata-file' FROM lake_iceberg.tables_internal t, "
                    "jsonb_array_elements(lake_iceberg.metadata(t.metadata_location)->'metadata-log') entry "
                    "WHERE table_name = %s::regclass", table)
    return {row[0] for row in rows}


def ledger(home, table):
    return home.sql("SELECT path, is_prefix FROM lake_engine.in_progress_files WHERE table_oid = %s::regclass", table)


def named_by(path, rows):
    return any(path.startswith(name) if is_prefix else path == name for name, is_prefix in rows)


def check_orphans_are_in_ledger(home, table):
    """Every file is referenced or named by the ledger; nothing referenced is missing or named. Returns the orphans."""
    present = files_below(table_location(home, table))
    wanted = referenced_files(home, table) | superseded_metadata(home, table)
    rows = ledger(home, table)
    assert wanted <= present, f"missing: {wanted - present}"
    orphans = present - wanted
    assert all(named_by(path, rows) for path in orphans), (NOTHING_COMMITTED_BY_IT, orphans, rows)
    assert not any(named_by(path, rows) for path in wanted), (NOTHING_COMMITTED_BY_IT, wanted, rows)
    return orphans


def check_clean_removes_orphans(home, table):
    """After the cleaner's work nothing but what the table refers to is left."""
    orphans = check_orphans_are_in_ledger(home, table)
    removed = {row[0] for row in home.sql("SELECT lake_engine.flush_in_progress_queue()")}
    assert orphans <= removed, (orphans, removed)
    assert ledger(home, table) == []
    assert check_orphans_are_in_ledger(home, table) == set()
