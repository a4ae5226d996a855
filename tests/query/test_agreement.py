"""SQLite and PostgreSQL compared with a plain evaluation of the same filter and sort, on random segments."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.account_set import AccountSet
from segcli.backends.postgresql.backend import PostgresqlBackend
from segcli.backends.postgresql.database import PostgresqlDatabase
from segcli.backends.postgresql.server import Server
from segcli.backends.store.backend import StoreBackend
from segcli.backends.store.blocks import encode
from segcli.backends.store.statements import folded
from segcli.backends.target import BackendTarget
from segcli.model import Segment, SegmentDraft
from segcli.query.parse import parse_query
from tests.query.cases import EPOCH, Case, cases
from tests.query.plain import Row, matching, ordered
from tests.support.postgresql import shared_store
from tests.support.stores import open_store

ACCOUNT = 1001


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreBackend]:
    """A store in a file, whose rows each example replaces."""
    backend = open_store(str(tmp_path_factory.mktemp("agreement") / "store.db"), timeout=10)
    backend.add_segment(SegmentDraft("first"))
    yield backend
    backend.close()


@pytest.fixture(scope="module", params=["postgresql", "citus"])
def shared(request: pytest.FixtureRequest) -> Iterator[StoreBackend]:
    """The same on a server."""
    backend = PostgresqlBackend(PostgresqlDatabase(Server(BackendTarget(shared_store(request.param), 30))))
    backend.add_segment(SegmentDraft("first"))
    yield backend
    backend.close()


def fill(backend: StoreBackend, rows: list[Row]) -> None:
    """Replaces the store's contents by `rows`; every other one has ACCOUNT as a member."""
    texts = [folded(row.code, row.name, row.description, row.createBy, row.updateBy) for row in rows]
    with backend._database.write() as connection:
        for table in ("membership", "membership_size", "segment_record"):
            connection.execute(f"DELETE FROM {table}")
        connection.executemany(
            f"INSERT INTO segment_record VALUES ({', '.join('?' * 13)})",
            [(*row, *its_texts) for row, its_texts in zip(rows, texts, strict=True)],
        )
        connection.executemany(
            "INSERT INTO membership VALUES (?, ?, ?, ?)",
            [each for row in rows[::2] for each in encode(row.id, AccountSet([ACCOUNT]))],
        )


def shown(row: Row) -> tuple[int | str | None, ...]:
    """The row as it is returned: dates in milliseconds."""
    dates = [
        (EPOCH + timedelta(microseconds=date)).isoformat(timespec="milliseconds") + "Z"
        for date in (row.createDate, row.updateDate)
    ]
    return (row.id, row.code, row.name, row.description, *dates, row.createBy, row.updateBy)


def members(segment: Segment) -> tuple[int | str | None, ...]:
    return (segment.id, segment.code, segment.name, segment.description, *segment.audit_info)


@settings(max_examples=800, deadline=None)
@given(case=cases(), start=st.integers(0, 3), size=st.integers(1, 4))
def test_sqlite_agrees_with_a_plain_evaluation(
    store: StoreBackend, case: Case, start: int, size: int
) -> None:
    assert_agrees(store, case, start, size)


@settings(max_examples=100, deadline=None)
@given(case=cases(), start=st.integers(0, 3), size=st.integers(1, 4))
def test_postgresql_agrees_with_a_plain_evaluation(
    shared: StoreBackend, case: Case, start: int, size: int
) -> None:
    assert_agrees(shared, case, start, size)


def assert_agrees(backend: StoreBackend, case: Case, start: int, size: int) -> None:
    fill(backend, case.rows)
    query = parse_query(filter=case.filter, sort_by=case.sort_by, start_index=start, page_size=size)
    expected = [shown(row) for row in ordered(matching(case.rows, case.clauses), case.sort)]

    page = backend.get_segments(query)
    assert (page.start_index, page.page_size, page.total_count) == (start, size, len(expected))
    assert [members(segment) for segment in page.items] == expected[start : start + size]

    total, items = backend.iter_segments(query)
    assert total == len(expected)
    assert [members(segment) for segment in items] == expected[start:]


@settings(max_examples=200, deadline=None)
@given(case=cases())
def test_the_segments_of_an_account_are_filtered_and_sorted_the_same(store: StoreBackend, case: Case) -> None:
    assert_agrees_about_an_account(store, case)


@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_the_segments_of_an_account_on_postgresql(shared: StoreBackend, case: Case) -> None:
    assert_agrees_about_an_account(shared, case)


def assert_agrees_about_an_account(backend: StoreBackend, case: Case) -> None:
    fill(backend, case.rows)
    query = parse_query(filter=case.filter, sort_by=case.sort_by)
    expected = [shown(row) for row in ordered(matching(case.rows[::2], case.clauses), case.sort)]
    page = backend.get_account_segments(ACCOUNT, query)
    assert page.total_count == len(expected)
    assert [members(segment) for segment in page.items] == expected


FOLDED = [("STRASSE", "straße"), ("straße", "STRASSE"), ("ẞ", "ss"), ("\u017f", "S"), ("µ", "\u03bc")]
FOLDED += [("İ", "i\u0307"), ("ǅ", "ǆ"), ("ﬁ", "FI"), ("ΣΑΣ", "σας"), ("É", "é")]


@pytest.mark.parametrize(("stored", "asked"), FOLDED)
def test_texts_with_equal_case_folding_are_equal(store: StoreBackend, stored: str, asked: str) -> None:
    assert_equal_texts(store, stored, asked)


@pytest.mark.parametrize(("stored", "asked"), FOLDED)
def test_texts_with_equal_case_folding_are_equal_on_postgresql(
    shared: StoreBackend, stored: str, asked: str
) -> None:
    assert_equal_texts(shared, stored, asked)


def assert_equal_texts(backend: StoreBackend, stored: str, asked: str) -> None:
    fill(backend, [Row(1, stored, None, None, 0, 0, None, None)])
    for operator, count in (("eq", 1), ("ne", 0), ("ge", 1), ("le", 1), ("lt", 0), ("cont", 1), ("sw", 1)):
        query = parse_query(filter=f"code {operator} '{asked}'")
        assert backend.get_segments(query).total_count == count, operator
