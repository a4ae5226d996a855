"""PgBouncer in transaction mode: a transaction is on any connection, and leaves nothing behind on it."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
import pytest

from segcli.account_set import AccountSet
from segcli.customer import Customer
from segcli.query.tree import SegmentQuery
from tests.postgresql.conftest import Open
from tests.postgresql.writer import STRIDE, reports, start_writer
from tests.support.backends import add, members
from tests.support.postgresql import schema_of, server
from tests.support.programs import program
from tests.support.replication import as_server

CONFIGURATION = """
[databases]
postgres = host=127.0.0.1 port={server} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = 2
"""


@pytest.fixture
def pooled(url: str) -> Iterator[str]:
    """The store by way of two connections for all clients."""
    with TemporaryDirectory(prefix="segcli-pg-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        os.chmod(folder, 0o755)
        file = Path(folder, "pgbouncer.ini")
        file.write_text(CONFIGURATION.format(server=server().port, port=port))
        pool = subprocess.Popen(as_server([program("pgbouncer"), "-q", str(file)]), stderr=subprocess.DEVNULL)
        try:
            wait_until_open(port)
            yield url.replace(f":{server().port}", f":{port}")
        finally:
            pool.terminate()
            pool.wait()


def wait_until_open(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def test_clients_share_the_connections_of_a_pool(pooled: str, opened: Open) -> None:
    backend = opened(pooled)
    vip, _ = add(backend, "VIP", "STAFF")
    backend.add_segment_accounts(vip.id, AccountSet([1]))
    _, items = backend.iter_segments(SegmentQuery())
    next(items)  # holds one connection until its end
    customers = [Customer(number, f"c{number}@b.c") for number in range(1, 2_001)]
    backend.customers.save(customers)
    assert list(backend.customers.list(SegmentQuery()).items) == customers
    assert backend.customers.find({"email": ["C2@B.C"]}) == {"email": {"c2@b.c": [customers[1]]}}
    assert backend.get_accounts(SegmentQuery()).total_count == len(customers)
    written = reports([start_writer(pooled, name, 10, vip.id) for name in (1, 2, 3)])
    assert written == [(list(range(10)), [])] * 3
    assert len(list(items)) == 1
    assert members(backend, vip) == [1, *(name * STRIDE + n + 1 for name in (1, 2, 3) for n in range(10))]
    assert all(check.run() for check in backend.checks())


def test_nothing_is_left_behind_for_the_next_client(pooled: str, url: str, opened: Open) -> None:
    backend = opened(pooled)
    (vip,) = add(backend, "VIP")
    backend.add_segment_accounts(vip.id, AccountSet([1]))
    backend.get_segment(vip.id)  # outside a transaction
    with closing(psycopg2.connect(pooled.partition("?")[0])) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name, setting, reset_val FROM pg_settings WHERE setting <> reset_val")
        changed = {name: setting for name, setting, _ in cursor.fetchall()}
        assert not {"search_path", "lock_timeout", "default_transaction_isolation"} & changed.keys()
        cursor.execute("SHOW search_path")
        assert schema_of(url) not in cursor.fetchall()[0][0]
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchall() == [(0,)]
