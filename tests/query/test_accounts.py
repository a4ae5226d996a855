"""Filters and sort orders of accounts: what they mean, and the position of every mistake."""

import pytest

from segcli.errors import UsageError
from segcli.query.parse import parse_query

GOOD = {
    "id gt 5": [("id", "gt", 5)],
    "segments.id eq 12": [("segments.id", "eq", 12)],
    "Segments.ID ne '12' and ID le 9": [("segments.id", "ne", 12), ("id", "le", 9)],
    'segments.code ne "a and b" and id eq 1': [("segments.code", "ne", "a and b"), ("id", "eq", 1)],
    "segments.code eq 'null'": [("segments.code", "eq", "null")],
    "EMAILADDRESS cont '@' and externalId ge 'C-7'": [
        ("emailAddress", "cont", "@"),
        ("externalId", "ge", "C-7"),
    ],
    """emailAddress eq "o'brien@x.org" and userName eq null""": [
        ("emailAddress", "eq", "o'brien@x.org"),
        ("userName", "eq", None),
    ],
    "isActive eq true and isanonymous ne 'False'": [("isActive", "eq", True), ("isAnonymous", "ne", False)],
    "isActive ne null": [("isActive", "ne", None)],
}


@pytest.mark.parametrize("text", GOOD)
def test_a_filter_of_accounts_means(text: str) -> None:
    clauses = parse_query(filter=text, accounts=True).filter
    assert [(clause.field.name, clause.operator, clause.value) for clause in clauses] == GOOD[text]


BAD = {
    "segments.id gt 1": ("gt", "gt does not apply to segments.id: expected eq or ne"),
    "segments.code cont V": ("cont", "cont does not apply to segments.code: expected eq or ne"),
    "segments.code sw V": ("sw", "sw does not apply to segments.code: expected eq or ne"),
    "isActive gt true": ("gt", "gt does not apply to isActive: expected eq or ne"),
    "isActive sw true": ("sw", "sw does not apply to isActive: expected eq or ne"),
    "isAnonymous eq 1": ("1", "isAnonymous: expected true or false"),
    "emailAddress gt null": ("null", "null can only be used with eq and ne, not with gt"),
    "segments.id eq null": ("null", "segments.id cannot be compared with null"),
    "segments.code ne null": ("null", "segments.code cannot be compared with null"),
    "segments.id eq VIP": ("VIP", "segments.id: expected a 32-bit integer"),
    "segments.name eq x": ("segments.name", "unknown field 'segments.name'"),
    "auditInfo.segments.id eq 1": ("auditInfo.segments.id", "unknown field 'auditInfo.segments.id'"),
    "code eq VIP": ("code", "unknown field 'code'"),
    "id eq 1 and segments eq 1": ("segments", "unknown field 'segments'"),
}


@pytest.mark.parametrize("text", BAD)
def test_a_mistake_in_a_filter_of_accounts_is_marked(text: str) -> None:
    wrong, message = BAD[text]
    with pytest.raises(UsageError) as caught:
        parse_query(filter=text, accounts=True)
    start = text.index(wrong)
    assert caught.value.message == f"filter, character {start + 1}: {message}"
    assert caught.value.detail == (text, " " * start + "^" * len(wrong))
    if "unknown" in message:
        assert caught.value.hint == (
            "the fields are id, emailAddress, userName, externalId, customerSet, isAnonymous, isActive,"
            " segments.id, segments.code"
        )


@pytest.mark.parametrize("text", ["segments.id", "segments.code asc", "code", "id desc", "id, id down"])
def test_accounts_have_no_other_order_than_by_ascending_id(text: str) -> None:
    with pytest.raises(UsageError, match="sort"):
        parse_query(sort_by=text, accounts=True)


@pytest.mark.parametrize("text", ["segments.id eq 1", "segments.code ne VIP"])
def test_segments_have_no_fields_of_accounts(text: str) -> None:
    with pytest.raises(UsageError, match="unknown field"):
        parse_query(filter=text)
