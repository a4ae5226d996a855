"""ACCOUNT arguments of every command that takes them can be identifiers."""

import pytest

from segcli.customer import Customer
from tests.support.command import Segments
from tests.support.stores import fill_customers

JANE = Customer(1001, "Jane@example.com", "jane", "C-77", "B2C")
OTHER = Customer(1002, "jane@example.com", "jane", "C-78", "B2B")


@pytest.fixture
def shop(segments: Segments) -> Segments:
    """A store with VIP, which has both customers."""
    segments.ok("add", "VIP")
    fill_customers(segments, [JANE, OTHER])
    segments.ok("accounts", "add", "VIP", "1001", "1002", "5")
    return segments


@pytest.mark.parametrize("word", ["external:c-77", "EXTERNAL:C-77", "id:1001", "1001"])
def test_a_customer_is_shown_by_any_identifier(shop: Segments, word: str) -> None:
    assert shop.ok("customers", "get", word, "-o", "json").json == JANE.to_json()


def test_a_customer_set_decides_between_two(shop: Segments) -> None:
    done = shop("customers", "get", "email:jane@example.com")
    assert done.code == 2
    assert "2 accounts have the e-mail address 'jane@example.com': 1001, 1002" in done.stderr
    assert "hint: write the id of the account that you mean" in done.stderr
    got = shop.ok("customers", "get", "email:jane@example.com", "--customer-set", "b2b", "-o", "json")
    assert got.json["id"] == 1002


def test_history_and_forget_take_identifiers(shop: Segments) -> None:
    changes = shop.ok("history", "--account", "external:C-77", "-o", "json").json["items"]
    assert [change["joined"] for change in changes] == [3]
    assert shop("forget", "user:nobody", "--yes").code == 3
    shop.ok("forget", "external:C-77", "--yes")
    assert shop.ok("accounts", "list", "VIP").lines == ["5", "1002"]
    assert shop("customers", "get", "1001").code == 3


@pytest.mark.parametrize(("word", "name"), [("user:", "user name"), ("external: ", "external id")])
def test_a_prefix_without_text_is_named(shop: Segments, word: str, name: str) -> None:
    done = shop("accounts", "add", "VIP", word)
    assert done.code == 2
    assert f"'{word}' is not a valid account: it has no {name}" in done.stderr


@pytest.mark.parametrize("how", ["stdin", "file"])
def test_lines_can_have_prefixes(shop: Segments, how: str) -> None:
    shop.ok("add", "NEW")
    lines = "external:C-77\n# c\nid:5\nEMAIL:jane@example.com\nuser:\nid:x\n"
    path = shop.home / "words.txt"
    path.write_text(lines)
    given = ("-",) if how == "stdin" else ("--file", str(path))
    done = shop("accounts", "add", "NEW", *given, "--customer-set", "B2B", "-o", "json", stdin=lines)
    assert done.code == 2
    assert "no account has the external id 'C-77' in the customer set" in done.stderr
    skipped = ("--file", str(path), "--skip-invalid", "--customer-set", "B2C", "-o", "json")
    report = shop.ok("accounts", "add", "NEW", *skipped).json
    assert (report["resolved"], report["duplicate"], report["invalid"]) == (2, 1, 2)
    assert shop.ok("accounts", "list", "NEW").lines == ["5", "1001"]
    resolved = shop("accounts", "resolve", str(path), "--customer-set", "B2C", "-o", "csv")
    assert resolved.lines[1] == "external:C-77,1001,resolved"
