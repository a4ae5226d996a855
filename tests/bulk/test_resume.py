"""An interrupted run resumes where it stopped, and repeats nothing that was acknowledged."""

import json
import os
import signal
import sqlite3
import stat
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from tests.support.bulk import Tenant, is_chunk, journals, wait_for, write_ids
from tests.support.command import Segments
from tests.support.fault_scripts import reply
from tests.support.serving import served
from tests.support.stores import members_of, open_store
from tests.support.tenant_server import Fault, Request, Script

IDS = range(1, 2501)
DOWN = reply(503)
ADD = ("accounts", "add", "VIP", "-o", "json", "--file")


def after(chunks: int, fault: Fault) -> Script:
    """The fault for every chunk after the first `chunks`."""
    seen = Counter[str]()

    def script(request: Request) -> Fault | None:
        seen["chunks"] += is_chunk(request)
        return fault if is_chunk(request) and seen["chunks"] > chunks else None

    return script


@pytest.fixture
def file(tmp_path: Path) -> str:
    return write_ids(tmp_path / "ids.txt", IDS)


@pytest.fixture
def interrupted(tenant: Tenant, file: str) -> Tenant:
    """A tenant that accepted one chunk of a thousand and was then unavailable."""
    tenant.play(after(1, DOWN))
    done = tenant.segments(*ADD, file, "--concurrency", "1", "--timeout", "1")
    assert done.code == 6
    tenant.play(None)
    tenant.server.requests.clear()
    return tenant


def test_an_error_says_how_far_the_run_got_and_how_to_resume(tenant: Tenant, file: str) -> None:
    tenant.play(after(1, DOWN))
    done = tenant.segments(*ADD, file, "--concurrency", "1", "--timeout", "1")
    assert done.code == 6
    assert (done.json["added"], done.json["failed"]) == (1000, 0)
    assert done.error["message"].endswith("; 1,000 of 2,500 accounts were done")
    assert done.error["hint"].endswith("run the same command with --resume to send the rest")
    [journal] = journals(tenant.segments)
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.parent.stat().st_mode) == 0o700


def test_only_the_rest_is_sent(interrupted: Tenant, file: str) -> None:
    report = interrupted.report("add", "VIP", "--file", file, "--resume")
    assert sorted(map(len, interrupted.chunks)) == [500, 1000]
    assert (report["resumed"], report["added"], report["unique"]) == (1000, 1500, 2500)
    assert interrupted.members == list(IDS)
    assert journals(interrupted.segments) == []


def test_the_rest_may_be_sent_in_chunks_of_another_size(interrupted: Tenant, file: str) -> None:
    assert interrupted.report("add", "VIP", "--file", file, "--resume", "--chunk-size", "700")["chunks"] == 3
    assert interrupted.members == list(IDS)


def test_the_same_accounts_in_another_order_are_the_same_run(interrupted: Tenant, tmp_path: Path) -> None:
    file = write_ids(tmp_path / "ids.txt", [*reversed(IDS), 7])
    assert interrupted.report("add", "VIP", "--file", file, "--resume")["resumed"] == 1000


def test_a_changed_file_is_rejected_and_nothing_is_sent(interrupted: Tenant, file: str) -> None:
    write_ids(Path(file), [*IDS, 9999])
    done = interrupted.segments(*ADD, file, "--resume")
    assert done.code == 2
    assert "ids.txt has changed since the run was interrupted" in done.error["message"]
    assert interrupted.chunks == []
    assert interrupted.report("add", "VIP", "--file", file)["resumed"] == 0
    assert journals(interrupted.segments) == []


def test_another_file_does_not_touch_the_interrupted_run(
    interrupted: Tenant, file: str, tmp_path: Path
) -> None:
    other = write_ids(tmp_path / "other.txt", range(5000, 7000))
    done = interrupted.segments(*ADD, other, "--resume")
    assert (done.code, done.json["resumed"]) == (0, 0)
    assert "nothing to resume: starting from the beginning" in done.stderr
    assert interrupted.report("add", "VIP", "--file", file, "--resume")["resumed"] == 1000


def test_another_segment_another_verb_and_another_tenant_have_nothing_to_resume(
    interrupted: Tenant, file: str
) -> None:
    interrupted.segments.ok("add", "STAFF")
    assert interrupted.report("add", "STAFF", "--file", file, "--resume")["resumed"] == 0
    assert interrupted.report("remove", "VIP", "--file", file, "--resume")["resumed"] == 0
    elsewhere = {"KIBO_TENANT": "77"}
    assert interrupted.segments.ok(*ADD, file, "--resume", **elsewhere).json["resumed"] == 0


