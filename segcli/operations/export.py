"""Writing segments as a manifest: to stdout, to a file, or to a folder with a file for each membership."""

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import OutputError, UsageError
from segcli.manifest.file_names import file_names
from segcli.manifest.load import NAMES
from segcli.manifest.source import files_by_code
from segcli.manifest.writer import Written, to_json, to_yaml
from segcli.model import STDIN, Segment
from segcli.operations.evaluation import all_segments, named
from segcli.paths import NEW, replaced_file, replaced_folder
from segcli.result import Result
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

_FOLDER = "accounts"
_MANIFEST = NAMES[0]
_JSON = ".json"
_ONE_FILE = (".yaml", ".yml", _JSON)


def export(
    backend: Backend,
    terminal: Terminal,
    words: Sequence[str],
    *,
    to: str | None,
    accounts: bool,
    as_json: bool,
) -> Result:
    """The segments that `words` name, all if there are none, sorted by code; from one snapshot.

    Without `to` the manifest is the text of the result. With `accounts` it contains the memberships. Raises
    UsageError, NotFoundError; OutputError if a file cannot be written, and then nothing was changed.
    """
    if STDIN in words:
        from segcli.inputs.words import with_stdin

        words = with_stdin(words)
    to = None if to == STDIN else to
    # Progress would be between the lines on a terminal.
    progress = Progress(terminal, "exporting", unit="segments") if to is not None else None
    reading = _Reading(backend, terminal, words, progress, accounts=accounts)
    if to is None:
        return Result((), (), text=_text(reading, as_json=as_json))
    if not to or "\0" in to:
        raise UsageError(f"'{to}' is not a valid path: expected a file or a folder")
    path = os.path.expanduser(to)
    if path.lower().endswith(_ONE_FILE):
        if os.path.exists(path) and not os.path.isfile(path):
            raise UsageError(f"{to} is not a regular file: a manifest cannot replace it")
        with _errors(to), replaced_file(path) as file:
            file.writelines(_text(reading, as_json=path.lower().endswith(_JSON)))
        return Result((), (), text=_nothing(), note=f"wrote {reading.counted()} to {to}")
    removed = _write_folder(reading, path, to)
    note = f"wrote {reading.counted()} to {to}"
    if removed:
        note += f"; removed {_counted(removed, 'file')} that it no longer names"
    return Result((), (), text=_nothing(), note=note)


class _Reading:
    """Reads segments and, with `accounts`, their memberships one by one."""

    def __init__(
        self,
        backend: Backend,
        terminal: Terminal,
        words: Sequence[str],
        progress: Progress | None,
        *,
        accounts: bool,
    ) -> None:
        self._backend = backend
        self._terminal = terminal
        self._words = words
        self._progress = progress
        self._accounts = accounts
        self._segments = 0
        self._associations = 0

    def segments(self) -> list[Segment]:
        """Called within a snapshot."""
        found = named(self._backend, self._words) if self._words else all_segments(self._backend)
        return sorted(found, key=lambda segment: segment.code)

    def memberships(self, segments: Sequence[Segment]) -> Iterator[tuple[Segment, AccountSet | None]]:
        """Each segment with its accounts; those of a tenant are read at once, with few requests."""
        self._segments = len(segments)
        of = None
        if self._accounts and not self._backend.reads_are_local:
            with Progress(self._terminal, "reading members") as progress:
                of = self._backend.get_memberships([each.id for each in segments], progress.update).of
        watched = self._progress.watch(segments, len(segments)) if self._progress else segments
        for segment in watched:
            accounts = None
            if self._accounts:
                read = self._backend.get_segment_accounts
                accounts = read(segment.id) if of is None else of[segment.id]
                self._associations += len(accounts)
            yield segment, accounts

    def snapshot(self) -> AbstractContextManager[None]:
        return self._backend.snapshot()

    def counted(self) -> str:
        """What was read, for a message."""
        counted = _counted(self._segments, "segment")
        if not self._accounts:
            return counted
        return f"{counted} with {_counted(self._associations, 'account association')}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _nothing() -> Generator[str, None, None]:
    yield from ()


def _text(reading: _Reading, *, as_json: bool) -> Generator[str, None, None]:
    """One document with everything in it."""
    with reading.snapshot():
        found = reading.memberships(reading.segments())
        written = (Written(each.code, each.name, each.description, accounts) for each, accounts in found)
        yield from (to_json if as_json else to_yaml)(written)


def _write_folder(reading: _Reading, path: str, name: str) -> int:
    """Writes the manifest and its files; returns how many files of an earlier one were removed.

    Those are the files that the manifest in the folder names, where it does so as `export` does.
    """
    if os.path.lexists(path) and not os.path.isdir(path):
        raise UsageError(
            f"{name} is a file: expected a folder, or a name that ends in {', '.join(_ONE_FILE)}"
        )
    for other in NAMES[1:]:
        if os.path.lexists(os.path.join(path, other)):
            raise UsageError(
                f"{name} contains {other}, and would have two manifests",
                hint=f"delete it, or export to {os.path.join(name, other)}",
            )
    before = _exported(path)
    now: set[str] = set()
    with _errors(name), reading.snapshot(), replaced_folder(path, _MANIFEST) as new:
        segments = reading.segments()
        names = file_names(each.code for each in segments)

        def written() -> Iterator[Written]:
            for segment, accounts in reading.memberships(segments):
                where: AccountSet | str | None = accounts
                if accounts:
                    member = f"{_FOLDER}/{names[segment.code]}.txt"
                    now.add(member)
                    with replaced_file(os.path.join(new, member)) as file:
                        file.writelines(accounts.lines())
                    where = member
                yield Written(segment.code, segment.name, segment.description, where)

        with replaced_file(os.path.join(new, _MANIFEST)) as file:
            file.writelines(to_yaml(written()))
    removed = 0
    kept = {file.lower() for file in now}  # one of another case may be the same file
    for stale in before:
        if stale.lower() not in kept:
            with suppress(OSError):
                os.unlink(os.path.join(path, stale))
                removed += 1
    return removed


def _exported(folder: str) -> set[str]:
    """The files that the manifest in a folder names as `export` does; none if it is not valid."""
    if not os.path.lexists(os.path.join(folder, _MANIFEST)) or os.path.islink(os.path.join(folder, _FOLDER)):
        return set()
    try:
        files = files_by_code(folder)
    except UsageError:
        return set()
    names = file_names(files)
    return {file for code, file in files.items() if file == f"{_FOLDER}/{names[code]}.txt"}


@contextmanager
def _errors(name: str) -> Iterator[None]:
    """Raises OutputError for a file that cannot be written."""
    try:
        yield
    except OSError as error:
        file = str(error.filename or name)
        raise OutputError(f"cannot write {name if NEW in file else file}: {error.strerror}") from error
