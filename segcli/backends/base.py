"""The interface of every backend, and the errors and checks that all of them share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from segcli.errors import (
    AlreadyExistsError,
    ConflictError,
    NotFoundError,
    StoreError,
    StoreUncertainError,
    UsageError,
    interruption,
)
from segcli.model import Account, Collection, Segment, SegmentDraft, SegmentRef
from segcli.query.tree import SegmentQuery
from segcli.text import quoted, visible

if TYPE_CHECKING:
    from segcli.account_set import AccountSet  # its library is not needed to read a segment
    from segcli.backends.customers import Customers
    from segcli.backends.history import History, Moved, Upkeep
    from segcli.backends.origin import Origin

MAX_CODE = 255  # characters of a new or changed code
_SHOWN_CODE = 20  # characters of a code that is too long
_LIST = "list the existing segments with: segments list"


ReportProgress: TypeAlias = Callable[[int, int | None], None]  # the number done, and in all if it is known


def ignore_progress(done: int, total: int | None) -> None:
    """Reports no progress."""


class Segments(NamedTuple):
    """All segments that match a query: their number, and a stream of them from the start index on."""

    total_count: int
    items: Iterator[Segment]


class Memberships:
    """The accounts of segments by id, and every known account if they were asked for."""

    __slots__ = ("known", "of")

    def __init__(self, of: "Mapping[int, AccountSet]", known: "AccountSet | None") -> None:
        self.of = of
        self.known = known


class Codes:
    """Codes with a common prefix in ascending order, and whether these are all of them.

    `names` has the names of those segments that have one.
    """

    __slots__ = ("complete", "items", "names")

    def __init__(self, items: Sequence[str], complete: bool, names: Mapping[str, str]) -> None:
        self.items = items
        self.complete = complete
        self.names = names


class Check:
    """Something a backend depends on: `run` returns what it found, or raises SegcliError."""

    __slots__ = ("name", "run")

    def __init__(self, name: str, run: Callable[[], str]) -> None:
        self.name = name
        self.run = run


class Reader(Protocol):
    """The reads that a command needs, of the present or of a moment in the past."""

    @property
    def place(self) -> str:
        """Identifies the backend: two backends with the same place hold the same segments."""

    @property
    def atomic(self) -> bool:
        """Whether `transaction` makes several operations one."""

    @property
    def reads_are_local(self) -> bool:
        """Whether reads take a few statements of a store, not requests to a tenant."""

    @property
    def retries(self) -> int:
        """How many requests had to be sent again so far."""

    def get_segments(self, query: SegmentQuery) -> Collection[Segment]:
        """One page of the segments that match."""

    def get_segment(self, segment_id: int) -> Segment:
        """The segment with that id. Raises NotFoundError."""

    def get_account_segments(self, account_id: int, query: SegmentQuery) -> Collection[Segment]:
        """One page of the account's segments; the page is empty if the account is in none."""

    def find_segment(self, ref: SegmentRef) -> Segment:
        """The segment with that id, or with exactly that code. Raises NotFoundError."""

    def iter_segments(self, query: SegmentQuery, limit: int | None = None) -> Segments:
        """The segments that match from `start_index` on, at most `limit`, streamed from one snapshot."""

    def get_segment_accounts(self, segment_id: int, report: ReportProgress = ignore_progress) -> "AccountSet":
        """The accounts of the segment. Raises NotFoundError."""

    def get_memberships(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress, *, known: bool = False
    ) -> "Memberships":
        """The accounts of each segment and, if `known`, every account that the backend knows.

        A tenant is asked with as few requests as possible. A segment that does not exist has no accounts.
        """

    def count_segment_accounts(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress
    ) -> Mapping[int, int]:
        """How many accounts each of the segments has, 0 for one that does not exist.

        A backend that does not store the numbers reads all accounts once, for any number of segments.
        """

    def snapshot(self) -> AbstractContextManager[None]:
        """Makes the reads in the block see one state, if the backend is `atomic`."""


