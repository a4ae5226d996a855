"""Sorts: texts and the keys they mean, and the place of every fault."""

import pytest

from segcli.errors import UsageError
from segcli.query.sort import parse_sort

GOOD = {
    "": [],
    " ": [],
    "name": [("name", False)],
    "name asc": [("name", False)],
    " name  desc ": [("name", True)],
    "name desc,id": [("name", True), ("id", False)],
    "name\tdesc\n,\tid\nasc": [("name", True), ("id", False)],
    "id,code,name,description,createBy,updateBy": [
        (field, False) for field in ("id", "code", "name", "description", "createBy", "updateBy")
    ],
    "auditInfo.createDate, createDate desc": [("createDate", False)],
    "auditInfo.createDate desc , code": [("createDate", True), ("code", False)],
    "name desc, name asc, id": [("name", True), ("id", False)],
}


@pytest.mark.parametrize("text", GOOD)
def test_a_sort_means(text: str) -> None:
    assert [(key.field.name, key.descending) for key in parse_sort(text)] == GOOD[text]


BAD = {
    "nam": ("^^^", "unknown field 'nam'"),
    "name up": ("     ^^", "expected asc, desc or a comma, not up"),
    "name DESC": ("     ^^^^", "expected asc, desc or a comma, not DESC"),
    "name desc id": ("          ^^", "expected asc, desc or a comma, not id"),
    "name,": ("     ^", "a field is missing"),
    ",name": ("^", "a field is missing"),
    "name,,id": ("     ^", "a field is missing"),
    ",": ("^", "a field is missing"),
    "name desc,": ("          ^", "a field is missing"),
    "auditInfo.id": ("^" * 12, "unknown field 'auditInfo.id'"),
    "desc": ("^^^^", "unknown field 'desc'"),
    "name; id": ("^^^^^", "unknown field 'name;'"),
    "id, name desc desc": (" " * 14 + "^^^^", "expected asc, desc or a comma, not desc"),
    "name, nam desc": ("      ^^^", "unknown field 'nam'"),
}


@pytest.mark.parametrize("text", BAD)
def test_a_mistake_is_marked(text: str) -> None:
    carets, message = BAD[text]
    with pytest.raises(UsageError) as caught:
        parse_sort(text)
    assert message in caught.value.message
    assert caught.value.message.startswith(f"sort, character {carets.index('^') + 1}: ")
    assert caught.value.detail == (text, carets)
