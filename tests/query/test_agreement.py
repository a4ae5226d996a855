"""SQLite's answers beside a plain evaluation of the same filter and sort, over random segments."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cmp_to_key
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcli.backends.sqlite import SqliteBackend
from segcli.model import SegmentDraft
from segcli.query import parse_query

ALPHABET = "aAbBéÉßẞİ\u0131\u017fsS 0%_*'\"\\\x00\t\n\x1b🎉重ǅǆµμ"
TEXTS = st.text(st.sampled_from(ALPHABET) | st.characters(exclude_categories=["Cs"]), max_size=6)
DAYS = st.integers(0, 3)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """A segment as the model of these tests has it; dates are hours since EPOCH."""

    id: int
    code: str
    name: str | None
    description: str | None
    createDate: int  # noqa: N815 - the wire's names
    updateDate: int  # noqa: N815
    createBy: str | None  # noqa: N815
    updateBy: str | None  # noqa: N815


TEXT_FIELDS = ("code", "name", "description", "createBy", "updateBy")
DATE_FIELDS = ("createDate", "updateDate")
ROWS = st.lists(
    st.tuples(TEXTS, st.none() | TEXTS, st.none() | TEXTS, DAYS, DAYS, st.none() | TEXTS, st.none() | TEXTS),
    max_size=8,
    unique_by=lambda row: row[0],
).map(lambda rows: [Row(number, *row) for number, row in enumerate(rows, 1)])


class Clause(NamedTuple):
    field: str
    operator: str
    value: int | str | None


COMPARISONS = st.sampled_from(("eq", "ne", "gt", "ge", "lt", "le"))
CLAUSES = st.one_of(
    st.builds(Clause, st.sampled_from(TEXT_FIELDS), COMPARISONS, TEXTS),
    st.builds(Clause, st.sampled_from(TEXT_FIELDS), st.sampled_from(("cont", "sw")), TEXTS),
    st.builds(Clause, st.just("id"), COMPARISONS, st.integers(0, 9)),
    st.builds(Clause, st.sampled_from(DATE_FIELDS), COMPARISONS, DAYS),
    st.builds(
        Clause,
        st.sampled_from((*TEXT_FIELDS, *DATE_FIELDS, "id")),
        st.sampled_from(("eq", "ne")),
        st.none(),
    ),
)
SORTS = st.lists(st.tuples(st.sampled_from(Row._fields), st.booleans()), max_size=3, unique_by=lambda k: k[0])


def as_text(clause: Clause) -> str:
    """The clause as a person would write it."""
    value = clause.value
    if value is None:
        text = "null"
    elif clause.field in DATE_FIELDS:
        moment = EPOCH + timedelta(hours=int(value))
        text = moment.isoformat().replace("+00:00", "Z")
    elif isinstance(value, int):
        text = str(value)
    elif len(value) % 2:
        text = "'" + value.replace("'", "''") + "'"
    else:
        text = '"' + value.replace('"', '""') + '"'
    return f"{clause.field} {clause.operator} {text}"


def holds(clause: Clause, row: Row) -> bool:
    """The contract's word on a clause, and ours: a missing value equals no text and exceeds none."""
    mine: Any = getattr(row, clause.field)
    theirs: Any = clause.value
    if clause.operator in ("eq", "ne"):
        same = folded(mine) == folded(theirs)
        return same if clause.operator == "eq" else not same
    if mine is None:
        return False
    compare: dict[str, Callable[[Any, Any], bool]] = {
        "gt": lambda a, b: a > b,
        "ge": lambda a, b: a >= b,
        "lt": lambda a, b: a < b,
        "le": lambda a, b: a <= b,
        "cont": lambda a, b: b in a,
        "sw": lambda a, b: a.startswith(b),
    }
    return compare[clause.operator](folded(mine), folded(theirs))


def folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def ordered(rows: list[Row], sort: list[tuple[str, bool]]) -> list[Row]:
    """By each key in turn: missing first, folded, then by code point; at last by id."""

    def compare(one: Row, other: Row) -> int:
        for field, descending in sort:
            a, b = getattr(one, field), getattr(other, field)
            if a == b:
                continue
            first = a is None or (b is not None and (folded(a), a) < (folded(b), b))
            return -1 if first != descending else 1
        return one.id - other.id

    return sorted(rows, key=cmp_to_key(compare))


@pytest.fixture(scope="module")
def store() -> Iterator[Path]:
    """A store made by a first write, whose rows each example replaces."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        backend = SqliteBackend(str(path), timeout=10)
        backend.add_segment(SegmentDraft("first"))
        backend.close()
        yield path


def fill(store: Path, rows: list[Row]) -> None:
    start = int(EPOCH.timestamp()) * 1_000_000
    connection = sqlite3.connect(store)
    with connection:
        connection.execute("DELETE FROM segment")
        connection.executemany(
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                row._replace(
                    createDate=start + row.createDate * 3_600_000_000,
                    updateDate=start + row.updateDate * 3_600_000_000,
                )
                for row in rows
            ],
        )
    connection.close()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=ROWS,
    clauses=st.lists(CLAUSES, max_size=3),
    sort=SORTS,
    start=st.integers(0, 3),
    size=st.integers(1, 4),
)
def test_sqlite_agrees_with_a_plain_evaluation(
    store: Path,
    rows: list[Row],
    clauses: list[Clause],
    sort: list[tuple[str, bool]],
    start: int,
    size: int,
) -> None:
    fill(store, rows)
    query = parse_query(
        filter=" and ".join(map(as_text, clauses)),
        sort_by=", ".join(f"{field} {'desc' if descending else 'asc'}" for field, descending in sort),
        start_index=start,
        page_size=size,
    )
    expected = ordered([row for row in rows if all(holds(c, row) for c in clauses)], sort)
    backend = SqliteBackend(str(store), timeout=10)
    page = backend.get_segments(query)
    total, items = backend.iter_segments(query)
    assert page.total_count == total == len(expected)
    assert [s.id for s in page.items] == [row.id for row in expected[start : start + size]]
    assert [s.id for s in items] == [row.id for row in expected[start:]]
    backend.close()
