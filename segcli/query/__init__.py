"""The query of GetSegments: filter, sortBy, responseFields and paging, parsed once for any backend."""

from typing import TYPE_CHECKING, NamedTuple

from segcli.errors import UsageError
from segcli.model import INT32_MAX

if TYPE_CHECKING:  # each parser is loaded when there is something to parse: most commands have nothing
    from segcli.query.filter import Filter
    from segcli.query.response_fields import Mask
    from segcli.query.sort import Sort
else:
    Filter = Sort = Mask = object  # as in segcli.config

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 200


class SegmentQuery(NamedTuple):
    """What GetSegments and GetAccountSegments are asked (contract, "Query language").

    `fields` is a hint: a backend may answer with more, and whoever shows the answer masks it.
    """

    filter: Filter = ()
    sort: Sort = ()
    start_index: int = 0
    page_size: int = DEFAULT_PAGE_SIZE
    fields: Mask | None = None


def parse_query(
    *,
    filter: str = "",
    sort_by: str = "",
    start_index: int = 0,
    page_size: int = DEFAULT_PAGE_SIZE,
    response_fields: str = "",
) -> SegmentQuery:
    """A query from its parts as text and numbers, where blank means absent. Raises UsageError."""
    if not 0 <= start_index <= INT32_MAX:
        raise UsageError(f"start index {start_index}: it runs from 0 to {INT32_MAX}")
    if not 1 <= page_size <= MAX_PAGE_SIZE:
        raise UsageError(
            f"page size {page_size}: a page holds 1 to {MAX_PAGE_SIZE} segments",
            hint="--all lists every page",
        )
    query = SegmentQuery(start_index=start_index, page_size=page_size)
    if filter:
        from segcli.query.filter import parse_filter

        query = query._replace(filter=parse_filter(filter))
    if sort_by:
        from segcli.query.sort import parse_sort

        query = query._replace(sort=parse_sort(sort_by))
    if response_fields:
        from segcli.query.response_fields import parse_response_fields

        query = query._replace(fields=parse_response_fields(response_fields))
    return query
