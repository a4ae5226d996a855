"""From a SOURCE that is not a backend to a Document: every file is read here, and only once."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import UNSET

from segcli.errors import UsageError
from segcli.expressions.assertions import Assertion, parse_assertion
from segcli.expressions.parse import parse
from segcli.expressions.sampling import parse_sample
from segcli.expressions.tree import FileOperand, Operand, SegmentOperand
from segcli.manifest.document import Definition, Document, Where
from segcli.manifest.listed import csv_delimiter, csv_rows, definitions, items_of
from segcli.manifest.load import Text, read_text, values
from segcli.manifest.members import Members
from segcli.manifest.places import Place
from segcli.manifest.quick import listed
from segcli.manifest.validate import Validated
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

if TYPE_CHECKING:
    from segcli.account_set import AccountSet
    from segcli.manifest.types import Accounts, Item


def read_source(source: str, terminal: Terminal, *, allow_empty: bool) -> Document:
    """The segments that a file, a folder or stdin (`-`) asks for.

    It is a manifest in YAML or JSON, or what `segments list --all` prints as CSV, JSON or JSON lines.
    `allow_empty` accepts a file of accounts without any. Raises UsageError with file, line and path.
    """
    text = read_text(source)
    found = _manifest_or_list(text)
    if not isinstance(found, Validated):
        return Document(text.name, _unique(found))
    reading = _Reading(found, Members(text.folder, allow_empty=allow_empty))
    items = found.manifest.segments
    with Progress(terminal, "reading", unit="segments") as progress:
        segments = _unique(reading.definitions(progress))
        progress.update(len(items), len(items))
    return Document(text.name, segments, _checks(found), reading.files)


def read_checks(source: str) -> list[Assertion]:
    """The checks of a manifest, whose files are not read. Raises UsageError."""
    found = _manifest_or_list(read_text(source))
    if isinstance(found, Validated):
        return _checks(found)
    _unique(found)  # a list contains no checks, but it must be one
    return []


def _manifest_or_list(text: Text) -> "Validated | Iterator[tuple[Place, Definition]]":
    delimiter = csv_delimiter(text.data)
    if delimiter is not None:
        return csv_rows(text, delimiter)
    if text.is_json and (quick := listed(text.data)) is not None:
        return ((Place(text.name, 0), segment) for segment in quick)
    nodes = values(text)
    if not nodes:
        raise UsageError(
            f"{text.name} is empty: expected a manifest",
            hint="a manifest without segments is: {version: 1, segments: []}",
        )
    items = items_of(text.name, nodes)
    return Validated(text.name, nodes[0]) if items is None else definitions(text.name, items)


def _unique(found: Iterable[tuple[Place, Definition]]) -> list[Definition]:
    """The segments. Raises UsageError if two have the same code."""
    places: dict[str, Place] = {}
    segments: list[Definition] = []
    for place, segment in found:
        first = places.setdefault(segment.code, place)
        if first is not place:
            raise place.error(f"the code {segment.code} appears twice; first in {first}")
        segments.append(segment)
    return segments


class _Reading:
    """Reads what the segments of a manifest name."""

    def __init__(self, found: Validated, members: Members) -> None:
        self._found = found
        self._members = members
        self.files: dict[Operand, AccountSet] = {}  # of expressions

    def definitions(self, progress: Progress) -> Iterator[tuple[Place, Definition]]:
        items = self._found.manifest.segments
        for number, item in enumerate(items):
            progress.update(number, len(items))
            path = f"segments[{number}]"
            place = self._found.place(path)
            if not item.code.strip():
                raise self._found.place(f"{path}.code").error("expected text that is not blank")
            if item.absent:
                _require_alone(place, item)
            yield (
                place,
                Definition(
                    item.code,
                    item.name or None,
                    item.description or None,
                    was=None if item.was is UNSET else item.was,
                    absent=item.absent,
                    accounts=None if item.accounts is UNSET else self._accounts(number, item.accounts),
                ),
            )

    def _accounts(self, number: int, accounts: "Accounts") -> "AccountSet | Where":
        from segcli.account_set import AccountSet

        path = f"segments[{number}].accounts"
        place = self._found.place(path)
        _require_one(place, accounts)
        if accounts.file is not UNSET:
            column = None if accounts.column is UNSET else accounts.column
            return self._members.read(self._found.place(f"{path}.file"), accounts.file, column)
        if accounts.ids is not UNSET:
            long = self._found.ids.get(number)
            return AccountSet(accounts.ids) if long is None else long
        return self._where(path, accounts)

    def _where(self, path: str, accounts: "Accounts") -> Where:
        place = self._found.place(f"{path}.where")
        try:
            expression = parse(accounts.where or "")
        except UsageError as error:
            raise place.named(error) from None
        _require_codes(place, expression.operands)
        for operand in expression.operands:
            if isinstance(operand, FileOperand) and operand not in self.files:
                self.files[operand] = self._members.read(place, operand.path)
        sample = None
        if accounts.sample is not UNSET:
            try:
                sample = parse_sample(str(accounts.sample))
            except UsageError as error:
                raise self._found.place(f"{path}.sample").named(error) from None
        return Where(place, expression, sample, "" if accounts.seed is UNSET else accounts.seed)


def _require_alone(place: Place, item: "Item") -> None:
    """Raises UsageError if a segment that is to be deleted has fields."""
    given = (
        ("name", item.name is not None),
        ("description", item.description is not None),
        ("was", item.was is not UNSET),
        ("accounts", item.accounts is not UNSET),
    )
    for name, is_given in given:
        if is_given:
            raise place.error(f"an absent segment has no {name}", "remove absent, or the other keys")


def _require_one(place: Place, accounts: "Accounts") -> None:
    """Raises UsageError unless there is one of file, ids and where, with the keys that belong to it."""
    given = [name for name in ("file", "ids", "where") if getattr(accounts, name) is not UNSET]
    if len(given) != 1:
        got = " and ".join(given) or "none of them"
        raise place.error(f"expected one of file, ids and where, got {got}")
    for name, needed in (("column", "file"), ("sample", "where"), ("seed", "sample")):
        if getattr(accounts, name) is not UNSET and getattr(accounts, needed) is UNSET:
            raise place.error(f"{name} requires {needed}")


def _require_codes(place: Place, operands: Iterable[Operand]) -> None:
    """Raises UsageError for a segment by its id: the same segment has another one elsewhere."""
    for operand in operands:
        if isinstance(operand, SegmentOperand) and operand.ref.id is not None:
            raise place.error(
                f"{operand.text()} is a segment id: expected a code, which is the same on every backend",
                f"if it is a code, write code:{operand.ref.id}",
            )


def _checks(found: Validated) -> list[Assertion]:
    checks = []
    for number, text in enumerate(found.manifest.checks):
        place = found.place(f"checks[{number}]")
        try:
            assertion = parse_assertion(text)
        except UsageError as error:
            raise place.named(error) from None
        _require_codes(place, assertion.operands)
        for operand in assertion.operands:
            if isinstance(operand, FileOperand):
                raise place.error(
                    f"{operand.text()}: a check cannot name a file",
                    "name the file as the accounts of a segment",
                )
        checks.append(assertion)
    return checks


def files_by_code(source: str) -> dict[str, str | None]:
    """Each segment of a manifest, and the file of its accounts as it is written. Raises UsageError."""
    found = _manifest_or_list(read_text(source))
    if not isinstance(found, Validated):
        return {}
    return {
        item.code: None if item.accounts is UNSET or item.accounts.file is UNSET else item.accounts.file
        for item in found.manifest.segments
    }
