"""Customers in a table: which columns it has of them, and its rows as customers, streamed.

A batch is converted and checked column by column, which takes a tenth of the time of row by row; rows are
looked at one by one only to find an invalid one.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

from segcli.customer import MAX_IDENTIFIER, MEMBERS, Customer, member_of, plain_header
from segcli.errors import UsageError
from segcli.inputs.blocks import to_block
from segcli.inputs.tables import Batch, Table
from segcli.model import INT32_MAX
from segcli.text import visible

_DEFAULTS = dict(zip(MEMBERS, Customer(0), strict=True))  # of a member without a column, or an empty cell
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ACCOUNT_ID = "accountid"  # the plain header of the ids if there is a column `id` too, which may count rows
_SHOWN = 100  # characters of a value that an error quotes, and twice as many of a header

# Receives a row that is invalid: the number of its line or item, its texts, and the reason.
RejectRow = Callable[[int, Sequence[str], str], None]


class CustomerBatch(NamedTuple):
    """The number of rows, and the customers of the valid ones."""

    rows: int
    customers: list[Customer]


class CustomerTable:
    """The customers of a table. `members` are those of MEMBERS that the table has columns for."""

    def __init__(self, table: Table) -> None:
        """Raises UsageError if the table has no account ids, or two columns for the same member."""
        self._table = table
        self._places = _places(table)
        self.members = frozenset(self._places)

    def batches(self, reject: RejectRow | None = None) -> Iterator[CustomerBatch]:
        """The customers of each batch of rows.

        Raises UsageError for an invalid row, with its line, if there is no `reject`.
        """
        for batch in self._table.batches:
            try:
                customers = self._customers(batch.rows)
            except ValueError:
                customers = self._valid(batch, reject or self._refuse)
            yield CustomerBatch(len(batch.rows), customers)

    def _customers(self, rows: Sequence[Sequence[str]]) -> list[Customer]:
        """The customers in rows. Raises ValueError if one of them is invalid, with the reason for one row."""
        if not rows:
            return []
        table: Sequence[Sequence[str]] | None = None
        if len(rows[0]) <= 2 * len(self._places):  # else most of it would be thrown away
            table = list(zip(*rows, strict=True))
        columns: list[Any] = []
        for member in MEMBERS:
            if member not in self._places:
                columns.append(repeat(_DEFAULTS[member]))
                continue
            place = self._places[member]
            texts = list(table[place] if table else map(itemgetter(place), rows))
            joined = "".join(texts)
            if joined.split(None, 1) != [joined]:  # white space, or nothing
                texts = list(map(str.strip, texts))
            columns.append(_values(member, texts))
        return list(map(partial(tuple.__new__, Customer), zip(*columns, strict=False)))

    def _valid(self, batch: Batch, reject: RejectRow) -> list[Customer]:
        """The customers of the valid rows; the others are rejected."""
        valid: list[Customer] = []
        for number, row in zip(batch.numbers, batch.rows, strict=True):
            try:
                valid += self._customers([row])
            except ValueError as error:
                reject(number, row, str(error))
        return valid

    def _refuse(self, number: int, _: Sequence[str], reason: str) -> None:
        raise UsageError(
            f"{self.place(number)}: {reason}",
            hint="nothing was changed; --skip-invalid skips such rows and counts them",
        )

    def place(self, number: int) -> str:
        """The row with that number, for messages."""
        return f"{self._table.name}, {self._table.unit} {number}"


def _places(table: Table) -> dict[str, int]:
    """The place of the column of each member that has one."""
    places: dict[str, int] = {}
    for place, header in enumerate(table.columns):
        member = member_of(header)
        if member is None:
            continue
        other = places.setdefault(member, place)
        if other == place:
            continue
        columns = {plain_header(table.columns[each]): each for each in (other, place)}
        if len(columns) == 1 or member != "id":
            raise UsageError(
                f"{table.name} has two columns for {member}: '{table.columns[other]}' and '{header}'",
                hint="rename the one that is not meant",
            )
        places[member] = columns[_ACCOUNT_ID]
    if "id" not in places:
        names = ", ".join(filter(None, table.columns))[: 2 * _SHOWN]
        raise UsageError(
            f"{table.name} has no column accountId or id", hint=f"the columns are: {names or 'none'}"
        )
    return places


def _values(member: str, texts: list[str]) -> Sequence[Any]:
    """The values of a column of texts without white space around them. Raises ValueError."""
    if member == "id":
        return _ids(texts)
    if isinstance(_DEFAULTS[member], bool):
        meanings = {text: _flag(member, text) for text in set(texts)}
        return list(map(meanings.__getitem__, texts))
    check_texts(member, texts)
    return [text or None for text in texts] if "" in texts else texts


def _ids(texts: list[str]) -> list[int]:
    digits = "".join(texts)
    try:
        if digits.isascii() and digits.isdigit():
            return to_block(list(map(int, texts)))
    except ValueError:
        pass
    raise ValueError(f"'{_short(texts[0])}' is not a valid account id: expected 1 to {INT32_MAX}")


def _flag(member: str, text: str) -> bool:
    value = _FLAGS.get(text.lower(), _DEFAULTS[member] if not text else None)
    if value is None:
        raise ValueError(f"'{_short(text)}' is not a valid {member}: expected true or false")
    return bool(value)


def check_texts(member: str, texts: Sequence[str]) -> None:
    """Raises ValueError for a value of a member that is too long, has a NUL, or is not Unicode."""
    if max(map(len, texts), default=0) > MAX_IDENTIFIER:
        raise ValueError(
            f"the {member} '{_short(texts[0])}' has {len(texts[0]):,} characters:"
            f" expected at most {MAX_IDENTIFIER}"
        )
    joined = "".join(texts)
    if "\0" in joined:  # PostgreSQL stores none
        raise ValueError(f"the {member} '{_short(texts[0])}' contains a NUL character")
    if joined.isascii():
        return
    try:
        joined.encode()
    except UnicodeEncodeError:
        raise ValueError(f"the {member} '{_short(texts[0])}' is not valid Unicode text") from None


def _short(text: str) -> str:
    return visible(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