def test_without_resume_everything_is_sent_again(interrupted: Tenant, file: str) -> None:
    report = interrupted.report("add", "VIP", "--file", file)
    assert (report["resumed"], report["added"]) == (0, 2500)
    assert journals(interrupted.segments) == []


def test_an_incomplete_line_of_the_journal_is_ignored(interrupted: Tenant, file: str) -> None:
    [journal] = journals(interrupted.segments)
    with journal.open("a") as lines:
        lines.write("1000 25")
    interrupted.play(after(1, DOWN))
    done = interrupted.segments(*ADD, file, "--resume", "--concurrency", "1", "--timeout", "1")
    assert (done.code, done.json["resumed"], done.json["added"]) == (6, 1000, 1000)
    interrupted.play(None)
    assert interrupted.report("add", "VIP", "--file", file, "--resume")["resumed"] == 2000
    assert interrupted.members == list(IDS)


@pytest.mark.parametrize(
    "nonsense", ["x y", "5 3", "-1 4", "0 2501", "7", "", "0 2500", "0 2500 00000000", "\x00 1 2", "0 2500 é"]
)
def test_a_damaged_line_of_the_journal_is_ignored(interrupted: Tenant, file: str, nonsense: str) -> None:
    [journal] = journals(interrupted.segments)
    with journal.open("a") as lines:
        lines.write(f"{nonsense}\n")
    assert interrupted.report("add", "VIP", "--file", file, "--resume")["resumed"] == 1000
    assert interrupted.members == list(IDS)


def test_a_run_continues_without_a_journal_and_says_so(tenant: Tenant, file: str) -> None:
    (tenant.segments.home / "state" / "segments" / "journals").write_text("no folder")
    done = tenant.segments(*ADD, file)
    assert done.code == 0
    assert "this run cannot be resumed" in done.stderr
    assert tenant.members == list(IDS)


def test_a_killed_run_resumes_after_what_was_acknowledged(tenant: Tenant, file: str) -> None:
    tenant.play(lambda request: Fault(delay=0.05) if is_chunk(request) else None)
    process = tenant.segments.start(*ADD, file, "--chunk-size", "50")
    wait_for(lambda: journals(tenant.segments) and journals(tenant.segments)[0].read_text().count("\n") > 8)
    process.kill()
    process.communicate()
    acknowledged = [line.split() for line in journals(tenant.segments)[0].read_text().splitlines()[1:]]
    tenant.play(None)
    tenant.server.requests.clear()
    report = tenant.report("add", "VIP", "--file", file, "--resume")
    assert report["resumed"] == 50 * len(acknowledged)
    sent_again = {account_id for chunk in tenant.chunks for account_id in chunk}
    done_before = {n + 1 for start, stop, _ in acknowledged for n in range(int(start), int(stop))}
    assert not sent_again & done_before
    assert tenant.members == list(IDS)


def test_ctrl_c_lets_running_requests_finish(tenant: Tenant, file: str) -> None:
    tenant.play(lambda request: Fault(delay=0.3) if is_chunk(request) else None)
    process = tenant.segments.start(*ADD, file, "--chunk-size", "50")
    wait_for(lambda: len(tenant.chunks) >= 6)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"interrupted; " in stderr
    assert b"--resume" in stderr
    sent = len(tenant.chunks)
    assert tenant.members == list(range(1, 50 * sent + 1))
    assert json.loads(stdout)["added"] == 50 * sent
    tenant.play(None)
    assert tenant.report("add", "VIP", "--file", file, "--resume")["resumed"] == 50 * sent
    assert tenant.members == list(IDS)


def test_ctrl_c_ends_the_wait_for_a_rate_limit(tenant: Tenant, file: str) -> None:
    tenant.play(after(2, reply(429, Retry_After="3600")))
    process = tenant.segments.start(*ADD, file, "--chunk-size", "500", "--timeout", "7200")
    wait_for(lambda: len(tenant.chunks) >= 4)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"1,000 of 2,500 accounts were done" in stderr


def test_a_removal_can_be_resumed(tenant: Tenant, file: str) -> None:
    tenant.report("add", "VIP", "--file", file)
    few = write_ids(Path(file).with_name("few.txt"), range(1, 41))
    seen = Counter[str]()

    def fail_later(request: Request) -> Fault | None:
        seen["removals"] += request.method == "DELETE"
        return reply(403, b'{"errorCode": "FORBIDDEN"}') if seen["removals"] > 20 else None

    tenant.play(fail_later)
    arguments = ("accounts", "remove", "VIP", "--file", few, "--concurrency", "1", "-o", "json")
    done = tenant.segments(*arguments)
    assert (done.code, done.json["removed"]) == (5, 20)
    tenant.play(None)
    report = tenant.report("remove", "VIP", "--file", few, "--resume")
    assert (report["resumed"], report["removed"], report["notMembers"]) == (20, 20, 0)


