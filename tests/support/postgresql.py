"""A PostgreSQL server for the tests of one process, where every test has a schema of its own.

Its database `secured` is only for roles with a password.
"""

import atexit
import os
import shutil
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.replication import Node

CITUS = os.environ.get("SEGMENTS_TEST_CITUS", "")  # the URL of a cluster, if there is one
NEEDS_CITUS = pytest.mark.skipif(not CITUS, reason="SEGMENTS_TEST_CITUS has no URL of a Citus cluster")
_numbers = count(1)


@cache
def server() -> Node:
    """The server; it is stopped at the end of the process."""
    folder = Path(tempfile.mkdtemp(prefix="segcli-pg-"))
    node = Node(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    node.prepare()
    node.initialize()
    rules = Path(node.data, "pg_hba.conf")
    rules.write_text(f"host secured all 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    node.start("-c fsync=off -c full_page_writes=off")
    atexit.register(node.stop)
    node.sql("CREATE DATABASE secured")
    return node


def new_store(url: str | None = None) -> str:
    """The URL of a store that does not exist yet, on the server or in the database with that URL."""
    name = f"store_{next(_numbers)}" if url is None else f"store_{uuid4().hex}"
    return f"{url or server_url()}?options=-csearch_path={name}"


def shared_store(kind: str) -> str:
    """The URL of a new store, on a server ("postgresql") or a cluster ("citus"; without one, it skips)."""
    if kind == "postgresql":
        return new_store()
    if not CITUS:
        pytest.skip("SEGMENTS_TEST_CITUS has no URL of a Citus cluster")
    return new_store(CITUS)


def server_url(database: str = "postgres", user: str = "postgres") -> str:
    return f"postgresql://{user}@127.0.0.1:{server().port}/{database}"


def schema_of(url: str) -> str:
    """The schema of a new store."""
    return url.rpartition("=")[2]


def new_role(options: str) -> str:
    """The name of a new role."""
    name = f"role_{next(_numbers)}"
    server().sql(f"CREATE ROLE {name} {options}")
    return name
