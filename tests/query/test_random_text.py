"""Whatever is typed as a query either parses or is a usage error, and what parses can be asked."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segcli.backends.store.backend import StoreBackend
from segcli.backends.tenant.parameters import parameters
from segcli.errors import UsageError
from segcli.model import SegmentDraft
from segcli.query.parse import parse_query
from segcli.query.tree import SegmentQuery
from tests.support.stores import open_store

TOKENS = st.sampled_from(
    (
        "id", "code", "name", "createDate", "auditInfo.", "eq", "ne", "gt", "cont", "sw", " and ", " AND",
        "null", "'", '"', " ", "\t", "\n", "1", "-2147483648", "9" * 30, "2026-01-01", "T10:00:00Z", "+14:00",
        "0001-01-01T00:00:00", "9999-12-31T23:59:60-23:59", "asc", "desc", ",", "(", ")", "-", "items",
        "é", "ß", "\x00", "🎉", "%", "\ud800",
    )
)  # fmt: skip
TYPED = st.lists(TOKENS, max_size=12).map("".join) | st.lists(TOKENS, max_size=12).map(" ".join) | st.text()


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreBackend]:
    backend = open_store(str(tmp_path_factory.mktemp("random") / "store.db"), timeout=10)
    backend.add_segment(SegmentDraft("VIP", "Very important"))
    yield backend
    backend.close()


@settings(max_examples=2000, deadline=None)
@example(filter="createDate ge 0001-01-01T00:00:00+14:00", sort="", fields="")
@example(filter="createDate le 9999-12-31T23:59:60-23:59", sort="", fields="")
@example(filter="", sort="", fields="(" * 5000)
@given(filter=TYPED, sort=TYPED, fields=TYPED)
def test_any_text_is_a_query_or_a_usage_error(
    backend: StoreBackend, filter: str, sort: str, fields: str
) -> None:
    for parts in ({"filter": filter}, {"sort_by": sort}, {"response_fields": fields}):
        query, marked = asked(**parts)
        if query is None:
            assert set(marked.strip()) == {"^"}
        else:
            assert parameters(query)["pageSize"] == "20"
            if "\ud800" not in filter:  # SQLite only accepts valid Unicode
                assert backend.get_segments(query).total_count <= 1


def asked(**parts: str) -> tuple[SegmentQuery | None, str]:
    """The query, or the line that marks the fault."""
    try:
        return parse_query(**parts), ""  # type: ignore[arg-type]  # only texts are among these parts
    except UsageError as error:
        return None, error.detail[1]
