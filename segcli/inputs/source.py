"""The accounts that a command receives: words on the command line, a file and how to read it, or a set
expression."""

import os
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

from segcli.account_set import AccountSet
from segcli.errors import UsageError
from segcli.inputs.rejects import Rejects, refuse
from segcli.model import STDIN, parse_account_id
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

if TYPE_CHECKING:
    from segcli.customer import Kind, Outcome
    from segcli.inputs.tables import Table


class Source(NamedTuple):
    """Accounts as words, or a file of them: the column of a CSV, and whether to skip invalid values.

    `rejects` names a file, or is `-` for stderr: for skipped values, and accounts that a backend rejects.
    `allow_empty` accepts a file without accounts. `expression` is the text of a set expression, which only
    a backend can evaluate. `by` is the kind of identifiers; without it, a file shows it. `customer_set` is
    the one whose customers are meant, and `min_match` the percentage of the values that must be accounts.
    """

    words: Sequence[str] = ()
    file: str | None = None
    column: str | None = None
    skip_invalid: bool = False
    rejects: str | None = None
    allow_empty: bool = False
    expression: str | None = None
    by: "Kind | None" = None
    customer_set: str | None = None
    min_match: str | None = None

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
        if self.min_match is not None and self.file is None:
            raise UsageError("--min-match requires --file")
        if self.by is not None and self.expression is not None:
            raise UsageError("--by does not work with --from", hint="an expression names segments")
        if self.file is None and self.expression is None and not self.words:
            hint = "name account ids, a file of them with --file, or a set of them with --from"
            raise UsageError("no accounts given", hint=hint)

    @property
    def kind(self) -> "Kind | None":
        """The kind of identifiers: `by`, or what the name of the column says."""
        if self.by is not None or self.column is None:
            return self.by
        from segcli.customer import MEMBER_OF_KIND, member_of

        member = member_of(self.column)
        return next((kind for kind, known in MEMBER_OF_KIND.items() if known == member), None)

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
    If customers were looked up, `outcomes` has the number of rows by outcome, all of them `requested`, and
    `note` is what else there is to say.
    """

    requested: int
    accounts: AccountSet
    invalid: int
    seconds: float = 0.0
    segments: frozenset[int] = frozenset()
    outcomes: "Mapping[Outcome, int] | None" = None
    note: str | None = None

    @property
    def values(self) -> int:
        """How many values or rows there were."""
        return self.requested + (self.invalid if self.outcomes is None else 0)

    @property
    def unresolved(self) -> int:
        """How many rows have no account."""
        if self.outcomes is None:
            return self.invalid
        return sum(self.outcomes[name] for name in ("not_found", "ambiguous", "conflict", "invalid"))


class Lookup(Protocol):
    """Finds the accounts that are named by other identifiers than their ids."""

    def words(self) -> Given:
        """The accounts of the words of a source."""

    def table(self, table: "Table", share: Callable[[], float | None]) -> Given:
        """The accounts of the rows of a file; `share` returns how much of it was read, from 0 to 1."""

    def knows_customers(self) -> bool:
        """Whether there is anything to compare with an account id."""


def may_need_lookup(words: Sequence[str]) -> bool:
    """Whether the words may be more than account ids."""
    return any(":" in word or "@" in word for word in words)


def read(
    source: Source, rejects: Rejects, terminal: Terminal, lookup: Callable[[], Lookup] | None = None
) -> Given:
    """The accounts of a source; `lookup` is called if there are other identifiers than account ids.

    Raises UsageError for an invalid id that is not to be skipped.
    """
    if source.file is None:
        if lookup is not None and (source.by or may_need_lookup(source.words)):
            return lookup().words()
        ids = [parse_account_id(text) for text in source.words]
        return Given(len(ids), AccountSet(ids), 0)
    return _read_file(source.file, source, rejects, terminal, lookup)


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


def _read_file(
    file: str, source: Source, rejects: Rejects, terminal: Terminal, lookup: Callable[[], Lookup] | None
) -> Given:
    from segcli.inputs.collect import collect  # what reads files is not needed for words
    from segcli.inputs.reader import blocks_of, opened

    reject = rejects.add if source.skip_invalid else partial(refuse, looks_up=lookup is not None)
    position = Position()
    started = time.monotonic()
    with opened(file, position.watch) as (name, head, content):
        looked_up = lookup and _needed(lookup, name, head, source)
        if looked_up:
            from segcli.inputs.tables import table_of

            given = looked_up.table(table_of(name, head, content, source.column), position.share)
        else:
            blocks = blocks_of(name, head, content, column=source.column, reject=reject)
            with Progress(terminal, "reading", share=position.share) as progress:
                collected = collect(blocks, lambda count: progress.update(count, None))
            given = Given(*collected, rejects.count)
    rejects.flush()
    return given._replace(seconds=time.monotonic() - started)


def _needed(lookup: Callable[[], Lookup], name: str, head: bytes, source: Source) -> Lookup | None:
    """The look-up, if the file that starts with `head` has more than account ids."""
    kind = source.kind
    if kind == "id" or (kind is None and (source.column or not _may_identify(head))):
        return None
    if kind is None:
        from segcli.inputs.heads import kinds_in

        kinds = kinds_in(name, head)
        if not kinds - {"id"} or ("id" in kinds and not lookup().knows_customers()):
            return None
    return lookup()


def _may_identify(head: bytes) -> bool:
    """Whether a file has more than account ids: most of those start with one."""
    return not head.split(b"\n", 1)[0].strip().isdigit()
