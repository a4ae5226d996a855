"""The journal of a long run: which chunks a tenant has acknowledged, so that the run can be resumed.

One file per run in the user's state folder. Its name contains digests of the task and of the accounts in
ascending order; each line after the first says that the accounts from one position up to another are done,
with a checksum. Lines are appended without fsync: a line lost in a power failure costs one repeated
request, which changes nothing.

A journal is only as true as the membership is unchanged, so it is bound to the time at which the segment was
created, deleted by what undoes it (`discard`), and used for seven days. A local store needs none: its members
are compared instead (`MembershipChange.add`). So no journal has to recognize a store file, which may be
replaced by another one with the same path, inode and segment ids.
"""

import json
import os
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple, Self

from segcli.account_set import AccountSet
from segcli.errors import StoreError, UsageError
from segcli.paths import make_private_folder, user_folder

_HASH_BATCH = 1 << 20  # ids copied at a time
_MAX_AGE = 7 * 24 * 3600  # seconds since the run was started or resumed
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
        """A new journal, which replaces any that the same source left behind. Raises StoreError."""
        journal = cls(_path(task, accounts))
        try:
            make_private_folder(os.path.dirname(journal.path))
            for older in _leftovers(task):
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
        """The journal of an interrupted run; None if there is none.

        Raises UsageError if the interrupted run had other accounts, StoreError.
        """
        path = _path(task, accounts)
        try:
            with open(path, "rb") as file:
                lines = file.read().split(b"\n")
            journal = cls(path, sorted(_chunks(lines[1:-1], len(accounts.ids))))
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
            self._write(f"{chunk.start} {chunk.stop}")
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

    `info` receives what the user should know about it. Raises UsageError if the interrupted run had other
    accounts, StoreError if its journal cannot be read.
    """
    if resume:
        journal = Journal.resume(task, accounts)
        if journal is not None:
            return journal
        info("nothing to resume: starting from the beginning")
    if len(accounts.ids) <= size:
        return None
    try:
        return Journal.start(task, accounts)
    except StoreError as error:
        info(not_resumable(error))
        return None


def not_resumable(error: StoreError) -> str:
    """The message about a run that continues without a journal."""
    return f"{error.message}; this run cannot be resumed"


def _chunks(lines: Sequence[bytes], total: int) -> Iterator[Chunk]:
    """The chunks that the lines name; a damaged line is skipped, which costs a repeated request."""
    for line in lines:
        with suppress(ValueError):
            start, stop = map(int, line.split())
            if 0 <= start < stop <= total:
                yield Chunk(start, stop)


def _leftovers(task: Task) -> list[str]:
    """The journals of the same task, for any accounts."""
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
    for start in range(0, len(accounts.ids), _HASH_BATCH):
        digest.update(array("I", accounts.ids[start : start + _HASH_BATCH]))
    return f"{_stem(task)}-{digest.hexdigest()[:32]}"


def _stem(task: Task) -> str:
    key = json.dumps([task.place, task.segment_id, task.verb])
    return os.path.join(user_folder("state"), "journals", sha256(key.encode()).hexdigest()[:32])


def _unusable(path: str, error: OSError) -> StoreError:
    return StoreError(f"the journal {path} cannot be used: {error.strerror}")
