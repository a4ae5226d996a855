"""Checks a history against the store: walked backwards, its changes lead to the empty store."""

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.backends.history import Change, ChangeQuery
from segcli.model import Segment
from segcli.query.tree import SegmentQuery


def walk_back(backend: Backend) -> list[Change]:
    """The changes, newest first. Asserts that each of them is exactly what happened."""
    segments: dict[int, Segment] = {each.id: each for each in backend.iter_segments(SegmentQuery()).items}
    members = {segment_id: backend.get_segment_accounts(segment_id) for segment_id in segments}
    changes = sorted(backend.history.changes(ChangeQuery()), key=lambda change: -change.id)
    for change in changes:
        joined, left = backend.history.accounts(change)
        assert segments.pop(change.segment_id, None) == change.after
        present = members.pop(change.segment_id, AccountSet())
        assert joined <= present
        assert not left & present
        before = (present - joined) | left
        assert (len(joined), len(left)) == (change.joined, change.left)
        assert joined or left or change.before != change.after
        if change.before is not None:
            segments[change.segment_id] = change.before
            members[change.segment_id] = before
        else:
            assert not before
    assert not segments
    return changes


def assert_alternates(backend: Backend, account_ids: range) -> None:
    """In each segment, an account joins and leaves in turn, and joins first."""
    for account_id in account_ids:
        inside: dict[int, bool] = {}
        found = sorted(
            backend.history.changes(ChangeQuery(account_id=account_id)), key=lambda change: change.id
        )
        for change in found:
            accounts = backend.history.accounts(change)
            was_inside = inside.get(change.segment_id, False)
            assert (account_id in accounts.left, account_id in accounts.joined) == (
                was_inside,
                not was_inside,
            )
            inside[change.segment_id] = not was_inside
        present = {each.id for each in backend.get_account_segments(account_id, SegmentQuery()).items}
        assert present == {segment_id for segment_id, is_inside in inside.items() if is_inside}
