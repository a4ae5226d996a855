"""The accounts that a command receives: words on the command line, a file and how to read it, or a set
expression."""

import os
import stat
import time
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from segcli.account_set import AccountSet
from segcli.errors import UsageError
from segcli.inputs.rejects import Rejects, refuse
from segcli.model import STDIN, parse_account_id
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal


class Source(NamedTuple):
    """Accounts as words, or a file of them: the column of a CSV, and whether to skip invalid values.

    `rejects` names a file, or is `-` for stderr: for skipped values, and accounts that a backend rejects.
    `allow_empty` accepts a file without accounts. `expression` is the text of a set expression, which only
    a backend can evaluate.
    """

    words: Sequence[str] = ()
    file: str | None = None
    column: str | None = None
    skip_invalid: bool = False
    rejects: str | None = None
    allow_empty: bool = False
    expression: str | None = None

    def or_stdin(self) -> "Source":
        """The source, with stdin as its file if `-` is its only word."""
        if list(self.words) != [STDIN] or self.file is not None or self.expression is not None:
            return self
        return self._replace(words=(), file=STDIN)

    def check(self) -> None:
        """Raises UsageError for options that contradict each other, before anything is read."""
        if self.words and self.file is not None:
            raise UsageError("pass account ids or --file, not both")
        if self.expression is not None and (self.words or self.file is not None):
            raise UsageError(f"pass {'account ids' if self.words else '--file'} or --from, not both")
        if self.file is None and (self.column or self.skip_invalid):
            raise UsageError("--column and --skip-invalid require --file")
        if self.file is None and self.expression is None and not self.words:
            hint = "name account ids, a file of them with --file, or a set of them with --from"
            raise UsageError("no accounts given", hint=hint)

    @property
    def name(self) -> str | None:
        """Identifies the source: for a file, its full path; None for an expression, which may change."""
        if self.expression is not None:
            return None
        if self.file is None:
            return "the command line"
        return "stdin" if self.file == STDIN else os.path.abspath(os.path.expanduser(self.file))

    @property
    def label(self) -> str:
        """The file or the expression as messages name it."""
        if self.expression is not None:
            return f"'{self.expression}'"
        return "stdin" if self.file == STDIN else self.file or "the command line"


class Given(NamedTuple):
    """How many accounts the source contains, the distinct ones, and how many values were invalid.

    `seconds` is how long it took to read them; `segments` are the ids of those that an expression names.
    """

    requested: int
    accounts: AccountSet
    invalid: int
    seconds: float = 0.0
    segments: frozenset[int] = frozenset()


def read(source: Source, rejects: Rejects, terminal: Terminal) -> Given:
    """The accounts of a source. Raises UsageError for an invalid id that is not to be skipped."""
    if source.file is None:
        ids = [parse_account_id(text) for text in source.words]
        return Given(len(ids), AccountSet(ids), 0)
    return _read_file(source.file, source, rejects, terminal)


class Position:
    """How much of a file was read; not known for a pipe."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._size = 0

    def watch(self, file: BinaryIO) -> None:
        try:
            status = os.fstat(file.fileno())
        except OSError:  # stdin was replaced by a program
            return
        if stat.S_ISREG(status.st_mode) and status.st_size:
            self._file, self._size = file, status.st_size

    def share(self) -> float | None:
        """From 0 to 1."""
        if self._file is None or self._file.closed:
            return None
        return self._file.tell() / self._size


def _read_file(file: str, source: Source, rejects: Rejects, terminal: Terminal) -> Given:
    from segcli.inputs.collect import collect  # what reads files is not needed for words
    from segcli.inputs.reader import read_accounts

    reject = rejects.add if source.skip_invalid else refuse
    position = Position()
    started = time.monotonic()
    with Progress(terminal, "reading", share=position.share) as progress:
        blocks = read_accounts(file, column=source.column, reject=reject, on_open=position.watch)
        requested, accounts = collect(blocks, lambda count: progress.update(count, None))
    rejects.flush()
    return Given(requested, accounts, rejects.count, time.monotonic() - started)
