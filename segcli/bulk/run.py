"""The sending of a set of accounts: at once in one transaction, or piece by piece, side by side."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

from segcli.bulk.journal import Journal, Piece
from segcli.bulk.outcome import Failure, Outcome, Send
from segcli.errors import SegcliError, StoreError, UserInterruptError
from segcli.model import AccountSet

Watch = Callable[[int], None]  # told of how many accounts are through, often

_AT_ONCE = 250_000  # accounts of one transaction between two looks at the clock
_TICK = 0.1  # seconds between two looks at what the workers have done
_PATIENCE = 5.0  # seconds that requests under way are waited for after an interruption
_REFUSED = (400, 409)  # what an answer says where it is about an account, or about how many there are
_TOO_LONG = 413
_HOPELESS = 100  # accounts refused, and none taken: then it is not about the accounts


def send_whole(accounts: AccountSet, send: Send, watch: Watch) -> Outcome:
    """Sends all of the accounts inside a transaction of the caller's. Raises what `send` raises."""
    outcome = Outcome(len(accounts.ids))
    for start in range(0, len(accounts.ids), _AT_ONCE):
        watch(start)
        outcome.count(send(AccountSet(accounts.ids[start : start + _AT_ONCE])))
    outcome.chunks = min(outcome.chunks, 1)
    return outcome


class Pieces:
    """The sending piece by piece: each by itself is done or not done, and what is done is journaled.

    A piece that is refused for its length is cut in two, and no later one is as long; one that is
    refused for another reason is cut until it is known whose account it is about.
    """

    def __init__(
        self,
        accounts: AccountSet,
        send: Send,
        *,
        size: int,
        journal: Journal | None,
        missing: Iterable[Piece],
    ) -> None:
        self._ids = accounts.ids
        self._send = send
        self._size = size
        self._journal = journal
        self._todo = deque(missing)
        self._halves: dict[Piece, Piece] = {}
        self._lock = threading.Lock()
        self._stopped = False
        self._at_work = 0
        self._over = threading.Event()  # and no join(), which an interruption can make believe in an end
        left = sum(piece.stop - piece.start for piece in self._todo)
        self.through = len(self._ids) - left
        self.outcome = Outcome(len(self._ids), resumed=self.through)
        self.journal_error: StoreError | None = None
        self._fault: Exception | None = None

    def send_here(self, watch: Watch) -> Outcome:
        """Sends one piece after the other; what goes wrong is in the outcome, an interruption too."""
        try:
            while self._send_next():
                watch(self.through)
        except KeyboardInterrupt:
            self.outcome.stopped_by = UserInterruptError("interrupted")
        return self.outcome

    def send_by(self, workers: int, watch: Watch, cancel: Callable[[], None]) -> Outcome:
        """The same by threads; `cancel` ends waits, so that an interruption need not outlast them."""
        left = len(self._ids) - self.through
        self._at_work = min(workers, -(-left // self._size))
        try:
            for _ in range(self._at_work):
                threading.Thread(target=self._work, daemon=True).start()
            while self._at_work and not self._over.wait(_TICK):
                watch(self.through)
        except KeyboardInterrupt:
            self._stopped = True
            cancel()
            deadline = time.monotonic() + _PATIENCE
            with suppress(KeyboardInterrupt):
                while not self._over.wait(_TICK) and time.monotonic() < deadline:
                    watch(self.through)
            self.outcome.stopped_by = UserInterruptError("interrupted")
        if self._fault is not None:
            raise self._fault
        return self.outcome

    def _work(self) -> None:
        try:
            while self._send_next():
                pass
        except Exception as error:  # noqa: BLE001 - it is raised again by the thread that waits
            self._stopped = True
            self._fault = error
        with self._lock:
            self._at_work -= 1
            if not self._at_work:
                self._over.set()

    def _send_next(self) -> bool:
        """Sends the next piece; False where there is none, or none is to be sent any more."""
        piece = self._take()
        if piece is None:
            return False
        try:
            sent = self._send(AccountSet(self._ids[piece.start : piece.stop]))
        except SegcliError as error:
            with self._lock:
                if error.status in (*_REFUSED, _TOO_LONG):
                    self._divide(piece, error)
                else:
                    self._stop(error)
        else:
            with self._lock:
                self._remember(piece)
                self.outcome.count(sent)
                self.through += piece.stop - piece.start
                self._learn(piece)
        return True

    def _take(self) -> Piece | None:
        with self._lock:
            if self._stopped or not self._todo:
                return None
            piece = self._todo.popleft()
            if piece.stop - piece.start > self._size:
                cut = piece.start + self._size
                self._todo.appendleft(Piece(cut, piece.stop))
                piece = Piece(piece.start, cut)
            return piece

    def _remember(self, piece: Piece) -> None:
        if self._journal is not None and self.journal_error is None:
            try:
                self._journal.note(piece)
            except StoreError as error:
                self.journal_error = error

    def _divide(self, piece: Piece, error: SegcliError) -> None:
        if piece.stop - piece.start == 1:
            self._fail(piece, error)
            return
        middle = (piece.start + piece.stop + 1) // 2
        first, second = Piece(piece.start, middle), Piece(middle, piece.stop)
        self._todo.extendleft((second, first))
        if error.status == _TOO_LONG:
            self._size = min(self._size, middle - piece.start)
        else:
            self._halves |= {first: second, second: first}

    def _fail(self, piece: Piece, error: SegcliError) -> None:
        failures = self.outcome.failures
        failures.append(Failure(self._ids[piece.start], error))
        self.through += 1
        if len(failures) == _HOPELESS and not self.outcome.chunks:
            self._stop(error)

    def _learn(self, piece: Piece) -> None:
        """Where both halves of a refused piece are taken, it was refused for its length."""
        other = self._halves.pop(piece, None)
        if other is not None and other not in self._halves:
            self._size = min(self._size, max(piece.stop - piece.start, other.stop - other.start))

    def _stop(self, error: SegcliError) -> None:
        self._stopped = True
        self.outcome.stopped_by = self.outcome.stopped_by or error
