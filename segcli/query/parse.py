"""Turns the parts of a query, as text and numbers, into a SegmentQuery for any backend."""

from segcli.errors import UsageError
from segcli.model import INT32_MAX
from segcli.query.tree import (
    ACCOUNT_FIELDS,
    ACCOUNT_SORT_FIELDS,
    DEFAULT_PAGE_SIZE,
    FIELDS,
    MAX_PAGE_SIZE,
    SegmentQuery,
)


def parse_query(
    *,
    filter: str = "",
    sort_by: str = "",
    start_index: int = 0,
    page_size: int = DEFAULT_PAGE_SIZE,
    response_fields: str = "",
    accounts: bool = False,
) -> SegmentQuery:
    """The query, of GetAccounts if it is for `accounts`; blank text means absent.

    Raises UsageError, with the mistake marked; also for accounts in another order than by ascending id.

    Each parser is loaded only if there is something to parse.
    """
    if not 0 <= start_index <= INT32_MAX:
        raise UsageError(f"invalid start index {start_index}: expected 0 to {INT32_MAX}")
    if not 1 <= page_size <= MAX_PAGE_SIZE:
        raise UsageError(
            f"invalid page size {page_size}: expected 1 to {MAX_PAGE_SIZE}",
            hint="use --all to list every page",
        )
    query = SegmentQuery(start_index=start_index, page_size=page_size)
    if filter:
        from segcli.query.filter import parse_filter

        query = query._replace(filter=parse_filter(filter, ACCOUNT_FIELDS if accounts else FIELDS))
    if sort_by:
        from segcli.query.sort import parse_sort

        query = query._replace(sort=parse_sort(sort_by, ACCOUNT_SORT_FIELDS if accounts else FIELDS))
        if accounts and any(key.descending for key in query.sort):
            raise UsageError("sort: accounts are only sorted by ascending id")
    if response_fields:
        from segcli.query.response_fields import parse_response_fields

        query = query._replace(fields=parse_response_fields(response_fields))
    return query


def filter_notes(filter: str | None, *, accounts: bool = False) -> list[str]:
    """A note for each value of a valid filter that was probably not meant as it is understood."""
    if not filter:
        return []
    from segcli.query.filter import doubtful_values

    return [
        f'--filter: the value of {field} is "{value}"; quote values, and join clauses only with and'
        for field, value in doubtful_values(filter, ACCOUNT_FIELDS if accounts else FIELDS)
    ]
