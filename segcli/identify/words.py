"""ACCOUNT arguments: account ids, and other identifiers with a prefix."""

from segcli.customer import KINDS, NAMES, Kind
from segcli.errors import UsageError
from segcli.identify.resolver import Places
from segcli.model import parse_account_id

_PREFIXES: dict[str, Kind] = {
    "id": "id",
    "email": "email",
    "external": "external-id",
    "user": "user-name",
}
PLACES: Places = tuple((kind, place) for place, kind in enumerate(KINDS))  # of the columns of `row_of`


def row_of(word: str, by: Kind | None) -> tuple[str, ...]:
    """A row with the identifier in the column of its kind, which is `by` if `word` has no prefix.

    Raises UsageError for an account id that is not valid, and a prefix without text.
    """
    prefix, colon, text = word.partition(":")
    kind = _PREFIXES.get(prefix.lower()) if colon else None
    if kind is None:
        kind, text = by or "id", word
    if kind == "id":
        _require_id(text)
    elif not text.strip():
        raise UsageError(f"'{word}' is not a valid account: it has no {NAMES[kind]}")
    return tuple(text if each == kind else "" for each in KINDS)


def _require_id(text: str) -> None:
    try:
        parse_account_id(text)
    except UsageError as error:
        if "@" in text:
            raise error.with_hint(f"if it is an e-mail address, write email:{text}") from None
        raise
