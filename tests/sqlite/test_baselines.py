"""Baselines: what the history of a store in format 1 starts with."""

from segcli.account_set import AccountSet
from tests.sqlite.old_store import scattered, write_old_store
from tests.support.command import Segments
from tests.support.rows import rows

MEMBERS: tuple[list[int], ...] = ([1001, 1002], [], scattered(150_000, 3))


def test_an_upgraded_store_has_a_baseline_for_each_segment(segments: Segments) -> None:
    write_old_store(segments.store, MEMBERS)
    segments.ok("list")
    found = rows(
        segments.store,
        "SELECT segment_id, kind, code, joined, departed, digest, changed_at, coalesce(run, id) FROM change",
    )
    assert [row[:6] for row in found] == [
        (number, "baseline", f"S{number}", len(each), 0, AccountSet(each).digest())
        for number, each in enumerate(MEMBERS, 1)
    ]
    assert len({row[6:] for row in found}) == 1  # one moment, one run
    assert rows(segments.store, "SELECT count(*) FROM change_accounts") == [(0,)]
    assert segments.ok("doctor").code == 0


def test_a_baseline_cannot_be_undone(segments: Segments) -> None:
    write_old_store(segments.store, MEMBERS)
    done = segments("undo", "1", "--yes")
    assert (done.code, "where the history of the segment starts" in done.stderr) == (4, True)
    assert segments("undo", "--yes").code == 3


def test_doctor_walks_back_to_the_baselines(segments: Segments) -> None:
    write_old_store(segments.store, MEMBERS)
    segments.ok("accounts", "remove", "S1", "1001")
    segments.ok("accounts", "add", "S2", "5", "6")
    segments.ok("delete", "S3", "--yes")
    segments.ok("doctor")
    segments.ok("undo", "--yes")
    segments.ok("doctor")
    rows(segments.store, "UPDATE change SET digest = 'x' WHERE id = 3")
    done = segments("doctor")
    assert (done.code, "is a baseline of other accounts" in done.stderr) == (7, True)
