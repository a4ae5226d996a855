"""What a place where segments live must answer: the one interface of every backend."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from segcli.model import (
    AccountCollection,
    AccountSet,
    Segment,
    SegmentCollection,
    SegmentDraft,
    SegmentRef,
)
from segcli.query import SegmentQuery


class Segments(NamedTuple):
    """Every segment that a query matches: how many, then each from its start index on, read once."""

    total_count: int
    items: Iterator[Segment]


class Accounts(NamedTuple):
    """The accounts of a segment: how many, then each id in ascending order, read once.

    How many is None where only reading them all tells.
    """

    total_count: int | None
    items: Iterator[int]


class Added(NamedTuple):
    """What AddSegmentAccounts did: distinct accounts asked for, and those that were no members.

    `added` is None where the backend cannot know.
    """

    unique: int
    added: int | None


class Removed(NamedTuple):
    """What the end of memberships did: how many there were, and the accounts that were no members."""

    removed: int
    strangers: Sequence[int]


class Check(NamedTuple):
    """Something a backend depends on: `run` answers what it found, or raises SegcliError."""

    name: str
    run: Callable[[], str]


class Backend(Protocol):
    """The resource's operations under their own names, then what a command line needs besides.

    Errors are the contract's (section "Statuses") as classes of `segcli.errors`: UsageError for
    400, NotFoundError for 404, ConflictError and AlreadyExistsError for 409.

    `place` tells one backend from any other. `atomic` says whether `transaction` can make many
    operations one; `retries` counts the requests that had to be sent again.
    """

    @property
    def place(self) -> str: ...

    @property
    def atomic(self) -> bool: ...

    @property
    def retries(self) -> int: ...

    def get_segments(self, query: SegmentQuery) -> SegmentCollection:
        """One page of the segments that match."""

    def get_segment(self, segment_id: int) -> Segment:
        """The segment with that id. Raises NotFoundError."""

    def add_segment(self, draft: SegmentDraft) -> Segment:
        """A new segment without accounts. Raises ConflictError (no code), AlreadyExistsError."""

    def update_segment(self, segment_id: int, draft: SegmentDraft) -> Segment:
        """The segment, replaced as a whole.

        Raises ConflictError (no code, also on an unknown id), NotFoundError, AlreadyExistsError.
        """

    def delete_segment(self, segment_id: int) -> None:
        """Removes the segment and its associations; the accounts stay. Raises NotFoundError."""

    def add_segment_accounts(self, segment_id: int, account_ids: Iterable[int] | AccountSet) -> Added:
        """Makes accounts members; adding a member again changes nothing.

        All or nothing. Raises UsageError (none given, or no account id), NotFoundError.
        """

    def remove_segment_account(self, segment_id: int, account_id: int) -> None:
        """Ends one membership. Raises ConflictError (unknown segment, or not a member)."""

    def remove_segment_accounts(self, segment_id: int, account_ids: Iterable[int] | AccountSet) -> Removed:
        """Ends many memberships; an account that is no member is told, and no error.

        One after the other where the backend has no operation for it. Raises UsageError as
        `add_segment_accounts` does.
        """

    def get_account_segments(self, account_id: int, query: SegmentQuery) -> SegmentCollection:
        """One page of the account's segments; an account in no segment has an empty one."""

    def get_accounts(self, query: SegmentQuery) -> AccountCollection:
        """One page of the accounts, by ascending id; a store knows those that are in a segment.

        Raises UsageError where the filter names more than the id.
        """

    def find_segment(self, ref: SegmentRef) -> Segment:
        """The segment with that id, or exactly that code. Raises NotFoundError."""

    def iter_segments(self, query: SegmentQuery, limit: int | None = None) -> Segments:
        """The segments that match from `start_index` on, `limit` at most, streamed as one reading."""

    def get_segment_accounts(self, segment_id: int) -> Accounts:
        """The segment's accounts, streamed. Raises NotFoundError."""

    def count_segment_accounts(self, segment_id: int) -> int | None:
        """How many accounts a segment has; None where finding out would cost a full reading."""

    def transaction(self) -> AbstractContextManager[None]:
        """Makes what happens inside one unit, as far as the backend can: all of it or none."""

    def checks(self) -> Sequence[Check]:
        """What `doctor` looks at, each thing after what it depends on."""

    def cancel(self) -> None:
        """Ends, from another thread, every wait and begins nothing more; what is under way goes on."""

    def close(self) -> None:
        """Gives back what the backend holds open."""