class Backend(Reader, Protocol):
    """The resource's operations under their own names, and what a command line needs in addition.

    Errors are the contract's (section "Statuses") as classes of `segcli.errors`: UsageError,
    NotFoundError, ConflictError and AlreadyExistsError. StoreError and UnavailableError
    state their cause only; the caller knows what was changed.
    """

    def add_segment(self, draft: SegmentDraft) -> Segment:
        """A new segment without accounts. Raises ConflictError (no code), AlreadyExistsError."""

    def update_segment(self, segment_id: int, draft: SegmentDraft) -> Segment:
        """Replaces all fields of the segment.

        Raises ConflictError (no code, also for an unknown id), NotFoundError, AlreadyExistsError.
        """

    def delete_segment(self, segment_id: int) -> None:
        """Deletes the segment and its memberships; the accounts are kept. Raises NotFoundError."""

    def restore_segment(self, segment: Segment) -> Segment:
        """Creates a deleted segment again, with its id and dates if the backend can; without accounts.

        Raises AlreadyExistsError.
        """

    def add_segment_accounts(self, segment_id: int, accounts: "AccountSet") -> int | None:
        """Adds accounts, all or none; adding a member again changes nothing.

        Returns how many were not members; None if the backend cannot know. Raises UsageError (no accounts),
        NotFoundError.
        """

    def remove_segment_account(self, segment_id: int, account_id: int) -> None:
        """Removes one account. Raises ConflictError (unknown segment, or not a member)."""

    def remove_segment_accounts(self, segment_id: int, accounts: "AccountSet") -> "AccountSet":
        """Removes accounts, and returns those that were not members, which is not an error.

        Removes them one by one if the backend has no bulk operation. Raises UsageError as
        `add_segment_accounts` does.
        """

    def get_accounts(self, query: SegmentQuery) -> Collection[Account]:
        """One page of accounts by ascending id; a store knows its customers, and members of segments.

        `query` was parsed for accounts. A segment that does not exist contains no account.
        """

    def get_account(self, account_id: int) -> Account:
        """The account with its segments. Raises NotFoundError for one that the backend does not know."""

    @property
    def customers(self) -> "Customers":
        """What the backend knows about accounts."""

    def peek_segment_accounts(self, segment_id: int) -> "AccountSet | None":
        """The accounts of the segment, to be compared with those that were read before.

        As few requests as possible: that a segment is empty is not verified. None if the backend cannot read
        one segment alone.
        """

    def codes(self, prefix: str, limit: int) -> Codes:
        """At most `limit` codes that start with exactly `prefix`, by code point; for completion."""

    def transaction(self) -> AbstractContextManager[None]:
        """Makes the operations in the block one unit, all or nothing, if the backend is `atomic`.

        A transaction inside another one is part of it: there are no savepoints.
        """

    @property
    def in_process(self) -> bool:
        """Whether reading one segment sends nothing, so that it takes no more than a moment."""

    def lock_segments(self, segment_ids: Sequence[int]) -> None:
        """In a transaction: others change these segments before or after it, not meanwhile.

        What is read after this is what the transaction changes. Segments that do not exist are skipped.
        Does nothing if the backend is not `atomic`.
        """

    def record_as(self, origin: "Origin") -> None:
        """Sets what the history records about the writes that follow, also within a transaction."""

    @property
    def history(self) -> "History":
        """The changes of this backend. Raises UsageError if it keeps none."""

    @property
    def upkeep(self) -> "Upkeep":
        """What removes history for good. Raises UsageError if the backend keeps none."""

    def receive(self, source: "Backend") -> "Moved":
        """Copies everything of another store, with all ids, dates and changes; none of it is a new change.

        It is a transaction of its own, and cannot be part of another one. Raises ConflictError if this store
        has segments or a history, UsageError if it is a tenant.
        """

    def at(self, moment: int) -> Reader:
        """The state at a moment, in microseconds since 1970 UTC.

        Raises UsageError if the backend keeps no history, NotFoundError for a moment before its start.
        """

    def checks(self) -> Sequence[Check]:
        """What `doctor` checks, each after the checks it depends on."""

    def cancel(self) -> None:
        """Ends every wait and starts no more requests; called from another thread."""

    def close(self) -> None:
        """Releases connections and files."""


@contextmanager
def all_or_nothing(backend: Backend) -> Iterator[None]:
    """A transaction; if a StoreError, Ctrl-C or SIGTERM ends it, the error says that nothing was changed.

    On a backend that is not atomic, errors pass unchanged.
    """
    committing = False
    try:
        with backend.transaction():
            yield
            committing = True
    except StoreError as error:
        if not backend.atomic or isinstance(error, StoreUncertainError):
            raise
        raise error.with_context(after="nothing was changed") from error
    except KeyboardInterrupt as signal:
        if committing or not backend.atomic:  # a commit may have been completed
            raise
        raise interruption(signal, after="nothing was changed") from None


def not_found(ref: SegmentRef) -> NotFoundError:
    """The error for a segment that does not exist."""
    hint = _LIST if ref.digits is None else f"if it is a code, write code:{ref.digits}"
    return NotFoundError(f"there is no segment with {ref}", hint=hint)


def code_taken(code: str | None) -> AlreadyExistsError:
    """The error for a code that another segment has."""
    hint = f"show it with: segments get {quoted(f'code:{code}')}"
    if code is not None and visible(code) != code:  # cannot be pasted
        hint = _LIST
    return AlreadyExistsError(f"another segment has the code {code}", hint=hint)


def require_accounts(accounts: "AccountSet") -> None:
    """Raises UsageError if there are none (contract, "Statuses")."""
    if not accounts:
        raise UsageError("no account ids given")


def not_a_member(account_id: int, segment: str) -> ConflictError:
    """The error for removing an account that is not in the segment."""
    return ConflictError(f"account {account_id} is not a member of {segment}")


def checked_draft(draft: SegmentDraft, read_code: Callable[[], str] | None = None) -> SegmentDraft:
    """The draft of a new segment, or of one whose present code `read_code` returns.

    A code that is longer than MAX_CODE can be kept, because older stores contain such codes. Raises
    ConflictError without a code, UsageError for a code that is too long or text that is not Unicode.
    """
    code = draft.code
    if code is None or not code.strip():
        raise ConflictError("a segment needs a code", hint="a code is any text that is not blank")
    draft.require_text()
    if len(code) > MAX_CODE and (read_code is None or read_code() != code):
        start = code[:_SHOWN_CODE]
        raise UsageError(
            f"the code '{start}...' has {len(code):,} characters: expected at most {MAX_CODE}",
            hint="use the name or the description for longer text",
        )
    return draft
