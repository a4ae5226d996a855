"""Accounts that are named by other identifiers than their ids: looked up, counted, rejected if unclear."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from segcli.account_set import name_some
from segcli.backends.base import Backend
from segcli.backends.customers import Found, Wanted
from segcli.customer import Outcome
from segcli.errors import NotFoundError, SegcliError, UsageError
from segcli.identify.decide import Decision
from segcli.identify.layout import Layout, layout_of
from segcli.identify.resolver import Answer, Resolver, account_of
from segcli.identify.tally import Tally, counted
from segcli.identify.words import PLACES, row_of
from segcli.inputs.reject_rows import RejectRows
from segcli.inputs.rejects import Rejects
from segcli.inputs.source import Given, Source
from segcli.inputs.tables import Batch, Table
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

_IMPORT = "import customers into the store with: segments customers import FILE"
_BATCH = 50_000  # rows that are looked up on a store at a time: with fewer, its index is read more often
_UNCHANGED = "nothing was changed"


def accounts_of_words(
    backend: Backend, terminal: Terminal, words: Sequence[str], customer_set: str | None
) -> list[int]:
    """The account of each word. Raises NotFoundError or UsageError for the first that is not matched."""
    lookup = CustomerLookup(backend, terminal, Source(customer_set=customer_set), Rejects(None))
    return lookup.accounts_of(words)


class CustomerLookup:
    """Finds the accounts of a source on a backend; rows that are not matched go to `rejects`."""

    def __init__(self, backend: Backend, terminal: Terminal, source: Source, rejects: Rejects) -> None:
        self._backend = backend
        self._terminal = terminal
        self._source = source
        self._rejects = rejects

    def knows_customers(self) -> bool:
        return not self._backend.customers.is_empty()

    def words(self) -> Given:
        """The accounts of the words. Raises UsageError for the first that is not matched."""
        tally = Tally()
        for _, decision in tally.add(self._answers(self._source.words)):
            raise UsageError(_sentence(decision), hint=self._hint(decision, _UNCHANGED))
        return self._given(tally)

    def accounts_of(self, words: Sequence[str]) -> list[int]:
        """The account of each word. Raises NotFoundError or UsageError for the first that is not matched."""
        found: list[int] = []
        for answer in self._answers(words):
            if isinstance(answer, Decision) and answer.account_id is None:
                kind = NotFoundError if answer.outcome == "not_found" else UsageError
                raise kind(_sentence(answer), hint=self._hint(answer))
            account = account_of(answer)
            if account is not None:
                found.append(account)
        return found

    def _answers(self, words: Sequence[str]) -> Sequence[Answer]:
        resolver = Resolver(PLACES, self._find, self._source.customer_set)
        return resolver.answers([row_of(word, self._source.by) for word in words])

    def table(self, table: Table, share: Callable[[], float | None]) -> Given:
        """The accounts of the rows.

        Raises UsageError, after all of them were looked up, if some are not matched and must not be skipped.
        """
        layout = layout_of(table.name, table.columns, self._source.kind, self._source.column)
        ids = [place for kind, place in layout.columns if kind == "id"]
        rejected = RejectRows(self._rejects.write, layout.names, layout.kept, ids[0] if ids else None)
        self._rejects.save_account = rejected.save_account
        resolver, tally = self.resolver(layout), Tally()
        first: tuple[str, Decision] | None = None
        for batch in self.batches(table, share):
            for place, decision in tally.add(resolver.answers(batch.rows)):
                number, row = batch.numbers[place], batch.rows[place]
                rejected.save(row, number, decision.outcome, decision.reason, decision.candidates)
                first = first or (f"{table.name}, {table.unit} {number}", decision)
        self._rejects.flush()
        if first is not None and not self._source.skip_invalid:
            raise self._refused(tally, *first)
        return self._given(tally)

    def batches(self, table: Table, share: Callable[[], float | None]) -> Iterator[Batch]:
        """The rows to look up together: of a tenant all at once, so that it is asked in the cheapest way."""
        with Progress(self._terminal, "reading", unit="rows", share=share) as progress:
            batches = _watched(table.batches, progress)
            if self._backend.reads_are_local:
                yield from _regrouped(batches, _BATCH)
                return
            whole = list(_regrouped(batches, None))
        yield from whole  # the look-up shows a progress of its own

    def resolver(self, layout: Layout) -> Resolver:
        """Decides about rows of that layout."""
        return Resolver(
            layout.columns,
            self._find,
            self._source.customer_set,
            layout.outcome,
            are_lines=layout.are_lines,
            unique=self._backend.customers.unique,
        )

    def _find(self, wanted: Wanted) -> Found:
        backend = self._backend
        if backend.reads_are_local:
            return backend.customers.find(wanted)
        with Progress(self._terminal, "looking up", retries=lambda: backend.retries) as progress:
            return backend.customers.find(wanted, progress.update, self._terminal.info)

    def _given(self, tally: Tally) -> Given:
        note = None
        if tally.guests:
            rows = "row" if tally.guests == 1 else "rows"
            note = f"{tally.guests:,} {rows}: guests with the same e-mail address as an account were ignored"
        return Given(tally.rows, tally.accounts(), tally.counts["invalid"], outcomes=tally.counts, note=note)

    def _refused(self, tally: Tally, place: str, decision: Decision) -> SegcliError:
        rows = "row" if tally.rows == 1 else "rows"
        return UsageError(
            f"{place}: {_sentence(decision)}; of {tally.rows:,} {rows}: {counted(tally.counts)}",
            hint=self._hint(decision, _UNCHANGED, "--skip-invalid skips such rows and counts them"),
        )

    def _hint(self, decision: Decision, *more: str) -> str | None:
        hints = list(more)
        if decision.outcome == "not_found" and not self.knows_customers():
            hints.append(_IMPORT)
        if decision.outcome == "ambiguous" and self._source.file is None:
            hints.append("write the id of the account that you mean")
        elif decision.outcome == "ambiguous" and self._source.customer_set is None:
            hints.append("choose with --customer-set CODE, or with an id in a column accountId")
        return "; ".join(hints) or None

    def hint_for(self, counts: Mapping[Outcome, int]) -> str | None:
        """The hint about rows that are not matched."""
        return _IMPORT if counts["not_found"] and not self.knows_customers() else None


def _sentence(decision: Decision) -> str:
    """The reason, with the candidates of an ambiguous one."""
    if decision.outcome != "ambiguous":
        return decision.reason
    return f"{decision.reason}: {name_some(decision.candidates)}"


def _regrouped(batches: Iterator[Batch], size: int | None) -> Iterator[Batch]:
    """The same rows in batches of at least `size`; without it, in one."""
    numbers: list[int] = []
    rows: list[Sequence[str]] = []
    for batch in batches:
        numbers += batch.numbers
        rows += batch.rows
        if size is not None and len(rows) >= size:
            yield Batch(numbers, rows)
            numbers, rows = [], []
    if rows:
        yield Batch(numbers, rows)


def _watched(batches: Iterator[Batch], progress: Progress) -> Iterator[Batch]:
    count = 0
    for batch in batches:
        yield batch
        count += len(batch.rows)
        progress.update(count, None)
