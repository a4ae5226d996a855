"""PgBouncer in transaction mode between the clients and the server: clients share connections."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import psycopg2
import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.model import SegmentDraft
from tests.postgresql.conftest import Open
from tests.support.backends import add, members
from tests.support.postgresql import schema_of, server
from tests.support.programs import program

_CLIENTS = 6
_USER = "nobody"  # runs the pool if the tests run as root, which PgBouncer refuses


@pytest.fixture
def pooled(url: str, tmp_path: Path) -> Iterator[str]:
    """The store behind a pool with two connections."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path / "pool.log"
    log.touch(0o666)
    log.chmod(0o666)
    settings = tmp_path / "pool.ini"
    settings.write_text(
        f"[databases]\npostgres = host=127.0.0.1 port={server().port} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 2\nunix_socket_dir =\n"
    )
    as_other_user = ["setpriv", f"--reuid={_USER}", "--clear-groups"] if os.geteuid() == 0 else []
    with settings.open("rb") as file, log.open("wb") as output:
        # The file is passed open, because the folders above it are private.
        command = [*as_other_user, program("pgbouncer"), "/dev/fd/0"]
        process = subprocess.Popen(command, stdin=file, stdout=output, stderr=output)
    try:
        _wait_for(port, log)
        yield url.replace(f":{server().port}", f":{port}")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _wait_for(port: int, log: Path) -> None:
    for _ in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    pytest.fail(log.read_text())


def test_clients_that_share_connections(opened: Open, pooled: str, backend: Backend) -> None:
    (vip,) = add(opened(pooled), "VIP")
    clients = [opened(pooled) for _ in range(_CLIENTS)]

    def work(n: int) -> None:
        for i in range(10):
            client = clients[n]
            client.add_segment_accounts(vip.id, AccountSet([n * 100 + i + 1]))
            client.update_segment(vip.id, SegmentDraft("VIP", f"{n} {i}"))
            assert n * 100 + i + 1 in client.get_segment_accounts(vip.id)
            assert client.codes("", 9).items == ["VIP"]

    with ThreadPoolExecutor(_CLIENTS) as pool:
        for done in [pool.submit(work, n) for n in range(_CLIENTS)]:
            done.result()
    assert members(backend, vip) == [n * 100 + i + 1 for n in range(_CLIENTS) for i in range(10)]


def test_nothing_is_left_behind_for_the_next_client(opened: Open, pooled: str, url: str) -> None:
    client = opened(pooled)
    (vip,) = add(client, "VIP")
    client.get_segment_accounts(vip.id)
    client.get_segment(vip.id)
    port = pooled.partition("@127.0.0.1:")[2].partition("/")[0]
    with closing(psycopg2.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres")) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        for name in ("search_path", "lock_timeout", "default_transaction_isolation"):
            cursor.execute(f"SELECT setting, reset_val FROM pg_settings WHERE name = '{name}'")
            setting, default = cursor.fetchall()[0]
            assert setting == default
            assert schema_of(url) not in setting
        for view in ("pg_prepared_statements", "pg_cursors"):
            cursor.execute(f"SELECT count(*) FROM {view} WHERE name <> ''")
            assert cursor.fetchall() == [(0,)]
