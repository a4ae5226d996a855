"""The resource of a tenant, over HTTP (contract, "Operations")."""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from segcli.account_set import AccountSet
from segcli.backends.base import (
    Backend,
    Check,
    Codes,
    Memberships,
    ReportProgress,
    Segments,
    checked_draft,
    code_taken,
    ignore_progress,
    not_found,
    require_accounts,
)
from segcli.backends.target import BackendTarget
from segcli.backends.tenant.client import ACCOUNTS, Client
from segcli.backends.tenant.memberships import MembershipReader
from segcli.backends.tenant.named_errors import named
from segcli.backends.tenant.pages import Page, read_pages
from segcli.backends.tenant.parameters import parameters
from segcli.backends.tenant.responses import (
    Response,
    read_segments,
)
from segcli.backends.tenant.segment_bodies import body_of, difference, read_one, read_own, require_sent
from segcli.backends.tenant.transport import TRIES, AmbiguousError
from segcli.errors import (
    AlreadyExistsError,
    ConflictError,
    NotFoundError,
    UnavailableError,
    UsageError,
)
from segcli.model import Account, Collection, Segment, SegmentDraft, SegmentRef
from segcli.query.tree import FIELDS, MAX_PAGE_SIZE, Clause, SegmentQuery, SortKey
from segcli.query.values import MICROSECONDS, read_date
from segcli.text import find_surrogate, fold

if TYPE_CHECKING:
    from segcli.backends.origin import Origin
    from segcli.backends.tenant.customers import TenantCustomers

_SEGMENTS = "/api/commerce/customer/segments"
_CLOCK_TOLERANCE = 5.0  # seconds; a Date header has whole seconds, and a response takes time


