"""kill -9 in the middle of long runs, again and again: a tenant ends with exactly the file's accounts.

A long campaign is run by hand: SEGMENTS_TEST_BULK_KILLS=50 SEGMENTS_TEST_BULK_ACCOUNTS=200000
"""

import os
import random
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.bulk import journals, write_ids
from tests.support.command import Segments
from tests.support.serving import served
from tests.support.stores import members_of

RUNS = int(os.environ.get("SEGMENTS_TEST_BULK_KILLS", "1"))
ACCOUNTS = int(os.environ.get("SEGMENTS_TEST_BULK_ACCOUNTS", "20000"))
CHUNK = ACCOUNTS // 400
FAULTS = ("--no-auth", "--fault-rate", "0.1", "--rate-limit", "60", "--latency", "5")


class Run(NamedTuple):
    """One file of accounts, sent and killed until it was done: kills, and pieces journaled then."""

    kills: int
    acknowledged: int


def pieces(journal: Path) -> list[tuple[int, int]]:
    lines = journal.read_text().split("\n")[1:-1]
    return [(int(start), int(stop)) for start, stop, _ in (line.split() for line in lines)]


def send_until_done(client: Segments, file: str, chance: random.Random) -> Run:
    """Sends a file, kills the sender at random moments, and resumes until it ends by itself."""
    arguments = ["accounts", "add", "VIP", "--file", file, "--chunk-size", str(CHUNK), "--timeout", "60"]
    kills = 0
    known: list[tuple[int, int]] = []
    while True:
        process = client.start(*arguments)
        deadline = time.monotonic() + chance.uniform(0.2, 2.0)
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if process.poll() is None and (not known or chance.random() < 0.9):
            process.kill()
            process.communicate()
            kills += 1
        else:
            _, stderr = process.communicate(timeout=300)
            assert process.returncode in (0, 6), stderr.decode()
            if process.returncode == 0:
                return Run(kills, len(known))
        for journal in journals(client):
            there = pieces(journal)
            # A chunk in the journal is not sent again, so none is acknowledged twice.
            assert there[: len(known)] == known
            assert not overlaps(there)
            known = there
        if "--resume" not in arguments:
            arguments.append("--resume")


def overlaps(pieces: list[tuple[int, int]]) -> bool:
    ordered = sorted(pieces)
    return any(one[1] > other[0] for one, other in pairwise(ordered))


@pytest.mark.parametrize("run", range(RUNS))
def test_a_tenant_gets_exactly_the_accounts_of_the_file_however_often_the_command_is_killed(
    tmp_path: Path, run: int, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(run)
    wanted = sorted(chance.sample(range(1, 2_147_483_648), ACCOUNTS))
    file = write_ids(tmp_path / "ids.txt", chance.sample(wanted, ACCOUNTS))
    store = tmp_path / "tenant.db"
    with served(tmp_path, "--backend", f"sqlite:{store}", *FAULTS) as tenant:
        client = Segments(tmp_path)
        client.env |= {"KIBO_API_HOST": tenant.url}
        client.ok("add", "VIP")
        done = send_until_done(client, file, chance)
    assert members_of(store) == wanted
    assert done.kills
    assert done.acknowledged
    assert journals(client) == []
    record_property("kills", done.kills)
    record_property("pieces acknowledged before the last kill", done.acknowledged)


def test_a_killed_local_run_did_all_or_nothing(tmp_path: Path) -> None:
    chance = random.Random(RUNS)
    client = Segments(tmp_path)
    client.ok("add", "VIP")
    wanted = sorted(chance.sample(range(1, 2_147_483_648), ACCOUNTS * 10))
    file = write_ids(tmp_path / "ids.txt", wanted)
    begun = time.monotonic()
    client.ok("accounts", "add", "VIP", "--file", file)
    lasts = time.monotonic() - begun
    client.ok("delete", "VIP", "--yes")
    client.ok("add", "NEXT")
    ends = []
    for _ in range(max(RUNS, 5)):
        process = client.start("accounts", "add", "NEXT", "--file", file)
        time.sleep(chance.uniform(0, lasts))
        process.kill()
        process.communicate()
        count = int(client.ok("accounts", "list", "NEXT", "--query", "totalCount", "-o", "json").json)
        ends.append(count)
        assert count in (0, len(wanted))
        if count:
            client.ok("accounts", "set", "NEXT", "--file", "/dev/null", "--allow-empty", "--yes")
    assert 0 in ends
