"""The process: options, sockets, many clients, hostile clients, memory, the end."""

import os
import signal
import socket
import stat
import struct
import subprocess
import threading
import time

import psycopg
import pytest

from .conftest import PORT, Server, program


def run(*options):
    return subprocess.run([program(), *options], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "options, text",
    [
        (["--port", "abc"], "Error: Port should be an integer"),
        (["--port=70000"], "Port should be in between [1, 65535]"),
        (["-P", "0"], "Port should be in between [1, 65535]"),
        (["--max_clients", "x"], "Error: Max clients should be an integer"),
        (["-M", "100001"], "Max clients should be in between [1, 100000]"),
        (["--unix_socket_permissions", "1777"], "Permissions should be in between [0000, 0777]"),
        (["--cache_on_write_max_size", "-1"], "Cache on write max size should be in between"),
        (["--nonsense"], "unrecognized option '--nonsense'"),
        (["--port"], "option '--port' requires an argument"),
        (["extra"], 'unexpected argument "extra"'),
    ],
)
def test_bad_options(options, text):
    result = run(*options)
    assert result.returncode != 0 and text in result.stderr


def test_all_options_are_accepted():
    long = ["--unix_socket_directory", "/x", "--unix_socket_group=g", "--unix_socket_permissions", "0700", "--port=1", "--max_clients", "5",
            "--memory_limit=1GB", "--continue_on_oom", "--cache_on_write_max_size", "0", "--duckdb_database_file_path=x", "--init_file_path", "y",
            "--cache_dir=z", "--extensions_dir", "e", "--pidfile=p", "--no_extension_install", "--debug", "--verbose", "--local_root", "/a",
            "--local_root=/b", "--threads", "3", "--temp_directory=/t", "--max_temp_directory_size", "1GB", "--check_cli_params_only"]
    assert run(*long).returncode == 0
    assert run("-U", "/x", "-P", "1", "-M", "5", "-D", "x", "-l", "1GB", "-L", "0", "-p", "f", "-v", "-d", "-c").returncode == 0
    assert run("--help").stdout.startswith("Usage: pgduck_server [options]")


def test_start_lines_pidfile_and_permissions(own_server, tmp_path):
    pidfile = tmp_path / "server.pid"
    server = own_server("--pidfile", str(pidfile), "--unix_socket_permissions", "0700", "--memory_limit=1GB", "-v", "-d", "--no_extension_install")
    for line in (f"pgduck_server is listening on unix_socket_directory: {tmp_path} with port {PORT}, max_clients allowed 10000",
                 "DuckDB is using database file path: :memory:", "Memory limit is set to: 953.6 MiB", "Verbose mode enabled.",
                 "Cache on write max size is set to: 1073741824", "Debugging mode on; will log all queries", "Using local extension binaries only"):
        assert line in server.log
    assert int(pidfile.read_text()) == server.process.pid
    assert stat.S_IMODE(server.socket_path.stat().st_mode) == 0o700
    assert server.stop() == 0
    assert server.log.rstrip().endswith("Done running")
    assert not pidfile.exists() and not server.socket_path.exists()


def test_a_live_socket_is_refused_and_a_stale_one_replaced(own_server, tmp_path):
    server = own_server()
    second = run("-U", str(tmp_path), "-P", str(PORT), "-D", "none")
    assert second.returncode != 0 and "is in use" in second.stderr
    assert server.connect().execute("SELECT 1").fetchone() == (1,)
    server.process.kill()
    server.process.wait()
    assert server.socket_path.exists()
    server.log_path.write_text("")
    server.start()
    assert server.connect().execute("SELECT 1").fetchone() == (1,)


def test_sigterm_interrupts_queries(own_server):
    server = own_server()
    idle = server.connect()
    busy = server.connect()
    failure = []

    def work():
        try:
            busy.execute("SELECT pg_lake_sleep(60)")
        except psycopg.Error as error:
            failure.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.5)
    assert server.stop(signal.SIGTERM) == 0
    thread.join()
    assert "interrupted 1 active connection(s)" in server.log and "Done running" in server.log
    assert failure[0].sqlstate == "57P01"
    with pytest.raises(psycopg.OperationalError, match="terminating connection"):
        idle.execute("SELECT 1")


