"""Evaluates the assertions of a SOURCE on the state that a backend will have after the plan."""

from collections.abc import Mapping, Sequence

from segcli.account_set import NO_ACCOUNTS, AccountSet
from segcli.backends.base import Memberships, not_found
from segcli.errors import NotFoundError, UsageError
from segcli.expressions.assertions import Assertion
from segcli.expressions.evaluate import evaluate, needs_all
from segcli.expressions.globs import matcher
from segcli.expressions.tree import FileOperand, Operand, PatternOperand, SegmentOperand, Stored
from segcli.manifest.plan import Change, Checked
from segcli.model import Segment, SegmentRef


class PlannedState:
    """The codes after the plan, and which of the backend's segments the assertions need.

    `codes_after` has the code of each segment that the plan is about, None if it is deleted. Known accounts
    stay known when they leave a segment.
    """

    def __init__(
        self,
        assertions: Sequence[Assertion],
        segments: Sequence[Segment],
        codes_after: Mapping[int, str | None],
    ) -> None:
        self._assertions = assertions
        after = {each.id: codes_after.get(each.id, each.code) for each in segments} if assertions else {}
        self._ids = {code: segment_id for segment_id, code in after.items() if code is not None}
        self._codes = {segment_id: code for code, segment_id in self._ids.items()}
        self._expressions = [each for assertion in assertions for each in assertion.expressions]
        self.needs_all = any(needs_all(each.root) for each in self._expressions)

    @property
    def _operands(self) -> list[Operand]:
        return list(dict.fromkeys(each for one in self._assertions for each in one.operands))

    @property
    def segment_ids(self) -> list[int]:
        """The present segments that an assertion names."""
        found: list[int] = []
        for operand in self._operands:
            if isinstance(operand, PatternOperand):
                matches = matcher(operand.pattern)
                found += [segment_id for code, segment_id in self._ids.items() if matches(code)]
            elif isinstance(operand, SegmentOperand):
                code, segment_id = operand.ref.code, operand.ref.id
                if code is not None:
                    segment_id = self._ids.get(code)
                if segment_id in self._codes:
                    found.append(segment_id)
        return found

    def evaluate(self, changes: Sequence[Change], memberships: Memberships) -> list[Checked]:
        """Each assertion with its numbers. Raises NotFoundError, UsageError."""
        if not self._assertions:
            return []
        planned = {code: memberships.of[each] for code, each in self._ids.items() if each in memberships.of}
        known = memberships.known
        for change in changes:
            if change.new is None:
                continue
            before = memberships.of.get(change.base.segment_id) if change.base else NO_ACCOUNTS
            if before is not None:
                joined, left = change.joined or NO_ACCOUNTS, change.left or NO_ACCOUNTS
                planned[change.code] = (before | joined) - left
                known = None if known is None else known | joined
        sets = {each: self._accounts(each, planned) for each in self._operands if _is_read(each)}
        counts = iter([len(evaluate(each.root, sets, known)) for each in self._expressions])
        return [
            Checked(each, next(counts), None if each.whole is None else next(counts))
            for each in self._assertions
        ]

    def _accounts(self, operand: Operand, planned: Mapping[str, AccountSet]) -> AccountSet:
        if isinstance(operand, FileOperand):
            raise UsageError(f"{operand.text()}: a check cannot name a file")
        if isinstance(operand, Stored) and operand.moment is not None:
            raise UsageError(f"{operand.text()}: a check is about the planned state, not about a moment")
        if isinstance(operand, PatternOperand):
            matches = matcher(operand.pattern)
            found = [accounts for code, accounts in planned.items() if matches(code)]
            if not found:
                raise NotFoundError(f"a check names {operand.pattern}: no segment will have such a code")
            return AccountSet.union(found)
        if isinstance(operand, SegmentOperand):
            ref = operand.ref
            code = self._codes.get(ref.id or 0) if ref.code is None else ref.code
            if code is not None and code in planned:
                return planned[code]
            raise NotFoundError(f"a check names {operand.text()}: it will not exist after the plan")
        raise not_found(SegmentRef(code=operand.text()))


def _is_read(operand: Operand) -> bool:
    return isinstance(operand, FileOperand | Stored)
