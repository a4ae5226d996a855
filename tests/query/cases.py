"""Random segments, and queries about them as people write them: with and without quotes, in any case."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from hypothesis import strategies as st

from tests.query.plain import DATE_FIELDS, TEXT_FIELDS, Clause, Row, SortKey

INT32_MAX = 2**31 - 1
DAY = 86_400_000_000
EPOCH = datetime(1970, 1, 1)

ALPHABET = "aAbBéÉßẞİ\u0131\u017fsS 0%_*'\"\\\x00\t\n\x1b🎉重ǅǆµμ"
WORDS = (
    "null",
    "NULL",
    "and",
    "rock and roll",
    "x AND\ty",
    "''",
    '"',
    "Straße",
    "STRASSE",
    "2026-01-01",
    "12",
)
TEXTS = (
    st.text(st.sampled_from(ALPHABET) | st.characters(exclude_categories=["Cs"]), max_size=6)
    | st.text(st.sampled_from(ALPHABET), max_size=2)
    | st.sampled_from(WORDS)
)
POOLS = st.lists(TEXTS, min_size=1, max_size=3)
IDS = st.integers(1, 20) | st.just(INT32_MAX)
DATES = st.builds(
    lambda day, rest: day * DAY + rest,
    st.sampled_from((-700_000, -1, 0, 1, 20_454)),
    st.sampled_from((0, 0, 1, 3_600_000_000, DAY - 1)),
)


class Case(NamedTuple):
    """A store's rows, and one query: as trees for the plain evaluation, as texts for the parser."""

    rows: list[Row]
    clauses: list[Clause]
    filter: str
    sort: list[SortKey]
    sort_by: str


@st.composite
def cases(draw: st.DrawFn) -> Case:
    # The texts of a case are similar, so that clauses match and there are ties.
    texts = st.sampled_from([like for text in draw(POOLS) for like in _alike(text)])
    maybe = st.none() | texts
    rows = draw(
        st.lists(
            st.builds(Row, IDS, texts, maybe, maybe, DATES, DATES, maybe, maybe),
            max_size=8,
            unique_by=(lambda row: row.id, lambda row: row.code),
        )
    )
    clauses = draw(st.lists(_clauses(rows, texts), max_size=3))
    text = draw(st.sampled_from(("", " ", "\t")))
    for number, clause in enumerate(clauses):
        text += draw(st.sampled_from((" and ", " AND ", "\n And\t"))) if number else ""
        text += draw(_written(clause))
    keys = st.builds(SortKey, st.sampled_from(Row._fields), st.booleans())
    sort = draw(st.lists(keys, max_size=3, unique_by=lambda key: key.field))
    parts = [
        f"{draw(_name(key.field))} {'desc' if key.descending else draw(st.sampled_from(('', 'asc')))}"
        for key in sort
    ]
    return Case(rows, clauses, text, sort, draw(st.sampled_from((",", ", "))).join(parts))


@st.composite
def _clauses(draw: st.DrawFn, rows: list[Row], texts: st.SearchStrategy[str]) -> Clause:
    field = draw(st.sampled_from(Row._fields))
    operator = draw(
        st.sampled_from(
            ("eq", "ne", "gt", "ge", "lt", "le", *(("cont", "sw") if field in TEXT_FIELDS else ()))
        )
    )
    if operator in ("eq", "ne") and draw(st.integers(0, 4)) == 0:
        return Clause(field, operator, None)
    if field in TEXT_FIELDS:
        return Clause(field, operator, draw(texts))
    known = st.sampled_from([getattr(row, field) for row in rows]) if rows else st.nothing()
    if field in DATE_FIELDS:
        return Clause(field, operator, draw(DATES | known))
    return Clause(field, operator, draw(IDS | known | st.just(-INT32_MAX - 1)))


def _alike(text: str) -> tuple[str, ...]:
    """The text itself, in another case, and its parts."""
    return (text, text.upper(), text.lower(), text.casefold(), text.swapcase(), text[:1], text[1:], text[:-1])


@st.composite
def _written(draw: st.DrawFn, clause: Clause) -> str:
    value = clause.value
    if value is None:
        text = "null"
    elif isinstance(value, str):
        text = draw(st.sampled_from(_spellings(value)))
    else:
        text = draw(_moment(value)) if clause.field in DATE_FIELDS else str(value)
        text = draw(st.sampled_from((text, f'"{text}"', f"'{text}'")))
    space = draw(st.sampled_from((" ", "  ", "\t")))
    return f"{draw(_name(clause.field))}{space}{clause.operator}{space}{text}"


def _name(field: str) -> st.SearchStrategy[str]:
    audit = field in (*DATE_FIELDS, "createBy", "updateBy")
    return st.sampled_from((field, f"auditInfo.{field}") if audit else (field,))


def _spellings(value: str) -> list[str]:
    """The value in quotes of either kind; also unquoted, if nothing in it is special."""
    spellings = ["'" + value.replace("'", "''") + "'", '"' + value.replace('"', '""') + '"']
    special = re.search(r"(^|\s)and(\s|$)", value, re.IGNORECASE)
    if value and value == value.strip() and value[0] not in "\"'" and value != "null" and not special:
        spellings.append(value)
    return spellings


@st.composite
def _moment(draw: st.DrawFn, microseconds: int) -> str:
    """A date in one of the forms of RFC 3339; without a time if it is midnight."""
    moment = EPOCH + timedelta(microseconds=microseconds)
    if microseconds % DAY == 0 and draw(st.booleans()):
        return moment.date().isoformat()
    minutes = draw(st.sampled_from((0, 330, -720)))
    zoned = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes)))
    text = zoned.isoformat(timespec=draw(st.sampled_from(("auto", "microseconds"))))
    if minutes:
        return text
    return text.replace("+00:00", draw(st.sampled_from(("Z", "z", "+00:00", "-00:00"))))
