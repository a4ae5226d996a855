"""The errors that backends share: the same class, message and hint whatever the backend."""

from collections.abc import Callable

import pytest

from segcli.account_set import AccountSet
from segcli.backends.base import Backend, checked_draft, code_taken, not_a_member, not_found
from segcli.errors import SegcliError
from segcli.model import SegmentDraft, SegmentRef
from tests.contract.helpers import add

FROM_SERVER = "the tenant responded: "
VIP, STAFF, UNKNOWN = 1, 2, 99


def no_code() -> SegcliError:
    with pytest.raises(SegcliError) as caught:
        checked_draft(SegmentDraft(None))
    return caught.value


Call = Callable[[Backend], object]
CASES: dict[str, tuple[Call, Callable[[], SegcliError]]] = {
    "get": (lambda b: b.get_segment(UNKNOWN), lambda: not_found(SegmentRef(id=UNKNOWN))),
    "find by id": (
        lambda b: b.find_segment(SegmentRef(id=UNKNOWN)),
        lambda: not_found(SegmentRef(id=UNKNOWN)),
    ),
    "update": (
        lambda b: b.update_segment(UNKNOWN, SegmentDraft("NEW")),
        lambda: not_found(SegmentRef(id=UNKNOWN)),
    ),
    "delete": (lambda b: b.delete_segment(UNKNOWN), lambda: not_found(SegmentRef(id=UNKNOWN))),
    "members": (lambda b: b.get_segment_accounts(UNKNOWN), lambda: not_found(SegmentRef(id=UNKNOWN))),
    "add accounts": (
        lambda b: b.add_segment_accounts(UNKNOWN, AccountSet([1])),
        lambda: not_found(SegmentRef(id=UNKNOWN)),
    ),
    "add, code taken": (lambda b: b.add_segment(SegmentDraft("VIP")), lambda: code_taken("VIP")),
    "update, code taken": (
        lambda b: b.update_segment(STAFF, SegmentDraft("VIP")),
        lambda: code_taken("VIP"),
    ),
    "add without code": (lambda b: b.add_segment(SegmentDraft(None)), no_code),
    "update without code": (lambda b: b.update_segment(VIP, SegmentDraft(" ")), no_code),
    "not a member": (
        lambda b: b.remove_segment_account(VIP, 9),
        lambda: not_a_member(9, f"segment id {VIP}"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_shared_error_is_the_same_on_every_backend(backend: Backend, case: str) -> None:
    """A server's message is prefixed, and its hints do not cross the network."""
    call, expected = CASES[case]
    assert [segment.id for segment in add(backend, "VIP", "STAFF")] == [VIP, STAFF]
    with pytest.raises(SegcliError) as caught:
        call(backend)
    assert type(caught.value) is type(expected())
    assert caught.value.message.removeprefix(FROM_SERVER) == expected().message
    assert caught.value.exit_code == expected().exit_code
    assert caught.value.code == expected().code


def test_an_unknown_code_is_the_same_error_on_every_backend(backend: Backend) -> None:
    """No server has an operation for it, so the client raises it: message and hint are identical."""
    ref = SegmentRef(code="NOPE")
    with pytest.raises(SegcliError) as caught:
        backend.find_segment(ref)
    error, expected = caught.value, not_found(ref)
    assert (type(error), error.message, error.hint) == (type(expected), expected.message, expected.hint)
