"""Every part of a query is limited to 4 KiB."""

import pytest

from segcli.errors import UsageError
from segcli.query.parse import parse_query
from segcli.query.scan import MAX_TEXT

PARTS = {
    "filter": "name eq x",
    "sort_by": "name ",
    "response_fields": "name",
}


@pytest.mark.parametrize("part", PARTS)
def test_the_longest_text_is_parsed_and_a_longer_one_is_not(part: str) -> None:
    longest = PARTS[part].ljust(MAX_TEXT)
    assert parse_query(**{part: longest}) == parse_query(**{part: PARTS[part]})  # type: ignore[arg-type]  # a text
    with pytest.raises(UsageError, match="longer than 4,096 bytes") as caught:
        parse_query(**{part: longest + " "})  # type: ignore[arg-type]  # a text
    assert set(caught.value.detail[1].strip()) == {"^"}


@pytest.mark.parametrize("character", ["é", "🎉", "\ud800"])
def test_the_limit_is_in_bytes(character: str) -> None:
    with pytest.raises(UsageError, match="longer than 4,096 bytes"):
        parse_query(filter=f"name eq {character * 2050}")
