"""Editing a segment as YAML in the user's editor."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yaml

from segcli.backends.base import Backend, all_or_nothing, checked_draft
from segcli.errors import AlreadyExistsError, ConflictError, DeclinedError, SegcliError, UsageError
from segcli.model import Segment, SegmentDraft, SegmentRef
from segcli.result import SEGMENT_COLUMNS, Result
from segcli.terminal.editor import Draft, draft_file
from segcli.terminal.streams import Terminal
from segcli.text import UNSAFE, visible

_NULL = "tag:yaml.org,2002:null"
_HEADER = """\
# {title}
# Change the values, save the file and close the editor. An empty value clears a
# field. Lines that start with # are ignored; if all of them do, nothing changes.
"""


def edit(backend: Backend, terminal: Terminal, segment: str, environ: Mapping[str, str]) -> Result:
    """UpdateSegment with what the user changes in the editor; without a change nothing is written.

    A document that is invalid, or that the backend rejects, is opened again with the error in a comment;
    if the user then leaves it as it is, the command ends with that error.

    Raises NotFoundError; UsageError without a terminal; DeclinedError for an empty document; ConflictError
    if the segment was changed meanwhile. If the update fails, the edited text is kept in its file.
    """
    ref = SegmentRef.parse(segment)
    with draft_file(terminal, environ, "segment.yaml") as file:
        old = backend.find_segment(ref)
        text = _HEADER.format(title=f"Segment {visible(old.code)} (id {old.id})") + write(_draft_of(old))
        while True:
            offered, text = text, file.edit(text)
            with _keeping(file):
                try:
                    # The lines are counted as they are if the document is opened again.
                    new = read(f"{_ERROR}\n{_without_error(text)}", _draft_of(old))
                    if new != _draft_of(old):
                        return _shown(_updated(backend, old, new))
                except (UsageError, AlreadyExistsError) as error:
                    if _without_error(text) == _without_error(offered):
                        raise
                    text = f"{_ERROR}{visible(error.message)}\n{_without_error(text)}"
                else:
                    terminal.info(f"no changes: {old.code} is as it was")
                    return _shown(old)


def _updated(backend: Backend, old: Segment, new: SegmentDraft) -> Segment:
    """Raises ConflictError if the segment is no longer `old`, and the errors of an update."""
    checked_draft(new, lambda: old.code)
    with all_or_nothing(backend):
        backend.lock_segments([old.id])
        if _draft_of(backend.get_segment(old.id)) != _draft_of(old):
            raise ConflictError(f"{old.code} was changed while you edited it; nothing was written")
        return backend.update_segment(old.id, new)


_ERROR = "# error: "


def _without_error(text: str) -> str:
    """The document without the comment that names the last error."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_ERROR))


@contextmanager
def _keeping(file: Draft) -> Iterator[None]:
    """Keeps the edited text if the block fails, and says where it is."""
    try:
        yield
    except DeclinedError:
        raise
    except SegcliError as error:
        file.kept = True
        raise error.with_context(after=f"the edited text is in {file.path}") from error


def write(draft: SegmentDraft) -> str:
    """The fields as YAML that `read` reads back; text of several lines as a block."""
    return "".join(_member(name, value or "") for name, value in zip(draft._fields, draft, strict=True))


def _member(name: str, value: str) -> str:
    plain = not re.search(UNSAFE, value.replace("\n", ""))
    block = "\n" in value and plain and not value[:1].isspace()
    text: str = yaml.dump(
        {name: _Block(value) if block else value}, Dumper=_Dumper, allow_unicode=plain, width=10_000
    )
    return text if value else f"{name}:\n"


class _Block(str):
    """Text that is written as a block."""


class _Dumper(yaml.SafeDumper):
    """Writes a block with `|`."""


_Dumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)


def read(text: str, old: SegmentDraft) -> SegmentDraft:
    """The fields in a document; one that it does not name is unchanged.

    A value is text as it is written: `2026` and `yes` are codes as any other. Raises UsageError,
    DeclinedError if the document is empty.
    """
    try:
        root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark is not None else ""
        raise UsageError(line + str(getattr(error, "problem", None) or "not valid YAML")) from None
    except RecursionError:
        raise UsageError("the document is nested too deeply") from None
    if root is None:
        raise DeclinedError("cancelled: the document is empty; nothing was changed")
    if root.id != "mapping":
        raise UsageError(f"expected {', '.join(old._fields)} with their values")
    fields: dict[str, str | None] = {}
    for key, value in root.value:
        name = str(key.value)
        if name not in old._fields:
            raise UsageError(f"line {_line(key)}: expected {', '.join(old._fields)}")
        if name in fields:
            raise UsageError(f"line {_line(key)}: {name} appears twice")
        if value.id != "scalar":
            raise UsageError(f"line {_line(value)}: {name}: expected text")
        fields[name] = None if value.tag == _NULL else value.value or None
    draft = old._replace(**fields)
    if not (draft.code or "").strip():
        raise UsageError("code: expected text that is not blank")
    return draft


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _draft_of(segment: Segment) -> SegmentDraft:
    return SegmentDraft(segment.code, segment.name or None, segment.description or None)


def _shown(segment: Segment) -> Result:
    return Result([segment.to_json()], SEGMENT_COLUMNS, "object")