class TenantBackend:
    """Segments of one tenant. Nothing is sent before the first use."""

    atomic = False
    reads_are_local = False
    in_process = False

    def __init__(self, target: BackendTarget) -> None:
        self._client = Client(target)

    @property
    def place(self) -> str:
        return self._client.place

    @property
    def retries(self) -> int:
        return self._client.retries

    def get_segments(self, query: SegmentQuery) -> Collection[Segment]:
        response = self._client.read_collection(_SEGMENTS, parameters(query))
        page = read_segments(response, query.start_index, query.page_size)
        ids = {segment.id for segment in page.items}
        if len(ids) < len(page.items) or (not ids and query.start_index < page.total_count):
            raise response.unexpected("a page that is incomplete or repeats segments")
        return page

    def get_account_segments(self, account_id: int, query: SegmentQuery) -> Collection[Segment]:
        response = self._client.read(f"{ACCOUNTS}/{account_id}/segments", parameters(query))
        return read_segments(response, query.start_index, query.page_size)

    def get_accounts(self, query: SegmentQuery) -> Collection[Account]:
        from segcli.backends.tenant.accounts import get_accounts

        return get_accounts(self._client, query)

    def get_account(self, account_id: int) -> Account:
        from segcli.backends.tenant.accounts import get_account

        return get_account(self._client, account_id)

    @cached_property
    def customers(self) -> "TenantCustomers":
        from segcli.backends.tenant.customers import TenantCustomers

        return TenantCustomers(self._client)

    def get_segment(self, segment_id: int) -> Segment:
        return self.find_segment(SegmentRef(id=segment_id))

    def find_segment(self, ref: SegmentRef) -> Segment:
        """By id, or by a filter on the code: one request, if the tenant applies the filter."""
        if ref.id is not None:
            with named(ref):
                response = self._client.read(f"{_SEGMENTS}/{ref.id}")
            return read_own(response, ref.id)
        segment = self._find_by_code(ref.code or "")
        if segment is None:
            raise not_found(ref)
        return segment

    def add_segment(self, draft: SegmentDraft) -> Segment:
        """If a request gets no response, checks whether the segment exists before sending it again."""
        checked_draft(draft)
        started = time.time()
        deadline = self._client.deadline()
        ambiguous: AmbiguousError | None = None
        for _ in range(TRIES):
            try:
                with named(code=draft.code):
                    return self._client.write(
                        "POST",
                        _SEGMENTS,
                        lambda response: require_sent(response, read_one(response), draft),
                        body=body_of(draft),
                        repeatable=False,
                        deadline=deadline,
                    )
            except AmbiguousError as error:
                ambiguous = error
            except AlreadyExistsError:
                if ambiguous is None:
                    raise
            try:
                found = self._find_by_code(draft.code or "")
            except UnavailableError as error:
                raise ambiguous from error
            if found is not None:
                return self._require_ours(found, draft, started)
            if time.monotonic() >= deadline:
                break
        raise ambiguous or not_found(SegmentRef(code=draft.code))

    def update_segment(self, segment_id: int, draft: SegmentDraft) -> Segment:
        checked_draft(draft, lambda: self.get_segment(segment_id).code)
        with named(SegmentRef(id=segment_id), draft.code):
            return self._client.write(
                "PUT",
                f"{_SEGMENTS}/{segment_id}",
                lambda response: require_sent(response, read_own(response, segment_id), draft),
                body=body_of(draft),
            )

    def delete_segment(self, segment_id: int) -> None:
        # If a retry does not find the segment, the first attempt deleted it.
        path = f"{_SEGMENTS}/{segment_id}"
        with named(SegmentRef(id=segment_id)):
            self._client.write("DELETE", path, Response.require_empty, done=NotFoundError)

    def add_segment_accounts(self, segment_id: int, accounts: AccountSet) -> None:
        require_accounts(accounts)
        path = f"{_SEGMENTS}/{segment_id}/accounts"
        with named(SegmentRef(id=segment_id)):
            self._client.write("POST", path, Response.require_empty, body=list(accounts))

    def remove_segment_account(self, segment_id: int, account_id: int) -> None:
        self._client.write(
            "DELETE",
            f"{_SEGMENTS}/{segment_id}/accounts/{account_id}",
            Response.require_empty,
            done=ConflictError,
        )

    def remove_segment_accounts(self, segment_id: int, accounts: AccountSet) -> AccountSet:
        require_accounts(accounts)
        not_members = []
        for account_id in accounts:
            try:
                self.remove_segment_account(segment_id, account_id)
            except ConflictError:
                not_members.append(account_id)
        return AccountSet(not_members)

    def iter_segments(self, query: SegmentQuery, limit: int | None = None) -> Segments:
        def fetch(start: int) -> Page:
            # Not get_segments: a page that is wrong is read again.
            response = self._client.read_collection(_SEGMENTS, parameters(query._replace(start_index=start)))
            page = read_segments(response, start, query.page_size)
            return Page(page.total_count, [(segment.id, segment) for segment in page.items])

        first = fetch(query.start_index)
        segments = read_pages(first, query.start_index, fetch, limit, page_size=query.page_size)
        return Segments(first.total, segments)

    def codes(self, prefix: str, limit: int) -> Codes:
        if find_surrogate(prefix) is not None:
            return Codes([], complete=True, names={})
        clauses = (Clause(FIELDS["code"], "sw", prefix),) if prefix else ()
        query = SegmentQuery(clauses, (SortKey(FIELDS["code"]),), page_size=min(limit, MAX_PAGE_SIZE))
        page = self.get_segments(query)
        # The filter ignores case, and a tenant may ignore the filter.
        found = {segment.code: segment.name for segment in page.items if segment.code.startswith(prefix)}
        names = {code: name for code, name in found.items() if name}
        return Codes(sorted(found), complete=page.total_count <= len(page.items), names=names)

    def get_segment_accounts(self, segment_id: int, report: ReportProgress = ignore_progress) -> AccountSet:
        self.get_segment(segment_id)
        return self._memberships(report).members(segment_id)

    def peek_segment_accounts(self, segment_id: int) -> AccountSet | None:
        return self._memberships(ignore_progress).peek(segment_id)

    def get_memberships(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress, *, known: bool = False
    ) -> Memberships:
        reader = self._memberships(report)
        return (
            Memberships(*reader.everything(segment_ids))
            if known
            else Memberships(reader.sets(segment_ids), None)
        )

    def count_segment_accounts(
        self, segment_ids: Sequence[int], report: ReportProgress = ignore_progress
    ) -> Mapping[int, int]:
        return self._memberships(report).counts(segment_ids)

    def snapshot(self) -> AbstractContextManager[None]:
        """Does nothing: each request sees a state of its own."""
        return nullcontext()

    def transaction(self) -> AbstractContextManager[None]:
        """Does nothing: over HTTP each request is a transaction of its own."""
        return nullcontext()

    def lock_segments(self, segment_ids: Sequence[int]) -> None:
        """Does nothing: a tenant has no locks."""

    def record_as(self, origin: "Origin") -> None:
        """Does nothing: a tenant keeps no history."""

    @property
    def history(self) -> NoReturn:
        raise _no_history()

    @property
    def upkeep(self) -> NoReturn:
        raise _no_history()

    def receive(self, source: Backend) -> NoReturn:
        raise _no_history()

    def at(self, moment: int) -> NoReturn:
        raise _no_history()

    def restore_segment(self, segment: Segment) -> Segment:
        """The same segment with another id and other dates: a tenant assigns both."""
        return self.add_segment(SegmentDraft(segment.code, segment.name, segment.description))

    def checks(self) -> Sequence[Check]:
        from segcli.backends.tenant.checks import checks

        return checks(self._client, lambda: self.get_segments(SegmentQuery(page_size=1)).total_count)

    def cancel(self) -> None:
        self._client.cancel()

    def close(self) -> None:
        self._client.close()

    def _memberships(self, report: ReportProgress) -> MembershipReader:
        return MembershipReader(lambda params: self._client.read_collection(ACCOUNTS, params), report)

    def _find_by_code(self, code: str) -> Segment | None:
        if find_surrogate(code) is not None:
            return None
        query = SegmentQuery((Clause(FIELDS["code"], "eq", code),), page_size=MAX_PAGE_SIZE)
        try:
            page = self.get_segments(query)
        except UsageError:  # the tenant rejects the filter
            return self._find_in_all(code)
        for segment in page.items:
            if segment.code == code:
                return segment
        filtered = all(fold(segment.code) == fold(code) for segment in page.items)
        return None if filtered and page.total_count <= len(page.items) else self._find_in_all(code)

    def _find_in_all(self, code: str) -> Segment | None:
        segments = self.iter_segments(SegmentQuery(page_size=MAX_PAGE_SIZE)).items
        return next((segment for segment in segments if segment.code == code), None)

    def _require_ours(self, found: Segment, draft: SegmentDraft, started: float) -> Segment:
        """`found`, if our request without a response, sent at `started`, must have created it.

        Raises AlreadyExistsError if it differs from the draft or is older than the request.
        """
        skew = self._client.clock_skew or 0.0
        oldest = (started + skew - _CLOCK_TOLERANCE) * MICROSECONDS
        try:
            created = read_date(found.audit_info.create_date or "")
        except ValueError:
            created = None
        if difference(found, draft) or (created is not None and created < oldest):
            raise code_taken(found.code)
        return found


def _no_history() -> UsageError:
    return UsageError("a tenant keeps no history", hint="only local stores do")
