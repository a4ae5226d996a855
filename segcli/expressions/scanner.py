"""Splits the text of an expression into operands, keywords and signs, each with its position."""

from collections.abc import Iterator

from segcli.errors import UsageError
from segcli.expressions.tree import (
    ENDS,
    All,
    FileOperand,
    Node,
    Nothing,
    PatternOperand,
    SegmentOperand,
    quoted,
)
from segcli.model import KEYWORDS, SegmentRef
from segcli.query.scan import problem, skip_space

QUOTES = "\"'"
COMPARING = frozenset("=<>!")
_SIGNS = {"&": "and", "^": "xor", "|": "or"}
_RESERVED = ":,"  # in a bare code
_WILD = "*?"


class Token:
    """A part of the text: an operand with its node, or `(`, `)`, `not`, an operator, `compare` or `end`."""

    __slots__ = ("end", "is_word", "kind", "node", "start")

    def __init__(
        self, kind: str, start: int, end: int, node: Node | None = None, *, is_word: bool = False
    ) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.node = node
        self.is_word = is_word  # a keyword


class Scanner:
    """Scans `text` from `position` on. `what` is what the text is, for errors."""

    def __init__(self, what: str, text: str, position: int = 0) -> None:
        self.what = what
        self.text = text
        self.position = position

    def tokens(self) -> Iterator[Token]:
        """The tokens up to a comparison or the end of the text, which is the last token.

        Raises UsageError with the mistake marked.
        """
        token = self._next()
        while token.kind not in ("compare", "end"):
            yield token
            token = self._next()
        yield token

    def problem(self, start: int, end: int, message: str, hint: str | None = None) -> UsageError:
        return problem(self.what, self.text, start, end, message, hint)

    def _next(self) -> Token:
        start = self.position = skip_space(self.text, self.position)
        character = self.text[start : start + 1]
        if character in ("", "(", ")") or character in _SIGNS:
            self.position += len(character)
            return Token(_SIGNS.get(character, character or "end"), start, self.position)
        if character in COMPARING:
            return Token("compare", start, start + 1)
        if character in QUOTES:
            return self._segment_in_quotes(start)
        word = self._bare()
        if word.lower() in KEYWORDS:
            return self._keyword(word.lower(), start)
        prefix, colon, _ = word.partition(":")
        if colon and prefix == "file":
            return self._file(word, start)
        if word == "code:" and self._at_quote():
            return self._segment_in_quotes(start)
        return self._segment(word, start)

    def _keyword(self, word: str, start: int) -> Token:
        node = All() if word == "all" else Nothing() if word == "none" else None
        return Token("operand" if node else word, start, self.position, node, is_word=True)

    def _bare(self) -> str:
        """The bare text at the position, which moves to its end."""
        start = end = self.position
        while end < len(self.text) and self.text[end] not in ENDS and not self.text[end].isspace():
            end += 1
        self.position = end
        return self.text[start:end]

    def _at_quote(self) -> bool:
        return self.text.startswith(tuple(QUOTES), self.position)

    def _quoted(self) -> str:
        """The text in the quotes at the position, which moves after them."""
        start = end = self.position
        quote = self.text[start]
        while True:
            end = self.text.find(quote, end + 1)
            if end < 0:
                hint = f"a {quote} in a code starts a quote; put the whole code in quotes"
                raise self.problem(start, start, "unterminated quote", hint)
            if self.text[end + 1 : end + 2] != quote:
                break
            end += 1
        self.position = end + 1
        return self.text[start + 1 : end].replace(quote * 2, quote)

    def _file(self, word: str, start: int) -> Token:
        path = word.removeprefix("file:")
        if not path and self._at_quote():
            path = self._quoted()
        if not path:
            raise self.problem(start, self.position, "a path is missing after file:")
        return Token("operand", start, self.position, FileOperand(path))

    def _segment_in_quotes(self, start: int) -> Token:
        """The code in quotes at the position, with the moment after it if there is one."""
        code = self._quoted()
        if not code:
            raise self.problem(start, self.position, "the code in the quotes is empty")
        moment = None
        if self.text.startswith("@", self.position):
            self.position += 1
            moment = self._moment(self._bare())
        return Token("operand", start, self.position, SegmentOperand(SegmentRef(code=code), moment))

    def _segment(self, word: str, start: int) -> Token:
        """The segment or the pattern that is a bare word."""
        name, at, moment = word.partition("@")
        prefix = name.partition(":")[0] + ":" if name.startswith(("id:", "code:")) else ""
        bare = name.removeprefix(prefix)
        end = start + len(name)
        self._require_bare(prefix, bare, start, end, self._spelling(bare))
        checked = self._moment(moment) if at else None
        node: Node
        if any(character in _WILD for character in bare):
            node = PatternOperand(name, checked)
        else:
            try:
                node = SegmentOperand(SegmentRef.parse(name), checked)
            except UsageError as error:
                raise self.problem(start, end, error.message, error.hint) from None
        return Token("operand", start, self.position, node)

    def _require_bare(self, prefix: str, bare: str, start: int, end: int, spelling: str) -> None:
        """Raises UsageError if a name cannot be written without quotes."""
        if not bare:
            raise self.problem(
                start, end, f"a segment is missing {f'after {prefix}' if prefix else 'before @'}"
            )
        if bare.lower() in KEYWORDS and not prefix:
            raise self.problem(start, end, f"the keyword {bare} has no moment", spelling)
        if bare == "-" and not prefix:
            raise self.problem(start, end, "'-' is not an operator", "write minus")
        if bare[0] == "-" and not prefix:
            raise self.problem(start, end, "a code that starts with '-' must be in quotes", spelling)
        if ":" in bare and not prefix:
            unknown = bare.partition(":")[0] + ":"
            message = f"unknown prefix '{unknown}': expected id:, code: or file:"
            raise self.problem(start, start + len(unknown), message, spelling)
        for offset, character in enumerate(bare, end - len(bare)):
            if character in _RESERVED or (prefix and character in _WILD):
                message = f"a code that contains '{character}' must be in quotes"
                raise self.problem(offset, offset + 1, message, spelling)

    @staticmethod
    def _spelling(code: str) -> str:
        return f"if it is a code, write {quoted(code)}"

    def _moment(self, moment: str) -> str:
        """`moment`, which ends at the position, if it is valid."""
        from segcli.expressions.moments import read_moment

        try:
            read_moment(moment, 0)
        except ValueError as error:
            start = self.position - len(moment)
            raise self.problem(start, self.position, f"expected {error} after @") from None
        return moment
