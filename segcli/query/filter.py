"""filter: clauses joined by ` and `, each `field op value` (contract, "Query language")."""

import re

from segcli.errors import UsageError
from segcli.query.scan import problem, require_length, skip_space
from segcli.query.tree import (
    FIELDS,
    NULLABLE,
    OPERATORS,
    TEXT_ONLY,
    Clause,
    Field,
    Fields,
    Filter,
    Operator,
    find_field,
)
from segcli.query.values import read_value
from segcli.text import find_surrogate

MAX_CLAUSES = 200  # SQLite and PostgreSQL limit the depth of an expression

# The lookbehind prevents quadratic time on a long run of spaces.
_AND = re.compile(r"(?<!\s)\s+and\s+", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_DOUBTFUL = re.compile(r",|(?<!\S)(or(?!\S)|and\Z)", re.IGNORECASE)


def parse_filter(text: str, fields: Fields = FIELDS) -> Filter:
    """The clauses of `text` on `fields`; none if it is blank. Raises UsageError with the mistake marked."""
    require_length("filter", text)
    surrogate = find_surrogate(text)
    if surrogate is not None:
        raise _problem(text, surrogate, surrogate + 1, "invalid Unicode: an unpaired surrogate")
    clauses: list[Clause] = []
    position: int | None = skip_space(text, 0)
    if position == len(text):
        return ()
    while position is not None:
        if len(clauses) == MAX_CLAUSES:
            raise _problem(text, position, position, f"more than {MAX_CLAUSES} clauses")
        clause, position = _parse_clause(text, position, fields)
        clauses.append(clause)
    return tuple(clauses)


def doubtful_values(text: str, fields: Fields = FIELDS) -> list[tuple[str, str]]:
    """The field and the value of each clause whose unquoted value contains `or`, a comma or a last `and`.

    `text` is a valid filter of these fields.
    """
    doubtful = []
    position: int | None = skip_space(text, 0)
    while position is not None and position < len(text):
        field, position = _parse_field(text, position, fields)
        _, position = _parse_operator(text, position, field)
        start = skip_space(text, position)
        quoted = text[start] in "\"'"
        value, _, position = _parse_quoted(text, start) if quoted else _parse_bare(text, start)
        if not quoted and _DOUBTFUL.search(value):
            doubtful.append((field.name, value))
    return doubtful


def _parse_clause(text: str, position: int, fields: Fields) -> tuple[Clause, int | None]:
    """The clause at `position`, and where the next one starts, or None."""
    field, position = _parse_field(text, position, fields)
    operator, position = _parse_operator(text, position, field)
    start = skip_space(text, position)
    if start == len(text) or (start > position and _AND.match(text, position)):
        raise _problem(text, start, start, f"a value is missing after {operator}")
    quoted = text[start] in "\"'"
    raw, end, after = _parse_quoted(text, start) if quoted else _parse_bare(text, start)
    if raw == "null" and not quoted:
        if operator not in NULLABLE:
            raise _problem(text, start, end, f"null can only be used with eq and ne, not with {operator}")
        if field.many:
            raise _problem(text, start, end, f"{field.name} cannot be compared with null")
        return Clause(field, operator, None), after
    try:
        return Clause(field, operator, read_value(field.kind, raw)), after
    except ValueError as error:
        raise _problem(text, start, end, f"{field.name}: expected {error}") from None


def _parse_field(text: str, position: int, fields: Fields) -> tuple[Field, int]:
    word = _WORD.match(text, position)
    if word is None:
        raise _problem(text, position, position, "a clause is missing after and")
    field = find_field(word.group(), fields)
    if field is None:
        hint = f"the fields are {', '.join(fields)}"
        raise _problem(text, *word.span(), f"unknown field '{word.group()}'", hint)
    return field, word.end()


def _parse_operator(text: str, position: int, field: Field) -> tuple[Operator, int]:
    hint = f"the operators are {', '.join(OPERATORS)}"
    word = _WORD.match(text, skip_space(text, position))
    if word is None:
        raise _problem(text, len(text), len(text), f"an operator is missing after {field.name}", hint)
    operator = word.group()
    if operator not in OPERATORS:
        raise _problem(text, *word.span(), f"unknown operator '{operator}'", hint)
    if (field.many or field.kind == "boolean") and operator not in ("eq", "ne"):
        raise _problem(text, *word.span(), f"{operator} does not apply to {field.name}: expected eq or ne")
    if operator in TEXT_ONLY and field.kind != "text":
        raise _problem(text, *word.span(), f"{operator} only applies to text, and {field.name} is not text")
    return operator, word.end()


def _parse_quoted(text: str, start: int) -> tuple[str, int, int | None]:
    """The quoted value at `start`, where it ends, and where the next clause starts, if any."""
    quote = text[start]
    end = start
    while True:
        end = text.find(quote, end + 1)
        if end < 0:
            raise _problem(text, start, start, "unterminated quote")
        if text[end + 1 : end + 2] != quote:
            break
        end += 1
    value = text[start + 1 : end].replace(quote * 2, quote)
    end += 1
    after = skip_space(text, end)
    if after == len(text):
        return value, end, None
    separator = _AND.match(text, end)
    if separator is None:
        rest = text[after:].casefold().split()
        if rest == ["and"]:
            raise _problem(text, len(text), len(text), "a clause is missing after and")
        hint = f"write a {quote} inside the value twice: {quote * 2}"
        if rest[0] == "or":
            hint = "filters have no 'or', only 'and'"
        raise _problem(text, after, len(text), "expected 'and' or the end of the filter", hint)
    return value, end, separator.end()


def _parse_bare(text: str, start: int) -> tuple[str, int, int | None]:
    """The unquoted value at `start`, where it ends, and where the next clause starts, if any."""
    separator = _AND.search(text, start)
    stop, after = separator.span() if separator else (len(text), None)
    value = text[start:stop].rstrip()
    return value, start + len(value), after


def _problem(text: str, start: int, end: int, message: str, hint: str | None = None) -> UsageError:
    return problem("filter", text, start, end, message, hint)
