"""The output format of a line that cannot be parsed, in which its error is reported."""

import pytest

from segcli.parser import output_requested
from tests.support.command import Segments

REQUESTS = [
    ("list -o json --nope", "json"),
    ("list -ojson --nope", "json"),
    ("list --output json --nope", "json"),
    ("list --output=json --nope", "json"),
    ("list -qojson --nope", "json"),
    ("list -qo json --nope", "json"),
    ("list -qvojson --nope", "json"),
    ("-o json nope", "json"),
    ("list --nope -o json", "json"),
    ("list -o id -o json --nope", "json"),
    ("list --query -o -o json --nope", "json"),
    ("list --timeout 5 -o json --nope", "json"),
    ("list -o json -o id --nope", "id"),
    ("list --profile -ojson --nope", None),
    ("list --query --output=json --nope", None),
    ("list --query=-ojson --nope", None),
    ("list --nope -- -o json", None),
    ("list -qqjson --nope", None),
    ("list -o", None),
    ("list -qo", None),
    ("list", None),
    ("", None),
    ("-", None),
]


@pytest.mark.parametrize(("line", "format"), REQUESTS)
def test_the_last_output_option_decides(line: str, format: str | None) -> None:
    assert output_requested(line.split()) == format


@pytest.mark.parametrize("line", [line for line, format in REQUESTS if format == "json"])
def test_the_error_is_json(segments: Segments, line: str) -> None:
    done = segments(*line.split())
    assert (done.code, done.stdout) == (2, "")
    assert done.error["code"] == "MISSING_OR_INVALID_PARAMETER"


def test_an_empty_value_is_no_json(segments: Segments) -> None:
    assert segments("list", "--output=", "--nope").stderr.startswith("error: ")
