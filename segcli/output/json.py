"""JSON: an object, an array, or a collection with streamed items; UTF-8, control characters escaped."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TextIO

from segcli.errors import UsageError
from segcli.output.presentation import Presentation
from segcli.result import Json, Result
from segcli.text import UNSAFE


def write(result: Result, stream: TextIO, presentation: Presentation) -> None:
    indent = _INDENT if presentation.terminal else None
    if result.shape == "collection":
        _write_collection(result, stream, indent)
    elif result.shape == "list":
        stream.write("[")
        _write_items(result, stream, indent, 1)
        stream.write("]")
    else:
        stream.write(dumps(result.document(), indent))
    stream.write("\n")


_INDENT = 2
_TOGETHER = 256  # items encoded at a time, which takes half as long as one by one
_COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_INDENTED = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=_INDENT)


def dumps(value: Json, indent: int | None = None) -> str:
    """`value` as JSON. Control characters that the encoder leaves as they are (DEL, C1) are escaped too.

    Raises UsageError for NaN and infinity, which --query can produce.
    """
    try:
        text = (_INDENTED if indent else _COMPACT).encode(value)
    except ValueError:
        raise UsageError("--query produced NaN or infinity, which JSON cannot represent") from None
    return _without_control_characters(text)


def _without_control_characters(text: str) -> str:
    if text.isascii() and "\x7f" not in text:
        return text
    # They occur only inside strings, except the newlines of the indentation.
    return re.sub(UNSAFE, lambda m: m[0] if m[0] == "\n" else f"\\u{ord(m[0]):04x}", text)


def compact(value: Json) -> str:
    """`value` as JSON on one line."""
    return dumps(value)


def indented(value: Json) -> str:
    """`value` as JSON for people."""
    return dumps(value, _INDENT)


def _write_collection(result: Result, stream: TextIO, indent: int | None) -> None:
    head = dumps({**(result.head or {}), "items": []}, indent)
    # The items go between the brackets of the empty list at the end.
    opening = head.rindex("[]")
    stream.write(head[: opening + 1])
    _write_items(result, stream, indent, 2)
    closing = head[opening + 1 :]
    if result.tail:
        members = dumps(result.tail(), indent)
        closing = "]," + members[1:]
    stream.write(closing)


def _write_items(result: Result, stream: TextIO, indent: int | None, depth: int) -> None:
    newline = "\n" + " " * (indent * depth) if indent else ""
    separator = newline
    empty = True
    for text in _texts(result, indent, newline):
        stream.write(separator + text)
        separator = "," + newline
        empty = False
    if indent and not empty:
        stream.write(newline[:-indent])


def _texts(result: Result, indent: int | None, newline: str) -> Iterator[str]:
    """The items as text, several of them joined by commas."""
    if result.id_blocks is not None:
        for block in result.id_blocks:
            yield block[:-1].replace("\n", "," + newline)
    elif indent:
        for item in result.items:
            yield dumps(item, indent).replace("\n", newline)
    else:
        items = iter(result.items)
        encode: Callable[[Json], str] = compact
        while some := list(islice(items, _TOGETHER)):
            yield encode(some)[1:-1]
            if encode is compact and len(some) == _TOGETHER and result.shape == "collection":
                encode = _fast_encoder()


def _fast_encoder() -> Callable[[Json], str]:
    """`dumps` for what operations return, in an eighth of the time; it takes longer to import than json."""
    from msgspec.json import Encoder

    encode = Encoder().encode

    def fast_dumps(value: Json) -> str:
        try:
            return _without_control_characters(encode(value).decode())
        except (TypeError, ValueError, OverflowError):  # an integer of more than 64 bits, a lone surrogate
            return dumps(value)

    return fast_dumps
