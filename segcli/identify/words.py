"""ACCOUNT arguments: account ids, and other identifiers with a prefix."""

from segcli.customer import KINDS, NAMES, PREFIXES, Kind
from segcli.errors import UsageError
from segcli.identify.decide import Places
from segcli.model import parse_account_id

PLACES: Places = tuple((kind, place) for place, kind in enumerate(KINDS))  # of the columns of `row_of`


def row_of(word: str, by: Kind | None) -> tuple[str, ...]:
    """A row with the identifier in the column of its kind, which is `by` if `word` has no prefix.

    Raises UsageError for an account id that is not valid, and a prefix without text.
    """
    kind, text = _split(word, by or "id")
    if kind == "id":
        _require_id(text)
    elif not text.strip():
        raise UsageError(f"'{word}' is not a valid account: it has no {NAMES[kind]}")
    return tuple(text if each == kind else "" for each in KINDS)


def has_prefix(text: str) -> bool:
    """Whether the text starts with a prefix of an ACCOUNT."""
    prefix, colon, _ = text.partition(":")
    return bool(colon) and prefix.strip().lower() in PREFIXES


def row_of_line(text: str) -> tuple[str, ...]:
    """The same for a line of a file of e-mail addresses, in which any ACCOUNT with a prefix may be."""
    kind, identifier = _split(text.strip(), "email")
    return tuple(identifier if each == kind else "" for each in KINDS)


def _split(word: str, default: Kind) -> tuple[Kind, str]:
    """The kind and the identifier; without a prefix, all of the word is of the default kind."""
    prefix, colon, text = word.partition(":")
    kind = PREFIXES.get(prefix.lower()) if colon else None
    return (default, word) if kind is None else (kind, text)


def _require_id(text: str) -> None:
    try:
        parse_account_id(text)
    except UsageError as error:
        if "@" in text:
            raise error.with_hint(f"if it is an e-mail address, write email:{text}") from None
        raise