def test_database_file_is_kept(own_server, tmp_path):
    path = tmp_path / "below" / "kept.db"
    server = own_server(database=str(path))
    server.connect().execute("CREATE TABLE kept AS SELECT 42 AS a")
    assert server.stop() == 0
    server.log_path.write_text("")
    server.start()
    assert server.connect().execute("SELECT a FROM kept").fetchone() == (42,)


def test_init_file(own_server, tmp_path):
    init = tmp_path / "init.sql"
    init.write_text("CREATE TABLE made(a INT); INSERT INTO made VALUES (1);\nSET GLOBAL preserve_insertion_order = true;")
    server = own_server("--init_file_path", str(init))
    assert server.connect().execute("SELECT a, current_setting('preserve_insertion_order') FROM made").fetchone() == (1, True)


def test_a_failing_init_file_aborts_the_start(tmp_path):
    init = tmp_path / "init.sql"
    init.write_text("SELECT * FROM missing")
    result = run("-U", str(tmp_path), "-P", str(PORT), "-D", "none", "--init_file_path", str(init))
    assert result.returncode != 0 and "Table with name missing does not exist" in result.stderr
    result = run("-U", str(tmp_path), "-P", str(PORT), "-D", "none", "--init_file_path", str(tmp_path / "none.sql"))
    assert result.returncode != 0 and "could not read init file" in result.stderr


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("address", [[], ["--listen_address", "127.0.0.1"]])
def test_tcp(own_server, address):
    port = free_port()
    server = own_server(*address, "--port", str(port))
    with psycopg.connect(host="127.0.0.1", port=port, user="x", autocommit=True) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert server.stop() == 0


def test_no_tcp(own_server):
    port = free_port()
    server = own_server("--listen_address", "none", "--port", str(port))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert server.stop() == 0


