"""Sends a set of accounts chunk by chunk, one after the other or several in parallel."""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from segcli.account_set import AccountSet
from segcli.bulk.outcome import Failure, Outcome, Send
from segcli.bulk.resume import Chunk, Journal
from segcli.errors import (
    ConflictError,
    SegcliError,
    StoreError,
    TooLargeError,
    UsageError,
    interruption,
)

ReportProgress = Callable[[int], None]  # receives the number of accounts processed so far, often

_TICK = 0.1  # seconds between two looks at what the workers have done
_GRACE = 5.0  # seconds to wait for running requests after an interruption
_REJECTED = (UsageError, ConflictError)  # about one of the accounts, or about how many there are
_HOPELESS = 100  # accounts rejected and none accepted: then it is not about the accounts


class ChunkSender:
    """Sends chunk by chunk: each is done or not done as a whole, and what is done is journaled.

    A chunk that is rejected as too large is halved, and later chunks are no larger; one that is rejected
    for another reason is halved until the rejected account is found.
    """

    def __init__(self, accounts: AccountSet, send: Send, *, size: int, journal: Journal | None) -> None:
        total = len(accounts)
        self._accounts = accounts
        self._send = send
        self._size = size
        self._journal = journal
        self._todo = deque(journal.missing(total) if journal else [Chunk(0, total)] if total else [])
        self._halves: dict[Chunk, Chunk] = {}
        self._lock = threading.Lock()
        self._stopped = False
        self._running = 0
        # An event instead of join(): in CPython 3.11 an interrupted join() reports a live thread as ended.
        self._finished = threading.Event()
        left = sum(chunk.stop - chunk.start for chunk in self._todo)
        self.processed = total - left
        self.outcome = Outcome(total, resumed=self.processed)
        self.journal_error: StoreError | None = None
        self._bug: Exception | None = None

    def send_serially(self, report_progress: ReportProgress) -> Outcome:
        """Sends one chunk after the other; errors and interruptions are in the outcome."""
        try:
            while self._send_next():
                report_progress(self.processed)
        except KeyboardInterrupt as signal:
            self.outcome.stopped_by = interruption(signal)
        return self.outcome

    def send_in_parallel(
        self, workers: int, report_progress: ReportProgress, cancel: Callable[[], None]
    ) -> Outcome:
        """The same on threads; `cancel` ends their waits, so that an interruption takes effect at once."""
        left = len(self._accounts) - self.processed
        self._running = min(workers, -(-left // self._size))
        try:
            for _ in range(self._running):
                threading.Thread(target=self._work, daemon=True).start()
            while self._running and not self._finished.wait(_TICK):
                report_progress(self.processed)
        except KeyboardInterrupt as signal:
            self._stopped = True
            cancel()
            deadline = time.monotonic() + _GRACE
            with suppress(KeyboardInterrupt):
                while not self._finished.wait(_TICK) and time.monotonic() < deadline:
                    report_progress(self.processed)
            self.outcome.stopped_by = interruption(signal)
        if self._bug is not None:
            raise self._bug
        return self.outcome

    def _work(self) -> None:
        try:
            while self._send_next():
                pass
        except Exception as error:  # noqa: BLE001 - raised again by the thread that waits
            self._stopped = True
            self._bug = error
        with self._lock:
            self._running -= 1
            if not self._running:
                self._finished.set()

    def _send_next(self) -> bool:
        """Sends the next chunk; False if there is none, or nothing more is to be sent."""
        chunk = self._take()
        if chunk is None:
            return False
        try:
            sent = self._send(self._accounts[chunk.start : chunk.stop])
        except _REJECTED as error:
            with self._lock:
                self._divide(chunk, error)
        except SegcliError as error:
            with self._lock:
                self._stop(error)
        else:
            with self._lock:
                self._record(chunk)
                self.outcome.count(sent)
                self.processed += chunk.stop - chunk.start
                self._shrink_chunks(chunk)
        return True

    def _take(self) -> Chunk | None:
        with self._lock:
            if self._stopped or not self._todo:
                return None
            chunk = self._todo.popleft()
            if chunk.stop - chunk.start > self._size:
                cut = chunk.start + self._size
                self._todo.appendleft(Chunk(cut, chunk.stop))
                chunk = Chunk(chunk.start, cut)
            return chunk

    def _record(self, chunk: Chunk) -> None:
        if self._journal is not None and self.journal_error is None:
            try:
                self._journal.record(chunk)
            except StoreError as error:
                self.journal_error = error

    def _divide(self, chunk: Chunk, error: SegcliError) -> None:
        if chunk.stop - chunk.start == 1:
            self._fail(chunk, error)
            return
        middle = (chunk.start + chunk.stop + 1) // 2
        first, second = Chunk(chunk.start, middle), Chunk(middle, chunk.stop)
        self._todo.extendleft((second, first))
        if isinstance(error, TooLargeError):
            self._size = min(self._size, middle - chunk.start)
        else:
            self._halves |= {first: second, second: first}

    def _fail(self, chunk: Chunk, error: SegcliError) -> None:
        failures = self.outcome.failures
        failures.append(Failure(self._accounts[chunk.start], error))
        self.processed += 1
        if len(failures) == _HOPELESS and not self.outcome.chunks:
            self._stop(error)

    def _shrink_chunks(self, chunk: Chunk) -> None:
        """If both halves of a rejected chunk are accepted, it was rejected for its size."""
        other = self._halves.pop(chunk, None)
        if other is not None and other not in self._halves:
            self._size = min(self._size, max(chunk.stop - chunk.start, other.stop - other.start))

    def _stop(self, error: SegcliError) -> None:
        self._stopped = True
        self.outcome.stopped_by = self.outcome.stopped_by or error
