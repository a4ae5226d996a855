"""Every example of every manual page runs as it is written."""

import gzip
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from segcli.model import SegmentDraft
from tests.cli.shell import ended, spawn
from tests.cli.stores import fill, fill_accounts
from tests.command import Segments
from tests.man.pages import PAGES, examples
from tests.tenant_server import CLIENT_ID, SECRET, TenantServer, serving

CODES = ["VIP", "STAFF", "2026", "SPRING-26"]
MEMBERS = range(1001, 1041)
NEW_PROFILES = ("segments-profile-add.1", "segments-profile.1", "segments-config.5")
SERVING = "to point a client at it:"


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[TenantServer]:
    with serving(tmp_path / "tenant.db") as server:
        yield server


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_run_as_written(page: Path, segments: Segments, tenant: TenantServer) -> None:
    _prepare(page.name, segments, tenant)
    for line in examples(page):
        if line.startswith("segments add "):
            segments("delete", line.split()[2], "--yes", "--ignore-missing")
        if re.search(r"\bserve\b(?!.* --port 0)", line):
            _await_free_port(8080)
        assert _run(segments, line) == 0, line


def _prepare(page: str, segments: Segments, tenant: TenantServer) -> None:
    """What the examples speak of: segments with accounts, files of accounts, and a profile."""
    fill(segments, map(SegmentDraft, CODES))
    fill_accounts(segments, 1, MEMBERS)
    for name in ("customers.csv", "gone.txt"):
        head = "id\n" if name.endswith(".csv") else ""
        (segments.home / name).write_text(head + "".join(f"{account}\n" for account in MEMBERS[:-1]))
    with gzip.open(segments.home / "ids.gz", "wb") as packed:
        packed.write(b"1001\n2001\n")
    if page not in NEW_PROFILES:
        where = ("--backend", tenant.url, "--auth-host", tenant.url, "--client-id", CLIENT_ID)
        segments("profile", "add", "sandbox", *where, "--secret-stdin", stdin=SECRET)
        (config,) = segments.home.rglob("config.yaml")
        config.write_text(re.sub("^current: .*\n", "", config.read_text(), flags=re.MULTILINE))


def _await_free_port(port: int) -> None:
    """Until no other test run on this machine has it."""
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_server(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"port {port} is taken"
            time.sleep(0.1)


def _run(segments: Segments, line: str) -> int:
    """The exit code of what a shell makes of the line on a terminal, with someone there to answer."""
    child: Any = spawn(segments, line, SHELL="/bin/bash")
    while True:
        asked = child.expect(["\\[y/N\\]", "asked each time\\)", SERVING, pexpect.EOF])
        if asked == 3:
            return ended(child)[0]
        if asked == 2:
            child.sendintr()
        else:
            child.sendline("y" if asked == 0 else "")
