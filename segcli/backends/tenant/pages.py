"""Reading a collection page by page, the next pages fetched while the current one is used."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

AHEAD = 10  # pages asked for at a time; the rate gate holds all of them


class Page(NamedTuple):
    """How many there are in all, and the items from where the page began, each with its id."""

    total: int
    items: list[tuple[int, Any]]


def read_pages(
    first: Page, start: int, fetch: Callable[[int], Page], limit: int | None = None
) -> Iterator[Any]:
    """The items of `first`, which began at `start`, and of all pages after it, each once.

    No more than `limit` are given, and no page beyond them is asked for.

    Where the collection shrinks underneath, what moved up into pages already read is read again;
    where it grows or is shuffled, no item is given twice. `fetch` answers the page at an offset, in
    any thread.
    """
    seen: set[int] = set()
    page = first
    end = None if limit is None else start + limit
    ahead = _Ahead(fetch)
    try:
        while page.items:
            stride = len(page.items)
            start += stride
            ahead.ask(start, stride, page.total if end is None else min(page.total, end))
            for item_id, item in page.items:
                if len(seen) == limit:
                    return
                if item_id not in seen:
                    seen.add(item_id)
                    yield item
            if start >= page.total or len(seen) == limit:
                return
            following = ahead.take(start)
            gone = page.total - following.total
            if gone > 0:
                # As many may have moved up past the place where we were about to read on.
                start = max(0, start - gone)
                following = ahead.take(start)
            page = following
    finally:
        ahead.close()


class _Ahead:
    """The pages that are on their way, by the offset they begin at."""

    def __init__(self, fetch: Callable[[int], Page]) -> None:
        self._fetch = fetch
        self._pool: ThreadPoolExecutor | None = None
        self._coming: deque[tuple[int, Future[Page]]] = deque()

    def ask(self, start: int, stride: int, total: int) -> None:
        """Lets the pages from `start` on come, as long as they begin before `total`."""
        if self._coming and self._coming[0][0] != start:
            self._forget()  # asked for at offsets that have proved wrong
        offset = self._coming[-1][0] + stride if self._coming else start
        while len(self._coming) < AHEAD and offset < total:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(AHEAD, thread_name_prefix="page")
            self._coming.append((offset, self._pool.submit(self._fetch, offset)))
            offset += stride

    def take(self, start: int) -> Page:
        """The page at `start`, waited for where it is on its way, else fetched."""
        if self._coming and self._coming[0][0] == start:
            return self._coming.popleft()[1].result()
        self._forget()
        return self._fetch(start)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _forget(self) -> None:
        while self._coming:
            self._coming.popleft()[1].cancel()
