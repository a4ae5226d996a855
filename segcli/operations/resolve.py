"""Prints a file with the account of each row."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from segcli.account_set import AccountSet, Seen
from segcli.backends.base import Backend
from segcli.customer import MATCHED, OUTCOME_MEMBERS, OUTCOMES, Outcome, id_key
from segcli.errors import SegcliError, UnresolvedError
from segcli.identify.layout import ACCOUNT_ID, OUTCOME, Layout, layout_of
from segcli.identify.resolver import Answer, account_of, outcome_of
from segcli.identify.tally import counted
from segcli.inputs.rejects import Rejects
from segcli.inputs.source import Position, Source
from segcli.inputs.tables import Table, open_table
from segcli.model import STDIN
from segcli.operations.identified import CustomerLookup
from segcli.result import Column, Json, Result, columns_of
from segcli.terminal.streams import Terminal


def resolve(backend: Backend, terminal: Terminal, source: Source) -> Result:
    """The rows of the file of `source` in its order, each with an account if it has one, and the outcome.

    Of a store they are streamed. A row without an account is a failure of the result. Raises UsageError.
    """
    with ExitStack() as stack:
        position = Position()
        table = stack.enter_context(open_table(source.file or STDIN, position.watch, source.column))
        layout = layout_of(
            table.name, table.columns, source.kind or ("id" if source.column else None), source.column
        )
        lookup = CustomerLookup(backend, terminal, source, Rejects(None))
        rows = _Rows(layout)
        # Everything is closed when the rows were read, or are no longer needed.
        items = rows.items(lookup, table, position.share, stack.pop_all())
    return Result(items, rows.columns, tail=rows.tail, failures=rows.failures)


class _Rows:
    """The rows as items, and what is known about them after they were read."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._kept = [place for place in layout.kept if layout.names[place] not in (ACCOUNT_ID, OUTCOME)]
        self._ids = next((place for kind, place in layout.columns if kind == "id"), None)
        names = [layout.names[place] for place in self._kept]
        self._keys = _distinct(names)
        self.columns = (
            *(Column(name, (key,)) for name, key in zip(names, self._keys, strict=True)),
            *columns_of((ACCOUNT_ID, OUTCOME)),
        )
        self._counts: dict[Outcome, int] = dict.fromkeys(OUTCOMES, 0)
        self._seen = Seen()
        self.failures: list[SegcliError] = []  # complete after all items were read

    def items(
        self, lookup: CustomerLookup, table: Table, share: Callable[[], float | None], closing: ExitStack
    ) -> Iterator[Json]:
        """The items; `closing` is closed at their end."""
        with closing:
            resolver = lookup.resolver(self._layout)
            for batch in lookup.batches(table, share):
                answers = resolver.answers(batch.rows)
                for row, (account, outcome) in zip(batch.rows, self._outcomes(answers), strict=True):
                    self._counts[outcome] += 1
                    item: dict[str, Json] = {
                        key: row[place] for key, place in zip(self._keys, self._kept, strict=True)
                    }
                    item[ACCOUNT_ID] = self._id_of(row) if account is None else account
                    item[OUTCOME] = outcome
                    yield item
        total = sum(self._counts.values())
        left = total - sum(self._counts[name] for name in MATCHED)
        if left:
            message = f"{left:,} of {total:,} rows have no certain account: {counted(self._counts)}"
            self.failures.append(UnresolvedError(message, hint=lookup.hint_for(self._counts)))

    def tail(self) -> dict[str, Json]:
        """The numbers of rows by outcome."""
        return {OUTCOME_MEMBERS[name]: count for name, count in self._counts.items()}

    def _id_of(self, row: Sequence[str]) -> Json:
        """The row's own id: without it, another identifier would decide when the output is read."""
        text = "" if self._ids is None else row[self._ids].strip()
        key = id_key(text)
        return (text or None) if key is None else int(key)

    def _outcomes(self, answers: Sequence[Answer]) -> Iterator[tuple[int | None, Outcome]]:
        """The account of each row, and the outcome with regard to the rows before."""
        accounts = [account for answer in answers if (account := account_of(answer)) is not None]
        seen = set(self._seen.add(AccountSet(accounts)))
        for answer in answers:
            account, outcome = account_of(answer), outcome_of(answer)
            if account is not None:
                if account in seen:
                    outcome = "duplicate"
                seen.add(account)
            yield account, outcome


def _distinct(names: Sequence[str]) -> list[str]:
    """The names as keys: one that occurs again gets a number."""
    keys: dict[str, None] = {}
    for name in names:
        key, number = name, 1
        while key in keys or key in (ACCOUNT_ID, OUTCOME):
            number += 1
            key = f"{name}_{number}"
        keys[key] = None
    return list(keys)
