"""Expressions: what they mean, and the position of every mistake."""

import subprocess
import sys

import pytest

from segcli.errors import UsageError
from segcli.expressions.parse import parse
from segcli.expressions.parser import MAX_DEPTH, MAX_OPERANDS
from segcli.expressions.tree import (
    All,
    And,
    FileOperand,
    Minus,
    Node,
    Not,
    Nothing,
    Operand,
    Or,
    PatternOperand,
    SegmentOperand,
    Xor,
)
from segcli.model import SegmentRef
from segcli.query.scan import MAX_TEXT


def code(text: str, moment: str | None = None) -> SegmentOperand:
    return SegmentOperand(SegmentRef(code=text), moment)


def number(segment_id: int, moment: str | None = None) -> SegmentOperand:
    return SegmentOperand(SegmentRef(id=segment_id), moment)


A, B, C, D = (code(text) for text in "ABCD")

OPERANDS: dict[str, Operand] = {
    "VIP": code("VIP"),
    " VIP\t": code("VIP"),
    "SPRING-26": code("SPRING-26"),
    "été": code("été"),
    "#1+x/y%": code("#1+x/y%"),
    "12": number(12),
    "0012": number(12),
    "id:12": number(12),
    "(id:12)": number(12),
    "code:123": code("123"),
    "(code:123)": code("123"),
    "(code:-x)": code("-x"),
    "(code:all)": code("all"),
    "code:a b & c": code("a b & c"),
    "code:x@-7d": code("x@-7d"),
    "code:PROMO-*": code("PROMO-*"),
    'code:"x y"': code("x y"),
    "code:'x y'": code("x y"),
    "(code:'x y')": code("x y"),
    '"a code with spaces"': code("a code with spaces"),
    '"12"': code("12"),
    '"id:12"': code("id:12"),
    '"all"': code("all"),
    '"a*"': code("a*"),
    '"say ""hi"""': code('say "hi"'),
    "'O''Brien'": code("O'Brien"),
    '"O\'Brien"': code("O'Brien"),
    "VIP@2026-11-01": code("VIP", "2026-11-01"),
    "VIP@2026-11-01T08:00:00+01:00": code("VIP", "2026-11-01T08:00:00+01:00"),
    "VIP@-7d": code("VIP", "-7d"),
    "12@-2h": number(12, "-2h"),
    "(id:12@-2h)": number(12, "-2h"),
    "(code:12@-30m)": code("12", "-30m"),
    '"a b"@-7d': code("a b", "-7d"),
    'code:"a b"@-7d': code("a b", "-7d"),
    "PROMO-*": PatternOperand("PROMO-*"),
    "*": PatternOperand("*"),
    "1?": PatternOperand("1?"),
    "PROMO-?@-7d": PatternOperand("PROMO-?", "-7d"),
    "file:buyers.csv": FileOperand("buyers.csv"),
    "file:/a@b,c:d*/x-1": FileOperand("/a@b,c:d*/x-1"),
    "file:-": FileOperand("-"),
    'file:"my list.csv"': FileOperand("my list.csv"),
    "file:'a \"b\"'": FileOperand('a "b"'),
    "all": All(),
    "ALL": All(),
    "none": Nothing(),
    "all-of-them": code("all-of-them"),
}


@pytest.mark.parametrize("text", OPERANDS)
def test_an_operand_means(text: str) -> None:
    assert parse(text).root == OPERANDS[text]
    assert parse(text).operands == (OPERANDS[text],)


TREES: dict[str, Node] = {
    "A and B": And(A, B),
    "A & B": And(A, B),
    "A&B": And(A, B),
    "A minus B": Minus(A, B),
    "A xor B": Xor(A, B),
    "A^B": Xor(A, B),
    "A or B": Or(A, B),
    "A|B": Or(A, B),
    "A AND B Or C": Or(And(A, B), C),
    "not A": Not(A),
    "NOT(A)": Not(A),
    "not not A": Not(Not(A)),
    "((A))": A,
    "A and not B": And(A, Not(B)),
    "A and not B and C": And(And(A, Not(B)), C),
    "not A and B": And(Not(A), B),
    "not (A and B)": Not(And(A, B)),
    "A and B minus C and D": And(Minus(And(A, B), C), D),
    "A minus B minus C": Minus(Minus(A, B), C),
    "A minus (B minus C)": Minus(A, Minus(B, C)),
    "A or B and C": Or(A, And(B, C)),
    "A or B xor C and D": Or(A, Xor(B, And(C, D))),
    "A and B xor C or D": Or(Xor(And(A, B), C), D),
    "A xor B xor C": Xor(Xor(A, B), C),
    "A or B or C": Or(Or(A, B), C),
    "(A or B) and C": And(Or(A, B), C),
    "A and (B or C) and D": And(And(A, Or(B, C)), D),
    "A and not (B or C)": And(A, Not(Or(B, C))),
    "all minus A": Minus(All(), A),
    '"A"and"B"': And(A, B),
    "A@-7d xor A": Xor(code("A", "-7d"), A),
    "(A)or(B)": Or(A, B),
    "A\nand\u3000B": And(A, B),
}