@pytest.mark.parametrize("digit", range(3))
def test_a_changed_digit_in_the_journal_is_noticed(interrupted: Tenant, file: str, digit: int) -> None:
    [journal] = journals(interrupted.segments)
    head, line = journal.read_text().splitlines()
    assert line.startswith("0 1000 ")
    changed = ["0 2000", "5 1000", "0 1001"][digit]
    journal.write_text(f"{head}\n{line.replace('0 1000', changed)}\n")
    assert interrupted.report("add", "VIP", "--file", file, "--resume")["resumed"] == 0
    assert interrupted.members == list(IDS)


def test_lines_of_another_journal_are_ignored(interrupted: Tenant, file: str, tmp_path: Path) -> None:
    [journal] = journals(interrupted.segments)
    other = write_ids(tmp_path / "other.txt", range(5000, 9000))
    interrupted.play(after(0, DOWN))
    interrupted.segments(*ADD, other, "--concurrency", "1", "--timeout", "1")
    interrupted.play(None)
    [second] = set(journals(interrupted.segments)) - {journal}
    second.write_bytes(journal.read_bytes())
    assert interrupted.report("add", "VIP", "--file", other, "--resume")["resumed"] == 0
    assert interrupted.members == [*range(1, 1001), *range(5000, 9000)]


UNDO = {
    "a removal from a file": ("remove", "VIP", "--file", "FILE"),
    "a removal of one account": ("remove", "VIP", "500"),
    "set": ("set", "VIP", "--file", "LAST", "--yes"),
    "set that removes nothing": ("set", "VIP", "--file", "FILE", "--yes"),
}


@pytest.mark.parametrize("undo", UNDO.values(), ids=UNDO)
def test_a_run_that_was_undone_is_not_resumed(
    interrupted: Tenant, file: str, tmp_path: Path, undo: tuple[str, ...]
) -> None:
    last = write_ids(tmp_path / "last.txt", [2500])
    interrupted.report(*({"FILE": file, "LAST": last}.get(word, word) for word in undo))
    assert journals(interrupted.segments) == []
    assert interrupted.report("add", "VIP", "--file", file, "--resume")["resumed"] == 0
    assert interrupted.members == list(IDS)


def test_a_dry_run_undoes_nothing(interrupted: Tenant, file: str) -> None:
    interrupted.report("remove", "VIP", "--file", file, "--dry-run")
    assert interrupted.report("add", "VIP", "--file", file, "--resume")["resumed"] == 1000


def test_a_removal_is_not_resumed_after_an_addition(tenant: Tenant, file: str) -> None:
    tenant.report("add", "VIP", "--file", file)
    few = write_ids(Path(file).with_name("few.txt"), range(1, 41))
    removed = Counter[str]()

    def fail_later(request: Request) -> Fault | None:
        removed["all"] += request.method == "DELETE"
        return DOWN if removed["all"] > 20 else None

    tenant.play(fail_later)
    done = tenant.segments(
        "accounts", "remove", "VIP", "--file", few, "--concurrency", "1", "--timeout", "1", "-o", "json"
    )
    assert (done.code, done.json["removed"]) == (6, 20)
    tenant.play(None)
    tenant.report("add", "VIP", "1")
    assert tenant.report("remove", "VIP", "--file", few, "--resume")["resumed"] == 0
    assert tenant.members == list(range(41, 2501))


def test_a_segment_that_was_created_again_gets_all_accounts(tenant: Tenant, file: str) -> None:
    """A tenant whose store was replaced: the same host, and a segment with the same id and code."""
    tenant.play(after(1, DOWN))
    assert tenant.segments(*ADD, file, "--concurrency", "1", "--timeout", "1").code == 6
    tenant.play(None)
    with closing(open_store(str(tenant.server.store), timeout=10)) as backend:
        backend.remove_segment_accounts(1, AccountSet(IDS))
    with closing(sqlite3.connect(tenant.server.store)) as store, store:
        store.execute("UPDATE segment_record SET create_date = create_date + 1000")
    assert tenant.report("add", "VIP", "--file", file, "--resume")["resumed"] == 0
    assert tenant.members == list(IDS)


