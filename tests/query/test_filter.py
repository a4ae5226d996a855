"""Filters: their clauses, and the position of every mistake."""

import pytest

from segcli.errors import UsageError
from segcli.query.filter import MAX_CLAUSES, parse_filter

Plain = list[tuple[str, str, int | str | None]]

GOOD: dict[str, Plain] = {
    "": [],
    " \t\n": [],
    "code eq VIP": [("code", "eq", "VIP")],
    "  code   eq   VIP  ": [("code", "eq", "VIP")],
    "name cont rock": [("name", "cont", "rock")],
    "name sw O'Brien": [("name", "sw", "O'Brien")],
    "name eq Very important people": [("name", "eq", "Very important people")],
    'name eq "a ""b"" c"': [("name", "eq", 'a "b" c')],
    "name eq 'a ''b'' c'": [("name", "eq", "a 'b' c")],
    "name eq ''": [("name", "eq", "")],
    'name eq "rock and roll"': [("name", "eq", "rock and roll")],
    "name eq rock and code eq A": [("name", "eq", "rock"), ("code", "eq", "A")],
    "name eq rock AND code eq A": [("name", "eq", "rock"), ("code", "eq", "A")],
    "name eq rock\tand\ncode eq A": [("name", "eq", "rock"), ("code", "eq", "A")],
    "name eq sand and code eq android": [("name", "eq", "sand"), ("code", "eq", "android")],
    "name eq 'say \"hi\"'": [("name", "eq", 'say "hi"')],
    'name eq """"': [("name", "eq", '"')],
    'name eq " x "': [("name", "eq", " x ")],
    "name eq ' and '": [("name", "eq", " and ")],
    "name eq 'a''' and code eq A": [("name", "eq", "a'"), ("code", "eq", "A")],
    "name eq 'a' aNd code eq A": [("name", "eq", "a"), ("code", "eq", "A")],
    "name eq rock and": [("name", "eq", "rock and")],
    "name eq and": [("name", "eq", "and")],
    "name eq 重\u3000and\u3000code eq A": [("name", "eq", "重"), ("code", "eq", "A")],
    "name eq null": [("name", "eq", None)],
    "name eq null and code ne null": [("name", "eq", None), ("code", "ne", None)],
    "name eq NULL": [("name", "eq", "NULL")],
    'name gt "null"': [("name", "gt", "null")],
    "createDate eq null": [("createDate", "eq", None)],
    "name ne 'null'": [("name", "ne", "null")],
    "name eq nullable": [("name", "eq", "nullable")],
    "id ne null": [("id", "ne", None)],
    "id ge -2147483648": [("id", "ge", -(2**31))],
    "id le '2147483647'": [("id", "le", 2**31 - 1)],
    "createDate ge 1970-01-02": [("createDate", "ge", 86_400_000_000)],
    "auditInfo.updateDate lt 1970-01-01T00:00:00.5Z": [("updateDate", "lt", 500_000)],
    "auditInfo.createBy eq x": [("createBy", "eq", "x")],
    "auditInfo.createDate ne '1970-01-01T01:00:00+01:00'": [("createDate", "ne", 0)],
    "auditInfo.updateBy sw x": [("updateBy", "sw", "x")],
    "name ge a and name le b": [("name", "ge", "a"), ("name", "le", "b")],
    "id gt 1 and id lt 9 and name eq x": [("id", "gt", 1), ("id", "lt", 9), ("name", "eq", "x")],
}


@pytest.mark.parametrize("text", GOOD)
def test_a_filter_means(text: str) -> None:
    assert [(c.field.name, c.operator, c.value) for c in parse_filter(text)] == GOOD[text]


BAD: dict[str, tuple[str, str]] = {
    "nam eq x": ("^^^", "unknown field 'nam'"),
    "auditInfo.name eq x": ("^" * 14, "unknown field 'auditInfo.name'"),
    "auditInfo. eq x": ("^" * 10, "unknown field 'auditInfo.'"),
    "name": ("    ^", "an operator is missing after name"),
    "name is x": ("     ^^", "unknown operator 'is'"),
    "name EQ x": ("     ^^", "unknown operator 'EQ'"),
    "name eq": ("       ^", "a value is missing after eq"),
    "name eq ": ("        ^", "a value is missing after eq"),
    "name eq and id eq 1": ("        ^", "a value is missing after eq"),
    "name eq 'x": ("        ^", "unterminated quote"),
    "name eq 'x''": ("        ^", "unterminated quote"),
    "name eq \"x' and id eq 1": ("        ^", "unterminated quote"),
    "name eq 'x' or id eq 1": ("            ^^^^^^^^^^", "expected 'and' or the end"),
    "name eq 'x'y": ("           ^", "expected 'and' or the end"),
    "name eq 'x'and id eq 1": ("           ^^^^^^^^^^^", "expected 'and' or the end"),
    "name eq x and ": ("              ^", "a clause is missing after and"),
    "name eq 'x' and ": ("                ^", "a clause is missing after and"),
    "name eq x and nam eq y": ("              ^^^", "unknown field 'nam'"),
    "id eq x": ("      ^", "id: expected a 32-bit integer"),
    "id eq 'x' and id eq 1": ("      ^^^", "id: expected a 32-bit integer"),
    "id eq ''": ("      ^^", "id: expected a 32-bit integer"),
    "id eq 1.0": ("      ^^^", "id: expected a 32-bit integer"),
    "id eq \u0661": ("      ^", "id: expected a 32-bit integer"),
    "id eq 2147483648": ("      ^^^^^^^^^^", "id: expected a 32-bit integer"),
    "id eq -2147483649 and id eq 1": ("      ^^^^^^^^^^^", "id: expected a 32-bit integer"),
    "id cont 1": ("   ^^^^", "cont only applies to text, and id is not text"),
    "createDate sw 2026": ("           ^^", "sw only applies to text, and createDate is not text"),
    "createDate eq soon": ("              ^^^^", "createDate: expected an RFC 3339 date"),
    "createDate eq 2026-02-30": ("              ^^^^^^^^^^", "createDate: expected an existing day"),
    "name gt null": ("        ^^^^", "null can only be used with eq and ne, not with gt"),
    "name sw null": ("        ^^^^", "null can only be used with eq and ne, not with sw"),
}