@pytest.mark.parametrize("text", TREES)
def test_an_expression_means(text: str) -> None:
    assert parse(text).root == TREES[text]


def test_trees_that_differ_are_not_equal() -> None:
    assert len(set(TREES.values())) == len({str(tree) for tree in TREES.values()})
    assert Minus(Minus(A, B), C) != Minus(A, Minus(B, C))
    assert number(12) != code("12")
    assert code("a") != PatternOperand("a")
    assert All() != Nothing()


CANONICAL = {
    " A&B|C ": "A and B or C",
    "(A and B) and C": "A and B and C",
    "A and (B and C)": "A and (B and C)",
    "not((A))": "not A",
    "not (not A)": "not not A",
    "(not A)^not(A or B)": "not A xor not (A or B)",
    "ALL Minus none": "all minus none",
    "(id:007)": "7",
    "code:123": 'code:"123"',
    "code:all": '"all"',
    "'O''Brien'": '"O\'Brien"',
    "'a\"b'": '"a""b"',
    "_x": '"_x"',
    "VIP@-7d": "VIP@-7d",
    "file:'a.csv'": "file:a.csv",
    "file:'a b.csv'": 'file:"a b.csv"',
}


@pytest.mark.parametrize("text", CANONICAL)
def test_the_canonical_text_is(text: str) -> None:
    assert str(parse(text).root) == CANONICAL[text]


BAD: dict[str, tuple[str, str, str | None]] = {
    "": ("^", "an operand is missing", None),
    "  ": ("  ^", "an operand is missing", None),
    "A and": ("     ^", "an operand is missing after and", None),
    "A and or B": ("      ^^", "an operand is missing after and", None),
    "A & & B": ("    ^", "an operand is missing after &", None),
    "and A": ("^^^", "an operand is missing before and", None),
    "not": ("   ^", "an operand is missing after not", None),
    "()": (" ^", "an operand is missing after (", None),
    "A and ()": ("       ^", "an operand is missing after (", None),
    ")": ("^", "an operand is missing before )", None),
    "= 3": ("^", "an operand is missing before =", None),
    "(A or (B)": ("^", "unmatched (", None),
    "A or B)": ("      ^", "unmatched )", None),
    "A B": ("  ^", "an operator is missing after A", "a code that contains spaces is written in quotes"),
    "A (B)": ("  ^", "an operator is missing after A", "join operands with and"),
    "(A) B": ("    ^", "an operator is missing after )", "join operands with and"),
    "A none": ("  ^^^^", "an operator is missing after A", "join operands with and"),
    'VIP"x"': ("   ^^^", "an operator is missing after VIP", "join operands with and"),
    "file:my list.csv": ("        ^^^^^^^^", "an operator is missing after file:my", "in quotes"),
    "A not B": ("  ^^^", "an operator is missing after A", "write and not"),
    "A - B": ("  ^", "'-' is not an operator", "write minus"),
    "A -B": ("  ^^", "a code that starts with '-' must be in quotes", 'if it is a code, write "-B"'),
    "A and B,C": ("       ^", "a code that contains ',' must be in quotes", 'if it is a code, write "B,C"'),
    "A and code:B*": ("            ^", "a code that contains '*' must be in quotes", 'write "B*"'),
    "A and code:b:c": ("            ^", "a code that contains ':' must be in quotes", 'write "b:c"'),
    "A or email:a": ("     ^^^^^^", "unknown prefix 'email:': expected id:, code: or file:", '"email:a"'),
    "A or id:1x": ("     ^^^^^", "'id:1x' is not a valid segment id", None),
    "A or id:": ("     ^^^", "a segment is missing after id:", None),
    "A or code:": ("     ^^^^^", "a segment is missing after code:", None),
    'id:"12"': ("^^^", "a segment is missing after id:", None),
    "9999999999 or A": ("^^^^^^^^^^", "'9999999999' is not a valid segment id", "write code:9999999999"),
    "A or @-7d": ("     ^", "a segment is missing before @", None),
    "A@": ("  ^", "expected a date, an RFC 3339 date and time, or -7d, -2h, -30m after @", None),
    "A@soon or B": ("  ^^^^", "expected a date, an RFC 3339 date and time", None),
    "A@2026-02-30": ("  ^^^^^^^^^^", "expected an existing day after @", None),
    "A@-1d@-2d": ("  ^^^^^^^", "expected a date", None),
    '"A"@': ("    ^", "expected a date", None),
    "all@-7d": ("^^^", "the keyword all has no moment", 'write "all"'),
    "''": ("^^", "the code in the quotes is empty", None),
    'A or "B': ("     ^", "unterminated quote", "put the whole code in quotes"),
    "O'Brien": (" ^", "unterminated quote", "put the whole code in quotes"),
    "file:": ("^^^^^", "a path is missing after file:", None),
    'file:""': ("^^^^^^^", "a path is missing after file:", None),
    "A = B": ("  ^", "unexpected '='", "a code that contains '=' is written in quotes"),
    "hello!": ("     ^", "unexpected '!'", "a code that contains '!' is written in quotes"),
    "A or \udcff": ("     ^^^^^^", "invalid Unicode: an unpaired surrogate", None),
}