def test_a_journal_is_used_for_seven_days(interrupted: Tenant, file: str) -> None:
    [journal] = journals(interrupted.segments)
    week = 7 * 24 * 3600
    os.utime(journal, (time.time() - week + 60,) * 2)
    changed = write_ids(Path(file), [*IDS, 9999])
    assert interrupted.segments(*ADD, changed, "--resume").code == 2
    os.utime(journal, (time.time() - week - 60,) * 2)
    assert interrupted.report("add", "VIP", "--file", changed, "--resume")["resumed"] == 0
    assert journals(interrupted.segments) == []
    assert interrupted.members == [*IDS, 9999]


def test_a_small_run_replaces_the_journal_of_the_same_file(interrupted: Tenant, file: str) -> None:
    write_ids(Path(file), range(1, 11))
    interrupted.report("add", "VIP", "--file", file)
    assert journals(interrupted.segments) == []
    assert interrupted.report("add", "VIP", "--file", file, "--resume")["resumed"] == 0


def test_a_journal_that_cannot_be_deleted_stops_the_run_that_undoes_it(
    interrupted: Tenant, file: str
) -> None:
    [journal] = journals(interrupted.segments)
    journal.unlink()
    journal.mkdir()  # even root cannot unlink it
    done = interrupted.segments("accounts", "remove", "VIP", "500", "-o", "json")
    assert done.code == 7
    assert f"the journal {journal} is out of date and cannot be deleted" in done.error["message"]
    assert 500 in interrupted.members


def test_a_local_store_keeps_the_chunks_that_were_done(segments: Segments, tmp_path: Path) -> None:
    segments.ok("add", "VIP")
    file = write_ids(tmp_path / "ids.txt", range(1, 100_001))
    process = segments.start(*ADD, file, "--chunk-size", "50")
    wait_for(lambda: members_of(segments.store))
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"--resume" in stderr
    before = len(members_of(segments.store))
    assert 0 < before < 100_000
    assert before % 50 == 0
    report = segments.ok(*ADD, file, "--resume").json
    assert len(members_of(segments.store)) == 100_000
    assert report["unique"] == 100_000


def test_a_local_store_is_compared_and_has_no_journal(segments: Segments, tmp_path: Path) -> None:
    """Killed in the middle, then undone: --resume sends what is missing now."""
    segments.ok("add", "VIP")
    file = write_ids(tmp_path / "ids.txt", range(1, 100_001))
    process = segments.start(*ADD, file, "--chunk-size", "50")
    wait_for(lambda: members_of(segments.store))
    process.kill()
    process.communicate()
    assert journals(segments) == []
    assert 0 < len(members_of(segments.store)) < 100_000
    segments.ok("accounts", "remove", "VIP", "--file", file)
    segments.ok("accounts", "add", "VIP", "7", "100001")
    report = segments.ok(*ADD, file, "--chunk-size", "5000", "--resume").json
    assert (report["resumed"], report["added"], report["chunks"]) == (1, 99_999, 20)
    assert members_of(segments.store) == list(range(1, 100_002))
    report = segments.ok(*ADD, file, "--chunk-size", "5000", "--resume").json
    assert (report["resumed"], report["added"], report["chunks"]) == (100_000, 0, 0)


def kill_in_the_middle(client: Segments, file: str) -> None:
    """Starts to add a file, and kills the command when some chunks were acknowledged."""
    process = client.start(*ADD, file, "--chunk-size", "50")
    wait_for(lambda: journals(client) and journals(client)[0].read_text().count("\n") > 8)
    process.kill()
    process.communicate()


def test_a_killed_run_that_was_undone_is_not_resumed(tenant: Tenant, file: str) -> None:
    tenant.play(lambda request: Fault(delay=0.05) if is_chunk(request) else None)
    kill_in_the_middle(tenant.segments, file)
    tenant.play(None)
    tenant.report("remove", "VIP", "--file", file, "--concurrency", "8")
    assert tenant.members == []
    assert tenant.report("add", "VIP", "--file", file, "--resume")["resumed"] == 0
    assert tenant.members == list(IDS)


def test_a_run_is_not_resumed_on_a_new_server_at_the_same_address(tmp_path: Path, file: str) -> None:
    client = Segments(tmp_path)
    old, new = (tmp_path / f"{name}.db" for name in ("old", "new"))
    with served(tmp_path, "--no-auth", "--latency", "50", "--backend", f"sqlite:{old}") as tenant:
        client.env |= {"KIBO_API_HOST": tenant.url}
        client.ok("add", "VIP")
        kill_in_the_middle(client, file)
    port = tenant.url.rpartition(":")[2]
    with served(tmp_path, "--no-auth", "--port", port, "--backend", f"sqlite:{new}"):
        client.ok("add", "VIP")
        report = client.ok(*ADD, file, "--resume").json
    assert (report["id"], report["resumed"]) == (1, 0)
    assert members_of(new) == list(IDS)