def test_port_taken_by_another(own_server, tmp_path):
    """The default address gives way with a warning; one that was asked for is an error."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        server = own_server("--port", port)
        assert server.stop() == 0
        result = run("-U", str(tmp_path), "-P", port, "-D", "none", "--listen_address", "127.0.0.1")
        assert result.returncode != 0
        assert f'could not listen on "127.0.0.1", port {port}: Address already in use' in result.stderr


def test_abstract_socket(tmp_path):
    name = f"@pgduck-test-{os.getpid()}"
    server = Server(tmp_path)
    server.command[2] = name
    server.start()
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(f"\0{name[1:]}/.s.PGSQL.{PORT}")
        startup(raw)
    assert server.stop() == 0


def test_many_connections(server):
    connections = [server.connect() for _ in range(200)]
    for number, connection in enumerate(connections):
        connection.pgconn.send_query(f"SELECT {number}, pg_lake_sleep(0.01)".encode())
    for number, connection in enumerate(connections):
        assert connection.pgconn.get_result().get_value(0, 0) == str(number).encode()
        connection.close()


def test_max_clients(own_server):
    server = own_server("--max_clients", "3")
    held = [server.connect() for _ in range(3)]
    with pytest.raises(psycopg.OperationalError, match="too many clients"):
        server.connect()
    assert "A new client rejected as it exceeds 3 clients" in server.log
    held.pop().close()
    deadline = time.monotonic() + 10
    while True:
        try:
            held.append(server.connect())
            break
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    held[0].cancel_safe()  # cancel requests still get through


def startup(raw):
    raw.sendall(struct.pack("!ii", 16, 3 << 16) + b"user\0x\0\0")
    received = b""
    while b"Z\0\0\0\5" not in received:
        received += raw.recv(65536)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\0",
        b"\0\0\0\0",
        b"\0\0\0\4",
        b"\xff\xff\xff\xff" + b"x" * 100,
        struct.pack("!i", 20_000) + b"x" * 100,
        struct.pack("!ii", 9, 2 << 16) + b"\0",
        struct.pack("!ii", 12, 3 << 16) + b"user",
        struct.pack("!ii", 10, 3 << 16) + b"xx",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_malformed_startup(server, packet):
    with server.raw() as raw:
        raw.sendall(packet)
        raw.shutdown(socket.SHUT_WR)
        try:
            while raw.recv(65536):
                pass
        except ConnectionResetError:
            pass  # closed with bytes unread
    assert server.connect().execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "message, sqlstate",
    [
        (b"Q\0\0\0\3", b"08P01"),
        (b"Q\xff\xff\xff\xff", b"08P01"),
        (b"S\x00\x10\x00\x00", b"08P01"),
        (b"!\0\0\0\4", b"08P01"),
        (b"Q\0\0\0\7abc", b"08P01"),
        (b"Q\0\0\0\7\xff\xfe\0", b"22023"),
        (b"P\0\0\0\6a\0", b"08P01"),
        (b"P\0\0\0\x09\0\0\xff\xffx", b"08P01"),
        (b"B\0\0\0\x0c\0\0\0\0\xff\xff\0\0", b"08P01"),
        (b"B\0\0\0\x12\0\0\0\0\0\1\x7f\xff\xff\xff\0\0\0\0", b"08P01"),
        (b"B\0\0\0\x0e\0\0\0\1\0\7\0\0\0\0", b"08P01"),
        (b"D\0\0\0\6Xa", b"08P01"),
        (b"E\0\0\0\5\0", b"08P01"),
        (b"E\0\0\0\x09\0\0\0\0\0", b"34000"),
    ],
)
def test_malformed_messages(server, message, sqlstate):
    with server.raw() as raw:
        startup(raw)
        raw.sendall(message)
        received = raw.recv(65536)
        assert b"C" + sqlstate + b"\0" in received
    assert server.connect().execute("SELECT 1").fetchone() == (1,)


def test_a_claimed_length_allocates_nothing(own_server):
    server = own_server()
    sockets = []
    for _ in range(50):
        raw = server.raw()
        startup(raw)
        raw.sendall(b"Q" + struct.pack("!i", 2**30 - 1) + b"SELECT")
        sockets.append(raw)
    time.sleep(0.3)
    with open(f"/proc/{server.process.pid}/status") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    assert resident < 1_000_000
    for raw in sockets:
        raw.close()
    assert server.connect().execute("SELECT 1").fetchone() == (1,)


def test_ssl_and_gss_requests_are_declined(server):
    with server.raw() as raw:
        for code in (80877103, 80877104):
            raw.sendall(struct.pack("!ii", 8, code))
            assert raw.recv(1) == b"N"
        startup(raw)


def test_newer_protocol_minors_and_options_are_negotiated(server):
    with server.raw() as raw:
        body = b"user\0x\0_pq_.future\0on\0\0"
        raw.sendall(struct.pack("!ii", len(body) + 8, (3 << 16) + 2) + body)
        received = raw.recv(65536)
        assert received.startswith(b"v\0\0\0") and b"_pq_.future\0" in received


def test_out_of_memory_fails_the_query_alone(own_server):
    server = own_server("--memory_limit=60MB", "--threads", "2")
    connection, other = server.connect(), server.connect()
    with pytest.raises(psycopg.Error) as caught:
        connection.execute("SELECT list(i::VARCHAR || repeat('x', 100)) FROM range(5000000) t(i)")
    assert caught.value.sqlstate == "53200"
    assert "Out of Memory Error" in caught.value.diag.message_primary
    assert connection.execute("SELECT 1").fetchone() == other.execute("SELECT 1").fetchone() == (1,)


def test_nothing_is_loaded_from_the_network(connection):
    for setting in ("autoinstall_known_extensions", "autoload_known_extensions", "allow_persistent_secrets"):
        assert connection.execute(f"SELECT current_setting('{setting}')").fetchone() == (False,)