@pytest.mark.parametrize("text", BAD)
def test_a_mistake_is_marked(text: str) -> None:
    carets, message, hint = BAD[text]
    error = fault(text)
    assert error.message.startswith(f"expression, character {carets.index('^') + 1}: {message}")
    assert error.detail == (text.replace("\udcff", "\\udcff"), carets)
    assert (error.hint or "").find(hint or "") >= 0
    assert (error.hint is None) == (hint is None)


def fault(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize("text", ["id:x", "id:", "code:", "id:12 and", "id:12 id:13"])
def test_an_argument_that_starts_with_a_prefix_is_one_segment(text: str) -> None:
    error = fault(text)
    assert error.message.startswith(f"'{text}' is not a valid segment")
    assert error.hint is None


@pytest.mark.parametrize("text", ["id:12 and VIP", "id:12@-7d"])
def test_the_hint_for_an_expression_that_starts_with_a_prefix_can_be_pasted(text: str) -> None:
    hint = f"an argument that starts with id: is one segment; write '({text})'"
    assert fault(text).hint == hint
    assert parse(f"({text})").root != number(12)


def test_keywords_are_listed_as_they_are_written() -> None:
    expression = parse('ALL and not (All minus "none" or A) | not B')
    assert expression.words == {"ALL", "and", "not", "All", "minus", "or"}
    spans = [expression.text[each.start : each.end] for each in expression.keywords]
    assert spans == ["ALL", "and", "not", "All", "minus", "or", "not"]
    assert parse("A & B ^ (C | D)").words == frozenset()
    assert parse("VIP").words == parse("code:all").words == frozenset()


def test_operands_are_listed_once_in_the_order_of_the_text() -> None:
    assert parse("B or (A and not B) or none or B@-7d").operands == (B, A, Nothing(), code("B", "-7d"))


def test_only_one_segment_alone_is_a_segment() -> None:
    assert parse("VIP").segment == parse("(VIP)").segment == SegmentRef(code="VIP")
    assert parse("12").segment == SegmentRef(id=12)
    assert [parse(text).segment for text in ("VIP@-7d", "V*", "A or A", "all")] == [None] * 4


def test_the_depth_is_limited() -> None:
    assert parse("(" * MAX_DEPTH + "A" + ")" * MAX_DEPTH).root == A
    assert str(parse("not " * MAX_DEPTH + "A").root) == "not " * MAX_DEPTH + "A"
    assert parse(" and ".join(["not (A)"] * MAX_DEPTH)).operands == (A,)
    for text in ("(" * (MAX_DEPTH + 1), "not " * (MAX_DEPTH + 1), "not (" * MAX_DEPTH):
        error = fault(text + "A")
        assert f"more than {MAX_DEPTH} levels deep" in error.message


def test_the_number_of_operands_is_limited() -> None:
    root = parse("|".join(["A"] * MAX_OPERANDS)).root
    assert str(root) == " or ".join(["A"] * MAX_OPERANDS)
    assert f"more than {MAX_OPERANDS} operands" in fault("|".join(["A"] * (MAX_OPERANDS + 1))).message


def test_the_length_is_limited_in_bytes() -> None:
    assert parse("A".ljust(MAX_TEXT)).root == A
    for text in ("A".ljust(MAX_TEXT + 1), "A" * (MAX_TEXT + 1), "é" * (MAX_TEXT // 2 + 1)):
        assert "longer than 4,096 bytes" in fault(text).message


def test_a_plain_segment_does_not_load_the_parser() -> None:
    script = (
        "import sys; from segcli.expressions.parse import parse; [parse(each) for each in sys.argv[1:]]; "
    )
    script += "print(*(each for each in sys.modules if each.startswith('segcli.')))"
    plain, other = (
        subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
        for words in (["VIP", "12", "id:12", "code:a b", "SPRING-26"], ["A or B"])
    )
    needed = {"segcli.expressions", "segcli.expressions.tree", "segcli.expressions.parse"}
    assert {each for each in plain.stdout.split() if ".expressions" in each} == needed
    assert "segcli.expressions.parser" in other.stdout.split()
