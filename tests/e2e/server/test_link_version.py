"""The extension talks to a pgduck_server of its own kind only (docs/link.md, "Versions")."""

import socket
import struct
import threading

import psycopg
import pytest


def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


class OtherServer(threading.Thread):
    """Answers the startup of every client as PostgreSQL would, with the parameters given."""

    def __init__(self, parameters):
        super().__init__(daemon=True)
        self.parameters = parameters
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self.answer(client)

    def answer(self, client):
        while True:
            length, code = struct.unpack("!ii", client.recv(8, socket.MSG_WAITALL))
            client.recv(length - 8, socket.MSG_WAITALL)
            if code == 196608:
                break
            client.sendall(b"N")  # neither TLS nor GSSAPI
        parameters = {"server_version": "15.0", "client_encoding": "UTF8", **self.parameters}
        client.sendall(message(b"R", struct.pack("!i", 0)) +
                       b"".join(message(b"S", name.encode() + b"\0" + value.encode() + b"\0") for name, value in parameters.items()) +
                       message(b"K", struct.pack("!ii", 1, 1)) + message(b"Z", b"I"))
        client.recv(1)


@pytest.mark.parametrize("parameters, text", [
    ({}, "is not a pgduck_server of this version of pg_lake"),
    ({"pg_lake_link": "0"}, "speaks version 0 of the link"),
])
def test_another_server_is_refused(home, pg, parameters, text):
    table = f"{pg.execute('SELECT current_schema()').fetchone()[0]}.t"
    pg.execute("CREATE TABLE t (a int) USING iceberg")
    pg.close()
    server = OtherServer(parameters)
    server.start()
    home.sql(f"ALTER SYSTEM SET pg_lake_engine.host = 'host=127.0.0.1 port={server.port}'")
    try:
        restart_alone(home)
        with home.connect() as connection, pytest.raises(psycopg.OperationalError, match=text) as raised:
            connection.execute(f"SELECT * FROM {table}")
        assert raised.value.sqlstate == "08001"
    finally:
        home.sql("ALTER SYSTEM RESET pg_lake_engine.host")
        server.listener.close()
        restart_alone(home)
        home.wait_for_server()
    assert home.sql(f"SELECT count(*) FROM {table}") == [(0,)]


def restart_alone(home):
    """PostgreSQL, without waiting for a pgduck_server."""
    home.home.run_as_owner([home.home.bin / "pg_ctl", "restart", "-w", "-t", "60", "-s", "-m", "fast", "-D", home.home.pgdata, "-l", home.home.log],
                           "PostgreSQL did not restart")
