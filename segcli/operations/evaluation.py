"""The accounts of set expressions: what they name is read from files, then from one state of a backend."""

from collections.abc import Sequence

from segcli.account_set import AccountSet
from segcli.backends.base import Backend, not_found
from segcli.errors import NotFoundError, UsageError
from segcli.expressions.evaluate import evaluate, needs_all
from segcli.expressions.globs import matcher
from segcli.expressions.hints import ambiguous, as_code
from segcli.expressions.parse import parse
from segcli.expressions.tree import (
    Expression,
    FileOperand,
    Operand,
    PatternOperand,
    SegmentOperand,
    Stored,
)
from segcli.inputs.rejects import Rejects
from segcli.inputs.source import Source, read
from segcli.model import Segment, SegmentRef
from segcli.query.tree import MAX_PAGE_SIZE, SegmentQuery
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal


def parsed(backend: Backend, text: str) -> Expression:
    """The expression in `text`. Raises UsageError, with a hint if `text` is the code of a segment."""
    try:
        return parse(text)
    except UsageError as error:
        if _exists(backend, text):
            raise as_code(error, text) from None
        raise


def accounts_of(backend: Backend, terminal: Terminal, expressions: Sequence[Expression]) -> list[AccountSet]:
    """The accounts of each expression; all that they name in a backend is read from one snapshot.

    Raises UsageError, for a file too, and NotFoundError for an unknown segment.
    """
    operands = list(dict.fromkeys(each for expression in expressions for each in expression.operands))
    sets: dict[Operand, AccountSet] = {
        operand: _read_file(operand, terminal) for operand in operands if isinstance(operand, FileOperand)
    }
    stored = [operand for operand in operands if isinstance(operand, Stored)]
    known = any(needs_all(expression.root) for expression in expressions)
    with backend.snapshot():
        for expression in expressions:
            _require_clear(backend, expression)
        ids = {operand: _segment_ids(backend, operand) for operand in stored}
        wanted = list(dict.fromkeys(each for some in ids.values() for each in some))
        with Progress(terminal, "reading members") as progress:
            memberships = backend.get_memberships(wanted, progress.update, known=known)
    for operand, its_ids in ids.items():
        sets[operand] = AccountSet.union(memberships.of[segment_id] for segment_id in its_ids)
    return [evaluate(expression.root, sets, memberships.known) for expression in expressions]


def matching(backend: Backend, pattern: str) -> list[Segment]:
    """The segments whose code matches a pattern with `*` and `?`. Raises NotFoundError if there is none."""
    matches = matcher(pattern)
    segments = backend.iter_segments(SegmentQuery(page_size=MAX_PAGE_SIZE)).items
    found = [segment for segment in segments if matches(segment.code)]
    if found:
        return found
    raise NotFoundError(
        f"no segment has a code that matches {pattern}",
        hint="list the existing segments with: segments list",
    )


def _read_file(operand: FileOperand, terminal: Terminal) -> AccountSet:
    with Rejects(None, operand.path) as rejects:
        return read(Source(file=operand.path), rejects, terminal).accounts


def _require_clear(backend: Backend, expression: Expression) -> None:
    """Raises UsageError if a keyword of the expression is also the code of a segment."""
    error = ambiguous(expression, {word for word in expression.words if _exists(backend, word)})
    if error is not None:
        raise error


def _exists(backend: Backend, code: str) -> bool:
    try:
        backend.find_segment(SegmentRef(code=code))
    except NotFoundError:
        return False
    return True


def _segment_ids(backend: Backend, operand: Stored) -> list[int]:
    """The ids of the segments that an operand names. Raises NotFoundError if there is none."""
    if operand.moment is not None:
        raise UsageError(f"{operand.text()}: this backend keeps no history")
    if isinstance(operand, SegmentOperand):
        return [backend.find_segment(operand.ref).id]
    if isinstance(operand, PatternOperand):
        return [segment.id for segment in matching(backend, operand.pattern)]
    raise not_found(SegmentRef(code=operand.name()))
