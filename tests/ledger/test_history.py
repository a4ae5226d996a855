"""The history of a tenant as its ledger has it, and what undo needs: writes recorded as reversals."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from segcli.account_set import AccountSet
from segcli.backends import open_backend
from segcli.backends.history import ChangeQuery
from segcli.backends.origin import Origin
from segcli.errors import NotFoundError, UsageError
from segcli.ledger.backend import LedgerBackend
from segcli.ledger.files import open_ledger, path_of
from segcli.ledger.history import ONLY_OWN
from segcli.model import SegmentDraft, SegmentRef
from tests.support.bulk import Tenant
from tests.support.command import Segments
from tests.support.ledgers import ledgers, recorded, target_of
from tests.support.serving import served


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def backend(tenant: Tenant, notes: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[LedgerBackend]:
    monkeypatch.setenv("XDG_STATE_HOME", tenant.segments.env["XDG_STATE_HOME"])
    backend = LedgerBackend(open_backend(target_of(tenant.server)), notes.append)
    yield backend
    backend.close()


def test_the_history_lists_what_commands_recorded(
    tenant: Tenant, backend: LedgerBackend, notes: list[str]
) -> None:
    tenant.segments.ok("accounts", "remove", "VIP", "1")
    tenant.segments.ok("add", "NEW")
    found = list(backend.history.changes(ChangeQuery()))
    assert [(change.code, change.kind) for change in found] == [("NEW", "add"), ("VIP", "accounts")]
    assert notes == [ONLY_OWN]
    assert list(backend.history.accounts(found[1]).left) == [1]
    assert backend.history.change(found[0].id) == found[0]
    assert list(backend.history.run(found[0].run)) == [found[0]]


def test_without_a_ledger_the_history_is_empty_and_creates_none(
    tenant: Tenant, backend: LedgerBackend
) -> None:
    assert list(backend.history.changes(ChangeQuery())) == []
    with pytest.raises(NotFoundError, match="there is no change 1"):
        backend.history.change(1)
    assert ledgers(tenant.segments) == []


def test_a_segment_that_only_others_changed_has_no_history(tenant: Tenant, backend: LedgerBackend) -> None:
    assert list(backend.history.changes(ChangeQuery(segment=SegmentRef(code="STAFF")))) == []
    with pytest.raises(NotFoundError, match="there is no segment with code NOPE"):
        backend.history.changes(ChangeQuery(segment=SegmentRef(code="NOPE")))


def test_a_segment_that_somebody_renamed_is_found_by_its_new_code(
    tenant: Tenant, backend: LedgerBackend
) -> None:
    tenant.segments.ok("accounts", "remove", "VIP", "1")
    other = open_backend(target_of(tenant.server))
    other.update_segment(1, SegmentDraft("TOP"))
    other.close()
    found = list(backend.history.changes(ChangeQuery(segment=SegmentRef(code="TOP"), limit=5)))
    assert [change.code for change in found] == ["VIP"]


def test_a_tenant_has_no_past(backend: LedgerBackend) -> None:
    with pytest.raises(UsageError, match="a tenant keeps no history"):
        backend.at(0)


def test_a_reversal_is_recorded_as_one(tenant: Tenant, backend: LedgerBackend) -> None:
    tenant.segments.ok("accounts", "remove", "VIP", "1", "2")
    [change] = backend.history.changes(ChangeQuery())
    backend.get_segment_accounts(1)
    backend.record_as(Origin("jane", "segments undo", "a mistake", change.id))
    backend.add_segment_accounts(1, backend.history.accounts(change).left)
    backend.record_as(Origin())
    undo = recorded(tenant.segments)[-1]
    assert (undo.state, undo.joined) == (("undo", True, True), [1, 2])
    assert undo.change.undoes == change.id
    assert (undo.change.by, undo.change.command, undo.change.reason) == (
        "jane",
        "segments undo",
        "a mistake",
    )
    assert tenant.members == [1, 2, 3]


def test_a_restored_segment_has_another_id_and_its_own_change(tenant: Tenant, backend: LedgerBackend) -> None:
    tenant.segments.ok("delete", "VIP", "--yes")
    [change] = backend.history.changes(ChangeQuery())
    assert change.before is not None
    backend.record_as(Origin(undoes=change.id))
    segment = backend.restore_segment(change.before)
    backend.add_segment_accounts(segment.id, backend.history.accounts(change).left)
    backend.record_as(Origin())
    undo = recorded(tenant.segments)[-1]
    assert (undo.state, undo.joined) == (("undo", True, True), [1, 2, 3])
    assert (undo.change.before, undo.change.after) == (None, segment)
    assert (segment.id, segment.code, segment.name) == (3, "VIP", "The VIP")


def test_changes_of_one_segment_in_one_run_are_one_change(tenant: Tenant, backend: LedgerBackend) -> None:
    segment = backend.add_segment(SegmentDraft("NEW"))
    backend.add_segment_accounts(segment.id, AccountSet([1, 2, 3]))
    backend.remove_segment_accounts(segment.id, AccountSet([3, 4]))
    backend.update_segment(segment.id, SegmentDraft("NEW", "New"))
    backend.add_segment_accounts(segment.id, AccountSet([2, 5]))
    backend.delete_segment(2)
    backend.close()
    first, second = recorded(tenant.segments)
    assert (first.state, first.joined, first.left) == (("add", True, True), [1, 2, 5], [])
    assert first.change.after is not None
    assert first.change.after.name == "New"
    assert (second.state, second.change.run) == (("delete", False, True), first.change.id)


def test_the_members_that_were_read_follow_what_the_run_does(tenant: Tenant, backend: LedgerBackend) -> None:
    assert list(backend.get_segment_accounts(1)) == [1, 2, 3]
    backend.add_segment_accounts(1, AccountSet([3, 4]))
    backend.record_as(Origin())
    backend.add_segment_accounts(1, AccountSet([4, 5]))
    backend.delete_segment(1)
    backend.close()
    first, second, third = recorded(tenant.segments)
    assert [first.joined, second.joined, third.left] == [[4], [5], [1, 2, 3, 4, 5]]
    assert [each.change.exact for each in (first, second, third)] == [True] * 3


def test_a_tenant_has_one_ledger_which_can_be_opened(tenant: Tenant, backend: LedgerBackend) -> None:
    assert ledgers(tenant.segments) == []
    tenant.segments.ok("accounts", "add", "VIP", "9")
    [path] = ledgers(tenant.segments)
    assert path_of(backend.place) == str(path)
    ledger = open_ledger(str(path))
    assert [change.code for change in ledger.history.changes(ChangeQuery(account_id=9))] == ["VIP"]
    ledger.close()


@pytest.mark.parametrize(
    ("place", "start"),
    [
        ("https://t1-s2.sandbox.mozu.com 1 2", "t1-s2.sandbox.mozu.com_1_2-"),
        ("https://../../etc/passwd  ", ".._.._etc_passwd-"),
        ("x" * 500, "x" * 60 + "-"),
    ],
)
def test_the_name_of_a_ledger_is_a_safe_file_name(place: str, start: str) -> None:
    folder, name = path_of(place).rsplit("/", 1)
    assert folder.endswith("/segments/ledgers")
    assert name.startswith(start)
    assert name.endswith(".db")


def test_a_server_that_serves_a_tenant_records_nothing(segments: Segments, tmp_path: Path) -> None:
    homes = [tmp_path / name for name in ("tenant", "proxy")]
    for home in homes:
        home.mkdir()
    with (
        served(homes[0], "--no-auth") as tenant,
        served(homes[1], "--no-auth", "--backend", tenant.url) as proxy,
    ):
        segments.ok("add", "VIP", "--backend", proxy.url)
    assert ledgers(Segments(homes[1])) == []
    assert len(ledgers(segments)) == 1