@pytest.mark.parametrize("text", BAD)
def test_a_mistake_is_marked(text: str) -> None:
    carets, message = BAD[text]
    error = fault(text)
    assert message in error.message
    assert error.message.startswith(f"filter, character {carets.index('^') + 1}: ")
    assert error.detail == (text, carets)


# Text before the mistake that takes more columns than characters, or fewer.
SHOWN: dict[str, tuple[int, str, str]] = {
    "名前 eq x": (1, "名前 eq x", "^^^^"),
    "name eq 重要 and nam eq x": (16, "name eq 重要 and nam eq x", " " * 17 + "^^^"),
    "name eq cafe\u0301 and nam eq x": (19, "name eq cafe\u0301 and nam eq x", " " * 17 + "^^^"),
    "name eq ที่นี่ and nam eq x": (20, "name eq ที่นี่ and nam eq x", " " * 15 + "^^^"),
    "name eq\t'\x1b[31m\n' and nam eq x": (
        22,
        "name eq\\t'\\x1b[31m\\n' and nam eq x",
        " " * 26 + "^^^",
    ),
    "name eq x and na\tm eq x": (15, "name eq x and na\\tm eq x", " " * 14 + "^^"),
    "name eq x and na\x00m eq x": (15, "name eq x and na\\x00m eq x", " " * 14 + "^" * 7),
    "name eq '\u202e\x9b' and nam eq x": (
        18,
        "name eq '\\u202e\\x9b' and nam eq x",
        " " * 25 + "^^^",
    ),
}


@pytest.mark.parametrize("text", SHOWN)
def test_the_mark_counts_columns_and_the_message_characters(text: str) -> None:
    character, shown, carets = SHOWN[text]
    error = fault(text)
    assert error.message.startswith(f"filter, character {character}: ")
    assert error.detail == (shown, carets)


LONG = "name eq x and "


@pytest.mark.parametrize(("before", "after"), [(100, 50), (0, 50), (100, 0), (2, 50), (100, 2)])
def test_a_long_filter_is_cut_around_the_mistake(before: int, after: int) -> None:
    error = fault(LONG * before + "nam eq y" + " and name eq x" * after)
    shown, carets = error.detail
    assert error.message.startswith(f"filter, character {len(LONG) * before + 1}: ")
    assert shown[carets.index("^") :][:3] == "nam"
    assert carets.strip() == "^^^"
    assert 70 < len(shown) < 80
    assert shown.startswith("…") == (before == 100)
    assert shown.endswith("…") == (after == 50)


def test_a_mark_longer_than_the_shown_part_ends_with_it() -> None:
    shown, carets = fault("n" * 500 + " eq x").detail
    assert shown == "n" * (len(shown) - 1) + "…"
    assert carets == "^" * (len(shown) - 1)


def test_a_missing_part_at_the_end_of_a_long_filter_is_marked_after_it() -> None:
    shown, carets = fault("name eq x and " * 50 + "name").detail
    assert shown.endswith("name")
    assert carets == " " * len(shown) + "^"


def fault(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse_filter(text)
    return caught.value


def test_the_number_of_clauses_is_limited() -> None:
    clauses = ["id ne 1"] * MAX_CLAUSES
    assert len(parse_filter(" and ".join(clauses))) == MAX_CLAUSES
    with pytest.raises(UsageError, match=f"more than {MAX_CLAUSES} clauses"):
        parse_filter(" and ".join([*clauses, "id ne 1"]))


def test_the_hint_for_or_says_that_there_is_only_and() -> None:
    with pytest.raises(UsageError) as caught:
        parse_filter("name eq 'x' or id eq 1")
    assert caught.value.hint == "filters have no 'or', only 'and'"
