"""Filling a store's customers from a file or another backend, in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from itertools import islice
from operator import itemgetter
from typing import Any

from segcli.account_set import AccountSet, Seen
from segcli.backends import shown_url
from segcli.backends.base import Backend, all_or_nothing
from segcli.customer import MEMBERS, Customer
from segcli.errors import SegcliError, StoreError, UsageError
from segcli.inputs.customer_rows import CustomerBatch, CustomerTable, check_texts
from segcli.inputs.reject_rows import RejectRows
from segcli.inputs.rejects import REJECTED, Rejects
from segcli.inputs.source import Position
from segcli.inputs.tables import open_table
from segcli.query.tree import MAX_PAGE_SIZE, SegmentQuery
from segcli.result import Result, record
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

_BATCH = 10_000  # customers of a backend that are saved at a time
_NAMED = 5  # invalid rows that the note names; more are only counted
_TEXTS = range(1, 5)  # the places of the texts in a customer


def import_customers(
    backend: Backend,
    terminal: Terminal,
    source: str,
    open_source: Callable[[str], Backend | None],
    *,
    dry_run: bool = False,
    skip_invalid: bool = False,
    rejects: str | None = None,
) -> Result:
    """Adds the customers of a file or a backend, and updates those with the same id; all or nothing.

    A file is an update of the columns it has: an empty cell clears a value, and a member without a column
    keeps its value. `rejects` is the file for rows that are skipped. Raises UsageError if `backend` is a
    tenant, or for an invalid row that is not to be skipped.
    """
    if rejects is not None and not skip_invalid:
        raise UsageError("--rejects requires --skip-invalid")
    if not backend.atomic:
        raise UsageError(
            "the customers of a tenant are managed on the platform, not here",
            hint="import them into a store: --backend sqlite:PATH",
        )
    run = _Import(backend, terminal, dry_run=dry_run)
    other = open_source(source)
    if other is None:
        run.read_file(source, rejects, skip_invalid=skip_invalid)
    elif skip_invalid:
        raise UsageError("--skip-invalid requires a file as the source")
    else:
        with closing(other):
            run.read_backend(source, other)
    return run.report()


class _Import:
    """One run: what it saves is counted by customer, at its first row."""

    def __init__(self, backend: Backend, terminal: Terminal, *, dry_run: bool) -> None:
        self._backend = backend
        self._terminal = terminal
        self._dry_run = dry_run
        self._seen = Seen()
        self._requested = self._added = self._updated = self._unchanged = self._duplicates = 0
        self._invalid: list[str] = []
        self._invalid_count = 0

    def read_file(self, path: str, rejects: str | None, *, skip_invalid: bool) -> None:
        position = Position()
        with (
            self._progress(position.share) as progress,
            open_table(path, position.watch) as table,
            Rejects(rejects, path) as rejected,
        ):
            customers = CustomerTable(table)
            kept = [place for place, name in enumerate(table.columns) if name not in REJECTED]
            rows = RejectRows(rejected.write, table.columns, kept, None)

            def skip(number: int, row: Sequence[str], reason: str) -> None:
                rows.save(row, number, "invalid", reason, ())
                self._invalid_count += 1
                if self._invalid_count <= _NAMED:
                    self._invalid.append(f"{customers.place(number)}: {reason}")

            def batches() -> Iterator[CustomerBatch]:
                yield from customers.batches(skip if skip_invalid else None)
                rejected.flush()  # while it can still end the transaction

            self._save(batches(), customers.members, progress)

    def read_backend(self, name: str, source: Backend) -> None:
        """Raises UsageError if `source` is the backend itself."""
        if source.place == self._backend.place:
            raise UsageError("the source and the backend are the same")
        with self._progress() as progress, source.snapshot():
            batches = _batches_of(name, source)
            self._save(batches, frozenset(MEMBERS), progress)

    def _progress(self, share: Callable[[], float | None] = lambda: None) -> Progress:
        label = "comparing" if self._dry_run else "importing"
        return Progress(self._terminal, label, unit="customers", share=share)

    def _save(self, batches: Iterator[CustomerBatch], members: frozenset[str], progress: Progress) -> None:
        with self._transaction(), self._backend.customers.bulk():
            kept = [place for place, member in enumerate(MEMBERS) if member not in members]
            if kept and self._backend.customers.is_empty():
                kept = []  # there is nothing to keep
            for batch in batches:
                self._requested += batch.rows
                if batch.customers:
                    self._save_batch(batch.customers, kept)
                progress.update(self._requested, None)

    def _transaction(self) -> AbstractContextManager[None]:
        return self._backend.snapshot() if self._dry_run else all_or_nothing(self._backend)

    def _save_batch(self, customers: list[Customer], kept: Sequence[int]) -> None:
        """Saves customers, with what is stored in the places of `kept`."""
        accounts = AccountSet(map(itemgetter(0), customers))
        self._duplicates += len(customers) - len(accounts)
        if kept:
            stored = {customer.id: customer for customer in self._backend.customers.of(accounts)}
            customers = [_with_kept(each, stored.get(each.id), kept) for each in customers]
        again = self._seen.add(accounts)
        if again:
            self._duplicates += len(again)
            if not self._dry_run:  # the last row counts, but the customer was counted before
                self._backend.customers.save([each for each in customers if each.id in again])
            customers = [each for each in customers if each.id not in again]
        saved = self._backend.customers.save(customers, dry_run=self._dry_run)
        self._added += saved.added
        self._updated += saved.updated
        self._unchanged += saved.unchanged

    def report(self) -> Result:
        counts = {
            "requested": self._requested,
            "added": self._added,
            "updated": self._updated,
            "unchanged": self._unchanged,
            "duplicates": self._duplicates,
            "invalid": self._invalid_count,
        }
        notes = list(self._invalid)
        if self._invalid_count > _NAMED:
            notes.append(f"{self._invalid_count - _NAMED:,} more")
        if self._dry_run:
            notes.append("dry run: nothing was changed")
        item: dict[str, Any] = {"dryRun": True, **counts} if self._dry_run else counts
        return record(item)._replace(note="; ".join(notes) or None, summary=self._summary())

    def _summary(self) -> str:
        """The counts as a sentence for people."""
        verbs = ("Would add", "update") if self._dry_run else ("Added", "updated")
        parts = [
            f"{verbs[0]} {_counted(self._added, 'customer')}, {verbs[1]} {self._updated:,},"
            f" {self._unchanged:,} unchanged"
        ]
        if self._duplicates:
            parts.append(f"{_counted(self._duplicates, 'row')} for a customer of another row")
        if self._invalid_count:
            parts.append(f"{_counted(self._invalid_count, 'invalid row')} skipped")
        return f"{'; '.join(parts)}."


def _with_kept(new: Customer, old: Customer | None, kept: Sequence[int]) -> Customer:
    """`new` with the values of `old` in some places."""
    if old is None:
        return new
    values: list[Any] = list(new)
    for place in kept:
        values[place] = old[place]
    return Customer(*values)


def _batches_of(name: str, source: Backend) -> Iterator[CustomerBatch]:
    """The customers of a backend, whose texts may be anything."""
    try:
        customers = source.customers.list(SegmentQuery(page_size=MAX_PAGE_SIZE)).items
        while batch := list(islice(customers, _BATCH)):
            _check(name, batch)
            yield CustomerBatch(len(batch), batch)
    except SegcliError as error:
        # The transaction says it after a StoreError.
        after = None if isinstance(error, StoreError) else "nothing was changed"
        raise error.with_context(before=f"reading {shown_url(name)}", after=after) from error


def _check(name: str, customers: list[Customer]) -> None:
    """Raises UsageError for the first customer with a text that cannot be stored."""
    columns = list(zip(*customers, strict=True))
    try:
        for place in _TEXTS:
            check_texts(MEMBERS[place], list(filter(None, columns[place])))
    except ValueError:
        for customer in customers:
            for place in _TEXTS:
                try:
                    check_texts(MEMBERS[place], [str(customer[place] or "")])
                except ValueError as error:
                    raise UsageError(f"account {customer.id}: {error}") from None


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
