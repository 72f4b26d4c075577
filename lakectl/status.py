"""./lake status: what runs in the home, where its files are, how to connect."""

from .console import note, step
from .s3 import BUCKET, endpoint, server_pid


def directory_size(path):
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file() and not entry.is_symlink())


def human(size):
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024


def report(home):
    pid = home.postmaster()
    if not pid:
        step(f"nothing runs in {home.path}: ./lake up starts it")
        return 3
    engine = home.engine_answers()
    step(f"pg_lake is {'up' if engine else 'up, but pgduck_server does not answer'} in {home.path}")
    version = home.sql("SELECT extversion FROM pg_extension WHERE extname = 'pg_lake'") or "not created"
    note(f"PostgreSQL {home.sql('SHOW server_version').split()[0]}, pid {pid}, port {home.port}; pg_lake {version}")
    note(f"pgduck_server: {home.sql('SHOW pg_lake_engine.host')}")
    if server_pid(home):
        note(f"S3: http://{endpoint(home)}, bucket {BUCKET}")
    tables = home.sql("SELECT count(*) FROM iceberg_tables")
    note(f"Iceberg tables: {tables}; below {home.pgdata.with_name('pgdata_lake')}: "
         f"{human(directory_size(home.pgdata.with_name('pgdata_lake')))}")
    for line in home.connection_text():
        note(line)
    return 0 if engine else 3
