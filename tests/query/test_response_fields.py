"""responseFields: what a mask lets through, and the place of every fault."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segcli.errors import UsageError
from segcli.query.response_fields import merge_masks, parse_response_fields
from segcli.query.tree import Mask

DOCUMENT: dict[str, Any] = {
    "totalCount": 2,
    "pageSize": 20,
    "items": [
        {"id": 1, "code": "A", "auditInfo": {"createDate": "x", "createBy": "y"}},
        {"id": 2, "code": "B", "auditInfo": None},
    ],
}
GOOD: dict[str, Any] = {
    "totalCount": {"totalCount": 2},
    " totalCount , pageSize ": {"totalCount": 2, "pageSize": 20},
    "nothing": {},
    "nothing,totalCount": {"totalCount": 2},
    "-items": {"totalCount": 2, "pageSize": 20},
    "-items,-pageSize": {"totalCount": 2},
    "items(id)": {"items": [{"id": 1}, {"id": 2}]},
    "items(id),totalCount": {"totalCount": 2, "items": [{"id": 1}, {"id": 2}]},
    "items(-auditInfo)": {"items": [{"id": 1, "code": "A"}, {"id": 2, "code": "B"}]},
    "items(auditInfo(createBy))": {"items": [{"auditInfo": {"createBy": "y"}}, {"auditInfo": None}]},
    "items(auditInfo(-createBy),id)": {
        "items": [{"id": 1, "auditInfo": {"createDate": "x"}}, {"id": 2, "auditInfo": None}]
    },
    "items(id),items(code)": {"items": [{"id": 1, "code": "A"}, {"id": 2, "code": "B"}]},
    "items(id),items": {"items": DOCUMENT["items"]},
    "items(-id),items(-id,-code)": {
        "items": [
            {"code": "A", "auditInfo": {"createDate": "x", "createBy": "y"}},
            {"code": "B", "auditInfo": None},
        ]
    },
    "items(-id,-code),items(id)": {
        "items": [{"id": 1, "auditInfo": {"createDate": "x", "createBy": "y"}}, {"id": 2, "auditInfo": None}]
    },
    "items ( id , code ) , totalCount": {
        "totalCount": 2,
        "items": [{"id": 1, "code": "A"}, {"id": 2, "code": "B"}],
    },
    "items,items(id)": {"items": DOCUMENT["items"]},
    "items(auditInfo(createBy)),items(auditInfo(createDate))": {
        "items": [{"auditInfo": {"createDate": "x", "createBy": "y"}}, {"auditInfo": None}]
    },
    "items(nothing(at(all)))": {"items": [{}, {}]},
    "-nothing": DOCUMENT,
    "Items": {},
    "totalCount(x)": {"totalCount": 2},
    "totalCount,-totalCount": {},
}


@pytest.mark.parametrize("text", GOOD)
def test_a_mask_keeps(text: str) -> None:
    mask = parse_response_fields(text)
    assert mask is not None
    assert mask.apply(DOCUMENT) == GOOD[text]


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_blank_text_is_no_mask(text: str) -> None:
    assert parse_response_fields(text) is None


BAD = {
    ",": ("^", "a field name is missing"),
    "id,": ("   ^", "a field name is missing"),
    "id,,code": ("   ^", "a field name is missing"),
    "items()": ("      ^", "a field name is missing"),
    "items(id": ("     ^", "unmatched ("),
    "items(id))": ("         ^", "unmatched )"),
    "id code": ("   ^", "expected a comma, or the end"),
    "id;code": ("  ^", "expected a comma, or the end"),
    "-items(id)": ("      ^", "a field with a minus sign cannot have a list"),
    "a(b(c(d(e(f(g(h(i(j": ("                 ^", "more than 8 levels deep"),
    "a(b(c(d(e(f(g(h(i": ("               ^", "unmatched ("),
    ")": ("^", "a field name is missing"),
    "items(id,)": ("         ^", "a field name is missing"),
    "items(id)code": ("         ^", "expected a comma, or the end"),
    "items(id)(code)": ("         ^", "expected a comma, or the end"),
    "--id": ("^", "a field name is missing"),
    "items.id": ("     ^", "expected a comma, or the end"),
    "重": ("^^", "a field name is missing"),
    "*": ("^", "a field name is missing"),
    "1d": ("^", "a field name is missing"),
}


@pytest.mark.parametrize("text", BAD)
def test_a_mistake_is_marked(text: str) -> None:
    carets, message = BAD[text]
    with pytest.raises(UsageError) as caught:
        parse_response_fields(text)
    assert message in caught.value.message
    assert caught.value.message.startswith(f"fields, character {carets.index('^') + 1}: ")
    assert caught.value.detail == (text, carets)


def test_a_mask_has_at_most_eight_levels() -> None:
    mask = parse_response_fields("a(b(c(d(e(f(g(h(i))))))))")
    assert mask is not None
    whole: Any = {"i": 1, "j": 2}
    part: Any = {"i": 1}
    for name in "hgfedcba":
        whole, part = {name: whole, "j": 2}, {name: part}
    assert mask.apply(whole) == part


NAMES = st.sampled_from(("a", "b", "c"))
DOCUMENTS = st.recursive(
    st.none() | st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
MASKS = st.recursive(
    NAMES | NAMES.map(lambda name: f"-{name}"),
    lambda inner: st.lists(
        inner | st.tuples(NAMES, inner).map(lambda pair: f"{pair[0]}({pair[1]})"), min_size=1, max_size=3
    ).map(",".join),
    max_leaves=8,
)


def is_part(part: Any, whole: Any) -> bool:
    """Whether `part` is `whole` without some members of its objects."""
    if isinstance(whole, dict):
        return isinstance(part, dict) and all(n in whole and is_part(v, whole[n]) for n, v in part.items())
    if isinstance(whole, list):
        return isinstance(part, list) and len(part) == len(whole) and all(map(is_part, part, whole))
    return bool(part == whole)


@given(MASKS, DOCUMENTS)
def test_a_mask_only_removes_members(text: str, document: Any) -> None:
    mask = parse_response_fields(text)
    assert mask is not None
    assert is_part(mask.apply(document), document)
    assert mask.apply(mask.apply(document)) == mask.apply(document)


def together(one: Any, other: Any) -> Any:
    """What is in either of two parts of one document."""
    if isinstance(one, dict):
        return {
            name: together(one[name], other[name])
            if name in one and name in other
            else {**one, **other}[name]
            for name in one.keys() | other.keys()
        }
    if isinstance(one, list):
        return [together(*pair) for pair in zip(one, other, strict=True)]
    return one


@example("-c", "c(a)", {"a": 1, "b": 2, "c": {"a": 3, "b": 4}})
@given(MASKS, MASKS, DOCUMENTS)
def test_a_field_named_twice_keeps_what_either_one_keeps(one: str, other: str, document: Any) -> None:
    whole = {"x": document}

    def masked(text: str) -> Any:
        mask = parse_response_fields(text)
        assert mask is not None
        return mask.apply(whole)

    assert masked(f"x({one}),x({other})") == together(masked(f"x({one})"), masked(f"x({other})"))


def test_many_masks_are_merged_in_one_pass() -> None:
    masks = [Mask({f"a{number}": None, "b": Mask({f"c{number}": None})}) for number in range(50_000)]
    merged = merge_masks(masks)
    assert merged is not None
    assert len(merged.keep) == 50_001
    assert (inner := merged.keep["b"]) is not None
    assert len(inner.keep) == 50_000


@pytest.mark.parametrize(
    ("masks", "expected"),
    [
        ([None, Mask({"a": None})], None),
        ([Mask({"a": None}), Mask({"b": None})], Mask({"a": None, "b": None})),
        ([Mask({}, frozenset("a"), others=True), Mask({"b": None})], Mask({"b": None}, frozenset("a"), True)),
        ([Mask({}, frozenset("a"), others=True), Mask({"a": None})], Mask({"a": None}, others=True)),
        (
            [Mask({}, frozenset("a"), others=True), Mask({}, frozenset("b"), others=True)],
            Mask({"a": None, "b": None}, others=True),
        ),
        (
            [Mask({"a": Mask({"x": None})}), Mask({"a": Mask({"y": None})}), Mask({"a": Mask({"x": None})})],
            Mask({"a": Mask({"x": None, "y": None})}),
        ),
        ([Mask({"a": None}, frozenset("a")), Mask({"b": None})], Mask({"b": None}, frozenset("a"))),
    ],
)
def test_merged_masks_keep_what_any_of_them_keeps(masks: list[Mask | None], expected: Mask | None) -> None:
    assert merge_masks(masks) == expected


def test_nested_lists_of_one_name_do_not_double_at_each_level() -> None:
    text = "a"
    for _ in range(8):
        text = f"a({text}),a({text})" if len(text) < 500 else f"a({text})"
    mask = parse_response_fields(text)
    levels = 0
    while mask is not None:
        assert mask.keep.keys() == {"a"}
        mask = mask.keep["a"]
        levels += 1
    assert levels > 4
