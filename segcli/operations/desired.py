"""From a Document to what it asks of one backend: expressions are evaluated over the result."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.base import Backend, not_found
from segcli.errors import NotFoundError, SegcliError, UsageError
from segcli.expressions.evaluate import evaluate, needs_all
from segcli.expressions.globs import matcher
from segcli.expressions.hints import ambiguous
from segcli.expressions.sampling import sample
from segcli.expressions.tree import Operand, PatternOperand, SegmentOperand, Stored
from segcli.manifest.compare import NO_PRUNING, Pruning
from segcli.manifest.desired import Desired, DesiredSegment
from segcli.manifest.document import Document, Where
from segcli.manifest.renames import present_codes
from segcli.operations.evaluation import all_segments
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal


def desired_of(
    document: Document, backend: Backend, terminal: Terminal, pruning: Pruning = NO_PRUNING
) -> Desired:
    """The segments of a document, each with the accounts that it will have on the backend.

    An expression sees the memberships that the document asks for; a segment whose membership it does not
    manage has its present one, and one that is pruned does not exist. All that is read is one state of the
    backend, or of its transaction; nothing is read if there are no expressions. Raises UsageError for
    expressions that depend on each other, NotFoundError for an unknown segment, and what `renames` raises.
    """
    managed = {each.code: each.accounts for each in document.segments}
    sets = {code: accounts for code, accounts in managed.items() if isinstance(accounts, AccountSet)}
    wheres = {code: accounts for code, accounts in managed.items() if isinstance(accounts, Where)}
    if wheres:
        with backend.snapshot():
            sets |= _Evaluation(document, backend, terminal, pruning, sets, wheres).accounts()
    segments = [
        DesiredSegment(
            each.code,
            each.name,
            each.description,
            was=each.was,
            absent=each.absent,
            accounts=sets.get(each.code),
        )
        for each in document.segments
    ]
    return Desired(segments, document.checks)


class _Evaluation:
    """Evaluates the expressions of a document, which may name each other's segments."""

    def __init__(
        self,
        document: Document,
        backend: Backend,
        terminal: Terminal,
        pruning: Pruning,
        sets: dict[str, AccountSet],
        wheres: dict[str, Where],
    ) -> None:
        self._document = document
        self._backend = backend
        self._terminal = terminal
        self._pruning = pruning
        self._sets = dict(sets)  # those of every segment, as they become known
        self._wheres = wheres
        self._entries = {each.code: each for each in document.segments}
        self._heirs = {each.was: each.code for each in document.segments if each.was is not None}
        self._ids = {segment.code: segment.id for segment in all_segments(backend)}
        self._known_codes = self._entries.keys() | self._ids.keys()
        self._operands: dict[Stored, list[str]] = {}  # the segments that each names, of all expressions
        self._present_codes = present_codes(document.segments, self._ids.keys())
        self._named: dict[str, dict[Operand, list[str]]] = {}

    def accounts(self) -> dict[str, AccountSet]:
        """The accounts of each segment that has an expression."""
        for code, where in self._wheres.items():
            self._named[code] = self._codes(where)
        order = self._ordered()
        known = self._read_present()
        sets = dict(self._document.files)
        for code in order:
            where = self._wheres[code]
            for operand, codes in self._named[code].items():
                if operand not in sets:  # it may be in the expressions of many segments
                    sets[operand] = AccountSet.union(self._sets[each] for each in codes)
            found = evaluate(where.expression.root, sets, known)
            self._sets[code] = found if where.sample is None else sample(found, where.sample, where.seed)
        return {code: self._sets[code] for code in self._wheres}

    def _codes(self, where: Where) -> dict[Operand, list[str]]:
        """The segments that each operand of an expression names. Raises UsageError, NotFoundError."""
        expression = where.expression
        error = ambiguous(expression, self._known_codes)
        if error is not None:
            raise where.place.named(error)
        try:
            return {each: self._codes_of(each) for each in expression.operands if isinstance(each, Stored)}
        except (NotFoundError, UsageError) as failure:
            raise _named(where, failure) from None

    def _codes_of(self, operand: Stored) -> list[str]:
        if operand not in self._operands:
            self._operands[operand] = self._resolved(operand)
        return self._operands[operand]

    def _resolved(self, operand: Stored) -> list[str]:
        if operand.moment is not None:
            raise UsageError(f"{operand.text()}: expected the result, not a moment")
        if isinstance(operand, PatternOperand):
            matches = matcher(operand.pattern)
            kept = [each.code for each in self._document.segments if not each.absent]
            codes = [*kept, *(code for code in self._ids if self._stays(code))]
            found = [code for code in codes if matches(code)]
            if not found:
                raise NotFoundError(f"no segment has a code that matches {operand.pattern}")
            return found
        if not isinstance(operand, SegmentOperand) or operand.ref.code is None:
            raise UsageError(f"{operand.text()}: expected a code")
        code = operand.ref.code
        entry = self._entries.get(code)
        if entry is not None and entry.absent:
            raise NotFoundError(f"{code} is to be absent")
        if entry is None and code in self._heirs:
            raise NotFoundError(f"{code} is to be renamed to {self._heirs[code]}")
        if entry is None and code not in self._ids:
            raise not_found(operand.ref)
        if entry is None and not self._stays(code):
            raise NotFoundError(f"{code} is to be deleted, as the source does not have it")
        return [code]

    def _stays(self, code: str) -> bool:
        """Whether a segment of the backend without an entry is left as it is."""
        if code in self._entries or code in self._heirs:
            return False
        return not self._pruning.prune or self._pruning.keeps(code)

    def _ordered(self) -> Sequence[str]:
        """The codes, each after those that its expression names. Raises UsageError for a cycle."""
        sorter = TopologicalSorter[str]()
        for code, named in self._named.items():
            sorter.add(code, *(each for codes in named.values() for each in codes if each in self._wheres))
        try:
            return list(sorter.static_order())
        except CycleError as error:
            cycle: list[str] = error.args[1][:0:-1]  # each names the next one; the first is not repeated
            first = min(range(len(cycle)), key=lambda place: list(self._wheres).index(cycle[place]))
            cycle = [*cycle[first:], *cycle[:first], cycle[first]]
            place = self._wheres[cycle[0]].place
            raise place.error(f"the segments depend on each other: {' -> '.join(cycle)}") from None

    def _read_present(self) -> AccountSet | None:
        """Reads the present accounts of what is named, but not managed; returns all known if needed."""
        needed = {each for named in self._named.values() for codes in named.values() for each in codes}
        ids = {code: self._present(code) for code in needed - self._sets.keys() - self._wheres.keys()}
        existing = [segment_id for segment_id in ids.values() if segment_id is not None]
        is_known_needed = any(needs_all(each.expression.root) for each in self._wheres.values())
        known = None
        if existing or is_known_needed:
            with Progress(self._terminal, "reading members") as progress:
                read = self._backend.get_memberships(existing, progress.update, known=is_known_needed)
            self._sets |= {code: read.of[each] for code, each in ids.items() if each is not None}
            if read.known is not None:
                known = AccountSet.union((read.known, *self._sets.values()))
        self._sets |= {code: NO_ACCOUNTS for code, each in ids.items() if each is None}
        return known

    def _present(self, code: str) -> int | None:
        """The id of the segment that has, or will get, the code; None for a new one."""
        if code not in self._entries:
            return self._ids.get(code)
        old_code = self._present_codes.get(code)
        return None if old_code is None else self._ids[old_code]


def _named(where: Where, error: SegcliError) -> SegcliError:
    return error.with_context(before=str(where.place))
