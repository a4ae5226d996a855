"""What a tenant has acknowledged of a long run, kept on disk so that the run can go on after any end.

One file a run in the user's state directory. Its name bears where the accounts go, what is done with
them, and a digest of the accounts themselves, in ascending order; a line in it says that those from
one position up to another are done. Lines are appended as answers come and not synced: a line that a
power failure takes away costs one repeated request, which changes nothing.
"""

import json
import os
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple, Self

from segcli.errors import StoreError, UsageError
from segcli.model import AccountSet
from segcli.places import user_folder

_HASHED = 1 << 20  # ids copied at a time


class Task(NamedTuple):
    """What a journal is of: a backend's `place`, a segment, what is done, and where the accounts stand."""

    place: str
    segment_id: int
    verb: str
    source: str


class Piece(NamedTuple):
    """The accounts from position `start` up to and without `stop`."""

    start: int
    stop: int


class Journal:
    """The journal of one task on one set of accounts. `note` may be called by any thread."""

    def __init__(self, path: str, done: Sequence[Piece] = ()) -> None:
        self.path = path
        self.done = done
        self._file: int | None = None

    @classmethod
    def begin(cls, task: Task, accounts: AccountSet) -> Self:
        """A new one, in the place of any that the same source has left. Raises StoreError."""
        journal = cls(_path(task, accounts))
        try:
            os.makedirs(os.path.dirname(journal.path), mode=0o700, exist_ok=True)
            for older in _left_behind(task):
                os.unlink(older)
            journal._file = os.open(
                journal.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, mode=0o600
            )
            journal._write(json.dumps({**task._asdict(), "accounts": len(accounts.ids)}))
        except OSError as error:
            raise _unusable(journal.path, error) from error
        return journal

    @classmethod
    def resume(cls, task: Task, accounts: AccountSet) -> Self | None:
        """The one that an earlier run has left; None where there was none.

        Raises UsageError where the source had other accounts when it was interrupted, StoreError.
        """
        path = _path(task, accounts)
        try:
            with open(path, "rb") as file:
                lines = file.read().split(b"\n")
            journal = cls(path, sorted(_pieces(lines[1:-1], len(accounts.ids))))
            journal._file = os.open(path, os.O_WRONLY | os.O_APPEND)
            if lines[-1]:  # a line that was cut off by the end of the machine
                os.truncate(journal._file, os.fstat(journal._file).st_size - len(lines[-1]))
        except FileNotFoundError:
            if _left_behind(task):
                raise UsageError(
                    f"{task.source} has changed since it was interrupted: these are other accounts",
                    hint="go on with the file as it was; or, without --resume, begin anew with this one",
                ) from None
            return None
        except OSError as error:
            raise _unusable(path, error) from error
        return journal

    def missing(self, total: int) -> Iterator[Piece]:
        """What of `total` accounts is not done, in order."""
        position = 0
        for start, stop in self.done:
            if position < start:
                yield Piece(position, start)
            position = max(position, stop)
        if position < total:
            yield Piece(position, total)

    def note(self, piece: Piece) -> None:
        """Remembers that a piece is done. Raises StoreError."""
        try:
            self._write(f"{piece.start} {piece.stop}")
        except OSError as error:
            raise _unusable(self.path, error) from error

    def close(self, *, finished: bool) -> None:
        """Lets go of the file; of a task that is finished nothing needs to be remembered."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if finished:
            with suppress(OSError):
                os.unlink(self.path)

    def _write(self, line: str) -> None:
        if self._file is not None:
            os.write(self._file, f"{line}\n".encode())  # one write a line: threads do not mix theirs


def _pieces(lines: Sequence[bytes], total: int) -> Iterator[Piece]:
    """What the lines say; one that is damaged says nothing, which costs a repeated request."""
    for line in lines:
        with suppress(ValueError):
            start, stop = map(int, line.split())
            if 0 <= start < stop <= total:
                yield Piece(start, stop)


def _left_behind(task: Task) -> list[str]:
    """The journals of the same task, with whatever accounts its source held."""
    folder, stem = os.path.split(_stem(task))
    if not os.path.isdir(folder):
        return []
    with os.scandir(folder) as entries:
        return [
            entry.path
            for entry in entries
            if entry.name.startswith(stem) and _source(entry.path) == task.source
        ]


def _source(path: str) -> object:
    with open(path, "rb") as file:
        try:
            return json.loads(file.readline())["source"]
        except (ValueError, KeyError, TypeError):
            return None


def _path(task: Task, accounts: AccountSet) -> str:
    digest = sha256()
    for start in range(0, len(accounts.ids), _HASHED):
        digest.update(array("I", accounts.ids[start : start + _HASHED]))
    return f"{_stem(task)}-{digest.hexdigest()[:32]}"


def _stem(task: Task) -> str:
    key = json.dumps([task.place, task.segment_id, task.verb])
    return os.path.join(user_folder("state"), "journals", sha256(key.encode()).hexdigest()[:32])


def _unusable(path: str, error: OSError) -> StoreError:
    return StoreError(f"the journal {path} cannot be used: {error.strerror}")
