"""Which columns of a table identify accounts."""

from collections.abc import Sequence
from typing import NamedTuple

from segcli.customer import KINDS, MEMBER_OF_KIND, Kind, member_of
from segcli.errors import UsageError
from segcli.inputs.blocks import KNOWN_COLUMNS
from segcli.inputs.rejects import REJECTED
from segcli.inputs.tables import VALUE
from segcli.text import visible

ACCOUNT_ID, OUTCOME = "accountId", "outcome"  # the columns that are added to resolved rows
_SHOWN = 200  # characters of a header that an error quotes
_PLURALS: dict[Kind, str] = {
    "id": "account ids",
    "external-id": "external ids",
    "user-name": "user names",
    "email": "e-mail addresses",
}


class Layout(NamedTuple):
    """The columns with identifiers by their places, in the order of `customer.KINDS`.

    In the output of an earlier look-up, the column of ids that the file had before comes last: an account
    that another identifier names must agree with it.
    `outcome` is the place of what an earlier look-up found, if the file has it; `names` are the columns as
    they are written, of which those at the places `kept` are not segcli's own. `are_lines` says that these
    are lines without a header, and nothing says what is in them.
    """

    columns: tuple[tuple[Kind, int], ...]
    outcome: int | None
    names: tuple[str, ...]
    kept: tuple[int, ...]
    are_lines: bool = False


def layout_of(name: str, columns: Sequence[str], by: Kind | None, column: str | None) -> Layout:
    """The layout of the file `name`; `column` names the only one that identifies accounts, `by` its kind.

    Raises UsageError if there is no such column, or several.
    """
    if by is not None:
        kinds = {by: _named(name, columns, column) if column else _place(name, columns, by)}
    else:
        kinds = {kind: place for kind in KINDS if (place := _find(name, columns, kind)) is not None}
        if not kinds and tuple(columns) == (VALUE,):
            kinds = {"email": 0}
    if not kinds:
        raise _missing(name, columns, "none of the columns accountId, externalId, userName and emailAddress")
    known = by is None and "id" in kinds and OUTCOME in columns
    identifying = [(kind, kinds[kind]) for kind in KINDS if kind in kinds]
    if known and (other := _earlier_id(columns)) is not None:
        identifying.append(("id", other))
    names = [each or MEMBER_OF_KIND[next(iter(kinds))] for each in columns]
    return Layout(
        tuple(identifying),
        columns.index(OUTCOME) if known else None,
        tuple(names),
        tuple(place for place in range(len(columns)) if place not in _own(columns)),
        are_lines=by is None and tuple(columns) == (VALUE,),
    )


def _earlier_id(columns: Sequence[str]) -> int | None:
    """The column of ids beside the one that an earlier look-up added."""
    for place in range(len(columns) - 1):
        if tuple(columns[place : place + 2]) == (ACCOUNT_ID, OUTCOME):
            others = [each for each, name in enumerate(columns) if each != place and member_of(name) == "id"]
            return others[0] if others else None
    return None


def _own(columns: Sequence[str]) -> set[int]:
    """The places of columns that an earlier run wrote about the rows."""
    own: set[int] = set()
    for place in range(len(columns)):  # columns that somebody added may follow
        if tuple(columns[place : place + len(REJECTED)]) == REJECTED:
            own.update(range(place, place + len(REJECTED)))
        if tuple(columns[place : place + 2]) == (ACCOUNT_ID, OUTCOME):
            own.add(place + 1)
    return own


def _named(name: str, columns: Sequence[str], column: str) -> int:
    if column not in columns:
        raise _missing(name, columns, f"no column '{column}'")
    return columns.index(column)


def _place(name: str, columns: Sequence[str], kind: Kind) -> int:
    """The column of that kind, or the only column."""
    place = _find(name, columns, kind)
    if place is None and len(columns) == 1:
        return 0
    if place is None:
        raise _missing(name, columns, f"no column with {_PLURALS[kind]}")
    return place


def _find(name: str, columns: Sequence[str], kind: Kind) -> int | None:
    places = [place for place, each in enumerate(columns) if member_of(each) == MEMBER_OF_KIND[kind]]
    if kind == "id" and len(places) > 1:
        named = [columns.index(known) for known in KNOWN_COLUMNS if known in columns]
        return (named or places)[0]
    if len(places) > 1:
        names = " and ".join(f"'{visible(columns[place])}'" for place in places)
        raise UsageError(
            f"{name} has several columns with {_PLURALS[kind]}: {names}",
            hint=f"choose one with --by {kind} and --column",
        )
    return places[0] if places else None


def _missing(name: str, columns: Sequence[str], what: str) -> UsageError:
    shown = visible(", ".join(columns)[:_SHOWN]) or "none"
    hint = f"choose a column with --by and --column; the columns are: {shown}"
    return UsageError(f"{name} has {what}", hint=hint)
