"""How the examples of pages are run: what they speak of is there, and someone answers their questions."""

import gzip
import re
import socket
import time
from typing import Any

import pexpect

from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.shell import ended, spawn
from tests.support.stores import fill, fill_accounts

CODES = ["VIP", "STAFF", "2026", "SPRING-26"]
MEMBERS = range(1001, 1041)
SERVING = "to connect a client:"


def prepare(segments: Segments) -> None:
    """What the examples speak of: segments with accounts, and files of accounts."""
    fill(segments, map(SegmentDraft, CODES))
    fill_accounts(segments, 1, MEMBERS)
    for name in ("customers.csv", "gone.txt"):
        head = "id\n" if name.endswith(".csv") else ""
        (segments.home / name).write_text(head + "".join(f"{account}\n" for account in MEMBERS[:-1]))
    with gzip.open(segments.home / "ids.gz", "wb") as packed:
        packed.write(b"1001\n2001\n")


def await_free_port(port: int) -> None:
    """Until no other test run on this machine has it."""
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_server(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"port {port} is taken"
            time.sleep(0.1)


def run(segments: Segments, line: str, secret: str = "") -> int:
    """The exit code of what a shell makes of the line on a terminal, with someone there to answer."""
    if re.search(r"\bserve\b(?!.* --port 0)", line):
        await_free_port(8080)
    child: Any = spawn(segments, line, SHELL="/bin/bash")
    while True:
        asked = child.expect(["\\[y/N\\]", "asked each time\\)", SERVING, pexpect.EOF])
        if asked == 3:
            return ended(child)[0]
        if asked == 2:
            child.sendintr()
        else:
            child.sendline("y" if asked == 0 else secret)
