"""A store without read or write permission: exit 7, one clear line, nothing changed."""

import pytest

from tests.sqlite.refusal import READ, WRITE, assert_refused, obey_permissions, permission, under
from tests.support.command import Segments

COMMANDS = pytest.mark.parametrize("command", [READ, WRITE], ids=" ".join)


def test_permissions_apply_to_these_tests(segments: Segments) -> None:
    """Otherwise the tests below would fail for another reason, or not at all for root."""
    segments.ok("add", "VIP")
    with permission(segments.store, 0o000):
        assert under(segments, obey_permissions)("list").code == 7
    assert under(segments, obey_permissions)("list", "-o", "code").stdout == "VIP\n"


@COMMANDS
@pytest.mark.parametrize(
    ("mode", "expected"),
    [(0o500, "its folder is read-only"), (0o000, "Permission denied")],
    ids=["0o500", "0o000"],
)
def test_a_store_in_an_inaccessible_folder_is_rejected(
    segments: Segments, command: tuple[str, ...], mode: int, expected: str
) -> None:
    segments.ok("add", "VIP")
    before = segments.store.read_bytes()
    with permission(segments.store.parent, mode):
        assert_refused(under(segments, obey_permissions), command, code="STORE_FAILED", expected=expected)
    assert segments.store.read_bytes() == before
    assert list(segments.store.parent.iterdir()) == [segments.store]


@COMMANDS
@pytest.mark.parametrize("mode", [0o000, 0o200, 0o400], ids=oct)
def test_an_inaccessible_store_is_rejected(segments: Segments, command: tuple[str, ...], mode: int) -> None:
    segments.ok("add", "VIP")
    before = segments.store.read_bytes()
    run = under(segments, obey_permissions)
    with permission(segments.store, mode):
        assert_refused(run, command, code="STORE_FAILED", expected="Permission denied")
    assert segments.store.read_bytes() == before


@pytest.mark.parametrize("mode", [0o000, 0o400], ids=oct)
def test_a_store_is_writable_again_after_its_permissions_are_restored(segments: Segments, mode: int) -> None:
    segments.ok("add", "VIP")
    run = under(segments, obey_permissions)
    with permission(segments.store, mode):
        run("list")
    done = run("add", "NEW")
    assert (done.code, done.stderr) == (0, "")
    assert run("list", "-o", "code").lines == ["VIP", "NEW"]


def test_a_folder_that_cannot_be_created_is_reported(segments: Segments) -> None:
    data = segments.home / "data"
    data.mkdir()
    with permission(data, 0o500):
        run = under(segments, obey_permissions)
        assert_refused(run, WRITE, code="STORE_FAILED", expected="cannot be created: Permission denied")
        assert run("list").code == 0
    assert list(data.iterdir()) == []
