"""Reads a collection page by page; the next pages are fetched while the current one is processed."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from segcli.errors import UnavailableError
from segcli.query.tree import DEFAULT_PAGE_SIZE

AHEAD = 10  # pages requested in advance; the rate limit applies to all of them
REREADS = 3  # pages read again in one list


class Page(NamedTuple):
    """The total number of items in the collection, and those of this page, each with its id."""

    total: int
    items: list[tuple[int, Any]]


def read_pages(
    first: Page,
    start: int,
    fetch: Callable[[int], Page],
    limit: int | None = None,
    *,
    page_size: int,
) -> Iterator[Any]:
    """The items of `first`, which starts at `start`, and of all pages after it, each once.

    Returns at most `limit` items, and requests no page after them. `fetch` returns the page at an offset; it
    is called from several threads. `page_size` is how many items it requests.

    A page that contradicts the pages before it is read again, because the collection changed: if it has
    fewer items in total, from as many items earlier, since that many may have moved up to pages that
    were already read. So is a page that is not the last although it has fewer items than requested and than a
    page has by default: a list of such pages may have no end. Raises UnavailableError after the items that
    were found if that happens more than REREADS times, or if there are fewer items than the total.
    """
    beginning, page, total, least = start, first, first.total, first.total
    end = None if limit is None else start + limit
    seen: set[int] = set()
    rereads = 0
    reread = False
    ahead = _Ahead(fetch)
    try:
        while True:
            # A page that is read again may repeat ids: it overlaps with what was read before.
            repeats = not reread and any(item_id in seen for item_id, _ in page.items)
            short = (
                len(page.items) < min(DEFAULT_PAGE_SIZE, page_size) and start + len(page.items) < page.total
            )
            changed = repeats or short or page.total != total or _contradicts_itself(page, start)
            least = min(least, page.total)
            reread = changed and rereads < REREADS
            if reread:
                rereads += 1
                start = max(beginning, start - max(0, total - page.total))
                total = page.total
                page = ahead.take(start)
                continue
            stride = len(page.items)
            start += stride
            if not changed:
                ahead.request(start, stride, total if end is None else min(total, end))
            for item_id, item in page.items:
                if len(seen) == limit:
                    return
                if item_id not in seen:
                    seen.add(item_id)
                    yield item
            if len(seen) == limit:
                return
            if changed:
                what = "the pages of the list are too short" if short else "the list changes while it is read"
                raise _incomplete(what, len(seen), least - beginning)
            if start >= total:
                break
            page = ahead.take(start)
    finally:
        ahead.close()
    if len(seen) < least - beginning:
        raise _incomplete("the list ended early", len(seen), least - beginning)


def _contradicts_itself(page: Page, start: int) -> bool:
    """Whether the page, which starts at `start`, has an id twice, too many items, or none before the end."""
    count = len(page.items)
    if count == 0:
        return start < page.total
    return start + count > page.total or len({item_id for item_id, _ in page.items}) < count


def _incomplete(what: str, found: int, total: int) -> UnavailableError:
    return UnavailableError(
        f"{what}: {found:,} of {max(found, total):,} items were read", hint="run the command again"
    )


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
