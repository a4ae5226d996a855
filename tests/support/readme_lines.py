"""Runs the examples of pages: prepares the data that they use, and answers their prompts."""

import gzip
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pexpect
from filelock import FileLock

from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.shell import ended, spawn
from tests.support.stores import fill, fill_accounts

CODES = ["VIP", "STAFF", "2026", "SPRING-26"]
MEMBERS = range(1001, 1041)
PORT = 8080  # the default of `serve`
SERVING = "to point a client at it:"


def prepare(segments: Segments) -> None:
    """Creates what the examples use: segments with accounts, and files of accounts."""
    fill(segments, map(SegmentDraft, CODES))
    fill_accounts(segments, 1, MEMBERS)
    for name in ("customers.csv", "gone.txt"):
        head = "id\n" if name.endswith(".csv") else ""
        (segments.home / name).write_text(head + "".join(f"{account}\n" for account in MEMBERS[:-1]))
    with gzip.open(segments.home / "ids.gz", "wb") as packed:
        packed.write(b"1001\n2001\n")


@contextmanager
def default_port() -> Iterator[None]:
    """Reserves the default port of `serve`: one test at a time uses it, in all runs on this machine."""
    with FileLock(Path(gettempdir(), f"segcli-tests-{os.getuid()}-{PORT}.lock"), timeout=120):
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_server(("127.0.0.1", PORT)).close()
                break
            except OSError:
                assert time.monotonic() < deadline, f"port {PORT} is taken"
                time.sleep(0.1)
        yield


def run(segments: Segments, line: str, secret: str = "") -> int:
    """The exit code of a line that a shell runs on a terminal; prompts are answered, a server is stopped."""
    serves = re.search(r"\bserve\b(?!.* --port 0)", line)
    with default_port() if serves else nullcontext():
        return _run(segments, line, secret)


def _run(segments: Segments, line: str, secret: str) -> int:
    child: Any = spawn(segments, line, SHELL="/bin/bash")
    while True:
        asked = child.expect(["\\[y/N\\]", "asked each time\\)", SERVING, pexpect.EOF])
        if asked == 3:
            return ended(child)[0]
        if asked == 2:
            child.sendintr()
        else:
            child.sendline("y" if asked == 0 else secret)
