"""A plan as a file: JSON that contains everything that will change, with a checksum, and no secret.

    {"segmentsPlan": 1, "checksum": "...", "plan": {"place": "...", "changes": [...], "checks": [...], ...}}

Accounts are Roaring bitmaps in Base64, which takes a few bytes an account. The checksum is the SHA-256 of the
bytes of `plan`: a file that was edited or damaged is rejected.
"""

import os
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import msgspec

from segcli.account_set import AccountSet
from segcli.backends.base import Backend, checked_draft
from segcli.errors import ConflictError, OutputError, SegcliError, UsageError
from segcli.expressions.assertions import Assertion, parse_assertion
from segcli.manifest.plan import Base, Change, Plan
from segcli.manifest.types import PLAN_KEY
from segcli.model import INT32_MAX, STDIN, SegmentDraft
from segcli.paths import replace_private_file
from segcli.text import find_surrogate

VERSION = 1
_MARK = re.compile(rb'\s*\{\s*"%s"' % PLAN_KEY.encode())
_HEAD = 256  # bytes in which the mark is
_MAX_SIZE = 1 << 30  # bytes; ten million memberships take 30 MB
_MAX_SEGMENTS = 1_000_000
_PASSWORD = re.compile(r"(?<=//)[^/@\s]*@")  # the user and password of a URL


class _Base(msgspec.Struct, forbid_unknown_fields=True):
    id: int
    digest: str
    accounts: int | None


