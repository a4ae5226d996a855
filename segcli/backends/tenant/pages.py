"""Reading a collection page by page, the next page fetched while the current one is used."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple


class Page(NamedTuple):
    """How many there are in all, and the items from where the page began, each with its id."""

    total: int
    items: list[tuple[int, Any]]


def read_pages(first: Page, start: int, fetch: Callable[[int], Page]) -> Iterator[Any]:
    """The items of `first`, which began at `start`, and of all pages after it, each once.

    Where the collection shrinks underneath, what moved up into pages already read is read again;
    where it grows or is shuffled, no item is given twice. `fetch` answers the page at an offset.
    """
    seen: set[int] = set()
    page = first
    ahead = ThreadPoolExecutor(1, thread_name_prefix="next-page")
    try:
        while page.items:
            start += len(page.items)
            coming = ahead.submit(fetch, start) if start < page.total else None
            for item_id, item in page.items:
                if item_id not in seen:
                    seen.add(item_id)
                    yield item
            if coming is None:
                return
            following = coming.result()
            gone = page.total - following.total
            if gone > 0:
                # As many may have moved up past the place where we were about to read on.
                start = max(0, start - gone)
                following = fetch(start)
            page = following
    finally:
        ahead.shutdown(wait=False, cancel_futures=True)
