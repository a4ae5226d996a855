"""The accounts that a command is given: words, or a file and how to read it."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from segcli.account_set import AccountSet
from segcli.errors import UsageError
from segcli.model import parse_account_id
from segcli.terminal.streams import Terminal

if TYPE_CHECKING:
    from segcli.inputs.blocks import Block
    from segcli.inputs.rejects import Rejects


class Source(NamedTuple):
    """Accounts as words, or in a file of which one column may be meant and bad values passed over.

    `rejects` names a file for what is passed over, and for accounts that a backend refuses.
    """

    words: Sequence[str] = ()
    file: str | None = None
    column: str | None = None
    skip_invalid: bool = False
    rejects: str | None = None

    @property
    def name(self) -> str:
        """What tells it from other sources: the file's full path."""
        if self.file is None:
            return "the command line"
        return "stdin" if self.file == "-" else os.path.abspath(os.path.expanduser(self.file))


class Given(NamedTuple):
    """How many accounts were named, the distinct ones, and how many values were no account ids."""

    requested: int
    accounts: AccountSet
    invalid: int


def read(source: Source, rejects: "Rejects", terminal: Terminal, *, allow_empty: bool = False) -> Given:
    """The accounts that a source gives. Raises UsageError, also where there is nothing in it at all."""
    if source.file is None:
        if source.column or source.skip_invalid:
            raise UsageError("--column and --skip-invalid go with --file")
        if not source.words:
            raise UsageError("no accounts are given", hint="name them, or a file of them with --file")
        ids = [parse_account_id(text) for text in source.words]
        return Given(len(ids), AccountSet.of(ids), 0)
    if source.words:
        raise UsageError("accounts are given as words or with --file, not both")
    from segcli.inputs.blocks import refuse
    from segcli.inputs.collect import collect
    from segcli.inputs.reader import read_accounts
    from segcli.terminal.progress import Progress

    reject = rejects.add if source.skip_invalid else refuse
    with Progress(terminal, "reading") as progress:
        blocks = read_accounts(source.file, column=source.column, reject=reject)
        requested, accounts = collect(_watched(blocks, progress.update))
    rejects.flush()
    if not requested and not rejects.count and not allow_empty:
        raise UsageError(f"{source.file} holds no account ids")
    return Given(requested, accounts, rejects.count)


def _watched(blocks: "Iterable[Block]", watch: Callable[[int, int | None], None]) -> "Iterator[Block]":
    count = 0
    for block in blocks:
        yield block
        count += len(block)
        watch(count, None)
