"""Completion inside a set expression: what can follow the text that was typed.

A value is the whole argument, so that the shell only has to quote it. If only one value fits, and the
expression goes on after it, two are offered that begin with it: otherwise the shell would take it as
complete, and close its quote.
"""

import os
from collections.abc import Iterator

from segcli.completion.values import MAX_VALUES, codes_of, completable
from segcli.config.settings import Settings
from segcli.expressions.assertions import COMPARISONS
from segcli.expressions.scanner import COMPARING, QUOTES
from segcli.expressions.tree import ENDS, quoted, written_code

_OPERATORS = ("and", "minus", "or", "xor")
_JOINING = "&|^("  # signs that an operand follows
_FILE = "file:"
_CODE = "code:"


class _Typed:
    """What was typed: `base`, and the `token` at its end that is to be completed.

    `expected` is what the token is: an operand, an operator, a number, or the word `of`. `compared` is set
    after a comparison, and `depth` is the number of open parentheses.
    """

    __slots__ = ("base", "compared", "depth", "expected", "token")

    def __init__(self, text: str) -> None:
        self.expected, self.compared, start = "operand", False, 0
        self.base, self.token, self.depth = text, "", 0
        while start < len(text):
            end = _end(text, start)
            token = text[start:end]
            if end == len(text) and _is_open(token):
                self.base, self.token = text[:start], token
                return
            if token.strip():
                self._pass(token)
            start = end

    def _pass(self, token: str) -> None:
        """Takes note of a complete token."""
        word = token.lower()
        self.depth += {"(": 1, ")": -1}.get(token, 0)
        if token in _JOINING or word in ("not", *_OPERATORS):
            self.expected = "operand"
        elif token[0] in COMPARING:
            self.expected, self.compared = "number", True
        elif self.expected == "number":
            self.expected = "of" if token.endswith("%") else "nothing"
        elif self.expected == "of":
            self.expected = "operand" if word == "of" else "nothing"
        else:
            self.expected = "operator"


def expressions(typed: str, settings: Settings, *, assertion: bool) -> list[str]:
    """The expressions, or the beginnings of assertions, that continue `typed`.

    Raises SegcliError if the segments cannot be read.
    """
    if not assertion and typed.startswith(_CODE) and not typed.startswith(tuple(QUOTES), len(_CODE)):
        # The whole argument is one SEGMENT.
        codes = codes_of(typed.removeprefix(_CODE), settings).items
        return completable(typed, (_CODE + code for code in codes))
    at = _Typed(typed)
    fitting = [each for each in _values(at, settings, assertion=assertion) if each.startswith(at.token)]
    if len(fitting) == 1:
        fitting = _continued(fitting[0], at, assertion=assertion)
    # After a closed quote or parenthesis, a space is missing.
    gap = " " if at.expected != "operand" and not at.token and at.base[-1:] not in ("", " ") else ""
    return completable(typed, (at.base + gap + each for each in fitting))


def _values(at: _Typed, settings: Settings, *, assertion: bool) -> Iterator[str]:
    """What the token can become."""
    token = at.token
    if at.expected == "operator":
        yield from (f"{word} " for word in _OPERATORS)
        if at.depth > 0:
            yield ")"
        elif assertion and not at.compared and not token:
            yield from COMPARISONS
    elif at.expected == "of":
        yield "of "
    elif at.expected == "operand":
        if token.startswith(_FILE):
            yield from _files(token)
            return
        yield from (*("all", "none"), "not ", _FILE)
        prefix = _CODE if token.startswith(_CODE) else ""
        name = token.removeprefix(prefix)
        quote = name[:1] if name[:1] in QUOTES else ""
        codes = codes_of(name[1:].replace(quote * 2, quote) if quote else name, settings).items
        if quote:
            yield from (prefix + quote + code.replace(quote, quote * 2) + quote for code in codes)
        elif prefix:
            yield from (prefix + quoted(code) for code in codes)
        else:
            yield from map(written_code, codes)


def _continued(value: str, at: _Typed, *, assertion: bool) -> list[str]:
    """The only value that fits, and what can follow it, if something has to."""
    if value == _FILE:
        return list(_files(_FILE)) or [_FILE]
    if value.startswith(_FILE) and value.endswith("/"):
        return list(_files(value)) or [value]
    if value.endswith(" "):
        return [value, f"{value}("]
    if at.depth > 0 and value != ")":
        return [f"{value})", f"{value} "]
    if assertion and not at.compared and at.expected == "operand":
        return [f"{value} {comparison}" for comparison in COMPARISONS]
    return [value]


def _files(token: str) -> Iterator[str]:
    """The files and folders that continue `file:PATH`, in quotes if the path is or has to be."""
    path = token.removeprefix(_FILE)
    quote = path[:1] if path[:1] in QUOTES else ""
    typed = path[1:].replace(quote * 2, quote) if quote else path
    folder, name = os.path.split(typed)
    try:
        with os.scandir(folder or ".") as entries:
            found = [
                (os.path.join(folder, entry.name), entry.is_dir())
                for entry in entries
                if entry.name.startswith(name) and (name or not entry.name.startswith("."))
            ]
    except (OSError, ValueError):
        return
    for full, is_folder in sorted(found)[:MAX_VALUES]:
        if quote:
            ending = "/" if is_folder else quote
            yield f"{_FILE}{quote}{full.replace(quote, quote * 2)}{ending}"
        elif any(character.isspace() or character in ENDS for character in full):
            yield f"{_FILE}{quoted(full)}"
        else:
            yield f"{_FILE}{full}{'/' if is_folder else ''}"


def _end(text: str, start: int) -> int:
    """Where the token that begins at `start` ends: white space, a sign, a comparison, a word or a quote."""
    character = text[start]
    if character in "&|^()":
        return start + 1
    for belongs in (str.isspace, COMPARING.__contains__):
        if belongs(character):
            while start < len(text) and belongs(text[start]):
                start += 1
            return start
    end = start
    while end < len(text) and text[end] not in ENDS and not text[end].isspace():
        end += 1
    if end < len(text) and text[end] in QUOTES and text[start:end] in ("", _CODE, _FILE):
        closing = _closing(text, end)
        return len(text) if closing is None else closing + 1
    return max(end, start + 1)


def _closing(text: str, opening: int) -> int | None:
    """The position of the quote that closes the one at `opening`."""
    end = opening
    while True:
        end = text.find(text[opening], end + 1)
        if end < 0 or text[end + 1 : end + 2] != text[opening]:
            return end if end >= 0 else None
        end += 1


def _is_open(token: str) -> bool:
    """Whether a token at the end of the text can go on: a word, or a quote that is not closed."""
    if token.isspace() or token[0] in "&|^()" or token[0] in COMPARING:
        return False
    quote = next((place for place, character in enumerate(token) if character in QUOTES), None)
    return quote is None or _closing(token, quote) is None
