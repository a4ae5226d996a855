"""The parser of set expressions: operators by precedence, with a stack instead of recursion."""

from segcli.errors import UsageError
from segcli.expressions.scanner import Scanner, Token
from segcli.expressions.tree import And, Binary, Expression, Keyword, Minus, Node, Not, Or, Xor
from segcli.query.scan import require_length
from segcli.text import find_surrogate

MAX_DEPTH = 100  # parentheses and `not` inside one another
MAX_OPERANDS = 512
_BINARY: dict[str, type[Binary]] = {each.word: each for each in (And, Minus, Xor, Or)}
_JOIN = "join operands with and, minus, xor or or; a code that contains spaces is written in quotes"


def parse_expression(text: str) -> Expression:
    """The expression that is all of `text`. Raises UsageError with the mistake marked."""
    require_text("expression", text)
    return parse_rest("expression", text, 0)


def require_text(what: str, text: str) -> None:
    """Raises UsageError if `text` is too long to be parsed, or not valid Unicode."""
    require_length(what, text)
    surrogate = find_surrogate(text)
    if surrogate is not None:
        message = "invalid Unicode: an unpaired surrogate"
        raise Scanner(what, text).problem(surrogate, surrogate + 1, message)


def parse_rest(what: str, text: str, start: int) -> Expression:
    """The expression from `start` to the end of `text`. Raises UsageError."""
    expression, end = parse_start(what, text, start)
    if end < len(text):
        hint = f"a code that contains '{text[end]}' is written in quotes"
        raise Scanner(what, text).problem(end, end + 1, f"unexpected '{text[end]}'", hint)
    return expression


def parse_start(what: str, text: str, start: int) -> tuple[Expression, int]:
    """The expression from `start` to a comparison or the end, and where that is. Raises UsageError."""
    parser = _Parser(Scanner(what, text, start))
    root, end = parser.run()
    own = text[start:end]
    begin = start + len(own) - len(own.lstrip())
    keywords = (Keyword(text[t.start : t.end], t.start - begin, t.end - begin) for t in parser.words)
    return Expression(own.strip(), root, tuple(keywords)), end


class _Parser:
    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.words: list[Token] = []
        self._nodes: list[Node] = []
        self._pending: list[Token] = []  # operators without all of their operands, and open parentheses
        self._depth = 0  # of _pending, without binary operators
        self._operands = 0

    def run(self) -> tuple[Node, int]:
        previous: Token | None = None
        end = self.scanner.position
        for token in self.scanner.tokens():
            if token.is_word:
                self.words.append(token)
            if previous is None or previous.kind not in ("operand", ")"):
                self._take_operand(token, previous)
            else:
                self._take_operator(token, previous)
            previous, end = token, token.start
        return self._nodes.pop(), end

    def _take_operand(self, token: Token, previous: Token | None) -> None:
        if token.kind in ("(", "not"):
            if self._depth == MAX_DEPTH:
                raise self._problem(token, f"more than {MAX_DEPTH} levels deep")
            self._depth += 1
            self._pending.append(token)
        elif token.node is not None:
            if self._operands == MAX_OPERANDS:
                raise self._problem(token, f"more than {MAX_OPERANDS} operands")
            self._operands += 1
            self._nodes.append(token.node)
        else:
            where = ""
            if previous is not None:
                where = f" after {self._shown(previous)}"
            elif token.kind != "end":
                where = f" before {self._shown(token)}"
            raise self._problem(token, f"an operand is missing{where}")

    def _take_operator(self, token: Token, previous: Token) -> None:
        if token.kind in _BINARY:
            self._reduce(_BINARY[token.kind].precedence)
            self._pending.append(token)
        elif token.kind in (")", "compare", "end"):
            self._reduce(0)
            opened = self._pending.pop() if self._pending else None
            if token.kind == ")" and opened:
                self._depth -= 1
            elif opened:
                raise self._problem(opened, "unmatched (")
            elif token.kind == ")":
                raise self._problem(token, "unmatched )")
        else:
            hint = "write and not" if token.kind == "not" else _JOIN
            raise self._problem(token, f"an operator is missing after {self._shown(previous)}", hint)

    def _reduce(self, precedence: int) -> None:
        """Applies the pending operators that bind at least as tight, up to an open parenthesis."""
        while self._pending and (kind := self._pending[-1].kind) != "(":
            if kind == "not":
                self._depth -= 1
                self._nodes.append(Not(self._nodes.pop()))
            elif _BINARY[kind].precedence >= precedence:
                right = self._nodes.pop()
                self._nodes.append(_BINARY[kind](self._nodes.pop(), right))
            else:
                return
            self._pending.pop()

    def _shown(self, token: Token) -> str:
        return self.scanner.text[token.start : token.end]

    def _problem(self, token: Token, message: str, hint: str | None = None) -> UsageError:
        return self.scanner.problem(token.start, token.end, message, hint)
