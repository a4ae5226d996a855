"""A set expression as a tree. Nodes are immutable; they print as canonical text that parses to the same tree.

All functions are iterative: a chain of operators is as deep as it is long.
"""

from collections.abc import Callable, Iterator
from typing import ClassVar, Final, TypeVar

from segcli.model import SegmentRef, segment_argument

T = TypeVar("T")
ENDS = frozenset("()&|^=<>!\"'")  # what ends a bare operand, as does white space
_UNARY = 4  # the precedence of `not`; an operand has one more


class Node:
    """A part of an expression. Equal nodes have the same structure and the same operands."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and _postfix(self) == _postfix(other)

    def __hash__(self) -> int:
        return hash(tuple(_postfix(self)))

    def __str__(self) -> str:
        return fold(self, lambda operand: (operand.text(), _UNARY + 1), _join)[0]

    def __repr__(self) -> str:
        return f"<{self}>"


class Operand(Node):
    """What an expression combines; `text` is how it is written.

    The accounts of a bounded operand are all known: they are part of `all`.
    """

    __slots__ = ()

    @property
    def bounded(self) -> bool:
        return True

    def fields(self) -> tuple[object, ...]:
        return ()

    def text(self) -> str:
        raise NotImplementedError


class Stored(Operand):
    """Accounts that a backend has, now or at a moment; the moment is as written."""

    __slots__ = ("moment",)

    def __init__(self, moment: str | None) -> None:
        self.moment: Final = moment

    @property
    def bounded(self) -> bool:
        return self.moment is None

    def name(self) -> str:
        """How it is written, without the moment."""
        raise NotImplementedError

    def text(self) -> str:
        return self.name() if self.moment is None else f"{self.name()}@{self.moment}"


class SegmentOperand(Stored):
    """The accounts of one segment."""

    __slots__ = ("ref",)

    def __init__(self, ref: SegmentRef, moment: str | None = None) -> None:
        super().__init__(moment)
        self.ref: Final = ref

    def fields(self) -> tuple[object, ...]:
        return self.ref, self.moment

    def name(self) -> str:
        code = self.ref.code
        return str(self.ref.id) if code is None else written_code(code)


class PatternOperand(Stored):
    """The union of every segment whose code matches a pattern with `*` and `?`."""

    __slots__ = ("pattern",)

    def __init__(self, pattern: str, moment: str | None = None) -> None:
        super().__init__(moment)
        self.pattern: Final = pattern

    def fields(self) -> tuple[object, ...]:
        return self.pattern, self.moment

    def name(self) -> str:
        return self.pattern


class FileOperand(Operand):
    """The accounts in a file, which `--file` would read."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path: Final = path

    @property
    def bounded(self) -> bool:
        return False

    def fields(self) -> tuple[object, ...]:
        return (self.path,)

    def text(self) -> str:
        bare = not any(character.isspace() or character in ENDS for character in self.path)
        return f"file:{self.path if bare else quoted(self.path)}"


class All(Operand):
    """Every known account."""

    __slots__ = ()

    def text(self) -> str:
        return "all"


class Nothing(Operand):
    """The empty set."""

    __slots__ = ()

    def text(self) -> str:
        return "none"


class Not(Node):
    """Every known account that is not in `operand`."""

    __slots__ = ("operand",)

    def __init__(self, operand: Node) -> None:
        self.operand: Final = operand


class Binary(Node):
    """An operator between two nodes; one with a higher precedence binds tighter."""

    __slots__ = ("left", "right")
    word: ClassVar[str]
    precedence: ClassVar[int]

    def __init__(self, left: Node, right: Node) -> None:
        self.left: Final = left
        self.right: Final = right


class Or(Binary):
    __slots__ = ()
    word = "or"
    precedence = 1


class Xor(Binary):
    __slots__ = ()
    word = "xor"
    precedence = 2


class And(Binary):
    __slots__ = ()
    word = "and"
    precedence = 3


class Minus(Binary):
    __slots__ = ()
    word = "minus"
    precedence = 3


class Keyword:
    """A keyword in an expression: the word as it is written, and its position."""

    __slots__ = ("end", "start", "word")

    def __init__(self, word: str, start: int, end: int) -> None:
        self.word = word
        self.start = start
        self.end = end


class Expression:
    """A parsed expression: its text, its tree, and the keywords in it, which could also be codes."""

    __slots__ = ("keywords", "root", "text")

    def __init__(self, text: str, root: Node, keywords: tuple[Keyword, ...] = ()) -> None:
        self.text = text
        self.root = root
        self.keywords = keywords

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The operands in the order of the text, each once."""
        return operands(self.root)

    @property
    def words(self) -> frozenset[str]:
        """The keywords as they are written; none of them may be the code of a segment (hints.ambiguous)."""
        return frozenset(keyword.word for keyword in self.keywords)

    @property
    def segment(self) -> SegmentRef | None:
        """The segment, if the expression is nothing but one segment at present."""
        root = self.root
        return root.ref if isinstance(root, SegmentOperand) and root.moment is None else None


def postorder(root: Node) -> Iterator[Node]:
    """Every node, after the nodes that it combines, from left to right."""
    found: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        found.append(node)
        if isinstance(node, Binary):
            stack += (node.left, node.right)
        elif isinstance(node, Not):
            stack.append(node.operand)
    return reversed(found)


def fold(root: Node, leaf: Callable[[Operand], T], join: Callable[[Node, list[T]], T]) -> T:
    """The value of `root`: `leaf` makes that of an operand, `join` that of an operator from its parts."""
    values: list[T] = []
    for node in postorder(root):
        if isinstance(node, Operand):
            values.append(leaf(node))
        else:
            count = 2 if isinstance(node, Binary) else 1
            parts = values[-count:]
            del values[-count:]
            values.append(join(node, parts))
    return values[0]


def operands(*roots: Node) -> tuple[Operand, ...]:
    """The operands in the order of the text, each once."""
    found = (node for root in roots for node in postorder(root) if isinstance(node, Operand))
    return tuple(dict.fromkeys(found))


def written_code(code: str) -> str:
    """A code as an expression contains it: bare if it is a plain word, else in quotes."""
    if segment_argument(code) == code:
        return code
    return f"code:{quoted(code)}" if code.isdigit() else quoted(code)


def quoted(text: str) -> str:
    """`text` in double quotes, and every quote in it doubled."""
    return '"' + text.replace('"', '""') + '"'


def _postfix(root: Node) -> list[object]:
    """The operands and operators in postfix order, which determines the tree."""
    return [
        (type(node), *node.fields()) if isinstance(node, Operand) else type(node) for node in postorder(root)
    ]


def _join(node: Node, parts: list[tuple[str, int]]) -> tuple[str, int]:
    """The text of an operator with its parts, and its precedence; the parts are the same."""
    if not isinstance(node, Binary):
        return f"not {_enclosed(*parts[0], _UNARY)}", _UNARY
    left, right = parts
    own = node.precedence
    # Operators of the same precedence are read from left to right.
    return f"{_enclosed(*left, own)} {node.word} {_enclosed(*right, own + 1)}", own


def _enclosed(text: str, precedence: int, least: int) -> str:
    return text if precedence >= least else f"({text})"
