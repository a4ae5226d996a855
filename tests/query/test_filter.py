"""Filters: texts and the clauses they mean, and the place of every fault."""

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
    "name eq null": [("name", "eq", None)],
    "name ne 'null'": [("name", "ne", "null")],
    "name eq nullable": [("name", "eq", "nullable")],
    "id ne null": [("id", "ne", None)],
    "id ge -2147483648": [("id", "ge", -(2**31))],
    "id le '2147483647'": [("id", "le", 2**31 - 1)],
    "createDate ge 1970-01-02": [("createDate", "ge", 86_400_000_000)],
    "auditInfo.updateDate lt 1970-01-01T00:00:00.5Z": [("updateDate", "lt", 500_000)],
    "auditInfo.createBy eq x": [("createBy", "eq", "x")],
    "id gt 1 and id lt 9 and name eq x": [("id", "gt", 1), ("id", "lt", 9), ("name", "eq", "x")],
}


@pytest.mark.parametrize("text", GOOD)
def test_a_filter_means(text: str) -> None:
    assert [(c.field.name, c.operator, c.value) for c in parse_filter(text)] == GOOD[text]


BAD: dict[str, tuple[str, str]] = {
    "nam eq x": ("^^^", "there is no field nam"),
    "auditInfo.name eq x": ("^" * 14, "there is no field auditInfo.name"),
    "name": ("    ^", "an operator is missing after name"),
    "name is x": ("     ^^", "there is no operator is"),
    "name EQ x": ("     ^^", "there is no operator EQ"),
    "name eq": ("       ^", "a value is missing after eq"),
    "name eq ": ("        ^", "a value is missing after eq"),
    "name eq and id eq 1": ("        ^", "a value is missing after eq"),
    "name eq 'x": ("        ^", "this ' is never closed"),
    "name eq 'x''": ("        ^", "this ' is never closed"),
    "name eq 'x' or id eq 1": ("            ^^^^^^^^^^", "expected and, or the end"),
    "name eq 'x'y": ("           ^", "expected and, or the end"),
    "name eq x and ": ("              ^", "a clause is missing after and"),
    "name eq x and nam eq y": ("              ^^^", "there is no field nam"),
    "id eq x": ("      ^", "id takes a 32-bit integer"),
    "id eq 1.0": ("      ^^^", "id takes a 32-bit integer"),
    "id eq \u0661": ("      ^", "id takes a 32-bit integer"),
    "id eq 2147483648": ("      ^^^^^^^^^^", "id takes a 32-bit integer"),
    "id cont 1": ("   ^^^^", "cont is for text, id is not text"),
    "createDate sw 2026": ("           ^^", "sw is for text, createDate is not text"),
    "createDate eq soon": ("              ^^^^", "createDate takes an RFC 3339 date"),
    "name gt null": ("        ^^^^", "null goes with eq and ne, not with gt"),
    "名前 eq x": ("^^^^", "there is no field 名前"),
    "name eq 重要 and nam eq x": ("                 ^^^", "there is no field nam"),
    "name eq \t\x1b and nam eq x": (" " * 19 + "^^^", "there is no field nam"),
}


@pytest.mark.parametrize("text", BAD)
def test_a_fault_is_marked_where_it_is(text: str) -> None:
    carets, message = BAD[text]
    with pytest.raises(UsageError) as caught:
        parse_filter(text)
    assert message in caught.value.message
    assert caught.value.detail[1] == carets
    assert caught.value.message.startswith(f"filter, character {len_before(text, carets) + 1}: ")


def len_before(text: str, carets: str) -> int:
    """How many characters of `text` stand before the mark, which counts columns."""
    from segcli.text import display_width, visible

    columns = len(carets) - len(carets.lstrip())
    return next(n for n in range(len(text) + 1) if display_width(visible(text[:n])) == columns)


def test_of_a_long_filter_the_part_around_the_fault_is_shown() -> None:
    text = "name eq x and " * 100 + "nam eq y" + " and name eq x" * 50
    with pytest.raises(UsageError) as caught:
        parse_filter(text)
    shown, carets = caught.value.detail
    start = carets.index("^")
    assert shown[start : start + 3] == "nam"
    assert len(shown) < 80
    assert shown.startswith("…")
    assert shown.endswith("…")


def test_a_filter_has_so_many_clauses_and_no_more() -> None:
    clauses = ["id ne 1"] * MAX_CLAUSES
    assert len(parse_filter(" and ".join(clauses))) == MAX_CLAUSES
    with pytest.raises(UsageError, match=f"more than {MAX_CLAUSES} clauses"):
        parse_filter(" and ".join([*clauses, "id ne 1"]))
