"""Notes on stderr about results that are probably not what was meant, with every format."""

import pytest

from tests.support.command import Segments

FORMATS = [("-o", "json"), ("-o", "yaml"), ("-o", "csv"), ("--query", "items[].code", "-o", "json")]


@pytest.mark.parametrize("options", FORMATS, ids=" ".join)
def test_a_page_says_that_it_is_not_everything(pages: Segments, options: tuple[str, ...]) -> None:
    note = "20 of 450 segments are shown; --all shows all of them\n"
    assert pages.ok("list", *options).stderr == note
    assert pages.ok("list", "--limit", "20", *options).stderr == ""
    assert pages.ok("list", "--limit", "20", "--all", *options).stderr == ""
    assert pages.ok("list", "--all", *options).stderr == ""
    assert pages.ok("list", "-q", *options).stderr == ""


@pytest.mark.parametrize(
    ("filter", "value"),
    [
        ("code eq A or code eq B", "A or code eq B"),
        ("code eq A, code eq B", "A, code eq B"),
        ("code eq A and", "A and"),
        ("id gt 0 and code eq A OR B and name eq x", "A OR B"),
    ],
)
def test_a_bare_value_that_looks_like_more_is_quoted(vip: Segments, filter: str, value: str) -> None:
    for arguments in (("list",), ("accounts", "of", "1001")):
        done = vip.ok(*arguments, "--filter", filter, "-o", "json")
        assert f'the value of code is "{value}"' in done.stderr


@pytest.mark.parametrize(
    "filter",
    ["code eq ORDER", "code eq 'A or B'", 'name ne "a, b"', "code sw band and id gt 0", "name eq floor"],
)
def test_other_values_are_not(vip: Segments, filter: str) -> None:
    assert vip.ok("list", "--filter", filter).stderr == ""


@pytest.mark.parametrize("fields", ["foo", "id,foo", "-foo", "items(id,foo)", "totalCount,foo", "id(x)"])
def test_an_unknown_field_is_a_usage_error(vip: Segments, fields: str) -> None:
    done = vip("list", f"--fields={fields}")
    assert (done.code, done.stdout) == (2, "")
    assert "unknown field '" in done.stderr


def test_names_of_fields_match_in_any_case(vip: Segments) -> None:
    assert vip.ok("list", "--fields", "CODE,Id").lines[0] == "VIP\t1"
    assert vip.ok("list", "--fields", "TOTALCOUNT,Items(Code)", "-o", "json").json == {
        "totalCount": 2,
        "items": [{"code": "VIP"}, {"code": "STAFF"}],
    }
    shown = vip.ok("get", "VIP", "--fields", "createby,AuditInfo(UpdateBy)", "-o", "json").json
    assert set(shown["auditInfo"]) == {"createBy", "updateBy"}
    assert vip.ok(
        "list", "--filter", "Code eq VIP and AUDITINFO.createdate gt 2020-01-01", "-o", "id"
    ).lines == ["1"]
    assert vip.ok("list", "--sort", "CODE", "-o", "id").lines == ["2", "1"]
