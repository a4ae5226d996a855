"""Long lists of account ids in a document, which are read at once: a value by itself takes a microsecond.

Each is replaced by a mark before the document is parsed. If a mark turns up anywhere but as the value of
`ids`, or the rest is not valid, the document is parsed as it is.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from secrets import token_hex
from typing import Final

from segcli.account_set import AccountSet
from segcli.inputs.blocks import Block
from segcli.inputs.collect import collect
from segcli.inputs.numbers import decode_ids
from segcli.manifest.nodes import Data, DocumentError, Ids, Mapping, Node, Scalar, Sequence

_LONG = 200  # bytes; a shorter list is not worth it
# A single repeated class: a repeated group would need memory for every repetition.
_FLOW = re.compile(rb"ids[\"']?[ ]*:\s*(\[[0-9,\s]{%d,}\])" % _LONG)
_BLOCK = re.compile(rb"ids:[ ]*\r?\n([ ]*- [0-9][0-9 \r\n-]{%d,})" % _LONG)
_ITEM = re.compile(rb"[ ]*- ")
_DIGITS = b"0123456789"
_PIECE = 1 << 18  # bytes that are read at a time


class Marked:
    """A document of bytes with marks in place of its long lists of ids."""

    def __init__(self, data: Data) -> None:
        self._mark: Final = f"ids-{token_hex(8)}-"
        self._lists: Final[list[AccountSet]] = []
        self._lines: list[int] = []  # of the marks, in `data`
        self._removed: list[int] = []  # lines that each list had
        self.data: Final = self._replaced(data)
        self._before = [0, *accumulate(self._removed)]
        self._used = 0

    @property
    def found(self) -> bool:
        """Whether there are any."""
        return bool(self._lists)

    def line(self, line: int) -> int:
        """The line in the original for one in `data`."""
        return line + self._before[bisect_right(self._lines, line - 1)]

    def restored(self, nodes: list[Node]) -> list[Node]:
        """The nodes with the ids, and the original lines. Raises DocumentError if a mark is misplaced."""
        found = [self._restored(node, is_ids=False) for node in nodes]
        if self._used != len(self._lists):
            raise DocumentError("a list of ids is not a value")
        return found

    def _replaced(self, data: Data) -> Data:
        pieces: list[Data] = []
        start = line = 0
        for match in sorted(
            (*_FLOW.finditer(data), *_BLOCK.finditer(data)), key=lambda match: match.start(1)
        ):
            begin, end = match.span(1)
            if begin < start:
                continue
            accounts = None
            if data[begin : begin + 1] == b"[":
                accounts = _flow(data, begin, end)
            else:
                if end < len(data):  # the run may end within the line of something else
                    end = data.rfind(b"\n", begin, end) + 1 or end
                accounts = _block(data, begin, end)
                begin = data.rindex(b":", 0, begin) + 1
            if accounts is None:
                continue
            before = data[start:begin]
            line += before.count(b"\n")
            tail = b"\n" if data[end - 1 : end] == b"\n" else b""
            pieces += (before, f' "{self._mark}{len(self._lists)}"'.encode(), tail)
            removed = data.count(b"\n", begin, end) - len(tail)
            self._lists.append(accounts)
            self._lines.append(line + 1)
            self._removed.append(removed)
            line += len(tail)
            start = end
        return b"".join((*pieces, data[start:])) if pieces else data

    def _restored(self, node: Node, *, is_ids: bool) -> Node:
        line = self.line(node.line)
        if isinstance(node, Scalar):
            if isinstance(node.value, str) and self._mark in node.value:
                number = node.value.removeprefix(self._mark)
                if not is_ids or not number.isdigit():
                    raise DocumentError("a list of ids is within text")
                self._used += 1
                return Ids(line, self._lists[int(number)])
            return Scalar(line, node.value, node.raw)
        if isinstance(node, Sequence):
            return Sequence(line, [self._restored(each, is_ids=False) for each in node.items])
        if isinstance(node, Mapping):
            mapping = Mapping(line)
            mapping.lines = {key: self.line(each) for key, each in node.lines.items()}
            mapping.members = {
                key: self._restored(each, is_ids=key == "ids") for key, each in node.members.items()
            }
            return mapping
        return node


def _flow(data: Data, begin: int, end: int) -> AccountSet | None:
    """The ids of a list in brackets; None if something is not valid."""
    try:
        return collect(_flow_blocks(data, begin + 1, end - 1)).accounts
    except ValueError:
        return None


def _flow_blocks(data: Data, begin: int, end: int) -> Iterator[Block]:
    """The ids of some items at a time. Raises ValueError."""
    while begin < end:
        stop = data.rfind(b",", begin, begin + _PIECE) if begin + _PIECE < end else end
        yield decode_ids(b"[%s]" % data[begin:stop])
        begin = stop + 1


def _block(data: Data, begin: int, end: int) -> AccountSet | None:
    """The ids of a list with an item per line, all with the same indentation; None for another one."""
    match = _ITEM.match(data, begin)
    try:
        return collect(_blocks(data, begin, end, match.group() if match else b"")).accounts
    except ValueError:
        return None


def _blocks(data: Data, begin: int, end: int, prefix: bytes) -> Iterator[Block]:
    """The ids of some lines at a time. Raises ValueError."""
    while begin < end:
        stop = data.rfind(b"\n", begin, begin + _PIECE) + 1 if begin + _PIECE < end else end
        lines = data[begin:stop].replace(b"\r\n", b"\n").removesuffix(b"\n") + b"\n"
        count = lines.count(b"\n")
        if lines.translate(None, _DIGITS) != (prefix + b"\n") * count:
            raise ValueError("a line is not an item")
        numbers = lines.replace(prefix, b"")[:-1].replace(b"\n", b",")
        yield decode_ids(b"[%s]" % numbers)  # also rejects an item without a number, and leading zeros
        begin = stop
