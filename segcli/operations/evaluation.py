"""The accounts of set expressions: what they name is read from files, then from one state of a backend."""

from collections.abc import Iterable, Iterator, Sequence

from segcli.account_set import AccountSet
from segcli.backends.base import Backend, Memberships, Reader, not_found
from segcli.errors import NotFoundError, UsageError
from segcli.expressions.evaluate import evaluate, needs_all
from segcli.expressions.parse import parse
from segcli.expressions.tree import (
    Expression,
    FileOperand,
    Operand,
    PatternOperand,
    SegmentOperand,
    Stored,
)
from segcli.model import Segment, SegmentRef
from segcli.query.tree import MAX_PAGE_SIZE, SegmentQuery
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

_WILD = "*?"


def parsed(backend: Reader, text: str) -> Expression:
    """The expression in `text`. Raises UsageError, with a hint if `text` is the code of a segment."""
    try:
        return parse(text)
    except UsageError as error:
        raise explained(backend, text, error) from None


def explained(backend: Reader, text: str, error: UsageError) -> UsageError:
    """The error of an expression, with a hint if its text is the code of a segment."""
    if not _exists(backend, text):
        return error
    from segcli.expressions.hints import as_code

    return as_code(error, text)


def accounts_of(
    backend: Backend, terminal: Terminal, expressions: Sequence[Expression], at: str | None = None
) -> list[AccountSet]:
    """The accounts of each expression; all that they name in a backend is read from one snapshot.

    `at` is the moment to read them at, except those that name another one.

    Raises UsageError, for a file too, and NotFoundError for an unknown segment.
    """
    return Evaluation(backend, terminal, expressions, at).accounts()


class Evaluation:
    """Evaluates expressions more than once: files are read when it is created, the backend every time.

    `at` is the moment to read it at, except what names another one. Raises UsageError for a file, and for a
    moment if the backend keeps no history.
    """

    def __init__(
        self,
        backend: Backend,
        terminal: Terminal,
        expressions: Sequence[Expression],
        at: str | None = None,
    ) -> None:
        self._backend = backend
        self._terminal = terminal
        self._expressions = expressions
        operands = list(dict.fromkeys(each for expression in expressions for each in expression.operands))
        self._files: dict[Operand, AccountSet] = {
            operand: _read_file(operand, terminal) for operand in operands if isinstance(operand, FileOperand)
        }
        self._stored = [operand for operand in operands if isinstance(operand, Stored)]
        self.segments: frozenset[int] = frozenset()  # ids of those that the expressions named
        self._readers: dict[str | None, Reader] = {None: backend}
        moments = [operand.moment for operand in self._stored if operand.moment is not None]
        if at is not None or moments:
            from segcli.operations.past import Past

            past = Past(backend)
            self._readers |= {moment: past.reader(moment) for moment in moments}
            if at is not None:
                self._readers[None] = past.reader(at)
        self._known = any(needs_all(expression.root) for expression in expressions)

    def accounts(self) -> list[AccountSet]:
        """The accounts of each expression, from one snapshot, or the transaction if there is one.

        Raises UsageError, and NotFoundError for an unknown segment.
        """
        sets = dict(self._files)
        known: AccountSet | None = None
        named: set[int] = set()
        with self._backend.snapshot():
            for expression in self._expressions:
                _require_clear(self._readers[None], expression)
            for moment, reader in self._readers.items():
                operands = [operand for operand in self._stored if operand.moment == moment]
                ids = {operand: _segment_ids(reader, operand) for operand in operands}
                memberships = self._read(reader, ids.values(), known=moment is None and self._known)
                known = known if moment else memberships.known
                named.update(memberships.of if moment is None else ())
                for operand, its_ids in ids.items():
                    sets[operand] = AccountSet.union(memberships.of[segment_id] for segment_id in its_ids)
        self.segments = frozenset(named)
        return [evaluate(each.root, sets, known) for each in self._expressions]

    def _read(self, reader: Reader, ids: Iterable[Sequence[int]], *, known: bool) -> Memberships:
        wanted = list(dict.fromkeys(each for some in ids for each in some))
        with Progress(self._terminal, "reading members") as progress:
            return reader.get_memberships(wanted, progress.update, known=known)


def matching(backend: Reader, pattern: str) -> list[Segment]:
    """The segments whose code matches a pattern with `*` and `?`. Raises NotFoundError if there is none."""
    from segcli.expressions.globs import matcher

    matches = matcher(pattern)
    found = [segment for segment in all_segments(backend) if matches(segment.code)]
    if found:
        return found
    raise NotFoundError(
        f"no segment has a code that matches {pattern}",
        hint="list the existing segments with: segments list",
    )


def named(backend: Reader, words: Sequence[str]) -> list[Segment]:
    """The segments in the order of the words, each once; of a pattern, by id. Raises NotFoundError."""
    found: dict[int, Segment] = {}
    for word in words:
        is_pattern = any(each in word for each in _WILD) and not word.startswith(("id:", "code:"))
        some = matching(backend, word) if is_pattern else [backend.find_segment(SegmentRef.parse(word))]
        found |= {segment.id: segment for segment in some}
    return list(found.values())


def _read_file(operand: FileOperand, terminal: Terminal) -> AccountSet:
    from segcli.inputs.rejects import Rejects
    from segcli.inputs.source import Source, read

    with Rejects(None, operand.path) as rejects:
        return read(Source(file=operand.path), rejects, terminal).accounts


def _require_clear(backend: Reader, expression: Expression) -> None:
    """Raises UsageError if a keyword of the expression is also the code of a segment."""
    codes = {word for word in expression.words if _exists(backend, word)}
    if not codes:
        return
    from segcli.expressions.hints import ambiguous

    error = ambiguous(expression, codes)
    if error is not None:
        raise error


def _exists(backend: Reader, code: str) -> bool:
    try:
        backend.find_segment(SegmentRef(code=code))
    except NotFoundError:
        return False
    return True


def all_segments(backend: Reader) -> Iterator[Segment]:
    """Every segment; those of a store from the snapshot, which a stream would not see."""
    query = SegmentQuery(page_size=MAX_PAGE_SIZE)
    if not backend.atomic:
        yield from backend.iter_segments(query).items
        return
    while (page := backend.get_segments(query)).items:
        yield from page.items
        query = query._replace(start_index=query.start_index + MAX_PAGE_SIZE)


def _segment_ids(backend: Reader, operand: Stored) -> list[int]:
    """The ids of the segments that an operand names. Raises NotFoundError if there is none."""
    if isinstance(operand, SegmentOperand):
        return [backend.find_segment(operand.ref).id]
    if isinstance(operand, PatternOperand):
        return [segment.id for segment in matching(backend, operand.pattern)]
    raise not_found(SegmentRef(code=operand.name()))
