"""transaction(): its writes are visible at its end, and all or nothing if the backend is atomic."""

from collections.abc import Callable

import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import AlreadyExistsError, ConflictError, NotFoundError, UsageError
from segcli.model import Segment, SegmentDraft
from segcli.query.tree import SegmentQuery
from tests.contract.conftest import BACKENDS
from tests.contract.helpers import add, codes, members

atomic = pytest.mark.parametrize(
    "opener", [name for name, kind in BACKENDS.items() if kind.atomic], indirect=True
)


def write_everything(backend: Backend, vip: Segment) -> None:
    """Every write operation once, on `vip` and the new segments STAFF and GONE."""
    staff, gone = add(backend, "STAFF", "GONE")
    backend.add_segment_accounts(staff.id, AccountSet([1, 2]))
    backend.delete_segment(gone.id)
    backend.remove_segment_account(vip.id, 1)
    backend.update_segment(vip.id, SegmentDraft("GOLD"))


def write_and_stop(backend: Backend, vip: Segment, error: BaseException) -> None:
    with backend.transaction():
        write_everything(backend, vip)
        raise error


def write_in_two_and_stop(backend: Backend, vip: Segment, error: BaseException) -> None:
    """The same, where the writes have an inner transaction that succeeds."""
    with backend.transaction():
        with backend.transaction():
            write_everything(backend, vip)
        raise error


@pytest.fixture
def vip(backend: Backend) -> Segment:
    """A segment with the members 1 and 2."""
    (segment,) = add(backend, "VIP")
    backend.add_segment_accounts(segment.id, AccountSet([1, 2]))
    return segment


def test_a_transaction_is_visible_after_its_end(backend: Backend, another: Backend, vip: Segment) -> None:
    with backend.transaction():
        write_everything(backend, vip)
    for reader in (backend, another):
        assert codes(reader) == ["GOLD", "STAFF"]
        assert members(reader, vip) == [2]
        assert codes_of_account(reader, 1) == ["STAFF"]


def codes_of_account(backend: Backend, account_id: int) -> list[str]:
    return [segment.code for segment in backend.get_account_segments(account_id, SegmentQuery()).items]


def test_a_transaction_reads_its_own_writes(backend: Backend, vip: Segment) -> None:
    with backend.transaction():
        write_everything(backend, vip)
        assert codes(backend) == ["GOLD", "STAFF"]
        assert codes_of_account(backend, 2) == ["GOLD", "STAFF"]
        assert backend.count_segment_accounts([vip.id])[vip.id] == 1


def test_streams_inside_a_transaction_read_its_own_writes(backend: Backend, vip: Segment) -> None:
    with backend.transaction():
        write_everything(backend, vip)
        total, segments = backend.iter_segments(SegmentQuery())
        assert ([segment.code for segment in segments], total) == (["GOLD", "STAFF"], 2)
        assert members(backend, vip) == [2]


@pytest.mark.parametrize("error", [ValueError("?"), KeyboardInterrupt(), NotFoundError("?")], ids=repr)
def test_an_error_leaves_a_transaction_unchanged(
    backend: Backend, vip: Segment, error: BaseException
) -> None:
    with pytest.raises(type(error)) as caught:
        write_and_stop(backend, vip, error)
    assert caught.value is error
    assert backend.update_segment(vip.id, SegmentDraft("PLATINUM")).code == "PLATINUM"


@atomic
@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("write", [write_and_stop, write_in_two_and_stop])
def test_an_error_rolls_a_transaction_back(
    backend: Backend,
    another: Backend,
    vip: Segment,
    write: Callable[[Backend, Segment, BaseException], None],
    error: BaseException,
) -> None:
    with pytest.raises(type(error)):
        write(backend, vip, error)
    for reader in (backend, another):
        assert reader.get_segments(SegmentQuery()).items == (vip,)
        assert members(reader, vip) == [1, 2]
        assert reader.get_account_segments(1, SegmentQuery()).items == (vip,)


@atomic
def test_uncommitted_writes_are_invisible_to_others(backend: Backend, another: Backend, vip: Segment) -> None:
    with backend.transaction():
        write_everything(backend, vip)
        assert codes(another) == ["VIP"]
        assert members(another, vip) == [1, 2]
    assert codes(another) == ["GOLD", "STAFF"]


REFUSED: dict[str, tuple[type[Exception], Callable[[Backend, Segment], object]]] = {
    "a code taken": (AlreadyExistsError, lambda b, vip: b.add_segment(SegmentDraft("VIP"))),
    "an update to a code taken": (
        AlreadyExistsError,
        lambda b, vip: b.update_segment(vip.id, SegmentDraft("STAFF", "x")),
    ),
    "no code": (ConflictError, lambda b, vip: b.update_segment(vip.id, SegmentDraft(None, "x"))),
    "an unknown segment": (NotFoundError, lambda b, vip: b.update_segment(99, SegmentDraft("NEW"))),
    "nothing to delete": (NotFoundError, lambda b, vip: b.delete_segment(99)),
    "no member": (ConflictError, lambda b, vip: b.remove_segment_account(vip.id, 9)),
    "no accounts": (UsageError, lambda b, vip: b.add_segment_accounts(vip.id, AccountSet())),
    "accounts for nothing": (NotFoundError, lambda b, vip: b.add_segment_accounts(99, AccountSet([3]))),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_rejected_operation_changes_nothing_and_the_transaction_continues(
    backend: Backend, vip: Segment, case: str
) -> None:
    error, operation = REFUSED[case]
    with backend.transaction():
        (staff,) = add(backend, "STAFF")
        with pytest.raises(error):
            operation(backend, vip)
        backend.add_segment_accounts(staff.id, AccountSet([5]))
    assert backend.get_segments(SegmentQuery()).items == (vip, staff)
    assert members(backend, vip) == [1, 2]
    assert members(backend, staff) == [5]


def test_an_empty_transaction_does_nothing(backend: Backend, vip: Segment) -> None:
    with backend.transaction(), backend.transaction():
        pass
    assert backend.get_segments(SegmentQuery()).items == (vip,)


def add_and_stop(backend: Backend) -> None:
    with backend.transaction():
        add(backend, "VIP")
        raise KeyboardInterrupt


@atomic
def test_the_first_write_can_be_a_transaction_that_fails(backend: Backend) -> None:
    with pytest.raises(KeyboardInterrupt):
        add_and_stop(backend)
    assert codes(backend) == []
    assert add(backend, "VIP")[0].code == "VIP"
