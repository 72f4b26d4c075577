"""The local S3 server of `./lake up --s3`: SeaweedFS from the Python environment, one process, one bucket, made-up keys.

The keys live in two files that only the database user can read: s3/identities.json (for SeaweedFS) and s3/secret.sql
(CREATE SECRET for pgduck_server, named by pg_lake_engine.init_file). home.json remembers the ports alone.
"""

import json
import os
import secrets
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from .console import LakeError, step
from .places import LAKE, VENV, as_database_user, database_environment, reachable, runtime_base

BUCKET = "lake"
PORTS = {"s3": 8333, "s3_grpc": 18333, "master": 9333, "master_grpc": 19333, "volume": 9340, "volume_grpc": 19340,
         "filer": 8888, "filer_grpc": 18888}


def directory(home):
    return home.base / "s3"


def endpoint(home):
    return f"127.0.0.1:{home.state()['s3']['s3']}"


def settings(home):
    """What lake.conf needs so that tables go to the bucket; nothing for a home without S3."""
    if not home.state().get("s3"):
        return {}
    return {"pg_lake_engine.init_file": directory(home) / "secret.sql",
            "pg_lake_iceberg.default_location_prefix": f"s3://{BUCKET}/warehouse"}


def keys(home):
    """(key id, secret), for the demo's and the tests' own S3 clients."""
    credentials = json.loads((directory(home) / "identities.json").read_text())["identities"][0]["credentials"][0]
    return credentials["accessKey"], credentials["secretKey"]


def server_pid(home):
    """The pid of our SeaweedFS, or None: the process must have been started in our directory."""
    try:
        pid = int((directory(home) / "pid").read_text())
        where = os.readlink(f"/proc/{pid}/cwd")
    except (OSError, ValueError):
        return None
    return pid if Path(where) == directory(home).resolve() else None


def write_private(home, path, text):
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as sink:
        sink.write(text)
    os.chown(path, home.owner.pw_uid, home.owner.pw_gid)


def write_credentials(home):
    where = directory(home)
    if not (where / "identities.json").exists():
        identity = {"name": "lake", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
                    "credentials": [{"accessKey": secrets.token_hex(10), "secretKey": secrets.token_hex(20)}]}
        write_private(home, where / "identities.json", json.dumps({"identities": [identity]}))
    key_id, secret = keys(home)
    write_private(home, where / "secret.sql",
                  f"CREATE SECRET lake_local_s3 (TYPE s3, KEY_ID '{key_id}', SECRET '{secret}', REGION 'us-east-1', "
                  f"ENDPOINT '{endpoint(home)}', URL_STYLE 'path', USE_SSL false, SCOPE 's3://{BUCKET}/');\n")


def program():
    """weed; in a copy, when the database user cannot reach the environment."""
    path = VENV / "bin/weed"
    if not path.exists():
        raise LakeError("SeaweedFS is missing from .lake/venv", "run ./lake setup")
    if reachable(path.parent):
        return path
    copy = runtime_base(LAKE) / "weed"
    if not copy.exists() or copy.stat().st_size != path.stat().st_size:
        shutil.copy2(path, copy)
    return copy


def start(home):
    from .home import is_free, next_free
    if server_pid(home):
        return
    where = directory(home)
    home.owned_directory(where)
    home.owned_directory(where / "data")
    old, ports = home.state().get("s3") or {}, {}
    for name, usual in PORTS.items():
        wanted = old.get(name, usual)
        ports[name] = wanted if is_free(wanted) and wanted not in ports.values() else next_free(usual, ports.values())
    home.remember(s3=ports)
    write_credentials(home)
    step(f"starting a local S3 server on port {ports['s3']}, bucket {BUCKET}")
    options = {"dir": where / "data", "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "filer": "true", "s3": "true",
               "s3.config": where / "identities.json", "s3.port": ports["s3"], "s3.port.grpc": ports["s3_grpc"],
               "s3.port.iceberg": 0, "s3.port.lance": 0, "master.port": ports["master"],
               "master.port.grpc": ports["master_grpc"], "master.telemetry": "false", "master.electionTimeout": "1s",
               "master.volumeSizeLimitMB": 1024,
               "volume.port": ports["volume"], "volume.port.grpc": ports["volume_grpc"], "volume.max": 0,
               "volume.preStopSeconds": 0, "filer.port": ports["filer"], "filer.port.grpc": ports["filer_grpc"]}
    command = [program(), "server"] + [f"-{name}={value}" for name, value in options.items()]
    with open(home.base / "log/s3.log", "ab") as log:
        child = subprocess.Popen(as_database_user(command), cwd=where, env=database_environment(),
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (where / "pid").write_text(str(child.pid))
    wait_until_ready(home, ports, child)


def wait_until_ready(home, ports, child, seconds=60):
    """Ready = an object can be stored (which makes the bucket) and the S3 port answers."""
    bucket = f"http://127.0.0.1:{ports['filer']}/buckets/{BUCKET}/"
    end = time.monotonic() + seconds
    while True:
        try:
            request("PUT", f"{bucket}.ready", b"ready")
            request("DELETE", f"{bucket}.ready")
            s3_answers(ports["s3"])
            return
        except (urllib.error.URLError, OSError) as error:
            if child.poll() is not None or time.monotonic() > end:
                stop(home)
                raise LakeError(f"the S3 server did not start: {error}", f"the log is {home.base / 'log/s3.log'}") \
                    from None
            time.sleep(0.1)


def request(method, url, body=None):
    """To the filer, where a bucket is a directory below /buckets."""
    urllib.request.urlopen(urllib.request.Request(url, data=body, method=method,
                                                  headers={"Content-Type": "application/octet-stream"}),
                           timeout=5).close()


def s3_answers(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
    except urllib.error.HTTPError:
        pass  # "access denied" is an answer


def stop(home):
    from .home import stop_process
    pid = server_pid(home)
    if pid is None:
        return False
    step("stopping the local S3 server")
    stop_process(pid, seconds=5)  # asked to stop, it waits 15 s for idle connections; what it stored is on disk
    (directory(home) / "pid").unlink(missing_ok=True)
    return True
