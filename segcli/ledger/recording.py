"""Writes what a run does to a tenant into its ledger while it does it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from segcli.backends.tenant.transport import NotSentError
from segcli.errors import (
    ConflictError,
    NotFoundError,
    RateLimitedError,
    StoreError,
    UnauthorizedError,
    UsageError,
)

if TYPE_CHECKING:
    from segcli.backends.store.change_log import ChangeLog
    from segcli.ledger.entry import Entry

# After these errors, a request was certainly not executed.
REJECTED = (UsageError, ConflictError, NotFoundError, UnauthorizedError, RateLimitedError, NotSentError)
_PAUSE = 9  # times as long as the last save took: so at most a tenth of the time is spent on saving


class Recording:
    """The entries of one run. Safe for threads.

    An entry is saved before its request is sent, as incomplete. What is acknowledged is saved at once, or, if
    saving takes long, after a pause in proportion. `finish` saves all of it. If the ledger cannot be written,
    `warn` receives why, once, and the run goes on: the tenant is what counts.
    """

    def __init__(self, open_log: "Callable[[], ChangeLog]", warn: Callable[[str], None]) -> None:
        self._open_log = open_log
        self._warn = warn
        self._lock = threading.RLock()
        self._log: ChangeLog | None = None
        self._entries: list[Entry] = []
        self._failed = False
        self._pause_until = 0.0  # of the monotonic clock
        self._timer: threading.Timer | None = None

    @contextmanager
    def request(self, entry: "Entry") -> Iterator[None]:
        """Around a request: the entry exists before it is sent."""
        with self._lock:
            self._begin(entry)
            entry.running += 1
        rejected = False
        try:
            yield
        except REJECTED:
            rejected = True
            raise
        except BaseException:
            with self._lock:
                entry.uncertain = True
            raise
        finally:
            with self._lock:
                entry.running -= 1
                if rejected:
                    entry.unsaved = True
                else:
                    self._save_soon()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While entries are read or changed."""
        with self._lock:
            yield

    def finish(self) -> None:
        """Saves the entries as they are now, each complete unless a request of it has no clear result."""
        with self._lock:
            self._stop_timer()
            entries, self._entries = self._entries, []
            if self._log is None:
                return
            try:
                with self._log.transaction():
                    for entry in entries:
                        entry.settle()
                        entry.complete = not (entry.running or entry.uncertain)
                        if entry.did_nothing:
                            self._log.remove(entry)
                        else:
                            self._log.save(entry)
            except StoreError as error:
                self._fail(f"not all that this run did is recorded in the ledger: {error.message}")

    def close(self) -> None:
        """Finishes, and closes the file."""
        self.finish()
        with self._lock:
            if self._log is not None:
                self._log.close()
                self._log = None
            self._failed = True  # a request that is still running is not recorded any more

    def _begin(self, entry: "Entry") -> None:
        """Saves a new entry."""
        if entry.id is not None or self._failed:
            return
        try:
            if self._log is None:
                self._log = self._open_log()
            self._log.save(entry)
        except StoreError as error:
            self._fail(f"this run is not recorded in the ledger: {error.message}")
            return
        entry.unsaved = False
        self._entries.append(entry)

    def _save_soon(self) -> None:
        """Saves what is new, or starts a timer if the last time is too short ago."""
        if self._log is None:
            return
        left = self._pause_until - time.monotonic()
        if left <= 0:
            self._save()
        elif self._timer is None:
            self._timer = threading.Timer(left, self._save)
            self._timer.daemon = True
            self._timer.start()

    def _save(self) -> None:
        with self._lock:
            self._stop_timer()
            if self._log is None:
                return
            started = time.monotonic()
            try:
                for entry in self._entries:
                    if entry.unsaved:
                        entry.settle()
                        self._log.save(entry)
                        entry.unsaved = False
            except StoreError:
                pass  # tried again later, and reported at the end
            ended = time.monotonic()
            self._pause_until = ended + _PAUSE * (ended - started)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fail(self, text: str) -> None:
        if not self._failed:
            self._failed = True
            self._warn(text)