class _Draft(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    name: str | None
    description: str | None


class _Change(msgspec.Struct, forbid_unknown_fields=True):
    old: _Draft | None
    new: _Draft | None
    base: _Base | None
    joined: str | None
    left: str | None


class _Plan(msgspec.Struct, forbid_unknown_fields=True):
    place: str
    changes: list[_Change]
    checks: list[str]
    warnings: list[str]
    unchanged: int
    atomic: bool


class _File(msgspec.Struct, forbid_unknown_fields=True):
    segmentsPlan: int  # noqa: N815 - the name in the file
    checksum: str
    plan: msgspec.Raw


class SavedPlan:
    """What a file contains: the changes, the backend they are for, and the assertions, not yet checked."""

    __slots__ = ("assertions", "atomic", "changes", "path", "place", "unchanged", "warnings")

    def __init__(
        self,
        path: str,
        place: str,
        changes: list[Change],
        assertions: list[Assertion],
        warnings: list[str],
        unchanged: int,
        *,
        atomic: bool,
    ) -> None:
        self.path = path
        self.place = place
        self.changes = changes
        self.assertions = assertions
        self.warnings = warnings
        self.unchanged = unchanged
        self.atomic = atomic

    def as_plan(self) -> Plan:
        """The plan as it is in the file, to be printed."""
        return Plan(self.place, self.changes, (), self.warnings, atomic=self.atomic, unchanged=self.unchanged)

    def require_place(self, backend: Backend) -> None:
        """Raises UsageError if the plan is for another backend."""
        place = without_password(backend.place)
        if place != self.place:
            wanted, got = self.place.rstrip(), place.rstrip()  # a tenant without a tenant id ends with spaces
            raise UsageError(f"{self.path} is a plan for {wanted}, not for {got}")


def save_plan(plan: Plan, path: str) -> None:
    """Writes the plan to a file that only its owner can read. Raises UsageError, OutputError."""
    if not path or path == STDIN or (os.path.exists(path) and not os.path.isfile(path)):
        raise UsageError(f"'{path}' is not a valid path for a plan: expected a regular file")
    content = _Plan(
        without_password(plan.place),
        [_to_struct(change) for change in plan.effective],
        [each.assertion.text for each in plan.checks],
        list(plan.warnings),
        plan.summary()["none"],
        plan.atomic,
    )
    try:
        body = msgspec.json.encode(content)
    except (UnicodeError, ValueError) as error:
        raise OutputError(f"the plan cannot be saved: {error}") from error
    head = f'{{"{PLAN_KEY}":{VERSION},"checksum":"{sha256(body).hexdigest()}","plan":'
    try:
        replace_private_file(path, f"{head}{body.decode()}}}\n")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error


def is_saved_plan(path: str) -> bool:
    """Whether the file starts as a saved plan does; False if it cannot be read, or only once, as a pipe."""
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return _MARK.match(file.read(_HEAD)) is not None
    except OSError:
        return False


def load_plan(path: str) -> SavedPlan:
    """The plan in a file. Raises UsageError if it cannot be read, or is not what `save_plan` wrote."""
    try:
        with open(path, "rb") as file:
            data = file.read(_MAX_SIZE + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > _MAX_SIZE:
        raise UsageError(f"{path} is larger than {_MAX_SIZE >> 20:,} MB: not a saved plan")
    try:
        outer = msgspec.json.decode(data, type=_File)
        if outer.segmentsPlan != VERSION:
            raise UsageError(
                f"{path} is a plan of version {outer.segmentsPlan}: expected {VERSION}",
                hint="make the plan again with this version of segments",
            )
        body = bytes(outer.plan)
        if sha256(body).hexdigest() != outer.checksum:
            raise ValueError("the checksum does not match")
        return _from_struct(path, msgspec.json.decode(body, type=_Plan))
    except (ValueError, RecursionError) as error:  # of msgspec too
        raise _damaged(path, str(error)) from None
    except UsageError:
        raise
    except SegcliError as error:
        raise _damaged(path, error.message) from None


def without_password(place: str) -> str:
    """A backend's place as it may be written to a file."""
    return _PASSWORD.sub("", place)


def _damaged(path: str, reason: str) -> UsageError:
    return UsageError(
        f"{path} is not a valid saved plan: {reason}",
        hint="a saved plan must not be edited; make it again with --save-plan",
    )


def _to_struct(change: Change) -> _Change:
    base = change.base
    return _Change(
        _to_draft(change.old),
        _to_draft(change.new),
        None if base is None else _Base(*base),
        _encoded(change.joined),
        _encoded(change.left),
    )


def _to_draft(draft: SegmentDraft | None) -> _Draft | None:
    return None if draft is None else _Draft(draft.code or "", draft.name, draft.description)


def _encoded(accounts: AccountSet | None) -> str | None:
    return None if accounts is None else b64encode(accounts.to_bytes()).decode()


def _from_struct(path: str, plan: _Plan) -> SavedPlan:
    if len(plan.changes) > _MAX_SEGMENTS:
        raise ValueError(f"{len(plan.changes):,} changes")
    changes = [_to_change(each) for each in plan.changes]
    _require_distinct(changes)
    try:
        assertions = [parse_assertion(text) for text in plan.checks]
    except UsageError as error:
        raise ValueError(error.message) from error
    if plan.unchanged < 0:
        raise ValueError("a negative number of segments")
    return SavedPlan(path, plan.place, changes, assertions, plan.warnings, plan.unchanged, atomic=plan.atomic)


def _to_change(each: _Change) -> Change:
    old, new = _from_draft(each.old), _from_draft(each.new)
    joined, left = _decoded(each.joined), _decoded(each.left)
    base = None if each.base is None else Base(each.base.id, each.base.digest, each.base.accounts)
    change = Change(old, new, base=base, joined=joined, left=left)
    wrong = (
        (old is None and new is None)
        or (old is None) != (base is None)
        or (joined is None) != (left is None)
        or (base is not None and not 0 <= base.segment_id <= INT32_MAX)
        or (joined is not None and left is not None and joined.count_common(left) > 0)
        or (base is not None and len(left or ()) > (base.accounts or 0))
        or (base is None and bool(left))
        or change.action == "none"
    )
    if wrong:
        raise ValueError(f"the change of {change.code!r} contradicts itself")
    if new is not None:
        try:
            checked_draft(new, None if old is None else lambda: old.code or "")
        except (UsageError, ConflictError) as error:
            raise ValueError(error.message) from error
    return change


def _require_distinct(changes: list[Change]) -> None:
    for what in ("new", "old"):
        drafts = [getattr(change, what) for change in changes]
        codes = [draft.code for draft in drafts if draft is not None]
        if len(set(codes)) < len(codes):
            raise ValueError("two changes of one segment")
    ids = [change.base.segment_id for change in changes if change.base]
    if len(set(ids)) < len(ids):
        raise ValueError("two changes of one segment")


def _from_draft(draft: _Draft | None) -> SegmentDraft | None:
    if draft is None:
        return None
    values: list[Any] = [draft.code, draft.name, draft.description]
    if any(value is not None and find_surrogate(value) is not None for value in values):
        raise ValueError("text that is not valid Unicode")
    return SegmentDraft(*values)


def _decoded(text: str | None) -> AccountSet | None:
    return None if text is None else AccountSet.from_bytes(b64decode(text, validate=True))
