"""Reads a collection page by page; the next pages are fetched while the current one is processed."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

AHEAD = 10  # pages requested in advance; the rate limit applies to all of them


class Page(NamedTuple):
    """The total number of items in the collection, and those of this page, each with its id."""

    total: int
    items: list[tuple[int, Any]]


def read_pages(
    first: Page, start: int, fetch: Callable[[int], Page], limit: int | None = None
) -> Iterator[Any]:
    """The items of `first`, which starts at `start`, and of all pages after it, each once.

    Returns at most `limit` items, and requests no page after them. If the collection shrinks meanwhile,
    goes back by as many items as it lost, so that none is skipped; if it grows or its order changes, no
    item is returned twice. `fetch` returns the page at an offset; it is called from several threads.
    """
    seen: set[int] = set()
    page = first
    end = None if limit is None else start + limit
    ahead = _Ahead(fetch)
    try:
        while page.items:
            stride = len(page.items)
            start += stride
            ahead.request(start, stride, page.total if end is None else min(page.total, end))
            for item_id, item in page.items:
                if len(seen) == limit:
                    return
                if item_id not in seen:
                    seen.add(item_id)
                    yield item
            if start >= page.total or len(seen) == limit:
                return
            following = ahead.take(start)
            removed = page.total - following.total
            if removed > 0:
                # As many items may have moved up to pages that were already read.
                start = max(0, start - removed)
                following = ahead.take(start)
            page = following
    finally:
        ahead.close()


class _Ahead:
    """The pages that were requested in advance, by offset."""

    def __init__(self, fetch: Callable[[int], Page]) -> None:
        self._fetch = fetch
        self._pool: ThreadPoolExecutor | None = None
        self._pending: deque[tuple[int, Future[Page]]] = deque()

    def request(self, start: int, stride: int, total: int) -> None:
        """Requests the pages from `start` on that begin before `total`."""
        if self._pending and self._pending[0][0] != start:
            self._discard()  # requested at offsets that are no longer right
        offset = self._pending[-1][0] + stride if self._pending else start
        while len(self._pending) < AHEAD and offset < total:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(AHEAD, thread_name_prefix="page")
            self._pending.append((offset, self._pool.submit(self._fetch, offset)))
            offset += stride

    def take(self, start: int) -> Page:
        """The page at `start`: waits for it if it was requested, otherwise fetches it."""
        if self._pending and self._pending[0][0] == start:
            return self._pending.popleft()[1].result()
        self._discard()
        return self._fetch(start)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _discard(self) -> None:
        while self._pending:
            self._pending.popleft()[1].cancel()
