"""Runs the examples of pages: creates what they use, and answers their prompts."""

import gzip
import re
import shutil
import socket
import time
from typing import Any

import pexpect

from segcli.customer import Customer
from segcli.manifest.plan import Plan
from segcli.manifest.saved_plan import save_plan
from segcli.model import SegmentDraft
from tests.support.command import Segments
from tests.support.shell import ended, spawn
from tests.support.stores import fill, fill_accounts, fill_customers

CODES = ["VIP", "STAFF", "2026", "SPRING-26"]
MEMBERS = range(1001, 1041)
SERVING = "segments list|segments --backend"  # the end of what `serve` prints when it is ready


def prepare(segments: Segments) -> None:
    """Creates what the examples use: segments with accounts, and files of accounts."""
    fill(segments, map(SegmentDraft, CODES))
    fill_accounts(segments, 1, MEMBERS)
    customers = [Customer(each, f"customer{each}@example.com") for each in MEMBERS]
    named = [Customer(2001, "jane@example.com"), Customer(2002, external_id="C-77")]
    fill_customers(segments, [*customers, *named])
    (segments.home / "emails.txt").write_text("customer1001@example.com\ncustomer1002@example.com\n")
    for name in ("customers.csv", "gone.txt"):
        head = "id\n" if name.endswith(".csv") else ""
        (segments.home / name).write_text(head + "".join(f"{account}\n" for account in MEMBERS[:-1]))
    (segments.home / "segments.yaml").write_text(
        "version: 1\nsegments:\n  - code: VIP\nchecks:\n  - VIP >= 1\n"
    )
    shutil.copy(segments.store, segments.home / "backup.db")
    save_plan(Plan(f"sqlite:{segments.store}", [], atomic=True), str(segments.home / "plan.json"))
    with gzip.open(segments.home / "ids.gz", "wb") as packed:
        packed.write(b"1001\n2001\n")


def await_free_port(port: int) -> None:
    """Waits until no other test run on this machine uses the port."""
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_server(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"port {port} is in use"
            time.sleep(0.1)


def run(segments: Segments, line: str, secret: str = "") -> int:
    """The exit code of the line in a shell on a terminal; prompts are answered with yes or the secret."""
    serves = re.search(r"\bserve\b", line)
    if serves and "--port 0" not in line:
        await_free_port(8080)
    child: Any = spawn(segments, line, SHELL="/bin/bash")
    answers = [("\\[y/N\\]", "y\n"), ("[Ss]hared secret.*: $", f"{secret}\n")]
    if serves:
        answers.append((SERVING, "\x03"))
    while True:
        event = child.expect([pexpect.EOF, *(pattern for pattern, _ in answers)])
        if event == 0:
            return ended(child)[0]
        child.send(answers[event - 1][1])
