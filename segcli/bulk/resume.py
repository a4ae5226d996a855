"""The journal of a long run: which chunks a tenant has acknowledged, so that the run can be resumed.

One file per run in the user's state folder. Its name contains digests of the task and of the accounts in
ascending order; each line after the first says that the accounts from one position up to another are done,
with a checksum. Lines are appended without fsync: a line lost in a power failure costs one repeated
request, which changes nothing.

Others may change the membership meanwhile. So a journal is bound to the time at which the segment was
created, deleted by the run that undoes it (`discard`), and not used after seven days without a request. A
local store has no journals: its members are compared instead (`MembershipChange.add`), because no property of
a store file shows that it was replaced by one with the same path and segment ids.
"""

import json
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple, Self

from segcli.account_set import AccountSet
from segcli.errors import StoreError, UsageError
from segcli.paths import make_private_folder, user_folder

_MAX_AGE = 7 * 24 * 3600  # seconds since the last chunk
_MAX_HEADER = 1 << 16  # bytes
_OPPOSITE = {"add": "remove", "remove": "add"}


class Task(NamedTuple):
    """What a journal is about: a backend's `place`, a segment, `add` or `remove`, the accounts' source.

    `created` is the segment's createDate: another segment may get the same id.
    """

    place: str
    segment_id: int
    created: str
    verb: str
    source: str


class Chunk(NamedTuple):
    """The accounts from position `start` up to, but not including, `stop`."""

    start: int
    stop: int


class Journal:
    """The journal of one task on one set of accounts. `record` may be called from any thread."""

    def __init__(self, path: str, done: Sequence[Chunk] = ()) -> None:
        self.path = path
        self.done = done
        self._file: int | None = None

    @classmethod
    def start(cls, task: Task, accounts: AccountSet) -> Self:
        """A new journal. Raises StoreError."""
        journal = cls(_path(task, accounts))
        try:
            make_private_folder(os.path.dirname(journal.path))
            journal._file = os.open(
                journal.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, mode=0o600
            )
            journal._write(json.dumps({**task._asdict(), "accounts": len(accounts)}))
        except OSError as error:
            raise _unusable(journal.path, error) from error
        return journal

    @classmethod
    def resume(cls, task: Task, accounts: AccountSet) -> Self | None:
        """The journal of an interrupted run; None if there is none.

        Raises UsageError if the interrupted run had other accounts, StoreError.
        """
        path = _path(task, accounts)
        try:
            with open(path, "rb") as file:
                lines = file.read().split(b"\n")
            journal = cls(path, sorted(_chunks(path, lines[1:-1], len(accounts))))
            journal._file = os.open(path, os.O_WRONLY | os.O_APPEND)
            if lines[-1]:  # a line that was cut off when the machine stopped
                os.truncate(journal._file, os.fstat(journal._file).st_size - len(lines[-1]))
        except FileNotFoundError:
            if _leftovers(task):
                raise UsageError(
                    f"{task.source} has changed since the run was interrupted: it contains other accounts",
                    hint="resume with the original file, or start over without --resume",
                ) from None
            return None
        except OSError as error:
            raise _unusable(path, error) from error
        return journal

    def missing(self, total: int) -> Iterator[Chunk]:
        """The chunks of `total` accounts that are not done, in order."""
        position = 0
        for start, stop in self.done:
            if position < start:
                yield Chunk(position, start)
            position = max(position, stop)
        if position < total:
            yield Chunk(position, total)

    def record(self, chunk: Chunk) -> None:
        """Records that a chunk is done. Raises StoreError."""
        try:
            self._write(_line(self.path, chunk))
        except OSError as error:
            raise _unusable(self.path, error) from error

    def close(self, *, finished: bool) -> None:
        """Closes the file, and deletes it if the task is finished."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if finished:
            with suppress(OSError):
                os.unlink(self.path)

    def _write(self, line: str) -> None:
        if self._file is not None:
            os.write(self._file, f"{line}\n".encode())  # one write per line: threads do not mix theirs


def open_journal(
    task: Task, accounts: AccountSet, size: int, *, resume: bool, info: Callable[[str], None]
) -> Journal | None:
    """The journal to resume from, or a new one; None for a single chunk, or if none can be written.

    Deletes what earlier runs of the same task left behind, unless it is resumed. `info` receives what the
    user should know about it. Raises UsageError if the interrupted run had other accounts, StoreError if
    its journal cannot be read.
    """
    if resume:
        _delete(_expired())
        journal = Journal.resume(task, accounts)
        if journal is not None:
            return journal
        info("nothing to resume: starting from the beginning")
    try:
        _delete([*_expired(), *_leftovers(task)])
        return Journal.start(task, accounts) if len(accounts) > size else None
    except StoreError as error:
        info(not_resumable(error.message))
        return None


def discard(task: Task) -> None:
    """Deletes the journals of runs that `task` undoes, from any source. Raises StoreError."""
    _delete(_journals(_stem(task._replace(verb=_OPPOSITE[task.verb]))))


def not_resumable(reason: str) -> str:
    """The message about a run that continues without a journal."""
    return f"{reason}; this run cannot be resumed"


def _line(path: str, chunk: Chunk) -> str:
    """A line of the journal `path`; its checksum is valid in this journal only."""
    text = f"{chunk.start} {chunk.stop}"
    checksum = sha256(f"{os.path.basename(path)} {text}".encode()).hexdigest()[:8]
    return f"{text} {checksum}"


def _chunks(path: str, lines: Sequence[bytes], total: int) -> Iterator[Chunk]:
    """The chunks that the lines name; a damaged line is skipped, which costs a repeated request."""
    for line in lines:
        with suppress(ValueError):
            start, stop, _ = line.decode().split()
            chunk = Chunk(int(start), int(stop))
            if 0 <= chunk.start < chunk.stop <= total and line.decode() == _line(path, chunk):
                yield chunk


def _leftovers(task: Task) -> list[str]:
    """The journals of the same task, for any accounts."""
    return [path for path in _journals(_stem(task)) if _source(path) == task.source]


def _expired() -> list[str]:
    """The journals that are too old to be used."""
    oldest = time.time() - _MAX_AGE
    return [path for path in _journals() if _modified(path) < oldest]


def _modified(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:  # deleted by another process
        return math.inf


def _journals(stem: str = "") -> list[str]:
    """The paths of the journals whose names start with `stem`; none if the folder cannot be read."""
    try:
        with os.scandir(_folder()) as entries:
            return [entry.path for entry in entries if entry.name.startswith(stem)]
    except OSError:  # this user has no journals there
        return []


def _delete(paths: Iterable[str]) -> None:
    """Deletes journals. Raises StoreError."""
    for path in paths:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass  # another process was faster
        except OSError as error:
            raise StoreError(
                f"the journal {path} is out of date and cannot be deleted: {error.strerror}",
                hint="delete the file, and run the command again",
            ) from error


def _source(path: str) -> object:
    try:
        with open(path, "rb") as file:
            return json.loads(file.readline(_MAX_HEADER))["source"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _path(task: Task, accounts: AccountSet) -> str:
    return os.path.join(_folder(), f"{_stem(task)}-{accounts.digest()[:32]}")


def _stem(task: Task) -> str:
    key = json.dumps([task.place, task.segment_id, task.created, task.verb])
    return sha256(key.encode()).hexdigest()[:32]


def _folder() -> str:
    return os.path.join(user_folder("state"), "journals")


def _unusable(path: str, error: OSError) -> StoreError:
    return StoreError(f"the journal {path} cannot be used: {error.strerror}")
